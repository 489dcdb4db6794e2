//! An Argo CD application reads what nobody writes, or may not read it.

use crate::diagnostic::Level;
use crate::facts::object::Object;
use crate::facts::{At, Facts, tree};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "argo-source-mismatch",
    group: Group::Pipeline,
    level: Level::Error,
    summary: "an Argo CD application reads what nobody writes, or may not read it",
    docs: Docs {
        what: "The repository of an Application against those that its AppProject allows and that the pipeline hands the chart to; its project and namespace against the AppProjects; its path and values files, where it reads this repository.",
        why: "Argo CD refuses the application, or never sees a release.",
        bad: "repoURL: https://github.com/shop/web-charts.git\n…\nCHART_REPOSITORY: shop/web-chart",
        good: "repoURL: https://github.com/shop/web-chart.git\n…\nCHART_REPOSITORY: shop/web-chart",
        allow: "When several pipelines write to several repositories.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    let projects: Vec<&Object> = facts
        .objects
        .iter()
        .filter(|object| object.is("argoproj.io", "AppProject"))
        .collect();
    for object in facts
        .objects
        .iter()
        .filter(|object| object.is("argoproj.io", "Application"))
    {
        project(object, &projects, findings);
        written(facts, object, findings);
        path(facts, object, findings);
    }
}

/// `owner/name` of a URL on GitHub.
fn slug(url: &str) -> Option<String> {
    let rest = url
        .strip_prefix("https://github.com/")
        .or_else(|| url.strip_prefix("git@github.com:"))
        .or_else(|| url.strip_prefix("ssh://git@github.com/"))?;
    Some(
        rest.trim_end_matches('/')
            .trim_end_matches(".git")
            .to_ascii_lowercase(),
    )
}

fn project(object: &Object, projects: &[&Object], findings: &mut Findings<'_>) {
    let Some(node) = object.find("spec.project") else {
        return;
    };
    let name = node.text().unwrap_or("");
    let Some(project) = projects.iter().find(|project| project.name == name) else {
        if name != "default"
            && let Some(other) = projects.first()
        {
            findings
                .tell(format!(
                    "the application `{}` is of the project `{name}`, which nothing here makes",
                    object.name
                ))
                .at(&object.at(node), "named here")
                .also(
                    &other.named_at(),
                    format!("the project is called `{}`", other.name),
                );
        }
        return;
    };
    if let (Some(url), Some(allowed)) = (
        object.find("spec.source.repoURL"),
        project.find("spec.sourceRepos"),
    ) {
        let fits = allowed.items().iter().any(|item| {
            let (pattern, url) = (item.text().unwrap_or(""), url.text().unwrap_or(""));
            pattern == "*"
                || tree::matches(pattern, url)
                || pattern.trim_end_matches(".git") == url.trim_end_matches(".git")
        });
        if !fits {
            findings
                .tell(format!(
                    "the project `{name}` does not allow the repository of `{}`",
                    object.name
                ))
                .at(&object.at(url), "read here")
                .also(
                    &project.at(allowed.items().first().unwrap_or(allowed)),
                    "allowed here",
                );
        }
    }
    if let (Some(namespace), Some(allowed)) = (
        object.find("spec.destination.namespace"),
        project.find("spec.destinations"),
    ) {
        let fits = allowed.items().iter().any(|item| {
            let pattern = item.get("namespace").and_then(Node::text).unwrap_or("*");
            pattern == "*" || tree::matches(pattern, namespace.text().unwrap_or(""))
        });
        if !fits {
            let first = allowed
                .items()
                .first()
                .and_then(|item| item.get("namespace"))
                .unwrap_or(allowed);
            findings
                .tell(format!(
                    "the project `{name}` does not allow the namespace of `{}`",
                    object.name
                ))
                .at(&object.at(namespace), "deployed to here")
                .also(&project.at(first), "allowed here");
        }
    }
}

/// The repository that a pipeline is told to write to.
fn written(facts: &Facts, object: &Object, findings: &mut Findings<'_>) {
    let Some(node) = object.find("spec.source.repoURL") else {
        return;
    };
    let Some(read) = node.text().and_then(slug) else {
        return;
    };
    let mut told: Vec<(String, At)> = Vec::new();
    for workflow in &facts.workflows {
        let settings = workflow
            .env
            .iter()
            .chain(workflow.jobs.iter().flat_map(|job| {
                job.env
                    .iter()
                    .chain(job.steps.iter().flat_map(|step| &step.env))
            }));
        for setting in settings {
            let name = setting.name.to_ascii_uppercase();
            let value = setting.value.known().unwrap_or("");
            let names_repository = [
                "CHART_REPO",
                "GITOPS_REPO",
                "CONFIG_REPO",
                "MANIFEST_REPO",
                "ARGO_REPO",
                "DEPLOY_REPO",
                "INFRA_REPO",
            ]
            .iter()
            .any(|word| name.contains(word));
            if names_repository && value.split('/').count() == 2 {
                told.push((value.to_ascii_lowercase(), setting.at.clone()));
            }
        }
        for step in workflow.jobs.iter().flat_map(|job| &job.steps) {
            if step.action() != "actions/checkout"
                || step.input("token").is_none() && step.input("ssh-key").is_none()
            {
                continue;
            }
            if let Some(repository) = step.input("repository")
                && let Some(value) = repository.value.known()
            {
                told.push((value.to_ascii_lowercase(), repository.at.clone()));
            }
        }
    }
    if told.is_empty() || told.iter().any(|(name, _)| *name == read) {
        return;
    }
    let (name, at) = &told[0];
    findings
        .tell(format!(
            "Argo CD reads `{read}`, and the pipeline writes to `{name}`"
        ))
        .at(&object.at(node), "read here")
        .also(at, "written here");
}

/// Path and values files, where the application reads this repository: one of its paths is here.
fn path(facts: &Facts, object: &Object, findings: &mut Findings<'_>) {
    let Some(node) = object.find("spec.source.path") else {
        return;
    };
    let Some(path) = node.text().and_then(|path| tree::join("", path)) else {
        return;
    };
    if path.contains(['{', '*']) || !facts.tree.is_folder(&path) || path.is_empty() {
        return;
    }
    for file in object
        .find("spec.source.helm.valueFiles")
        .map_or(&[][..], Node::items)
    {
        let Some(name) = file.text().filter(|name| !name.starts_with(['/', '$'])) else {
            continue;
        };
        let Some(full) = tree::join(&path, name) else {
            continue;
        };
        let ignore = object
            .find("spec.source.helm.ignoreMissingValueFiles")
            .and_then(Node::text)
            == Some("true");
        if !facts.tree.is_file(&full) && !ignore {
            findings
                .tell(format!(
                    "the application `{}` reads `{full}`, which is not there",
                    object.name
                ))
                .at(&object.at(file), "read here")
                .also(&object.at(node), "in this folder");
        }
    }
}
