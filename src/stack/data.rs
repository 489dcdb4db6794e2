//! Texts of rendered files as values.

use serde_json::{Map, Value};

use crate::source::hcl::{self, Body, Kind};
use crate::source::yaml::{self, Limits, Node};

/// The blocks of a Terraform file, each with its address.
pub(super) fn blocks(text: &str) -> Option<Vec<(String, Value)>> {
    let body = hcl::read(text).ok()?;
    let mut blocks = Vec::new();
    for block in &body.blocks {
        let labels = block.labels.iter().map(|(label, _)| label.as_str());
        let name: Vec<&str> = std::iter::once(block.kind.as_str()).chain(labels).collect();
        blocks.push((name.join(" "), body_value(&block.body, text)));
    }
    if !body.attributes.is_empty() {
        let top = Body {
            attributes: body.attributes.clone(),
            blocks: Vec::new(),
        };
        blocks.push(("attributes".to_owned(), body_value(&top, text)));
    }
    Some(blocks)
}

/// The values of a variable or backend file.
pub(super) fn variables(text: &str) -> Option<Value> {
    let body = hcl::read(text).ok()?;
    Some(body_value(&body, text))
}

fn body_value(body: &Body, text: &str) -> Value {
    let mut map = Map::new();
    for attribute in &body.attributes {
        map.insert(attribute.name.clone(), hcl_value(&attribute.value, text));
    }
    for block in &body.blocks {
        let labels = block.labels.iter().map(|(label, _)| label.as_str());
        let name: Vec<&str> = std::iter::once(block.kind.as_str()).chain(labels).collect();
        let value = body_value(&block.body, text);
        match map
            .entry(name.join(" "))
            .or_insert(Value::Array(Vec::new()))
        {
            Value::Array(items) => items.push(value),
            other => *other = value,
        }
    }
    Value::Object(map)
}

/// Literals as what they say; whatever has to be evaluated as it is written.
fn hcl_value(value: &hcl::Value, text: &str) -> Value {
    match &value.kind {
        Kind::Null => Value::Null,
        Kind::Bool(on) => Value::from(*on),
        Kind::Number(number) => {
            serde_json::from_str(number).unwrap_or(Value::from(number.as_str()))
        }
        Kind::Text(text) => Value::from(text.as_str()),
        Kind::List(items) => items.iter().map(|item| hcl_value(item, text)).collect(),
        Kind::Map(entries) if entries.iter().all(|entry| entry.key.is_some()) => entries
            .iter()
            .filter_map(|entry| Some((entry.key.clone()?, hcl_value(&entry.value, text))))
            .collect(),
        _ => {
            let written = text.get(value.span.start..value.span.end).unwrap_or("");
            let words: Vec<&str> = written.split_whitespace().collect();
            Value::from(words.join(" "))
        }
    }
}

/// The objects of a stream of manifests, each with its kind and name.
pub(super) fn objects(text: &str) -> Option<Vec<(String, Value)>> {
    let stream = yaml::read(text, &Limits::REPOSITORY).ok()?;
    let object = |node: &Node| {
        let word = |node: Option<&Node>| node.and_then(Node::text).unwrap_or("").to_owned();
        let name = node.get("metadata").and_then(|meta| meta.get("name"));
        let title = format!("{} {}", word(node.get("kind")), word(name));
        (title.trim().to_owned(), yaml_value(node))
    };
    let documents = stream.documents.iter().filter(|node| !node.is_null());
    Some(documents.map(object).collect())
}

fn yaml_value(node: &Node) -> Value {
    match &node.kind {
        yaml::Kind::Scalar(scalar) if scalar.style == yaml::Style::Plain => {
            match scalar.text.as_str() {
                "" | "~" | "null" => Value::Null,
                "true" => Value::from(true),
                "false" => Value::from(false),
                text => match text.parse::<i64>() {
                    Ok(number) if number.to_string() == text => Value::from(number),
                    _ => Value::from(text),
                },
            }
        }
        yaml::Kind::Scalar(scalar) => Value::from(scalar.text.as_str()),
        yaml::Kind::Sequence(items) => items.iter().map(yaml_value).collect(),
        yaml::Kind::Mapping(entries) => entries
            .iter()
            .map(|entry| (entry.key.clone(), yaml_value(&entry.value)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terraform_is_read_as_data() {
        let text = "resource \"a\" \"b\" {\n  x = 1\n  y = { k = \"v\" }\n  z = var.q ? 1 : 2\n  n { m = [true] }\n}\n";
        let blocks = blocks(text).unwrap();
        assert_eq!(blocks[0].0, "resource a b");
        let expected = serde_json::json!({
            "x": 1, "y": { "k": "v" }, "z": "var.q ? 1 : 2", "n": [{ "m": [true] }],
        });
        assert_eq!(blocks[0].1, expected);
        assert_eq!(
            variables("a = \"1\"\n"),
            Some(serde_json::json!({ "a": "1" }))
        );
        assert_eq!(variables("a = {"), None);
    }
}
