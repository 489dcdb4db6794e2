//! Pipelines that are no workflows of GitHub's: the commands of Jenkinsfiles, GitLab CI, Azure Pipelines,
//! CircleCI, CodeBuild and of composite actions, as far as they are literal.
//!
//! Owns where their scripts and tasks stand and what their variables say. A task that stands for a command
//! (`Docker@2`, `HelmDeploy@0`) becomes that command. What only the pipeline's server knows stays unknown.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::yaml::Node;
use crate::source::{Source, Span, shell};

use super::command::{self, Argument, Command, Place};
use super::text::Text;
use super::{tree, workflow};

mod groovy;

pub use groovy::jenkins;

/// Whether the path is that of a Jenkinsfile.
pub fn is_jenkinsfile(path: &str) -> bool {
    let name = tree::file_name(path).to_ascii_lowercase();
    name == "jenkinsfile" || name.starts_with("jenkinsfile.") || name.ends_with(".jenkinsfile")
}

/// Whether the path is one that GitLab reads.
pub fn is_gitlab(path: &str) -> bool {
    path == ".gitlab-ci.yml" || path == ".gitlab-ci.yaml"
}

/// Whether the file is an Azure pipeline: by its name, or by its steps.
pub fn is_azure(path: &str, node: &Node) -> bool {
    let name = tree::file_name(path);
    let named = name.starts_with("azure-pipeline")
        || path.starts_with(".azure-pipelines/")
        || path.starts_with("azure-pipelines/");
    let steps = ["stages", "jobs", "steps"]
        .iter()
        .any(|key| node.get(key).is_some());
    let own =
        node.get("pool").is_some() || node.get("trigger").is_some() && node.get("on").is_none();
    steps && (named || own) && node.get("apiVersion").is_none()
}

/// Whether the path is that of a composite action or another one.
pub fn is_action(path: &str) -> bool {
    matches!(tree::file_name(path), "action.yml" | "action.yaml")
}

/// Whether the path is one that CodeBuild reads.
pub fn is_codebuild(path: &str) -> bool {
    let name = tree::file_name(path);
    name.starts_with("buildspec") && (name.ends_with(".yml") || name.ends_with(".yaml"))
}

/// Whether the path is one that CircleCI reads.
pub fn is_circleci(path: &str) -> bool {
    matches!(path, ".circleci/config.yml" | ".circleci/config.yaml")
}

/// Variables by name.
type Variables = BTreeMap<String, Text>;

/// The commands of a GitLab pipeline: the scripts of each job, one behind the other.
pub fn gitlab(path: &str, source: &Arc<Source>, node: &Node) -> Vec<Command> {
    const OWN: [&str; 12] = [
        "variables",
        "include",
        "stages",
        "workflow",
        "default",
        "image",
        "services",
        "cache",
        "before_script",
        "after_script",
        "spec",
        "pages",
    ];
    let global = gitlab_variables(node.get("variables"));
    let shared = node
        .get("before_script")
        .or_else(|| node.get("default").and_then(|one| one.get("before_script")));
    let mut all = Vec::new();
    for entry in node.entries() {
        let job = &entry.value;
        if OWN.contains(&entry.key.as_str()) || job.get("script").is_none() {
            continue;
        }
        let mut variables = global.clone();
        variables.extend(gitlab_variables(job.get("variables")));
        let mut commands = Vec::new();
        for part in [
            job.get("before_script").or(shared),
            job.get("script"),
            job.get("after_script"),
        ]
        .into_iter()
        .flatten()
        {
            scripts(source, part, &mut commands);
        }
        all.extend(read(
            path,
            source,
            &commands,
            &variables,
            vec![String::new()],
        ));
    }
    all
}

/// The commands of a build specification of AWS CodeBuild.
pub fn codebuild(path: &str, source: &Arc<Source>, node: &Node) -> Vec<Command> {
    let variables = gitlab_variables(node.get("env").and_then(|env| env.get("variables")));
    let mut commands = Vec::new();
    for phase in node.get("phases").map_or(&[][..], Node::entries) {
        for key in ["commands", "finally"] {
            if let Some(list) = phase.value.get(key) {
                scripts(source, list, &mut commands);
            }
        }
    }
    read(path, source, &commands, &variables, vec![String::new()])
}

