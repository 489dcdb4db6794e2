//! Where blueprint files come from: those built into the binary, and a user's own folder over them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/blueprints.rs"));
}

/// Files by their path, sorted: `flask-aks/blueprint.yaml`, `parts/chart/part.yaml`, `pins.yaml`.
#[derive(Debug, Clone, Default)]
pub struct Library {
    files: BTreeMap<Cow<'static, str>, File>,
}

/// One file.
#[derive(Debug, Clone)]
pub struct File {
    /// Its bytes; those that are built in are never copied.
    pub bytes: Cow<'static, [u8]>,
    /// Their SHA-256.
    pub sha256: [u8; 32],
}

impl Library {
    /// What is built into the binary.
    pub fn embedded() -> Self {
        Self {
            files: embedded::FILES
                .iter()
                .map(|(path, bytes, sha256)| {
                    let file = File {
                        bytes: Cow::Borrowed(bytes),
                        sha256: *sha256,
                    };
                    (Cow::Borrowed(*path), file)
                })
                .collect(),
        }
    }

    /// Adds a file below `folder`; a file that is there already is replaced.
    pub fn insert(&mut self, path: String, bytes: Vec<u8>) {
        let file = File {
            sha256: Sha256::digest(&bytes).into(),
            bytes: Cow::Owned(bytes),
        };
        self.files.insert(Cow::Owned(path), file);
    }

    /// The bytes of one file.
    pub fn read(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(|file| file.bytes.as_ref())
    }

    /// One file.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// The files below `folder`, sorted, each with its path inside it.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a File)> {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        let start = Cow::<'static, str>::Owned(prefix.clone());
        self.files
            .range(start..)
            .take_while({
                let prefix = prefix.clone();
                move |(path, _)| path.starts_with(prefix.as_str())
            })
            .map(move |(path, file)| (&path[prefix.len()..], file))
    }

    /// The names of the blueprints, sorted.
    pub fn blueprints(&self) -> Vec<&str> {
        self.files
            .keys()
            .filter_map(|path| path.strip_suffix("/blueprint.yaml"))
            .collect()
    }
}
