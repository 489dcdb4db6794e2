//! A deployment does not wait for what it deploys.

use crate::diagnostic::Level;
use crate::facts::command::{Command, Place};
use crate::facts::pipeline::pushes;
use crate::facts::text::ImageName;
use crate::facts::workflow::{Job, Workflow};
use crate::facts::{At, Facts};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unneeded-order",
    group: Group::Pipeline,
    level: Level::Warning,
    summary: "a deployment does not wait for what it deploys",
    docs: Docs {
        what: "A job deploys while another job of the same workflow pushes the image, and does not wait for it, not even through others; or a scan comes behind the push of what it scans.",
        why: "The old image is deployed, or one that is not there yet.",
        bad: "jobs:\n  build: { … docker push … }\n  deploy: { … helm upgrade … }",
        good: "deploy: { needs: build }",
        allow: "When the deployment is of something else.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for (number, workflow) in facts.workflows.iter().enumerate() {
        let pushing: Vec<(usize, At)> = pushes(facts)
            .into_iter()
            .filter_map(|push| match push.place {
                Place::Step(own, job, _) if own == number => Some((job, push.at)),
                _ => None,
            })
            .collect();
        for (job_number, job) in workflow.jobs.iter().enumerate() {
            let deploys = facts.commands.iter().find(|command| {
                matches!(command.place, Place::Step(own, own_job, _) if own == number && own_job == job_number) && deploys(command)
            });
            let Some(command) = deploys else { continue };
            if pushing.is_empty() || pushing.iter().any(|(push, _)| *push == job_number) {
                continue;
            }
            let before = before(workflow, job);
            if pushing.iter().any(|(push, _)| before.contains(push)) {
                continue;
            }
            let (push, at) = &pushing[0];
            findings
                .tell(format!(
                    "the job `{}` deploys and does not wait for `{}`, which pushes the image",
                    job.id, workflow.jobs[*push].id
                ))
                .at(
                    &job.at,
                    format!("`needs: {}` is missing", workflow.jobs[*push].id),
                )
                .also(&command.at(), "deployed here")
                .also(at, "pushed here");
        }
        scans(facts, number, workflow, findings);
    }
}

fn deploys(command: &Command) -> bool {
    let first = command
        .arguments
        .iter()
        .find(|one| !one.text.prefix().starts_with('-'));
    let verb = first.and_then(|one| one.text.known()).unwrap_or("");
    match command.program.as_str() {
        "helm" => matches!(verb, "upgrade" | "install"),
        "kubectl" => matches!(verb, "apply" | "set" | "rollout"),
        _ => false,
    }
}

/// Numbers of the jobs that a job waits for, through others too.
fn before(workflow: &Workflow, job: &Job) -> Vec<usize> {
    let mut found = Vec::new();
    let mut open: Vec<&str> = job.needs.iter().map(|(need, _)| need.as_str()).collect();
    while let Some(id) = open.pop() {
        if let Some((number, other)) = workflow.job(id)
            && !found.contains(&number)
        {
            found.push(number);
            open.extend(other.needs.iter().map(|(need, _)| need.as_str()));
        }
    }
    found
}

/// A scan in the job that pushes, behind the push of the same image.
fn scans(facts: &Facts, number: usize, workflow: &Workflow, findings: &mut Findings<'_>) {
    for (job_number, job) in workflow.jobs.iter().enumerate() {
        for (at_step, step) in job.steps.iter().enumerate() {
            if step.action() != "aquasecurity/trivy-action" {
                continue;
            }
            let Some(image) = step.input("image-ref") else {
                continue;
            };
            let scanned =
                ImageName::parse(&workflow.resolve(job_number, Some(at_step), &image.value));
            let stops = step
                .input("exit-code")
                .is_some_and(|code| code.value.is("1"));
            let early = pushes(facts).into_iter().find(|push| {
                matches!(push.place, Place::Step(own, own_job, own_step) if own == number && own_job == job_number && own_step < at_step)
                    && push.name.repository == scanned.repository
            });
            if let (Some(push), true) = (early, stops) {
                findings
                    .tell("the image is scanned when it is pushed already")
                    .at(&step.at, "scanned here")
                    .also(&push.at, "pushed here")
                    .help("build with `load: true`, scan, then push");
            }
        }
    }
}
