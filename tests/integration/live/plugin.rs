//! gen as a renderer in Argo CD: the shipped plugin's own command, against a real API server.

use std::fs;
use std::path::Path;
use std::process::Command;

use delivery::source::yaml::{self, Limits, Node};

use super::{Cluster, NAMESPACE, ROOT, SPEC};
use crate::drift::{stderr, stdout};

/// The plugin for Argo CD renders what the cluster takes, and what drift then finds nothing in.
pub(super) fn plugin(cluster: &Cluster) {
    let read = |path: &str| {
        let text =
            fs::read_to_string(Path::new(ROOT).join("examples/argocd-plugin").join(path)).unwrap();
        yaml::read(&text, &Limits::REPOSITORY)
            .unwrap()
            .documents
            .remove(0)
    };
    let file = read("plugin.yaml");
    let inner = file
        .get("data")
        .and_then(|data| data.get("plugin.yaml"))
        .and_then(Node::text)
        .unwrap();
    let inner = yaml::read(inner, &Limits::REPOSITORY)
        .unwrap()
        .documents
        .remove(0);
    let generate = inner
        .get("spec")
        .and_then(|spec| spec.get("generate"))
        .unwrap();
    let words = |key: &str| -> Vec<String> {
        let items = generate.get(key).unwrap().items().iter();
        items.map(|item| item.text().unwrap().to_owned()).collect()
    };
    let command = [words("command"), words("args")].concat();
    let own = Path::new(env!("CARGO_BIN_EXE_gen")).parent().unwrap();
    let path = format!("{}:{}", own.display(), std::env::var("PATH").unwrap());
    fs::copy(Path::new(ROOT).join(SPEC), cluster.home.join("spec.yaml")).unwrap();
    fs::write(
        cluster.home.join("image-production.yaml"),
        "image:\n  tag: 4.5.6\n",
    )
    .unwrap();
    let output = Command::new(&command[0])
        .args(&command[1..])
        .current_dir(cluster.home.path())
        .env("PATH", path)
        .env("ARGOCD_APP_NAME", NAMESPACE)
        .env("ARGOCD_APP_NAMESPACE", NAMESPACE)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains(":4.5.6"), "{}", stdout(&output));
    let rendered = cluster.home.join("rendered.yaml");
    fs::write(&rendered, &output.stdout).unwrap();
    let apply = [
        "apply",
        "--server-side",
        "--field-manager=argocd-controller",
        "-f",
    ];
    cluster.sure(&[&apply[..], &[rendered.to_str().unwrap()]].concat());
    let (code, found) = cluster.drift(&[]);
    let others = found
        .iter()
        .filter(|line| !line.contains("gen-drift-check"));
    assert_eq!(others.count(), 0, "{code} {found:#?}");
    cluster.remove();

    // The ConfigMap itself, and the sidecar over a Deployment as Argo CD has it.
    let base = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"argocd-repo-server"},
        "spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
        "spec":{"containers":[{"name":"argocd-repo-server","image":"x"}],
        "volumes":[{"name":"var-files","emptyDir":{}},{"name":"plugins","emptyDir":{}}]}}}}"#;
    let path = cluster.home.join("base.json");
    fs::write(&path, base).unwrap();
    cluster.sure(&["create", "namespace", "argocd"]);
    cluster.sure(&["apply", "-n", "argocd", "-f", path.to_str().unwrap()]);
    cluster.sure(&[
        "apply",
        "--server-side",
        "-f",
        "examples/argocd-plugin/plugin.yaml",
    ]);
    let patch = "examples/argocd-plugin/repo-server.yaml";
    let words = [
        "patch",
        "deployment",
        "argocd-repo-server",
        "-n",
        "argocd",
        "--patch-file",
        patch,
    ];
    cluster.sure(&words);
}
