//! Values as YAML text, byte for byte as Helm writes it.
//!
//! Owns the two dialects (`toYaml`, which passes through JSON, and `toYamlPretty`): order of keys, indentation,
//! and the choice between plain, quoted and block scalars. Knows nothing of templates beyond the marks that it
//! leaves for values whose way is known.

use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::Arc;

use super::date::Time;
use super::eval::{Eval, Result};
use super::functions::encoding::base64_encode;
use super::number;
use super::origin::{Mark, Origin, Read};
use super::value::{Object, Path, Text, Value};

/// Which of Helm's two YAML writers speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `toYaml`: lists are not indented below their key.
    Json,
    /// `toYamlPretty`: they are.
    Pretty,
}

/// `toYaml` of a value, without the last line break.
pub(crate) fn to_yaml(value: &Value) -> Result<String> {
    Ok(write(value, Dialect::Json).0)
}

/// `toYaml` of a value as a string that knows which value each line shows.
pub(crate) fn to_yaml_marked(eval: &mut Eval<'_>, value: &Value) -> Result<Value> {
    let (text, places) = write(value, Dialect::Json);
    eval.spend_bytes(text.len())?;
    if places.is_empty() {
        return Ok(Value::from(text));
    }
    let (file, offset) = (eval.file(), eval.here.0);
    let mut marks = Vec::with_capacity(places.len());
    for place in places {
        let read = u32::try_from(eval.reads.len()).unwrap_or(u32::MAX);
        eval.reads.push(Read {
            parent: Some(place.parent),
            key: place.key,
            index: place.index,
            file,
            offset,
            whole: false,
            default: None,
        });
        let origin = eval.origin(Origin {
            file,
            offset,
            linear: false,
            reads: (read, read + 1),
        });
        marks.push(Mark {
            at: u32::try_from(place.at).unwrap_or(u32::MAX),
            origin,
        });
    }
    Ok(Value::Str(Text {
        text: Arc::from(text),
        marks: Some(Rc::from(marks)),
    }))
}

/// Where in the text a value with a known way begins.
pub(crate) struct Shown {
    at: usize,
    parent: Rc<Path>,
    key: Arc<str>,
    index: bool,
}

/// The text of a value in a dialect, and what it shows where.
pub(crate) fn write(value: &Value, dialect: Dialect) -> (String, Vec<Shown>) {
    if dialect == Dialect::Json && !passes_json(value) {
        return (String::new(), Vec::new());
    }
    let mut writer = Writer {
        out: String::new(),
        shown: Vec::new(),
        dialect,
    };
    match view(value) {
        View::Map(entries) if !entries.is_empty() => writer.map(value, &entries, 0, true),
        View::List(items) if !items.is_empty() => writer.list(value, &items, 0, true),
        _ => writer.leaf(value, -1, false),
    }
    (writer.out, writer.shown)
}

/// Whether the way through JSON works out: it has no infinities, and the reader behind it refuses control
/// characters. Helm gives back nothing otherwise.
fn passes_json(value: &Value) -> bool {
    let readable =
        |text: &str| !text.contains(|c| matches!(c, '\u{7f}'..='\u{9f}' if c != '\u{85}'));
    match value {
        Value::Float(n) => n.is_finite(),
        Value::Str(text) => readable(&text.text),
        Value::List(list) => list.items.iter().all(passes_json),
        Value::Map(map) => map
            .entries
            .borrow()
            .iter()
            .all(|(key, value)| readable(key) && passes_json(value)),
        _ => true,
    }
}

/// A value as YAML sees it.
enum View {
    Map(Vec<(Arc<str>, Value)>),
    List(Vec<Value>),
    Leaf,
}

fn view(value: &Value) -> View {
    match value {
        Value::Map(map) if !map.nil => View::Map(
            map.entries
                .borrow()
                .iter()
                .map(|(k, v)| (Arc::clone(k), v.clone()))
                .collect(),
        ),
        Value::List(list) if !list.nil => View::List(list.items.clone()),
        Value::Object(object) => match &**object {
            Object::Files(files) => View::Map(
                files
                    .iter()
                    .map(|(name, bytes)| (Arc::clone(name), Value::from(base64_encode(bytes))))
                    .collect(),
            ),
            Object::ApiVersions(known) => View::List(
                known
                    .api_versions
                    .iter()
                    .cloned()
                    .map(Value::from)
                    .collect(),
            ),
            other => View::Map(object_fields(other)),
        },
        _ => View::Leaf,
    }
}

