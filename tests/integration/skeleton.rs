//! What is left of an artifact when every value is taken out: its structure, as its own language sees it.

use delivery::source::yaml::{self, Kind, Limits, Node, Style};
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Body, Structure};

/// The structure of `text`, by the kind of file that `path` names.
pub(crate) fn skeleton(path: &str, text: &str) -> Result<String, String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    // Templates of charts are shipped as they are; no value reaches them.
    if path.contains("/templates/") {
        return Ok(text.to_owned());
    }
    match name.rsplit('.').next().unwrap_or("") {
        "yaml" | "yml" => yaml(path, text),
        "json" => {
            let value: serde_json::Value =
                serde_json::from_str(text).map_err(|error| error.to_string())?;
            let mut out = String::new();
            json(&value, &mut out);
            Ok(out)
        }
        "tf" | "tfvars" | "hcl" => hcl(text),
        "py" => Ok(python(text)),
        "md" => Ok(markdown(text)),
        _ if name == "Dockerfile" => Ok(dockerfile(text)),
        _ => Ok(format!("{} lines", text.lines().count())),
    }
}

fn yaml(path: &str, text: &str) -> Result<String, String> {
    let stream = yaml::read(text, &Limits::REPOSITORY).map_err(|error| error.message)?;
    let mut out = String::new();
    for document in &stream.documents {
        node(document, &mut out);
        out.push_str("---\n");
    }
    out.push_str(&format!("{} comments\n", stream.comments.len()));
    if path.contains(".github/workflows/") {
        out.push_str(&format!("{} expressions\n", text.matches("${{").count()));
    }
    Ok(out)
}

fn node(node: &Node, out: &mut String) {
    match &node.kind {
        Kind::Scalar(scalar) => {
            out.push_str(&format!("{}\n", scalar_type(&scalar.text, scalar.style)))
        }
        Kind::Sequence(items) => {
            out.push_str("[\n");
            items.iter().for_each(|item| self::node(item, out));
            out.push_str("]\n");
        }
        Kind::Mapping(entries) => {
            out.push_str("{\n");
            for entry in entries {
                out.push_str(&format!("{:?}: ", entry.key));
                self::node(&entry.value, out);
            }
            out.push_str("}\n");
        }
    }
}

/// The type that a plain scalar has in YAML 1.1 or 1.2; anything else is text.
fn scalar_type(text: &str, style: Style) -> &'static str {
    let lower = text.to_ascii_lowercase();
    let words = ["true", "false", "yes", "no", "on", "off", "y", "n"];
    match style {
        Style::Plain if words.contains(&lower.as_str()) => "boolean",
        Style::Plain if ["", "~", "null"].contains(&lower.as_str()) => "null",
        Style::Plain
            if text.parse::<f64>().is_ok()
                || text.starts_with(|c: char| c.is_ascii_digit()) && text.contains('_') =>
        {
            "number"
        }
        _ => "text",
    }
}

fn json(value: &serde_json::Value, out: &mut String) {
    use serde_json::Value;
    match value {
        Value::Null => out.push_str("null "),
        Value::Bool(_) => out.push_str("boolean "),
        Value::Number(_) => out.push_str("number "),
        Value::String(_) => out.push_str("text "),
        Value::Array(items) => {
            out.push('[');
            items.iter().for_each(|item| json(item, out));
            out.push(']');
        }
        Value::Object(entries) => {
            out.push('{');
            for (key, value) in entries {
                out.push_str(&format!("{key:?}:"));
                json(value, out);
            }
            out.push('}');
        }
    }
}

fn hcl(text: &str) -> Result<String, String> {
    let body: Body = text
        .parse()
        .map_err(|error: hcl_edit::parser::Error| error.to_string())?;
    let mut out = String::new();
    hcl_body(&body, &mut out);
    Ok(out)
}

