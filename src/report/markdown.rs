//! A comment on a pull request: a heading, then each diagnostic with its lines.

use std::fmt::Write as _;

use super::excerpt::{self, File, Secrets};
use super::text::clipped;
use super::{Count, MOST};
use crate::diagnostic::Diagnostic;
use crate::encode::{Context, encode};

/// Most bytes of a comment; GitHub refuses more than 65,536 characters.
const BYTES: usize = 60_000;

pub(super) fn write(diagnostics: &[Diagnostic]) -> String {
    let mut out = format!("### gen: {}\n", Count::of(diagnostics).sentence());
    let secrets = Secrets::of(diagnostics);
    let mut shown = 0;
    for diagnostic in diagnostics.iter().take(MOST) {
        let section = section(diagnostic, &secrets);
        if out.len() + section.len() > BYTES {
            break;
        }
        out.push_str(&section);
        shown += 1;
    }
    if shown < diagnostics.len() {
        writeln!(
            out,
            "\n… and {} more that are not shown.",
            diagnostics.len() - shown
        )
        .expect("internal error: writing to memory");
    }
    out
}

fn section(diagnostic: &Diagnostic, secrets: &Secrets<'_>) -> String {
    let files = excerpt::files(diagnostic, secrets);
    let mut out = format!("\n**{}** {}", diagnostic.level.name(), code(diagnostic.id));
    if let Some(file) = files.first() {
        write!(out, " at {}", code(&file.header())).expect("internal error: writing to memory");
    }
    writeln!(out, "\n\n{}\n", prose(&diagnostic.message))
        .expect("internal error: writing to memory");
    for (at, file) in files.iter().enumerate() {
        if at > 0 {
            writeln!(out, "{}\n", code(&file.header())).expect("internal error: writing to memory");
        }
        out.push_str(&fenced(file));
    }
    for help in &diagnostic.help {
        writeln!(out, "- help: {}", prose(help)).expect("internal error: writing to memory");
    }
    out
}

/// The marked lines; each begins with its number, so that none can close the fence.
fn fenced(file: &File<'_>) -> String {
    let width = file
        .lines
        .last()
        .map_or(1, |line| line.number.to_string().len());
    let mut out = "```text\n".to_owned();
    for line in &file.lines {
        writeln!(
            out,
            "{:width$} | {}",
            line.number,
            super::text::defused(&line.text)
        )
        .expect("internal error: writing to memory");
        for mark in &line.marks {
            out.push_str(&underline(&line.text, mark, width));
        }
    }
    out.push_str("```\n\n");
    out
}

fn underline(text: &str, mark: &excerpt::Mark<'_>, width: usize) -> String {
    let before: String = text[..mark.range.start]
        .chars()
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let sign = if mark.primary { "^" } else { "-" };
    let signs = sign.repeat(text[mark.range.clone()].chars().count().max(1));
    let label = clipped(mark.label);
    let line = format!("{:width$} | {before}{signs} {label}", "");
    format!("{}\n", line.trim_end())
}

/// Words of ours and values of others: names in backticks become code, everything else is text.
pub(crate) fn prose(text: &str) -> String {
    let text = clipped(text);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return encoded(Context::Markdown, &text);
    }
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at % 2 == 1 {
            out.push_str(&encoded(Context::MarkdownCode, part));
            continue;
        }
        // Spaces beside a code span are ordinary ones.
        let inner = part.strip_prefix(' ').filter(|_| at > 0).unwrap_or(part);
        let more = at + 1 < parts.len();
        let body = inner.strip_suffix(' ').filter(|_| more).unwrap_or(inner);
        out.push_str(&part[..part.len() - inner.len()]);
        out.push_str(&encoded(Context::Markdown, body));
        out.push_str(&inner[body.len()..]);
    }
    out
}

/// A code span.
pub(crate) fn code(text: &str) -> String {
    encoded(Context::MarkdownCode, &clipped(text))
}

/// Text inside an HTML element.
pub(crate) fn html(text: &str) -> String {
    encoded(Context::Markdown, &clipped(text))
}

/// A block of lines in a fence that none of them can close.
pub(crate) fn fence(language: &str, text: &str) -> String {
    let text = super::lines(text);
    let runs = text.split(|c| c != '`').map(str::len).max();
    let fence = "`".repeat(runs.unwrap_or(0).max(2) + 1);
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{text}{end}{fence}\n")
}

fn encoded(context: Context, text: &str) -> String {
    encode(context, text)
        .expect("internal error: a text fit to be shown is refused")
        .into_string()
}
