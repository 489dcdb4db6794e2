//! Which objects of a namespace somebody should look at: not those that the cluster makes itself, nor those
//! that belong to another object or to another release.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Extra, Wanted};

/// Kinds that come and go by themselves.
const TRANSIENT: [(&str, &str); 9] = [
    ("", "Event"),
    ("", "Endpoints"),
    ("", "Pod"),
    ("apps", "ReplicaSet"),
    ("apps", "ControllerRevision"),
    ("coordination.k8s.io", "Lease"),
    ("discovery.k8s.io", "EndpointSlice"),
    ("events.k8s.io", "Event"),
    ("metrics.k8s.io", "PodMetrics"),
];
/// Objects that every namespace has.
const OF_EVERY_NAMESPACE: [(&str, &str); 2] = [
    ("ConfigMap", "kube-root-ca.crt"),
    ("ServiceAccount", "default"),
];

/// What an object of the namespace is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kin {
    /// In the artifacts, or made by the cluster.
    Known,
    /// Another release's.
    Foreign,
    /// Nobody's.
    Extra,
}

/// Whether objects of this kind are looked at.
pub(super) fn is_listed(group: &str, kind: &str) -> bool {
    !TRANSIENT.contains(&(group, kind))
}

/// What the artifacts have, and the releases that they are.
#[derive(Debug, Default)]
pub(super) struct Known {
    objects: BTreeSet<(String, String, String, String)>,
    releases: BTreeSet<(String, String)>,
}

impl Known {
    pub(super) fn add(&mut self, wanted: &Wanted) {
        let namespace = wanted.namespace().to_owned();
        let label = wanted
            .value
            .pointer("/metadata/labels/app.kubernetes.io~1instance");
        if let Some(release) = label.and_then(Value::as_str) {
            self.releases
                .insert((namespace.clone(), release.to_owned()));
        }
        let (group, kind) = (wanted.group().to_owned(), wanted.kind().to_owned());
        self.objects
            .insert((group, kind, namespace.clone(), wanted.name().to_owned()));
        named(&wanted.value, &mut |kind, name| {
            let key = (
                String::new(),
                kind.to_owned(),
                namespace.clone(),
                name.to_owned(),
            );
            self.objects.insert(key);
        });
    }

    /// What an object of that kind is, by its metadata.
    pub(super) fn kin(&self, group: &str, kind: &str, metadata: &Value) -> Kin {
        let text = |key: &str| metadata[key].as_str().unwrap_or_default();
        let (namespace, name) = (text("namespace"), text("name"));
        // The same object may be served by two groups.
        let listed = |(own, known, place, called): &(String, String, String, String)| {
            (known.as_str(), place.as_str(), called.as_str()) == (kind, namespace, name)
                && (own == group || own.is_empty() == group.is_empty())
        };
        let owned = metadata["ownerReferences"]
            .as_array()
            .is_some_and(|owners| !owners.is_empty());
        if owned || OF_EVERY_NAMESPACE.contains(&(kind, name)) || self.objects.iter().any(listed) {
            return Kin::Known;
        }
        let annotation = |key: &str| metadata["annotations"][key].as_str();
        if kind == "Secret" && name.starts_with("sh.helm.release.v1.")
            || annotation("kubernetes.io/service-account.name").is_some()
            || annotation("helm.sh/hook").is_some()
        {
            return Kin::Known;
        }
        let tracking = annotation("argocd.argoproj.io/tracking-id");
        let application = tracking.and_then(|id| id.split(':').next());
        match annotation("meta.helm.sh/release-name").or(application) {
            Some(release)
                if !self
                    .releases
                    .contains(&(namespace.to_owned(), release.to_owned())) =>
            {
                Kin::Foreign
            }
            _ => Kin::Extra,
        }
    }
}

