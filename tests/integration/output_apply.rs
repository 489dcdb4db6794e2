//! What an apply writes, keeps and refuses.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use delivery::output::{self, Error, LockState, Merge, Policy, Root, State};
use delivery::plan::{Plan, RelPath, Target};

use crate::support::faulty::{Fault, Lacks, faulty};
use crate::support::scenario::FORCE;
use crate::support::tree::{Picture, Shot, Temp, files, meta, picture, plan, put, stamps};

fn render(root: &Temp, plan: &Plan) -> Result<output::Applied, Error> {
    output::apply(&Root::at(root.path()), plan, &meta("1"), Policy::default())
}

fn states(root: &Temp, plan: &Plan) -> Vec<(String, State)> {
    let found = output::compare(&Root::at(root.path()), plan, &meta("1"), &[]).unwrap();
    let changes = found.changes.into_iter();
    changes
        .map(|change| (change.path.to_string(), change.state))
        .collect()
}

fn state(root: &Temp, plan: &Plan, path: &str) -> State {
    let mut states = states(root, plan).into_iter();
    states
        .find(|(name, _)| name == path)
        .expect("the file is compared")
        .1
}

/// What is there, without what gen keeps for merging.
fn names(picture: Picture) -> Vec<String> {
    let names = picture.into_keys();
    names
        .filter(|name| name != ".gen" && !name.starts_with(".gen/"))
        .collect()
}

fn two() -> Plan {
    plan([
        ("Dockerfile", "FROM x\n"),
        ("scripts/a/next.sh", "#!/bin/sh\n"),
    ])
}

#[test]
fn the_first_render_writes_everything_and_a_second_nothing() {
    let root = Temp::new();
    let applied = render(&root, &two()).unwrap();
    assert_eq!(applied.written.len(), 2);
    assert!(applied.lock_written);
    assert_eq!(
        names(files(root.path())),
        ["Dockerfile", "gen.lock", "scripts/a/next.sh"]
    );
    assert_eq!(
        files(root.path())["scripts/a/next.sh"],
        Shot::File(b"#!/bin/sh\n".to_vec(), true)
    );

    let before = stamps(root.path());
    let again = render(&root, &two()).unwrap();
    assert!(!again.wrote());
    assert!(again.comparison.is_clean());
    assert_eq!(before, stamps(root.path()));
}

#[test]
fn a_folder_that_does_not_exist_is_made_and_compared_as_empty() {
    let root = Temp::new();
    let deep = Root::at(root.join("a/b"));
    let found = output::compare(&deep, &two(), &meta("1"), &[]).unwrap();
    assert_eq!(found.count(State::Missing), 2);
    assert_eq!(found.lock, LockState::Absent);
    assert!(picture(root.path()).is_empty());
    output::apply(&deep, &two(), &meta("1"), Policy::default()).unwrap();
    assert!(root.join("a/b/Dockerfile").is_file());
}

#[test]
fn stale_files_are_replaced_and_orphans_removed_with_their_folders() {
    let root = Temp::new();
    render(&root, &two()).unwrap();
    let next = plan([("Dockerfile", "FROM y\n"), ("chart/Chart.yaml", "a: 1\n")]);
    assert_eq!(state(&root, &next, "Dockerfile"), State::Stale);
    assert_eq!(state(&root, &next, "scripts/a/next.sh"), State::Orphan);
    let applied = render(&root, &next).unwrap();
    assert_eq!(applied.removed.len(), 1);
    let names = names(picture(root.path()));
    assert_eq!(
        names,
        ["Dockerfile", "chart", "chart/Chart.yaml", "gen.lock"]
    );
    assert!(
        states(&root, &next)
            .iter()
            .all(|(_, state)| *state == State::Clean)
    );
}

#[test]
fn what_a_person_made_is_refused_as_a_whole() {
    let root = Temp::new();
    render(&root, &two()).unwrap();
    put(root.path(), "Dockerfile", "FROM mine\n");
    put(root.path(), "chart/Chart.yaml", "mine\n");
    fs::remove_file(root.join("scripts/a/next.sh")).unwrap();
    let before = stamps(root.path());
    let next = plan([
        ("Dockerfile", "FROM y\n"),
        ("chart/Chart.yaml", "a: 1\n"),
        ("z", "z\n"),
    ]);
    let Err(Error::Refused(refused)) = render(&root, &next) else {
        panic!("not refused");
    };
    let told: Vec<(String, State)> = refused
        .iter()
        .map(|change| (change.path.to_string(), change.state))
        .collect();
    let want = [
        ("Dockerfile", State::Conflict),
        ("chart/Chart.yaml", State::Unknown),
    ];
    assert_eq!(told, want.map(|(path, state)| (path.to_owned(), state)));
    assert_eq!(before, stamps(root.path()));

    let applied = output::apply(&Root::at(root.path()), &next, &meta("1"), FORCE).unwrap();
    assert_eq!(applied.lost.len(), 2);
    assert!(
        applied.lost[0].diff().contains("\n-FROM mine\n+FROM y\n"),
        "{}",
        applied.lost[0].diff()
    );
    assert_eq!(
        fs::read_to_string(root.join("Dockerfile")).unwrap(),
        "FROM y\n"
    );
}

