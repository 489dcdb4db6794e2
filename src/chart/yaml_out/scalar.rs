//! One scalar: which of the styles it takes, and its text in that style.

use super::super::functions::encoding::base64_encode;
use super::super::number;
use super::super::value::{Object, Value};
use super::{Dialect, Writer, json_time};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// What a string is made of, as far as its style depends on it.
pub(super) struct Facts {
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
pub(super) fn printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && c != '\u{feff}'
}

/// Whether the bare text would be read as something other than a string.
pub(super) fn resolves(text: &str) -> bool {
    if !matches!(
        super::super::data::plain(text),
        super::super::data::Kind::Str(_)
    ) {
        return true;
    }
    number::is_timestamp(text) || is_base_60(text)
}

pub(super) fn is_base_60(text: &str) -> bool {
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

pub(super) fn double_quoted(out: &mut String, text: &str) {
    out.push('"');
    text.chars().for_each(|c| push_double(out, c));
    out.push('"');
}

pub(super) fn push_double(out: &mut String, c: char) {
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

impl Writer {
    pub(super) fn leaf(&mut self, value: &Value, indent: i64, key: bool) {
        let inner = usize::try_from(indent.max(-1) + 2).unwrap_or(2).max(2);
        let inner = if indent < 0 { 2 } else { inner };
        match value {
            Value::Nil => self.out.push_str("null"),
            Value::Bool(flag) => self.out.push_str(if *flag { "true" } else { "false" }),
            Value::Int(n) | Value::Int64(n) => self.out.push_str(&n.to_string()),
            Value::Duration(n) => match self.dialect {
                Dialect::Json => self.out.push_str(&n.to_string()),
                Dialect::Pretty => self.out.push_str(&super::super::date::duration_text(*n)),
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

    pub(super) fn float(&self, n: f64) -> String {
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

    pub(super) fn scalar(&mut self, text: &str, indent: usize, key: bool) {
        self.scalar_at(text, indent.max(2), key);
    }

    /// A string; `indent` is where the lines of a block begin.
    pub(super) fn scalar_at(&mut self, text: &str, indent: usize, key: bool) {
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
    pub(super) fn folded(&mut self, text: &str, style: Style, indent: usize) {
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

    pub(super) fn literal(&mut self, text: &str, indent: usize) {
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
