//! Go's quoting, both ways.
//!
//! Owns the escapes of interpreted strings and characters and the `%q` form. Knows nothing of templates.

/// The text of an interpreted string, without its quotes.
pub(crate) fn unquote(text: &str) -> Option<String> {
    if !text.contains('\\') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (unit, tail) = next_unit(rest, '"')?;
        match unit {
            Unit::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Unit::Byte(byte) => bytes.push(byte),
        }
        rest = tail;
    }
    Some(
        String::from_utf8(bytes)
            .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()),
    )
}

/// The character of a constant, without its quotes.
pub(crate) fn unquote_char(text: &str) -> Option<char> {
    let (unit, rest) = next_unit(text, '\'')?;
    if !rest.is_empty() {
        return None;
    }
    Some(match unit {
        Unit::Char(c) => c,
        Unit::Byte(byte) => char::from(byte),
    })
}

enum Unit {
    Char(char),
    Byte(u8),
}

fn next_unit(text: &str, quote: char) -> Option<(Unit, &str)> {
    let mut chars = text.chars();
    let first = chars.next()?;
    if first == quote || first == '\n' {
        return None;
    }
    if first != '\\' {
        return Some((Unit::Char(first), chars.as_str()));
    }
    let kind = chars.next()?;
    let rest = chars.as_str();
    let simple = |c: char| Some((Unit::Char(c), rest));
    match kind {
        'a' => simple('\u{7}'),
        'b' => simple('\u{8}'),
        'f' => simple('\u{c}'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'v' => simple('\u{b}'),
        '\\' => simple('\\'),
        c if c == quote => simple(c),
        'x' => coded(rest, 2, 16)
            .and_then(|(value, rest)| Some((Unit::Byte(u8::try_from(value).ok()?), rest))),
        'u' => {
            coded(rest, 4, 16).and_then(|(v, rest)| Some((Unit::Char(char::from_u32(v)?), rest)))
        }
        'U' => {
            coded(rest, 8, 16).and_then(|(v, rest)| Some((Unit::Char(char::from_u32(v)?), rest)))
        }
        '0'..='7' => coded(&text[1..], 3, 8)
            .and_then(|(value, rest)| Some((Unit::Byte(u8::try_from(value).ok()?), rest))),
        _ => None,
    }
}

fn coded(text: &str, length: usize, base: u32) -> Option<(u32, &str)> {
    let digits = text.get(..length)?;
    if digits.starts_with(['+', '-']) {
        return None;
    }
    Some((u32::from_str_radix(digits, base).ok()?, &text[length..]))
}

/// The text in double quotes, as `%q` prints it.
pub(crate) fn quote(text: &str) -> String {
    quote_bytes(text.as_bytes())
}

/// Bytes in double quotes, as `%q` prints a string that holds them.
pub(crate) fn quote_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            escape_into(&mut out, c, '"');
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out.push('"');
    out
}

/// A character in single quotes, as `%q` prints a number.
pub(crate) fn quote_char(value: i64) -> String {
    let c = u32::try_from(value)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or('\u{fffd}');
    let mut out = String::from("'");
    escape_into(&mut out, c, '\'');
    out.push('\'');
    out
}

fn escape_into(out: &mut String, c: char, quote: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        c if c == quote => {
            out.push('\\');
            out.push(c);
        }
        ' '..='~' => out.push(c),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        c if is_printable(c) => out.push(c),
        c if (c as u32) < 0x20 || c == '\u{7f}' => out.push_str(&format!("\\x{:02x}", c as u32)),
        c if (c as u32) <= 0xffff => out.push_str(&format!("\\u{:04x}", c as u32)),
        c => out.push_str(&format!("\\U{:08x}", c as u32)),
    }
}

/// Whether Go prints the character as it is: letters, marks, numbers, symbols, the plain space.
pub(crate) fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    if c.is_control() || c.is_whitespace() {
        return false;
    }
    // Format characters, surrogates, private use and what no version of Unicode assigns.
    !matches!(c as u32,
        0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x180e | 0x200b..=0x200f | 0x202a..=0x202e
        | 0x2060..=0x206f | 0xd800..=0xf8ff | 0xfdd0..=0xfdef | 0xfeff | 0xfff0..=0xfffb
        | 0xfffe..=0xffff | 0x110bd | 0x1d173..=0x1d17a | 0xe0000..=0x10_ffff)
}
