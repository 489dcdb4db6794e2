//! Trees with typed holes: YAML documents whose scalars may be expressions.
//!
//! A structured artifact (values, tfvars, Argo CD objects) is rendered as a tree and emitted from it, so
//! that no value can change its structure.

use minijinja::Value;

use super::engine::{Engine, HOLE_CLOSE, HOLE_OPEN, TemplateError};
use crate::emit::{self, Entry, Item, Tree};
use crate::source::Span;
use crate::source::yaml::{Kind, Node};

/// Why a tree could not be rendered, and where in its source.
#[derive(Debug)]
pub struct TreeError {
    /// What is wrong.
    pub message: String,
    /// The bytes at fault.
    pub span: Span,
}

/// Renders a document: holes become values, `$when` and `$for` are carried out, comments stay.
///
/// # Errors
/// The first hole that fails, with its place.
pub fn render(node: &Node, engine: &Engine, context: &Value) -> Result<Tree, TreeError> {
    match &node.kind {
        Kind::Scalar(scalar) if scalar.text.contains(HOLE_OPEN) => {
            scalar_hole(&scalar.text, engine, context).map_err(|error| at(node.span, error))
        }
        Kind::Scalar(_) => emit::from_node(node).map_err(|error| TreeError {
            message: error.message,
            span: node.span,
        }),
        Kind::Sequence(items) => sequence(items, engine, context),
        Kind::Mapping(_) => mapping(node, engine, context),
    }
}

fn mapping(node: &Node, engine: &Engine, context: &Value) -> Result<Tree, TreeError> {
    let mut out = Vec::new();
    for entry in node.entries() {
        if entry.key == "$when" {
            if !condition(&entry.value, engine, context)? {
                return Ok(Tree::Null);
            }
            continue;
        }
        let written_null = entry.value.is_null();
        let value = render(&entry.value, engine, context)?;
        if value == Tree::Null && !written_null {
            continue;
        }
        let key = engine
            .join(&entry.key, context)
            .map_err(|error| at(entry.key_span, error))?;
        out.push(Entry {
            key,
            comments: entry.comments.clone(),
            value,
        });
    }
    Ok(Tree::Map(out))
}

fn sequence(items: &[Node], engine: &Engine, context: &Value) -> Result<Tree, TreeError> {
    let mut out = Vec::new();
    for item in items {
        if let Some(header) = item.get("$for") {
            let body = item.get("$item").ok_or_else(|| TreeError {
                message: "`$for` without `$item`".to_owned(),
                span: item.span,
            })?;
            repeat(header, body, engine, context, &mut out)?;
            continue;
        }
        let value = render(item, engine, context)?;
        if value != Tree::Null || item.is_null() {
            out.push(Item {
                comments: item.comments.clone(),
                value,
            });
        }
    }
    Ok(Tree::List(out))
}

fn repeat(
    header: &Node,
    body: &Node,
    engine: &Engine,
    context: &Value,
    out: &mut Vec<Item>,
) -> Result<(), TreeError> {
    let parts = header.text().and_then(|text| text.split_once(" in "));
    let Some((name, list)) = parts else {
        return Err(TreeError {
            message: "`$for` is written `name in list`".to_owned(),
            span: header.span,
        });
    };
    let list = engine
        .expression(list.trim(), context)
        .map_err(|error| at(header.span, error))?;
    let values = list.try_iter().map_err(|error| TreeError {
        message: format!("`$for` needs a list: {error}"),
        span: header.span,
    })?;
    for value in values {
        let context = with(context, name.trim(), value);
        let value = render(body, engine, &context)?;
        if value != Tree::Null {
            out.push(Item {
                comments: body.comments.clone(),
                value,
            });
        }
    }
    Ok(())
}

fn condition(node: &Node, engine: &Engine, context: &Value) -> Result<bool, TreeError> {
    let expression = node.text().ok_or_else(|| TreeError {
        message: "`$when` needs an expression".to_owned(),
        span: node.span,
    })?;
    engine
        .holds(expression, context)
        .map_err(|error| at(node.span, error))
}

/// Lets the engine compile every hole and condition of a document, once for any number of renders.
pub fn learn(node: &Node, engine: &mut Engine) {
    for entry in node.entries() {
        engine.learn_holes(&entry.key);
        match (entry.key.as_str(), entry.value.text()) {
            ("$when", Some(condition)) => engine.learn(condition),
            ("$for", Some(header)) => {
                if let Some((_, list)) = header.split_once(" in ") {
                    engine.learn(list.trim());
                }
            }
            _ => learn(&entry.value, engine),
        }
    }
    match &node.kind {
        Kind::Sequence(items) => items.iter().for_each(|item| learn(item, engine)),
        Kind::Scalar(scalar) => engine.learn_holes(&scalar.text),
        Kind::Mapping(_) => {}
    }
}

/// A scalar that is one hole gives a value of any type; with text around it, a text.
fn scalar_hole(text: &str, engine: &Engine, context: &Value) -> Result<Tree, TemplateError> {
    let whole = text
        .trim()
        .strip_prefix(HOLE_OPEN)
        .and_then(|rest| rest.strip_suffix(HOLE_CLOSE))
        .filter(|inside| !inside.contains(HOLE_OPEN));
    let Some(expression) = whole else {
        return engine.join(text, context).map(Tree::Text);
    };
    let value = engine.expression(expression.trim(), context)?;
    let fault = |message: String| TemplateError {
        message,
        range: None,
    };
    let json = serde_json::to_value(&value).map_err(|error| fault(error.to_string()))?;
    Tree::try_from(json).map_err(fault)
}

/// The context with one more name.
pub(super) fn with(context: &Value, name: &str, value: Value) -> Value {
    let own = Value::from_pairs([(name.to_owned(), value)]);
    // The last map wins, whatever the documentation of `merge_maps` says.
    minijinja::value::merge_maps([context.clone(), own])
}

/// What of `tree` differs from `base`, comments included; keys that `base` alone has become null, which
/// Helm takes as "remove".
pub fn difference(base: &Tree, tree: &Tree) -> Option<Tree> {
    let (Tree::Map(base_entries), Tree::Map(entries)) = (base, tree) else {
        return (!same(base, tree)).then(|| tree.clone());
    };
    let mut out = Vec::new();
    for entry in entries {
        let changed = match base_entries.iter().find(|other| other.key == entry.key) {
            Some(other) => difference(&other.value, &entry.value),
            None => Some(entry.value.clone()),
        };
        if let Some(value) = changed {
            out.push(Entry {
                key: entry.key.clone(),
                comments: entry.comments.clone(),
                value,
            });
        }
    }
    for other in base_entries {
        if !entries.iter().any(|entry| entry.key == other.key) {
            out.push(Entry {
                key: other.key.clone(),
                comments: Vec::new(),
                value: Tree::Null,
            });
        }
    }
    (!out.is_empty()).then_some(Tree::Map(out))
}

/// Equal as data; comments do not count.
fn same(a: &Tree, b: &Tree) -> bool {
    match (a, b) {
        (Tree::List(a), Tree::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(&a.value, &b.value))
        }
        (Tree::Map(a), Tree::Map(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b)
                    .all(|(a, b)| a.key == b.key && same(&a.value, &b.value))
        }
        _ => a == b,
    }
}

fn at(span: Span, error: TemplateError) -> TreeError {
    TreeError {
        message: error.message,
        span,
    }
}
