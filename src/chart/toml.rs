//! Values as TOML text and back.
//!
//! Owns the layout of Helm's TOML writer. Reading is the `toml` crate's; datetimes become their text.

use std::sync::Arc;

use super::data::{Data, Kind};
use super::number;
use super::value::Value;
use super::yaml_out::json_time;

/// The TOML document of a map.
///
/// # Errors
/// Why TOML cannot say the value.
pub(crate) fn write(value: &Value) -> Result<String, String> {
    let Value::Map(_) = value else {
        return Err("toml: top-level values must be Go maps or structs".to_owned());
    };
    let mut writer = Writer { out: String::new() };
    writer.map(&mut Vec::new(), value, false)?;
    Ok(writer.out)
}

/// The data of a TOML document.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn read(text: &str) -> Result<Data, String> {
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| error.to_string())?;
    Ok(from_toml(&toml::Value::Table(table)))
}

fn from_toml(value: &toml::Value) -> Data {
    Data::from(match value {
        toml::Value::String(text) => Kind::Str(Arc::from(text.as_str())),
        toml::Value::Integer(n) => Kind::Int(*n),
        toml::Value::Float(n) => Kind::Float(*n),
        toml::Value::Boolean(flag) => Kind::Bool(*flag),
        toml::Value::Datetime(time) => Kind::Str(Arc::from(time.to_string())),
        toml::Value::Array(items) => Kind::List(items.iter().map(from_toml).collect()),
        toml::Value::Table(table) => Kind::Map(
            table
                .iter()
                .map(|(key, value)| (Arc::from(key.as_str()), from_toml(value)))
                .collect(),
        ),
    })
}

struct Writer {
    out: String,
}

impl Writer {
    fn newline(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn map(&mut self, path: &mut Vec<Arc<str>>, value: &Value, inline: bool) -> Result<(), String> {
        let Value::Map(map) = value else {
            return Err("toml: a table is wanted".to_owned());
        };
        let entries = map.entries.borrow();
        let mut direct = Vec::new();
        let mut tables = Vec::new();
        for (key, value) in entries.iter() {
            if is_table(value)? {
                tables.push((key, value))
            } else {
                direct.push((key, value))
            }
        }
        if inline {
            self.out.push('{');
        }
        let trailing = !tables.is_empty();
        let (first, second) = (direct.len(), tables.len());
        for (at, (key, value)) in direct.into_iter().chain(tables).enumerate() {
            if matches!(value, Value::Nil) {
                continue;
            }
            if inline {
                self.out.push_str(&format!("{} = ", quoted_key(key)));
                self.element(value)?;
                let last = if at < first {
                    at + 1 == first && !trailing
                } else {
                    at + 1 == first + second
                };
                if !last {
                    self.out.push_str(", ");
                }
            } else {
                path.push(Arc::clone(key));
                self.entry(path, value)?;
                path.pop();
            }
        }
        if inline {
            self.out.push('}');
        }
        Ok(())
    }

    fn entry(&mut self, path: &mut Vec<Arc<str>>, value: &Value) -> Result<(), String> {
        let indent = "  ".repeat(path.len().saturating_sub(1));
        match value {
            Value::Map(map) if map.nil => Ok(()),
            Value::Map(_) => {
                if path.len() == 1 {
                    self.newline();
                }
                self.out.push_str(&format!("{indent}[{}]", dotted(path)));
                self.newline();
                self.map(path, value, false)
            }
            Value::List(list) if is_table(value)? => {
                for item in &list.items {
                    self.newline();
                    self.out.push_str(&format!("{indent}[[{}]]", dotted(path)));
                    self.newline();
                    self.map(path, item, false)?;
                }
                Ok(())
            }
            value => {
                let key = path.last().map(|key| quoted_key(key)).unwrap_or_default();
                self.out.push_str(&format!("{indent}{key} = "));
                self.element(value)?;
                self.newline();
                Ok(())
            }
        }
    }

    fn element(&mut self, value: &Value) -> Result<(), String> {
        match value {
            Value::Bool(flag) => self.out.push_str(&flag.to_string()),
            Value::Int(n) | Value::Int64(n) => self.out.push_str(&n.to_string()),
            Value::Uint(n) => self.out.push_str(&n.to_string()),
            Value::Float(n) => self.out.push_str(&float(*n)),
            Value::Str(text) => self.quoted(&text.text),
            Value::Bytes(bytes) => self.quoted(&String::from_utf8_lossy(&bytes.bytes)),
            Value::Time(time) => self.out.push_str(&json_time(time)),
            Value::Duration(nanos) => self.quoted(&super::date::duration_text(*nanos)),
            Value::Version(version) => self.quoted(&version.to_string()),
            Value::List(list) => {
                self.out.push('[');
                for (at, item) in list.items.iter().enumerate() {
                    if at > 0 {
                        self.out.push_str(", ");
                    }
                    self.element(item)?;
                }
                self.out.push(']');
            }
            Value::Map(_) => self.map(&mut Vec::new(), value, true)?,
            Value::Nil => return Err("toml: cannot encode array with nil element".to_owned()),
            Value::Object(_) => {
                return Err(format!("toml: unexpected type: {}", value.type_name()));
            }
        }
        Ok(())
    }

    fn quoted(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\u{8}' => self.out.push_str("\\b"),
                '\t' => self.out.push_str("\\t"),
                '\n' => self.out.push_str("\\n"),
                '\u{c}' => self.out.push_str("\\f"),
                '\r' => self.out.push_str("\\r"),
                c if c < ' ' || c == '\u{7f}' => self.out.push_str(&format!("\\u{:04x}", c as u32)),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}

fn float(n: f64) -> String {
    if n.is_nan() {
        return "nan".to_owned();
    }
    if n.is_infinite() {
        return if n < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    let text = number::general(n);
    if text.contains(['e', '.']) {
        text
    } else {
        format!("{text}.0")
    }
}

/// Whether the value is written as a table or as tables of its own.
fn is_table(value: &Value) -> Result<bool, String> {
    Ok(match value {
        Value::Map(map) => !map.nil,
        Value::List(list) => {
            if list.items.iter().any(|item| matches!(item, Value::Nil)) {
                return Err("toml: cannot encode array with nil element".to_owned());
            }
            !list.items.is_empty() && list.items.iter().all(|item| matches!(item, Value::Map(_)))
        }
        _ => false,
    })
}

fn dotted(path: &[Arc<str>]) -> String {
    path.iter()
        .map(|key| quoted_key(key))
        .collect::<Vec<_>>()
        .join(".")
}

fn quoted_key(key: &str) -> String {
    let bare = !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if bare {
        return key.to_owned();
    }
    let mut writer = Writer { out: String::new() };
    writer.quoted(key);
    writer.out
}
