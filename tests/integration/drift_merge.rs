//! Rendering again over hand edits, with a blueprint that changes: what copier and cruft are asked, too.

use std::fs;
use std::path::Path;

use crate::drift::{gen_in, stderr, stdout};
use crate::support::tree::{Temp, files, put};

const SPEC: &str = "version: 1\nname: web\nblueprint: platform/web\nout: tree\n\
                    app: { python: \"3.12\", module: run:app, port: 5000 }\n";

/// A repository with a blueprint of its own that has these files, rendered.
struct Repository(Temp);

impl Repository {
    fn new(rendered: &[(&str, &str)]) -> Self {
        let root = Temp::new();
        fs::create_dir(root.join(".git")).unwrap();
        put(root.path(), "spec.yaml", SPEC);
        let repository = Self(root);
        repository.blueprint(rendered);
        repository.render(&[], 0);
        repository
    }

    /// Gives the blueprint another version.
    fn blueprint(&self, rendered: &[(&str, &str)]) {
        let folder = self.0.join("platform/web");
        let _ = fs::remove_dir_all(&folder);
        let mut manifest = "summary: A test.\ngroups: []\nfiles:\n".to_owned();
        for (path, text) in rendered {
            put(&folder, path, text);
            manifest.push_str(&format!(
                "  - {{ from: {path}, to: {path}, target: docs, as: verbatim }}\n"
            ));
        }
        put(&folder, "blueprint.yaml", &manifest);
    }

