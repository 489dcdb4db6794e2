//! `gen lint`: reads the artifacts of a repository together and tells where they disagree.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use rayon::prelude::*;

use super::Outcome;
use super::console::Console;
use crate::diagnostic::{Diagnostic, Level, Reporter};
use crate::facts;
use crate::rules::{self, Rule, allow, baseline, config};
use crate::source::Source;

mod walk;

#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// Folders to read, each with all below it.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Run only these rules, or groups of rules.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,
    /// Leave these rules, or groups of rules, out.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Tell what could not be told from the files, and so was not checked.
    #[arg(long)]
    show_unresolved: bool,
    /// The lowest level that makes the exit code 1.
    #[arg(long, value_enum, default_value_t = Threshold::Warning, value_name = "LEVEL")]
    fail_on: Threshold,
    /// Print what is reported now as a baseline: keep it in a file that `.gen.yaml` names, and only what is
    /// new is reported.
    #[arg(long)]
    print_baseline: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Threshold {
    Note,
    Warning,
    Error,
    Never,
}

impl Threshold {
    fn is_reached(self, level: Level) -> bool {
        match self {
            Self::Note => true,
            Self::Warning => level >= Level::Warning,
            Self::Error => level >= Level::Error,
            Self::Never => false,
        }
    }
}

pub(super) fn run(args: &LintArgs, console: &mut Console) -> Outcome {
    if let Err(message) = known(args.select.iter().chain(&args.ignore)) {
        return console.fail(&message);
    }
    let mut all = Vec::new();
    for path in &args.paths {
        match lint(path, args) {
            Ok(diagnostics) => all.extend(diagnostics),
            Err(message) => return console.fail(&message),
        }
    }
    let all = rules::sorted(all);
    if args.print_baseline {
        let known: Vec<Diagnostic> = all
            .into_iter()
            .filter(|diagnostic| diagnostic.id != rules::UNRESOLVED)
            .collect();
        return console.result(&baseline::write("", &known));
    }
    let (unresolved, mut told): (Vec<Diagnostic>, Vec<Diagnostic>) = all
        .into_iter()
        .partition(|diagnostic| diagnostic.id == rules::UNRESOLVED);
    if args.show_unresolved {
        told.extend(unresolved);
        told = rules::sorted(told);
    } else if !unresolved.is_empty() {
        let count = unresolved.len();
        let things = if count == 1 { "thing" } else { "things" };
        console.say(&format!(
            "Not checked: {count} {things} that the files do not tell; --show-unresolved lists them."
        ));
    }
    let outcome = console.findings(&told);
    if outcome != Outcome::Clean {
        return outcome;
    }
    if told
        .iter()
        .any(|diagnostic| args.fail_on.is_reached(diagnostic.level))
    {
        Outcome::Found
    } else {
        Outcome::Clean
    }
}

/// Refuses names that are neither rules nor groups.
fn known<'a>(names: impl Iterator<Item = &'a String>) -> Result<(), String> {
    for name in names {
        let group = rules::RULES.iter().any(|rule| rule.group.name() == name);
        if !group && rules::find(name).is_none() {
            let near = rules::suggestion(name, rules::RULES.iter().map(|rule| rule.name));
            let help = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(format!("there is no rule or group `{name}`{help}"));
        }
    }
    Ok(())
}

fn wanted(args: &LintArgs, rule: &Rule) -> bool {
    let names = |list: &[String]| {
        list.iter()
            .any(|name| name == rule.name || name == rule.group.name())
    };
    (args.select.is_empty() || names(&args.select)) && !names(&args.ignore)
}

/// Lints everything below a folder.
fn lint(path: &Path, args: &LintArgs) -> Result<Vec<Diagnostic>, String> {
    let shown = path.display();
    let meta =
        std::fs::metadata(path).map_err(|error| format!("cannot read `{shown}`: {error}"))?;
    if !meta.is_dir() {
        return Err(format!(
            "`{shown}` is no folder; `gen lint` reads the artifacts of a folder together"
        ));
    }
    let mut report = Reporter::new();
    let config_path = path.join(config::NAME);
    let config = match std::fs::read_to_string(&config_path) {
        Ok(text) => {
            let source = Source::new(config_path.display().to_string(), text);
            config::Config::read(&source, &mut report)
        }
        Err(_) => config::Config::default(),
    };
    let known = match &config.baseline {
        Some(file) => {
            let file = path.join(file);
            std::fs::read_to_string(&file).map_err(|error| {
                format!("cannot read the baseline `{}`: {error}", file.display())
            })?
        }
        None => String::new(),
    };
    let folder = walk::Folder::read(path, &config)?;
    let root = folder.shown().to_owned();
    let project = |project: &str| {
        let facts = facts::gather(folder.tree(project));
        let wanted = |rule: &Rule| wanted(args, rule);
        let told = rules::run(&facts, wanted);
        allow::apply(&facts, told, |name| rules::find(name).is_some_and(wanted))
    };
    let diagnostics: Vec<Diagnostic> = folder
        .projects()
        .into_par_iter()
        .flat_map_iter(project)
        .collect();
    let diagnostics = config.apply(&root, diagnostics);
    let mut diagnostics = baseline::apply(&root, &known, diagnostics);
    diagnostics.extend(report.into_diagnostics());
    Ok(diagnostics)
}
