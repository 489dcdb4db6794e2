//! One writer at a time, and no reader in between.
//!
//! The lock is advisory and held on the handle of the root folder itself: no file is made for it, and the
//! system releases it when the holder ends, however it ends.

use std::fs::{File, TryLockError};
use std::io;
use std::time::Duration;

use cap_std::fs::Dir;

use super::error::Error;

/// What the holder of a guard may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// Read, beside other readers.
    Shared,
    /// Write, alone.
    Alone,
}

/// The lock on an output folder; released when dropped.
#[derive(Debug)]
pub(super) struct Guard {
    _handle: Option<File>,
}

const PAUSE: Duration = Duration::from_millis(20);

impl Guard {
    /// Waits for the lock, `patience` at most.
    pub(super) fn take(root: &Dir, hold: Hold, patience: Duration) -> Result<Self, Error> {
        let handle = open(root, hold).map_err(|error| Error::disk("open", "", error))?;
        let Some(handle) = handle else {
            return Ok(Self { _handle: None });
        };
        // Pauses are counted instead of a clock read: output depends on no clock.
        let mut waited = Duration::ZERO;
        loop {
            let tried = match hold {
                Hold::Shared => handle.try_lock_shared(),
                Hold::Alone => handle.try_lock(),
            };
            match tried {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) if is_unsupported(&error) => break,
                Err(TryLockError::Error(error)) => return Err(Error::disk("lock", "", error)),
            }
            let holder = holder(&handle);
            if let Some(holder) = holder.filter(|pid| is_ancestor(*pid)) {
                return Err(Error::Reentered { holder });
            }
            if waited >= patience {
                return Err(Error::Busy { holder });
            }
            std::thread::sleep(PAUSE);
            waited += PAUSE;
        }
        Ok(Self {
            _handle: Some(handle),
        })
    }
}

/// Network file systems without locks are used at one's own risk, as by every other tool.
fn is_unsupported(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        if let Some(Errno::NOLCK | Errno::BADF) = Errno::from_io_error(error) {
            return true;
        }
    }
    error.kind() == io::ErrorKind::Unsupported
}

#[cfg(unix)]
fn open(root: &Dir, _hold: Hold) -> io::Result<Option<File>> {
    use rustix::fs::{Mode, OFlags, openat};
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(Some(openat(root, ".", flags, Mode::empty())?.into()))
}

/// Folders cannot be locked here, so writers lock a file; readers go without, for they make none.
#[cfg(not(unix))]
fn open(root: &Dir, hold: Hold) -> io::Result<Option<File>> {
    if hold == Hold::Shared {
        return Ok(None);
    }
    let mut options = cap_std::fs::OpenOptions::new();
    options.write(true).create(true);
    Ok(Some(root.open_with(".gen-guard", &options)?.into_std()))
}

/// Who holds the lock, as the kernel tells; for messages and to see a wait that cannot end.
#[cfg(target_os = "linux")]
fn holder(handle: &File) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let inode = handle.metadata().ok()?.ino().to_string();
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [_, "FLOCK", _, _, pid, file, ..] = words[..] else {
            return None;
        };
        (file.rsplit(':').next() == Some(&inode)).then(|| pid.parse().ok())?
    })
}

#[cfg(not(target_os = "linux"))]
fn holder(_handle: &File) -> Option<u32> {
    None
}

/// Whether that process started this one, directly or not.
#[cfg(target_os = "linux")]
fn is_ancestor(pid: u32) -> bool {
    let mut at = std::os::unix::process::parent_id();
    for _ in 0..256 {
        if at == pid {
            return true;
        }
        let Some(parent) = parent_of(at).filter(|parent| *parent > 0) else {
            return false;
        };
        at = parent;
    }
    false
}

#[cfg(target_os = "linux")]
fn parent_of(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything, closing parentheses as well.
    let after = stat.rsplit_once(')')?.1;
    after.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn is_ancestor(pid: u32) -> bool {
    std::os::unix::process::parent_id() == pid
}

#[cfg(not(unix))]
fn is_ancestor(_pid: u32) -> bool {
    false
}
