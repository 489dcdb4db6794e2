//! The rights that are shipped: everything is found with them, nothing can be changed, and the API server's
//! audit log shows it.

use std::fs;
use std::time::Duration;

use serde_json::Value;

use super::{Cluster, NAMESPACE, SPEC, found};
use crate::drift::{stderr, stdout};

const DEPLOY: [&str; 3] = [
    "apply",
    "--server-side",
    "--field-manager=argocd-controller",
];
const SERVICE: &str = "service/flask-application";
const DEPLOYMENT: &str = "deployment/flask-application";

/// A service account with a kubeconfig of its own.
struct Account<'c> {
    cluster: &'c Cluster,
    name: &'static str,
    config: String,
    token: String,
}

impl<'c> Account<'c> {
    fn new(cluster: &'c Cluster, name: &'static str) -> Self {
        let token = cluster.sure(&["create", "token", name, "-n", NAMESPACE]);
        let config = cluster.home.join(name).to_str().unwrap().to_owned();
        fs::copy(cluster.folder.join("kubeconfig"), &config).unwrap();
        let account = Self {
            cluster,
            name,
            config,
            token: token.trim().to_owned(),
        };
        account.add("check", &["--token", &account.token]);
        account
    }

    /// Adds a user and a context of that name.
    fn add(&self, name: &str, credentials: &[&str]) {
        let config = ["config", "--kubeconfig", &self.config];
        let user = ["set-credentials", name];
        self.cluster
            .sure(&[&config[..], &user, credentials].concat());
        let context = ["set-context", name, "--cluster=gen", "--user", name];
        self.cluster.sure(&[&config[..], &context].concat());
    }

    fn access(&self) -> [&str; 4] {
        ["--kubeconfig", &self.config, "--context", "check"]
    }

    /// Waits until the policy holds, which takes a moment, and checks what it says.
    fn may_change_nothing(&self) {
        let in_namespace = ["-n", NAMESPACE, SERVICE];
        let change = [
            &self.access()[..],
            &["label"],
            &in_namespace,
            &["changed=1"],
        ]
        .concat();
        let refusal = (0..50).find_map(|_| {
            let output = self.cluster.kubectl(&change);
            if !output.status.success() {
                return Some(stderr(&output));
            }
            let undo = [&["label"], &in_namespace[..], &["changed-"]].concat();
            self.cluster.sure(&undo);
            std::thread::sleep(Duration::from_millis(200));
            None
        });
        let refusal = refusal.expect("the policy never held");
        assert!(refusal.contains("it changes nothing"), "{refusal}");
        // What was tried belongs to kubectl now.
        self.cluster.remove();
        self.cluster.deploy(&DEPLOY);
    }

    /// Of all that `gen` asked for in its name, nothing could change anything.
    fn is_seen_to_look_only(&self) {
        let user = format!("system:serviceaccount:{NAMESPACE}:{}", self.name);
        let log = fs::read_to_string(self.cluster.folder.join("audit.log")).unwrap();
        let events = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut asked = 0;
        for event in events.filter(|event| event["user"]["username"] == user.as_str()) {
            let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
            if text("userAgent").starts_with("kubectl") {
                continue;
            }
            asked += 1;
            let (verb, uri) = (text("verb"), text("requestURI"));
            let looks = ["get", "list"].contains(&&*verb);
            assert!(
                looks || verb == "patch" && uri.contains("dryRun=All"),
                "{verb} {uri}"
            );
        }
        assert!(asked > 20, "only {asked} requests are in the audit log");
    }
}

/// Changes something, and undoes it again.
fn with_changes(cluster: &Cluster, look: impl FnOnce()) {
    cluster.sure(&["scale", "-n", NAMESPACE, DEPLOYMENT, "--replicas=4"]);
    cluster.sure(&["delete", "-n", NAMESPACE, SERVICE]);
    look();
    cluster.remove();
    cluster.deploy(&DEPLOY);
}

const CHANGES: [&str; 2] = [
    "Service/flask-application absent",
    "Deployment/flask-application spec.replicas hand",
];

