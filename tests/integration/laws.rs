//! The laws of the generator: pure, and the same for every spelling of the same spec.

use delivery::diagnostic::Reporter;
use delivery::plan::{Plan, RelPath};
use delivery::source::yaml::{self, Kind, Limits, Node};

use crate::reference::{REFERENCE, plan, plan_with, source, varied};

fn bytes(plan: &Plan) -> Vec<(&str, bool, &[u8])> {
    plan.artifacts()
        .iter()
        .map(|(path, artifact)| (path.as_str(), artifact.executable, &artifact.bytes[..]))
        .collect()
}

#[test]
fn rendering_twice_gives_the_same_bytes() {
    assert_eq!(bytes(&plan(REFERENCE)), bytes(&plan(REFERENCE)));
}

#[test]
fn every_varied_spec_renders() {
    let specs = varied();
    assert!(specs.len() >= 40, "{} specs", specs.len());
    for (name, settings) in specs {
        let plan = plan_with(&source(REFERENCE), &settings)
            .unwrap_or_else(|found| panic!("{name}: {found:#?}"));
        for (path, artifact) in plan.artifacts() {
            let text = std::str::from_utf8(&artifact.bytes)
                .unwrap_or_else(|_| panic!("{name}: {path} is not UTF-8"));
            assert!(
                !text.contains("<{") && !text.contains("<%"),
                "{name}: {path} has a hole left"
            );
            assert!(
                text.is_empty() || text.ends_with('\n'),
                "{name}: {path} has no line break at its end"
            );
            assert!(!text.contains('\r'), "{name}: {path} has a carriage return");
        }
    }
}

