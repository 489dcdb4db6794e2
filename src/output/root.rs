//! The output folder: opened once, as one handle, through which every file is reached.

use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use cap_fs_ext::DirExt;
use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::disk::{Disk, Obstacle, ObstacleKind};
use super::error::Error;
use super::folder::FolderDisk;
use super::guard::{Guard, Hold};

/// How long a run waits for another one unless told otherwise.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// An output folder, which need not exist yet.
pub struct Root {
    base: PathBuf,
    below: Vec<String>,
    patience: Duration,
    wrap: Option<Wrap>,
}

/// Puts a layer between `output` and the disk.
pub type Wrap = Box<dyn Fn(FolderDisk) -> Box<dyn Disk> + Send + Sync>;

/// An open output folder, and the lock on it.
pub(super) struct Held {
    pub disk: Box<dyn Disk>,
    _guard: Guard,
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Root")
            .field("base", &self.base)
            .field("below", &self.below)
            .finish_non_exhaustive()
    }
}

impl Root {
    /// The folder at `path`, of which the last name may be no link.
    ///
    /// The folders above are the caller's word; where they belong to a repository that is not trusted, use
    /// [`Root::beneath`].
    pub fn at(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        match (
            path.parent(),
            path.file_name().and_then(|name| name.to_str()),
        ) {
            (Some(parent), Some(name)) => {
                let here = parent.as_os_str().is_empty();
                let parent = if here { Path::new(".") } else { parent };
                Self::new(parent, vec![name.to_owned()])
            }
            // `.`, `..` and `/` are no links.
            _ => Self::new(path, Vec::new()),
        }
    }

    /// The folder at `path` below `base`, with no link on the way from there.
    ///
    /// # Errors
    /// [`Error::Plan`] where `path` leaves `base`.
    pub fn beneath(base: impl AsRef<Path>, path: impl AsRef<Path>) -> Result<Self, Error> {
        let mut below = Vec::new();
        for component in path.as_ref().components() {
            match component {
                Component::CurDir => {}
                Component::Normal(name) if name.to_str().is_some() => {
                    below.push(name.to_string_lossy().into_owned());
                }
                _ => {
                    return Err(Error::Plan(format!(
                        "the output folder {:?} leaves the folder that it is given in",
                        path.as_ref()
                    )));
                }
            }
        }
        Ok(Self::new(base.as_ref(), below))
    }

    fn new(base: &Path, below: Vec<String>) -> Self {
        Self {
            base: base.to_owned(),
            below,
            patience: PATIENCE,
            wrap: None,
        }
    }

    /// Waits so long for another run to end.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sends every call through another [`Disk`], to count or to fail it.
    #[must_use]
    pub fn through(mut self, wrap: Wrap) -> Self {
        self.wrap = Some(wrap);
        self
    }

    /// Opens the folder for reading, beside other readers; nothing where it does not exist.
    pub(super) fn read(&self) -> Result<Option<Held>, Error> {
        let Some(dir) = self.open(false)? else {
            return Ok(None);
        };
        let guard = Guard::take(&dir, Hold::Shared, self.patience)?;
        Ok(Some(self.hold(dir, guard)))
    }

    /// Opens the folder for writing, alone, and makes it where it does not exist.
    pub(super) fn write(&self) -> Result<Held, Error> {
        loop {
            let dir = self.open(true)?.ok_or_else(|| {
                Error::disk("create the folder", "", io::ErrorKind::NotFound.into())
            })?;
            let guard = Guard::take(&dir, Hold::Alone, self.patience)?;
            // A run that failed removes the folder that it made, maybe while this one waited for it.
            if !is_removed(&dir) {
                return Ok(self.hold(dir, guard));
            }
        }
    }

    /// Removes the folder again where this run made it and wrote nothing into it.
    pub(super) fn remove_if_empty(&self) {
        let mut path = self.base.clone();
        path.extend(&self.below);
        // Only an empty folder can be removed this way; one that is not stays.
        let _ = std::fs::remove_dir(path);
    }

    fn hold(&self, dir: Dir, guard: Guard) -> Held {
        let disk = FolderDisk::new(dir);
        Held {
            disk: match &self.wrap {
                Some(wrap) => wrap(disk),
                None => Box::new(disk),
            },
            _guard: guard,
        }
    }

    /// Whether the folder exists.
    pub(super) fn exists(&self) -> Result<bool, Error> {
        Ok(self.open(false)?.is_some())
    }

    fn open(&self, make: bool) -> Result<Option<Dir>, Error> {
        let failed = |error| Error::disk("open", "", error);
        let mut dir = match Dir::open_ambient_dir(&self.base, ambient_authority()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if !make {
                    return Ok(None);
                }
                Dir::create_ambient_dir_all(&self.base, ambient_authority())
                    .map_err(|error| Error::disk("create", "", error))?;
                Dir::open_ambient_dir(&self.base, ambient_authority()).map_err(failed)?
            }
            other => other.map_err(failed)?,
        };
        for (at, name) in self.below.iter().enumerate() {
            let found = match dir.symlink_metadata(name) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                other => Some(other.map_err(failed)?),
            };
            match found {
                Some(found) if !found.is_dir() => {
                    let path = self.below[..=at].join("/");
                    let kind = super::folder::kind_of(found.file_type());
                    return Err(Error::Obstacle(Obstacle {
                        path,
                        kind: kind.unwrap_or(ObstacleKind::File),
                    }));
                }
                None if !make => return Ok(None),
                None => match dir.create_dir(name) {
                    // Somebody else made it at the same moment.
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    other => other.map_err(|error| Error::disk("create", "", error))?,
                },
                Some(_) => {}
            }
            dir = dir.open_dir_nofollow(name).map_err(failed)?;
        }
        Ok(Some(dir))
    }
}

#[cfg(unix)]
fn is_removed(dir: &Dir) -> bool {
    use cap_std::fs::MetadataExt;
    dir.dir_metadata().is_ok_and(|found| found.nlink() == 0)
}

#[cfg(not(unix))]
fn is_removed(_dir: &Dir) -> bool {
    false
}
