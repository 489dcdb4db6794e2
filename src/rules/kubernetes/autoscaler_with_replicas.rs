//! A workload states replicas that an autoscaler decides.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::near::{nearest, same_namespace};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "autoscaler-with-replicas",
    group: Group::Kubernetes,
    level: Level::Warning,
    summary: "a workload states replicas that an autoscaler decides",
    docs: Docs {
        what: "A Deployment or StatefulSet has `replicas` while a HorizontalPodAutoscaler scales it.",
        why: "Every apply sets the number back, and the autoscaler has to start again.",
        bad: "kind: Deployment\nspec: { replicas: 2 }\n---\nkind: HorizontalPodAutoscaler",
        good: "kind: Deployment\nspec: {}\n---\nkind: HorizontalPodAutoscaler",
        allow: "For the first apply of a new workload.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in facts
        .objects
        .iter()
        .filter(|object| object.kind == "HorizontalPodAutoscaler")
    {
        let Some(node) = object.find("spec.scaleTargetRef.name") else {
            continue;
        };
        let targets = nearest(facts, object, |other| {
            other.pod().is_some()
                && Some(other.name.as_str()) == node.text()
                && same_namespace(other, object)
        });
        for target in targets {
            if let Some((count, replicas)) = target.replicas() {
                findings
                    .tell(format!(
                        "{} states {count} replicas, and {} decides them",
                        target.title(),
                        object.title()
                    ))
                    .at(&target.at(replicas), "stated here")
                    .also(&object.at(node), "decided here")
                    .help("remove `replicas`");
            }
        }
    }
}
