//! `gen diff`: what is different between two stacks, and that nothing else is told.

use std::fs;

use crate::drift::{gen_in, replace, spec, stderr, stdout};
use crate::support::tree::{Temp, put};

fn with_environments() -> Temp {
    let root = Temp::new();
    let text = spec("web").replace(
        "github:\n",
        "environments:\n  dev: { kubernetes: { replicas: 1 } }\n  prod: { kubernetes: { autoscaling: { min: 2, max: 5, cpu: 70 } }, azure: { aks: { node_count: 2 } } }\ngithub:\n",
    );
    put(root.path(), "spec.yaml", &text);
    root
}

fn diff(root: &Temp, args: &[&str]) -> String {
    let args: Vec<&str> = ["diff"].iter().chain(args).copied().collect();
    let output = gen_in(root.path(), &args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

#[test]
fn environments_are_compared_object_by_object() {
    let root = with_environments();
    let text = diff(&root, &["dev", "prod"]);
    for line in [
        "  ~ Deployment web\n",
        "      spec.replicas: 1 is gone\n",
        "  + HorizontalPodAutoscaler web\n",
        "  ~ terraform/cluster/dev.tfvars → terraform/cluster/prod.tfvars\n",
        "      node_count: 1 → 2\n",
        "      spec.source.path: \"dev\" → \"prod\"\n",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
    assert!(
        !text.contains("~ Service web") && !text.contains("\nFiles\n"),
        "{text}"
    );
    assert_eq!(diff(&root, &["dev", "dev"]), "");
    let back = diff(&root, &["env:prod", "env:dev"]);
    assert!(back.contains("  - HorizontalPodAutoscaler web\n"), "{back}");
}

#[test]
fn specs_are_compared_as_wholes() {
    let root = with_environments();
    fs::copy(root.join("spec.yaml"), root.join("other.spec.yaml")).unwrap();
    assert_eq!(diff(&root, &["spec.yaml", "other.spec.yaml"]), "");
    replace(&root, "other.spec.yaml", "Standard_B2s", "Standard_B4s");
    replace(&root, "other.spec.yaml", "replicas: 1", "replicas: 3");
    let text = diff(&root, &["spec.yaml", "other.spec.yaml"]);
    for line in [
        "  ~ dev: Deployment web\n",
        "      spec.replicas: 1 → 3\n",
        "  ~ terraform/cluster/dev.tfvars\n      vm_size: \"Standard_B2s\" → \"Standard_B4s\"\n",
        "  ~ README.md\n",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
    let markdown = diff(
        &root,
        &["spec.yaml", "other.spec.yaml", "--format", "markdown"],
    );
    assert!(
        markdown.contains("| `spec.replicas` | `1` | `3` |"),
        "{markdown}"
    );
    let output = gen_in(
        root.path(),
        &["diff", "spec.yaml", "other.spec.yaml", "--exit-code"],
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let root = with_environments();
    for args in [
        &["diff", "dev"][..],
        &["diff", "dev", "spec.yaml"],
        &["diff", "dev", "nope"],
        &["diff", "dev", "prod", "--format", "sarif"],
    ] {
        let output = gen_in(root.path(), args);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{args:?}: {}",
            stdout(&output)
        );
    }
}

#[test]
fn scripts_get_every_difference_as_json() {
    let root = with_environments();
    let report = diff(&root, &["dev", "prod", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    let differences = report["differences"].as_array().expect("a list");
    let of = |name: &str| {
        let mut found = differences.iter();
        found.find(|one| one["name"] == name).expect("a difference")
    };
    assert_eq!(of("HorizontalPodAutoscaler web")["change"], "added");
    let deployment = of("Deployment web");
    assert_eq!(
        (&deployment["group"], &deployment["change"]),
        (&"Kubernetes".into(), &"fields".into())
    );
    let replicas = serde_json::json!({ "place": "spec.replicas", "from": 1, "to": null });
    let fields = deployment["fields"].as_array().expect("a list");
    assert!(fields.contains(&replicas), "{fields:#?}");
    let nothing = diff(&root, &["dev", "dev", "--format", "json"]);
    let nothing: serde_json::Value = serde_json::from_str(&nothing).expect("JSON");
    assert_eq!(nothing["differences"], serde_json::json!([]));
}
