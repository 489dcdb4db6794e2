//! `gen: allow(rule) reason` in a comment: what a person has judged and let stand.
//!
//! Owns finding such comments in files of any kind. A reason is required, and a comment that suppresses
//! nothing is reported, so that none outlives its cause.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Label, Level, Reporter};
use crate::facts::{At, Facts};
use crate::source::{Source, Span};

use super::{Docs, Findings, Group, Rule};

/// The rule on comments that suppress nothing.
pub static UNUSED: Rule = Rule {
    name: "unused-allow",
    group: Group::Files,
    level: Level::Warning,
    summary: "a `gen: allow` comment suppresses nothing",
    docs: Docs {
        what: "A comment `gen: allow(rule) reason` stands where the rule reports nothing.",
        why: "The cause is gone, or the comment is on the wrong line; left there it would hide the next fault.",
        bad: "containerPort: 8080 # gen: allow(port-mismatch) the sidecar listens there",
        good: "containerPort: 8080",
        allow: "Never: remove the comment.",
    },
    check: nothing,
};

/// The rule on comments that do not say why.
pub static UNEXPLAINED: Rule = Rule {
    name: "unexplained-allow",
    group: Group::Files,
    level: Level::Error,
    summary: "a `gen: allow` comment has no reason, or names no rule",
    docs: Docs {
        what: "A comment `gen: allow(rule)` has no text behind it, or names a rule that does not exist.",
        why: "Whoever reads it later cannot tell whether it still holds.",
        bad: "USER root # gen: allow(root-image)",
        good: "USER root # gen: allow(root-image) the entrypoint drops to uid 10001",
        allow: "Never: write the reason.",
    },
    check: nothing,
};

fn nothing(_: &Facts, _: &mut Findings<'_>) {}

/// One comment.
#[derive(Debug)]
struct Allow {
    source: Arc<Source>,
    span: Span,
    line: usize,
    /// The line that it is about, when it stands alone above it.
    next: Option<usize>,
    rules: Vec<String>,
    reason: bool,
    used: bool,
}

/// Drops the diagnostics that a comment allows, and reports comments that allow nothing. Which rules run
/// is told by `ran`: a comment for another rule is not called unused.
pub fn apply(
    facts: &Facts,
    diagnostics: Vec<Diagnostic>,
    ran: impl Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let mut allows: Vec<Allow> = facts
        .tree
        .sources()
        .flat_map(|(_, source)| comments(source))
        .collect();
    if allows.is_empty() {
        return diagnostics;
    }
    let mut kept: Vec<Diagnostic> = diagnostics
        .into_iter()
        .filter(|diagnostic| {
            let mut allowed = false;
            for label in diagnostic.primary.iter().chain(&diagnostic.related) {
                for allow in &mut allows {
                    if allow.reason && allow.is_about(diagnostic.id, label) {
                        allow.used = true;
                        allowed = true;
                    }
                }
            }
            !allowed
        })
        .collect();
    let mut report = Reporter::new();
    for allow in &allows {
        let at = At::new(&allow.source, allow.span);
        let unknown = allow.rules.iter().find(|rule| super::find(rule).is_none());
        if let Some(unknown) = unknown {
            let mut told = Findings {
                rule: &UNEXPLAINED,
                report: &mut report,
            };
            let told = told
                .tell(format!("there is no rule `{unknown}`"))
                .at(&at, "");
            if let Some(name) =
                super::suggestion(unknown, super::RULES.iter().map(|rule| rule.name))
            {
                told.help(format!("did you mean `{name}`?"));
            }
        } else if !allow.reason {
            Findings {
                rule: &UNEXPLAINED,
                report: &mut report,
            }
            .tell("a `gen: allow` without a reason")
            .at(&at, "say behind the bracket why this may stand");
        } else if !allow.used && allow.rules.iter().all(|rule| ran(rule)) {
            Findings {
                rule: &UNUSED,
                report: &mut report,
            }
            .tell("a `gen: allow` that suppresses nothing")
            .at(&at, "nothing is reported here")
            .help("remove the comment")
            .fix(&whole(&at), "");
        }
    }
    kept.extend(report.into_diagnostics());
    super::sorted(kept)
}

/// The comment with the mark and the blanks in front of it; with its line, where nothing else stands there.
fn whole(at: &At) -> At {
    let text = at.source.text();
    let line = at.source.line(at.source.position(at.span.start).line);
    let before = &text[line.start..at.span.start];
    let mark = ["{{- /*", "{{/*", "<!--", "/*", "//", "#"]
        .into_iter()
        .filter_map(|mark| before.rfind(mark))
        .min()
        .unwrap_or(before.len());
    let head = before[..mark].trim_end().len();
    let end = match text[line.end..].starts_with('\n') && head == 0 {
        true => line.end + 1,
        false => line.end,
    };
    At::new(&at.source, Span::new(line.start + head, end))
}

impl Allow {
    fn is_about(&self, rule: &str, label: &Label) -> bool {
        if !self.rules.iter().any(|own| own == rule)
            || label.source.path().trim_start_matches("./") != self.source.path()
        {
            return false;
        }
        let line = label.source.position(label.span.start).line;
        line == self.line || Some(line) == self.next
    }
}

const MARK: &str = "gen: allow(";

fn comments(source: &Arc<Source>) -> Vec<Allow> {
    let text = source.text();
    text.match_indices(MARK)
        .filter_map(|(at, _)| {
            let line = source.position(at).line;
            let span = source.line(line);
            let before = source.slice(Span::new(span.start, at)).trim_end();
            // Only behind a comment mark: a text that merely speaks of it is none.
            let mark = ["#", "//", "/*", "<!--", "{{/*", "{{- /*"]
                .into_iter()
                .find(|mark| before.ends_with(mark))?;
            let rest = &text[at + MARK.len()..span.end.max(at + MARK.len())];
            let (rules, reason) = rest.split_once(')')?;
            let reason = reason
                .trim_end_matches(['}', '/', '*', '-', '>', ' '])
                .trim();
            let alone = before[..before.len() - mark.len()].trim().is_empty();
            Some(Allow {
                source: Arc::clone(source),
                span: Span::new(at, span.end),
                line,
                next: alone.then(|| next_line(source, line)).flatten(),
                rules: rules
                    .split(',')
                    .map(|rule| rule.trim().to_owned())
                    .collect(),
                reason: !reason.is_empty(),
                used: false,
            })
        })
        .collect()
}

/// The next line that is neither empty nor a comment.
fn next_line(source: &Source, line: usize) -> Option<usize> {
    (line + 1..).find_map(|number| {
        let span = source.line(number);
        if span.start >= source.text().len() {
            return Some(None);
        }
        let text = source.slice(span).trim();
        let comment = ["#", "//", "/*", "<!--", "{{/*", "{{- /*"]
            .iter()
            .any(|mark| text.starts_with(mark));
        (!text.is_empty() && !comment).then_some(Some(number))
    })?
}
