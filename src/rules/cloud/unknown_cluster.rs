//! A pipeline logs in to a cluster that Terraform makes under another name.

use crate::diagnostic::Level;
use crate::facts::command::{Argument, Command};
use crate::facts::{At, Facts, ecs};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-cluster",
    group: Group::Cloud,
    level: Level::Error,
    summary: "a pipeline logs in to a cluster that Terraform makes under another name",
    docs: Docs {
        what: "`aws eks update-kubeconfig`, `az aks get-credentials`, `gcloud container clusters get-credentials`, or an ECS step names a cluster, service or region, and the Terraform of the repository makes the only one under another name or in another region.",
        why: "The step fails, or deploys to a cluster that somebody else made.",
        bad: "resource \"aws_eks_cluster\" \"this\" { name = \"shop-eks\" }\n# run: aws eks update-kubeconfig --name shop",
        good: "# run: aws eks update-kubeconfig --name shop-eks",
        allow: "When the cluster that is meant is made elsewhere.",
    },
    check,
};

/// How a command names what it wants, and which resources make it.
struct Way {
    program: &'static str,
    words: &'static [&'static str],
    options: &'static [&'static str],
    kind: &'static str,
    modules: &'static str,
    what: &'static str,
}

const WAYS: [Way; 5] = [
    Way {
        program: "aws",
        words: &["eks", "update-kubeconfig"],
        options: &["--name"],
        kind: "aws_eks_cluster",
        modules: "terraform-aws-modules/eks",
        what: "cluster",
    },
    Way {
        program: "az",
        words: &["aks", "get-credentials"],
        options: &["--name", "-n"],
        kind: "azurerm_kubernetes_cluster",
        modules: "Azure/aks",
        what: "cluster",
    },
    Way {
        program: "gcloud",
        words: &["container", "clusters", "get-credentials"],
        options: &[],
        kind: "google_container_cluster",
        modules: "terraform-google-modules/kubernetes-engine",
        what: "cluster",
    },
    Way {
        program: "aws",
        words: &["ecs", "update-service"],
        options: &["--cluster"],
        kind: "aws_ecs_cluster",
        modules: "terraform-aws-modules/ecs",
        what: "cluster",
    },
    Way {
        program: "aws",
        words: &["ecs", "update-service"],
        options: &["--service"],
        kind: "aws_ecs_service",
        modules: "terraform-aws-modules/ecs",
        what: "service",
    },
];

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for way in &WAYS {
        let (made, all) = made(facts, way);
        if made.is_empty() || !all {
            continue;
        }
        for command in &facts.commands {
            let Some(name) = asked(command, way) else {
                continue;
            };
            against(
                way,
                &made,
                &name.text.shown(),
                name.text.is_partial(),
                &command.argument_at(&name),
                findings,
            );
        }
        for (name, at) in steps(facts, way) {
            against(way, &made, &name, false, &at, findings);
        }
    }
    region(facts, findings);
}

fn against(
    way: &Way,
    made: &[(String, At)],
    name: &str,
    partial: bool,
    at: &At,
    findings: &mut Findings<'_>,
) {
    if partial || made.iter().any(|(own, _)| own == name) {
        return;
    }
    let (own, place) = &made[0];
    findings
        .tell(format!(
            "the {} `{name}` is asked for, and Terraform makes `{own}`",
            way.what
        ))
        .at(at, "asked for here")
        .also(place, format!("makes `{own}`"))
        .help(format!("use `{own}`"));
}

fn asked(command: &Command, way: &Way) -> Option<Argument> {
    if !command.is(way.program, way.words) && !is_behind_options(command, way) {
        return None;
    }
    if way.options.is_empty() {
        let words = command.positional(&["--zone", "--region", "--project", "-z", "--account"]);
        return words.get(way.words.len()).map(|name| (*name).clone());
    }
    command.option(way.options)
}

/// `aws eks --region R update-kubeconfig --name N`: an option stands between the words.
fn is_behind_options(command: &Command, way: &Way) -> bool {
    command.program == way.program
        && way
            .words
            .iter()
            .all(|word| command.arguments.iter().any(|one| one.text.is(word)))
}

/// Names that Terraform gives, its own resources and calls of the usual modules; and whether all are known.
fn made(facts: &Facts, way: &Way) -> (Vec<(String, At)>, bool) {
    let (mut names, mut all) = ecs::names(facts, way.kind, "name");
    for module in &facts.terraform {
        for call in &module.calls {
            if !call
                .source
                .as_deref()
                .is_some_and(|source| source.starts_with(way.modules))
            {
                continue;
            }
            let name = call
                .body
                .get("cluster_name")
                .or_else(|| call.body.get("name"))
                .and_then(|value| module.resolve(value, &call.file, module.tfvars.first()));
            match name {
                Some(name) if way.what == "cluster" => names.push(name),
                _ => all = false,
            }
        }
    }
    // Several environments may each have their own.
    all &= facts.terraform.iter().all(|module| module.tfvars.len() < 2);
    (names, all)
}

/// Inputs of the actions that deploy to ECS.
fn steps(facts: &Facts, way: &Way) -> Vec<(String, At)> {
    let mut found = Vec::new();
    let input = match (way.kind, way.what) {
        ("aws_ecs_cluster", _) => "cluster",
        ("aws_ecs_service", _) => "service",
        _ => return found,
    };
    for workflow in &facts.workflows {
        for (number, job) in workflow.jobs.iter().enumerate() {
            for (at, step) in job.steps.iter().enumerate() {
                if step.action() != "aws-actions/amazon-ecs-deploy-task-definition" {
                    continue;
                }
                let Some(setting) = step.input(input) else {
                    continue;
                };
                let text = workflow.resolve(number, Some(at), &setting.value);
                if let Some(name) = text.known() {
                    found.push((name.to_owned(), setting.at.clone()));
                }
            }
        }
    }
    found
}

/// The region of `update-kubeconfig` against that of the provider.
fn region(facts: &Facts, findings: &mut Findings<'_>) {
    let mut regions: Vec<(String, At)> = Vec::new();
    for module in &facts.terraform {
        let makes = module
            .resources
            .iter()
            .any(|one| one.kind == "aws_eks_cluster")
            || module.calls.iter().any(|call| {
                call.source
                    .as_deref()
                    .is_some_and(|source| source.starts_with("terraform-aws-modules/eks"))
            });
        if !makes {
            continue;
        }
        for (value, source) in &module.regions {
            match module.resolve(value, source, module.tfvars.first()) {
                Some(region) => regions.push(region),
                None => return,
            }
        }
    }
    let [(own, place)] = regions.as_slice() else {
        return;
    };
    for command in &facts.commands {
        let way = &WAYS[0];
        if !command.is(way.program, way.words) && !is_behind_options(command, way) {
            continue;
        }
        let Some(region) = command.option(&["--region"]) else {
            continue;
        };
        let Some(name) = region.text.known().filter(|name| name != own) else {
            continue;
        };
        findings
            .tell(format!(
                "the cluster is looked for in `{name}`, and Terraform makes it in `{own}`"
            ))
            .at(&command.argument_at(&region), "looked for here")
            .also(place, format!("made in `{own}`"))
            .help(format!("use `{own}`"));
    }
}
