//! Decides what becomes of each file, and has it done as one commit.

use super::commit::{self, Work};
use super::compare::{Change, Comparison, Content, LockState, State, compare};
use super::digest::Digest;
use super::disk::{Disk, Node};
use super::error::Error;
use super::journal::{Mark, Step};
use super::lock::Meta;
use super::own::{OwnFile, own_files};
use super::recover::recover;
use super::view::View;
use super::{Applied, Merge, Policy};
use crate::plan::{Plan, RelPath};

/// What an apply does with one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is as it should be, or nobody's business.
    Nothing,
    /// A person's file stays as it is.
    Keep,
    /// The plan's content is written.
    Write,
    /// Both changes joined are written.
    Merge,
    /// The same, with git's markers around the lines where they meet.
    Mark,
    /// It is removed.
    Remove,
    /// A person has to decide; nothing at all is written.
    Refuse,
}

/// Repairs, compares, refuses or commits.
pub(super) fn apply(
    disk: &dyn Disk,
    plan: &Plan,
    meta: &Meta,
    policy: Policy<'_>,
) -> Result<Applied, Error> {
    let repaired = recover(disk)?;
    let view = View::plain(disk);
    let comparison = compare(&view, plan, meta, policy.targets)?;
    let refused = named(&comparison, policy, |action| action == Action::Refuse);
    if !refused.is_empty() {
        return Err(Error::Refused(refused.into_iter().cloned().collect()));
    }
    let own = own_files(&view, plan, &comparison)?;
    let changes = comparison.changes.iter();
    let mut works: Vec<Work<'_>> = changes
        .filter_map(|change| work(change, change.action(policy)))
        .collect();
    works.extend(own.iter().map(OwnFile::work));
    if !works.is_empty() {
        commit::commit(disk, works)?;
    }
    let recorded = !own.is_empty();
    Ok(applied(comparison, policy, recorded, repaired))
}

/// Makes files where nothing is, or none of them.
pub(super) fn create(disk: &dyn Disk, files: &[(RelPath, Vec<u8>)]) -> Result<(), Error> {
    recover(disk)?;
    let view = View::plain(disk);
    let mut works = Vec::new();
    for (path, bytes) in files {
        match view.node(path.as_str())? {
            Node::Absent => {}
            Node::Obstacle(obstacle) => return Err(Error::Obstacle(obstacle)),
            _ => return Err(Error::Plan(format!("`{path}` is there already"))),
        }
        works.push(Work {
            step: Step {
                path: path.as_str().to_owned(),
                target: None,
                old: None,
                new: Some(Mark {
                    sha256: Digest::of(bytes),
                    executable: false,
                }),
            },
            new: Some((bytes.as_slice(), mode(None, false))),
        });
    }
    if works.is_empty() {
        return Ok(());
    }
    commit::commit(disk, works)
}

/// The changes of which the action is wanted.
fn named<'c>(
    comparison: &'c Comparison,
    policy: Policy<'_>,
    wanted: impl Fn(Action) -> bool,
) -> Vec<&'c Change> {
    let changes = comparison.changes.iter();
    changes
        .filter(|change| wanted(change.action(policy)))
        .collect()
}

fn applied(
    comparison: Comparison,
    policy: Policy<'_>,
    recorded: bool,
    repaired: Option<super::Repair>,
) -> Applied {
    let paths = |changes: Vec<&Change>| -> Vec<RelPath> {
        changes
            .into_iter()
            .map(|change| change.path.clone())
            .collect()
    };
    let is_merge = |action| matches!(action, Action::Merge | Action::Mark);
    let is_write = |action| action == Action::Write || is_merge(action);
    let lost = named(&comparison, policy, |action| {
        matches!(action, Action::Write | Action::Remove)
    });
    // What was merged under another path is not lost.
    let lost = lost
        .into_iter()
        .filter(|change| change.state.is_at_risk() && (change.moved.is_none() || policy.force));
    Applied {
        written: paths(named(&comparison, policy, is_write)),
        removed: paths(named(&comparison, policy, |action| {
            action == Action::Remove
        })),
        kept: paths(named(&comparison, policy, |action| action == Action::Keep)),
        conflicts: paths(named(&comparison, policy, |action| action == Action::Mark)),
        merged: paths(named(&comparison, policy, is_merge)),
        lost: lost.cloned().collect(),
        lock_written: comparison.lock != LockState::Current,
        recorded,
        repaired,
        comparison,
    }
}

