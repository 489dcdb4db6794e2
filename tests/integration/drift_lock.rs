//! The lock is anybody's: whatever it says, no drift is hidden and nothing outside the tree is touched.

use std::collections::BTreeSet;
use std::fs;

use delivery::output::{self, Digest, Lock, Merge, Policy, Root, State};
use delivery::plan::Plan;
use rayon::prelude::*;

use crate::support::random::Random;
use crate::support::tree::{Shot, Temp, files, meta, picture, plan, put};

/// How many locks to try: few in every test run, more where the rigs are asked for.
fn locks() -> u64 {
    let rigs = std::env::var_os("GEN_RIGS").is_some_and(|value| value == "1");
    if rigs { 2_000 } else { 200 }
}

const HOSTILE_PATHS: [&str; 12] = [
    "../canary",
    "../../canary",
    "/etc/passwd",
    "link/canary",
    "a/../../canary",
    ".git/config",
    ".GIT/hooks/pre-commit",
    ".github/workflows/x.yml",
    "gen.lock",
    ".gen/pristine",
    "Dockerfile/x",
    "con",
];

fn wanted() -> Plan {
    plan([
        ("Dockerfile", "FROM x\n"),
        ("README.md", "# x\n"),
        ("chart/values.yaml", "a: 1\n"),
        ("scripts/next.sh", "#!/bin/sh\n"),
        (".github/workflows/delivery.yml", "on: push\n"),
    ])
}

/// A tree beside a canary, with one file edited, one stale, one missing and one left over.
fn tree() -> Temp {
    let temp = Temp::new();
    put(temp.path(), "canary", "canary\n");
    let root = temp.join("tree");
    let old = plan([
        ("Dockerfile", "FROM x\n"),
        ("README.md", "# old\n"),
        ("chart/values.yaml", "a: 1\n"),
        ("scripts/next.sh", "#!/bin/sh\n"),
        ("scripts/left.sh", "#!/bin/sh\n"),
    ]);
    output::apply(&Root::at(&root), &old, &meta("1"), Policy::default()).unwrap();
    put(&root, "Dockerfile", "FROM mine\n");
    put(&root, ".git/config", "git\n");
    fs::remove_file(root.join("chart/values.yaml")).unwrap();
    std::os::unix::fs::symlink(temp.path(), root.join("link")).unwrap();
    temp
}

/// The files of the plan that are not on disk as planned.
fn drifted(temp: &Temp) -> BTreeSet<String> {
    let on_disk = files(&temp.join("tree"));
    let plan = wanted();
    let artifacts = plan.artifacts().iter();
    artifacts
        .filter(|(path, artifact)| {
            let shot = Shot::File(artifact.bytes.to_vec(), artifact.executable);
            on_disk.get(path.as_str()) != Some(&shot)
        })
        .map(|(path, _)| path.to_string())
        .collect()
}

fn mutate(text: &str, temp: &Temp, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=random.below(3) {
        let at = random.below(lines.len());
        let path = *random.pick(&HOSTILE_PATHS);
        let edited = fs::read(temp.join("tree/Dockerfile")).unwrap();
        let digests = [
            Digest::of(&edited),
            Digest::of(b"canary\n"),
            Digest::of(b"git\n"),
            Digest::of(b"FROM x\n"),
        ];
        let digest = random.pick(&digests).to_string();
        match random.below(9) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at].clone()),
            2 => lines.insert(
                at,
                format!(
                    "    \"{path}\": {{ \"sha256\": \"{digest}\", \"target\": \"workflow\" }},"
                ),
            ),
            3 | 4 => {
                if let Some(start) = lines[at].find("\"sha256\": \"") {
                    let start = start + 11;
                    if lines[at].len() >= start + 64 {
                        lines[at].replace_range(start..start + 64, &digest);
                    }
                }
            }
            5 => lines[at] = lines[at].replace("image", "workflow"),
            6 => {
                if let Some(name) = lines[at]
                    .trim()
                    .strip_prefix('"')
                    .and_then(|l| l.split('"').next())
                {
                    let name = name.to_owned();
                    lines[at] = lines[at].replacen(&name, path, 1);
                }
            }
            7 => lines[at] = lines[at].replace("\"version\": 1", "\"version\": 2"),
            _ => {
                let other = random.below(lines.len());
                lines.swap(at, other);
            }
        }
        if lines.is_empty() {
            break;
        }
    }
    lines.join("\n")
}