/// The exported fields of a structure of Helm's.
pub(crate) fn object_fields(object: &Object) -> Vec<(Arc<str>, Value)> {
    let field = |name: &str, value: Value| (Arc::from(name), value);
    match object {
        Object::Capabilities(known) => vec![
            field(
                "APIVersions",
                Value::Object(Rc::new(Object::ApiVersions(Rc::clone(known)))),
            ),
            field("HelmVersion", Value::Object(Rc::new(Object::HelmVersion))),
            field(
                "KubeVersion",
                Value::Object(Rc::new(Object::KubeVersion(Rc::clone(known)))),
            ),
        ],
        Object::KubeVersion(known) => vec![
            field("Major", Value::from(Arc::clone(&known.major))),
            field("Minor", Value::from(Arc::clone(&known.minor))),
            field("Version", Value::from(Arc::clone(&known.version))),
        ],
        Object::HelmVersion => vec![
            field("go_version", Value::from(super::capabilities::GO_VERSION)),
            field(
                "kube_client_version",
                Value::from(super::capabilities::CLIENT_VERSION),
            ),
            field("version", Value::from(super::capabilities::HELM_VERSION)),
        ],
        Object::Files(_) | Object::ApiVersions(_) => Vec::new(),
    }
}

struct Writer {
    out: String,
    shown: Vec<Shown>,
    dialect: Dialect,
}

impl Writer {
    fn line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn show(&mut self, parent: Option<&Rc<Path>>, key: &Arc<str>, index: bool) {
        if let Some(parent) = parent {
            self.shown.push(Shown {
                at: self.out.len(),
                parent: Rc::clone(parent),
                key: Arc::clone(key),
                index,
            });
        }
    }

    fn map(&mut self, value: &Value, entries: &[(Arc<str>, Value)], indent: usize, inline: bool) {
        let mut entries: Vec<&(Arc<str>, Value)> = entries.iter().collect();
        entries.sort_by(|a, b| key_order(&a.0, &b.0, self.dialect));
        for (at, (key, item)) in entries.into_iter().enumerate() {
            if at > 0 || !inline {
                self.line(indent);
            }
            self.show(value.path(), key, false);
            let multiline = key.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
            if multiline || key.len() > 128 {
                self.out.push_str("? ");
                self.scalar(key, indent + 2, false);
                self.line(indent);
                self.out.push(':');
                self.value(item, indent, true);
                continue;
            }
            self.scalar(key, indent, true);
            self.out.push(':');
            self.value(item, indent, false);
        }
    }

    /// The value behind `:`; `compact` where it may begin on the same line.
    fn value(&mut self, item: &Value, indent: usize, compact: bool) {
        match view(item) {
            View::Map(entries) if !entries.is_empty() => {
                if compact {
                    self.out.push(' ');
                }
                self.map(item, &entries, indent + 2, compact);
            }
            View::List(items) if !items.is_empty() => {
                let flat = self.dialect == Dialect::Json && !compact;
                if compact {
                    self.out.push(' ');
                }
                self.list(
                    item,
                    &items,
                    if flat { indent } else { indent + 2 },
                    compact,
                );
            }
            _ => {
                self.out.push(' ');
                self.leaf(item, i64::try_from(indent).unwrap_or(0), false);
            }
        }
    }

    fn list(&mut self, value: &Value, items: &[Value], indent: usize, inline: bool) {
        for (at, item) in items.iter().enumerate() {
            if at > 0 || !inline {
                self.line(indent);
            }
            if value.path().is_some() {
                self.show(value.path(), &Arc::from(at.to_string()), true);
            }
            self.out.push_str("- ");
            match view(item) {
                View::Map(entries) if !entries.is_empty() => {
                    self.map(item, &entries, indent + 2, true)
                }
                View::List(items) if !items.is_empty() => self.list(item, &items, indent + 2, true),
                _ => self.leaf(item, i64::try_from(indent).unwrap_or(0), false),
            }
        }
    }

