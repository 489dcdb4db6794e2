//! Plain manifests: the rendered chart, evaluated, where the spec asks for it.

use delivery::chart::{Chart, Options, Release, Values, evaluate};
use delivery::diagnostic::Reporter;
use delivery::plan::{Plan, Target};
use delivery::source::Source;

use crate::reference;

fn plan(settings: &[&str]) -> Plan {
    let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
    reference::plan_with(&reference::source(reference::REFERENCE), &settings).unwrap()
}

fn manifests(plan: &Plan) -> Vec<(&str, &str)> {
    plan.artifacts()
        .iter()
        .filter(|(_, artifact)| artifact.target == Target::Manifests)
        .map(|(path, artifact)| {
            let text = std::str::from_utf8(&artifact.bytes).unwrap();
            (path.as_str(), text)
        })
        .collect()
}

#[test]
fn nothing_is_written_unless_the_spec_asks() {
    assert!(manifests(&plan(&[])).is_empty());
}

#[test]
fn every_object_of_the_chart_has_a_file_that_sorts_where_it_is_applied() {
    let plan = plan(&["kubernetes.manifests=true", "kubernetes.monitoring=true"]);
    let names: Vec<&str> = manifests(&plan).iter().map(|(path, _)| *path).collect();
    assert_eq!(
        names,
        [
            "manifests/production/03-networkpolicy-flask-application.yaml",
            "manifests/production/07-poddisruptionbudget-flask-application.yaml",
            "manifests/production/08-serviceaccount-flask-application.yaml",
            "manifests/production/24-service-flask-application.yaml",
            "manifests/production/29-deployment-flask-application.yaml",
            "manifests/production/39-httproute-flask-application.yaml",
            "manifests/production/39-servicemonitor-flask-application.yaml",
        ]
    );
}

#[test]
fn manifests_and_chart_say_the_same() {
    let plan = plan(&["kubernetes.manifests=true", "kubernetes.replicas=5"]);
    let files = plan.artifacts().iter().filter_map(|(path, artifact)| {
        let inside = path.as_str().strip_prefix("chart/")?;
        Some((inside.to_owned(), artifact.bytes.to_vec()))
    });
    let mut report = Reporter::new();
    let chart = Chart::load("chart", files, &mut report).unwrap();
    let mut values = Values::new();
    let own = plan
        .artifacts()
        .iter()
        .find(|(path, _)| path.as_str() == "chart/values-production.yaml");
    let text = String::from_utf8(own.unwrap().1.bytes.to_vec()).unwrap();
    values
        .add_file(&Source::new("values", text), &mut report)
        .unwrap();
    let release = Release {
        name: "flask-application".to_owned(),
        namespace: "flask-application".to_owned(),
        upgrade: false,
    };
    let rendered = evaluate(
        &chart,
        &values,
        &release,
        &delivery::chart::Capabilities::default(),
        &Options::default(),
        &mut report,
    )
    .unwrap();
    let written = manifests(&plan);
    let plain = rendered
        .objects
        .iter()
        .filter(|object| object.hook.is_none());
    for object in plain {
        let text = object.source.text().trim_end();
        assert!(
            written
                .iter()
                .any(|(_, file)| file.trim_end().ends_with(text)),
            "no file holds\n{text}"
        );
    }
    assert!(written.iter().any(|(_, text)| text.contains("replicas: 5")));
}
