//! Disk against plan and lock, told: what became of each file, what a render would do about it, and what
//! the spec would have to say instead.
//!
//! Owns [`Tree`] and its forms for people and programs. Reads nothing itself: it is given the comparison
//! that `output` made.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Reporter};
use crate::output::{Action, Change, Comparison, LockState, Meta, Policy, Size, State};
use crate::source::yaml::{self, Limits};
use crate::source::{Place, Source, Span, Step};

mod express;
mod guess;
mod json;
mod markdown;
mod text;

pub use express::{Expression, Expressions, Render, Setting};
pub use json::json;
pub use markdown::markdown;
pub use text::text;

/// One rendered tree and its drift.
#[derive(Debug)]
pub struct Tree {
    /// The spec that it is rendered from.
    pub spec: Arc<Source>,
    /// Its folder, as shown.
    pub folder: String,
    /// How many files the spec and the lock have.
    pub files: usize,
    /// The files that are not what the spec says, sorted by path.
    pub drifted: Vec<File>,
    /// The files that are the user's own and differ from the spec, which is no drift.
    pub owned: Vec<String>,
    /// What becomes of the lock.
    pub lock: LockState,
    /// What the tree was rendered from, where that is something else than now.
    pub upgrade: Option<Upgrade>,
    /// Whether an interrupted run was read through.
    pub interrupted: bool,
}

/// What a tree was rendered from, and what it would be rendered from now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    /// What the lock says.
    pub from: Meta,
    /// What is there now.
    pub to: Meta,
}

/// One file that is not what the spec says.
#[derive(Debug)]
pub struct File {
    /// Its path below the tree's folder.
    pub path: String,
    /// What became of it.
    pub state: State,
    /// The target it belongs to.
    pub target: &'static str,
    /// How many lines a person changed in an edited file; for others, how many a render would change.
    pub size: Size,
    /// What a render would do.
    pub action: Action,
    /// The same as lines, as git would show them.
    pub diff: String,
    /// What the spec would have to say for an edited file to be what is rendered.
    pub expression: Option<Expression>,
    /// Whether lines of an earlier conflict are still marked in it.
    pub unresolved: bool,
    /// Whether the lock knows it.
    pub was_rendered: bool,
    /// The path that it has in the plan now, or had before.
    pub moved: Option<String>,
    /// What stands in the way.
    pub obstacle: Option<String>,
    /// The file as it is, and its first line that differs.
    place: Option<(Arc<Source>, Span)>,
}

impl Tree {
    /// What a comparison says, for a render with `policy`; the changed lines only where they are wanted.
    pub fn new(
        spec: &Arc<Source>,
        folder: &str,
        meta: &Meta,
        comparison: &Comparison,
        policy: Policy<'_>,
        diffs: bool,
    ) -> Self {
        let changes = comparison.changes.iter();
        let drifted = changes.filter(|change| !matches!(change.state, State::Clean | State::Owned));
        let owned = comparison.changes.iter();
        let owned = owned.filter(|change| change.state == State::Owned);
        let from = comparison.rendered.clone().filter(|from| from != meta);
        Self {
            spec: Arc::clone(spec),
            folder: folder.to_owned(),
            files: comparison.changes.len(),
            drifted: drifted
                .map(|change| File::new(change, folder, policy, diffs))
                .collect(),
            owned: owned.map(|change| change.path.to_string()).collect(),
            lock: comparison.lock,
            upgrade: from.map(|from| Upgrade {
                from,
                to: meta.clone(),
            }),
            interrupted: comparison.interrupted,
        }
    }

    /// Whether a render would write nothing.
    pub fn is_clean(&self) -> bool {
        self.drifted.is_empty() && self.lock == LockState::Current
    }

