//! Selectors that select nothing.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::near::{nearest, same_namespace};
use crate::facts::object::{Object, pairs, selects};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "selector-mismatch",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "a selector does not fit the labels of what it is meant to select",
    docs: Docs {
        what: "The selector of a Deployment against its own pod template; that of a Service, PodDisruptionBudget, NetworkPolicy or ServiceMonitor against the pods or Services beside it.",
        why: "The API server refuses the first; the others are accepted, and then select nothing: no endpoints, no budget, no policy, no metrics.",
        bad: "kind: Service\nspec: { selector: { app: web } }\n---\nkind: Deployment\nspec: { template: { metadata: { labels: { app: website } } } }",
        good: "kind: Service\nspec: { selector: { app: web } }\n---\nkind: Deployment\nspec: { template: { metadata: { labels: { app: web } } } }",
        allow: "When the pods come from elsewhere, as from an operator.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in &facts.objects {
        own_template(object, findings);
        let (path, monitor) = if object.is("", "Service") {
            ("spec.selector", false)
        } else if object.is("policy", "PodDisruptionBudget") {
            ("spec.selector.matchLabels", false)
        } else if object.is("networking.k8s.io", "NetworkPolicy") {
            ("spec.podSelector.matchLabels", false)
        } else if object.is("monitoring.coreos.com", "ServiceMonitor") {
            ("spec.selector.matchLabels", true)
        } else {
            continue;
        };
        others(facts, object, path, monitor, findings);
    }
}

fn own_template(object: &Object, findings: &mut Findings<'_>) {
    let Some(selector) = object.find("spec.selector.matchLabels") else {
        return;
    };
    let Some(labels) = object.pod_labels() else {
        if let (Some(first), Some(spec)) = (
            selector.entries().first(),
            object.find("spec.template.spec"),
        ) {
            findings
                .tell(format!(
                    "{} selects `{}`, and its own pods have no label",
                    object.title(),
                    first.key
                ))
                .at(&object.at_span(first.key_span), "selected here")
                .also(&object.at(spec), "the pods")
                .help("give the pods the label in `template.metadata.labels`");
        }
        return;
    };
    let labels_of = pairs(labels);
    for entry in selector.entries() {
        let Some(value) = entry.value.text() else {
            continue;
        };
        if labels_of.contains(&(entry.key.as_str(), value)) {
            continue;
        }
        let there = labels.entry(&entry.key);
        let told = findings
            .tell(format!(
                "{} selects `{}: {value}`, which its own pods do not have",
                object.title(),
                entry.key
            ))
            .at(&object.at(&entry.value), "selected here");
        match there {
            Some(there) => told.also(
                &object.at(&there.value),
                format!("the pods have `{}`", there.value.text().unwrap_or("")),
            ),
            None => told.also(&object.at(labels), "the labels of the pods"),
        };
    }
}

fn others(facts: &Facts, object: &Object, path: &str, monitor: bool, findings: &mut Findings<'_>) {
    let Some(node) = object.find(path) else {
        return;
    };
    let selector = pairs(node);
    if selector.is_empty() || selector.len() != node.entries().len() {
        return;
    }
    // Objects of a chart without workloads, or manifests without any, select what is elsewhere.
    let labels = |other: &Object| -> Option<Vec<(String, String)>> {
        let labels = if monitor {
            other
                .is("", "Service")
                .then(|| other.find("metadata.labels"))
                .flatten()?
        } else {
            other.pod_labels()?
        };
        Some(
            pairs(labels)
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
        )
    };
    let fits = |other: &Object| {
        labels(other).is_some_and(|labels| {
            let labels: Vec<(&str, &str)> = labels
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect();
            selects(&selector, &labels)
        })
    };
    if facts
        .objects
        .iter()
        .any(|other| facts.together(object, other) && !other.hook && fits(other))
        || facts.is_among_unseen(object)
    {
        return;
    }
    // Nobody here has pods with any of these keys: they come from elsewhere.
    let near = nearest(facts, object, |other| {
        same_namespace(other, object)
            && !matches!(other.kind.as_str(), "Job" | "CronJob")
            && !other.hook
            && labels(other).is_some_and(|labels| {
                selector
                    .iter()
                    .any(|(key, _)| labels.iter().any(|(own, _)| own == key))
            })
    });
    let Some(other) = best(&near, object, &selector, &labels) else {
        return;
    };
    // What misses is the first pair that the nearest one does not have.
    let have = labels(other).unwrap_or_default();
    let Some(entry) = node.entries().iter().find(|entry| {
        !have
            .iter()
            .any(|(key, value)| *key == entry.key && Some(value.as_str()) == entry.value.text())
    }) else {
        return;
    };
    let their = if monitor {
        other.find("metadata.labels")
    } else {
        other.pod_labels()
    };
    let told = findings
        .tell(format!(
            "{} selects `{}: {}`, and no {} here has that label",
            object.title(),
            entry.key,
            entry.value.text().unwrap_or(""),
            if monitor { "Service" } else { "pod" }
        ))
        .at(&object.at(&entry.value), "selected here");
    match their.and_then(|labels| labels.entry(&entry.key)) {
        Some(there) => told.also(
            &other.at(&there.value),
            format!(
                "{} has `{}`",
                other.title(),
                there.value.text().unwrap_or("")
            ),
        ),
        None => match their {
            Some(labels) => told.also(
                &other.at(labels),
                format!("the labels of {}", other.title()),
            ),
            None => told,
        },
    };
}

/// The labels of an object that a selector is compared with.
type LabelsOf<'l> = dyn Fn(&Object) -> Option<Vec<(String, String)>> + 'l;

/// The object that was most probably meant: of the same name, or the only one, or with most pairs in common.
fn best<'a>(
    near: &[&'a Object],
    object: &Object,
    selector: &[(&str, &str)],
    labels: &LabelsOf<'_>,
) -> Option<&'a Object> {
    let common = |other: &Object| {
        labels(other).map_or(0, |labels| {
            selector
                .iter()
                .filter(|(key, value)| labels.iter().any(|(k, v)| k == key && v == value))
                .count()
        })
    };
    near.iter()
        .copied()
        .find(|other| other.name == object.name)
        .or(match near {
            [only] => Some(*only),
            _ => None,
        })
        .or_else(|| {
            near.iter()
                .copied()
                .filter(|other| common(other) > 0)
                .max_by_key(|other| common(other))
        })
        .or_else(|| near.first().copied())
}
