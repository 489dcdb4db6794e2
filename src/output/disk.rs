//! The calls that reach the disk, as one trait.
//!
//! Everything in `output` speaks to a [`Disk`], so that a test can count, fail or cut off the Nth call.
//! Paths are plain names joined by `/`, relative to the output root; the empty path is the root itself.
//! No call follows a link, at any depth.

use std::fmt;
use std::fs::File;
use std::io;

/// What is found at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Nothing, and nothing in the way.
    Absent,
    /// A regular file.
    File {
        /// Its length in bytes.
        length: u64,
        /// Its permission bits.
        mode: u32,
    },
    /// A folder.
    Folder,
    /// Something that is never read, written or followed.
    Obstacle(Obstacle),
}

/// What stands where a file or a folder is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// Where it stands: the path asked for, or a folder above it.
    pub path: String,
    /// What it is.
    pub kind: ObstacleKind,
}

/// The kinds of node that `gen` refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObstacleKind {
    /// A symbolic link.
    Link,
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A block or character device.
    Device,
    /// A regular file where a folder is needed.
    File,
    /// A folder where a file is needed.
    Folder,
    /// A file larger than any that `gen` writes.
    Huge,
    /// Anything else.
    Other,
}

impl ObstacleKind {
    /// The kind with its article, as in "is a symbolic link".
    pub fn name(self) -> &'static str {
        match self {
            Self::Link => "a symbolic link",
            Self::Fifo => "a named pipe",
            Self::Socket => "a socket",
            Self::Device => "a device",
            Self::File => "a file where a folder is needed",
            Self::Folder => "a folder where a file is needed",
            Self::Huge => "a file larger than 16 MiB, more than gen ever writes",
            Self::Other => "no regular file",
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is {}", self.path, self.kind.name())
    }
}

/// One folder tree, reached only through calls that cannot leave it.
///
/// [`Disk::rename_new`], [`Disk::exchange`] and [`Disk::link`] may answer
/// [`io::ErrorKind::Unsupported`] where the system or the file system has no such call; callers then
/// take a longer way.
pub trait Disk: Send + Sync {
    /// What is at `path`.
    ///
    /// # Errors
    /// Whatever the system answers, except that nothing is there.
    fn node(&self, path: &str) -> io::Result<Node>;

    /// The bytes of the regular file at `path`, and its permission bits.
    ///
    /// # Errors
    /// [`io::ErrorKind::FileTooLarge`] past `limit` bytes, or whatever the system answers.
    fn read(&self, path: &str, limit: u64) -> io::Result<(Vec<u8>, u32)>;

    /// Reads the regular file at `path` in as few calls as there can be: its permission bits, and how many
    /// bytes of it `buffer` begins with. Nothing where it is anything else, has more than `limit` bytes or
    /// cannot be read; [`Disk::node`] and [`Disk::read`] tell which.
    fn read_at_once(&self, path: &str, limit: u64, buffer: &mut Vec<u8>) -> Option<(u32, usize)> {
        let _ = (path, limit, buffer);
        None
    }

    /// The names in a folder, sorted. A name that is not UTF-8 comes with replacement characters, which
    /// no path of ours has.
    ///
    /// # Errors
    /// Whatever the system answers.
    fn names(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Makes one folder, with mode 0755 narrowed by the umask.
    ///
    /// # Errors
    /// Whatever the system answers.
    fn create_folder(&self, path: &str) -> io::Result<()>;

    /// Makes one file that was not there, with `mode` narrowed by the umask.
    ///
    /// # Errors
    /// Whatever the system answers.
    fn create(&self, path: &str, mode: u32) -> io::Result<File>;

    /// Writes some of `bytes` and tells how many.
    ///
    /// # Errors
    /// Whatever the system answers.
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<usize>;

    /// Waits until the content of these files would survive a power cut.
    ///
    /// # Errors
    /// What the system answered for the first that failed.
    fn sync(&self, files: &[File]) -> io::Result<()>;

    /// Waits until the names in these folders would survive a power cut; one that is not there any more
    /// has none.
    ///
    /// # Errors
    /// What the system answered for the first that failed.
    fn sync_folders(&self, folders: &[String]) -> io::Result<()>;

    /// Renames, replacing a file that is at `to`.
    ///
    /// # Errors
    /// Whatever the system answers.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Renames, unless something is at `to`.
    ///
    /// # Errors
    /// Whatever the system answers.
    fn rename_new(&self, from: &str, to: &str) -> io::Result<()>;

    /// Swaps two files in one step.
    ///
    /// # Errors
    /// Whatever the system answers.
    fn exchange(&self, one: &str, other: &str) -> io::Result<()>;

    /// Gives a file a second name, unless something has that name.
    ///
    /// # Errors
    /// Whatever the system answers.
    fn link(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// Whatever the system answers.
    fn remove_file(&self, path: &str) -> io::Result<()>;

    /// Removes an empty folder.
    ///
    /// # Errors
    /// Whatever the system answers.
    fn remove_folder(&self, path: &str) -> io::Result<()>;
}

/// The folder that holds `path`, and its name in there.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// What is read of an output folder that does not exist.
pub(super) struct NoDisk;

#[rustfmt::skip]
impl Disk for NoDisk {
    fn node(&self, _: &str) -> io::Result<Node> { Ok(Node::Absent) }
    fn read(&self, _: &str, _: u64) -> io::Result<(Vec<u8>, u32)> { none() }
    fn names(&self, _: &str) -> io::Result<Vec<String>> { none() }
    fn create_folder(&self, _: &str) -> io::Result<()> { none() }
    fn create(&self, _: &str, _: u32) -> io::Result<File> { none() }
    fn write(&self, _: &mut File, _: &[u8]) -> io::Result<usize> { none() }
    fn sync(&self, _: &[File]) -> io::Result<()> { none() }
    fn sync_folders(&self, _: &[String]) -> io::Result<()> { none() }
    fn rename(&self, _: &str, _: &str) -> io::Result<()> { none() }
    fn rename_new(&self, _: &str, _: &str) -> io::Result<()> { none() }
    fn exchange(&self, _: &str, _: &str) -> io::Result<()> { none() }
    fn link(&self, _: &str, _: &str) -> io::Result<()> { none() }
    fn remove_file(&self, _: &str) -> io::Result<()> { none() }
    fn remove_folder(&self, _: &str) -> io::Result<()> { none() }
}

fn none<T>() -> io::Result<T> {
    Err(io::ErrorKind::NotFound.into())
}
