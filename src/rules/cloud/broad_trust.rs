//! The cloud trusts more than one branch or environment of one repository.

use crate::diagnostic::Level;
use crate::facts::{At, Facts};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "broad-trust",
    group: Group::Cloud,
    level: Level::Error,
    summary: "the cloud trusts more than one branch or environment of one repository",
    docs: Docs {
        what: "An OIDC subject has a wildcard, is the one of pull requests, or ends behind the repository.",
        why: "Whoever can open a pull request or push any branch gets the identity.",
        bad: "subject = \"repo:shop/web:*\"",
        good: "subject = \"repo:shop/web:ref:refs/heads/main\"",
        allow: "For an identity that may only read what is public.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for (path, source) in facts.tree.sources() {
        if !(path.ends_with(".tf") || path.ends_with(".tfvars")) {
            continue;
        }
        let text = source.text();
        for (at, _) in text.match_indices("\"repo:") {
            let rest = &text[at + 1..];
            let Some(end) = rest.find('"') else { continue };
            let subject = &rest[..end];
            let before = &text[text[..at].rfind('\n').map_or(0, |line| line + 1)..at];
            if before.trim_start().starts_with(['#', '/', '*'])
                || subject.contains("${")
                || !subject.contains('/')
            {
                continue;
            }
            let wide = subject.contains(['*', '?'])
                || subject.ends_with(":pull_request")
                || subject.matches(':').count() < 2;
            // Checks of variables name what they refuse.
            if !wide
                || before.contains("regex")
                || before.contains("condition")
                || before.contains("description")
                || before.contains("error_message")
            {
                continue;
            }
            let place = At::new(source, Span::new(at + 1, at + 1 + end));
            findings
                .tell(format!(
                    "the subject `{subject}` trusts more than one branch or environment"
                ))
                .at(&place, "trusted")
                .help("name the exact branch or environment");
        }
    }
}
