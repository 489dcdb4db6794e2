//! Real processes: killed at any moment, and many at once over one tree.
//!
//! `output_kill` tries every call of a render; this is for what a list of calls forgets: threads, the allocator,
//! the system's own handling of a process that dies, and the lock between processes. Few rounds in every test
//! run, more where the rigs are asked for; `GEN_PROCESSES` says how many kills, and a fifth of them rounds.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use delivery::output::Root;

use crate::support::random::Random;
use crate::support::scenario::recover;
use crate::support::tree::{Picture, Temp, picture, put};

const SPECS: [&str; 2] = ["one", "two"];
const FILES: usize = 60;

fn kills() -> usize {
    let told = std::env::var("GEN_PROCESSES").ok();
    let told = told.map(|count| count.parse().expect("GEN_PROCESSES is a number"));
    let rigs = std::env::var_os("GEN_RIGS").is_some_and(|value| value == "1");
    told.unwrap_or(if rigs { 100 } else { 10 })
}

/// A repository with two specs for one tree, and the two trees that it may become.
struct Stage {
    root: Temp,
    wanted: Vec<Picture>,
    writer: Writer,
}

/// Starts what makes the tree that a spec says.
type Writer = fn(&Path, &str) -> Command;

fn careful(root: &Path, spec: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gen"));
    command.args(["render", "--quiet", &format!("{spec}.spec.yaml")]);
    command.current_dir(root);
    command
}

/// Copies a finished tree file by file.
fn careless(root: &Path, spec: &str) -> Command {
    let mut command = Command::new("cp");
    command.args(["-r", &format!("{spec}/."), "tree/"]);
    command.current_dir(root);
    command
}

impl Stage {
    fn new(writer: Writer) -> Self {
        let root = Temp::new();
        fs::create_dir(root.join(".git")).unwrap();
        // A person's file, which `recover` asks to overwrite in vain.
        put(&root.join("tree"), "mine", "hers\n");
        let mut wanted = Vec::new();
        for spec in SPECS {
            let text = format!(
                "version: 1\nname: web\nblueprint: platform/{spec}\nout: tree\n\
                 app: {{ python: \"3.12\", module: run:app, port: 5000 }}\n"
            );
            put(root.path(), &format!("{spec}.spec.yaml"), &text);
            let folder = root.join(&format!("platform/{spec}"));
            let mut manifest = "summary: A test.\ngroups: []\nfiles:\n".to_owned();
            for at in 0..FILES {
                // Most files are in both, and some in one alone.
                let path = match at % 10 {
                    0 => format!("only-{spec}/{at}.md"),
                    _ => format!("both-{}/{at}.md", at % 3),
                };
                put(&folder, &path, &format!("{spec} says {at}\n").repeat(40));
                manifest.push_str(&format!(
                    "  - {{ from: {path}, to: {path}, target: docs, as: verbatim }}\n"
                ));
            }
            put(&folder, "blueprint.yaml", &manifest);
        }
        for spec in SPECS {
            let done = careful(root.path(), spec).output().unwrap();
            assert!(done.status.success(), "{done:?}");
            wanted.push(picture(&root.join("tree")));
            let copy = ["-r", "tree", spec];
            let mut copying = Command::new("cp");
            copying.args(copy).current_dir(root.path());
            assert!(copying.status().unwrap().success());
        }
        Self {
            root,
            wanted,
            writer,
        }
    }

