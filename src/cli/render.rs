//! `gen render`: spec to files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use clap::Args;
use rayon::prelude::*;

use super::console::{Console, printable};
use super::{Outcome, workspace};
use crate::diagnostic::{Diagnostic, Level, Reporter};
use crate::output::{self, Applied, Change, Comparison, Digest, Meta, Policy, Root, State};
use crate::plan::{Plan, TARGETS, Target};
use crate::source::{Source, Span};
use crate::spec::{self, Model};
use crate::target::Renderer;

#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// The spec; several are rendered side by side; `-` is standard input.
    #[arg(value_name = "SPEC", required = true)]
    specs: Vec<PathBuf>,
    /// Folder of the rendered tree, in place of the spec's own.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Render only these kinds of output.
    #[arg(long = "target", value_name = "TARGET", value_delimiter = ',', value_parser = target)]
    targets: Vec<Target>,
    /// Render only what belongs to this environment, and leave the files of others alone.
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    environment: Option<String>,
    /// Put a value over the spec, as `app.port=8080`.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    settings: Vec<String>,
    /// Write nothing; fail where the tree is not what the spec says.
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change.
    #[arg(long)]
    diff: bool,
    /// Write nothing; list what would be written.
    #[arg(long)]
    dry_run: bool,
    /// Overwrite what was edited by hand, and show what is lost.
    #[arg(long, conflicts_with_all = ["check", "diff", "dry_run"])]
    force: bool,
}

fn target(name: &str) -> Result<Target, String> {
    Target::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

pub(super) fn run(args: &RenderArgs, console: &mut Console) -> Outcome {
    if args.out.is_some() && args.specs.len() > 1 {
        return console.fail("`--out` goes with one spec; several name their own `out:`");
    }
    let renderers = Renderers::default();
    let prepared: Vec<Result<Ready, Stop>> = each(args.specs.iter().collect(), |spec| {
        prepare(spec, args, &renderers)
    });
    if let Some(message) = shared_output(&prepared) {
        return console.fail(&message);
    }
    let done: Vec<Result<(Ready, Done), Stop>> = each(prepared, |ready| {
        ready.and_then(|ready| finish(ready, args))
    });
    let mut diagnostics = Vec::new();
    let mut outcome = Outcome::Clean;
    for result in done {
        match result {
            Ok((ready, done)) => {
                outcome = worse(outcome, tell(&ready, &done, args, console));
                diagnostics.extend(ready.diagnostics);
            }
            Err(Stop::Found(found)) => diagnostics.extend(found),
            Err(Stop::Failed(message)) => outcome = console.fail(&message),
        }
    }
    worse(outcome, console.diagnostics(&diagnostics))
}

/// Does the same to every item, side by side. Starting threads costs more than one item does.
fn each<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    if items.len() == 1 {
        return items.into_iter().map(work).collect();
    }
    items.into_par_iter().map(work).collect()
}

fn worse(a: Outcome, b: Outcome) -> Outcome {
    match (a, b) {
        (Outcome::Failed, _) | (_, Outcome::Failed) => Outcome::Failed,
        (Outcome::Found, _) | (_, Outcome::Found) => Outcome::Found,
        _ => Outcome::Clean,
    }
}

/// One spec, rendered in memory.
struct Ready {
    folder: PathBuf,
    root: Root,
    plan: Plan,
    meta: Meta,
    diagnostics: Vec<Diagnostic>,
}

/// What became of it on disk.
enum Done {
    Compared(Comparison),
    Applied(Box<Applied>),
}

/// Why a spec was not rendered.
enum Stop {
    /// Something is wrong with it or with the tree, and here is what.
    Found(Vec<Diagnostic>),
    /// It could not be tried.
    Failed(String),
}

/// Blueprints by what specs call them and from where, each loaded once.
#[derive(Default)]
struct Renderers(Mutex<HashMap<(String, PathBuf), Arc<Renderer>>>);

