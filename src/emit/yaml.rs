//! YAML in the style of `helm create`: two spaces, lists indented under their key, quotes only where needed.

use super::{Entry, Item, Tree, indent, push_comments};
use crate::encode::yaml::{block, key, scalar};

/// Longest key that a reader is bound to accept without a `?` in front.
const LONGEST_SIMPLE_KEY: usize = 1000;

/// Writes one document, ending in a line break.
pub fn yaml(tree: &Tree) -> String {
    let mut out = String::new();
    document(&mut out, tree);
    out
}

/// Writes several documents with `---` between them.
pub fn yaml_stream<'a>(trees: impl IntoIterator<Item = &'a Tree>) -> String {
    let mut out = String::new();
    for tree in trees {
        if !out.is_empty() {
            out.push_str("---\n");
        }
        document(&mut out, tree);
    }
    out
}

fn document(out: &mut String, tree: &Tree) {
    match tree {
        Tree::Map(all) if !all.is_empty() => entries(out, all, 0, false),
        Tree::List(all) if !all.is_empty() => items(out, all, 0, false),
        single => {
            out.push_str(&on_one_line(single));
            out.push('\n');
        }
    }
}

/// Writes entries `depth` levels deep; with `inline`, the first stands behind a dash already written.
fn entries(out: &mut String, all: &[Entry], depth: usize, inline: bool) {
    for (at, entry) in all.iter().enumerate() {
        if !(inline && at == 0) {
            push_comments(out, &entry.comments, &indent(depth));
            out.push_str(&indent(depth));
        }
        let name = key(&entry.key);
        if name.len() > LONGEST_SIMPLE_KEY {
            out.push_str("? ");
            out.push_str(&name);
            out.push('\n');
            out.push_str(&indent(depth));
        } else {
            out.push_str(&name);
        }
        out.push(':');
        value(out, &entry.value, depth + 1);
    }
}

/// Writes what stands behind a colon.
fn value(out: &mut String, tree: &Tree, depth: usize) {
    match tree {
        Tree::Map(all) if !all.is_empty() => {
            out.push('\n');
            entries(out, all, depth, false);
        }
        Tree::List(all) if !all.is_empty() => {
            out.push('\n');
            items(out, all, depth, false);
        }
        single => leaf(out, single, depth),
    }
}

fn items(out: &mut String, all: &[Item], depth: usize, inline: bool) {
    for (at, item) in all.iter().enumerate() {
        if !(inline && at == 0) {
            push_comments(out, &item.comments, &indent(depth));
            push_first_comments(out, &item.value, &indent(depth));
            out.push_str(&indent(depth));
        }
        out.push('-');
        match &item.value {
            Tree::Map(all) if !all.is_empty() => {
                out.push(' ');
                entries(out, all, depth + 1, true);
            }
            Tree::List(all) if !all.is_empty() => {
                out.push(' ');
                items(out, all, depth + 1, true);
            }
            single => leaf(out, single, depth + 1),
        }
    }
}

/// Writes above the dash what is said about the first thing behind it.
fn push_first_comments(out: &mut String, tree: &Tree, indent: &str) {
    match tree {
        Tree::Map(all) => {
            if let Some(first) = all.first() {
                push_comments(out, &first.comments, indent);
            }
        }
        Tree::List(all) => {
            if let Some(first) = all.first() {
                push_comments(out, &first.comments, indent);
                push_first_comments(out, &first.value, indent);
            }
        }
        _ => {}
    }
}

/// Writes a single value behind a colon or a dash, as a block where that reads better.
fn leaf(out: &mut String, tree: &Tree, depth: usize) {
    out.push(' ');
    if let Tree::Text(text) = tree
        && let Some((header, lines)) = block(text)
    {
        out.push_str(header);
        for line in lines {
            out.push('\n');
            if !line.is_empty() {
                out.push_str(&indent(depth));
                out.push_str(line);
            }
        }
    } else {
        out.push_str(&on_one_line(tree));
    }
    out.push('\n');
}

fn on_one_line(tree: &Tree) -> String {
    match tree {
        Tree::Null => "null".to_owned(),
        Tree::Bool(value) => value.to_string(),
        Tree::Int(number) => number.to_string(),
        Tree::Float(number) => number.to_string(),
        Tree::Text(text) => scalar(text),
        Tree::List(_) => "[]".to_owned(),
        Tree::Map(_) => "{}".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commented(key: &str, comments: &[&str], value: Tree) -> Entry {
        Entry {
            key: key.to_owned(),
            comments: comments.iter().map(|&line| line.to_owned()).collect(),
            value,
        }
    }

    #[test]
    fn a_values_file_looks_as_helm_create_writes_it() {
        let host = Tree::map([
            ("host", "flask-test.duckdns.org".into()),
            (
                "paths",
                Tree::list([Tree::map([
                    ("path", "/".into()),
                    ("pathType", "Prefix".into()),
                ])]),
            ),
        ]);
        let tree = Tree::Map(vec![
            commented("replicaCount", &["", "How many pods run."], Tree::Int(3)),
            commented(
                "image",
                &["", "What runs."],
                Tree::map([("repository", "registry/app".into()), ("tag", "1.0".into())]),
            ),
            commented(
                "podAnnotations",
                &["", "", "# section"],
                Tree::map::<String>([]),
            ),
            commented("hosts", &[], Tree::list([host])),
            commented("script", &[], "set -e\n\nexec app\n".into()),
            commented("tolerations", &[], Tree::List(vec![])),
        ]);
        insta::assert_snapshot!(yaml(&tree), @r#"
        # How many pods run.
        replicaCount: 3

        # What runs.
        image:
          repository: registry/app
          tag: "1.0"

        ## section
        podAnnotations: {}
        hosts:
          - host: flask-test.duckdns.org
            paths:
              - path: /
                pathType: Prefix
        script: |
          set -e

          exec app
        tolerations: []
        "#);
    }

    #[test]
    fn comments_inside_a_list_stand_above_the_dash() {
        let tree = Tree::Map(vec![commented(
            "items",
            &[],
            Tree::List(vec![
                Item {
                    comments: vec!["one".to_owned()],
                    value: Tree::Map(vec![
                        commented("a", &["about a"], Tree::Int(1)),
                        commented("b", &["about b"], Tree::Int(2)),
                    ]),
                },
                Item {
                    comments: vec![],
                    value: Tree::list([Tree::list([Tree::Int(1), Tree::Int(2)]), Tree::Null]),
                },
            ]),
        )]);
        insta::assert_snapshot!(yaml(&tree), @"
        items:
          # one
          # about a
          - a: 1
            # about b
            b: 2
          - - - 1
              - 2
            - null
        ");
    }

    #[test]
    fn documents_are_divided_by_three_dashes() {
        let trees = [Tree::map([("a", Tree::Int(1))]), Tree::List(vec![])];
        assert_eq!(yaml_stream(&trees), "a: 1\n---\n[]\n");
    }

    #[test]
    fn a_comment_cannot_leave_its_line() {
        let tree = Tree::Map(vec![commented("a", &["x\ny: 1\r\u{85}z: 2"], Tree::Null)]);
        assert_eq!(yaml(&tree), "# x\n# y: 1\\u{d}\\u{85}z: 2\na: null\n");
    }
}
