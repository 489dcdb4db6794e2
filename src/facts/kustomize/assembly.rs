//! The texts that a built object is made of, as one: spans count in all of them together.
//!
//! An object that is built has nodes of several files. Laying the files behind each other gives every node
//! one span, and the way back to the file that a person edits.

use std::collections::HashMap;
use std::sync::Arc;

use crate::facts::At;
use crate::source::yaml::{self, Limits, Node, Scalar, Style};
use crate::source::{Source, Span};

use super::edit;

/// How the bytes of a part stand in its file.
#[derive(Debug)]
enum Part {
    /// As they are.
    Whole,
    /// Line by line behind an indentation: a block in another file, from a line on.
    Lines(usize, usize),
    /// All at one place.
    At(Span),
}

/// Texts behind each other.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    text: String,
    parts: Vec<(usize, Arc<Source>, Part)>,
    files: HashMap<String, usize>,
}

/// The assembly when it is done.
#[derive(Debug)]
pub(super) struct Assembled {
    /// All texts.
    pub(super) source: Arc<Source>,
    parts: Vec<(usize, Arc<Source>, Part)>,
}

impl Assembly {
    /// Bytes so far.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Takes a file in, once; gives where it begins.
    pub(super) fn file(&mut self, source: &Arc<Source>) -> usize {
        if let Some(&start) = self.files.get(source.path()) {
            return start;
        }
        let start = self.add(source, source.text(), Part::Whole);
        self.files.insert(source.path().to_owned(), start);
        start
    }

    fn add(&mut self, source: &Arc<Source>, text: &str, part: Part) -> usize {
        let start = self.text.len();
        self.text.push_str(text);
        self.text.push('\n');
        self.parts.push((start, Arc::clone(source), part));
        start
    }

    /// A node of a file with its spans in the assembly.
    pub(super) fn node(&mut self, source: &Arc<Source>, node: &Node) -> Node {
        let by = self.file(source);
        let mut node = node.clone();
        edit::shift(&mut node, by);
        node
    }

    /// The documents in a scalar of a file, as inline patches are written; nothing where they are no YAML.
    pub(super) fn inner(&mut self, source: &Arc<Source>, scalar: &Node) -> Option<Vec<Node>> {
        let text = scalar.text()?;
        let mut documents = yaml::read(text, &Limits::REPOSITORY).ok()?.documents;
        let start = self.add(source, text, lines(source, scalar));
        documents.iter_mut().for_each(|one| edit::shift(one, start));
        Some(documents)
    }

    /// No more is taken in.
    pub(super) fn done(self) -> Assembled {
        Assembled {
            source: Source::new("kustomization", self.text),
            parts: self.parts,
        }
    }

    /// Where a span stands.
    pub(super) fn at(&self, span: Span) -> At {
        at(&self.parts, &self.text, span)
    }
}

impl Assembled {
    /// Where a span stands.
    pub(super) fn at(&self, span: Span) -> At {
        at(&self.parts, self.source.text(), span)
    }
}

/// How the text of a scalar stands in its file.
fn lines(source: &Arc<Source>, scalar: &Node) -> Part {
    let block = |one: &&Scalar| one.style == Style::Block;
    let text = scalar.scalar().filter(block).map_or("", |one| &one.text);
    let from = source.position(scalar.span.start).line;
    let line = |number: usize| source.slice(source.line(from + number));
    let first = text.lines().next().unwrap_or("");
    let indent = line(0).len().saturating_sub(first.len());
    // A folded text has other lines than the file.
    let mut lines = text.lines().enumerate();
    let same = lines.all(|(number, own)| own.is_empty() || line(number).get(indent..) == Some(own));
    match same && !first.is_empty() {
        true => Part::Lines(from, indent),
        false => Part::At(scalar.span),
    }
}

fn at(parts: &[(usize, Arc<Source>, Part)], text: &str, span: Span) -> At {
    let number = parts.partition_point(|(start, _, _)| *start <= span.start);
    let (start, source, part) = &parts[number.saturating_sub(1)];
    let own = Span::new(span.start - start, span.end - start);
    let span = match part {
        Part::Whole => own,
        Part::At(span) => *span,
        Part::Lines(first, indent) => {
            let place = |offset: usize| {
                let before = &text[*start..(start + offset).min(text.len())];
                let line = before.matches('\n').count();
                let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
                let line = source.line(first + line);
                (line.start + indent + column).min(line.end.max(line.start))
            };
            Span::new(place(own.start), place(own.end))
        }
    };
    At::new(source, span)
}
