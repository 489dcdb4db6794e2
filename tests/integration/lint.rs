//! Every rule against its cases: `tests/lint/<rule>/fires/*.txt` and `…/silent/*.txt`.
//!
//! A case says in its first line what it shows, may name the place of the primary label (`at: path:line`),
//! and holds its files behind `-- path --`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use delivery::diagnostic::{Diagnostic, Label};
use delivery::facts::{Tree, gather};
use delivery::rules::{self, RULES, allow};

/// Rules whose fault lies in one place.
const ONE_END: [&str; 20] = [
    "broad-trust",
    "committed-secret",
    "committed-state",
    "incompatible-requirement",
    "invalid-argument",
    "invalid-block",
    "invalid-expression",
    "invalid-object",
    "invalid-workflow",
    "kustomization-does-not-build",
    "misplaced-workflow",
    "missing-path",
    "unexplained-allow",
    "unknown-resource",
    "unmatched-override",
    "unpinned-action",
    "unpinned-base",
    "unpinned-provider",
    "unreadable-file",
    "unused-allow",
];

/// What a tree of files is told.
pub(crate) fn lint(files: &BTreeMap<String, String>) -> Vec<Diagnostic> {
    let mut tree = Tree::new("");
    for (path, text) in files {
        tree.insert(path, Some(text.clone()));
    }
    let facts = gather(tree);
    let told = rules::run(&facts, |_| true);
    allow::apply(&facts, told, |_| true)
}

struct Case {
    path: PathBuf,
    at: Option<String>,
    files: BTreeMap<String, String>,
}

fn cases(rule: &str, kind: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/lint")
        .join(rule)
        .join(kind);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    paths.sort();
    paths.into_iter().map(read).collect()
}

fn read(path: PathBuf) -> Case {
    // A key that is made up is parted, so that no scanner takes it for one.
    let text = fs::read_to_string(&path).unwrap().replace("⟨cut⟩", "");
    let mut case = Case {
        path,
        at: None,
        files: BTreeMap::new(),
    };
    let mut current: Option<String> = None;
    for line in text.lines() {
        let name = line
            .strip_prefix("-- ")
            .and_then(|line| line.strip_suffix(" --"));
        match (name, &current) {
            (Some(name), _) => {
                case.files.insert(name.to_owned(), String::new());
                current = Some(name.to_owned());
            }
            (None, Some(name)) => {
                let file = case.files.get_mut(name).unwrap();
                file.push_str(line);
                file.push('\n');
            }
            (None, None) => {
                if let Some(at) = line.strip_prefix("at: ") {
                    case.at = Some(at.to_owned());
                }
            }
        }
    }
    case
}

fn place(label: &Label) -> String {
    let line = label.source.position(label.span.start).line;
    format!("{}:{line}", label.source.path())
}

fn shown(told: &[Diagnostic]) -> Vec<String> {
    told.iter()
        .map(|one| {
            let at = one.primary.as_ref().map(place).unwrap_or_default();
            format!("{} {at}: {}", one.id, one.message)
        })
        .collect()
}

#[test]
fn every_rule_fires_where_its_cases_say() {
    let mut faults = Vec::new();
    for rule in RULES {
        let cases = cases(rule.name, "fires");
        if cases.is_empty() {
            faults.push(format!("{} has no case that fires", rule.name));
        }
        for case in cases {
            let told = lint(&case.files);
            let own: Vec<&Diagnostic> = told.iter().filter(|one| one.id == rule.name).collect();
            if own.is_empty() {
                faults.push(format!(
                    "{}: silent; {:?}",
                    case.path.display(),
                    shown(&told)
                ));
            }
            let placed = case.at.as_ref().is_none_or(|at| {
                own.iter()
                    .any(|one| one.primary.as_ref().map(place).as_ref() == Some(at))
            });
            if !placed {
                faults.push(format!(
                    "{}: elsewhere; {:?}",
                    case.path.display(),
                    shown(&told)
                ));
            }
            let ends = own.iter().all(|one| {
                one.primary.is_some() && (ONE_END.contains(&rule.name) || !one.related.is_empty())
            });
            if !ends {
                faults.push(format!("{}: one end only", case.path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_rule_is_silent_where_its_cases_are_right() {
    let mut faults = Vec::new();
    for rule in RULES {
        let cases = cases(rule.name, "silent");
        if cases.is_empty() {
            faults.push(format!("{} has no silent case", rule.name));
        }
        for case in cases {
            let told = lint(&case.files);
            if told.iter().any(|one| one.id == rule.name) {
                faults.push(format!("{}: {:?}", case.path.display(), shown(&told)));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_folder_of_cases_is_that_of_a_rule() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint");
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(rules::find(&name).is_some(), "there is no rule `{name}`");
    }
}

#[test]
fn every_rule_is_documented() {
    let mut names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "a name is given twice");
    for rule in RULES {
        let docs = &rule.docs;
        for text in [
            docs.what,
            docs.why,
            docs.bad,
            docs.good,
            docs.allow,
            rule.summary,
        ] {
            assert!(!text.trim().is_empty(), "{}", rule.name);
        }
        assert!(!rule.summary.ends_with('.'), "{}", rule.name);
    }
}

#[test]
fn what_a_person_allows_is_not_told() {
    let dockerfile = |user: &str| {
        format!(
            "FROM python:3.12-slim\n{user}\nCMD [\"gunicorn\", \"-b\", \"0.0.0.0:80\", \"a:b\"]\n"
        )
    };
    let told = |user: &str| {
        let files = BTreeMap::from([("Dockerfile".to_owned(), dockerfile(user))]);
        let told = lint(&files);
        told.iter().any(|one| one.id == "root-image")
    };
    assert!(told("USER root"));
    assert!(told("USER root # gen: allow(root-image)"));
    assert!(!told("USER root # gen: allow(root-image) drops its rights"));
    assert!(!told(
        "# gen: allow(root-image) drops its rights\nUSER root"
    ));
    assert!(told(
        "# gen: allow(loopback-bind) drops its rights\nUSER root"
    ));
}
