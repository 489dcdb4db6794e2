//! Encodings: base64, base32, JSON, YAML, TOML.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::data::{self, Data, Kind as DataKind, LIMITS};
use super::super::eval::{Eval, Fault, Result};
use super::super::value::Value;
use super::super::yaml_out::{self, Dialect};
use super::super::{json_out, toml};
use super::{Function, Kind, fixed, raw, text};

const A: Kind = Kind::Any;
const S: Kind = Kind::Str;

pub(super) static TABLE: &[Function] = &[
    fixed("b64enc", &[S], |eval, a| {
        eval.spend_bytes(raw(&a[0]).len() * 2)?;
        Ok(Value::from(base64_encode(raw(&a[0]))))
    }),
    fixed("b64dec", &[S], |_, a| {
        Ok(match base64_decode(raw(&a[0])) {
            Ok(bytes) => Value::from_bytes(bytes),
            Err(at) => Value::from(format!("illegal base64 data at input byte {at}")),
        })
    }),
    fixed("b32enc", &[S], |eval, a| {
        eval.spend_bytes(raw(&a[0]).len() * 2)?;
        Ok(Value::from(base32_encode(raw(&a[0]))))
    }),
    fixed("b32dec", &[S], |_, a| {
        Ok(match base32_decode(raw(&a[0])) {
            Ok(bytes) => Value::from_bytes(bytes),
            Err(at) => Value::from(format!("illegal base32 data at input byte {at}")),
        })
    }),
    fixed("toJson", &[A], |eval, a| {
        to_text(eval, &a[0], |v| Ok(json_out::compact(v, true)))
    }),
    fixed("mustToJson", &[A], |eval, a| {
        to_text(eval, &a[0], |v| Ok(json_out::compact(v, true)))
    }),
    fixed("toRawJson", &[A], |eval, a| {
        to_text(eval, &a[0], |v| Ok(json_out::compact(v, false)))
    }),
    fixed("mustToRawJson", &[A], |eval, a| {
        to_text(eval, &a[0], |v| Ok(json_out::compact(v, false)))
    }),
    fixed("toPrettyJson", &[A], |eval, a| {
        to_text(eval, &a[0], |v| Ok(json_out::pretty(v)))
    }),
    fixed("mustToPrettyJson", &[A], |eval, a| {
        to_text(eval, &a[0], |v| Ok(json_out::pretty(v)))
    }),
    fixed("fromJson", &[S], |eval, a| {
        from_json(eval, &text(&a[0]), true)
    }),
    fixed("fromJsonArray", &[S], |eval, a| {
        from_json(eval, &text(&a[0]), false)
    }),
    fixed("mustFromJson", &[S], |eval, a| {
        let text = text(&a[0]);
        pay_text(eval, &text)?;
        let json: serde_json::Value = serde_json::from_str(&text)
            .map_err(|error| Fault::new(format!("this is no JSON: {error}")))?;
        Ok(Value::from_data(&Data::from_json(&json), None))
    }),
    fixed("toYaml", &[A], to_yaml),
    fixed("mustToYaml", &[A], to_yaml),
    fixed("toYamlPretty", &[A], |eval, a| {
        to_text(eval, &a[0], |v| Ok(yaml_out::write(v, Dialect::Pretty).0))
    }),
    fixed("fromYaml", &[S], |eval, a| {
        from_yaml(eval, &text(&a[0]), true)
    }),
    fixed("fromYamlArray", &[S], |eval, a| {
        from_yaml(eval, &text(&a[0]), false)
    }),
    fixed("toToml", &[A], |eval, a| {
        to_text(eval, &a[0], |v| Ok(toml::write(v).unwrap_or_else(|e| e)))
    }),
    fixed("mustToToml", &[A], |eval, a| {
        to_text(eval, &a[0], |v| toml::write(v).map_err(Fault::new))
    }),
    fixed("fromToml", &[S], |eval, a| {
        let text = text(&a[0]);
        pay_text(eval, &text)?;
        Ok(match toml::read(&text) {
            Ok(data) => Value::from_data(&data, None),
            Err(message) => error_map(message),
        })
    }),
];

fn pay_text(eval: &mut Eval<'_>, text: &str) -> Result<()> {
    eval.spend_bytes(text.len().saturating_mul(16))
}

fn to_text(
    eval: &mut Eval<'_>,
    value: &Value,
    how: impl Fn(&Value) -> Result<String>,
) -> Result<Value> {
    eval.measure(value)?;
    eval.consume(value);
    let out = how(value)?;
    eval.spend_bytes(out.len())?;
    Ok(Value::from(out))
}

fn to_yaml(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    eval.measure(&args[0])?;
    eval.consume(&args[0]);
    let out = yaml_out::to_yaml_marked(eval, &args[0])?;
    Ok(out)
}