/// Writes a node as flow YAML with its keys in an order of their own and every string double-quoted.
fn respell(node: &Node, turn: usize) -> String {
    match &node.kind {
        Kind::Scalar(scalar) => {
            let bare = scalar.text.parse::<i64>().is_ok() && scalar.style == yaml::Style::Plain
                || ["true", "false", ""].contains(&scalar.text.as_str());
            if bare {
                scalar.text.clone()
            } else {
                serde_json::to_string(&scalar.text).expect("text")
            }
        }
        Kind::Sequence(items) => format!(
            "[{}]",
            items
                .iter()
                .map(|item| respell(item, turn))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Kind::Mapping(entries) => {
            let mut parts: Vec<String> = entries
                .iter()
                .map(|entry| format!("{}: {}", entry.key, respell(&entry.value, turn)))
                .collect();
            let by = turn % parts.len().max(1);
            parts.rotate_left(by);
            if turn % 2 == 1 {
                parts.reverse();
            }
            format!("{{{}}}", parts.join(", "))
        }
    }
}

#[test]
fn order_of_keys_and_spelling_do_not_matter() {
    let text = format!(
        "{REFERENCE}environments: {{ prod: {{ kubernetes: {{ replicas: 3 }} }}, dev: {{ app: {{ env: {{ B: x, A: y }} }} }} }}\n"
    );
    let expected = plan(&text);
    let node = yaml::read(&text, &Limits::SPEC)
        .expect("valid")
        .documents
        .remove(0);
    for turn in 0..40 {
        let respelled = respell(&node, turn);
        assert!(bytes(&plan(&respelled)) == bytes(&expected), "{respelled}");
    }
}

#[test]
fn an_alias_is_the_value_that_it_names() {
    let aliased = REFERENCE
        .replace(
            "requests: { cpu: 100m, memory: 128Mi }",
            "requests: &r { cpu: 100m, memory: 128Mi }",
        )
        .replace(
            "limits: { memory: 256Mi }",
            "limits: { <<: *r, memory: 256Mi }",
        );
    let written = REFERENCE.replace(
        "limits: { memory: 256Mi }",
        "limits: { cpu: 100m, memory: 256Mi }",
    );
    assert_eq!(bytes(&plan(&aliased)), bytes(&plan(&written)));
}

#[test]
fn no_output_names_this_machine() {
    let home = std::env::var("HOME").unwrap_or_default();
    for (path, artifact) in plan(REFERENCE).artifacts() {
        let text = String::from_utf8_lossy(&artifact.bytes);
        for secret in [env!("CARGO_MANIFEST_DIR"), home.as_str()] {
            assert!(
                secret.len() < 4 || !text.contains(&format!("{secret}/")) || home == "/root",
                "{path} names {secret}"
            );
        }
    }
}

#[test]
fn in_place_the_application_is_the_users_own() {
    let mut report = Reporter::new();
    let model = delivery::spec::load(&source(REFERENCE), &[], &mut report).expect("valid");
    let own = crate::reference::renderer()
        .render(&model, true, &mut report)
        .expect("renders");
    assert!(
        own.artifacts()
            .keys()
            .all(|path| !path.as_str().starts_with("app/"))
    );
    assert!(
        plan(REFERENCE)
            .artifacts()
            .keys()
            .any(|path| path.as_str() == "app/run.py")
    );
}

/// Values as Helm merges files of them: maps join, null removes, anything else replaces.
fn merged(base: serde_json::Value, over: serde_json::Value) -> serde_json::Value {
    match (base, over) {
        (serde_json::Value::Object(mut base), serde_json::Value::Object(over)) => {
            for (key, value) in over {
                if value.is_null() {
                    base.remove(&key);
                    continue;
                }
                let old = base.remove(&key).unwrap_or_default();
                base.insert(key, merged(old, value));
            }
            serde_json::Value::Object(base)
        }
        (_, over) => over,
    }
}

fn values(plan: &Plan, path: &str) -> serde_json::Value {
    let artifact = plan
        .artifacts()
        .iter()
        .find(|(own, _)| own.as_str() == path)
        .unwrap_or_else(|| panic!("no {path}"))
        .1;
    let text = std::str::from_utf8(&artifact.bytes).unwrap();
    json(&yaml::read(text, &Limits::REPOSITORY).unwrap().documents[0])
}

/// What a node says; a plain scalar that is no JSON is text, which is enough for what `gen` writes.
fn json(node: &Node) -> serde_json::Value {
    match &node.kind {
        Kind::Scalar(scalar) if scalar.style == yaml::Style::Plain => {
            serde_json::from_str(&scalar.text).unwrap_or_else(|_| scalar.text.clone().into())
        }
        Kind::Scalar(scalar) => scalar.text.clone().into(),
        Kind::Sequence(items) => items.iter().map(json).collect(),
        Kind::Mapping(entries) => {
            let pair = |entry: &yaml::Entry| (entry.key.clone(), json(&entry.value));
            entries
                .iter()
                .map(pair)
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
    }
}

#[test]
fn an_overlay_gives_what_the_base_would_give() {
    let overlays: [&[&str]; 11] = [
        &["azure.aks.max_count=9"],
        &["kubernetes.replicas=5"],
        &[
            "kubernetes.resources.limits.memory=512Mi",
            "kubernetes.resources.requests.cpu=250m",
        ],
        &["kubernetes.autoscaling={min: 2, max: 6}"],
        &["kubernetes.ingress.host=other.example.org"],
        &["kubernetes.ingress.path=/"],
        &["kubernetes.network_policy=false"],
        &["kubernetes.monitoring=true"],
        &["app.env={LOG_LEVEL: DEBUG, EMPTY: \"\"}"],
        &["app.workers=4", "app.port=8081"],
        &[
            "kubernetes.disruption_budget=false",
            "kubernetes.topology_spread=false",
        ],
    ];
    let mut told = 0;
    for settings in overlays {
        let all = |prefix: &str| -> Vec<String> {
            settings
                .iter()
                .map(|setting| format!("{prefix}{setting}"))
                .collect()
        };
        let spec = source(REFERENCE);
        let base = plan_with(&spec, &all("")).unwrap();
        // What differs is refused where every environment shares it.
        let Ok(laid) = plan_with(&spec, &all("environments.dev.")) else {
            continue;
        };
        told += 1;
        let both = merged(
            values(&laid, "chart/values.yaml"),
            values(&laid, "chart/values-dev.yaml"),
        );
        assert_eq!(both, values(&base, "chart/values.yaml"), "{settings:?}");
        let plain = plan_with(&spec, &["environments.dev={}".to_owned()]).unwrap();
        assert_ne!(bytes(&laid), bytes(&plain), "{settings:?} changes nothing");
    }
    assert!(told >= 8, "only {told} overlays were taken");
}

#[test]
fn the_pipeline_installs_the_version_that_rendered_it() {
    let plan = plan(REFERENCE);
    let workflow = &plan.artifacts()[&RelPath::new(".github/workflows/delivery.yml").unwrap()];
    let text = String::from_utf8_lossy(&workflow.bytes);
    let version = concat!("VERSION: \"", env!("CARGO_PKG_VERSION"), "\"");
    assert!(
        text.contains(version),
        "`tools.gen` in pins.yaml is another"
    );
}
