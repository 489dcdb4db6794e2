//! Writes many files as if they were one.
//!
//! New files are staged beside the tree and synced, the journal is written, then each file is swapped with
//! its staged successor. Nothing is destroyed before the lock is in place: a failure swaps everything
//! back, and an interrupted run is finished or undone by `recover`, which shares the code below.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;

use super::disk::{Disk, Node, split};
use super::error::Error;
use super::journal::{JOURNAL, JOURNAL_DRAFT, Journal, Mark, STAGE, Step, aside, staged};
use super::moves::{place, swap};
use super::recover::{drop_stage, roll_back};

/// One file of a commit, with the bytes that it will have.
#[derive(Debug)]
pub(super) struct Work<'p> {
    pub step: Step,
    /// The new bytes and the mode to ask for.
    pub new: Option<(&'p [u8], u32)>,
}

/// How many staged files are open at once, well below any usual limit.
const BATCH: usize = 128;

/// How many signals one write may be cut off by before something else must be wrong.
const SIGNALS: usize = 100;

/// Takes all steps, or none.
pub(super) fn commit(disk: &dyn Disk, works: Vec<Work<'_>>) -> Result<(), Error> {
    let (made, emptied) = folders(disk, &works)?;
    let prepared = stage(disk, &works).and_then(|()| {
        let steps = works.into_iter().map(|work| work.step).collect();
        let journal = Journal::new(steps, made, emptied);
        write_journal(disk, &journal).map(|()| journal)
    });
    let journal = match prepared {
        Ok(journal) => journal,
        Err(error) => {
            // A stage without a journal that cannot be removed is litter, and the next run's business.
            return Err(match drop_stage(disk) {
                Err(left) if left.is_interrupted() => error.interrupted(),
                _ => error,
            });
        }
    };
    if let Err(error) = take_all(disk, &journal) {
        return Err(match roll_back(disk, &journal) {
            Ok(()) => error,
            Err(_) => error.interrupted(),
        });
    }
    drop_stage(disk).map_err(Error::interrupted)
}

