//! Diagnostics for people and for programs: the only module that decides how a diagnostic looks.
//!
//! Whatever a diagnostic holds (paths, values, file contents) is taken for hostile: no format lets a
//! control, override or invisible character through, nor a text that its reader would obey.

use crate::diagnostic::{Diagnostic, Level};

mod excerpt;
mod github;
mod json;
mod junit;
mod markdown;
mod path;
mod sarif;
mod text;

/// A form in which diagnostics are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For scripts; the fields are documented at [`write`].
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands that GitHub shows beside the lines of a pull request.
    Github,
    /// JUnit XML, for test reports.
    Junit,
    /// A comment on a pull request.
    Markdown,
}

/// Every format, in the order in which `--format` lists them.
pub const FORMATS: [Format; 6] = [
    Format::Text,
    Format::Json,
    Format::Sarif,
    Format::Github,
    Format::Junit,
    Format::Markdown,
];

impl Format {
    /// The word used on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
        }
    }

    /// The format of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        FORMATS.into_iter().find(|format| format.name() == name)
    }
}

/// What a reader can be told about a rule besides its diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleText<'a> {
    /// Kebab-case name, as in [`Diagnostic::id`].
    pub id: &'a str,
    /// The level it has unless a configuration says otherwise.
    pub level: Level,
    /// One line.
    pub summary: &'a str,
    /// The page of the rule, in Markdown; may be empty.
    pub docs: &'a str,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// Whether text may hold colours; nothing else does.
    pub color: bool,
    /// The folder that the paths of diagnostics are relative to, seen from the root of the repository:
    /// empty for the root itself. Only formats read by a forge (SARIF, GitHub) put it in front.
    pub base: &'a str,
    /// Version of `gen`.
    pub version: &'a str,
    /// Descriptions of rules, for SARIF; those that no diagnostic names may be among them.
    pub rules: &'a [RuleText<'a>],
}

/// Most diagnostics that a format for people prints.
pub const MOST: usize = 50;

/// Writes `diagnostics` in the order given, ending in a line break.
///
/// The fields of JSON: `version` (1), `tool` (`name`, `version`), `diagnostics` and `summary` (`errors`,
/// `warnings`, `notes`). A diagnostic has `id`, `level` (`error`, `warning`, `note`), `message`, `place`,
/// `related` (places), `help` (texts), and where a program can mend it, `fix`: whether that is `safe`, and
/// `edits` (`path`, byte offsets `start` and `end`, `text`), all of them or none. A place, or null, has `path`, `line`, `column`, `end_line`,
/// `end_column` (from 1, columns in characters, the end exclusive), `start`, `end` (byte offsets) and
/// `label`.
pub fn write(format: Format, diagnostics: &[Diagnostic], options: &Options<'_>) -> String {
    match format {
        Format::Text => text::write(diagnostics, options),
        Format::Json => json::write(diagnostics, options),
        Format::Sarif => sarif::write(diagnostics, options),
        Format::Github => github::write(diagnostics, options),
        Format::Junit => junit::write(diagnostics),
        Format::Markdown => markdown::write(diagnostics),
    }
}

pub(crate) use json::{diagnostics as json_diagnostics, text as json_document};
pub(crate) use markdown::{code, fence, html, prose};

/// Text of several lines for a terminal or the log of a runner: line breaks and tabs stay; anything else that
/// acts or hides is spelled out, and so is what a runner would obey.
pub(crate) fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut shown = String::with_capacity(line.len());
        for c in line.chars() {
            match c {
                '\n' | '\t' => shown.push(c),
                _ => crate::encode::chars::push_shown(&mut shown, c),
            }
        }
        let content = shown.trim_start().len();
        if shown[shown.len() - content..].starts_with("::") {
            shown.insert(shown.len() - content, '\\');
        }
        out.push_str(&text::defused(&shown));
    }
    out
}

/// How many diagnostics of each level there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Count {
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl Count {
    fn of(diagnostics: &[Diagnostic]) -> Self {
        let count = |level| diagnostics.iter().filter(|d| d.level == level).count();
        Self {
            errors: count(Level::Error),
            warnings: count(Level::Warning),
            notes: count(Level::Note),
        }
    }

    /// "2 errors and 1 note", or "no diagnostics".
    fn sentence(self) -> String {
        let parts: Vec<String> = [
            (self.errors, "error"),
            (self.warnings, "warning"),
            (self.notes, "note"),
        ]
        .into_iter()
        .filter(|&(count, _)| count > 0)
        .map(|(count, noun)| format!("{count} {noun}{}", if count == 1 { "" } else { "s" }))
        .collect();
        match parts.as_slice() {
            [] => "no diagnostics".to_owned(),
            [only] => only.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    }
}

/// A place and what is said about it, where anything is.
fn said(place: String, text: &str) -> String {
    if text.is_empty() {
        place
    } else {
        format!("{place}: {text}")
    }
}
