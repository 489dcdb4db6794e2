//! Rendered charts for people.
//!
//! Owns the stream of documents, the comments that say where a node comes from, and the table of values.
//! Computes nothing that the evaluation does not know.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Arc;

use crate::source::yaml::{Kind, Node, Style};
use crate::source::{Source, Span};

use super::evaluate::{NodeOrigin, Rendered};
use super::manifest::Object;

impl Rendered {
    /// The objects as one stream of YAML documents, each under the name of its template.
    ///
    /// `origins` puts a comment behind every line that begins a node: the template and line that printed
    /// it, and the values that it shows with the place where each was written.
    ///
    /// # Errors
    /// Where `out` cannot be written.
    pub fn stream<'o>(
        &self,
        objects: impl IntoIterator<Item = &'o Object>,
        origins: bool,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        for object in objects {
            writeln!(out, "---\n# Source: {}", object.template)?;
            if origins {
                out.write_all(self.annotated(object).as_bytes())?;
            } else {
                out.write_all(object.source.text().trim_end().as_bytes())?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    fn annotated(&self, object: &Object) -> String {
        let mut out = String::new();
        let mut comments = Comments {
            rendered: self,
            object,
            at: BTreeMap::new(),
            inside: BTreeSet::new(),
        };
        comments.node(object.node());
        let text = object.source.text().trim_end();
        for (number, line) in (1..).zip(text.lines()) {
            out.push_str(line);
            if let Some(comment) = comments.at.get(&number) {
                out.push_str("  # ");
                out.push_str(comment);
            }
            out.push('\n');
        }
        out
    }

    /// Every value that the chart reads, one a line with its type, what it is, where it was written and
    /// where it is read first; then those that nothing reads.
    pub fn values_table(&self) -> String {
        let mut rows = vec![["VALUE", "TYPE", "IS", "WRITTEN", "READ"].map(str::to_owned)];
        for read in &self.reads {
            let is = match (&read.value, &read.default) {
                (Some(value), Some(default)) => {
                    format!("{} (default {})", short(value), short(default))
                }
                (Some(value), None) => short(value),
                (None, Some(default)) => format!("default {}", short(default)),
                (None, None) => "-".to_owned(),
            };
            rows.push([
                read.path.to_string(),
                read.kind.to_owned(),
                is,
                place(read.written_at.as_ref()),
                place(read.read_at.as_ref()),
            ]);
        }
        let mut out = table(&rows);
        if !self.unread.is_empty() {
            out.push_str("\nNothing reads\n");
            let rows: Vec<[String; 2]> = self
                .unread
                .iter()
                .map(|unread| [unread.path.to_string(), place(unread.written_at.as_ref())])
                .collect();
            out.push_str(&table(&rows));
        }
        out
    }
}

/// The comments of one document, by line.
struct Comments<'r> {
    rendered: &'r Rendered,
    object: &'r Object,
    at: BTreeMap<usize, String>,
    /// Lines whose break stands in a scalar, where no comment can be.
    inside: BTreeSet<usize>,
}

impl Comments<'_> {
    fn line(&self, offset: usize) -> usize {
        self.object.source.position(offset).line
    }

    fn node(&mut self, node: &Node) {
        match &node.kind {
            Kind::Mapping(entries) => {
                for entry in entries {
                    let nested =
                        !entry.value.entries().is_empty() || !entry.value.items().is_empty();
                    if nested {
                        self.comment(entry.key_span, entry.key_span.end);
                    }
                    self.node(&entry.value);
                    if !nested {
                        self.leaf(&entry.value, entry.key_span);
                    }
                }
            }
            Kind::Sequence(items) => {
                for item in items {
                    self.node(item);
                    if item.scalar().is_some() {
                        self.leaf(item, item.span);
                    }
                }
            }
            Kind::Scalar(_) => {}
        }
    }

    /// Whether the line ends with the sign of a block.
    fn is_header(&self, line: usize) -> bool {
        let source = &self.object.source;
        let text = source.slice(source.line(line)).trim_end();
        let text = text.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
        text.ends_with(['|', '>'])
    }

    /// A scalar or an empty collection.
    fn leaf(&mut self, node: &Node, key: Span) {
        let (first, last) = (self.line(node.span.start), self.line(node.span.end));
        let block = node
            .scalar()
            .is_some_and(|scalar| scalar.style == Style::Block);
        if block {
            // The bytes of a block begin behind its header, where no comment can be.
            let empty = node.text().is_none_or(str::is_empty);
            let below = first + usize::from(empty);
            if let Some(header) = (1..below).rev().find(|line| self.is_header(*line)) {
                let at = self.object.source.line(header).start;
                self.comment(node.span, at);
                self.inside.extend(header + 1..=last);
            }
            return;
        }
        self.inside.extend(first..last);
        let span = if node.span.start == node.span.end {
            key
        } else {
            node.span
        };
        self.comment(span, node.span.end.max(span.end));
    }

    /// Says behind the line of `at` where the bytes of `span` come from.
    fn comment(&mut self, span: Span, at: usize) {
        let Some(origin) = self.rendered.origin(self.object, span) else {
            return;
        };
        let line = self.line(at);
        if !self.inside.contains(&line) {
            self.at.insert(line, sentence(&origin));
        }
    }
}

fn sentence(origin: &NodeOrigin) -> String {
    let mut text = place(Some(&(Arc::clone(&origin.source), origin.span)));
    for (at, (path, written)) in origin.values.iter().enumerate() {
        text.push_str(if at == 0 { " from " } else { ", " });
        text.push_str(&path.to_string());
        if let Some((source, span)) = written {
            text.push_str(&format!(" ({})", place(Some(&(Arc::clone(source), *span)))));
        }
    }
    text.replace(['\n', '\r'], " ")
}

fn place(place: Option<&(Arc<Source>, Span)>) -> String {
    place.map_or_else(
        || "-".to_owned(),
        |(source, span)| format!("{}:{}", source.path(), source.position(span.start).line),
    )
}

/// At most so much of a value that a table stays readable.
fn short(value: &str) -> String {
    const MOST: usize = 40;
    let mut chars = value.chars();
    let head: String = chars
        .by_ref()
        .take(MOST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if chars.next().is_some() {
        format!("{head}…")
    } else {
        head
    }
}

fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut out = String::new();
    for row in rows {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}
