//! A workload runs a tag that moves, or one that nothing pushes.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::pipeline::{Push, pushes};
use crate::facts::text::{ImageName, Piece, Text};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "mutable-tag",
    group: Group::Pipeline,
    level: Level::Warning,
    summary: "a workload runs a tag that moves, or one that nothing pushes",
    docs: Docs {
        what: "A workload runs its own image as `latest` or without a tag, so that a new push changes nothing; or a tag that is none of those that the pipelines push.",
        why: "The object does not change, so nothing rolls out; or the pull fails.",
        bad: "image: registry.example/web:latest",
        good: "image: registry.example/web:1.2.3",
        allow: "When something else restarts the pods after each push.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    let pushes: Vec<Push> = pushes(facts);
    if replaces_images(facts) {
        return;
    }
    for object in facts.objects.iter().filter(|object| !object.hook) {
        for container in object.containers(true) {
            let Some(node) = container.image else {
                continue;
            };
            let name = ImageName::parse(&Text::from(node.text().unwrap_or("")));
            let Some(full) = name.full() else { continue };
            let pushed: Vec<&Push> = pushes
                .iter()
                .filter(|push| {
                    push.name.full().as_ref() == Some(&full) || is_alike(&push.name, &name, &full)
                })
                .collect();
            let Some(first) = pushed.first().filter(|_| !name.digest) else {
                continue;
            };
            let tag = name.tag.as_ref().and_then(Text::known);
            if matches!(tag, None | Some("latest" | "")) {
                findings
                    .tell(format!("`{full}` is run by a tag that moves"))
                    .at(
                        &object.at(node),
                        "the object stays the same when the image changes",
                    )
                    .also(&first.at, "pushed here")
                    .help("deploy the version or digest that was pushed");
                continue;
            }
            // A tag that the pipeline computes may be any.
            let all: Option<Vec<&str>> = pushed
                .iter()
                .map(|push| push.name.tag.as_ref().map_or(Some("latest"), Text::known))
                .collect();
            if let (Some(tags), Some(tag)) = (all, tag)
                && !tags.contains(&tag)
            {
                findings
                    .tell(format!(
                        "`{full}:{tag}` is run, and only `{}` is pushed",
                        tags.join("`, `")
                    ))
                    .at(&object.at(node), "run here")
                    .also(&first.at, "pushed here");
            }
        }
    }
}

/// Whether a name that is known in part, as `${{ secrets.USER }}/web`, is that of a container: its last part is
/// known and nothing else that is pushed could be meant.
fn is_alike(pushed: &ImageName, own: &ImageName, full: &str) -> bool {
    let Some(Piece::Known(end)) = pushed.repository.pieces().last() else {
        return false;
    };
    let whole = end.contains('/') && end.rsplit('/').next() == own.base();
    pushed.repository.is_partial()
        && whole
        && (own
            .repository
            .known()
            .is_some_and(|own| pushed.repository.may_be(own))
            || pushed.repository.may_be(full))
}

/// Whether something changes the images of manifests before they are applied.
fn replaces_images(facts: &Facts) -> bool {
    facts.commands.iter().any(|command| {
        command.is("kubectl", &["set", "image"])
            || command.is("kubectl", &["rollout", "restart"])
            || command.program == "kustomize"
            || command.is("kubectl", &["patch"])
            || command.is("kubectl", &["delete"])
            || matches!(command.program.as_str(), "sed" | "yq" | "envsubst" | "perl")
            || command.program == "helm" && (command.has("--set") || command.has("--set-string"))
    }) || facts
        .workflows
        .iter()
        .flat_map(|workflow| &workflow.jobs)
        .flat_map(|job| &job.steps)
        .any(|step| {
            step.action().contains("k8s-deploy")
                || step.action().contains("k8s-bake")
                || step.action().contains("yaml")
                || step.action().contains("find-and-replace")
        })
        || facts
            .kustomizations
            .iter()
            .any(|one| !one.built && !one.images.is_empty())
}
