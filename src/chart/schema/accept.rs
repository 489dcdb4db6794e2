//! The short way through a schema: most values conform, and most schemas say plain things.
//!
//! Owns one answer, "this conforms". A schema is read as it stands, without being compiled, which takes a tenth of
//! the time. Whatever is not understood to the last keyword is left to the validator, and so is every error.

use std::cell::RefCell;
use std::collections::HashMap;

use regex_lite::Regex;
use serde_json::{Map, Value as Json};

/// Deepest nesting of schemas, references followed.
const DEPTH: usize = 64;
/// Most steps, so that references that fan out cost no more than the validator would.
const STEPS: usize = 200_000;
/// Numbers up to here are the same as integers and as floats.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Keywords that ask for nothing.
const NOTES: [&str; 7] = [
    "$schema",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
];
const DRAFTS: [&str; 3] = [
    "http://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft/2020-12/schema",
];

/// Whether `value` certainly conforms to `schema`, and the schema is certainly sound.
pub(super) fn accepts(schema: &Json, value: &Json) -> bool {
    let reader = Reader {
        root: schema,
        patterns: RefCell::default(),
        steps: RefCell::new(0),
    };
    let draft = match schema.get("$schema") {
        None => true,
        Some(Json::String(draft)) => DRAFTS.contains(&draft.trim_end_matches('#')),
        Some(_) => false,
    };
    draft
        && reader.is_understood(schema, true, 0).is_some()
        && reader.conforms(schema, value, 0) == Some(true)
}

struct Reader<'s> {
    root: &'s Json,
    patterns: RefCell<HashMap<&'s str, Regex>>,
    steps: RefCell<usize>,
}

impl<'s> Reader<'s> {
    fn step(&self, depth: usize) -> Option<()> {
        let mut steps = self.steps.borrow_mut();
        *steps += 1;
        (depth < DEPTH && *steps < STEPS).then_some(())
    }

