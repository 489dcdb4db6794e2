//! A pod uses a PersistentVolumeClaim that nothing makes.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::near::nearest;
use crate::facts::object::find;
use crate::rules::suggestion;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-claim",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "a pod uses a PersistentVolumeClaim that nothing makes",
    docs: Docs {
        what: "`persistentVolumeClaim.claimName` names a claim that is not here, while others are.",
        why: "The pod stays pending.",
        bad: "claimName: db-data      # the claim is called data",
        good: "claimName: data",
        allow: "When the claim is made elsewhere.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in &facts.objects {
        let Some(pod) = object.pod() else { continue };
        for volume in pod.get("volumes").map_or(&[][..], Node::items) {
            let Some(node) = find(volume, "persistentVolumeClaim.claimName") else {
                continue;
            };
            let Some(name) = node.text().filter(|name| !name.contains(['$', '{'])) else {
                continue;
            };
            let claims = nearest(facts, object, |other| other.is("", "PersistentVolumeClaim"));
            let known = facts.objects.iter().any(|other| {
                other.is("", "PersistentVolumeClaim")
                    && other.name == name
                    && facts.together(object, other)
            });
            // Claims of a StatefulSet are called after template, set and number.
            let of_set = facts.objects.iter().any(|other| {
                other.find("spec.volumeClaimTemplates").is_some()
                    && name.contains(&format!("-{}-", other.name))
            });
            if known || of_set || facts.is_among_unseen(object) {
                continue;
            }
            let names: Vec<&str> = claims.iter().map(|claim| claim.name.as_str()).collect();
            let near = suggestion(name, names.iter().copied()).or(names.first().copied());
            let Some(claim) = claims
                .iter()
                .find(|claim| Some(claim.name.as_str()) == near)
            else {
                findings.unresolved(
                    &object.at(node),
                    format!("the claim `{name}` is not made here"),
                );
                continue;
            };
            findings
                .tell(format!(
                    "{} uses the claim `{name}`, which nothing here makes",
                    object.title()
                ))
                .at(&object.at(node), "used here")
                .also(
                    &claim.named_at(),
                    format!("the claim is called `{}`", claim.name),
                );
        }
    }
}
