//! A workflow reads a job, step or output that does not exist.

use crate::diagnostic::Level;
use crate::facts::expression::{Read, reads};
use crate::facts::workflow::{Job, Step, Workflow};
use crate::facts::{At, Facts};
use crate::rules::suggestion;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-need",
    group: Group::Pipeline,
    level: Level::Error,
    summary: "a workflow reads a job, step or output that does not exist",
    docs: Docs {
        what: "`needs` names a job that is not there; an expression reads `needs.x` of a job that it does not wait for, an output that the job does not declare, a step whose id no step before has, an output that the step's script does not write, or an `env` that nothing sets.",
        why: "GitHub refuses the workflow, or the expression is an empty text: an image without a tag, a deployment of nothing.",
        bad: "needs: biuld\n…\nrun: deploy \"${{ needs.build.outputs.tga }}\"",
        good: "needs: build\n…\nrun: deploy \"${{ needs.build.outputs.tag }}\"",
        allow: "When an action sets the variable or output in a way that is not documented.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for workflow in &facts.workflows {
        for job in &workflow.jobs {
            needs(workflow, job, findings);
            for (number, step) in job.steps.iter().enumerate() {
                for read in reads(workflow.source.text(), &step.node) {
                    expression(workflow, job, number, &read, findings);
                }
            }
            for key in ["outputs", "env", "if", "environment", "with", "name"] {
                // A bare condition stands behind its key.
                let Some(entry) = job.node.entry(key) else {
                    continue;
                };
                let node = Node {
                    span: entry.value.span,
                    kind: crate::source::yaml::Kind::Mapping(vec![entry.clone()]),
                    tag: None,
                    comments: Vec::new(),
                };
                for read in reads(workflow.source.text(), &node) {
                    expression(workflow, job, job.steps.len(), &read, findings);
                }
            }
        }
    }
}

fn needs(workflow: &Workflow, job: &Job, findings: &mut Findings<'_>) {
    for (need, at) in &job.needs {
        if workflow.job(need).is_some() {
            continue;
        }
        let told = findings
            .tell(format!(
                "the job `{}` waits for `{need}`, and there is no such job",
                job.id
            ))
            .at(at, "waited for here");
        let near = suggestion(need, workflow.jobs.iter().map(|job| job.id.as_str()));
        match near.and_then(|near| workflow.job(near)) {
            Some((_, other)) => told
                .also(&other.at, "declared here")
                .help(format!("did you mean `{}`?", other.id)),
            None => told.also(&job.at, "the job"),
        };
    }
}

fn expression(
    workflow: &Workflow,
    job: &Job,
    step: usize,
    read: &Read,
    findings: &mut Findings<'_>,
) {
    let at = At::new(&workflow.source, read.span);
    let path: Vec<&str> = read.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["needs", id, rest @ ..] if *id != "*" => need(workflow, job, id, rest, &at, findings),
        ["steps", id, rest @ ..] if *id != "*" => {
            let known = job
                .steps
                .iter()
                .enumerate()
                .find(|(_, step)| step.id.as_deref() == Some(id));
            match known {
                Some((number, other)) if number < step => {
                    written_by(other, id, rest, &at, findings)
                }
                Some((_, other)) => {
                    findings
                        .tell(format!("the step `{id}` is read before it has run"))
                        .at(&at, "read here")
                        .also(&other.at, "runs here");
                }
                None => {
                    let told = findings
                        .tell(format!("no step of the job `{}` has the id `{id}`", job.id))
                        .at(&at, "read here");
                    let near =
                        suggestion(id, job.steps.iter().filter_map(|step| step.id.as_deref()));
                    match job
                        .steps
                        .iter()
                        .find(|step| near.is_some() && step.id.as_deref() == near)
                    {
                        Some(other) => {
                            told.also(&other.at, format!("this step is `{}`", near.unwrap_or("")))
                        }
                        None => told.also(&job.at, "the steps of this job"),
                    };
                }
            }
        }
        ["env", name] => variable(workflow, job, name, &at, findings),
        _ => {}
    }
}

