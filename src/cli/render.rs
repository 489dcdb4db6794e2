//! `gen render`: spec to files.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Outcome;
use super::console::Console;
use super::fleet::{FleetArgs, each};
use super::service::{Files, Renderers, Service, SpecArgs, Stop, shared_output, worse};
use super::staged::{Scope, StagedArgs};
use crate::diagnostic::Diagnostic;
use crate::drift::Tree;
use crate::output::{self, Applied, Comparison, Merge, Policy};

mod tell;

use tell::{refusals, tell};

#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// The spec, or a folder with specs in it; several are rendered side by side; `-` is standard input.
    #[arg(value_name = "SPEC", required = true)]
    specs: Vec<PathBuf>,
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    staged: StagedArgs,
    /// Write nothing; fail where the tree is not what the spec says.
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change.
    #[arg(long)]
    diff: bool,
    /// Write nothing; list what would be written.
    #[arg(long)]
    dry_run: bool,
    /// What becomes of a file that was edited by hand and that the spec changes too.
    #[arg(long, value_enum, default_value_t = MergeArg::Markers)]
    merge: MergeArg,
    /// Overwrite what was edited by hand, and show what is lost.
    #[arg(long, conflicts_with_all = ["check", "diff", "dry_run"])]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MergeArg {
    /// Both changes are joined; lines that both changed get git's conflict markers.
    Markers,
    /// Both changes are joined; where both changed the same lines, nothing is written.
    Clean,
    /// Nothing is written where any file was edited.
    Off,
}

impl RenderArgs {
    fn writes(&self) -> bool {
        !(self.check || self.diff || self.dry_run)
    }

    fn policy(&self) -> Policy<'_> {
        Policy {
            force: self.force,
            merge: match self.merge {
                MergeArg::Markers => Merge::Markers,
                MergeArg::Clean => Merge::Clean,
                MergeArg::Off => Merge::Off,
            },
            targets: &self.spec.targets,
        }
    }
}

pub(super) fn run(args: &RenderArgs, console: &mut Console) -> Outcome {
    if args.staged.staged && args.writes() {
        return console.fail("`--staged` goes with `--check`, `--diff` or `--dry-run`");
    }
    let scope = || Scope::new(&args.specs, &args.fleet, &args.staged);
    let done = args.fleet.run(|| work(&scope()?, args)).flatten();
    let done = match done {
        Ok(done) => done,
        Err(message) => return console.fail(&message),
    };
    let mut diagnostics = Vec::new();
    let mut outcome = Outcome::Clean;
    for result in done {
        match result {
            Ok(ready) => {
                outcome = worse(outcome, tell(&ready, args, console, &mut diagnostics));
            }
            Err(Stop::Found(found)) => diagnostics.extend(found),
            Err(Stop::Failed(message)) => outcome = console.fail(&message),
        }
    }
    worse(outcome, console.diagnostics(&diagnostics))
}

/// Reads every spec before it renders the first, so that two that share a tree are refused in time.
fn work(scope: &Scope, args: &RenderArgs) -> Result<Vec<Result<Ready, Stop>>, String> {
    let fleet = &scope.fleet;
    if args.spec.out.is_some() && fleet.specs.len() > 1 {
        return Err("`--out` goes with one spec; several name their own `out:`".to_owned());
    }
    let renderers = Renderers::default();
    let services = each(fleet.specs.iter().collect(), |spec| {
        let service = Service::read(spec, &scope.files, &args.spec, &renderers);
        service.map(|service| scope.concerns(spec, &service).then_some(service))
    });
    let services: Vec<Result<Service, Stop>> =
        services.into_iter().filter_map(Result::transpose).collect();
    let folders = services.iter().flatten();
    if let Some(message) = shared_output(folders.map(|service| service.folder.as_path())) {
        return Err(message);
    }
    Ok(each(services, |service| {
        service.and_then(|service| finish(service, &scope.files, args))
    }))
}

/// What became of one spec's tree.
struct Ready {
    tree: Tree,
    /// What was written, unless only compared.
    applied: Option<Box<Applied>>,
    diagnostics: Vec<Diagnostic>,
}

fn finish(mut service: Service, files: &Files, args: &RenderArgs) -> Result<Ready, Stop> {
    let plan = service.plan(&args.spec)?;
    let (meta, policy) = (service.meta.clone(), args.policy());
    let folder = service.folder.display().to_string();
    let tree = |comparison: &Comparison| {
        Tree::new(
            &service.source,
            &folder,
            &meta,
            comparison,
            policy,
            args.diff,
        )
    };
    let done = if args.writes() {
        output::apply(&service.root, &plan, &meta, policy).map(|mut applied| {
            let tree = tree(&applied.comparison);
            // The texts of a thousand trees would fill the memory.
            applied.comparison.changes = Vec::new();
            (tree, Some(Box::new(applied)))
        })
    } else {
        let comparison = service.compare(&plan, files, policy.targets)?;
        Ok((tree(&comparison), None))
    };
    match done {
        Ok((tree, applied)) => Ok(Ready {
            tree,
            applied,
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
