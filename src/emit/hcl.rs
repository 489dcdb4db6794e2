//! HCL attributes, as in `.tfvars` and backend files, laid out as `terraform fmt` lays them out.

use std::fmt;

use super::{Entry, Item, Tree, indent, push_comments};
use crate::encode::Refused;
use crate::encode::hcl::{is_identifier, key, string};

/// Longest line on which a list of single values is kept together.
const LINE: usize = 100;

/// Why a tree cannot be written as HCL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritable {
    /// Dotted keys down to the value at fault.
    pub place: String,
    /// What is wrong with it: "has the character U+0000, which …".
    pub reason: String,
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.place, self.reason)
    }
}

impl std::error::Error for Unwritable {}

/// Writes a map as the attributes of one file.
///
/// # Errors
/// The tree is no map, an attribute has a name that HCL cannot spell, or a text holds a control character.
pub fn hcl(tree: &Tree) -> Result<String, Unwritable> {
    let Tree::Map(entries) = tree else {
        return Err(Unwritable {
            place: String::new(),
            reason: "is no map, and a file of variables is one".to_owned(),
        });
    };
    if let Some(entry) = entries.iter().find(|entry| !is_identifier(&entry.key)) {
        return Err(Unwritable {
            place: entry.key.clone(),
            reason: "is no name of a variable".to_owned(),
        });
    }
    let mut out = String::new();
    attributes(&mut out, entries, 0, "")?;
    Ok(out)
}

/// An attribute whose value is written already.
struct Attribute<'a> {
    comments: &'a [String],
    name: String,
    value: String,
}

impl Attribute<'_> {
    /// Whether the equals sign is aligned with those of the neighbours.
    fn is_aligned(&self) -> bool {
        !self.value.contains('\n')
    }
}

fn attributes(
    out: &mut String,
    entries: &[Entry],
    depth: usize,
    place: &str,
) -> Result<(), Unwritable> {
    let all = entries
        .iter()
        .map(|entry| {
            let place = below(place, &entry.key);
            Ok(Attribute {
                comments: &entry.comments,
                name: name(&entry.key, depth).map_err(|refused| Unwritable {
                    place: place.clone(),
                    reason: refused.reason,
                })?,
                value: value(&entry.value, depth, &place)?,
            })
        })
        .collect::<Result<Vec<_>, Unwritable>>()?;
    let mut rest = all.as_slice();
    while !rest.is_empty() {
        let run = run(rest);
        let width = rest[..run].iter().map(|a| a.name.len()).max().unwrap_or(0);
        for attribute in &rest[..run] {
            push_comments(out, attribute.comments, &indent(depth));
            let Attribute { name, value, .. } = attribute;
            out.push_str(&format!("{}{name:width$} = {value}\n", indent(depth)));
        }
        rest = &rest[run..];
    }
    Ok(())
}

/// A name as it is written; only inside an object is it an expression that may need quotes.
fn name(text: &str, depth: usize) -> Result<String, Refused> {
    if depth == 0 {
        Ok(text.to_owned())
    } else {
        key(text)
    }
}

/// How many attributes stand on consecutive lines and share one column of equals signs.
fn run(rest: &[Attribute<'_>]) -> usize {
    if !rest[0].is_aligned() {
        return 1;
    }
    1 + rest[1..]
        .iter()
        .take_while(|attribute| attribute.is_aligned() && attribute.comments.is_empty())
        .count()
}

fn value(tree: &Tree, depth: usize, place: &str) -> Result<String, Unwritable> {
    Ok(match tree {
        Tree::Null => "null".to_owned(),
        Tree::Bool(value) => value.to_string(),
        Tree::Int(number) => number.to_string(),
        Tree::Float(number) => number.to_string(),
        Tree::Text(text) => string(text).map_err(|refused| Unwritable {
            place: place.to_owned(),
            reason: refused.reason,
        })?,
        Tree::List(items) => list(items, depth, place)?,
        Tree::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Tree::Map(entries) => {
            let mut out = "{\n".to_owned();
            attributes(&mut out, entries, depth + 1, place)?;
            out.push_str(&indent(depth));
            out.push('}');
            out
        }
    })
}

fn list(items: &[Item], depth: usize, place: &str) -> Result<String, Unwritable> {
    let values = items
        .iter()
        .enumerate()
        .map(|(at, item)| value(&item.value, depth + 1, &format!("{place}[{at}]")))
        .collect::<Result<Vec<_>, _>>()?;
    let line = format!("[{}]", values.join(", "));
    let plain = items
        .iter()
        .all(|item| item.comments.is_empty() && !item.value.is_nested());
    if plain && depth * 2 + line.len() <= LINE {
        return Ok(line);
    }
    let mut out = "[\n".to_owned();
    for (item, value) in items.iter().zip(values) {
        push_comments(&mut out, &item.comments, &indent(depth + 1));
        out.push_str(&format!("{}{value},\n", indent(depth + 1)));
    }
    out.push_str(&indent(depth));
    out.push(']');
    Ok(out)
}

fn below(place: &str, key: &str) -> String {
    if place.is_empty() {
        key.to_owned()
    } else {
        format!("{place}.{key}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_file_is_laid_out_as_terraform_fmt_does() {
        let tree = Tree::Map(vec![
            Entry {
                key: "location".to_owned(),
                comments: vec!["Where everything lives.".to_owned()],
                value: "westeurope".into(),
            },
            Entry {
                key: "vm_size".to_owned(),
                comments: vec![],
                value: "Standard_B2s".into(),
            },
            Entry {
                key: "cluster".to_owned(),
                comments: vec![String::new()],
                value: Tree::map([
                    ("name", "aks".into()),
                    ("node_count", Tree::Int(1)),
                    (
                        "labels",
                        Tree::map([("app.kubernetes.io/name", "a".into()), ("for", "b".into())]),
                    ),
                    ("zones", Tree::list(["1".into(), "2".into()])),
                    ("tags", Tree::map::<String>([])),
                ]),
            },
            Entry {
                key: "records".to_owned(),
                comments: vec![],
                value: Tree::list([Tree::map([
                    ("ttl", Tree::Int(300)),
                    ("value", "${x}".into()),
                ])]),
            },
            Entry {
                key: "private".to_owned(),
                comments: vec![],
                value: Tree::Bool(false),
            },
        ]);
        insta::assert_snapshot!(hcl(&tree).expect("writable"), @r#"
        # Where everything lives.
        location = "westeurope"
        vm_size  = "Standard_B2s"

        cluster = {
          name       = "aks"
          node_count = 1
          labels = {
            "app.kubernetes.io/name" = "a"
            "for"                    = "b"
          }
          zones = ["1", "2"]
          tags  = {}
        }
        records = [
          {
            ttl   = 300
            value = "$${x}"
          },
        ]
        private = false
        "#);
    }

    #[test]
    fn what_hcl_cannot_say_is_refused_by_place() {
        let tree = Tree::map([("a", Tree::map([("b", Tree::list(["\0".into()]))]))]);
        assert_eq!(
            hcl(&tree).expect_err("refused").to_string(),
            "`a.b[0]` has the character U+0000, which cannot stand in an HCL string"
        );
        assert!(hcl(&Tree::map([("a b", Tree::Null)])).is_err());
        assert!(hcl(&Tree::Null).is_err());
    }
}
