//! values.schema.json.
//!
//! Owns the check of coalesced values against the schemas of a chart and its children, and the place of every
//! error: the value where it was written, or the map that lacks it. No schema is fetched from anywhere.

mod accept;

use std::sync::Arc;

use jsonschema::error::ValidationErrorKind;

use crate::diagnostic::Reporter;
use crate::source::{Source, Span};

use super::data::{Data, Kind};
use super::dependency::Instance;

/// Most errors told of one schema.
const MOST: usize = 50;

/// Whether `values`, and below the name of each child its part of them, plainly conform: nothing that [`check`]
/// would tell. It is quick, and takes little of the stack.
pub(crate) fn accepts(
    chart: &Instance<'_>,
    values: &Data,
    sources: &dyn Fn(u32) -> Option<Arc<Source>>,
) -> bool {
    let one = |file| {
        let source = sources(file)?;
        let schema = serde_json::from_str(source.text()).ok()?;
        accept::accepts(&schema, &values.to_json()).then_some(())
    };
    chart.part.schema.is_none_or(|file| one(file).is_some())
        && chart.children.iter().all(|child| {
            let below = values.get(&child.name);
            below.is_none_or(|below| accepts(child, below, sources))
        })
}

/// Checks what [`accepts`] did not: `values` and, below the name of each child, its part of them.
pub(crate) fn check(
    chart: &Instance<'_>,
    values: &Data,
    sources: &dyn Fn(u32) -> Option<Arc<Source>>,
    report: &mut Reporter,
) {
    if let Some(file) = chart.part.schema {
        check_one(chart, values, file, sources, report);
    }
    for child in &chart.children {
        if let Some(below) = values.get(&child.name) {
            check(child, below, sources, report);
        }
    }
}

fn check_one(
    chart: &Instance<'_>,
    values: &Data,
    file: u32,
    sources: &dyn Fn(u32) -> Option<Arc<Source>>,
    report: &mut Reporter,
) {
    let Some(source) = sources(file) else {
        return;
    };
    let schema: serde_json::Value = match serde_json::from_str(source.text()) {
        Ok(schema) => schema,
        Err(error) => {
            let at = line_start(source.text(), error.line());
            report
                .error("chart-schema", format!("the schema is no JSON: {error}"))
                .at(&source, Span::new(at, at + 1), "");
            return;
        }
    };
    let instance = values.to_json();
    let validator = match jsonschema::validator_for(&schema) {
        Ok(validator) => validator,
        Err(error) if matches!(error.kind(), ValidationErrorKind::Referencing(_)) => {
            report
                .warning(
                    "chart-schema",
                    format!(
                        "the values of `{}` are not checked: their schema needs one that is elsewhere",
                        chart.name
                    ),
                )
                .at(&source, elsewhere(source.text()), "nothing is fetched")
                .help("write what it refers to into the schema itself");
            return;
        }
        Err(error) => {
            report
                .error(
                    "chart-schema",
                    format!("the schema cannot be used: {error}"),
                )
                .at(&source, Span::new(0, 1), "");
            return;
        }
    };
    for error in validator.iter_errors(&instance).take(MOST) {
        let (data, exact) = find(values, error.instance_path().as_str());
        let message = match error.kind() {
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default().to_owned();
                format!("the value `{name}` is missing")
            }
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                format!(
                    "the chart `{}` has no value `{}`",
                    chart.name,
                    unexpected.join("`, `")
                )
            }
            _ => error.to_string(),
        };
        let pointer = error
            .instance_path()
            .as_str()
            .trim_start_matches('/')
            .replace('/', ".");
        let diagnostic = report.error("chart-values", message);
        match data.at.and_then(|at| Some((sources(at.file)?, at.span))) {
            Some((source, span)) => {
                diagnostic.at(&source, span, if exact { "" } else { "below this" });
            }
            None if !pointer.is_empty() => {
                diagnostic.help(format!("the value is `{pointer}`"));
            }
            None => {}
        }
        let keyword = error.schema_path().as_str();
        if let Some(span) = locate(source.text(), &schema, keyword) {
            diagnostic.also(&source, span, "the schema says so here");
        }
    }
}

/// The first reference to another host, or the start of the schema.
fn elsewhere(text: &str) -> Span {
    let mut at = 0;
    while let Some(found) = text[at..].find("\"$ref\"") {
        at += found;
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        if text[at..end].contains("://") {
            return Span::new(at, end);
        }
        at += "\"$ref\"".len();
    }
    Span::new(0, 1)
}

fn line_start(text: &str, line: usize) -> usize {
    text.match_indices('\n')
        .nth(line.saturating_sub(2))
        .filter(|_| line > 1)
        .map_or(0, |(at, _)| at + 1)
}

/// The value at a JSON pointer, or the nearest that exists above it.
fn find<'d>(values: &'d Data, pointer: &str) -> (&'d Data, bool) {
    let mut data = values;
    for step in pointer.split('/').skip(1) {
        let key = step.replace("~1", "/").replace("~0", "~");
        let next = match &data.kind {
            Kind::Map(entries) => entries.get(key.as_str()),
            Kind::List(items) => key.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => None,
        };
        match next {
            Some(next) => data = next,
            None => return (data, false),
        }
    }
    (data, true)
}

/// The bytes of the keyword in the schema's text, found key by key.
fn locate(text: &str, schema: &serde_json::Value, path: &str) -> Option<Span> {
    let mut at = 0;
    let mut node = schema;
    for step in path.split('/').skip(1) {
        let key = step.replace("~1", "/").replace("~0", "~");
        node = match node {
            serde_json::Value::Object(map) => {
                let quoted = serde_json::to_string(&key).ok()?;
                let found = text[at..].find(&quoted)?;
                at += found;
                map.get(&key)?
            }
            serde_json::Value::Array(items) => items.get(key.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    Some(Span::new(at, end))
}
