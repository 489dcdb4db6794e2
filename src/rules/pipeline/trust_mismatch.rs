//! A job signs in to the cloud as somebody that the cloud does not trust.

use crate::diagnostic::Level;
use std::sync::Arc;

use crate::facts::workflow::{Job, Permissions, Step, Workflow};
use crate::facts::{At, Facts, tree};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::{Source, hcl};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "trust-mismatch",
    group: Group::Pipeline,
    level: Level::Error,
    summary: "a job signs in to the cloud as somebody that the cloud does not trust",
    docs: Docs {
        what: "A job that signs in by OIDC lacks `id-token: write`; or none of the subjects that Terraform trusts (`repo:owner/name:ref:refs/heads/main`, `…:environment:production`) is what the job's branch or environment gives; or subject and repository differ.",
        why: "The login fails: no matching federated identity record found.",
        bad: "on: { push: { branches: [main] } }\n…\nsubject = \"repo:shop/web:ref:refs/heads/master\"",
        good: "subject = \"repo:shop/web:ref:refs/heads/main\"",
        allow: "When the trust is managed elsewhere.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    let subjects = subjects(facts);
    for workflow in &facts.workflows {
        for job in &workflow.jobs {
            let Some(step) = job.steps.iter().find(|step| signs_in(step)) else {
                continue;
            };
            permission(workflow, job, step, findings);
            subject(workflow, job, step, &subjects, findings);
        }
    }
    repositories(facts, &subjects, findings);
}

fn signs_in(step: &Step) -> bool {
    let action = step.action().to_ascii_lowercase();
    match action.as_str() {
        "azure/login" => step.input("client-id").is_some() && step.input("creds").is_none(),
        "aws-actions/configure-aws-credentials" => {
            step.input("role-to-assume").is_some() && step.input("aws-access-key-id").is_none()
        }
        "google-github-actions/auth" => step.input("workload_identity_provider").is_some(),
        _ => false,
    }
}

fn permission(workflow: &Workflow, job: &Job, step: &Step, findings: &mut Findings<'_>) {
    let allowed = match workflow.permissions_of(job) {
        // The default token never has it.
        Permissions::Unset => Some(false),
        other => other.writes("id-token"),
    };
    if allowed != Some(false) || workflow.trigger("workflow_call").is_some() {
        return;
    }
    let place = job.permissions_at.clone().unwrap_or_else(|| job.at.clone());
    findings
        .tell(format!(
            "the job `{}` signs in by OIDC and may not ask for a token",
            job.id
        ))
        .at(&step.at, "signs in here")
        .also(&place, "`id-token: write` is missing")
        .help("add `permissions: { id-token: write, contents: read }` to the job");
}

/// Every subject that Terraform trusts: a literal text `repo:…`.
fn subjects(facts: &Facts) -> Vec<(String, At)> {
    let mut found = Vec::new();
    for module in &facts.terraform {
        for resource in &module.resources {
            body(&resource.body, &resource.source, &mut found);
        }
        for (_, value, at) in &module.locals {
            texts(value, &at.source, &mut found);
        }
        for call in &module.calls {
            body(&call.body, &call.file, &mut found);
        }
        for file in &module.tfvars {
            body(&file.body, &file.source, &mut found);
        }
        for variable in &module.variables {
            if let Some(value) = &variable.default {
                texts(value, &variable.at.source, &mut found);
            }
        }
    }
    found
}

fn body(body: &hcl::Body, source: &Arc<Source>, found: &mut Vec<(String, At)>) {
    for attribute in &body.attributes {
        texts(&attribute.value, source, found);
    }
    for block in &body.blocks {
        self::body(&block.body, source, found);
    }
}

fn texts(value: &hcl::Value, source: &Arc<Source>, found: &mut Vec<(String, At)>) {
    value.visit(&mut Vec::new(), &mut |value, _| {
        if let Some(text) = value.text()
            && text.starts_with("repo:")
            && text.contains('/')
        {
            found.push((text.to_owned(), At::new(source, value.span)));
        }
    });
}

/// What stands behind `repo:owner/name:`.
fn context(subject: &str) -> &str {
    subject.splitn(3, ':').nth(2).unwrap_or("")
}

fn subject(
    workflow: &Workflow,
    job: &Job,
    step: &Step,
    subjects: &[(String, At)],
    findings: &mut Findings<'_>,
) {
    if subjects.is_empty() || workflow.trigger("workflow_call").is_some() {
        return;
    }
    let (wanted, at): (Vec<String>, At) = match &job.environment {
        Some((name, at)) => {
            let Some(name) = name.known() else { return };
            (vec![format!("environment:{name}")], at.clone())
        }
        None => match branches(workflow) {
            Some((names, at)) => (names, at),
            None => return,
        },
    };
    let trusted = wanted.iter().any(|wanted| {
        subjects.iter().any(|(subject, _)| {
            tree::matches(
                &context(subject).replace('/', "\u{1}"),
                &wanted.replace('/', "\u{1}"),
            )
        })
    });
    if trusted {
        return;
    }
    let kind = wanted[0].split(':').next().unwrap_or("").to_owned();
    let (subject, place) = subjects
        .iter()
        .find(|(subject, _)| context(subject).starts_with(&kind))
        .unwrap_or(&subjects[0]);
    findings
        .tell(format!(
            "the job `{}` signs in as `{}`, and the cloud trusts `{subject}`",
            job.id,
            wanted.join("` or `")
        ))
        .at(place, "trusted")
        .also(&at, format!("gives `{}`", wanted[0]))
        .also(&step.at, "signs in here");
}

/// The refs that pushes give, where branches are named without patterns.
fn branches(workflow: &Workflow) -> Option<(Vec<String>, At)> {
    let (_, _, settings) = workflow.trigger("push")?;
    let branches = settings.as_ref()?.get("branches")?;
    let names: Vec<String> = branches
        .items()
        .iter()
        .map(|item| item.text().map(|name| format!("ref:refs/heads/{name}")))
        .collect::<Option<_>>()?;
    let first = branches.items().first()?;
    let plain = !names.is_empty()
        && names
            .iter()
            .all(|name| !name.contains(['*', '!', '?', '+']));
    plain.then(|| (names, At::new(&workflow.source, first.span)))
}

/// `owner@1/name@2`, as newer repositories send it, without the numbers.
fn without_ids(repository: &str) -> String {
    let parts: Vec<&str> = repository
        .split('/')
        .map(|part| part.split('@').next().unwrap_or(part))
        .collect();
    parts.join("/")
}

/// `repository = "owner/name"` beside subjects of another repository.
fn repositories(facts: &Facts, subjects: &[(String, At)], findings: &mut Findings<'_>) {
    for module in &facts.terraform {
        for file in &module.tfvars {
            for attribute in &file.body.attributes {
                let Some(value) = attribute.value.get("repository") else {
                    continue;
                };
                let Some(name) = value.text() else { continue };
                for (subject, at) in subjects {
                    let inside = at.source.path() == file.source.path()
                        && attribute.value.span.start <= at.span.start
                        && at.span.end <= attribute.value.span.end;
                    let own = subject.split(':').nth(1).unwrap_or("");
                    if inside && own != name && without_ids(own) != name {
                        findings
                            .tell(format!("the subject is of the repository `{own}`, and the repository is `{name}`"))
                            .at(at, format!("trusts `{own}`"))
                            .also(&At::new(&file.source, value.span), format!("`{name}`"));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_no_part_of_a_repository() {
        assert_eq!(without_ids("example@7/hello@42"), "example/hello");
        assert_eq!(without_ids("example/hello"), "example/hello");
    }
}