/// The commands of a CircleCI configuration, each job with the variables of its own and of its executor.
pub fn circleci(path: &str, source: &Arc<Source>, node: &Node) -> Vec<Command> {
    let executor = |job: &Node| {
        let name = job.get("executor")?;
        let name = name.get("name").unwrap_or(name).text()?;
        node.get("executors")?.get(name)?.get("environment")
    };
    let mut all = Vec::new();
    for group in ["jobs", "commands"] {
        for job in node.get(group).map_or(&[][..], Node::entries) {
            let mut variables = gitlab_variables(executor(&job.value));
            variables.extend(gitlab_variables(job.value.get("environment")));
            for step in job.value.get("steps").map_or(&[][..], Node::items) {
                let Some(run) = step.get("run") else { continue };
                let mut commands = Vec::new();
                scripts(source, run.get("command").unwrap_or(run), &mut commands);
                // A working directory may be one of the machine's.
                let folders = match run
                    .get("working_directory")
                    .or(job.value.get("working_directory"))
                {
                    None => vec![String::new()],
                    Some(_) => Vec::new(),
                };
                all.extend(read(path, source, &commands, &variables, folders));
            }
        }
    }
    all
}

/// The commands of a composite action.
pub fn composite(path: &str, source: &Arc<Source>, node: &Node) -> Vec<Command> {
    let Some(runs) = node
        .get("runs")
        .filter(|runs| runs.get("using").and_then(Node::text) == Some("composite"))
    else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for item in runs.get("steps").map_or(&[][..], Node::items) {
        let step = workflow::read_step(source, item, None);
        let folders = command::folders_of(step.folder.as_ref());
        let variables: Variables = step
            .env
            .iter()
            .map(|setting| (setting.name.clone(), setting.value.clone()))
            .collect();
        all.extend(read(path, source, &step.run, &variables, folders));
    }
    all
}

fn gitlab_variables(node: Option<&Node>) -> Variables {
    node.map_or(&[][..], Node::entries)
        .iter()
        .filter_map(|entry| {
            let value = entry.value.get("value").unwrap_or(&entry.value).text()?;
            Some((entry.key.clone(), shell_text(value)))
        })
        .collect()
}

/// A script, or a list of them.
fn scripts(source: &Source, node: &Node, all: &mut Vec<shell::Command>) {
    if node.text().is_some() {
        all.extend(workflow::script(source, node));
    }
    for item in node.items() {
        scripts(source, item, all);
    }
}

/// `$NAME` and `${NAME}` in a value become unknown pieces of that name.
fn shell_text(value: &str) -> Text {
    super::image::expand(value, &BTreeMap::new())
}

/// Reads commands with variables that may name each other.
fn read(
    path: &str,
    source: &Arc<Source>,
    commands: &[shell::Command],
    variables: &Variables,
    folders: Vec<String>,
) -> Vec<Command> {
    let lookup = |name: &str| variables.get(name).map(|text| resolve(text, variables, 0));
    command::of_commands(path, source, commands, folders, &lookup)
}

/// Replaces the unknown pieces that variables answer.
fn resolve(text: &Text, variables: &Variables, depth: usize) -> Text {
    let mut all = Text::default();
    for piece in text.pieces() {
        match piece {
            super::text::Piece::Known(known) => all.push(known),
            super::text::Piece::Unknown(name) => {
                match variables.get(name.trim_start_matches('$')) {
                    Some(value) if depth < 6 => {
                        all.append(&resolve(value, variables, depth + 1));
                    }
                    _ => all.append(&Text::unknown(name.as_str())),
                }
            }
        }
    }
    all
}

/// The commands of an Azure pipeline.
pub fn azure(path: &str, source: &Arc<Source>, node: &Node) -> Vec<Command> {
    let mut reader = Azure {
        path,
        source,
        copy: Source::new(source.path(), braced(source.text())),
        variables: azure_variables(node.get("variables")),
        all: Vec::new(),
    };
    reader.walk(node, 0);
    reader.all
}

fn azure_variables(node: Option<&Node>) -> Variables {
    let mut all = Variables::new();
    let Some(node) = node else { return all };
    for entry in node.entries() {
        if let Some(value) = entry.value.text() {
            all.insert(plain_name(&entry.key), macros(value));
        }
    }
    for item in node.items() {
        let pair = item
            .get("name")
            .and_then(Node::text)
            .zip(item.get("value").and_then(Node::text));
        if let Some((name, value)) = pair {
            all.insert(plain_name(name), macros(value));
        }
    }
    all
}

fn plain_name(name: &str) -> String {
    name.replace('.', "_")
}

