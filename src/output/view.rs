//! The tree as it will be once an interrupted run is repaired, without repairing it.
//!
//! Readers that must not write look through this; after a repair it shows the disk as it is.

use std::collections::BTreeMap;

use super::disk::{Disk, Node};
use super::error::Error;

/// Where the content of a path is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// In this other file.
    At(String),
    /// Nowhere: the file will be gone.
    Absent,
}

/// A disk, and what an interrupted run would still change on it.
pub(super) struct View<'d> {
    disk: &'d dyn Disk,
    shown: BTreeMap<String, Shown>,
    interrupted: bool,
}

impl<'d> View<'d> {
    /// The disk as it is.
    pub(super) fn plain(disk: &'d dyn Disk) -> Self {
        Self {
            disk,
            shown: BTreeMap::new(),
            interrupted: false,
        }
    }

    /// The disk as a repair would leave it.
    pub(super) fn through(disk: &'d dyn Disk, shown: BTreeMap<String, Shown>) -> Self {
        Self {
            disk,
            shown,
            interrupted: true,
        }
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    pub(super) fn node(&self, path: &str) -> Result<Node, Error> {
        let path = match self.shown.get(path) {
            Some(Shown::Absent) => return Ok(Node::Absent),
            Some(Shown::At(other)) => other,
            None => path,
        };
        self.disk
            .node(path)
            .map_err(|error| Error::disk("look at", path, error))
    }

    pub(super) fn read(&self, path: &str, limit: u64) -> Result<(Vec<u8>, u32), Error> {
        let path = match self.shown.get(path) {
            Some(Shown::At(other)) => other,
            _ => path,
        };
        self.disk
            .read(path, limit)
            .map_err(|error| Error::disk("read", path, error))
    }

    /// As [`Disk::read_at_once`].
    pub(super) fn read_at_once(
        &self,
        path: &str,
        limit: u64,
        buffer: &mut Vec<u8>,
    ) -> Option<(u32, usize)> {
        let path = match self.shown.get(path) {
            Some(Shown::Absent) => return None,
            Some(Shown::At(other)) => other,
            None => path,
        };
        self.disk.read_at_once(path, limit, buffer)
    }

    pub(super) fn names(&self, folder: &str) -> Result<Vec<String>, Error> {
        self.disk
            .names(folder)
            .map_err(|error| Error::disk("list", folder, error))
    }

    /// Reads one of `gen`'s own files, if it is there.
    pub(super) fn read_own(&self, path: &str, limit: u64) -> Result<Option<(Vec<u8>, u32)>, Error> {
        match self.node(path)? {
            Node::Absent => Ok(None),
            Node::File { .. } => self.read(path, limit).map(Some),
            Node::Folder => Err(Error::Obstacle(super::disk::Obstacle {
                path: path.to_owned(),
                kind: super::disk::ObstacleKind::Folder,
            })),
            Node::Obstacle(obstacle) => Err(Error::Obstacle(obstacle)),
        }
    }
}
