//! Python string literals.

use std::fmt::Write as _;

use super::{Context, Refused, chars, without_controls};

/// A double-quoted literal on one line, without prefix.
pub(super) fn literal(text: &str) -> Result<String, Refused> {
    without_controls(Context::Python, text)?;
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if chars::is_plain(c) => out.push(c),
            c => escape(&mut out, u32::from(c)),
        }
    }
    out.push('"');
    Ok(out)
}

fn escape(out: &mut String, code: u32) {
    match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    }
    .expect("internal error: writing to memory");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_breaks_cannot_end_the_literal() {
        assert_eq!(
            literal("a\"b\\c\n\u{2028}").expect("accepted"),
            r#""a\"b\\c\n\u2028""#
        );
        assert_eq!(literal("\"\"\"").expect("accepted"), r#""\"\"\"""#);
    }

    #[test]
    fn the_quote_that_ends_the_literal_is_its_only_bare_one() {
        for text in [
            "\\",
            "\\\"",
            "\\\\\"x",
            "\"",
            "'",
            "{}",
            "%s",
            "\u{1f600}\"\\",
        ] {
            let literal = literal(text).expect("accepted");
            let inner = &literal[1..literal.len() - 1];
            let mut rest = inner.chars();
            while let Some(c) = rest.next() {
                assert_ne!(c, '"', "{literal}");
                if c == '\\' {
                    assert!(rest.next().is_some(), "{literal}");
                }
            }
        }
    }
}
