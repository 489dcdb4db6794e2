//! YAML as a tree of nodes with spans and comments: the one reader for every YAML file.
//!
//! Scalars keep their raw text and style, so that nothing (`no`, `1.10`, `0123`) changes its value by
//! being read. Aliases and merge keys are expanded within a budget; duplicate keys are errors.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use granit_parser::{Event as Parsed, Options as ParserOptions, Parser, Placement, ScalarStyle};

use super::Span;

pub(crate) mod plain;

pub(crate) use plain::{Declined, Event};

/// Budgets and strictness of one read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most bytes of text.
    pub bytes: usize,
    /// Deepest nesting of collections; also the recursion depth of whoever walks the tree.
    pub depth: usize,
    /// Most nodes written in the text.
    pub nodes: usize,
    /// Most aliases in the text.
    pub aliases: usize,
    /// Most nodes that aliases and merge keys may repeat.
    pub replayed: usize,
    /// Most documents in the stream.
    pub documents: usize,
    /// Most bytes of one scalar.
    pub scalar: usize,
    /// Most bytes of one key.
    pub key: usize,
    /// Whether explicit tags are accepted (and kept on the node) or refused.
    pub tags: bool,
    /// Whether a key may be given twice; the last one counts then, and [`Stream::duplicates`] has both.
    pub duplicates: bool,
}

impl Limits {
    /// The limits of a spec, a lock and a blueprint file.
    pub const SPEC: Self = Self {
        bytes: 1 << 20,
        depth: 64,
        nodes: 50_000,
        aliases: 256,
        replayed: 100_000,
        documents: 1,
        scalar: 256 << 10,
        key: 256,
        tags: false,
        duplicates: false,
    };

    /// The limits of a file of somebody's repository, which may be a large stream of documents.
    pub const REPOSITORY: Self = Self {
        bytes: 16 << 20,
        depth: 100,
        nodes: 2_000_000,
        aliases: 10_000,
        replayed: 1_000_000,
        documents: 10_000,
        scalar: 4 << 20,
        key: 4 << 10,
        tags: true,
        duplicates: false,
    };
}

/// Why a text is not the YAML that was asked for, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Kebab-case kind: `yaml-syntax`, `duplicate-key`, `yaml-limit`, `yaml-tag`, `yaml-document`.
    pub id: &'static str,
    /// What is wrong, one lower-case phrase.
    pub message: String,
    /// Where.
    pub span: Span,
    /// A second place, as the first use of a duplicate key.
    pub related: Option<(Span, &'static str)>,
    /// The way out.
    pub help: Option<String>,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Bare, so that YAML may read it as a number, a boolean or null.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
    /// As a `|` or `>` block.
    Block,
}

/// A scalar after escapes and folding, before any typing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text.
    pub text: String,
    /// How it is written; only [`Style::Plain`] may mean something other than a string.
    pub style: Style,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A single value.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values, in the order written.
    Mapping(Vec<Entry>),
}

/// One node and the bytes it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The bytes of the value; for an alias, those of what it names.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
    /// An explicit tag as written, where [`Limits::tags`] accepts them.
    pub tag: Option<String>,
    /// Comment lines above a sequence item, without `#`; an empty line is kept as a gap.
    pub comments: Vec<String>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key's text.
    pub key: String,
    /// The key's bytes.
    pub key_span: Span,
    /// Whether the key was brought in by a merge key `<<`.
    pub merged: bool,
    /// Comment lines above the key, without `#`; an empty line is kept as a gap.
    pub comments: Vec<String>,
    /// The value.
    pub value: Node,
}

/// A comment of the file, wherever it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Text behind `#`.
    pub text: String,
    /// The bytes from `#` to the end of the line.
    pub span: Span,
    /// Whether it stands behind something on its line.
    pub trailing: bool,
}

/// Everything a YAML text holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stream {
    /// The documents in order; an empty text has none, an empty document is a plain empty scalar.
    pub documents: Vec<Node>,
    /// Every comment, in order of appearance.
    pub comments: Vec<Comment>,
    /// Keys that were given twice, the first and the second use, where that is accepted.
    pub duplicates: Vec<(Span, Span)>,
}