fn need(
    workflow: &Workflow,
    job: &Job,
    id: &str,
    rest: &[&str],
    at: &At,
    findings: &mut Findings<'_>,
) {
    let Some((_, other)) = workflow.job(id) else {
        if !job.needs.iter().any(|(need, _)| need == id) {
            findings
                .tell(format!("there is no job `{id}`"))
                .at(at, "read here")
                .also(&job.at, "in this job");
        }
        return;
    };
    if !job.needs.iter().any(|(need, _)| need == id) {
        findings
            .tell(format!(
                "the job `{}` reads `{id}` and does not wait for it",
                job.id
            ))
            .at(at, "always empty")
            .also(&job.at, format!("has no `{id}` under `needs`"))
            .also(&other.at, "the job that is read")
            .help(format!("add `{id}` to `needs`"));
        return;
    }
    let ["outputs", name] = rest else { return };
    if other.uses.is_some()
        || *name == "*"
        || other.outputs.iter().any(|output| output.name == *name)
    {
        return;
    }
    let told = findings
        .tell(format!("the job `{id}` has no output `{name}`"))
        .at(at, "always empty");
    let near = suggestion(
        name,
        other.outputs.iter().map(|output| output.name.as_str()),
    );
    match other
        .outputs
        .iter()
        .find(|output| Some(output.name.as_str()) == near)
    {
        Some(output) => told
            .also(&output.name_at, "declared here")
            .help(format!("did you mean `{}`?", output.name)),
        None => told.also(&other.at, "the outputs of this job"),
    };
}

/// The output of a step whose own script says everything that it writes.
fn written_by(step: &Step, id: &str, rest: &[&str], at: &At, findings: &mut Findings<'_>) {
    let ["outputs", name] = rest else { return };
    let Some(run) = &step.run_at else { return };
    let text = run.text();
    let written = [
        format!("{name}="),
        format!("{name}<<"),
        format!("name={name}"),
    ];
    if written.iter().any(|form| text.contains(form.as_str())) || *name == "*" {
        return;
    }
    // A program that it calls may write more: only what echo writes is seen.
    let only = text.contains("GITHUB_OUTPUT")
        && step.run.iter().all(|command| {
            let program = command.program();
            command.words.is_empty()
                || matches!(
                    program,
                    "echo"
                        | "printf"
                        | "git"
                        | "date"
                        | "cut"
                        | "sed"
                        | "tr"
                        | "head"
                        | "tail"
                        | "jq"
                        | "cat"
                        | "docker"
                        | "["
                        | "test"
                        | "grep"
                        | "set"
                )
                || !command.outputs.is_empty()
                || command.depth > 0
        });
    if only {
        findings
            .tell(format!("the step `{id}` writes no output `{name}`"))
            .at(at, "always empty")
            .also(run, "what it writes");
    }
}

fn variable(workflow: &Workflow, job: &Job, name: &str, at: &At, findings: &mut Findings<'_>) {
    let sets: Vec<(&str, &At)> = workflow
        .env
        .iter()
        .chain(&job.env)
        .chain(job.steps.iter().flat_map(|step| &step.env))
        .map(|setting| (setting.name.as_str(), &setting.name_at))
        .collect();
    let text = workflow.source.text();
    if sets.iter().any(|(own, _)| *own == name) || text.contains("GITHUB_ENV") || name == "*" {
        return;
    }
    // Other actions export variables; those of the big publishers do not export names of ours.
    let foreign = job.steps.iter().any(|step| {
        let action = step.action();
        !action.is_empty()
            && ![
                "actions/",
                "docker/",
                "azure/",
                "Azure/",
                "aws-actions/",
                "aquasecurity/",
                "hashicorp/",
                "dawidd6/",
            ]
            .iter()
            .any(|own| action.starts_with(own))
    });
    let near = suggestion(name, sets.iter().map(|(name, _)| *name));
    if foreign && near.is_none() {
        return;
    }
    let told = findings
        .tell(format!("nothing sets `env.{name}`"))
        .at(at, "always empty");
    match sets
        .iter()
        .find(|(own, _)| Some(*own) == near)
        .or(sets.first())
    {
        Some((other, place)) => told.also(place, format!("`{other}` is set here")),
        None => told.also(&job.at, "the job"),
    };
}
