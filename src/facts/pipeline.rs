//! What pipelines do: build images, push them, deploy.

use super::command::{Argument, Command, Place};
use super::text::{ImageName, Text};
use super::workflow::{Setting, Step, Workflow};
use super::{At, Facts, tree};

/// One build of an image.
#[derive(Debug, Clone)]
pub struct Build {
    /// The names that it is given.
    pub names: Vec<(ImageName, At)>,
    /// The folder that it is built with, below the root, where it is known.
    pub context: Option<String>,
    /// Where that stands.
    pub context_at: Option<At>,
    /// The Dockerfile, below the root, where it is known; it may not exist.
    pub dockerfile: Option<String>,
    /// Where that stands, if it is said.
    pub dockerfile_at: Option<At>,
    /// Whether it is pushed by the same step.
    pub push: bool,
    /// The step or command.
    pub at: At,
    /// Who builds.
    pub place: Option<Place>,
}

/// One push of an image.
#[derive(Debug, Clone)]
pub struct Push {
    /// The name.
    pub name: ImageName,
    /// Where it stands.
    pub at: At,
    /// Who pushes.
    pub place: Place,
}

/// Every build that the facts so far hold.
pub fn builds(facts: &Facts) -> Vec<Build> {
    let mut builds = Vec::new();
    for (number, workflow) in facts.workflows.iter().enumerate() {
        for (job_number, job) in workflow.jobs.iter().enumerate() {
            for (step_number, step) in job.steps.iter().enumerate() {
                let place = Place::Step(number, job_number, step_number);
                builds.extend(action(
                    facts,
                    workflow,
                    job_number,
                    step_number,
                    step,
                    place,
                ));
            }
        }
    }
    for command in &facts.commands {
        builds.extend(built(facts, command));
    }
    tagged(facts, &mut builds);
    for service in &facts.compose {
        let Some((context, at)) = &service.context else {
            continue;
        };
        let dockerfile = match &service.dockerfile {
            Some((path, _)) => Some(path.clone()),
            None => tree::join(context, "Dockerfile"),
        };
        builds.push(Build {
            names: service.image.iter().cloned().collect(),
            context: Some(context.clone()),
            context_at: Some(at.clone()),
            dockerfile,
            dockerfile_at: service.dockerfile.as_ref().map(|(_, at)| at.clone()),
            push: false,
            at: service.at.clone(),
            place: None,
        });
    }
    builds
}

/// A step with an action that builds.
fn action(
    facts: &Facts,
    workflow: &Workflow,
    job: usize,
    number: usize,
    step: &Step,
    place: Place,
) -> Option<Build> {
    let resolve = |setting: &Setting| workflow.resolve(job, Some(number), &setting.value);
    let known = |name: &str| {
        step.input(name)
            .map(|setting| (resolve(setting), setting.at.clone()))
    };
    let (tags_key, context_key, file_key) = match step.action() {
        "docker/build-push-action" => ("tags", "context", "file"),
        "mr-smithers-excellent/docker-build-push" => ("tags", "directory", "dockerfile"),
        "redhat-actions/buildah-build" => ("tags", "context", "containerfiles"),
        _ => return None,
    };
    let mut names = Vec::new();
    if step.action() == "docker/build-push-action" {
        if let Some((tags, at)) = known(tags_key) {
            names = tag_list(workflow, job, &tags, &at);
        }
    } else if let Some((image, at)) = known("image") {
        let registry = known("registry").map(|(registry, _)| registry);
        let mut full = Text::default();
        if let Some(registry) = registry {
            full.append(&registry);
            full.push("/");
        }
        full.append(&image);
        names.push((ImageName::parse(&full), at));
    }
    // Without a context the action builds what GitHub has, from the root of the repository.
    let context = known(context_key);
    let folder = match &context {
        None => Some(String::new()),
        Some((text, _)) => match text.known() {
            Some(text) if text.contains("://") => None,
            Some(text) => tree::join("", text),
            None if text.shown() == "${{ github.workspace }}" => Some(String::new()),
            None => None,
        },
    };
    let file = known(file_key);
    let dockerfile = match &file {
        Some((text, _)) => text
            .known()
            .and_then(|text| tree::join("", text.trim_start_matches("./"))),
        None => folder
            .as_ref()
            .and_then(|folder| default_file(facts, folder)),
    };
    let push = step
        .input("push")
        .is_some_and(|push| !push.value.is("false"))
        || step
            .input("outputs")
            .is_some_and(|outputs| outputs.value.shown().contains("push=true"));
    Some(Build {
        names,
        context: folder,
        context_at: context.map(|(_, at)| at),
        dockerfile,
        dockerfile_at: file.map(|(_, at)| at),
        push: push || step.action() == "mr-smithers-excellent/docker-build-push",
        at: step.at.clone(),
        place: Some(place),
    })
}

