//! `gen drift`: does the disk still say what the specs say?

use std::path::{Path, PathBuf};

use clap::Args;

use super::console::{Console, printable};
use super::fleet::{Fleet, FleetArgs, each};
use super::service::{Renderers, Service, SpecArgs, Stop, shared_output, worse};
use super::staged::{Scope, StagedArgs};
use super::{Outcome, workspace};
use crate::diagnostic::{Diagnostic, Level, Reporter};
use crate::drift::{self, Expressions, Tree};
use crate::output::{self, Merge, Policy, State};
use crate::plan::{Plan, RelPath};
use crate::report::{self, Format, Options};
use crate::spec::{self, outline};

#[cfg(feature = "live")]
mod cluster;

#[derive(Debug, Args)]
pub(super) struct DriftArgs {
    /// The specs, or folders with specs in them; the current folder unless said otherwise.
    #[arg(value_name = "SPEC", default_value = ".")]
    specs: Vec<PathBuf>,
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    staged: StagedArgs,
    /// Show the changed lines.
    #[arg(long)]
    diff: bool,
    /// Do not look for fields of the spec that would say the same as an edit.
    #[arg(long)]
    no_expressions: bool,
    /// Write the report into this file.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[cfg(feature = "live")]
    #[command(flatten, next_help_heading = "Live drift")]
    cluster: cluster::ClusterArgs,
}

pub(super) fn run(args: &DriftArgs, console: &mut Console) -> Outcome {
    #[cfg(feature = "live")]
    if args.cluster.cluster {
        return cluster::run(args, console);
    }
    let scope = || Scope::new(&args.specs, &args.fleet, &args.staged);
    let found = args.fleet.run(|| work(&scope()?, args)).flatten();
    match found {
        Ok(found) => tell(found, args, console),
        Err(message) => console.fail(&message),
    }
}

/// Everything that was found, in the order of the specs' paths.
#[derive(Default)]
struct Found {
    trees: Vec<Tree>,
    diagnostics: Vec<Diagnostic>,
    failures: Vec<String>,
}

fn work(scope: &Scope, args: &DriftArgs) -> Result<Found, String> {
    let fleet = &scope.fleet;
    if args.spec.out.is_some() && fleet.specs.len() > 1 {
        return Err("`--out` goes with one spec; several name their own `out:`".to_owned());
    }
    let renderers = Renderers::default();
    let trees: Vec<Result<Option<Tree>, Stop>> = each(fleet.specs.iter().collect(), |path| {
        inspect(path, scope, args, &renderers)
    });
    let trees: Vec<Result<Tree, Stop>> = trees.into_iter().filter_map(Result::transpose).collect();
    let folders = trees.iter().flatten().map(|tree| Path::new(&tree.folder));
    if let Some(message) = shared_output(folders) {
        return Err(message);
    }
    let mut found = Found::default();
    for tree in trees {
        match tree {
            Ok(tree) => found.trees.push(tree),
            Err(Stop::Found(diagnostics)) => found.diagnostics.extend(diagnostics),
            Err(Stop::Failed(message)) => found.failures.push(message),
        }
    }
    // A spec that cannot be read may be the one that a tree belongs to.
    if fleet.searched
        && !args.staged.touched
        && found.diagnostics.is_empty()
        && found.failures.is_empty()
    {
        found.diagnostics.extend(unclaimed(fleet, &found.trees));
    }
    Ok(found)
}

fn inspect(
    path: &Path,
    scope: &Scope,
    args: &DriftArgs,
    renderers: &Renderers,
) -> Result<Option<Tree>, Stop> {
    let mut service = Service::read(path, &scope.files, &args.spec, renderers)?;
    if !scope.concerns(path, &service) {
        return Ok(None);
    }
    let plan = service.plan(&args.spec)?;
    let comparison = service.compare(&plan, &scope.files, &args.spec.targets)?;
    let policy = Policy {
        merge: Merge::Markers,
        targets: &args.spec.targets,
        ..Policy::default()
    };
    let folder = service.folder.display().to_string();
    let mut tree = Tree::new(
        &service.source,
        &folder,
        &service.meta,
        &comparison,
        policy,
        args.diff,
    );
    if !args.no_expressions {
        express(&mut tree, &comparison, &plan, &service, args);
    }
    Ok(Some(tree))
}

