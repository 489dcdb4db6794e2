//! One value in the form that a directive asks for.

use super::super::unquote;
use super::super::value::{Object, Value};
use super::Spec;
use super::float::{format_float, hex_float};

pub(super) struct Printer<'a> {
    pub(super) out: &'a mut Vec<u8>,
}

impl Printer<'_> {
    pub(super) fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    pub(super) fn argument(&mut self, value: &Value, spec: &Spec) {
        match (value, spec.verb) {
            (_, 'T') => self.pad(value.type_name(), spec),
            (Value::Nil, 'v') => self.pad("<nil>", spec),
            (Value::Nil, verb) => self.raw(&format!("%!{verb}(<nil>)")),
            (_, 'p') => self.bad(value, spec),
            _ => self.value(value, spec, 0),
        }
    }

    fn bad(&mut self, value: &Value, spec: &Spec) {
        self.raw(&format!("%!{}(", spec.verb));
        if matches!(value, Value::Nil) {
            self.raw("<nil>");
        } else {
            self.raw(value.type_name());
            self.raw("=");
            // Width, precision and flags hold inside the complaint as well.
            let spec = Spec {
                verb: 'v',
                ..spec.clone()
            };
            self.value(value, &spec, 0);
        }
        self.raw(")");
    }

    pub(super) fn value(&mut self, value: &Value, spec: &Spec, depth: usize) {
        match value {
            Value::Nil if spec.syntax => self.raw("interface {}(nil)"),
            Value::Nil => self.raw("<nil>"),
            Value::Bool(flag) => match spec.verb {
                'v' | 't' => self.pad(if *flag { "true" } else { "false" }, spec),
                _ => self.bad(value, spec),
            },
            Value::Int(n) | Value::Int64(n) => self.integer(value, *n < 0, n.unsigned_abs(), spec),
            Value::Uint(n) => self.integer(value, false, *n, spec),
            Value::Float(n) => self.float(value, *n, spec),
            Value::Str(text) => self.text(value, text.text.as_bytes(), spec),
            Value::Bytes(bytes) if bytes.string => self.text(value, &bytes.bytes, spec),
            Value::Bytes(bytes) => match spec.verb {
                's' | 'q' | 'x' | 'X' => self.text(value, &bytes.bytes, spec),
                _ => {
                    let items: Vec<_> = bytes
                        .bytes
                        .iter()
                        .map(|b| Value::Int(i64::from(*b)))
                        .collect();
                    self.items(&items, spec, depth);
                }
            },
            Value::List(list) => {
                if spec.syntax {
                    self.raw(value.type_name());
                    if list.nil {
                        return self.raw("(nil)");
                    }
                    self.raw("{");
                    for (at, item) in list.items.iter().enumerate() {
                        if at > 0 {
                            self.raw(", ");
                        }
                        self.value(item, spec, depth + 1);
                    }
                    self.raw("}");
                } else {
                    self.items(&list.items, spec, depth);
                }
            }
            Value::Map(map) => {
                let sharp = spec.syntax;
                if sharp {
                    self.raw(value.type_name());
                    self.raw("{");
                } else {
                    self.raw("map[");
                }
                for (at, (key, item)) in map.entries.borrow().iter().enumerate() {
                    if at > 0 {
                        self.raw(if sharp { ", " } else { " " });
                    }
                    self.value(&Value::from(key.clone()), spec, depth + 1);
                    self.raw(":");
                    self.value(item, spec, depth + 1);
                }
                self.raw(if sharp { "}" } else { "]" });
            }
            Value::Time(time) => self.text(value, time.to_string().as_bytes(), spec),
            Value::Duration(nanos) => match spec.verb {
                'v' | 's' | 'q' | 'x' | 'X' => {
                    self.text(
                        value,
                        super::super::date::duration_text(*nanos).as_bytes(),
                        spec,
                    );
                }
                _ => self.integer(value, *nanos < 0, nanos.unsigned_abs(), spec),
            },
            Value::Version(version) => self.text(value, version.to_string().as_bytes(), spec),
            Value::Object(object) => self.object(object, spec, depth),
        }
    }

    fn object(&mut self, object: &Object, spec: &Spec, depth: usize) {
        match object {
            Object::Files(files) => {
                self.raw("map[");
                for (at, (name, bytes)) in files.iter().enumerate() {
                    if at > 0 {
                        self.raw(" ");
                    }
                    self.raw(name);
                    self.raw(":");
                    let items: Vec<_> = bytes.iter().map(|b| Value::Int(i64::from(*b))).collect();
                    self.items(&items, spec, depth);
                }
                self.raw("]");
            }
            Object::ApiVersions(known) => {
                let items: Vec<_> = known
                    .api_versions
                    .iter()
                    .cloned()
                    .map(Value::from)
                    .collect();
                self.items(&items, spec, depth);
            }
            Object::KubeVersion(known) => self.raw(&known.version),
            Object::Capabilities(known) => {
                self.raw("&{");
                self.object(&Object::KubeVersion(std::rc::Rc::clone(known)), spec, depth);
                self.raw(" ");
                self.object(&Object::ApiVersions(std::rc::Rc::clone(known)), spec, depth);
                self.raw(" ");
                self.object(&Object::HelmVersion, spec, depth);
                self.raw("}");
            }
            Object::HelmVersion => self.raw(&format!(
                "{{{}    {}}}",
                super::super::capabilities::HELM_VERSION,
                super::super::capabilities::GO_VERSION
            )),
        }
    }

    fn items(&mut self, items: &[Value], spec: &Spec, depth: usize) {
        self.raw("[");
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.raw(" ");
            }
            self.value(item, spec, depth + 1);
        }
        self.raw("]");
    }

    fn pad(&mut self, text: &str, spec: &Spec) {
        self.pad_bytes(text.as_bytes(), spec, spec.zero && !spec.minus);
    }

    fn pad_bytes(&mut self, text: &[u8], spec: &Spec, zeros: bool) {
        let length = String::from_utf8_lossy(text).chars().count();
        let missing = spec.width.unwrap_or(0).saturating_sub(length);
        let fill = if zeros { b'0' } else { b' ' };
        if spec.minus {
            self.out.extend_from_slice(text);
            self.out.extend(std::iter::repeat_n(b' ', missing));
        } else {
            self.out.extend(std::iter::repeat_n(fill, missing));
            self.out.extend_from_slice(text);
        }
    }

    fn text(&mut self, value: &Value, bytes: &[u8], spec: &Spec) {
        let cut = |bytes: &[u8]| -> Vec<u8> {
            let Some(precision) = spec.precision else {
                return bytes.to_vec();
            };
            let text = String::from_utf8_lossy(bytes);
            match text.char_indices().nth(precision) {
                Some((end, _)) => bytes[..end.min(bytes.len())].to_vec(),
                None => bytes.to_vec(),
            }
        };
        match spec.verb {
            'v' if spec.syntax => self.pad(&unquote::quote_bytes(bytes), spec),
            'v' | 's' => {
                let text = cut(bytes);
                self.pad_bytes(&text, spec, spec.zero && !spec.minus);
            }
            'q' => {
                let text = cut(bytes);
                let raw = spec.sharp
                    && std::str::from_utf8(&text).is_ok_and(|t| {
                        !t.contains(|c: char| c == '`' || (c.is_control() && c != '\t'))
                    });
                let quoted = if raw {
                    format!("`{}`", String::from_utf8_lossy(&text))
                } else {
                    unquote::quote_bytes(&text)
                };
                self.pad(&quoted, spec);
            }
            'x' | 'X' => {
                let bytes = &bytes[..spec.precision.unwrap_or(bytes.len()).min(bytes.len())];
                let mut hex = String::new();
                for (at, byte) in bytes.iter().enumerate() {
                    if spec.space && at > 0 {
                        hex.push(' ');
                    }
                    if spec.sharp && (spec.space || at == 0) {
                        hex.push_str("0x");
                    }
                    hex.push_str(&format!("{byte:02x}"));
                }
                let hex = if spec.verb == 'X' {
                    hex.to_uppercase()
                } else {
                    hex
                };
                self.pad(&hex, spec);
            }
            _ => self.bad(value, spec),
        }
    }

    fn integer(&mut self, value: &Value, negative: bool, magnitude: u64, spec: &Spec) {
        let (digits, prefix) = match spec.verb {
            'v' | 'd' => (magnitude.to_string(), ""),
            'b' => (format!("{magnitude:b}"), if spec.sharp { "0b" } else { "" }),
            'o' => (format!("{magnitude:o}"), if spec.sharp { "0" } else { "" }),
            'O' => (format!("{magnitude:o}"), "0o"),
            'x' => (format!("{magnitude:x}"), if spec.sharp { "0x" } else { "" }),
            'X' => (format!("{magnitude:X}"), if spec.sharp { "0X" } else { "" }),
            'c' => {
                let c = u32::try_from(magnitude)
                    .ok()
                    .filter(|_| !negative)
                    .and_then(char::from_u32)
                    .unwrap_or('\u{fffd}');
                return self.pad(&c.to_string(), spec);
            }
            'q' => {
                let code = i64::try_from(magnitude).unwrap_or(-1);
                let code = if negative { -1 } else { code };
                return self.pad(&unquote::quote_char(code), spec);
            }
            'U' => return self.pad(&format!("U+{magnitude:04X}"), spec),
            _ => return self.bad(value, spec),
        };
        let sign = if negative {
            "-"
        } else if spec.plus {
            "+"
        } else if spec.space {
            " "
        } else {
            ""
        };
        let mut digits = digits;
        if let Some(precision) = spec.precision {
            if precision == 0 && magnitude == 0 {
                return self.pad_bytes(b"", spec, false);
            }
            while digits.len() < precision {
                digits.insert(0, '0');
            }
        } else if spec.zero && !spec.minus {
            let width = spec.width.unwrap_or(0).saturating_sub(sign.len());
            while digits.len() + prefix.len() < width {
                digits.insert(0, '0');
            }
        }
        self.pad_bytes(format!("{sign}{prefix}{digits}").as_bytes(), spec, false);
    }

    fn float(&mut self, value: &Value, n: f64, spec: &Spec) {
        let text = match spec.verb {
            'v' => format_float(n, 'g', spec.precision),
            'e' | 'E' | 'f' | 'F' => format_float(
                n,
                spec.verb.to_ascii_lowercase(),
                Some(spec.precision.unwrap_or(6)),
            ),
            'g' | 'G' => format_float(n, 'g', spec.precision),
            'x' if spec.precision.is_none() => hex_float(n),
            _ => return self.bad(value, spec),
        };
        let text = if spec.verb == 'E' || spec.verb == 'G' {
            text.to_uppercase()
        } else {
            text
        };
        let (sign, digits) = match text.strip_prefix(['-', '+']) {
            Some(digits) => (&text[..1], digits),
            None => ("+", text.as_str()),
        };
        let sign = match sign {
            "-" => "-",
            _ if spec.plus => "+",
            _ if spec.space => " ",
            _ if digits == "Inf" => "+",
            _ => "",
        };
        let finite = n.is_finite();
        if spec.zero && !spec.minus && finite {
            let width = spec.width.unwrap_or(0).saturating_sub(sign.len());
            let zeros = "0".repeat(width.saturating_sub(digits.len()));
            return self.raw(&format!("{sign}{zeros}{digits}"));
        }
        self.pad_bytes(format!("{sign}{digits}").as_bytes(), spec, false);
    }
}
