//! What `emit` writes reads back as the tree it was given.

use std::sync::LazyLock;

use delivery::emit::{self, Float, Tree};
use delivery::source::yaml::{Kind, Limits, Node, Style, read};
use proptest::prelude::*;
use regex_lite::Regex;

use crate::hostile;

/// The types of a plain scalar in the YAML 1.1 type repository, and what PyYAML and Go add to them.
static YAML_1_1: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    [
        ("null", r"^(~|null|Null|NULL|)$"),
        ("bool", r"^(y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$"),
        ("int", r"^[-+]?(0b[0-1_]+|0o?[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(:[0-5]?[0-9])+)$"),
        ("int", r"^[-+]?[0-9]+$"),
        ("float", r"^[-+]?([0-9][0-9_]*)?\.[0-9_.]*([eE][-+]?[0-9]+)?$"),
        ("float", r"^[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+$"),
        ("float", r"^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*$"),
        ("float", r"^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$"),
        ("date", r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}([.,][0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:?[0-9]{2})?))?)?$"),
        ("merge", r"^(<<|=)$"),
    ]
    .into_iter()
    .map(|(name, pattern)| (name, Regex::new(pattern).expect("a pattern")))
    .collect()
});

fn yaml_1_1(text: &str) -> &'static str {
    YAML_1_1
        .iter()
        .find(|(_, pattern)| pattern.is_match(text))
        .map_or("text", |(name, _)| name)
}

/// Fails where `node` is not `tree` to a reader of YAML 1.1.
fn same_in_yaml_1_1(tree: &Tree, node: &Node) {
    match (tree, &node.kind) {
        (Tree::List(items), Kind::Sequence(nodes)) => {
            assert_eq!(items.len(), nodes.len());
            for (item, node) in items.iter().zip(nodes) {
                same_in_yaml_1_1(&item.value, node);
            }
        }
        (Tree::Map(entries), Kind::Mapping(nodes)) => {
            assert_eq!(entries.len(), nodes.len());
            for (entry, node) in entries.iter().zip(nodes) {
                assert_eq!(entry.key, node.key);
                same_in_yaml_1_1(&entry.value, &node.value);
            }
        }
        (single, Kind::Scalar(scalar)) => {
            let expected = match single {
                Tree::Null => "null",
                Tree::Bool(_) => "bool",
                Tree::Int(_) => "int",
                Tree::Float(_) => "float",
                _ => "text",
            };
            let found = if scalar.style == Style::Plain {
                yaml_1_1(&scalar.text)
            } else {
                "text"
            };
            assert_eq!(found, expected, "{scalar:?}");
        }
        (tree, kind) => panic!("{tree:?} was read as {kind:?}"),
    }
}

/// The tree as a reader without comments sees it.
fn bare(tree: &Tree) -> Tree {
    match tree {
        Tree::List(items) => Tree::list(items.iter().map(|item| bare(&item.value))),
        Tree::Map(entries) => Tree::map(
            entries
                .iter()
                .map(|entry| (entry.key.clone(), bare(&entry.value))),
        ),
        single => single.clone(),
    }
}

/// Whether any line ends in a blank.
fn untidy(text: &str) -> bool {
    text.lines().any(|line| line.ends_with([' ', '\t']))
}