/// What an object needs beside it, which others put there: Secrets, ConfigMaps, claims and accounts by name.
fn named(value: &Value, tell: &mut impl FnMut(&str, &str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| named(item, tell)),
        Value::Object(map) => {
            for (key, inner) in map {
                let list = inner.as_array().map(Vec::as_slice).unwrap_or_default();
                match (key.as_str(), inner.as_str().or(inner["name"].as_str())) {
                    ("secretKeyRef" | "secretRef" | "secretName" | "secret", Some(name)) => {
                        tell("Secret", name);
                    }
                    ("configMapKeyRef" | "configMapRef" | "configMap", Some(name)) => {
                        tell("ConfigMap", name);
                    }
                    ("claimName", Some(name)) => tell("PersistentVolumeClaim", name),
                    ("serviceAccountName", Some(name)) => tell("ServiceAccount", name),
                    ("imagePullSecrets", _) => {
                        let names = list.iter().filter_map(|item| item["name"].as_str());
                        names.for_each(|name| tell("Secret", name));
                    }
                    _ => {}
                }
                named(inner, tell);
            }
        }
        _ => {}
    }
}

/// The object to be told.
pub(super) fn extra(api_version: &str, kind: &str, metadata: &Value) -> Extra {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entries = metadata["managedFields"].as_array();
    let latest = entries
        .into_iter()
        .flatten()
        .filter(|entry| entry["subresource"].is_null());
    let latest = latest.max_by_key(|entry| entry["time"].as_str().unwrap_or_default());
    Extra {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: text(&metadata["namespace"]),
        name: text(&metadata["name"]),
        manager: latest
            .map(|entry| text(&entry["manager"]))
            .unwrap_or_default(),
        created: text(&metadata["creationTimestamp"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, Span};
    use serde_json::json;

    fn known() -> Known {
        let value = json!({ "apiVersion": "v1", "kind": "Service", "metadata": {
            "name": "web", "namespace": "shop", "labels": { "app.kubernetes.io/instance": "web" } } });
        let mut known = Known::default();
        known.add(&Wanted::new(value, &Source::new("x", ""), Span::default()).unwrap());
        known
    }

    fn kin(kind: &str, metadata: Value) -> Kin {
        known().kin("", kind, &metadata)
    }

    #[test]
    fn what_the_cluster_makes_and_what_belongs_to_others_is_not_extra() {
        let is = |kind, metadata| kin(kind, metadata);
        assert_eq!(
            is("Service", json!({ "name": "web", "namespace": "shop" })),
            Kin::Known
        );
        assert_eq!(
            is(
                "ConfigMap",
                json!({ "name": "kube-root-ca.crt", "namespace": "shop" })
            ),
            Kin::Known
        );
        assert_eq!(
            is("Job", json!({ "name": "j", "ownerReferences": [{}] })),
            Kin::Known
        );
        let other = json!({ "name": "x", "namespace": "shop",
            "annotations": { "meta.helm.sh/release-name": "other" } });
        assert_eq!(is("Service", other), Kin::Foreign);
    }

    #[test]
    fn what_the_artifacts_name_is_known() {
        let value = json!({ "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": "web", "namespace": "shop" },
            "spec": { "template": { "spec": {
                "imagePullSecrets": [{ "name": "pull" }],
                "containers": [{ "env": [{ "valueFrom": { "secretKeyRef": { "name": "db", "key": "url" } } }] }],
                "volumes": [{ "configMap": { "name": "settings" } }, { "persistentVolumeClaim": { "claimName": "data" } }],
            } } } });
        let mut known = Known::default();
        known.add(&Wanted::new(value, &Source::new("x", ""), Span::default()).unwrap());
        let kin = |kind, name| known.kin("", kind, &json!({ "name": name, "namespace": "shop" }));
        assert_eq!(kin("Secret", "pull"), Kin::Known);
        assert_eq!(kin("Secret", "db"), Kin::Known);
        assert_eq!(kin("ConfigMap", "settings"), Kin::Known);
        assert_eq!(kin("PersistentVolumeClaim", "data"), Kin::Known);
        assert_eq!(kin("Secret", "settings"), Kin::Extra);
    }

    #[test]
    fn what_nobody_owns_is_extra_and_so_is_what_an_older_release_left() {
        assert_eq!(
            kin(
                "Service",
                json!({ "name": "web", "namespace": "elsewhere" })
            ),
            Kin::Extra
        );
        assert_eq!(
            kin(
                "ConfigMap",
                json!({ "name": "by-hand", "namespace": "shop" })
            ),
            Kin::Extra
        );
        let left = json!({ "name": "x", "namespace": "shop",
            "annotations": { "meta.helm.sh/release-name": "web" } });
        assert_eq!(kin("Service", left), Kin::Extra);
    }
}
