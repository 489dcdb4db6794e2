//! Which specs a command is about: files, whole trees, and the share of one machine among several.
//!
//! Looks at names only, and at the text of files that are called like a spec. Follows no link.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use rayon::prelude::*;

use super::git::Snapshot;
use super::workspace;

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 64;
/// Folders that hold no spec of this repository; those that begin with a dot are left out as well.
const SKIPPED: [&str; 4] = ["node_modules", "target", "vendor", "__pycache__"];
/// So many folders in one are searched side by side.
const MANY_FOLDERS: usize = 64;
/// What an indexed Job of Kubernetes tells each of its pods.
const JOB_INDEX: &str = "JOB_COMPLETION_INDEX";

/// Options of commands that work on many specs.
#[derive(Debug, Clone, Args)]
pub(super) struct FleetArgs {
    /// How many specs to work on at the same time; one for each processor unless told otherwise.
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Take only share I of N of the specs, as `2/8`; `job/8` takes I from the pod of an indexed Job.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<Shard>,
}

/// One share among several, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shard {
    index: usize,
    count: usize,
}

fn shard(text: &str) -> Result<Shard, String> {
    let form = || "expected two numbers as in `2/8`, or `job/8`".to_owned();
    let (index, count) = text.split_once('/').ok_or_else(form)?;
    let count: usize = count.parse().map_err(|_| form())?;
    if index == "job" {
        let index = std::env::var(JOB_INDEX)
            .map_err(|_| format!("`job` needs `{JOB_INDEX}`, which an indexed Job sets"))?;
        let index: usize = index
            .parse()
            .map_err(|_| format!("`{JOB_INDEX}` is {index:?}, and a number is expected"))?;
        if index >= count {
            return Err(format!(
                "`{JOB_INDEX}` is {index}, counted from 0, and there are {count} shares"
            ));
        }
        return Ok(Shard { index, count });
    }
    let index: usize = index.parse().map_err(|_| form())?;
    if index == 0 || index > count {
        return Err(format!("there is no share {index} of {count}"));
    }
    Ok(Shard {
        index: index - 1,
        count,
    })
}

/// What was found below the paths of a command line.
#[derive(Debug, Default)]
pub(super) struct Fleet {
    /// The specs of this share, sorted, each once.
    pub(super) specs: Vec<PathBuf>,
    /// Folders with a lock that were come across, whosever they are.
    pub(super) trees: Vec<PathBuf>,
    /// Whether a folder was searched, so that what nobody claims in it can be told.
    pub(super) searched: bool,
}

impl FleetArgs {
    /// The specs that `paths` name, and those in the folders that they name.
    ///
    /// # Errors
    /// A sentence that names what cannot be read, or the folder without a spec.
    pub(super) fn find(&self, paths: &[PathBuf]) -> Result<Fleet, String> {
        let mut fleet = Fleet::default();
        let mut specs = BTreeSet::new();
        for path in paths {
            if !path.is_dir() {
                specs.insert(path.clone());
                continue;
            }
            let found = search(path, 0)?;
            let none = found.specs.is_empty();
            specs.extend(found.specs);
            fleet.trees.extend(found.trees);
            if none && paths.len() == 1 {
                return Err(format!(
                    "there is no spec in `{}`; a spec is called `spec.yaml` or `*.spec.yaml`",
                    path.display()
                ));
            }
            fleet.searched = true;
        }
        self.share(specs, &mut fleet);
        Ok(fleet)
    }

    /// The same in what git has; the paths of the result are those in the repository.
    ///
    /// # Errors
    /// A sentence that names what cannot be read. A repository without a spec is no error here: a hook
    /// runs at every commit.
    pub(super) fn find_in(&self, paths: &[PathBuf], snapshot: &Snapshot) -> Result<Fleet, String> {
        let mut fleet = Fleet::default();
        let mut specs = BTreeSet::new();
        for path in paths {
            let below = workspace::below(path, &snapshot.repository)?;
            if !path.is_dir() {
                specs.insert(below);
                continue;
            }
            for file in snapshot
                .paths()
                .map(Path::new)
                .filter(|file| file.starts_with(&below))
            {
                let folder = file.parent().unwrap_or(Path::new(""));
                let names = folder
                    .components()
                    .map(|name| name.as_os_str().to_string_lossy());
                if names.into_iter().any(|name| is_skipped(&name)) {
                    continue;
                }
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                if name == crate::plan::LOCK_NAME {
                    fleet.trees.push(snapshot.repository.join(folder));
                } else if is_spec_name(&name) {
                    let shown = file.to_string_lossy();
                    let text = snapshot.read(&shown);
                    let text = text.map_err(|error| format!("cannot read `{shown}`: {error}"))?;
                    if names_blueprint(&text) {
                        specs.insert(file.to_owned());
                    }
                }
            }
            fleet.searched = true;
        }
        self.share(specs, &mut fleet);
        Ok(fleet)
    }

