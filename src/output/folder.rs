//! The real disk: one folder handle, walked name by name.
//!
//! Each step opens a single name below a handle and refuses a link, so a path cannot leave the root even
//! while somebody swaps folders for links. Knows nothing of plans and locks.

use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt};
use cap_std::fs::{Dir, DirBuilder, FileType, Metadata, OpenOptions};

use super::disk::{Disk, Node, Obstacle, ObstacleKind, split};
use crate::plan::is_below;

mod leaf;

/// A folder of the real disk.
#[derive(Debug)]
pub struct FolderDisk {
    root: Arc<Dir>,
    // Plans are sorted, so the next path is mostly in the folder of the last one or beside it; and a commit
    // goes back and forth between that and its stage. The latest first.
    last: Mutex<Vec<(String, Arc<Dir>)>>,
}

/// How many folders are held open: those above one file, and its stage.
const HELD: usize = 8;

impl FolderDisk {
    /// Everything below `root`.
    pub fn new(root: Dir) -> Self {
        Self {
            root: Arc::new(root),
            last: Mutex::new(Vec::with_capacity(HELD)),
        }
    }

    fn folder(&self, path: &str) -> io::Result<Arc<Dir>> {
        if path.is_empty() {
            return Ok(Arc::clone(&self.root));
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let leads_there = |held: &str| path == held || is_below(path, held);
        let held = (0..last.len()).filter(|at| leads_there(&last[*at].0));
        let (mut dir, mut end) = match held.max_by_key(|at| last[*at].0.len()) {
            Some(at) => {
                last[..=at].rotate_right(1);
                (Arc::clone(&last[0].1), last[0].0.len())
            }
            None => (Arc::clone(&self.root), 0),
        };
        while end < path.len() {
            let start = end + usize::from(end > 0);
            end = path[start..].find('/').map_or(path.len(), |at| start + at);
            dir = Arc::new(dir.open_dir_nofollow(&path[start..end])?);
            last.truncate(HELD - 1);
            last.insert(0, (path[..end].to_owned(), Arc::clone(&dir)));
        }
        Ok(dir)
    }

    fn forget(&self) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clear();
    }

    /// Says what is in the way of a folder that did not open.
    fn obstacle_above(&self, folder: &str) -> io::Result<Node> {
        let mut dir = Arc::clone(&self.root);
        let mut end = 0;
        for name in folder.split('/') {
            end += name.len() + usize::from(end > 0);
            let found = match dir.symlink_metadata(name) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Node::Absent),
                other => other?,
            };
            if !found.is_dir() {
                let kind = kind_of(found.file_type()).unwrap_or(ObstacleKind::File);
                return Ok(obstacle(&folder[..end], kind));
            }
            dir = Arc::new(dir.open_dir_nofollow(name)?);
        }
        Err(io::Error::other(
            "the folder changed while it was looked at",
        ))
    }
}

fn obstacle(path: &str, kind: ObstacleKind) -> Node {
    Node::Obstacle(Obstacle {
        path: path.to_owned(),
        kind,
    })
}

/// The kind of a node that is neither a file nor a folder.
pub(super) fn kind_of(found: FileType) -> Option<ObstacleKind> {
    #[cfg(unix)]
    {
        use cap_std::fs::FileTypeExt;
        if found.is_fifo() {
            return Some(ObstacleKind::Fifo);
        }
        if found.is_socket() {
            return Some(ObstacleKind::Socket);
        }
        if found.is_block_device() || found.is_char_device() {
            return Some(ObstacleKind::Device);
        }
    }
    if found.is_symlink() {
        Some(ObstacleKind::Link)
    } else if found.is_file() || found.is_dir() {
        None
    } else {
        Some(ObstacleKind::Other)
    }
}

#[cfg(unix)]
fn mode_of(found: &Metadata) -> u32 {
    use cap_std::fs::PermissionsExt;
    found.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
fn mode_of(_found: &Metadata) -> u32 {
    0o644
}

/// Whether the folder above is what is missing or in the way.
fn is_above(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    ) || is_loop(error)
}

#[cfg(unix)]
fn is_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(not(unix))]
fn is_loop(_error: &io::Error) -> bool {
    false
}

