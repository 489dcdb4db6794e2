//! The only module that writes: compares a plan with the disk and the lock, and applies it.
//!
//! Owns the files of the output tree, `gen.lock`, `.gen/` and, while a run lasts, `.gen-stage/`. Must not
//! know where a plan comes from. Everything below the output root is reached through one folder handle
//! and by calls that follow no link. An apply is all or nothing: [`apply`] first repairs what an
//! interrupted run left, refuses as a whole what would lose a person's work, and then commits as a whole.

mod apply;
mod commit;
mod compare;
mod diff;
mod digest;
mod disk;
mod error;
mod folder;
mod guard;
mod join;
mod journal;
mod lock;
mod merge;
mod moves;
mod own;
mod pristine;
mod recover;
mod root;
mod view;

pub use apply::Action;
pub use compare::{Change, Comparison, Content, LockState, Moved, State};
pub use diff::{Block, Size, blocks, text_diff};
pub use digest::Digest;
pub use disk::{Disk, Node, Obstacle, ObstacleKind};
pub use error::{Cause, DiskError, Error, LockError, Tree};
pub use folder::FolderDisk;
pub use lock::{Entry, Lock, MAX_LOCK_BYTES, Meta};
pub use merge::Merged;
pub use recover::Repair;
pub use root::{PATIENCE, Root, Wrap};

use crate::plan::{Plan, RelPath, Target};

/// What an apply may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy<'t> {
    /// Overwrites and deletes what a person made or changed.
    pub force: bool,
    /// What becomes of edited files and conflicts where `force` is not set.
    pub merge: Merge,
    /// The targets to apply; an empty list means all. Files of others are left alone, in the lock too.
    /// The plan may hold them nevertheless, and should: so a file that moved to another target is not
    /// taken for an orphan.
    pub targets: &'t [Target],
}

/// What an apply makes of a file that a person changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Merge {
    /// It is refused.
    #[default]
    Off,
    /// An edited file is kept, a conflict is merged where that goes without conflicting lines, and the
    /// rest is refused.
    Clean,
    /// The same, and conflicting lines get git's markers.
    Markers,
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
    /// Among the written files, those in which a person's change and the plan's were joined.
    pub merged: Vec<RelPath>,
    /// Among the merged files, those that now have git's markers in them.
    pub conflicts: Vec<RelPath>,
    /// Files that a person edited and that are as they were.
    pub kept: Vec<RelPath>,
    /// What a person had made and `force` overwrote or deleted; [`Change::diff`] shows it.
    pub lost: Vec<Change>,
    /// Whether `gen.lock` was written.
    pub lock_written: bool,
    /// Whether any file of `gen` itself was written, the lock among them.
    pub recorded: bool,
    /// What was done about an interrupted run.
    pub repaired: Option<Repair>,
}

impl Applied {
    /// Whether anything was written.
    pub fn wrote(&self) -> bool {
        self.recorded || !self.written.is_empty() || !self.removed.is_empty()
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
        Some(held) => compare_on(&*held.disk, plan, meta, targets),
        None => compare_on(&disk::NoDisk, plan, meta, targets),
    }
}

/// The same for a tree that is no folder of the system, as what is staged in a repository.
///
/// # Errors
/// As [`compare`].
pub fn compare_on(
    disk: &dyn Disk,
    plan: &Plan,
    meta: &Meta,
    targets: &[Target],
) -> Result<Comparison, Error> {
    let view = recover::look_through(disk)?;
    compare::compare(&view, plan, meta, targets)
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
    let applied = apply::apply(&*root.write()?.disk, plan, meta, policy);
    if fresh && applied.is_err() {
        root.remove_if_empty();
    }
    applied
}

/// The folder of a file, and the file's name in it.
fn opened(path: &std::path::Path) -> std::io::Result<(cap_std::fs::Dir, &std::ffi::OsStr)> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(std::path::Path::new("."));
    let name = path.file_name().ok_or(std::io::ErrorKind::InvalidInput)?;
    let folder = cap_std::fs::Dir::open_ambient_dir(parent, cap_std::ambient_authority())?;
    Ok((folder, name))
}

/// Writes a report that was asked for, in place of what is at `path`. No lock is kept of it.
///
/// # Errors
/// What the system answers; the folder must exist.
pub fn write_report(path: &std::path::Path, text: &str) -> std::io::Result<()> {
    let (folder, name) = opened(path)?;
    folder.write(name, text)
}

/// Puts new texts in place of files that a person keeps, each by a rename; no lock is kept of them.
///
/// All are written beside the old ones before the first takes its place.
///
/// # Errors
/// What the system answers, with the path; before the first rename nothing has changed.
pub fn replace(files: &[(std::path::PathBuf, String)]) -> std::io::Result<()> {
    let mut ready = Vec::new();
    for (path, text) in files {
        let (folder, name) = opened(path)?;
        let mut beside = std::ffi::OsString::from(".gen-fix-");
        beside.push(name);
        let old = folder.symlink_metadata(name)?;
        if !old.is_file() {
            return Err(std::io::ErrorKind::InvalidInput.into());
        }
        folder.write(&beside, text)?;
        folder.set_permissions(&beside, old.permissions())?;
        ready.push((folder, beside, name.to_owned()));
    }
    for (folder, beside, name) in &ready {
        folder.rename(beside, folder, name)?;
    }
    Ok(())
}

/// Makes files that were not there, all or none; no lock is kept of them.
///
/// # Errors
/// [`Error::Plan`] where one of them is there already; else where the disk is at fault.
pub fn create(root: &Root, files: &[(RelPath, Vec<u8>)]) -> Result<(), Error> {
    let fresh = !root.exists()?;
    let created = apply::create(&*root.write()?.disk, files);
    if fresh && created.is_err() {
        root.remove_if_empty();
    }
    created
}
