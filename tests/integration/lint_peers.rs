//! The cases that other validators keep for their own tests: what they say of each, and what `gen lint` says.
//!
//! Their files are not in this tree: `GEN_PEERS` names the folders of their modules, one each, as a registry
//! gives them. `tests/peers.txt` has the judgement of every difference, and no line of theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use delivery::diagnostic::{Diagnostic, Level};
use rayon::prelude::*;
use serde_json::Value;

use crate::lint::lint;
use crate::lint_oracles::{json, run, schema_location};
use crate::rig;

/// A file of a peer.
struct Case {
    name: String,
    text: String,
    /// What the peer says of it: the line where it tells one, and what.
    said: Vec<(Option<usize>, String)>,
}

/// What of kube-score's checks is a rule here, and which.
const SAME: [(&str, &[&str]); 11] = [
    ("container-ports-check", &["invalid-object"]),
    ("cronjob-restartpolicy", &["invalid-object", "removed-api"]),
    (
        "deployment-pod-selector-labels-match-template-metadata-labels",
        &["selector-mismatch", "invalid-object", "removed-api"],
    ),
    (
        "deployment-targeted-by-hpa-does-not-have-replicas-configured",
        &["autoscaler-with-replicas"],
    ),
    ("environment-variable-key-duplication", &["invalid-object"]),
    (
        "horizontalpodautoscaler-has-target",
        &["unknown-scale-target"],
    ),
    (
        "ingress-targets-service",
        &["unknown-backend", "invalid-object", "removed-api"],
    ),
    (
        "networkpolicy-targets-pod",
        &["selector-mismatch", "invalid-object", "removed-api"],
    ),
    (
        "service-targets-pod",
        &["selector-mismatch", "namespace-mismatch"],
    ),
    ("stable-version", &["removed-api"]),
    (
        "statefulset-pod-selector-labels-match-template-metadata-labels",
        &["selector-mismatch", "invalid-object", "removed-api"],
    ),
];

/// The folder of a module, by a folder that it alone has.
fn module(below: &str) -> PathBuf {
    let all = std::env::var_os("GEN_PEERS").expect("the rig needs GEN_PEERS: folders of modules");
    std::env::split_paths(&all)
        .map(|folder| folder.join(below))
        .find(|folder| folder.is_dir())
        .unwrap_or_else(|| panic!("no folder of GEN_PEERS has {below}"))
}

fn cases(folder: &Path, prefix: &str) -> Vec<Case> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|end| end == "yaml" || end == "yml")
        })
        .collect();
    paths.sort();
    let case = |path: PathBuf| Case {
        name: format!(
            "{prefix}{}",
            path.file_stem().unwrap().to_str().expect("plain names")
        ),
        text: fs::read_to_string(path).unwrap(),
        said: Vec::new(),
    };
    paths.into_iter().map(case).collect()
}

/// Writes each case into a file of its own, which is called by its number.
fn written(folder: &rig::Folder, below: &str, cases: &[Case]) -> Vec<String> {
    let names: Vec<String> = (0..cases.len())
        .map(|at| format!("{below}{at}.yaml"))
        .collect();
    for (name, case) in names.iter().zip(cases) {
        folder.write(name, &case.text);
    }
    names
}

fn number(path: &str) -> usize {
    let name = path.rsplit('/').next().unwrap();
    name.split('.').next().unwrap().parse().unwrap()
}

fn actionlint() -> Vec<Case> {
    let data = module("testdata/err");
    let data = data.parent().unwrap();
    let mut all = Vec::new();
    for part in ["ok", "err", "examples"] {
        all.extend(cases(&data.join(part), &format!("{part}/")));
    }
    let folder = rig::Folder::new("peers-actionlint");
    // It fails on calls of workflows outside a repository.
    folder.write(".git/HEAD", "");
    let names = written(&folder, ".github/workflows/", &all);
    let mut args = vec![
        "-no-color",
        "-shellcheck",
        "",
        "-pyflakes",
        "",
        "-format",
        "{{json .}}",
    ];
    args.extend(names.iter().map(String::as_str));
    let found = json(&run("actionlint", &args, folder.path()), "actionlint");
    for one in found.as_array().unwrap() {
        let text = |key: &str| one[key].as_str().unwrap();
        let line = usize::try_from(one["line"].as_u64().unwrap()).unwrap();
        let told = format!("{} [{}]", text("message"), text("kind"));
        all[number(text("filepath"))].said.push((Some(line), told));
    }
    all
}

