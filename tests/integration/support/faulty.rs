//! A disk that fails, stops or leaves out calls on command, and writes down what it did.

use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex};

use delivery::output::{Disk, FolderDisk, Node, Wrap};

/// One call that changes the disk, or waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Call {
    Folder(String),
    Create(String, u32),
    Write(String, Vec<u8>),
    Sync(Vec<String>),
    SyncFolders(Vec<String>),
    Rename(String, String),
    Exchange(String, String),
    Link(String, String),
    Remove(String),
    RemoveFolder(String),
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// The process is gone: the Nth write-class call and all later calls do nothing.
    KilledBefore(usize),
    /// The same, after the Nth write-class call has had its effect.
    KilledAfter(usize),
    /// The Nth call of any kind fails with this error number.
    Once(usize, i32),
    /// The Nth call of any kind and all later ones fail.
    From(usize, i32),
    /// The Nth call, if it writes, writes half of what it should, and what follows fails.
    Short(usize),
}

/// Which calls the file system lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Lacks {
    pub(crate) exchange: bool,
    pub(crate) rename_new: bool,
    pub(crate) link: bool,
}

pub(crate) const LACKS: [Lacks; 4] = [
    lacks(false, false, false),
    lacks(true, false, false),
    lacks(true, true, false),
    lacks(true, true, true),
];

const fn lacks(exchange: bool, rename_new: bool, link: bool) -> Lacks {
    Lacks {
        exchange,
        rename_new,
        link,
    }
}

#[derive(Debug, Default)]
struct Count {
    all: usize,
    writing: usize,
    killed: bool,
    log: Vec<Call>,
    // The paths of open files, by descriptor, for the log.
    open: Vec<(i32, String)>,
}

/// The shared memory of a faulty disk, for after the run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record(Arc<Mutex<Count>>);

impl Record {
    /// How many calls of any kind were made.
    pub(crate) fn calls(&self) -> usize {
        self.0.lock().unwrap().all
    }

    /// How many write-class calls were made.
    pub(crate) fn writing(&self) -> usize {
        self.0.lock().unwrap().writing
    }

    /// The write-class calls that had an effect, in order.
    pub(crate) fn log(&self) -> Vec<Call> {
        self.0.lock().unwrap().log.clone()
    }
}

/// The faulty disk itself.
pub(crate) struct Faulty {
    disk: FolderDisk,
    fault: Fault,
    lacks: Lacks,
    record: Record,
}

/// A layer for [`delivery::output::Root::through`].
pub(crate) fn faulty(fault: Fault, lacks: Lacks) -> (Wrap, Record) {
    let record = Record::default();
    let shared = record.clone();
    let wrap: Wrap = Box::new(move |disk| {
        Box::new(Faulty {
            disk,
            fault,
            lacks,
            record: shared.clone(),
        })
    });
    (wrap, record)
}

impl Faulty {
    /// The same for a writer that takes a disk.
    pub(crate) fn over(disk: FolderDisk, fault: Fault, lacks: Lacks) -> (Self, Record) {
        let record = Record::default();
        let shared = record.clone();
        let faulty = Self {
            disk,
            fault,
            lacks,
            record: shared,
        };
        (faulty, record)
    }
}

fn gone() -> io::Error {
    io::Error::other("killed")
}

impl Faulty {
    fn read<T>(&self, run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        {
            let mut count = self.record.0.lock().unwrap();
            self.check(&mut count)?;
        }
        run()
    }

    fn change<T>(&self, call: Call, run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        {
            let mut count = self.record.0.lock().unwrap();
            self.check(&mut count)?;
            if self.fault == Fault::KilledBefore(count.writing) {
                count.killed = true;
                return Err(gone());
            }
        }
        let done = run();
        let mut count = self.record.0.lock().unwrap();
        if done.is_ok() {
            count.log.push(call);
        }
        if self.fault == Fault::KilledAfter(count.writing) {
            count.killed = true;
            return Err(gone());
        }
        count.writing += 1;
        done
    }