    fn share(&self, specs: BTreeSet<PathBuf>, fleet: &mut Fleet) {
        fleet.specs = match self.shard {
            Some(Shard { index, count }) => {
                fleet.searched = false;
                specs.into_iter().skip(index).step_by(count).collect()
            }
            None => specs.into_iter().collect(),
        };
    }

    /// Runs `work` on as many threads as were asked for.
    ///
    /// # Errors
    /// A sentence, where the threads cannot be started.
    pub(super) fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, String> {
        let Some(jobs) = self.jobs else {
            return Ok(work());
        };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(usize::from(jobs))
            .build()
            .map_err(|error| format!("cannot start {jobs} threads: {error}"))?;
        Ok(pool.install(work))
    }
}

/// What lies in one folder, at any depth, in the order in which the system lists it.
#[derive(Default)]
struct Below {
    specs: Vec<PathBuf>,
    trees: Vec<PathBuf>,
}

fn search(folder: &Path, depth: usize) -> Result<Below, String> {
    let failed = |error| format!("cannot read the folder `{}`: {error}", folder.display());
    if depth > MAX_DEPTH {
        return Err(format!(
            "`{}` is more than {MAX_DEPTH} folders deep",
            folder.display()
        ));
    }
    let mut below = Below::default();
    let mut folders = Vec::new();
    let here = folder == Path::new(".");
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name
            .to_str()
            .map_or_else(|| name.to_string_lossy(), Cow::Borrowed);
        let kind = entry.file_type().map_err(failed)?;
        let path = || match here {
            true => PathBuf::from(entry.file_name()),
            false => entry.path(),
        };
        if kind.is_dir() {
            if !is_skipped(&name) {
                folders.push(path());
            }
        } else if kind.is_file() && name == crate::plan::LOCK_NAME {
            below.trees.push(folder.to_owned());
        } else if kind.is_file() && is_spec_name(&name) && says_blueprint(&path())? {
            below.specs.push(path());
        }
    }
    let search = |path: &PathBuf| search(path, depth + 1);
    let found: Vec<Result<Below, String>> = match folders.len() >= MANY_FOLDERS {
        true => folders.par_iter().map(search).collect(),
        false => folders.iter().map(search).collect(),
    };
    for found in found {
        let found = found?;
        below.specs.extend(found.specs);
        below.trees.extend(found.trees);
    }
    Ok(below)
}

/// Whether a folder of this name is not looked into.
fn is_skipped(name: &str) -> bool {
    name.starts_with('.') || SKIPPED.contains(&name)
}

/// Does the same to every item, side by side. Starting threads costs more than one item does.
pub(super) fn each<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    if items.len() == 1 {
        return items.into_iter().map(work).collect();
    }
    items.into_par_iter().map(work).collect()
}

/// Whether a file of this name may be a spec.
pub(super) fn is_spec_name(name: &str) -> bool {
    name == "spec.yaml" || name.ends_with(".spec.yaml")
}

/// Other tools have a `spec.yaml` too; only ours names a blueprint.
fn says_blueprint(path: &Path) -> Result<bool, String> {
    let text = std::fs::read(path)
        .map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    Ok(names_blueprint(&text))
}

/// Whether a text has a line that begins with the key `blueprint`.
pub(super) fn names_blueprint(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    text.split(|byte| *byte == b'\n').any(|line| {
        ["blueprint:", "\"blueprint\":", "'blueprint':", "{"]
            .iter()
            .any(|start| line.starts_with(start.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_counted_from_one() {
        assert_eq!(shard("2/8"), Ok(Shard { index: 1, count: 8 }));
        assert_eq!(shard("8/8"), Ok(Shard { index: 7, count: 8 }));
        for wrong in ["0/8", "9/8", "1/0", "1", "a/8", "1/b", "-1/2", "job", ""] {
            assert!(shard(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_text_with_a_blueprint_is_a_spec() {
        assert!(names_blueprint(b"version: 1\r\nblueprint: flask-aks\r\n"));
        assert!(names_blueprint(b"\xef\xbb\xbfblueprint: x"));
        assert!(names_blueprint(b"{version: 1, blueprint: x}"));
        assert!(!names_blueprint(b"openapi: 3.0.0\ninfo:\n  blueprint: x\n"));
        assert!(is_spec_name("web.spec.yaml") && !is_spec_name("spec.yml"));
    }
}