impl Node {
    /// The entries of a mapping; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; none for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The entry of `key` in a mapping.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value of `key` in a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The scalar, where the node is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The raw text of a scalar.
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    /// Whether the node is null: `~`, `null` or nothing at all, unquoted.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| {
            scalar.style == Style::Plain && matches!(scalar.text.as_str(), "" | "~" | "null")
        })
    }

    /// The word for what the node is, for messages.
    pub fn noun(&self) -> &'static str {
        match &self.kind {
            _ if self.is_null() => "nothing",
            Kind::Scalar(_) => "a single value",
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        }
    }

    /// The node with all below it, itself included.
    pub fn count(&self) -> usize {
        1 + match &self.kind {
            Kind::Scalar(_) => 0,
            Kind::Sequence(items) => items.iter().map(Self::count).sum::<usize>(),
            Kind::Mapping(entries) => entries.iter().map(|entry| entry.value.count()).sum(),
        }
    }
}

/// Reads the documents of `text`.
///
/// # Errors
/// The first fault that makes the text something other than YAML within `limits`.
pub fn read(text: &str, limits: &Limits) -> Result<Stream, Error> {
    check(text, limits)?;
    if let Some(stream) = read_plain(text, limits) {
        return Ok(stream);
    }
    Builder::new(text, limits).run()
}

/// Gives what a plain text consists of to `take`, in its order; most limits are the taker's to keep.
///
/// # Errors
/// Where the text is not plain, where anything is wrong with it, and where `take` says so.
pub(crate) fn events<'t>(
    text: &'t str,
    limits: &Limits,
    take: &mut impl FnMut(Event<'t>, Span) -> Result<(), Declined>,
) -> Result<(), Declined> {
    check(text, limits).map_err(|_| Declined)?;
    plain::read(text, limits.depth, take)
}

/// The limit of bytes, and that no control character is among them.
fn check(text: &str, limits: &Limits) -> Result<(), Error> {
    if text.len() > limits.bytes {
        return Err(Error::limit(
            format!(
                "the file has {} bytes, and at most {} are read",
                text.len(),
                limits.bytes
            ),
            Span::new(0, 0),
        ));
    }
    // All that can begin a control character, in bytes: quick to see that there is none.
    let suspect = |byte: u8| byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t');
    if any(text, |byte| suspect(byte) || matches!(byte, 0x7f | 0xc2))
        && let Some((at, c)) = text
            .char_indices()
            .find(|&(_, c)| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{85}'))
    {
        return Err(Error {
            id: "yaml-syntax",
            message: format!("control character U+{:04X}", c as u32),
            span: Span::new(at, at + c.len_utf8()),
            related: None,
            help: Some("remove it, or write it as an escape in double quotes".to_owned()),
        });
    }
    Ok(())
}

/// Whether some byte of the text is such; looks at whole chunks, which is quick where none is.
fn any(text: &str, is: impl Fn(u8) -> bool) -> bool {
    let mut chunks = text.as_bytes().chunks(64);
    chunks.any(|chunk| chunk.iter().fold(false, |any, &byte| any | is(byte)))
}

/// The short way; nothing where the text is not plain, or anything is wrong with it.
fn read_plain(text: &str, limits: &Limits) -> Option<Stream> {
    let mut builder = Builder::new(text, limits);
    let mut take = |event, span| {
        let taken = builder.plain(event, span);
        taken.map_err(|_| Declined)
    };
    plain::read(text, limits.depth, &mut take).ok()?;
    Some(builder.stream)
}

impl Error {
    fn limit(message: String, span: Span) -> Self {
        Self {
            id: "yaml-limit",
            message,
            span,
            related: None,
            help: None,
        }
    }
}

/// A collection that is still open.
struct Open {
    anchor: usize,
    span: Span,
    tag: Option<String>,
    comments: Vec<String>,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<Entry>,
        /// Where each key stands, once there are many.
        index: HashMap<String, Span>,
        merges: Vec<(Span, Node)>,
        pending: Option<(String, Span, Vec<String>)>,
    },
}