/// The map with one key that Helm gives back for what it cannot read.
fn error_map(message: String) -> Value {
    let mut map = BTreeMap::new();
    map.insert(Arc::from("Error"), Value::from(message));
    Value::map(map)
}

fn from_json(eval: &mut Eval<'_>, text: &str, wants_map: bool) -> Result<Value> {
    pay_text(eval, text)?;
    let fail = |message: String| {
        if wants_map {
            error_map(message)
        } else {
            Value::list(vec![Value::from(message)])
        }
    };
    let json: serde_json::Value = match serde_json::from_str(text) {
        Ok(json) => json,
        Err(error) if error.is_eof() => return Ok(fail("unexpected end of JSON input".to_owned())),
        Err(error) => return Ok(fail(format!("invalid JSON: {error}"))),
    };
    let data = Data::from_json(&json);
    Ok(shaped(&data, wants_map).unwrap_or_else(|| fail(wrong_shape("json", &data, wants_map))))
}

/// The data as the type that the function declares; null is an empty one.
fn shaped(data: &Data, wants_map: bool) -> Option<Value> {
    match (&data.kind, wants_map) {
        (DataKind::Map(_), true) | (DataKind::List(_), false) => Some(Value::from_data(data, None)),
        (DataKind::Null, true) => Some(Value::map(BTreeMap::new())),
        (DataKind::Null, false) => Some(Value::list(Vec::new())),
        _ => None,
    }
}

fn wrong_shape(format: &str, data: &Data, wants_map: bool) -> String {
    let found = match data.kind {
        DataKind::List(_) => "array",
        DataKind::Map(_) => "object",
        DataKind::Bool(_) => "bool",
        DataKind::Str(_) => "string",
        _ => "number",
    };
    let wanted = if wants_map {
        "map[string]interface {}"
    } else {
        "[]interface {}"
    };
    let lead = if format == "json" {
        ""
    } else {
        "error unmarshaling JSON: while decoding JSON: "
    };
    format!("{lead}json: cannot unmarshal {found} into Go value of type {wanted}")
}

fn from_yaml(eval: &mut Eval<'_>, text: &str, wants_map: bool) -> Result<Value> {
    pay_text(eval, text)?;
    let fail = |message: String| {
        if wants_map {
            error_map(message)
        } else {
            Value::list(vec![Value::from(message)])
        }
    };
    Ok(match data::read(text, None, &LIMITS) {
        Ok(data) => {
            shaped(&data, wants_map).unwrap_or_else(|| fail(wrong_shape("yaml", &data, wants_map)))
        }
        Err(fault) => fail(format!(
            "error converting YAML to JSON: yaml: {}",
            fault.message
        )),
    })
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Base64 with padding.
pub(crate) fn base64_encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let word = word << (8 * (3 - chunk.len()));
        for at in 0..4 {
            if at <= chunk.len() {
                let digit = (word >> (18 - 6 * at)) & 63;
                out.push(char::from(BASE64[digit as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// Base64 with padding, line breaks ignored.
///
/// # Errors
/// The offset of the first byte that is wrong.
pub(crate) fn base64_decode(bytes: &[u8]) -> Result<Vec<u8>, usize> {
    decode(bytes, BASE64, 6, 4)
}

fn base32_encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let word = chunk
            .iter()
            .fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        let word = word << (8 * (5 - chunk.len()));
        let digits = (chunk.len() * 8).div_ceil(5);
        for at in 0..8 {
            if at < digits {
                let digit = (word >> (35 - 5 * at)) & 31;
                out.push(char::from(BASE32[digit as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

fn base32_decode(bytes: &[u8]) -> Result<Vec<u8>, usize> {
    decode(bytes, BASE32, 5, 8)
}

fn decode(bytes: &[u8], alphabet: &[u8], bits: u32, group: usize) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut word, mut held, mut digits, mut padding) = (0_u64, 0_u32, 0_usize, 0_usize);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(byte, b'\n' | b'\r') {
            continue;
        }
        if *byte == b'=' {
            padding += 1;
            if digits % group < 2 || (digits + padding) % group == 1 {
                return Err(at);
            }
            continue;
        }
        let digit = alphabet.iter().position(|a| a == byte).ok_or(at)?;
        if padding > 0 {
            return Err(at);
        }
        digits += 1;
        word = word << bits | digit as u64;
        held += bits;
        if held >= 8 {
            held -= 8;
            out.push((word >> held & 0xff) as u8);
            word &= (1 << held) - 1;
        }
    }
    if (digits + padding).is_multiple_of(group) {
        Ok(out)
    } else {
        Err(bytes.len())
    }
}
