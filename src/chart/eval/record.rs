//! What an evaluation remembers: origins of text, looks at values, calls that no two runs agree on.

use std::rc::Rc;
use std::sync::Arc;

use super::super::ast::Expr;
use super::super::origin::{Origin, Read};
use super::super::value::{List, Map, Path, Value};
use super::{Eval, MOST_READS, Reads, Unstable};

impl Eval<'_> {
    /// The file of the template that is running.
    pub(crate) fn file(&self) -> u32 {
        self.file
    }

    /// Notes that the running action called something that no two runs agree on.
    pub(crate) fn note_unstable(&mut self, function: &'static str) {
        let (offset, end) = self.here;
        let file = self.file;
        let known = self
            .unstable
            .iter()
            .any(|u| u.function == function && u.file == file && u.offset == offset);
        if !known {
            self.unstable.push(Unstable {
                function,
                file,
                offset,
                end,
            });
        }
    }

    /// Numbers an origin.
    pub(crate) fn origin(&mut self, origin: Origin) -> u32 {
        self.origins.push(origin);
        u32::try_from(self.origins.len() - 1).unwrap_or(u32::MAX)
    }

    /// The origin of what the running action makes out of the reads since `first`.
    pub(crate) fn action_origin(&mut self, offset: u32, first: usize) -> u32 {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let reads = (count(first), count(self.reads.len()));
        self.origin(Origin {
            file: self.file,
            offset,
            linear: false,
            reads,
        })
    }

    /// Whoever uses a single value that was read before depends on the same reads.
    pub(super) fn read_again(&mut self, value: &Value, (first, last): Reads) {
        if first < last && !matches!(value, Value::Map(_) | Value::List(_) | Value::Nil) {
            let first = first.max(last.saturating_sub(MOST_READS));
            self.reads.extend_from_within(first..last);
        }
    }

    pub(super) fn lookup(&mut self, map: &Map, key: &Arc<str>, expr: &Expr) -> Value {
        let value = map.get(key).unwrap_or(Value::Nil);
        if let Some(path) = &map.path {
            self.record(path, key, false, expr.offset);
        }
        if map.kind == super::super::value::MapKind::Strings && matches!(value, Value::Nil) {
            return Value::from("");
        }
        value
    }

    pub(super) fn record(&mut self, parent: &Rc<Path>, key: &Arc<str>, index: bool, offset: u32) {
        self.reads.push(Read {
            parent: Some(Rc::clone(parent)),
            key: Arc::clone(key),
            index,
            file: self.file,
            offset,
            whole: false,
            default: None,
        });
    }

    /// Notes that a function looked up `key` of `map`.
    pub(crate) fn record_get(&mut self, map: &Map, key: &str) {
        if let Some(path) = &map.path {
            let path = Rc::clone(path);
            self.record(&path, &Arc::from(key), false, self.here.0);
        }
    }

    /// Notes that a function looked up an item of `list`.
    pub(crate) fn record_item(&mut self, list: &List, index: usize) {
        if let Some(path) = &list.path {
            let path = Rc::clone(path);
            self.record(&path, &Arc::from(index.to_string()), true, self.here.0);
        }
    }

    /// Notes that the value is used with everything below it.
    pub(crate) fn consume(&mut self, value: &Value) {
        if !self.explain {
            return;
        }
        if let Some(path) = value.path() {
            let path = Rc::clone(path);
            self.reads.push(Read {
                parent: path.parent.clone(),
                key: Arc::clone(&path.key),
                index: path.index,
                file: self.file,
                offset: self.here.0,
                whole: true,
                default: None,
            });
            return;
        }
        match value {
            Value::List(list) => list.items.iter().for_each(|item| self.consume(item)),
            Value::Map(map) => {
                let items: Vec<Value> = map.entries.borrow().values().cloned().collect();
                items.iter().for_each(|item| self.consume(item));
            }
            _ => {}
        }
    }
}
