//! `gen init`: a commented spec, and the blueprint's application where there is none.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::Outcome;
use super::console::Console;
use crate::blueprint::Library;
use crate::diagnostic::Reporter;
use crate::output::{self, Root};
use crate::plan::{Plan, RelPath, Target};
use crate::schema::format::NAME;
use crate::schema::text::Document;
use crate::source::Source;
use crate::source::yaml::Node;
use crate::spec::{self, init as written};
use crate::target::{Renderer, SCHEMA_NAME};

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Folder of the repository.
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// The blueprint; `gen blueprint list` shows those that are built in.
    #[arg(long, value_name = "BLUEPRINT")]
    blueprint: String,
    /// Give a value, as `github.repository=owner/name`; what is not given is asked for on a terminal.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    settings: Vec<String>,
}

pub(super) fn run(args: &InitArgs, console: &mut Console) -> Outcome {
    let spec_path = args.folder.join("spec.yaml");
    if spec_path.symlink_metadata().is_ok() {
        return console.fail(&format!(
            "`{}` is there already; edit it, or remove it to start anew",
            spec_path.display()
        ));
    }
    let library = Library::embedded();
    let mut report = Reporter::new();
    let Some(renderer) = Renderer::new(library.clone(), &args.blueprint, &mut report) else {
        return console.diagnostics(report.diagnostics());
    };
    let Some((mut document, mut example)) = example(&library, &args.blueprint, &mut report) else {
        return console.diagnostics(report.diagnostics());
    };
    let mut settings = vec!["out=.".to_owned()];
    settings.extend(folder_name(&args.folder).map(|name| format!("name={name}")));
    settings.extend(args.settings.iter().cloned());
    for setting in &settings {
        document.set(&mut example, setting, &mut report);
    }
    ask(&mut document, &mut example, args, &mut report);
    if report.has_errors() {
        return console.diagnostics(report.diagnostics());
    }
    let schema_line = format!("# yaml-language-server: $schema={SCHEMA_NAME}");
    let text = written::commented(&example, &renderer.blueprint().groups, &schema_line);
    let source = Source::new(spec_path.display().to_string(), text.clone());
    let Some(model) = spec::load(&source, &[], &mut report) else {
        return console.diagnostics(report.diagnostics());
    };
    let Some(plan) = renderer.render(&model, false, &mut report) else {
        return console.diagnostics(report.diagnostics());
    };
    match write(args, &text, &plan, &model.stack.app.source) {
        Ok(files) => {
            for file in &files {
                console.detail(&format!("  wrote {file}"));
            }
            console.say(&format!(
                "Wrote {} files to `{}`.",
                files.len(),
                args.folder.display()
            ));
            console.say("Next: read spec.yaml, then `gen render spec.yaml`.");
            Outcome::Clean
        }
        Err(message) => console.fail(&message),
    }
}

/// The blueprint's own spec, whose values a new one starts from.
fn example(library: &Library, blueprint: &str, report: &mut Reporter) -> Option<(Document, Node)> {
    let path = format!("{blueprint}/spec.yaml");
    let text = String::from_utf8_lossy(library.read(&path).unwrap_or_default()).into_owned();
    let document = Document::new(Source::new(path, text));
    let node = document.read(report)?;
    Some((document, node))
}

/// The folder's name, where it can be a service's.
fn folder_name(folder: &Path) -> Option<String> {
    let absolute = std::path::absolute(folder).ok()?;
    let name = absolute
        .file_name()?
        .to_str()?
        .to_ascii_lowercase()
        .replace(['_', '.', ' '], "-");
    NAME.accepts(&name).then_some(name)
}

/// Asks for the required values that no `--set` gave; only where a person sits at a terminal.
fn ask(document: &mut Document, example: &mut Node, args: &InitArgs, report: &mut Reporter) {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return;
    }
    for (place, field) in written::questions(example) {
        let path = place.to_string();
        if args
            .settings
            .iter()
            .any(|setting| setting.starts_with(&format!("{path}=")))
        {
            continue;
        }
        let default = written::text_at(example, &place).unwrap_or("").to_owned();
        let mut terminal = std::io::stderr().lock();
        let _ = writeln!(terminal, "{}", field.doc);
        let _ = write!(terminal, "{path} [{default}]: ");
        let _ = terminal.flush();
        let mut answer = String::new();
        match std::io::stdin().read_line(&mut answer) {
            Ok(0) | Err(_) => return,
            Ok(_) if answer.trim().is_empty() => {}
            Ok(_) => document.set(example, &format!("{path}={}", answer.trim()), report),
        }
    }
}

/// Writes the spec, its schema and the application; nothing that is there already is touched.
fn write(args: &InitArgs, text: &str, plan: &Plan, app: &str) -> Result<Vec<String>, String> {
    let mut files = vec![
        (own("spec.yaml"), text.as_bytes().to_vec()),
        (own(SCHEMA_NAME), spec::schema_text().into_bytes()),
    ];
    if args.folder.join(app).symlink_metadata().is_err() {
        let app = plan
            .artifacts()
            .iter()
            .filter(|(_, artifact)| artifact.target == Target::App);
        files.extend(app.map(|(path, artifact)| (path.clone(), artifact.bytes.to_vec())));
    }
    output::create(&Root::at(&args.folder), &files)
        .map_err(|error| format!("{error}\n  help: {}", error.help()))?;
    Ok(files
        .into_iter()
        .map(|(path, _)| path.to_string())
        .collect())
}

fn own(name: &str) -> RelPath {
    RelPath::new(name).expect("internal error: gen's own names are portable")
}
