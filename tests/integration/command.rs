//! The program as people run it: arguments in; files, texts and exit codes out.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::reference::REFERENCE;
use crate::rig;
use crate::support::tree::{Temp, files, picture, stamps};

/// `gen` with nothing of the surroundings but what a test gives.
pub(crate) fn gen_in(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gen"));
    command
        .env_clear()
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null());
    command
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().expect("not ended by a signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Ran {
    ran(gen_in(folder, arguments).output().unwrap())
}

/// A repository with the reference spec, rendered in place.
fn repository(settings: &[&str]) -> Temp {
    let temp = Temp::new();
    fs::create_dir(temp.join(".git")).unwrap();
    let spec = REFERENCE.replace("out: out/flask-aks", "out: \".\"");
    fs::write(temp.join("spec.yaml"), spec).unwrap();
    let mut arguments = vec!["render", "spec.yaml", "--format", "json"];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", *setting]));
    let done = run(temp.path(), &arguments);
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    temp
}

const STAGES: [&str; 2] = [
    "environments.dev.kubernetes.replicas=1",
    "environments.prod={}",
];

#[test]
fn a_second_render_writes_nothing() {
    let repository = repository(&[]);
    let before = stamps(repository.path());
    let again = run(repository.path(), &["render", "spec.yaml"]);
    assert_eq!(again.code, 0);
    assert_eq!(stamps(repository.path()), before);
    assert!(again.err.contains("is what the spec says"), "{}", again.err);
}

#[test]
fn looking_writes_nothing_and_only_a_check_fails() {
    let repository = repository(&[]);
    fs::write(repository.join("Dockerfile"), "FROM scratch\n").unwrap();
    let before = stamps(repository.path());
    for (flag, code) in [("--check", 1), ("--diff", 0), ("--dry-run", 0)] {
        let looked = run(repository.path(), &["render", "spec.yaml", flag]);
        assert_eq!(looked.code, code, "{flag}: {}", looked.err);
        // An edit is kept, so that its lines are nothing that would change.
        let told = if flag == "--diff" {
            &looked.err
        } else {
            &looked.out
        };
        assert!(told.contains("Dockerfile"), "{flag}: {told}");
        assert_eq!(stamps(repository.path()), before, "{flag}");
    }
}

#[test]
fn an_edited_file_stays_until_it_is_forced_and_then_is_shown() {
    let repository = repository(&[]);
    let edited = fs::read_to_string(repository.join("Dockerfile")).unwrap() + "# by hand\n";
    fs::write(repository.join("Dockerfile"), &edited).unwrap();
    let refused = run(
        repository.path(),
        &[
            "render",
            "spec.yaml",
            "--set",
            "app.port=8080",
            "--merge",
            "off",
        ],
    );
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("Dockerfile"), "{}", refused.err);
    assert_eq!(
        fs::read_to_string(repository.join("Dockerfile")).unwrap(),
        edited
    );
    let server = fs::read_to_string(repository.join("gunicorn_config.py")).unwrap();
    assert!(
        !server.contains("8080"),
        "nothing at all is written where one file is refused"
    );
    let forced = run(
        repository.path(),
        &["render", "spec.yaml", "--set", "app.port=8080", "--force"],
    );
    assert_eq!(forced.code, 0, "{}", forced.err);
    assert!(forced.err.contains("-# by hand"), "{}", forced.err);
    assert!(
        !fs::read_to_string(repository.join("Dockerfile"))
            .unwrap()
            .contains("by hand")
    );
}

#[test]
fn one_environment_leaves_the_files_of_the_others_alone() {
    let repository = repository(&STAGES);
    let values = |name: &str| fs::read_to_string(repository.join(name)).unwrap();
    let (dev, prod) = (
        values("chart/values-dev.yaml"),
        values("chart/values-prod.yaml"),
    );
    let both = [
        "environments.dev.kubernetes.replicas=3",
        "environments.prod.kubernetes.replicas=5",
    ];
    let mut arguments = vec!["render", "spec.yaml", "--env", "dev"];
    arguments.extend(both.iter().flat_map(|setting| ["--set", *setting]));
    let done = run(repository.path(), &arguments);
    assert_eq!(done.code, 0, "{}", done.err);
    assert_ne!(values("chart/values-dev.yaml"), dev);
    assert_eq!(values("chart/values-prod.yaml"), prod);
    let unknown = run(
        repository.path(),
        &["render", "spec.yaml", "--env", "staging"],
    );
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("production"), "{}", unknown.err);
}

