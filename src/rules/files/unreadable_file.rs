//! Files that are not what their place says.

use crate::diagnostic::Level;
use crate::facts::{At, Facts};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unreadable-file",
    group: Group::Files,
    level: Level::Error,
    summary: "a file cannot be read as what it is",
    docs: Docs {
        what: "A workflow, manifest, compose file or Terraform file is no valid YAML or HCL.",
        why: "The program that it is for refuses it, and what it says cannot be compared with anything.",
        bad: "on: push\njobs: [",
        good: "on: push\njobs: {}",
        allow: "When the file is a template of another tool; better, exclude it in `.gen.yaml`.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for fault in &facts.faults {
        if let Some(label) = &fault.primary {
            let at = At::new(&label.source, label.span);
            findings
                .tell(fault.message.clone())
                .at(&at, label.text.clone());
        }
    }
}
