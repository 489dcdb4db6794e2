//! `gen lint`: reads the artifacts of a repository together and tells where they disagree.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use rayon::prelude::*;

use super::Outcome;
use super::console::Console;
use crate::diagnostic::{Diagnostic, Level, Reporter};
use crate::facts::{self, Both};
use crate::rules::{self, Rule, allow, baseline, config};
use crate::source::Source;

mod environment;
mod fix;
mod walk;

#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// Folders to read, each with all below it; `-` reads one file of the current folder from standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// The file that standard input stands for, below the current folder.
    #[arg(long, value_name = "PATH")]
    stdin_filename: Option<String>,
    /// Report only what touches files that differ from this revision.
    #[arg(
        long,
        value_name = "REF",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "HEAD"
    )]
    changed: Option<String>,
    /// Read the values, variables and overlays of this environment only.
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Fix what can be fixed without doubt; `--fix=unsafe` the rest too.
    #[arg(
        long,
        value_enum,
        value_name = "WHICH",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "safe"
    )]
    fix: Option<Which>,
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

/// Which fixes are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    Safe,
    Unsafe,
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
    let given = match given(args) {
        Ok(given) => given,
        Err(message) => return console.fail(&message),
    };
    let all = match told(args, given.as_ref(), console) {
        Ok(all) => all,
        Err(message) => return console.fail(&message),
    };
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

/// Most rounds of fixing: a fix may bring up what another one can mend.
const MAX_ROUNDS: usize = 8;

/// What is told of all folders, after what can be fixed has been.
fn told(
    args: &LintArgs,
    given: Option<&(String, String)>,
    console: &mut Console,
) -> Result<Vec<Diagnostic>, String> {
    let lint_all = || -> Result<Vec<Diagnostic>, String> {
        let mut all = Vec::new();
        if given.is_some() {
            all.extend(lint(Path::new("."), args, given)?);
        } else {
            for path in &args.paths {
                all.extend(lint(path, args, None)?);
            }
        }
        Ok(rules::sorted(all))
    };
    let mut all = lint_all()?;
    let Some(which) = args.fix else {
        return Ok(all);
    };
    let (mut count, mut files) = (0, Vec::new());
    for _ in 0..MAX_ROUNDS {
        let fixed = fix::apply(&all, which == Which::Unsafe)?;
        for path in fixed.managed {
            console.say(&format!(
                "Not fixed: `{path}` is rendered from a spec; change that, and `gen render`."
            ));
        }
        if fixed.count == 0 {
            break;
        }
        count += fixed.count;
        files.extend(fixed.files);
        all = lint_all()?;
    }
    files.sort();
    files.dedup();
    let things = if count == 1 { "thing" } else { "things" };
    let where_ = if files.len() == 1 { "file" } else { "files" };
    console.say(&format!(
        "Fixed {count} {things} in {} {where_}.",
        files.len()
    ));
    Ok(all)
}

/// The file that standard input stands for, and its text.
fn given(args: &LintArgs) -> Result<Option<(String, String)>, String> {
    let wanted = args.paths.iter().any(|path| path.as_os_str() == "-");
    let name = match (&args.stdin_filename, wanted) {
        (None, false) => return Ok(None),
        (Some(_), false) => return Err("`--stdin-filename` goes with the path `-`".to_owned()),
        (None, true) => return Err("say with `--stdin-filename` which file `-` is".to_owned()),
        (Some(name), true) => name,
    };
    if args.paths.len() > 1 {
        return Err("`-` stands alone".to_owned());
    }
    if args.fix.is_some() {
        return Err("what comes from standard input cannot be fixed in place".to_owned());
    }
    let path = facts::tree::join("", name)
        .filter(|path| !path.is_empty())
        .ok_or_else(|| format!("`{name}` is no path below the current folder"))?;
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(MAX_STDIN)
        .read_to_string(&mut text)
        .map_err(|error| format!("cannot read standard input: {error}"))?;
    Ok(Some((path, text)))
}

/// Most bytes that are read from standard input.
const MAX_STDIN: u64 = 4 << 20;

/// Whether an end of the diagnostic lies in one of these files, given below the folder.
fn touches(diagnostic: &Diagnostic, root: &str, paths: &[String]) -> bool {
    diagnostic
        .primary
        .iter()
        .chain(&diagnostic.related)
        .any(|label| {
            let shown = label.source.path();
            let below = shown.strip_prefix(root).unwrap_or(shown);
            paths.iter().any(|path| path == below)
        })
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

fn side_by_side(one: &mut (dyn FnMut() + Send), other: &mut (dyn FnMut() + Send)) {
    rayon::join(one, other);
}

/// Lints everything below a folder.
fn lint(
    path: &Path,
    args: &LintArgs,
    given: Option<&(String, String)>,
) -> Result<Vec<Diagnostic>, String> {
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
    let mut folder = walk::Folder::read(path, &config)?;
    if let Some(name) = &args.env {
        folder.only(name).map_err(|names| {
            let known = match names.is_empty() {
                true => "no file here is for an environment".to_owned(),
                false => format!("there are `{}`", names.join("`, `")),
            };
            format!("nothing here is for the environment `{name}`; {known}")
        })?;
    }
    if let Some((file, text)) = given {
        folder.give(file, text.clone());
    }
    let changed = match &args.changed {
        Some(revision) => Some(super::git::changed(path, revision)?),
        None => given.map(|(file, _)| vec![file.clone()]),
    };
    let root = folder.shown().to_owned();
    let projects = folder.projects();
    // Many projects keep every thread busy, each with one of them.
    let both: Both = match projects.len() {
        1 => side_by_side,
        _ => facts::in_turn,
    };
    let project = |project: &str| {
        let facts = facts::gather_by(folder.tree(project), both);
        let wanted = |rule: &Rule| wanted(args, rule);
        let told = rules::run_by(&facts, wanted, both);
        allow::apply(&facts, told, |name| rules::find(name).is_some_and(wanted))
    };
    let diagnostics: Vec<Diagnostic> = projects.into_par_iter().flat_map_iter(project).collect();
    let diagnostics = config.apply(&root, diagnostics);
    let mut diagnostics = baseline::apply(&root, &known, diagnostics);
    diagnostics.extend(report.into_diagnostics());
    if let Some(changed) = changed {
        diagnostics.retain(|diagnostic| touches(diagnostic, &root, &changed));
    }
    Ok(diagnostics)
}
