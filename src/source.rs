//! One file as text: where it is, what it says, and which line a byte stands on.
//!
//! Owns text, line index and, in its submodules, the node trees with spans of the formats that `gen`
//! reads. Knows nothing of specs, blueprints or rules.

use std::fmt;
use std::sync::{Arc, OnceLock};

pub mod dockerfile;
pub mod hcl;
pub mod python;
pub mod shell;
pub mod yaml;

/// A half-open range of byte offsets into one [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

impl Span {
    /// Covers `start..end`; an end before the start gives an empty span at `start`.
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }
}

/// A position for people: both numbers count from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalar values, from 1.
    pub column: usize,
}

/// The text of one file together with the path it is reported under.
///
/// A byte order mark at the start is dropped, so every offset refers to the text behind it.
pub struct Source {
    path: String,
    text: String,
    /// Found when first asked for: of most files nothing is ever shown.
    line_starts: OnceLock<Vec<usize>>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.text == other.text
    }
}

impl Eq for Source {}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?}, {} bytes)", self.path, self.text.len())
    }
}

impl Source {
    /// Takes the text of the file at `path`; `path` is only ever shown.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Arc::new(Self {
            path: path.into(),
            text,
            line_starts: OnceLock::new(),
        })
    }

    /// The path as diagnostics show it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text that `span` covers; empty where the span does not fit the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    /// The bytes of the line of that number, from 1, without its line break; empty past the end.
    pub fn line(&self, number: usize) -> Span {
        let at = |number: usize| self.line_starts().get(number).copied();
        let Some(start) = number.checked_sub(1).and_then(at) else {
            return Span::new(self.text.len(), self.text.len());
        };
        let text = &self.text[start..at(number).unwrap_or(self.text.len())];
        Span::new(start, start + text.trim_end_matches(['\r', '\n']).len())
    }

    /// Line and column of the byte at `offset`; offsets past the end give the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.line_starts().partition_point(|&start| start <= offset) - 1;
        let start = self.line_starts()[line];
        let column = self
            .text
            .get(start..offset)
            .map_or(offset - start, |before| before.chars().count());
        Position {
            line: line + 1,
            column: column + 1,
        }
    }

    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            let behind = self.text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(behind).collect()
        })
    }
}

/// A path into a document: keys and indices from its root, as in `azure.acr.name` or `notify[1]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Place(Vec<Step>);

/// One step of a [`Place`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The value of this key of a mapping.
    Key(String),
    /// The item at this index of a sequence, from 0.
    Index(usize),
}

impl Place {
    /// The document itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// The place of dotted keys, `azure.acr`; an empty text is the root.
    pub fn keys(dotted: &str) -> Self {
        Self(
            dotted
                .split('.')
                .filter(|key| !key.is_empty())
                .map(|key| Step::Key(key.to_owned()))
                .collect(),
        )
    }

    /// The place one key below.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.with(Step::Key(key.into()))
    }

    /// The place one index below.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if at == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let source = Source::new("a", "aé\r\nxyz");
        assert_eq!(source.position(3), Position { line: 1, column: 3 });
        assert_eq!(source.position(6), Position { line: 2, column: 2 });
        assert_eq!(source.position(99), Position { line: 2, column: 4 });
    }

    #[test]
    fn lines_have_no_line_break() {
        let source = Source::new("a", "ab\r\n\nc");
        assert_eq!(source.slice(source.line(1)), "ab");
        assert_eq!(source.slice(source.line(2)), "");
        assert_eq!(source.slice(source.line(3)), "c");
        assert_eq!(source.line(4), Span::new(6, 6));
        assert_eq!(source.line(0), Span::new(6, 6));
    }

    #[test]
    fn byte_order_mark_is_dropped() {
        assert_eq!(Source::new("a", "\u{feff}key: 1").text(), "key: 1");
    }

    #[test]
    fn places_read_as_people_write_them() {
        let place = Place::keys("github.notify").index(1).key("name");
        assert_eq!(place.to_string(), "github.notify[1].name");
    }
}