fn kubeconform() -> Vec<Case> {
    let mut all = cases(&module("fixtures/registry").join(".."), "");
    let folder = rig::Folder::new("peers-kubeconform");
    written(&folder, "", &all);
    let location = schema_location();
    let args = [
        "-strict",
        "-output",
        "json",
        "-schema-location",
        &location,
        ".",
    ];
    let found = json(&run("kubeconform", &args, folder.path()), "kubeconform");
    for one in found["resources"].as_array().into_iter().flatten() {
        let message = one["msg"].as_str().unwrap_or_default();
        // What it has no schema for it does not judge.
        if one["status"] != "statusValid" && !message.contains("could not find schema") {
            let at = number(one["filename"].as_str().unwrap());
            all[at].said.push((None, message.to_owned()));
        }
    }
    all
}

fn kube_score() -> Vec<Case> {
    let mut all = cases(&module("score/testdata"), "");
    let folder = rig::Folder::new("peers-kube-score");
    let names = written(&folder, "", &all);
    for (case, name) in all.iter_mut().zip(&names) {
        let done = run("kube-score", &["score", "-o", "json", name], folder.path());
        let Ok(found) = serde_json::from_slice::<Value>(&done.stdout) else {
            continue;
        };
        let objects = found.as_array().into_iter().flatten();
        let checks = objects.flat_map(|object| object["checks"].as_array().into_iter().flatten());
        // A grade of 1 is critical, 5 a warning, 10 in order.
        let failed: BTreeSet<&str> = checks
            .filter(|check| check["grade"].as_u64() < Some(10) && check["skipped"] != true)
            .filter_map(|check| check["check"]["id"].as_str())
            .collect();
        case.said = failed
            .into_iter()
            .map(|check| (None, check.to_owned()))
            .collect();
    }
    all
}

fn told(path: &str, case: &Case) -> Vec<Diagnostic> {
    let files = BTreeMap::from([(path.to_owned(), case.text.clone())]);
    let mut all = lint(&files);
    all.retain(|one| one.level >= Level::Warning);
    all
}

/// Whether gen tells what the peer says: on the same line, where the peer tells one.
fn tells(all: &[Diagnostic], peer: &str, line: Option<usize>, text: &str) -> bool {
    all.iter().any(|one| {
        let mut labels = one.primary.iter().chain(&one.related);
        match (peer, line) {
            (_, Some(line)) => {
                labels.any(|label| label.source.position(label.span.start).line == line)
            }
            ("kube-score", None) => SAME
                .iter()
                .any(|(check, rules)| *check == text && rules.contains(&one.id)),
            _ => true,
        }
    })
}

/// A judgement: who alone says it, a part of what, and the reason.
fn judgements() -> Vec<[String; 3]> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers.txt");
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let parts: Vec<String> = line.splitn(3, " | ").map(str::to_owned).collect();
            parts.try_into().expect("who | what | reason")
        })
        .collect()
}

#[test]
fn every_judgement_of_a_peer_has_a_reason() {
    for [who, what, reason] in judgements() {
        let known = ["gen", "actionlint", "kube-score", "kubeconform"];
        assert!(known.contains(&who.as_str()), "{who}");
        assert!(!what.is_empty() && reason.len() > 10, "{who} | {what}");
    }
}

#[test]
fn the_cases_of_other_validators_are_told_or_judged() {
    if !rig::asked() {
        return;
    }
    let known = judgements();
    let mut used = BTreeSet::new();
    let mut unjudged = BTreeSet::new();
    let mut judge = |who: &str, text: &str, case: &str| {
        let found = known
            .iter()
            .position(|[own, part, _]| own == who && text.contains(part.as_str()));
        match found {
            Some(at) => drop(used.insert(at)),
            None => drop(unjudged.insert(format!("{who} | {text} | {case}"))),
        }
    };
    for (peer, path, cases) in [
        ("actionlint", ".github/workflows/test.yaml", actionlint()),
        ("kubeconform", "test.yaml", kubeconform()),
        ("kube-score", "test.yaml", kube_score()),
    ] {
        let all: Vec<Vec<Diagnostic>> = cases.par_iter().map(|case| told(path, case)).collect();
        let (mut said, mut same, mut alone) = (0, 0, 0);
        for (case, told) in cases.iter().zip(&all) {
            for (line, text) in &case.said {
                said += 1;
                match tells(told, peer, *line, text) {
                    true => same += 1,
                    false => judge(peer, text, &case.name),
                }
            }
            if case.said.is_empty() {
                for one in told {
                    alone += 1;
                    judge("gen", &format!("{}: {}", one.id, one.message), &case.name);
                }
            }
        }
        println!(
            "{peer}: {said} findings in {} cases, gen tells {same} of them at their place; {alone} by gen alone in what {peer} accepts",
            cases.len()
        );
    }
    for (at, [who, what, _]) in known.iter().enumerate() {
        if !used.contains(&at) {
            unjudged.insert(format!("{who}: no difference says {what:?} any more"));
        }
    }
    assert!(unjudged.is_empty(), "{unjudged:#?}");
}