impl Content {
    fn mapping() -> Self {
        Self::Mapping {
            entries: Vec::new(),
            index: HashMap::new(),
            merges: Vec::new(),
            pending: None,
        }
    }
}

struct Builder<'a> {
    text: &'a str,
    limits: &'a Limits,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    stream: Stream,
    above: Vec<String>,
    nodes: usize,
    aliases: usize,
    replayed: usize,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, limits: &'a Limits) -> Self {
        Self {
            text,
            limits,
            open: Vec::new(),
            anchors: HashMap::new(),
            stream: Stream::default(),
            above: Vec::new(),
            nodes: 0,
            aliases: 0,
            replayed: 0,
        }
    }

    fn run(mut self) -> Result<Stream, Error> {
        let mut options = ParserOptions::default();
        // Values files put hundreds of comment lines between a key and its first item.
        options.max_buffered_comment_events = 20_000;
        options.flow_nesting_limit = self.limits.depth;
        options.block_nesting_limit = self.limits.depth;
        for next in Parser::new_from_str_with_options(self.text, options) {
            let (event, span) = next.map_err(|error| self.syntax(&error))?;
            let span = self.span(span.byte_range());
            self.event(event, span)?;
        }
        Ok(self.stream)
    }

    fn plain(&mut self, event: Event<'_>, span: Span) -> Result<(), Error> {
        let event = match event {
            Event::DocumentStart => return self.document(span),
            Event::Scalar(text, style) => {
                return self.scalar(text.into_owned(), style, 0, span, None);
            }
            Event::SequenceStart => Content::Sequence(Vec::new()),
            Event::MappingStart => Content::mapping(),
            Event::End => return self.close(span),
            Event::Comment(text, trailing) => {
                self.comment(text, trailing, span);
                return Ok(());
            }
        };
        self.start(0, span, false, event)
    }

    fn event(&mut self, event: Parsed<'_>, span: Span) -> Result<(), Error> {
        match event {
            Parsed::DocumentStart(..) => self.document(span)?,
            Parsed::Comment(text, placement) => {
                self.comment(&text, placement == Placement::Right, span);
            }
            Parsed::Scalar(text, style, anchor, tag) => {
                let tag = self.tag(tag.is_some(), span)?;
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::Single,
                    ScalarStyle::DoubleQuoted => Style::Double,
                    _ => Style::Block,
                };
                self.scalar(text.into_owned(), style, anchor, span, tag)?;
            }
            Parsed::SequenceStart(_, anchor, tag) => {
                self.start(anchor, span, tag.is_some(), Content::Sequence(Vec::new()))?;
            }
            Parsed::MappingStart(_, anchor, tag) => {
                self.start(anchor, span, tag.is_some(), Content::mapping())?;
            }
            Parsed::SequenceEnd | Parsed::MappingEnd => self.close(span)?,
            Parsed::Alias(anchor) => self.alias(anchor, span)?,
            _ => {}
        }
        Ok(())
    }

    fn document(&mut self, span: Span) -> Result<(), Error> {
        self.anchors.clear();
        if self.stream.documents.len() < self.limits.documents {
            return Ok(());
        }
        Err(Error {
            id: "yaml-document",
            message: format!(
                "more than {} document{} in the file",
                self.limits.documents,
                if self.limits.documents == 1 { "" } else { "s" }
            ),
            span,
            related: None,
            help: Some("remove what follows this `---`".to_owned()),
        })
    }

    fn scalar(
        &mut self,
        text: String,
        style: Style,
        anchor: usize,
        span: Span,
        tag: Option<String>,
    ) -> Result<(), Error> {
        if text.len() > self.limits.scalar {
            return Err(Error::limit(
                format!(
                    "a value of {} bytes, and at most {} are read",
                    text.len(),
                    self.limits.scalar
                ),
                span,
            ));
        }
        self.finish(anchor, span, Kind::Scalar(Scalar { text, style }), tag)
    }

    fn comment(&mut self, text: &str, trailing: bool, span: Span) {
        if !trailing {
            if self.gap_above(span.start, "") {
                self.above.push(String::new());
            }
            let text = text.strip_prefix(' ').unwrap_or(text).trim_end();
            self.above.push(text.to_owned());
        }
        self.stream.comments.push(Comment {
            text: text.to_owned(),
            span,
            trailing,
        });
    }

    /// The comments above a sequence item that starts at `at`; none where no sequence is open.
    fn item_comments(&mut self, at: usize) -> Vec<String> {
        match self.open.last() {
            Some(Open {
                content: Content::Sequence(_),
                ..
            }) => self.take_comments(at, "-"),
            _ => Vec::new(),
        }
    }

    fn take_comments(&mut self, at: usize, mark: &str) -> Vec<String> {
        let mut comments = std::mem::take(&mut self.above);
        if self.gap_above(at, mark) {
            comments.push(String::new());
        }
        comments
    }

    /// Whether an empty line stands above `at`, where only `mark` is in front of it on its own line.
    ///
    /// Empty lines are kept, so that a tree can be written back as it was.
    fn gap_above(&self, at: usize, mark: &str) -> bool {
        let before = &self.text.as_bytes()[..at];
        let Some(line) = before.iter().rposition(|&byte| byte == b'\n') else {
            return false;
        };
        if before[line + 1..].trim_ascii() != mark.as_bytes() {
            return false;
        }
        let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r');
        let above = before[..line].iter().rev().find(|byte| !is_blank(byte));
        above.is_none_or(|&byte| byte == b'\n')
    }

    fn start(
        &mut self,
        anchor: usize,
        span: Span,
        tagged: bool,
        content: Content,
    ) -> Result<(), Error> {
        self.count(span)?;
        if self.open.len() >= self.limits.depth {
            return Err(Error::limit(
                format!("nested deeper than {} levels", self.limits.depth),
                span,
            ));
        }
        self.refuse_collection_key(span)?;
        let tag = self.tag(tagged, span)?;
        let comments = self.item_comments(span.start);
        self.open.push(Open {
            anchor,
            span,
            tag,
            comments,
            content,
        });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Error> {
        let open = self
            .open
            .pop()
            .expect("internal error: the parser closes only what it opened");
        let kind = match open.content {
            Content::Sequence(items) => Kind::Sequence(items),
            Content::Mapping {
                mut entries,
                merges,
                ..
            } => {
                self.merge(&mut entries, merges)?;
                Kind::Mapping(entries)
            }
        };
        let flow = self
            .text
            .as_bytes()
            .get(open.span.start)
            .is_some_and(|first| matches!(first, b'[' | b'{'));
        let end = match flow {
            // The parser may end it only where the next thing begins.
            true => open.span.start + self.text[open.span.start..span.end].trim_end().len(),
            false => self.content_end(&kind).unwrap_or(span.end),
        };
        let node = Node {
            span: Span::new(open.span.start, end),
            kind,
            tag: open.tag,
            comments: open.comments,
        };
        self.attach(open.anchor, node)
    }

    /// End of the last thing inside a block collection, which the parser itself reports as the start of
    /// whatever comes next.
    fn content_end(&self, kind: &Kind) -> Option<usize> {
        match kind {
            Kind::Scalar(_) => None,
            Kind::Sequence(items) => items.last().map(|item| item.span.end),
            Kind::Mapping(entries) => entries
                .iter()
                .filter(|entry| !entry.merged)
                .map(|entry| entry.value.span.end.max(entry.key_span.end))
                .max(),
        }
    }

    fn finish(
        &mut self,
        anchor: usize,
        span: Span,
        kind: Kind,
        tag: Option<String>,
    ) -> Result<(), Error> {
        self.count(span)?;
        if let Some(Open {
            content: Content::Mapping { pending: None, .. },
            ..
        }) = self.open.last()
        {
            let Kind::Scalar(scalar) = kind else {
                unreachable!("internal error: only scalars are finished here")
            };
            if scalar.text.len() > self.limits.key {
                return Err(Error::limit(
                    format!(
                        "a key of {} bytes, and at most {} are read",
                        scalar.text.len(),
                        self.limits.key
                    ),
                    span,
                ));
            }
            let comments = self.take_comments(span.start, "");
            if let Some(Open {
                content: Content::Mapping { pending, .. },
                ..
            }) = self.open.last_mut()
            {
                *pending = Some((scalar.text, span, comments));
            }
            return Ok(());
        }
        let mut start = span.start;
        if matches!(&kind, Kind::Scalar(scalar) if scalar.style == Style::Block) {
            // The span of a block scalar leaves out its header.
            start = self.text[..start].rfind(['|', '>']).unwrap_or(start);
        }
        let comments = self.item_comments(start);
        let node = Node {
            span,
            kind,
            tag,
            comments,
        };
        self.attach(anchor, node)
    }

    fn attach(&mut self, anchor: usize, node: Node) -> Result<(), Error> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.stream.documents.push(node);
            return Ok(());
        };
        match &mut open.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping {
                entries,
                index,
                merges,
                pending,
            } => {
                let (key, key_span, comments) = pending
                    .take()
                    .expect("internal error: a value always follows its key");
                let plain_merge = key == "<<" && self.text.as_bytes()[key_span.start] == b'<';
                if plain_merge {
                    merges.push((key_span, node));
                    return Ok(());
                }
                let first = first_use(entries, index, &key, key_span);
                if let Some(first) = first
                    && self.limits.duplicates
                {
                    self.stream.duplicates.push((first, key_span));
                    entries.retain(|entry| entry.key != key);
                } else if let Some(first) = first {
                    return Err(Error {
                        id: "duplicate-key",
                        message: format!("the key `{key}` is given twice"),
                        span: key_span,
                        related: Some((first, "first given here")),
                        help: Some("keep one of the two".to_owned()),
                    });
                }
                entries.push(Entry {
                    key,
                    key_span,
                    merged: false,
                    comments,
                    value: node,
                });
            }
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Error> {
        self.refuse_collection_key(span)?;
        self.aliases += 1;
        if self.aliases > self.limits.aliases {
            return Err(Error::limit(
                format!("more than {} aliases", self.limits.aliases),
                span,
            ));
        }
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(Error {
                id: "yaml-syntax",
                message: "an alias inside the very value that it names".to_owned(),
                span,
                related: None,
                help: Some("write the value out".to_owned()),
            });
        };
        let size = node.count();
        let node = node.clone();
        self.replay(size, span)?;
        if self.open.len() + depth(&node) > self.limits.depth {
            return Err(Error::limit(
                format!("nested deeper than {} levels", self.limits.depth),
                span,
            ));
        }
        self.attach(0, node)
    }

    fn replay(&mut self, nodes: usize, span: Span) -> Result<(), Error> {
        self.replayed += nodes;
        if self.replayed > self.limits.replayed {
            return Err(Error::limit(
                format!("aliases repeat more than {} values", self.limits.replayed),
                span,
            ));
        }
        Ok(())
    }

    /// Brings in what `<<` names; keys written in the mapping itself win, then earlier merges.
    fn merge(&mut self, entries: &mut Vec<Entry>, merges: Vec<(Span, Node)>) -> Result<(), Error> {
        if merges.is_empty() {
            return Ok(());
        }
        let mut seen: HashSet<String> = entries.iter().map(|entry| entry.key.clone()).collect();
        for (span, node) in merges {
            let sources = match node.kind {
                Kind::Sequence(items) => items,
                _ => vec![node],
            };
            for source in sources {
                let Kind::Mapping(incoming) = source.kind else {
                    return Err(Error {
                        id: "yaml-syntax",
                        message: "a merge key `<<` names something other than a mapping".to_owned(),
                        span,
                        related: None,
                        help: Some("merge a mapping, or a list of mappings".to_owned()),
                    });
                };
                for mut entry in incoming {
                    if !seen.contains(&entry.key) {
                        self.replay(entry.value.count(), span)?;
                        seen.insert(entry.key.clone());
                        entry.merged = true;
                        entries.push(entry);
                    }
                }
            }
        }
        Ok(())
    }

    fn refuse_collection_key(&self, span: Span) -> Result<(), Error> {
        match self.open.last() {
            Some(Open {
                content: Content::Mapping { pending: None, .. },
                ..
            }) => Err(Error {
                id: "yaml-syntax",
                message: "a key that is not a single value".to_owned(),
                span,
                related: None,
                help: Some("quote the key if it is meant as text".to_owned()),
            }),
            _ => Ok(()),
        }
    }

    fn tag(&self, tagged: bool, span: Span) -> Result<Option<String>, Error> {
        if !tagged {
            return Ok(None);
        }
        if !self.limits.tags {
            return Err(Error {
                id: "yaml-tag",
                message: "an explicit YAML tag".to_owned(),
                span,
                related: None,
                help: Some("remove the `!…`; the field decides the type".to_owned()),
            });
        }
        // The tag stands before the value, on the same or an earlier line.
        let before = &self.text[..span.start];
        let tag = before
            .split_whitespace()
            .rev()
            .take(2)
            .find(|word| word.starts_with('!'))
            .map(str::to_owned);
        Ok(tag)
    }

    fn count(&mut self, span: Span) -> Result<(), Error> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(Error::limit(
                format!("more than {} values in the file", self.limits.nodes),
                span,
            ));
        }
        Ok(())
    }

    fn span(&self, range: Option<Range<usize>>) -> Span {
        let range = range.unwrap_or(0..0);
        let mut span = Span::new(
            range.start.min(self.text.len()),
            range.end.min(self.text.len()),
        );
        // Block scalars reach to the start of the next token; the blank rest is not part of the value.
        let slice = &self.text[span.start..span.end];
        span.end = span.start + slice.trim_end().len();
        span
    }

    fn syntax(&self, error: &granit_parser::ScanError) -> Error {
        let at = error.marker().byte_offset().unwrap_or_else(|| {
            self.text
                .char_indices()
                .nth(error.marker().index())
                .map_or(self.text.len(), |(at, _)| at)
        });
        let at = at.min(self.text.len());
        let end = self.text[at..]
            .char_indices()
            .nth(1)
            .map_or(self.text.len(), |(next, _)| at + next);
        let info = error.info();
        Error {
            id: if info.contains("limit") {
                "yaml-limit"
            } else {
                "yaml-syntax"
            },
            message: format!("not valid YAML: {info}"),
            span: Span::new(at, end),
            related: None,
            help: None,
        }
    }
}

