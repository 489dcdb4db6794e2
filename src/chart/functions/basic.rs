//! The functions of Go's own templates: logic, comparison, `index`, `len`, printing and escaping.

use std::sync::Arc;

use super::super::eval::{Eval, Fault, Result};
use super::super::format;
use super::super::unquote;
use super::super::value::{MapKind, Object, Value};
use super::{Function, Kind, count, fixed, open};

pub(super) static TABLE: &[Function] = &[
    // The evaluator itself stops at the first argument that decides.
    open(
        "and",
        &[Kind::Any],
        Kind::Any,
        |_, args| Ok(args[0].clone()),
    ),
    open("or", &[Kind::Any], Kind::Any, |_, args| Ok(args[0].clone())),
    fixed("not", &[Kind::Any], |_, args| {
        Ok(Value::Bool(!args[0].is_true()))
    }),
    open("call", &[Kind::Any], Kind::Any, |_, _| {
        Err(Fault::of(
            "chart-type",
            "`call` takes a function, and no value is one",
        ))
    }),
    fixed("len", &[Kind::Any], len),
    open("index", &[Kind::Any], Kind::Any, index),
    open("eq", &[Kind::Any], Kind::Any, |_, args| {
        equal_any(args).map(Value::Bool)
    }),
    fixed("ne", &[Kind::Any, Kind::Any], |_, args| {
        equal_any(args).map(|same| Value::Bool(!same))
    }),
    fixed("lt", &[Kind::Any, Kind::Any], |_, args| {
        less(&args[0], &args[1]).map(Value::Bool)
    }),
    fixed("le", &[Kind::Any, Kind::Any], |_, args| {
        not_above(&args[0], &args[1]).map(Value::Bool)
    }),
    fixed("gt", &[Kind::Any, Kind::Any], |_, args| {
        not_above(&args[0], &args[1]).map(|no| Value::Bool(!no))
    }),
    fixed("ge", &[Kind::Any, Kind::Any], |_, args| {
        less(&args[0], &args[1]).map(|no| Value::Bool(!no))
    }),
    open("print", &[], Kind::Any, |eval, args| {
        made(eval, args, format::sprint)
    }),
    open("println", &[], Kind::Any, |eval, args| {
        made(eval, args, format::sprintln)
    }),
    open("printf", &[Kind::Str], Kind::Any, printf),
    open("html", &[], Kind::Any, |eval, args| {
        escaped(eval, args, html)
    }),
    open("js", &[], Kind::Any, |eval, args| escaped(eval, args, js)),
    open("urlquery", &[], Kind::Any, |eval, args| {
        escaped(eval, args, super::urls::query_escape)
    }),
];

fn made(eval: &mut Eval<'_>, args: &[Value], how: fn(&[Value]) -> Vec<u8>) -> Result<Value> {
    for arg in args {
        eval.measure(arg)?;
    }
    let text = how(args);
    eval.spend_bytes(text.len())?;
    Ok(Value::from_bytes(text))
}

fn printf(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    for arg in args {
        eval.measure(arg)?;
    }
    let format = super::text(&args[0]);
    // A width is at most a million bytes, and the format says how many there are.
    let directives = format.matches('%').count();
    let wide = format.bytes().any(|b| b.is_ascii_digit() || b == b'*');
    if wide && directives > 64 {
        eval.spend_bytes(directives.saturating_mul(1 << 20))?;
    }
    let text = format::sprintf(&format, &args[1..]);
    eval.spend_bytes(text.len())?;
    Ok(Value::from_bytes(text))
}

fn escaped(eval: &mut Eval<'_>, args: &[Value], how: fn(&str) -> String) -> Result<Value> {
    let text = match args {
        [one] if one.as_str().is_some() => one.as_text().unwrap_or_else(|| Arc::from("")),
        _ => {
            for arg in args {
                eval.measure(arg)?;
            }
            let shown = args.iter().map(|arg| match arg {
                Value::Nil => Value::from("<no value>"),
                other => other.clone(),
            });
            Arc::from(String::from_utf8_lossy(&format::sprint(
                &shown.collect::<Vec<_>>(),
            )))
        }
    };
    let text = how(&text);
    eval.spend_bytes(text.len())?;
    Ok(Value::from(text))
}

