//! The lock, as it is compared with.

use std::collections::BTreeMap;

use super::Content;
use crate::output::error::Error;
use crate::output::journal::is_executable;
use crate::output::lock::{Entry, Lock, MAX_LOCK_BYTES, Meta};
use crate::output::view::View;
use crate::plan::{LOCK_NAME, RelPath};

/// The lock that is there, and its bytes.
pub(in crate::output) fn read_lock(view: &View<'_>) -> Result<Option<(Lock, Content)>, Error> {
    let Some(content) = lock_content(view)? else {
        return Ok(None);
    };
    Ok(Some((Lock::parse(&content.bytes)?, content)))
}

fn lock_content(view: &View<'_>) -> Result<Option<Content>, Error> {
    let found = view.read_own(LOCK_NAME, MAX_LOCK_BYTES)?;
    Ok(found.map(|(bytes, mode)| Content {
        bytes,
        executable: is_executable(mode),
        mode,
    }))
}

/// The lock that is there. Where it is to the byte the one that a render now would write, it is not parsed:
/// every tree that nobody touched has such a lock.
pub(super) fn read_lock_of(
    view: &View<'_>,
    planned: &BTreeMap<&RelPath, Entry>,
    meta: &Meta,
) -> Result<Option<(Lock, Content)>, Error> {
    let Some(content) = lock_content(view)? else {
        return Ok(None);
    };
    let expected = Lock {
        meta: meta.clone(),
        files: planned
            .iter()
            .map(|(path, entry)| ((*path).clone(), *entry))
            .collect(),
    };
    let lock = match expected.text().as_bytes() == content.bytes {
        true => expected,
        false => Lock::parse(&content.bytes)?,
    };
    Ok(Some((lock, content)))
}
