//! From a YAML node to a tree: plain scalars get the type that YAML 1.2's core schema gives them.

use super::{Entry, Float, Item, Tree};
use crate::source::Span;
use crate::source::yaml::{Kind, Node, Scalar, Style};

/// Why a node has no tree, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTree {
    /// What is wrong, one lower-case phrase.
    pub message: String,
    /// The bytes at fault.
    pub span: Span,
}

/// Takes over a node with the comments above its keys and items.
///
/// # Errors
/// A number that no output format carries unchanged: `.inf`, `.nan`, or an integer beyond 64 bits.
pub fn from_node(node: &Node) -> Result<Tree, NotTree> {
    Ok(match &node.kind {
        Kind::Scalar(scalar) => from_scalar(scalar).map_err(|message| NotTree {
            message,
            span: node.span,
        })?,
        Kind::Sequence(items) => Tree::List(
            items
                .iter()
                .map(|item| {
                    Ok(Item {
                        comments: item.comments.clone(),
                        value: from_node(item)?,
                    })
                })
                .collect::<Result<_, _>>()?,
        ),
        Kind::Mapping(entries) => Tree::Map(
            entries
                .iter()
                .map(|entry| {
                    Ok(Entry {
                        key: entry.key.clone(),
                        comments: entry.comments.clone(),
                        value: from_node(&entry.value)?,
                    })
                })
                .collect::<Result<_, _>>()?,
        ),
    })
}

fn from_scalar(scalar: &Scalar) -> Result<Tree, String> {
    let text = scalar.text.as_str();
    if scalar.style != Style::Plain {
        return Ok(text.into());
    }
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Tree::Null,
        "true" | "True" | "TRUE" => Tree::Bool(true),
        "false" | "False" | "FALSE" => Tree::Bool(false),
        _ if is_special_float(text) => return Err(format!("`{text}` is no finite number")),
        _ => match number(text) {
            None => text.into(),
            Some(Some(number)) => number,
            Some(None) => return Err(format!("the number `{text}` is out of range")),
        },
    })
}

fn is_special_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// None where the text is no number of the core schema, `Some(None)` where it is one and too large.
fn number(text: &str) -> Option<Option<Tree>> {
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if is_digits(unsigned) {
        return Some(text.parse().ok().map(Tree::Int));
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let whole = match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            (whole.is_empty() || is_digits(whole))
                && (fraction.is_empty() || is_digits(fraction))
                && !(whole.is_empty() && fraction.is_empty())
        }
        None => is_digits(mantissa),
    };
    let power = exponent.is_none_or(|e| is_digits(e.strip_prefix(['+', '-']).unwrap_or(e)));
    (whole && power).then(|| text.parse().ok().and_then(Float::new).map(Tree::Float))
}

fn radix(digits: &str, radix: u32) -> Option<Option<Tree>> {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    Some(i64::from_str_radix(digits, radix).ok().map(Tree::Int))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::yaml;
    use crate::source::yaml::{Limits, read};

    fn tree(text: &str) -> Result<Tree, NotTree> {
        from_node(&read(text, &Limits::SPEC).expect("valid").documents[0])
    }

    fn typed(text: &str) -> Tree {
        tree(&format!("[{text}]")).map_or(Tree::Null, |tree| match tree {
            Tree::List(mut items) => items.remove(0).value,
            _ => Tree::Null,
        })
    }

    #[test]
    fn plain_scalars_are_typed_by_the_core_schema() {
        assert_eq!(typed("no"), "no".into());
        assert_eq!(typed("True"), Tree::Bool(true));
        assert_eq!(typed("0123"), Tree::Int(123));
        assert_eq!(typed("0o17"), Tree::Int(15));
        assert_eq!(typed("0x1F"), Tree::Int(31));
        assert_eq!(typed("+1"), Tree::Int(1));
        assert_eq!(typed("1e3"), Tree::Float(Float(1000.0)));
        assert_eq!(typed(".5"), Tree::Float(Float(0.5)));
        assert_eq!(typed("1_000"), "1_000".into());
        assert_eq!(typed("'1'"), "1".into());
        assert_eq!(typed("100m"), "100m".into());
        assert_eq!(typed("."), ".".into());
        assert_eq!(typed("1.2.3"), "1.2.3".into());
    }

    #[test]
    fn numbers_that_would_change_are_refused_where_they_stand() {
        let refused = tree("a: 9223372036854775808\n").expect_err("too large");
        assert_eq!(refused.span, Span::new(3, 22));
        assert!(tree("a: .inf\n").is_err());
    }

    #[test]
    fn a_values_file_is_written_back_as_it_was() {
        let text = "\
# The image.
image:
  repository: app
  # Set by the pipeline.
  tag: \"1.0\"

# Rules.

# Second block:
#   indented: true
items:
  - a: 1
    b: yes-ish

  # The other.
  - a: 2

empty: {}
";
        assert_eq!(yaml(&tree(text).expect("typed")), text);
    }
}
