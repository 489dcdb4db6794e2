//! Trees on disk: temporary folders, plans made of words, and pictures of what a folder holds.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use delivery::output::{Digest, Meta};
use delivery::plan::{Artifact, Plan, RelPath, Target};

/// A folder that is removed when dropped.
#[derive(Debug)]
pub(crate) struct Temp(PathBuf);

impl Temp {
    /// An empty folder, in memory where the system has such a place.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let base = Path::new("/dev/shm");
        let base = if base.is_dir() {
            base.to_owned()
        } else {
            std::env::temp_dir()
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = base.join(format!("gen-test-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// One node of a picture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shot {
    Folder,
    /// Content, and whether the owner may execute it.
    File(Vec<u8>, bool),
    Link(PathBuf),
    Special(&'static str),
}

/// What a folder holds, by path.
pub(crate) type Picture = BTreeMap<String, Shot>;

/// Takes a picture of everything below `root`, links not followed.
pub(crate) fn picture(root: &Path) -> Picture {
    let mut picture = Picture::new();
    add(root, "", &mut picture);
    picture
}

/// The same without folders: what git would see.
pub(crate) fn files(root: &Path) -> Picture {
    let mut files = picture(root);
    files.retain(|_, shot| *shot != Shot::Folder);
    files
}

fn add(folder: &Path, prefix: &str, picture: &mut Picture) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let found = fs::symlink_metadata(entry.path()).unwrap();
        let kind = found.file_type();
        let shot = if kind.is_dir() {
            add(&entry.path(), &format!("{path}/"), picture);
            Shot::Folder
        } else if kind.is_file() {
            let executable = found.permissions().mode() & 0o100 != 0;
            Shot::File(fs::read(entry.path()).unwrap(), executable)
        } else if kind.is_symlink() {
            Shot::Link(fs::read_link(entry.path()).unwrap())
        } else if kind.is_fifo() {
            Shot::Special("fifo")
        } else if kind.is_socket() {
            Shot::Special("socket")
        } else {
            Shot::Special("other")
        };
        picture.insert(path, shot);
    }
}

/// Writes what a picture shows into an empty folder.
pub(crate) fn restore(root: &Path, picture: &Picture) {
    for (path, shot) in picture {
        let at = root.join(path);
        match shot {
            Shot::Folder => fs::create_dir(at).unwrap(),
            Shot::File(bytes, executable) => {
                fs::write(&at, bytes).unwrap();
                let mode = if *executable { 0o755 } else { 0o644 };
                fs::set_permissions(&at, fs::Permissions::from_mode(mode)).unwrap();
            }
            Shot::Link(to) => std::os::unix::fs::symlink(to, at).unwrap(),
            Shot::Special(kind) => panic!("no {kind} is restored"),
        }
    }
}

/// Inode and change time of everything below `root`: equal only if nothing was written.
pub(crate) fn stamps(root: &Path) -> BTreeMap<String, (u64, i64, i64)> {
    let mut paths: Vec<String> = picture(root).into_keys().collect();
    paths.push(String::new());
    let stamp = |path: &String| {
        let found = fs::symlink_metadata(root.join(path)).unwrap();
        (found.ino(), found.ctime(), found.ctime_nsec())
    };
    paths
        .into_iter()
        .map(|path| (path.clone(), stamp(&path)))
        .collect()
}

/// A plan from lines such as `("chart/x.yaml", "text")`; names that end in `.sh` are executable, and the
/// target follows from the first folder.
pub(crate) fn plan<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Plan {
    let mut plan = Plan::new();
    for (path, text) in files {
        plan.insert(RelPath::new(path).unwrap(), artifact(path, text))
            .unwrap();
    }
    plan
}

/// One artifact of such a plan.
pub(crate) fn artifact(path: &str, text: &str) -> Artifact {
    let target = match path.split('/').next() {
        Some("chart") => Target::Chart,
        Some(".github" | "scripts") => Target::Workflow,
        Some("terraform") => Target::Terraform,
        _ => Target::Image,
    };
    Artifact {
        target,
        bytes: text.as_bytes().to_vec().into(),
        sha256: None,
        executable: path.ends_with(".sh"),
        origin: "test".into(),
    }
}

/// What a render was made from; `version` makes two of them differ.
pub(crate) fn meta(version: &str) -> Meta {
    Meta {
        generator: "0.1.0".into(),
        blueprint: "test".into(),
        blueprint_digest: Digest::of(b"blueprint"),
        spec_digest: Digest::of(version.as_bytes()),
    }
}

/// Writes a file and the folders above it.
pub(crate) fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
