//! The programs that will read what `gen` writes, asked what they read.

use delivery::emit::{self, Tree};
use delivery::encode::{Context, encode};
use serde_json::Value;

use crate::hostile::{self, samples, texts};
use crate::rig::{self, Folder};

/// How many values each language's reader is asked about.
const VALUES: usize = 20_000;
/// How many whole trees.
const TREES: usize = 3_000;

/// The texts that `context` accepts, with what they become; fails where it accepts too little to prove
/// anything.
fn accepted(context: Context, pieces: &'static [&'static str]) -> Vec<(String, String)> {
    let all: Vec<_> = texts(pieces, 2 * VALUES)
        .into_iter()
        .filter_map(|text| {
            let encoded = encode(context, &text).ok()?.into_string();
            Some((text, encoded))
        })
        .take(VALUES)
        .collect();
    assert_eq!(all.len(), VALUES, "too many values are refused");
    all
}

fn json(tree: &Tree) -> Value {
    serde_json::from_str(&emit::json(tree)).expect("JSON")
}

fn same(expected: &[Value], found: &[Value], written: impl Fn(usize) -> String) {
    assert_eq!(expected.len(), found.len());
    for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
        assert_eq!(expected, found, "written as\n{}", written(at));
    }
}

#[test]
fn shells_pass_on_every_word_unchanged() {
    if !rig::asked() {
        return;
    }
    let folder = Folder::new("shell");
    let words = accepted(Context::Shell, hostile::SHELL);
    for shell in ["sh", "bash"] {
        for batch in words.chunks(500) {
            let mut script = String::new();
            for (_, word) in batch {
                script.push_str(&format!("printf '%s\\0' {word}\n"));
            }
            let printed = rig::run(shell, &[] as &[&str], folder.path(), script.as_bytes());
            let found: Vec<&[u8]> = printed.split(|&byte| byte == 0).collect();
            assert_eq!(found.len(), batch.len() + 1, "{shell}");
            for ((text, word), found) in batch.iter().zip(found) {
                assert_eq!(text.as_bytes(), found, "{shell}: {word}");
            }
        }
    }
}

/// Reads one literal a line, and answers with a list in JSON.
const LITERALS: &str = "
import ast, json, sys
source = sys.stdin.buffer.read().decode('utf-8').split('\\n')
values = [ast.literal_eval(line) for line in source if line]
assert all(type(value) is str for value in values)
print(json.dumps(values))
";

#[test]
fn python_evaluates_every_literal_to_the_value() {
    if !rig::asked() {
        return;
    }
    let folder = Folder::new("python");
    let literals = accepted(Context::Python, hostile::PYTHON);
    let source: String = literals.iter().map(|(_, l)| format!("{l}\n")).collect();
    let printed = rig::run(
        "python3",
        &["-c", LITERALS],
        folder.path(),
        source.as_bytes(),
    );
    let found: Vec<Value> = serde_json::from_slice(&printed).expect("JSON");
    let expected: Vec<Value> = literals.iter().map(|(t, _)| t.as_str().into()).collect();
    same(&expected, &found, |at| literals[at].1.clone());
}

/// Reads documents with PyYAML (YAML 1.1), and answers with a list in JSON; keys must be text.
const PYYAML: &str = "
import json, sys, yaml
def strict(value):
    if isinstance(value, dict):
        assert all(type(key) is str for key in value), value
        return {key: strict(item) for key, item in value.items()}
    if isinstance(value, list):
        return [strict(item) for item in value]
    assert type(value) in (str, int, float, bool, type(None)), value
    return value
print(json.dumps([strict(d) for d in yaml.safe_load_all(sys.stdin.buffer.read())]))
";

#[test]
fn pyyaml_reads_every_scalar_as_the_value() {
    if !rig::asked() {
        return;
    }
    let folder = Folder::new("pyyaml-scalars");
    let scalars = accepted(Context::YamlScalar, hostile::YAML);
    let list: String = scalars.iter().map(|(_, s)| format!("- {s}\n")).collect();
    let flow: Vec<&str> = scalars.iter().map(|(_, s)| s.as_str()).collect();
    let text = format!("{list}---\n[{}]\n", flow.join(", "));
    let printed = rig::run("python3", &["-c", PYYAML], folder.path(), text.as_bytes());
    let found: Vec<Vec<Value>> = serde_json::from_slice(&printed).expect("JSON");
    let expected: Vec<Value> = scalars.iter().map(|(t, _)| t.as_str().into()).collect();
    for style in &found {
        same(&expected, style, |at| scalars[at].1.clone());
    }
    assert_eq!(found.len(), 2);
}

#[test]
fn pyyaml_reads_every_tree_as_the_value() {
    if !rig::asked() {
        return;
    }
    let folder = Folder::new("pyyaml-trees");
    let trees = samples(&hostile::tree(hostile::YAML), TREES);
    let text = emit::yaml_stream(&trees);
    let printed = rig::run("python3", &["-c", PYYAML], folder.path(), text.as_bytes());
    let found: Vec<Value> = serde_json::from_slice(&printed).expect("JSON");
    let expected: Vec<Value> = trees.iter().map(json).collect();
    same(&expected, &found, |at| emit::yaml(&trees[at]));
}

