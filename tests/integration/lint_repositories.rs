//! What `gen lint` says of public repositories against what was read in them by hand.
//!
//! `tests/repositories.yaml` has facts alone: the repository, the commit, and for each place the rule and the
//! judgement. Their files are not in this tree: `GEN_REPOSITORIES` names a folder that has each of them as
//! `owner+name`, checked out at that commit. Without it the test says so and checks only the list itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::command::gen_in;

/// One judged place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    rule: String,
    at: String,
}

#[derive(Debug)]
struct Repository {
    name: String,
    half: String,
    /// Faults that there are.
    faults: BTreeSet<Place>,
    /// Of those, the ones that gen is known not to find.
    missed: BTreeSet<Place>,
}

/// The list: a name with commit and half, then lines `- rule path:line`, `!` in front of what is missed.
fn list() -> Vec<Repository> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/repositories.yaml");
    let text = fs::read_to_string(path).unwrap();
    let mut all: Vec<Repository> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if let Some(rest) = trimmed.strip_prefix("- ") {
            let (mark, rest) = rest.split_once(' ').expect("a judgement and a place");
            let (rule, at) = rest.split_once(' ').expect("a rule and a place");
            let place = Place {
                rule: rule.to_owned(),
                at: at.trim_matches('"').to_owned(),
            };
            let own = all.last_mut().expect("a repository first");
            match mark {
                "true:" => drop(own.faults.insert(place)),
                "missed:" => {
                    own.missed.insert(place.clone());
                    own.faults.insert(place);
                }
                other => panic!("no judgement: {other}"),
            }
            continue;
        }
        let (name, rest) = trimmed.split_once(": #").expect("name: # commit half");
        let mut words = rest.split_whitespace();
        let commit = words.next().unwrap();
        assert!(commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()));
        let half = words.next().unwrap().to_owned();
        assert!(half == "learn" || half == "report", "{half}");
        all.push(Repository {
            name: name.trim_matches('"').to_owned(),
            half,
            faults: BTreeSet::new(),
            missed: BTreeSet::new(),
        });
    }
    all
}

fn told(folder: &Path) -> BTreeSet<Place> {
    let done = gen_in(folder, &["lint", "--format", "json"])
        .output()
        .unwrap();
    let all: Value = serde_json::from_slice(&done.stdout).unwrap();
    all["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["level"] != "note")
        .map(|one| Place {
            rule: one["id"].as_str().unwrap().to_owned(),
            at: format!(
                "{}:{}",
                one["place"]["path"]
                    .as_str()
                    .unwrap_or("")
                    .trim_start_matches("./"),
                one["place"]["line"]
            ),
        })
        .collect()
}

#[test]
fn public_repositories_are_told_what_was_read_in_them() {
    let all = list();
    assert!(all.len() >= 60, "{} repositories", all.len());
    for half in ["learn", "report"] {
        assert!(all.iter().filter(|one| one.half == half).count() >= 25);
    }
    let Some(root) = std::env::var_os("GEN_REPOSITORIES") else {
        println!(
            "NOT CHECKED: GEN_REPOSITORIES names no folder with the repositories of tests/repositories.yaml"
        );
        return;
    };
    let mut faults = Vec::new();
    for half in ["learn", "report"] {
        let (mut right, mut wrong, mut silent) = (0, 0, 0);
        for one in all.iter().filter(|one| one.half == half) {
            let folder = Path::new(&root).join(one.name.replace('/', "+"));
            if !folder.is_dir() {
                faults.push(format!("{} is not there", one.name));
                continue;
            }
            let told = told(&folder);
            right += told.intersection(&one.faults).count();
            silent += one.faults.difference(&told).count();
            for place in told.difference(&one.faults) {
                wrong += 1;
                faults.push(format!(
                    "{}: {} {} is not judged true",
                    one.name, place.rule, place.at
                ));
            }
            for place in one.faults.difference(&told) {
                if !one.missed.contains(place) {
                    faults.push(format!(
                        "{}: {} {} is not found any more",
                        one.name, place.rule, place.at
                    ));
                }
            }
        }
        println!(
            "{half}: {right} found of {} faults, {wrong} false alarms",
            right + silent
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
