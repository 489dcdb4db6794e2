//! The spec's table, its schema and its types say the same.

use std::path::Path;

use delivery::diagnostic::Level;
use delivery::source::yaml::{self, Limits};
use delivery::spec;

use crate::reference::{REFERENCE, load};

#[test]
fn committed_schema_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/spec.schema.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == spec::schema_text(),
        "schemas/spec.schema.json is stale; write it anew with `cargo run -- schema > schemas/spec.schema.json`"
    );
}

#[test]
fn reference_has_no_error_and_one_environment() {
    let model = load(REFERENCE).expect("the reference is valid");
    assert_eq!(model.environments.len(), 1);
    assert_eq!(model.environments[0].name, "production");
    let azure = model.environments[0].stack.azure.as_ref().expect("given");
    assert_eq!(azure.aks.name, "flask-application-production");
    assert_eq!(azure.acr.login_server, "flaskapplication.azurecr.io");
    let github = model.environments[0].stack.github.as_ref().expect("given");
    assert_eq!(
        github.subjects.branch,
        "repo:example/flask-application:ref:refs/heads/main"
    );
    assert_eq!(
        github.subjects.environment.as_deref(),
        Some("repo:example/flask-application:environment:production")
    );
}

#[test]
fn ids_give_the_immutable_subject() {
    let text = REFERENCE.replace(
        "  branch: main\n",
        "  branch: main\n  owner_id: 7\n  repository_id: 9\n",
    );
    let model = load(&text).expect("valid");
    let github = model.stack.github.expect("given");
    assert_eq!(
        github.subjects.branch,
        "repo:example@7/flask-application@9:ref:refs/heads/main"
    );
}

#[test]
fn environments_overlay_the_spec_and_come_in_order() {
    let text = format!(
        "{REFERENCE}environments:\n  prod: {{ kubernetes: {{ replicas: 5 }}, azure: {{ aks: {{ max_count: 9 }} }} }}\n  dev: {{ app: {{ env: {{ LOG_LEVEL: DEBUG }} }} }}\n  test:\n"
    );
    let model = load(&text).expect("valid");
    let names: Vec<&str> = model.environments.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["dev", "test", "prod"]);
    let replicas: Vec<u32> = model
        .environments
        .iter()
        .map(|e| e.stack.kubernetes.as_ref().expect("given").replicas)
        .collect();
    assert_eq!(replicas, [2, 2, 5]);
    assert_eq!(
        model.environments[2]
            .stack
            .azure
            .as_ref()
            .expect("given")
            .aks
            .max_count,
        9
    );
    assert_eq!(model.environments[0].stack.app.env["LOG_LEVEL"], "DEBUG");
    assert!(model.stack.app.env.is_empty());
}

#[test]
fn promotion_can_be_stated() {
    let text = format!("{REFERENCE}environments: {{ blue: , green: }}\npromotion: [green, blue]\n");
    let names: Vec<String> = load(&text)
        .expect("valid")
        .environments
        .into_iter()
        .map(|e| e.name)
        .collect();
    assert_eq!(names, ["green", "blue"]);
}

#[test]
fn settings_lie_over_the_file_and_their_faults_are_shown_on_themselves() {
    let mut report = delivery::diagnostic::Reporter::new();
    let file = crate::reference::source(REFERENCE);
    let model = spec::load(
        &file,
        &[
            "app.port=8080".to_owned(),
            "kubernetes.ingress=false".to_owned(),
        ],
        &mut report,
    )
    .expect("valid");
    assert_eq!(model.stack.app.port, 8080);
    assert!(model.stack.kubernetes.expect("given").ingress.is_none());

    let mut report = delivery::diagnostic::Reporter::new();
    assert!(spec::load(&file, &["app.port=80".to_owned()], &mut report).is_none());
    let label = report
        .diagnostics()
        .iter()
        .find(|d| d.level == Level::Error)
        .and_then(|d| d.primary.clone())
        .expect("located");
    assert_eq!(
        (label.source.path(), label.source.slice(label.span)),
        ("--set", "80")
    );
}

#[test]
fn byte_order_mark_and_line_ends_do_not_matter() {
    let plain = serde_json::to_value(load(REFERENCE).expect("valid")).expect("data");
    let crlf = format!("\u{feff}{}", REFERENCE.replace('\n', "\r\n"));
    assert_eq!(
        plain,
        serde_json::to_value(load(&crlf).expect("valid")).expect("data")
    );
}

#[test]
fn commented_spec_is_a_spec() {
    let example = yaml::read(REFERENCE, &Limits::SPEC)
        .expect("valid")
        .documents
        .remove(0);
    let groups = ["kubernetes", "azure", "github"].map(str::to_owned);
    let text = spec::init::commented(&example, &groups, "# schema");
    let before = serde_json::to_value(load(REFERENCE).expect("valid")).expect("data");
    let after = serde_json::to_value(load(&text).unwrap_or_else(|d| panic!("{d:#?}\n{text}")))
        .expect("data");
    assert_eq!(before, after, "{text}");

    // Taking the marks away gives every field with its default, and nothing changes.
    let widest = text
        .lines()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0);
    assert!(widest <= 120, "{widest}");
}
