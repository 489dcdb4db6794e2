//! A commented spec to start from: the table's words around an example's values.

use crate::emit::{self, Tree};
use crate::schema::shape::{Field, Object, Presence, Shape};
use crate::source::yaml::{Kind, Node};
use crate::source::{Place, Step};

use super::table;

/// Widest line of a comment, in bytes.
const WIDTH: usize = 100;

/// Writes a spec with every field explained; what `example` gives stands as it is, the rest is commented
/// out with its default.
///
/// `groups` are the groups of the spec that the blueprint needs; others are left out.
pub fn commented(example: &Node, groups: &[String], schema_line: &str) -> String {
    let mut out = format!("{schema_line}\n");
    for field in table::SPEC.fields {
        let optional = matches!(field.shape, Shape::Object(_))
            && matches!(field.presence, Presence::Optional(_));
        let needed = |group: &String| group.split('.').next() == Some(field.name);
        if optional && !groups.iter().any(needed) {
            continue;
        }
        out.push('\n');
        write_field(field, example.get(field.name), 0, false, &mut out);
    }
    out
}

/// The places of required single values that the example gives: what a person is asked for.
pub fn questions(example: &Node) -> Vec<(Place, &'static Field)> {
    let mut out = Vec::new();
    collect(&table::SPEC, example, &Place::root(), &mut out);
    out.retain(|(place, _)| !["version", "blueprint"].contains(&place.to_string().as_str()));
    out
}

fn collect(
    object: &'static Object,
    node: &Node,
    place: &Place,
    out: &mut Vec<(Place, &'static Field)>,
) {
    for field in object.fields {
        let Some(value) = node.get(field.name) else {
            continue;
        };
        let place = place.key(field.name);
        match &field.shape {
            Shape::Object(object) | Shape::Switch(object) => collect(object, value, &place, out),
            Shape::Text(_) | Shape::Choice(_) | Shape::Int(..)
                if matches!(field.presence, Presence::Required) =>
            {
                out.push((place, field));
            }
            _ => {}
        }
    }
}

/// The text at `place` of a node, where it is a single value.
pub fn text_at<'n>(node: &'n Node, place: &Place) -> Option<&'n str> {
    place
        .steps()
        .iter()
        .try_fold(node, |node, step| match step {
            Step::Key(key) => node.get(key),
            Step::Index(index) => node.items().get(*index),
        })?
        .text()
}

fn write_field(
    field: &'static Field,
    value: Option<&Node>,
    depth: usize,
    commented: bool,
    out: &mut String,
) {
    let indent = "  ".repeat(depth);
    for line in wrap(field.doc, WIDTH.saturating_sub(indent.len() + 2)) {
        out.push_str(&format!("{indent}# {line}\n"));
    }
    let given = value.filter(|node| !node.is_null());
    let commented = commented || given.is_none();
    let mark = if commented { "# " } else { "" };
    match (&field.shape, given) {
        (Shape::Object(object) | Shape::Switch(object), given)
            if given.is_none_or(|node| matches!(node.kind, Kind::Mapping(_))) =>
        {
            out.push_str(&format!("{indent}{mark}{}:\n", field.name));
            if commented {
                // Without the docs: a block that is taken in by removing its marks, explained in the reference.
                defaults(object, depth + 1, &indent, out);
            } else {
                for field in object.fields {
                    write_field(
                        field,
                        given.and_then(|node| node.get(field.name)),
                        depth + 1,
                        false,
                        out,
                    );
                }
            }
        }
        (_, Some(node)) => write_value(field.name, node, &indent, out),
        (_, None) => out.push_str(&format!(
            "{indent}# {}: {}\n",
            field.name,
            default_text(field)
        )),
    }
}

/// The fields of a commented block with their defaults, one mark in front of each line.
fn defaults(object: &Object, depth: usize, outer: &str, out: &mut String) {
    let indent = "  ".repeat(depth - outer.len() / 2);
    for field in object.fields {
        match &field.shape {
            Shape::Object(object) | Shape::Switch(object)
                if matches!(field.presence, Presence::Nested) =>
            {
                out.push_str(&format!("{outer}# {indent}{}:\n", field.name));
                defaults(object, depth + 1, outer, out);
            }
            _ => out.push_str(&format!(
                "{outer}# {indent}{}: {}\n",
                field.name,
                default_text(field)
            )),
        }
    }
}

fn write_value(name: &str, node: &Node, indent: &str, out: &mut String) {
    let value = emit::from_node(node).unwrap_or_default();
    for line in emit::yaml(&Tree::map([(name, value)])).lines() {
        out.push_str(&format!("{indent}{line}\n"));
    }
}

fn default_text(field: &Field) -> String {
    match field.presence {
        Presence::Default(text) => text.to_owned(),
        _ => "…".to_owned(),
    }
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