    fn leaf(&mut self, value: &Value, indent: i64, key: bool) {
        let inner = usize::try_from(indent.max(-1) + 2).unwrap_or(2).max(2);
        let inner = if indent < 0 { 2 } else { inner };
        match value {
            Value::Nil => self.out.push_str("null"),
            Value::Bool(flag) => self.out.push_str(if *flag { "true" } else { "false" }),
            Value::Int(n) | Value::Int64(n) => self.out.push_str(&n.to_string()),
            Value::Duration(n) => match self.dialect {
                Dialect::Json => self.out.push_str(&n.to_string()),
                Dialect::Pretty => self.out.push_str(&super::date::duration_text(*n)),
            },
            Value::Uint(n) => self.out.push_str(&n.to_string()),
            Value::Float(n) => self.out.push_str(&self.float(*n)),
            Value::Str(text) => self.scalar_at(&text.text, inner, key),
            Value::Bytes(bytes) if bytes.string && self.dialect == Dialect::Json => {
                self.scalar_at(&String::from_utf8_lossy(&bytes.bytes), inner, key);
            }
            Value::Bytes(bytes) => {
                if bytes.string {
                    self.out.push_str("!!binary ");
                }
                self.scalar_at(&base64_encode(&bytes.bytes), inner, key);
            }
            Value::Time(time) => match self.dialect {
                Dialect::Json => self.scalar_at(&json_time(time), inner, key),
                Dialect::Pretty => self.out.push_str(&json_time(time)),
            },
            Value::Version(version) => self.scalar_at(&version.to_string(), inner, key),
            Value::List(list) => self
                .out
                .push_str(if list.nil && self.dialect == Dialect::Json {
                    "null"
                } else {
                    "[]"
                }),
            Value::Map(map) => self
                .out
                .push_str(if map.nil && self.dialect == Dialect::Json {
                    "null"
                } else {
                    "{}"
                }),
            Value::Object(object) => {
                self.out
                    .push_str(if matches!(**object, Object::ApiVersions(_)) {
                        "[]"
                    } else {
                        "{}"
                    });
            }
        }
    }

    fn float(&self, n: f64) -> String {
        if self.dialect == Dialect::Pretty {
            return match number::general(n).as_str() {
                "+Inf" => ".inf".to_owned(),
                "-Inf" => "-.inf".to_owned(),
                "NaN" => ".nan".to_owned(),
                text => text.to_owned(),
            };
        }
        // Through JSON and back: a whole number in range becomes an integer.
        let json = number::json_form(n);
        match number::resolve(&json) {
            Some(number::Number::Int(n)) => n.to_string(),
            Some(number::Number::Uint(n)) => n.to_string(),
            Some(number::Number::Float(n)) => number::general(n),
            None => json,
        }
    }

    fn scalar(&mut self, text: &str, indent: usize, key: bool) {
        self.scalar_at(text, indent.max(2), key);
    }

    /// A string; `indent` is where the lines of a block begin.
    fn scalar_at(&mut self, text: &str, indent: usize, key: bool) {
        let facts = Facts::of(text, self.dialect);
        match facts.style(text, key) {
            Style::Literal => self.literal(text, indent),
            style if !key && self.dialect == Dialect::Json => self.folded(text, style, indent),
            Style::Plain => self.out.push_str(text),
            Style::Single => {
                self.out.push('\'');
                self.out.push_str(&text.replace('\'', "''"));
                self.out.push('\'');
            }
            Style::Double => double_quoted(&mut self.out, text),
        }
    }

