//! Kustomizations as `kubectl kustomize` builds them: the same objects, or both refuse.
//!
//! With `GEN_RIGS=1` only. `GEN_KUSTOMIZATIONS` may name more folders, whose every root is compared too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use delivery::facts::kustomize::Kustomization;
use delivery::facts::{Facts, Tree, gather};
use delivery::source::yaml::{self, Kind, Limits, Node};

use crate::rig;

/// The files of every case.
const BASE: &str = include_str!("../kustomize/objects.yaml");

/// What a kustomization may say, each with files of its own; any of them may be said together.
const SAID: [&str; 26] = [
    "namespace: shop",
    "namePrefix: a-",
    "nameSuffix: -z",
    "commonLabels: { tier: front }",
    "labels: [{ pairs: { team: x }, includeSelectors: true }, { pairs: { part: front } }]",
    "labels: [{ pairs: { team: x }, includeTemplates: true }]",
    "commonAnnotations: { note: here }",
    "images: [{ name: registry.example/web, newTag: \"2\" }, { name: busybox, newName: mirror.example/box }]",
    "images: [{ name: registry.example/web, digest: \"sha256:aa\" }]",
    "replicas: [{ name: web, count: 5 }, { name: db, count: 2 }]",
    "configMapGenerator: [{ name: made, literals: [A=1, \"B='two words'\"] }]\nsecretGenerator: [{ name: hidden, literals: [P=x=y], type: Opaque }]",
    "configMapGenerator: [{ name: made, files: [note.txt, other=note.txt], envs: [note.env] }]\ngeneratorOptions: { disableNameSuffixHash: true, labels: { own: made } }",
    "patches: [{ path: patch.yaml }]",
    "patches: [{ path: json.yaml, target: { kind: Deployment, name: w.* } }]",
    "patchesStrategicMerge: [patch.yaml]",
    "patchesJson6902: [{ path: json.yaml, target: { group: apps, version: v1, kind: Deployment, name: web } }]",
    "patches:\n  - patch: |\n      $patch: delete\n      apiVersion: v1\n      kind: ConfigMap\n      metadata: { name: plain }",
    "patches:\n  - target: { labelSelector: app=web }\n    patch: |\n      kind: Any\n      apiVersion: any/v1\n      metadata: { name: any, labels: { patched: \"yes\" } }",
    "patches:\n  - patch: |\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: { name: web }\n      spec:\n        strategy: { $patch: replace, type: Recreate }\n        template:\n          spec:\n            containers:\n              - { name: side, $patch: delete }\n              - { name: web, ports: [{ containerPort: 81 }, { containerPort: 80, name: x }] }\n            tolerations: [{ key: a }]",
    "patches:\n  - patch: |\n      apiVersion: v1\n      kind: Service\n      metadata: { name: web }\n      spec: { ports: [{ port: 80, targetPort: 9 }, { port: 82, name: more }] }",
    // What is refused.
    "patches: [{ patch: '{ apiVersion: v1, kind: Service, metadata: { name: nobody } }' }]",
    "replicas: [{ name: nobody, count: 2 }]",
    "patches: [{ patch: '[{ op: replace, path: /spec/nothing/here, value: 1 }]', target: { kind: Service } }]",
    "patches: [{ path: nowhere.yaml }]",
    "commonLabel: { a: b }",
    "configMapGenerator: [{ name: other, behavior: merge, literals: [A=1] }]",
];

