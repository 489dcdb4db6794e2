//! Sprig's functions over strings.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::super::cases::{lower_char, upper_char};
use super::super::eval::{Eval, Fault, Result};
use super::super::format;
use super::super::origin;
use super::super::unquote;
use super::super::value::{MapKind, Text, Value};
use super::{Function, Kind, fixed, int, open, raw, text};

mod cut;

use cut::{abbreviate, substr, trim_end, trim_set, trim_start, trimmed, trunc};

const S: Kind = Kind::Str;
const I: Kind = Kind::Int;

pub(super) static TABLE: &[Function] = &[
    fixed("hello", &[], |_, _| Ok(Value::from("Hello!"))),
    fixed("upper", &[S], |_, a| {
        Ok(Value::from(
            text(&a[0]).chars().map(upper_char).collect::<String>(),
        ))
    }),
    fixed("lower", &[S], |_, a| {
        Ok(Value::from(
            text(&a[0]).chars().map(lower_char).collect::<String>(),
        ))
    }),
    fixed("title", &[S], |_, a| {
        Ok(Value::from(words(&text(&a[0]), true)))
    }),
    fixed("untitle", &[S], |_, a| {
        Ok(Value::from(words(&text(&a[0]), false)))
    }),
    fixed("trim", &[S], |_, a| {
        Ok(trimmed(&a[0], |t| trim_end(trim_start(t))))
    }),
    fixed("trimAll", &[S, S], |_, a| Ok(trim_set(&a[1], &text(&a[0])))),
    fixed("trimall", &[S, S], |_, a| Ok(trim_set(&a[1], &text(&a[0])))),
    fixed("trimSuffix", &[S, S], |_, a| {
        let suffix = text(&a[0]);
        Ok(trimmed(&a[1], |t| t.strip_suffix(&*suffix).unwrap_or(t)))
    }),
    fixed("trimPrefix", &[S, S], |_, a| {
        let prefix = text(&a[0]);
        Ok(trimmed(&a[1], |t| t.strip_prefix(&*prefix).unwrap_or(t)))
    }),
    fixed("nospace", &[S], |_, a| {
        // Sprig takes bytes for characters here and in `initials`.
        let latin = raw(&a[0]).iter().map(|byte| char::from(*byte));
        Ok(Value::from(
            latin.filter(|c| !c.is_whitespace()).collect::<String>(),
        ))
    }),
    fixed("initials", &[S], |_, a| {
        Ok(Value::from(initials(&text(&a[0]))))
    }),
    fixed("swapcase", &[S], |_, a| {
        Ok(Value::from(swap_case(&text(&a[0]))))
    }),
    fixed("snakecase", &[S], |_, a| {
        Ok(Value::from(super::super::cases::lower(&text(&a[0]), '_')))
    }),
    fixed("kebabcase", &[S], |_, a| {
        Ok(Value::from(super::super::cases::lower(&text(&a[0]), '-')))
    }),
    fixed("camelcase", &[S], |_, a| {
        Ok(Value::from(super::super::cases::pascal(&text(&a[0]))))
    }),
    fixed("abbrev", &[I, S], |_, a| abbreviate(0, int(&a[0]), &a[1])),
    fixed("abbrevboth", &[I, I, S], |_, a| {
        abbreviate(int(&a[0]), int(&a[1]), &a[2])
    }),
    fixed("trunc", &[I, S], |_, a| Ok(trunc(int(&a[0]), &a[1]))),
    fixed("substr", &[I, I, S], |_, a| {
        substr(int(&a[0]), int(&a[1]), &a[2])
    }),
    fixed("repeat", &[I, S], repeat),
    fixed("wrap", &[I, S], |eval, a| {
        wrap(eval, int(&a[0]), "", &a[1], false)
    }),
    fixed("wrapWith", &[I, S, S], |eval, a| {
        wrap(eval, int(&a[0]), &text(&a[1]), &a[2], true)
    }),
    fixed("contains", &[S, S], |_, a| {
        Ok(Value::Bool(text(&a[1]).contains(&*text(&a[0]))))
    }),
    fixed("hasPrefix", &[S, S], |_, a| {
        Ok(Value::Bool(raw(&a[1]).starts_with(raw(&a[0]))))
    }),
    fixed("hasSuffix", &[S, S], |_, a| {
        Ok(Value::Bool(raw(&a[1]).ends_with(raw(&a[0]))))
    }),
    open("quote", &[], Kind::Any, quote),
    open("squote", &[], Kind::Any, squote),
    open("cat", &[], Kind::Any, cat),
    fixed("indent", &[I, S], |eval, a| {
        indent(eval, int(&a[0]), &a[1], false)
    }),
    fixed("nindent", &[I, S], |eval, a| {
        indent(eval, int(&a[0]), &a[1], true)
    }),
    fixed("replace", &[S, S, S], replace),
    fixed("plural", &[S, S, I], |_, a| {
        Ok(a[usize::from(int(&a[2]) != 1)].clone())
    }),
    fixed("toString", &[Kind::Any], |eval, a| {
        eval.measure(&a[0])?;
        Ok(Value::from_bytes(string_of(&a[0])))
    }),
    fixed("toStrings", &[Kind::Any], |eval, a| {
        eval.measure(&a[0])?;
        Ok(Value::strings(
            string_items(&a[0]).into_iter().map(Value::from_bytes),
        ))
    }),
    fixed("join", &[S, Kind::Any], join),
    fixed("split", &[S, S], |eval, a| {
        split_map(eval, &text(&a[0]), -1, &text(&a[1]))
    }),
    fixed("splitn", &[S, I, S], |eval, a| {
        split_map(eval, &text(&a[0]), int(&a[1]), &text(&a[2]))
    }),
    fixed("splitList", &[S, S], |eval, a| {
        eval.spend_bytes(16 * raw(&a[1]).len())?;
        Ok(Value::strings(split(&text(&a[0]), -1, &text(&a[1]))))
    }),
    fixed("shuffle", &[S], |eval, a| {
        eval.note_unstable("shuffle");
        let mut chars: Vec<char> = text(&a[0]).chars().collect();
        eval.random.shuffle(&mut chars);
        Ok(Value::from(chars.into_iter().collect::<String>()))
    }),
    fixed("randAlphaNum", &[I], |eval, a| {
        random(
            eval,
            "randAlphaNum",
            a,
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        )
    }),
    fixed("randAlpha", &[I], |eval, a| {
        random(
            eval,
            "randAlpha",
            a,
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        )
    }),
    fixed("randNumeric", &[I], |eval, a| {
        random(eval, "randNumeric", a, "0123456789")
    }),
    fixed("randAscii", &[I], |eval, a| {
        random(
            eval,
            "randAscii",
            a,
            "!#$%&()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        )
    }),
];

/// Sprig's `strval`.
pub(super) fn string_of(value: &Value) -> Vec<u8> {
    match value {
        Value::Str(text) => text.text.as_bytes().to_vec(),
        Value::Bytes(bytes) => bytes.bytes.clone(),
        value => format::display_bytes(value),
    }
}

/// Sprig's `strslice`: the items as strings, nil left out; what is no list is one item.
pub(super) fn string_items(value: &Value) -> Vec<Vec<u8>> {
    match value {
        Value::Nil => Vec::new(),
        Value::List(list) => list
            .items
            .iter()
            .filter(|item| !matches!(item, Value::Nil))
            .map(string_of)
            .collect(),
        Value::Object(object) => match &**object {
            super::super::value::Object::ApiVersions(known) => known
                .api_versions
                .iter()
                .map(|v| v.as_bytes().to_vec())
                .collect(),
            _ => vec![string_of(value)],
        },
        value => vec![string_of(value)],
    }
}

/// Sets the first letter of every word. Go's title takes every ASCII sign but `_` for the end of a word,
/// and of what is not ASCII only space.
fn words(text: &str, title: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut previous = ' ';
    for c in text.chars() {
        let separates = match previous {
            c if !title => c.is_whitespace(),
            '_' => false,
            c if c.is_ascii() => !c.is_ascii_alphanumeric(),
            c => !c.is_alphanumeric() && c.is_whitespace(),
        };
        match (separates, title) {
            (false, _) => out.push(c),
            (true, true) => out.push(upper_char(c)),
            (true, false) => out.push(lower_char(c)),
        }
        previous = c;
    }
    out
}

fn initials(text: &str) -> String {
    text.split_whitespace()
        .filter_map(|word| word.bytes().next().map(char::from))
        .collect()
}

fn swap_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_uppercase() {
            out.push(lower_char(c));
        } else {
            out.push(upper_char(c));
        }
    }
    out
}

