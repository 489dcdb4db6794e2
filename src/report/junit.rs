//! JUnit XML: each diagnostic a failed test case of the file it is about.

use std::fmt::Write as _;

use super::text::clipped;
use super::{Count, said};
use crate::diagnostic::{Diagnostic, Label, Level};

/// Writes one suite. Notes are passed test cases with an output; no diagnostics at all are one passed
/// test case, since an empty report reads as a run that never happened.
pub(super) fn write(diagnostics: &[Diagnostic]) -> String {
    let count = Count::of(diagnostics);
    let attributes = format!(
        "name=\"gen\" tests=\"{}\" failures=\"{}\" errors=\"0\"",
        diagnostics.len().max(1),
        count.errors + count.warnings
    );
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {attributes}>\n  <testsuite {attributes}>\n"
    );
    for diagnostic in diagnostics {
        case(&mut out, diagnostic);
    }
    if diagnostics.is_empty() {
        out.push_str("    <testcase classname=\"gen\" name=\"no diagnostics\"/>\n");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn case(out: &mut String, diagnostic: &Diagnostic) {
    let class = diagnostic
        .primary
        .as_ref()
        .map_or("gen", |label| label.source.path());
    let name = match &diagnostic.primary {
        Some(label) => {
            let start = label.source.position(label.span.start);
            format!("{} at {}:{}", diagnostic.id, start.line, start.column)
        }
        None => diagnostic.id.to_owned(),
    };
    let details = details(diagnostic);
    let inner = if diagnostic.level == Level::Note {
        format!("      <system-out>{details}</system-out>\n")
    } else {
        format!(
            "      <failure type=\"{}\" message=\"{}\">{details}</failure>\n",
            escaped(diagnostic.level.name()),
            escaped(&diagnostic.message)
        )
    };
    write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\">\n{inner}    </testcase>\n",
        escaped(class),
        escaped(&name)
    )
    .expect("internal error: writing to memory");
}

fn details(diagnostic: &Diagnostic) -> String {
    let mut lines = Vec::new();
    if let Some(label) = &diagnostic.primary {
        lines.push(at(label, &diagnostic.message));
        if !label.text.is_empty() {
            lines.push(escaped(&format!("= {}", label.text)));
        }
    } else {
        lines.push(escaped(&diagnostic.message));
    }
    lines.extend(
        diagnostic
            .related
            .iter()
            .map(|label| at(label, &label.text)),
    );
    lines.extend(
        diagnostic
            .help
            .iter()
            .map(|help| escaped(&format!("help: {help}"))),
    );
    lines.join("\n")
}

fn at(label: &Label, text: &str) -> String {
    let start = label.source.position(label.span.start);
    let place = format!("{}:{}:{}", label.source.path(), start.line, start.column);
    escaped(&said(place, text))
}

fn escaped(text: &str) -> String {
    clipped(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
}