const PATCH: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: { more: label }
spec:
  template:
    spec:
      serviceAccountName: other
      containers:
        - name: new
          image: registry.example/new
        - name: web
          env:
            - { name: B, value: \"2\" }
            - { name: A, value: changed }
          args: [only]
          resources: { limits: { memory: 1Gi, cpu: null } }
          volumeMounts: [{ name: tmp, mountPath: /tmp }]
      volumes: [{ name: tmp, emptyDir: {} }]
";

const JSON: &str = "\
- { op: replace, path: /spec/replicas, value: 7 }
- { op: add, path: /spec/template/spec/containers/0/env/-, value: { name: C, value: \"3\" } }
- { op: add, path: /metadata/annotations/a~1b, value: c }
- { op: remove, path: /spec/template/spec/containers/1 }
- { op: copy, from: /metadata/name, path: /metadata/annotations/copied }
- { op: test, path: /kind, value: Deployment }
";

#[test]
fn kustomizations_are_built_as_kustomize_builds_them() {
    if !rig::asked() {
        return;
    }
    let folder = rig::Folder::new("kustomize");
    let mut faults = Vec::new();
    let (mut built, mut refused) = (0, 0);
    for (name, files) in cases() {
        for (path, text) in &files {
            folder.write(&format!("{name}/{path}"), text);
        }
        match compare(&folder.path().join(&name), "over") {
            Ok(true) => built += 1,
            Ok(false) => refused += 1,
            Err(fault) => faults.push(format!(
                "{name}: {fault}\n{}",
                files["over/kustomization.yaml"]
            )),
        }
    }
    assert!(
        faults.is_empty(),
        "{} differ:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(
        built > 60 && refused > 6,
        "{built} built, {refused} refused"
    );
    println!("{built} kustomizations alike, {refused} refused by both");
}

#[test]
fn public_kustomizations_are_built_as_kustomize_builds_them() {
    if !rig::asked() {
        return;
    }
    let Some(roots) = std::env::var_os("GEN_KUSTOMIZATIONS") else {
        println!("NOT CHECKED: GEN_KUSTOMIZATIONS names no repositories");
        return;
    };
    let mut faults = Vec::new();
    let (mut built, mut refused, mut unknown) = (0, 0, 0);
    for root in std::env::split_paths(&roots) {
        let facts = facts(&root);
        for one in &facts.kustomizations {
            let failed = facts
                .bundles
                .iter()
                .all(|bundle| bundle.name != format!("`{}`", one.folder));
            let taken = |other: &Kustomization| {
                let all = other.resources.iter().chain(&other.components);
                all.into_iter().any(|(path, _)| *path == one.folder)
            };
            let known = facts.kustomize_faults.iter().any(|fault| fault.refused)
                && !facts.kustomizations.iter().any(taken);
            if failed && !known {
                unknown += 1;
                continue;
            }
            match compare(&root, &one.folder) {
                Ok(true) => built += 1,
                Ok(false) => refused += 1,
                Err(fault) => faults.push(format!("{}/{}: {fault}", root.display(), one.folder)),
            }
        }
    }
    println!("{built} kustomizations alike, {refused} refused by both, {unknown} not built alone");
    assert!(
        faults.is_empty(),
        "{} differ:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// Each alone, each with each next ones, and in two storeys.
fn cases() -> Vec<(String, BTreeMap<String, String>)> {
    let mut all = Vec::new();
    let mut add = |base: &[usize], over: &[usize]| {
        let name = format!("{}", all.len());
        let mut files = BTreeMap::from([("base/objects.yaml".to_owned(), BASE.to_owned())]);
        for (folder, own, resource) in [("base", base, "objects.yaml"), ("over", over, "../base")] {
            let mut text = format!("resources: [{resource}]\n");
            for number in own {
                text.push_str(SAID[*number]);
                text.push('\n');
            }
            files.insert(format!("{folder}/kustomization.yaml"), text);
            for (path, text) in [
                ("patch.yaml", PATCH),
                ("json.yaml", JSON),
                ("note.txt", "a <b> & \"c\"\n"),
                ("note.env", "# no\nX=1\nY=a=b\n"),
            ] {
                files.insert(format!("{folder}/{path}"), text.to_owned());
            }
        }
        all.push((name, files));
    };
    for number in 0..SAID.len() {
        add(&[], &[number]);
    }
    // Pairs that say different keys.
    let key = |number: usize| SAID[number].split(':').next().unwrap_or("");
    for (number, said) in SAID.iter().enumerate().take(20) {
        for step in [1, 3, 7] {
            let other = (number + step) % 20;
            if key(number) != key(other) {
                add(&[number], &[other]);
                if number % 2 == 0 && !said.contains(key(other)) {
                    add(&[other], &[number, other]);
                }
            }
        }
    }
    all
}

fn facts(root: &Path) -> Facts {
    let mut tree = Tree::new("");
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != ".git") {
                    folders.push(path);
                }
                continue;
            }
            let below = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            tree.insert(&below, fs::read_to_string(&path).ok());
        }
    }
    gather(tree)
}

/// Whether both built the same; false where both refuse.
fn compare(root: &Path, folder: &str) -> Result<bool, String> {
    let facts = facts(root);
    let output = Command::new("kubectl")
        .args(["kustomize", folder])
        .current_dir(root)
        .output()
        .unwrap_or_else(|error| panic!("the rig needs kubectl: {error}"));
    let told = String::from_utf8_lossy(&output.stderr);
    let faults: Vec<&str> = facts
        .kustomize_faults
        .iter()
        .filter(|fault| fault.refused)
        .map(|fault| fault.text.as_str())
        .collect();
    let bundle = facts
        .bundles
        .iter()
        .position(|bundle| bundle.name == format!("`{folder}`"));
    let Some(bundle) = bundle else {
        return match output.status.success() {
            false if !faults.is_empty() => Ok(false),
            _ => Err(format!("kubectl says {told:?}, and this {faults:?}")),
        };
    };
    if !output.status.success() {
        return Err(format!("kubectl refuses: {told}"));
    }
    let text = String::from_utf8(output.stdout).unwrap();
    let wanted: BTreeSet<String> = yaml::read(&text, &Limits::REPOSITORY)
        .unwrap()
        .documents
        .iter()
        .map(shown)
        .collect();
    let own: BTreeSet<String> = facts
        .objects
        .iter()
        .filter(|object| object.bundle == bundle)
        .map(|object| shown(&object.node))
        .collect();
    let lines = |all: Vec<&String>| all.into_iter().cloned().collect::<Vec<_>>().join("\n");
    let (missing, more) = (
        lines(wanted.difference(&own).collect()),
        lines(own.difference(&wanted).collect()),
    );
    if missing.is_empty() && more.is_empty() {
        Ok(true)
    } else {
        Err(format!("kubectl:\n{missing}\nhere:\n{more}"))
    }
}

/// A tree as one line, keys in order and what says nothing left out.
fn shown(node: &Node) -> String {
    match &node.kind {
        Kind::Scalar(scalar) => format!("{:?}", scalar.text),
        Kind::Sequence(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("[{}]", items.join(","))
        }
        Kind::Mapping(entries) => {
            let said = entries.iter().filter(|entry| !entry.value.is_null());
            let mut all: Vec<String> = said
                .map(|entry| format!("{}:{}", entry.key, shown(&entry.value)))
                .collect();
            all.sort();
            format!("{{{}}}", all.join(","))
        }
    }
}
