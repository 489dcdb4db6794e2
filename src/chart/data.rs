//! Read data: values files and manifests as Helm understands them.
//!
//! Owns the tree of plain values with their places and the YAML 1.1 typing of scalars that Helm's reader
//! applies (`yes` is true, `010` is 8, every number becomes a float). Knows nothing of templates.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::Span;
use crate::source::yaml::{self, Limits, Node, Style};

use super::number;

/// Where a value was written: the number of the file and the bytes in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) file: u32,
    pub(crate) span: Span,
}

/// A plain value.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    pub(crate) kind: Kind,
    pub(crate) at: Option<At>,
}

/// What a plain value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    /// Only `--set` makes integers; every file gives floats.
    Int(i64),
    Float(f64),
    Str(Arc<str>),
    List(Vec<Data>),
    Map(Entries),
}

/// The entries of a map.
pub(crate) type Entries = BTreeMap<Arc<str>, Data>;

impl From<Kind> for Data {
    fn from(kind: Kind) -> Self {
        Self { kind, at: None }
    }
}

impl Data {
    /// An empty map.
    pub(crate) fn empty() -> Self {
        Self::from(Kind::Map(Entries::new()))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    pub(crate) fn is_collection(&self) -> bool {
        matches!(self.kind, Kind::List(_) | Kind::Map(_))
    }

    pub(crate) fn as_map(&self) -> Option<&Entries> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn as_map_mut(&mut self) -> Option<&mut Entries> {
        match &mut self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// The value at dotted `path`.
    pub(crate) fn find(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |data, key| data.get(key))
    }

    /// The word for what it is.
    pub(crate) fn noun(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "boolean",
            Kind::Int(_) | Kind::Float(_) => "number",
            Kind::Str(_) => "string",
            Kind::List(_) => "list",
            Kind::Map(_) => "map",
        }
    }

    /// The value as JSON, for schemas and reports.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.kind {
            Kind::Null => Json::Null,
            Kind::Bool(value) => Json::Bool(*value),
            Kind::Int(value) => Json::from(*value),
            Kind::Float(value) => json_number(*value),
            Kind::Str(text) => Json::String(text.to_string()),
            Kind::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Kind::Map(entries) => Json::Object(
                entries
                    .iter()
                    .map(|(key, value)| (key.to_string(), value.to_json()))
                    .collect(),
            ),
        }
    }

    /// The data that JSON gives; every number is a float, as Go reads it.
    pub fn from_json(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        Self::from(match json {
            Json::Null => Kind::Null,
            Json::Bool(value) => Kind::Bool(*value),
            Json::Number(number) => Kind::Float(number.as_f64().unwrap_or(0.0)),
            Json::String(text) => Kind::Str(Arc::from(text.as_str())),
            Json::Array(items) => Kind::List(items.iter().map(Self::from_json).collect()),
            Json::Object(entries) => Kind::Map(
                entries
                    .iter()
                    .map(|(key, value)| (Arc::from(key.as_str()), Self::from_json(value)))
                    .collect(),
            ),
        })
    }
}

/// A whole float as an integer, so that a schema's `type: integer` accepts it.
fn json_number(value: f64) -> serde_json::Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        return serde_json::Value::from(value as i64);
    }
    serde_json::Value::from(value)
}

/// Why a text gives no data.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) id: &'static str,
    pub(crate) message: String,
    pub(crate) span: Span,
    pub(crate) related: Option<(Span, &'static str)>,
}

impl From<yaml::Error> for Fault {
    fn from(error: yaml::Error) -> Self {
        Self {
            id: error.id,
            message: error.message,
            span: error.span,
            related: error.related,
        }
    }
}

/// Reads the first document of `text`, which is file number `file`; an empty text is null.
pub(crate) fn read(text: &str, file: Option<u32>, limits: &Limits) -> Result<Data, Fault> {
    let stream = yaml::read(text, limits)?;
    match stream.documents.first() {
        Some(node) => from_node(node, text, file),
        None => Ok(Data::from(Kind::Null)),
    }
}

