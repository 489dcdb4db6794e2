//! Running text and code spans of Markdown, for GitHub's dialect and plain CommonMark.

use std::fmt::Write as _;

use super::{Context, Refused, chars, visible};

/// Breaks what a renderer would link or ping without a trace in the rendered text.
const BREAK: &str = "<!-- -->";

/// Text that renders as itself: no emphasis, HTML, link, mention, reference, table cell, list or fence.
pub(super) fn prose(text: &str, context: Context) -> Result<String, Refused> {
    visible(context, text, &['\t'])?;
    let all: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 8);
    for (at, &c) in all.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| all[at]);
        push(&mut out, &all, at, before, c);
    }
    Ok(out)
}

fn push(out: &mut String, all: &[char], at: usize, before: Option<char>, c: char) {
    let next = all.get(at + 1).copied();
    let edge = before.is_none() || next.is_none();
    match c {
        '&' | '<' | '>' | '{' | '}' | '\t' => entity(out, c),
        ' ' if edge => entity(out, c),
        '@' => {
            entity(out, c);
            if next.is_some_and(char::is_alphanumeric) {
                out.push_str(BREAK);
            }
        }
        ':' => {
            out.push(c);
            if is_autolink(all, at) {
                out.push_str(BREAK);
            }
        }
        '#' => {
            out.push_str("\\#");
            if next.is_some_and(|next| next.is_ascii_digit()) {
                out.push_str(BREAK);
            }
        }
        '-' | '+' | '=' if before.is_none() => escaped(out, c),
        '-' if is_word(all, at, "gh") && next.is_some_and(|next| next.is_ascii_digit()) => {
            out.push(c);
            out.push_str(BREAK);
        }
        '.' if is_word(all, at, "www") => {
            out.push_str(BREAK);
            out.push(c);
        }
        '.' | ')' if is_list_marker(all, at) => escaped(out, c),
        '_' if inside_word(before, next) => out.push(c),
        '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '|' | '~' | '$' => escaped(out, c),
        c if chars::is_shown(c) => out.push(c),
        c => entity(out, c),
    }
}

fn escaped(out: &mut String, c: char) {
    out.push('\\');
    out.push(c);
}

fn entity(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        c => write!(out, "&#{};", u32::from(c)).expect("internal error: writing to memory"),
    }
}

/// Whether the colon at `at` belongs to a bare address (`https://`) or an emoji name (`:tada:`).
fn is_autolink(all: &[char], at: usize) -> bool {
    let rest = &all[at + 1..];
    if rest.starts_with(&['/', '/']) {
        return true;
    }
    let name = rest
        .iter()
        .take_while(|&&c| c.is_ascii_alphanumeric() || "_+-".contains(c))
        .count();
    name > 0 && rest.get(name) == Some(&':')
}

/// Whether `word` stands right before `at` and begins there.
fn is_word(all: &[char], at: usize, word: &str) -> bool {
    let len = word.len();
    at >= len
        && all[at - len..at]
            .iter()
            .zip(word.chars())
            .all(|(c, expected)| c.eq_ignore_ascii_case(&expected))
        && !(at > len && all[at - len - 1].is_alphanumeric())
}

/// Whether the value begins with a number that the dot or bracket at `at` makes a list marker.
fn is_list_marker(all: &[char], at: usize) -> bool {
    at > 0
        && all[..at].iter().all(char::is_ascii_digit)
        && matches!(all.get(at + 1), None | Some(' ' | '\t'))
}

fn inside_word(before: Option<char>, next: Option<char>) -> bool {
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    word(before) && word(next)
}

/// An inline code span; where backticks cannot hold the text, a `<code>` element.
pub(super) fn code(text: &str) -> Result<String, Refused> {
    let context = Context::MarkdownCode;
    visible(context, text, &[])?;
    // A `|` inside backticks ends a table cell, and escaping it shows the backslash outside tables.
    if text.is_empty() || text.contains('|') {
        return Ok(format!("<code>{}</code>", prose(text, context)?));
    }
    let fence = "`".repeat(longest_run(text, '`') + 1);
    let stripped = text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty();
    let pad = if stripped || text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    Ok(format!("{fence}{pad}{text}{pad}{fence}"))
}

fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> String {
        prose(text, Context::Markdown).expect("accepted")
    }

    #[test]
    fn markup_becomes_text() {
        assert_eq!(text("*a* _b_ `c` [d](e)"), r"\*a\* \_b\_ \`c\` \[d\](e)");
        assert_eq!(text("<b>&amp;"), "&lt;b&gt;&amp;amp;");
        assert_eq!(text("a|b"), r"a\|b");
        assert_eq!(text("{{ x }}"), "&#123;&#123; x &#125;&#125;");
    }

    #[test]
    fn what_would_ping_or_link_is_broken() {
        assert_eq!(text("@team"), "&#64;<!-- -->team");
        assert_eq!(text("see #12"), r"see \#<!-- -->12");
        assert_eq!(text("GH-12"), "GH-<!-- -->12");
        assert_eq!(text("https://example.com"), "https:<!-- -->//example.com");
        assert_eq!(text("www.example.com"), "www<!-- -->.example.com");
        assert_eq!(text(":tada:"), ":<!-- -->tada:");
    }

    #[test]
    fn nothing_starts_a_block() {
        for (from, to) in [
            ("- a", r"\- a"),
            ("1. a", r"1\. a"),
            ("12) a", r"12\) a"),
            ("# a", r"\# a"),
            ("===", r"\==="),
            ("    a", "&#32;   a"),
            ("> a", "&gt; a"),
        ] {
            assert_eq!(text(from), to);
        }
        assert!(prose("a\n# b", Context::Markdown).is_err());
    }

    #[test]
    fn names_stay_readable() {
        for name in ["flask-application", "a_b_c", "3.12-slim", "a, b: c (d)"] {
            assert_eq!(text(name), name);
        }
    }

    #[test]
    fn code_spans_hold_backticks_and_cells() {
        let span = |text| code(text).expect("accepted");
        assert_eq!(span("a`b"), "``a`b``");
        assert_eq!(span("`a"), "`` `a ``");
        assert_eq!(span(" a "), "`  a  `");
        assert_eq!(span("a|b"), r"<code>a\|b</code>");
        assert_eq!(span(""), "<code></code>");
        assert!(code("a\n```").is_err());
    }
}
