//! The shipped examples, before the programs that will read them. With `GEN_RIGS=1` only.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::rig;
use crate::support::tree::{Temp, put};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
/// Whole objects; a patch is none.
const OBJECTS: [&str; 5] = [
    "argocd-plugin/plugin.yaml",
    "cluster-drift/cronjob.yaml",
    "cluster-drift/policy.yaml",
    "cluster-drift/rbac.yaml",
    "fleet/job.yaml",
];

/// The schemas that the oracles' installer writes.
fn schemas() -> String {
    let from = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let caches = || from("XDG_CACHE_HOME").or_else(|| Some(from("HOME")?.join(".cache")));
    let cache = from("GEN_CACHE").or_else(|| Some(caches()?.join("gen-oracles")));
    let folder = cache.expect("a home").join("schemas");
    let names = "{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json";
    folder.join(names).to_str().unwrap().to_owned()
}

/// Whether a program is content with a file.
fn accepts(program: &str, arguments: &[&str], file: &Path) -> bool {
    let output = Command::new(program).args(arguments).arg(file).output();
    let output = output.unwrap_or_else(|error| panic!("the rig needs `{program}`: {error}"));
    output.status.success()
}

#[test]
fn examples_are_what_their_readers_take_and_faults_are_found() {
    if !rig::asked() {
        return;
    }
    let schemas = schemas();
    let conforms = ["-strict", "-schema-location", &schemas];
    let judged: Vec<(&str, &[&str], &str, &str)> = OBJECTS
        .iter()
        .map(|path| ("kubeconform", &conforms[..], *path, "metadata:"))
        .chain([
            ("actionlint", &[][..], "fleet/drift.yml", "runs-on:"),
            (
                "hadolint",
                &[][..],
                "cluster-drift/Dockerfile",
                "USER 10001:10001",
            ),
        ])
        .collect();
    let temp = Temp::new();
    for (program, arguments, path, needed) in judged {
        let file = Path::new(EXAMPLES).join(path);
        assert!(
            accepts(program, arguments, &file),
            "{program} refuses {path}"
        );
        let text = fs::read_to_string(&file).unwrap();
        let worse = match needed.starts_with("USER") {
            true => "USER root",
            false => "nonsense:",
        };
        let spoiled = text.replace(needed, worse);
        assert_ne!(spoiled, text, "{path}");
        put(temp.path(), path, &spoiled);
        let found = !accepts(program, arguments, &temp.join(path));
        assert!(found, "{program} finds nothing wrong in a spoiled {path}");
    }
}
