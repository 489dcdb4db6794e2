//! Live drift against a real API server, and the rights that it is given.
//! With `GEN_RIGS=1` only: this needs kube-apiserver, etcd and kubectl.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::drift::{stderr, stdout};
use crate::rig;
use crate::support::tree::Temp;

mod access;
mod cases;
mod plugin;
mod rights;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const SPEC: &str = "blueprints/flask-aks/spec.yaml";
const NAMESPACE: &str = "flask-application";

/// A cluster of an API server and etcd, with the release's namespace.
struct Cluster {
    folder: Temp,
    home: Temp,
}

impl Cluster {
    fn start() -> Self {
        let cluster = Self {
            folder: Temp::new(),
            home: Temp::new(),
        };
        let folder = cluster.folder.path().to_str().unwrap();
        rig::run(".ci/cluster", &["start", folder], Path::new(ROOT), b"");
        // HTTPRoutes, from the module that owns them.
        let tools = Path::new(ROOT).join(".ci/tools/go/envoy-gateway");
        let list = ["list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/gateway-api"];
        let module = String::from_utf8(rig::run("go", &list, &tools, b"")).unwrap();
        let routes = "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml";
        let routes = Path::new(module.trim()).join(routes);
        cluster.sure(&["apply", "--server-side", "-f", routes.to_str().unwrap()]);
        cluster.sure(&[
            "wait",
            "--for=condition=Established",
            "crd/httproutes.gateway.networking.k8s.io",
        ]);
        cluster.sure(&["create", "namespace", NAMESPACE]);
        cluster
    }

    fn run(&self, program: &str, args: &[&str]) -> Output {
        Command::new(program)
            .args(args)
            .current_dir(ROOT)
            .env("KUBECONFIG", self.folder.join("kubeconfig"))
            .env("HOME", self.home.path())
            .output()
            .unwrap_or_else(|error| panic!("the rig needs `{program}`: {error}"))
    }

    fn kubectl(&self, args: &[&str]) -> Output {
        self.run("kubectl", args)
    }

    fn sure(&self, args: &[&str]) -> String {
        let output = self.kubectl(args);
        assert!(
            output.status.success(),
            "kubectl {args:?}: {}",
            stderr(&output)
        );
        stdout(&output)
    }

