//! References that follow the names: an object that was renamed is asked for by its new name.

use crate::source::Span;
use crate::source::yaml::Node;

use super::edit;
use super::resource::Resource;

/// Where a kind of object is named: the path below a pod, and whose name it is.
const PODS: [(&str, &str); 17] = [
    ("volumes/configMap/name", "ConfigMap"),
    ("volumes/projected/sources/configMap/name", "ConfigMap"),
    ("containers/env/valueFrom/configMapKeyRef/name", "ConfigMap"),
    (
        "initContainers/env/valueFrom/configMapKeyRef/name",
        "ConfigMap",
    ),
    ("containers/envFrom/configMapRef/name", "ConfigMap"),
    ("initContainers/envFrom/configMapRef/name", "ConfigMap"),
    ("volumes/secret/secretName", "Secret"),
    ("volumes/projected/sources/secret/name", "Secret"),
    ("containers/env/valueFrom/secretKeyRef/name", "Secret"),
    ("initContainers/env/valueFrom/secretKeyRef/name", "Secret"),
    ("containers/envFrom/secretRef/name", "Secret"),
    ("initContainers/envFrom/secretRef/name", "Secret"),
    ("imagePullSecrets/name", "Secret"),
    ("serviceAccountName", "ServiceAccount"),
    (
        "volumes/persistentVolumeClaim/claimName",
        "PersistentVolumeClaim",
    ),
    ("priorityClassName", "PriorityClass"),
    ("runtimeClassName", "RuntimeClass"),
];

/// The same in objects that have no pods: their kind, the path, whose name it is.
const OTHERS: [(&str, &str, &str); 18] = [
    ("StatefulSet", "spec/serviceName", "Service"),
    (
        "StatefulSet",
        "spec/volumeClaimTemplates/spec/storageClassName",
        "StorageClass",
    ),
    (
        "Ingress",
        "spec/rules/http/paths/backend/serviceName",
        "Service",
    ),
    ("Ingress", "spec/backend/serviceName", "Service"),
    (
        "Ingress",
        "spec/rules/http/paths/backend/service/name",
        "Service",
    ),
    ("Ingress", "spec/defaultBackend/service/name", "Service"),
    ("Ingress", "spec/tls/secretName", "Secret"),
    ("Ingress", "spec/ingressClassName", "IngressClass"),
    ("ServiceAccount", "secrets/name", "Secret"),
    ("ServiceAccount", "imagePullSecrets/name", "Secret"),
    (
        "PersistentVolumeClaim",
        "spec/volumeName",
        "PersistentVolume",
    ),
    (
        "PersistentVolumeClaim",
        "spec/storageClassName",
        "StorageClass",
    ),
    ("PersistentVolume", "spec/storageClassName", "StorageClass"),
    ("APIService", "spec/service/name", "Service"),
    (
        "ValidatingWebhookConfiguration",
        "webhooks/clientConfig/service/name",
        "Service",
    ),
    (
        "MutatingWebhookConfiguration",
        "webhooks/clientConfig/service/name",
        "Service",
    ),
    ("Role", "rules/resourceNames", ""),
    ("ClusterRole", "rules/resourceNames", ""),
];

fn pod_path(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicaSet"
        | "Job"
        | "ReplicationController" => "spec/template/spec",
        "CronJob" => "spec/jobTemplate/spec/template/spec",
        "Pod" => "spec",
        _ => return None,
    })
}

/// What an object is called now, where it was renamed, and the places that renamed it.
struct Renamed {
    kind: String,
    cluster: bool,
    before: Vec<String>,
    affixes: Vec<(String, String)>,
    now: String,
    namespaces: Vec<String>,
    namespace: String,
    place: Span,
    via: Vec<(Span, String)>,
}

