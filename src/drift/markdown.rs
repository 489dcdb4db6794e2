//! Drift as a comment on a pull request.

use std::fmt::Write as _;

use super::{Expression, File, Tree};
use crate::diagnostic::Diagnostic;
use crate::report::{code, fence, prose};

/// Most bytes of a comment; GitHub refuses more than 65,536 characters.
const BYTES: usize = 60_000;
/// Most files of one tree that get a row.
const ROWS: usize = 50;
const MEMORY: &str = "internal error: writing to memory";

/// A heading, a table for each drifted tree and, with `diff`, its changed lines folded away.
pub fn markdown(trees: &[Tree], diagnostics: &[Diagnostic], diff: bool) -> String {
    let drifted: Vec<&Tree> = trees.iter().filter(|tree| !tree.is_clean()).collect();
    let mut out = format!("### gen drift: {}\n", heading(trees.len(), drifted.len()));
    let mut shown = 0;
    for tree in &drifted {
        let mut section = table(tree);
        if out.len() + section.len() > BYTES {
            break;
        }
        if diff {
            let diffs = diffs(tree);
            if out.len() + section.len() + diffs.len() > BYTES {
                section.push_str("\nThe changed lines are too many to be shown here.\n");
            } else {
                section.push_str(&diffs);
            }
        }
        out.push_str(&section);
        shown += 1;
    }
    if shown < drifted.len() {
        writeln!(
            out,
            "\n… and {} more that are not shown.",
            drifted.len() - shown
        )
        .expect(MEMORY);
    }
    if !diagnostics.is_empty() {
        let errors = crate::report::write(
            crate::report::Format::Markdown,
            diagnostics,
            &crate::report::Options::default(),
        );
        if out.len() + errors.len() <= BYTES + 5_000 {
            out.push('\n');
            out.push_str(&errors);
        }
    }
    out
}

fn heading(all: usize, drifted: usize) -> String {
    match (all, drifted) {
        (1, 0) => "the tree is what the spec says".to_owned(),
        (_, 0) => format!("all {all} trees are what their specs say"),
        (1, _) => "the tree is not what the spec says".to_owned(),
        _ => format!("{drifted} of {all} trees are not what their specs say"),
    }
}

fn table(tree: &Tree) -> String {
    let mut out = format!(
        "\n#### {} from {}\n\n",
        code(&tree.folder),
        code(tree.spec.path())
    );
    if let Some(upgrade) = &tree.upgrade {
        writeln!(
            out,
            "Since the last render, {}.\n",
            prose(&upgrade.sentence())
        )
        .expect(MEMORY);
    }
    if tree.drifted.is_empty() {
        writeln!(out, "{}.", prose(&tree.lock_sentence())).expect(MEMORY);
        return out;
    }
    out.push_str("| File | State | Lines | `gen render` | In the spec |\n|---|---|---|---|---|\n");
    for file in tree.drifted.iter().take(ROWS) {
        out.push_str(&row(file));
    }
    if let Some(more) = tree
        .drifted
        .len()
        .checked_sub(ROWS)
        .filter(|more| *more > 0)
    {
        writeln!(out, "\n… and {more} more files.").expect(MEMORY);
    }
    out
}

fn row(file: &File) -> String {
    let expression = file.expression.as_ref().map(Expression::sentence);
    format!(
        "| {} | {} | +{} -{} | {} | {} |\n",
        code(&file.path),
        file.state.name(),
        file.size.added,
        file.size.removed,
        prose(file.prospect()),
        prose(&expression.unwrap_or_default()),
    )
}

fn diffs(tree: &Tree) -> String {
    let mut out = String::new();
    for file in tree.drifted.iter().filter(|file| !file.diff.is_empty()) {
        write!(
            out,
            "\n<details><summary><code>{}</code></summary>\n\n{}\n</details>\n",
            crate::report::html(&file.path),
            fence("diff", &file.diff)
        )
        .expect(MEMORY);
    }
    out
}
