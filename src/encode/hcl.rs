//! HCL strings and names.

use std::fmt::Write as _;

use super::{Context, Refused, chars};

/// A quoted string that holds no template.
pub(crate) fn string(text: &str) -> Result<String, Refused> {
    if let Some(c) = text
        .chars()
        .find(|&c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(Refused::character(Context::Hcl, c));
    }
    Ok(quoted(text, chars::is_plain))
}

/// A key of an object: bare where it is an identifier, else quoted in plain ASCII, so that its width
/// on the line is the number of its characters.
pub(crate) fn key(text: &str) -> Result<String, Refused> {
    if is_identifier(text) && !KEYWORDS.contains(&text) {
        return Ok(text.to_owned());
    }
    string(text)?;
    Ok(quoted(text, |c| c.is_ascii_graphic() || c == ' '))
}

/// Words that start an expression of their own where a key may stand.
const KEYWORDS: [&str; 8] = ["true", "false", "null", "for", "in", "if", "else", "endif"];

/// Whether `text` can name an attribute; letters are ASCII here.
pub(crate) fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn quoted(text: &str, bare: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Doubling is read from the right: of `$${` only the last two open a template.
            '$' | '%' if rest.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c if bare(c) => out.push(c),
            c => escape(&mut out, u32::from(c)),
        }
    }
    out.push('"');
    out
}

fn escape(out: &mut String, code: u32) {
    match code {
        0..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    }
    .expect("internal error: writing to memory");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_become_text() {
        assert_eq!(
            string("${a} %{b} $c 5%").expect("accepted"),
            r#""$${a} %%{b} $c 5%""#
        );
        assert_eq!(string("$${a}").expect("accepted"), "\"$$${a}\"");
        assert_eq!(string("$%{a}").expect("accepted"), "\"$%%{a}\"");
    }

    #[test]
    fn keys_are_quoted_only_when_they_must() {
        assert_eq!(key("vm_size").expect("accepted"), "vm_size");
        assert_eq!(key("node-count").expect("accepted"), "node-count");
        assert_eq!(key("for").expect("accepted"), "\"for\"");
        assert_eq!(key("1a").expect("accepted"), "\"1a\"");
        assert_eq!(
            key("app.kubernetes.io/name").expect("accepted"),
            "\"app.kubernetes.io/name\""
        );
        assert_eq!(key("größe").expect("accepted"), "\"gr\\u00f6\\u00dfe\"");
    }
}
