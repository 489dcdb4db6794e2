//! What a render did or would do, told.

use std::path::Path;

use super::super::console::{Console, printable};
use super::super::service::worse;
use super::super::{Outcome, workspace};
use super::{Ready, RenderArgs};
use crate::diagnostic::{Diagnostic, Reporter};
use crate::drift::{self, File, Tree, first_difference};
use crate::output::{Action, Applied, Change, LockState, State};
use crate::source::Source;

/// Most files that are named where nobody asked for details.
const NAMED: usize = 40;

/// Says how it went, and collects what there is to complain about.
pub(super) fn tell(
    ready: &Ready,
    args: &RenderArgs,
    console: &mut Console,
    diagnostics: &mut Vec<Diagnostic>,
) -> Outcome {
    diagnostics.extend(ready.diagnostics.iter().cloned());
    match &ready.applied {
        Some(applied) => {
            tell_applied(&ready.tree, applied, console);
            diagnostics.extend(conflicts(&ready.tree));
            Outcome::Clean
        }
        None => tell_compared(&ready.tree, args, console, diagnostics),
    }
}

fn tell_compared(
    tree: &Tree,
    args: &RenderArgs,
    console: &mut Console,
    diagnostics: &mut Vec<Diagnostic>,
) -> Outcome {
    let shown = if console.is_machine() {
        diagnostics.extend(tree.diagnostics());
        Outcome::Clean
    } else if args.diff {
        let diffs = tree.drifted.iter().filter(|file| file.is_written());
        console.result(&printable(
            &diffs.map(|f| f.diff.as_str()).collect::<String>(),
        ))
    } else {
        console.result(&printable(&drift::text(tree, false)))
    };
    let folder = &tree.folder;
    let kept = tree
        .drifted
        .iter()
        .filter(|file| file.action == Action::Keep);
    let kept: Vec<&File> = kept.collect();
    if args.diff && !kept.is_empty() {
        console.say(&format!("Would keep as edited by hand: {}.", names(&kept)));
    }
    if tree.is_clean() {
        console.say(&clean(tree));
    } else if tree.drifted.is_empty() {
        console.say(&format!(
            "`{folder}`: the files are what the spec says; only `gen.lock` would be written."
        ));
    } else {
        console.say(&format!(
            "`{folder}`: {} of {} files are not what the spec says.",
            tree.drifted.len(),
            tree.files
        ));
    }
    match args.check && !tree.is_clean() {
        true => worse(shown, Outcome::Found),
        false => shown,
    }
}

fn clean(tree: &Tree) -> String {
    format!(
        "`{}` is what the spec says ({} files).",
        tree.folder, tree.files
    )
}

fn tell_applied(tree: &Tree, applied: &Applied, console: &mut Console) {
    let folder = &tree.folder;
    if applied.repaired.is_some() {
        console.say(&format!(
            "Repaired `{folder}`, which an interrupted run had left half written."
        ));
    }
    for change in &applied.lost {
        console.say(&format!(
            "Overwrote what was written by hand:\n{}",
            printable(&change.diff())
        ));
    }
    tell_upgrade(tree, console);
    let of = |states: &dyn Fn(&&File) -> bool| -> Vec<&File> {
        tree.drifted.iter().filter(states).collect()
    };
    let merged = of(&|file| matches!(file.action, Action::Merge | Action::Mark));
    if !merged.is_empty() {
        console.say(&format!(
            "Merged with what was edited by hand: {}.",
            names(&merged)
        ));
    }
    let restored = of(&|file| file.state == State::Missing && file.was_rendered);
    if !restored.is_empty() && tree.lock != LockState::Absent {
        console.say(&format!(
            "Wrote again what was deleted: {}.",
            names(&restored)
        ));
    }
    let kept = of(&|file| file.action == Action::Keep);
    if !kept.is_empty() {
        console.say(&format!("Kept as edited by hand: {}.", names(&kept)));
    }
    for path in &applied.written {
        console.detail(&format!("  wrote {path}"));
    }
    for path in &applied.removed {
        console.detail(&format!("  removed {path}"));
    }
    for path in &tree.owned {
        console.detail(&format!("  left {path}, which is yours"));
    }
    if !applied.wrote() {
        if kept.is_empty() {
            console.say(&clean(tree));
        }
        return;
    }
    let removed = match applied.removed.len() {
        0 => String::new(),
        count => format!(", removed {count}"),
    };
    console.say(&format!(
        "Wrote {} of {} files to `{folder}`{removed}.",
        applied.written.len(),
        tree.files
    ));
}

