//! Repairs what an interrupted run left: finishes it where all staged files are whole, else undoes it.
//!
//! Trusts neither the stage nor the journal. A file that a person changed since the interruption is left
//! alone in either direction. The same judgement, without a write, gives readers their [`View`].

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::commit::{each_phase, kept_whole, make, put_back, remove_if_empty, sync_folders, take};
use super::disk::{Disk, Node, Obstacle, ObstacleKind, split};
use super::error::Error;
use super::journal::{JOURNAL, Journal, Mark, STAGE, Step, aside, is_stage_name, staged};
use super::moves::settle;
use super::view::{Shown, View};

/// How an interrupted run was repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// Its commit was completed: the tree is the one it was writing.
    Finished,
    /// Its commit was undone: the tree is the one before it.
    Undone,
    /// It had not begun to commit: only its staged files were removed.
    Cleared,
}

/// How far a step got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Not taken, and it can be.
    Pending,
    /// Taken.
    Done,
    /// Taken, and what it took away was a person's fresh work.
    Displaced,
    /// A person changed the file since.
    Foreign,
    /// Not taken, and its staged file is gone or damaged.
    Broken,
}

fn progress(disk: &dyn Disk, at: usize, step: &Step) -> io::Result<Progress> {
    let target = Mark::of(disk, &step.path)?;
    let mut kept = Mark::of(disk, &staged(at))?;
    if let (None, Some(mark)) = (kept, Mark::of(disk, &aside(at))?) {
        kept = Some(mark);
    }
    Ok(judge(step, target, kept))
}

fn judge(step: &Step, target: Option<Mark>, kept: Option<Mark>) -> Progress {
    let replaces = step.old.is_some() && step.new.is_some();
    let harmless = kept.is_none() || step.old.is_none() || step.is_old(kept) || step.is_new(kept);
    let stageable = step.new.is_none() || step.is_new(kept);
    if step.is_new(target) {
        if harmless {
            Progress::Done
        } else {
            Progress::Displaced
        }
    } else if step.is_old(target) || (replaces && target.is_none() && step.is_new(kept)) {
        // A replaced file is absent for a moment where files cannot be exchanged.
        if stageable {
            Progress::Pending
        } else {
            Progress::Broken
        }
    } else {
        Progress::Foreign
    }
}

/// Whether there is a stage, and the journal in it.
fn read_stage(disk: &dyn Disk) -> Result<Option<Option<Journal>>, Error> {
    let looked = |path, error| Error::disk("look at", path, error);
    match disk.node(STAGE).map_err(|error| looked(STAGE, error))? {
        Node::Absent => return Ok(None),
        Node::Folder => {}
        Node::File { .. } => return Err(in_the_way(STAGE, ObstacleKind::File)),
        Node::Obstacle(obstacle) => return Err(Error::Obstacle(obstacle)),
    }
    match disk.node(JOURNAL).map_err(|error| looked(JOURNAL, error))? {
        Node::Absent => Ok(Some(None)),
        Node::Folder => Err(in_the_way(JOURNAL, ObstacleKind::Folder)),
        Node::Obstacle(obstacle) => Err(Error::Obstacle(obstacle)),
        Node::File { .. } => {
            let read = Journal::read(disk).map_err(|error| Error::disk("read", JOURNAL, error))?;
            let journal = read.map_err(|reason| {
                let error = io::Error::new(io::ErrorKind::InvalidData, reason);
                Error::disk("use", JOURNAL, error)
            })?;
            Ok(Some(Some(journal)))
        }
    }
}

fn in_the_way(path: &str, kind: ObstacleKind) -> Error {
    Error::Obstacle(Obstacle {
        path: path.to_owned(),
        kind,
    })
}

/// Repairs the tree, if it needs that.
pub(super) fn recover(disk: &dyn Disk) -> Result<Option<Repair>, Error> {
    match read_stage(disk)? {
        None => Ok(None),
        Some(None) => clear_stage(disk).map(|()| Some(Repair::Cleared)),
        Some(Some(journal)) => repair(disk, &journal).map(Some).map_err(Error::interrupted),
    }
}

fn repair(disk: &dyn Disk, journal: &Journal) -> Result<Repair, Error> {
    for (at, step) in journal.steps.iter().enumerate() {
        settle_step(disk, at, step).map_err(|error| Error::disk("repair", &step.path, error))?;
    }
    if can_finish(disk, journal)? && finish(disk, journal).is_ok() {
        drop_stage(disk)?;
        return Ok(Repair::Finished);
    }
    roll_back(disk, journal)?;
    Ok(Repair::Undone)
}

fn can_finish(disk: &dyn Disk, journal: &Journal) -> Result<bool, Error> {
    for (at, step) in journal.steps.iter().enumerate() {
        if look(disk, at, step)? == Progress::Broken {
            return Ok(false);
        }
    }
    Ok(true)
}

fn look(disk: &dyn Disk, at: usize, step: &Step) -> Result<Progress, Error> {
    progress(disk, at, step).map_err(|error| Error::disk("read", &step.path, error))
}

