//! Parts of strings: trimming, cutting and shortening, marks and all.

use std::sync::Arc;

use super::super::super::eval::{Fault, Result};
use super::super::super::origin;
use super::super::super::value::{Text, Value};
use super::super::{raw, text};

pub(super) fn trim_start(text: &str) -> &str {
    text.trim_start()
}

pub(super) fn trim_end(text: &str) -> &str {
    text.trim_end()
}

/// A part of a string, which keeps its marks.
pub(super) fn trimmed(value: &Value, how: impl Fn(&str) -> &str) -> Value {
    match value {
        Value::Str(whole) => {
            let part = how(&whole.text);
            if part.len() == whole.text.len() {
                return value.clone();
            }
            let start = part.as_ptr() as usize - whole.text.as_ptr() as usize;
            Value::Str(Text {
                text: Arc::from(part),
                marks: origin::cut(whole, start, start + part.len()),
            })
        }
        value => Value::from(how(&text(value))),
    }
}

pub(super) fn trim_set(value: &Value, set: &str) -> Value {
    trimmed(value, |t| t.trim_matches(|c| set.contains(c)))
}

/// Bytes `start..end` of a string as a string, even where that splits a character.
pub(super) fn bytes_of(value: &Value, start: usize, end: usize) -> Value {
    match value {
        Value::Str(whole)
            if whole.text.is_char_boundary(start) && whole.text.is_char_boundary(end) =>
        {
            Value::Str(Text {
                text: Arc::from(&whole.text[start..end]),
                marks: origin::cut(whole, start, end),
            })
        }
        value => Value::from_bytes(raw(value)[start..end].to_vec()),
    }
}

pub(super) fn trunc(length: i64, value: &Value) -> Value {
    let size = raw(value).len();
    if length < 0 {
        let keep = usize::try_from(length.unsigned_abs()).unwrap_or(usize::MAX);
        if keep < size {
            return bytes_of(value, size - keep, size);
        }
    } else {
        let keep = usize::try_from(length).unwrap_or(usize::MAX);
        if keep < size {
            return bytes_of(value, 0, keep);
        }
    }
    value.clone()
}

pub(super) fn substr(start: i64, end: i64, value: &Value) -> Result<Value> {
    let size = raw(value).len();
    let outside = || {
        Fault::new(format!(
            "{start}..{end} is outside a string of {size} bytes"
        ))
    };
    let (from, to) = if start < 0 {
        (0, usize::try_from(end).map_err(|_| outside())?)
    } else {
        let to = usize::try_from(end)
            .ok()
            .filter(|end| *end <= size)
            .unwrap_or(size);
        (usize::try_from(start).map_err(|_| outside())?, to)
    };
    if from > to || to > size {
        return Err(outside());
    }
    Ok(bytes_of(value, from, to))
}

pub(super) fn abbreviate(left: i64, right: i64, value: &Value) -> Result<Value> {
    let size = i64::try_from(raw(value).len()).unwrap_or(i64::MAX);
    if right < 4 || (left > 0 && right < 7) || size <= right {
        return Ok(value.clone());
    }
    let mut offset = left.min(size);
    if size - offset < right - 3 {
        offset = size - (right - 3);
    }
    let bytes = raw(value);
    let at = |n: i64| usize::try_from(n).unwrap_or(0);
    let mut out = Vec::new();
    if offset <= 4 {
        out.extend_from_slice(&bytes[..at(right - 3)]);
        out.extend_from_slice(b"...");
    } else if right < 7 {
        return Ok(Value::from(""));
    } else if offset + right - 3 < size {
        out.extend_from_slice(b"...");
        let rest = Value::from_bytes(bytes[at(offset)..].to_vec());
        out.extend_from_slice(raw(&abbreviate(0, right - 3, &rest)?));
    } else {
        out.extend_from_slice(b"...");
        out.extend_from_slice(&bytes[at(size - (right - 3))..]);
    }
    Ok(Value::from_bytes(out))
}