fn len(_: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    Ok(count(match &args[0] {
        Value::Str(text) => text.text.len(),
        Value::Bytes(bytes) => bytes.bytes.len(),
        Value::List(list) => list.items.len(),
        Value::Map(map) => map.entries.borrow().len(),
        Value::Object(object) => match &**object {
            Object::Files(files) => files.len(),
            Object::ApiVersions(known) => known.api_versions.len(),
            _ => return Err(no_length(&args[0])),
        },
        other => return Err(no_length(other)),
    }))
}

fn no_length(value: &Value) -> Box<Fault> {
    match value {
        Value::Nil => Fault::of("chart-nil", "nil has no length"),
        other => Fault::of(
            "chart-type",
            format!("a {} has no length", other.type_name()),
        ),
    }
}

fn index(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let mut item = args[0].clone();
    if matches!(item, Value::Nil) {
        return Err(Fault::of("chart-nil", "`index` of nil"));
    }
    for key in &args[1..] {
        item = match &item {
            Value::Nil => {
                return Err(Fault::of(
                    "chart-nil",
                    "`index` goes through a value that is nil",
                ));
            }
            Value::Map(map) => {
                let Some(name) = key.as_text() else {
                    return Err(Fault::of(
                        "chart-type",
                        format!(
                            "a map has strings for keys, and this is a {}",
                            key.type_name()
                        ),
                    ));
                };
                eval.record_get(map, &name);
                match map.get(&name) {
                    Some(value) => value,
                    None if map.kind == MapKind::Strings => Value::from(""),
                    None => Value::Nil,
                }
            }
            Value::List(list) => {
                let at = position(key, list.items.len())?;
                eval.record_item(list, at);
                list.items[at].clone()
            }
            Value::Str(text) => byte_at(text.text.as_bytes(), key)?,
            Value::Bytes(bytes) => byte_at(&bytes.bytes, key)?,
            Value::Object(object) => match &**object {
                Object::Files(files) => {
                    let name = key.as_text().unwrap_or_else(|| Arc::from(""));
                    super::super::call::bytes(files.get(&name).map_or(&[], |data| data))
                }
                Object::ApiVersions(known) => {
                    let at = position(key, known.api_versions.len())?;
                    Value::from(Arc::clone(&known.api_versions[at]))
                }
                _ => return Err(no_index(&item)),
            },
            other => return Err(no_index(other)),
        };
    }
    Ok(item)
}

fn no_index(value: &Value) -> Box<Fault> {
    Fault::of(
        "chart-type",
        format!("a {} has nothing to index", value.type_name()),
    )
}

fn byte_at(bytes: &[u8], key: &Value) -> Result<Value> {
    Ok(Value::Uint(u64::from(bytes[position(key, bytes.len())?])))
}

fn position(key: &Value, length: usize) -> Result<usize> {
    let at = match key {
        Value::Int(at) | Value::Int64(at) => *at,
        Value::Uint(at) => i64::try_from(*at).unwrap_or(-1),
        other => {
            return Err(Fault::of(
                "chart-type",
                format!(
                    "an index is an integer, and this is a {}",
                    other.type_name()
                ),
            ));
        }
    };
    usize::try_from(at)
        .ok()
        .filter(|at| *at < length)
        .ok_or_else(|| Fault::new(format!("the index {at} is outside a list of {length}")))
}

/// The kinds that Go compares with each other.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Basic {
    Bool,
    Int,
    Uint,
    Float,
    Str,
    Other,
}

fn basic(value: &Value) -> Basic {
    match value {
        Value::Bool(_) => Basic::Bool,
        Value::Int(_) | Value::Int64(_) | Value::Duration(_) => Basic::Int,
        Value::Uint(_) => Basic::Uint,
        Value::Float(_) => Basic::Float,
        Value::Str(_) => Basic::Str,
        Value::Bytes(bytes) if bytes.string => Basic::Str,
        _ => Basic::Other,
    }
}

