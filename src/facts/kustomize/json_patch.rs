//! JSON patches (RFC 6902) on YAML nodes.

use crate::source::Span;
use crate::source::yaml::Node;

use super::edit;
use super::merge::{Via, replaced};

/// Why a patch does not apply, and the operation that it stops at.
#[derive(Debug)]
pub(super) struct Refused {
    /// Where the operation's path stands.
    pub(super) span: Span,
    /// What is wrong.
    pub(super) text: String,
}

/// Applies the operations of a list.
///
/// # Errors
/// The first operation that does not fit the object.
pub(super) fn apply(node: &mut Node, patch: &Node, via: &mut Via) -> Result<(), Refused> {
    for operation in patch.items() {
        one(node, operation, via)?;
    }
    Ok(())
}

fn one(node: &mut Node, operation: &Node, via: &mut Via) -> Result<(), Refused> {
    let text = |key: &str| operation.get(key).and_then(Node::text);
    let refused = |text: String| Refused {
        span: operation.get("path").unwrap_or(operation).span,
        text,
    };
    let Some(path) = text("path") else {
        return Err(refused("the operation has no `path`".to_owned()));
    };
    let nothing = || refused(format!("the object has no `{path}`"));
    let nothing_from = || {
        refused(format!(
            "the object has no `{}`",
            text("from").unwrap_or("")
        ))
    };
    let given = || {
        operation
            .get("value")
            .cloned()
            .unwrap_or_else(|| edit::text("", operation.span))
    };
    match text("op") {
        Some("add") => add(node, path, given(), via).ok_or_else(nothing),
        Some("remove") => take(node, path).map(|_| ()).ok_or_else(nothing),
        Some("replace") => {
            let own = find(node, path).ok_or_else(nothing)?;
            let value = given();
            replaced(via, value.span, own.span);
            *own = value;
            Ok(())
        }
        Some("test") => {
            let own = find(node, path).ok_or_else(nothing)?;
            if edit::same(own, &given()) {
                Ok(())
            } else {
                Err(refused(format!(
                    "`{path}` has another value than is asked for"
                )))
            }
        }
        Some("move") => {
            let value = take(node, text("from").unwrap_or("")).ok_or_else(nothing_from)?;
            add(node, path, value, via).ok_or_else(nothing)
        }
        Some("copy") => {
            let from = text("from").unwrap_or("");
            let value = find(node, from).cloned().ok_or_else(nothing_from)?;
            // Copies of copies double.
            if value.count() > 10_000 {
                return Err(refused("what is copied is too large".to_owned()));
            }
            add(node, path, value, via).ok_or_else(nothing)
        }
        other => Err(refused(format!(
            "there is no operation `{}`",
            other.unwrap_or("")
        ))),
    }
}

/// The parent of a path and its last part.
fn parent<'n>(node: &'n mut Node, path: &str) -> Option<(&'n mut Node, String)> {
    let (before, last) = path.rsplit_once('/')?;
    Some((find(node, before)?, plain(last)))
}

fn plain(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

fn find<'n>(node: &'n mut Node, path: &str) -> Option<&'n mut Node> {
    if path.is_empty() {
        return Some(node);
    }
    path.strip_prefix('/')?
        .split('/')
        .try_fold(node, |node, part| {
            let part = plain(part);
            if node.items().is_empty() {
                edit::get(node, &part)
            } else {
                edit::items(node)?.get_mut(part.parse::<usize>().ok()?)
            }
        })
}

fn add(node: &mut Node, path: &str, value: Node, via: &mut Via) -> Option<()> {
    if path.is_empty() {
        *node = value;
        return Some(());
    }
    let (parent, last) = parent(node, path)?;
    if let Some(items) = edit::items(parent) {
        let at = match last.as_str() {
            "-" => items.len(),
            number => number.parse().ok().filter(|at| *at <= items.len())?,
        };
        items.insert(at, value);
        return Some(());
    }
    edit::entries(parent)?;
    let span = value.span;
    if let Some(old) = edit::set(parent, &last, value) {
        replaced(via, span, old.span);
    }
    Some(())
}

fn take(node: &mut Node, path: &str) -> Option<Node> {
    let (parent, last) = parent(node, path)?;
    if let Some(items) = edit::items(parent) {
        let at = last.parse::<usize>().ok().filter(|at| *at < items.len())?;
        return Some(items.remove(at));
    }
    edit::remove(parent, &last)
}
