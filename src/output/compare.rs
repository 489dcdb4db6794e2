//! Disk against lock against plan, file by file. Reads only.
//!
//! Owns the words for what can become of a file ([`State`]). A checkout that converted line ends to CRLF
//! is what was rendered; of the mode, only the owner's executable bit counts.

use std::collections::BTreeMap;
use std::fmt;

use super::digest::Digest;
use super::disk::{Node, Obstacle, ObstacleKind};
use super::error::Error;
use super::join::join;
use super::journal::READ_LIMIT;
use super::lock::{Entry, Lock, Meta};
use super::merge::{Merged, has_markers};
use super::view::View;
use crate::plan::{Plan, RelPath, Target};

mod give_way;
mod locked;
mod on_disk;
mod state;

use give_way::give_way;
pub(super) use locked::read_lock;
use locked::read_lock_of;
use on_disk::OnDisk;
pub(super) use on_disk::without_cr;
pub use state::State;

/// The bytes of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether its owner may execute it.
    pub executable: bool,
    /// Its permission bits on disk; what a new file asks for, where it is planned.
    pub mode: u32,
}

/// One file and what can become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub path: RelPath,
    /// What can become of it.
    pub state: State,
    /// The target it belongs to.
    pub target: Target,
    /// Whether the disk has it with CRLF where it was rendered with LF.
    pub crlf: bool,
    /// What is on disk; left out where the file is clean.
    pub disk: Option<Content>,
    /// What the plan wants; left out where the file is clean.
    pub plan: Option<Content>,
    /// The digest that the lock has.
    pub locked: Option<Digest>,
    /// For a conflict, both changes joined; left out where what was rendered is not known any more.
    pub merged: Option<Merged>,
    /// Whether lines of an earlier conflict are still marked in it.
    pub unresolved: bool,
    /// The other end, where what a person edited goes on under another path.
    pub moved: Option<Moved>,
    /// What is in the way.
    pub obstacle: Option<Obstacle>,
}

/// A file that a person edited and that the plan has under another path now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The other path.
    pub path: RelPath,
    /// Whether the other path is the new one.
    pub to: bool,
    /// Whether the edit and the plan's change meet in the same lines.
    pub conflicts: bool,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path, self.state.name())?;
        if let Some(obstacle) = &self.obstacle {
            return write!(f, " ({obstacle})");
        }
        match (self.state, &self.plan) {
            (State::Conflict, None) => match &self.moved {
                Some(moved) => write!(f, ", and the spec has it as `{}` now", moved.path),
                None => f.write_str(", and the spec no longer has it"),
            },
            (state, _) if state.is_at_risk() => write!(f, " ({})", self.size()),
            _ => Ok(()),
        }
    }
}

/// Whether `gen.lock` says what a render now would write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockState {
    /// It does.
    Current,
    /// The files agree; what they were made from does not.
    Meta,
    /// The files do not agree.
    Files,
    /// There is none.
    Absent,
}

/// Everything that a render would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// One for each file of the plan and of the lock, sorted by path.
    pub changes: Vec<Change>,
    /// What becomes of `gen.lock`.
    pub lock: LockState,
    /// Whether an interrupted run was read through.
    pub interrupted: bool,
    /// What the lock says that the tree was rendered from.
    pub rendered: Option<Meta>,
    pub(super) new_lock: Lock,
    pub(super) old_lock: Option<Content>,
}

impl Comparison {
    /// Whether a render would write nothing at all. What a user owns may differ.
    pub fn is_clean(&self) -> bool {
        self.lock == LockState::Current
            && self
                .changes
                .iter()
                .all(|change| matches!(change.state, State::Clean | State::Owned))
    }

    /// How many files are in that state.
    pub fn count(&self, state: State) -> usize {
        let of_state = |change: &&Change| change.state == state;
        self.changes.iter().filter(of_state).count()
    }
}

