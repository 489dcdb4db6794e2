//! Live drift against a real API server, and the rights that it is given.
//! With `GEN_RIGS=1` only: this needs kube-apiserver, etcd and kubectl.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use delivery::source::yaml::{self, Limits, Node};
use serde_json::Value;

use crate::drift::{stderr, stdout};
use crate::rig;
use crate::support::tree::Temp;

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

/// One way to change what runs.
struct Case {
    /// What kubectl is told, word by word.
    does: &'static [&'static str],
    /// What has to be found, and nothing else.
    found: &'static [&'static str],
}

const CASES: [Case; 21] = [
    Case {
        does: &["scale", "deployment/flask-application", "--replicas=5"],
        found: &["Deployment/flask-application spec.replicas hand"],
    },
    Case {
        does: &[
            "patch",
            "deployment/flask-application",
            "--subresource=scale",
            "--type=merge",
            "--field-manager=some-autoscaler",
            "-p",
            r#"{"spec":{"replicas":7}}"#,
        ],
        found: &["Deployment/flask-application spec.replicas manager"],
    },
    Case {
        does: &[
            "set",
            "image",
            "deployment/flask-application",
            "flask-application=elsewhere/web:9",
        ],
        found: &[
            "Deployment/flask-application spec.template.spec.containers[name=flask-application].image hand",
        ],
    },
    Case {
        does: &["set", "env", "deployment/flask-application", "DEBUG=1"],
        found: &[
            "Deployment/flask-application spec.template.spec.containers[name=flask-application].env hand",
        ],
    },
    Case {
        does: &[
            "set",
            "resources",
            "deployment/flask-application",
            "--limits=memory=1Gi",
        ],
        found: &[
            "Deployment/flask-application spec.template.spec.containers[name=flask-application].resources.limits.memory hand",
        ],
    },
    Case {
        // The same size, written in another way.
        does: &[
            "set",
            "resources",
            "deployment/flask-application",
            "--limits=memory=262144Ki",
        ],
        found: &[],
    },
    Case {
        does: &["label", "service/flask-application", "team=a"],
        found: &["Service/flask-application metadata.labels.team hand"],
    },
    Case {
        does: &[
            "label",
            "--overwrite",
            "service/flask-application",
            "app.kubernetes.io/name=other",
        ],
        found: &["Service/flask-application metadata.labels[\"app.kubernetes.io/name\"] hand"],
    },
    Case {
        does: &[
            "patch",
            "service/flask-application",
            "-p",
            r#"{"spec":{"sessionAffinity":"ClientIP"}}"#,
        ],
        found: &[
            "Service/flask-application spec.sessionAffinity hand",
            "Service/flask-application spec.sessionAffinityConfig hand",
        ],
    },
    Case {
        does: &[
            "patch",
            "service/flask-application",
            "-p",
            r#"{"spec":{"ports":[{"name":"extra","port":81,"protocol":"TCP"}]}}"#,
        ],
        found: &["Service/flask-application spec.ports[port=81,protocol=TCP] hand"],
    },
    Case {
        does: &[
            "patch",
            "deployment/flask-application",
            "--type=json",
            "-p",
            r#"[{"op":"remove","path":"/spec/template/spec/containers/0/livenessProbe"}]"#,
        ],
        found: &[
            "Deployment/flask-application spec.template.spec.containers[name=flask-application].livenessProbe unknown",
        ],
    },
    Case {
        does: &[
            "patch",
            "networkpolicy/flask-application",
            "--type=merge",
            "-p",
            r#"{"spec":{"ingress":[{}]}}"#,
        ],
        found: &["NetworkPolicy/flask-application spec.ingress hand"],
    },
    Case {
        does: &[
            "patch",
            "poddisruptionbudget/flask-application",
            "-p",
            r#"{"spec":{"maxUnavailable":2}}"#,
        ],
        found: &["PodDisruptionBudget/flask-application spec.maxUnavailable hand"],
    },
    Case {
        does: &[
            "patch",
            "httproute/flask-application",
            "--type=merge",
            "-p",
            r#"{"spec":{"hostnames":["elsewhere.example.com"]}}"#,
        ],
        found: &["HTTPRoute/flask-application spec.hostnames hand"],
    },
    Case {
        does: &["delete", "service/flask-application"],
        found: &["Service/flask-application absent"],
    },
    Case {
        does: &["create", "configmap", "by-hand"],
        found: &["extra ConfigMap/by-hand"],
    },
    Case {
        does: &["create", "role", "by-hand", "--verb=get", "--resource=pods"],
        found: &["extra Role/by-hand"],
    },
    Case {
        // What a program adds is its own business.
        does: &[
            "annotate",
            "deployment/flask-application",
            "--field-manager=some-operator",
            "operator.example.com/seen=1",
        ],
        found: &[],
    },
    Case {
        does: &["rollout", "restart", "deployment/flask-application"],
        found: &[],
    },
    Case {
        does: &[
            "patch",
            "deployment/flask-application",
            "--subresource=status",
            "--type=merge",
            "-p",
            r#"{"status":{"replicas":1}}"#,
        ],
        found: &[],
    },
    Case {
        does: &[
            "patch",
            "deployment/flask-application",
            "--field-manager=argocd-controller",
            "-p",
            r#"{"spec":{"minReadySeconds":9}}"#,
        ],
        found: &["Deployment/flask-application spec.minReadySeconds deployer"],
    },
];

