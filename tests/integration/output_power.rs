//! Rig K, power cuts: what was not synced may be lost, and the tree is the old or the new one still.
//!
//! Replays the calls of one render on a picture in memory: names come back in the order in which they
//! were changed, up to some point after the last folder sync; content that was never synced comes back
//! empty, cut or not at all. Journaling file systems promise no more and no less.

use std::collections::BTreeMap;

use delivery::output::Root;

use crate::support::faulty::{Call, Fault, Lacks, faulty};
use crate::support::random::Random;
use crate::support::scenario::{Scenario, recover_at};
use crate::support::tree::{Picture, Shot, Temp, picture, restore};

/// A file whatever its names are.
#[derive(Debug, Clone)]
struct Inode {
    bytes: Vec<u8>,
    executable: bool,
    synced: bool,
}

/// The disk of a machine that loses power.
#[derive(Debug, Clone, Default)]
struct Machine {
    inodes: Vec<Inode>,
    files: BTreeMap<String, usize>,
    folders: Vec<String>,
}

impl Machine {
    fn new(old: &Picture) -> Self {
        let mut machine = Self::default();
        for (path, shot) in old {
            match shot {
                Shot::File(bytes, executable) => {
                    machine.files.insert(path.clone(), machine.inodes.len());
                    machine.inodes.push(Inode {
                        bytes: bytes.clone(),
                        executable: *executable,
                        synced: true,
                    });
                }
                _ => machine.folders.push(path.clone()),
            }
        }
        machine
    }

    /// Changes names. Content is kept apart, for it comes back on its own.
    fn name(&mut self, call: &Call, created: &mut dyn FnMut() -> usize) {
        match call {
            Call::Folder(path) => self.folders.push(path.clone()),
            Call::Create(path, _) => drop(self.files.insert(path.clone(), created())),
            Call::Rename(from, to) => {
                let inode = self.files.remove(from).unwrap();
                self.files.insert(to.clone(), inode);
            }
            Call::Exchange(one, other) => {
                let (a, b) = (self.files[one], self.files[other]);
                self.files.insert(one.clone(), b);
                self.files.insert(other.clone(), a);
            }
            Call::Link(from, to) => drop(self.files.insert(to.clone(), self.files[from])),
            Call::Remove(path) => drop(self.files.remove(path).unwrap()),
            Call::RemoveFolder(path) => self.folders.retain(|folder| folder != path),
            Call::Write(..) | Call::Sync(_) | Call::SyncFolders(_) => {}
        }
    }
}

fn touches(call: &Call, folder: &str) -> bool {
    let above = |path: &str| path.rsplit_once('/').map_or("", |(above, _)| above) == folder;
    match call {
        Call::Folder(path) | Call::Create(path, _) => above(path),
        Call::Remove(path) | Call::RemoveFolder(path) => above(path),
        Call::Rename(a, b) | Call::Exchange(a, b) | Call::Link(a, b) => above(a) || above(b),
        Call::Write(..) | Call::Sync(_) | Call::SyncFolders(_) => false,
    }
}

/// The tree after the power went at `cut` and came back.
fn after_a_cut(old: &Picture, log: &[Call], cut: usize, random: &mut Random) -> Picture {
    // Contents, by what was created when; a file is known by the index of its creation.
    let mut machine = Machine::new(old);
    let first = machine.inodes.len();
    let mut now = machine.clone();
    for call in &log[..cut] {
        let next = machine.inodes.len();
        now.name(call, &mut || next);
        match call {
            Call::Create(_, mode) => machine.inodes.push(Inode {
                bytes: Vec::new(),
                executable: mode & 0o100 != 0,
                synced: false,
            }),
            Call::Write(path, bytes) => {
                let inode = &mut machine.inodes[now.files[path]];
                inode.bytes.extend(bytes);
                inode.synced = false;
            }
            Call::Sync(paths) => {
                for path in paths {
                    machine.inodes[now.files[path]].synced = true;
                }
            }
            _ => {}
        }
    }
    let durable = durable(&log[..cut]);
    let end = durable + random.below(cut - durable + 1);
    let mut created = first;
    for call in &log[..end] {
        machine.name(call, &mut || {
            created += 1;
            created - 1
        });
    }
    let mut picture: Picture = machine
        .folders
        .iter()
        .map(|path| (path.clone(), Shot::Folder))
        .collect();
    for (path, inode) in &machine.files {
        let inode = &machine.inodes[*inode];
        let length = if inode.synced {
            inode.bytes.len()
        } else {
            *random.pick(&[0, inode.bytes.len() / 2, inode.bytes.len()])
        };
        let shot = Shot::File(inode.bytes[..length].to_vec(), inode.executable);
        picture.insert(path.clone(), shot);
    }
    picture
}

/// How many of these calls are certain to be on disk, by the folders that were synced.
fn durable(log: &[Call]) -> usize {
    let mut durable = 0;
    for (at, call) in log.iter().enumerate() {
        if let Call::SyncFolders(folders) = call {
            let last = log[..at]
                .iter()
                .rposition(|call| folders.iter().any(|folder| touches(call, folder)));
            durable = durable.max(last.map_or(0, |last| last + 1));
        }
    }
    durable
}

fn replay(scenario: &Scenario, log: &[Call], histories: usize) -> usize {
    let mut random = Random::new(7);
    let mut torn = 0;
    for history in 0..histories {
        let ended = history % 4 == 0;
        let cut = if ended {
            log.len()
        } else {
            random.below(log.len())
        };
        let root = Temp::new();
        restore(
            root.path(),
            &after_a_cut(&scenario.old, log, cut, &mut random),
        );
        let repaired = recover_at(root.path());
        let found = picture(root.path());
        let whole = found == scenario.old || found == scenario.new;
        // Once the render has told that it is done, only the new tree will do.
        if repaired.is_err() || !whole || (ended && found != scenario.new) {
            torn += 1;
        }
    }
    torn
}

fn log_of(scenario: &Scenario, lacks: Lacks) -> Vec<Call> {
    let root = scenario.begin();
    let (wrap, record) = faulty(Fault::None, lacks);
    scenario.run(&Root::at(root.path()).through(wrap)).unwrap();
    record.log()
}

#[test]
fn the_rig_catches_a_render_that_does_not_sync() {
    let scenario = Scenario::new(12);
    let log = log_of(&scenario, Lacks::default());
    let no_content: Vec<Call> = log
        .iter()
        .filter(|call| !matches!(call, Call::Sync(_)))
        .cloned()
        .collect();
    let no_names: Vec<Call> = log
        .iter()
        .filter(|call| !matches!(call, Call::SyncFolders(_)))
        .cloned()
        .collect();
    assert!(replay(&scenario, &no_content, 200) > 20);
    assert!(replay(&scenario, &no_names, 200) > 20);
}

#[test]
fn a_power_cut_leaves_the_old_tree_or_the_new() {
    let scenario = Scenario::new(12);
    for lacks in crate::support::faulty::LACKS {
        let log = log_of(&scenario, lacks);
        let torn = replay(&scenario, &log, 200);
        println!("K: 200 power cuts with {lacks:?}, {torn} torn");
        assert_eq!(torn, 0);
    }
}