    /// Walks everything, also what no value leads to: a schema that is wrong anywhere is refused as a whole.
    fn is_understood(&self, schema: &'s Json, top: bool, depth: usize) -> Option<()> {
        self.step(depth)?;
        let schema = match schema {
            Json::Bool(_) => return Some(()),
            Json::Object(schema) => schema,
            _ => return None,
        };
        let below = |schema: &'s Json| self.is_understood(schema, false, depth + 1);
        let all = |map: &'s Json| map.as_object()?.values().try_for_each(below);
        for (keyword, said) in schema {
            match keyword.as_str() {
                "$schema" if !top => return None,
                "title" | "description" | "$comment" if !said.is_string() => return None,
                "examples" if !said.is_array() => return None,
                "deprecated" if !said.is_boolean() => return None,
                note if NOTES.contains(&note) => {}
                "type" => types(said)?.try_for_each(|name| is_type_name(name).then_some(()))?,
                "properties" | "definitions" | "$defs" => all(said)?,
                "patternProperties" => {
                    all(said)?;
                    let mut patterns = said.as_object()?.keys();
                    patterns.try_for_each(|pattern| self.learn(pattern))?;
                }
                "items"
                | "not"
                | "if"
                | "then"
                | "else"
                | "additionalProperties"
                | "propertyNames"
                | "contains" => below(said)?,
                "allOf" | "anyOf" | "oneOf" => {
                    let schemas = said.as_array().filter(|schemas| !schemas.is_empty())?;
                    schemas.iter().try_for_each(below)?;
                }
                "required" => is_names(said.as_array()?).then_some(())?,
                "enum" => drop(said.as_array().filter(|values| !values.is_empty())?),
                "const" => {}
                "pattern" => self.learn(said.as_str()?)?,
                "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                    number(said)?;
                }
                "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
                | "maxProperties" => drop(said.as_u64()?),
                "uniqueItems" if said.is_boolean() => {}
                "$ref" => {
                    let alone = |name: &String| name == "$ref" || NOTES.contains(&name.as_str());
                    schema.keys().all(alone).then_some(())?;
                    self.referred(said)?;
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn learn(&self, pattern: &'s str) -> Option<()> {
        // Flags and classes of Unicode mean other things to other engines.
        let flags = pattern.replace("(?:", "").contains("(?");
        if flags || !pattern.is_ascii() {
            return None;
        }
        if [
            "\\p", "\\P", "\\b", "\\B", "\\c", "\\u", "\\x", "[[", "&&", "--", "~~",
        ]
        .iter()
        .any(|part| pattern.contains(part))
        {
            return None;
        }
        let mut patterns = self.patterns.borrow_mut();
        if !patterns.contains_key(pattern) {
            patterns.insert(pattern, Regex::new(pattern).ok()?);
        }
        Some(())
    }

    /// What a reference into this schema names.
    fn referred(&self, reference: &Json) -> Option<&'s Json> {
        let pointer = reference.as_str()?.strip_prefix('#')?;
        if pointer.contains('%') {
            return None;
        }
        self.root.pointer(pointer)
    }

    fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        if !text.is_ascii() {
            return None;
        }
        Some(self.patterns.borrow().get(pattern)?.is_match(text))
    }

    /// Whether the value conforms; nothing where that is not certain.
    fn conforms(&self, schema: &'s Json, value: &Json, depth: usize) -> Option<bool> {
        self.step(depth)?;
        let schema = match schema {
            Json::Bool(all) => return Some(*all),
            schema => schema.as_object()?,
        };
        for (keyword, said) in schema {
            let holds = match keyword.as_str() {
                "$ref" => self.conforms(self.referred(said)?, value, depth + 1)?,
                "type" => has_type(said, value)?,
                "enum" => is_any(said.as_array()?, value)?,
                "const" => is_same(said, value)?,
                "not" => !self.conforms(said, value, depth + 1)?,
                "allOf" => self.count(said, value, depth)? == said.as_array()?.len(),
                "anyOf" => self.count(said, value, depth)? > 0,
                "oneOf" => self.count(said, value, depth)? == 1,
                "if" => {
                    let branch = match self.conforms(said, value, depth + 1)? {
                        true => schema.get("then"),
                        false => schema.get("else"),
                    };
                    match branch {
                        Some(branch) => self.conforms(branch, value, depth + 1)?,
                        None => true,
                    }
                }
                _ => match value {
                    Json::Object(map) => self.object(schema, keyword, said, map, depth)?,
                    Json::Array(items) => self.array(keyword, said, items, depth)?,
                    Json::String(text) => self.text(keyword, said, text)?,
                    Json::Number(_) => in_range(keyword, said, value)?,
                    Json::Null | Json::Bool(_) => true,
                },
            };
            if !holds {
                return Some(false);
            }
        }
        Some(true)
    }

    fn count(&self, schemas: &'s Json, value: &Json, depth: usize) -> Option<usize> {
        let mut count = 0;
        for schema in schemas.as_array()? {
            count += usize::from(self.conforms(schema, value, depth + 1)?);
        }
        Some(count)
    }

    fn object(
        &self,
        schema: &'s Map<String, Json>,
        keyword: &str,
        said: &'s Json,
        map: &Map<String, Json>,
        depth: usize,
    ) -> Option<bool> {
        Some(match keyword {
            "required" => said
                .as_array()?
                .iter()
                .all(|name| name.as_str().is_some_and(|name| map.contains_key(name))),
            "minProperties" => map.len() as u64 >= said.as_u64()?,
            "maxProperties" => map.len() as u64 <= said.as_u64()?,
            "properties" => {
                for (name, schema) in said.as_object()? {
                    if let Some(value) = map.get(name)
                        && !self.conforms(schema, value, depth + 1)?
                    {
                        return Some(false);
                    }
                }
                true
            }
            "patternProperties" => {
                for (pattern, schema) in said.as_object()? {
                    for (name, value) in map {
                        if self.matches(pattern, name)?
                            && !self.conforms(schema, value, depth + 1)?
                        {
                            return Some(false);
                        }
                    }
                }
                true
            }
            "additionalProperties" => {
                let named = schema.get("properties").and_then(Json::as_object);
                let patterns = schema.get("patternProperties").and_then(Json::as_object);
                for (name, value) in map {
                    let mut known = named.is_some_and(|named| named.contains_key(name));
                    for pattern in patterns.into_iter().flat_map(Map::keys) {
                        known |= self.matches(pattern, name)?;
                    }
                    if !known && !self.conforms(said, value, depth + 1)? {
                        return Some(false);
                    }
                }
                true
            }
            "propertyNames" => {
                for name in map.keys() {
                    if !self.conforms(said, &Json::String(name.clone()), depth + 1)? {
                        return Some(false);
                    }
                }
                true
            }
            _ => true,
        })
    }

    fn array(&self, keyword: &str, said: &'s Json, items: &[Json], depth: usize) -> Option<bool> {
        Some(match keyword {
            "items" => {
                for item in items {
                    if !self.conforms(said, item, depth + 1)? {
                        return Some(false);
                    }
                }
                true
            }
            "contains" => {
                let mut any = false;
                for item in items {
                    any |= self.conforms(said, item, depth + 1)?;
                }
                any
            }
            "minItems" => items.len() as u64 >= said.as_u64()?,
            "maxItems" => items.len() as u64 <= said.as_u64()?,
            "uniqueItems" if said == &Json::Bool(true) => {
                for (at, item) in items.iter().enumerate() {
                    self.step(0)?;
                    if is_any(&items[..at], item)? {
                        return Some(false);
                    }
                }
                true
            }
            _ => true,
        })
    }

    fn text(&self, keyword: &str, said: &Json, text: &str) -> Option<bool> {
        Some(match keyword {
            "pattern" => self.matches(said.as_str()?, text)?,
            "minLength" => text.chars().count() as u64 >= said.as_u64()?,
            "maxLength" => text.chars().count() as u64 <= said.as_u64()?,
            _ => true,
        })
    }
}

fn types(said: &Json) -> Option<impl Iterator<Item = &str>> {
    let (one, many) = match said {
        Json::String(name) => (Some(name.as_str()), None),
        Json::Array(names) if !names.is_empty() && is_names(names) => (None, Some(names)),
        _ => return None,
    };
    let many = many.into_iter().flatten().filter_map(Json::as_str);
    Some(one.into_iter().chain(many))
}

/// Texts, each once.
fn is_names(names: &[Json]) -> bool {
    let is_new = |at: usize| !names[..at].contains(&names[at]);
    (0..names.len()).all(|at| names[at].is_string() && is_new(at))
}

fn is_type_name(name: &str) -> bool {
    [
        "null", "boolean", "object", "array", "number", "string", "integer",
    ]
    .contains(&name)
}

fn has_type(said: &Json, value: &Json) -> Option<bool> {
    for name in types(said)? {
        let is = match (name, value) {
            ("null", Json::Null)
            | ("boolean", Json::Bool(_))
            | ("object", Json::Object(_))
            | ("array", Json::Array(_))
            | ("number", Json::Number(_))
            | ("string", Json::String(_)) => true,
            ("integer", Json::Number(_)) => number(value)?.fract() == 0.0,
            _ => false,
        };
        if is {
            return Some(true);
        }
    }
    Some(false)
}

/// The number, where a float holds it exactly.
fn number(value: &Json) -> Option<f64> {
    value.as_f64().filter(|number| number.abs() < EXACT)
}

fn in_range(keyword: &str, said: &Json, value: &Json) -> Option<bool> {
    let number_said = || number(said);
    let given = number(value)?;
    Some(match keyword {
        "minimum" => given >= number_said()?,
        "maximum" => given <= number_said()?,
        "exclusiveMinimum" => given > number_said()?,
        "exclusiveMaximum" => given < number_said()?,
        _ => true,
    })
}

fn is_any(values: &[Json], value: &Json) -> Option<bool> {
    for other in values {
        if is_same(other, value)? {
            return Some(true);
        }
    }
    Some(false)
}

/// Equal as JSON Schema has it, where 1 is 1.0; nothing for lists and maps that are not alike to the letter.
fn is_same(a: &Json, b: &Json) -> Option<bool> {
    match (a, b) {
        (Json::Number(_), Json::Number(_)) => Some(number(a)? == number(b)?),
        (Json::Array(_), Json::Array(_)) | (Json::Object(_), Json::Object(_)) => {
            (a == b).then_some(true)
        }
        _ => Some(a == b),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_conforms_is_accepted() {
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "definitions": { "port": { "type": "integer", "minimum": 1, "maximum": 65535 } },
            "type": "object",
            "required": ["ports"],
            "additionalProperties": false,
            "properties": {
                "ports": { "type": "array", "items": { "$ref": "#/definitions/port" }, "uniqueItems": true },
                "host": { "type": "string", "pattern": "^[a-z.]+$", "minLength": 1 },
                "kind": { "enum": ["a", 1, null] }
            },
            "if": { "required": ["kind"] },
            "then": { "required": ["host"] }
        });
        for good in [
            json!({"ports": [80, 81.0]}),
            json!({"ports": [], "host": "a.b", "kind": 1.0}),
        ] {
            assert!(accepts(&schema, &good), "{good}");
        }
        for bad in [
            json!({}),
            json!({"ports": [80.5]}),
            json!({"ports": [1, 1.0]}),
            json!({"ports": [], "host": "A"}),
            json!({"ports": [], "host": ""}),
            json!({"ports": [], "kind": "a"}),
            json!({"ports": [], "other": 1}),
        ] {
            assert!(!accepts(&schema, &bad), "{bad}");
        }
    }

