//! Drift for a terminal.

use std::fmt::Write as _;

use super::{File, Tree};
use crate::output::State;

/// One line a file, below a line for its tree; with `diff`, the changed lines too. Empty where the tree is
/// clean.
///
/// Diffs hold the bytes of files: escape the text for where it goes.
pub fn text(tree: &Tree, diff: bool) -> String {
    let mut out = String::new();
    if tree.is_clean() {
        return out;
    }
    let counted = match tree.drifted.len() {
        0 => tree.lock_sentence(),
        count => format!("{count} of {} files are not what the spec says", tree.files),
    };
    writeln!(out, "`{}` ({}): {counted}", tree.folder, tree.spec.path()).expect(MEMORY);
    if let Some(upgrade) = tree.upgrade.as_ref().filter(|_| !tree.drifted.is_empty()) {
        writeln!(out, "  since the last render, {}", upgrade.sentence()).expect(MEMORY);
    }
    let width = tree.drifted.iter().map(|file| file.path.len()).max();
    let width = width.unwrap_or(0).min(60);
    for file in &tree.drifted {
        writeln!(
            out,
            "  {:<8}  {:<width$}  {:<7}  {}",
            file.state.name(),
            file.path,
            lines(file),
            note(file)
        )
        .expect(MEMORY);
        if let Some(expression) = &file.expression {
            writeln!(out, "            = {}", expression.sentence()).expect(MEMORY);
        }
        if diff {
            out.push_str(&file.diff);
        }
    }
    out
}

const MEMORY: &str = "internal error: writing to memory";

fn lines(file: &File) -> String {
    match file.state {
        State::Blocked | State::Adopted | State::Gone => String::new(),
        _ => format!("+{} -{}", file.size.added, file.size.removed),
    }
}

/// What a render would do, in a few words.
fn note(file: &File) -> String {
    use crate::output::Action;
    let note = match file.action {
        Action::Keep if file.unresolved => "kept by render; a conflict is marked in it",
        Action::Keep => "kept by render",
        Action::Write => "written by render",
        Action::Merge => "merged by render",
        Action::Mark => "merged by render, with conflicts",
        Action::Remove => "removed by render",
        Action::Refuse => "refused by render",
        Action::Nothing => "recorded by render",
    };
    match (&file.moved, &file.obstacle) {
        (Some(path), _) if file.state == State::Missing => format!("{note}, from {path}"),
        (Some(path), _) => format!("{note}, its edit goes to {path}"),
        (_, Some(obstacle)) => format!("{note}: {obstacle}"),
        _ => note.to_owned(),
    }
}
