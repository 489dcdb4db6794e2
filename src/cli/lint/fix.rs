//! Puts fixes into files: each whole or not at all, and none over another.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Edit};
use crate::output;

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Fixed {
    /// How many diagnostics were fixed.
    pub(super) count: usize,
    /// The files that changed.
    pub(super) files: Vec<String>,
    /// Files that a spec decides, which were left alone.
    pub(super) managed: Vec<String>,
}

/// Fixes what can be, unsafe fixes too where `all`.
///
/// # Errors
/// A sentence that says which file could not be written.
pub(super) fn apply(diagnostics: &[Diagnostic], all: bool) -> Result<Fixed, String> {
    let mut fixed = Fixed::default();
    let mut taken: BTreeMap<String, Vec<&Edit>> = BTreeMap::new();
    for fix in diagnostics.iter().filter_map(|one| one.fix.as_ref()) {
        if fix.unsafe_to_apply && !all || fix.edits.is_empty() {
            continue;
        }
        if let Some(path) = fix
            .edits
            .iter()
            .map(|edit| edit.source.path())
            .find(|path| is_managed(path))
        {
            fixed.managed.push(path.to_owned());
            continue;
        }
        let apart = fix.edits.iter().all(|edit| {
            let others = taken.get(edit.source.path()).map_or(&[][..], Vec::as_slice);
            others
                .iter()
                .all(|other| other == &edit || !overlap(other, edit))
        });
        if !apart {
            continue;
        }
        for edit in &fix.edits {
            let edits = taken.entry(edit.source.path().to_owned()).or_default();
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
        fixed.count += 1;
    }
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for (path, mut edits) in taken {
        edits.sort_by_key(|edit| edit.span.start);
        let mut text = edits[0].source.text().to_owned();
        // What was read has to be what is there.
        let now = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot read `{path}`: {error}"))?;
        if now != text {
            return Err(format!("`{path}` has changed meanwhile"));
        }
        for edit in edits.iter().rev() {
            text.replace_range(edit.span.start..edit.span.end, &edit.text);
        }
        files.push((PathBuf::from(&path), text));
        fixed.files.push(path);
    }
    output::replace(&files).map_err(|error| format!("cannot write: {error}"))?;
    fixed.managed.sort();
    fixed.managed.dedup();
    Ok(fixed)
}

fn overlap(a: &Edit, b: &Edit) -> bool {
    a.span.start < b.span.end && b.span.start < a.span.end || a.span.start == b.span.start
}

/// Whether a lock above the file says that a spec renders it.
fn is_managed(path: &str) -> bool {
    let path = Path::new(path);
    path.ancestors().skip(1).any(|folder| {
        let Ok(below) = path.strip_prefix(folder) else {
            return false;
        };
        let Ok(lock) = std::fs::read_to_string(folder.join("gen.lock")) else {
            return false;
        };
        let below = below.to_string_lossy().replace('\\', "/");
        lock.lines().any(|line| line.contains(&below))
    })
}
