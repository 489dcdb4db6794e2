//! Terraform state lies in the repository.

use crate::diagnostic::Level;
use crate::facts::{At, Facts, tree};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::Source;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "committed-state",
    group: Group::Cloud,
    level: Level::Error,
    summary: "Terraform state lies in the repository",
    docs: Docs {
        what: "A file `terraform.tfstate` is part of the repository and not ignored.",
        why: "State holds secrets in plain text, and a copy in Git is soon not the one in use.",
        bad: "git add terraform.tfstate",
        good: "terraform { backend \"azurerm\" {} }",
        allow: "Never.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for path in facts.tree.paths() {
        let name = tree::file_name(path);
        if !(name.ends_with(".tfstate") || name.contains(".tfstate.")) {
            continue;
        }
        let shown = format!("{}{path}", facts.tree.shown());
        let source = facts
            .tree
            .source(path)
            .cloned()
            .unwrap_or_else(|| Source::new(shown, ""));
        findings
            .tell(format!("Terraform state `{path}` lies in the repository"))
            .at(&At::new(&source, source.line(1)), "not ignored by Git")
            .help("remove it from the history, rotate what it holds, and keep state in a backend");
    }
}
