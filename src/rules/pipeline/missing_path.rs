//! A pipeline names a path that does not exist.

use std::collections::BTreeSet;

use crate::diagnostic::Level;
use crate::facts::command::{Argument, Command, Place};
use crate::facts::{At, Facts, tree};
use crate::rules::suggestion;
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "missing-path",
    group: Group::Pipeline,
    level: Level::Error,
    summary: "a pipeline names a path that does not exist",
    docs: Docs {
        what: "A step or script names a script, Dockerfile, build context, chart, manifest, requirements file or Terraform folder that the repository does not have.",
        why: "The step fails, the first time that it runs.",
        bad: "run: docker build -f docker/Dockerfile .     # it lies in the root",
        good: "run: docker build .",
        allow: "When an earlier step makes the file.",
    },
    check,
};

/// Scripts that clone, and so go on in what they cloned.
fn cloning(facts: &Facts) -> BTreeSet<&str> {
    facts
        .commands
        .iter()
        .filter(|command| {
            command.is("git", &["clone"])
                || command.is("aws", &["s3"])
                || matches!(
                    command.program.as_str(),
                    "unzip" | "tar" | "gsutil" | "scp" | "rsync"
                )
        })
        .filter_map(|command| match &command.place {
            Place::Script(path) => Some(path.as_str()),
            Place::Step(..) => None,
        })
        .collect()
}

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    let cloning = cloning(facts);
    for command in &facts.commands {
        if command.folders.is_empty() || fetches(facts, &cloning, &command.place) {
            continue;
        }
        for argument in named(command) {
            path(facts, command, &argument, findings);
        }
        chart(facts, command, findings);
        script(facts, command, findings);
    }
    for build in &facts.builds {
        let Some(Place::Step(workflow, job, step)) = build.place else {
            continue;
        };
        let one = &facts.workflows[workflow].jobs[job].steps[step];
        if one.uses.is_none() || fetches(facts, &cloning, &Place::Step(workflow, job, step)) {
            continue;
        }
        if let (Some(folder), Some(at)) = (&build.context, &build.context_at)
            && !facts.tree.is_folder(folder)
        {
            tell(facts, folder, at, findings);
        } else if let Some(file) = &build.dockerfile
            && !facts.tree.is_file(file)
        {
            let at = build.dockerfile_at.as_ref().unwrap_or(&build.at);
            tell(facts, file, at, findings);
        }
    }
    for module in &facts.terraform {
        for call in &module.calls {
            let (Some(source), Some(at)) = (&call.source, &call.source_at) else {
                continue;
            };
            if !source.starts_with('.') {
                continue;
            }
            if let Some(folder) = tree::join(&module.folder, source)
                && !facts.tree.is_folder(&folder)
            {
                tell(facts, &folder, at, findings);
            }
        }
    }
    for workflow in &facts.workflows {
        for step in workflow.jobs.iter().flat_map(|job| &job.steps) {
            let Some((uses, at)) = &step.uses else {
                continue;
            };
            if let Some(path) = uses
                .strip_prefix("./")
                .and_then(|path| tree::join("", path))
                && !path.contains('$')
                && !facts.tree.exists(&path)
            {
                tell(facts, &path, at, findings);
            }
        }
        for (number, job) in workflow.jobs.iter().enumerate() {
            if let Some((uses, at)) = &job.uses
                && let Some(path) = uses.strip_prefix("./")
                && !path.contains(['$', '@'])
                && !facts.tree.is_file(path)
            {
                tell(facts, path, at, findings);
            }
            for (at_step, step) in job.steps.iter().enumerate() {
                let Some(folder) = step.node.get("working-directory") else {
                    continue;
                };
                let text = workflow.resolve(
                    number,
                    Some(at_step),
                    &crate::facts::workflow::text(folder.text().unwrap_or("")),
                );
                let Some(path) = text.known().and_then(|text| tree::join("", text)) else {
                    continue;
                };
                let own = facts
                    .workflows
                    .iter()
                    .position(|other| std::ptr::eq(other, workflow))
                    .unwrap_or(0);
                if !facts.tree.is_folder(&path)
                    && !fetches(facts, &cloning, &Place::Step(own, number, at_step))
                {
                    tell(
                        facts,
                        &path,
                        &At::new(&workflow.source, folder.span),
                        findings,
                    );
                }
            }
        }
    }
}

