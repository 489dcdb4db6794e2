use serde_json::{Value, json};

use super::*;

/// A Deployment as a server would answer, with the fields that `entries` name.
fn deployment(replicas: Value, image: &str, entries: Value) -> Value {
    json!({
        "kind": "Deployment",
        "metadata": { "name": "web", "uid": "1", "managedFields": entries },
        "spec": {
            "replicas": replicas,
            "paused": false,
            "template": { "spec": { "containers": [{ "name": "web", "image": image, "tty": false }] } },
        },
        "status": { "replicas": 1 },
    })
}

fn container(fields: Value) -> Value {
    json!({ "f:template": { "f:spec": { "f:containers": { "k:{\"name\":\"web\"}": fields } } } })
}

fn merged(mut fields: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        fields[key] = value.clone();
    }
    fields
}

fn entry(manager: &str, operation: &str, time: &str, spec: Value) -> Value {
    json!({ "manager": manager, "operation": operation, "time": time, "fieldsV1": { "f:spec": spec } })
}

/// What the spec says: two replicas of `web:1`.
fn applied() -> Value {
    let own = merged(
        container(json!({ ".": {}, "f:name": {}, "f:image": {} })),
        json!({ "f:replicas": {} }),
    );
    deployment(json!(2), "web:1", json!([entry(MANAGER, "Apply", "", own)]))
}

fn of_helm() -> Value {
    let own = merged(
        container(json!({ ".": {}, "f:name": {}, "f:image": {} })),
        json!({ "f:replicas": {} }),
    );
    entry("helm", "Apply", "2026-01-01T00:00:00Z", own)
}

fn compared(live: &Value, alone: Option<&Value>) -> Compared {
    compare(Answers {
        live,
        applied: &applied(),
        alone,
        deployers: &[],
    })
}

fn told(live: &Value, alone: Option<&Value>) -> Vec<String> {
    let changes = compared(live, alone).changes.into_iter();
    changes
        .map(|c| format!("{} {} {}", c.path, c.cause.name(), c.drift))
        .collect()
}

#[test]
fn an_object_as_it_was_deployed_has_no_change_and_its_defaults_are_known() {
    let found = compared(&deployment(json!(2), "web:1", json!([of_helm()])), None);
    assert_eq!(found.changes, []);
    assert_eq!(
        found.defaulted,
        ["spec.paused", "spec.template.spec.containers[0].tty"]
    );
}

#[test]
fn a_field_is_blamed_on_the_hand_the_program_or_the_deployment_that_wrote_it() {
    let without = container(json!({ ".": {}, "f:name": {}, "f:image": {} }));
    let helm = entry("helm", "Apply", "2026-01-01T00:00:00Z", without);
    let by = |manager: &str| {
        let other = entry(
            manager,
            "Update",
            "2026-02-01T00:00:00Z",
            json!({ "f:replicas": {} }),
        );
        deployment(json!(5), "web:1", json!([helm.clone(), other]))
    };
    assert_eq!(told(&by("kubectl-edit"), None), ["spec.replicas hand true"]);
    assert_eq!(told(&by("keda"), None), ["spec.replicas manager true"]);
    assert_eq!(
        told(&deployment(json!(5), "web:1", json!([of_helm()])), None),
        ["spec.replicas deployer true"]
    );
}

#[test]
fn another_version_that_was_deployed_is_no_drift_and_one_set_by_hand_is() {
    let image = "spec.template.spec.containers[name=web].image";
    let deployed = deployment(json!(2), "web:2", json!([of_helm()]));
    assert_eq!(told(&deployed, None), [format!("{image} deployer false")]);
    let elsewhere = deployment(json!(2), "evil/web:1", json!([of_helm()]));
    assert_eq!(told(&elsewhere, None), [format!("{image} deployer true")]);
    let helm = entry(
        "helm",
        "Apply",
        "1",
        merged(
            container(json!({ ".": {}, "f:name": {} })),
            json!({ "f:replicas": {} }),
        ),
    );
    let hand = entry(
        "kubectl-set",
        "Update",
        "2",
        container(json!({ "f:image": {} })),
    );
    let by_hand = deployment(json!(2), "web:2", json!([helm, hand]));
    assert_eq!(told(&by_hand, None), [format!("{image} hand true")]);
}

