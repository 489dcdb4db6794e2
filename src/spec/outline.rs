//! Every field of one spec with the value that it has, defaults included.
//!
//! For whoever asks which field says something; the table is the only source of what there is.

use std::sync::Arc;

use serde_json::Value;

use super::{overlays, table};
use crate::diagnostic::Reporter;
use crate::schema::shape::{Field as Row, Object, Presence, Shape};
use crate::schema::text::Document;
use crate::source::{Place, Source};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A text or one of some words.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `false`, or a group of fields.
    Switch,
    /// A list.
    List,
    /// A mapping with free keys and texts as values.
    Map,
}

/// One field of a spec.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its keys from the root, joined by `.`, as `--set` takes them.
    pub place: String,
    /// What it holds.
    pub holds: Holds,
    /// Its value; nothing where it is absent and has no default.
    pub value: Option<Value>,
}

/// Says what the tree is, not what is in it.
const FIXED: [&str; 6] = [
    "version",
    "blueprint",
    "out",
    "owned",
    "environments",
    "promotion",
];

/// The fields of a valid spec and, as `environments.<name>.…`, those that each environment may have.
///
/// Empty where the spec is not valid. Left out: fields that say what the tree is (`blueprint`, `out` …), and
/// what lies below a key with a dot.
pub fn outline(file: &Arc<Source>, settings: &[String]) -> Vec<Field> {
    let mut report = Reporter::new();
    let mut text = Document::new(Arc::clone(file));
    let Some(mut node) = text.read(&mut report) else {
        return Vec::new();
    };
    for setting in settings {
        text.set(&mut node, setting, &mut report);
    }
    let base = table::SPEC.check(&text, &node, &Place::root(), &mut report);
    let overlays = overlays(&text, &node, &mut report);
    if report.has_errors() {
        return Vec::new();
    }
    let mut fields = Vec::new();
    object(&table::SPEC, Some(&base), "", &mut fields);
    for (name, _, value) in &overlays {
        let place = format!("environments.{name}");
        object(&table::OVERLAY, Some(value), &place, &mut fields);
    }
    fields
}

fn object(of: &'static Object, value: Option<&Value>, place: &str, fields: &mut Vec<Field>) {
    for row in of.fields {
        if place.is_empty() && FIXED.contains(&row.name) {
            continue;
        }
        let value = value.and_then(|value| value.get(row.name));
        // A whole group that is absent takes more than one value to say.
        let absent = value.is_none() && matches!(row.presence, Presence::Optional(_));
        if !(absent && matches!(row.shape, Shape::Object(_))) {
            field(row, value, &below(place, row.name), fields);
        }
    }
}

fn below(place: &str, key: &str) -> String {
    match place {
        "" => key.to_owned(),
        _ => format!("{place}.{key}"),
    }
}

fn field(row: &'static Row, value: Option<&Value>, place: &str, fields: &mut Vec<Field>) {
    shape(&row.shape, value, place, fields);
}

fn shape(of: &'static Shape, value: Option<&Value>, place: &str, fields: &mut Vec<Field>) {
    let mut add = |holds| {
        fields.push(Field {
            place: place.to_owned(),
            holds,
            value: value.filter(|value| !value.is_null()).cloned(),
        });
    };
    match of {
        Shape::Any => {}
        Shape::Text(_) | Shape::Choice(_) => add(Holds::Text),
        Shape::Int(..) => add(Holds::Number),
        Shape::Bool => add(Holds::Bool),
        Shape::List(..) => add(Holds::List),
        Shape::Object(inner) => object(inner, value, place, fields),
        Shape::Switch(inner) => {
            add(Holds::Switch);
            if value.is_some_and(Value::is_object) {
                object(inner, value, place, fields);
            }
        }
        Shape::Map(_, item, _) => {
            if matches!(item, Shape::Text(_)) {
                add(Holds::Map);
            }
            let entries = value.and_then(Value::as_object).into_iter().flatten();
            for (key, value) in entries.filter(|(key, _)| !key.contains('.')) {
                shape(item, Some(value), &below(place, key), fields);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = include_str!("../../blueprints/flask-aks/spec.yaml");

    #[test]
    fn every_value_is_found_with_its_default() {
        let text = format!("{SPEC}environments: {{ dev: {{ app: {{ env: {{ A: x }} }} }} }}\n");
        let fields = outline(
            &Source::new("spec.yaml", text),
            &["app.workers=7".to_owned()],
        );
        let value = |place: &str| {
            let found = fields.iter().find(|field| field.place == place);
            found.unwrap_or_else(|| panic!("no {place}")).value.clone()
        };
        assert_eq!(value("app.port"), Some(5000.into()));
        assert_eq!(value("app.workers"), Some(7.into()));
        assert_eq!(value("app.health.liveness"), Some("/livez".into()));
        assert_eq!(value("kubernetes.namespace"), None);
        assert_eq!(value("azure.dns.records.flask.ttl"), Some(300.into()));
        assert_eq!(value("environments.dev.app.env.A"), Some("x".into()));
        assert!(fields.iter().all(|field| field.place != "blueprint"));
    }

    #[test]
    fn an_invalid_spec_has_no_fields() {
        assert!(outline(&Source::new("spec.yaml", "version: 1\n"), &[]).is_empty());
    }
}