/// The files by name, as far as anybody reads that.
fn names(files: &[&File]) -> String {
    let mut names: Vec<String> = files
        .iter()
        .take(NAMED)
        .map(|file| format!("`{}`", file.path))
        .collect();
    if files.len() > NAMED {
        names.push(format!("{} more", files.len() - NAMED));
    }
    names.join(", ")
}

/// What a new version of `gen` or of the blueprint changed.
fn tell_upgrade(tree: &Tree, console: &mut Console) {
    let Some(upgrade) = tree.upgrade.as_ref().filter(|upgrade| upgrade.is_version()) else {
        return;
    };
    let changed: Vec<&File> = tree
        .drifted
        .iter()
        .filter(|file| file.is_written())
        .collect();
    console.say(&format!(
        "Since the last render, {}: {} files change.",
        upgrade.sentence(),
        changed.len()
    ));
    for file in changed.iter().take(NAMED) {
        let what = match file.action {
            Action::Remove => "removed",
            Action::Merge | Action::Mark => "merged",
            _ if file.state == State::Missing => "new",
            _ => "changed",
        };
        console.say(&format!(
            "  {what:<8}  {}  +{} -{}",
            file.path, file.size.added, file.size.removed
        ));
    }
    if changed.len() > NAMED {
        console.say(&format!("  … and {} more", changed.len() - NAMED));
    }
}

/// What a person has to resolve now.
fn conflicts(tree: &Tree) -> Vec<Diagnostic> {
    let mut report = Reporter::new();
    for file in &tree.drifted {
        let (id, what) = match file.action {
            Action::Mark => (
                "conflicting-file",
                "was edited where the spec changes it too; both are in it, between conflict markers",
            ),
            Action::Keep if file.unresolved => (
                "unresolved-conflict",
                "has conflict markers of an earlier render in it",
            ),
            _ => continue,
        };
        let path = workspace::join(Path::new(&tree.folder), &file.path);
        report
            .error(id, format!("`{}` {what}", path.display()))
            .help("edit the file so that the lines between `<<<<<<<` and `>>>>>>>` are right, and take the markers out");
    }
    report.into_diagnostics()
}

/// One diagnostic for each file in the way, at its first line that would change.
pub(super) fn refusals(folder: &Path, changes: &[Change]) -> Vec<Diagnostic> {
    let mut report = Reporter::new();
    for change in changes {
        let (id, what) = match change.state {
            _ if change.unresolved => (
                "unresolved-conflict",
                "has conflict markers of an earlier render in it, and the spec changes it again",
            ),
            State::Edited => ("edited-file", "was edited by hand since it was rendered"),
            State::Conflict if change.plan.is_none() => (
                "conflicting-file",
                "was edited by hand, and the spec no longer has it",
            ),
            State::Conflict => (
                "conflicting-file",
                "was edited by hand, and the spec changes it too",
            ),
            State::Unknown => ("unknown-file", "is there already, and gen did not write it"),
            _ => ("blocked-file", "cannot be written"),
        };
        let path = workspace::join(folder, change.path.as_str());
        let d = report.error(id, format!("`{}` {what}", path.display()));
        match (&change.obstacle, &change.disk) {
            (Some(obstacle), _) => {
                d.help(format!(
                    "{obstacle}; remove what is in the way, or choose another `--out`"
                ));
            }
            (None, Some(disk)) => {
                let text = String::from_utf8_lossy(&disk.bytes).into_owned();
                let planned = change.plan.as_ref().map_or(&[][..], |plan| &plan.bytes);
                let span = first_difference(&text, planned);
                let source = Source::new(path.display().to_string(), text);
                d.at(
                    &source,
                    span,
                    format!("writing it would change {}", change.size()),
                );
                d.help("`--diff` shows what would be lost, `--force` overwrites it; express the edit in the spec, or name the file in its `owned`, to keep it");
            }
            (None, None) => {}
        }
    }
    report.into_diagnostics()
}
