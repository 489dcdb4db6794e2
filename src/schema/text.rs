//! A document's text together with what settings (`--set`) put over it.
//!
//! Every node of the merged tree carries a span; spans behind the end of the file belong to the
//! settings, so that an error in `--set app.port=x` is shown on the command line's own text.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Reporter};
use crate::source::yaml::{self, Entry, Kind, Limits, Node};
use crate::source::{Source, Span};

/// A document as text, with settings over it.
#[derive(Debug)]
pub struct Document {
    file: Arc<Source>,
    /// The offset at which each setting's spans begin, and the setting.
    settings: Vec<(usize, Arc<Source>)>,
}

impl Document {
    /// The text of the file alone.
    pub fn new(file: Arc<Source>) -> Self {
        Self {
            file,
            settings: Vec::new(),
        }
    }

    /// The file.
    pub fn file(&self) -> &Arc<Source> {
        &self.file
    }

    /// The source and span that a span of the merged tree stands for.
    pub fn locate(&self, span: Span) -> (&Arc<Source>, Span) {
        let setting = self
            .settings
            .iter()
            .rev()
            .find(|(base, _)| span.start >= *base);
        match setting {
            Some((base, source)) => (
                source,
                Span::new(span.start - base, span.end.saturating_sub(*base)),
            ),
            None => (&self.file, span),
        }
    }

    /// Points the primary label of `diagnostic` at a span of the merged tree.
    pub fn at<'d>(
        &self,
        diagnostic: &'d mut Diagnostic,
        span: Span,
        text: impl Into<String>,
    ) -> &'d mut Diagnostic {
        let (source, span) = self.locate(span);
        diagnostic.at(source, span, text)
    }

    /// Adds a second label.
    pub fn also<'d>(
        &self,
        diagnostic: &'d mut Diagnostic,
        span: Span,
        text: impl Into<String>,
    ) -> &'d mut Diagnostic {
        let (source, span) = self.locate(span);
        diagnostic.also(source, span, text)
    }

    /// The first line of a node, which is enough to point at a long mapping.
    pub fn head(&self, node: &Node) -> Span {
        let (source, span) = self.locate(node.span);
        let line = source
            .slice(span)
            .lines()
            .next()
            .unwrap_or("")
            .trim_end()
            .len();
        Span::new(node.span.start, node.span.start + line)
    }

    /// Reads the file as one strict YAML document.
    pub fn read(&self, report: &mut Reporter) -> Option<Node> {
        match yaml::read(self.file.text(), &Limits::SPEC) {
            Ok(stream) => match stream.documents.into_iter().next() {
                Some(node) => Some(node),
                None => {
                    report.error("missing-field", "the file is empty").at(
                        &self.file,
                        Span::new(0, 0),
                        "expected a mapping",
                    );
                    None
                }
            },
            Err(error) => {
                tell(&self.file, &error, report);
                None
            }
        }
    }

    /// Puts `path=value` over the tree; the value is read as YAML, `null` takes a field away.
    pub fn set(&mut self, node: &mut Node, setting: &str, report: &mut Reporter) {
        let source = Source::new("--set", setting);
        let Some((path, value)) = setting.split_once('=') else {
            report
                .error("invalid-setting", format!("`--set {setting}` has no `=`"))
                .help("write it as `--set app.port=8080`");
            return;
        };
        let keys: Vec<&str> = path.split('.').collect();
        if keys.iter().any(|key| key.is_empty()) {
            report
                .error(
                    "invalid-setting",
                    format!("`{path}` is no path into the spec"),
                )
                .at(
                    &source,
                    Span::new(0, path.len()),
                    "expected keys joined by `.`, as in `app.port`",
                );
            return;
        }
        let base = self.next_base();
        let value_at = base + path.len() + 1;
        let parsed = match yaml::read(value, &Limits::SPEC) {
            Ok(stream) => stream.documents.into_iter().next(),
            Err(mut error) => {
                error.span = Span::new(
                    error.span.start + path.len() + 1,
                    error.span.end + path.len() + 1,
                );
                error.related = None;
                tell(&source, &error, report);
                return;
            }
        };
        let mut leaf = parsed.unwrap_or_else(|| empty(Span::new(0, 0)));
        shift(&mut leaf, value_at);
        self.settings.push((base, Arc::clone(&source)));
        let mut at = path.len();
        for key in keys.iter().rev() {
            at -= key.len();
            let key_span = Span::new(base + at, base + at + key.len());
            at = at.saturating_sub(1);
            leaf = Node {
                span: key_span,
                kind: Kind::Mapping(vec![Entry {
                    key: (*key).to_owned(),
                    key_span,
                    merged: false,
                    comments: Vec::new(),
                    value: leaf,
                }]),
                tag: None,
                comments: Vec::new(),
            };
        }
        overlay(node, &leaf);
    }

    fn next_base(&self) -> usize {
        match self.settings.last() {
            Some((base, source)) => base + source.text().len() + 1,
            None => self.file.text().len() + 1,
        }
    }
}

/// Merges `over` into `node`: mappings key by key, everything else replaced.
pub fn overlay(node: &mut Node, over: &Node) {
    let (Kind::Mapping(entries), Kind::Mapping(incoming)) = (&mut node.kind, &over.kind) else {
        *node = over.clone();
        return;
    };
    for entry in incoming {
        match entries
            .iter_mut()
            .find(|existing| existing.key == entry.key)
        {
            Some(existing) => {
                existing.key_span = entry.key_span;
                overlay(&mut existing.value, &entry.value);
            }
            None => entries.push(entry.clone()),
        }
    }
}

/// Tells an error of the YAML reader.
pub fn tell(source: &Arc<Source>, error: &yaml::Error, report: &mut Reporter) {
    let d = report.error(error.id, error.message.clone());
    d.at(source, error.span, "");
    if let Some((span, text)) = error.related {
        d.also(source, span, text);
    }
    if let Some(help) = &error.help {
        d.help(help.clone());
    }
}

fn empty(span: Span) -> Node {
    Node {
        span,
        kind: Kind::Scalar(yaml::Scalar {
            text: String::new(),
            style: yaml::Style::Double,
        }),
        tag: None,
        comments: Vec::new(),
    }
}

fn shift(node: &mut Node, by: usize) {
    node.span = Span::new(node.span.start + by, node.span.end + by);
    match &mut node.kind {
        Kind::Scalar(_) => {}
        Kind::Sequence(items) => items.iter_mut().for_each(|item| shift(item, by)),
        Kind::Mapping(entries) => {
            for entry in entries {
                entry.key_span = Span::new(entry.key_span.start + by, entry.key_span.end + by);
                shift(&mut entry.value, by);
            }
        }
    }
}
