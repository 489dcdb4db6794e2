//! Sprig's URLs and paths.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::eval::{Fault, Result};
use super::super::value::{Map, Value};
use super::{Function, Kind, fixed, map, text};

const S: Kind = Kind::Str;

pub(super) static TABLE: &[Function] = &[
    fixed("urlParse", &[S], |_, a| parse(&text(&a[0]))),
    fixed("urlJoin", &[Kind::Map], |_, a| join(map(&a[0]))),
    fixed("base", &[S], |_, a| Ok(Value::from(base(&text(&a[0]))))),
    fixed("osBase", &[S], |_, a| Ok(Value::from(base(&text(&a[0]))))),
    fixed("dir", &[S], |_, a| Ok(Value::from(dir(&text(&a[0]))))),
    fixed("osDir", &[S], |_, a| Ok(Value::from(dir(&text(&a[0]))))),
    fixed("clean", &[S], |_, a| Ok(Value::from(clean(&text(&a[0]))))),
    fixed("osClean", &[S], |_, a| Ok(Value::from(clean(&text(&a[0]))))),
    fixed("ext", &[S], |_, a| Ok(Value::from(ext(&text(&a[0]))))),
    fixed("osExt", &[S], |_, a| Ok(Value::from(ext(&text(&a[0]))))),
    fixed("isAbs", &[S], |_, a| {
        Ok(Value::Bool(text(&a[0]).starts_with('/')))
    }),
    fixed("osIsAbs", &[S], |_, a| {
        Ok(Value::Bool(text(&a[0]).starts_with('/')))
    }),
    fixed("getHostByName", &[S], |_, _| Ok(Value::from(""))),
];

/// Go's `path.Base`.
fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return "/";
    }
    trimmed.rsplit('/').next().unwrap_or(trimmed)
}

/// Go's `path.Dir`.
fn dir(path: &str) -> String {
    match path.rfind('/') {
        Some(at) => clean(&path[..=at]),
        None => ".".to_owned(),
    }
}

/// Go's `path.Clean`.
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, joined) => format!("/{joined}"),
        (false, joined) if joined.is_empty() => ".".to_owned(),
        (false, joined) => joined,
    }
}

/// Go's `path.Ext`.
fn ext(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rfind('.').map_or("", |at| &name[at..])
}

/// Go's `url.QueryEscape`.
pub(super) fn query_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn unescape(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let (high, low) = (bytes.next()?, bytes.next()?);
        let digit = |b: u8| char::from(b).to_digit(16);
        out.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

fn escape(text: &str, keep: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric() || "-_.~".contains(c) || (c.is_ascii() && keep.contains(c))
        {
            out.push(c);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn scheme_of(text: &str) -> Result<(String, &str)> {
    let bad = || Fault::new(format!("unable to parse the URL {text:?}"));
    for (at, c) in text.char_indices() {
        match c {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return Err(bad()),
            ':' => return Ok((text[..at].to_ascii_lowercase(), &text[at + 1..])),
            _ => break,
        }
    }
    Ok((String::new(), text))
}

fn parse(text: &str) -> Result<Value> {
    let bad = || Fault::new(format!("unable to parse the URL {text:?}"));
    if text.bytes().any(|b| b < 0x20 || b == 0x7f) {
        return Err(bad());
    }
    let (body, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (scheme, rest) = scheme_of(body)?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (mut opaque, mut host, mut user, mut path) = ("", String::new(), String::new(), rest);
    if !rest.starts_with('/') && !scheme.is_empty() {
        (opaque, path) = (rest, "");
    } else if !rest.starts_with('/')
        && rest
            .split('/')
            .next()
            .is_some_and(|first| first.contains(':'))
    {
        return Err(bad());
    } else if let Some(authority) = rest
        .strip_prefix("//")
        .filter(|_| !rest.starts_with("///") || !scheme.is_empty())
    {
        let end = authority.find('/').unwrap_or(authority.len());
        path = &authority[end..];
        let (who, at) = authority[..end]
            .rsplit_once('@')
            .unwrap_or(("", &authority[..end]));
        user = match who.split_once(':') {
            Some((name, word)) => format!(
                "{}:{}",
                escape(&unescape(name).ok_or_else(bad)?, "$&+,;="),
                escape(&unescape(word).ok_or_else(bad)?, "$&+,;=")
            ),
            None => escape(&unescape(who).ok_or_else(bad)?, "$&+,;="),
        };
        host = host_of(at).ok_or_else(bad)?;
    }
    let hostname = if let Some(inner) = host.strip_prefix('[') {
        inner.split(']').next().unwrap_or("").to_owned()
    } else {
        host.split(':').next().unwrap_or("").to_owned()
    };
    let fields = [
        ("scheme", scheme),
        ("host", host),
        ("hostname", hostname),
        ("path", unescape(path).ok_or_else(bad)?),
        ("query", query.to_owned()),
        ("opaque", opaque.to_owned()),
        ("fragment", unescape(fragment).ok_or_else(bad)?),
        ("userinfo", user),
    ];
    Ok(Value::map(
        fields
            .into_iter()
            .map(|(key, value)| (Arc::from(key), Value::from(value)))
            .collect::<BTreeMap<_, _>>(),
    ))
}

fn host_of(text: &str) -> Option<String> {
    let port = text.rsplit_once(']').map_or(text, |(_, after)| after);
    if let Some((_, digits)) = port.rsplit_once(':')
        && !digits.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    if text.contains([' ', '<', '>', '"', '{', '}', '|', '\\', '^', '`']) {
        return None;
    }
    unescape(text)
}

fn join(dict: &Map) -> Result<Value> {
    let field = |key: &str| match dict.get(key) {
        None => Ok(String::new()),
        Some(Value::Str(text)) => Ok(text.text.to_string()),
        Some(other) => Err(Fault::of(
            "chart-type",
            format!(
                "`{key}` of a URL is a string, and this is a {}",
                other.kind_name()
            ),
        )),
    };
    let (scheme, host, path, user) = (
        field("scheme")?,
        field("host")?,
        field("path")?,
        field("userinfo")?,
    );
    let (query, opaque, fragment) = (field("query")?, field("opaque")?, field("fragment")?);
    let mut out = String::new();
    if !scheme.is_empty() {
        out.push_str(&format!("{scheme}:"));
    }
    if opaque.is_empty() {
        if !scheme.is_empty() || !host.is_empty() || !user.is_empty() {
            if !host.is_empty() || !path.is_empty() || !user.is_empty() {
                out.push_str("//");
            }
            if !user.is_empty() {
                out.push_str(&format!("{user}@"));
            }
            out.push_str(&host);
        }
        let escaped = escape(&path, "$&+,/:;=@");
        if !escaped.is_empty() && !escaped.starts_with('/') && !host.is_empty() {
            out.push('/');
        }
        if out.is_empty()
            && escaped
                .split('/')
                .next()
                .is_some_and(|first| first.contains(':'))
        {
            out.push_str("./");
        }
        out.push_str(&escaped);
    } else {
        out.push_str(&opaque);
    }
    if !query.is_empty() {
        out.push_str(&format!("?{query}"));
    }
    if !fragment.is_empty() {
        out.push_str(&format!("#{}", escape(&fragment, "!$&'()*+,/:;=?@")));
    }
    Ok(Value::from(out))
}