    /// What is told of the tree where formats know diagnostics only.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut report = Reporter::new();
        for file in &self.drifted {
            self.tell(file, &mut report);
        }
        if self.drifted.is_empty() && !self.is_clean() {
            let d = report.warning("stale-lock", self.lock_sentence());
            d.at(&self.spec, Span::default(), "");
            d.help("`gen render` writes it");
        }
        report.into_diagnostics()
    }

    fn tell(&self, file: &File, report: &mut Reporter) {
        let (id, is_error) = match file.state {
            State::Edited if file.unresolved => ("unresolved-conflict", true),
            State::Edited => ("edited-file", false),
            State::Conflict => ("conflicting-file", true),
            State::Missing => ("missing-file", false),
            State::Orphan => ("orphan-file", false),
            State::Unknown => ("unknown-file", true),
            State::Blocked => ("blocked-file", true),
            _ => ("stale-file", false),
        };
        let message = format!("`{}` {}", shown(&self.folder, &file.path), file.sentence());
        let d = match is_error {
            true => report.error(id, message),
            false => report.warning(id, message),
        };
        match &file.place {
            Some((source, span)) => d.at(source, *span, file.size.to_string()),
            None => d.at(&self.spec, Span::default(), "rendered from here"),
        };
        if let Some(expression) = &file.expression {
            for setting in &expression.settings {
                if let Some(span) = locate(&self.spec, &setting.field) {
                    d.also(&self.spec, span, format!("`{setting}` says the same"));
                }
            }
            d.help(expression.sentence());
        }
        d.help(file.prospect());
    }

    /// What is to be said of the lock.
    fn lock_sentence(&self) -> String {
        let folder = shown(&self.folder, crate::plan::LOCK_NAME);
        match (&self.upgrade, self.lock) {
            (_, LockState::Absent) => format!("there is no `{folder}`"),
            (Some(upgrade), _) => format!("`{folder}` is older: {}", upgrade.sentence()),
            (None, _) => format!("`{folder}` does not know every file"),
        }
    }
}

impl Upgrade {
    /// Whether it is another version of `gen` or another blueprint, and not the spec alone.
    pub fn is_version(&self) -> bool {
        let made_by = |meta: &Meta| {
            let blueprint = (meta.blueprint.clone(), meta.blueprint_digest);
            (meta.generator.clone(), blueprint)
        };
        made_by(&self.from) != made_by(&self.to)
    }

    /// What changed since the last render.
    pub fn sentence(&self) -> String {
        let (from, to) = (&self.from, &self.to);
        let mut parts = Vec::new();
        if from.generator != to.generator {
            parts.push(format!(
                "gen went from {} to {}",
                from.generator, to.generator
            ));
        }
        if from.blueprint != to.blueprint {
            parts.push(format!(
                "the blueprint is `{}` instead of `{}`",
                to.blueprint, from.blueprint
            ));
        } else if from.blueprint_digest != to.blueprint_digest {
            parts.push(format!("the blueprint `{}` changed", to.blueprint));
        }
        if from.spec_digest != to.spec_digest {
            parts.push("the spec changed".to_owned());
        }
        match parts.as_slice() {
            [] => "nothing changed".to_owned(),
            [only] => only.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    }
}

impl File {
    fn new(change: &Change, folder: &str, policy: Policy<'_>, diffs: bool) -> Self {
        let action = change.action(policy);
        let edited = matches!(change.state, State::Edited | State::Unknown);
        let merged = matches!(action, Action::Merge | Action::Mark);
        let size = match (edited, merged) {
            (true, _) => change.edit_size(),
            (_, true) => change.merge_size(),
            _ => change.size(),
        };
        let diff = match (edited, merged) {
            _ if !diffs => String::new(),
            (true, _) => change.edit_diff(),
            (_, true) => change.merge_diff(),
            _ => change.diff(),
        };
        Self {
            path: change.path.to_string(),
            state: change.state,
            target: change.target.name(),
            size,
            action,
            diff,
            expression: None,
            unresolved: change.unresolved,
            was_rendered: change.locked.is_some(),
            moved: change.moved.as_ref().map(|moved| moved.path.to_string()),
            obstacle: change.obstacle.as_ref().map(ToString::to_string),
            place: place(change, folder),
        }
    }

    /// Whether a render would change it on disk, or refuses to.
    pub fn is_written(&self) -> bool {
        !matches!(self.action, Action::Nothing | Action::Keep)
    }