/// Each way in which an object can be changed is found and named, whoever deployed it, and nothing else is.
fn changed(cluster: &Cluster, how: &str) {
    let mut faults = Vec::new();
    for case in &CASES {
        let how: Vec<&str> = how.split(' ').collect();
        cluster.deploy(&how);
        cluster.sure(&[case.does, &["-n", NAMESPACE]].concat());
        let (code, found) = cluster.drift(&[]);
        if found != case.found || code != i32::from(!case.found.is_empty()) {
            faults.push(format!("{how:?} {:?}: {code}, {found:#?}", case.does));
        }
        cluster.sure(&[
            "delete",
            "-n",
            NAMESPACE,
            "--ignore-not-found",
            "configmap/by-hand",
            "role/by-hand",
        ]);
        cluster.remove();
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
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

/// With the rights that are shipped everything is found, nothing can be changed, and the audit log shows it.
fn least_rights(cluster: &Cluster) {
    let account = format!("system:serviceaccount:{NAMESPACE}:gen-drift-check");
    for file in ["rbac.yaml", "policy.yaml", "cronjob.yaml"] {
        cluster.sure(&[
            "apply",
            "--server-side",
            "-f",
            &format!("examples/cluster-drift/{file}"),
        ]);
    }
    cluster.deploy(&[
        "apply",
        "--server-side",
        "--field-manager=argocd-controller",
    ]);
    let token = cluster.sure(&["create", "token", "gen-drift-check", "-n", NAMESPACE]);
    let own = cluster.home.join("own");
    fs::copy(cluster.folder.join("kubeconfig"), &own).unwrap();
    let own = own.to_str().unwrap();
    let config = |args: &[&str]| cluster.sure(&[&["config", "--kubeconfig", own], args].concat());
    config(&["set-credentials", "check", "--token", token.trim()]);
    config(&[
        "set-context",
        "check",
        "--cluster",
        "gen",
        "--user",
        "check",
    ]);

    // A policy takes a moment until it holds.
    let scale = [
        "scale",
        "-n",
        NAMESPACE,
        "deployment/flask-application",
        "--replicas=2",
    ];
    let change = [
        &["--kubeconfig", own, "--context", "check"][..],
        &[
            "label",
            "-n",
            NAMESPACE,
            "service/flask-application",
            "changed=1",
        ],
    ]
    .concat();
    let refusal = (0..50).find_map(|_| {
        let output = cluster.kubectl(&change);
        if !output.status.success() {
            return Some(stderr(&output));
        }
        cluster.sure(&[
            "label",
            "-n",
            NAMESPACE,
            "service/flask-application",
            "changed-",
        ]);
        std::thread::sleep(std::time::Duration::from_millis(200));
        None
    });
    let refusal = refusal.expect("the policy never held");
    assert!(refusal.contains("it changes nothing"), "{refusal}");
    cluster.remove();
    cluster.deploy(&[
        "apply",
        "--server-side",
        "--field-manager=argocd-controller",
    ]);

    let access = ["--kubeconfig", own, "--context", "check"];
    let of_check = "extra CronJob/gen-drift-check|extra ServiceAccount/gen-drift-check";
    let without_own = |found: Vec<String>| -> Vec<String> {
        found
            .into_iter()
            .filter(|line| !of_check.contains(line.as_str()))
            .collect()
    };
    let (_, found) = cluster.drift(&access);
    assert_eq!(without_own(found), Vec::<String>::new());
    cluster.sure(&[
        "scale",
        "-n",
        NAMESPACE,
        "deployment/flask-application",
        "--replicas=4",
    ]);
    cluster.sure(&["delete", "-n", NAMESPACE, "service/flask-application"]);
    let (code, found) = cluster.drift(&access);
    assert_eq!(code, 1);
    assert_eq!(
        without_own(found.clone()),
        [
            "Service/flask-application absent",
            "Deployment/flask-application spec.replicas hand"
        ]
    );
    // The same token from a program, as clouds hand them out.
    let credential = cluster.home.join("credential");
    let answer = format!(
        r#"{{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{"token":"{}"}}}}"#,
        token.trim()
    );
    fs::write(&credential, answer).unwrap();
    let program = ["--exec-command=cat", "--exec-interactive-mode=Never"];
    let api = "--exec-api-version=client.authentication.k8s.io/v1";
    let argument = format!("--exec-arg={}", credential.display());
    config(&[&["set-credentials", "cloud", api, &argument], &program[..]].concat());
    config(&[
        "set-context",
        "cloud",
        "--cluster",
        "gen",
        "--user",
        "cloud",
    ]);
    let (code, by_program) = cluster.drift(&["--kubeconfig", own, "--context", "cloud"]);
    assert_eq!((code, by_program), (1, found));
    cluster.sure(&scale);

    let log = fs::read_to_string(cluster.folder.join("audit.log")).unwrap();
    let events = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut asked = 0;
    for event in events.filter(|event| event["user"]["username"] == account.as_str()) {
        let (verb, uri) = (
            event["verb"].as_str().unwrap(),
            event["requestURI"].as_str().unwrap(),
        );
        let by_kubectl = event["userAgent"]
            .as_str()
            .is_some_and(|agent| agent.starts_with("kubectl"));
        if by_kubectl {
            continue;
        }
        asked += 1;
        assert!(
            ["get", "list"].contains(&verb) || verb == "patch" && uri.contains("dryRun=All"),
            "{verb} {uri}"
        );
    }
    assert!(asked > 20, "only {asked} requests are in the audit log");
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

/// The plugin for Argo CD renders what the cluster takes, and what drift then finds nothing in.
fn plugin(cluster: &Cluster) {
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

#[test]
fn what_runs_is_compared_field_by_field() {
    if !rig::asked() {
        return;
    }
    let cluster = Cluster::start();
    untouched(&cluster);
    changed(
        &cluster,
        "apply --server-side --field-manager=argocd-controller",
    );
    changed(&cluster, "create");
    refused(&cluster);
    told(&cluster);
    nowhere(&cluster);
    least_rights(&cluster);
    plugin(&cluster);
}
