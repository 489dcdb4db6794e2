//! The lines that a diagnostic is about, fit to be shown: no character acts, no line is endless.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Label};
use crate::encode::chars;
use crate::source::{Position, Source};

/// Most columns of one line.
const COLUMNS: usize = 200;
/// How many columns are kept before a mark that stands far to the right.
const BEFORE: usize = 40;
/// What stands for columns left out.
const CUT: &str = "…";

/// Most lines left out between two that are shown together.
const GAP: usize = 100;

/// A part of one file that a diagnostic is about.
pub(super) struct File<'a> {
    /// The file.
    pub(super) source: &'a Source,
    /// What of it is not to be read.
    secrets: &'a Secrets<'a>,
    /// Where its first label starts, in the order of the diagnostic.
    pub(super) position: Position,
    /// The marked lines, in order, each once.
    pub(super) lines: Vec<Line<'a>>,
}

/// One line to be shown.
pub(super) struct Line<'a> {
    /// Number, from 1.
    pub(super) number: usize,
    /// The text, fit to be shown; TAB is kept.
    pub(super) text: String,
    /// What is marked in it.
    pub(super) marks: Vec<Mark<'a>>,
}

/// A stretch of a line and what is said about it.
pub(super) struct Mark<'a> {
    /// Bytes of [`Line::text`].
    pub(super) range: Range<usize>,
    /// Whether it is the primary label.
    pub(super) primary: bool,
    /// The words; may be empty.
    pub(super) label: &'a str,
}

/// The diagnostic whose excerpts must not repeat what it is about.
const SECRET: &str = "committed-secret";

/// Which lines are not to be read, and from where on: no other diagnostic may show what one of them is about.
#[derive(Default)]
pub(super) struct Secrets<'a>(HashMap<(&'a str, usize), usize>);

impl<'a> Secrets<'a> {
    /// Those that `diagnostics` tell.
    pub(super) fn of(diagnostics: &'a [Diagnostic]) -> Self {
        let mut found = HashMap::new();
        let secrets = diagnostics.iter().filter(|found| found.id == SECRET);
        for label in secrets.flat_map(|told| told.primary.iter().chain(&told.related)) {
            let source = &label.source;
            let line = |byte| source.position(byte).line;
            for number in line(label.span.start)..=line(label.span.end) {
                let from = label.span.start.max(source.line(number).start);
                let earliest = found.entry((source.path(), number)).or_insert(from);
                *earliest = from.min(*earliest);
            }
        }
        Self(found)
    }

    /// The line of that number as it may be read.
    fn line<'s>(&self, source: &'s Source, number: usize) -> Cow<'s, str> {
        let bytes = source.line(number);
        let (start, text) = (bytes.start, source.slice(bytes));
        match self.0.get(&(source.path(), number)) {
            Some(from) => Cow::Owned(starred(text, from.saturating_sub(start))),
            None => Cow::Borrowed(text),
        }
    }
}

/// A label of a diagnostic.
#[derive(Clone, Copy)]
struct Told<'a> {
    label: &'a Label,
    primary: bool,
}

impl Told<'_> {
    fn position(&self) -> Position {
        self.label.source.position(self.label.span.start)
    }
}

/// Sorts the labels of `diagnostic` by file and line; where the primary label is comes first.
pub(super) fn files<'a>(diagnostic: &'a Diagnostic, secrets: &'a Secrets<'_>) -> Vec<File<'a>> {
    let told = |primary| move |label| Told { label, primary };
    let primary = diagnostic.primary.iter().map(told(true));
    let related = diagnostic.related.iter().map(told(false));
    let mut files: Vec<Vec<Told<'_>>> = Vec::new();
    for told in primary.chain(related) {
        match files
            .iter_mut()
            .find(|file| same(file[0].label, told.label))
        {
            Some(file) => file.push(told),
            None => files.push(vec![told]),
        }
    }
    files.iter().flat_map(|file| parts(file, secrets)).collect()
}

fn same(a: &Label, b: &Label) -> bool {
    Arc::ptr_eq(&a.source, &b.source) || a.source.path() == b.source.path()
}

/// Splits the labels of one file where too many lines lie between them.
fn parts<'a>(labels: &[Told<'a>], secrets: &'a Secrets<'_>) -> Vec<File<'a>> {
    let source: &'a Source = &labels[0].label.source;
    let mut parts: Vec<File<'a>> = Vec::new();
    for line in lines(source, labels, secrets) {
        match parts.last_mut() {
            Some(part) if part.is_near(line.number) => part.lines.push(line),
            _ => parts.push(File {
                source,
                secrets,
                position: source.position(0),
                lines: vec![line],
            }),
        }
    }
    for part in &mut parts {
        part.position = labels
            .iter()
            .map(Told::position)
            .find(|position| part.has(position.line))
            .expect("internal error: a line without a label");
    }
    parts.sort_by_key(|part| part.position != labels[0].position());
    parts
}

impl File<'_> {
    fn has(&self, number: usize) -> bool {
        self.lines.iter().any(|line| line.number == number)
    }

    fn is_near(&self, number: usize) -> bool {
        self.lines
            .last()
            .is_some_and(|line| number - line.number <= GAP)
    }
}

fn lines<'a>(source: &Source, labels: &[Told<'a>], secrets: &Secrets<'_>) -> Vec<Line<'a>> {
    let mut numbers: Vec<usize> = labels.iter().map(|told| told.position().line).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
        .into_iter()
        .map(|number| {
            let on_line = |told: &&Told<'a>| told.position().line == number;
            let labels: Vec<Told<'a>> = labels.iter().filter(on_line).copied().collect();
            line(source, number, &labels, secrets)
        })
        .collect()
}