    /// A file of the objects as the spec has them.
    fn manifests(&self) -> String {
        let chart = "out/flask-aks/chart";
        let values = format!("{chart}/values-production.yaml");
        let args = [
            "chart",
            chart,
            "--name",
            NAMESPACE,
            "--namespace",
            NAMESPACE,
            "-f",
            &values,
            "--no-hooks",
        ];
        let output = self.run(env!("CARGO_BIN_EXE_gen"), &args);
        let path = self.home.join("manifests.yaml");
        fs::write(&path, stdout(&output)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn deploy(&self, args: &[&str]) {
        let manifests = self.manifests();
        self.sure(&[args, &["-n", NAMESPACE, "-f", &manifests]].concat());
    }

    fn remove(&self) {
        let manifests = self.manifests();
        self.sure(&["delete", "--ignore-not-found", "--wait", "-f", &manifests]);
    }

    /// The exit code, and what a run found: `kind/name state`, `kind/name path cause`, `extra kind/name`.
    fn drift(&self, more: &[&str]) -> (i32, Vec<String>) {
        let args = [
            &["drift", "--cluster", "--format", "json"],
            more,
            &[SPEC][..],
        ]
        .concat();
        let output = self.run(env!("CARGO_BIN_EXE_gen"), &args);
        let report: Value = serde_json::from_str(&stdout(&output))
            .unwrap_or_else(|error| panic!("{error}: {}{}", stdout(&output), stderr(&output)));
        (output.status.code().unwrap(), found(&report))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let folder = self.folder.path().to_str().unwrap();
        let _ = Command::new(".ci/cluster")
            .args(["stop", folder])
            .current_dir(ROOT)
            .output();
    }
}

fn found(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = Vec::new();
    for cluster in report["clusters"].as_array().unwrap() {
        for object in cluster["objects"].as_array().unwrap() {
            let title = format!("{}/{}", text(&object["kind"]), text(&object["name"]));
            let state = text(&object["state"]);
            if !["same", "changed"].contains(&state.as_str()) {
                found.push(format!("{title} {state}"));
            }
            let fields = object["fields"].as_array().unwrap().iter();
            for field in fields.filter(|field| field["drift"] == true) {
                found.push(format!(
                    "{title} {} {}",
                    text(&field["path"]),
                    text(&field["cause"])
                ));
            }
        }
        for extra in cluster["extra"].as_array().unwrap() {
            found.push(format!(
                "extra {}/{}",
                text(&extra["kind"]),
                text(&extra["name"])
            ));
        }
    }
    found
}

/// However it was deployed, what nobody changed is no drift.
fn untouched(cluster: &Cluster) {
    for how in [
        &["create"][..],
        &["apply"],
        &["apply", "--server-side"],
        &[
            "apply",
            "--server-side",
            "--field-manager=argocd-controller",
        ],
    ] {
        cluster.deploy(how);
        assert_eq!(cluster.drift(&[]), (0, vec![]), "{how:?}");
        cluster.remove();
    }
    let digest = format!("image.digest=sha256:{}", "0".repeat(64));
    let helm = [
        "upgrade",
        "--install",
        NAMESPACE,
        "out/flask-aks/chart",
        "--namespace",
        NAMESPACE,
        "--values",
        "out/flask-aks/chart/values-production.yaml",
        "--set",
        "image.tag=1.2.3",
        "--set",
        &digest,
    ];
    let output = cluster.run("helm", &helm);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(
        cluster.drift(&[]),
        (0, vec![]),
        "a version that was released"
    );
    let output = cluster.run(
        "helm",
        &["uninstall", "--wait", NAMESPACE, "--namespace", NAMESPACE],
    );
    assert!(output.status.success(), "{}", stderr(&output));
}

/// What the cluster would not take is told with its answer.
fn refused(cluster: &Cluster) {
    let path = cluster.manifests();
    let text = fs::read_to_string(&path).unwrap();
    let other = text.replace(
        "app.kubernetes.io/instance: \"flask-application\"",
        "app.kubernetes.io/instance: other",
    );
    fs::write(&path, other).unwrap();
    cluster.sure(&["apply", "--server-side", "-n", NAMESPACE, "-f", &path]);
    let (code, found) = cluster.drift(&[]);
    assert_eq!(code, 1);
    assert!(
        found.contains(&"Deployment/flask-application refused".to_owned()),
        "{found:#?}"
    );
    cluster.remove();
}

/// What leads nowhere is an error that says so, with exit code 2.
fn nowhere(cluster: &Cluster) {
    let gen_ = env!("CARGO_BIN_EXE_gen");
    let absent = cluster.home.join("absent");
    let absent = absent.to_str().unwrap();
    for (args, says) in [
        (&["--kubeconfig", absent][..], "absent"),
        (&["--context", "nonsense"], "nonsense"),
        (&["--manifests", absent], "cannot read"),
    ] {
        let args = [&["drift", "--cluster"], args, &[SPEC][..]].concat();
        let output = cluster.run(gen_, &args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(
            stderr(&output).contains(says),
            "{args:?}: {}",
            stderr(&output)
        );
    }
}

/// Every form of the report holds what was found.
fn told(cluster: &Cluster) {
    cluster.deploy(&["apply", "--server-side"]);
    cluster.sure(&[
        "scale",
        "-n",
        NAMESPACE,
        "deployment/flask-application",
        "--replicas=6",
        "--current-replicas=2",
    ]);
    for format in ["text", "json", "markdown", "sarif", "github", "junit"] {
        let args = ["drift", "--cluster", "--format", format, SPEC];
        let output = cluster.run(env!("CARGO_BIN_EXE_gen"), &args);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{format}: {}",
            stderr(&output)
        );
        let text = stdout(&output);
        assert!(
            text.contains("spec.replicas") && text.contains('6'),
            "{format}: {text}"
        );
    }
    // The same objects as manifests.
    let manifests = cluster.manifests();
    let args = [
        "drift",
        "--cluster",
        "--format",
        "json",
        "--manifests",
        &manifests,
    ];
    let output = cluster.run(env!("CARGO_BIN_EXE_gen"), &args);
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(
        found(&report),
        ["Deployment/flask-application spec.replicas hand"]
    );
    cluster.remove();
}

#[test]
fn what_runs_is_compared_field_by_field() {
    if !rig::asked() {
        return;
    }
    let cluster = Cluster::start();
    untouched(&cluster);
    cases::changed(
        &cluster,
        "apply --server-side --field-manager=argocd-controller",
    );
    cases::changed(&cluster, "create");
    refused(&cluster);
    told(&cluster);
    nowhere(&cluster);
    access::through_a_proxy(&cluster);
    access::progress(&cluster);
    rights::examples(&cluster);
    rights::rendered(&cluster);
    plugin::plugin(&cluster);
}
