//! What `gen drift` tells, of one tree and of many.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::reference::REFERENCE;
use crate::support::tree::{Temp, put, stamps};

/// Runs the built command in `folder`.
pub(crate) fn gen_in(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gen"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .output()
        .expect("gen runs")
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// The reference as a service of that name, rendered into a folder of that name.
pub(crate) fn spec(name: &str) -> String {
    REFERENCE
        .replace("name: flask-application", &format!("name: {name}"))
        .replace("out: out/flask-aks", &format!("out: trees/{name}"))
}

/// A folder with a spec and its tree.
pub(crate) fn rendered(name: &str) -> Temp {
    let root = Temp::new();
    put(root.path(), "spec.yaml", &spec(name));
    let output = gen_in(root.path(), &["render", "spec.yaml"]);
    assert!(output.status.success(), "{}", stderr(&output));
    root
}

pub(crate) fn replace(root: &Temp, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(root.join(path)).unwrap();
    assert!(text.contains(from), "{path} has no {from:?}");
    fs::write(root.join(path), text.replacen(from, to, 1)).unwrap();
}

fn json(root: &Temp, args: &[&str]) -> Value {
    let args: Vec<&str> = ["drift", "--format", "json"]
        .iter()
        .chain(args)
        .copied()
        .collect();
    serde_json::from_slice(&gen_in(root.path(), &args).stdout).expect("JSON")
}

#[test]
fn an_untouched_tree_is_clean_and_looking_writes_nothing() {
    let root = rendered("web");
    let before = stamps(root.path());
    let output = gen_in(root.path(), &["drift"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "");
    let report = json(&root, &[]);
    assert_eq!(report["summary"]["clean"], 1);
    replace(&root, "trees/web/Dockerfile", "5000", "5001");
    for format in ["text", "json", "sarif", "github", "junit", "markdown"] {
        let output = gen_in(root.path(), &["drift", "--diff", "--format", format]);
        assert_eq!(output.status.code(), Some(1), "{format}");
    }
    fs::write(root.join("trees/web/Dockerfile"), "x").unwrap();
    let after = stamps(root.path());
    assert_eq!(before.len(), after.len(), "files were made or removed");
}

#[test]
fn every_state_is_told_with_what_a_render_would_do() {
    let root = rendered("web");
    let tree = "trees/web";
    replace(&root, &format!("{tree}/Dockerfile"), "5000", "5001");
    fs::remove_file(root.join("trees/web/.dockerignore")).unwrap();
    replace(
        &root,
        &format!("{tree}/chart/values.yaml"),
        "replicaCount: 2",
        "replicaCount: 4",
    );
    put(root.path(), "trees/web/argocd/dev/project.yaml", "mine\n");
    fs::remove_file(root.join("trees/web/gunicorn_config.py")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", root.join("trees/web/gunicorn_config.py")).unwrap();
    replace(&root, "spec.yaml", "replicas: 2", "replicas: 3");
    replace(
        &root,
        "spec.yaml",
        "github:\n",
        "environments: { dev: {} }\n\ngithub:\n",
    );
    let report = json(&root, &[]);
    let files = report["trees"][0]["drift"].as_array().expect("files");
    let told = |path: &str| {
        let file = files.iter().find(|file| file["path"] == path);
        let file = file.unwrap_or_else(|| panic!("{path} is not told: {files:#?}"));
        (
            file["state"].as_str().expect("a word").to_owned(),
            file["action"].as_str().expect("a word").to_owned(),
        )
    };
    let pair = |state: &str, action: &str| (state.to_owned(), action.to_owned());
    assert_eq!(told("Dockerfile"), pair("edited", "keep"));
    assert_eq!(told(".dockerignore"), pair("missing", "write"));
    assert_eq!(told("chart/values.yaml"), pair("conflict", "mark"));
    assert_eq!(told("argocd/dev/project.yaml"), pair("unknown", "refuse"));
    assert_eq!(
        told("argocd/production/project.yaml"),
        pair("orphan", "remove")
    );
    assert_eq!(
        told(".github/workflows/delivery.yml"),
        pair("stale", "write")
    );
    assert_eq!(told("gunicorn_config.py"), pair("blocked", "refuse"));
    assert_eq!(report["trees"][0]["lock"], "files");

    let text = stdout(&gen_in(root.path(), &["drift"]));
    for words in [
        "edited ",
        "+1 -1",
        "kept by render",
        "refused by render: `gunicorn_config.py`",
    ] {
        assert!(text.contains(words), "{words:?} is not in\n{text}");
    }
    assert!(
        text.contains("since the last render, the spec changed"),
        "{text}"
    );
}

#[test]
fn an_edit_is_expressed_by_the_field_that_says_it() {
    let root = rendered("web");
    let cases = [
        (
            "chart/values.yaml",
            "replicaCount: 2",
            "replicaCount: 5",
            "kubernetes.replicas: 5",
        ),
        ("Dockerfile", "EXPOSE 5000", "EXPOSE 5000\n# by hand", ""),
        (
            "terraform/shared/terraform.tfvars",
            "westeurope",
            "northeurope",
            "azure.location: northeurope",
        ),
        (".github/dependabot.yml", "/app", "/src", "app.source: src"),
    ];
    for (path, from, to, expected) in cases {
        let path_on_disk = format!("trees/web/{path}");
        replace(&root, &path_on_disk, from, to);
        let text = stdout(&gen_in(root.path(), &["drift"]));
        match expected {
            "" => assert!(!text.contains("in the spec says"), "{path}: {text}"),
            _ => assert!(
                text.contains(&format!("`{expected}` in the spec says the same")),
                "{path}: {text}"
            ),
        }
        replace(&root, &path_on_disk, to, from);
    }
}

#[test]
fn formats_for_forges_point_at_the_file_and_at_the_spec() {
    let root = rendered("web");
    fs::create_dir(root.join(".git")).unwrap();
    replace(
        &root,
        "trees/web/chart/values.yaml",
        "replicaCount: 2",
        "replicaCount: 5",
    );
    let sarif = gen_in(
        &root.join("trees"),
        &["drift", "../spec.yaml", "--format", "sarif"],
    );
    let log: Value = serde_json::from_slice(&sarif.stdout).expect("JSON");
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "edited-file");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(
        place["artifactLocation"]["uri"],
        "trees/web/chart/values.yaml"
    );
    assert_eq!(place["region"]["startLine"], 4);
    let field = &result["relatedLocations"][0]["physicalLocation"];
    assert_eq!(field["artifactLocation"]["uri"], "spec.yaml");

    let file = root.join("report.md");
    let out = file.to_string_lossy().into_owned();
    let output = gen_in(
        root.path(),
        &["drift", "--format", "markdown", "--diff", "--output", &out],
    );
    assert_eq!(
        (output.status.code(), stdout(&output).as_str()),
        (Some(1), "")
    );
    let text = fs::read_to_string(file).unwrap();
    assert!(
        text.contains("| `chart/values.yaml` | edited | +1 -1 |"),
        "{text}"
    );
    assert!(text.contains("\n+replicaCount: 5\n"), "{text}");
}

#[test]
fn nothing_in_a_file_commands_a_terminal_or_a_runner() {
    let root = rendered("web");
    let hostile =
        "\u{1b}[31m\n::set-output name=x::y\n ::stop-commands::z\n##[add-mask]x\n```\n</details>\n";
    put(root.path(), "trees/web/Dockerfile", hostile);
    for format in ["text", "json", "sarif", "github", "junit", "markdown"] {
        let output = gen_in(root.path(), &["drift", "--diff", "--format", format]);
        let text = stdout(&output);
        assert!(
            !text.contains('\u{1b}') && !text.contains("##[add-mask]"),
            "{format}: {text}"
        );
        let commands = text
            .lines()
            .filter(|line| line.trim_start().starts_with("::"));
        let ours = commands.filter(|line| line.starts_with("::warning file=trees/web/"));
        let all = text
            .lines()
            .filter(|line| line.trim_start().starts_with("::"));
        assert_eq!(ours.count(), all.count(), "{format}: {text}");
    }
}

#[test]
fn a_converting_checkout_is_no_drift() {
    let root = rendered("web");
    for path in [
        "Dockerfile",
        "chart/values.yaml",
        "gen.lock",
        ".gen/pristine",
    ] {
        let path = root.join("trees/web").join(path);
        let text = fs::read_to_string(&path).unwrap().replace('\n', "\r\n");
        fs::write(path, text).unwrap();
    }
    let output = gen_in(root.path(), &["drift"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
    replace(&root, "trees/web/Dockerfile", "EXPOSE 5000", "EXPOSE 5001");
    let report = json(&root, &[]);
    assert_eq!(report["trees"][0]["drift"][0]["added"], 1);
}

/// Six services in folders of their own; the third was edited and the fifth has a broken spec.
fn fleet() -> Temp {
    let root = Temp::new();
    fs::create_dir(root.join(".git")).unwrap();
    for at in 1..=6 {
        put(
            root.path(),
            &format!("services/s{at}/spec.yaml"),
            &spec(&format!("s{at}")),
        );
    }
    put(root.path(), "docs/spec.yaml", "openapi: 3.1.0\n");
    put(root.path(), "node_modules/x/spec.yaml", "blueprint: x\n");
    let output = gen_in(root.path(), &["render", "services", "-j", "2"]);
    assert!(output.status.success(), "{}", stderr(&output));
    replace(&root, "trees/s3/Dockerfile", "5000", "5001");
    root
}

fn specs(report: &Value) -> Vec<&str> {
    let trees = report["trees"].as_array().expect("trees").iter();
    trees
        .map(|tree| tree["spec"].as_str().expect("text"))
        .collect()
}

#[test]
fn whole_folders_are_compared_in_an_order_of_their_own() {
    let root = fleet();
    let all = json(&root, &[]);
    assert_eq!(specs(&all).len(), 6, "{all:#}");
    assert_eq!(all["summary"]["drifted"], 1);
    let one = gen_in(root.path(), &["drift", "--format", "json", "-j", "1"]).stdout;
    for jobs in ["2", "5"] {
        let other = gen_in(root.path(), &["drift", "--format", "json", "-j", jobs]).stdout;
        assert!(one == other, "-j {jobs}");
    }
    let backwards: Vec<String> = (1..=6)
        .rev()
        .map(|at| format!("services/s{at}/spec.yaml"))
        .collect();
    let backwards: Vec<&str> = backwards.iter().map(String::as_str).collect();
    assert_eq!(json(&root, &backwards)["trees"], all["trees"]);

    put(
        root.path(),
        "services/s5/spec.yaml",
        "blueprint: flask-aks\n",
    );
    let output = gen_in(root.path(), &["drift"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("missing-field"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn shares_are_disjoint_and_whole() {
    let root = fleet();
    let mut all: Vec<String> = Vec::new();
    for index in 0..4 {
        let share = format!("{}/4", index + 1);
        let report = json(&root, &["--shard", &share]);
        let job = Command::new(env!("CARGO_BIN_EXE_gen"))
            .args(["drift", "--format", "json", "--shard", "job/4"])
            .current_dir(root.path())
            .env("JOB_COMPLETION_INDEX", index.to_string())
            .output()
            .expect("gen runs");
        let of_job: Value = serde_json::from_slice(&job.stdout).expect("JSON");
        assert_eq!(report["trees"], of_job["trees"]);
        all.extend(specs(&report).into_iter().map(str::to_owned));
    }
    all.sort();
    assert_eq!(all, specs(&json(&root, &[])));
    let output = gen_in(root.path(), &["drift", "--shard", "5/4"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_tree_that_no_spec_renders_is_told() {
    let root = fleet();
    replace(&root, "trees/s3/Dockerfile", "5001", "5000");
    fs::remove_file(root.join("services/s2/spec.yaml")).unwrap();
    let output = gen_in(root.path(), &["drift"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("no spec renders into `trees/s2`"),
        "{}",
        stderr(&output)
    );
    let output = gen_in(root.path(), &["drift", "services/s1/spec.yaml"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn what_cannot_be_compared_is_not_clean() {
    let root = rendered("web");
    let missing = gen_in(root.path(), &["drift", "nowhere.yaml"]);
    assert_eq!(missing.status.code(), Some(2));
    let empty = gen_in(&root.join("trees"), &["drift"]);
    assert_eq!(empty.status.code(), Some(2), "{}", stdout(&empty));
    put(root.path(), "trees/web/gen.lock", "{}");
    let broken = gen_in(root.path(), &["drift"]);
    assert_eq!(broken.status.code(), Some(2), "{}", stderr(&broken));
}