fn line<'a>(
    source: &Source,
    number: usize,
    labels: &[Told<'a>],
    secrets: &Secrets<'_>,
) -> Line<'a> {
    let bytes = source.line(number);
    let first = labels.iter().map(|told| told.label.span.start).min();
    let first = first.unwrap_or(bytes.start).saturating_sub(bytes.start);
    let text = secrets.line(source, number);
    let window = Window::around(&text, first);
    let marks = labels
        .iter()
        .map(|&Told { label, primary }| {
            // Of a label over several lines the first is shown.
            let end = label.span.end.min(bytes.end);
            let start = window.map(label.span.start.saturating_sub(bytes.start));
            let end = window.map(end.saturating_sub(bytes.start)).max(start);
            Mark {
                range: start..end,
                primary,
                label: &label.text,
            }
        })
        .collect();
    Line {
        number,
        text: window.text,
        marks,
    }
}

/// The line with stars from the byte at `start` on, one a byte, so that marks stay where they are.
fn starred(line: &str, start: usize) -> String {
    let (before, after) = line.split_at(line.floor_char_boundary(start));
    let stars = after.bytes().map(|byte| match byte {
        b' ' | b'\t' | b'\r' | b'\n' => char::from(byte),
        _ => '*',
    });
    before.chars().chain(stars).collect()
}

/// The line of that number without marks, fit to be shown.
pub(super) fn plain_line(file: &File<'_>, number: usize) -> String {
    Window::around(&file.secrets.line(file.source, number), 0).text
}

/// The part of a line that is shown, and where its bytes went.
struct Window {
    text: String,
    /// Offsets in the line and in `text` of every character shown, and of the end.
    offsets: Vec<(usize, usize)>,
}

impl Window {
    /// Shows as much of `line` as fits, so that the byte at `mark` is seen.
    fn around(line: &str, mark: usize) -> Self {
        let columns_before: usize = shown(line)
            .take_while(|&(at, _)| at < mark)
            .map(|(_, text)| text.chars().count())
            .sum();
        let skip = if columns_before + BEFORE > COLUMNS {
            columns_before - BEFORE
        } else {
            0
        };
        let mut window = Self {
            text: String::new(),
            offsets: Vec::new(),
        };
        let mut column = 0;
        let mut end = line.len();
        for (at, text) in shown(line) {
            let width = text.chars().count();
            if column >= skip + COLUMNS {
                end = at;
                break;
            }
            if column >= skip {
                if window.offsets.is_empty() && column > 0 {
                    window.text.push_str(CUT);
                }
                window.offsets.push((at, window.text.len()));
                window.text.push_str(&text);
            }
            column += width;
        }
        window.offsets.push((end, window.text.len()));
        if end < line.len() {
            window.text.push_str(CUT);
        }
        window
    }

    /// The offset in the text of the byte at `at` of the line, moved into what is shown.
    fn map(&self, at: usize) -> usize {
        let next = self.offsets.partition_point(|&(from, _)| from < at);
        self.offsets
            .get(next)
            .or(self.offsets.last())
            .map_or(0, |&(_, to)| to)
    }
}

/// The characters of a line as they are shown, with their offsets.
fn shown(line: &str) -> impl Iterator<Item = (usize, String)> {
    line.char_indices().map(|(at, c)| {
        let mut text = String::new();
        if c == '\t' {
            text.push(c);
        } else {
            chars::push_shown(&mut text, c);
        }
        (at, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Reporter;
    use crate::source::Span;

    fn one(text: &str, start: usize, end: usize) -> (String, Range<usize>) {
        let source = Source::new("a", text);
        let mut reporter = Reporter::new();
        reporter
            .error("x", "m")
            .at(&source, Span::new(start, end), "");
        let diagnostics = reporter.into_diagnostics();
        let secrets = Secrets::of(&diagnostics);
        let mut files = files(&diagnostics[0], &secrets);
        let line = files[0].lines.remove(0);
        let range = line.marks[0].range.clone();
        (line.text, range)
    }

    #[test]
    fn marks_follow_the_characters_that_were_spelled_out() {
        let (text, range) = one("a\u{202e}b: c\r\nd", 4, 5);
        assert_eq!(text, "a\\u{202e}b: c");
        assert_eq!(&text[range], "b");
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let line = format!("{}MARK{}", "x".repeat(5000), "y".repeat(5000));
        let (text, range) = one(&line, 5000, 5004);
        assert_eq!(&text[range], "MARK");
        assert!(text.starts_with('…') && text.ends_with('…'));
        assert!(text.chars().count() <= COLUMNS + 2);
        let (text, range) = one(&line, 0, 9000);
        assert_eq!(range, 0..COLUMNS);
        assert_eq!(text.chars().count(), COLUMNS + 1);
    }

    #[test]
    fn ends_of_lines_and_files_can_be_marked() {
        assert_eq!(one("ab\ncd", 2, 2), ("ab".to_owned(), 2..2));
        assert_eq!(one("ab\ncd", 5, 5), ("cd".to_owned(), 2..2));
        assert_eq!(one("", 0, 0), (String::new(), 0..0));
        assert_eq!(one("ab\n", 1, 3), ("ab".to_owned(), 1..2));
    }
}
