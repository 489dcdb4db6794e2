//! A pipeline applies Terraform whose state stays on the runner.

use crate::diagnostic::Level;
use crate::facts::command::Place;
use crate::facts::{At, Facts, tree};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "local-state-in-pipeline",
    group: Group::Cloud,
    level: Level::Warning,
    summary: "a pipeline applies Terraform whose state stays on the runner",
    docs: Docs {
        what: "A pipeline runs `terraform apply` in a folder whose files name no backend.",
        why: "The state is gone with the runner: the next run makes everything again, or fails because it is there.",
        bad: "run: terraform -chdir=infra apply -auto-approve   # infra has no backend",
        good: "terraform { backend \"azurerm\" {} }",
        allow: "When the pipeline makes a throw-away environment and destroys it in the same job.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for command in &facts.commands {
        let applies = matches!(command.program.as_str(), "terraform" | "tofu")
            && command
                .arguments
                .iter()
                .any(|argument| argument.text.is("apply"));
        if !applies || !matches!(command.place, Place::Step(..)) {
            continue;
        }
        let chdir = command.option(&["-chdir"]);
        let below = match &chdir {
            Some(folder) => match folder.text.known() {
                Some(folder) => folder.to_owned(),
                None => continue,
            },
            None => ".".to_owned(),
        };
        let folders: Vec<String> = command
            .folders
            .iter()
            .filter_map(|from| tree::join(from, &below))
            .collect();
        let mut modules = facts
            .terraform
            .iter()
            .filter(|module| folders.contains(&module.folder));
        let (Some(module), None) = (modules.next(), modules.next()) else {
            continue;
        };
        let remote = module.backends.iter().any(|(kind, _)| kind != "local");
        let destroyed = facts.commands.iter().any(|other| {
            other.source.path() == command.source.path()
                && other
                    .arguments
                    .iter()
                    .any(|argument| argument.text.is("destroy"))
        });
        if module.open || remote || destroyed {
            continue;
        }
        let told = findings
            .tell("the pipeline applies Terraform whose state stays on the runner")
            .at(&command.at(), "applied here");
        let told = match (module.backends.first(), &module.file) {
            (Some((_, at)), _) => told.also(at, "the backend is local"),
            (None, Some(file)) => told.also(
                &At::new(file, file.line(1)),
                "no file of this module names a backend",
            ),
            _ => told,
        };
        told.help("add a `backend` block, as azurerm or s3");
    }
}
