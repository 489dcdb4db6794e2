//! `gen blueprint`: which blueprints there are and what they render.

use clap::{Args, Subcommand};

use super::Outcome;
use super::console::Console;
use crate::blueprint::{Blueprint, Library};
use crate::diagnostic::Reporter;

#[derive(Debug, Args)]
pub(super) struct BlueprintArgs {
    #[command(subcommand)]
    command: BlueprintCommand,
}

#[derive(Debug, Subcommand)]
enum BlueprintCommand {
    /// List the blueprints with one sentence each
    List,
    /// Show what a blueprint needs and which files it renders
    Show {
        /// Name of the blueprint.
        name: String,
    },
}

pub(super) fn run(args: &BlueprintArgs, console: &mut Console) -> Outcome {
    let library = Library::embedded();
    let mut report = Reporter::new();
    let text = match &args.command {
        BlueprintCommand::List => list(&library, &mut report),
        BlueprintCommand::Show { name } => show(&library, name, &mut report),
    };
    match text {
        Some(text) => console.result(&text),
        None => console.diagnostics(report.diagnostics()),
    }
}

fn list(library: &Library, report: &mut Reporter) -> Option<String> {
    let mut text = String::new();
    for name in library.blueprints() {
        let blueprint = Blueprint::load(library, name, report)?;
        text.push_str(&format!("{name:<16} {}\n", blueprint.summary));
    }
    Some(text)
}

fn show(library: &Library, name: &str, report: &mut Reporter) -> Option<String> {
    let blueprint = Blueprint::load(library, name, report)?;
    let mut text = format!(
        "{}: {}\n\ngroups  {}\nparts   {}\ndigest  {}\n\nfiles\n",
        blueprint.name,
        blueprint.summary,
        blueprint.groups.join(", "),
        blueprint.parts.join(", "),
        blueprint.digest,
    );
    for file in &blueprint.files {
        let condition = file
            .when
            .as_ref()
            .map_or_else(String::new, |when| format!("  when {when}"));
        text.push_str(&format!(
            "  {:<10} {}{condition}\n",
            file.target.name(),
            file.to
        ));
    }
    Some(text)
}
