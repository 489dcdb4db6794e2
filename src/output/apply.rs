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
enum Action<'c> {
    Nothing,
    /// A person's file stays as it is.
    Keep,
    Write(&'c Content),
    Merge(&'c Content),
    Remove,
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
        .filter_map(|change| work(change, action(change, policy)))
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
    wanted: impl Fn(Action<'c>) -> bool,
) -> Vec<&'c Change> {
    let changes = comparison.changes.iter();
    changes
        .filter(|change| wanted(action(change, policy)))
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
    let is_write = |action| matches!(action, Action::Write(_) | Action::Merge(_));
    let merged = named(&comparison, policy, |action| {
        matches!(action, Action::Merge(_))
    });
    let is_marked = |change: &&Change| change.merged.as_ref().is_some_and(|m| m.conflicts);
    let lost = named(&comparison, policy, |action| {
        matches!(action, Action::Write(_) | Action::Remove)
    });
    let lost = lost.into_iter().filter(|change| change.state.is_at_risk());
    Applied {
        written: paths(named(&comparison, policy, is_write)),
        removed: paths(named(&comparison, policy, |action| {
            action == Action::Remove
        })),
        kept: paths(named(&comparison, policy, |action| action == Action::Keep)),
        conflicts: paths(merged.iter().copied().filter(is_marked).collect()),
        merged: paths(merged),
        lost: lost.cloned().collect(),
        lock_written: comparison.lock != LockState::Current,
        recorded,
        repaired,
        comparison,
    }
}

fn action<'c>(change: &'c Change, policy: Policy<'_>) -> Action<'c> {
    let forced = match &change.plan {
        Some(plan) => Action::Write(plan),
        None => Action::Remove,
    };
    match (change.state, policy.merge, &change.merged) {
        (State::Clean | State::Adopted | State::Gone, ..) => Action::Nothing,
        (State::Blocked, ..) => Action::Refuse,
        (State::Stale | State::Missing | State::Orphan, ..) => forced,
        _ if policy.force => forced,
        (State::Edited, Merge::Clean | Merge::Markers, _) => Action::Keep,
        (State::Conflict, Merge::Clean, Some(merged)) if !merged.conflicts => {
            Action::Merge(&merged.content)
        }
        (State::Conflict, Merge::Markers, Some(merged)) => Action::Merge(&merged.content),
        _ => Action::Refuse,
    }
}

/// The bytes and the bit by which a content is known again.
pub(super) fn mark(content: &Content) -> Mark {
    Mark {
        sha256: Digest::of(&content.bytes),
        executable: content.executable,
    }
}

fn work<'c>(change: &'c Change, action: Action<'c>) -> Option<Work<'c>> {
    let new = match action {
        Action::Write(content) | Action::Merge(content) => Some(content),
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
