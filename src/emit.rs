//! Values to canonical bytes: YAML, HCL, JSON.
//!
//! Owns [`Tree`], an ordered value with comments, and its writers. A tree cannot be mis-indented or
//! misquoted: whatever it holds, the text reads back as the same value. Knows nothing of models, blueprints
//! or files.

use std::borrow::Cow;
use std::fmt;

mod hcl;
mod json;
mod node;
mod yaml;

pub use hcl::{Unwritable, hcl};
pub use json::json;
pub use node::{NotTree, from_node};
pub use yaml::{yaml, yaml_stream};

/// A value with its comments, in the order in which it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Tree {
    /// Nothing.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(Float),
    /// A text; written so that it never becomes anything else.
    Text(String),
    /// A list.
    List(Vec<Item>),
    /// Keys and values; a key is to be given once.
    Map(Vec<Entry>),
}

/// A finite number with a fraction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Float(f64);

/// One value of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// Comment lines above it, without `#`; an empty one is a blank line.
    pub comments: Vec<String>,
    /// The value.
    pub value: Tree,
}

/// One key of a map.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Comment lines above it, without `#`; an empty one is a blank line.
    pub comments: Vec<String>,
    /// The value.
    pub value: Tree,
}

impl Float {
    /// Takes a number; none for infinities and what is no number.
    pub fn new(number: f64) -> Option<Self> {
        number.is_finite().then_some(Self(number))
    }

    /// The number.
    pub fn value(self) -> f64 {
        self.0
    }
}

impl Eq for Float {}

/// Writes the number with a point and without an exponent, which every format reads as a fraction.
impl fmt::Display for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        f.write_str(&digits)?;
        if digits.contains('.') {
            Ok(())
        } else {
            f.write_str(".0")
        }
    }
}

impl Tree {
    /// A map of these entries.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(
            entries
                .into_iter()
                .map(|(key, value)| Entry {
                    key: key.into(),
                    comments: Vec::new(),
                    value,
                })
                .collect(),
        )
    }

    /// A list of these values.
    pub fn list(values: impl IntoIterator<Item = Self>) -> Self {
        Self::List(values.into_iter().map(Item::from).collect())
    }

    /// The value of `key`, where the tree is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries
                .iter()
                .find(|entry| entry.key == key)
                .map(|entry| &entry.value),
            _ => None,
        }
    }

    /// Whether the tree is a list or a map with something in it.
    fn is_nested(&self) -> bool {
        match self {
            Self::List(items) => !items.is_empty(),
            Self::Map(entries) => !entries.is_empty(),
            _ => false,
        }
    }
}

impl From<Tree> for Item {
    fn from(value: Tree) -> Self {
        Self {
            comments: Vec::new(),
            value,
        }
    }
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Tree {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Tree {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Tree {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Tree {
    fn from(number: u32) -> Self {
        Self::Int(i64::from(number))
    }
}

/// Fails for a number that is neither an `i64` nor a finite fraction, and says which.
impl TryFrom<serde_json::Value> for Tree {
    type Error = String;

    fn try_from(value: serde_json::Value) -> Result<Self, String> {
        use serde_json::Value;
        Ok(match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => number
                .as_i64()
                .map(Self::Int)
                .or_else(|| {
                    let fraction = number.as_f64().filter(|_| number.is_f64())?;
                    Float::new(fraction).map(Self::Float)
                })
                .ok_or_else(|| format!("the number {number} is out of range"))?,
            Value::String(text) => Self::Text(text),
            Value::Array(values) => Self::List(
                values
                    .into_iter()
                    .map(|value| Self::try_from(value).map(Item::from))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(entries) => Self::map(
                entries
                    .into_iter()
                    .map(|(key, value)| Ok((key, Self::try_from(value)?)))
                    .collect::<Result<Vec<_>, String>>()?,
            ),
        })
    }
}

/// Two blanks for each level.
fn indent(depth: usize) -> Cow<'static, str> {
    const BLANKS: &str = "                                ";
    match BLANKS.get(..2 * depth) {
        Some(blanks) => Cow::Borrowed(blanks),
        None => Cow::Owned("  ".repeat(depth)),
    }
}

/// The comment lines as they are written behind `indent`, blank lines for empty ones.
///
/// Two blank lines in a row become one, and one at the start of the file none.
fn push_comments(out: &mut String, comments: &[String], indent: &str) {
    for line in comments.iter().flat_map(|comment| comment.split('\n')) {
        let line = crate::encode::chars::show(line.trim_end());
        if line.is_empty() {
            if !out.is_empty() && !out.ends_with("\n\n") {
                out.push('\n');
            }
            continue;
        }
        out.push_str(indent);
        out.push('#');
        // A comment that began with two signs is kept as it was.
        if !line.starts_with('#') {
            out.push(' ');
        }
        out.push_str(&line);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_always_look_like_fractions() {
        for (number, expected) in [
            (0.5, "0.5"),
            (2.0, "2.0"),
            (-0.0, "-0.0"),
            (1e21, "1000000000000000000000.0"),
        ] {
            assert_eq!(Float::new(number).expect("finite").to_string(), expected);
        }
        assert_eq!(Float::new(f64::NAN), None);
        assert_eq!(Float::new(f64::INFINITY), None);
    }

    #[test]
    fn json_values_keep_their_types_and_order() {
        let value: serde_json::Value =
            serde_json::from_str(r#"{"b":1,"a":[1.0,"1",true,null]}"#).expect("valid");
        let tree = Tree::try_from(value).expect("in range");
        assert_eq!(
            json(&tree),
            "{\n  \"b\": 1,\n  \"a\": [\n    1.0,\n    \"1\",\n    true,\n    null\n  ]\n}\n"
        );
        let big: serde_json::Value = serde_json::from_str("18446744073709551615").expect("valid");
        assert!(Tree::try_from(big).is_err());
    }
}
