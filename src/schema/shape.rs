//! The form of a document as data: one table says what a field is, what it defaults to and why.
//!
//! The check of a spec, its JSON Schema and the commented spec of `gen init` are all read from the same
//! [`Object`]s, so that they cannot disagree.

use serde_json::{Map, Value, json};

use super::format::Format;
use super::text::Document;
use crate::diagnostic::Reporter;
use crate::source::Place;
use crate::source::yaml::{Kind, Node, Style};

/// What a value may be.
#[derive(Debug)]
pub enum Shape {
    /// A text of this form.
    Text(&'static Format),
    /// A whole number within bounds, both included.
    Int(i64, i64),
    /// `true` or `false`.
    Bool,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A mapping with known keys.
    Object(&'static Object),
    /// `false`, or a mapping with known keys.
    Switch(&'static Object),
    /// A list with at most so many items.
    List(&'static Self, usize),
    /// Anything; checked elsewhere.
    Any,
    /// A mapping with free keys, at most so many.
    Map(&'static Format, &'static Self, usize),
}

/// What happens where a field is not given.
#[derive(Debug)]
pub enum Presence {
    /// It must be given.
    Required,
    /// It may be absent; the text says what then holds.
    Optional(&'static str),
    /// It has this value, written as JSON.
    Default(&'static str),
    /// It is an object all of whose fields have defaults of their own.
    Nested,
}

/// One field of an object.
#[derive(Debug)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What it means, in sentences; editors show it.
    pub doc: &'static str,
    /// What it may be.
    pub shape: Shape,
    /// What happens without it.
    pub presence: Presence,
}

/// A mapping with known keys.
#[derive(Debug)]
pub struct Object {
    /// What the mapping as a whole describes.
    pub doc: &'static str,
    /// Its fields in the order in which people would write them.
    pub fields: &'static [Field],
}

impl Object {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether these keys lead to a mapping with known keys.
    pub fn has_group(&self, keys: &[&str]) -> bool {
        let Some((key, rest)) = keys.split_first() else {
            return true;
        };
        match self.field(key).map(|field| &field.shape) {
            Some(Shape::Object(object) | Shape::Switch(object)) => object.has_group(rest),
            _ => false,
        }
    }

    /// Checks `node` and gives it back with every default filled in.
    ///
    /// All faults are told to `report`; with any, the value has gaps and must not be used.
    pub fn check(
        &self,
        text: &Document,
        node: &Node,
        place: &Place,
        report: &mut Reporter,
    ) -> Value {
        let mut out = Map::new();
        let Kind::Mapping(entries) = &node.kind else {
            let null = node.is_null();
            let what = if place.steps().is_empty() {
                "the spec".to_owned()
            } else {
                format!("`{place}`")
            };
            if !null || !place.steps().is_empty() {
                wrong_type(text, node, place, "a mapping", report);
            } else {
                text.at(
                    report.error("missing-field", format!("{what} is empty")),
                    node.span,
                    "expected a mapping",
                )
                .help("`gen init` writes a spec to start from");
            }
            return Value::Null;
        };
        for entry in entries {
            let Some(field) = self.field(&entry.key) else {
                self.unknown(text, entry, place, report);
                continue;
            };
            if entry.value.is_null() && !matches!(field.presence, Presence::Required) {
                continue;
            }
            let value = field
                .shape
                .check(text, &entry.value, &place.key(field.name), report);
            out.insert(field.name.to_owned(), value);
        }
        self.complete(text, node, place, out, report)
    }

    /// Tells every key of `node` that an overlay may not have; `whole` is the object it lies over.
    pub fn check_keys(
        &self,
        whole: &Self,
        text: &Document,
        node: &Node,
        place: &Place,
        report: &mut Reporter,
    ) {
        for entry in node.entries() {
            match (self.field(&entry.key), whole.field(&entry.key)) {
                (Some(field), over) => {
                    if let (Shape::Object(object), Some(Shape::Object(whole))) =
                        (&field.shape, over.map(|field| &field.shape))
                    {
                        object.check_keys(
                            whole,
                            text,
                            &entry.value,
                            &place.key(field.name),
                            report,
                        );
                    }
                }
                (None, Some(_)) => {
                    let names: Vec<&str> = self.fields.iter().map(|field| field.name).collect();
                    let d = report.error(
                        "fixed-field",
                        format!("`{}` cannot differ between environments", shown(&entry.key)),
                    );
                    text.at(d, entry.key_span, format!("expected {}", alternatives(&names)))
                        .help("the image, the registry and the zone are one for all environments; set it at the top of the spec");
                }
                (None, None) => self.unknown(text, entry, place, report),
            }
        }
    }

    /// Fills in what is absent, in the order of the table.
    fn complete(
        &self,
        text: &Document,
        node: &Node,
        place: &Place,
        mut given: Map<String, Value>,
        report: &mut Reporter,
    ) -> Value {
        let mut out = Map::new();
        for field in self.fields {
            let value = match (given.remove(field.name), &field.presence) {
                (Some(value), _) => value,
                (None, Presence::Required) => {
                    self.missing(text, node, field, place, report);
                    continue;
                }
                (None, Presence::Optional(_)) => continue,
                (None, _) => field.default_value(),
            };
            out.insert(field.name.to_owned(), value);
        }
        Value::Object(out)
    }

    fn missing(
        &self,
        text: &Document,
        node: &Node,
        field: &Field,
        place: &Place,
        report: &mut Reporter,
    ) {
        let span = text.head(node);
        text.at(
            report.error(
                "missing-field",
                format!("`{}` is missing", place.key(field.name)),
            ),
            span,
            format!("expected `{}` in here", field.name),
        )
        .help(format!("{}: {}", field.name, field.doc));
    }

    fn unknown(
        &self,
        text: &Document,
        entry: &crate::source::yaml::Entry,
        place: &Place,
        report: &mut Reporter,
    ) {
        let names: Vec<&str> = self.fields.iter().map(|field| field.name).collect();
        let owner = if place.steps().is_empty() {
            "the spec".to_owned()
        } else {
            format!("`{place}`")
        };
        let d = report.error(
            "unknown-field",
            format!("unknown field `{}` in {owner}", shown(&entry.key)),
        );
        text.at(
            d,
            entry.key_span,
            format!("expected {}", alternatives(&names)),
        );
        if let Some(near) = nearest(&entry.key, &names) {
            d.help(format!("did you mean `{near}`?"));
        }
    }

    fn defaults(&self) -> Value {
        Value::Object(
            self.fields
                .iter()
                .filter(|field| {
                    !matches!(field.presence, Presence::Required | Presence::Optional(_))
                })
                .map(|field| (field.name.to_owned(), field.default_value()))
                .collect(),
        )
    }

    /// The JSON Schema (2020-12) of the object; with `partial`, nothing is required.
    pub fn schema(&self, partial: bool) -> Value {
        let properties: Map<String, Value> = self
            .fields
            .iter()
            .map(|field| (field.name.to_owned(), field.schema(partial)))
            .collect();
        let required: Vec<&str> = self
            .fields
            .iter()
            .filter(|field| !partial && matches!(field.presence, Presence::Required))
            .map(|field| field.name)
            .collect();
        let mut schema = json!({
            "type": "object",
            "description": self.doc,
            "properties": properties,
            "additionalProperties": false,
        });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema
    }
}

impl Field {
    fn default_value(&self) -> Value {
        match (&self.presence, &self.shape) {
            (Presence::Default(text), _) => serde_json::from_str(text)
                .expect("internal error: a default in the table of the spec is not JSON"),
            (Presence::Nested, Shape::Object(object) | Shape::Switch(object)) => object.defaults(),
            _ => Value::Null,
        }
    }

    fn schema(&self, partial: bool) -> Value {
        let mut schema = self.shape.schema(partial);
        let doc = match self.presence {
            Presence::Optional(absent) => format!("{} {absent}", self.doc),
            _ => self.doc.to_owned(),
        };
        schema["description"] = json!(doc);
        if let Presence::Default(_) = self.presence {
            schema["default"] = self.default_value();
        }
        if partial && !matches!(self.presence, Presence::Required) {
            // An overlay takes a field back with null.
            schema = json!({ "description": doc, "anyOf": [schema, { "type": "null" }] });
        }
        schema
    }
}

impl Shape {
    fn check(&self, text: &Document, node: &Node, place: &Place, report: &mut Reporter) -> Value {
        match self {
            Self::Any => Value::Bool(true),
            Self::Object(object) => object.check(text, node, place, report),
            Self::Switch(object) => match (node.text(), node.scalar().map(|s| s.style)) {
                (Some("false"), Some(Style::Plain)) => Value::Bool(false),
                (Some("true"), Some(Style::Plain)) => {
                    object.complete(text, node, place, Map::new(), report)
                }
                _ => object.check(text, node, place, report),
            },
            Self::List(item, max) => {
                let Kind::Sequence(items) = &node.kind else {
                    return wrong_type(text, node, place, "a list", report);
                };
                too_many(text, node, place, items.len(), *max, report);
                items
                    .iter()
                    .enumerate()
                    .map(|(at, node)| item.check(text, node, &place.index(at), report))
                    .collect()
            }
            Self::Map(key, value, max) => {
                let Kind::Mapping(entries) = &node.kind else {
                    return wrong_type(text, node, place, "a mapping", report);
                };
                too_many(text, node, place, entries.len(), *max, report);
                let mut out = Map::new();
                for entry in entries {
                    if !key.accepts(&entry.key) {
                        let d = report.error(
                            "invalid-name",
                            format!("`{}` is no valid name in `{place}`", shown(&entry.key)),
                        );
                        text.at(d, entry.key_span, format!("expected {}", key.expected));
                        continue;
                    }
                    let checked =
                        value.check(text, &entry.value, &place.key(entry.key.clone()), report);
                    out.insert(entry.key.clone(), checked);
                }
                // The order in which people write free keys must not change what is rendered.
                out.sort_keys();
                Value::Object(out)
            }
            Self::Text(_) | Self::Int(..) | Self::Bool | Self::Choice(_) => {
                self.check_scalar(text, node, place, report)
            }
        }
    }

    fn check_scalar(
        &self,
        text: &Document,
        node: &Node,
        place: &Place,
        report: &mut Reporter,
    ) -> Value {
        let Some(scalar) = node.scalar().filter(|_| !node.is_null()) else {
            return wrong_type(text, node, place, &self.expected(), report);
        };
        let raw = scalar.text.as_str();
        let plain = scalar.style == Style::Plain;
        match self {
            Self::Text(format) if format.accepts(raw) => return json!(raw),
            Self::Choice(words) if words.contains(&raw) => return json!(raw),
            Self::Bool if plain && raw == "true" => return json!(true),
            Self::Bool if plain && raw == "false" => return json!(false),
            Self::Int(min, max) if plain && decimal(raw) => match raw.parse::<i64>() {
                Ok(number) if (*min..=*max).contains(&number) => return json!(number),
                _ => {}
            },
            _ => {}
        }
        let quoted_number = matches!(self, Self::Int(..)) && !plain && decimal(raw);
        let quoted_bool = matches!(self, Self::Bool) && !plain && ["true", "false"].contains(&raw);
        let id = match self {
            Self::Int(..) if plain && decimal(raw) => "out-of-range",
            Self::Choice(_) => "unknown-choice",
            Self::Int(..) | Self::Bool => "wrong-type",
            _ => "invalid-value",
        };
        let d = report.error(id, format!("`{place}` cannot be `{}`", shown(raw)));
        text.at(d, node.span, format!("expected {}", self.expected()));
        if quoted_number || quoted_bool {
            d.help(format!("write {raw} without quotes"));
        } else if let Self::Choice(words) = self
            && let Some(near) = nearest(raw, words)
        {
            d.help(format!("did you mean `{near}`?"));
        } else if let (Self::Bool, Some(word)) = (self, boolean_word(raw)) {
            d.help(format!("write `{word}`"));
        } else if let Self::Text(format) = self
            && raw.len() > format.max
        {
            d.help(format!(
                "it has {} characters, and at most {} are allowed",
                raw.len(),
                format.max
            ));
        }
        Value::Null
    }

    /// What to write here, to read behind "expected".
    pub fn expected(&self) -> String {
        match self {
            Self::Text(format) => format.expected.to_owned(),
            Self::Int(min, max) => format!("a whole number from {min} to {max}"),
            Self::Bool => "`true` or `false`".to_owned(),
            Self::Choice(words) => alternatives(words),
            Self::Any => "a value".to_owned(),
            Self::Object(_) | Self::Map(..) => "a mapping".to_owned(),
            Self::Switch(_) => "`false` or a mapping".to_owned(),
            Self::List(..) => "a list".to_owned(),
        }
    }

    fn schema(&self, partial: bool) -> Value {
        match self {
            Self::Text(format) => {
                let kind = if format.numeric {
                    json!(["string", "number"])
                } else {
                    json!("string")
                };
                let mut schema = json!({ "type": kind, "maxLength": format.max });
                if let Some(pattern) = format.pattern {
                    schema["pattern"] = json!(pattern);
                }
                schema
            }
            Self::Int(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
            Self::Any => json!({}),
            Self::Bool => json!({ "type": "boolean" }),
            Self::Choice(words) => json!({ "enum": choices(words) }),
            Self::Object(object) => object.schema(partial),
            Self::Switch(object) => {
                json!({ "anyOf": [object.schema(partial), { "type": "boolean" }] })
            }
            Self::List(item, max) => {
                json!({ "type": "array", "items": item.schema(false), "maxItems": max })
            }
            Self::Map(key, value, max) => {
                let mut names = json!({ "maxLength": key.max });
                if let Some(pattern) = key.pattern {
                    names["pattern"] = json!(pattern);
                }
                json!({
                    "type": "object",
                    "propertyNames": names,
                    "additionalProperties": value.schema(partial),
                    "maxProperties": max,
                })
            }
        }
    }
}

impl Format {
    /// Whether `text` has this form.
    pub fn accepts(&self, text: &str) -> bool {
        text.len() <= self.max && !text.contains('\0') && (self.check)(text)
    }
}

/// Words that look like numbers are numbers to editors when they are not quoted.
fn choices(words: &[&str]) -> Vec<Value> {
    let numbers = words
        .iter()
        .filter_map(|word| serde_json::from_str(word).ok())
        .filter(Value::is_number);
    words
        .iter()
        .map(|word| json!(word))
        .chain(numbers)
        .collect()
}

fn decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'))
}

fn boolean_word(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "y" | "on" | "1" | "true" => Some("true"),
        "no" | "n" | "off" | "0" | "false" => Some("false"),
        _ => None,
    }
}

fn wrong_type(
    text: &Document,
    node: &Node,
    place: &Place,
    expected: &str,
    report: &mut Reporter,
) -> Value {
    let what = if place.steps().is_empty() {
        "the spec".to_owned()
    } else {
        format!("`{place}`")
    };
    let d = report.error("wrong-type", format!("{what} is {}", node.noun()));
    text.at(d, text.head(node), format!("expected {expected}"));
    Value::Null
}

fn too_many(
    text: &Document,
    node: &Node,
    place: &Place,
    count: usize,
    max: usize,
    report: &mut Reporter,
) {
    if count > max {
        let d = report.error("out-of-range", format!("`{place}` has {count} entries"));
        text.at(d, text.head(node), format!("expected at most {max}"));
    }
}

/// A user's text, short enough for a message.
pub fn shown(text: &str) -> String {
    if text.chars().count() <= 60 {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(57).collect();
    short.push('…');
    short
}

/// `a`, `b` or `c`; long lists are cut.
pub fn alternatives(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} or {last}", all.join(", ")),
    }
}

/// The word that `text` was most likely meant to be, if any is close.
pub fn nearest<'a>(text: &str, words: &[&'a str]) -> Option<&'a str> {
    let limit = match text.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    if text.len() > 100 {
        return None;
    }
    let folded = text.to_ascii_lowercase().replace('-', "_");
    words
        .iter()
        .map(|word| {
            (
                distance(&folded, &word.to_ascii_lowercase().replace('-', "_")),
                *word,
            )
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Edits (insert, delete, replace, swap of neighbours) between two words.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
