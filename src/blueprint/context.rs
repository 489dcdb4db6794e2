//! What templates see: the model, the pinned actions and tools, and in turn each environment.

use std::collections::BTreeMap;

use minijinja::Value;
use minijinja::value::Serde;
use serde_json::{Map, json};

use super::library::Library;
use crate::diagnostic::Reporter;
use crate::schema::text::Document;
use crate::source::Source;
use crate::spec::Model;
use crate::spec::model::Environment;

/// The one file that names every action and tool with its version.
const PINS: &str = "pins.yaml";

/// The context of the base stack and of each environment.
pub struct Contexts {
    /// For artifacts that exist once.
    pub base: Value,
    /// For artifacts that exist in each environment, in the order of promotion.
    pub environments: Vec<Value>,
}

/// Actions and tools with their versions, as templates see them.
///
/// An action's `uses` carries the full commit. Tells what is wrong with the file.
pub fn pins(library: &Library, report: &mut Reporter) -> Option<Names> {
    let text = String::from_utf8_lossy(library.read(PINS).unwrap_or_default()).into_owned();
    let document = Document::new(Source::new(PINS, text));
    let node = document.read(report)?;
    let mut actions = Map::new();
    for entry in node
        .get("actions")
        .map(|node| node.entries())
        .unwrap_or_default()
    {
        let field = |name: &str| {
            entry
                .value
                .get(name)
                .and_then(|node| node.text())
                .unwrap_or("")
        };
        let sha = field("sha");
        if sha.len() != 40 || !sha.bytes().all(|b| b.is_ascii_hexdigit()) {
            document.at(
                report.error(
                    "unpinned-action",
                    format!("the action `{}` has no commit", entry.key),
                ),
                entry.key_span,
                "expected `sha` with 40 hexadecimal digits",
            );
            return None;
        }
        actions.insert(
            entry.key.clone(),
            json!({ "uses": format!("{}@{sha}", field("uses")), "version": field("version") }),
        );
    }
    let mut tools = Map::new();
    for entry in node
        .get("tools")
        .map(|node| node.entries())
        .unwrap_or_default()
    {
        tools.insert(entry.key.clone(), json!(entry.value.text().unwrap_or("")));
    }
    Some(names(&Value::from(Serde(
        json!({ "actions": actions, "tools": tools }),
    ))))
}

impl Contexts {
    /// The contexts of one model.
    pub fn new(model: &Model, pins: &Names) -> Self {
        let mut names = names(&Value::from(Serde(model)));
        names.extend(pins.clone());
        let environments = model
            .environments
            .iter()
            .map(|environment| overlaid(&names, environment))
            .collect();
        Self {
            base: Value::from(names),
            environments,
        }
    }

    /// Whether the spec has a group, by names joined by dots.
    pub fn has(&self, group: &str) -> bool {
        let found = group
            .split('.')
            .try_fold(self.base.clone(), |value, name| value.get_attr(name));
        found.is_ok_and(|value| !value.is_undefined() && !value.is_none())
    }
}

/// The names that a template begins with.
pub type Names = BTreeMap<String, Value>;

fn names(group: &Value) -> Names {
    let keys = group.try_iter().into_iter().flatten();
    keys.filter_map(|key| Some((key.as_str()?.to_owned(), group.get_item(&key).ok()?)))
        .collect()
}

/// Inside an environment, `kubernetes.replicas` is that environment's.
fn overlaid(base: &Names, environment: &Environment) -> Value {
    let environment = Value::from(Serde(environment));
    let mut all = base.clone();
    for (name, value) in &mut all {
        // Its own name is not that of the service.
        let Ok(own) = environment.get_attr(name) else {
            continue;
        };
        if name != "name" && !own.is_undefined() {
            *value = own;
        }
    }
    all.insert("environment".to_owned(), environment);
    Value::from(all)
}
