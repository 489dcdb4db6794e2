//! `gen diff`: two rendered stacks, object by object.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::console::{Console, printable};
use super::git::Snapshot;
use super::service::{Files, Renderers, Service, SpecArgs, Stop, worse};
use super::{Outcome, workspace};
use crate::chart::Release;
use crate::diagnostic::{Diagnostic, Level, Reporter};
use crate::plan::Plan;
use crate::report::Format;
use crate::stack::{self, Environment, Stack};

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// The first stack: a spec, an environment of the spec, or a git revision.
    #[arg(value_name = "A")]
    from: String,
    /// The second one; the files as they are on disk unless said otherwise.
    #[arg(value_name = "B")]
    to: Option<String>,
    /// The spec that environments and revisions are about.
    #[arg(long, value_name = "SPEC", default_value = "spec.yaml")]
    spec: PathBuf,
    /// Put a value over both specs, as `app.port=8080`.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    settings: Vec<String>,
    /// Write the report into this file.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Exit with 1 where something differs.
    #[arg(long)]
    exit_code: bool,
}

pub(super) fn run(args: &DiffArgs, console: &mut Console) -> Outcome {
    let known = [Format::Text, Format::Json, Format::Markdown];
    if !known.contains(&console.format()) {
        return console.fail("`gen diff` writes text, json and markdown");
    }
    match compare(args) {
        Ok((labels, differences, notes)) => {
            let text = match console.format() {
                Format::Markdown => stack::markdown(&labels.0, &labels.1, &differences),
                Format::Json => {
                    let version = env!("CARGO_PKG_VERSION");
                    stack::json((&labels.0, &labels.1), &differences, &notes, version)
                }
                _ => printable(&stack::text(&differences)),
            };
            let mut outcome = console.deliver(&text, args.output.as_deref());
            if !console.is_machine() && notes.iter().any(|note| note.level > Level::Note) {
                outcome = worse(outcome, console.diagnostics(&notes));
            }
            console.say(&match differences.len() {
                0 => format!("`{}` and `{}` render the same.", labels.0, labels.1),
                1 => "1 object differs.".to_owned(),
                count => format!("{count} objects differ."),
            });
            match args.exit_code && !differences.is_empty() {
                true => worse(outcome, Outcome::Found),
                false => outcome,
            }
        }
        Err(Stop::Found(diagnostics)) => worse(Outcome::Found, console.diagnostics(&diagnostics)),
        Err(Stop::Failed(message)) => console.fail(&message),
    }
}

/// One side of the comparison.
enum Side {
    /// A spec somewhere, whole.
    Spec(PathBuf, Files),
    /// One environment of the spec on disk.
    Environment(String),
}

type Compared = ((String, String), Vec<stack::Difference>, Vec<Diagnostic>);

fn compare(args: &DiffArgs) -> Result<Compared, Stop> {
    let renderers = Renderers::default();
    let from = side(&args.from, args, &renderers)?;
    let to = match &args.to {
        Some(name) => side(name, args, &renderers)?,
        None => match &from {
            Side::Environment(_) => {
                let message = "an environment is compared with another one: name both";
                return Err(Stop::Failed(message.to_owned()));
            }
            Side::Spec(..) => Side::Spec(args.spec.clone(), Files::Disk),
        },
    };
    let mut notes = Vec::new();
    let (old, new) = match (&from, &to) {
        (Side::Environment(one), Side::Environment(other)) => {
            let mut rendered = Rendered::new(&args.spec, &Files::Disk, args, &renderers)?;
            let mut of = |name: &str| rendered.environment(name, &mut notes);
            (of(one)?, of(other)?)
        }
        (Side::Spec(one, one_files), Side::Spec(other, other_files)) => {
            let mut whole = |path: &Path, files: &Files| {
                Rendered::new(path, files, args, &renderers)?.whole(&mut notes)
            };
            (whole(one, one_files)?, whole(other, other_files)?)
        }
        _ => {
            let message = "an environment is compared with an environment, not with a whole stack";
            return Err(Stop::Failed(message.to_owned()));
        }
    };
    let to = args
        .to
        .clone()
        .unwrap_or_else(|| args.spec.display().to_string());
    let labels = (args.from.clone(), to);
    Ok((labels, stack::differences(&old, &new), notes))
}

