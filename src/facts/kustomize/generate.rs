//! ConfigMaps and Secrets that a kustomization makes, and the hash behind their names.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::source::yaml::{Kind, Node};

/// The pairs of a file of variables; nothing where one takes its value from the environment.
pub(super) fn variables(text: &str) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for line in text.lines() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=')?;
        pairs.push((key.to_owned(), value.to_owned()));
    }
    Some(pairs)
}

/// The key and the value of a literal; quotes around the value go.
pub(super) fn literal(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once('=')?;
    let bare = ['"', '\''].into_iter().find_map(|quote| {
        let inner = value.strip_prefix(quote)?.strip_suffix(quote)?;
        (value.len() > 1).then_some(inner)
    });
    Some((key, bare.unwrap_or(value)))
}

/// The bytes as Secrets carry them.
pub(super) fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= three.len() { sign as char } else { '=' });
        }
    }
    out
}

/// What kustomize puts behind the name of an object that it made.
pub(super) fn hash(node: &Node) -> String {
    let text = |key: &str| node.get(key).and_then(Node::text).unwrap_or("");
    let kind = text("kind");
    let mut fields = vec![
        ("kind", quoted(kind)),
        // The name itself counts for nothing.
        ("name", quoted("")),
        ("data", pairs(node.get("data"))),
    ];
    if kind == "Secret" {
        fields.push(("type", quoted(text("type"))));
    }
    let fixed = node.get("immutable").and_then(Node::text);
    fields.extend(fixed.map(|text| ("immutable", text.to_owned())));
    for key in ["binaryData", "stringData"] {
        fields.extend(node.get(key).map(|own| (key, pairs(Some(own)))));
    }
    fields.sort_unstable();
    let fields: Vec<String> = fields
        .iter()
        .map(|(key, value)| format!("\"{key}\":{value}"))
        .collect();
    let json = format!("{{{}}}", fields.join(","));
    let mut hex = String::new();
    for byte in Sha256::digest(json.as_bytes()).iter().take(5) {
        write!(hex, "{byte:02x}").expect("internal error: a string takes all");
    }
    // Signs that could make words are told by others.
    hex.chars()
        .map(|sign| match sign {
            '0' => 'g',
            '1' => 'h',
            '3' => 'k',
            'a' => 'm',
            'e' => 't',
            other => other,
        })
        .collect()
}

fn pairs(node: Option<&Node>) -> String {
    let Some(Kind::Mapping(entries)) = node
        .map(|node| &node.kind)
        .filter(|_| node.is_some_and(|node| !node.entries().is_empty()))
    else {
        return "\"\"".to_owned();
    };
    let mut all: Vec<(&str, &str)> = entries
        .iter()
        .map(|entry| (entry.key.as_str(), entry.value.text().unwrap_or("")))
        .collect();
    all.sort_unstable();
    let all: Vec<String> = all
        .iter()
        .map(|(key, value)| format!("{}:{}", quoted(key), quoted(value)))
        .collect();
    format!("{{{}}}", all.join(","))
}

/// JSON as Go writes it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                write!(out, "\\u{:04x}", c as u32).expect("internal error: a string takes all");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::yaml::{Limits, read};

    #[test]
    fn hashes_are_those_that_kustomize_prints() {
        for (text, wanted) in [
            (
                "{kind: ConfigMap, metadata: {name: o-b-conf}, data: {A: '1', B: 'q<q'}}",
                "h7ftdmmbd9",
            ),
            (
                "{kind: Secret, metadata: {name: o-b-sec}, type: Opaque, data: {P: eA==}}",
                "d292k9tbmg",
            ),
        ] {
            let read = read(text, &Limits::REPOSITORY).unwrap();
            assert_eq!(hash(&read.documents[0]), wanted);
        }
    }

    #[test]
    fn base64_pads_what_is_short() {
        for (text, wanted) in [("", ""), ("x", "eA=="), ("xy", "eHk="), ("xyz", "eHl6")] {
            assert_eq!(base64(text.as_bytes()), wanted);
        }
    }
}