    fn check(&self, count: &mut Count) -> io::Result<()> {
        if count.killed {
            return Err(gone());
        }
        let at = count.all;
        count.all += 1;
        match self.fault {
            Fault::Once(n, errno) if n == at => Err(io::Error::from_raw_os_error(errno)),
            Fault::From(n, errno) if n <= at => Err(io::Error::from_raw_os_error(errno)),
            Fault::Short(n) if n < at => Err(io::Error::from_raw_os_error(28)),
            _ => Ok(()),
        }
    }

    fn path_of(&self, file: &File) -> String {
        let descriptor = std::os::fd::AsRawFd::as_raw_fd(file);
        let count = self.record.0.lock().unwrap();
        let open = count.open.iter().rev();
        let mut paths = open.filter(|(at, _)| *at == descriptor);
        paths.next().expect("the file was created here").1.clone()
    }
}

fn missing(lacking: bool) -> io::Result<()> {
    if lacking {
        Err(io::ErrorKind::Unsupported.into())
    } else {
        Ok(())
    }
}

impl Disk for Faulty {
    fn node(&self, path: &str) -> io::Result<Node> {
        self.read(|| self.disk.node(path))
    }

    fn read(&self, path: &str, limit: u64) -> io::Result<(Vec<u8>, u32)> {
        self.read(|| self.disk.read(path, limit))
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        self.read(|| self.disk.names(folder))
    }

    fn create_folder(&self, path: &str) -> io::Result<()> {
        self.change(Call::Folder(path.into()), || self.disk.create_folder(path))
    }

    fn create(&self, path: &str, mode: u32) -> io::Result<File> {
        let file = self.change(Call::Create(path.into(), mode), || {
            self.disk.create(path, mode)
        })?;
        let descriptor = std::os::fd::AsRawFd::as_raw_fd(&file);
        let mut count = self.record.0.lock().unwrap();
        count.open.push((descriptor, path.into()));
        Ok(file)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
        let short = self.fault == Fault::Short(self.record.calls());
        let bytes = if short {
            &bytes[..bytes.len() / 2]
        } else {
            bytes
        };
        let path = self.path_of(file);
        self.change(Call::Write(path, bytes.to_vec()), || {
            self.disk.write(file, bytes)
        })
    }

    fn sync(&self, files: &[File]) -> io::Result<()> {
        let paths = files.iter().map(|file| self.path_of(file)).collect();
        self.change(Call::Sync(paths), || self.disk.sync(files))
    }

    fn sync_folders(&self, folders: &[String]) -> io::Result<()> {
        self.change(Call::SyncFolders(folders.to_vec()), || {
            self.disk.sync_folders(folders)
        })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let call = Call::Rename(from.into(), to.into());
        self.change(call, || self.disk.rename(from, to))
    }

    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        missing(self.lacks.rename_new)?;
        let call = Call::Rename(from.into(), to.into());
        self.change(call, || self.disk.rename_new(from, to))
    }

    fn exchange(&self, one: &str, other: &str) -> io::Result<()> {
        missing(self.lacks.exchange)?;
        let call = Call::Exchange(one.into(), other.into());
        self.change(call, || self.disk.exchange(one, other))
    }

    fn link(&self, from: &str, to: &str) -> io::Result<()> {
        missing(self.lacks.link)?;
        let call = Call::Link(from.into(), to.into());
        self.change(call, || self.disk.link(from, to))
    }

    fn remove_file(&self, path: &str) -> io::Result<()> {
        self.change(Call::Remove(path.into()), || self.disk.remove_file(path))
    }

    fn remove_folder(&self, path: &str) -> io::Result<()> {
        self.change(Call::RemoveFolder(path.into()), || {
            self.disk.remove_folder(path)
        })
    }
}