/// Types every scalar below `node`.
pub(crate) fn from_node(node: &Node, text: &str, file: Option<u32>) -> Result<Data, Fault> {
    let kind = match &node.kind {
        yaml::Kind::Scalar(scalar) => match node.tag.as_deref() {
            None | Some("!") if scalar.style == Style::Plain => {
                finite(plain(&scalar.text), node.span)?
            }
            None => Kind::Str(Arc::from(scalar.text.as_str())),
            Some(tag) => tagged(tag, &scalar.text, scalar.style, node.span)?,
        },
        yaml::Kind::Sequence(items) => Kind::List(
            items
                .iter()
                .map(|item| from_node(item, text, file))
                .collect::<Result<_, _>>()?,
        ),
        yaml::Kind::Mapping(entries) => {
            let mut map = Entries::new();
            for entry in entries {
                let quoted = text
                    .as_bytes()
                    .get(entry.key_span.start)
                    .is_some_and(|first| matches!(first, b'"' | b'\'' | b'|' | b'>'));
                let key = if quoted {
                    Arc::from(entry.key.as_str())
                } else {
                    plain_key(&entry.key, entry.key_span)?
                };
                let mut value = from_node(&entry.value, text, file)?;
                // A map or list is found by its key: its own first byte is that of its first entry.
                if let (true, Some(at)) = (value.is_collection(), &mut value.at) {
                    at.span = entry.key_span;
                }
                map.insert(key, value);
            }
            Kind::Map(map)
        }
    };
    Ok(Data {
        kind,
        at: file.map(|file| At {
            file,
            span: node.span,
        }),
    })
}

fn finite(kind: Kind, span: Span) -> Result<Kind, Fault> {
    match kind {
        Kind::Float(value) if !value.is_finite() => Err(Fault {
            id: "yaml-number",
            message: "infinity and not-a-number cannot be values".to_owned(),
            span,
            related: None,
        }),
        kind => Ok(kind),
    }
}

/// What a plain scalar means to Helm's reader.
pub(crate) fn plain(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Kind::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Kind::Bool(false);
        }
        _ => {}
    }
    match number::resolve(text) {
        Some(number) => Kind::Float(number.as_f64()),
        None => Kind::Str(Arc::from(text)),
    }
}

fn plain_key(text: &str, span: Span) -> Result<Arc<str>, Fault> {
    Ok(match plain(text) {
        Kind::Bool(true) => Arc::from("true"),
        Kind::Bool(false) => Arc::from("false"),
        Kind::Null => {
            return Err(Fault {
                id: "yaml-key",
                message: "a key that is null".to_owned(),
                span,
                related: None,
            });
        }
        Kind::Float(_) => match number::resolve(text) {
            Some(number) => Arc::from(number.as_key()),
            None => Arc::from(text),
        },
        _ => Arc::from(text),
    })
}

fn tagged(tag: &str, text: &str, style: Style, span: Span) -> Result<Kind, Fault> {
    let short = tag
        .trim_start_matches("tag:yaml.org,2002:")
        .trim_start_matches("!!");
    let wrong = || Fault {
        id: "yaml-tag",
        message: format!("`{text}` is no {short}"),
        span,
        related: None,
    };
    match (short, plain(text)) {
        ("str" | "!", _) => Ok(Kind::Str(Arc::from(text))),
        ("binary", _) => {
            let bytes = super::functions::encoding::base64_decode(text.trim().as_bytes())
                .map_err(|_| wrong())?;
            Ok(Kind::Str(Arc::from(String::from_utf8_lossy(&bytes))))
        }
        ("int", kind @ Kind::Float(value)) if value.fract() == 0.0 => finite(kind, span),
        ("float", kind @ Kind::Float(_)) => finite(kind, span),
        ("bool", kind @ Kind::Bool(_)) | ("null", kind @ Kind::Null) => Ok(kind),
        ("timestamp", _) => Ok(Kind::Str(Arc::from(text))),
        ("int" | "float" | "bool" | "null", _) => Err(wrong()),
        (_, kind) if style == Style::Plain => match kind {
            // An application's own tag leaves the text as it is.
            _ if tag.starts_with('!') => Ok(Kind::Str(Arc::from(text))),
            kind => finite(kind, span),
        },
        _ => Ok(Kind::Str(Arc::from(text))),
    }
}

/// The limits of values files and rendered manifests; tags and repeated keys are Helm's to accept.
pub(crate) const LIMITS: Limits = Limits {
    key: 64 << 10,
    duplicates: true,
    ..Limits::REPOSITORY
};
