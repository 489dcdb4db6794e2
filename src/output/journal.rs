//! The journal: what a commit is about to do, written before it does anything.
//!
//! Lives in `.gen-stage/`, beside the files that it speaks of, so that both vanish together. Read back
//! after an interruption, and then as little trusted as the lock.

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::disk::{Disk, Node};
use super::lock::is_allowed;
use crate::plan::{LOCK_NAME, MAX_ARTIFACT_BYTES, RelPath, Target};

/// The folder in which a commit is prepared.
pub(super) const STAGE: &str = ".gen-stage";
/// The journal, once the stage is complete.
pub(super) const JOURNAL: &str = ".gen-stage/journal";
/// The journal while it is written.
pub(super) const JOURNAL_DRAFT: &str = ".gen-stage/journal.new";
/// Most bytes that are read of any file of the tree: a rendered one, were it converted to CRLF.
pub(super) const READ_LIMIT: u64 = 2 * MAX_ARTIFACT_BYTES as u64;
const MAX_JOURNAL_BYTES: u64 = 8 << 20;

/// What makes two files the same file to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mark {
    /// The digest of its bytes.
    pub sha256: Digest,
    /// Whether its owner may execute it.
    pub executable: bool,
}

impl Mark {
    /// The mark of what is at `path`, or nothing where that is no file.
    pub(super) fn of(disk: &dyn Disk, path: &str) -> std::io::Result<Option<Self>> {
        let Node::File { .. } = disk.node(path)? else {
            return Ok(None);
        };
        match disk.read(path, READ_LIMIT) {
            Ok((bytes, mode)) => Ok(Some(Self {
                sha256: Digest::of(&bytes),
                executable: is_executable(mode),
            })),
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether a file of that mode counts as executable, by the bit that git looks at.
pub(super) fn is_executable(mode: u32) -> bool {
    mode & 0o100 != 0
}

/// One file and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    /// The file.
    pub path: String,
    /// The target it belongs to; none for `gen`'s own files and for those that are made once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What is there now.
    pub old: Option<Mark>,
    /// What will be there.
    pub new: Option<Mark>,
}

impl Step {
    /// Whether this is the lock, which a commit replaces last.
    pub(super) fn is_lock(&self) -> bool {
        self.path == LOCK_NAME
    }

    /// Whether `mark` is what will be there. The executable bit decides only where nothing else does,
    /// for there are file systems without one.
    pub(super) fn is_new(&self, mark: Option<Mark>) -> bool {
        self.same(mark, self.new)
    }

    /// Whether `mark` is what was there.
    pub(super) fn is_old(&self, mark: Option<Mark>) -> bool {
        self.same(mark, self.old)
    }

    fn same(&self, found: Option<Mark>, meant: Option<Mark>) -> bool {
        let only_mode = self.old.map(|mark| mark.sha256) == self.new.map(|mark| mark.sha256);
        match (found, meant) {
            (None, None) => true,
            (Some(found), Some(meant)) => {
                found.sha256 == meant.sha256 && (!only_mode || found.executable == meant.executable)
            }
            _ => false,
        }
    }
}

/// Where the file of a step is staged before it is swapped in, and kept after.
pub(super) fn staged(at: usize) -> String {
    format!("{STAGE}/{at}")
}

/// A second name on the way, for file systems that cannot exchange two files.
pub(super) fn aside(at: usize) -> String {
    format!("{STAGE}/{at}.old")
}

/// Whether this is a name that a stage has.
pub(super) fn is_stage_name(name: &str) -> bool {
    let number = name.strip_suffix(".old").unwrap_or(name);
    name == "journal"
        || name == "journal.new"
        || (!number.is_empty() && number.len() <= 5 && number.bytes().all(|b| b.is_ascii_digit()))
}

/// A whole commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    version: u32,
    /// In the order in which they are taken: removals first, the lock last.
    pub steps: Vec<Step>,
    /// Folders that this commit makes, outermost first.
    pub made: Vec<String>,
    /// Folders that removals may leave empty, innermost first.
    pub emptied: Vec<String>,
}

impl Journal {
    pub(super) fn new(steps: Vec<Step>, made: Vec<String>, emptied: Vec<String>) -> Self {
        Self {
            version: 1,
            steps,
            made,
            emptied,
        }
    }

    pub(super) fn text(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("internal error: a journal is plain data")
    }

    /// Reads the journal, or says why it is none of ours.
    pub(super) fn read(disk: &dyn Disk) -> std::io::Result<Result<Self, String>> {
        let (bytes, _) = disk.read(JOURNAL, MAX_JOURNAL_BYTES)?;
        Ok(Self::parse(&bytes))
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let journal: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if journal.version != 1 {
            return Err(format!("version {} is not known", journal.version));
        }
        journal.steps.iter().try_for_each(check_step)?;
        let folders = journal.made.iter().chain(&journal.emptied);
        for folder in folders.filter(|folder| !super::pristine::is_folder(folder)) {
            RelPath::new(folder.as_str()).map_err(|error| error.to_string())?;
        }
        Ok(journal)
    }
}

fn check_step(step: &Step) -> Result<(), String> {
    if step.path == LOCK_NAME || super::pristine::is_file(&step.path) {
        return Ok(());
    }
    let path = RelPath::new(step.path.as_str()).map_err(|error| error.to_string())?;
    // A file of no target is one that the user asked for by name, and that is never a workflow.
    let target = match &step.target {
        Some(name) => Target::from_name(name).ok_or_else(|| format!("unknown target {name:?}"))?,
        None => Target::App,
    };
    if is_allowed(&path, target) {
        Ok(())
    } else {
        Err(format!("`{path}` belongs to no target that may write it"))
    }
}
