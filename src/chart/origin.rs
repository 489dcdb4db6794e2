//! Where rendered text comes from.
//!
//! Owns marks (this byte and those after it come from that origin), the log of values read, and their
//! transfer through functions that only move lines. Knows nothing of YAML.

use std::rc::Rc;
use std::sync::Arc;

use memchr::memmem;

use super::value::{Path, Text, Value};

/// From `at` to the next mark the text comes from the origin of that number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) at: u32,
    pub(crate) origin: u32,
}

/// A stretch of a template that printed something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    /// Index of the template file.
    pub(crate) file: u32,
    /// Byte of the file.
    pub(crate) offset: u32,
    /// Whether the text follows the file byte by byte, as literal text does.
    pub(crate) linear: bool,
    /// First and behind the last of the reads that the text depends on.
    pub(crate) reads: (u32, u32),
}

/// One look at a value: the collection and the key in it.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    pub(crate) parent: Option<Rc<Path>>,
    pub(crate) key: Arc<str>,
    pub(crate) index: bool,
    pub(crate) file: u32,
    pub(crate) offset: u32,
    /// Whether the whole value was used, with everything below it.
    pub(crate) whole: bool,
    /// What `default` put in its place.
    pub(crate) default: Option<Rc<str>>,
}

/// Text that is being written, with its marks.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub(crate) text: Vec<u8>,
    pub(crate) marks: Vec<Mark>,
}

impl Output {
    /// Adds text of one origin.
    pub(crate) fn push(&mut self, text: &[u8], origin: u32) {
        if text.is_empty() {
            return;
        }
        self.mark(self.text.len(), origin);
        self.text.extend_from_slice(text);
    }

    /// Adds text whose parts have origins of their own; what has none takes `origin`.
    pub(crate) fn push_text(&mut self, text: &Text, origin: u32) {
        let Some(marks) = &text.marks else {
            return self.push(text.text.as_bytes(), origin);
        };
        let base = self.text.len();
        if marks.first().is_none_or(|mark| mark.at > 0) && !text.text.is_empty() {
            self.mark(base, origin);
        }
        for mark in marks.iter() {
            if (mark.at as usize) < text.text.len() {
                self.mark(base + mark.at as usize, mark.origin);
            }
        }
        self.text.extend_from_slice(text.text.as_bytes());
    }

    fn mark(&mut self, at: usize, origin: u32) {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        match self.marks.last_mut() {
            Some(last) if last.at == at => last.origin = origin,
            _ => self.marks.push(Mark { at, origin }),
        }
    }

    /// The text as a value of the template language.
    pub(crate) fn into_value(self) -> Value {
        match String::from_utf8(self.text) {
            Ok(text) => Value::Str(Text {
                text: Arc::from(text),
                marks: Some(Rc::from(self.marks)),
            }),
            Err(error) => Value::from_bytes(error.into_bytes()),
        }
    }

    /// Takes out every `<no value>`, as helm does at the end.
    pub(crate) fn drop_no_value(&mut self) {
        const NEEDLE: &[u8] = b"<no value>";
        if memmem::find(&self.text, NEEDLE).is_none() {
            return;
        }
        let mut text = Vec::with_capacity(self.text.len());
        let mut marks = Vec::with_capacity(self.marks.len());
        let mut next = 0;
        let mut at = 0;
        while at < self.text.len() {
            let gone = self.text[at..].starts_with(NEEDLE);
            let step = if gone { NEEDLE.len() } else { 1 };
            while next < self.marks.len() && (self.marks[next].at as usize) < at + step {
                let moved = u32::try_from(text.len()).unwrap_or(u32::MAX);
                match marks.last_mut() {
                    Some(Mark { at, origin }) if *at == moved => *origin = self.marks[next].origin,
                    _ => marks.push(Mark {
                        at: moved,
                        origin: self.marks[next].origin,
                    }),
                }
                next += 1;
            }
            if !gone {
                text.push(self.text[at]);
            }
            at += step;
        }
        self.text = text;
        self.marks = marks;
    }
}

/// The mark that covers the byte at `at`.
pub(crate) fn covering(marks: &[Mark], at: usize) -> Option<Mark> {
    let at = u32::try_from(at).unwrap_or(u32::MAX);
    let behind = marks.partition_point(|mark| mark.at <= at);
    behind.checked_sub(1).map(|index| marks[index])
}

/// The marks of the part `start..end` of a text, counted from its start.
pub(crate) fn cut(text: &Text, start: usize, end: usize) -> Option<Rc<[Mark]>> {
    let marks = text.marks.as_ref()?;
    let mut out = Vec::new();
    if let Some(mark) = covering(marks, start) {
        out.push(Mark {
            at: 0,
            origin: mark.origin,
        });
    }
    for mark in marks.iter() {
        let at = mark.at as usize;
        if at > start && at < end {
            out.push(Mark {
                at: u32::try_from(at - start).unwrap_or(u32::MAX),
                origin: mark.origin,
            });
        }
    }
    Some(Rc::from(out))
}

/// The marks of a text after `pad` bytes were put before every line, and `head` before all.
pub(crate) fn indented(text: &Text, head: usize, pad: usize) -> Option<Rc<[Mark]>> {
    let marks = text.marks.as_ref()?;
    let breaks: Vec<usize> = text.text.match_indices('\n').map(|(at, _)| at).collect();
    let shift = |at: usize| at + head + pad * (1 + breaks.partition_point(|&line| line < at));
    let mut out = Vec::with_capacity(marks.len());
    for mark in marks.iter() {
        let at = mark.at as usize;
        // What stands at the start of a line takes the padding before it along.
        let at = if at == 0 { 0 } else { shift(at) };
        out.push(Mark {
            at: u32::try_from(at).unwrap_or(u32::MAX),
            origin: mark.origin,
        });
    }
    Some(Rc::from(out))
}
