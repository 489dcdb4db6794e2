//! JSON with two spaces, in the order of the tree and without its comments.

use std::fmt::Write as _;

use super::Tree;
use crate::encode::chars;

/// Writes one document, ending in a line break.
///
/// Characters that cannot be seen are written as `\uXXXX`, although JSON would let them stand.
pub fn json(tree: &Tree) -> String {
    let mut out = String::new();
    value(&mut out, tree, 0);
    out.push('\n');
    out
}

fn value(out: &mut String, tree: &Tree, depth: usize) {
    match tree {
        Tree::Null => out.push_str("null"),
        Tree::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Tree::Int(number) => out.push_str(&number.to_string()),
        Tree::Float(number) => out.push_str(&number.to_string()),
        Tree::Text(text) => string(out, text),
        Tree::List(items) if items.is_empty() => out.push_str("[]"),
        Tree::Map(entries) if entries.is_empty() => out.push_str("{}"),
        Tree::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                line(out, at, depth + 1);
                value(out, &item.value, depth + 1);
            }
            close(out, depth, ']');
        }
        Tree::Map(entries) => {
            out.push('{');
            for (at, entry) in entries.iter().enumerate() {
                line(out, at, depth + 1);
                string(out, &entry.key);
                out.push_str(": ");
                value(out, &entry.value, depth + 1);
            }
            close(out, depth, '}');
        }
    }
}

fn line(out: &mut String, at: usize, depth: usize) {
    out.push_str(if at == 0 { "\n" } else { ",\n" });
    out.push_str(&"  ".repeat(depth));
}

fn close(out: &mut String, depth: usize, bracket: char) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(bracket);
}

fn string(out: &mut String, text: &str) {
    for c in serde_json::Value::from(text).to_string().chars() {
        if chars::is_printable(c) {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(out, "\\u{unit:04x}").expect("internal error: writing to memory");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_escaped_and_read_back() {
        let tree = Tree::from("a\u{202e}\u{e0041}\n\"é");
        let text = json(&tree);
        assert_eq!(text, "\"a\\u202e\\udb40\\udc41\\n\\\"é\"\n");
        let read: serde_json::Value = serde_json::from_str(&text).expect("valid");
        assert_eq!(Tree::try_from(read).expect("in range"), tree);
    }
}