#[test]
fn a_target_is_written_alone() {
    let temp = Temp::new();
    fs::write(temp.join("spec.yaml"), REFERENCE).unwrap();
    let done = run(
        temp.path(),
        &["render", "spec.yaml", "--out", "made", "--target", "image"],
    );
    assert_eq!(done.code, 0, "{}", done.err);
    let made = files(&temp.join("made"));
    assert!(made.contains_key("Dockerfile"));
    assert!(
        !made.keys().any(|path| path.starts_with("terraform/")),
        "{:?}",
        made.keys()
    );
    let unknown = run(temp.path(), &["render", "spec.yaml", "--target", "images"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("terraform"), "{}", unknown.err);
}

#[test]
fn what_cannot_run_says_so_with_its_own_code() {
    let temp = Temp::new();
    fs::write(temp.join("spec.yaml"), REFERENCE).unwrap();
    fs::write(temp.join("latin.yaml"), b"name: caf\xe9\n").unwrap();
    fs::write(
        temp.join("wrong.yaml"),
        REFERENCE.replace("port: 5000", "port: 80"),
    )
    .unwrap();
    fs::write(temp.join("empty.yaml"), "").unwrap();
    fs::create_dir(temp.join("folder")).unwrap();
    fs::write(temp.join("file"), "").unwrap();
    let cases: [(&[&str], i32, &str); 11] = [
        (&["render"], 2, "SPEC"),
        (&["render", "absent.yaml"], 2, "gen init"),
        (&["render", "latin.yaml"], 2, "not UTF-8"),
        (&["render", "wrong.yaml"], 1, "wrong.yaml:"),
        (&["render", "empty.yaml"], 1, "empty.yaml:"),
        (&["render", "spec.yaml", "--out", "file"], 2, "file"),
        (&["render", "spec.yaml", "--set", "app.prot=1"], 1, "port"),
        (&["render", "spec.yaml", "--force", "--check"], 2, "--check"),
        (&["-C", "absent", "schema"], 2, "absent"),
        (
            &["init", "folder", "--blueprint", "nothing"],
            1,
            "gen blueprint list",
        ),
        (&["paint"], 2, "paint"),
    ];
    for (arguments, code, word) in cases {
        let done = run(temp.path(), arguments);
        assert_eq!(done.code, code, "{arguments:?}: {}", done.err);
        assert!(done.err.contains(word), "{arguments:?}: {}", done.err);
    }
    let left: Vec<String> = picture(temp.path()).into_keys().collect();
    assert_eq!(
        left,
        [
            "empty.yaml",
            "file",
            "folder",
            "latin.yaml",
            "spec.yaml",
            "wrong.yaml"
        ]
    );
}

#[test]
fn a_spec_from_standard_input_is_rendered() {
    let temp = Temp::new();
    let mut child = gen_in(temp.path(), &["render", "-", "--out", "made"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(REFERENCE.as_bytes())
        .unwrap();
    let done = ran(child.wait_with_output().unwrap());
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(temp.join("made/Dockerfile").is_file());
}

#[test]
fn two_specs_for_one_tree_are_refused() {
    let temp = Temp::new();
    for name in ["a.yaml", "b.yaml"] {
        fs::write(temp.join(name), REFERENCE).unwrap();
    }
    let done = run(temp.path(), &["render", "a.yaml", "b.yaml"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("out:"), "{}", done.err);
    assert!(!temp.join("out").exists());
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let temp = Temp::new();
    let mut child = gen_in(temp.path(), &["schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done = ran(child.wait_with_output().unwrap());
    assert_eq!((done.code, done.err.as_str()), (0, ""));
}

#[test]
fn programs_read_diagnostics_on_standard_output_and_nothing_else() {
    let temp = Temp::new();
    fs::write(
        temp.join("spec.yaml"),
        REFERENCE.replace("port: 5000", "port: 80"),
    )
    .unwrap();
    for format in ["json", "sarif"] {
        let done = run(temp.path(), &["render", "spec.yaml", "--format", format]);
        assert_eq!(done.code, 1);
        let read: serde_json::Value = serde_json::from_str(&done.out).unwrap();
        assert!(read.to_string().contains("spec.yaml"), "{read}");
    }
    let colored = run(temp.path(), &["render", "spec.yaml", "--color", "always"]);
    assert!(colored.err.contains("\u{1b}["));
    assert!(
        !run(temp.path(), &["render", "spec.yaml"])
            .err
            .contains('\u{1b}')
    );
}

#[test]
fn init_begins_a_repository_that_renders() {
    let temp = Temp::new();
    fs::create_dir(temp.join("my_service")).unwrap();
    fs::create_dir(temp.join("my_service/.git")).unwrap();
    let here = temp.join("my_service");
    let set = ["--set", "github.repository=me/my-service"];
    let begun = run(
        temp.path(),
        &[
            "init",
            "my_service",
            "--blueprint",
            "flask-aks",
            set[0],
            set[1],
        ],
    );
    assert_eq!(begun.code, 0, "{}", begun.err);
    let spec = fs::read_to_string(here.join("spec.yaml")).unwrap();
    assert!(spec.starts_with("# yaml-language-server: $schema=spec.schema.json\n"));
    assert!(spec.contains("name: my-service\n") && spec.contains("repository: me/my-service\n"));
    assert!(here.join("app/run.py").is_file());
    let rendered = run(&here, &["render", "spec.yaml"]);
    assert_eq!(rendered.code, 0, "{}", rendered.err);
    assert_eq!(run(&here, &["render", "spec.yaml", "--check"]).code, 0);
    let again = run(
        temp.path(),
        &["init", "my_service", "--blueprint", "flask-aks"],
    );
    assert_eq!(again.code, 2);
    assert!(again.err.contains("is there already"), "{}", again.err);
}

#[test]
fn init_never_touches_an_application() {
    let temp = Temp::new();
    fs::create_dir(temp.join("app")).unwrap();
    fs::write(temp.join("app/run.py"), "app = None\n").unwrap();
    let begun = run(
        temp.path(),
        &[
            "init",
            "--blueprint",
            "flask-aks",
            "--set",
            "github.repository=me/x",
            "--set",
            "name=x",
        ],
    );
    assert_eq!(begun.code, 0, "{}", begun.err);
    let app: Vec<String> = picture(&temp.join("app")).into_keys().collect();
    assert_eq!(app, ["run.py"]);
    assert_eq!(
        fs::read_to_string(temp.join("app/run.py")).unwrap(),
        "app = None\n"
    );
}

#[test]
fn what_is_built_in_is_told() {
    let temp = Temp::new();
    let schema = run(temp.path(), &["schema"]);
    assert_eq!(schema.out, include_str!("../../schemas/spec.schema.json"));
    assert!(
        run(temp.path(), &["blueprint", "list"])
            .out
            .contains("flask-aks")
    );
    assert!(
        run(temp.path(), &["blueprint", "show", "flask-aks"])
            .out
            .contains("terraform")
    );
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            run(temp.path(), &["completions", shell])
                .out
                .contains("render"),
            "{shell}"
        );
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let temp = Temp::new();
    fs::write(temp.join("spec.yaml"), REFERENCE).unwrap();
    fs::create_dir(temp.join("made")).unwrap();
    fs::set_permissions(temp.join("made"), fs::Permissions::from_mode(0o555)).unwrap();
    let mut writable = fs::File::create(temp.join("made/probe"));
    if writable.as_mut().is_ok() {
        // Whoever runs as root may write anywhere; the faults of the disk are tested in `output_fault`.
        println!("not run: permissions do not bind this user");
        return;
    }
    let done = run(temp.path(), &["render", "spec.yaml", "--out", "made"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("made"), "{}", done.err);
}

/// Runs `gen` under strace and returns the calls of these kinds that succeeded.
fn traced(folder: &Path, kinds: &str, arguments: &[&str]) -> Vec<String> {
    let log = folder.with_extension("trace");
    let status = Command::new("strace")
        .args(["-f", "-qq", "-e", &format!("trace={kinds}"), "-o"])
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_gen"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("strace runs");
    assert!(status.code().is_some());
    let text = fs::read_to_string(&log).unwrap();
    fs::remove_file(&log).unwrap();
    text.lines().map(str::to_owned).collect()
}

const WRITES: &str = "mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat,\
                      symlink,symlinkat,chmod,fchmod,fchmodat,chown,fchown,truncate,ftruncate,utimensat,fsync";

#[test]
fn no_process_no_socket_and_no_write_that_was_not_asked_for() {
    if !rig::asked() {
        return;
    }
    let repository = repository(&[]);
    let commands: [&[&str]; 9] = [
        &["drift", "spec.yaml"],
        &["drift", "--diff", "--format", "json"],
        &["lint"],
        &["diff", "spec.yaml", "spec.yaml"],
        &["explain", "broad-trust"],
        &["render", "spec.yaml"],
        &["render", "spec.yaml", "--check"],
        &["render", "spec.yaml", "--diff", "--set", "app.port=8080"],
        &["chart", "chart"],
    ];
    for arguments in commands {
        let started = traced(repository.path(), "execve,execveat", arguments);
        assert_eq!(
            started.len(),
            1,
            "{arguments:?} starts a process: {started:?}"
        );
        let sockets = traced(repository.path(), "%network", arguments);
        assert_eq!(sockets, [""; 0], "{arguments:?}");
        let writes = traced(repository.path(), WRITES, arguments);
        assert_eq!(writes, [""; 0], "{arguments:?}");
        let opened = traced(repository.path(), "open,openat,openat2,creat", arguments);
        let for_writing: Vec<&String> = opened
            .iter()
            .filter(|line| {
                ["O_WRONLY", "O_RDWR", "O_CREAT"]
                    .iter()
                    .any(|flag| line.contains(flag))
            })
            .collect();
        assert_eq!(for_writing, [""; 0], "{arguments:?}");
    }
    // The rig sees writes where there are some.
    let changed = ["render", "spec.yaml", "--set", "app.port=8080"];
    assert!(!traced(repository.path(), WRITES, &changed).is_empty());
}
