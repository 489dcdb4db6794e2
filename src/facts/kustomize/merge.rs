//! Strategic merges: a patch laid over an object, lists by the key that Kubernetes merges them by.

use std::collections::HashMap;

use crate::source::Span;
use crate::source::yaml::{Kind, Node};

use super::edit;

/// What stood where a value was replaced: the new place, the old ones, each with what happened.
pub(super) type Via = HashMap<Span, Vec<(Span, String)>>;

/// Notes that the value at `new` replaced what stood at `old`.
pub(super) fn replaced(via: &mut Via, new: Span, old: Span) {
    via.entry(new)
        .or_default()
        .push((old, "in place of this".to_owned()));
}

/// Whether nothing is left of the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// Something.
    Some,
    /// Nothing: the patch deletes it.
    Nothing,
}

/// Lays a patch over an object; `known` for kinds of Kubernetes itself, whose lists have keys.
///
/// # Errors
/// A directive that is not followed here.
pub(super) fn merge(
    node: &mut Node,
    patch: &Node,
    known: bool,
    via: &mut Via,
) -> Result<Left, &'static str> {
    Merge { known, via }.mapping(node, patch, &mut Vec::new())
}

struct Merge<'v> {
    known: bool,
    via: &'v mut Via,
}

impl Merge<'_> {
    fn mapping(
        &mut self,
        node: &mut Node,
        patch: &Node,
        path: &mut Vec<String>,
    ) -> Result<Left, &'static str> {
        match patch.get("$patch").and_then(Node::text) {
            Some("delete") => return Ok(Left::Nothing),
            Some("replace") => {
                *node = bare(patch);
                return Ok(Left::Some);
            }
            Some("merge") | None => {}
            Some(_) => return Err("$patch"),
        }
        for entry in patch.entries() {
            let key = entry.key.as_str();
            if key == "$patch" {
                continue;
            }
            if key.starts_with('$') {
                return Err("$setElementOrder, $deleteFromPrimitiveList or $retainKeys");
            }
            if entry.value.is_null() {
                edit::remove(node, key);
                continue;
            }
            let Some(own) = edit::get(node, key).filter(|own| !own.is_null()) else {
                edit::remove(node, key);
                if let Some(value) = self.fresh(&entry.value)
                    && let Some(entries) = edit::entries(node)
                {
                    let mut added = entry.clone();
                    added.value = value;
                    entries.push(added);
                }
                continue;
            };
            path.push(key.to_owned());
            let left = self.value(own, &entry.value, path)?;
            path.pop();
            if left == Left::Nothing {
                edit::remove(node, key);
            }
        }
        Ok(Left::Some)
    }

    fn value(
        &mut self,
        own: &mut Node,
        patch: &Node,
        path: &mut Vec<String>,
    ) -> Result<Left, &'static str> {
        match (&own.kind, &patch.kind) {
            (Kind::Mapping(_), Kind::Mapping(_)) => self.mapping(own, patch, path),
            (Kind::Sequence(_), Kind::Sequence(_)) => self.list(own, patch, path),
            _ => {
                replaced(self.via, patch.span, own.span);
                match self.fresh(patch) {
                    Some(value) => *own = value,
                    None => return Ok(Left::Nothing),
                }
                Ok(Left::Some)
            }
        }
    }

    fn list(
        &mut self,
        own: &mut Node,
        patch: &Node,
        path: &mut Vec<String>,
    ) -> Result<Left, &'static str> {
        let directive = |item: &Node| {
            item.get("$patch")
                .and_then(Node::text)
                .unwrap_or("")
                .to_owned()
        };
        let replaces = patch
            .items()
            .iter()
            .any(|item| directive(item) == "replace");
        let keys = self.keys(path, patch).filter(|_| !replaces);
        let Some(keys) = keys else {
            replaced(self.via, patch.span, own.span);
            *own = bare(patch);
            if let Some(items) = edit::items(own) {
                items.retain(|item| !(replaces && item.entries().is_empty()));
            }
            return Ok(Left::Some);
        };
        let mut first = Vec::new();
        for item in patch.items() {
            let identity = identity(item, keys);
            let all = edit::items(own).expect("internal error: a list");
            let at = all
                .iter()
                .position(|other| self::identity(other, keys) == identity);
            match (directive(item).as_str(), at) {
                ("delete", at) => {
                    at.map(|at| all.remove(at));
                }
                (_, Some(at)) => {
                    let mut taken = all.remove(at);
                    if self.mapping(&mut taken, item, path)? == Left::Some {
                        first.push(taken);
                    }
                }
                (_, None) => first.push(bare(item)),
            }
        }
        // What the patch speaks of comes first, in its order.
        if let Some(all) = edit::items(own) {
            all.splice(0..0, first);
        }
        Ok(Left::Some)
    }

    /// A value that nothing was there for: without what says that something goes.
    fn fresh(&self, patch: &Node) -> Option<Node> {
        let directive = patch.get("$patch").and_then(Node::text);
        (directive != Some("delete")).then(|| bare(patch))
    }

    /// The keys that tell the items of a list apart; nothing where the whole list is one value.
    fn keys(&self, path: &[String], patch: &Node) -> Option<&'static [&'static str]> {
        if !self.known || patch.items().iter().any(|item| item.entries().is_empty()) {
            return None;
        }
        let parent = path.iter().rev().nth(1).map_or("", String::as_str);
        let pod = path.len() == 1 || path.iter().any(|key| key == "template");
        let name: &[&str] = &["name"];
        match path.last()?.as_str() {
            "containers"
            | "initContainers"
            | "ephemeralContainers"
            | "env"
            | "volumes"
            | "imagePullSecrets"
            | "secrets"
            | "webhooks"
            | "schedulingGates" => Some(name),
            "ports" if parent.ends_with("ontainers") => Some(&["containerPort", "protocol"]),
            "ports" if parent == "spec" && !pod => Some(&["port", "protocol"]),
            "volumeMounts" => Some(&["mountPath"]),
            "volumeDevices" => Some(&["devicePath"]),
            "hostAliases" => Some(&["ip"]),
            "topologySpreadConstraints" => Some(&["topologyKey", "whenUnsatisfiable"]),
            _ => None,
        }
    }
}

fn identity<'n>(item: &'n Node, keys: &[&str]) -> Vec<Option<&'n str>> {
    // The protocol is TCP unless something else is said.
    let said = |key: &str, text: &&str| key != "protocol" || *text != "TCP";
    keys.iter()
        .map(|key| item.get(key)?.text().filter(|text| said(key, text)))
        .collect()
}

/// A patch as a value: without directives and what they take away.
fn bare(node: &Node) -> Node {
    let mut made = node.clone();
    strip(&mut made);
    made
}

fn strip(node: &mut Node) {
    let deleted = |node: &Node| node.get("$patch").and_then(Node::text) == Some("delete");
    match &mut node.kind {
        Kind::Scalar(_) => {}
        Kind::Sequence(items) => {
            items.retain(|item| !deleted(item));
            items.iter_mut().for_each(strip);
        }
        Kind::Mapping(entries) => {
            entries.retain(|entry| {
                !entry.key.starts_with('$') && !entry.value.is_null() && !deleted(&entry.value)
            });
            entries.iter_mut().for_each(|entry| strip(&mut entry.value));
        }
    }
}
