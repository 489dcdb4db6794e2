//! The hooks through the real pre-commit, and the steps of the action as a runner would run them.
//! With `GEN_RIGS=1` only.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use delivery::source::yaml::{self, Limits};

use crate::drift::{replace, stderr, stdout};
use crate::git::repository;
use crate::rig;
use crate::support::tree::{Temp, put};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The search path with the built command in front.
fn search_path() -> String {
    let own = Path::new(env!("CARGO_BIN_EXE_gen")).parent().unwrap();
    format!(
        "{}:{}",
        own.display(),
        std::env::var("PATH").unwrap_or_default()
    )
}

fn run(program: &str, args: &[&str], folder: &Path, home: &Path) -> Output {
    Command::new(program)
        .args(args)
        .current_dir(folder)
        .env("PATH", search_path())
        .env("HOME", home)
        .env("PRE_COMMIT_HOME", home.join("pre-commit"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap_or_else(|error| panic!("the rig needs `{program}`: {error}"))
}

fn sure(program: &str, args: &[&str], folder: &Path, home: &Path) -> String {
    let output = run(program, args, folder, home);
    assert!(
        output.status.success(),
        "{program} {args:?}: {}{}",
        stdout(&output),
        stderr(&output)
    );
    stdout(&output).trim().to_owned()
}

/// A repository of services with our hooks installed, as a user has them.
struct Hooked {
    root: Temp,
    home: Temp,
    _hooks: Temp,
}

impl Hooked {
    fn new() -> Self {
        let (root, home, hooks) = (repository(), Temp::new(), Temp::new());
        put(
            home.path(),
            ".gitconfig",
            "[user]\n  name = a\n  email = a@example.com\n[init]\n  defaultBranch = main\n",
        );
        fs::copy(
            Path::new(ROOT).join(".pre-commit-hooks.yaml"),
            hooks.join(".pre-commit-hooks.yaml"),
        )
        .unwrap();
        for args in [
            &["init", "-q"][..],
            &["add", "-A"],
            &["commit", "-q", "-m", "hooks"],
        ] {
            sure("git", args, hooks.path(), home.path());
        }
        let revision = sure("git", &["rev-parse", "HEAD"], hooks.path(), home.path());
        let all = ["gen-drift", "gen-render-check", "gen-lint"];
        // Building the command anew is cargo's business, not the hooks'.
        let hook = |id: &&str| format!("      - {{ id: {id}, language: system }}\n");
        let config = format!(
            "repos:\n  - repo: {}\n    rev: {revision}\n    hooks:\n{}",
            hooks.path().display(),
            all.iter().map(hook).collect::<String>()
        );
        put(root.path(), ".pre-commit-config.yaml", &config);
        let hooked = Self {
            root,
            home,
            _hooks: hooks,
        };
        sure(
            "pre-commit",
            &["install"],
            hooked.root.path(),
            hooked.home.path(),
        );
        hooked
    }

    fn git(&self, args: &[&str]) -> String {
        sure("git", args, self.root.path(), self.home.path())
    }

    /// Commits what is staged; whether the hooks let it pass, and what they said.
    fn commit(&self) -> (bool, String) {
        let output = run(
            "git",
            &["commit", "-m", "x"],
            self.root.path(),
            self.home.path(),
        );
        (output.status.success(), stdout(&output) + &stderr(&output))
    }

    fn render(&self) {
        sure(
            env!("CARGO_BIN_EXE_gen"),
            &["render", "."],
            self.root.path(),
            self.home.path(),
        );
    }
}

#[test]
fn the_hooks_judge_what_is_staged() {
    if !rig::asked() {
        return;
    }
    let hooked = Hooked::new();
    hooked.git(&["add", "-A"]);
    let (passed, said) = hooked.commit();
    assert!(passed, "an untouched tree: {said}");

    // A spec whose render is not staged.
    replace(&hooked.root, "one/spec.yaml", "replicas: 2", "replicas: 3");
    hooked.git(&["add", "-A"]);
    let (passed, said) = hooked.commit();
    assert!(
        !passed && said.contains("gen drift...") && said.contains("stale"),
        "{said}"
    );
    assert!(
        said.contains("gen render --check") && said.matches("Failed").count() == 2,
        "{said}"
    );

    // Rendered, and still only the spec is staged: the folders are right and the commit is not.
    hooked.render();
    let (passed, said) = hooked.commit();
    assert!(!passed, "{said}");
    hooked.git(&["add", "-A"]);
    let (passed, said) = hooked.commit();
    assert!(passed, "{said}");

    // An edit that is not staged is nobody's business; staged, it is.
    replace(
        &hooked.root,
        "trees/two/Dockerfile",
        "EXPOSE 5000",
        "EXPOSE 5001",
    );
    put(hooked.root.path(), "notes.md", "x\n");
    hooked.git(&["add", "notes.md"]);
    let (passed, said) = hooked.commit();
    assert!(passed, "{said}");
    assert!(
        said.contains("gen render --check") && said.contains("Skipped"),
        "{said}"
    );
    hooked.git(&["add", "-A"]);
    let (passed, said) = hooked.commit();
    assert!(
        !passed && said.contains("edited") && said.contains("trees/two"),
        "{said}"
    );
    assert!(!said.contains("trees/one"), "{said}");
    hooked.git(&["checkout", "-q", "HEAD", "--", "."]);

    // A file that is only deleted.
    hooked.git(&["rm", "-q", "trees/two/Dockerfile"]);
    let (passed, said) = hooked.commit();
    assert!(!passed && said.contains("missing"), "{said}");
}

/// The steps of `action.yml` that run commands.
struct Step {
    name: String,
    id: String,
    env: Vec<(String, String)>,
    run: String,
}

fn steps() -> Vec<Step> {
    let text = fs::read_to_string(Path::new(ROOT).join("action.yml")).unwrap();
    let stream = yaml::read(&text, &Limits::REPOSITORY).unwrap();
    let runs = stream.documents[0].get("runs").unwrap();
    let word = |node: Option<&yaml::Node>| node.and_then(|n| n.text()).unwrap_or("").to_owned();
    let steps = runs.get("steps").unwrap().items().iter();
    steps
        .filter(|step| step.get("run").is_some())
        .map(|step| Step {
            name: word(step.get("name")),
            id: word(step.get("id")),
            env: step
                .get("env")
                .map(|env| env.entries())
                .unwrap_or_default()
                .iter()
                .map(|entry| (entry.key.clone(), word(Some(&entry.value))))
                .collect(),
            run: word(step.get("run")),
        })
        .collect()
}

/// Runs the steps in order, as a runner does, and says how the last one ended.
fn act(root: &Path, temp: &Path, known_comment: &str) -> (bool, String) {
    let bin = temp.join("bin");
    let gh = format!(
        "#!/bin/sh\necho \"$@\" >> {}/gh.log\ncase \"$*\" in *--paginate*) printf '{known_comment}';; esac\n",
        temp.display()
    );
    put(&bin, "gh", &gh);
    fs::set_permissions(bin.join("gh"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut values: BTreeMap<String, String> = BTreeMap::from([
        ("inputs.path".into(), ".".into()),
        ("inputs.version".into(), String::new()),
        ("inputs.token".into(), "token".into()),
        ("github.action_path".into(), ROOT.into()),
        ("github.repository".into(), "example/web".into()),
        ("github.event.pull_request.number".into(), "7".into()),
    ]);
    let (mut passed, mut said) = (true, String::new());
    for step in steps() {
        let outputs: PathBuf = temp.join("outputs");
        fs::write(&outputs, "").unwrap();
        let value = |text: &String| match text
            .strip_prefix("${{ ")
            .and_then(|t| t.strip_suffix(" }}"))
        {
            Some(name) => values
                .get(name)
                .unwrap_or_else(|| panic!("{name} is not known"))
                .clone(),
            None => text.clone(),
        };
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &step.run])
            .current_dir(root)
            .env("PATH", format!("{}:{}", bin.display(), search_path()))
            .env("RUNNER_TEMP", temp)
            .env("GITHUB_OUTPUT", &outputs)
            .env("GITHUB_STEP_SUMMARY", temp.join("summary.md"))
            .envs(step.env.iter().map(|(name, text)| (name, value(text))))
            .output()
            .expect("the rig needs bash");
        passed = output.status.success();
        said += &format!("== {}\n{}{}", step.name, stdout(&output), stderr(&output));
        assert!(passed || step.name == "Say how it went", "{said}");
        for line in fs::read_to_string(&outputs).unwrap().lines() {
            if let Some((name, value)) = line.split_once('=') {
                values.insert(
                    format!("steps.{}.outputs.{name}", step.id),
                    value.to_owned(),
                );
            }
        }
    }
    (passed, said)
}

#[test]
fn the_steps_of_the_action_report_and_fail() {
    if !rig::asked() {
        return;
    }
    let (root, temp) = (repository(), Temp::new());
    let (passed, said) = act(root.path(), temp.path(), "");
    assert!(passed, "{said}");
    let calls = fs::read_to_string(temp.join("gh.log")).unwrap();
    assert!(
        !calls.contains("POST"),
        "a clean tree is commented on: {calls}"
    );

    replace(
        &root,
        "trees/one/chart/values.yaml",
        "replicaCount: 2",
        "replicaCount: 4",
    );
    let (passed, said) = act(root.path(), temp.path(), "");
    assert!(!passed, "{said}");
    assert!(
        said.contains("::warning file=trees/one/chart/values.yaml,line="),
        "{said}"
    );
    let read = |name: &str| fs::read_to_string(temp.join(name)).unwrap();
    let log: serde_json::Value = serde_json::from_str(&read("gen-drift.sarif")).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "edited-file");
    let lint: serde_json::Value = serde_json::from_str(&read("gen-lint.sarif")).unwrap();
    assert_eq!(lint["version"], "2.1.0");
    assert!(
        read("summary.md").contains("`kubernetes.replicas: 4`"),
        "{}",
        read("summary.md")
    );
    assert!(read("gh.log").contains("--method POST repos/example/web/issues/7/comments"));
    act(root.path(), temp.path(), "42\\n");
    assert!(read("gh.log").contains("--method PATCH repos/example/web/issues/comments/42"));
}

#[test]
fn the_action_is_valid_and_its_scripts_are_clean() {
    if !rig::asked() {
        return;
    }
    let temp = Temp::new();
    fs::copy(Path::new(ROOT).join("action.yml"), temp.join("action.yml")).unwrap();
    let workflow = "on: pull_request\npermissions: {}\njobs:\n  gen:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: ./\n        with:\n          sarif: \"true\"\n          comment: \"true\"\n";
    put(temp.path(), ".github/workflows/gen.yml", workflow);
    sure("git", &["init", "-q"], temp.path(), temp.path());
    sure("actionlint", &[], temp.path(), temp.path());
    sure(
        "zizmor",
        &["--offline", "--persona", "auditor", "action.yml"],
        temp.path(),
        temp.path(),
    );
    for step in steps() {
        rig::run(
            "shellcheck",
            &["--shell", "bash", "-"],
            temp.path(),
            step.run.as_bytes(),
        );
    }
    // The judges themselves: an input that is none is found.
    put(
        temp.path(),
        ".github/workflows/gen.yml",
        &workflow.replace("comment:", "coment:"),
    );
    assert!(
        !run("actionlint", &[], temp.path(), temp.path())
            .status
            .success()
    );
}