/// Options of helm that take a value each.
const VALUED: [&str; 36] = [
    "--app-version",
    "--ca-file",
    "--cert-file",
    "--description",
    "--destination",
    "--history-max",
    "--key-file",
    "--keyring",
    "--kube-apiserver",
    "--kube-as-group",
    "--kube-as-user",
    "--kube-ca-file",
    "--kube-context",
    "--kube-tls-server-name",
    "--kube-token",
    "--kube-version",
    "--kubeconfig",
    "--labels",
    "--name",
    "--name-template",
    "--namespace",
    "--output",
    "--password",
    "--post-renderer",
    "--repo",
    "--set",
    "--set-file",
    "--set-json",
    "--set-literal",
    "--set-string",
    "--timeout",
    "--username",
    "--values",
    "--version",
    "-f",
    "-n",
];

/// `helm upgrade web charts/web` where the chart lies elsewhere: no repository `charts` is added here.
fn chart(facts: &Facts, command: &Command, findings: &mut Findings<'_>) {
    let words = command.positional(&VALUED);
    let verb = words.first().and_then(|verb| verb.text.known());
    let at = match (command.program.as_str(), verb) {
        ("helm", Some("upgrade" | "install" | "template")) => 2,
        ("helm", Some("lint" | "package")) => 1,
        _ => return,
    };
    let Some(argument) = words.get(at) else {
        return;
    };
    let Some(text) = argument.text.known() else {
        return;
    };
    let (first, name) = (text.split('/').next().unwrap_or(""), tree::file_name(text));
    let added = facts.commands.iter().any(|other| {
        other.is("helm", &["repo", "add"]) && other.arguments.iter().any(|one| one.text.is(first))
    });
    let elsewhere = facts
        .charts
        .iter()
        .any(|chart| tree::file_name(&chart.folder) == name);
    // Without a repository a bare name can only be a folder; Helm 2 takes the release by `--name`.
    let asked = command.has("--repo") || command.has("--name");
    let bare = !text.contains('/') && !asked && !facts.charts.is_empty();
    if !bare
        && (text.starts_with('.')
            || !text.contains('/')
            || text.contains("://")
            || added
            || !elsewhere)
    {
        return;
    }
    path(facts, command, argument, findings);
}

/// Whether files may come from elsewhere: another checkout, an artifact, a clone, a tool that makes them.
fn fetches(facts: &Facts, cloning: &BTreeSet<&str>, place: &Place) -> bool {
    let (workflow, job) = match place {
        Place::Step(workflow, job, _) => (workflow, job),
        Place::Script(path) => return cloning.contains(path.as_str()),
    };
    let job = &facts.workflows[*workflow].jobs[*job];
    job.steps.iter().any(|step| {
        let checkout = step.action() == "actions/checkout" && (step.input("repository").is_some() || step.input("path").is_some());
        let brings = step.action().contains("download-artifact") || step.action().contains("cache");
        let makes = step.run.iter().any(|command| {
            matches!(command.program(), "git" if command.words.get(1).is_some_and(|word| word.is("clone")))
                || matches!(command.program(), "curl" | "wget" | "tar" | "unzip" | "mkdir" | "cookiecutter" | "npm" | "yarn")
        });
        checkout || brings || makes
    })
}

/// The arguments that are paths of the repository.
fn named(command: &Command) -> Vec<Argument> {
    let mut found = Vec::new();
    match command.program.as_str() {
        "docker" | "podman" | "buildah"
            if command
                .arguments
                .iter()
                .any(|one| one.text.is("build") || one.text.is("bud")) =>
        {
            found.extend(command.options(&["-f", "--file"]));
        }
        "kubectl" if !command.here => {
            let files = command.options(&["-f", "--filename", "-k", "--kustomize"]);
            found.extend(files.into_iter().filter(|file| !file.text.is("-")));
        }
        "helm" => {
            found.extend(command.options(&["-f", "--values"]));
            let positional = command.positional(&[
                "-f",
                "--values",
                "--set",
                "--set-string",
                "-n",
                "--namespace",
                "--version",
                "--timeout",
                "--kube-context",
                "--set-json",
                "--set-file",
                "--history-max",
            ]);
            let at = match positional.first().and_then(|verb| verb.text.known()) {
                Some("upgrade" | "install" | "template") => 2,
                Some("lint" | "package") => 1,
                _ => return found,
            };
            // A chart of a repository is `repo/name`; a path begins with a dot or is there.
            found.extend(
                positional
                    .get(at)
                    .filter(|chart| chart.text.prefix().starts_with('.'))
                    .map(|chart| (*chart).clone()),
            );
        }
        "terraform" | "tofu" => {
            found.extend(command.options(&["-chdir", "-var-file", "--var-file"]));
            // Files of variables are looked for in the other folder.
            if command.option(&["-chdir"]).is_some() {
                found.truncate(1);
            }
        }
        "pip" | "pip3" => found.extend(command.options(&["-r", "--requirement"])),
        "python" | "python3" if command.arguments.iter().any(|one| one.text.is("pip")) => {
            found.extend(command.options(&["-r", "--requirement"]));
        }
        "docker-compose" => found.extend(command.options(&["-f", "--file"])),
        _ => {}
    }
    found
}

