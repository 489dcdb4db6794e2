//! An image that is pushed under one name and pulled under another.

use crate::diagnostic::Level;
use crate::facts::link::is_public;
use crate::facts::pipeline::{Push, pushes};
use crate::facts::text::{ImageName, Text};
use crate::facts::{At, Facts};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "image-mismatch",
    group: Group::Pipeline,
    level: Level::Error,
    summary: "the image that is deployed is not the one that is pushed",
    docs: Docs {
        what: "The repositories that the pipelines push are compared with those that manifests and charts pull.",
        why: "The pipeline is green, and the cluster runs an old image or none.",
        bad: "docker push registry.example/shop/web:1\n…\nimage: registry.example/shop/website:1",
        good: "docker push registry.example/shop/web:1\n…\nimage: registry.example/shop/web:1",
        allow: "When another repository pushes the image.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    let pushes: Vec<Push> = pushes(facts)
        .into_iter()
        .filter(|push| push.name.full().is_some())
        .collect();
    if pushes.is_empty() {
        return;
    }
    let pulls: Vec<(String, At)> = facts
        .objects
        .iter()
        .filter(|object| !object.hook)
        .flat_map(|object| object.containers(true))
        .filter_map(|container| {
            let node = container.image?;
            let name = ImageName::parse(&Text::from(node.text()?));
            Some((name.full()?, container.object.at(node)))
        })
        .collect();
    for (pulled, at) in &pulls {
        if pushes
            .iter()
            .any(|push| push.name.full().as_ref() == Some(pulled))
            || is_public(pulled)
        {
            continue;
        }
        // A name set by the pipeline or by kustomize replaces what is written.
        if is_replaced(facts, pulled) {
            continue;
        }
        let Some(push) = meant(&pushes, &pulls, pulled) else {
            continue;
        };
        let pushed = push.name.full().unwrap_or_default();
        findings
            .tell(format!("`{pulled}` is deployed, and `{pushed}` is pushed"))
            .at(at, "pulled here")
            .also(&push.at, "pushed here")
            .help("give both the same name");
    }
}

/// The push that was meant: one whose image nobody pulls, and that is near in name; or the only one, when
/// the workloads pull one image only that is not everybody's.
fn meant<'a>(pushes: &'a [Push], pulls: &[(String, At)], pulled: &str) -> Option<&'a Push> {
    let unused: Vec<&Push> = pushes
        .iter()
        .filter(|push| {
            let name = push.name.full().unwrap_or_default();
            !pulls.iter().any(|(pulled, _)| *pulled == name)
        })
        .collect();
    let base = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    let same_base = unused
        .iter()
        .copied()
        .find(|push| push.name.base() == Some(base(pulled).as_str()));
    if same_base.is_some() {
        return same_base;
    }
    let folder = |name: &str| {
        name.rsplit_once('/')
            .map_or(String::new(), |(folder, _)| folder.to_owned())
    };
    let near = unused.iter().copied().find(|push| {
        let name = push.name.full().unwrap_or_default();
        folder(&name) == folder(pulled)
            && crate::rules::suggestion(&base(pulled), [base(&name).as_str()]).is_some()
    });
    if near.is_some() {
        return near;
    }
    let mut own: Vec<&str> = pulls
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| !is_public(name))
        .collect();
    own.sort_unstable();
    own.dedup();
    let mut names: Vec<String> = pushes.iter().filter_map(|push| push.name.full()).collect();
    names.sort();
    names.dedup();
    (own.len() == 1 && names.len() == 1)
        .then(|| unused.first().copied())
        .flatten()
}

fn is_replaced(facts: &Facts, pulled: &str) -> bool {
    let by_kustomize = facts.kustomizations.iter().any(|one| {
        !one.built
            && one
                .images
                .iter()
                .any(|(name, _, _)| crate::facts::text::full_repository(name) == pulled)
    });
    let by_command = facts.commands.iter().any(|command| {
        command.is("kubectl", &["set", "image"])
            || command.is("kustomize", &["edit", "set", "image"])
            || matches!(command.program.as_str(), "sed" | "yq" | "envsubst" | "perl")
                && command.arguments.iter().any(|argument| {
                    let shown = argument.text.shown();
                    shown.contains("image")
                        || shown.contains("IMAGE")
                        || shown.ends_with(".yaml")
                        || shown.ends_with(".yml")
                })
            || command.program == "helm"
                && command
                    .options(&["--set", "--set-string"])
                    .iter()
                    .any(|set| {
                        set.text.prefix().contains("repository")
                            || set.text.prefix().contains("image=")
                    })
    });
    let by_action = facts
        .workflows
        .iter()
        .flat_map(|workflow| &workflow.jobs)
        .flat_map(|job| &job.steps)
        .any(|step| {
            step.action().contains("k8s-deploy")
                || step.action().contains("k8s-bake")
                || step.action().contains("render-task-definition")
        });
    by_kustomize || by_command || by_action
}
