//! Live drift as a comment on a pull request.

use std::fmt::Write as _;

use super::{Object, Report, State, shown};
use crate::diagnostic::Diagnostic;
use crate::report::{self, code, prose};

/// Most bytes of a comment; GitHub refuses more than 65,536 characters.
const BYTES: usize = 60_000;
/// Most rows of one cluster.
const ROWS: usize = 100;
const MEMORY: &str = "internal error: writing to memory";

/// A heading, and for each cluster a table of what is not what the artifacts say.
pub fn markdown(reports: &[Report], diagnostics: &[Diagnostic]) -> String {
    let drifted: Vec<&Report> = reports
        .iter()
        .filter(|report| report.drifted() > 0)
        .collect();
    let heading = match (reports.len(), drifted.len()) {
        (_, 0) => "what runs is what the artifacts say".to_owned(),
        (1, _) => "what runs is not what the artifacts say".to_owned(),
        (all, some) => format!("{some} of {all} releases are not what the artifacts say"),
    };
    let mut out = format!("### gen drift, live: {heading}\n");
    for (at, report) in drifted.iter().enumerate() {
        let section = table(report);
        if out.len() + section.len() > BYTES {
            writeln!(
                out,
                "\n… and {} more that are not shown.",
                drifted.len() - at
            )
            .expect(MEMORY);
            break;
        }
        out.push_str(&section);
    }
    if !diagnostics.is_empty() {
        let errors = report::write(
            report::Format::Markdown,
            diagnostics,
            &report::Options::default(),
        );
        if out.len() + errors.len() <= BYTES + 5_000 {
            out.push('\n');
            out.push_str(&errors);
        }
    }
    out
}

fn table(report: &Report) -> String {
    let environment = report.environment.as_ref().map(|name| format!(", {name}"));
    let mut out = format!(
        "\n#### {} in {}{}\n\n{}.\n\n| Object | Field | Live | Wanted | Why |\n|---|---|---|---|---|\n",
        code(report.source.path()),
        code(&report.cluster),
        prose(&environment.unwrap_or_default()),
        prose(&report.sentence()),
    );
    let rows = report
        .objects
        .iter()
        .filter(|object| object.is_drifted())
        .flat_map(rows);
    let extras = report.extras.iter().map(|extra| {
        let title = code(&format!("{}/{}", extra.kind, extra.name));
        format!(
            "| {title} | | | | in no artifact ({}) |\n",
            prose(&extra.manager)
        )
    });
    let rows: Vec<String> = rows.chain(extras).collect();
    rows.iter().take(ROWS).for_each(|row| out.push_str(row));
    if rows.len() > ROWS {
        writeln!(out, "\n… and {} more rows.", rows.len() - ROWS).expect(MEMORY);
    }
    out
}

fn rows(object: &Object) -> Vec<String> {
    let title = code(&object.wanted.title());
    let whole = |why: &str| vec![format!("| {title} | | | | {} |\n", prose(why))];
    match &object.state {
        State::Absent => whole("it is not there"),
        State::Refused(answer) => whole(&format!("the cluster refuses it: {answer}")),
        _ => {
            let value = |value: &Option<_>| {
                value
                    .as_ref()
                    .map(|value| code(&shown(value)))
                    .unwrap_or_default()
            };
            let changes = object.changes.iter().filter(|change| change.drift);
            let row = changes.map(|change| {
                let why = prose(&change.why());
                let (live, wanted) = (value(&change.live), value(&change.wanted));
                format!(
                    "| {title} | {} | {live} | {wanted} | {why} |\n",
                    code(&change.path)
                )
            });
            row.collect()
        }
    }
}
