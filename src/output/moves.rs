//! The three moves of a commit, each of which loses nothing: put a file in place, swap two, take one away.
//!
//! Nothing is overwritten: what was there ends up in the stage. Where the file system has no exchange or
//! no rename without replacing, a longer way over a second name does the same; `recover` knows its
//! stations.

use std::io;

use super::disk::{Disk, Node};

fn unsupported(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}

/// Moves `from` to `to`, where nothing may be.
pub(super) fn place(disk: &dyn Disk, from: &str, to: &str) -> io::Result<()> {
    match disk.rename_new(from, to) {
        Err(error) if unsupported(&error) => {}
        other => return other,
    }
    match disk.link(from, to) {
        Ok(()) => return disk.remove_file(from),
        Err(error) if unsupported(&error) => {}
        Err(error) => return Err(error),
    }
    match disk.node(to)? {
        Node::Absent => disk.rename(from, to),
        _ => Err(io::ErrorKind::AlreadyExists.into()),
    }
}

/// Swaps the file at `staged` with the one at `target`; `aside` is a free name beside `staged`.
pub(super) fn swap(disk: &dyn Disk, staged: &str, target: &str, aside: &str) -> io::Result<()> {
    match disk.exchange(staged, target) {
        Err(error) if unsupported(&error) => {}
        other => return other,
    }
    match disk.link(target, aside) {
        // The target is never absent this way.
        Ok(()) => disk.rename(staged, target)?,
        Err(error) if unsupported(&error) => {
            disk.rename(target, aside)?;
            disk.rename(staged, target)?;
        }
        Err(error) => return Err(error),
    }
    disk.rename(aside, staged)
}

/// Brings a swap that was cut off half-way back to its beginning or on to its end.
pub(super) fn settle(disk: &dyn Disk, staged: &str, target: &str, aside: &str) -> io::Result<()> {
    if disk.node(aside)? == Node::Absent {
        return Ok(());
    }
    if disk.node(target)? == Node::Absent {
        return disk.rename(aside, target);
    }
    match disk.node(staged)? {
        // The new file is still staged, so the second name is one too many.
        Node::File { .. } => disk.remove_file(aside),
        _ => disk.rename(aside, staged),
    }
}
