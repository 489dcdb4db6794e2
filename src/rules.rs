//! The rules: each looks at the facts of one project and reports where artifacts disagree.
//!
//! Owns the list of rules, how they report, and what suppresses a diagnostic. A rule fires only on what the
//! files prove. Opens no file, and knows nothing of specs or blueprints.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::diagnostic::{Diagnostic, Edit, Fix, Level, Reporter};
use crate::facts::{At, Both, Facts, in_turn};

pub mod allow;
pub mod baseline;
pub mod config;

mod chart;
mod cloud;
mod files;
mod image;
mod kubernetes;
mod list;
mod nearest;
mod network;
mod pipeline;

pub use list::RULES;

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Source code and image.
    Image,
    /// Ports, paths and hosts.
    Network,
    /// Kubernetes objects.
    Kubernetes,
    /// Helm charts.
    Chart,
    /// Pipelines.
    Pipeline,
    /// Terraform and the cloud.
    Cloud,
    /// The files themselves and the use of `gen`.
    Files,
}

impl Group {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Network => "network",
            Self::Kubernetes => "kubernetes",
            Self::Chart => "chart",
            Self::Pipeline => "pipeline",
            Self::Cloud => "cloud",
            Self::Files => "files",
        }
    }
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case name; reads well after "allow".
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    /// Its level, unless a configuration says otherwise.
    pub level: Level,
    /// One line.
    pub summary: &'static str,
    /// The page of the rule.
    pub docs: Docs,
    /// Looks at a project.
    pub check: fn(&Facts, &mut Findings<'_>),
}

/// The page of a rule.
#[derive(Debug)]
pub struct Docs {
    /// What disagrees.
    pub what: &'static str,
    /// What comes of it.
    pub why: &'static str,
    /// An example that fires.
    pub bad: &'static str,
    /// The same, right.
    pub good: &'static str,
    /// When to allow it.
    pub allow: &'static str,
}

impl Rule {
    /// The page of the rule, in Markdown.
    pub fn page(&self) -> String {
        let docs = &self.docs;
        format!(
            "# {}\n\n{}\n\nGroup {}, level {}.\n\n## What\n\n{}\n\n## Why\n\n{}\n\n## Bad\n\n```\n{}\n```\n\n## Good\n\n```\n{}\n```\n\n## When to allow\n\n{}\n",
            self.name,
            self.summary,
            self.group.name(),
            self.level.name(),
            docs.what,
            docs.why,
            docs.bad.trim_matches('\n'),
            docs.good.trim_matches('\n'),
            docs.allow
        )
    }
}

/// The rule of that name.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.name == name)
}

/// The name among `names` that `name` was probably meant to be.
pub fn suggestion<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest::nearest(name, names)
}

/// Where a rule reports.
#[derive(Debug)]
pub struct Findings<'a> {
    rule: &'static Rule,
    report: &'a mut Reporter,
}

impl Findings<'_> {
    /// Reports at the rule's own level.
    pub fn tell(&mut self, message: impl Into<String>) -> Finding<'_> {
        self.tell_as(self.rule.level, message)
    }

    /// Reports at another level.
    pub fn tell_as(&mut self, level: Level, message: impl Into<String>) -> Finding<'_> {
        Finding {
            diagnostic: self.report.tell(self.rule.name, level, message),
        }
    }

    /// Says what could not be told, and so was not checked.
    pub fn unresolved(&mut self, at: &At, message: impl Into<String>) {
        let message = format!("{}: {}", self.rule.name, message.into());
        self.report
            .note(UNRESOLVED, message)
            .at(&at.source, at.span, "");
    }
}

/// Name of the notes on what was not checked.
pub const UNRESOLVED: &str = "unresolved";

/// A diagnostic that is being told.
#[derive(Debug)]
pub struct Finding<'d> {
    diagnostic: &'d mut Diagnostic,
}

impl Finding<'_> {
    /// Points at where it is decided; what that comes from is told too.
    pub fn at(self, at: &At, text: impl Into<String>) -> Self {
        self.diagnostic.at(&at.source, at.span, text);
        self.via(at)
    }

    /// Adds another end of the seam.
    pub fn also(self, at: &At, text: impl Into<String>) -> Self {
        let known = |label: &crate::diagnostic::Label| {
            label.span == at.span && label.source.path() == at.source.path()
        };
        let same = self
            .diagnostic
            .primary
            .iter()
            .chain(&self.diagnostic.related)
            .any(known);
        if !same {
            self.diagnostic.also(&at.source, at.span, text);
        }
        self.via(at)
    }

    fn via(self, at: &At) -> Self {
        for (source, span, text) in &at.via {
            let known = |label: &crate::diagnostic::Label| {
                label.span == *span && label.source.path() == source.path()
            };
            let same = self
                .diagnostic
                .primary
                .iter()
                .chain(&self.diagnostic.related)
                .any(known);
            if !same {
                self.diagnostic.also(source, *span, text.clone());
            }
        }
        self
    }

    /// Adds a change that leaves no doubt: what it makes is right, and nothing else changes.
    pub fn fix(self, at: &At, text: impl Into<String>) -> Self {
        self.edit(at, text.into(), false)
    }

    /// Adds a change that somebody has to look at.
    pub fn unsafe_fix(self, at: &At, text: impl Into<String>) -> Self {
        self.edit(at, text.into(), true)
    }

    fn edit(self, at: &At, text: String, unsafe_to_apply: bool) -> Self {
        let fix = self.diagnostic.fix.get_or_insert_with(Fix::default);
        fix.unsafe_to_apply |= unsafe_to_apply;
        fix.edits.push(Edit {
            source: Arc::clone(&at.source),
            span: at.span,
            text,
        });
        self
    }

    /// Adds a way out.
    pub fn help(self, text: impl Into<String>) -> Self {
        self.diagnostic.help(text);
        self
    }
}

/// Runs the rules that `wanted` accepts; equal diagnostics are told once, and all are sorted by place.
pub fn run(facts: &Facts, wanted: impl Fn(&Rule) -> bool + Sync) -> Vec<Diagnostic> {
    run_by(facts, wanted, in_turn)
}

/// Runs the rules, two at once where `both` does so.
pub fn run_by(facts: &Facts, wanted: impl Fn(&Rule) -> bool + Sync, both: Both) -> Vec<Diagnostic> {
    let next = AtomicUsize::new(0);
    let work = |report: &mut Reporter| {
        while let Some(rule) = RULES.get(next.fetch_add(1, Ordering::Relaxed)) {
            if wanted(rule) {
                (rule.check)(facts, &mut Findings { rule, report });
            }
        }
    };
    let (mut one, mut other) = (Reporter::new(), Reporter::new());
    both(&mut || work(&mut one), &mut || work(&mut other));
    for unresolved in &facts.unresolved {
        one.note(UNRESOLVED, unresolved.text.clone()).at(
            &unresolved.at.source,
            unresolved.at.span,
            "",
        );
    }
    let mut all = one.into_diagnostics();
    all.extend(other.into_diagnostics());
    sorted(all)
}

/// Sorts by file, place and rule, and drops what is told twice.
pub fn sorted(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let key = |d: &Diagnostic| {
        let place = d.primary.as_ref().map(|label| {
            (
                label.source.path().to_owned(),
                label.span.start,
                label.span.end,
            )
        });
        (place, d.id, d.message.clone())
    };
    diagnostics.sort_by_cached_key(key);
    diagnostics.dedup_by(|a, b| key(a) == key(b));
    diagnostics
}
