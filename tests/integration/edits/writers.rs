//! Who writes the tree of a history: gen, and two that lose what a person wrote.

use std::path::Path;

use delivery::output::{self, Error, Policy, Root};
use delivery::plan::Plan;

use crate::support::naive;
use crate::support::tree::meta;

/// What a render may do to the tree of a history.
pub(super) type Writer = fn(&Path, &Plan, Policy<'_>, &str) -> Result<output::Applied, Error>;

pub(super) fn careful(
    root: &Path,
    plan: &Plan,
    policy: Policy<'_>,
    version: &str,
) -> Result<output::Applied, Error> {
    output::apply(&Root::at(root), plan, &meta(version), policy)
}

/// Has no lock to ask: what is planned is written, whatever is there.
pub(super) fn without_lock(
    root: &Path,
    plan: &Plan,
    policy: Policy<'_>,
    version: &str,
) -> Result<output::Applied, Error> {
    naive::write_loop(&naive::open(root), plan).unwrap();
    careful(root, plan, policy, version)
}

/// Asks the lock and overwrites what a person edited with what both made of it, but takes only its own
/// side of a conflict.
pub(super) fn own_side(
    root: &Path,
    plan: &Plan,
    policy: Policy<'_>,
    version: &str,
) -> Result<output::Applied, Error> {
    let policy = Policy {
        force: true,
        ..policy
    };
    let mut applied = careful(root, plan, policy, version)?;
    applied.lost.clear();
    Ok(applied)
}
