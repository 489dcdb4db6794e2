//! A condition that is always true or always false.

use crate::diagnostic::Level;
use crate::facts::expression::expressions;
use crate::facts::workflow::Workflow;
use crate::facts::{At, Facts, is_workflow_path};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "constant-condition",
    group: Group::Pipeline,
    level: Level::Error,
    summary: "a condition of a workflow that is always true or always false",
    docs: Docs {
        what: "A condition compares `github.ref` with a name that has no `refs/` in front, `github.ref_name` with one that has, `github.event_name` with an event that does not start the workflow; or it is a text around `${{ }}`, which is true whatever stands in it.",
        why: "The job or step never runs, or runs when it must not.",
        bad: "if: github.ref == 'main'",
        good: "if: github.ref == 'refs/heads/main'",
        allow: "When the workflow is started by events that are not in the file.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for workflow in &facts.workflows {
        if !is_workflow_path(&workflow.path) {
            continue;
        }
        for job in &workflow.jobs {
            condition(workflow, &job.node, &job.at, "job", findings);
            for step in &job.steps {
                condition(workflow, &step.node, &step.at, "step", findings);
            }
        }
    }
}

fn condition(
    workflow: &Workflow,
    node: &Node,
    owner: &At,
    what: &str,
    findings: &mut Findings<'_>,
) {
    let Some(condition) = node.get("if") else {
        return;
    };
    let source = &workflow.source;
    let Some(text) = condition.text() else {
        return;
    };
    let text = text.trim();
    let around = text.contains("${{")
        && !(text.starts_with("${{") && text.find("}}").is_some_and(|end| end + 2 == text.len()));
    // Two expressions side by side are a text, and no text but the empty one is false.
    let outside = text.split("${{").enumerate().any(|(number, part)| {
        let rest = if number == 0 {
            part
        } else {
            part.split_once("}}").map_or("", |(_, rest)| rest)
        };
        !rest.trim().is_empty()
    });
    if around && outside && !text.contains("'}}") {
        findings
            .tell(format!("the condition of the {what} is always true"))
            .at(
                &At::new(source, condition.span),
                "a text, which is true whatever the expression gives",
            )
            .also(owner, format!("this {what}"))
            .help("leave `${{` and `}}` away, or put all of it between them");
        return;
    }
    for expression in expressions(source.text(), "if", condition) {
        for (path, span, equal, wanted, wanted_span) in expression.comparisons() {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let help = match path.as_slice() {
                ["github", "ref"]
                    if !wanted.is_empty() && !wanted.to_ascii_lowercase().starts_with("refs/") =>
                {
                    format!("compare with `refs/heads/{wanted}` or `refs/tags/{wanted}`")
                }
                ["github", "ref_name"] if wanted.starts_with("refs/") => {
                    "compare `github.ref`".to_owned()
                }
                // One of several ways to be true may be there for a copy of the file.
                ["github", "event_name"]
                    if equal
                        && !expression.text.contains(['|', '!'])
                        && !starts(workflow, &wanted) =>
                {
                    "the events under `on` start the workflow, and no others".to_owned()
                }
                _ => continue,
            };
            let always = if equal { "false" } else { "true" };
            findings
                .tell(format!(
                    "the comparison of `{}` with `{wanted}` is always {always}",
                    path.join(".")
                ))
                .at(&At::new(source, wanted_span), "never this")
                .also(&At::new(source, span), "compared here")
                .help(help);
        }
    }
}

/// Whether an event of that name may start the workflow.
fn starts(workflow: &Workflow, event: &str) -> bool {
    // A workflow that is called sees the event of its caller.
    workflow.triggers.is_empty()
        || workflow
            .triggers
            .iter()
            .any(|(name, ..)| name == event || name == "workflow_call" || name.contains(['$', '{']))
}
