//! A workflow that GitHub refuses.

use crate::diagnostic::Level;
use crate::facts::workflow::Workflow;
use crate::facts::{At, Facts, is_workflow_path};
use crate::rules::{Docs, Findings, Group, Rule, suggestion};
use crate::source::yaml::Node;

mod sections;
mod triggers;
mod values;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "invalid-workflow",
    group: Group::Pipeline,
    level: Level::Error,
    summary: "a workflow that GitHub refuses",
    docs: Docs {
        what: "A key that a workflow, job or step does not have; an event, filter or permission that is a letter off one that there is; a section that is empty or lacks what it needs; a step with neither or both of `run` and `uses`; a job without `runs-on`; a condition that reads `secrets`; two steps with the same id; jobs that wait for each other in a circle; a value that its key cannot have: a time of a schedule, a permission, an id, a shell, an action without a version, filters that exclude each other; a merge key.",
        why: "GitHub does not start the workflow, and says so only on its page of runs.",
        bad: "jobs:\n  build: { runs-on: ubuntu-24.04, steps: [{ run: make }] }\ndeploy:                      # stands outside `jobs`\n  runs-on: ubuntu-24.04",
        good: "jobs:\n  build: { runs-on: ubuntu-24.04, steps: [{ run: make }] }\n  deploy: { runs-on: ubuntu-24.04, steps: [{ run: make deploy }] }",
        allow: "When the key is newer than gen.",
    },
    check,
};

const TOP: [&str; 8] = [
    "name",
    "run-name",
    "on",
    "permissions",
    "env",
    "defaults",
    "concurrency",
    "jobs",
];
const JOB: [&str; 19] = [
    "name",
    "permissions",
    "needs",
    "if",
    "runs-on",
    "snapshot",
    "environment",
    "concurrency",
    "outputs",
    "env",
    "defaults",
    "steps",
    "timeout-minutes",
    "strategy",
    "continue-on-error",
    "container",
    "services",
    "uses",
    "with",
];
const STEP: [&str; 11] = [
    "id",
    "if",
    "name",
    "uses",
    "run",
    "working-directory",
    "shell",
    "with",
    "env",
    "continue-on-error",
    "timeout-minutes",
];

const EVENTS: [&str; 37] = [
    "branch_protection_rule",
    "check_run",
    "check_suite",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "image_version",
    "issue_comment",
    "issues",
    "label",
    "merge_group",
    "milestone",
    "page_build",
    "project",
    "project_card",
    "project_column",
    "public",
    "pull_request",
    "pull_request_comment",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_target",
    "push",
    "registry_package",
    "release",
    "repository_dispatch",
    "schedule",
    "status",
    "watch",
    "workflow_call",
    "workflow_dispatch",
    "workflow_run",
];

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for workflow in &facts.workflows {
        if !is_workflow_path(&workflow.path) {
            continue;
        }
        keys(workflow, &workflow.node, &TOP, "workflow", findings);
        events(workflow, findings);
        sections::check(workflow, findings);
        triggers::check(workflow, findings);
        values::check(workflow, findings);
        for job in &workflow.jobs {
            job_of(workflow, job, findings);
        }
    }
}

/// Names of events that are nearly those that GitHub knows: a new one may be right.
fn events(workflow: &Workflow, findings: &mut Findings<'_>) {
    let on = workflow
        .node
        .get("on")
        .or_else(|| workflow.node.get("true"));
    let Some(on) = on else { return };
    let named = on
        .entries()
        .iter()
        .map(|entry| (entry.key.as_str(), entry.key_span));
    let listed = on.items().iter().chain([on]);
    let listed = listed.filter_map(|node| Some((node.text()?, node.span)));
    for (name, span) in named.chain(listed) {
        if EVENTS.contains(&name) {
            continue;
        }
        let Some(near) = suggestion(name, EVENTS) else {
            continue;
        };
        let at = At::new(&workflow.source, span);
        findings
            .tell(format!("there is no event `{name}`"))
            .at(&at, format!("did you mean `{near}`?"))
            .unsafe_fix(&at, near);
    }
}

fn job_of(workflow: &Workflow, job: &crate::facts::workflow::Job, findings: &mut Findings<'_>) {
    let mut allowed = JOB.to_vec();
    allowed.push("secrets");
    keys(workflow, &job.node, &allowed, "job", findings);
    condition(workflow, &job.node, findings);
    if job.node.entries().is_empty() {
        return;
    }
    if job.node.get("runs-on").is_none() && job.uses.is_none() {
        findings
            .tell(format!("the job `{}` does not say what it runs on", job.id))
            .at(&job.at, "no `runs-on`");
    }
    let mut ids: Vec<(&str, &At)> = Vec::new();
    for step in &job.steps {
        keys(workflow, &step.node, &STEP, "step", findings);
        condition(workflow, &step.node, findings);
        let both = (step.uses.is_some(), step.node.get("run").is_some());
        if both == (true, true) || both == (false, false) {
            let what = match both.0 {
                true => "a step has both `run` and `uses`",
                false => "a step has neither `run` nor `uses`",
            };
            findings
                .tell(what)
                .at(&step.at, "one of them")
                .also(&job.at, "in this job");
        }
        if let Some(id) = &step.id {
            if let Some((_, first)) = ids.iter().find(|(own, _)| own.eq_ignore_ascii_case(id)) {
                findings
                    .tell(format!("two steps have the id `{id}`"))
                    .at(&step.at, "the second")
                    .also(first, "the first");
            }
            ids.push((id, &step.at));
        }
    }
}

fn keys(
    workflow: &Workflow,
    node: &Node,
    allowed: &[&str],
    what: &str,
    findings: &mut Findings<'_>,
) {
    for entry in node.entries() {
        // `on` in quotes or read as a truth value is the same to GitHub.
        if allowed.contains(&entry.key.as_str()) || matches!(entry.key.as_str(), "true" | "<<") {
            continue;
        }
        let at = At::new(&workflow.source, entry.key_span);
        let job = what == "workflow"
            && (entry.value.get("runs-on").is_some() || entry.value.get("steps").is_some());
        let told = findings
            .tell(format!("a {what} has no key `{}`", entry.key))
            .at(&at, "GitHub refuses the file");
        if job {
            told.help("it looks like a job: move it below `jobs`");
        } else if let Some(near) = suggestion(&entry.key, allowed.iter().copied()) {
            told.help(format!("did you mean `{near}`?"))
                .unsafe_fix(&at, near);
        }
    }
}

/// A condition may read neither secrets of the job nor of the step.
fn condition(workflow: &Workflow, node: &Node, findings: &mut Findings<'_>) {
    let Some(condition) = node.get("if") else {
        return;
    };
    let text = condition.text().unwrap_or("");
    let reads = text.match_indices("secrets.").any(|(at, _)| {
        !text[..at]
            .ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '\''))
    });
    if reads {
        findings
            .tell("a condition cannot read `secrets`")
            .at(
                &At::new(&workflow.source, condition.span),
                "GitHub refuses the file",
            )
            .help("give the secret to `env`, and ask that");
    }
}