/// What went wrong with one lock, and whether it was accepted.
fn judge(seed: u64) -> Result<bool, String> {
    let mut random = Random::new(seed);
    let temp = tree();
    let lock = temp.join("tree/gen.lock");
    let text = mutate(&fs::read_to_string(&lock).unwrap(), &temp, &mut random);
    fs::write(&lock, &text).unwrap();
    let (before, drifted) = (picture(temp.path()), drifted(&temp));
    let root = Root::at(temp.join("tree"));
    let Ok(found) = output::compare(&root, &wanted(), &meta("1"), &[]) else {
        let merged = output::apply(&root, &wanted(), &meta("1"), Policy::default());
        return match merged.is_err() && before == picture(temp.path()) {
            true => Ok(false),
            false => Err(format!("a lock that is refused was used\n{text}")),
        };
    };
    for path in &drifted {
        let hidden = |state: State| matches!(state, State::Clean | State::Owned | State::Adopted);
        let told = found
            .changes
            .iter()
            .find(|change| change.path.as_str() == path);
        if told.is_none_or(|change| hidden(change.state)) || found.is_clean() {
            return Err(format!("the drift of {path} is hidden\n{text}"));
        }
    }
    let policy = Policy {
        force: random.below(2) == 0,
        merge: Merge::Markers,
        targets: &[],
    };
    let _ = output::apply(&root, &wanted(), &meta("1"), policy);
    let after = picture(temp.path());
    let outside = |path: &&String| {
        !path.starts_with("tree/") || path.starts_with("tree/.git/") || *path == "tree/link"
    };
    let kept = before.iter().filter(|(path, _)| outside(path));
    for (path, shot) in kept {
        if after.get(path) != Some(shot) {
            return Err(format!("{path} was touched\n{text}"));
        }
    }
    Ok(true)
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures are the point")]
fn no_lock_hides_drift_or_reaches_outside() {
    let seeds: Vec<u64> = (1..=locks()).collect();
    let judged: Vec<Result<bool, String>> = seeds.into_par_iter().map(judge).collect();
    let count = judged.len();
    let mut accepted = 0;
    for result in judged {
        accepted += usize::from(result.unwrap_or_else(|why| panic!("{why}")));
    }
    println!("{count} locks: {accepted} were readable; no drift hidden, nothing touched outside");
    assert!(
        accepted > count / 5 && accepted < count,
        "{accepted} of {count}"
    );
}

/// A tool that compares the disk with its lock and never renders.
#[test]
fn the_rig_finds_what_a_tool_that_trusts_its_lock_hides() {
    let mut hidden = 0;
    for seed in 1..=60 {
        let mut random = Random::new(seed);
        let temp = tree();
        let lock = fs::read_to_string(temp.join("tree/gen.lock")).unwrap();
        let Ok(lock) = Lock::parse(mutate(&lock, &temp, &mut random).as_bytes()) else {
            continue;
        };
        let on_disk = files(&temp.join("tree"));
        let says_clean = |path: &String| match (lock.files.get(path.as_str()), on_disk.get(path)) {
            (Some(entry), Some(Shot::File(bytes, _))) => entry.sha256 == Digest::of(bytes),
            (entry, _) => entry.is_none(),
        };
        hidden += usize::from(drifted(&temp).iter().any(says_clean));
    }
    assert!(hidden >= 10, "{hidden}");
}