#[test]
fn an_edited_orphan_is_kept() {
    let root = Temp::new();
    render(&root, &two()).unwrap();
    put(root.path(), "scripts/a/next.sh", "mine\n");
    let next = plan([("Dockerfile", "FROM x\n")]);
    assert_eq!(state(&root, &next, "scripts/a/next.sh"), State::Conflict);
    assert!(matches!(render(&root, &next), Err(Error::Refused(_))));
    assert!(root.join("scripts/a/next.sh").exists());
}

#[test]
fn equal_files_are_adopted_without_being_written() {
    let root = Temp::new();
    put(root.path(), "Dockerfile", "FROM x\n");
    let one = plan([("Dockerfile", "FROM x\n")]);
    assert_eq!(state(&root, &one, "Dockerfile"), State::Adopted);
    let before = stamps(root.path())["Dockerfile"];
    let applied = render(&root, &one).unwrap();
    assert!(applied.written.is_empty() && applied.lock_written);
    assert_eq!(before, stamps(root.path())["Dockerfile"]);
}

#[test]
fn a_converting_checkout_is_clean() {
    let root = Temp::new();
    let one = plan([("Dockerfile", "FROM x\nRUN y\n")]);
    render(&root, &one).unwrap();
    for path in ["Dockerfile", "gen.lock"] {
        let text = fs::read_to_string(root.join(path)).unwrap();
        fs::write(root.join(path), text.replace('\n', "\r\n")).unwrap();
    }
    let found = output::compare(&Root::at(root.path()), &one, &meta("1"), &[]).unwrap();
    assert!(found.is_clean());
    assert!(found.changes[0].crlf);
    assert!(!render(&root, &one).unwrap().wrote());

    let next = plan([("Dockerfile", "FROM z\n")]);
    assert_eq!(state(&root, &next, "Dockerfile"), State::Stale);
    fs::write(root.join("Dockerfile"), "FROM x\r\nRUN y\n").unwrap();
    assert_eq!(state(&root, &one, "Dockerfile"), State::Edited);
}

#[test]
fn files_of_other_targets_stay_on_disk_and_in_the_lock() {
    let root = Temp::new();
    let all = plan([("Dockerfile", "a\n"), ("chart/Chart.yaml", "a\n")]);
    render(&root, &all).unwrap();
    let next = plan([("Dockerfile", "b\n"), ("chart/values.yaml", "b\n")]);
    let policy = Policy {
        targets: &[Target::Image],
        ..Policy::default()
    };
    let applied = output::apply(&Root::at(root.path()), &next, &meta("1"), policy).unwrap();
    assert_eq!(applied.written.len(), 1);
    let lock = output::read_lock(&Root::at(root.path())).unwrap().unwrap();
    let names: Vec<&str> = lock.files.keys().map(|path| path.as_str()).collect();
    assert_eq!(names, ["Dockerfile", "chart/Chart.yaml"]);
    assert_eq!(state(&root, &next, "chart/Chart.yaml"), State::Orphan);
}

#[test]
fn a_file_can_become_a_folder_and_a_folder_a_file() {
    let root = Temp::new();
    let file = plan([("a", "1\n"), ("b/c", "2\n")]);
    let turned = plan([("a/x", "1\n"), ("b", "2\n")]);
    render(&root, &file).unwrap();
    render(&root, &turned).unwrap();
    assert_eq!(names(files(root.path())), ["a/x", "b", "gen.lock"]);
    render(&root, &file).unwrap();
    assert_eq!(names(files(root.path())), ["a", "b/c", "gen.lock"]);

    put(root.path(), "b/mine", "mine\n");
    let Err(Error::Refused(refused)) = render(&root, &turned) else {
        panic!("not refused");
    };
    assert_eq!(
        refused[0].to_string(),
        "`b`: blocked (`b` is a folder where a file is needed)"
    );
}

