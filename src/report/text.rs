//! For a terminal: each diagnostic with the lines it is about, then a count.

use std::fmt::Write as _;

use annotate_snippets::{
    AnnotationKind, Group, Level as Heading, Renderer, Snippet, renderer::DecorStyle,
};

use super::excerpt::{self, File, Secrets};
use super::{Count, MOST, Options};
use crate::diagnostic::{Diagnostic, Level};
use crate::encode::chars::show;

/// Most characters of one message, label or help.
const LONGEST: usize = 600;

/// Opens a placeholder for a path; private use, so that nothing shown can hold it.
const PLACEHOLDER: char = '\u{e000}';

pub(super) fn write(diagnostics: &[Diagnostic], options: &Options<'_>) -> String {
    let renderer = if options.color {
        Renderer::styled().hyperlink(false)
    } else {
        Renderer::plain()
    }
    .decor_style(DecorStyle::Ascii)
    .term_width(10_000);
    let secrets = Secrets::of(diagnostics);
    let mut out = String::new();
    for diagnostic in diagnostics.iter().take(MOST) {
        out.push_str(&render(&renderer, diagnostic, &secrets));
        out.push_str("\n\n");
    }
    if let Some(more) = diagnostics.len().checked_sub(MOST).filter(|&more| more > 0) {
        writeln!(out, "… and {more} more that are not shown.\n")
            .expect("internal error: writing to memory");
    }
    let sentence = Count::of(diagnostics).sentence();
    writeln!(out, "Found {sentence}.").expect("internal error: writing to memory");
    out
}

/// Fits a text that is not ours onto one line: spelled out, shortened, and no command to a runner.
pub(super) fn clipped(text: &str) -> String {
    let mut clipped: String = text.chars().take(LONGEST).collect();
    if clipped.len() < text.len() {
        clipped.push('…');
    }
    let mut clipped = defused(&show(&clipped));
    // A line of a log that starts with two colons is a command to GitHub's runner.
    if clipped.trim_start().starts_with("::") {
        clipped.insert(0, '\\');
    }
    clipped
}

/// Breaks `##[` and its kin (`##vso[`), which the runners of forges obey anywhere in a line of a log.
pub(super) fn defused(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '[' && opens_command(&out) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Whether a `[` behind `before` would open a command to a runner.
pub(super) fn opens_command(before: &str) -> bool {
    before
        .trim_end_matches(|c: char| c.is_ascii_alphanumeric())
        .ends_with("##")
}

fn render(renderer: &Renderer, diagnostic: &Diagnostic, secrets: &Secrets<'_>) -> String {
    let heading = match diagnostic.level {
        Level::Error => Heading::ERROR,
        Level::Warning => Heading::WARNING,
        Level::Note => Heading::NOTE,
    };
    let title = heading
        .primary_title(clipped(&diagnostic.message))
        .id(diagnostic.id);
    let files = excerpt::files(diagnostic, secrets);
    let mut group = Group::with_title(title);
    for (at, file) in files.iter().enumerate() {
        group = group.element(snippet(file).path(format!("{PLACEHOLDER}{at}")));
    }
    for help in &diagnostic.help {
        group = group.element(Heading::HELP.message(clipped(help)));
    }
    let rendered = renderer.render(&[group]);
    defused(&with_paths(&rendered, &files))
}

/// The file with only its marked lines filled in; the rest is folded away.
fn snippet<'a>(file: &File<'_>) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let first = file.lines.first().map_or(1, |line| line.number);
    let mut text = String::new();
    let mut annotations = Vec::new();
    let mut number = first;
    for line in &file.lines {
        while number < line.number {
            text.push_str(file.between(number).as_str());
            text.push('\n');
            number += 1;
        }
        for mark in &line.marks {
            let kind = if mark.primary {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let range = text.len() + mark.range.start..text.len() + mark.range.end;
            let annotation = kind.span(range);
            annotations.push(if mark.label.is_empty() {
                annotation
            } else {
                annotation.label(clipped(mark.label))
            });
        }
        text.push_str(&line.text);
        text.push('\n');
        number += 1;
    }
    Snippet::source(text)
        .line_start(first)
        .fold(true)
        .annotations(annotations)
}

/// Puts each file's own path, line and column where the renderer wrote a placeholder: the column counts
/// the characters of the file, not those of the excerpt.
fn with_paths(rendered: &str, files: &[File<'_>]) -> String {
    let mut parts = rendered.split(PLACEHOLDER);
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let digits = part
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(part.len());
        let file = part[..digits]
            .parse()
            .ok()
            .and_then(|at: usize| files.get(at));
        let rest = part[digits..].trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
        if let Some(file) = file {
            out.push_str(&file.header());
        }
        out.push_str(rest);
    }
    out
}

impl File<'_> {
    /// `path:line:column`, fit to be shown.
    pub(super) fn header(&self) -> String {
        format!(
            "{}:{}:{}",
            clipped(self.source.path()),
            self.position.line,
            self.position.column
        )
    }

    /// A line without marks, which is shown where it stands alone between two that have some.
    fn between(&self, number: usize) -> String {
        let marked = |number| self.lines.iter().any(|line| line.number == number);
        if marked(number - 1) && marked(number + 1) {
            excerpt::plain_line(self, number)
        } else {
            String::new()
        }
    }
}
