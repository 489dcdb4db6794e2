//! Rig K: a render killed at any write-class call leaves the old tree or the new one after the next run.
//!
//! A kill is a disk on which nothing happens any more, before or after the Nth call: the same for what is
//! left behind, and quick enough to try every point. `output_strace` kills real processes.

use std::path::{Path, PathBuf};

use delivery::output::{self, Root};

use crate::support::faulty::{Fault, Faulty, LACKS, Lacks, Record, faulty};
use crate::support::naive;
use crate::support::random::Random;
use crate::support::scenario::{Scenario, recover, recover_at};
use crate::support::tree::{Picture, Shot, Temp, meta, picture};

type Writer = fn(&Scenario, &Path, Fault, Lacks) -> Record;

fn ours(scenario: &Scenario, root: &Path, fault: Fault, lacks: Lacks) -> Record {
    let (wrap, record) = faulty(fault, lacks);
    let done = scenario.run(&Root::at(root).through(wrap));
    assert_eq!(done.is_ok(), fault == Fault::None, "{fault:?}: {done:?}");
    record
}

fn naive(scenario: &Scenario, root: &Path, fault: Fault, lacks: Lacks) -> Record {
    let (disk, record) = Faulty::over(naive::open(root), fault, lacks);
    let _ = naive::write_loop(&disk, &scenario.plan);
    record
}

fn files(mut picture: Picture) -> Picture {
    picture.retain(|_, shot| *shot != Shot::Folder);
    picture
}

/// Kills `writer` everywhere. Gives the number of points, and those that left something else.
fn torn(writer: Writer, scenario: &Scenario, lacks: Lacks) -> (usize, Vec<String>) {
    let whole = scenario.begin();
    let calls = writer(scenario, whole.path(), Fault::None, lacks).writing();
    let end = picture(whole.path());
    let mut torn = Vec::new();
    let faults = (0..calls).flat_map(|n| [Fault::KilledBefore(n), Fault::KilledAfter(n)]);
    for fault in faults {
        let root = scenario.begin();
        writer(scenario, root.path(), fault, lacks);
        if let Err(why) = repaired(root.path(), &scenario.old, &end, lacks) {
            torn.push(format!("{fault:?}, {lacks:?}: {why}"));
        }
    }
    (2 * calls, torn)
}

/// Repairs the tree, and says what is wrong where it is then neither the old nor the new one.
fn repaired(root: &Path, old: &Picture, new: &Picture, lacks: Lacks) -> Result<(), String> {
    let (wrap, _) = faulty(Fault::None, lacks);
    recover(&Root::at(root).through(wrap)).map_err(|error| error.to_string())?;
    let found = picture(root);
    if found == *old || found == *new {
        return Ok(());
    }
    let apart = |other: &Picture| {
        let paths = found.keys().chain(other.keys());
        let apart = paths.filter(|path| found.get(*path) != other.get(*path));
        apart.cloned().collect::<std::collections::BTreeSet<_>>()
    };
    Err(format!(
        "old but {:?}, new but {:?}",
        apart(old),
        apart(new)
    ))
}

#[test]
fn the_rig_catches_a_plain_loop_of_writes() {
    let (points, torn) = torn(naive, &Scenario::new(12), Lacks::default());
    assert!(torn.len() > points / 2, "{} of {points}", torn.len());
}

#[test]
fn a_render_of_sixty_files_killed_anywhere_leaves_the_old_tree_or_the_new() {
    let (points, torn) = torn(ours, &Scenario::new(60), Lacks::default());
    println!("K: {points} points killed, {} torn", torn.len());
    assert!(points > 400, "{points}");
    assert!(torn.is_empty(), "{torn:#?}");
}

#[test]
fn so_it_does_where_the_file_system_cannot_exchange_or_link() {
    let scenario = Scenario::new(12);
    for lacks in LACKS {
        let (points, torn) = torn(ours, &scenario, lacks);
        println!(
            "K: {points} points killed with {lacks:?}, {} torn",
            torn.len()
        );
        assert!(torn.is_empty(), "{torn:#?}");
    }
}

