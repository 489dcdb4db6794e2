//! Which values a chart reads, and which it does not.
//!
//! Owns the summary of the reads of an evaluation, joined with what the templates mention in branches that did
//! not run. Knows nothing of output.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::source::{Place, Source, Span};

use super::ast::{Block, Command, Expr, ExprKind, Node, Parsed, Pipe};
use super::data::{Data, Kind};
use super::origin::Read;

/// A value that templates read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueRead {
    /// Its path in the values of the root chart.
    pub path: Place,
    /// The first template that read it, and where.
    pub read_at: Option<(Arc<Source>, Span)>,
    /// Where it was written last: the chart's values or a file of the user; none for `--set` and for what
    /// nobody writes.
    pub written_at: Option<(Arc<Source>, Span)>,
    /// The word for its type, `null` where it is not set.
    pub kind: &'static str,
    /// The value, where it is a single one.
    pub value: Option<String>,
    /// What the template puts in its place when it is empty, if it says so with `default`.
    pub default: Option<String>,
}

/// A value that nothing reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadValue {
    /// Its path in the values of the root chart.
    pub path: Place,
    /// Where it was written.
    pub written_at: Option<(Arc<Source>, Span)>,
}

type Keys = Vec<(Arc<str>, bool)>;

/// The way to what a read looked at.
pub(crate) fn keys(read: &Read) -> Keys {
    let mut keys = read
        .parent
        .as_ref()
        .map(|parent| parent.keys())
        .unwrap_or_default();
    keys.push((Arc::clone(&read.key), read.index));
    keys
}

pub(crate) fn place(keys: &Keys) -> Place {
    keys.iter()
        .fold(Place::root(), |place, (key, index)| match key.parse() {
            Ok(at) if *index => place.index(at),
            _ => place.key(key.as_ref()),
        })
}

pub(crate) fn find<'d>(data: &'d Data, keys: &Keys) -> Option<&'d Data> {
    keys.iter()
        .try_fold(data, |data, (key, index)| match &data.kind {
            Kind::Map(entries) => entries.get(key),
            Kind::List(items) if *index => items.get(key.parse::<usize>().ok()?),
            _ => None,
        })
}

/// The reads by path, and the values of `coalesced` that none of them covers.
pub(crate) fn summary(
    reads: &[Read],
    mentioned: &BTreeSet<Vec<Arc<str>>>,
    coalesced: &Data,
    templates: &[Arc<Source>],
    sources: &dyn Fn(u32) -> Option<Arc<Source>>,
) -> (Vec<ValueRead>, Vec<UnreadValue>) {
    let mut by_path: BTreeMap<Keys, ValueRead> = BTreeMap::new();
    let mut whole: BTreeSet<Keys> = BTreeSet::new();
    for read in reads {
        let keys = keys(read);
        if read.whole {
            whole.insert(keys.clone());
        }
        let entry = by_path.entry(keys.clone()).or_insert_with(|| {
            let data = find(coalesced, &keys);
            ValueRead {
                path: place(&keys),
                read_at: templates.get(read.file as usize).map(|source| {
                    let at = read.offset as usize;
                    (Arc::clone(source), Span::new(at, at))
                }),
                written_at: data
                    .and_then(|data| data.at)
                    .and_then(|at| Some((sources(at.file)?, at.span))),
                kind: data.map_or("null", Data::noun),
                value: data
                    .filter(|data| !data.is_collection())
                    .map(|data| data.to_json().to_string()),
                default: None,
            }
        });
        if entry.default.is_none() {
            entry.default = read.default.as_ref().map(ToString::to_string);
        }
    }
    let mut unread = Vec::new();
    let known = Known {
        by_path: &by_path,
        whole: &whole,
        mentioned,
    };
    known.walk(coalesced, &mut Vec::new(), sources, &mut unread);
    (by_path.into_values().collect(), unread)
}

struct Known<'k> {
    by_path: &'k BTreeMap<Keys, ValueRead>,
    whole: &'k BTreeSet<Keys>,
    mentioned: &'k BTreeSet<Vec<Arc<str>>>,
}

