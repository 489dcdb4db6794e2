//! The sections of a workflow: what may stand in them, and what may not be left out.

use crate::facts::At;
use crate::facts::workflow::Workflow;
use crate::rules::{Findings, suggestion};
use crate::source::Span;
use crate::source::yaml::Node;

const SCOPES: [&str; 16] = [
    "actions",
    "artifact-metadata",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "models",
    "packages",
    "pages",
    "pull-requests",
    "repository-projects",
    "security-events",
    "statuses",
];

const FILTERS: [&str; 11] = [
    "branches",
    "branches-ignore",
    "inputs",
    "names",
    "outputs",
    "paths",
    "paths-ignore",
    "secrets",
    "tags",
    "tags-ignore",
    "types",
];

pub(super) fn check(workflow: &Workflow, findings: &mut Findings<'_>) {
    let on = workflow
        .node
        .get("on")
        .or_else(|| workflow.node.get("true"));
    for event in on.map_or(&[][..], Node::entries) {
        let known =
            ["schedule", "workflow_run", "repository_dispatch"].contains(&event.key.as_str());
        if !known && !event.value.items().is_empty() {
            let at = At::new(&workflow.source, event.key_span);
            findings
                .tell(format!(
                    "the event `{}` takes a mapping, and gets a list",
                    event.key
                ))
                .at(&at, "GitHub refuses the file");
        }
        if !known {
            // A filter may be newer than gen: only one that is nearly another is wrong.
            near(workflow, &event.value, &FILTERS, "filter", findings);
        }
    }
    common(workflow, &workflow.node, findings);
    for job in &workflow.jobs {
        common(workflow, &job.node, findings);
        if job.uses.is_none()
            && job.node.get("runs-on").is_some()
            && job
                .node
                .get("steps")
                .is_none_or(|steps| steps.items().is_empty())
        {
            findings
                .tell(format!("the job `{}` has no `steps`", job.id))
                .at(&job.at, "GitHub refuses the file");
        }
        if let Some(environment) = job.node.get("environment")
            && !environment.entries().is_empty()
        {
            near(
                workflow,
                environment,
                &["name", "url", "deployment"],
                "key of an environment",
                findings,
            );
            needs(workflow, environment, "environment", "name", findings);
        }
        for step in &job.steps {
            for section in ["with", "env"] {
                filled(workflow, &step.node, section, findings);
            }
        }
    }
}

/// What a workflow and a job both have.
fn common(workflow: &Workflow, node: &Node, findings: &mut Findings<'_>) {
    filled(workflow, node, "env", findings);
    filled(workflow, node, "permissions", findings);
    if let Some(permissions) = node.get("permissions") {
        near(workflow, permissions, &SCOPES, "permission", findings);
    }
    if let Some(concurrency) = node.get("concurrency")
        && !concurrency.entries().is_empty()
    {
        near(
            workflow,
            concurrency,
            &["group", "cancel-in-progress"],
            "key of `concurrency`",
            findings,
        );
        needs(workflow, concurrency, "concurrency", "group", findings);
    }
}

/// Keys that are nearly those that there are.
fn near(
    workflow: &Workflow,
    node: &Node,
    allowed: &[&'static str],
    what: &str,
    findings: &mut Findings<'_>,
) {
    for entry in node.entries() {
        if allowed.contains(&entry.key.as_str()) {
            continue;
        }
        let Some(near) = suggestion(&entry.key, allowed.iter().copied()) else {
            continue;
        };
        let at = At::new(&workflow.source, entry.key_span);
        findings
            .tell(format!("there is no {what} `{}`", entry.key))
            .at(&at, format!("did you mean `{near}`?"))
            .unsafe_fix(&at, near);
    }
}

/// A key that a section cannot do without.
fn needs(workflow: &Workflow, node: &Node, section: &str, key: &str, findings: &mut Findings<'_>) {
    if node.get(key).is_none() {
        findings.tell(format!("`{section}` says no `{key}`")).at(
            &At::new(&workflow.source, node.span),
            "GitHub refuses the file",
        );
    }
}

/// A section is a mapping, or where an expression gives it, a text.
fn filled(workflow: &Workflow, node: &Node, section: &str, findings: &mut Findings<'_>) {
    let Some(entry) = node.entry(section) else {
        return;
    };
    let expression = entry.value.text().is_some_and(|text| text.contains("${{"));
    let words =
        section == "permissions" && matches!(entry.value.text(), Some("read-all" | "write-all"));
    if !entry.value.entries().is_empty() || expression || words {
        return;
    }
    // `{}` is a mapping too.
    let span = Span::new(entry.value.span.start, entry.value.span.end);
    if workflow.source.slice(span).starts_with('{') {
        return;
    }
    findings
        .tell(format!("`{section}` holds nothing that it can be read as"))
        .at(
            &At::new(&workflow.source, entry.key_span),
            "GitHub refuses the file",
        )
        .help(format!("fill it in, or leave `{section}` out"));
}