#[test]
fn a_repair_that_is_killed_is_repaired() {
    let scenario = Scenario::new(12);
    let mut random = Random::new(1);
    let mut points = 0;
    for lacks in LACKS {
        let whole = scenario.begin();
        let calls = ours(&scenario, whole.path(), Fault::None, lacks).writing();
        for n in 0..calls {
            for _ in 0..3 {
                let root = scenario.begin();
                ours(&scenario, root.path(), Fault::KilledBefore(n), lacks);
                for _ in 0..2 {
                    let at = random.below(40);
                    let fault = *random.pick(&[Fault::KilledBefore(at), Fault::KilledAfter(at)]);
                    let (wrap, _) = faulty(fault, lacks);
                    let _ = recover(&Root::at(root.path()).through(wrap));
                }
                let end = repaired(root.path(), &scenario.old, &scenario.new, lacks);
                assert_eq!(end, Ok(()), "killed at {n} with {lacks:?}");
                points += 1;
            }
        }
    }
    println!("K: {points} repairs killed twice, 0 torn");
}

#[test]
fn a_reader_sees_the_tree_that_the_repair_will_leave() {
    let scenario = Scenario::new(12);
    for lacks in LACKS {
        let whole = scenario.begin();
        let calls = ours(&scenario, whole.path(), Fault::None, lacks).writing();
        for n in 0..calls {
            let root = scenario.begin();
            ours(&scenario, root.path(), Fault::KilledBefore(n), lacks);
            let cut = picture(root.path());
            let look = || {
                let root = Root::at(root.path());
                let found = output::compare(&root, &scenario.plan, &meta("new"), &[]).unwrap();
                let states = found.changes.into_iter();
                let states: Vec<_> = states.map(|c| (c.path, c.state, c.disk, c.crlf)).collect();
                (states, found.lock, output::read_lock(&root).unwrap())
            };
            let before = look();
            assert_eq!(cut, picture(root.path()), "a reader wrote");
            recover_at(root.path()).unwrap();
            assert_eq!(before, look(), "killed at {n} with {lacks:?}");
        }
    }
}

/// The staged lock, if the commit has begun and not come to it yet; it is taken last.
fn staged_lock(root: &Temp, scenario: &Scenario) -> Option<PathBuf> {
    let number = |name: String| name.parse::<usize>().ok();
    let last = names(&root.join(".gen-stage"))
        .into_iter()
        .filter_map(number)
        .max()?;
    let staged = root.join(&format!(".gen-stage/{last}"));
    let begun = root.join(".gen-stage/journal").exists();
    let Some(Shot::File(new, _)) = scenario.new.get("gen.lock") else {
        panic!("the render wrote no lock");
    };
    (begun && std::fs::read(&staged).is_ok_and(|bytes| bytes == *new)).then_some(staged)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_damaged_stage_is_undone() {
    let scenario = Scenario::new(12);
    let whole = scenario.begin();
    let calls = ours(&scenario, whole.path(), Fault::None, Lacks::default()).writing();
    let mut undone = 0;
    for n in 0..calls {
        let root = scenario.begin();
        ours(
            &scenario,
            root.path(),
            Fault::KilledBefore(n),
            Lacks::default(),
        );
        let Some(staged) = staged_lock(&root, &scenario) else {
            continue;
        };
        std::fs::write(&staged, "damaged").unwrap();
        recover_at(root.path()).unwrap();
        assert_eq!(
            files(picture(root.path())),
            files(scenario.old.clone()),
            "killed at {n}"
        );
        undone += 1;
    }
    assert!(undone > 20, "{undone}");
    println!("K: {undone} damaged stages undone");
}

#[test]
fn what_a_person_saves_between_a_kill_and_the_repair_is_kept() {
    let scenario = Scenario::new(12);
    let mut kept = 0;
    for lacks in LACKS {
        let whole = scenario.begin();
        let calls = ours(&scenario, whole.path(), Fault::None, lacks).writing();
        for n in 0..calls {
            let root = scenario.begin();
            ours(&scenario, root.path(), Fault::KilledBefore(n), lacks);
            let path = ["folder/edited.txt", "fresh/unknown.txt", "d1/f1"][n % 3];
            crate::support::tree::put(root.path(), path, "saved just now\n");
            recover_at(root.path()).unwrap();
            let text = std::fs::read_to_string(root.join(path)).unwrap();
            assert_eq!(
                text, "saved just now\n",
                "{path} killed at {n} with {lacks:?}"
            );
            kept += 1;
        }
    }
    println!("K: {kept} fresh edits kept");
}
