//! A variable in the JSON form of a command, which no shell expands.

use crate::diagnostic::Level;
use crate::facts::{At, Facts};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unexpanded-variable",
    group: Group::Image,
    level: Level::Error,
    summary: "a variable in the JSON form of a command, which no shell expands",
    docs: Docs {
        what: "CMD, ENTRYPOINT or HEALTHCHECK in the JSON form has `$NAME` in a word, and the program is no shell.",
        why: "The program is given the text `$PORT` itself.",
        bad: "CMD [\"gunicorn\", \"--bind\", \"0.0.0.0:$PORT\", \"run:app\"]",
        good: "CMD [\"sh\", \"-c\", \"exec gunicorn --bind 0.0.0.0:$PORT run:app\"]",
        allow: "When the program replaces the text itself.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for image in &facts.images {
        for stage in &image.stages {
            for start in [&stage.command, &stage.entrypoint].into_iter().flatten() {
                if !start.exec {
                    continue;
                }
                let shell = start.words.iter().any(|(word, _)| {
                    matches!(
                        word.known(),
                        Some(
                            "sh" | "bash"
                                | "/bin/sh"
                                | "/bin/bash"
                                | "ash"
                                | "/bin/ash"
                                | "dash"
                                | "tini-shell"
                        )
                    )
                });
                // The entrypoint may be a script that evaluates its arguments.
                let through = stage.entrypoint.is_some()
                    && stage
                        .command
                        .as_ref()
                        .is_some_and(|command| command.at.span == start.at.span);
                if shell || through {
                    continue;
                }
                for (word, span) in &start.words {
                    let Some(name) = variable(word.known().unwrap_or("")) else {
                        continue;
                    };
                    let at = At::new(&image.source, *span);
                    let told = findings
                        .tell(format!(
                            "`${name}` stands in the JSON form, where no shell expands it"
                        ))
                        .at(&at, "passed on as it is");
                    let told = match image.variable(&name) {
                        Some((_, place)) => told.also(place, "set here"),
                        None => told.also(&start.at, "started without a shell"),
                    };
                    told.help("start a shell: `[\"sh\", \"-c\", \"exec …\"]`");
                }
            }
        }
    }
}

/// The name behind `$`, as shells write variables.
fn variable(word: &str) -> Option<String> {
    let rest = &word[word.find('$')? + 1..];
    let rest = rest.strip_prefix('{').unwrap_or(rest);
    let name: String = rest
        .chars()
        .take_while(|c| *c == '_' || c.is_ascii_uppercase() || c.is_ascii_digit())
        .collect();
    let start = name.chars().next()?;
    (start == '_' || start.is_ascii_uppercase()).then_some(name)
}