fn repeat(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let Ok(times) = usize::try_from(int(&args[0])) else {
        return Err(Fault::new("`repeat` takes no negative count"));
    };
    let bytes = raw(&args[1]);
    eval.spend_bytes(bytes.len().saturating_mul(times))?;
    Ok(Value::from_bytes(bytes.repeat(times)))
}

fn wrap(
    eval: &mut Eval<'_>,
    width: i64,
    separator: &str,
    value: &Value,
    long: bool,
) -> Result<Value> {
    let separator = if separator.is_empty() {
        "\n"
    } else {
        separator
    };
    let width = usize::try_from(width).unwrap_or(1).max(1);
    let bytes = raw(value);
    eval.spend_bytes(bytes.len().saturating_mul(1 + separator.len()))?;
    let mut out = Vec::new();
    let mut at = 0;
    while bytes.len() - at > width {
        if bytes[at] == b' ' {
            at += 1;
            continue;
        }
        let window = &bytes[at..=at + width];
        if let Some(space) = window.iter().rposition(|b| *b == b' ') {
            out.extend_from_slice(&bytes[at..at + space]);
            out.extend_from_slice(separator.as_bytes());
            at += space + 1;
        } else if long {
            out.extend_from_slice(&bytes[at..at + width]);
            out.extend_from_slice(separator.as_bytes());
            at += width;
        } else if let Some(space) = bytes[at + width..].iter().position(|b| *b == b' ') {
            out.extend_from_slice(&bytes[at..at + width + space]);
            out.extend_from_slice(separator.as_bytes());
            at += width + space + 1;
        } else {
            out.extend_from_slice(&bytes[at..]);
            at = bytes.len();
        }
    }
    out.extend_from_slice(&bytes[at..]);
    Ok(Value::from_bytes(out))
}