impl Disk for FolderDisk {
    fn node(&self, path: &str) -> io::Result<Node> {
        if path.is_empty() {
            return Ok(Node::Folder);
        }
        let (folder, name) = split(path);
        let dir = match self.folder(folder) {
            Err(error) if is_above(&error) => return self.obstacle_above(folder),
            other => other?,
        };
        if let Some(file) = leaf::file(&dir, name) {
            return Ok(file);
        }
        let found = match dir.symlink_metadata(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Node::Absent),
            other => other?,
        };
        Ok(match kind_of(found.file_type()) {
            Some(kind) => obstacle(path, kind),
            None if found.is_dir() => Node::Folder,
            None => Node::File {
                length: found.len(),
                mode: mode_of(&found),
            },
        })
    }

    fn read(&self, path: &str, limit: u64) -> io::Result<(Vec<u8>, u32)> {
        let (folder, name) = split(path);
        let file = leaf::open(&*self.folder(folder)?, name)?;
        let found = Metadata::from_file(&file)?;
        if !found.is_file() {
            return Err(io::Error::other("no regular file any more"));
        }
        if found.len() > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = Vec::new();
        let filled = leaf::read_whole(file, found.len(), limit, &mut bytes)?;
        bytes.truncate(filled);
        Ok((bytes, mode_of(&found)))
    }

    fn read_at_once(&self, path: &str, limit: u64, buffer: &mut Vec<u8>) -> Option<(u32, usize)> {
        let (folder, name) = split(path);
        leaf::read_at_once(&*self.folder(folder).ok()?, name, limit, buffer)
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in self.folder(folder)?.entries()? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    fn create_folder(&self, path: &str) -> io::Result<()> {
        let (folder, name) = split(path);
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        {
            use cap_std::fs::DirBuilderExt;
            builder.mode(0o755);
        }
        self.folder(folder)?
            .create_dir_with(name, builder.recursive(false))
    }

    fn create(&self, path: &str, mode: u32) -> io::Result<File> {
        let (folder, name) = split(path);
        let mut options = OpenOptions::new();
        options
            .write(true)
            .create_new(true)
            .follow(FollowSymlinks::No);
        #[cfg(unix)]
        {
            use cap_std::fs::OpenOptionsExt;
            options.mode(mode);
        }
        #[cfg(not(unix))]
        let _ = mode;
        Ok(self.folder(folder)?.open_with(name, &options)?.into_std())
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
        file.write(bytes)
    }

    fn sync(&self, files: &[File]) -> io::Result<()> {
        files.iter().for_each(start_writing);
        sync_together(files)
    }

    fn sync_folders(&self, folders: &[String]) -> io::Result<()> {
        let mut open = Vec::with_capacity(folders.len());
        for folder in folders {
            match self.folder(folder).and_then(|dir| for_sync(&dir)) {
                Ok(file) => open.extend(file),
                Err(error) if is_above(&error) => {}
                Err(error) => return Err(error),
            }
        }
        sync_together(&open)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let ((from, old), (to, new)) = (split(from), split(to));
        let source = self.folder(from)?;
        source.rename(old, &*self.folder(to)?, new)
    }

    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        let ((from, old), (to, new)) = (split(from), split(to));
        let source = self.folder(from)?;
        rename_with(&source, old, &*self.folder(to)?, new, Way::New)
    }

    fn exchange(&self, one: &str, other: &str) -> io::Result<()> {
        let ((from, old), (to, new)) = (split(one), split(other));
        let source = self.folder(from)?;
        rename_with(&source, old, &*self.folder(to)?, new, Way::Exchange)
    }

    fn link(&self, from: &str, to: &str) -> io::Result<()> {
        let ((from, old), (to, new)) = (split(from), split(to));
        let source = self.folder(from)?;
        let linked = source.hard_link(old, &*self.folder(to)?, new);
        linked.map_err(unsupported)
    }

    fn remove_file(&self, path: &str) -> io::Result<()> {
        let (folder, name) = split(path);
        self.folder(folder)?.remove_file(name)
    }

    fn remove_folder(&self, path: &str) -> io::Result<()> {
        // The held handle may be of this folder, and a later one of that name is another folder.
        self.forget();
        let (folder, name) = split(path);
        self.folder(folder)?.remove_dir(name)
    }
}

/// Syncs from several threads: a journaling file system then commits many files at once instead of
/// one after the other, which is 15 to 30 times faster for a tree of 60 files.
fn sync_together(files: &[File]) -> io::Result<()> {
    const THREADS: usize = 8;
    const WORTH: usize = 4;
    if files.len() < WORTH {
        return files.iter().try_for_each(File::sync_all);
    }
    let share = |at: usize| {
        let mut share = files.iter().skip(at).step_by(THREADS);
        share.try_for_each(File::sync_all)
    };
    std::thread::scope(|scope| {
        let start = |at| std::thread::Builder::new().spawn_scoped(scope, move || share(at));
        let workers: Vec<_> = (0..THREADS).map(|at| start(at).map_err(|_| at)).collect();
        workers.into_iter().try_for_each(|worker| match worker {
            Ok(worker) => worker
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("a sync did not end"))),
            // No thread to be had: the work is done here.
            Err(at) => share(at),
        })
    })
}

/// Asks the system to begin writing, so that one commit of its journal then serves many files. Only the
/// syncs that follow promise anything, so that it does not matter whether this one did something.
#[cfg(target_os = "linux")]
fn start_writing(file: &File) {
    use rustix::fs::{Advice, fadvise};
    let _ = fadvise(file, 0, None, Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn start_writing(_file: &File) {}

/// The handle of a folder serves for walking only and cannot be synced itself; this one can.
#[cfg(unix)]
fn for_sync(dir: &Dir) -> io::Result<Option<File>> {
    use rustix::fs::{Mode, OFlags, openat};
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(Some(openat(dir, ".", flags, Mode::empty())?.into()))
}

/// Folders cannot be synced here; the system journals names itself.
#[cfg(not(unix))]
fn for_sync(_dir: &Dir) -> io::Result<Option<File>> {
    Ok(None)
}

enum Way {
    New,
    Exchange,
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_with(from: &Dir, old: &str, to: &Dir, new: &str, way: Way) -> io::Result<()> {
    use rustix::fs::{RenameFlags, renameat_with};
    let flags = match way {
        Way::New => RenameFlags::NOREPLACE,
        Way::Exchange => RenameFlags::EXCHANGE,
    };
    renameat_with(from, old, to, new, flags).map_err(|errno| unsupported(errno.into()))
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_with(_from: &Dir, _old: &str, _to: &Dir, _new: &str, _way: Way) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The answers by which file systems say that they have no such call.
#[cfg(unix)]
fn unsupported(error: io::Error) -> io::Error {
    use rustix::io::Errno;
    let Some(errno) = Errno::from_io_error(&error) else {
        return error;
    };
    match errno {
        Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM | Errno::NOTTY => {
            io::ErrorKind::Unsupported.into()
        }
        _ => error,
    }
}

#[cfg(not(unix))]
fn unsupported(error: io::Error) -> io::Error {
    error
}