/// Ends moves that were cut off in the middle, so that each file is in one place.
fn settle_step(disk: &dyn Disk, at: usize, step: &Step) -> io::Result<()> {
    if step.old.is_some() && step.new.is_some() {
        return settle(disk, &staged(at), &step.path, &aside(at));
    }
    let kept = Mark::of(disk, &staged(at))?;
    if kept.is_some() && kept == Mark::of(disk, &step.path)? {
        disk.remove_file(&staged(at))?;
    }
    Ok(())
}

fn finish(disk: &dyn Disk, journal: &Journal) -> Result<(), Error> {
    each_phase(disk, journal, |at, step| {
        let failed = |error| Error::disk("write", &step.path, error);
        match look(disk, at, step)? {
            Progress::Pending => {
                take(disk, at, step).map_err(failed)?;
                if !kept_whole(disk, at, step).map_err(failed)? {
                    put_back(disk, at, step).map_err(failed)?;
                }
                Ok(())
            }
            Progress::Displaced => put_back(disk, at, step).map_err(failed),
            Progress::Done | Progress::Foreign | Progress::Broken => Ok(()),
        }
    })
}

/// Puts every file back that a commit took, then removes the journal and the stage.
///
/// The folders that were made go before removed files come back, for one may have had the other's name.
pub(super) fn roll_back(disk: &dyn Disk, journal: &Journal) -> Result<(), Error> {
    let steps = || journal.steps.iter().enumerate().rev();
    for (at, step) in steps().filter(|(_, step)| step.new.is_some()) {
        undo(disk, at, step)?;
    }
    for folder in journal.made.iter().rev() {
        remove_if_empty(disk, folder)?;
    }
    for (at, step) in steps().filter(|(_, step)| step.new.is_none()) {
        undo(disk, at, step)?;
    }
    let folders = journal
        .steps
        .iter()
        .map(|step| split(&step.path).0.to_owned());
    sync_folders(disk, folders.collect::<BTreeSet<_>>())?;
    drop_stage(disk)
}

fn undo(disk: &dyn Disk, at: usize, step: &Step) -> Result<(), Error> {
    let failed = |error| Error::disk("put back", &step.path, error);
    settle_step(disk, at, step).map_err(failed)?;
    if !matches!(look(disk, at, step)?, Progress::Done | Progress::Displaced) {
        return Ok(());
    }
    let kept = Mark::of(disk, &staged(at)).map_err(failed)?;
    if step.old.is_none() || kept.is_some() {
        for (end, _) in step.path.match_indices('/') {
            make(disk, &step.path[..end])?;
        }
        put_back(disk, at, step).map_err(failed)?;
    }
    Ok(())
}

/// Removes the journal first, for without it the rest is only litter.
pub(super) fn drop_stage(disk: &dyn Disk) -> Result<(), Error> {
    match disk.remove_file(JOURNAL) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::disk("remove", JOURNAL, error).interrupted())
        }
        _ => clear_stage(disk),
    }
}

/// Removes a stage without a journal. What `gen` does not put there stays, and is told.
pub(super) fn clear_stage(disk: &dyn Disk) -> Result<(), Error> {
    let failed = |action, path: &str, error| Error::disk(action, path, error);
    let names = match disk.names(STAGE) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(|error| failed("list", STAGE, error))?,
    };
    for name in names {
        let path = format!("{STAGE}/{name}");
        match disk
            .node(&path)
            .map_err(|error| failed("look at", &path, error))?
        {
            Node::File { .. } if is_stage_name(&name) => disk
                .remove_file(&path)
                .map_err(|error| failed("remove", &path, error))?,
            Node::Obstacle(obstacle) => return Err(Error::Obstacle(obstacle)),
            _ => return Err(in_the_way(&path, ObstacleKind::Other)),
        }
    }
    disk.remove_folder(STAGE)
        .map_err(|error| failed("remove the folder", STAGE, error))
}

/// Where the file that a step took away is kept.
fn kept_at(disk: &dyn Disk, at: usize) -> io::Result<Option<Shown>> {
    for path in [aside(at), staged(at)] {
        if disk.node(&path)? != Node::Absent {
            return Ok(Some(Shown::At(path)));
        }
    }
    Ok(None)
}

/// The tree as [`recover`] would leave it, read without a write.
pub(super) fn look_through(disk: &dyn Disk) -> Result<View<'_>, Error> {
    let Some(Some(journal)) = read_stage(disk)? else {
        return Ok(View::plain(disk));
    };
    let finishes = can_finish(disk, &journal)?;
    let mut shown = BTreeMap::new();
    for (at, step) in journal.steps.iter().enumerate() {
        let failed = |error| Error::disk("read", &step.path, error);
        let place = match (look(disk, at, step)?, finishes) {
            (Progress::Pending, true) if step.new.is_none() => Some(Shown::Absent),
            (Progress::Pending, true) => Some(Shown::At(staged(at))),
            (Progress::Done, false) if step.old.is_none() => Some(Shown::Absent),
            (Progress::Done, false) | (Progress::Displaced, _) => {
                kept_at(disk, at).map_err(failed)?
            }
            (Progress::Pending, false) => match disk.node(&step.path).map_err(failed)? {
                Node::Absent if step.old.is_some() => kept_at(disk, at).map_err(failed)?,
                _ => None,
            },
            _ => None,
        };
        shown.extend(place.map(|place| (step.path.clone(), place)));
    }
    Ok(View::through(disk, shown))
}