/// A text with `$(name)` in it.
fn macros(value: &str) -> Text {
    let mut all = Text::default();
    let mut rest = value;
    while let Some(at) = rest.find("$(") {
        all.push(&rest[..at]);
        let inside = &rest[at + 2..];
        let end = inside
            .find(|c| !is_part(c))
            .filter(|end| *end > 0 && inside[*end..].starts_with(')'));
        let Some(end) = end else {
            all.push("$(");
            rest = inside;
            continue;
        };
        // The folder that the repository is checked out to is where everything starts.
        let folder = matches!(
            &inside[..end],
            "System.DefaultWorkingDirectory"
                | "Build.SourcesDirectory"
                | "Build.Repository.LocalPath"
        );
        if folder {
            all.push(".");
        } else {
            all.append(&Text::unknown(plain_name(&inside[..end])));
        }
        rest = &inside[end + 1..];
    }
    all.push(rest);
    all
}

/// `${name}` for each `$(name)`, which is filled in before a shell sees it; it is as long, so that places hold.
fn braced(text: &str) -> String {
    let mut changed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("$(") {
        changed.push_str(&rest[..at]);
        let inside = &rest[at + 2..];
        match inside
            .find(|c| !is_part(c))
            .filter(|end| *end > 0 && inside[*end..].starts_with(')'))
        {
            Some(end) => {
                changed.push_str("${");
                changed.push_str(&plain_name(&inside[..end]));
                changed.push('}');
                rest = &inside[end + 1..];
            }
            None => {
                changed.push_str("$(");
                rest = inside;
            }
        }
    }
    changed.push_str(rest);
    changed
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_')
}

struct Azure<'a> {
    path: &'a str,
    source: &'a Arc<Source>,
    /// The file with `${name}` for `$(name)`.
    copy: Arc<Source>,
    variables: Variables,
    all: Vec<Command>,
}