fn path(facts: &Facts, command: &Command, argument: &Argument, findings: &mut Findings<'_>) {
    let Some(text) = argument.text.known() else {
        return;
    };
    if text.is_empty()
        || text.contains("://")
        || text.starts_with(['/', '~', '-'])
        || text.contains(['*', '<', '{', '?'])
    {
        return;
    }
    let there = command
        .folders
        .iter()
        .any(|from| match tree::join(from, text) {
            Some(path) => facts.tree.exists(&path),
            None => true,
        });
    if !there {
        let from = command.folders.last().map_or("", String::as_str);
        let full = tree::join(from, text).unwrap_or_else(|| text.to_owned());
        tell(facts, &full, &command.argument_at(argument), findings);
    }
}

/// `./deploy.sh`, `scripts/deploy.sh`, `bash deploy.sh`.
fn script(facts: &Facts, command: &Command, findings: &mut Findings<'_>) {
    let (text, at) = match command.program.as_str() {
        "bash" | "sh" | "source" => {
            let Some(first) = command.arguments.first() else {
                return;
            };
            let Some(text) = first.text.known().filter(|text| text.ends_with(".sh")) else {
                return;
            };
            (text.to_owned(), command.argument_at(first))
        }
        _ => {
            let at = command.at();
            let word = at.text().split_whitespace().next().unwrap_or("").to_owned();
            let word = word.trim_matches(['"', '\'']).to_owned();
            if !word.ends_with(".sh") || !word.contains('/') {
                return;
            }
            let span = crate::source::Span::new(at.span.start, at.span.start + word.len());
            (word, At::new(&at.source, span))
        }
    };
    if text.contains(['$', '*', '{']) || text.starts_with(['/', '~']) {
        return;
    }
    let there = command
        .folders
        .iter()
        .any(|from| tree::join(from, &text).is_none_or(|path| facts.tree.is_file(&path)));
    if !there {
        tell(facts, &tree::join("", &text).unwrap_or(text), &at, findings);
    }
}

/// Whether the same file makes the path: writes, copies or fills it in.
fn is_made(path: &str, at: &At) -> bool {
    let name = tree::file_name(path);
    at.source.text().lines().any(|line| {
        line.contains(name)
            && (!line.contains("sed -i") || line.contains('>'))
            && [
                "> ", ">", "cp ", "mv ", "tee ", "sed ", "envsubst", "curl ", "wget ", " -o ",
                "touch ",
            ]
            .iter()
            .any(|word| line.contains(word))
    })
}

fn tell(facts: &Facts, path: &str, at: &At, findings: &mut Findings<'_>) {
    if is_made(path, at) {
        findings.unresolved(at, format!("`{path}` may be made before"));
        return;
    }
    let told = findings
        .tell(format!("there is no `{path}` in the repository"))
        .at(at, "named here");
    let name = tree::file_name(path);
    let same: Vec<&str> = facts
        .tree
        .paths()
        .filter(|other| tree::file_name(other) == name)
        .collect();
    if let [only] = same.as_slice() {
        told.help(format!("there is `{only}`"));
        return;
    }
    let names: Vec<&str> = facts
        .tree
        .below(tree::folder(path))
        .filter_map(|path| path.split('/').next())
        .collect();
    if let Some(near) = suggestion(name, names.iter().copied()) {
        told.help(format!("did you mean `{near}`?"));
    }
}
