//! Which contexts the expressions of a workflow read: `needs.build.outputs.tag`, `env.IMAGE`.

use crate::source::Span;
use crate::source::yaml::Node;

/// A name with dots in an expression, and its bytes in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The parts; an index that is no literal ends them.
    pub path: Vec<String>,
    /// The bytes.
    pub span: Span,
}

/// Every name that expressions in `node` and below read; `source` is the text of the file.
pub fn reads(source: &str, node: &Node) -> Vec<Read> {
    let mut found = Vec::new();
    walk(source, node, false, &mut found);
    found
}

fn walk(source: &str, node: &Node, bare: bool, found: &mut Vec<Read>) {
    for entry in node.entries() {
        walk(source, &entry.value, entry.key == "if", found);
    }
    for item in node.items() {
        walk(source, item, false, found);
    }
    if node.text().is_none() {
        return;
    }
    let raw = source.get(node.span.start..node.span.end).unwrap_or("");
    if bare && !raw.contains("${{") {
        names(raw, node.span.start, found);
        return;
    }
    let mut at = 0;
    while let Some(open) = raw[at..].find("${{") {
        let from = at + open + 3;
        let end = raw[from..].find("}}").map_or(raw.len(), |end| from + end);
        names(&raw[from..end], node.span.start + from, found);
        at = end;
    }
}

fn names(text: &str, base: usize, found: &mut Vec<Read>) {
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
            while c == b'.' && at < bytes.len() && is_name(bytes[at]) {
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
        if path.len() > 1 {
            found.push(Read {
                path,
                span: Span::new(base + start, base + at),
            });
        }
    }
}
