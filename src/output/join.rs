//! Joins what a person changed with what the plan changed, also where the plan moved the file.

use std::collections::{BTreeMap, HashMap};

use super::compare::{Change, Moved, State};
use super::error::Error;
use super::lock::Entry;
use super::merge::merge;
use super::pristine::Pristine;
use super::view::View;
use crate::plan::RelPath;

/// Merges every conflict of which the text that was rendered is known.
pub(super) fn join(
    view: &View<'_>,
    changes: &mut [Change],
    locked: Option<&BTreeMap<RelPath, Entry>>,
) -> Result<(), Error> {
    let is_conflict = |change: &Change| change.state == State::Conflict && !change.unresolved;
    let Some(locked) = locked.filter(|_| changes.iter().any(is_conflict)) else {
        return Ok(());
    };
    let pristine = Pristine::read(view)?;
    for change in changes.iter_mut().filter(|change| is_conflict(change)) {
        let Some(entry) = locked.get(&change.path) else {
            continue;
        };
        if let (Some(disk), Some(plan), Some(base)) =
            (&change.disk, &change.plan, pristine.text(entry.sha256))
        {
            change.merged = merge(base, entry.executable, disk, plan);
        }
    }
    follow_moves(changes, locked, &pristine);
    Ok(())
}

/// Finds for each edited file that left the plan the new file that it became, and merges it there.
fn follow_moves(changes: &mut [Change], locked: &BTreeMap<RelPath, Entry>, pristine: &Pristine) {
    for from in 0..changes.len() {
        let old = &changes[from];
        let left = old.state == State::Conflict && old.plan.is_none() && !old.unresolved;
        let Some(entry) = locked.get(&old.path).filter(|_| left) else {
            continue;
        };
        let (Some(base), Some(disk)) = (pristine.text(entry.sha256), &old.disk) else {
            continue;
        };
        let Some(to) = successor(changes, old, base) else {
            continue;
        };
        let planned = changes[to].plan.as_ref();
        let Some(merged) = planned.and_then(|plan| merge(base, entry.executable, disk, plan))
        else {
            continue;
        };
        let end = |path: &RelPath, to| Moved {
            path: path.clone(),
            to,
            conflicts: merged.conflicts,
        };
        let (forth, back) = (end(&changes[to].path, true), end(&old.path, false));
        changes[from].moved = Some(forth);
        changes[to].moved = Some(back);
        changes[to].merged = Some(merged);
    }
}

/// The new file that is most like `base`: at least half of the lines of both are the same.
fn successor(changes: &[Change], old: &Change, base: &str) -> Option<usize> {
    let likeness = |change: &Change| {
        let text = std::str::from_utf8(&change.plan.as_ref()?.bytes).ok()?;
        // Of two that are equally like, the one with the same name.
        Some((alike(base, text), change.path.name() == old.path.name()))
    };
    let is_new = |change: &Change| {
        change.state == State::Missing
            && change.locked.is_none()
            && change.moved.is_none()
            && change.target == old.target
    };
    let new = changes.iter().enumerate();
    new.filter(|(_, change)| is_new(change))
        .filter_map(|(at, change)| Some((likeness(change)?, at)))
        .filter(|((alike, _), _)| *alike >= 50)
        .max_by_key(|(likeness, at)| (*likeness, std::cmp::Reverse(*at)))
        .map(|(_, at)| at)
}

/// How many of a hundred lines two texts share.
fn alike(one: &str, other: &str) -> usize {
    let mut lines: HashMap<&str, usize> = HashMap::new();
    for line in one.lines() {
        *lines.entry(line).or_default() += 1;
    }
    let shared = other.lines().filter(|line| match lines.get_mut(line) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    });
    let shared = shared.count();
    let all = one.lines().count() + other.lines().count();
    (200 * shared).checked_div(all).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_counts_lines_of_both() {
        assert_eq!(alike("a\nb\n", "a\nb\n"), 100);
        assert_eq!(alike("a\na\n", "a\nb\n"), 50);
        assert_eq!(alike("a\n", "b\n"), 0);
        assert_eq!(alike("", ""), 0);
    }
}