#[test]
fn helm_reads_every_text_of_a_values_file_as_the_value() {
    if !rig::asked() {
        return;
    }
    let folder = Folder::new("helm");
    folder.write(
        "chart/Chart.yaml",
        "apiVersion: v2\nname: rig\nversion: 0.1.0\n",
    );
    folder.write(
        "chart/templates/out.yaml",
        "values: {{ .Values.v | toJson | b64enc }}\n",
    );
    // Helm drops null keys and reads numbers as floating point, so only texts are compared.
    let mut trees: Vec<Tree> = texts(hostile::YAML, VALUES)
        .into_iter()
        .map(Tree::Text)
        .collect();
    let whole = samples(&hostile::tree(hostile::YAML), TREES);
    trees.extend(whole.iter().map(only_texts));
    let values = Tree::map([("v", Tree::list(trees.iter().cloned()))]);
    folder.write("values.yaml", &emit::yaml(&values));
    let args = ["template", "rig", "chart", "-f", "values.yaml"];
    let printed = rig::run("helm", &args, folder.path(), b"");
    let printed = String::from_utf8(printed).expect("UTF-8");
    let encoded = printed
        .lines()
        .find_map(|line| line.strip_prefix("values: "))
        .expect("the values");
    let decoded = rig::run("base64", &["-d"], folder.path(), encoded.as_bytes());
    let found: Vec<Value> = serde_json::from_slice(&decoded).expect("JSON");
    let expected: Vec<Value> = trees.iter().map(json).collect();
    same(&expected, &found, |at| emit::yaml(&trees[at]));
}

fn only_texts(tree: &Tree) -> Tree {
    match tree {
        Tree::List(items) => Tree::list(items.iter().map(|item| only_texts(&item.value))),
        Tree::Map(entries) => Tree::map(
            entries
                .iter()
                .map(|entry| (entry.key.clone(), only_texts(&entry.value))),
        ),
        Tree::Text(text) => Tree::Text(text.clone()),
        other => Tree::Text(emit::json(other).trim().to_owned()),
    }
}

/// Compares two files of JSON lists, texts in the normal form that Terraform gives them.
const NORMAL: &str = "
import json, sys, unicodedata
def normal(value):
    if isinstance(value, str):
        return unicodedata.normalize('NFC', value)
    if isinstance(value, dict):
        return {normal(key): normal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normal(item) for item in value]
    return value
expected, found = (json.load(open(name, encoding='utf-8')) for name in ('expected', 'found'))
assert len(expected) == len(found), (len(expected), len(found))
for a, b in zip(expected, found):
    assert normal(a) == normal(b), (a, b)
print(len(expected))
";

#[test]
fn terraform_reads_every_value_and_has_nothing_to_format() {
    if !rig::asked() {
        return;
    }
    let folder = Folder::new("terraform");
    folder.write("main.tf", "variable \"v\" {\n  type = any\n}\n");
    let mut trees: Vec<Tree> = samples(&hostile::tree(hostile::HCL), 2 * TREES);
    trees.retain(|tree| emit::hcl(&Tree::map([("v", tree.clone())])).is_ok());
    assert!(trees.len() > TREES, "too many trees are refused");
    trees.extend(
        accepted(Context::Hcl, hostile::HCL)
            .into_iter()
            .map(|(t, _)| Tree::Text(t)),
    );
    let text = emit::hcl(&Tree::map([("v", Tree::list(trees.iter().cloned()))])).expect("writable");
    folder.write("v.tfvars", &text);
    // One variable a tree as well, so that neighbours are aligned in every mixture.
    let named = trees.iter().take(TREES).enumerate();
    let named = Tree::map(named.map(|(at, tree)| (format!("v_{at}"), tree.clone())));
    folder.write("named.tfvars", &emit::hcl(&named).expect("writable"));
    let unformatted = rig::run(
        "terraform",
        &["fmt", "-list=true", "-write=false", "-diff", "."],
        folder.path(),
        b"",
    );
    assert_eq!(String::from_utf8_lossy(&unformatted), "");

    let printed = rig::run(
        "terraform",
        &["console", "-var-file=v.tfvars"],
        folder.path(),
        b"base64encode(jsonencode(var.v))\n",
    );
    let printed = String::from_utf8(printed).expect("UTF-8");
    let encoded = printed.trim().trim_matches('"');
    let decoded = rig::run("base64", &["-d"], folder.path(), encoded.as_bytes());
    folder.write("found", &String::from_utf8(decoded).expect("UTF-8"));
    folder.write("expected", &emit::json(&Tree::list(trees.iter().cloned())));
    let compared = rig::run("python3", &["-c", NORMAL], folder.path(), b"");
    assert_eq!(
        String::from_utf8_lossy(&compared).trim(),
        trees.len().to_string()
    );
}
