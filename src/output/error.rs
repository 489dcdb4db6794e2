//! What can keep the output from being read or written, and in which state that leaves it.
//!
//! Owns the texts: each says what failed, what would help, and whether the tree is as it was.

use std::fmt;
use std::io;

use super::compare::{Change, State};
use super::disk::Obstacle;

/// Why the output could not be compared or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Files that a person made or changed are in the way; nothing was written.
    Refused(Vec<Change>),
    /// Something that is never followed stands at a path of `gen`'s own; nothing was written.
    Obstacle(Obstacle),
    /// `gen.lock` cannot be trusted; nothing was written.
    Lock(LockError),
    /// Another process holds the output, and waiting for it took too long.
    Busy {
        /// Its id, where the system tells.
        holder: Option<u32>,
    },
    /// A process that started this one holds the output, so waiting would never end.
    Reentered {
        /// Its id.
        holder: u32,
    },
    /// The plan cannot be written anywhere; nothing was written.
    Plan(String),
    /// The system refused a call.
    Disk(Box<DiskError>),
}

/// What is wrong with `gen.lock`, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockError {
    /// The line, from 1; 0 where the text as a whole is meant.
    pub line: usize,
    /// The column, from 1; 0 where the text as a whole is meant.
    pub column: usize,
    /// What is wrong.
    pub reason: String,
}

/// A call that the system refused.
#[derive(Debug)]
pub struct DiskError {
    /// What was being done, as in "cannot *write*".
    pub action: &'static str,
    /// The path below the root; empty for the root itself.
    pub path: String,
    /// Why, as far as it is understood.
    pub cause: Cause,
    /// What the system said.
    pub source: io::Error,
    /// What the failure left behind.
    pub tree: Tree,
}

/// What a failed run left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tree {
    /// Every file is as it was.
    Intact,
    /// The commit was cut off and could not be undone; the next run repairs it.
    Interrupted,
}

/// The causes that have a way out of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// No space left.
    Full,
    /// The user's quota is used up.
    Quota,
    /// The file system is mounted read-only.
    ReadOnly,
    /// Not allowed.
    Permission,
    /// Too many files are open.
    Descriptors,
    /// A folder of the tree is another file system.
    CrossDevice,
    /// The device failed.
    Device,
    /// A signal cut the call off.
    Interrupted,
    /// Somebody changed the file at the same moment.
    Changed,
    /// The file is larger than any that `gen` writes.
    TooLarge,
    /// Anything else.
    Other,
}

impl Cause {
    /// The cause behind an answer of the system.
    pub fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull => Self::Full,
            io::ErrorKind::QuotaExceeded => Self::Quota,
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::PermissionDenied => Self::Permission,
            io::ErrorKind::CrossesDevices => Self::CrossDevice,
            io::ErrorKind::FileTooLarge => Self::TooLarge,
            io::ErrorKind::Interrupted => Self::Interrupted,
            io::ErrorKind::AlreadyExists
            | io::ErrorKind::NotFound
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::DirectoryNotEmpty => Self::Changed,
            _ => Self::of_number(error),
        }
    }

    #[cfg(unix)]
    fn of_number(error: &io::Error) -> Self {
        use rustix::io::Errno;
        match Errno::from_io_error(error) {
            Some(Errno::MFILE | Errno::NFILE) => Self::Descriptors,
            Some(Errno::IO | Errno::NODEV | Errno::NXIO) => Self::Device,
            _ => Self::Other,
        }
    }

    #[cfg(not(unix))]
    fn of_number(_error: &io::Error) -> Self {
        Self::Other
    }

    fn what(self) -> Option<&'static str> {
        Some(match self {
            Self::Full => "no space is left on the disk",
            Self::Quota => "the disk quota is used up",
            Self::ReadOnly => "the file system is read-only",
            Self::Permission => "permission is denied",
            Self::Descriptors => "too many files are open",
            Self::CrossDevice => "it lies on another file system than the output folder",
            Self::Device => "the device failed",
            Self::Interrupted => "a signal cut the call off",
            Self::Changed => "it was changed at the same moment",
            Self::TooLarge => "it is larger than any file that gen writes",
            Self::Other => return None,
        })
    }

    fn way_out(self) -> &'static str {
        match self {
            Self::Full => "free some space and run again",
            Self::Quota => "free some of the quota and run again",
            Self::ReadOnly => "mount the file system writable, or choose another `--out`",
            Self::Permission => {
                "give this user write permission on the output folder and all folders in it"
            }
            Self::Descriptors => "raise the limit (`ulimit -n`) and run again",
            Self::CrossDevice => "render into a folder that is on one file system as a whole",
            Self::Device => "check the disk, then run again",
            Self::Interrupted => "run again",
            Self::Changed => "run again when nothing else writes there",
            Self::TooLarge => "move the file away and run again",
            Self::Other => "see what the system said, then run again",
        }
    }
}

