//! Whatever stands in a tree in place of a file or a folder: nothing outside it changes, nothing hangs, and it
//! is refused by name.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::rig;
use crate::support::tree::{Temp, picture, put};

mod blueprints;

const FILES: [&str; 4] = [
    "Dockerfile",
    "chart/values.yaml",
    "chart/templates/a.yaml",
    "README.md",
];

/// What can stand there.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Node {
    LinkToFile,
    LinkToFolder,
    LinkToNothing,
    Fifo,
    Socket,
    Device,
    Other,
}

const NODES: [Node; 7] = [
    Node::LinkToFile,
    Node::LinkToFolder,
    Node::LinkToNothing,
    Node::Fifo,
    Node::Socket,
    Node::Device,
    Node::Other,
];
/// The tree, folders in it, files in it; and what gen keeps for itself.
const PLACES: [&str; 8] = [
    "tree",
    "tree/chart",
    "tree/chart/templates",
    "tree/Dockerfile",
    "tree/chart/values.yaml",
    "tree/gen.lock",
    "tree/.gen",
    "tree/.gen/pristine",
];
const COMMANDS: [&str; 7] = [
    "render spec.yaml",
    "render spec.yaml --force",
    "render spec.yaml --check",
    "render spec.yaml --dry-run --diff",
    "drift spec.yaml --diff",
    "drift",
    "lint",
];

struct World {
    root: Temp,
    outside: Temp,
}

impl World {
    fn new() -> Self {
        let (root, outside) = (Temp::new(), Temp::new());
        put(root.path(), ".git/config", "[core]\n");
        put(root.path(), ".git/hooks/pre-commit", "#!/bin/sh\n");
        put(outside.path(), "canary", "sings\n");
        put(outside.path(), "folder/values.yaml", "outside: true\n");
        put(outside.path(), "folder/pristine", "outside\n");
        put(
            root.path(),
            "spec.yaml",
            "version: 1\nname: web\nblueprint: platform/web\nout: tree\n\
             app: { python: \"3.12\", module: run:app, port: 5000 }\n",
        );
        let world = Self { root, outside };
        world.blueprint("1");
        assert_eq!(world.run("render spec.yaml"), Some(0));
        // Something is to be written.
        world.blueprint("2");
        world
    }

    fn blueprint(&self, version: &str) {
        let mut manifest = "summary: A test.\ngroups: []\nfiles:\n".to_owned();
        for path in FILES {
            put(
                &self.root.join("platform/web"),
                path,
                &format!("version: {version}\n"),
            );
            let line = format!("  - {{ from: {path}, to: {path}, target: docs, as: verbatim }}\n");
            manifest.push_str(&line);
        }
        put(&self.root.join("platform/web"), "blueprint.yaml", &manifest);
    }

    /// Runs a command to its end; nothing where it has none.
    fn run(&self, line: &str) -> Option<i32> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gen"))
            .args(line.split(' '))
            .current_dir(self.root.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if let Some(status) = child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        None
    }

    /// Puts a node in place of what is there; says whether this system lets it.
    fn place(&self, node: Node, place: &str) -> bool {
        let path = self.root.join(place);
        let was_folder = path.is_dir();
        let _ = fs::remove_file(&path);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let link = |to: PathBuf| std::os::unix::fs::symlink(to, &path).is_ok();
        let made = |program: &str, more: &[&str]| {
            let done = Command::new(program).arg(&path).args(more).status();
            done.is_ok_and(|status| status.success())
        };
        match node {
            Node::LinkToFile => link(self.outside.join("canary")),
            Node::LinkToFolder => link(self.outside.join("folder")),
            Node::LinkToNothing => link(self.outside.join("nothing")),
            Node::Fifo => made("mkfifo", &[]),
            // The name stays when the listener goes.
            Node::Socket => UnixListener::bind(&path).is_ok(),
            Node::Device => made("mknod", &["c", "1", "7"]),
            Node::Other if was_folder => fs::write(&path, "a file\n").is_ok(),
            Node::Other => fs::create_dir(&path).is_ok(),
        }
    }
}

/// Everything that was tried, and what was wrong.
fn judge(node: Node, place: &str) -> (usize, Vec<String>) {
    let mut faults = Vec::new();
    let mut tried = 0;
    for command in COMMANDS {
        let world = World::new();
        if !world.place(node, place) {
            continue;
        }
        let look = |world: &World| {
            (
                picture(world.outside.path()),
                picture(&world.root.join(".git")),
            )
        };
        let before = look(&world);
        let code = world.run(command);
        tried += 1;
        let case = || format!("{node:?} at {place}, {command}: {code:?}");
        if look(&world) != before {
            faults.push(format!("{}: something outside changed", case()));
        }
        // `lint` knows nothing of trees, `--dry-run` only tells, and what gen keeps may be made anew.
        let own = place.starts_with("tree/.gen") || place.ends_with("gen.lock");
        let looks = command == "lint" || command.contains("--dry-run");
        match code {
            Some(1 | 2) => {}
            Some(0) if own || looks => {}
            _ => faults.push(case()),
        }
    }
    (tried, faults)
}

#[test]
fn nothing_outside_a_tree_changes_whatever_stands_in_it() {
    let every = if rig::asked() { 1 } else { 9 };
    let cases = NODES
        .iter()
        .flat_map(|node| PLACES.map(|place| (*node, place)));
    let (mut tried, mut faults) = (0, Vec::new());
    for (node, place) in cases.step_by(every) {
        let (more, wrong) = judge(node, place);
        tried += more;
        faults.extend(wrong);
    }
    println!("C: {tried} runs over nodes that are no files of ours, nothing outside touched");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(tried > 30, "only {tried} runs");
}

#[test]
fn the_rig_sees_a_program_that_follows_links() {
    let world = World::new();
    assert!(world.place(Node::LinkToFile, "tree/Dockerfile"));
    let before = picture(world.outside.path());
    let tree: &Path = &world.root.join("tree");
    let mut copy = Command::new("cp");
    copy.args(["../spec.yaml", "Dockerfile"]).current_dir(tree);
    assert!(copy.status().unwrap().success());
    assert!(picture(world.outside.path()) != before, "cp follows links");
}