    #[test]
    fn what_is_not_understood_is_left_to_the_validator() {
        for schema in [
            json!({"format": "ipv4"}),
            json!({"properties": {"never": {"typo": 1}}}),
            json!({"properties": {"never": {"type": "strnig"}}}),
            json!({"pattern": "(?=a)"}),
            json!({"pattern": "(?:a)(?i)b"}),
            json!({"pattern": "("}),
            json!({"$ref": "other.json"}),
            json!({"$ref": "#/nowhere"}),
            json!({"$ref": "#"}),
            json!({"$ref": "#/$defs/a", "$defs": {"a": true}}),
            json!({"$schema": "http://json-schema.org/draft-04/schema#"}),
            json!({"required": ["a", "a"]}),
            json!({"allOf": []}),
        ] {
            assert!(!accepts(&schema, &json!("a")), "{schema}");
        }
    }

    fn value() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(Json::from),
            (-3..4_i64).prop_map(Json::from),
            prop_oneof![Just(0.5), Just(1.0), Just(2.0)].prop_map(Json::from),
            "[ab1\u{e9}]{0,3}".prop_map(Json::from),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::btree_map("[ab]{1,2}", inner, 0..4)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        })
    }

    fn schema() -> impl Strategy<Value = Json> {
        let names = || {
            prop_oneof![
                Just("string"),
                Just("integer"),
                Just("number"),
                Just("object"),
                Just("array")
            ]
        };
        let pattern = prop_oneof![
            Just("^a"),
            Just("[^b]$"),
            Just("^(a|b1?)*$"),
            Just("a{2}"),
            Just("\\d")
        ];
        let leaf = prop_oneof![
            any::<bool>().prop_map(Json::from),
            names().prop_map(|name| json!({ "type": name })),
            prop::collection::vec(names(), 1..3).prop_map(|names| json!({ "type": names })),
            prop::collection::vec(value(), 1..4).prop_map(|values| json!({ "enum": values })),
            value().prop_map(|value| json!({ "const": value })),
            pattern.prop_map(|pattern| json!({ "pattern": pattern })),
            (-2..3_i64)
                .prop_map(|bound| json!({ "minimum": bound, "exclusiveMaximum": bound + 2 })),
            (0..3_u64).prop_map(
                |bound| json!({ "minLength": bound, "maxItems": bound, "minProperties": bound })
            ),
            any::<bool>()
                .prop_map(|is| json!({ "uniqueItems": is, "maxLength": 2, "minItems": 1 })),
            prop::collection::btree_set("[ab]{1,2}", 0..3)
                .prop_map(|names| json!({ "required": names })),
        ];
        leaf.prop_recursive(3, 16, 3, |inner| {
            let some = prop::collection::vec(inner.clone(), 1..3);
            let map = prop::collection::btree_map("[ab]{1,2}", inner.clone(), 0..3);
            prop_oneof![
                some.clone().prop_map(|all| json!({ "allOf": all })),
                some.clone().prop_map(|any| json!({ "anyOf": any })),
                some.prop_map(|one| json!({ "oneOf": one })),
                inner.clone().prop_map(|not| json!({ "not": not })),
                (inner.clone(), inner.clone()).prop_map(|(items, one)| json!({ "items": items, "contains": one })),
                (map, inner.clone()).prop_map(|(of, rest)| json!({
                    "properties": of, "patternProperties": { "^a": rest }, "additionalProperties": rest
                })),
                inner.clone().prop_map(|names| json!({ "propertyNames": names })),
                (inner.clone(), inner.clone(), inner.clone())
                    .prop_map(|(a, b, c)| json!({ "if": a, "then": b, "else": c })),
                inner.prop_map(|one| json!({ "$defs": { "x": one.clone() }, "items": { "items": one } })),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn what_is_accepted_is_what_the_validator_accepts(schema in schema(), value in value()) {
            let quick = accepts(&schema, &value);
            let Ok(validator) = jsonschema::validator_for(&schema) else {
                prop_assert!(!quick, "{schema}");
                return Ok(());
            };
            prop_assert!(!quick || validator.is_valid(&value), "{schema} {value}");
            // All of it is understood, but for texts that are not ASCII and values that may only look alike.
            let told = schema.to_string();
            let certain = value.to_string().is_ascii()
                && !["enum", "const", "uniqueItems"].iter().any(|keyword| told.contains(keyword));
            prop_assert!(!certain || quick == validator.is_valid(&value), "{schema} {value}");
        }
    }
}