/// Compares every file of the plan and of the lock that belongs to `targets` (all, if empty).
pub(super) fn compare(
    view: &View<'_>,
    plan: &Plan,
    meta: &Meta,
    targets: &[Target],
) -> Result<Comparison, Error> {
    plan.check().map_err(Error::Plan)?;
    let planned = planned(plan, targets)?;
    let old = read_lock_of(view, &planned, meta)?;
    let locked = old.as_ref().map(|(lock, _)| &lock.files);
    // A file that moved to a target which is not rendered now is not this render's business.
    let ours = |path: &RelPath, entry: &Entry| {
        planned.contains_key(path)
            || ((targets.is_empty() || targets.contains(&entry.target))
                && !plan.artifacts().contains_key(path))
    };

    let mut changes = Vec::with_capacity(planned.len());
    let mut buffer = Vec::new();
    let locked_ours = locked.into_iter().flatten();
    let locked_ours = locked_ours.filter(|(path, entry)| ours(path, entry));
    for (path, lock, wanted) in side_by_side(locked_ours, &planned) {
        changes.push(change(view, plan, path, (lock, wanted), &mut buffer)?);
    }
    give_way(view, &mut changes)?;
    join(view, &mut changes, locked)?;

    // Of a file that the user owns the lock still says what was rendered before it was theirs.
    let entry = |path: &RelPath, entry: &Entry| match plan.is_owned(path.as_str()) {
        true => locked.and_then(|files| files.get(path)).copied(),
        false => Some(*entry),
    };
    let mut files: BTreeMap<RelPath, Entry> = planned
        .iter()
        .filter_map(|(path, planned)| Some(((*path).clone(), entry(path, planned)?)))
        .collect();
    let kept = locked.into_iter().flatten();
    for (path, entry) in kept.filter(|(path, entry)| !ours(path, entry)) {
        files.insert(path.clone(), *entry);
    }
    let new_lock = Lock {
        meta: meta.clone(),
        files,
    };
    Ok(Comparison {
        changes,
        lock: match &old {
            None => LockState::Absent,
            Some((old, _)) if *old == new_lock => LockState::Current,
            Some((old, _)) if old.files == new_lock.files => LockState::Meta,
            Some(_) => LockState::Files,
        },
        interrupted: view.is_interrupted(),
        rendered: old.as_ref().map(|(lock, _)| lock.meta.clone()),
        new_lock,
        old_lock: old.map(|(_, content)| content),
    })
}

/// What the lock and the plan say of each path that one of them has, sorted as both are.
fn side_by_side<'l>(
    locked: impl Iterator<Item = (&'l RelPath, &'l Entry)>,
    planned: &BTreeMap<&'l RelPath, Entry>,
) -> Vec<(&'l RelPath, Option<Entry>, Option<Entry>)> {
    let mut all = Vec::with_capacity(planned.len());
    let mut planned = planned.iter().peekable();
    for (path, entry) in locked {
        while let Some((before, wanted)) = planned.next_if(|(next, _)| **next < path) {
            all.push((*before, None, Some(*wanted)));
        }
        let same = planned.next_if(|(next, _)| **next == path);
        all.push((path, Some(*entry), same.map(|(_, wanted)| *wanted)));
    }
    all.extend(planned.map(|(path, wanted)| (*path, None, Some(*wanted))));
    all
}

fn planned<'p>(plan: &'p Plan, targets: &[Target]) -> Result<BTreeMap<&'p RelPath, Entry>, Error> {
    let mut planned = Vec::with_capacity(plan.artifacts().len());
    for (path, artifact) in plan.artifacts() {
        if !super::lock::is_allowed(path, artifact.target) {
            return Err(Error::Plan(format!(
                "`{}` would write the workflow `{path}` as target `{}`; only the target `workflow` \
                 may",
                artifact.origin,
                artifact.target.name()
            )));
        }
        let wanted = targets.is_empty() || targets.contains(&artifact.target);
        if wanted && plan.is_selected(path.as_str()) {
            let entry = Entry {
                sha256: Digest::of_artifact(artifact),
                target: artifact.target,
                executable: artifact.executable,
            };
            planned.push((path, entry));
        }
    }
    // Sorted already, so that the map is built without a comparison for each level.
    Ok(planned.into_iter().collect())
}

