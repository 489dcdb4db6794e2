//! Sprig's regular expressions. Go's syntax and that of the `regex` crate are all but the same.

use std::rc::Rc;
use std::sync::Arc;

use regex::Regex;

use super::super::eval::{Eval, Fault, Result};
use super::super::value::Value;
use super::{Function, Kind, fixed, int, text};

const S: Kind = Kind::Str;
const I: Kind = Kind::Int;

pub(super) static TABLE: &[Function] = &[
    fixed("regexMatch", &[S, S], |eval, a| {
        pay(eval, &a[1])?;
        let found = compiled(eval, &text(&a[0])).is_ok_and(|r| r.is_match(&text(&a[1])));
        Ok(Value::Bool(found))
    }),
    fixed("mustRegexMatch", &[S, S], |eval, a| {
        pay(eval, &a[1])?;
        Ok(Value::Bool(
            compiled(eval, &text(&a[0]))?.is_match(&text(&a[1])),
        ))
    }),
    fixed("regexFind", &[S, S], find),
    fixed("mustRegexFind", &[S, S], find),
    fixed("regexFindAll", &[S, S, I], find_all),
    fixed("mustRegexFindAll", &[S, S, I], find_all),
    fixed("regexReplaceAll", &[S, S, S], |eval, a| {
        replace(eval, a, false)
    }),
    fixed("mustRegexReplaceAll", &[S, S, S], |eval, a| {
        replace(eval, a, false)
    }),
    fixed("regexReplaceAllLiteral", &[S, S, S], |eval, a| {
        replace(eval, a, true)
    }),
    fixed("mustRegexReplaceAllLiteral", &[S, S, S], |eval, a| {
        replace(eval, a, true)
    }),
    fixed("regexSplit", &[S, S, I], split),
    fixed("mustRegexSplit", &[S, S, I], split),
    fixed("regexQuoteMeta", &[S], |_, a| {
        let mut out = String::new();
        for c in text(&a[0]).chars() {
            if r"\.+*?()|[]{}^$".contains(c) {
                out.push('\\');
            }
            out.push(c);
        }
        Ok(Value::from(out))
    }),
];

/// Pays for a search, which looks harder at each byte than other functions do.
fn pay(eval: &mut Eval<'_>, source: &Value) -> Result<()> {
    eval.spend(super::raw(source).len() as u64 / 8)
}

/// The compiled expression, from the cache of this evaluation.
fn compiled(eval: &mut Eval<'_>, pattern: &Arc<str>) -> Result<Rc<Regex>> {
    if let Some(known) = eval.regexes.get(pattern) {
        return known.clone().ok_or_else(|| invalid(pattern));
    }
    eval.spend(1000)?;
    let regex = regex::RegexBuilder::new(&translated(pattern))
        .size_limit(1 << 20)
        .dfa_size_limit(1 << 20)
        .nest_limit(100)
        .build()
        .ok()
        .map(Rc::new);
    eval.regexes.insert(Arc::clone(pattern), regex.clone());
    regex.ok_or_else(|| invalid(pattern))
}

fn invalid(pattern: &str) -> Box<Fault> {
    Fault::new(format!("{pattern:?} is no regular expression"))
}

