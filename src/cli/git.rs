//! What git has: the files of a commit, or those that are staged.
//!
//! The only place where `gen` starts a process, and only where a flag or an argument asks for it. Git is given
//! fixed arguments, an environment of our own, no hooks, no file-system monitor and no way to the network;
//! names go to its standard input, so that none is an option.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::output::{Disk, Node, Obstacle, ObstacleKind};

/// Most files of a repository.
const MAX_FILES: usize = 2_000_000;
/// Most bytes of one file that is read.
const MAX_BYTES: u64 = 64 << 20;

/// What a person may let through: where git is, and which repositories the user trusts.
const ENVIRONMENT: [&str; 5] = [
    "PATH",
    "HOME",
    "XDG_CONFIG_HOME",
    "SYSTEMROOT",
    "USERPROFILE",
];

/// A git command in `repository`, with nothing in it that the repository or the environment chose.
#[allow(
    clippy::disallowed_methods,
    reason = "a commit or the index cannot be read otherwise"
)]
fn git(repository: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(repository)
        .env_clear()
        .envs(
            ENVIRONMENT
                .iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        )
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .args(["--no-pager", "--literal-pathspecs"])
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
        ])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A session of `git cat-file --batch`.
struct Session {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Session {
    fn start(repository: &Path) -> io::Result<Self> {
        let mut child = git(repository, &["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let missing = || io::Error::other("git has no pipes");
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        Ok(Self {
            child,
            input: Some(input),
            output,
        })
    }

    /// The id, the type and the bytes of the object that is called so.
    fn ask(&mut self, name: &str) -> io::Result<Option<(String, String, Vec<u8>)>> {
        let gone = || io::Error::other("git has ended");
        let input = self.input.as_mut().ok_or_else(gone)?;
        writeln!(input, "{name}")?;
        input.flush()?;
        let mut head = String::new();
        if self.output.read_line(&mut head)? == 0 {
            return Err(gone());
        }
        let parts: Vec<&str> = head.trim_end().rsplitn(3, ' ').collect();
        let [size, kind, id] = parts.as_slice() else {
            return Ok(None);
        };
        let Ok(size) = size.parse::<u64>() else {
            return Ok(None);
        };
        if size > MAX_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = Vec::new();
        (&mut self.output).take(size).read_to_end(&mut bytes)?;
        let mut end = [0];
        self.output.read_exact(&mut end)?;
        Ok(Some(((*id).to_owned(), (*kind).to_owned(), bytes)))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.input.take());
        // It ends at the end of its input; a zombie is the worst that can be left.
        let _ = self.child.wait();
    }
}

/// One file as git has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    mode: u32,
    id: String,
}

/// The files of a commit, or those that are staged, by their path in the repository.
pub(super) struct Snapshot {
    /// The top of the repository.
    pub(super) repository: PathBuf,
    session: Mutex<Session>,
    entries: BTreeMap<String, Entry>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({} files)", self.entries.len())
    }
}

impl Snapshot {
    /// What the next commit would have.
    ///
    /// # Errors
    /// A sentence that says what git answered.
    pub(super) fn staged(repository: &Path) -> Result<Arc<Self>, String> {
        let mut command = git(repository, &["ls-files", "--stage", "--full-name", "-z"]);
        if let Some(index) = index_of_commit(repository) {
            command.env("GIT_INDEX_FILE", index);
        }
        let mut entries = BTreeMap::new();
        for record in listed(&mut command)? {
            // Of a file in conflict there are several stages; none of them is what will be committed.
            if let Some((mode, id, "0", path)) = staged_entry(&record) {
                entries.insert(
                    path.to_owned(),
                    Entry {
                        mode,
                        id: id.to_owned(),
                    },
                );
            }
        }
        Self::new(repository, entries)
    }

    /// What a commit has; `revision` is whatever git takes for one.
    ///
    /// # Errors
    /// A sentence that says what git answered; nothing where there is no such commit.
    pub(super) fn commit(repository: &Path, revision: &str) -> Result<Option<Arc<Self>>, String> {
        if revision.is_empty() || revision.chars().any(char::is_control) {
            return Ok(None);
        }
        let mut session = Session::start(repository).map_err(|error| failed(&error))?;
        let asked = session.ask(&format!("{revision}^{{commit}}"));
        let Some((id, kind, _)) = asked.map_err(|error| failed(&error))? else {
            return Ok(None);
        };
        if kind != "commit" || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let mut command = git(repository, &["ls-tree", "-r", "-z", "--full-tree", &id]);
        let mut entries = BTreeMap::new();
        for record in listed(&mut command)? {
            if let Some((mode, id, path)) = tree_entry(&record) {
                entries.insert(
                    path.to_owned(),
                    Entry {
                        mode,
                        id: id.to_owned(),
                    },
                );
            }
        }
        drop(session);
        Self::new(repository, entries).map(Some)
    }

