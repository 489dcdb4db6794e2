//! What differs between two stacks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Key, Stack, Thing};
use crate::output;

/// One object that is not the same in both.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where it belongs.
    pub key: Key,
    /// How it is shown: its name, or both names.
    pub name: String,
    /// What is different.
    pub change: Change,
}

/// How an object differs.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Only the second stack has it.
    Added,
    /// Only the first stack has it.
    Removed,
    /// Fields have other values.
    Fields(Vec<Field>),
    /// Lines are others, as a unified diff.
    Lines(String),
    /// Bytes are others.
    Bytes,
}

/// One field of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its place, as `spec.template.spec.containers[web].image`.
    pub place: String,
    /// Its value in the first stack, where it is there.
    pub from: Option<Value>,
    /// Its value in the second stack, where it is there.
    pub to: Option<Value>,
}

/// Everything that differs, by group and name.
pub fn differences(from: &Stack, to: &Stack) -> Vec<Difference> {
    let keys: BTreeSet<&Key> = from.things.keys().chain(to.things.keys()).collect();
    let mut differences = Vec::new();
    for key in keys {
        let (name, change) = match (from.things.get(key), to.things.get(key)) {
            (Some((old_name, old)), Some((new_name, new))) => {
                let Some(change) = change(new_name, old, new) else {
                    continue;
                };
                let name = match old_name == new_name {
                    true => new_name.clone(),
                    false => format!("{old_name} → {new_name}"),
                };
                (name, change)
            }
            (Some((name, _)), None) => (name.clone(), Change::Removed),
            (None, Some((name, _))) => (name.clone(), Change::Added),
            (None, None) => continue,
        };
        differences.push(Difference {
            key: key.clone(),
            name,
            change,
        });
    }
    differences
}

fn change(name: &str, old: &Thing, new: &Thing) -> Option<Change> {
    match (old, new) {
        _ if old == new => None,
        (Thing::Data(old), Thing::Data(new)) => {
            let fields = fields(old, new);
            (!fields.is_empty()).then_some(Change::Fields(fields))
        }
        (Thing::Text(old), Thing::Text(new)) => {
            Some(Change::Lines(output::text_diff(name, old, new)))
        }
        _ => Some(Change::Bytes),
    }
}

/// The fields in which two values differ, in order; a list counts by position unless its items have names.
pub(super) fn fields(old: &Value, new: &Value) -> Vec<Field> {
    let (old, new) = (flat(old), flat(new));
    let places: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differing = places
        .into_iter()
        .filter(|place| old.get(*place) != new.get(*place));
    differing
        .map(|place| Field {
            place: place.clone(),
            from: old.get(place).cloned(),
            to: new.get(place).cloned(),
        })
        .collect()
}

/// Every scalar, and every empty collection, by its place.
fn flat(value: &Value) -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    flatten(value, String::new(), &mut out);
    out
}

fn flatten(value: &Value, place: String, out: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let simple = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
                let below = match (key.chars().all(simple), place.as_str()) {
                    (true, "") => key.clone(),
                    (true, _) => format!("{place}.{key}"),
                    (false, _) => format!("{place}[{key:?}]"),
                };
                flatten(value, below, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let name = |item: &Value| item.get("name").and_then(Value::as_str).map(str::to_owned);
            let names: Option<Vec<String>> = items.iter().map(name).collect();
            let distinct =
                names.filter(|names| names.iter().collect::<BTreeSet<_>>().len() == names.len());
            for (at, item) in items.iter().enumerate() {
                let step = distinct
                    .as_ref()
                    .map_or_else(|| at.to_string(), |names| names[at].clone());
                flatten(item, format!("{place}[{step}]"), out);
            }
        }
        leaf => drop(out.insert(place, leaf.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_named_by_their_place() {
        let old =
            json!({ "spec": { "replicas": 1, "containers": [{ "name": "web", "image": "a" }] } });
        let new = json!({ "spec": { "containers": [{ "name": "side" }, { "name": "web", "image": "b" }] } });
        let told: Vec<String> = fields(&old, &new)
            .into_iter()
            .map(|field| field.place)
            .collect();
        let expected = [
            "spec.containers[side].name",
            "spec.containers[web].image",
            "spec.replicas",
        ];
        assert_eq!(told, expected);
        assert!(fields(&old, &old).is_empty());
        let dotted = fields(&json!({}), &json!({ "a": { "x.y/z": 1 } }));
        assert!(dotted.iter().any(|field| field.place == "a[\"x.y/z\"]"));
    }
}
