//! Differences for scripts. The fields are a contract: they are documented at [`json`] and only ever added to.

use serde_json::{Value, json};

use super::Difference;
use super::compare::Change;
use crate::diagnostic::Diagnostic;

/// The whole report as one JSON document, ending in a line break.
///
/// The fields: `version` (1), `tool` (`name`, `version`), `from`, `to` (what was compared), `differences` and
/// `diagnostics` (as in the JSON of diagnostics). A difference has `group` (`Kubernetes`, `Terraform`, `Files`),
/// `name`, `change` (`added`, `removed`, `fields`, `lines`, `bytes`), `fields` (each with `place`, `from` and
/// `to`, null where it is not there) and `lines` (a unified diff; empty where the change is another one).
pub fn json(
    (from, to): (&str, &str),
    differences: &[Difference],
    diagnostics: &[Diagnostic],
    version: &str,
) -> String {
    crate::report::json_document(&json!({
        "version": 1,
        "tool": { "name": "gen", "version": version },
        "from": from,
        "to": to,
        "differences": differences.iter().map(difference).collect::<Vec<_>>(),
        "diagnostics": crate::report::json_diagnostics(diagnostics),
    }))
}

fn difference(difference: &Difference) -> Value {
    let (mut fields, mut lines) = (Vec::new(), "");
    let change = match &difference.change {
        Change::Added => "added",
        Change::Removed => "removed",
        Change::Bytes => "bytes",
        Change::Fields(changed) => {
            let each = changed.iter();
            fields = each
                .map(|field| json!({ "place": field.place, "from": field.from, "to": field.to }))
                .collect();
            "fields"
        }
        Change::Lines(changed) => {
            lines = changed;
            "lines"
        }
    };
    json!({
        "group": difference.key.group.name(),
        "name": difference.name,
        "change": change,
        "fields": fields,
        "lines": lines,
    })
}