#[test]
fn what_somebody_added_is_one_change_however_many_fields_it_has() {
    let mut live = deployment(json!(2), "web:1", json!([of_helm()]));
    live["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{ "name": "DEBUG", "value": "1" }, { "name": "DB_PASSWORD", "value": "hunter2" }]);
    let env = |name: &str| {
        (
            format!("k:{{\"name\":\"{name}\"}}"),
            json!({ ".": {}, "f:name": {}, "f:value": {} }),
        )
    };
    let fields: serde_json::Map<String, Value> = [
        (".".to_owned(), json!({})),
        env("DEBUG"),
        env("DB_PASSWORD"),
    ]
    .into_iter()
    .collect();
    let hand = entry(
        "kubectl-edit",
        "Update",
        "2",
        container(json!({ "f:env": fields })),
    );
    live["metadata"]["managedFields"]
        .as_array_mut()
        .unwrap()
        .push(hand);
    let changes = compared(&live, None).changes;
    let text = format!("{changes:?}");
    assert_eq!(changes.len(), 1, "{text}");
    assert_eq!(
        changes[0].path,
        "spec.template.spec.containers[name=web].env"
    );
    assert!(
        text.contains("DEBUG") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn what_a_program_added_is_told_and_is_no_drift() {
    let mut live = deployment(json!(2), "web:1", json!([of_helm()]));
    live["spec"]["restarts"] = json!(3);
    let robot = entry("some-operator", "Apply", "2", json!({ "f:restarts": {} }));
    live["metadata"]["managedFields"]
        .as_array_mut()
        .unwrap()
        .push(robot);
    assert_eq!(told(&live, None), ["spec.restarts manager false"]);
}

#[test]
fn what_was_created_owns_defaults_and_those_are_no_change() {
    let fields = merged(
        container(json!({ ".": {}, "f:name": {}, "f:image": {}, "f:tty": {} })),
        json!({ "f:replicas": {}, "f:paused": {}, "f:left": {} }),
    );
    let mut live = deployment(
        json!(2),
        "web:1",
        json!([entry("helm", "Update", "1", fields)]),
    );
    live["spec"]["left"] = json!("over");
    assert!(needs_alone(Answers {
        live: &live,
        applied: &applied(),
        alone: None,
        deployers: &[],
    }));
    assert_eq!(
        told(&live, None),
        Vec::<String>::new(),
        "nothing is told that may be a default"
    );
    let alone = applied();
    assert_eq!(told(&live, Some(&alone)), ["spec.left deployer true"]);
    live["spec"]["paused"] = json!(true);
    assert_eq!(
        told(&live, Some(&alone)),
        ["spec.left deployer true", "spec.paused deployer true"]
    );
}

#[test]
fn a_field_that_is_gone_is_blamed_on_the_person_who_wrote_last() {
    let mut live = deployment(json!(2), "web:1", json!([of_helm()]));
    live["spec"].as_object_mut().unwrap().remove("replicas");
    assert_eq!(told(&live, None), ["spec.replicas unknown true"]);
    let mut touch = |time: &str| {
        let hand = entry("kubectl-patch", "Update", time, json!({ "f:paused": {} }));
        live["metadata"]["managedFields"] = json!([of_helm(), hand]);
        live["spec"]["paused"] = json!(false);
        told(&live, Some(&applied()))
    };
    assert_eq!(
        touch("2025-01-01T00:00:00Z"),
        ["spec.replicas unknown true"]
    );
    assert_eq!(touch("2027-01-01T00:00:00Z"), ["spec.replicas hand true"]);
}

#[test]
fn equal_quantities_are_equal_where_the_server_keeps_texts() {
    let applied = json!({ "kind": "Cache", "spec": { "limits": { "memory": "1024Mi" }, "size": "1024Mi" },
        "metadata": { "managedFields": [entry(MANAGER, "Apply", "", json!({ "f:limits": {}, "f:size": {} }))] } });
    let live = json!({ "kind": "Cache", "spec": { "limits": { "memory": "1Gi" }, "size": "1Gi" },
        "metadata": { "managedFields": [entry("helm", "Apply", "", json!({ "f:limits": {}, "f:size": {} }))] } });
    let found = compare(Answers {
        live: &live,
        applied: &applied,
        alone: None,
        deployers: &[],
    });
    let paths: Vec<&str> = found
        .changes
        .iter()
        .map(|change| change.path.as_str())
        .collect();
    assert_eq!(
        paths,
        ["spec.size"],
        "a field that only looks like a quantity is a text"
    );
}

#[test]
fn the_values_of_a_secret_are_never_told() {
    let entry = |manager: &str| json!({ "manager": manager, "operation": "Apply", "fieldsV1": { "f:data": { "f:key": {} } } });
    let secret = |value: &str, manager: &str| {
        json!({ "kind": "Secret", "data": { "key": value },
        "metadata": { "managedFields": [entry(manager)] } })
    };
    let (live, applied) = (secret("Y2FuYXJ5", "helm"), secret("b3RoZXI=", MANAGER));
    let found = compare(Answers {
        live: &live,
        applied: &applied,
        alone: None,
        deployers: &[],
    });
    let text = format!("{:?}", found.changes);
    assert!(
        text.contains("data.key") && !text.contains("Y2FuYXJ5") && !text.contains("b3RoZXI"),
        "{text}"
    );
}

#[test]
fn an_image_is_cut_at_its_tag_and_digest_and_not_at_a_port() {
    for (image, name) in [
        ("web", "web"),
        ("registry:5000/web", "registry:5000/web"),
        ("registry:5000/a/web:1@sha256:00", "registry:5000/a/web"),
        ("web@sha256:00", "web"),
    ] {
        assert_eq!(repository(image), name);
    }
}