/// The names in a list of tags, those of `docker/metadata-action` spelled out.
fn tag_list(workflow: &Workflow, job: usize, tags: &Text, at: &At) -> Vec<(ImageName, At)> {
    let mut names = Vec::new();
    for tag in tags.split(|c| matches!(c, '\n' | ',' | ' ' | '\t' | '\r')) {
        let shown = tag.shown();
        let step = shown
            .strip_prefix("${{ steps.")
            .and_then(|rest| rest.strip_suffix(".outputs.tags }}"));
        let Some(id) = step else {
            names.push((ImageName::parse(&tag), at.clone()));
            continue;
        };
        let Some((number, step)) = workflow.jobs[job]
            .steps
            .iter()
            .enumerate()
            .find(|(_, step)| step.id.as_deref() == Some(id))
        else {
            continue;
        };
        if step.action() != "docker/metadata-action" {
            continue;
        }
        if let Some(images) = step.input("images") {
            let resolved = workflow.resolve(job, Some(number), &images.value);
            for image in resolved.split(|c| matches!(c, '\n' | ',' | '\r')) {
                let trimmed = match image.known() {
                    Some(image) => {
                        let image = image.trim();
                        if image.is_empty() {
                            continue;
                        }
                        Text::from(image.strip_prefix("name=").unwrap_or(image))
                    }
                    None => image,
                };
                let mut name = ImageName::parse(&trimmed);
                name.tag = Some(Text::unknown(format!("steps.{id}.outputs.version")));
                names.push((name, images.at.clone()));
            }
        }
    }
    names
}

fn default_file(facts: &Facts, folder: &str) -> Option<String> {
    let own = tree::join(folder, "Dockerfile")?;
    let other = tree::join(folder, "Containerfile")?;
    if !facts.tree.is_file(&own) && facts.tree.is_file(&other) {
        return Some(other);
    }
    Some(own)
}

const BUILD_VALUED: [&str; 26] = [
    "-t",
    "--tag",
    "-f",
    "--file",
    "--build-arg",
    "--target",
    "--platform",
    "--label",
    "--cache-from",
    "--cache-to",
    "--network",
    "--progress",
    "--secret",
    "--ssh",
    "--output",
    "-o",
    "--iidfile",
    "--metadata-file",
    "--add-host",
    "-m",
    "--memory",
    "--builder",
    "--provenance",
    "--shm-size",
    "--image",
    "--registry",
];

/// A command that builds.
fn built(facts: &Facts, command: &Command) -> Option<Build> {
    let docker = matches!(command.program.as_str(), "docker" | "podman" | "nerdctl");
    let skip = match (command.program.as_str(), docker) {
        (_, true) if command.is(&command.program, &["buildx", "build"]) => 2,
        (_, true) if command.is(&command.program, &["image", "build"]) => 2,
        (_, true) if command.is(&command.program, &["build"]) => 1,
        ("buildah", _) if command.is("buildah", &["bud"]) || command.is("buildah", &["build"]) => 1,
        ("az", _) if command.is("az", &["acr", "build"]) => 2,
        _ => return None,
    };
    let mut valued = BUILD_VALUED.to_vec();
    if command.program == "az" {
        valued.extend([
            "-r",
            "-n",
            "--name",
            "-g",
            "--resource-group",
            "--subscription",
        ]);
    }
    let positional = command.positional(&valued);
    let context = positional.get(skip).copied();
    let folders = |text: &Text| -> Option<String> {
        let text = text.known()?;
        if text.contains("://") || text == "-" {
            return None;
        }
        let mut fits = command
            .folders
            .iter()
            .filter_map(|folder| tree::join(folder, text));
        let first = fits.clone().next()?;
        Some(
            fits.find(|path| facts.tree.is_folder(path))
                .unwrap_or(first),
        )
    };
    let folder = context.and_then(|context| folders(&context.text));
    let file = command.option(&["-f", "--file"]);
    let dockerfile = match &file {
        Some(file) => file.text.known().and_then(|file| {
            let mut fits = command
                .folders
                .iter()
                .filter_map(|folder| tree::join(folder, file));
            let first = fits.clone().next()?;
            Some(fits.find(|path| facts.tree.is_file(path)).unwrap_or(first))
        }),
        None => folder
            .as_ref()
            .and_then(|folder| default_file(facts, folder)),
    };
    let registry = (command.program == "az")
        .then(|| command.option(&["-r", "--registry"]))
        .flatten();
    let names = command
        .options(&["-t", "--tag", "--image"])
        .into_iter()
        .map(|tag| {
            let mut text = Text::default();
            if let Some(registry) = &registry {
                text.append(&registry.text);
                if !registry.text.known().is_some_and(|name| name.contains('.')) {
                    text.push(".azurecr.io");
                }
                text.push("/");
            }
            text.append(&tag.text);
            (ImageName::parse(&text), command.argument_at(&tag))
        })
        .collect();
    Some(Build {
        names,
        context: folder,
        context_at: context.map(|context| command.argument_at(context)),
        dockerfile,
        dockerfile_at: file.map(|file| command.argument_at(&file)),
        push: command.has("--push") || command.program == "az",
        at: command.at(),
        place: Some(command.place.clone()),
    })
}