fn signed(value: &Value) -> i64 {
    match value {
        Value::Int(n) | Value::Int64(n) | Value::Duration(n) => *n,
        _ => 0,
    }
}

fn unsigned(value: &Value) -> u64 {
    match value {
        Value::Uint(n) => *n,
        _ => 0,
    }
}

fn equal_any(args: &[Value]) -> Result<bool> {
    if args.len() < 2 {
        return Err(Fault::new("there is nothing to compare with"));
    }
    for other in &args[1..] {
        if equal(&args[0], other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(a: &Value, b: &Value) -> Result<bool> {
    Ok(match (basic(a), basic(b)) {
        (Basic::Int, Basic::Uint) => u64::try_from(signed(a)) == Ok(unsigned(b)),
        (Basic::Uint, Basic::Int) => u64::try_from(signed(b)) == Ok(unsigned(a)),
        (Basic::Int, Basic::Int) => signed(a) == signed(b),
        (Basic::Other, Basic::Other) => return equal_other(a, b),
        (left, right) if left != right => {
            if matches!(a, Value::Nil) || matches!(b, Value::Nil) {
                return Ok(false);
            }
            return Err(incomparable(a, b));
        }
        (Basic::Str, _) => super::raw(a) == super::raw(b),
        _ => a.deep_equal(b),
    })
}

fn equal_other(a: &Value, b: &Value) -> Result<bool> {
    let nil = |value: &Value| matches!(value, Value::Nil);
    if !nil(a) && !nil(b) && a.kind_name() != b.kind_name() {
        return Err(incomparable(a, b));
    }
    if a.is_nil() || b.is_nil() {
        return Ok(a.is_nil() == b.is_nil());
    }
    match (a, b) {
        (Value::Time(a), Value::Time(b)) => Ok(a == b),
        (Value::Version(a), Value::Version(b)) => Ok(std::rc::Rc::ptr_eq(a, b)),
        (Value::Object(a), Value::Object(b)) => Ok(std::rc::Rc::ptr_eq(a, b)),
        _ => Err(Fault::of(
            "chart-type",
            format!("two {} cannot be compared with `eq`", a.type_name()),
        )),
    }
}

fn incomparable(a: &Value, b: &Value) -> Box<Fault> {
    Fault::of(
        "chart-type",
        format!(
            "a {} cannot be compared with a {}",
            a.type_name(),
            b.type_name()
        ),
    )
}

fn less(a: &Value, b: &Value) -> Result<bool> {
    Ok(match (basic(a), basic(b)) {
        (Basic::Int, Basic::Int) => signed(a) < signed(b),
        (Basic::Uint, Basic::Uint) => unsigned(a) < unsigned(b),
        (Basic::Int, Basic::Uint) => u64::try_from(signed(a)).map_or(true, |a| a < unsigned(b)),
        (Basic::Uint, Basic::Int) => u64::try_from(signed(b)).is_ok_and(|b| unsigned(a) < b),
        (Basic::Float, Basic::Float) => match (a, b) {
            (Value::Float(a), Value::Float(b)) => a < b,
            _ => false,
        },
        (Basic::Str, Basic::Str) => super::raw(a) < super::raw(b),
        _ => return Err(incomparable(a, b)),
    })
}

fn not_above(a: &Value, b: &Value) -> Result<bool> {
    Ok(less(a, b)? || equal(a, b)?)
}

fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0' => out.push('\u{fffd}'),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}

fn js(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '<' | '>' | '&' | '=' => out.push_str(&format!("\\u{:04X}", c as u32)),
            c if c < ' ' => out.push_str(&format!("\\u{:04X}", c as u32)),
            c if !c.is_ascii() && !unquote::is_printable(c) => {
                out.push_str(&format!("\\u{:04X}", c as u32));
            }
            c => out.push(c),
        }
    }
    out
}