fn change(
    view: &View<'_>,
    plan: &Plan,
    path: &RelPath,
    (lock, wanted): (Option<Entry>, Option<Entry>),
    buffer: &mut Vec<u8>,
) -> Result<Change, Error> {
    let entry = wanted
        .or(lock)
        .expect("internal error: a change of no file");
    let mut change = Change {
        path: path.clone(),
        state: State::Clean,
        target: entry.target,
        crlf: false,
        disk: None,
        plan: None,
        locked: lock.map(|entry| entry.sha256),
        merged: None,
        unresolved: false,
        moved: None,
        obstacle: None,
    };
    let artifact = plan.artifacts().get(path).zip(wanted);
    let planned = artifact.map(|(artifact, entry)| (&artifact.bytes[..], entry.sha256));
    let disk = match read(view, path, planned, buffer)? {
        Ok(disk) => disk,
        Err(obstacle) => {
            change.state = State::Blocked;
            change.obstacle = Some(obstacle);
            None
        }
    };
    if plan.is_owned(path.as_str()) {
        let same = matches!((&disk, &wanted), (Some(disk), Some(plan)) if disk.is(plan));
        change.state = if same { State::Clean } else { State::Owned };
    } else if change.state != State::Blocked {
        change.state = state(disk.as_ref(), lock.as_ref(), wanted.as_ref());
    }
    if let (Some(disk), true) = (&disk, change.state.is_at_risk()) {
        change.unresolved = has_markers(&disk.bytes);
    }
    if let (Some(disk), Some(entry)) = (&disk, wanted.or(lock)) {
        change.crlf = disk.sha256 != entry.sha256 && disk.is(&entry);
    }
    if change.state != State::Clean {
        change.disk = disk.map(OnDisk::into_content);
        change.plan = artifact.map(|(artifact, _)| Content {
            bytes: artifact.bytes.to_vec(),
            executable: artifact.executable,
            mode: if artifact.executable { 0o755 } else { 0o644 },
        });
    }
    Ok(change)
}

fn state(disk: Option<&OnDisk<'_>>, lock: Option<&Entry>, plan: Option<&Entry>) -> State {
    let same = |one: &Entry, other: &Entry| {
        one.sha256 == other.sha256 && one.executable == other.executable
    };
    match (disk, lock, plan) {
        (None, _, Some(_)) => State::Missing,
        (None, _, None) => State::Gone,
        (Some(disk), Some(lock), None) if disk.is(lock) => State::Orphan,
        (Some(_), _, None) => State::Conflict,
        (Some(disk), lock, Some(plan)) if disk.is(plan) => match lock {
            Some(lock) if same(lock, plan) => State::Clean,
            _ => State::Adopted,
        },
        (Some(_), None, Some(_)) => State::Unknown,
        (Some(disk), Some(lock), Some(_)) if disk.is(lock) => State::Stale,
        (Some(_), Some(lock), Some(plan)) if same(lock, plan) => State::Edited,
        (Some(_), Some(_), Some(_)) => State::Conflict,
    }
}

fn read<'p>(
    view: &View<'_>,
    path: &RelPath,
    planned: Option<(&'p [u8], Digest)>,
    buffer: &mut Vec<u8>,
) -> Result<Result<Option<OnDisk<'p>>, Obstacle>, Error> {
    let in_the_way = |kind| {
        Ok(Err(Obstacle {
            path: path.as_str().to_owned(),
            kind,
        }))
    };
    if let Some((mode, filled)) = view.read_at_once(path.as_str(), READ_LIMIT, buffer) {
        return Ok(Ok(Some(OnDisk::new(&buffer[..filled], mode, planned))));
    }
    match view.node(path.as_str())? {
        Node::Absent => Ok(Ok(None)),
        Node::Folder => in_the_way(ObstacleKind::Folder),
        Node::Obstacle(obstacle) => Ok(Err(obstacle)),
        Node::File { length, .. } if length > READ_LIMIT => in_the_way(ObstacleKind::Huge),
        Node::File { .. } => {
            let (bytes, mode) = view.read(path.as_str(), READ_LIMIT)?;
            Ok(Ok(Some(OnDisk::new(&bytes, mode, planned))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_has_its_state() {
        let entry = |text: &str| Entry {
            sha256: Digest::of(text.as_bytes()),
            target: Target::Image,
            executable: false,
        };
        let case = |disk: Option<&str>, lock: Option<&str>, plan: Option<&str>| {
            let disk = disk.map(|text| OnDisk::new(text.as_bytes(), 0o644, None));
            state(
                disk.as_ref(),
                lock.map(entry).as_ref(),
                plan.map(entry).as_ref(),
            )
        };
        let (a, b, c) = (Some("a"), Some("b"), Some("c"));
        assert_eq!(case(a, a, a), State::Clean);
        assert_eq!(case(a, None, a), State::Adopted);
        assert_eq!(case(a, b, a), State::Adopted);
        assert_eq!(case(b, a, a), State::Edited);
        assert_eq!(case(a, a, b), State::Stale);
        assert_eq!(case(a, b, c), State::Conflict);
        assert_eq!(case(b, a, None), State::Conflict);
        assert_eq!(case(None, a, a), State::Missing);
        assert_eq!(case(None, None, a), State::Missing);
        assert_eq!(case(a, a, None), State::Orphan);
        assert_eq!(case(None, a, None), State::Gone);
        assert_eq!(case(a, None, b), State::Unknown);
    }
}
