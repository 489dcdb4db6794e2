//! Values as YAML text, byte for byte as Helm writes it.
//!
//! Owns the two dialects (`toYaml`, which passes through JSON, and `toYamlPretty`): order of keys, indentation,
//! and the choice between plain, quoted and block scalars. Knows nothing of templates beyond the marks that it
//! leaves for values whose way is known.

use std::rc::Rc;
use std::sync::Arc;

use super::date::Time;
use super::eval::{Eval, Result};
use super::functions::encoding::base64_encode;
use super::origin::{Mark, Origin, Read};
use super::value::{Object, Path, Text, Value};

mod order;
mod scalar;

use order::key_order;

/// Which of Helm's two YAML writers speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `toYaml`: lists are not indented below their key.
    Json,
    /// `toYamlPretty`: they are.
    Pretty,
}

/// `toYaml` of a value, without the last line break.
pub(crate) fn to_yaml(value: &Value) -> Result<String> {
    Ok(write(value, Dialect::Json).0)
}

/// `toYaml` of a value as a string that knows which value each line shows.
pub(crate) fn to_yaml_marked(eval: &mut Eval<'_>, value: &Value) -> Result<Value> {
    let (text, places) = write(value, Dialect::Json);
    eval.spend_bytes(text.len())?;
    if places.is_empty() {
        return Ok(Value::from(text));
    }
    let (file, offset) = (eval.file(), eval.here.0);
    let mut marks = Vec::with_capacity(places.len());
    for place in places {
        let read = u32::try_from(eval.reads.len()).unwrap_or(u32::MAX);
        eval.reads.push(Read {
            parent: Some(place.parent),
            key: place.key,
            index: place.index,
            file,
            offset,
            whole: false,
            default: None,
        });
        let origin = eval.origin(Origin {
            file,
            offset,
            linear: false,
            reads: (read, read + 1),
        });
        marks.push(Mark {
            at: u32::try_from(place.at).unwrap_or(u32::MAX),
            origin,
        });
    }
    Ok(Value::Str(Text {
        text: Arc::from(text),
        marks: Some(Rc::from(marks)),
    }))
}

/// Where in the text a value with a known way begins.
pub(crate) struct Shown {
    at: usize,
    parent: Rc<Path>,
    key: Arc<str>,
    index: bool,
}

/// The text of a value in a dialect, and what it shows where.
pub(crate) fn write(value: &Value, dialect: Dialect) -> (String, Vec<Shown>) {
    if dialect == Dialect::Json && !passes_json(value) {
        return (String::new(), Vec::new());
    }
    let mut writer = Writer {
        out: String::new(),
        shown: Vec::new(),
        dialect,
    };
    match view(value) {
        View::Map(entries) if !entries.is_empty() => writer.map(value, &entries, 0, true),
        View::List(items) if !items.is_empty() => writer.list(value, &items, 0, true),
        _ => writer.leaf(value, -1, false),
    }
    (writer.out, writer.shown)
}

/// Whether the way through JSON works out: it has no infinities, and the reader behind it refuses control
/// characters. Helm gives back nothing otherwise.
fn passes_json(value: &Value) -> bool {
    let readable =
        |text: &str| !text.contains(|c| matches!(c, '\u{7f}'..='\u{9f}' if c != '\u{85}'));
    match value {
        Value::Float(n) => n.is_finite(),
        Value::Str(text) => readable(&text.text),
        Value::List(list) => list.items.iter().all(passes_json),
        Value::Map(map) => map
            .entries
            .borrow()
            .iter()
            .all(|(key, value)| readable(key) && passes_json(value)),
        _ => true,
    }
}

/// A value as YAML sees it.
enum View {
    Map(Vec<(Arc<str>, Value)>),
    List(Vec<Value>),
    Leaf,
}

fn view(value: &Value) -> View {
    match value {
        Value::Map(map) if !map.nil => View::Map(
            map.entries
                .borrow()
                .iter()
                .map(|(k, v)| (Arc::clone(k), v.clone()))
                .collect(),
        ),
        Value::List(list) if !list.nil => View::List(list.items.clone()),
        Value::Object(object) => match &**object {
            Object::Files(files) => View::Map(
                files
                    .iter()
                    .map(|(name, bytes)| (Arc::clone(name), Value::from(base64_encode(bytes))))
                    .collect(),
            ),
            Object::ApiVersions(known) => View::List(
                known
                    .api_versions
                    .iter()
                    .cloned()
                    .map(Value::from)
                    .collect(),
            ),
            other => View::Map(object_fields(other)),
        },
        _ => View::Leaf,
    }
}