impl Error {
    /// A call on `path` that failed before anything in the tree changed.
    pub(super) fn disk(action: &'static str, path: &str, source: io::Error) -> Self {
        Self::Disk(Box::new(DiskError {
            action,
            path: path.to_owned(),
            cause: Cause::of(&source),
            source,
            tree: Tree::Intact,
        }))
    }

    /// The same error, where undoing the commit did not work either.
    pub(super) fn interrupted(self) -> Self {
        match self {
            Self::Disk(mut error) => {
                error.tree = Tree::Interrupted;
                Self::Disk(error)
            }
            other => other,
        }
    }

    /// Whether the next run has something to repair.
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Self::Disk(error) if error.tree == Tree::Interrupted)
    }

    /// What the reader can do.
    pub fn help(&self) -> String {
        match self {
            Self::Refused(changes) if changes.iter().all(|c| c.state == State::Blocked) => {
                "remove what is in the way, or choose another `--out`".to_owned()
            }
            Self::Refused(_) => {
                "`--diff` shows what would be lost and `--force` overwrites it; to keep a change, \
                 express it in the spec or move the file away"
                    .to_owned()
            }
            Self::Obstacle(_) => "remove it, or choose another `--out`".to_owned(),
            Self::Lock(_) => {
                "take `gen.lock` from version control, or remove it: files that already say what \
                 the spec says are then taken over"
                    .to_owned()
            }
            Self::Busy { .. } => "wait for the other run to end, then run again".to_owned(),
            Self::Reentered { .. } => {
                "do not run gen on an output from inside a run that writes it".to_owned()
            }
            Self::Plan(_) => "change the names in the blueprint".to_owned(),
            Self::Disk(error) => error.cause.way_out().to_owned(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(changes) => refused(f, changes),
            Self::Obstacle(obstacle) => {
                write!(
                    f,
                    "{obstacle}, which gen never follows; nothing was written"
                )
            }
            Self::Lock(error) => write!(f, "{error}; nothing was written"),
            Self::Busy { holder } => {
                f.write_str("another run holds the output folder")?;
                if let Some(pid) = holder {
                    write!(f, " (process {pid})")?;
                }
                f.write_str("; nothing was written")
            }
            Self::Reentered { holder } => write!(
                f,
                "the run that started this one (process {holder}) holds the output folder; \
                 nothing was written"
            ),
            Self::Plan(reason) => write!(f, "{reason}; nothing was written"),
            Self::Disk(error) => error.fmt(f),
        }
    }
}

fn refused(f: &mut fmt::Formatter<'_>, changes: &[Change]) -> fmt::Result {
    let files = if changes.len() == 1 { "file" } else { "files" };
    write!(
        f,
        "{} {files} in the way; nothing was written",
        changes.len()
    )?;
    for change in changes {
        write!(f, "\n  {change}")?;
    }
    Ok(())
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(crate::plan::LOCK_NAME)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} ", self.action)?;
        if self.path.is_empty() {
            f.write_str("the output folder: ")?;
        } else {
            write!(f, "`{}`: ", self.path)?;
        }
        match self.cause.what() {
            Some(what) => write!(f, "{what} ({})", self.source)?,
            None => write!(f, "{}", self.source)?,
        }
        f.write_str(match self.tree {
            Tree::Intact => "; every file is as it was",
            Tree::Interrupted => "; the next `gen render` completes or undoes what was begun",
        })
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Disk(error) => Some(&error.source),
            _ => None,
        }
    }
}

impl From<LockError> for Error {
    fn from(error: LockError) -> Self {
        Self::Lock(error)
    }
}