impl Renderers {
    fn load(
        &self,
        name: &str,
        repository: &Path,
        report: &mut Reporter,
    ) -> Result<Option<Arc<Renderer>>, Stop> {
        let key = (
            name.to_owned(),
            if name.contains('/') {
                repository.to_owned()
            } else {
                PathBuf::new()
            },
        );
        let mut known = self.0.lock().expect("internal error: a render panicked");
        if let Some(renderer) = known.get(&key) {
            return Ok(Some(Arc::clone(renderer)));
        }
        let (library, folder) = workspace::blueprint(name, repository).map_err(Stop::Failed)?;
        let Some(renderer) = Renderer::new(library, &folder, report) else {
            return Ok(None);
        };
        let renderer = Arc::new(renderer);
        known.insert(key, Arc::clone(&renderer));
        Ok(Some(renderer))
    }
}

fn prepare(path: &Path, args: &RenderArgs, renderers: &Renderers) -> Result<Ready, Stop> {
    let source = workspace::read_spec(path).map_err(Stop::Failed)?;
    let repository = workspace::repository(path);
    let mut report = Reporter::new();
    let model = spec::load(&source, &args.settings, &mut report);
    let Some(model) = model else {
        return Err(Stop::Found(report.into_diagnostics()));
    };
    let (folder, root) = output_folder(&model, args, &repository)?;
    let in_place = workspace::same_folder(&folder, &repository)
        || workspace::same_folder(&folder, &workspace::folder_of(path));
    let environment = environment(&model, args)?;
    let renderer = renderers.load(&model.blueprint, &repository, &mut report)?;
    let plan = renderer
        .as_ref()
        .and_then(|renderer| renderer.render(&model, in_place, &mut report));
    let (Some(renderer), Some(mut plan)) = (renderer, plan) else {
        return Err(Stop::Found(report.into_diagnostics()));
    };
    if let Some(environment) = environment {
        plan.select_environment(environment.to_owned());
    }
    let digest = Digest::of(model.context().to_string().as_bytes());
    let meta = Meta {
        generator: env!("CARGO_PKG_VERSION").to_owned(),
        blueprint: renderer.blueprint().name.clone(),
        blueprint_digest: Digest::parse(&renderer.blueprint().digest)
            .expect("internal error: a blueprint's digest is a SHA-256"),
        spec_digest: digest,
    };
    Ok(Ready {
        folder,
        root,
        plan,
        meta,
        diagnostics: report.into_diagnostics(),
    })
}

fn environment<'a>(model: &Model, args: &'a RenderArgs) -> Result<Option<&'a str>, Stop> {
    let Some(wanted) = args.environment.as_deref() else {
        return Ok(None);
    };
    let names: Vec<&str> = model
        .environments
        .iter()
        .map(|environment| environment.name.as_str())
        .collect();
    if names.contains(&wanted) {
        return Ok(Some(wanted));
    }
    Err(Stop::Failed(format!(
        "the spec has no environment `{wanted}`; it has {}",
        names.join(", ")
    )))
}

