//! From a spec's path to its plan and its tree: what `render`, `drift` and `diff` begin with.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::git::{Snapshot, SnapshotDisk};
use super::{Outcome, workspace};
use crate::blueprint::Library;
use crate::blueprint::manifest::MANIFEST;
use crate::diagnostic::{Diagnostic, Reporter};
use crate::output::{self, Comparison, Digest, Meta, Root};
use crate::plan::{Pattern, Plan, TARGETS, Target};
use crate::source::{Source, Span};
use crate::spec::{self, Model};
use crate::target::Renderer;

/// How specs are read and rendered, on any command line.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct SpecArgs {
    /// Folder of the rendered tree, in place of the spec's own.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Only these kinds of output.
    #[arg(long = "target", value_name = "TARGET", value_delimiter = ',', value_parser = target)]
    pub(super) targets: Vec<Target>,
    /// Only what belongs to this environment; the files of others are left alone.
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub(super) environment: Option<String>,
    /// Put a value over the spec, as `app.port=8080`.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(super) settings: Vec<String>,
}

fn target(name: &str) -> Result<Target, String> {
    Target::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

/// Why a spec was not rendered.
pub(super) enum Stop {
    /// Something is wrong with it or with the tree, and here is what.
    Found(Vec<Diagnostic>),
    /// It could not be tried.
    Failed(String),
}

/// The worse of two ends.
pub(super) fn worse(a: Outcome, b: Outcome) -> Outcome {
    match (a, b) {
        (Outcome::Failed, _) | (_, Outcome::Failed) => Outcome::Failed,
        (Outcome::Found, _) | (_, Outcome::Found) => Outcome::Found,
        _ => Outcome::Clean,
    }
}

/// Blueprints by what specs call them and from where, each loaded once.
#[derive(Default)]
pub(super) struct Renderers(Mutex<HashMap<(String, PathBuf), Arc<Renderer>>>);

impl Renderers {
    fn load(
        &self,
        name: &str,
        repository: &Path,
        files: &Files,
        report: &mut Reporter,
    ) -> Result<Option<Arc<Renderer>>, Stop> {
        // The same folder may be another blueprint in another commit.
        let key = match name.contains('/') {
            true => (name.to_owned(), repository.join(files.label())),
            false => (name.to_owned(), PathBuf::new()),
        };
        let mut known = self.0.lock().expect("internal error: a render panicked");
        if let Some(renderer) = known.get(&key) {
            return Ok(Some(Arc::clone(renderer)));
        }
        let (library, folder) = match files {
            Files::Git { snapshot, .. } if name.contains('/') => snapshot_blueprint(name, snapshot),
            _ => workspace::blueprint(name, repository),
        }
        .map_err(Stop::Failed)?;
        let Some(renderer) = Renderer::new(library, &folder, report) else {
            return Ok(None);
        };
        let renderer = Arc::new(renderer);
        known.insert(key, Arc::clone(&renderer));
        Ok(Some(renderer))
    }
}

/// Where specs, blueprints and trees are read.
#[derive(Debug, Clone)]
pub(super) enum Files {
    /// In the folders of the system.
    Disk,
    /// In git.
    Git {
        /// The files.
        snapshot: Arc<Snapshot>,
        /// What stands before a path when it is shown; empty for what is staged.
        label: String,
    },
}

impl Files {
    fn label(&self) -> &str {
        match self {
            Self::Disk => "",
            Self::Git { label, .. } => label,
        }
    }
}

fn snapshot_blueprint(name: &str, snapshot: &Snapshot) -> Result<(Library, String), String> {
    let mut library = Library::embedded();
    let below: Vec<(String, String)> = snapshot
        .below(name)
        .map(|(path, below)| (path.to_owned(), below.to_owned()))
        .collect();
    for (path, below) in below {
        let bytes = snapshot
            .read(&path)
            .map_err(|error| format!("cannot read `{path}`: {error}"))?;
        library.insert(format!("{name}/{below}"), bytes);
    }
    match library.read(&format!("{name}/{MANIFEST}")) {
        Some(_) => Ok((library, name.to_owned())),
        None => Err(format!("`{name}` has no `{MANIFEST}`")),
    }
}

/// One spec that was read, and where it renders to.
pub(super) struct Service {
    pub(super) source: Arc<Source>,
    pub(super) folder: PathBuf,
    pub(super) root: Root,
    pub(super) renderer: Arc<Renderer>,
    pub(super) in_place: bool,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) model: Model,
    /// What the plan is made from.
    pub(super) meta: Meta,
}

impl Service {
    /// Reads the spec at `path` and loads its blueprint; in git, the path is that in the repository.
    pub(super) fn read(
        path: &Path,
        files: &Files,
        args: &SpecArgs,
        renderers: &Renderers,
    ) -> Result<Self, Stop> {
        let (source, repository) = match files {
            Files::Disk => (workspace::read_spec(path), workspace::repository(path)),
            Files::Git { snapshot, label } => (
                staged_spec(path, snapshot, label),
                snapshot.repository.clone(),
            ),
        };
        let source = source.map_err(Stop::Failed)?;
        let mut report = Reporter::new();
        let Some(model) = spec::load(&source, &args.settings, &mut report) else {
            return Err(Stop::Found(report.into_diagnostics()));
        };
        let (folder, root) = output_folder(&model, args, &repository)?;
        let in_place = match files {
            Files::Disk => {
                workspace::same_folder(&folder, &repository)
                    || workspace::same_folder(&folder, &workspace::folder_of(path))
            }
            Files::Git { .. } => {
                let out = workspace::join(Path::new(""), &model.out);
                out == Path::new(".") || out == workspace::folder_of(path)
            }
        };
        has_environment(&model, args)?;
        let renderer = renderers.load(&model.blueprint, &repository, files, &mut report)?;
        let diagnostics = report.into_diagnostics();
        match renderer {
            Some(renderer) => Ok(Self {
                meta: meta(&model, &renderer),
                source,
                folder,
                root,
                renderer,
                in_place,
                diagnostics,
                model,
            }),
            None => Err(Stop::Found(diagnostics)),
        }
    }