/// Looks for the fields that would say what was edited by hand.
fn express(
    tree: &mut Tree,
    comparison: &output::Comparison,
    plan: &Plan,
    service: &Service,
    args: &DriftArgs,
) {
    let edited: Vec<(RelPath, String)> = comparison
        .changes
        .iter()
        .filter(|change| matches!(change.state, State::Edited | State::Conflict))
        .filter(|change| !change.unresolved && change.plan.is_some())
        .filter_map(|change| Some((change.path.clone(), change.edited_text()?)))
        .collect();
    if edited.is_empty() {
        return;
    }
    let render = |more: &[String]| {
        let settings: Vec<String> = args.spec.settings.iter().chain(more).cloned().collect();
        let mut report = Reporter::new();
        let model = spec::load(&service.source, &settings, &mut report)?;
        let renderer = &service.renderer;
        renderer.render(&model, service.in_place, &mut report)
    };
    let fields = outline::outline(&service.source, &args.spec.settings);
    let paths = edited.iter().map(|(path, _)| path.clone()).collect();
    let mut expressions = Expressions::new(fields, plan, paths, &render);
    for (path, text) in &edited {
        let expression = expressions.of(path, text);
        let mut files = tree.drifted.iter_mut();
        if let Some(file) = files.find(|file| file.path == path.as_str()) {
            file.expression = expression;
        }
    }
}

/// Trees with a lock that no spec renders into any more.
fn unclaimed(fleet: &Fleet, trees: &[Tree]) -> Vec<Diagnostic> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let claimed: Vec<PathBuf> = trees
        .iter()
        .map(|tree| absolute(Path::new(&tree.folder)))
        .collect();
    let mut report = Reporter::new();
    for folder in &fleet.trees {
        if !claimed.contains(&absolute(folder)) {
            report
                .error(
                    "unclaimed-tree",
                    format!(
                        "no spec renders into `{}`, and it has a lock",
                        folder.display()
                    ),
                )
                .help("remove the tree, or its `gen.lock` to keep the files as your own");
        }
    }
    report.into_diagnostics()
}

fn tell(mut found: Found, args: &DriftArgs, console: &mut Console) -> Outcome {
    let drifted = found.trees.iter().filter(|tree| !tree.is_clean()).count();
    let mut outcome = if drifted > 0 {
        Outcome::Found
    } else {
        Outcome::Clean
    };
    if found.diagnostics.iter().any(|d| d.level == Level::Error) {
        outcome = Outcome::Found;
    }
    let version = env!("CARGO_PKG_VERSION");
    let text = match console.format() {
        Format::Text => {
            let texts = found.trees.iter().map(|tree| drift::text(tree, args.diff));
            printable(&texts.collect::<String>())
        }
        Format::Json => drift::json(&found.trees, &found.diagnostics, args.diff, version),
        Format::Markdown => drift::markdown(&found.trees, &found.diagnostics, args.diff),
        format => {
            let mut all = std::mem::take(&mut found.diagnostics);
            all.extend(found.trees.iter().flat_map(Tree::diagnostics));
            let base = workspace::base();
            let options = Options {
                base: &base,
                version,
                ..Options::default()
            };
            report::write(format, &all, &options)
        }
    };
    outcome = worse(outcome, console.deliver(&text, args.output.as_deref()));
    if !console.is_machine() && !found.diagnostics.is_empty() {
        outcome = worse(outcome, console.diagnostics(&found.diagnostics));
    }
    for message in &found.failures {
        outcome = worse(outcome, console.fail(message));
    }
    console.say(&summary(&found.trees, drifted));
    outcome
}

fn summary(trees: &[Tree], drifted: usize) -> String {
    let files: usize = trees.iter().map(|tree| tree.files).sum();
    match (trees, drifted) {
        ([], _) => "No tree had to be compared.".to_owned(),
        ([tree], 0) => format!("`{}` is what the spec says ({files} files).", tree.folder),
        ([tree], _) => format!("`{}` is not what the spec says.", tree.folder),
        (_, 0) => format!(
            "{} trees are what their specs say ({files} files).",
            trees.len()
        ),
        _ => format!(
            "{drifted} of {} trees are not what their specs say.",
            trees.len()
        ),
    }
}