impl Change {
    /// What an apply with this policy does with the file.
    pub fn action(&self, policy: Policy<'_>) -> Action {
        let forced = match &self.plan {
            Some(_) => Action::Write,
            None => Action::Remove,
        };
        match self.state {
            State::Clean | State::Adopted | State::Gone | State::Owned => Action::Nothing,
            State::Blocked => Action::Refuse,
            // Where the old path is refused, so is everything.
            State::Missing if self.moved.is_some() && !policy.force => {
                match self.merging(policy.merge) {
                    Action::Refuse => Action::Write,
                    merging => merging,
                }
            }
            State::Stale | State::Missing | State::Orphan => forced,
            _ if policy.force => forced,
            State::Edited if policy.merge != Merge::Off => Action::Keep,
            State::Conflict => self.merging(policy.merge),
            State::Edited | State::Unknown => Action::Refuse,
        }
    }

    fn merging(&self, merge: Merge) -> Action {
        let conflicts = match (&self.moved, &self.merged) {
            (Some(moved), _) => moved.conflicts,
            (None, Some(merged)) => merged.conflicts,
            (None, None) => return Action::Refuse,
        };
        match (merge, conflicts, &self.moved) {
            (Merge::Off, ..) | (Merge::Clean, true, _) => Action::Refuse,
            (_, _, Some(moved)) if moved.to => Action::Remove,
            (_, true, _) => Action::Mark,
            (_, false, _) => Action::Merge,
        }
    }
}

/// The bytes and the bit by which a content is known again.
pub(super) fn mark(content: &Content) -> Mark {
    Mark {
        sha256: Digest::of(&content.bytes),
        executable: content.executable,
    }
}

fn work(change: &Change, action: Action) -> Option<Work<'_>> {
    let new = match action {
        Action::Write => change.plan.as_ref(),
        Action::Merge | Action::Mark => change.merged.as_ref().map(|merged| &merged.content),
        Action::Remove => None,
        Action::Nothing | Action::Keep | Action::Refuse => return None,
    };
    let old = change.disk.as_ref();
    let step = Step {
        path: change.path.as_str().to_owned(),
        target: Some(change.target.name().to_owned()),
        old: old.map(mark),
        new: new.map(mark),
    };
    // A merge may come out as what is there already.
    (step.old != step.new).then(|| Work {
        step,
        new: new.map(|new| (new.bytes.as_slice(), mode(old, new.executable))),
    })
}

/// The mode to ask for: that of its kind, or less where the file that it replaces has less.
pub(super) fn mode(old: Option<&Content>, executable: bool) -> u32 {
    match old {
        Some(old) => narrowed(old.mode, executable),
        None if executable => 0o755,
        None => 0o644,
    }
}

/// What its owner took from group and others stays taken.
fn narrowed(old: u32, executable: bool) -> u32 {
    let readable = (old & 0o644) | 0o600;
    if executable {
        readable | (readable & 0o444) >> 2
    } else {
        readable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_is_never_wider_than_it_was_or_than_its_kind() {
        for (old, executable, new) in [
            (0o644, false, 0o644),
            (0o600, false, 0o600),
            (0o666, false, 0o644),
            (0o600, true, 0o700),
            (0o640, true, 0o750),
            (0o777, true, 0o755),
            (0o755, false, 0o644),
            (0o000, false, 0o600),
        ] {
            assert_eq!(narrowed(old, executable), new, "{old:o} {executable}");
        }
    }
}
