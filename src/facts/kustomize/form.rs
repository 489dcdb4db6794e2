//! The form of a kustomization: what kustomize refuses to read.

use std::sync::Arc;

use crate::facts::At;
use crate::source::Source;
use crate::source::yaml::{Kind, Node, Style};

use super::{BEYOND, Fault, KEYS};

/// What a value has to be.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Number,
    Texts,
    Pairs,
    /// A list of mappings, with the forms of some of their keys.
    Items(&'static [(&'static str, Self)]),
}

const FORMS: [(&str, Form); 18] = [
    ("namespace", Form::Text),
    ("namePrefix", Form::Text),
    ("nameSuffix", Form::Text),
    ("resources", Form::Texts),
    ("bases", Form::Texts),
    ("components", Form::Texts),
    ("patchesStrategicMerge", Form::Texts),
    ("commonLabels", Form::Pairs),
    ("commonAnnotations", Form::Pairs),
    ("labels", Form::Items(&[("pairs", Form::Pairs)])),
    (
        "images",
        Form::Items(&[
            ("name", Form::Text),
            ("newName", Form::Text),
            ("newTag", Form::Text),
            ("digest", Form::Text),
        ]),
    ),
    (
        "replicas",
        Form::Items(&[("name", Form::Text), ("count", Form::Number)]),
    ),
    (
        "patches",
        Form::Items(&[("path", Form::Text), ("patch", Form::Text)]),
    ),
    (
        "patchesJson6902",
        Form::Items(&[("path", Form::Text), ("patch", Form::Text)]),
    ),
    ("configMapGenerator", GENERATOR),
    ("secretGenerator", GENERATOR),
    ("replacements", Form::Items(&[])),
    ("vars", Form::Items(&[])),
];

const GENERATOR: Form = Form::Items(&[
    ("name", Form::Text),
    ("literals", Form::Texts),
    ("files", Form::Texts),
    ("envs", Form::Texts),
]);

/// The values that have another form than kustomize wants, and the keys that it does not know.
pub(super) fn check(source: &Arc<Source>, node: &Node) -> Vec<Fault> {
    let mut faults = Vec::new();
    for entry in node.entries() {
        let own = entry.key.as_str();
        let known = BEYOND.iter().chain(&KEYS);
        if !known.into_iter().any(|key| key.eq_ignore_ascii_case(own)) {
            let text = format!("a kustomization has no `{own}`");
            faults.push(fault(At::new(source, entry.key_span), text, "not known"));
        }
        if let Some((_, form)) = FORMS.iter().find(|(key, _)| *key == own) {
            value(source, own, &entry.value, *form, &mut faults);
        }
    }
    faults
}

fn fault(at: At, text: String, label: &str) -> Fault {
    Fault {
        at,
        text,
        label: label.to_owned(),
        refused: true,
    }
}

fn value(source: &Arc<Source>, key: &str, node: &Node, form: Form, faults: &mut Vec<Fault>) {
    if node.is_null() {
        return;
    }
    let mut tell = |node: &Node, wanted: &str, label: &str| {
        let text = format!("`{key}` is {}, and {wanted} is wanted", said(node));
        faults.push(fault(At::new(source, node.span), text, label));
    };
    match (form, &node.kind) {
        (Form::Text, Kind::Scalar(_)) => {
            if !is_text(node) {
                tell(node, "text", "put it into quotes");
            }
        }
        (Form::Number, Kind::Scalar(scalar)) => {
            let number = scalar.style == Style::Plain && scalar.text.parse::<i64>().is_ok();
            if !number {
                tell(node, "a whole number", "");
            }
        }
        (Form::Pairs, Kind::Mapping(entries)) => {
            for entry in entries {
                value(source, &entry.key, &entry.value, Form::Text, faults);
            }
        }
        (Form::Texts, Kind::Sequence(items)) => {
            for item in items {
                value(
                    source,
                    &format!("an item of {key}"),
                    item,
                    Form::Text,
                    faults,
                );
            }
        }
        (Form::Items(forms), Kind::Sequence(items)) => {
            for item in items {
                if !matches!(item.kind, Kind::Mapping(_)) {
                    let text = format!(
                        "an item of `{key}` is {}, and a mapping is wanted",
                        said(item)
                    );
                    faults.push(fault(At::new(source, item.span), text, ""));
                }
                for (key, form) in forms {
                    if let Some(own) = item.get(key) {
                        value(source, key, own, *form, faults);
                    }
                }
            }
        }
        (Form::Text, _) => tell(node, "text", ""),
        (Form::Number, _) => tell(node, "a whole number", ""),
        (Form::Pairs, _) => tell(node, "a mapping", ""),
        (Form::Texts | Form::Items(_), _) => tell(node, "a list", ""),
    }
}

fn is_text(node: &Node) -> bool {
    let plain = |scalar: &crate::source::yaml::Scalar| {
        let number = scalar.text.parse::<f64>().is_ok_and(f64::is_finite);
        let digits = scalar
            .text
            .starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
        number && digits || matches!(scalar.text.as_str(), "true" | "false")
    };
    node.scalar()
        .is_none_or(|scalar| scalar.style != Style::Plain || !plain(scalar))
}

fn said(node: &Node) -> &'static str {
    match &node.kind {
        Kind::Scalar(scalar) if scalar.style == Style::Plain => match scalar.text.as_str() {
            "true" | "false" => "a truth value",
            text if text.parse::<f64>().is_ok() => "a number",
            _ => "text",
        },
        Kind::Scalar(_) => "text",
        _ => node.noun(),
    }
}
