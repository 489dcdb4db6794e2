//! What the field's own programs call an error, `gen lint` reports too, or `tests/mutants/differences.txt`
//! says why not. Lines of the rendered files are taken away and keys misspelt, one at a time.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use delivery::diagnostic::Level;
use rayon::prelude::*;
use serde_json::Value;

use crate::lint::lint;
use crate::rig;
use crate::support::mutants::{self, Files};

/// A file with one fault.
struct Faulty {
    path: &'static str,
    line: usize,
    how: &'static str,
    text: String,
    /// What a program says of it.
    error: Option<String>,
}

/// Every line taken away, every key misspelt; of so many each `stride`th alone.
fn faulty(files: &Files, path: &'static str, stride: usize) -> Vec<Faulty> {
    let text = &files[path];
    let lines: Vec<&str> = text.lines().collect();
    let with = |at: usize, line: Option<String>| {
        let mut all: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        match line {
            Some(line) => all[at] = line,
            None => {
                all.remove(at);
            }
        }
        all.join("\n") + "\n"
    };
    let mut made = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let bare = line.trim_start().trim_start_matches("- ");
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        made.push((at, "taken away", with(at, None)));
        let word = bare
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
            .unwrap_or(bare.len());
        let key = bare[word..].starts_with(':')
            || path == "Dockerfile" && word > 2
            || path.ends_with(".tf") && bare[word..].trim_start().starts_with(['=', '{', '"']);
        if key && word > 1 {
            let end = line.len() - bare.len() + word;
            let mut line = (*line).to_owned();
            line.remove(end - 1);
            made.push((at, "misspelt", with(at, Some(line))));
        }
    }
    made.into_iter()
        .step_by(stride)
        .map(|(at, how, text)| Faulty {
            path,
            line: at + 1,
            how,
            text,
            error: None,
        })
        .collect()
}

pub(crate) fn run(program: &str, args: &[&str], folder: &Path) -> Output {
    Command::new(program)
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("the rig needs `{program}`: {error}"))
}

pub(crate) fn json(output: &Output, program: &str) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        panic!("{program}: {error}: {said}")
    })
}

/// Writes every fault into a file of its own, which is called by its number.
fn written(folder: &rig::Folder, all: &[Faulty], end: &str) -> Vec<String> {
    let names: Vec<String> = (0..all.len()).map(|at| format!("{at}{end}")).collect();
    for (name, one) in names.iter().zip(all) {
        folder.write(name, &one.text);
    }
    names
}

fn number(path: &str) -> usize {
    let name = path.rsplit('/').next().unwrap();
    name.split('.').next().unwrap().parse().unwrap()
}

fn told_by_list(all: &mut [Faulty], program: &str, args: &[&str], end: &str, keys: [&str; 2]) {
    let folder = rig::Folder::new(program);
    let names = written(&folder, all, end);
    let args: Vec<&str> = args
        .iter()
        .copied()
        .chain(names.iter().map(String::as_str))
        .collect();
    let found = json(&run(program, &args, folder.path()), program);
    for one in found.as_array().unwrap() {
        if one["level"].as_str().is_some_and(|level| level != "error") {
            continue;
        }
        let at = number(one[keys[0]].as_str().unwrap());
        let message = one[keys[1]].as_str().unwrap().to_owned();
        all[at].error.get_or_insert(message);
    }
}

/// Where `.ci/install` keeps what it brings.
fn cache() -> PathBuf {
    std::env::var_os("GEN_CACHE").map_or_else(
        || {
            let base = std::env::var_os("XDG_CACHE_HOME").map_or_else(
                || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"),
                PathBuf::from,
            );
            base.join("gen-oracles")
        },
        PathBuf::from,
    )
}

/// Where kubeconform finds the published definitions.
pub(crate) fn schema_location() -> String {
    let cache = cache();
    format!(
        "{}/schemas/{{{{.Group}}}}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json",
        cache.display()
    )
}

/// Kubernetes objects against the published definitions.
fn conform(texts: &[(usize, String)], all: &mut [Faulty]) {
    let folder = rig::Folder::new("kubeconform");
    for (at, text) in texts {
        folder.write(&format!("{at}.yaml"), text);
    }
    let location = schema_location();
    let args = [
        "-strict",
        "-output",
        "json",
        "-schema-location",
        &location,
        ".",
    ];
    let found = json(&run("kubeconform", &args, folder.path()), "kubeconform");
    for one in found["resources"].as_array().into_iter().flatten() {
        let message = one["msg"].as_str().unwrap_or_default();
        let at = number(one["filename"].as_str().unwrap());
        all[at].error.get_or_insert(message.to_owned());
    }
}

fn helm(all: &mut [Faulty], files: &Files) {
    let results: Vec<Result<String, String>> = all
        .par_iter()
        .enumerate()
        .map(|(at, one)| {
            let folder = rig::Folder::new(&format!("helm-{at}"));
            for (path, text) in files.iter().filter(|(path, _)| path.starts_with("chart/")) {
                folder.write(path, if path == one.path { &one.text } else { text });
            }
            let done = run("helm", &["template", "web", "chart"], folder.path());
            match done.status.success() {
                true => Ok(String::from_utf8_lossy(&done.stdout).into_owned()),
                false => Err(String::from_utf8_lossy(&done.stderr).into_owned()),
            }
        })
        .collect();
    let mut rendered = Vec::new();
    for (at, result) in results.into_iter().enumerate() {
        match result {
            Ok(text) => rendered.push((at, text)),
            Err(error) => all[at].error = Some(error),
        }
    }
    conform(&rendered, all);
}