/// The exported fields of a structure of Helm's.
pub(crate) fn object_fields(object: &Object) -> Vec<(Arc<str>, Value)> {
    let field = |name: &str, value: Value| (Arc::from(name), value);
    match object {
        Object::Capabilities(known) => vec![
            field(
                "APIVersions",
                Value::Object(Rc::new(Object::ApiVersions(Rc::clone(known)))),
            ),
            field("HelmVersion", Value::Object(Rc::new(Object::HelmVersion))),
            field(
                "KubeVersion",
                Value::Object(Rc::new(Object::KubeVersion(Rc::clone(known)))),
            ),
        ],
        Object::KubeVersion(known) => vec![
            field("Major", Value::from(Arc::clone(&known.major))),
            field("Minor", Value::from(Arc::clone(&known.minor))),
            field("Version", Value::from(Arc::clone(&known.version))),
        ],
        Object::HelmVersion => vec![
            field("go_version", Value::from(super::capabilities::GO_VERSION)),
            field(
                "kube_client_version",
                Value::from(super::capabilities::CLIENT_VERSION),
            ),
            field("version", Value::from(super::capabilities::HELM_VERSION)),
        ],
        Object::Files(_) | Object::ApiVersions(_) => Vec::new(),
    }
}

struct Writer {
    out: String,
    shown: Vec<Shown>,
    dialect: Dialect,
}

impl Writer {
    fn line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn show(&mut self, parent: Option<&Rc<Path>>, key: &Arc<str>, index: bool) {
        if let Some(parent) = parent {
            self.shown.push(Shown {
                at: self.out.len(),
                parent: Rc::clone(parent),
                key: Arc::clone(key),
                index,
            });
        }
    }

    fn map(&mut self, value: &Value, entries: &[(Arc<str>, Value)], indent: usize, inline: bool) {
        let mut entries: Vec<&(Arc<str>, Value)> = entries.iter().collect();
        entries.sort_by(|a, b| key_order(&a.0, &b.0, self.dialect));
        for (at, (key, item)) in entries.into_iter().enumerate() {
            if at > 0 || !inline {
                self.line(indent);
            }
            self.show(value.path(), key, false);
            let multiline = key.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
            if multiline || key.len() > 128 {
                self.out.push_str("? ");
                self.scalar(key, indent + 2, false);
                self.line(indent);
                self.out.push(':');
                self.value(item, indent, true);
                continue;
            }
            self.scalar(key, indent, true);
            self.out.push(':');
            self.value(item, indent, false);
        }
    }

    /// The value behind `:`; `compact` where it may begin on the same line.
    fn value(&mut self, item: &Value, indent: usize, compact: bool) {
        match view(item) {
            View::Map(entries) if !entries.is_empty() => {
                if compact {
                    self.out.push(' ');
                }
                self.map(item, &entries, indent + 2, compact);
            }
            View::List(items) if !items.is_empty() => {
                let flat = self.dialect == Dialect::Json && !compact;
                if compact {
                    self.out.push(' ');
                }
                self.list(
                    item,
                    &items,
                    if flat { indent } else { indent + 2 },
                    compact,
                );
            }
            _ => {
                self.out.push(' ');
                self.leaf(item, i64::try_from(indent).unwrap_or(0), false);
            }
        }
    }

    fn list(&mut self, value: &Value, items: &[Value], indent: usize, inline: bool) {
        for (at, item) in items.iter().enumerate() {
            if at > 0 || !inline {
                self.line(indent);
            }
            if value.path().is_some() {
                self.show(value.path(), &Arc::from(at.to_string()), true);
            }
            self.out.push_str("- ");
            match view(item) {
                View::Map(entries) if !entries.is_empty() => {
                    self.map(item, &entries, indent + 2, true)
                }
                View::List(items) if !items.is_empty() => self.list(item, &items, indent + 2, true),
                _ => self.leaf(item, i64::try_from(indent).unwrap_or(0), false),
            }
        }
    }
}

pub(crate) fn json_time(time: &Time) -> String {
    time.format("2006-01-02T15:04:05.999999999Z07:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yaml(text: &str) -> String {
        write(&Value::from(text), Dialect::Json).0
    }

    #[test]
    fn strings_are_quoted_where_helm_quotes_them() {
        for (text, expected) in [
            ("plain", "plain"),
            ("", "\"\""),
            ("yes", "\"yes\""),
            ("010", "\"010\""),
            ("1:30", "\"1:30\""),
            ("a: b", "'a: b'"),
            (" lead", "' lead'"),
            ("#x", "'#x'"),
            ("tab\there", "\"tab\\there\""),
            ("a\nb", "|-\n  a\n  b"),
            ("a\nb\n", "|\n  a\n  b"),
            ("a\n\n", "|+\n  a\n"),
            ("-", "'-'"),
            ("-x", "-x"),
            ("2024-01-02", "\"2024-01-02\""),
            ("<<", "<<"),
        ] {
            assert_eq!(yaml(text), expected, "{text:?}");
        }
    }

    #[test]
    fn keys_sort_as_people_count() {
        let mut keys = vec!["a10", "a2", "b", "A", "_x", "1"];
        keys.sort_by(|a, b| key_order(a, b, Dialect::Json));
        assert_eq!(keys, ["_x", "1", "A", "a2", "a10", "b"]);
    }
}
