//! A claim and the volume that is meant for it do not go together.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::near::nearest;
use crate::facts::object::Object;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

use super::invalid_object::quantity;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unbindable-claim",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "a claim and the volume that is meant for it do not go together",
    docs: Docs {
        what: "A PersistentVolumeClaim names its volume, or asks for a class that only volumes of this repository have, and the volume differs in class or access mode or is too small.",
        why: "The claim stays Pending, and with it every pod that mounts it.",
        bad: "kind: PersistentVolume\nspec: { storageClassName: manual, capacity: { storage: 1Gi } }\n---\nkind: PersistentVolumeClaim\nspec: { storageClassName: manual, resources: { requests: { storage: 5Gi } } }",
        good: "kind: PersistentVolumeClaim\nspec: { storageClassName: manual, resources: { requests: { storage: 1Gi } } }",
        allow: "When a provisioner makes volumes of that class.",
    },
    check,
};

fn class(object: &Object) -> Option<(&str, &Node)> {
    let node = object.find("spec.storageClassName")?;
    Some((node.text()?, node))
}

fn modes(object: &Object) -> Vec<&str> {
    object
        .find("spec.accessModes")
        .map_or(&[][..], Node::items)
        .iter()
        .filter_map(Node::text)
        .collect()
}

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for claim in facts
        .objects
        .iter()
        .filter(|object| object.is("", "PersistentVolumeClaim"))
    {
        let volumes = nearest(facts, claim, |other| other.is("", "PersistentVolume"));
        if let Some(node) = claim.find("spec.volumeName") {
            let Some(name) = node.text().filter(|name| !name.contains(['$', '{'])) else {
                continue;
            };
            if let Some(volume) = volumes.iter().find(|volume| volume.name == name) {
                meant(claim, volume, findings);
            }
            continue;
        }
        by_class(facts, claim, &volumes, findings);
    }
}

/// Why a volume does not fit a claim, told at the first thing that keeps them apart.
fn meant(claim: &Object, volume: &Object, findings: &mut Findings<'_>) -> bool {
    let title = volume.title();
    if let Some((own, node)) = class(claim)
        && !own.contains(['$', '{'])
    {
        let other = class(volume).map_or("", |(class, _)| class);
        if own != other && !other.contains(['$', '{']) {
            let place =
                class(volume).map_or_else(|| volume.named_at(), |(_, node)| volume.at(node));
            findings
                .tell(format!(
                    "the claim `{}` asks for the class `{own}`, and {title} has `{other}`",
                    claim.name
                ))
                .at(&claim.at(node), "asked for here")
                .also(&place, "the volume's class");
            return true;
        }
    }
    let offered = modes(volume);
    if let Some(node) = claim.find("spec.accessModes")
        && let Some(mode) = modes(claim).iter().find(|mode| !offered.contains(mode))
        && !offered.is_empty()
    {
        let place = volume
            .find("spec.accessModes")
            .map_or_else(|| volume.named_at(), |node| volume.at(node));
        findings
            .tell(format!(
                "the claim `{}` asks for {mode}, which {title} does not offer",
                claim.name
            ))
            .at(&claim.at(node), "asked for here")
            .also(&place, format!("offers {}", offered.join(", ")));
        return true;
    }
    let (Some(asked), Some(size)) = (
        claim.find("spec.resources.requests.storage"),
        volume.find("spec.capacity.storage"),
    ) else {
        return false;
    };
    let amounts = asked
        .text()
        .and_then(quantity)
        .zip(size.text().and_then(quantity));
    if amounts.is_some_and(|(asked, size)| asked > size) {
        findings
            .tell(format!(
                "the claim `{}` asks for more than {title} has",
                claim.name
            ))
            .at(&claim.at(asked), "asked for here")
            .also(&volume.at(size), "all there is");
        return true;
    }
    false
}

/// Volumes of the claim's class, where nothing makes others.
fn by_class(facts: &Facts, claim: &Object, volumes: &[&Object], findings: &mut Findings<'_>) {
    const MADE: [&str; 12] = [
        "standard",
        "default",
        "gp2",
        "gp3",
        "managed",
        "managed-csi",
        "managed-premium",
        "hostpath",
        "local-path",
        "standard-rwo",
        "premium-rwo",
        "longhorn",
    ];
    let Some((name, _)) = class(claim) else {
        return;
    };
    let dynamic = facts.objects.iter().any(|object| {
        object.is("storage.k8s.io", "StorageClass")
            && object.name == name
            && object.find("provisioner").and_then(Node::text)
                != Some("kubernetes.io/no-provisioner")
    });
    if name.is_empty() || MADE.contains(&name) || dynamic || claim.find("spec.selector").is_some() {
        return;
    }
    let same: Vec<&&Object> = volumes
        .iter()
        .filter(|volume| class(volume).is_some_and(|(own, _)| own == name))
        .collect();
    let [only] = same.as_slice() else { return };
    meant(claim, only, findings);
}