/// The examples, for a cluster whose specs say nothing of a check.
pub(super) fn examples(cluster: &Cluster) {
    let folder = "examples/cluster-drift";
    for file in ["rbac.yaml", "policy.yaml", "cronjob.yaml"] {
        cluster.sure(&["apply", "--server-side", "-f", &format!("{folder}/{file}")]);
    }
    cluster.deploy(&DEPLOY);
    let account = Account::new(cluster, "gen-drift-check");
    account.may_change_nothing();
    // No spec says that these are there.
    let own = "extra CronJob/gen-drift-check|extra ServiceAccount/gen-drift-check";
    let drift = |access: &[&str]| {
        let (code, mut found) = cluster.drift(access);
        found.retain(|line| !own.contains(line.as_str()));
        (code, found)
    };
    assert_eq!(drift(&account.access()).1, Vec::<String>::new());
    with_changes(cluster, || {
        let by_token = drift(&account.access());
        assert_eq!(by_token, (1, CHANGES.map(str::to_owned).to_vec()));
        // The same token from a program, as clouds hand them out.
        let credential = cluster.home.join("credential");
        let answer = format!(
            r#"{{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{"token":"{}"}}}}"#,
            account.token
        );
        fs::write(&credential, answer).unwrap();
        let argument = format!("--exec-arg={}", credential.display());
        let program = [
            "--exec-command=cat",
            "--exec-interactive-mode=Never",
            "--exec-api-version=client.authentication.k8s.io/v1",
            &argument,
        ];
        account.add("cloud", &program);
        let by_program = drift(&["--kubeconfig", &account.config, "--context", "cloud"]);
        assert_eq!(by_program, by_token);
    });
    account.is_seen_to_look_only();
    cluster.remove();
    for file in ["cronjob.yaml", "policy.yaml", "rbac.yaml"] {
        cluster.sure(&["delete", "-f", &format!("{folder}/{file}")]);
    }
}

/// What `kubernetes.drift_check` renders: the same, and the check is no drift itself.
pub(super) fn rendered(cluster: &Cluster) {
    let setting = r#"kubernetes.drift_check={image: "registry.example.com/platform/gen:0.1.0"}"#;
    let out = cluster.home.join("checked");
    let out = out.to_str().unwrap();
    let gen_ = env!("CARGO_BIN_EXE_gen");
    let render = ["render", "--quiet", "--out", out, "--set", setting, SPEC];
    let output = cluster.run(gen_, &render);
    assert!(output.status.success(), "{}", stderr(&output));
    let folder = format!("{out}/drift-check/production");
    cluster.sure(&["apply", "--server-side", "-f", &folder]);
    cluster.deploy(&DEPLOY);
    let account = Account::new(cluster, "flask-application-drift");
    account.may_change_nothing();

    // The command of the CronJob's own container, but for the repository and the kubeconfig.
    let template = "{.spec.jobTemplate.spec.template.spec.containers[0].command[*]}";
    let template = format!("jsonpath={template}");
    let job = ["get", "cronjob/flask-application-drift", "-n", NAMESPACE];
    let words = cluster.sure(&[&job[..], &["-o", &template]].concat());
    let words: Vec<&str> = words.split_whitespace().collect();
    assert_eq!(words.first(), Some(&"gen"));
    let words = words[1..].iter().map(|word| match *word {
        "/work/repository/spec.yaml" => SPEC,
        word => word,
    });
    let words: Vec<&str> = words.collect();
    let more = ["--set", setting, "--format", "json"];
    let check = || {
        let output = cluster.run(gen_, &[&words[..], &more, &account.access()].concat());
        let report = serde_json::from_str(&stdout(&output));
        let report = report.unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)));
        (output.status.code(), found(&report))
    };
    assert_eq!(check(), (Some(0), vec![]));
    with_changes(cluster, || {
        assert_eq!(check(), (Some(1), CHANGES.map(str::to_owned).to_vec()));
    });
    // It sees neither its own rights nor anybody's secrets, and asks for nothing that it may not have.
    let may = |verb: &str, what: &str| {
        let ask = ["auth", "can-i", "-n", NAMESPACE, verb, what];
        cluster
            .kubectl(&[&account.access()[..], &ask].concat())
            .status
            .success()
    };
    for what in ["secrets", "roles", "pods/exec"] {
        assert!(!may("get", what) && !may("create", what), "{what}");
    }
    assert!(!may("delete", "deployments"));
    account.is_seen_to_look_only();
    cluster.remove();
    cluster.sure(&["delete", "-f", &folder]);
}