/// Where the key was used before. Most mappings are so small that looking at each entry is quickest.
fn first_use(
    entries: &[Entry],
    index: &mut HashMap<String, Span>,
    key: &str,
    span: Span,
) -> Option<Span> {
    const FEW: usize = 16;
    if entries.len() < FEW {
        let entry = entries.iter().find(|entry| entry.key == key);
        return entry.map(|entry| entry.key_span);
    }
    if index.is_empty() {
        let known = entries
            .iter()
            .map(|entry| (entry.key.clone(), entry.key_span));
        index.extend(known);
    }
    index.insert(key.to_owned(), span)
}

fn depth(node: &Node) -> usize {
    match &node.kind {
        Kind::Scalar(_) => 0,
        Kind::Sequence(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Kind::Mapping(entries) => {
            1 + entries
                .iter()
                .map(|entry| depth(&entry.value))
                .max()
                .unwrap_or(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Node {
        read(text, &Limits::SPEC)
            .expect("valid")
            .documents
            .remove(0)
    }

    fn refused(text: &str) -> Error {
        read(text, &Limits::SPEC).expect_err("refused")
    }

    #[test]
    fn scalars_keep_their_text() {
        let node = one("a: no\nb: 1.10\nc: 0123\nd: '80'\n");
        assert_eq!(node.get("a").unwrap().text(), Some("no"));
        assert_eq!(node.get("b").unwrap().text(), Some("1.10"));
        assert_eq!(node.get("c").unwrap().text(), Some("0123"));
        assert_eq!(
            node.get("d").unwrap().scalar().unwrap().style,
            Style::Single
        );
    }

    #[test]
    fn spans_name_the_bytes_of_keys_and_values() {
        let text = "a:\n  b: value\n  c: [1, 2]\nd: x\n";
        let node = one(text);
        let a = node.entry("a").unwrap();
        assert_eq!(&text[a.key_span.start..a.key_span.end], "a");
        let b = a.value.get("b").unwrap().span;
        assert_eq!(&text[b.start..b.end], "value");
        let c = a.value.get("c").unwrap().span;
        assert_eq!(&text[c.start..c.end], "[1, 2]");
        assert_eq!(
            &text[a.value.span.start..a.value.span.end],
            "b: value\n  c: [1, 2]"
        );
    }

    #[test]
    fn duplicate_keys_name_both_places() {
        let error = refused("a: 1\nb: 2\na: 3\n");
        assert_eq!(error.id, "duplicate-key");
        assert_eq!(error.span, Span::new(10, 11));
        assert_eq!(error.related.unwrap().0, Span::new(0, 1));
    }

    #[test]
    fn merge_keys_give_way_to_written_keys() {
        let node = one("base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\n");
        let merged = node.get("use").unwrap();
        assert_eq!(merged.get("x").unwrap().text(), Some("1"));
        assert_eq!(merged.get("y").unwrap().text(), Some("3"));
    }

    #[test]
    fn alias_bombs_end_at_the_budget() {
        let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..9 {
            let previous = level - 1;
            let aliases = vec![format!("*a{previous}"); 10].join(",");
            text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert_eq!(refused(&text).id, "yaml-limit");
    }

    #[test]
    fn deep_nesting_is_a_limit_not_a_crash() {
        assert_eq!(refused(&"[".repeat(200_000)).id, "yaml-limit");
        assert_eq!(refused(&"{a: ".repeat(80_000)).id, "yaml-limit");
        assert_eq!(refused(&"- ".repeat(50_000)).id, "yaml-limit");
    }

    #[test]
    fn tags_documents_and_control_characters_are_refused() {
        assert_eq!(refused("a: !!str 1\n").id, "yaml-tag");
        assert_eq!(refused("a: 1\n---\nb: 2\n").id, "yaml-document");
        assert_eq!(refused("a: \"\u{1}\"\n").id, "yaml-syntax");
        assert_eq!(refused("a: &x [*x]\n").id, "yaml-syntax");
        assert_eq!(refused("[a]: 1\n").id, "yaml-syntax");
    }

    #[test]
    fn comments_stay_with_the_key_below_them() {
        let node = one("# head\n\n# about a\na: 1 # side\n# about b\nb:\n  # inner\n  c: 2\n");
        assert_eq!(node.entry("a").unwrap().comments, ["head", "", "about a"]);
        assert_eq!(node.entry("b").unwrap().comments, ["about b"]);
        assert_eq!(
            node.get("b").unwrap().entry("c").unwrap().comments,
            ["inner"]
        );
    }

    #[test]
    fn limits_hold_at_the_edge() {
        let limits = Limits {
            nodes: 3,
            ..Limits::SPEC
        };
        assert!(read("a: 1\n", &limits).is_ok());
        assert!(read("a: 1\nb: 2\n", &limits).is_err());
        let limits = Limits {
            bytes: 5,
            ..Limits::SPEC
        };
        assert!(read("a: 1\n", &limits).is_ok());
        assert!(read("a: 12\n", &limits).is_err());
    }
}