    fn edit(&self, path: &str, text: &str) {
        put(&self.0.join("tree"), path, text);
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.0.join("tree").join(path)).unwrap()
    }

    fn has(&self, path: &str) -> bool {
        self.0.join("tree").join(path).exists()
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    /// Renders; the code that it exits with must be this one.
    fn render(&self, args: &[&str], code: i32) -> String {
        let args: Vec<&str> = ["render", "spec.yaml"]
            .iter()
            .chain(args)
            .copied()
            .collect();
        let output = gen_in(self.root(), &args);
        let said = stderr(&output) + &stdout(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    }

    fn drift(&self, code: i32) -> String {
        let output = gen_in(self.root(), &["drift", "spec.yaml"]);
        let said = stdout(&output) + &stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    }
}

const TEN: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

#[test]
fn an_edit_and_a_new_version_are_joined() {
    let repository = Repository::new(&[("a.txt", TEN), ("b.txt", "b\n")]);
    repository.edit("a.txt", &TEN.replace("2\n", "two\n"));
    let said = repository.render(&[], 0);
    assert!(said.contains("Kept as edited by hand: `a.txt`"), "{said}");

    repository.blueprint(&[("a.txt", &TEN.replace("9\n", "nine\n")), ("b.txt", "B\n")]);
    let said = repository.drift(1);
    assert!(said.contains("merged by render"), "{said}");
    let said = repository.render(&[], 0);
    assert!(
        said.contains("the blueprint `web` changed: 2 files change"),
        "{said}"
    );
    assert!(
        said.contains("Merged with what was edited by hand: `a.txt`"),
        "{said}"
    );
    let joined = TEN.replace("2\n", "two\n").replace("9\n", "nine\n");
    assert_eq!(
        (repository.text("a.txt"), repository.text("b.txt")),
        (joined, "B\n".into())
    );
    repository.render(&[], 0);
}

#[test]
fn lines_that_both_changed_are_marked_until_somebody_decides() {
    let repository = Repository::new(&[("a.txt", TEN), ("b.txt", "b\n")]);
    repository.edit("a.txt", &TEN.replace("5\n", "mine\n"));
    repository.blueprint(&[("a.txt", &TEN.replace("5\n", "theirs\n")), ("b.txt", "B\n")]);
    repository.render(&["--merge", "clean"], 1);
    assert_eq!(repository.text("b.txt"), "b\n", "all or nothing");
    let said = repository.render(&["--dry-run"], 0);
    assert!(said.contains("with conflicts"), "{said}");

    let said = repository.render(&[], 1);
    assert!(said.contains("conflicting-file"), "{said}");
    let text = repository.text("a.txt");
    for part in ["<<<<<<< ", "mine\n", "=======\n", "theirs\n", ">>>>>>> "] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(repository.text("b.txt"), "B\n");

    assert!(repository.render(&[], 1).contains("unresolved-conflict"));
    assert!(repository.drift(1).contains("a conflict is marked in it"));
    // Markers are never merged again.
    repository.blueprint(&[("a.txt", &TEN.replace("5\n", "new\n")), ("b.txt", "B\n")]);
    repository.render(&[], 1);
    assert_eq!(repository.text("a.txt"), text);

    repository.edit("a.txt", &TEN.replace("5\n", "new, and mine\n"));
    assert!(repository.render(&[], 1).contains("conflicting-file"));
    repository.edit("a.txt", &TEN.replace("5\n", "new\n"));
    repository.render(&[], 0);
    repository.drift(0);
}

#[test]
fn a_file_that_was_deleted_comes_back_and_that_is_told() {
    let repository = Repository::new(&[("a.txt", "a\n"), ("b.txt", "b\n")]);
    fs::remove_file(repository.root().join("tree/a.txt")).unwrap();
    assert!(repository.drift(1).contains("missing"));
    let said = repository.render(&[], 0);
    assert!(
        said.contains("Wrote again what was deleted: `a.txt`"),
        "{said}"
    );
    // Also where the new version changes it.
    fs::remove_file(repository.root().join("tree/a.txt")).unwrap();
    repository.blueprint(&[("a.txt", "A\n"), ("b.txt", "b\n")]);
    repository.render(&[], 0);
    assert_eq!(repository.text("a.txt"), "A\n");
    // Whoever does not want it says so in the spec.
    put(
        repository.root(),
        "spec.yaml",
        &format!("{SPEC}owned: [a.txt]\n"),
    );
    fs::remove_file(repository.root().join("tree/a.txt")).unwrap();
    repository.render(&[], 0);
    assert!(!repository.has("a.txt"));
    repository.drift(0);
}

#[test]
fn a_file_that_both_added_is_taken_over_if_equal_and_refused_if_not() {
    let repository = Repository::new(&[("a.txt", "a\n")]);
    repository.edit("equal.txt", "e\n");
    repository.edit("other.txt", "mine\n");
    let next = [
        ("a.txt", "A\n"),
        ("equal.txt", "e\n"),
        ("other.txt", "theirs\n"),
    ];
    repository.blueprint(&next);
    let before = files(repository.root());
    assert!(repository.render(&[], 1).contains("unknown-file"));
    assert!(before == files(repository.root()), "a refused render wrote");
    let said = repository.render(&["--force"], 0);
    assert!(
        said.contains("Overwrote what was written by hand") && said.contains("\n-mine\n"),
        "{said}"
    );
    assert_eq!(repository.text("other.txt"), "theirs\n");
    repository.drift(0);
}

#[test]
fn an_edit_follows_the_file_to_its_new_path() {
    let repository = Repository::new(&[("docs/a.txt", TEN), ("docs/b.txt", TEN)]);
    repository.edit("docs/a.txt", &TEN.replace("2\n", "two\n"));
    repository.blueprint(&[
        ("guide/a.txt", &TEN.replace("9\n", "nine\n")),
        ("guide/c.txt", "other\n"),
    ]);
    let said = repository.drift(1);
    assert!(said.contains("its edit goes to guide/a.txt"), "{said}");
    let said = repository.render(&[], 0);
    assert!(
        said.contains("Merged with what was edited by hand: `guide/a.txt`"),
        "{said}"
    );
    let joined = TEN.replace("2\n", "two\n").replace("9\n", "nine\n");
    assert_eq!(repository.text("guide/a.txt"), joined);
    assert!(!repository.has("docs"), "the old folder stayed");
    repository.render(&[], 0);
}

#[test]
fn an_edited_file_that_left_the_blueprint_is_refused_until_it_is_owned() {
    let repository = Repository::new(&[("a.txt", "a\n"), ("b.txt", "b\n"), ("c.txt", "c\n")]);
    repository.edit("a.txt", "mine\n");
    repository.blueprint(&[("b.txt", "b\n")]);
    assert!(
        repository
            .render(&[], 1)
            .contains("the spec no longer has it")
    );
    assert!(repository.has("c.txt"), "all or nothing");
    put(
        repository.root(),
        "spec.yaml",
        &format!("{SPEC}owned: [a.txt]\n"),
    );
    repository.render(&[], 0);
    assert_eq!(repository.text("a.txt"), "mine\n");
    assert!(!repository.has("c.txt"));
    // It is released: neither the spec nor the lock knows it.
    let lock = repository.text("gen.lock");
    assert!(!lock.contains("a.txt"), "{lock}");
    repository.drift(0);
}

#[test]
fn what_is_owned_is_compared_and_never_written() {
    let repository = Repository::new(&[("a.txt", TEN), ("b.txt", "b\n")]);
    put(
        repository.root(),
        "spec.yaml",
        &format!("{SPEC}owned: [\"a.*\", nothing.txt]\n"),
    );
    repository.edit("a.txt", "mine\n");
    repository.blueprint(&[("a.txt", &TEN.replace("5\n", "five\n")), ("b.txt", "B\n")]);
    let said = repository.render(&["--force"], 0);
    assert!(said.contains("`owned` names `nothing.txt`"), "{said}");
    assert_eq!(
        (
            repository.text("a.txt").as_str(),
            repository.text("b.txt").as_str()
        ),
        ("mine\n", "B\n")
    );
    repository.drift(0);
    let json = gen_in(repository.root(), &["drift", "--format", "json"]);
    assert!(
        stdout(&json).contains("\"owned\": [\n        \"a.txt\""),
        "{}",
        stdout(&json)
    );
    // Given back, it is merged from what was rendered before it was owned.
    put(repository.root(), "spec.yaml", SPEC);
    repository.edit("a.txt", &TEN.replace("1\n", "one\n"));
    repository.render(&[], 0);
    assert_eq!(
        repository.text("a.txt"),
        TEN.replace("1\n", "one\n").replace("5\n", "five\n")
    );
}