    fn new(repository: &Path, entries: BTreeMap<String, Entry>) -> Result<Arc<Self>, String> {
        let session = Session::start(repository).map_err(|error| failed(&error))?;
        Ok(Arc::new(Self {
            repository: repository.to_owned(),
            session: Mutex::new(session),
            entries,
        }))
    }

    /// The paths of all files, sorted.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The paths below a folder, as they are there; an empty path is the top.
    pub(super) fn below<'s>(&'s self, folder: &str) -> impl Iterator<Item = (&'s str, &'s str)> {
        let prefix = match folder {
            "" => String::new(),
            _ => format!("{folder}/"),
        };
        let after = self.entries.range(prefix.clone()..);
        after.map_while(move |(path, _)| Some((path.as_str(), path.strip_prefix(&prefix)?)))
    }

    /// The bytes of a regular file.
    pub(super) fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let entry = self.entries.get(path).ok_or(io::ErrorKind::NotFound)?;
        let mut session = self.session.lock().map_err(|_| io::ErrorKind::Other)?;
        match session.ask(&entry.id)? {
            Some((_, kind, bytes)) if kind == "blob" => Ok(bytes),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// The files that are not the same in another snapshot, or that only one of the two has.
    pub(super) fn differing<'s>(&'s self, other: &'s Self) -> Vec<&'s str> {
        let mine = self.entries.iter();
        let changed = mine.filter(|(path, entry)| other.entries.get(*path) != Some(entry));
        let gone = other
            .entries
            .keys()
            .filter(|path| !self.entries.contains_key(*path));
        changed
            .map(|(path, _)| path)
            .chain(gone)
            .map(String::as_str)
            .collect()
    }
}

/// The files below `folder`, relative to it, that differ from what `revision` and the working tree have in
/// common, and those that git does not know and does not ignore.
///
/// # Errors
/// A sentence that says what git answered.
pub(super) fn changed(folder: &Path, revision: &str) -> Result<Vec<String>, String> {
    if revision.is_empty() || revision.starts_with('-') || revision.chars().any(char::is_control) {
        return Err(format!("`{revision}` is no revision"));
    }
    let differing = [
        "diff",
        "--name-only",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        "--relative",
        "-z",
        "--merge-base",
        revision,
        "--",
    ];
    let mut paths = listed(&mut git(folder, &differing))?;
    let unknown = ["ls-files", "--others", "--exclude-standard", "-z"];
    paths.extend(listed(&mut git(folder, &unknown))?);
    paths.sort();
    paths.dedup();
    Ok(paths)
}

fn failed(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no `git` to ask".to_owned(),
        _ => format!("git cannot be asked: {error}"),
    }
}

/// The index that git itself chose for this commit, as it does for `git commit FILE`; no other.
fn index_of_commit(repository: &Path) -> Option<PathBuf> {
    let index = repository.join(std::env::var_os("GIT_INDEX_FILE")?);
    let folder = index.parent()?.canonicalize().ok()?;
    let own = repository.join(".git").canonicalize().ok()?;
    (folder == own).then_some(index)
}

fn listed(command: &mut Command) -> Result<Vec<String>, String> {
    let output = command.output().map_err(|error| failed(&error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("git said: {}", said.trim()));
    }
    let records = output.stdout.split(|byte| *byte == 0);
    let records: Vec<String> = records
        .filter(|record| !record.is_empty())
        .filter_map(|record| String::from_utf8(record.to_vec()).ok())
        .collect();
    match records.len() > MAX_FILES {
        true => Err(format!("the repository has more than {MAX_FILES} files")),
        false => Ok(records),
    }
}

/// `MODE ID STAGE<tab>PATH`.
fn staged_entry(record: &str) -> Option<(u32, &str, &str, &str)> {
    let (head, path) = record.split_once('\t')?;
    let mut parts = head.split(' ');
    let mode = u32::from_str_radix(parts.next()?, 8).ok()?;
    Some((mode, parts.next()?, parts.next()?, path))
}

