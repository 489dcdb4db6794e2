//! Workflow commands: each diagnostic beside its line in a pull request.

use std::fmt::Write as _;

use super::text::clipped;
use super::{Options, path, said};
use crate::diagnostic::{Diagnostic, Label, Level};

pub(super) fn write(diagnostics: &[Diagnostic], options: &Options<'_>) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(match diagnostic.level {
            Level::Error => "::error ",
            Level::Warning => "::warning ",
            Level::Note => "::notice ",
        });
        if let Some(label) = &diagnostic.primary {
            place(&mut out, label, options.base);
        }
        writeln!(
            out,
            "title={}::{}",
            property(diagnostic.id),
            data(&message(diagnostic, options.base))
        )
        .expect("internal error: writing to memory");
    }
    out
}

fn place(out: &mut String, label: &Label, base: &str) {
    let start = label.source.position(label.span.start);
    let end = label.source.position(label.span.end);
    let path = clipped(&path::from_root(base, label.source.path()));
    write!(
        out,
        "file={},line={},endLine={},",
        property(&path),
        start.line,
        end.line
    )
    .expect("internal error: writing to memory");
    // GitHub takes columns only within one line, and counts the last one in.
    if start.line == end.line {
        let last = end.column.saturating_sub(1).max(start.column);
        write!(out, "col={},endColumn={last},", start.column)
            .expect("internal error: writing to memory");
    }
}

/// Everything there is to say, as lines.
fn message(diagnostic: &Diagnostic, base: &str) -> String {
    let mut lines = vec![clipped(&diagnostic.message)];
    if let Some(label) = diagnostic.primary.as_ref().filter(|l| !l.text.is_empty()) {
        lines.push(clipped(&label.text));
    }
    for label in &diagnostic.related {
        let path = path::from_root(base, label.source.path());
        let line = label.source.position(label.span.start).line;
        lines.push(clipped(&said(format!("{path}:{line}"), &label.text)));
    }
    lines.extend(
        diagnostic
            .help
            .iter()
            .map(|help| clipped(&format!("help: {help}"))),
    );
    lines.join("\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