    fn start(&self, spec: usize) -> Child {
        let mut command = (self.writer)(self.root.path(), SPECS[spec]);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::null()).spawn().unwrap()
    }

    /// Which of the two trees is there, once an interrupted run was repaired; none where not even that is possible,
    /// as with the half of a lock that a copy leaves.
    fn found(&self) -> Option<usize> {
        let tree = self.root.join("tree");
        recover(&Root::at(&tree)).ok()?;
        let found = picture(&tree);
        self.wanted.iter().position(|wanted| *wanted == found)
    }

    /// How long one run takes where nothing else holds it up.
    fn length(&self) -> Duration {
        let run = |spec: usize| {
            let started = Instant::now();
            self.start(spec).wait().unwrap();
            started.elapsed()
        };
        [0, 1, 0, 1].map(run).into_iter().min().unwrap()
    }

    /// Kills that many runs, and counts those that ended as the old tree, as the new one, and torn.
    fn kill(&self, count: usize) -> [usize; 3] {
        let mut random = Random::new(9);
        let length = self.length().as_micros() as usize;
        let (mut there, mut ended) = (1, [0; 3]);
        for _ in 0..count {
            let mut child = self.start(1 - there);
            std::thread::sleep(Duration::from_micros(random.below(length * 9 / 8) as u64));
            child.kill().unwrap();
            child.wait().unwrap();
            match self.found() {
                Some(found) if found == there => ended[0] += 1,
                Some(found) => {
                    ended[1] += 1;
                    there = found;
                }
                None => {
                    ended[2] += 1;
                    self.start(there).wait().unwrap();
                    // A tree that a loop of copies made has files of both.
                    for spec in SPECS {
                        let _ = fs::remove_dir_all(self.root.join(&format!("tree/only-{spec}")));
                    }
                    self.start(there).wait().unwrap();
                }
            }
        }
        ended
    }

    /// Lets eight runs go at once, some of them killed, and says what became of the tree.
    fn crowd(&self, random: &mut Random) -> Result<(), String> {
        let length = self.length().as_micros() as usize;
        let mut children: Vec<(Child, bool)> = (0..8)
            .map(|at| (self.start(at % 2), random.below(4) == 0))
            .collect();
        let deadline = Instant::now() + Duration::from_secs(60);
        let lock = self.root.join("tree/gen.lock");
        let committed = |text: &[u8]| {
            let locks =
                SPECS.map(|spec| fs::read(self.root.join(&format!("{spec}/gen.lock"))).unwrap());
            locks.iter().any(|lock| lock == text)
        };
        while !children.is_empty() {
            // A reader never sees the lock of a tree that is neither of the two.
            let text = fs::read(&lock).map_err(|error| error.to_string())?;
            if !committed(&text) {
                return Err("a lock that nobody committed was there".to_owned());
            }
            let mut left = Vec::new();
            for (mut child, doomed) in children {
                if doomed && random.below(length / 500 + 2) == 0 {
                    child.kill().unwrap();
                }
                match child.try_wait().unwrap() {
                    Some(status) if status.success() || (doomed && status.code().is_none()) => {}
                    Some(status) => return Err(format!("a run ended with {status}")),
                    None => left.push((child, doomed)),
                }
            }
            children = left;
            if Instant::now() > deadline {
                for (child, _) in &mut children {
                    let _ = child.kill();
                }
                return Err(format!("{} runs did not end", children.len()));
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        self.found().ok_or("the tree is of neither spec")?;
        // Nobody who is dead holds the tree.
        let started = Instant::now();
        let again = self.start(0).wait().unwrap();
        match again.success() && started.elapsed() < Duration::from_secs(10) {
            true => Ok(()),
            false => Err(format!(
                "the next run ended with {again} after {:?}",
                started.elapsed()
            )),
        }
    }
}

#[test]
fn a_process_killed_at_any_moment_leaves_the_old_tree_or_the_new() {
    let ended = Stage::new(careful).kill(kills());
    println!(
        "K: {} kills of processes: {} old, {} new, {} torn",
        kills(),
        ended[0],
        ended[1],
        ended[2]
    );
    assert_eq!(ended[2], 0, "{ended:?}");
    assert!(
        kills() < 50 || ended[0] > 0 && ended[1] > 0,
        "kills at one end only: {ended:?}"
    );
}

#[test]
fn processes_take_turns_and_the_dead_hold_nobody_up() {
    let stage = Stage::new(careful);
    let mut random = Random::new(8);
    let rounds = kills().div_ceil(5);
    for round in 0..rounds {
        if let Err(why) = stage.crowd(&mut random) {
            panic!("round {round}: {why}");
        }
    }
    println!("N: {rounds} rounds of 8 processes, none mixed, none held up");
}

#[test]
fn the_rigs_find_what_a_loop_of_copies_does() {
    let torn = Stage::new(careless).kill(60)[2];
    assert!(torn > 0, "no kill tore the tree");
    let stage = Stage::new(careless);
    let mut random = Random::new(8);
    let mixed = (0..20).find(|_| stage.crowd(&mut random).is_err());
    assert!(mixed.is_some(), "no crowd mixed the trees");
}
