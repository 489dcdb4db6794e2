//! A key or token stands in a file.

use crate::diagnostic::Level;
use crate::facts::{At, Facts};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "committed-secret",
    group: Group::Files,
    level: Level::Error,
    summary: "a key or token stands in a file",
    docs: Docs {
        what: "A file has the header of a private key, or a token whose form tells what it is: of AWS, GitHub, Slack or Google.",
        why: "Whoever can read the repository has it, and its history keeps it.",
        bad: "aws_access_key_id = AKIA…",
        good: "read it from the environment or a secret store",
        allow: "For keys made for tests that open nothing.",
    },
    check,
};

/// What a token begins with, how many characters follow, and whose it is.
const TOKENS: [(&str, usize, &str); 8] = [
    ("AKIA", 16, "an access key of AWS"),
    ("ghp_", 36, "a token of GitHub"),
    ("gho_", 36, "a token of GitHub"),
    ("ghs_", 36, "a token of GitHub"),
    ("github_pat_", 60, "a token of GitHub"),
    ("xoxb-", 40, "a token of Slack"),
    ("AIza", 35, "a key of Google"),
    ("glpat-", 20, "a token of GitLab"),
];

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for (path, source) in facts.tree.sources() {
        if path.split('/').any(|part| {
            part.starts_with("test") || part.starts_with("fixture") || part.starts_with("example")
        }) {
            continue;
        }
        let text = source.text();
        for (at, found) in text.match_indices("PRIVATE KEY-----") {
            let line = source.line(source.position(at).line);
            // The header alone, as in a check for it, is no key.
            let header = source.slice(line).trim().starts_with("-----BEGIN");
            let body = text[at + found.len()..].lines().nth(1).unwrap_or("").trim();
            if header
                && body.len() > 40
                && body
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c))
            {
                findings
                    .tell("a private key stands in the file")
                    .at(&At::new(source, line), "a private key");
            }
        }
        for (at, (start, length, whose)) in starts(text) {
            let rest = &text[at + start.len()..];
            let token = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
                .unwrap_or(rest.len());
            let before = text[..at]
                .chars()
                .next_back()
                .is_none_or(|c| !c.is_ascii_alphanumeric());
            let body = &rest[..token];
            let varied = body
                .chars()
                .collect::<std::collections::BTreeSet<char>>()
                .len()
                > 6;
            let exact = if start == "AKIA" {
                token == length
                    && body
                        .chars()
                        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            } else {
                token >= length
            };
            if before && exact && varied && !body.ends_with("EXAMPLE") {
                let span = Span::new(at, at + start.len());
                findings
                    .tell(format!("{whose} stands in the file"))
                    .at(&At::new(source, span), "begins here");
            }
        }
    }
}

/// Where a token may begin. All are looked for at once: every file is read for them.
fn starts(text: &str) -> impl Iterator<Item = (usize, (&'static str, usize, &'static str))> {
    let bytes = text.as_bytes();
    bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| matches!(byte, b'A' | b'g' | b'x'))
        .filter_map(|(at, _)| {
            let found = TOKENS
                .into_iter()
                .find(|(start, ..)| bytes[at..].starts_with(start.as_bytes()))?;
            Some((at, found))
        })
}
