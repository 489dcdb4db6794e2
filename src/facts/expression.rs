//! Which contexts the expressions of a workflow read: `needs.build.outputs.tag`, `env.IMAGE`.

use crate::source::Span;
use crate::source::yaml::{Node, Style};

/// A name with dots in an expression, and its bytes in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The parts; an index that is no literal ends them.
    pub path: Vec<String>,
    /// The bytes.
    pub span: Span,
}

/// A name in an expression: of a context, of a function, or of nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its parts; an index that is no literal ends them.
    pub path: Vec<String>,
    /// The bytes.
    pub span: Span,
    /// Whether arguments follow.
    pub call: bool,
}

/// What stands between `${{` and `}}`, or behind `if:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// The text; as long as it is in the file.
    pub text: String,
    /// Where it begins.
    pub start: usize,
}

/// Every name that expressions in `node` and below read; `source` is the text of the file.
pub fn reads(source: &str, node: &Node) -> Vec<Read> {
    let mut all = Vec::new();
    walk(source, node, false, &mut all);
    all.iter()
        .flat_map(Expression::words)
        .filter(|word| word.path.len() > 1)
        .map(|word| Read {
            path: word.path,
            span: word.span,
        })
        .collect()
}

/// Every expression in `node` and below; `key` is the key that it stands behind.
pub fn expressions(source: &str, key: &str, node: &Node) -> Vec<Expression> {
    let mut all = Vec::new();
    walk(source, node, key == "if", &mut all);
    all
}

fn walk(source: &str, node: &Node, bare: bool, found: &mut Vec<Expression>) {
    for entry in node.entries() {
        walk(source, &entry.value, entry.key == "if", found);
    }
    for item in node.items() {
        walk(source, item, false, found);
    }
    let Some(scalar) = node.scalar() else {
        return;
    };
    let raw = source.get(node.span.start..node.span.end).unwrap_or("");
    // Between single quotes YAML doubles those of the expression.
    let (text, quotes) = match scalar.style {
        Style::Single => (raw.replace("''", "' "), 1),
        Style::Double => (raw.to_owned(), 1),
        _ => (raw.to_owned(), 0),
    };
    let raw = text.as_str();
    if bare && !raw.contains("${{") {
        found.push(Expression {
            text: raw
                .get(quotes..raw.len().saturating_sub(quotes))
                .unwrap_or("")
                .to_owned(),
            start: node.span.start + quotes,
        });
        return;
    }
    let mut at = 0;
    while let Some(open) = raw[at..].find("${{") {
        let from = at + open + 3;
        let end = closing(raw, from);
        found.push(Expression {
            text: raw[from..end].to_owned(),
            start: node.span.start + from,
        });
        at = end;
    }
}

/// Where `}}` ends an expression: not in a text.
fn closing(raw: &str, from: usize) -> usize {
    let mut quoted = false;
    for (at, c) in raw[from..].char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '}' if !quoted && raw[from + at..].starts_with("}}") => return from + at,
            _ => {}
        }
    }
    raw[from..].find("}}").map_or(raw.len(), |end| from + end)
}

impl Expression {
    /// The names in it.
    pub fn words(&self) -> Vec<Word> {
        let (text, base) = (self.text.as_str(), self.start);
        let mut found = Vec::new();
        let bytes = text.as_bytes();
        let is_name = |c: u8| c == b'_' || c == b'-' || c.is_ascii_alphanumeric();
        let mut at = 0;
        while at < bytes.len() {
            let c = bytes[at];
            if c == b'\'' {
                at += 1;
                while at < bytes.len() && bytes[at] != b'\'' {
                    at += 1;
                }
                at += 1;
                continue;
            }
            if !(c == b'_' || c.is_ascii_alphabetic()) {
                // A number, an operator, or a part behind an index.
                at += 1;
                while (c == b'.' || c.is_ascii_digit()) && at < bytes.len() && is_name(bytes[at]) {
                    at += 1;
                }
                continue;
            }
            let start = at;
            let mut path = Vec::new();
            loop {
                let from = at;
                while at < bytes.len() && is_name(bytes[at]) {
                    at += 1;
                }
                path.push(text[from..at].to_owned());
                let next = bytes.get(at + 1).copied().unwrap_or(0);
                if bytes.get(at) == Some(&b'.') && (next == b'_' || next.is_ascii_alphabetic()) {
                    at += 1;
                } else {
                    break;
                }
            }
            let open = bytes.get(at) == Some(&b'[') || bytes.get(at) == Some(&b'.');
            if open {
                path.push("*".to_owned());
            }
            found.push(Word {
                path,
                span: Span::new(base + start, base + at),
                call: text[at..].trim_start().starts_with('('),
            });
        }
        found
    }

    /// Comparisons of a name with a text: the name, its bytes, `==` or `!=`, the text and its bytes.
    pub fn comparisons(&self) -> Vec<(Vec<String>, Span, bool, String, Span)> {
        let mut found = Vec::new();
        for word in self.words() {
            let end = word.span.end - self.start;
            let rest = self.text[end..].trim_start();
            let Some(equal) = ["==", "!="].iter().find(|sign| rest.starts_with(**sign)) else {
                continue;
            };
            let right = rest[2..].trim_start();
            let Some(length) = right.strip_prefix('\'').and_then(|text| text.find('\'')) else {
                continue;
            };
            let from = self.start + self.text.len() - right.len();
            found.push((
                word.path,
                word.span,
                *equal == "==",
                right[1..=length].trim_start().to_owned(),
                Span::new(from, from + length + 2),
            ));
        }
        found
    }
}
