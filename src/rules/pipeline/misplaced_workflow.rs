//! A workflow lies where GitHub does not look.

use crate::diagnostic::Level;
use crate::facts::{Facts, is_workflow_path};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "misplaced-workflow",
    group: Group::Pipeline,
    level: Level::Warning,
    summary: "a workflow lies where GitHub does not look",
    docs: Docs {
        what: "A file says `on`, `jobs` and `runs-on`, and does not lie directly in `.github/workflows` of the repository's root.",
        why: "It never runs, and nothing says so.",
        bad: "github/workflows/ci.yml",
        good: ".github/workflows/ci.yml",
        allow: "When it is a template for other repositories.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for workflow in &facts.workflows {
        let elsewhere = workflow.path.contains(".gitea/")
            || workflow.path.contains(".forgejo/")
            || workflow.path.contains("template");
        if is_workflow_path(&workflow.path) || elsewhere {
            continue;
        }
        let Some((name, at, _)) = workflow.triggers.first() else {
            continue;
        };
        findings
            .tell(format!(
                "`{}` is a workflow, and GitHub does not look there",
                workflow.path
            ))
            .at(at, format!("meant to run on `{name}`"))
            .help("move it to .github/workflows/ in the root of the repository");
    }
}