/// What a word of the command line names: a file, an environment, or a revision; `env:` and `ref:` decide.
fn side(word: &str, args: &DiffArgs, renderers: &Renderers) -> Result<Side, Stop> {
    if let Some(name) = word.strip_prefix("env:") {
        return Ok(Side::Environment(name.to_owned()));
    }
    if let Some(revision) = word.strip_prefix("ref:") {
        return revision_side(revision, args)?.ok_or_else(|| unknown(word, &[]));
    }
    let path = Path::new(word);
    if path.is_file() {
        return Ok(Side::Spec(path.to_owned(), Files::Disk));
    }
    if path.is_dir() && path.join("spec.yaml").is_file() {
        return Ok(Side::Spec(path.join("spec.yaml"), Files::Disk));
    }
    let mut names = Vec::new();
    if args.spec.is_file() {
        let service = Service::read(&args.spec, &Files::Disk, &spec_args(args), renderers)?;
        names = service
            .model
            .environments
            .into_iter()
            .map(|each| each.name)
            .collect();
        if names.iter().any(|name| name == word) {
            return Ok(Side::Environment(word.to_owned()));
        }
    }
    revision_side(word, args)?.ok_or_else(|| unknown(word, &names))
}

fn unknown(word: &str, environments: &[String]) -> Stop {
    let known = match environments {
        [] => String::new(),
        names => format!("; the environments are {}", names.join(", ")),
    };
    Stop::Failed(format!(
        "`{word}` is no spec, no environment and no git revision{known}"
    ))
}

fn revision_side(revision: &str, args: &DiffArgs) -> Result<Option<Side>, Stop> {
    let repository = workspace::repository(&args.spec);
    if !repository.join(".git").exists() {
        return Ok(None);
    }
    let found: Option<Arc<Snapshot>> =
        Snapshot::commit(&repository, revision).map_err(Stop::Failed)?;
    let Some(snapshot) = found else {
        return Ok(None);
    };
    let path = workspace::below(&args.spec, &repository).map_err(Stop::Failed)?;
    let label = format!("{revision}:");
    Ok(Some(Side::Spec(path, Files::Git { snapshot, label })))
}

fn spec_args(args: &DiffArgs) -> SpecArgs {
    SpecArgs {
        settings: args.settings.clone(),
        ..SpecArgs::default()
    }
}

/// One spec and what it renders to.
struct Rendered {
    service: Service,
    plan: Plan,
}

impl Rendered {
    fn new(
        path: &Path,
        files: &Files,
        args: &DiffArgs,
        renderers: &Renderers,
    ) -> Result<Self, Stop> {
        let spec_args = spec_args(args);
        let mut service = Service::read(path, files, &spec_args, renderers)?;
        let plan = service.plan(&spec_args)?;
        Ok(Self { service, plan })
    }

    fn environments(&self) -> Vec<Environment<'_>> {
        let environments = self.service.model.environments.iter();
        environments
            .map(|each| {
                let kubernetes = each.stack.kubernetes.as_ref();
                Environment {
                    name: &each.name,
                    release: kubernetes.map_or_else(Release::default, |group| Release {
                        name: group.release.clone(),
                        namespace: group.namespace.clone(),
                        upgrade: false,
                    }),
                    kubernetes: kubernetes.map(|group| group.version.as_str()),
                }
            })
            .collect()
    }

    fn whole(&mut self, notes: &mut Vec<Diagnostic>) -> Result<Stack, Stop> {
        let mut report = Reporter::new();
        let stack = Stack::whole(&self.plan, &self.environments(), &mut report);
        self.told(stack, report, notes)
    }

    fn environment(&mut self, name: &str, notes: &mut Vec<Diagnostic>) -> Result<Stack, Stop> {
        let environments = self.environments();
        let Some(environment) = environments.iter().find(|each| each.name == name) else {
            let names: Vec<&str> = environments.iter().map(|each| each.name).collect();
            return Err(Stop::Failed(format!(
                "the spec has no environment `{name}`; it has {}",
                names.join(", ")
            )));
        };
        let mut report = Reporter::new();
        let stack = Stack::of(&self.plan, environment, &mut report);
        self.told(stack, report, notes)
    }

    fn told(
        &self,
        stack: Option<Stack>,
        report: Reporter,
        notes: &mut Vec<Diagnostic>,
    ) -> Result<Stack, Stop> {
        let diagnostics = report.into_diagnostics();
        match stack {
            Some(stack) => {
                notes.extend(diagnostics);
                Ok(stack)
            }
            None => Err(Stop::Found(diagnostics)),
        }
    }
}