/// Go's `\d`, `\w`, `\s` and `\b` know ASCII only, `\Q…\E` quotes, and `[` may stand bare in a class.
fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut chars = pattern.chars().peekable();
    let mut class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                // A hyphen behind a class of its own is one; only between characters is it a range.
                Some(name @ ('d' | 'w' | 's')) if class && chars.peek() == Some(&'-') => {
                    chars.next();
                    out.push_str(match name {
                        'd' => "0-9",
                        'w' => "0-9A-Za-z_",
                        _ => r"\t\n\f\r ",
                    });
                    out.push_str("\\-");
                }
                Some('d') => out.push_str(if class { "0-9" } else { "[0-9]" }),
                Some('w') => out.push_str(if class { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
                Some('s') => out.push_str(if class { r"\t\n\f\r " } else { r"[\t\n\f\r ]" }),
                Some('D') if !class => out.push_str("[^0-9]"),
                Some('W') if !class => out.push_str("[^0-9A-Za-z_]"),
                Some('S') if !class => out.push_str(r"[^\t\n\f\r ]"),
                Some('b') if !class => out.push_str(r"(?-u:\b)"),
                Some('Q') => {
                    let mut rest = String::new();
                    while let Some(c) = chars.next() {
                        if c == '\\' && chars.peek() == Some(&'E') {
                            chars.next();
                            break;
                        }
                        rest.push(c);
                    }
                    out.push_str(&regex::escape(&rest));
                }
                Some(next) => {
                    out.push('\\');
                    out.push(next);
                }
                None => out.push('\\'),
            },
            '[' if !class => {
                class = true;
                out.push('[');
                if chars.peek() == Some(&'^') {
                    chars.next();
                    out.push('^');
                }
                if chars.peek() == Some(&']') {
                    chars.next();
                    out.push_str("\\]");
                }
            }
            // Two of these in a row have a meaning in classes that Go does not know.
            '&' | '~' if class => {
                out.push('\\');
                out.push(c);
            }
            '-' if class && out.ends_with('-') => out.push_str("\\-"),
            '[' if chars.peek() == Some(&':') => out.push('['),
            '[' => out.push_str("\\["),
            ']' if class => {
                // `[:alpha:]` ends with `:]`, which closes the name and not the class.
                let named = out
                    .rfind("[:")
                    .is_some_and(|at| !out[at + 2..].contains(":]"))
                    && out.ends_with(':')
                    && !out.ends_with("[:");
                class = named;
                out.push(']');
            }
            '&' | '~' if class => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

fn find(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    pay(eval, &args[1])?;
    let regex = compiled(eval, &text(&args[0]))?;
    let source = text(&args[1]);
    Ok(Value::from(regex.find(&source).map_or("", |m| m.as_str())))
}

fn limit(n: i64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

fn find_all(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let regex = compiled(eval, &text(&args[0]))?;
    let source = text(&args[1]);
    eval.spend_bytes(source.len().saturating_mul(8))?;
    Ok(Value::strings(
        regex
            .find_iter(&source)
            .take(limit(int(&args[2])))
            .map(|m| Value::from(m.as_str())),
    ))
}

fn replace(eval: &mut Eval<'_>, args: &[Value], literal: bool) -> Result<Value> {
    let regex = compiled(eval, &text(&args[0]))?;
    let (source, template) = (text(&args[1]), text(&args[2]));
    let mut out = String::new();
    let mut last = 0;
    for captures in regex.captures_iter(&source) {
        let Some(whole) = captures.get(0) else {
            continue;
        };
        let before = out.len();
        out.push_str(&source[last..whole.start()]);
        if literal {
            out.push_str(&template);
        } else {
            captures.expand(&template, &mut out);
        }
        last = whole.end();
        eval.spend_bytes(out.len() - before + 1)?;
    }
    out.push_str(&source[last..]);
    eval.spend_bytes(source.len() - last)?;
    Ok(Value::from(out))
}

fn split(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let pattern = text(&args[0]);
    let regex = compiled(eval, &pattern)?;
    let source = text(&args[1]);
    let n = int(&args[2]);
    if n == 0 {
        return Ok(Value::strings(Vec::<Value>::new()));
    }
    eval.spend_bytes(source.len().saturating_mul(8))?;
    if !pattern.is_empty() && source.is_empty() {
        return Ok(Value::strings([Value::from("")]));
    }
    let most = limit(n);
    let mut parts = Vec::new();
    let (mut start, mut end) = (0, 0);
    for found in regex.find_iter(&source) {
        if parts.len() + 1 >= most {
            break;
        }
        end = found.start();
        if found.end() != 0 {
            parts.push(&source[start..end]);
        }
        start = found.end();
    }
    if end != source.len() {
        parts.push(&source[start..]);
    }
    Ok(Value::strings(parts.into_iter().map(Value::from)))
}