    /// What became of it, to read behind its name.
    fn sentence(&self) -> String {
        let what = match (self.state, &self.moved) {
            (State::Edited, _) if self.unresolved => "has the marks of a conflict in it",
            (State::Edited, _) => "was edited by hand",
            (State::Conflict, Some(to)) => {
                return format!("was edited by hand, and the spec has it as `{to}` now");
            }
            (State::Conflict, None) => "was edited by hand, and the spec changes it too",
            (State::Missing, Some(from)) => {
                return format!("was `{from}`, which was edited by hand");
            }
            (State::Missing, None) => "is missing",
            (State::Orphan, _) => "is left over: the spec does not have it any more",
            (State::Unknown, _) => "is there already, and gen did not write it",
            (State::Blocked, _) => "cannot be written",
            (State::Adopted, _) => "is what the spec says, and the lock does not know it",
            (State::Gone, _) => "is gone, and the lock does not know it",
            _ => "is not what the spec says",
        };
        match &self.obstacle {
            Some(obstacle) => format!("{what}: {obstacle}"),
            None => what.to_owned(),
        }
    }

    /// What a render would do about it.
    fn prospect(&self) -> &'static str {
        match (self.action, self.state) {
            (Action::Keep, _) if self.unresolved => "`gen render` keeps it; resolve the conflict",
            (Action::Keep, _) => "`gen render` keeps it, `gen render --force` overwrites it",
            (Action::Write, _) => "`gen render` writes it",
            (Action::Merge, _) => "`gen render` merges both changes",
            (Action::Mark, _) => "`gen render` marks the lines that both changed",
            (Action::Remove, State::Conflict) => "`gen render` takes the edit over to the new path",
            (Action::Remove, _) => "`gen render` removes it",
            (Action::Refuse, _) if self.unresolved => {
                "`gen render` refuses it; resolve the conflict first"
            }
            (Action::Refuse, _) => {
                "`gen render` refuses it; take it away, say `owned:` in the spec, or use `--force`"
            }
            (Action::Nothing, _) => "`gen render` brings the lock up to date",
        }
    }
}

impl Expression {
    /// What to write into the spec, as a sentence.
    pub fn sentence(&self) -> String {
        let settings: Vec<String> = self
            .settings
            .iter()
            .map(|setting| format!("`{setting}`"))
            .collect();
        let others = match self.others {
            0 => String::new(),
            1 => "; one other file changes with it".to_owned(),
            count => format!("; {count} other files change with it"),
        };
        format!(
            "{} in the spec says the same{others}",
            settings.join(" and ")
        )
    }
}

impl std::fmt::Display for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // `7` must not become `"7"`, nor the other way round; what is plain either way loses its quotes.
        let plain = serde_json::from_str::<String>(&self.value)
            .ok()
            .filter(|text| {
                let word = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
                let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
                text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
                    && text.chars().all(word)
                    && !reserved.contains(&text.to_ascii_lowercase().as_str())
            });
        write!(
            f,
            "{}: {}",
            self.field,
            plain.as_ref().unwrap_or(&self.value)
        )
    }
}

/// The path of a file from where the command runs.
fn shown(folder: &str, path: &str) -> String {
    match folder {
        "." => path.to_owned(),
        _ => format!("{}/{path}", folder.trim_end_matches('/')),
    }
}

/// The file on disk and its first line that differs from the plan.
fn place(change: &Change, folder: &str) -> Option<(Arc<Source>, Span)> {
    let disk = change.disk.as_ref()?;
    let text = String::from_utf8_lossy(&disk.bytes).into_owned();
    let span = first_difference(&text, change.plan.as_ref().map_or(&[], |plan| &plan.bytes));
    let path = shown(folder, change.path.as_str());
    Some((Source::new(path, text), span))
}

/// The first line of `text` that is not in `other` at the same place.
pub fn first_difference(text: &str, other: &[u8]) -> Span {
    let common = text.bytes().zip(other).take_while(|(a, b)| a == *b).count();
    let start = text.as_bytes()[..common]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let end = text.as_bytes()[start..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(text.len(), |at| start + at);
    Span::new(start, end)
}

/// Where a field stands in a spec, or the nearest one above it.
fn locate(spec: &Source, field: &str) -> Option<Span> {
    let stream = yaml::read(spec.text(), &Limits::SPEC).ok()?;
    let mut node = stream.documents.first()?;
    let mut span = None;
    for step in Place::keys(field).steps() {
        let Step::Key(key) = step else { break };
        let entry = node.entries().iter().find(|entry| entry.key == *key);
        let Some(entry) = entry else { break };
        span = Some(entry.key_span);
        node = &entry.value;
    }
    span
}
