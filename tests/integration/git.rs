//! What is staged and what was committed, as git has it, and nothing that git could be talked into.
//! With `GEN_RIGS=1` only: these need git itself.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::drift::{gen_in, replace, spec, stderr, stdout};
use crate::rig;
use crate::support::tree::{Temp, put, stamps};

fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .args(["-c", "x.y=z"].iter().take(0))
        .output()
        .expect("the rig needs git");
    assert!(
        output.status.success(),
        "git {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn commit(root: &Path) {
    git(root, &["add", "-A"]);
    git(
        root,
        &[
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
            "commit",
            "-q",
            "-m",
            "x",
        ],
    );
}

/// A repository with two services, rendered and committed.
pub(crate) fn repository() -> Temp {
    let root = Temp::new();
    git(root.path(), &["init", "-q", "-b", "main"]);
    for name in ["one", "two"] {
        put(root.path(), &format!("{name}/spec.yaml"), &spec(name));
    }
    let output = gen_in(root.path(), &["render", "."]);
    assert!(output.status.success(), "{}", stderr(&output));
    commit(root.path());
    root
}

fn run(root: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gen"))
        .args(args)
        .current_dir(root)
        .output()
        .expect("gen runs")
}

fn code(root: &Temp, args: &[&str]) -> i32 {
    run(root.path(), args).status.code().expect("a code")
}

#[test]
fn what_is_staged_counts_and_not_what_lies_there() {
    if !rig::asked() {
        return;
    }
    let root = repository();
    assert_eq!(code(&root, &["drift", "--staged"]), 0);
    replace(&root, "trees/one/Dockerfile", "5000", "5001");
    assert_eq!(
        (code(&root, &["drift"]), code(&root, &["drift", "--staged"])),
        (1, 0)
    );
    git(root.path(), &["add", "-A"]);
    replace(&root, "trees/one/Dockerfile", "5001", "5000");
    assert_eq!(
        (code(&root, &["drift"]), code(&root, &["drift", "--staged"])),
        (0, 1)
    );
    git(root.path(), &["add", "-A"]);

    // A rendered file that nobody added is missing from the commit.
    replace(
        &root,
        "one/spec.yaml",
        "github:\n",
        "environments: { dev: {} }\n\ngithub:\n",
    );
    assert_eq!(code(&root, &["render", "."]), 0);
    git(root.path(), &["add", "-u"]);
    let said = stdout(&run(root.path(), &["drift", "--staged"]));
    assert!(
        said.contains("missing   argocd/dev/application.yaml"),
        "{said}"
    );
    git(root.path(), &["add", "-A"]);
    assert_eq!(code(&root, &["drift", "--staged"]), 0);
    assert_eq!(code(&root, &["render", "--check", "--staged", "."]), 0);
    assert_eq!(code(&root, &["render", "--staged", "."]), 2);
}

#[test]
fn only_what_the_commit_touches_is_looked_at() {
    if !rig::asked() {
        return;
    }
    let root = repository();
    let looked = |root: &Temp| {
        let output = run(
            root.path(),
            &["drift", "--staged", "--touched", "--format", "json"],
        );
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let trees = report["trees"].as_array().expect("trees").iter();
        let folders = trees.map(|tree| tree["folder"].as_str().expect("text").to_owned());
        folders.collect::<Vec<String>>()
    };
    assert!(looked(&root).is_empty());
    replace(&root, "two/spec.yaml", "replicas: 2", "replicas: 3");
    git(root.path(), &["add", "-A"]);
    assert_eq!(looked(&root), ["trees/two"]);
    git(root.path(), &["rm", "-q", "trees/one/Dockerfile"]);
    assert_eq!(looked(&root), ["trees/one", "trees/two"]);
}

#[test]
fn revisions_are_compared() {
    if !rig::asked() {
        return;
    }
    let root = repository();
    replace(&root, "one/spec.yaml", "replicas: 2", "replicas: 3");
    let text = stdout(&run(
        root.path(),
        &["diff", "HEAD", "--spec", "one/spec.yaml"],
    ));
    assert!(text.contains("spec.replicas: 2 → 3"), "{text}");
    commit(root.path());
    let text = stdout(&run(&root.join("one"), &["diff", "HEAD~1", "main"]));
    assert!(text.contains("spec.replicas: 2 → 3"), "{text}");
    for revision in [
        "--upload-pack=x",
        "-x",
        "HEAD\nHEAD",
        "HEAD:one",
        "",
        "nope",
    ] {
        let output = run(
            root.path(),
            &["diff", "--spec", "one/spec.yaml", "--", revision],
        );
        assert_eq!(
            output.status.code(),
            Some(2),
            "{revision:?}: {}",
            stdout(&output)
        );
    }
}

#[test]
fn a_poisoned_repository_and_environment_have_no_effect() {
    if !rig::asked() {
        return;
    }
    let root = repository();
    let canary = root.join("canary");
    let shout = root.join("shout.sh");
    fs::write(&shout, format!("#!/bin/sh\ntouch {}\n", canary.display())).unwrap();
    git(
        root.path(),
        &["update-index", "--chmod=+x", "--add", "shout.sh"],
    );
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&shout, fs::Permissions::from_mode(0o755)).unwrap();
    let shout = shout.to_string_lossy().into_owned();
    for (key, value) in [
        ("core.fsmonitor", shout.as_str()),
        ("core.hooksPath", "."),
        ("core.pager", shout.as_str()),
        ("core.sshCommand", shout.as_str()),
        ("core.editor", shout.as_str()),
        ("diff.external", shout.as_str()),
        ("filter.x.smudge", shout.as_str()),
        ("filter.x.clean", shout.as_str()),
        ("alias.cat-file", "!touch canary"),
        ("alias.ls-files", "!touch canary"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", "ext::sh -c touch% canary"),
        ("extensions.partialClone", "origin"),
        ("protocol.ext.allow", "always"),
    ] {
        git(root.path(), &["config", key, value]);
    }
    put(root.path(), ".gitattributes", "* filter=x diff=x\n");
    let trace = root.join("trace");
    let elsewhere = Temp::new();
    let before = stamps(&root.join(".git"));
    for args in [
        &["drift", "--staged", "--touched"][..],
        &["drift", "--staged"],
        &["diff", "HEAD", "--spec", "one/spec.yaml"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_gen"))
            .args(args)
            .current_dir(root.path())
            .env("GIT_DIR", elsewhere.path())
            .env("GIT_WORK_TREE", elsewhere.path())
            .env("GIT_INDEX_FILE", elsewhere.join("index"))
            .env("GIT_OBJECT_DIRECTORY", elsewhere.path())
            .env("GIT_EXTERNAL_DIFF", &shout)
            .env("GIT_PAGER", &shout)
            .env("GIT_TRACE", &trace)
            .env("GIT_TRACE2_EVENT", &trace)
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "core.fsmonitor")
            .env("GIT_CONFIG_VALUE_0", &shout)
            .output()
            .expect("gen runs");
        assert_eq!(
            output.status.code(),
            Some(0),
            "{args:?}: {}",
            stderr(&output)
        );
        assert!(!canary.exists(), "{args:?} ran what the repository chose");
        assert!(!trace.exists(), "{args:?} let the environment through");
    }
    assert_eq!(
        before,
        stamps(&root.join(".git")),
        "the repository was written"
    );
    // The rig itself: git, asked as anybody would ask it, does run the monitor.
    let _ = Command::new("git")
        .args(["status"])
        .current_dir(root.path())
        .output();
    assert!(canary.exists(), "the poison is none");
}