impl Azure<'_> {
    fn walk(&mut self, node: &Node, depth: usize) {
        if depth > 24 {
            return;
        }
        let before = self.variables.clone();
        if depth > 0 {
            self.variables
                .extend(azure_variables(node.get("variables")));
        }
        if let Some(task) = node.get("task").and_then(Node::text) {
            self.task(task, node);
        } else if let Some(script) = node.get("script").or_else(|| node.get("bash")) {
            self.script(script, node.get("workingDirectory"));
        }
        for entry in node.entries() {
            self.walk(&entry.value, depth + 1);
        }
        for item in node.items() {
            self.walk(item, depth + 1);
        }
        self.variables = before;
    }

    fn text(&self, value: &str) -> Text {
        resolve(&macros(value), &self.variables, 0)
    }

    fn script(&mut self, script: &Node, folder: Option<&Node>) {
        if script.scalar().is_none() {
            return;
        }
        let commands = workflow::script(&self.copy, script);
        let folders = match folder.and_then(Node::text) {
            None => vec![String::new()],
            Some(folder) => self
                .text(folder)
                .known()
                .and_then(|folder| tree::join("", folder))
                .into_iter()
                .collect(),
        };
        self.all.extend(read(
            self.path,
            self.source,
            &commands,
            &self.variables,
            folders,
        ));
    }

    fn task(&mut self, task: &str, node: &Node) {
        let Some(inputs) = node.get("inputs") else {
            return;
        };
        let input = |name: &str| {
            inputs
                .entries()
                .iter()
                .find(|entry| entry.key.eq_ignore_ascii_case(name))
                .map(|entry| &entry.value)
        };
        let kind = task.split('@').next().unwrap_or(task);
        match kind {
            "Docker" => self.docker(node, &input),
            "HelmDeploy" => self.helm(node, &input),
            "KubernetesManifest" | "Kubernetes" => self.kubernetes(node, &input),
            "Bash" | "CmdLine" | "AzureCLI" | "ShellScript" => {
                let windows = input("scriptType")
                    .and_then(Node::text)
                    .is_some_and(|kind| kind.contains("ps") || kind == "batch");
                let script = input("script").or_else(|| input("inlineScript"));
                if let Some(script) = script.filter(|_| !windows) {
                    self.script(script, input("workingDirectory"));
                }
            }
            _ => {}
        }
    }

    fn argument(&self, node: &Node) -> Option<Argument> {
        Some(Argument {
            text: self.text(node.text()?),
            span: node.span,
        })
    }

    fn word(text: &str, node: &Node) -> Argument {
        Argument {
            text: Text::from(text),
            span: node.span,
        }
    }

    fn push(&mut self, program: &str, node: &Node, arguments: Vec<Argument>) {
        let task = node.get("task").map_or(node.span, |task| task.span);
        self.all.push(Command {
            program: program.to_owned(),
            arguments,
            source: Arc::clone(self.source),
            span: task,
            place: Place::Script(self.path.to_owned()),
            folders: vec![String::new()],
            after: shell::After::End,
            here: false,
        });
    }

    fn docker<'n>(&mut self, node: &Node, input: &dyn Fn(&str) -> Option<&'n Node>) {
        let command = input("command")
            .and_then(Node::text)
            .unwrap_or("buildAndPush");
        let Some(repository) = input("repository").or_else(|| input("imageName")) else {
            return;
        };
        let mut names = Vec::new();
        let tags = input("tags")
            .and_then(Node::text)
            .unwrap_or("$(Build.BuildId)");
        for tag in tags.lines().map(str::trim).filter(|tag| !tag.is_empty()) {
            let mut text = Text::default();
            // The service connection knows the registry.
            if let Some(registry) = input("containerRegistry").and_then(Node::text) {
                text.append(&Text::unknown(registry));
                text.push("/");
            }
            text.append(&self.text(repository.text().unwrap_or("")));
            text.push(":");
            text.append(&self.text(tag));
            names.push(Argument {
                text,
                span: repository.span,
            });
        }
        if command.starts_with("build") {
            let mut arguments = vec![Self::word("build", node)];
            for name in &names {
                arguments.push(Self::word("-t", node));
                arguments.push(name.clone());
            }
            let file = input("Dockerfile")
                .filter(|file| file.text().is_some_and(|file| !file.contains('*')));
            let mut context = Self::word(".", node);
            if let Some(file) = file.and_then(|file| self.argument(file)) {
                if let Some(path) = file.text.known() {
                    context.text = Text::from(match tree::folder(path) {
                        "" => ".",
                        folder => folder,
                    });
                }
                arguments.push(Self::word("-f", node));
                arguments.push(file);
            }
            if let Some(given) = input("buildContext").filter(|one| one.text() != Some("**")) {
                context = self.argument(given).unwrap_or(context);
            }
            arguments.push(context);
            self.push("docker", node, arguments);
        }
        if command.ends_with("ush") {
            for name in names {
                self.push("docker", node, vec![Self::word("push", node), name]);
            }
        }
    }

    fn helm<'n>(&mut self, node: &Node, input: &dyn Fn(&str) -> Option<&'n Node>) {
        let verb = input("command").and_then(Node::text).unwrap_or("");
        if !matches!(verb, "upgrade" | "install" | "template") {
            return;
        }
        let Some(chart) = input("chartPath").and_then(|chart| self.argument(chart)) else {
            return;
        };
        let release = input("releaseName")
            .and_then(|name| self.argument(name))
            .unwrap_or_else(|| Argument {
                text: Text::unknown("releaseName"),
                span: node.span,
            });
        let mut arguments = vec![Self::word(verb, node), release, chart];
        let mut give = |option: &str, value: Option<Argument>| {
            if let Some(value) = value {
                arguments.push(Self::word(option, node));
                arguments.push(value);
            }
        };
        give("-f", input("valueFile").and_then(|one| self.argument(one)));
        give("-n", input("namespace").and_then(|one| self.argument(one)));
        if let Some(values) = input("overrideValues") {
            let text = values.text().unwrap_or("").replace('"', "");
            for value in text.lines().map(str::trim).filter(|one| !one.is_empty()) {
                give(
                    "--set",
                    Some(Argument {
                        text: self.text(value),
                        span: values.span,
                    }),
                );
            }
        }
        self.push("helm", node, arguments);
    }

    fn kubernetes<'n>(&mut self, node: &Node, input: &dyn Fn(&str) -> Option<&'n Node>) {
        let mut arguments = vec![Self::word("apply", node)];
        let manifests = input("manifests").or_else(|| input("configuration"));
        let Some(manifests) = manifests else { return };
        for file in manifests.text().unwrap_or("").split(['\n', ',']) {
            let file = file.trim();
            if file.is_empty() || file.contains('*') {
                continue;
            }
            arguments.push(Self::word("-f", node));
            arguments.push(Argument {
                text: self.text(file),
                span: manifests.span,
            });
        }
        self.push("kubectl", node, arguments);
        // The task puts the images in that it is given.
        if let Some(images) = input("containers") {
            let image = self.argument(images);
            let mut words = vec![Self::word("set", node), Self::word("image", node)];
            words.extend(image.map(|image| Argument {
                text: Text::unknown(image.text.shown()),
                span: image.span,
            }));
            self.push("kubectl", node, words);
        }
    }
}

/// Moves the places of commands that were read from a changed text.
pub(super) fn moved(commands: &mut [shell::Command], to: &dyn Fn(usize) -> usize) {
    let span = |span: &mut Span| *span = Span::new(to(span.start), to(span.end));
    for command in commands {
        span(&mut command.span);
        for word in command.words.iter_mut().chain(&mut command.outputs) {
            span(&mut word.span);
        }
        for (_, word) in &mut command.assignments {
            span(&mut word.span);
        }
    }
}
