//! Changing trees of YAML nodes: set, remove, and walk to a field as kustomize names it.

use crate::source::Span;
use crate::source::yaml::{Entry, Kind, Node, Scalar, Style};

/// A text.
pub(super) fn text(text: &str, span: Span) -> Node {
    Node {
        span,
        kind: Kind::Scalar(Scalar {
            text: text.to_owned(),
            style: Style::Double,
        }),
        tag: None,
        comments: Vec::new(),
    }
}

/// A mapping of these.
pub(super) fn mapping(entries: Vec<Entry>, span: Span) -> Node {
    Node {
        span,
        kind: Kind::Mapping(entries),
        tag: None,
        comments: Vec::new(),
    }
}

/// A key with its value.
pub(super) fn entry(key: &str, value: Node) -> Entry {
    Entry {
        key: key.to_owned(),
        key_span: value.span,
        merged: false,
        comments: Vec::new(),
        value,
    }
}

/// The entries of a mapping, to be changed.
pub(super) fn entries(node: &mut Node) -> Option<&mut Vec<Entry>> {
    match &mut node.kind {
        Kind::Mapping(entries) => Some(entries),
        _ => None,
    }
}

/// The items of a list, to be changed.
pub(super) fn items(node: &mut Node) -> Option<&mut Vec<Node>> {
    match &mut node.kind {
        Kind::Sequence(items) => Some(items),
        _ => None,
    }
}

/// The value of a key, to be changed.
pub(super) fn get<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    entries(node)?
        .iter_mut()
        .find(|entry| entry.key == key)
        .map(|entry| &mut entry.value)
}

/// Gives a key a value; what it had is given back.
pub(super) fn set(node: &mut Node, key: &str, value: Node) -> Option<Node> {
    if let Some(old) = get(node, key) {
        return Some(std::mem::replace(old, value));
    }
    entries(node)?.push(entry(key, value));
    None
}

/// Takes a key away.
pub(super) fn remove(node: &mut Node, key: &str) -> Option<Node> {
    let entries = entries(node)?;
    let at = entries.iter().position(|entry| entry.key == key)?;
    Some(entries.remove(at).value)
}

/// Calls `change` with the field at `path`, `spec/template/metadata`, in every item of the lists on the way;
/// with `create`, mappings that are missing are made, spanning `span`.
pub(super) fn each(
    node: &mut Node,
    path: &str,
    create: Option<Span>,
    change: &mut dyn FnMut(&mut Node),
) {
    if let Kind::Sequence(items) = &mut node.kind {
        for item in items {
            each(item, path, create, change);
        }
        return;
    }
    if path.is_empty() {
        change(node);
        return;
    }
    let (key, rest) = path.split_once('/').unwrap_or((path, ""));
    if node.is_null() && create.is_some() {
        node.kind = Kind::Mapping(Vec::new());
    }
    if get(node, key).is_none()
        && let (Some(span), Some(entries)) = (create, entries(node))
    {
        entries.push(entry(key, mapping(Vec::new(), span)));
    }
    if let Some(next) = get(node, key) {
        each(next, rest, create, change);
    }
}

/// Moves every span of a tree.
pub(super) fn shift(node: &mut Node, by: usize) {
    let moved = |span: Span| Span::new(span.start + by, span.end + by);
    node.span = moved(node.span);
    match &mut node.kind {
        Kind::Scalar(_) => {}
        Kind::Sequence(items) => items.iter_mut().for_each(|item| shift(item, by)),
        Kind::Mapping(entries) => {
            for entry in entries {
                entry.key_span = moved(entry.key_span);
                shift(&mut entry.value, by);
            }
        }
    }
}

/// Whether two trees say the same, wherever they stand.
pub(super) fn same(a: &Node, b: &Node) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Scalar(a), Kind::Scalar(b)) => a.text == b.text,
        (Kind::Sequence(a), Kind::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Kind::Mapping(all), Kind::Mapping(others)) => {
            all.len() == others.len()
                && all
                    .iter()
                    .all(|one| b.get(&one.key).is_some_and(|other| same(&one.value, other)))
        }
        _ => false,
    }
}
