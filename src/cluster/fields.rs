//! Field sets: which fields of an object somebody owns, as `managedFields` has them.
//!
//! Owns their paths and how one leads into an object. The server's own form is the only one that knows by
//! which keys the items of a list are told apart. What is read is untrusted: odd entries are left out.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

/// Deepest field that is followed.
const DEPTH: usize = 64;

/// One step into an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Step {
    /// A key of a mapping.
    Key(String),
    /// The item of a list that has these keys, as the server writes them.
    Item(String),
    /// The item of a list that is this value, as JSON.
    Value(String),
    /// The item of a list at this index.
    Index(usize),
}

/// Where a field is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Path(pub(super) Vec<Step>);

/// The fields that somebody owns: the ends of the tree only.
pub(super) type FieldSet = BTreeSet<Path>;

impl Step {
    fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "f" => Some(Self::Key(rest.to_owned())),
            "k" => Some(Self::Item(rest.to_owned())),
            "v" => Some(Self::Value(rest.to_owned())),
            "i" => rest.parse().ok().map(Self::Index),
            _ => None,
        }
    }

    /// The concrete step in this value.
    fn within<'v>(&self, value: &'v Value) -> Option<(Self, &'v Value)> {
        let items = || value.as_array().map(Vec::as_slice).unwrap_or_default();
        let at = |index: usize| items().get(index).map(|item| (Self::Index(index), item));
        match self {
            Self::Key(key) => value.get(key).map(|found| (self.clone(), found)),
            Self::Index(index) => at(*index),
            Self::Item(keys) => {
                let keys: Map<String, Value> = serde_json::from_str(keys).ok()?;
                let is = |item: &Value| keys.iter().all(|(key, want)| item.get(key) == Some(want));
                items().iter().position(is).and_then(at)
            }
            Self::Value(text) => {
                let want: Value = serde_json::from_str(text).ok()?;
                items().iter().position(|item| *item == want).and_then(at)
            }
        }
    }
}

impl Path {
    /// The value there.
    pub(super) fn get<'v>(&self, object: &'v Value) -> Option<&'v Value> {
        self.resolve(object).map(|(_, value)| value)
    }

    /// The same field by keys and indices alone, and its value.
    pub(super) fn resolve<'v>(&self, object: &'v Value) -> Option<(Self, &'v Value)> {
        let mut concrete = Vec::with_capacity(self.0.len());
        let mut value = object;
        for step in &self.0 {
            let (found, inner) = step.within(value)?;
            concrete.push(found);
            value = inner;
        }
        Some((Self(concrete), value))
    }

    /// Whether it is `other` or lies below it.
    pub(super) fn is_below(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The field and those around it, from the outermost.
    pub(super) fn ancestors(&self) -> impl Iterator<Item = Self> + '_ {
        (1..=self.0.len()).map(|length| Self(self.0[..length].to_vec()))
    }

    /// Whether one of its steps is this key.
    pub(super) fn has_key(&self, wanted: &str) -> bool {
        self.keys().any(|key| key == wanted)
    }

    /// The keys of mappings on the way.
    pub(super) fn keys(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            _ => None,
        })
    }

    /// Its first step, where that is a key.
    pub(super) fn root(&self) -> &str {
        self.keys().next().unwrap_or_default()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if is_plain(key) => {
                    write!(f, "{}{key}", if at == 0 { "" } else { "." })
                }
                Step::Key(key) => write!(f, "[{key:?}]"),
                Step::Item(keys) => write!(f, "[{}]", item(keys)),
                Step::Value(value) => write!(f, "[{value}]"),
                Step::Index(index) => write!(f, "[{index}]"),
            }?;
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_$".contains(c))
}

/// The keys of an item, as `name=web`.
fn item(keys: &str) -> String {
    let Ok(keys) = serde_json::from_str::<Map<String, Value>>(keys) else {
        return keys.to_owned();
    };
    let parts = keys.iter().map(|(key, value)| match value {
        Value::String(text) => format!("{key}={text}"),
        other => format!("{key}={other}"),
    });
    parts.collect::<Vec<_>>().join(",")
}

/// The fields that an entry's `fieldsV1` names.
pub(super) fn read(fields: &Value) -> FieldSet {
    let mut found = FieldSet::new();
    walk(fields, &mut Vec::new(), &mut found);
    found
}

fn walk(fields: &Value, path: &mut Vec<Step>, found: &mut FieldSet) {
    let Some(map) = fields.as_object() else {
        return;
    };
    let inner = map
        .iter()
        .filter_map(|(key, value)| Some((Step::parse(key)?, value)));
    let mut leaf = true;
    if path.len() < DEPTH {
        for (step, value) in inner {
            leaf = false;
            path.push(step);
            walk(value, path, found);
            path.pop();
        }
    }
    if leaf && !path.is_empty() {
        found.insert(Path(path.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(fields: Value) -> Vec<String> {
        read(&fields).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_form_of_step_is_read_and_leads_to_its_field() {
        let fields = json!({
            "f:metadata": { "f:labels": { ".": {}, "f:app.kubernetes.io/name": {} },
                            "f:finalizers": { "v:\"a\"": {} } },
            "f:spec": { "f:containers": { "k:{\"name\":\"web\"}": { ".": {}, "f:image": {} } } },
        });
        assert_eq!(
            paths(fields.clone()),
            [
                "metadata.finalizers[\"a\"]",
                "metadata.labels[\"app.kubernetes.io/name\"]",
                "spec.containers[name=web].image",
            ]
        );
        let object = json!({
            "metadata": { "labels": { "app.kubernetes.io/name": "x" }, "finalizers": ["b", "a"] },
            "spec": { "containers": [{ "name": "side", "image": "s" }, { "name": "web", "image": "i" }] },
        });
        let values: Vec<&Value> = read(&fields)
            .iter()
            .filter_map(|path| path.get(&object))
            .cloned()
            .map(|v| Box::leak(Box::new(v)) as &Value)
            .collect();
        assert_eq!(values, [&json!("a"), &json!("x"), &json!("i")]);
    }

    #[test]
    fn an_owned_mapping_without_owned_fields_is_a_field_itself() {
        assert_eq!(
            paths(json!({ "f:a": { "f:b": { ".": {} }, "f:c": {} } })),
            ["a.b", "a.c"]
        );
    }

    #[test]
    fn odd_entries_are_left_out() {
        assert_eq!(
            paths(json!({ "x": {}, "i:z": {}, "q:a": {}, "f:a": 3 })),
            Vec::<String>::new()
        );
        let mut deep = json!({});
        for _ in 0..200 {
            deep = json!({ "f:a": deep });
        }
        assert_eq!(paths(deep).len(), 1);
    }
}