#[test]
fn only_the_executable_bit_of_the_mode_is_drift() {
    let root = Temp::new();
    render(&root, &two()).unwrap();
    let script = root.join("scripts/a/next.sh");
    for (mode, want) in [
        (0o700, State::Clean),
        (0o777, State::Clean),
        (0o644, State::Edited),
    ] {
        fs::set_permissions(&script, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(state(&root, &two(), "scripts/a/next.sh"), want, "{mode:o}");
    }
    let applied = output::apply(&Root::at(root.path()), &two(), &meta("1"), FORCE).unwrap();
    assert_eq!(
        applied.lost[0].diff().lines().nth(1),
        Some("old mode 100644")
    );
    assert_eq!(state(&root, &two(), "scripts/a/next.sh"), State::Clean);
}

#[test]
fn only_the_lock_is_written_where_only_its_head_changed() {
    let root = Temp::new();
    render(&root, &two()).unwrap();
    let applied = output::apply(
        &Root::at(root.path()),
        &two(),
        &meta("2"),
        Policy::default(),
    );
    let applied = applied.unwrap();
    assert_eq!(applied.comparison.lock, LockState::Meta);
    assert!(applied.lock_written && applied.written.is_empty());
    assert!(
        states(&root, &two())
            .iter()
            .all(|(_, state)| *state == State::Clean)
    );
}

#[test]
fn a_workflow_is_written_only_by_its_target() {
    let root = Temp::new();
    let mut plan = plan([("x", "x")]);
    let path = delivery::plan::RelPath::new(".github/Workflows/x.yml").unwrap();
    let artifact = plan.artifacts().values().next().unwrap().clone();
    plan.insert(path, artifact).unwrap();
    let Err(error) = render(&root, &plan) else {
        panic!("not refused");
    };
    assert!(
        error.to_string().contains("only the target `workflow` may"),
        "{error}"
    );
    assert!(picture(root.path()).is_empty());
}

fn merging(root: &Temp, plan: &Plan, merge: Merge) -> Result<output::Applied, Error> {
    let policy = Policy {
        merge,
        ..Policy::default()
    };
    output::apply(&Root::at(root.path()), plan, &meta("1"), policy)
}

fn text(root: &Temp, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap()
}

#[test]
fn an_edit_survives_a_change_of_the_plan_elsewhere_in_the_file() {
    let root = Temp::new();
    let body = "b\nc\nd\ne\nf\n";
    render(
        &root,
        &plan([("a", &*format!("one\n{body}last\n")), ("z", "z\n")]),
    )
    .unwrap();
    put(root.path(), "a", &format!("MINE\n{body}last\n"));
    put(root.path(), "z", "edited\n");
    let next = plan([("a", &*format!("one\n{body}LAST\n")), ("z", "z\n")]);
    let applied = merging(&root, &next, Merge::Clean).unwrap();
    assert_eq!(text(&root, "a"), format!("MINE\n{body}LAST\n"));
    assert_eq!(
        (
            applied.merged.len(),
            applied.conflicts.len(),
            applied.kept.len()
        ),
        (1, 0, 1)
    );
    assert!(applied.lost.is_empty());
    assert_eq!(text(&root, "z"), "edited\n");

    assert_eq!(state(&root, &next, "a"), State::Edited);
    let again = merging(&root, &next, Merge::Clean).unwrap();
    assert!(!again.wrote());
}

#[test]
fn conflicting_lines_are_refused_or_marked() {
    let root = Temp::new();
    render(&root, &plan([("a", "one\n")])).unwrap();
    put(root.path(), "a", "mine\n");
    let next = plan([("a", "two\n")]);
    assert!(matches!(
        merging(&root, &next, Merge::Clean),
        Err(Error::Refused(_))
    ));
    let applied = merging(&root, &next, Merge::Markers).unwrap();
    assert_eq!(applied.conflicts.len(), 1);
    assert!(text(&root, "a").contains("<<<<<<< "));
    assert!(text(&root, "a").contains("mine\n") && text(&root, "a").contains("two\n"));
}

#[test]
fn without_the_pristine_text_a_conflict_is_refused() {
    let root = Temp::new();
    render(&root, &plan([("a", "one\n")])).unwrap();
    put(root.path(), "a", "mine\n");
    let pristine = text(&root, ".gen/pristine").replace("one", "two");
    put(root.path(), ".gen/pristine", &pristine);
    let next = plan([("a", "two\n")]);
    assert!(matches!(
        merging(&root, &next, Merge::Markers),
        Err(Error::Refused(_))
    ));
}

#[test]
fn pristine_texts_of_other_targets_are_kept() {
    let root = Temp::new();
    render(
        &root,
        &plan([("Dockerfile", "a\n"), ("chart/Chart.yaml", "c\n")]),
    )
    .unwrap();
    let policy = Policy {
        targets: &[Target::Image],
        ..Policy::default()
    };
    let next = plan([("Dockerfile", "b\n")]);
    output::apply(&Root::at(root.path()), &next, &meta("1"), policy).unwrap();
    let pristine = text(&root, ".gen/pristine");
    assert!(
        pristine.contains(r#" "b\n""#) && pristine.contains(r#" "c\n""#),
        "{pristine}"
    );
    assert!(!pristine.contains(r#" "a\n""#), "{pristine}");
}

#[test]
fn a_creation_that_was_cut_off_is_repaired() {
    let files = [("spec.yaml", "a: 1\n"), ("app/run.py", "app\n")]
        .map(|(path, text)| (RelPath::new(path).unwrap(), text.as_bytes().to_vec()));
    let whole = Temp::new();
    let (wrap, record) = faulty(Fault::None, Lacks::default());
    output::create(&Root::at(whole.path()).through(wrap), &files).unwrap();
    for n in 0..record.writing() {
        let root = Temp::new();
        let (wrap, _) = faulty(Fault::KilledBefore(n), Lacks::default());
        output::create(&Root::at(root.path()).through(wrap), &files).unwrap_err();
        // What comes next finds all of it or nothing.
        let there = output::create(&Root::at(root.path()), &files);
        assert_eq!(
            picture(root.path()),
            picture(whole.path()),
            "killed at {n}: {there:?}"
        );
    }
}