fn hcl_body(body: &Body, out: &mut String) {
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                out.push_str(&format!("{} = ", attribute.key.as_str()));
                hcl_value(&attribute.value, out);
                out.push('\n');
            }
            Structure::Block(block) => {
                out.push_str(&format!(
                    "{} {:?} {{\n",
                    block.ident.as_str(),
                    block
                        .labels
                        .iter()
                        .map(|label| label.as_str())
                        .collect::<Vec<_>>()
                ));
                hcl_body(&block.body, out);
                out.push_str("}\n");
            }
        }
    }
}

fn hcl_value(value: &Expression, out: &mut String) {
    match value {
        Expression::Null(_) => out.push_str("null "),
        Expression::Bool(_) => out.push_str("boolean "),
        Expression::Number(_) => out.push_str("number "),
        Expression::String(_) => out.push_str("text "),
        Expression::Array(items) => {
            out.push('[');
            items.iter().for_each(|item| hcl_value(item, out));
            out.push(']');
        }
        Expression::Object(entries) => {
            out.push('{');
            for (key, value) in entries {
                match key {
                    ObjectKey::Ident(key) => out.push_str(key.as_str()),
                    ObjectKey::Expression(key) => out.push_str(&format!("{key:?}")),
                }
                out.push(':');
                hcl_value(value.expr(), out);
            }
            out.push('}');
        }
        // Anything that is evaluated is structure.
        other => out.push_str(&format!("{other:?} ")),
    }
}

/// The text with every string literal replaced by one mark.
fn python(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '#']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        if tail.starts_with('#') {
            let end = tail.find('\n').unwrap_or(tail.len());
            rest = &tail[end..];
            continue;
        }
        let quote = if tail.starts_with("\"\"\"") || tail.starts_with("'''") {
            &tail[..3]
        } else {
            &tail[..1]
        };
        let mut end = quote.len();
        while end < tail.len() && !tail[end..].starts_with(quote) {
            let step = if tail[end..].starts_with('\\') {
                2
            } else {
                tail[end..].chars().next().map_or(1, char::len_utf8)
            };
            end += step;
        }
        out.push('S');
        rest = tail.get(end + quote.len()..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// The instructions with the number of their words; a quoted text is one word, or part of one.
fn dockerfile(text: &str) -> String {
    let mut out = String::new();
    let joined = text.replace("\\\n", " ");
    for line in joined
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
    {
        let mut words = String::new();
        let mut rest = line;
        while let Some(at) = rest.find('"') {
            words.push_str(&rest[..at]);
            let mut end = at + 1;
            while end < rest.len() && !rest[end..].starts_with('"') {
                end += if rest[end..].starts_with('\\') {
                    2
                } else {
                    rest[end..].chars().next().map_or(1, char::len_utf8)
                };
            }
            words.push('S');
            rest = rest.get(end + 1..).unwrap_or(" unclosed");
        }
        words.push_str(rest);
        let instruction = words.split_whitespace().next().unwrap_or("");
        out.push_str(&format!(
            "{instruction} {}\n",
            words.split_whitespace().count()
        ));
    }
    out
}

/// The kinds of the elements, text runs merged.
fn markdown(text: &str) -> String {
    use comrak::nodes::NodeValue;
    let arena = comrak::Arena::new();
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    let mut out: Vec<String> = Vec::new();
    for node in comrak::parse_document(&arena, text, &options).descendants() {
        let kind = match &node.data.borrow().value {
            NodeValue::Text(_) | NodeValue::SoftBreak => "text".to_owned(),
            NodeValue::Code(_) => "code".to_owned(),
            NodeValue::Link(_) => "link".to_owned(),
            NodeValue::CodeBlock(block) => format!("block {:?}", block.info),
            NodeValue::Heading(heading) => format!("heading {}", heading.level),
            NodeValue::HtmlBlock(block) => format!("html {:?}", block.literal),
            NodeValue::HtmlInline(html) => format!("html {html:?}"),
            other => format!("{other:?}"),
        };
        if !(kind == "text" && out.last().is_some_and(|last| last == "text")) {
            out.push(kind);
        }
    }
    out.join("\n")
}
