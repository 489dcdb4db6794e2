//! Several pods write to a volume that one node may mount.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::near::nearest;
use crate::facts::object::find;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "shared-writer",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "several pods write to a volume that one node may mount",
    docs: Docs {
        what: "A workload with more than one replica, or with an autoscaler that may make more, mounts a claim whose only access mode is ReadWriteOnce or ReadWriteOncePod.",
        why: "Pods on a second node stay in ContainerCreating; on one node they write over each other.",
        bad: "kind: Deployment\nspec: { replicas: 3 }       # all mount the claim data\n---\nkind: PersistentVolumeClaim\nspec: { accessModes: [ReadWriteOnce] }",
        good: "spec: { replicas: 1, strategy: { type: Recreate } }",
        allow: "When all pods are kept on one node and the program is made for it.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in facts
        .objects
        .iter()
        .filter(|object| object.kind == "Deployment")
    {
        let scaler = nearest(facts, object, |other| {
            other.kind == "HorizontalPodAutoscaler"
                && other.find("spec.scaleTargetRef.name").and_then(Node::text) == Some(&object.name)
        });
        let by_scaler = scaler.iter().find_map(|scaler| {
            let node = scaler.find("spec.maxReplicas")?;
            let most: i64 = node.text()?.parse().ok()?;
            (most > 1).then(|| (most, scaler.at(node)))
        });
        let stated = object
            .replicas()
            .filter(|(count, _)| *count > 1)
            .map(|(count, node)| (count, object.at(node)));
        let Some((count, at)) = stated.or(by_scaler) else {
            continue;
        };
        for volume in object
            .pod()
            .and_then(|pod| pod.get("volumes"))
            .map_or(&[][..], Node::items)
        {
            let Some(name) = find(volume, "persistentVolumeClaim.claimName").and_then(Node::text)
            else {
                continue;
            };
            if find(volume, "persistentVolumeClaim.readOnly").and_then(Node::text) == Some("true") {
                continue;
            }
            let claims = nearest(facts, object, |other| {
                other.is("", "PersistentVolumeClaim") && other.name == name
            });
            for claim in claims {
                let Some(modes) = claim.find("spec.accessModes") else {
                    continue;
                };
                let once = !modes.items().is_empty()
                    && modes.items().iter().all(|mode| {
                        matches!(mode.text(), Some("ReadWriteOnce" | "ReadWriteOncePod"))
                    });
                if once {
                    findings
                        .tell(format!("up to {count} pods of {} write to the claim `{name}`, which one node may mount", object.title()))
                        .at(&at, format!("{count} pods"))
                        .also(&claim.at(modes), "one node only")
                        .help("run one pod with `strategy: Recreate`, or use a volume with ReadWriteMany");
                }
            }
        }
    }
}
