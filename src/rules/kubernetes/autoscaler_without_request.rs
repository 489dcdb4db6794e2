//! An autoscaler measures use of a request that is not there.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::near::nearest;
use crate::facts::object::find;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "autoscaler-without-request",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "an autoscaler measures use of a request that is not there",
    docs: Docs {
        what: "A HorizontalPodAutoscaler targets a utilisation of cpu or memory, and a container of the workload requests none.",
        why: "Utilisation is a share of the request: without one the autoscaler never scales.",
        bad: "metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization } } }]\n…\nresources: {}",
        good: "resources: { requests: { cpu: 100m } }",
        allow: "When something adds requests as pods are made, as a LimitRange.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    let limited = facts
        .objects
        .iter()
        .any(|object| object.kind == "LimitRange");
    for object in facts
        .objects
        .iter()
        .filter(|object| object.kind == "HorizontalPodAutoscaler")
    {
        let Some(name) = object.find("spec.scaleTargetRef.name").and_then(Node::text) else {
            continue;
        };
        let targets = nearest(facts, object, |other| {
            other.pod().is_some() && other.name == name
        });
        let Some(target) = targets.first().filter(|_| !limited) else {
            continue;
        };
        let mut metrics: Vec<(&str, &Node)> = Vec::new();
        if let Some(node) = object.find("spec.targetCPUUtilizationPercentage") {
            metrics.push(("cpu", node));
        }
        for metric in object.find("spec.metrics").map_or(&[][..], Node::items) {
            let Some(resource) = metric.get("resource") else {
                continue;
            };
            let share = find(resource, "target.type").and_then(Node::text) == Some("Utilization")
                || resource.get("targetAverageUtilization").is_some();
            if let (true, Some(node)) = (share, resource.get("name")) {
                metrics.push((node.text().unwrap_or(""), node));
            }
        }
        for (what, node) in metrics {
            for container in target.containers(false) {
                let has = |kind: &str| {
                    find(container.node, &format!("resources.{kind}.{what}")).is_some()
                };
                if has("requests") || has("limits") {
                    continue;
                }
                let place = container
                    .node
                    .get("resources")
                    .or_else(|| container.node.get("name"))
                    .unwrap_or(container.node);
                findings
                    .tell(format!(
                        "{} measures use of {what}, and the container `{}` requests none",
                        object.title(),
                        container.name
                    ))
                    .at(&object.at(node), "measured here")
                    .also(&target.at(place), format!("no request for {what}"))
                    .help(format!("set `resources.requests.{what}`"));
            }
        }
    }
}
