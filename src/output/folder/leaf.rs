//! One name below a folder's handle: looked at and read with one call each, and never through a link.
//!
//! What `cap_std` does for whole paths is more than a single name needs, and these are the calls that a
//! comparison makes for every file.

use std::io::{self, Read};

use cap_std::fs::Dir;

use crate::output::disk::Node;

/// The regular file of that name; nothing where it is something else, and somebody has to look closer.
#[cfg(unix)]
pub(super) fn file(dir: &Dir, name: &str) -> Option<Node> {
    use rustix::fs::{AtFlags, statat};
    let found = statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    let (length, mode) = regular(&found)?;
    Some(Node::File { length, mode })
}

/// The length and the permission bits of a regular file.
#[cfg(unix)]
fn regular(found: &rustix::fs::Stat) -> Option<(u64, u32)> {
    use rustix::fs::{FileType, Mode};
    if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
        return None;
    }
    #[allow(
        clippy::useless_conversion,
        reason = "modes have 16 bits on some systems"
    )]
    let mode = u32::from(Mode::from_raw_mode(found.st_mode).bits());
    Some((u64::try_from(found.st_size).ok()?, mode))
}

#[cfg(not(unix))]
pub(super) fn file(_dir: &Dir, _name: &str) -> Option<Node> {
    None
}

/// Opens a file for reading. Does not wait for a pipe that stands in its place.
#[cfg(unix)]
pub(super) fn open(dir: &Dir, name: &str) -> io::Result<std::fs::File> {
    use rustix::fs::{Mode, OFlags, openat};
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    Ok(openat(dir, name, flags | OFlags::CLOEXEC, Mode::empty())?.into())
}

#[cfg(not(unix))]
pub(super) fn open(dir: &Dir, name: &str) -> io::Result<std::fs::File> {
    use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt};
    let mut options = cap_std::fs::OpenOptions::new();
    options.read(true).follow(FollowSymlinks::No);
    Ok(dir.open_with(name, &options)?.into_std())
}

/// The permission bits of the regular file of that name, and how many bytes of it `buffer` begins with; nothing
/// where it is something else or cannot be read, and somebody has to look closer. What is asked of the open
/// file needs no second search for its name.
#[cfg(unix)]
pub(super) fn read_at_once(
    dir: &Dir,
    name: &str,
    limit: u64,
    buffer: &mut Vec<u8>,
) -> Option<(u32, usize)> {
    let file = open(dir, name).ok()?;
    let (length, mode) = regular(&rustix::fs::fstat(&file).ok()?)?;
    let filled = read_whole(file, length, limit, buffer).ok()?;
    Some((mode, filled))
}

#[cfg(not(unix))]
pub(super) fn read_at_once(_: &Dir, _: &str, _: u64, _: &mut Vec<u8>) -> Option<(u32, usize)> {
    None
}

/// Reads a file that had `length` bytes when it was looked at, and tells how many it has; `buffer` begins with
/// them.
pub(super) fn read_whole(
    mut file: impl Read,
    length: u64,
    limit: u64,
    buffer: &mut Vec<u8>,
) -> io::Result<usize> {
    let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
    if length > limit {
        return Err(too_large());
    }
    let length = usize::try_from(length).map_err(|_| too_large())?;
    // With room for one byte more, the read that brings the last byte also tells that it is the last.
    if buffer.len() <= length {
        buffer.resize(length + 1, 0);
    }
    let mut filled = 0;
    while filled < length {
        match file.read(&mut buffer[filled..=length]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if filled > length {
        buffer.truncate(filled);
        let more = (limit + 1).saturating_sub(filled as u64);
        filled += file.take(more).read_to_end(buffer)?;
    }
    match filled as u64 > limit {
        true => Err(too_large()),
        false => Ok(filled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_grew_or_shrank_is_read_as_it_is() {
        let mut buffer = b"what was here before".to_vec();
        for (text, seen) in [("abc", 3), ("abc", 5), ("abcdef", 3), ("", 2), ("abcd", 3)] {
            let filled = read_whole(text.as_bytes(), seen, 10, &mut buffer).unwrap();
            assert_eq!(&buffer[..filled], text.as_bytes(), "{text} {seen}");
        }
    }

    #[test]
    fn more_than_the_limit_is_refused() {
        let mut buffer = Vec::new();
        for (text, seen) in [("abcdef", 3), ("abcdef", 6)] {
            let refused = read_whole(text.as_bytes(), seen, 5, &mut buffer).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge, "{text} {seen}");
        }
        assert!(read_whole(&b"abcde"[..], 3, 5, &mut buffer).is_ok());
    }
}
