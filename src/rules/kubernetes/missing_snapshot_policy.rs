//! Snapshots are taken of some volumes, and not of this one.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::object::find;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "missing-snapshot-policy",
    group: Group::Kubernetes,
    level: Level::Warning,
    summary: "snapshots are taken of some volumes, and not of this one",
    docs: Docs {
        what: "Objects that are applied together take VolumeSnapshots of one claim, by themselves or by a CronJob, and a workload of theirs writes to a claim that none of them takes a snapshot of.",
        why: "The data of that claim is lost with its disk, though the others are kept.",
        bad: "kind: VolumeSnapshot\nspec: { source: { persistentVolumeClaimName: data } }   # and none of `uploads`",
        good: "kind: VolumeSnapshot\nspec: { source: { persistentVolumeClaimName: uploads } }",
        allow: "When what the claim holds can be made again.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for (number, _) in facts.bundles.iter().enumerate() {
        let own = || facts.objects.iter().filter(move |one| one.bundle == number);
        let Some(taker) = own().find(|one| takes(one).is_some()) else {
            continue;
        };
        // A script may take them of all claims.
        let texts: String = own().filter_map(|one| takes(one)).collect();
        if texts.contains('*')
            || texts.contains("-l ")
            || texts.contains("--all")
            || texts.contains("$(")
        {
            continue;
        }
        for object in own().filter(|one| !matches!(one.kind.as_str(), "Job" | "CronJob")) {
            let volumes = object.pod().and_then(|pod| pod.get("volumes"));
            for volume in volumes.map_or(&[][..], Node::items) {
                let Some(node) = find(volume, "persistentVolumeClaim.claimName") else {
                    continue;
                };
                let Some(name) = node.text() else { continue };
                let read_only = find(volume, "persistentVolumeClaim.readOnly").and_then(Node::text);
                if read_only == Some("true") || texts.contains(name) {
                    continue;
                }
                findings
                    .tell(format!("no snapshot is taken of the claim `{name}`"))
                    .at(&object.at(node), "written to here")
                    .also(&taker.named_at(), "snapshots are taken here");
            }
        }
    }
}

/// The text of an object that takes snapshots.
fn takes(object: &crate::facts::object::Object) -> Option<&str> {
    let text = object.source.slice(object.node.span);
    let kind = matches!(
        object.kind.as_str(),
        "VolumeSnapshot" | "CronJob" | "ConfigMap" | "SnapshotSchedule"
    );
    (kind && text.contains("VolumeSnapshot")).then_some(text)
}