fn output_folder(
    model: &Model,
    args: &RenderArgs,
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
fn shared_output(prepared: &[Result<Ready, Stop>]) -> Option<String> {
    let mut folders: Vec<PathBuf> = prepared
        .iter()
        .flatten()
        .map(|ready| std::path::absolute(&ready.folder).unwrap_or_else(|_| ready.folder.clone()))
        .collect();
    folders.sort();
    let twice = folders.windows(2).find(|pair| pair[0] == pair[1])?;
    Some(format!(
        "two specs render into `{}`; give each its own `out:`",
        twice[0].display()
    ))
}

fn finish(ready: Ready, args: &RenderArgs) -> Result<(Ready, Done), Stop> {
    let failed = |error: &output::Error, ready: &Ready| {
        Stop::Failed(format!(
            "{}: {error}\n  help: {}",
            ready.folder.display(),
            error.help()
        ))
    };
    if args.check || args.diff || args.dry_run {
        let compared = output::compare(&ready.root, &ready.plan, &ready.meta, &args.targets)
            .map_err(|error| failed(&error, &ready))?;
        return Ok((ready, Done::Compared(compared)));
    }
    let policy = Policy {
        force: args.force,
        targets: &args.targets,
        ..Policy::default()
    };
    match output::apply(&ready.root, &ready.plan, &ready.meta, policy) {
        Ok(applied) => Ok((ready, Done::Applied(Box::new(applied)))),
        Err(output::Error::Refused(changes)) => {
            let mut found = ready.diagnostics;
            found.extend(refusals(&ready.folder, &changes));
            Err(Stop::Found(found))
        }
        Err(error) => Err(failed(&error, &ready)),
    }
}

/// One diagnostic for each file in the way, at its first line that would change.
fn refusals(folder: &Path, changes: &[Change]) -> Vec<Diagnostic> {
    let mut report = Reporter::new();
    for change in changes {
        let (id, what) = match change.state {
            State::Edited => ("edited-file", "was edited by hand since it was rendered"),
            State::Conflict => (
                "conflicting-file",
                "was edited by hand, and the spec changes it too",
            ),
            State::Unknown => ("unknown-file", "is there already, and gen did not write it"),
            _ => ("blocked-file", "cannot be written"),
        };
        let path = workspace::join(folder, change.path.as_str());
        let d = report.error(id, format!("`{}` {what}", path.display()));
        match (&change.obstacle, &change.disk) {
            (Some(obstacle), _) => {
                d.help(format!(
                    "{obstacle}; remove what is in the way, or choose another `--out`"
                ));
            }
            (None, Some(disk)) => {
                let text = String::from_utf8_lossy(&disk.bytes).into_owned();
                let span = first_difference(
                    &text,
                    change.plan.as_ref().map_or(&[][..], |plan| &plan.bytes),
                );
                let source = Source::new(path.display().to_string(), text);
                d.at(
                    &source,
                    span,
                    format!("writing it would change {}", change.size()),
                );
                d.help("`--diff` shows what would be lost, `--force` overwrites it; express the edit in the spec to keep it");
            }
            (None, None) => {}
        }
    }
    report.into_diagnostics()
}

/// The first line of `text` that is not in `other` at the same place.
fn first_difference(text: &str, other: &[u8]) -> Span {
    let common = text.bytes().zip(other).take_while(|(a, b)| a == *b).count();
    let start = text.as_bytes()[..common]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let end = text.as_bytes()[start..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(text.len(), |at| start + at);
    Span::new(start, end)
}

fn tell(ready: &Ready, done: &Done, args: &RenderArgs, console: &mut Console) -> Outcome {
    let folder = ready.folder.display();
    match done {
        Done::Applied(applied) => {
            tell_applied(ready, applied, console);
            Outcome::Clean
        }
        Done::Compared(compared) => {
            let changed: Vec<&Change> = compared
                .changes
                .iter()
                .filter(|change| change.state != State::Clean)
                .collect();
            let mut text = String::new();
            for change in &changed {
                if args.diff {
                    text.push_str(&printable(&change.diff()));
                } else {
                    text.push_str(&format!("{change}\n"));
                }
            }
            let shown = if console.is_machine() {
                Outcome::Clean
            } else {
                console.result(&text)
            };
            if compared.is_clean() {
                console.say(&format!(
                    "`{folder}` is what the spec says ({} files).",
                    ready.plan.artifacts().len()
                ));
            } else if changed.is_empty() {
                console.say(&format!(
                    "`{folder}`: the files are what the spec says; only `gen.lock` would be written."
                ));
            } else {
                console.say(&format!(
                    "`{folder}`: {} of {} files are not what the spec says.",
                    changed.len(),
                    compared.changes.len()
                ));
            }
            let verdict = if args.check && !compared.is_clean() {
                Outcome::Found
            } else {
                Outcome::Clean
            };
            worse(shown, verdict)
        }
    }
}

fn tell_applied(ready: &Ready, applied: &Applied, console: &mut Console) {
    let folder = ready.folder.display();
    if applied.repaired.is_some() {
        console.say(&format!(
            "Repaired `{folder}`, which an interrupted run had left half written."
        ));
    }
    for change in &applied.lost {
        console.say(&format!(
            "Overwrote what was written by hand:\n{}",
            printable(&change.diff())
        ));
    }
    for path in &applied.written {
        console.detail(&format!("  wrote {path}"));
    }
    for path in &applied.removed {
        console.detail(&format!("  removed {path}"));
    }
    if applied.wrote() {
        let removed = match applied.removed.len() {
            0 => String::new(),
            count => format!(", removed {count}"),
        };
        console.say(&format!(
            "Wrote {} of {} files to `{folder}`{removed}.",
            applied.written.len(),
            ready.plan.artifacts().len()
        ));
    } else {
        console.say(&format!(
            "`{folder}` is what the spec says ({} files).",
            ready.plan.artifacts().len()
        ));
    }
    debug_assert!(ready.diagnostics.iter().all(|d| d.level != Level::Error));
}
