//! A render that does everything at once: creates, replaces, removes, forces, and turns a file into a
//! folder and back. The rigs cut it off everywhere.

use std::path::Path;

use delivery::output::{self, Error, Merge, Meta, Policy, Root};
use delivery::plan::{Plan, RelPath};

use super::tree::{Picture, Temp, artifact, meta, picture, plan, put, restore};

pub(crate) const FORCE: Policy<'static> = Policy {
    force: true,
    merge: Merge::Off,
    targets: &[],
};

/// The tree before, the plan, and the tree after.
pub(crate) struct Scenario {
    pub(crate) old: Picture,
    pub(crate) plan: Plan,
    pub(crate) new: Picture,
}

impl Scenario {
    /// A scenario of about `size` files.
    pub(crate) fn new(size: usize) -> Self {
        let root = Temp::new();
        // A file that is nobody's business, and what `recover` runs against.
        put(root.path(), "mine", "mine\n");
        render(&Root::at(root.path()), &before(size), &meta("old")).unwrap();
        // What a person did since, which the next render is told to overwrite.
        put(root.path(), "folder/edited.txt", "edited by hand\n");
        put(root.path(), "fresh/unknown.txt", "made by hand\n");
        let old = picture(root.path());
        let plan = after(size);
        render(&Root::at(root.path()), &plan, &meta("new")).unwrap();
        let new = picture(root.path());
        assert_ne!(old, new);
        Self { old, plan, new }
    }

    /// A copy of the tree before.
    pub(crate) fn begin(&self) -> Temp {
        let root = Temp::new();
        restore(root.path(), &self.old);
        root
    }

    /// Runs the render through `root`.
    pub(crate) fn run(&self, root: &Root) -> Result<output::Applied, Error> {
        render(root, &self.plan, &meta("new"))
    }
}

fn render(root: &Root, plan: &Plan, meta: &Meta) -> Result<output::Applied, Error> {
    output::apply(root, plan, meta, FORCE)
}

/// Runs a command that is always refused, so that all it does is to repair the tree.
pub(crate) fn recover(root: &Root) -> Result<(), Error> {
    let refused = plan([("mine", "other\n")]);
    match output::apply(root, &refused, &meta("new"), Policy::default()) {
        Err(Error::Refused(_)) => Ok(()),
        Err(error) => Err(error),
        Ok(_) => panic!("a plan that overwrites a person's file was applied"),
    }
}

/// The same for a path.
pub(crate) fn recover_at(root: &Path) -> Result<(), Error> {
    recover(&Root::at(root))
}

fn before(size: usize) -> Plan {
    let mut files = vec![
        ("folder/edited.txt".to_owned(), "rendered\n".to_owned()),
        ("turns/into-file/x".to_owned(), "x\n".to_owned()),
        ("turns/into-folder".to_owned(), "y\n".to_owned()),
        ("mode/plain".to_owned(), "m\n".to_owned()),
        ("goes/away/with/its/folders".to_owned(), "z\n".to_owned()),
        ("same".to_owned(), "same\n".to_owned()),
    ];
    for at in 0..size / 2 {
        files.push((
            format!("d{}/f{at}", at % 7),
            format!("old {at}\n").repeat(at),
        ));
    }
    assemble(files, false)
}

fn after(size: usize) -> Plan {
    let mut files = vec![
        (
            "folder/edited.txt".to_owned(),
            "rendered again\n".to_owned(),
        ),
        ("fresh/unknown.txt".to_owned(), "rendered\n".to_owned()),
        ("turns/into-file".to_owned(), "x\n".to_owned()),
        ("turns/into-folder/y".to_owned(), "y\n".to_owned()),
        ("mode/plain".to_owned(), "m\n".to_owned()),
        ("same".to_owned(), "same\n".to_owned()),
    ];
    for at in size / 8..size / 2 {
        files.push((
            format!("d{}/f{at}", at % 7),
            format!("new {at}\n").repeat(at + 1),
        ));
    }
    for at in 0..size / 4 {
        files.push((
            format!("new{}/deep/f{at}.sh", at % 3),
            format!("new {at}\n"),
        ));
    }
    assemble(files, true)
}

fn assemble(files: Vec<(String, String)>, executable: bool) -> Plan {
    let mut plan = Plan::new();
    for (path, text) in files {
        let mut artifact = artifact(&path, &text);
        artifact.executable |= executable && path == "mode/plain";
        plan.insert(RelPath::new(path).unwrap(), artifact).unwrap();
    }
    plan
}