/// `docker tag a b` gives what was built as `a` the name `b`.
fn tagged(facts: &Facts, builds: &mut [Build]) {
    for command in &facts.commands {
        let skip = match command.program.as_str() {
            "docker" | "podman" | "nerdctl" if command.is(&command.program, &["tag"]) => 1,
            "docker" if command.is("docker", &["image", "tag"]) => 2,
            _ => continue,
        };
        let positional = command.positional(&[]);
        let (Some(old), Some(new)) = (positional.get(skip), positional.get(skip + 1)) else {
            continue;
        };
        let old = ImageName::parse(&old.text);
        for build in builds.iter_mut() {
            if build
                .names
                .iter()
                .any(|(name, _)| name.repository == old.repository)
            {
                build
                    .names
                    .push((ImageName::parse(&new.text), command.argument_at(new)));
            }
        }
    }
}

/// Every push, by a build that pushes or by a command.
pub fn pushes(facts: &Facts) -> Vec<Push> {
    let mut pushes = Vec::new();
    for build in facts.builds.iter().filter(|build| build.push) {
        if let Some(place) = &build.place {
            pushes.extend(build.names.iter().map(|(name, at)| Push {
                name: name.clone(),
                at: at.clone(),
                place: place.clone(),
            }));
        }
    }
    for command in &facts.commands {
        let skip = match command.program.as_str() {
            "docker" | "podman" | "nerdctl" | "buildah"
                if command.is(&command.program, &["push"]) =>
            {
                1
            }
            "docker" if command.is("docker", &["image", "push"]) => 2,
            _ => continue,
        };
        if let Some(name) = command.positional(&[]).get(skip) {
            pushes.push(Push {
                name: ImageName::parse(&name.text),
                at: command.argument_at(name),
                place: command.place.clone(),
            });
        }
    }
    pushes
}

/// One `helm upgrade`, `helm install` or `helm template`.
#[derive(Debug, Clone)]
pub struct Release<'a> {
    /// The command.
    pub command: &'a Command,
    /// The release.
    pub name: Option<Argument>,
    /// The chart as written.
    pub chart: Argument,
    /// The values files.
    pub files: Vec<Argument>,
    /// `--set` and its kin: option, and what it sets.
    pub sets: Vec<Argument>,
    /// The namespace.
    pub namespace: Option<Argument>,
}

const HELM_VALUED: [&str; 30] = [
    "-f",
    "--values",
    "--set",
    "--set-string",
    "--set-file",
    "--set-json",
    "--set-literal",
    "-n",
    "--namespace",
    "--version",
    "--timeout",
    "--kube-context",
    "--kubeconfig",
    "--repo",
    "--username",
    "--password",
    "--history-max",
    "--description",
    "--name",
    "--kube-version",
    "--api-versions",
    "-a",
    "--post-renderer",
    "--ca-file",
    "--cert-file",
    "--key-file",
    "--keyring",
    "--output",
    "-o",
    "--name-template",
];

/// Every release of a chart by helm.
pub fn releases(facts: &Facts) -> Vec<Release<'_>> {
    let mut releases = Vec::new();
    for command in facts
        .commands
        .iter()
        .filter(|command| command.program == "helm")
    {
        let positional = command.positional(&HELM_VALUED);
        let verb = positional
            .first()
            .and_then(|verb| verb.text.known())
            .unwrap_or("");
        if !matches!(verb, "upgrade" | "install" | "template" | "lint") {
            continue;
        }
        let (name, chart) = match (verb, positional.get(1), positional.get(2)) {
            ("lint", Some(chart), _) => (None, *chart),
            (_, Some(name), Some(chart)) => (Some((*name).clone()), *chart),
            ("template" | "install", Some(chart), None) => (command.option(&["--name"]), *chart),
            _ => continue,
        };
        releases.push(Release {
            command,
            name,
            chart: chart.clone(),
            files: split(command.options(&["-f", "--values"])),
            sets: split_sets(command.options(&[
                "--set",
                "--set-string",
                "--set-json",
                "--set-file",
            ])),
            namespace: command.option(&["-n", "--namespace"]),
        });
    }
    releases
}

fn split(arguments: Vec<Argument>) -> Vec<Argument> {
    arguments
        .into_iter()
        .flat_map(|argument| {
            let span = argument.span;
            argument
                .text
                .split(|c| c == ',')
                .into_iter()
                .map(move |text| Argument { text, span })
        })
        .collect()
}

/// `a=1,b=2` as two; `{x,y}` and `\,` stay together.
fn split_sets(arguments: Vec<Argument>) -> Vec<Argument> {
    arguments
        .into_iter()
        .flat_map(|argument| {
            let whole = argument
                .text
                .known()
                .is_some_and(|text| text.contains(['{', '\\', '[']) || text.starts_with('{'));
            if whole {
                vec![argument]
            } else {
                split(vec![argument])
            }
        })
        .collect()
}