/// `MODE TYPE ID<tab>PATH`.
fn tree_entry(record: &str) -> Option<(u32, &str, &str)> {
    let (head, path) = record.split_once('\t')?;
    let mut parts = head.split(' ');
    let mode = u32::from_str_radix(parts.next()?, 8).ok()?;
    parts.next()?;
    Some((mode, parts.next()?, path))
}

/// A folder of a snapshot as a disk that cannot be written.
pub(super) struct SnapshotDisk {
    snapshot: Arc<Snapshot>,
    folder: String,
}

impl SnapshotDisk {
    /// The folder at that path in the repository; the empty path is the top.
    pub(super) fn new(snapshot: &Arc<Snapshot>, folder: &str) -> Self {
        Self {
            snapshot: Arc::clone(snapshot),
            folder: folder.to_owned(),
        }
    }

    fn path(&self, path: &str) -> String {
        match (self.folder.as_str(), path) {
            ("", path) => path.to_owned(),
            (folder, "") => folder.to_owned(),
            (folder, path) => format!("{folder}/{path}"),
        }
    }

    fn find(&self, path: &str) -> Option<Node> {
        let whole = self.path(path);
        let obstacle = |kind| {
            Node::Obstacle(Obstacle {
                path: path.to_owned(),
                kind,
            })
        };
        if let Some(entry) = self.snapshot.entries.get(&whole) {
            return Some(match entry.mode {
                0o100_644 | 0o100_664 => Node::File {
                    length: 0,
                    mode: 0o644,
                },
                0o100_755 => Node::File {
                    length: 0,
                    mode: 0o755,
                },
                0o120_000 => obstacle(ObstacleKind::Link),
                _ => obstacle(ObstacleKind::Other),
            });
        }
        let below = self.snapshot.below(&whole).next().is_some();
        below.then_some(Node::Folder)
    }
}

fn read_only<T>() -> io::Result<T> {
    Err(io::ErrorKind::ReadOnlyFilesystem.into())
}

impl Disk for SnapshotDisk {
    fn node(&self, path: &str) -> io::Result<Node> {
        for (at, _) in path.match_indices('/') {
            let above = &path[..at];
            match self.find(above) {
                Some(Node::Folder) => {}
                Some(Node::Obstacle(obstacle)) => return Ok(Node::Obstacle(obstacle)),
                Some(_) => {
                    return Ok(Node::Obstacle(Obstacle {
                        path: above.to_owned(),
                        kind: ObstacleKind::File,
                    }));
                }
                None => return Ok(Node::Absent),
            }
        }
        Ok(self.find(path).unwrap_or(Node::Absent))
    }

    fn read(&self, path: &str, limit: u64) -> io::Result<(Vec<u8>, u32)> {
        let Some(Node::File { mode, .. }) = self.find(path) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let bytes = self.snapshot.read(&self.path(path))?;
        match bytes.len() as u64 > limit {
            true => Err(io::ErrorKind::FileTooLarge.into()),
            false => Ok((bytes, mode)),
        }
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        let whole = self.path(folder);
        let below = self.snapshot.below(&whole);
        let mut names: Vec<String> = below
            .map(|(_, name)| name.split('/').next().unwrap_or(name).to_owned())
            .collect();
        names.dedup();
        Ok(names)
    }

    #[rustfmt::skip]
    fn create_folder(&self, _: &str) -> io::Result<()> { read_only() }
    #[rustfmt::skip]
    fn create(&self, _: &str, _: u32) -> io::Result<File> { read_only() }
    #[rustfmt::skip]
    fn write(&self, _: &mut File, _: &[u8]) -> io::Result<usize> { read_only() }
    #[rustfmt::skip]
    fn sync(&self, _: &[File]) -> io::Result<()> { read_only() }
    #[rustfmt::skip]
    fn sync_folders(&self, _: &[String]) -> io::Result<()> { read_only() }
    #[rustfmt::skip]
    fn rename(&self, _: &str, _: &str) -> io::Result<()> { read_only() }
    #[rustfmt::skip]
    fn rename_new(&self, _: &str, _: &str) -> io::Result<()> { read_only() }
    #[rustfmt::skip]
    fn exchange(&self, _: &str, _: &str) -> io::Result<()> { read_only() }
    #[rustfmt::skip]
    fn link(&self, _: &str, _: &str) -> io::Result<()> { read_only() }
    #[rustfmt::skip]
    fn remove_file(&self, _: &str) -> io::Result<()> { read_only() }
    #[rustfmt::skip]
    fn remove_folder(&self, _: &str) -> io::Result<()> { read_only() }
}
