//! Every way in which an object can be changed, and what is to be found then.

use super::{Cluster, NAMESPACE};

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
pub(super) fn changed(cluster: &Cluster, how: &str) {
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
