//! Values as JSON text, byte for byte as Go writes it.
//!
//! Owns escapes, number forms and the two layouts. Keys are sorted, because maps are.

use super::functions::encoding::base64_encode;
use super::number;
use super::value::{Object, Value};
use super::yaml_out::{json_time, object_fields};

/// One line; `html` escapes `<`, `>` and `&`. Nothing where JSON cannot say the value.
pub(crate) fn compact(value: &Value, html: bool) -> String {
    let mut out = String::new();
    let fits = Writer {
        out: &mut out,
        html,
        indent: None,
    }
    .value(value, 0);
    if fits { out } else { String::new() }
}

/// Indented by two spaces.
pub(crate) fn pretty(value: &Value) -> String {
    let mut out = String::new();
    let fits = Writer {
        out: &mut out,
        html: true,
        indent: Some(2),
    }
    .value(value, 0);
    if fits { out } else { String::new() }
}

struct Writer<'a> {
    out: &'a mut String,
    html: bool,
    indent: Option<usize>,
}

impl Writer<'_> {
    fn line(&mut self, depth: usize) {
        if let Some(indent) = self.indent {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', indent * depth));
        }
    }

    fn value(&mut self, value: &Value, depth: usize) -> bool {
        match value {
            Value::Nil => self.out.push_str("null"),
            Value::Bool(flag) => self.out.push_str(if *flag { "true" } else { "false" }),
            Value::Int(n) | Value::Int64(n) | Value::Duration(n) => {
                self.out.push_str(&n.to_string())
            }
            Value::Uint(n) => self.out.push_str(&n.to_string()),
            Value::Float(n) if !n.is_finite() => return false,
            Value::Float(n) => self.out.push_str(&number::json_form(*n)),
            Value::Str(text) => self.string(&text.text),
            Value::Bytes(bytes) if bytes.string => {
                self.string(&String::from_utf8_lossy(&bytes.bytes))
            }
            Value::Bytes(bytes) => self.string(&base64_encode(&bytes.bytes)),
            Value::Time(time) => self.string(&json_time(time)),
            Value::Version(version) => self.string(&version.to_string()),
            Value::List(list) if list.nil => self.out.push_str("null"),
            Value::List(list) => return self.list(&list.items, depth),
            Value::Map(map) if map.nil => self.out.push_str("null"),
            Value::Map(map) => {
                let entries = map.entries.borrow();
                return self.map(entries.iter().map(|(k, v)| (&**k, v.clone())), depth);
            }
            Value::Object(object) => return self.object(object, depth),
        }
        true
    }

    fn object(&mut self, object: &Object, depth: usize) -> bool {
        match object {
            Object::Files(files) => self.map(
                files
                    .iter()
                    .map(|(name, bytes)| (&**name, Value::from(base64_encode(bytes)))),
                depth,
            ),
            Object::ApiVersions(known) => {
                let items: Vec<Value> = known
                    .api_versions
                    .iter()
                    .cloned()
                    .map(Value::from)
                    .collect();
                self.list(&items, depth)
            }
            other => {
                // Structures keep the order of their fields.
                let mut fields = object_fields(other);
                let order = [
                    "KubeVersion",
                    "APIVersions",
                    "HelmVersion",
                    "Version",
                    "version",
                    "Major",
                    "go_version",
                ];
                let rank = |name: &str| {
                    order
                        .iter()
                        .position(|known| *known == name)
                        .unwrap_or(order.len())
                };
                fields.sort_by_key(|(name, _)| rank(name));
                self.map(
                    fields.iter().map(|(name, value)| (&**name, value.clone())),
                    depth,
                )
            }
        }
    }

    fn list(&mut self, items: &[Value], depth: usize) -> bool {
        self.out.push('[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            self.line(depth + 1);
            if !self.value(item, depth + 1) {
                return false;
            }
        }
        if !items.is_empty() {
            self.line(depth);
        }
        self.out.push(']');
        true
    }

    fn map<'e>(&mut self, entries: impl Iterator<Item = (&'e str, Value)>, depth: usize) -> bool {
        self.out.push('{');
        let mut any = false;
        for (key, value) in entries {
            if any {
                self.out.push(',');
            }
            any = true;
            self.line(depth + 1);
            self.string(key);
            self.out
                .push_str(if self.indent.is_some() { ": " } else { ":" });
            if !self.value(&value, depth + 1) {
                return false;
            }
        }
        if any {
            self.line(depth);
        }
        self.out.push('}');
        true
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '<' | '>' | '&' if self.html => self.out.push_str(&format!("\\u{:04x}", c as u32)),
                '\u{2028}' | '\u{2029}' => self.out.push_str(&format!("\\u{:04x}", c as u32)),
                c if c < ' ' => self.out.push_str(&format!("\\u{:04x}", c as u32)),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}
