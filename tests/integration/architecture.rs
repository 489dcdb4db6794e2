//! The module rules: who may use whom, which crate belongs to whom, and who may reach the system.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and the modules that it may use.
const MAY_USE: [(&str, &[&str]); 20] = [
    (
        "blueprint",
        &[
            "diagnostic",
            "emit",
            "encode",
            "plan",
            "schema",
            "source",
            "spec",
        ],
    ),
    ("chart", &["diagnostic", "source"]),
    ("cli", &["*"]),
    ("cluster", &["chart", "diagnostic", "report", "source"]),
    ("diagnostic", &["source"]),
    (
        "drift",
        &["diagnostic", "output", "plan", "report", "source", "spec"],
    ),
    ("emit", &["encode", "source"]),
    ("encode", &[]),
    ("facts", &["chart", "diagnostic", "source"]),
    ("lib", &[]),
    ("main", &[]),
    ("output", &["plan"]),
    ("plan", &[]),
    ("report", &["diagnostic", "encode", "source"]),
    ("rules", &["diagnostic", "facts", "source"]),
    ("schema", &["diagnostic", "encode", "plan", "source"]),
    ("source", &[]),
    (
        "spec",
        &["diagnostic", "emit", "encode", "schema", "source"],
    ),
    (
        "stack",
        &["chart", "diagnostic", "output", "plan", "report", "source"],
    ),
    (
        "target",
        &[
            "blueprint",
            "chart",
            "diagnostic",
            "emit",
            "plan",
            "schema",
            "source",
            "spec",
        ],
    ),
];

/// Crates that one or two modules keep to themselves.
const KEPT: [(&str, &[&str]); 12] = [
    ("cap_std", &["output"]),
    ("clap", &["cli"]),
    ("diffy", &["output"]),
    ("use futures", &["cluster"]),
    ("granit_parser", &["source"]),
    ("jsonschema", &["chart"]),
    ("use kube", &["cluster"]),
    ("regex_lite", &["chart"]),
    ("minijinja", &["blueprint", "target"]),
    ("rayon", &["cli"]),
    ("rustix", &["output"]),
    ("tokio", &["cluster"]),
];

/// Ways to the system outside, and the modules that may take them.
const SYSTEM: [(&str, &[&str]); 8] = [
    ("std::fs", &["output", "cli"]),
    ("std::env::var", &["cli"]),
    ("std::env::current_dir", &["cli"]),
    ("TcpStream", &[]),
    ("std::process::Command", &["cli"]),
    ("std::thread", &["chart", "output"]),
    ("SystemTime", &[]),
    ("Instant::now", &["output"]),
];

/// The lines of a file that are code, without its tests.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .filter(|line| !line.trim_start().starts_with("//"))
}

/// Every source file by the module that it belongs to.
fn modules() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let below = path.strip_prefix(&root).unwrap();
            let first = below.components().next().unwrap().as_os_str();
            let module = first.to_str().unwrap().trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            found.entry(module).or_default().push((path, text));
        }
    }
    found
}

/// The modules that a line names after `crate::`, with those of a braced list.
fn used(line: &str) -> Vec<&str> {
    let word = |text: &str| {
        text.bytes()
            .take_while(|b| b.is_ascii_lowercase() || *b == b'_')
            .count()
    };
    let mut names = Vec::new();
    for (at, found) in line.match_indices("crate::") {
        let rest = &line[at + found.len()..];
        match rest.strip_prefix('{') {
            Some(list) => names.extend(list.split('}').next().unwrap_or(list).split(',').map(
                |item| {
                    let item = item.trim();
                    &item[..word(item)]
                },
            )),
            None => names.push(&rest[..word(rest)]),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn modules_use_only_what_they_may() {
    let rules: BTreeMap<&str, &[&str]> = MAY_USE.into_iter().collect();
    let mut faults = Vec::new();
    for (module, files) in modules() {
        let Some(allowed) = rules.get(module.as_str()) else {
            faults.push(format!(
                "`{module}` is a new module: give it a line in MAY_USE"
            ));
            continue;
        };
        for (path, text) in &files {
            for name in code(text).flat_map(used) {
                if name != module && !allowed.contains(&name) && !allowed.contains(&"*") {
                    faults.push(format!("{} uses `{name}`", path.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_generator_and_the_validator_never_meet() {
    let rules: BTreeMap<&str, &[&str]> = MAY_USE.into_iter().collect();
    let reached = |from: &'static str| {
        let mut reached = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(module) = open.pop() {
            let next = rules.get(module).copied().unwrap_or_default();
            open.extend(next.iter().filter(|name| reached.insert(name)));
        }
        reached
    };
    for validator in ["facts", "rules"] {
        for generator in ["spec", "blueprint", "target", "output", "plan"] {
            assert!(
                !reached(validator).contains(generator),
                "{validator} reaches {generator}"
            );
            assert!(
                !reached(generator).contains(validator),
                "{generator} reaches {validator}"
            );
        }
    }
}

#[test]
fn crates_and_the_system_stay_where_they_belong() {
    let mut faults = Vec::new();
    for (module, files) in modules() {
        for (path, text) in &files {
            for (word, owners) in KEPT.iter().chain(&SYSTEM) {
                let named = |line: &str| {
                    line.match_indices(word).any(|(at, _)| {
                        let before = line[..at].chars().next_back();
                        let after = line[at + word.len()..].chars().next();
                        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
                            && !after.is_some_and(|c| c.is_alphanumeric())
                    })
                };
                if !owners.contains(&module.as_str()) && code(text).any(named) {
                    faults.push(format!("{} names `{word}`", path.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_architecture_names_every_module_and_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let folders = [
        "src",
        "blueprints",
        "schemas",
        "out",
        "tests",
        "benches",
        ".ci",
    ];
    let named = modules().into_keys().chain(folders.map(str::to_owned));
    let missing: Vec<String> = named
        .filter(|name| !text.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "not in ARCHITECTURE.md: {missing:?}");
    let lines = text.lines().count();
    assert!(
        lines <= 150,
        "ARCHITECTURE.md has {lines} lines: two screens are what people read"
    );
}
