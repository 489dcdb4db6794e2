//! spec.yaml to model: strict reading, every fault at once, then what it means.
//!
//! Owns the table of fields, the checks and the model. Knows nothing of targets or of what is on disk.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::diagnostic::Reporter;
use crate::source::yaml::Node;
use crate::source::{Place, Source};

pub mod init;
pub mod model;
pub mod outline;
pub mod raw;
mod rules;
pub mod table;
mod validate;

use crate::schema::text::{self, Document};
pub use model::Model;
use validate::Checked;

/// Reads and validates one spec with `settings` (`path=value`) over it.
///
/// Tells every fault with its place; gives no model where there is an error.
pub fn load(file: &Arc<Source>, settings: &[String], report: &mut Reporter) -> Option<Model> {
    let mut found = Reporter::new();
    let model = read(file, settings, &mut found);
    // An environment repeats what is wrong in the spec below it.
    let mut told = Vec::new();
    for diagnostic in found.into_diagnostics() {
        if !told.contains(&diagnostic) {
            told.push(diagnostic);
        }
    }
    report.adopt(told);
    model
}

fn read(file: &Arc<Source>, settings: &[String], report: &mut Reporter) -> Option<Model> {
    let mut text = Document::new(Arc::clone(file));
    let mut node = text.read(report)?;
    for setting in settings {
        text.set(&mut node, setting, report);
    }
    let base = table::SPEC.check(&text, &node, &Place::root(), report);
    let overlays = overlays(&text, &node, report);
    if report.has_errors() {
        rules::secrets(&text, &node, report);
        return None;
    }
    let base = Checked {
        environment: None,
        raw: validate::typed(base),
        node: &node,
        text: &text,
    };
    let environments: Vec<Checked<'_>> = overlays
        .iter()
        .map(|(name, node, value)| Checked {
            environment: Some(name),
            raw: validate::typed(value.clone()),
            node,
            text: &text,
        })
        .collect();
    validate::validate(&base, &environments, report)
}

/// Each environment's spec: the base with the overlay merged in, checked like any other.
fn overlays(text: &Document, node: &Node, report: &mut Reporter) -> Vec<(String, Node, Value)> {
    let Some(environments) = node.get("environments") else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for entry in environments.entries() {
        let place = Place::keys("environments").key(entry.key.clone());
        let mut told = Reporter::new();
        table::OVERLAY.check_keys(&table::SPEC, text, &entry.value, &place, &mut told);
        let clean = !told.has_errors();
        report.extend(told);
        if clean {
            let mut merged = node.clone();
            if !entry.value.is_null() {
                text::overlay(&mut merged, &entry.value);
            }
            let value = table::SPEC.check(text, &merged, &Place::root(), report);
            out.push((entry.key.clone(), merged, value));
        }
    }
    out
}

/// The JSON Schema of a spec, for editors and other validators.
pub fn schema() -> Value {
    let mut schema = table::SPEC.schema(false);
    schema["properties"]["environments"]["additionalProperties"] = json!({
        "anyOf": [table::OVERLAY.schema(true), { "type": "null" }]
    });
    let mut out = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "gen spec",
    });
    if let (Value::Object(out), Value::Object(schema)) = (&mut out, schema) {
        out.extend(schema);
    }
    out
}

/// Identity of the schema; nothing is ever fetched from it.
pub const SCHEMA_ID: &str = "urn:gen:spec:1";

/// [`schema`] as it is printed and committed.
pub fn schema_text() -> String {
    let mut text =
        serde_json::to_string_pretty(&schema()).expect("internal error: a schema is plain data");
    text.push('\n');
    text
}
