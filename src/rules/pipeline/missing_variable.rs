//! A script needs a variable that the step does not give it.

use crate::diagnostic::Level;
use std::sync::Arc;

use crate::facts::command::Place;
use crate::facts::{At, Facts, tree};
use crate::rules::suggestion;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::{Source, Span};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "missing-variable",
    group: Group::Pipeline,
    level: Level::Error,
    summary: "a script needs a variable that the step does not give it",
    docs: Docs {
        what: "A step runs a script of the repository that fails without a variable (`${NAME:?}`), and neither the step, its job nor the workflow sets it.",
        why: "The script stops at once.",
        bad: ": \"${VERSION:?}\"          # in scripts/deploy.sh\n…\nrun: scripts/deploy.sh",
        good: "env: { VERSION: \"${{ needs.build.outputs.version }}\" }\nrun: scripts/deploy.sh",
        allow: "When the runner has the variable.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for command in &facts.commands {
        let Place::Step(workflow, job, step) = command.place else {
            continue;
        };
        let at = command.at();
        let word = at
            .text()
            .split_whitespace()
            .find(|word| word.trim_matches('"').ends_with(".sh"))
            .unwrap_or("");
        let Some(path) = command
            .folders
            .iter()
            .filter_map(|from| tree::join(from, word.trim_matches('"')))
            .find(|path| facts.tree.is_file(path))
        else {
            continue;
        };
        let Some(source) = facts.tree.source(&path) else {
            continue;
        };
        let flow = &facts.workflows[workflow];
        let text = flow.source.text();
        for (name, place) in required(source) {
            let set = flow.variable(job, Some(step), &name).is_some()
                || ["GITHUB_", "RUNNER_", "CI", "HOME", "PATH"]
                    .iter()
                    .any(|own| name.starts_with(own))
                || at.text().contains(&format!("{name}="))
                || text.contains("GITHUB_ENV")
                || source.text().contains(&format!("\n{name}="));
            if set {
                continue;
            }
            let one = &flow.jobs[job].steps[step];
            let told = findings
                .tell(format!(
                    "`{path}` needs `{name}`, which the step does not set"
                ))
                .at(&at, "run here")
                .also(&place, "needed here");
            let names: Vec<&str> = one
                .env
                .iter()
                .map(|setting| setting.name.as_str())
                .collect();
            let near = suggestion(&name, names.iter().copied());
            if let Some(setting) = one
                .env
                .iter()
                .find(|setting| Some(setting.name.as_str()) == near)
            {
                told.also(&setting.name_at, format!("`{}` is set here", setting.name));
            }
        }
    }
}

/// Names behind which a script writes `:?`.
fn required(source: &Arc<Source>) -> Vec<(String, At)> {
    let text = source.text();
    text.match_indices("${")
        .filter_map(|(at, _)| {
            let rest = &text[at + 2..];
            let end = rest.find(|c: char| !(c == '_' || c.is_ascii_alphanumeric()))?;
            let name = &rest[..end];
            let required = rest[end..].starts_with(":?") || rest[end..].starts_with('?');
            let upper = name
                .chars()
                .all(|c| c == '_' || c.is_ascii_uppercase() || c.is_ascii_digit())
                && !name.is_empty();
            (required && upper && !name.starts_with(|c: char| c.is_ascii_digit())).then(|| {
                (
                    name.to_owned(),
                    At::new(source, Span::new(at, at + 2 + end)),
                )
            })
        })
        .collect()
}
