//! `gen render`: spec to files.

use std::path::{Path, PathBuf};

use clap::Args;

use super::console::{Console, printable};
use super::fleet::{Fleet, FleetArgs, each};
use super::service::{Renderers, Service, SpecArgs, Stop, shared_output, worse};
use super::{Outcome, workspace};
use crate::diagnostic::{Diagnostic, Level, Reporter};
use crate::output::{self, Applied, Change, Comparison, Policy, State};
use crate::source::{Source, Span};

#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// The spec, or a folder with specs in it; several are rendered side by side; `-` is standard input.
    #[arg(value_name = "SPEC", required = true)]
    specs: Vec<PathBuf>,
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    fleet: FleetArgs,
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

pub(super) fn run(args: &RenderArgs, console: &mut Console) -> Outcome {
    let done = args
        .fleet
        .find(&args.specs)
        .and_then(|fleet| args.fleet.run(|| work(&fleet, args))?);
    let done = match done {
        Ok(done) => done,
        Err(message) => return console.fail(&message),
    };
    let mut diagnostics = Vec::new();
    let mut outcome = Outcome::Clean;
    for result in done {
        match result {
            Ok(ready) => {
                outcome = worse(outcome, tell(&ready, args, console));
                diagnostics.extend(ready.diagnostics);
            }
            Err(Stop::Found(found)) => diagnostics.extend(found),
            Err(Stop::Failed(message)) => outcome = console.fail(&message),
        }
    }
    worse(outcome, console.diagnostics(&diagnostics))
}

/// Reads every spec before it renders the first, so that two that share a tree are refused in time.
fn work(fleet: &Fleet, args: &RenderArgs) -> Result<Vec<Result<Ready, Stop>>, String> {
    if args.spec.out.is_some() && fleet.specs.len() > 1 {
        return Err("`--out` goes with one spec; several name their own `out:`".to_owned());
    }
    let renderers = Renderers::default();
    let services: Vec<Result<Service, Stop>> = each(fleet.specs.iter().collect(), |spec| {
        Service::read(spec, &args.spec, &renderers)
    });
    let folders = services.iter().flatten();
    if let Some(message) = shared_output(folders.map(|service| service.folder.as_path())) {
        return Err(message);
    }
    Ok(each(services, |service| {
        service.and_then(|service| finish(service, args))
    }))
}

/// What became of one spec's tree.
struct Ready {
    folder: PathBuf,
    files: usize,
    done: Done,
    diagnostics: Vec<Diagnostic>,
}

enum Done {
    Compared(Box<Comparison>),
    Applied(Box<Applied>),
}

fn finish(mut service: Service, args: &RenderArgs) -> Result<Ready, Stop> {
    let plan = service.plan(&args.spec)?;
    let (meta, targets) = (service.meta(), &args.spec.targets);
    let done = if args.check || args.diff || args.dry_run {
        output::compare(&service.root, &plan, &meta, targets)
            .map(|compared| Done::Compared(Box::new(compared)))
    } else {
        let policy = Policy {
            force: args.force,
            targets,
            ..Policy::default()
        };
        output::apply(&service.root, &plan, &meta, policy)
            .map(|applied| Done::Applied(Box::new(applied)))
    };
    match done {
        Ok(done) => Ok(Ready {
            folder: service.folder,
            files: plan.artifacts().len(),
            done,
            diagnostics: service.diagnostics,
        }),
        Err(output::Error::Refused(changes)) => {
            let mut found = service.diagnostics;
            found.extend(refusals(&service.folder, &changes));
            Err(Stop::Found(found))
        }
        Err(error) => Err(service.failed(&error)),
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

fn tell(ready: &Ready, args: &RenderArgs, console: &mut Console) -> Outcome {
    let folder = ready.folder.display();
    match &ready.done {
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
                    ready.files
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
            ready.files
        ));
    } else {
        console.say(&format!(
            "`{folder}` is what the spec says ({} files).",
            ready.files
        ));
    }
    debug_assert!(ready.diagnostics.iter().all(|d| d.level != Level::Error));
}
