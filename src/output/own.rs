//! The files that `gen` keeps for itself: the lock, and the texts to merge with.

use std::collections::BTreeSet;

use super::apply::{mark, mode};
use super::commit::Work;
use super::compare::{Comparison, Content, LockState};
use super::digest::Digest;
use super::disk::Node;
use super::error::Error;
use super::journal::{Mark, Step, is_executable};
use super::pristine::{ATTRIBUTES, ATTRIBUTES_TEXT, MAX_PRISTINE_BYTES, PRISTINE, Pristine};
use super::view::View;
use crate::plan::{LOCK_NAME, Plan};

/// A file of `gen` itself: what is there of it, and what will be.
pub(super) struct OwnFile {
    path: &'static str,
    old: Option<Content>,
    text: String,
}

impl OwnFile {
    pub(super) fn work(&self) -> Work<'_> {
        Work {
            step: Step {
                path: self.path.to_owned(),
                target: None,
                old: self.old.as_ref().map(mark),
                new: Some(Mark {
                    sha256: Digest::of(self.text.as_bytes()),
                    executable: false,
                }),
            },
            new: Some((self.text.as_bytes(), mode(self.old.as_ref(), false))),
        }
    }
}

/// Those that have to be written, the lock last.
///
/// The texts are not read while the lock is current: nothing depends on them, and a render that has
/// nothing to do should not read as much again.
pub(super) fn own_files(
    view: &View<'_>,
    plan: &Plan,
    comparison: &Comparison,
) -> Result<Vec<OwnFile>, Error> {
    let mut own = Vec::new();
    let current = comparison.lock == LockState::Current;
    if current && matches!(view.node(PRISTINE)?, Node::File { .. }) {
        return Ok(own);
    }
    let old = read(view, PRISTINE)?;
    let text = pristine(view, plan, comparison)?.file();
    if old.as_ref().is_none_or(|old| old.bytes != text.as_bytes()) {
        own.push(OwnFile {
            path: PRISTINE,
            old,
            text,
        });
    }
    if read(view, ATTRIBUTES)?.is_none() {
        own.push(OwnFile {
            path: ATTRIBUTES,
            old: None,
            text: ATTRIBUTES_TEXT.to_owned(),
        });
    }
    if !current {
        own.push(OwnFile {
            path: LOCK_NAME,
            old: comparison.old_lock.clone(),
            text: comparison.new_lock.text(),
        });
    }
    Ok(own)
}

fn read(view: &View<'_>, path: &str) -> Result<Option<Content>, Error> {
    let found = view.read_own(path, MAX_PRISTINE_BYTES)?;
    Ok(found.map(|(bytes, mode)| Content {
        bytes,
        executable: is_executable(mode),
        mode,
    }))
}

/// The texts of all files that the lock will name, also of those that are not rendered this time.
fn pristine(view: &View<'_>, plan: &Plan, comparison: &Comparison) -> Result<Pristine, Error> {
    let locked = &comparison.new_lock.files;
    let mut pristine = Pristine::default();
    let mut others = BTreeSet::new();
    for (path, entry) in locked {
        match plan.artifacts().get(path) {
            Some(artifact) if Digest::of_artifact(artifact) == entry.sha256 => {
                pristine.keep(entry.sha256, &artifact.bytes);
            }
            _ => drop(others.insert(entry.sha256)),
        }
    }
    if !others.is_empty() {
        pristine.extend(Pristine::read(view)?, &others);
    }
    Ok(pristine)
}