/// Makes every reference follow.
pub(super) fn follow(all: &mut [Resource]) {
    let renamed: Vec<Renamed> = all.iter().map(renamed).collect();
    for one in all {
        let name = |kind: &str, node: &mut Node, via: &mut super::merge::Via, own: &Owner| {
            let Some(new) = choose(&renamed, kind, node.text().unwrap_or(""), own) else {
                return;
            };
            let span = node.span;
            if node.text() != Some(&new.now) {
                *node = edit::text(&new.now, span);
                let known = via.entry(span).or_default();
                known.push((new.place, "it has another name there".to_owned()));
                known.extend(new.via.iter().cloned());
            }
        };
        let own = Owner {
            affixes: one.affixes.clone(),
            namespace: one.id().namespace,
            cluster: one.is_cluster_wide(),
        };
        let kind = one.kind().to_owned();
        let (group, _) = one.group_version();
        let builtin = one.is_known() || group.is_empty();
        let mut paths: Vec<(String, &str)> = Vec::new();
        if let Some(pod) = pod_path(&kind).filter(|_| builtin) {
            paths.extend(PODS.iter().map(|(path, of)| (format!("{pod}/{path}"), *of)));
        }
        let others = OTHERS
            .iter()
            .filter(|(own, _, of)| *own == kind && !of.is_empty());
        paths.extend(others.map(|(_, path, of)| ((*path).to_owned(), *of)));
        let via = &mut one.via;
        for (path, of) in paths {
            edit::each(&mut one.node, &path, None, &mut |node| {
                name(of, node, via, &own)
            });
        }
        if kind == "HorizontalPodAutoscaler" {
            typed(&mut one.node, "spec/scaleTargetRef", &mut |of, node| {
                name(of, node, via, &own)
            });
        }
        if matches!(kind.as_str(), "RoleBinding" | "ClusterRoleBinding") {
            typed(&mut one.node, "roleRef", &mut |of, node| {
                name(of, node, via, &own)
            });
            subjects(&mut one.node, &renamed, via);
        }
    }
}

/// The object that asks.
struct Owner {
    affixes: Vec<(String, String)>,
    namespace: String,
    cluster: bool,
}

fn renamed(one: &Resource) -> Renamed {
    let id = one.id();
    let place = one
        .node
        .get("metadata")
        .and_then(|meta| meta.get("name"))
        .map_or(one.node.span, |node| node.span);
    Renamed {
        kind: one.kind().to_owned(),
        cluster: one.is_cluster_wide(),
        before: one.before.iter().map(|id| id.name.clone()).collect(),
        affixes: one.affixes.clone(),
        namespaces: one.ids().into_iter().map(|id| id.namespace).collect(),
        place,
        via: one.via.get(&place).cloned().unwrap_or_default(),
        now: id.name,
        namespace: id.namespace,
    }
}

/// The one object that a name means.
fn choose<'r>(all: &'r [Renamed], kind: &str, name: &str, own: &Owner) -> Option<&'r Renamed> {
    let fits = |one: &&Renamed| {
        one.kind == kind
            && one.before.iter().any(|before| before == name)
            && (one.cluster || own.cluster || one.namespace == own.namespace)
    };
    let found: Vec<&Renamed> = all.iter().filter(fits).collect();
    if let [only] = found.as_slice() {
        return Some(only);
    }
    let mut same = found.into_iter().filter(|one| one.affixes == own.affixes);
    same.next().filter(|_| same.next().is_none())
}

/// A reference that says the kind itself.
fn typed(node: &mut Node, path: &str, change: &mut dyn FnMut(&str, &mut Node)) {
    edit::each(node, path, None, &mut |reference| {
        let Some(kind) = reference.get("kind").and_then(Node::text) else {
            return;
        };
        let kind = kind.to_owned();
        if let Some(name) = edit::get(reference, "name") {
            change(&kind, name);
        }
    });
}

/// Subjects of a binding, whose namespace follows too.
fn subjects(node: &mut Node, all: &[Renamed], via: &mut super::merge::Via) {
    edit::each(node, "subjects", None, &mut |subject| {
        let text = |key: &str| subject.get(key).and_then(Node::text).map(str::to_owned);
        if text("kind").as_deref() != Some("ServiceAccount") {
            return;
        }
        let (name, namespace) = (text("name").unwrap_or_default(), text("namespace"));
        let wanted = namespace.unwrap_or_default();
        let place = |text: &str| match text {
            "" => "default".to_owned(),
            text => text.to_owned(),
        };
        let mut found = all.iter().filter(|one| {
            one.kind == "ServiceAccount"
                && (one.now == name || one.before.contains(&name))
                && one
                    .namespaces
                    .iter()
                    .any(|own| place(own) == place(&wanted))
        });
        let Some(one) = found.next().filter(|_| found.next().is_none()) else {
            return;
        };
        let namespace = Some(&one.namespace).filter(|own| !own.is_empty());
        let new = [("name", Some(&one.now)), ("namespace", namespace)];
        for (key, new) in new.into_iter().filter_map(|(key, new)| Some((key, new?))) {
            let Some(own) = edit::get(subject, key).filter(|own| own.text() != Some(new)) else {
                continue;
            };
            let span = own.span;
            *own = edit::text(new, span);
            let known = via.entry(span).or_default();
            known.push((one.place, "it is another one there".to_owned()));
            known.extend(one.via.iter().cloned());
        }
    });
}
