//! Drift for scripts. The fields are a contract: they are documented at [`json`] and only ever added to.

use serde_json::{Value, json};

use super::{File, Setting, Tree};
use crate::diagnostic::Diagnostic;
use crate::output::{Action, LockState};

/// The whole report as one JSON document, ending in a line break.
///
/// The fields: `version` (1), `tool` (`name`, `version`), `trees`, `diagnostics` (as in the JSON of
/// diagnostics) and `summary` (`trees`, `clean`, `drifted`, and how many files are in each state). A tree has
/// `spec`, `folder`, `clean`, `files` (how many), `lock` (`current`, `older`, `files`, `absent`),
/// `interrupted`, `owned` (paths) and `drift`. A drifted file has `path`, `state`, `target`, `added` and
/// `removed` (lines), `action` (`nothing`, `keep`, `write`, `merge`, `mark`, `remove`, `refuse`),
/// `expression` (null, or `settings` of `field` and `value`, and `others`), `unresolved`, `moved`,
/// `obstacle` and, where asked for, `diff`.
pub fn json(trees: &[Tree], diagnostics: &[Diagnostic], diff: bool, version: &str) -> String {
    let mut states = serde_json::Map::new();
    for file in trees.iter().flat_map(|tree| &tree.drifted) {
        let count = states.entry(file.state.name()).or_insert(Value::from(0));
        *count = Value::from(count.as_u64().unwrap_or(0) + 1);
    }
    let clean = trees.iter().filter(|tree| tree.is_clean()).count();
    crate::report::json_document(&json!({
        "version": 1,
        "tool": { "name": "gen", "version": version },
        "trees": trees.iter().map(|each| tree(each, diff)).collect::<Vec<_>>(),
        "diagnostics": crate::report::json_diagnostics(diagnostics),
        "summary": {
            "trees": trees.len(),
            "clean": clean,
            "drifted": trees.len() - clean,
            "states": states,
        },
    }))
}

fn tree(tree: &Tree, diff: bool) -> Value {
    json!({
        "spec": tree.spec.path(),
        "folder": tree.folder,
        "clean": tree.is_clean(),
        "files": tree.files,
        "lock": match tree.lock {
            LockState::Current => "current",
            LockState::Meta => "older",
            LockState::Files => "files",
            LockState::Absent => "absent",
        },
        "interrupted": tree.interrupted,
        "owned": tree.owned,
        "drift": tree.drifted.iter().map(|each| file(each, diff)).collect::<Vec<_>>(),
    })
}

fn file(file: &File, diff: bool) -> Value {
    let mut value = json!({
        "path": file.path,
        "state": file.state.name(),
        "target": file.target,
        "added": file.size.added,
        "removed": file.size.removed,
        "action": action(file.action),
        "expression": file.expression.as_ref().map(|expression| json!({
            "settings": expression.settings.iter().map(setting).collect::<Vec<_>>(),
            "others": expression.others,
        })),
        "unresolved": file.unresolved,
        "moved": file.moved,
        "obstacle": file.obstacle,
    });
    if diff {
        value["diff"] = Value::from(file.diff.as_str());
    }
    value
}

fn setting(setting: &Setting) -> Value {
    let value = serde_json::from_str(&setting.value).unwrap_or(Value::Null);
    json!({ "field": setting.field, "value": value })
}

fn action(action: Action) -> &'static str {
    match action {
        Action::Nothing => "nothing",
        Action::Keep => "keep",
        Action::Write => "write",
        Action::Merge => "merge",
        Action::Mark => "mark",
        Action::Remove => "remove",
        Action::Refuse => "refuse",
    }
}
