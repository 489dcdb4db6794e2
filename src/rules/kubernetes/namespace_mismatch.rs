//! Objects that need each other stand in different namespaces.

use crate::diagnostic::Level;
use crate::facts::object::{Object, find, pairs, selects};
use crate::facts::{Facts, tree};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "namespace-mismatch",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "objects that need each other stand in different namespaces",
    docs: Docs {
        what: "A Service selects pods, or a route or autoscaler names a Service or workload, that are there only in another namespace.",
        why: "Names and selectors reach no further than their own namespace.",
        bad: "kind: Service\nmetadata: { name: web, namespace: prod }\n---\nkind: Deployment\nmetadata: { name: web, namespace: default }",
        good: "both in `prod`",
        allow: "When the same manifests are applied to several namespaces by hand.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in facts
        .objects
        .iter()
        .filter(|object| object.namespace.is_some())
    {
        if object.is("", "Service") {
            let selector = object.find("spec.selector").map(pairs).unwrap_or_default();
            if selector.is_empty() {
                continue;
            }
            compare(facts, object, "selects the pods of", findings, |other| {
                other
                    .pod_labels()
                    .is_some_and(|labels| selects(&selector, &pairs(labels)))
                    && !other.hook
            });
        } else if object.kind == "Ingress" {
            for rule in object.find("spec.rules").map_or(&[][..], Node::items) {
                let paths = find(rule, "http.paths").map_or(&[][..], Node::items);
                for path in paths {
                    let Some(name) = find(path, "backend.service.name").and_then(Node::text) else {
                        continue;
                    };
                    compare(facts, object, "sends to", findings, |other| {
                        other.is("", "Service") && other.name == name
                    });
                }
            }
        } else if object.kind == "HorizontalPodAutoscaler" {
            let Some(name) = object.find("spec.scaleTargetRef.name").and_then(Node::text) else {
                continue;
            };
            compare(facts, object, "scales", findings, |other| {
                other.pod().is_some() && other.name == name
            });
        } else if object.pod().is_some() {
            for (kind, name) in referred(object) {
                compare(facts, object, "refers to", findings, |other| {
                    other.kind == kind && other.name == name
                });
            }
        }
    }
}

/// Secrets, ConfigMaps and claims that the pods of a workload name.
fn referred(object: &Object) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut add = |kind, node: Option<&Node>| {
        found.extend(
            node.and_then(Node::text)
                .map(|name| (kind, name.to_owned())),
        );
    };
    for container in object.containers(true) {
        for item in container.node.get("env").map_or(&[][..], Node::items) {
            add("Secret", find(item, "valueFrom.secretKeyRef.name"));
            add("ConfigMap", find(item, "valueFrom.configMapKeyRef.name"));
        }
        for item in container.node.get("envFrom").map_or(&[][..], Node::items) {
            add("Secret", find(item, "secretRef.name"));
            add("ConfigMap", find(item, "configMapRef.name"));
        }
    }
    for volume in object
        .pod()
        .and_then(|pod| pod.get("volumes"))
        .map_or(&[][..], Node::items)
    {
        add(
            "PersistentVolumeClaim",
            find(volume, "persistentVolumeClaim.claimName"),
        );
        add("ConfigMap", find(volume, "configMap.name"));
        add("Secret", find(volume, "secret.secretName"));
    }
    found
}

fn compare(
    facts: &Facts,
    object: &Object,
    does: &str,
    findings: &mut Findings<'_>,
    fits: impl Fn(&Object) -> bool,
) {
    let others: Vec<&Object> = facts
        .objects
        .iter()
        .filter(|other| other.bundle == object.bundle && fits(other))
        .filter(|other| facts.bundles[object.bundle].kustomized || is_near(object, other))
        .collect();
    let Some(other) = others.first() else { return };
    // One without a namespace goes where it is applied.
    if others
        .iter()
        .any(|other| other.namespace.is_none() || other.namespace == object.namespace)
    {
        return;
    }
    let (Some(here), Some(there)) = (
        object.find("metadata.namespace"),
        other.find("metadata.namespace"),
    ) else {
        return;
    };
    findings
        .tell(format!(
            "{} {does} {}, which stands in another namespace",
            object.title(),
            other.title()
        ))
        .at(
            &object.at(here),
            format!("in `{}`", here.text().unwrap_or("")),
        )
        .also(
            &other.at(there),
            format!("in `{}`", there.text().unwrap_or("")),
        );
}

/// Whether one lies in the folder of the other or below: folders side by side are for environments.
fn is_near(a: &Object, b: &Object) -> bool {
    let (a, b) = (tree::folder(&a.path), tree::folder(&b.path));
    let below = |inner: &str, outer: &str| {
        inner == outer || outer.is_empty() || inner.starts_with(&format!("{outer}/"))
    };
    below(a, b) || below(b, a)
}