    /// The tree compared with the plan.
    pub(super) fn compare(
        &self,
        plan: &Plan,
        files: &Files,
        targets: &[Target],
    ) -> Result<Comparison, Stop> {
        let compared = match files {
            Files::Disk => output::compare(&self.root, plan, &self.meta, targets),
            Files::Git { snapshot, .. } => {
                let out = if self.model.out == "." {
                    ""
                } else {
                    &self.model.out
                };
                let disk = SnapshotDisk::new(snapshot, out.trim_end_matches('/'));
                output::compare_on(&disk, plan, &self.meta, targets)
            }
        };
        compared.map_err(|error| self.failed(&error))
    }

    /// Everything that the spec says, as files.
    pub(super) fn plan(&mut self, args: &SpecArgs) -> Result<Plan, Stop> {
        let mut report = Reporter::new();
        let plan = self
            .renderer
            .render(&self.model, self.in_place, &mut report);
        if let Some(plan) = &plan {
            tell_empty(plan, &args.targets, &mut report);
        }
        self.diagnostics.extend(report.into_diagnostics());
        let Some(mut plan) = plan else {
            return Err(Stop::Found(std::mem::take(&mut self.diagnostics)));
        };
        if let Some(environment) = &args.environment {
            plan.select_environment(environment.clone());
        }
        self.leave_owned(&mut plan);
        Ok(plan)
    }

    /// Tells the plan which files are the user's own, and the user which pattern is of no use.
    fn leave_owned(&mut self, plan: &mut Plan) {
        let mut report = Reporter::new();
        for owned in &self.model.owned {
            let pattern = Pattern::new(owned);
            let mut paths = plan.artifacts().keys();
            if !paths.any(|path| pattern.matches(path.as_str())) {
                let start = self.source.text().find(owned.as_str()).unwrap_or(0);
                report
                    .note(
                        "unused-pattern",
                        format!("`owned` names `{owned}`, and no rendered file is called so"),
                    )
                    .at(&self.source, Span::new(start, start + owned.len()), "")
                    .help("remove it, or mend it: paths are relative to the rendered tree");
            }
            plan.leave([pattern]);
        }
        self.diagnostics.extend(report.into_diagnostics());
    }

    /// An error of the tree, as a sentence.
    pub(super) fn failed(&self, error: &output::Error) -> Stop {
        Stop::Failed(format!(
            "{}: {error}\n  help: {}",
            self.folder.display(),
            error.help()
        ))
    }
}

fn meta(model: &Model, renderer: &Renderer) -> Meta {
    let blueprint = renderer.blueprint();
    Meta {
        generator: env!("CARGO_PKG_VERSION").to_owned(),
        blueprint: blueprint.name.clone(),
        blueprint_digest: Digest::parse(&blueprint.digest)
            .expect("internal error: a blueprint's digest is a SHA-256"),
        spec_digest: Digest::of(model.text().as_bytes()),
    }
}

fn staged_spec(path: &Path, snapshot: &Snapshot, label: &str) -> Result<Arc<Source>, String> {
    let name = path.to_string_lossy().replace('\\', "/");
    let bytes = snapshot
        .read(&name)
        .map_err(|error| format!("cannot read `{label}{name}` from git: {error}"))?;
    let shown = match label {
        "" => workspace::join(&snapshot.repository, &name)
            .display()
            .to_string(),
        _ => format!("{label}{name}"),
    };
    workspace::spec_text(shown, bytes)
}

fn has_environment(model: &Model, args: &SpecArgs) -> Result<(), Stop> {
    let Some(wanted) = args.environment.as_deref() else {
        return Ok(());
    };
    let names: Vec<&str> = model
        .environments
        .iter()
        .map(|environment| environment.name.as_str())
        .collect();
    if names.contains(&wanted) {
        return Ok(());
    }
    Err(Stop::Failed(format!(
        "the spec has no environment `{wanted}`; it has {}",
        names.join(", ")
    )))
}

fn output_folder(
    model: &Model,
    args: &SpecArgs,
    repository: &Path,
) -> Result<(PathBuf, Root), Stop> {
    match &args.out {
        Some(out) => Ok((out.clone(), Root::at(out))),
        None => {
            let root = Root::beneath(repository, &model.out)
                .map_err(|error| Stop::Failed(error.to_string()))?;
            Ok((workspace::join(repository, &model.out), root))
        }
    }
}

/// Two specs that would write one tree would undo each other.
pub(super) fn shared_output<'f>(folders: impl Iterator<Item = &'f Path>) -> Option<String> {
    let mut folders: Vec<PathBuf> = folders
        .map(|folder| std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()))
        .collect();
    folders.sort();
    let twice = folders.windows(2).find(|pair| pair[0] == pair[1])?;
    Some(format!(
        "two specs render into `{}`; give each its own `out:`",
        twice[0].display()
    ))
}

/// Warns of targets that were asked for and have no file in the plan.
fn tell_empty(plan: &Plan, targets: &[Target], report: &mut Reporter) {
    for target in targets {
        if plan
            .artifacts()
            .values()
            .any(|artifact| artifact.target == *target)
        {
            continue;
        }
        let name = target.name();
        let diagnostic = report.warning("empty-target", format!("the spec asks for no `{name}`"));
        if *target == Target::Manifests {
            diagnostic.help(
                "set `kubernetes.manifests: true` in the spec, so that every run agrees on them",
            );
        }
    }
}