/// Faults in one file of a folder of Terraform, which is validated with each of them.
fn validate(all: &mut [Faulty], files: &Files) {
    let path = all[0].path;
    let root = Path::new(path).parent().unwrap();
    let folder = rig::Folder::new(&format!("validate-{}", path.replace('/', "-")));
    for (path, text) in files
        .iter()
        .filter(|(path, _)| path.starts_with("terraform/"))
    {
        folder.write(path, text);
    }
    let root = folder.path().join(root);
    let config = cache().join("terraformrc");
    let terraform = |args: &[&str]| {
        Command::new("terraform")
            .args(args)
            .current_dir(&root)
            .env("TF_CLI_CONFIG_FILE", &config)
            .env("CHECKPOINT_DISABLE", "1")
            .output()
            .unwrap_or_else(|error| panic!("the rig needs `terraform`: {error}"))
    };
    let init = terraform(&["init", "-backend=false", "-input=false", "-no-color"]);
    let said = String::from_utf8_lossy(&init.stderr);
    assert!(init.status.success(), "terraform init: {said}");
    for one in all {
        folder.write(one.path, &one.text);
        let found = json(&terraform(&["validate", "-json"]), "terraform");
        let mut told = found["diagnostics"].as_array().into_iter().flatten();
        one.error = told
            .find(|told| told["severity"] == "error")
            .map(|told| format!("{}: {}", told["summary"], told["detail"]));
    }
}

/// A difference that is known: the program, a part of what it says, and the reason.
fn differences() -> Vec<(String, String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutants/differences.txt");
    let text = fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut parts = line.splitn(3, " | ").map(str::to_owned);
            let mut next = || parts.next().expect("program | what it says | reason");
            (next(), next(), next())
        })
        .collect()
}

#[test]
fn what_other_programs_call_an_error_is_reported() {
    if !rig::asked() {
        return;
    }
    let known = differences();
    let mut used = BTreeSet::new();
    let mut faults = Vec::new();
    let mut compare = |program: &str, stack: &str, files: &Files, all: Vec<Faulty>| {
        let wrong: Vec<Faulty> = all.into_iter().filter(|one| one.error.is_some()).collect();
        let silent: Vec<bool> = wrong
            .par_iter()
            .map(|one| {
                let mut files = files.clone();
                if program != "terraform" {
                    files.retain(|path, _| !path.starts_with("terraform/"));
                }
                files.insert(one.path.to_owned(), one.text.clone());
                lint(&files).iter().all(|told| told.level < Level::Warning)
            })
            .collect();
        let count = wrong.len();
        let mut differs = 0;
        for (one, silent) in wrong.iter().zip(silent) {
            let error = one.error.as_deref().unwrap();
            if !silent {
                continue;
            }
            differs += 1;
            let reason = known
                .iter()
                .position(|(own, part, _)| own == program && error.contains(part));
            match reason {
                Some(at) => {
                    used.insert(at);
                }
                None => faults.push(format!(
                    "{program}: {stack}/{}:{} {}: {error}",
                    one.path, one.line, one.how
                )),
            }
        }
        println!(
            "{program} on {stack}: {count} errors, gen tells {} of them",
            count - differs
        );
    };
    for (stack, stride) in [("flask-aks", 2), ("flask-fargate", 4)] {
        let files = mutants::stack(stack);
        let mut all = faulty(&files, ".github/workflows/delivery.yml", stride);
        let args = [
            "-no-color",
            "-shellcheck",
            "",
            "-pyflakes",
            "",
            "-format",
            "{{json .}}",
        ];
        told_by_list(
            &mut all,
            "actionlint",
            &args,
            ".yml",
            ["filepath", "message"],
        );
        compare("actionlint", stack, &files, all);
        let mut all = faulty(&files, "Dockerfile", stride);
        let args = ["--format", "json", "--no-fail"];
        told_by_list(
            &mut all,
            "hadolint",
            &args,
            ".Dockerfile",
            ["file", "message"],
        );
        compare("hadolint", stack, &files, all);
    }
    let files = mutants::stack("notejam");
    let mut all = Vec::new();
    for (path, stride) in [
        ("chart/values.yaml", 7),
        ("chart/templates/deployment.yaml", 5),
        ("chart/templates/service.yaml", 1),
        ("chart/templates/networkpolicy.yaml", 3),
        ("chart/templates/persistentvolumeclaim.yaml", 1),
    ] {
        all.extend(faulty(&files, path, stride));
    }
    helm(&mut all, &files);
    compare("helm", "notejam", &files, all);
    let files = mutants::stack("flask-minikube");
    for path in [
        "manifests/local/24-service-favorite-athlete.yaml",
        "manifests/local/29-deployment-favorite-athlete.yaml",
        "manifests/local/35-ingress-favorite-athlete.yaml",
    ] {
        let mut all = faulty(&files, path, 2);
        let texts: Vec<(usize, String)> = all
            .iter()
            .enumerate()
            .map(|(at, one)| (at, one.text.clone()))
            .collect();
        conform(&texts, &mut all);
        compare("kubeconform", "flask-minikube", &files, all);
    }
    let files = mutants::stack("flask-aks");
    for (path, stride) in [
        ("terraform/modules/acr/main.tf", 3),
        ("terraform/modules/registry_role/main.tf", 4),
        ("terraform/cluster/main.tf", 6),
    ] {
        let mut all = faulty(&files, path, stride);
        validate(&mut all, &files);
        compare("terraform", "flask-aks", &files, all);
    }
    for (at, (program, part, _)) in known.iter().enumerate() {
        if !used.contains(&at) {
            faults.push(format!("{program}: no difference says {part:?} any more"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