proptest! {
    #![proptest_config(hostile::cases(1500))]

    #[test]
    fn yaml_reads_back_as_the_same_tree(tree in hostile::tree(hostile::YAML)) {
        let text = emit::yaml(&tree);
        let stream = read(&text, &Limits::REPOSITORY).unwrap_or_else(|e| panic!("{e:?}\n{text}"));
        prop_assert_eq!(stream.documents.len(), 1, "{}", text);
        let node = &stream.documents[0];
        let back = emit::from_node(node).unwrap_or_else(|e| panic!("{e:?}\n{text}"));
        prop_assert_eq!(bare(&back), bare(&tree), "{}", text);
        same_in_yaml_1_1(&tree, node);
        prop_assert!(!untidy(&text), "{}", text);
    }

    #[test]
    fn yaml_written_twice_is_the_same_text(tree in hostile::tree(hostile::YAML)) {
        let text = emit::yaml(&tree);
        let node = read(&text, &Limits::REPOSITORY).expect("valid").documents.remove(0);
        prop_assert_eq!(emit::yaml(&emit::from_node(&node).expect("a tree")), text);
    }

    #[test]
    fn json_reads_back_as_the_same_tree(tree in hostile::tree(hostile::YAML)) {
        let text = emit::json(&tree);
        let value: serde_json::Value = serde_json::from_str(&text).expect("valid");
        prop_assert_eq!(Tree::try_from(value).expect("in range"), bare(&tree), "{}", text);
    }

    #[test]
    fn hcl_reads_back_as_the_same_tree(tree in variables()) {
        let Ok(text) = emit::hcl(&tree) else {
            // Only texts with control characters are refused.
            prop_assert!(emit::json(&tree).contains("\\u00"));
            return Ok(());
        };
        let body: hcl_edit::structure::Body = text.parse().unwrap_or_else(|e| panic!("{e}\n{text}"));
        let entries: Vec<(String, Tree)> = body
            .attributes()
            .map(|attribute| (attribute.key.to_string(), from_hcl(&attribute.value)))
            .collect();
        prop_assert_eq!(Tree::map(entries), one_number_type(bare(&tree)), "{}", text);
        prop_assert!(!untidy(&text), "{}", text);
    }
}

/// A map whose keys can name attributes.
fn variables() -> impl Strategy<Value = Tree> {
    prop::collection::btree_map("[a-z][a-z_0-9]{0,8}", hostile::tree(hostile::HCL), 0..6)
        .prop_map(Tree::map)
}

/// HCL does not tell 1.0 from 1.
fn one_number_type(tree: Tree) -> Tree {
    match tree {
        Tree::Float(number) if number.value().fract() == 0.0 => Tree::Int(number.value() as i64),
        Tree::List(items) => Tree::list(items.into_iter().map(|i| one_number_type(i.value))),
        Tree::Map(entries) => Tree::map(
            entries
                .into_iter()
                .map(|e| (e.key, one_number_type(e.value))),
        ),
        single => single,
    }
}

fn from_hcl(expression: &hcl_edit::expr::Expression) -> Tree {
    use hcl_edit::expr::{Expression, ObjectKey, UnaryOperator};
    match expression {
        Expression::Null(_) => Tree::Null,
        Expression::Bool(value) => Tree::Bool(*value.value()),
        Expression::Number(number) => from_number(number.value(), false),
        Expression::UnaryOp(op) if *op.operator.value() == UnaryOperator::Neg => match &op.expr {
            Expression::Number(number) => from_number(number.value(), true),
            other => panic!("{other:?}"),
        },
        Expression::String(text) => Tree::Text(text.value().clone()),
        Expression::StringTemplate(template) => Tree::Text(
            template
                .iter()
                .map(|element| match element {
                    hcl_edit::template::Element::Literal(literal) => literal.value().clone(),
                    other => panic!("a template: {other:?}"),
                })
                .collect(),
        ),
        Expression::Array(array) => Tree::list(array.iter().map(from_hcl)),
        Expression::Object(object) => Tree::map(object.iter().map(|(key, value)| {
            let key = match key {
                ObjectKey::Ident(ident) => ident.to_string(),
                ObjectKey::Expression(key) => match from_hcl(key) {
                    Tree::Text(text) => text,
                    other => panic!("{other:?}"),
                },
            };
            (key, from_hcl(value.expr()))
        })),
        other => panic!("{other:?}"),
    }
}

fn from_number(number: &hcl_edit::Number, negative: bool) -> Tree {
    let text = format!("{}{number}", if negative { "-" } else { "" });
    match text.parse() {
        Ok(number) => Tree::Int(number),
        Err(_) => one_number_type(Tree::Float(
            Float::new(text.parse().expect("a number")).expect("finite"),
        )),
    }
}
