//! Packages installed by an earlier stage do not reach the last one.

use crate::diagnostic::Level;
use crate::facts::image::{Image, Stage, absolute};
use crate::facts::{At, Facts, server};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "builder-leftover",
    group: Group::Image,
    level: Level::Error,
    summary: "packages installed by an earlier stage do not reach the last one",
    docs: Docs {
        what: "An earlier stage installs packages into a folder (`--target`, `--prefix`, `--user`, a virtual environment), and the last stage neither copies that folder nor has it on PYTHONPATH or PATH.",
        why: "The image builds, is small, and cannot import anything.",
        bad: "FROM python:3.12 AS build\nRUN pip install --target /opt/packages -r requirements.txt\nFROM python:3.12-slim\nCOPY app/ ./",
        good: "COPY --from=build /opt/packages /opt/packages\nENV PYTHONPATH=/opt/packages",
        allow: "When the stage only tests.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for image in &facts.images {
        let Some(server) = server::of_image(facts, image) else {
            continue;
        };
        if image.stages.len() < 2 {
            continue;
        }
        let chain: Vec<*const Stage> = image.chain().into_iter().map(std::ptr::from_ref).collect();
        let own = image
            .chain()
            .iter()
            .any(|stage| installs(image, stage).is_some() || runs_installer(stage));
        if own {
            continue;
        }
        for stage in image
            .stages
            .iter()
            .filter(|stage| !chain.contains(&std::ptr::from_ref(*stage)))
        {
            if let Some((folder, at)) = installs(image, stage) {
                leftover(image, stage, &folder, &at, &server, findings);
            }
        }
    }
}

fn runs_installer(stage: &Stage) -> bool {
    stage.instructions.iter().any(|one| {
        one.keyword == "RUN"
            && [
                "pip",
                "poetry",
                "uv ",
                "pipenv",
                "conda",
                "apt-get install",
                "apk add",
            ]
            .iter()
            .any(|tool| one.text.contains(tool))
    })
}

/// The folder that a stage installs packages into.
fn installs(image: &Image, stage: &Stage) -> Option<(String, At)> {
    let mut environment = None;
    for instruction in stage.instructions.iter().filter(|one| one.keyword == "RUN") {
        for command in instruction.commands(image.source.text()) {
            let words = stage.shell_words(&command.words);
            let shown: Vec<String> = words.iter().map(|(word, _)| word.shown()).collect();
            if let Some(at) = shown
                .iter()
                .position(|word| word == "venv" || word == "virtualenv")
            {
                environment = shown[at + 1..]
                    .iter()
                    .find(|word| !word.starts_with('-'))
                    .cloned();
            }
            let Some(from) = shown.iter().position(|word| word == "install") else {
                continue;
            };
            let pip = shown[..from].iter().find(|word| {
                let name = word.rsplit('/').next().unwrap_or(word);
                name == "pip" || name == "pip3"
            });
            let Some(pip) = pip else { continue };
            if !shown
                .iter()
                .any(|word| word == "-r" || word.starts_with("--requirement"))
            {
                continue;
            }
            let at = At::new(&image.source, command.span);
            let value = |names: &[&str]| {
                shown.iter().enumerate().find_map(|(at, word)| {
                    if names.contains(&word.as_str()) {
                        return shown.get(at + 1).cloned();
                    }
                    names
                        .iter()
                        .find_map(|name| word.strip_prefix(&format!("{name}=")).map(str::to_owned))
                })
            };
            if let Some(folder) = value(&["--target", "-t", "--prefix"]) {
                return Some((folder, at));
            }
            if shown.iter().any(|word| word == "--user") {
                return Some(("/root/.local".to_owned(), at));
            }
            if let Some(folder) = pip
                .strip_suffix("/bin/pip")
                .or_else(|| pip.strip_suffix("/bin/pip3"))
            {
                return Some((folder.to_owned(), at));
            }
            let on_path = stage
                .variables
                .get("PATH")
                .map(crate::facts::text::Text::shown)
                .unwrap_or_default();
            if let Some(folder) = environment
                .clone()
                .filter(|folder| on_path.contains(folder.as_str()))
            {
                return Some((folder, at));
            }
            return None;
        }
    }
    None
}

fn leftover(
    image: &Image,
    stage: &Stage,
    folder: &str,
    at: &At,
    server: &server::Server,
    findings: &mut Findings<'_>,
) {
    let Some(folder) = absolute(stage.workdir.as_deref(), folder) else {
        return;
    };
    let name = stage.name.as_deref().unwrap_or("");
    let number = image
        .stages
        .iter()
        .position(|other| std::ptr::eq(other, stage));
    let mut taken = None;
    for copy in image.chain().into_iter().flat_map(|stage| &stage.copies) {
        let Some((from, other)) = &copy.from else {
            continue;
        };
        if *other != number && !from.is(name) {
            continue;
        }
        for (source, _) in &copy.sources {
            let Some(source) = source.known() else { return };
            let Some(source) = absolute(Some("/"), source) else {
                return;
            };
            if source == folder
                || folder.starts_with(&format!("{}/", source.trim_end_matches('/')))
                || source.starts_with(&format!("{folder}/"))
            {
                taken = Some((copy, source));
            }
        }
    }
    let Some((copy, source)) = taken else {
        findings
            .tell(format!(
                "`{folder}` of the stage `{name}` does not reach the last stage"
            ))
            .at(at, "packages are installed here")
            .also(&server.at, "and needed here")
            .help(format!(
                "add `COPY --from={name} {folder} {folder}` to the last stage"
            ));
        return;
    };
    let Some(target) = &copy.target else { return };
    // Where it lies in the last stage, and whether Python looks there.
    let lies = format!("{target}{}", folder.strip_prefix(&source).unwrap_or(""));
    let searched = ["PYTHONPATH", "PATH", "VIRTUAL_ENV"]
        .iter()
        .filter_map(|name| image.variable(name));
    let on_path = searched
        .clone()
        .any(|(value, _)| value.shown().split(':').any(|part| part.starts_with(&lies)));
    let usual = ["/usr/local", "/usr/lib", "/root/.local", "/home/"]
        .iter()
        .any(|usual| lies.starts_with(usual));
    let called = server.at.text().contains(&lies)
        || image.start().is_some_and(|start| {
            start
                .words
                .iter()
                .any(|(word, _)| word.prefix().starts_with(&lies))
        });
    let workdir = image.last().workdir.as_deref() == Some(&lies);
    if on_path || usual || called || workdir {
        return;
    }
    let told = findings
        .tell(format!(
            "`{lies}` holds the packages, and is on neither PYTHONPATH nor PATH"
        ))
        .at(&copy.at, "copied here")
        .also(&server.at, "needed here");
    let told = match image.variable("PYTHONPATH") {
        Some((_, at)) => told.also(at, "searched here"),
        None => told,
    };
    told.help(format!("add `ENV PYTHONPATH={lies}`"));
}
