//! Arguments, then one call: every command of `gen` and what they share.
//!
//! Decides nothing about specs, files or rules. Exit codes are a closed set: 0 clean, 1 diagnostics at
//! error level or a tree that is not what it should be, 2 cannot run.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

mod blueprint;
mod chart;
mod console;
mod diff;
mod drift;
mod explain;
mod fleet;
mod git;
mod init;
mod lint;
mod render;
mod service;
mod staged;
mod workspace;

use console::Console;

use crate::report::{FORMATS, Format};

/// Renders the whole delivery stack of a small web service from one spec.
#[derive(Debug, Parser)]
#[command(
    name = "gen",
    version,
    about,
    max_term_width = 100,
    disable_help_subcommand = true
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
struct Global {
    /// Run as if started in this folder.
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
    /// How diagnostics are written.
    #[arg(long, default_value = "text", value_parser = format, global = true)]
    format: Format,
    /// When to use colours.
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    color: Color,
    /// Say nothing but diagnostics and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more, as which files are unchanged.
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write everything that the spec describes
    Render(render::RenderArgs),
    /// Tell whether the files on disk are still what the specs say
    Drift(drift::DriftArgs),
    /// Compare the stacks of two environments, git revisions or specs, object by object
    Diff(diff::DiffArgs),
    /// Start a repository: a commented spec, and an application where there is none
    Init(init::InitArgs),
    /// Print the JSON Schema of a spec
    Schema,
    /// Show the blueprints that are built in
    Blueprint(blueprint::BlueprintArgs),
    /// Tell where the artifacts of a repository disagree
    Lint(lint::LintArgs),
    /// Explain a rule of `gen lint`
    Explain(explain::ExplainArgs),
    /// Evaluate a Helm chart and print its objects
    Chart(Box<chart::ChartArgs>),
    /// Print shell completions
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Nothing to complain about.
    Clean,
    /// Something to complain about, and it was told.
    Found,
    /// Could not run, and why was told.
    Failed,
}

/// Runs `gen` with these arguments and says how the process is to exit.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is no reason to complain about the complaint.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let mut console = Console::new(
        cli.global.format,
        colored(cli.global.color),
        cli.global.quiet,
        cli.global.verbose,
    );
    let outcome = dispatch(cli, &mut console);
    ExitCode::from(match outcome {
        Outcome::Clean => 0,
        Outcome::Found => 1,
        Outcome::Failed => 2,
    })
}

fn dispatch(cli: Cli, console: &mut Console) -> Outcome {
    if let Some(directory) = &cli.global.directory
        && let Err(error) = std::env::set_current_dir(directory)
    {
        return console.fail(&format!("cannot enter `{}`: {error}", directory.display()));
    }
    match cli.command {
        Command::Render(args) => render::run(&args, console),
        Command::Drift(args) => drift::run(&args, console),
        Command::Diff(args) => diff::run(&args, console),
        Command::Init(args) => init::run(&args, console),
        Command::Schema => console.result(&crate::spec::schema_text()),
        Command::Blueprint(args) => blueprint::run(&args, console),
        Command::Lint(args) => lint::run(&args, console),
        Command::Explain(args) => explain::run(&args, console),
        Command::Chart(args) => chart::run(&args, console),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(
                shell,
                &mut <Cli as clap::CommandFactory>::command(),
                "gen",
                &mut text,
            );
            console.result(&String::from_utf8_lossy(&text))
        }
    }
}

fn format(name: &str) -> Result<Format, String> {
    Format::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

fn colored(choice: Color) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR") => false,
        Color::Auto if set("FORCE_COLOR") => true,
        Color::Auto => std::io::stderr().is_terminal(),
    }
}