    /// A scalar that goes on in the next line where it passes the line's width at a space.
    fn folded(&mut self, text: &str, style: Style, indent: usize) {
        const WIDTH: usize = 80;
        let quote = match style {
            Style::Single => "'",
            Style::Double => "\"",
            _ => "",
        };
        let line = self.out.rfind('\n').map_or(0, |at| at + 1);
        let mut column = self.out[line..].chars().count() + quote.len();
        self.out.push_str(quote);
        let (mut spaces, mut chars, mut first) = (false, text.chars().peekable(), true);
        while let Some(c) = chars.next() {
            let next = chars.peek();
            let inner = quote.is_empty() || !first && next.is_some();
            let fits = c != ' ' || spaces || column <= WIDTH || !inner;
            let double = style == Style::Double;
            if fits || next == Some(&' ') && !double {
                let before = self.out.len();
                match style {
                    Style::Single if c == '\'' => self.out.push_str("''"),
                    Style::Double => push_double(&mut self.out, c),
                    _ => self.out.push(c),
                }
                column += self.out[before..].chars().count();
            } else {
                self.line(indent);
                column = indent;
                // A second space at the start of a line would be lost.
                if next == Some(&' ') {
                    self.out.push('\\');
                    column += 1;
                }
            }
            spaces = c == ' ';
            first = false;
        }
        self.out.push_str(quote);
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.out.push('|');
        if text.starts_with([' ', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            self.out.push('2');
        }
        let is_break = |c: char| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        let mut ends = text.chars().rev();
        match (ends.next().is_some_and(is_break), ends.next()) {
            (false, _) => self.out.push('-'),
            (true, None) => self.out.push('+'),
            (true, Some(before)) if is_break(before) => self.out.push('+'),
            _ => {}
        }
        let mut fresh = true;
        self.out.push('\n');
        for c in text.chars() {
            if is_break(c) {
                self.out.push(c);
                fresh = true;
            } else {
                if fresh {
                    self.out.extend(std::iter::repeat_n(' ', indent));
                }
                self.out.push(c);
                fresh = false;
            }
        }
        // The writer ends every document with a break of its own, and so does this scalar.
        if fresh {
            self.out.pop();
        }
    }
}

pub(crate) fn json_time(time: &Time) -> String {
    time.format("2006-01-02T15:04:05.999999999Z07:00")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// What a string is made of, as far as its style depends on it.
struct Facts {
    multiline: bool,
    plain_allowed: bool,
    single_allowed: bool,
    block_allowed: bool,
    resolves: bool,
}

impl Facts {
    fn of(text: &str, dialect: Dialect) -> Self {
        let resolves = resolves(text);
        if text.is_empty() {
            return Self {
                multiline: false,
                plain_allowed: true,
                single_allowed: true,
                block_allowed: false,
                resolves,
            };
        }
        let is_break = |c: char| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        let blank = |c: Option<char>| matches!(c, None | Some(' ' | '\t'));
        let (mut indicators, mut breaks, mut special, mut tabs) = (false, false, false, false);
        let (mut break_space, mut space_break) = (false, false);
        let (mut after_space, mut after_break, mut preceded) = (false, false, true);
        indicators |= text.starts_with("---") || text.starts_with("...");
        let mut chars = text.chars().peekable();
        let mut first = true;
        while let Some(c) = chars.next() {
            let followed = blank(chars.peek().copied());
            indicators |= match c {
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"'
                | '%' | '@' | '`'
                    if first =>
                {
                    true
                }
                '?' | '-' if first => followed,
                ':' => followed,
                '#' => preceded,
                _ => false,
            };
            if c == '\t' && dialect == Dialect::Pretty {
                tabs = true;
            } else if !printable(c) {
                special = true;
            }
            if c == ' ' {
                break_space |= after_break;
                (after_space, after_break) = (true, false);
            } else if is_break(c) {
                breaks = true;
                space_break |= after_space;
                (after_space, after_break) = (false, true);
            } else {
                (after_space, after_break) = (false, false);
            }
            preceded = matches!(c, ' ' | '\t' | '\0') || is_break(c);
            first = false;
        }
        let edge = |c: Option<char>| c.is_some_and(|c| c == ' ' || is_break(c));
        let edges = edge(text.chars().next()) || edge(text.chars().next_back());
        let unsafe_plain =
            edges || break_space || space_break || special || tabs || breaks || indicators;
        Self {
            multiline: breaks,
            plain_allowed: !unsafe_plain,
            single_allowed: !(break_space || space_break || special || tabs),
            block_allowed: !(text.ends_with(' ') || space_break || special),
            resolves,
        }
    }

    fn style(&self, text: &str, key: bool) -> Style {
        let style = if text.contains('\n') {
            Style::Literal
        } else if self.resolves {
            Style::Double
        } else {
            Style::Plain
        };
        let style = if key && self.multiline {
            Style::Double
        } else {
            style
        };
        match style {
            Style::Plain if self.plain_allowed && !(text.is_empty() && key) => Style::Plain,
            Style::Plain if self.single_allowed => Style::Single,
            Style::Literal if self.block_allowed && !key => Style::Literal,
            _ => Style::Double,
        }
    }
}

/// Whether the writer takes the character for printable; nothing beyond the basic plane is, to it.
fn printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && c != '\u{feff}'
}

/// Whether the bare text would be read as something other than a string.
fn resolves(text: &str) -> bool {
    if !matches!(super::data::plain(text), super::data::Kind::Str(_)) {
        return true;
    }
    number::is_timestamp(text) || is_base_60(text)
}

fn is_base_60(text: &str) -> bool {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = body.split(':');
    let head = parts.next().unwrap_or("");
    let head_fits = head.starts_with(|c: char| c.is_ascii_digit())
        && head.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let mut rest: Vec<&str> = parts.collect();
    if !head_fits || rest.is_empty() {
        return false;
    }
    if let Some(last) = rest.last_mut()
        && let Some((whole, decimals)) = last.split_once('.')
    {
        if !decimals.bytes().all(|b| b.is_ascii_digit() || b == b'_') {
            return false;
        }
        *last = whole;
    }
    rest.iter().all(|part| match part.as_bytes() {
        [b] => b.is_ascii_digit(),
        [a, b] => (b'0'..=b'5').contains(a) && b.is_ascii_digit(),
        _ => false,
    })
}

fn double_quoted(out: &mut String, text: &str) {
    out.push('"');
    text.chars().for_each(|c| push_double(out, c));
    out.push('"');
}

fn push_double(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\0' => out.push_str("\\0"),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\u{b}' => out.push_str("\\v"),
        '\u{c}' => out.push_str("\\f"),
        '\r' => out.push_str("\\r"),
        '\u{1b}' => out.push_str("\\e"),
        '\u{85}' => out.push_str("\\N"),
        '\u{2028}' => out.push_str("\\L"),
        '\u{2029}' => out.push_str("\\P"),
        c if printable(c) => out.push(c),
        c if (c as u32) <= 0xff => out.push_str(&format!("\\x{:02X}", c as u32)),
        c if (c as u32) <= 0xffff => out.push_str(&format!("\\u{:04X}", c as u32)),
        c => out.push_str(&format!("\\U{:08X}", c as u32)),
    }
}

