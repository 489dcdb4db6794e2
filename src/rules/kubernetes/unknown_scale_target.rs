//! An autoscaler scales a workload that does not exist.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::near::{nearest, same_namespace};
use crate::facts::object::Object;
use crate::rules::suggestion;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-scale-target",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "an autoscaler scales a workload that does not exist",
    docs: Docs {
        what: "`scaleTargetRef` of a HorizontalPodAutoscaler or ScaledObject names a workload that nothing here makes.",
        why: "The autoscaler does nothing but report an error in its status.",
        bad: "scaleTargetRef: { kind: Deployment, name: website }   # the Deployment is called web",
        good: "scaleTargetRef: { kind: Deployment, name: web }",
        allow: "When the workload is made elsewhere.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in &facts.objects {
        if !matches!(
            object.kind.as_str(),
            "HorizontalPodAutoscaler" | "ScaledObject" | "VerticalPodAutoscaler"
        ) {
            continue;
        }
        let Some(target) = object
            .find("spec.scaleTargetRef")
            .or_else(|| object.find("spec.targetRef"))
        else {
            continue;
        };
        let Some(node) = target.get("name") else {
            continue;
        };
        let name = node.text().unwrap_or("");
        let kind = target
            .get("kind")
            .and_then(Node::text)
            .unwrap_or("Deployment");
        let near = nearest(facts, object, |other| {
            matches!(
                other.kind.as_str(),
                "Deployment" | "StatefulSet" | "ReplicaSet" | "DaemonSet" | "Rollout"
            ) && same_namespace(other, object)
        });
        let fits = |other: &&Object| other.name == name && other.kind == kind;
        if facts.is_among_unseen(object)
            || near.iter().any(fits)
            || facts
                .objects
                .iter()
                .filter(|other| facts.together(object, other))
                .any(|other| fits(&other))
        {
            continue;
        }
        let names: Vec<&str> = near.iter().map(|other| other.name.as_str()).collect();
        let other = near
            .iter()
            .find(|other| other.name == name)
            .or_else(|| {
                suggestion(name, names.iter().copied())
                    .and_then(|found| near.iter().find(|other| other.name == found))
            })
            .or_else(|| near.first());
        let Some(other) = other else {
            findings.unresolved(
                &object.at(node),
                format!("{kind} `{name}` is not made here"),
            );
            continue;
        };
        let label = if other.name == name {
            format!("this is a {}", other.kind)
        } else {
            format!("the workload is called `{}`", other.name)
        };
        findings
            .tell(format!(
                "{} scales {kind} `{name}`, which nothing here makes",
                object.title()
            ))
            .at(&object.at(node), "scaled here")
            .also(&other.named_at(), label);
    }
}
