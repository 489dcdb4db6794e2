//! Rig F: a call that the system refuses leaves the tree as it was, and the error says so and why.

use std::path::Path;

use delivery::output::{Cause, Error, Root, Tree};

use crate::support::faulty::{Fault, Faulty, LACKS, Lacks, Record, faulty};
use crate::support::naive;
use crate::support::scenario::{Scenario, recover_at};
use crate::support::tree::{Picture, Shot, picture};

const ERRNOS: [(i32, Cause); 9] = [
    (28, Cause::Full),
    (122, Cause::Quota),
    (30, Cause::ReadOnly),
    (5, Cause::Device),
    (13, Cause::Permission),
    (24, Cause::Descriptors),
    (18, Cause::CrossDevice),
    (4, Cause::Interrupted),
    (12, Cause::Other),
];

type Writer = fn(&Scenario, &Path, Fault, Lacks) -> (Result<(), Error>, Record);

fn ours(
    scenario: &Scenario,
    root: &Path,
    fault: Fault,
    lacks: Lacks,
) -> (Result<(), Error>, Record) {
    let (wrap, record) = faulty(fault, lacks);
    (
        scenario.run(&Root::at(root).through(wrap)).map(drop),
        record,
    )
}

fn naive(
    scenario: &Scenario,
    root: &Path,
    fault: Fault,
    lacks: Lacks,
) -> (Result<(), Error>, Record) {
    let (disk, record) = Faulty::over(naive::open(root), fault, lacks);
    let done = naive::write_loop(&disk, &scenario.plan);
    // Its errors claim what every tool's errors claim.
    let told = done.map_err(|_| Error::Plan("it did not work".into()));
    (told, record)
}

/// What is wrong after one fault, if anything.
fn damage(
    told: &Result<(), Error>,
    root: &Path,
    scenario: &Scenario,
    fault: Fault,
    cause: Option<Cause>,
) -> Result<(), String> {
    let found = picture(root);
    match told {
        Ok(()) if found == scenario.new => return Ok(()),
        Ok(()) => return Err("it says that all is well".into()),
        Err(Error::Disk(error)) => {
            if cause.is_some_and(|cause| error.cause != cause) {
                return Err(format!("wrong cause: {error}"));
            }
            // One fault is always undone, unless the render was complete but for its litter.
            let complete = files(&found) == files(&scenario.new);
            if error.tree == Tree::Interrupted && matches!(fault, Fault::Once(..)) && !complete {
                return Err(format!("not undone after: {error}"));
            }
            let lasting = matches!(fault, Fault::From(..) | Fault::Short(_));
            if error.tree == Tree::Intact && !is_intact(&found, &scenario.old, lasting) {
                return Err(format!("not intact after: {error}"));
            }
        }
        Err(_) if found == scenario.old => return Ok(()),
        Err(error) => return Err(format!("not intact after: {error}")),
    }
    recover_at(root).map_err(|error| error.to_string())?;
    let found = picture(root);
    if found == scenario.old || found == scenario.new {
        Ok(())
    } else {
        Err("torn after the next run".into())
    }
}

fn files(picture: &Picture) -> Picture {
    let mut files = picture.clone();
    files.retain(|path, shot| *shot != Shot::Folder && !path.starts_with(".gen-stage"));
    files
}

/// Whether the tree is as it was; litter of our own is allowed where nothing can be removed any more.
fn is_intact(found: &Picture, old: &Picture, lasting: bool) -> bool {
    let mut found = found.clone();
    if lasting && !found.contains_key(".gen-stage/journal") {
        found.retain(|path, _| !path.starts_with(".gen-stage"));
    }
    found == *old
}

/// The error numbers to try: three unless all are asked for.
fn errnos() -> impl Iterator<Item = (i32, Cause)> {
    let all = std::env::var_os("GEN_RIGS").is_some();
    let each = if all { 1 } else { 3 };
    ERRNOS.into_iter().step_by(each)
}

fn faults(calls: usize) -> impl Iterator<Item = (Fault, Option<Cause>)> {
    (0..calls).flat_map(|n| {
        let each = errnos().flat_map(move |(errno, cause)| {
            [Fault::Once(n, errno), Fault::From(n, errno)].map(|fault| (fault, Some(cause)))
        });
        each.chain([(Fault::Short(n), None)])
    })
}

fn run(writer: Writer, scenario: &Scenario, lacks: Lacks) -> (usize, Vec<String>) {
    let whole = scenario.begin();
    let (_, record) = writer(scenario, whole.path(), Fault::None, lacks);
    let mut damaged = Vec::new();
    let mut points = 0;
    for (fault, cause) in faults(record.calls()) {
        let root = scenario.begin();
        let (told, _) = writer(scenario, root.path(), fault, lacks);
        points += 1;
        if let Err(why) = damage(&told, root.path(), scenario, fault, cause) {
            damaged.push(format!("{fault:?}, {lacks:?}: {why}"));
        }
    }
    (points, damaged)
}

#[test]
fn the_rig_catches_a_plain_loop_of_writes() {
    let (points, damaged) = run(naive, &Scenario::new(4), Lacks::default());
    assert!(damaged.len() > points / 2, "{} of {points}", damaged.len());
}

#[test]
fn a_refused_call_leaves_the_tree_intact_and_is_named() {
    let scenario = Scenario::new(4);
    for lacks in LACKS {
        let (points, damaged) = run(ours, &scenario, lacks);
        println!(
            "F: {points} faults with {lacks:?}, {} damaged",
            damaged.len()
        );
        let shown = &damaged[..damaged.len().min(20)];
        assert!(
            damaged.is_empty(),
            "{} of {points}: {shown:#?}",
            damaged.len()
        );
    }
}

#[test]
fn an_error_names_path_cause_and_way_out() {
    let scenario = Scenario::new(4);
    let root = scenario.begin();
    let (_, record) = ours(&scenario, root.path(), Fault::None, Lacks::default());
    let mut told = Vec::new();
    for n in 0..record.calls() {
        let root = scenario.begin();
        let fault = Fault::Once(n, 28);
        let (Err(error), _) = ours(&scenario, root.path(), fault, Lacks::default()) else {
            continue;
        };
        assert!(!error.help().is_empty());
        told.push(error.to_string());
    }
    let want = "cannot write `d0/f0`: no space is left on the disk (No space left on device (os \
                error 28)); every file is as it was";
    assert!(told.iter().any(|text| text == want), "{told:#?}");
}