/// The folders that have to be made, outermost first, and those that may become empty, innermost first.
fn folders(disk: &dyn Disk, works: &[Work<'_>]) -> Result<(Vec<String>, Vec<String>), Error> {
    let mut made = BTreeSet::new();
    let mut emptied = BTreeSet::new();
    for work in works {
        for (at, _) in work.step.path.match_indices('/') {
            let folder = &work.step.path[..at];
            if work.step.new.is_none() {
                emptied.insert(folder.to_owned());
                continue;
            }
            let node = disk.node(folder);
            if node.map_err(|error| Error::disk("look at", folder, error))? != Node::Folder {
                made.insert(folder.to_owned());
            }
        }
    }
    let needed = |folder: &String| {
        let below = format!("{folder}/");
        let mut kept = works.iter().filter(|work| work.step.new.is_some());
        !kept.any(|work| work.step.path.starts_with(&below))
    };
    let emptied = emptied.into_iter().rev().filter(needed).collect();
    Ok((made.into_iter().collect(), emptied))
}

fn stage(disk: &dyn Disk, works: &[Work<'_>]) -> Result<(), Error> {
    disk.create_folder(STAGE)
        .map_err(|error| Error::disk("create the folder", STAGE, error))?;
    let mut open = Vec::new();
    for (at, work) in works.iter().enumerate() {
        if let Some((bytes, mode)) = work.new {
            let path = &work.step.path;
            open.push(
                write(disk, &staged(at), bytes, mode)
                    .map_err(|error| Error::disk("write", path, error))?,
            );
        }
        if open.len() == BATCH {
            sync(disk, &mut open)?;
        }
    }
    sync(disk, &mut open)
}

fn sync(disk: &dyn Disk, open: &mut Vec<File>) -> Result<(), Error> {
    if !open.is_empty() {
        disk.sync(open)
            .map_err(|error| Error::disk("sync", STAGE, error))?;
        open.clear();
    }
    Ok(())
}

fn write(disk: &dyn Disk, path: &str, bytes: &[u8], mode: u32) -> io::Result<File> {
    let mut file = disk.create(path, mode)?;
    let mut rest = bytes;
    let mut signals = 0;
    while !rest.is_empty() {
        match disk.write(&mut file, rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => rest = &rest[count..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted && signals < SIGNALS => {
                signals += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(file)
}

/// From here on the commit is one: the journal appears whole, after all that it speaks of.
fn write_journal(disk: &dyn Disk, journal: &Journal) -> Result<(), Error> {
    let draft = write(disk, JOURNAL_DRAFT, &journal.text(), 0o644)
        .map_err(|error| Error::disk("write", JOURNAL_DRAFT, error))?;
    disk.sync(&[draft])
        .map_err(|error| Error::disk("sync", JOURNAL_DRAFT, error))?;
    sync_folders(disk, [STAGE.to_owned(), String::new()])?;
    disk.rename(JOURNAL_DRAFT, JOURNAL)
        .map_err(|error| Error::disk("write", JOURNAL, error))?;
    sync_folders(disk, [STAGE.to_owned()])
}

fn take_all(disk: &dyn Disk, journal: &Journal) -> Result<(), Error> {
    each_phase(disk, journal, |at, step| {
        let failed = |error| Error::disk(verb(step), &step.path, error);
        take(disk, at, step).map_err(failed)?;
        // What was swapped out is looked at once more: somebody may have saved it a moment ago.
        if kept_whole(disk, at, step).map_err(failed)? {
            Ok(())
        } else {
            Err(failed(io::ErrorKind::AlreadyExists.into()))
        }
    })
}

fn verb(step: &Step) -> &'static str {
    if step.new.is_some() {
        "write"
    } else {
        "remove"
    }
}

/// Calls `take` for every step, in the order that makes room first and records last, with the folders
/// made, removed and synced between.
pub(super) fn each_phase(
    disk: &dyn Disk,
    journal: &Journal,
    mut take: impl FnMut(usize, &Step) -> Result<(), Error>,
) -> Result<(), Error> {
    let steps = || journal.steps.iter().enumerate();
    for (at, step) in steps().filter(|(_, step)| step.new.is_none()) {
        take(at, step)?;
    }
    for folder in &journal.emptied {
        remove_if_empty(disk, folder)?;
    }
    for folder in &journal.made {
        make(disk, folder)?;
    }
    let written = || steps().filter(|(_, step)| step.new.is_some());
    for (at, step) in written().filter(|(_, step)| !step.is_lock()) {
        take(at, step)?;
    }
    sync_folders(disk, touched(journal))?;
    for (at, step) in written().filter(|(_, step)| step.is_lock()) {
        take(at, step)?;
    }
    sync_folders(disk, [String::new(), STAGE.to_owned()])
}

/// The folders whose names a commit changes, and that are there at its end.
fn touched(journal: &Journal) -> BTreeSet<String> {
    let paths = journal.steps.iter().map(|step| step.path.as_str());
    let folders = journal.made.iter().chain(&journal.emptied);
    let all = paths
        .chain(folders.map(String::as_str))
        .map(|path| split(path).0);
    all.filter(|folder| !journal.emptied.iter().any(|gone| gone == folder))
        .map(str::to_owned)
        .collect()
}

/// Syncs these folders, except those that are not there any more.
pub(super) fn sync_folders(
    disk: &dyn Disk,
    folders: impl IntoIterator<Item = String>,
) -> Result<(), Error> {
    let folders: Vec<String> = folders.into_iter().collect();
    let common = folders.first().map_or("", String::as_str);
    disk.sync_folders(&folders)
        .map_err(|error| Error::disk("sync", common, error))
}

/// Makes a folder, unless it is there.
pub(super) fn make(disk: &dyn Disk, folder: &str) -> Result<(), Error> {
    let failed = |error| Error::disk("create the folder", folder, error);
    match disk.create_folder(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            match disk.node(folder).map_err(failed)? {
                Node::Folder => Ok(()),
                _ => Err(failed(error)),
            }
        }
        other => other.map_err(failed),
    }
}

/// Removes a folder, unless something is in it.
pub(super) fn remove_if_empty(disk: &dyn Disk, folder: &str) -> Result<(), Error> {
    match disk.remove_folder(folder) {
        Err(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::NotFound
                    | io::ErrorKind::DirectoryNotEmpty
                    | io::ErrorKind::NotADirectory
                    | io::ErrorKind::ResourceBusy
            ) =>
        {
            Err(Error::disk("remove the folder", folder, error))
        }
        _ => Ok(()),
    }
}

/// Takes one step: the file and its staged successor change places.
pub(super) fn take(disk: &dyn Disk, at: usize, step: &Step) -> io::Result<()> {
    match (step.old, step.new) {
        (Some(_), Some(_)) => swap(disk, &staged(at), &step.path, &aside(at)),
        (None, Some(_)) => place(disk, &staged(at), &step.path),
        (Some(_), None) => place(disk, &step.path, &staged(at)),
        (None, None) => Ok(()),
    }
}

/// Undoes one step.
pub(super) fn put_back(disk: &dyn Disk, at: usize, step: &Step) -> io::Result<()> {
    match (step.old, step.new) {
        (None, Some(_)) => place(disk, &step.path, &staged(at)),
        (Some(_), None) => place(disk, &staged(at), &step.path),
        _ => take(disk, at, step),
    }
}

/// Whether what a step took away is what it meant to take away.
pub(super) fn kept_whole(disk: &dyn Disk, at: usize, step: &Step) -> io::Result<bool> {
    Ok(step.old.is_none() || step.is_old(Mark::of(disk, &staged(at))?))
}