impl Known<'_> {
    fn walk(
        &self,
        data: &Data,
        keys: &mut Keys,
        sources: &dyn Fn(u32) -> Option<Arc<Source>>,
        unread: &mut Vec<UnreadValue>,
    ) {
        if !keys.is_empty() {
            if self.whole.contains(keys) || self.is_mentioned(keys) {
                return;
            }
            let below = match &data.kind {
                Kind::Map(entries) => !entries.is_empty(),
                Kind::List(items) => items.iter().any(Data::is_collection),
                _ => false,
            };
            if !below || !self.touched(keys) {
                if !self.by_path.contains_key(keys) {
                    unread.push(UnreadValue {
                        path: place(keys),
                        written_at: data.at.and_then(|at| Some((sources(at.file)?, at.span))),
                    });
                }
                return;
            }
        }
        match &data.kind {
            Kind::Map(entries) => {
                for (key, value) in entries {
                    keys.push((Arc::clone(key), false));
                    self.walk(value, keys, sources, unread);
                    keys.pop();
                }
            }
            Kind::List(items) => {
                for (at, item) in items
                    .iter()
                    .enumerate()
                    .filter(|(_, item)| item.is_collection())
                {
                    keys.push((Arc::from(at.to_string()), true));
                    self.walk(item, keys, sources, unread);
                    keys.pop();
                }
            }
            _ => {}
        }
    }

    /// Whether the value or something below it was read, or is named somewhere.
    fn touched(&self, keys: &Keys) -> bool {
        let read = self.by_path.range(keys.clone()..).next();
        read.is_some_and(|(known, _)| known.starts_with(keys))
            || suffixes(keys).any(|names| {
                let named = self.mentioned.range(names.clone()..).next();
                named.is_some_and(|known| known.starts_with(&names))
            })
    }

    /// Whether a template names exactly this value.
    fn is_mentioned(&self, keys: &Keys) -> bool {
        suffixes(keys).any(|names| self.mentioned.contains(&names))
    }
}

/// The names as every chart on the way can call them: the values of a child chart are named from its own root.
fn suffixes(keys: &Keys) -> impl Iterator<Item = Vec<Arc<str>>> + '_ {
    (0..keys.len()).map(|skip| {
        keys[skip..]
            .iter()
            .map(|(key, _)| Arc::clone(key))
            .collect()
    })
}

/// The paths behind `.Values` that templates mention anywhere.
pub(crate) fn mentioned(parsed: &[&Parsed]) -> BTreeSet<Vec<Arc<str>>> {
    let mut out = BTreeSet::new();
    for file in parsed {
        block(&file.body.body, &mut out);
        for define in &file.defines {
            block(&define.body, &mut out);
        }
    }
    out
}

fn block(nodes: &Block, out: &mut BTreeSet<Vec<Arc<str>>>) {
    for node in nodes {
        match node {
            Node::Action(pipe) => self::pipe(pipe, out),
            Node::If {
                pipe,
                then,
                otherwise,
            }
            | Node::With {
                pipe,
                then,
                otherwise,
            }
            | Node::Range {
                pipe,
                then,
                otherwise,
            } => {
                self::pipe(pipe, out);
                block(then, out);
                block(otherwise, out);
            }
            Node::Template {
                pipe: Some(pipe), ..
            } => self::pipe(pipe, out),
            _ => {}
        }
    }
}

fn pipe(pipe: &Pipe, out: &mut BTreeSet<Vec<Arc<str>>>) {
    for Command { head, arguments } in &pipe.commands {
        expr(head, out);
        for argument in arguments {
            expr(argument, out);
        }
    }
}

fn expr(expr: &Expr, out: &mut BTreeSet<Vec<Arc<str>>>) {
    let fields = |names: &[Arc<str>], out: &mut BTreeSet<Vec<Arc<str>>>| {
        if let Some(at) = names.iter().position(|name| &**name == "Values")
            && at + 1 < names.len()
        {
            out.insert(names[at + 1..].to_vec());
        }
    };
    match &expr.kind {
        ExprKind::Field(names) | ExprKind::Variable(_, names) => fields(names, out),
        ExprKind::Chain(inner, names) => {
            fields(names, out);
            self::expr(inner, out);
        }
        ExprKind::Pipe(inner) => pipe(inner, out),
        _ => {}
    }
}
