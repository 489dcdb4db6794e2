//! What was found, told in the form that was asked for.

use super::{DriftArgs, Found};
use crate::cli::Outcome;
use crate::cli::console::{Console, printable};
use crate::cli::service::worse;
use crate::cli::workspace;
use crate::cluster::{self, Report, State};
use crate::report::{self, Format, Options};

pub(super) fn tell(mut found: Found, args: &DriftArgs, console: &mut Console) -> Outcome {
    let drifted: usize = found.reports.iter().map(Report::drifted).sum();
    let mut outcome = if drifted > 0 {
        Outcome::Found
    } else {
        Outcome::Clean
    };
    let version = env!("CARGO_PKG_VERSION");
    let text = match console.format() {
        Format::Text => {
            let texts = found
                .reports
                .iter()
                .map(|report| cluster::text(report, args.cluster.all));
            printable(&texts.collect::<String>())
        }
        Format::Json => cluster::json(&found.reports, &found.diagnostics, version),
        Format::Markdown => cluster::markdown(&found.reports, &found.diagnostics),
        format => {
            let mut all = std::mem::take(&mut found.diagnostics);
            all.extend(found.reports.iter().flat_map(Report::diagnostics));
            let base = workspace::base();
            report::write(
                format,
                &all,
                &Options {
                    base: &base,
                    version,
                    ..Options::default()
                },
            )
        }
    };
    outcome = worse(outcome, console.deliver(&text, args.output.as_deref()));
    if !console.is_machine() && !found.diagnostics.is_empty() {
        outcome = worse(outcome, console.diagnostics(&found.diagnostics));
    }
    for report in &found.reports {
        if !report.unlisted.is_empty() {
            console.say(&printable(&format!(
                "note: in `{}`, these could not be listed: {}",
                report.namespaces.join("`, `"),
                report.unlisted.join(", ")
            )));
        }
        for object in &report.objects {
            if let State::Unknown(why) = &object.state {
                let title = object.wanted.title();
                outcome = worse(
                    outcome,
                    console.fail(&format!("`{title}` cannot be looked at: {why}")),
                );
            }
        }
    }
    if outcome != Outcome::Failed {
        console.say(&summary(&found.reports, drifted));
    }
    outcome
}

fn summary(reports: &[Report], drifted: usize) -> String {
    let objects: usize = reports.iter().map(|report| report.objects.len()).sum();
    match (objects, drifted) {
        (0, _) => "No object had to be compared.".to_owned(),
        (_, 0) => format!("What runs is what the artifacts say ({objects} objects)."),
        (_, 1) => "One object is not what the artifacts say.".to_owned(),
        _ => format!("{drifted} objects are not what the artifacts say."),
    }
}
