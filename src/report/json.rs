//! For scripts. The fields are a contract: they are documented at [`super::write`] and only ever added to.

use std::fmt::Write as _;

use serde::Serialize;

use super::text::opens_command;
use super::{Count, Options};
use crate::diagnostic::{Diagnostic, Edit, Fix, Label};
use crate::encode::chars;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    tool: Tool<'a>,
    diagnostics: Vec<Told<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    notes: usize,
}

#[derive(Serialize)]
struct Told<'a> {
    id: &'static str,
    level: &'static str,
    message: &'a str,
    place: Option<Place<'a>>,
    related: Vec<Place<'a>>,
    help: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Change<'a>>,
}

/// Changes that a program can make, all of them or none.
#[derive(Serialize)]
struct Change<'a> {
    safe: bool,
    edits: Vec<Replaced<'a>>,
}

#[derive(Serialize)]
struct Replaced<'a> {
    path: &'a str,
    start: usize,
    end: usize,
    text: &'a str,
}

impl<'a> From<&'a Fix> for Change<'a> {
    fn from(fix: &'a Fix) -> Self {
        let replaced = |edit: &'a Edit| Replaced {
            path: edit.source.path(),
            start: edit.span.start,
            end: edit.span.end,
            text: &edit.text,
        };
        Self {
            safe: !fix.unsafe_to_apply,
            edits: fix.edits.iter().map(replaced).collect(),
        }
    }
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    start: usize,
    end: usize,
    label: &'a str,
}

impl<'a> From<&'a Label> for Place<'a> {
    fn from(label: &'a Label) -> Self {
        let start = label.source.position(label.span.start);
        let end = label.source.position(label.span.end);
        Self {
            path: label.source.path(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            start: label.span.start,
            end: label.span.end,
            label: &label.text,
        }
    }
}

/// Diagnostics as a list, for a document of which they are a part.
pub(crate) fn diagnostics(diagnostics: &[Diagnostic]) -> serde_json::Value {
    serde_json::to_value(told(diagnostics))
        .expect("internal error: a report has only texts as keys")
}

fn told(diagnostics: &[Diagnostic]) -> Vec<Told<'_>> {
    let told = diagnostics.iter().map(|diagnostic| Told {
        id: diagnostic.id,
        level: diagnostic.level.name(),
        message: &diagnostic.message,
        place: diagnostic.primary.as_ref().map(Place::from),
        related: diagnostic.related.iter().map(Place::from).collect(),
        help: &diagnostic.help,
        fix: diagnostic.fix.as_ref().map(Change::from),
    });
    told.collect()
}

pub(super) fn write(diagnostics: &[Diagnostic], options: &Options<'_>) -> String {
    let count = Count::of(diagnostics);
    text(&Report {
        version: 1,
        tool: Tool {
            name: "gen",
            version: options.version,
        },
        diagnostics: told(diagnostics),
        summary: Summary {
            errors: count.errors,
            warnings: count.warnings,
            notes: count.notes,
        },
    })
}

/// Serializes `value` so that it can be printed into the log of a runner: what cannot be seen is escaped,
/// and so is the bracket of `##[`.
pub(crate) fn text(value: &impl Serialize) -> String {
    let json = serde_json::to_string_pretty(value)
        .expect("internal error: a report has only texts as keys");
    let mut out = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        if (chars::is_printable(c) || c == '\n') && !(c == '[' && opens_command(&out)) {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(out, "\\u{unit:04x}").expect("internal error: writing to memory");
            }
        }
    }
    out.push('\n');
    out
}