/// The order of keys: letters after everything else, numbers by their value.
fn key_order(a: &str, b: &str, dialect: Dialect) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (left, right): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut digits = false;
    for at in 0..left.len().min(right.len()) {
        let (x, y) = (left[at], right[at]);
        if x == y {
            digits = x.is_ascii_digit() && dialect == Dialect::Pretty;
            continue;
        }
        return match (x.is_alphabetic(), y.is_alphabetic()) {
            (true, true) => x.cmp(&y),
            (false, true) if digits => Ordering::Greater,
            (true, false) if digits => Ordering::Less,
            (false, true) => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, false) => number_order(&left, &right, at),
        };
    }
    left.len().cmp(&right.len())
}

fn number_order(left: &[char], right: &[char], at: usize) -> Ordering {
    let mut start = 0_i64;
    if left[at] == '0' || right[at] == '0' {
        // A zero inside a number counts as part of it.
        let before = left[..at].iter().rev().take_while(|c| c.is_ascii_digit());
        if before.into_iter().any(|c| *c != '0') {
            start = 1;
        }
    }
    let read = |chars: &[char]| {
        let mut value = start;
        let mut end = at;
        while let Some(digit) = chars.get(end).and_then(|c| c.to_digit(10)) {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
            end += 1;
        }
        (value, end)
    };
    read(left).cmp(&read(right)).then(left[at].cmp(&right[at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yaml(text: &str) -> String {
        write(&Value::from(text), Dialect::Json).0
    }

    #[test]
    fn strings_are_quoted_where_helm_quotes_them() {
        for (text, expected) in [
            ("plain", "plain"),
            ("", "\"\""),
            ("yes", "\"yes\""),
            ("010", "\"010\""),
            ("1:30", "\"1:30\""),
            ("a: b", "'a: b'"),
            (" lead", "' lead'"),
            ("#x", "'#x'"),
            ("tab\there", "\"tab\\there\""),
            ("a\nb", "|-\n  a\n  b"),
            ("a\nb\n", "|\n  a\n  b"),
            ("a\n\n", "|+\n  a\n"),
            ("-", "'-'"),
            ("-x", "-x"),
            ("2024-01-02", "\"2024-01-02\""),
            ("<<", "<<"),
        ] {
            assert_eq!(yaml(text), expected, "{text:?}");
        }
    }

    #[test]
    fn keys_sort_as_people_count() {
        let mut keys = vec!["a10", "a2", "b", "A", "_x", "1"];
        keys.sort_by(|a, b| key_order(a, b, Dialect::Json));
        assert_eq!(keys, ["_x", "1", "A", "a2", "a10", "b"]);
    }
}
