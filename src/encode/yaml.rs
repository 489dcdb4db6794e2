//! YAML scalars that YAML 1.1 and YAML 1.2 read as the same text.

use std::fmt::Write as _;

use super::{Context, Refused, chars, without_controls};

/// A value on one line, safe in block and in flow style.
pub(super) fn value(text: &str) -> Result<String, Refused> {
    without_controls(Context::YamlScalar, text)?;
    Ok(scalar(text))
}

/// As [`value`], for a file in which `${{` starts an expression.
pub(super) fn workflow_value(text: &str) -> Result<String, Refused> {
    without_controls(Context::Workflow, text)?;
    if text.contains("${{") {
        return Err(Refused::whole(
            Context::Workflow,
            "has `${{`, which GitHub would evaluate in a workflow",
        ));
    }
    Ok(scalar(text))
}

/// Writes any text as a plain or double-quoted scalar on one line.
pub(crate) fn scalar(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// Writes any text as a key, without the colon behind it.
pub(crate) fn key(text: &str) -> String {
    // A colon inside a plain key is legal and hard to read.
    if !text.contains(':') && is_plain(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// Whether a bare `text` is read as that very text by every version of YAML, in block and flow style.
fn is_plain(text: &str) -> bool {
    // Left out are the indicators of flow style and of templates, quotes and `~`.
    let harmless = |c: char| {
        c.is_ascii_alphanumeric()
            || " ._/:@+-=()%;<>^$".contains(c)
            || (!c.is_ascii() && chars::is_plain(c))
    };
    // Only the start of a word may look like anything but text; everything else is decided by type.
    let start = |c: char| {
        c.is_ascii_alphanumeric() || "./+-_(".contains(c) || (!c.is_ascii() && chars::is_plain(c))
    };
    is_name(text)
        || (text.chars().next().is_some_and(start)
            && text.chars().all(harmless)
            && !text.contains("  ")
            && is_untyped(text))
}

/// Whether a bare `text` is plainly a name, which spares asking the resolvers: what they take for another type
/// begins with no letter, or is one of these words.
fn is_name(text: &str) -> bool {
    const TYPED: [&str; 11] = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf",
    ];
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
        && !(text.len() <= 5 && TYPED.iter().any(|word| text.eq_ignore_ascii_case(word)))
}

/// Whether no resolver takes a bare `text` for a number, a boolean, null, a date or a merge key.
fn is_untyped(text: &str) -> bool {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    serde_saphyr::to_string_with_options(&text, options)
        .is_ok_and(|written| written.strip_suffix('\n') == Some(text))
}

/// Writes any text in double quotes; what is not printable ASCII or a plain letter is escaped.
fn quoted(text: &str) -> String {
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
    out
}

fn escape(out: &mut String, code: u32) {
    match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    }
    .expect("internal error: writing to memory");
}

/// The header and the lines of `text` as a literal block, where every reader gives it back unchanged.
///
/// None where the block would need an indentation indicator, would lose or hide something, or would not
/// be clearer than quotes.
pub(crate) fn block(text: &str) -> Option<(&'static str, Vec<&str>)> {
    let (header, body) = match text.strip_suffix('\n') {
        Some(body) => ("|", body),
        None => ("|-", text),
    };
    if !text.contains('\n') || body.ends_with('\n') {
        return None;
    }
    let lines: Vec<&str> = body.split('\n').collect();
    let first = lines[0].chars().next()?;
    let fits = |line: &&str| {
        !line.starts_with('\t')
            && !line.ends_with([' ', '\t'])
            && line.chars().all(|c| c == '\t' || chars::is_plain(c))
    };
    (first != ' ' && lines.iter().all(fits)).then_some((header, lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plainly_a_name_is_no_other_type() {
        for text in [
            "a",
            "app.kubernetes.io/name",
            "v1",
            "e5",
            "infinity",
            "None",
            "x-y_z",
            "inf2",
        ] {
            assert!(is_name(text) && is_untyped(text), "{text}");
        }
        for text in [
            "yes", "NULL", "oN", "nan", "Inf", "1a", ".inf", "-a", "a:b", "a b", "",
        ] {
            assert!(!is_name(text), "{text}");
        }
    }

    #[test]
    fn text_that_some_yaml_reads_as_another_type_is_quoted() {
        for text in [
            "",
            "~",
            "null",
            "Null",
            "true",
            "no",
            "On",
            "y",
            "N",
            "1",
            "0123",
            "0x1f",
            "0o17",
            "0b1",
            "1_000",
            "1.5",
            "1.",
            ".5",
            "1e3",
            "12e03",
            "+1",
            "-1",
            ".inf",
            ".nan",
            "NaN",
            "190:20:30",
            "1.36.3",
            "2001-01-01",
            "2001-1-1 1:2:3",
            "<<",
            "=",
            "-",
            "---",
            "...",
            "?",
            "a: b",
            "a #b",
            "a:",
            " a",
            "a ",
            "#a",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "'a'",
            "\"a\"",
            "%a",
            "@a",
            "`a`",
            "[a]",
            "{a}",
            "a,b",
            "a]",
            "{{ a }}",
        ] {
            assert!(scalar(text).starts_with('"'), "{text}");
        }
    }

    #[test]
    fn text_that_is_only_ever_text_stays_bare() {
        for text in [
            "flask-application",
            "3.12-slim",
            "100m",
            "128Mi",
            "v1.2.3",
            "run:app",
            "a b c",
            "https://example.com/x",
            "team@example.com",
            "/flask-app",
            "python:3.12-slim-trixie",
            "größe",
            "repo/name@sha256",
            "ubuntu-24.04",
            "v1.36.3",
        ] {
            assert_eq!(scalar(text), text);
        }
    }

    #[test]
    fn line_breaks_of_every_kind_are_escaped() {
        assert_eq!(
            scalar("a\nb\r\u{85}\u{2028}\u{2029}\u{feff}\u{1f600}"),
            "\"a\\nb\\r\\x85\\u2028\\u2029\\ufeff\\U0001f600\""
        );
    }

    #[test]
    fn a_workflow_value_can_hold_no_expression() {
        assert!(workflow_value("a ${{ github.token }}").is_err());
        assert!(workflow_value("a ${ {b} }").is_ok());
    }

    #[test]
    fn blocks_are_for_text_that_needs_no_care() {
        assert_eq!(block("a\nb\n"), Some(("|", vec!["a", "b"])));
        assert_eq!(block("a\n\n  b"), Some(("|-", vec!["a", "", "  b"])));
        for text in [
            "a", "a\n\n", "\na", " a\nb", "\ta\nb", "a\n\tb", "a \nb", "a\rb\n", "\n",
        ] {
            assert_eq!(block(text), None, "{text:?}");
        }
    }
}
