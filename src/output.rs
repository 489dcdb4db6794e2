//! The only module that writes: compares a plan with the disk and the lock, and applies it.
//!
//! Owns the files of the output tree, `gen.lock`, `.gen/` and, while a run lasts, `.gen-stage/`. Must not
//! know where a plan comes from. Everything below the output root is reached through one folder handle
//! and by calls that follow no link. An apply is all or nothing: [`apply`] first repairs what an
//! interrupted run left, refuses as a whole what would lose a person's work, and then commits as a whole.

mod commit;
mod compare;
mod diff;
mod digest;
mod disk;
mod error;
mod folder;
mod guard;
mod journal;
mod lock;
mod moves;
mod pristine;
mod recover;
mod root;
mod view;

pub use compare::{Change, Comparison, Content, LockState, State};
pub use diff::Size;
pub use digest::Digest;
pub use disk::{Disk, Node, Obstacle, ObstacleKind};
pub use error::{Cause, DiskError, Error, LockError, Tree};
pub use folder::FolderDisk;
pub use lock::{Entry, Lock, MAX_LOCK_BYTES, Meta};
pub use recover::Repair;
pub use root::{PATIENCE, Root, Wrap};

use crate::plan::{LOCK_NAME, Plan, RelPath, Target};
use commit::Work;
use journal::{Mark, Step};
use view::View;

/// What an apply may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy<'t> {
    /// Overwrites and deletes what a person made or changed.
    pub force: bool,
    /// The targets to apply; an empty list means all. Files of others are left alone, in the lock too.
    /// The plan may hold them nevertheless, and should: so a file that moved to another target is not
    /// taken for an orphan.
    pub targets: &'t [Target],
}

/// What an apply did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Every file and what could become of it before.
    pub comparison: Comparison,
    /// The files that were written.
    pub written: Vec<RelPath>,
    /// The files that were removed.
    pub removed: Vec<RelPath>,
    /// What a person had made and `force` overwrote or deleted; [`Change::diff`] shows it.
    pub lost: Vec<Change>,
    /// Whether `gen.lock` was written.
    pub lock_written: bool,
    /// What was done about an interrupted run.
    pub repaired: Option<Repair>,
}

impl Applied {
    /// Whether anything was written.
    pub fn wrote(&self) -> bool {
        self.lock_written || !self.written.is_empty() || !self.removed.is_empty()
    }
}

/// Says what [`apply`] would do. Writes nothing, and shows the tree of an interrupted run as the next
/// apply will repair it.
///
/// # Errors
/// Where the disk or the lock cannot be read, or the plan cannot be written anywhere. Files in the way
/// are no error here.
pub fn compare(
    root: &Root,
    plan: &Plan,
    meta: &Meta,
    targets: &[Target],
) -> Result<Comparison, Error> {
    match root.read()? {
        Some(held) => {
            let view = recover::look_through(&*held.disk)?;
            compare::compare(&view, plan, meta, targets)
        }
        None => compare::compare(&View::plain(&NoDisk), plan, meta, targets),
    }
}

/// Reads `gen.lock`, through an interrupted run; nothing where there is none.
///
/// # Errors
/// Where the disk or the lock cannot be read.
pub fn read_lock(root: &Root) -> Result<Option<Lock>, Error> {
    let Some(held) = root.read()? else {
        return Ok(None);
    };
    let view = recover::look_through(&*held.disk)?;
    Ok(compare::read_lock(&view)?.map(|(lock, _)| lock))
}

/// Writes the plan: what is stale or missing, and `gen.lock`; removes orphans that nobody changed.
///
/// Writes nothing where nothing changed. Takes all of it or nothing: after an error, or a kill and the
/// next run, the tree is the one before or the one after.
///
/// # Errors
/// [`Error::Refused`] with every file that a person changed or made, unless `policy.force`; nodes that
/// are no regular files are refused in any case. Else where the disk, the lock or the plan is at fault.
pub fn apply(root: &Root, plan: &Plan, meta: &Meta, policy: Policy<'_>) -> Result<Applied, Error> {
    plan.check().map_err(Error::Plan)?;
    let fresh = !root.exists()?;
    let applied = apply_to(&*root.write()?.disk, plan, meta, policy);
    if fresh && applied.is_err() {
        root.remove_if_empty();
    }
    applied
}

/// Makes files that were not there, all or none; no lock is kept of them.
///
/// # Errors
/// [`Error::Plan`] where one of them is there already; else where the disk is at fault.
pub fn create(root: &Root, files: &[(RelPath, Vec<u8>)]) -> Result<(), Error> {
    let held = root.write()?;
    let disk = &*held.disk;
    recover::recover(disk)?;
    let mut works = Vec::new();
    for (path, bytes) in files {
        let path = path.as_str();
        let node = disk
            .node(path)
            .map_err(|error| Error::disk("look at", path, error))?;
        if node != Node::Absent {
            return Err(Error::Plan(format!("`{path}` is there already")));
        }
        let new = Mark {
            sha256: Digest::of(bytes),
            executable: false,
        };
        works.push(Work {
            step: Step {
                path: path.to_owned(),
                target: None,
                old: None,
                new: Some(new),
            },
            new: Some((bytes.as_slice(), 0o644)),
        });
    }
    commit::commit(disk, works)
}

