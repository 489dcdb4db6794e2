//! A health check calls a program that the image does not have.

use crate::diagnostic::Level;
use crate::facts::image::Image;
use crate::facts::object::find;
use crate::facts::{At, Facts, run};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "missing-tool",
    group: Group::Image,
    level: Level::Error,
    summary: "a health check calls a program that the image does not have",
    docs: Docs {
        what: "HEALTHCHECK or an exec probe calls curl or wget, which the slim and Alpine base images do not have and no step installs.",
        why: "The check fails for ever, and the container is called unhealthy or restarted.",
        bad: "FROM python:3.12-slim\nHEALTHCHECK CMD curl -f http://localhost:8000/",
        good: "HEALTHCHECK CMD [\"python\", \"-c\", \"import urllib.request; urllib.request.urlopen('http://localhost:8000/')\"]",
        allow: "When a step installs the program in a way that gen does not see.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for image in &facts.images {
        let health = image
            .chain()
            .into_iter()
            .find_map(|stage| stage.health.as_ref());
        if let Some(health) = health {
            let program = if health.exec {
                health
                    .words
                    .first()
                    .and_then(|(word, _)| word.known())
                    .unwrap_or("")
                    .to_owned()
            } else {
                health
                    .commands
                    .first()
                    .map(|command| command.program().to_owned())
                    .unwrap_or_default()
            };
            tool(image, &program, &health.at, findings);
        }
    }
    for running in run::running(facts) {
        for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
            let Some(command) = find(running.container.node, &format!("{key}.exec.command")) else {
                continue;
            };
            let items = command.items();
            let mut words: Vec<&str> = items.iter().filter_map(Node::text).collect();
            if let [shell, option, script] = words.as_slice()
                && shell.ends_with("sh")
                && option.contains('c')
            {
                words = script.split_whitespace().collect();
            }
            if let Some(program) = words.first() {
                tool(
                    running.image,
                    program,
                    &running.container.object.at(command),
                    findings,
                );
            }
        }
    }
}

fn tool(image: &Image, program: &str, at: &At, findings: &mut Findings<'_>) {
    let program = program.rsplit('/').next().unwrap_or(program);
    let (base, base_at) = image.base();
    let Some(base) = base.known() else { return };
    let (name, tag) = base.split_once(':').unwrap_or((base, ""));
    if !matches!(name, "python" | "debian" | "ubuntu" | "alpine") {
        return;
    }
    let lacks = match program {
        "curl" => {
            tag.contains("slim")
                || tag.contains("alpine")
                || name == "alpine"
                || name == "debian"
                || name == "ubuntu"
        }
        "wget" => tag.contains("slim") || name == "debian" || name == "ubuntu",
        _ => false,
    };
    let brought = image.chain().iter().any(|stage| {
        stage.instructions.iter().any(|one| {
            matches!(one.keyword.as_str(), "RUN" | "COPY" | "ADD")
                && (one.text.contains(program) || !one.here.is_empty())
        })
    });
    if lacks && !brought {
        findings
            .tell(format!(
                "the check calls `{program}`, which the image does not have"
            ))
            .at(at, "called here")
            .also(
                base_at,
                format!("has no `{program}`, and no step installs it"),
            );
    }
}
