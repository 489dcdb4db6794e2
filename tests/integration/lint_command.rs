//! `gen lint` as people run it: fixes, environments, standard input, and what changed.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::command::gen_in;
use crate::rig;
use crate::support::tree::{Temp, put};

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn lint(folder: &Path, arguments: &[&str]) -> Output {
    let mut all = vec!["lint"];
    all.extend(arguments);
    gen_in(folder, &all).output().unwrap()
}

const POD: &str = "# the web
apiVersion: v1
kind: Pod
metadata:
  name: web   # its name
  labels: { app: web }
spec:
  containers:
    - name: web
      image: registry.example/shop/web:1.0
      ports:
        - containerPort: 8000   # the server's
      readinessProbe: { httpGet: { path: /, port: 8000 } }
      env:
        - name: LEVEL
          value: 3   # loud
";

const SERVICE: &str = "apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: { app: web }
  ports:
    - port: 80
      targetPort: 8000
";

fn service() -> Temp {
    let root = Temp::new();
    put(
        root.path(),
        "Dockerfile",
        "FROM python:3.12-slim\nWORKDIR /app\nCOPY run.py ./\nRUN pip install flask gunicorn\nUSER 1000\nCMD [\"gunicorn\", \"--bind\", \"0.0.0.0:5000\", \"run:app\"]\n",
    );
    put(
        root.path(),
        "run.py",
        "from flask import Flask\napp = Flask(__name__)\n\n@app.get(\"/\")\ndef home():\n    return \"\"\n",
    );
    put(root.path(), "k8s/pod.yaml", POD);
    put(root.path(), "k8s/service.yaml", SERVICE);
    root
}

#[test]
fn safe_fixes_change_what_leaves_no_doubt_and_keep_comments() {
    let root = service();
    lint(root.path(), &["--fix"]);
    let pod = fs::read_to_string(root.join("k8s/pod.yaml")).unwrap();
    assert_eq!(pod, POD.replace("value: 3 ", "value: \"3\" "));
    let again = lint(root.path(), &["--fix"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("Fixed 0 things"));
    assert_eq!(fs::read_to_string(root.join("k8s/pod.yaml")).unwrap(), pod);
}

#[test]
fn an_unsafe_fix_changes_every_end_at_once() {
    let root = service();
    let done = lint(root.path(), &["--fix=unsafe", "--select", "port-mismatch"]);
    assert_eq!(done.status.code(), Some(0), "{}", out(&done));
    let pod = fs::read_to_string(root.join("k8s/pod.yaml")).unwrap();
    let service = fs::read_to_string(root.join("k8s/service.yaml")).unwrap();
    assert_eq!(pod, POD.replace("8000", "5000"));
    assert_eq!(service, SERVICE.replace("8000", "5000"));
}

/// The files below a folder, by path.
fn files(root: &Path) -> std::collections::BTreeMap<String, String> {
    let names = ["Dockerfile", "run.py", "k8s/pod.yaml", "k8s/service.yaml"];
    names
        .map(|name| {
            (
                name.to_owned(),
                fs::read_to_string(root.join(name)).unwrap(),
            )
        })
        .into()
}

#[test]
fn the_fixes_in_json_are_those_that_are_applied() {
    let root = service();
    let shown = lint(
        root.path(),
        &["--select", "port-mismatch", "--format", "json"],
    );
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    let mut mended = files(root.path());
    let mut edits: Vec<(String, usize, usize, String)> = Vec::new();
    for one in shown["diagnostics"].as_array().unwrap() {
        for edit in one["fix"]["edits"].as_array().into_iter().flatten() {
            let number = |name: &str| edit[name].as_u64().unwrap() as usize;
            let text = |name: &str| edit[name].as_str().unwrap().to_owned();
            edits.push((text("path"), number("start"), number("end"), text("text")));
        }
    }
    edits.sort();
    edits.dedup();
    assert!(edits.len() > 2, "{edits:?}");
    for (path, start, end, text) in edits.iter().rev() {
        mended
            .get_mut(path)
            .unwrap()
            .replace_range(*start..*end, text);
    }
    lint(root.path(), &["--fix=unsafe", "--select", "port-mismatch"]);
    assert_eq!(files(root.path()), mended);
}

#[test]
fn standard_input_stands_for_a_file_among_the_others() {
    let root = service();
    let mut child = gen_in(
        root.path(),
        &[
            "lint",
            "-",
            "--stdin-filename",
            "k8s/service.yaml",
            "--select",
            "port-mismatch",
        ],
    )
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let text = SERVICE.replace("targetPort: 8000", "targetPort: 9000");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(out(&done).contains("sends to port 9000"), "{}", out(&done));
    assert!(
        !out(&done).contains("declares port 8000, and"),
        "{}",
        out(&done)
    );
    assert_eq!(
        fs::read_to_string(root.join("k8s/service.yaml")).unwrap(),
        SERVICE
    );
    let refused = lint(root.path(), &["-"]);
    assert_eq!(refused.status.code(), Some(2));
    let outside = lint(root.path(), &["-", "--stdin-filename", "../x.yaml"]);
    assert_eq!(outside.status.code(), Some(2));
}

#[test]
fn an_environment_leaves_the_files_of_others_out() {
    let root = Temp::new();
    put(
        root.path(),
        "chart/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    );
    put(root.path(), "chart/values.yaml", "port: \"80\"\n");
    put(root.path(), "chart/values-dev.yaml", "port: 80\n");
    put(root.path(), "chart/values-prod.yaml", "port: \"81\"\n");
    put(
        root.path(),
        "chart/templates/config.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  PORT: {{ .Values.port | toJson }}\n",
    );
    let code = |env: &str| lint(root.path(), &["--env", env]).status.code();
    assert_eq!(code("dev"), Some(1));
    assert_eq!(code("prod"), Some(0));
    let unknown = lint(root.path(), &["--env", "test"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("`dev`, `prod`"));
}

#[test]
fn what_did_not_change_is_not_told() {
    if !rig::asked() {
        return;
    }
    let root = service();
    let git = |args: &[&str]| {
        let done = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(args)
            .current_dir(root.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("the rig needs git");
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "x"]);
    let path = format!("PATH={}", std::env::var("PATH").unwrap_or_default());
    let changed = |arguments: &[&str]| {
        let mut all = vec!["lint"];
        all.extend(arguments);
        let mut command = gen_in(root.path(), &all);
        command.env("PATH", path.trim_start_matches("PATH="));
        command.output().unwrap()
    };
    let nothing = changed(&["--changed"]);
    assert_eq!(nothing.status.code(), Some(0), "{nothing:?}");
    put(
        root.path(),
        "k8s/service.yaml",
        &SERVICE.replace("targetPort: 8000", "targetPort: 9000"),
    );
    let told = changed(&["--changed=main"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(out(&told).contains("sends to port 9000"));
    assert!(!out(&told).contains("invalid-object"), "{}", out(&told));
    let refused = changed(&["--changed=--output=x"]);
    assert_eq!(refused.status.code(), Some(2));
}