fn apply_to(
    disk: &dyn Disk,
    plan: &Plan,
    meta: &Meta,
    policy: Policy<'_>,
) -> Result<Applied, Error> {
    let repaired = recover::recover(disk)?;
    let comparison = compare::compare(&View::plain(disk), plan, meta, policy.targets)?;
    let refused: Vec<Change> = comparison
        .changes
        .iter()
        .filter(|change| {
            change.state == State::Blocked || (change.state.is_at_risk() && !policy.force)
        })
        .cloned()
        .collect();
    if !refused.is_empty() {
        return Err(Error::Refused(refused));
    }

    let lock_text = comparison.new_lock.text();
    let mut works: Vec<Work<'_>> = comparison.changes.iter().filter_map(work).collect();
    let (written, removed) = named(&comparison);
    let lock_written = comparison.lock != LockState::Current;
    if lock_written {
        works.push(lock_work(&comparison, &lock_text));
    }
    if !works.is_empty() {
        commit::commit(disk, works)?;
    }
    let lost = comparison
        .changes
        .iter()
        .filter(|change| change.state.is_at_risk());
    Ok(Applied {
        lost: lost.cloned().collect(),
        written,
        removed,
        lock_written,
        repaired,
        comparison,
    })
}

/// Whether applying this change touches the disk.
fn is_work(change: &Change) -> bool {
    !matches!(
        change.state,
        State::Clean | State::Adopted | State::Gone | State::Blocked
    )
}

fn named(comparison: &Comparison) -> (Vec<RelPath>, Vec<RelPath>) {
    let works = comparison.changes.iter().filter(|change| is_work(change));
    let (written, removed): (Vec<&Change>, Vec<&Change>) =
        works.partition(|change| change.plan.is_some());
    let paths = |changes: Vec<&Change>| changes.iter().map(|change| change.path.clone()).collect();
    (paths(written), paths(removed))
}

fn work(change: &Change) -> Option<Work<'_>> {
    if !is_work(change) {
        return None;
    }
    let mark = |content: &Content| Mark {
        sha256: Digest::of(&content.bytes),
        executable: content.executable,
    };
    Some(Work {
        step: Step {
            path: change.path.as_str().to_owned(),
            target: Some(change.target.name().to_owned()),
            old: change.disk.as_ref().map(mark),
            new: change.plan.as_ref().map(mark),
        },
        new: change.plan.as_ref().map(|plan| {
            let mode = match &change.disk {
                Some(disk) => narrowed(disk.mode, plan.executable),
                None => plan.mode,
            };
            (plan.bytes.as_slice(), mode)
        }),
    })
}

/// The mode of a file that replaces one: what its owner took from group and others stays taken.
fn narrowed(old: u32, executable: bool) -> u32 {
    let readable = (old & 0o644) | 0o600;
    if executable {
        readable | (readable & 0o444) >> 2
    } else {
        readable
    }
}

fn lock_work<'t>(comparison: &Comparison, text: &'t str) -> Work<'t> {
    let old = comparison.old_lock.as_ref();
    Work {
        step: Step {
            path: LOCK_NAME.to_owned(),
            target: None,
            old: old.map(|content| Mark {
                sha256: Digest::of(&content.bytes),
                executable: content.executable,
            }),
            new: Some(Mark {
                sha256: Digest::of(text.as_bytes()),
                executable: false,
            }),
        },
        new: Some((
            text.as_bytes(),
            old.map_or(0o644, |content| narrowed(content.mode, false)),
        )),
    }
}

/// What is read of an output folder that does not exist.
struct NoDisk;

#[rustfmt::skip]
impl Disk for NoDisk {
    fn node(&self, _: &str) -> std::io::Result<Node> { Ok(Node::Absent) }
    fn read(&self, _: &str, _: u64) -> std::io::Result<(Vec<u8>, u32)> { none() }
    fn names(&self, _: &str) -> std::io::Result<Vec<String>> { none() }
    fn create_folder(&self, _: &str) -> std::io::Result<()> { none() }
    fn create(&self, _: &str, _: u32) -> std::io::Result<std::fs::File> { none() }
    fn write(&self, _: &mut std::fs::File, _: &[u8]) -> std::io::Result<usize> { none() }
    fn sync(&self, _: &[std::fs::File]) -> std::io::Result<()> { none() }
    fn sync_folder(&self, _: &str) -> std::io::Result<()> { none() }
    fn rename(&self, _: &str, _: &str) -> std::io::Result<()> { none() }
    fn rename_new(&self, _: &str, _: &str) -> std::io::Result<()> { none() }
    fn exchange(&self, _: &str, _: &str) -> std::io::Result<()> { none() }
    fn link(&self, _: &str, _: &str) -> std::io::Result<()> { none() }
    fn remove_file(&self, _: &str) -> std::io::Result<()> { none() }
    fn remove_folder(&self, _: &str) -> std::io::Result<()> { none() }
}

fn none<T>() -> std::io::Result<T> {
    Err(std::io::ErrorKind::NotFound.into())
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