fn quote(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let mut out = String::new();
    for value in args {
        if matches!(value, Value::Nil) {
            continue;
        }
        eval.measure(value)?;
        if !out.is_empty() {
            out.push(' ');
        }
        match value {
            Value::Str(text) => out.push_str(&unquote::quote(&text.text)),
            value => out.push_str(&unquote::quote_bytes(&string_of(value))),
        }
    }
    eval.spend_bytes(out.len())?;
    Ok(Value::from(out))
}

fn squote(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let mut out = Vec::new();
    for value in args {
        if matches!(value, Value::Nil) {
            continue;
        }
        eval.measure(value)?;
        if !out.is_empty() {
            out.push(b' ');
        }
        out.push(b'\'');
        out.extend(format::display_bytes(value));
        out.push(b'\'');
    }
    eval.spend_bytes(out.len())?;
    Ok(Value::from_bytes(out))
}

fn cat(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let mut out = Vec::new();
    for (at, value) in args
        .iter()
        .filter(|value| !matches!(value, Value::Nil))
        .enumerate()
    {
        eval.measure(value)?;
        if at > 0 {
            out.push(b' ');
        }
        out.extend(format::display_bytes(value));
    }
    eval.spend_bytes(out.len())?;
    Ok(Value::from_bytes(out))
}

fn indent(eval: &mut Eval<'_>, spaces: i64, value: &Value, newline: bool) -> Result<Value> {
    let Ok(spaces) = usize::try_from(spaces) else {
        return Err(Fault::new("`indent` takes no negative count"));
    };
    let bytes = raw(value);
    let lines = 1 + bytes.iter().filter(|b| **b == b'\n').count();
    let length = bytes.len().saturating_add(lines.saturating_mul(spaces));
    eval.spend_bytes(length)?;
    let mut out = Vec::with_capacity(length + 1);
    if newline {
        out.push(b'\n');
    }
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        out.extend(std::iter::repeat_n(b' ', spaces));
        out.extend_from_slice(line);
    }
    if bytes.is_empty() || bytes.ends_with(b"\n") {
        out.extend(std::iter::repeat_n(b' ', spaces));
    }
    let marks: Option<Rc<[origin::Mark]>> = match value {
        Value::Str(text) => origin::indented(text, usize::from(newline), spaces),
        _ => None,
    };
    Ok(match String::from_utf8(out) {
        Ok(text) => Value::Str(Text {
            text: Arc::from(text),
            marks,
        }),
        Err(error) => Value::from_bytes(error.into_bytes()),
    })
}

fn replace(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let (old, new, source) = (text(&args[0]), text(&args[1]), text(&args[2]));
    let found = if old.is_empty() {
        source.chars().count() + 1
    } else {
        source.matches(&*old).count()
    };
    if found == 0 {
        return Ok(args[2].clone());
    }
    eval.spend_bytes(source.len().saturating_add(found.saturating_mul(new.len())))?;
    Ok(Value::from(source.replace(&*old, &new)))
}

fn join(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    eval.measure(&args[1])?;
    let items = string_items(&args[1]);
    let separator = raw(&args[0]);
    let length: usize = items.iter().map(|item| item.len() + separator.len()).sum();
    eval.spend_bytes(length)?;
    eval.consume(&args[1]);
    Ok(Value::from_bytes(items.join(separator)))
}

/// Go's `Split` and `SplitN`: an empty separator splits into characters.
fn split<'t>(separator: &str, limit: i64, text: &'t str) -> Vec<&'t str> {
    let limit = match limit {
        0 => return Vec::new(),
        n if n < 0 => usize::MAX,
        n => usize::try_from(n).unwrap_or(usize::MAX),
    };
    if !separator.is_empty() {
        return text.splitn(limit, separator).collect();
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if parts.len() + 1 == limit {
            break;
        }
        let (one, tail) = rest.split_at(c.len_utf8());
        parts.push(one);
        rest = tail;
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts
}

fn split_map(eval: &mut Eval<'_>, separator: &str, limit: i64, text: &str) -> Result<Value> {
    let parts = split(separator, limit, text);
    eval.spend_bytes(text.len() + 32 * parts.len())?;
    let entries: BTreeMap<Arc<str>, Value> = parts
        .into_iter()
        .enumerate()
        .map(|(at, part)| (Arc::from(format!("_{at}")), Value::from(part)))
        .collect();
    Ok(Value::map_of(MapKind::Strings, entries))
}

fn random(eval: &mut Eval<'_>, name: &'static str, args: &[Value], letters: &str) -> Result<Value> {
    eval.note_unstable(name);
    let Ok(length) = usize::try_from(int(&args[0])) else {
        return Ok(Value::from(""));
    };
    eval.spend_bytes(length)?;
    eval.spend(u64::try_from(length / 64).unwrap_or(u64::MAX))?;
    Ok(Value::from(eval.random.text(letters, length)))
}
