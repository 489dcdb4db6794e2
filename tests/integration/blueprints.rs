//! Every blueprint beside the reference: each of its varied specs (`tests/varied/<blueprint>.txt`) renders, and
//! `gen lint` has nothing to say of what comes out.

use std::collections::BTreeMap;

use delivery::blueprint::Library;
use delivery::diagnostic::{Diagnostic, Level, Reporter};
use delivery::plan::Plan;
use delivery::target::Renderer;

use crate::lint::lint;
use crate::reference::source;

const BLUEPRINTS: [(&str, &str, &str); 2] = [
    (
        "flask-fargate",
        include_str!("../../blueprints/flask-fargate/spec.yaml"),
        include_str!("../varied/flask-fargate.txt"),
    ),
    (
        "flask-minikube",
        include_str!("../../blueprints/flask-minikube/spec.yaml"),
        include_str!("../varied/flask-minikube.txt"),
    ),
];

fn render(renderer: &Renderer, spec: &str, settings: &[String]) -> Result<Plan, Vec<Diagnostic>> {
    let mut report = Reporter::new();
    let plan = delivery::spec::load(&source(spec), settings, &mut report)
        .and_then(|model| renderer.render(&model, false, &mut report));
    plan.ok_or_else(|| report.into_diagnostics())
}

#[test]
fn every_varied_spec_renders_and_is_linted_in_silence() {
    for (blueprint, spec, varied) in BLUEPRINTS {
        let mut report = Reporter::new();
        let renderer = Renderer::new(Library::embedded(), blueprint, &mut report)
            .unwrap_or_else(|| panic!("{:#?}", report.diagnostics()));
        let lines: Vec<&str> = varied
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
            .collect();
        assert!(lines.len() >= 10, "{blueprint}: {} specs", lines.len());
        for line in lines {
            let mut parts = line.split(" | ").map(|part| part.trim().to_owned());
            let name = parts.next().expect("a line has a name");
            let settings: Vec<String> = parts.collect();
            let plan = render(&renderer, spec, &settings)
                .unwrap_or_else(|told| panic!("{name} was refused: {told:#?}"));
            let files: BTreeMap<String, String> = plan
                .artifacts()
                .iter()
                .filter_map(|(path, artifact)| {
                    let text = String::from_utf8(artifact.bytes.to_vec()).ok()?;
                    Some((path.as_str().to_owned(), text))
                })
                .collect();
            let told = lint(&files);
            assert!(told.is_empty(), "{name}: {told:#?}");
        }
    }
}

#[test]
fn a_spec_without_a_nested_group_is_told_which() {
    let (blueprint, spec, _) = BLUEPRINTS[0];
    let mut report = Reporter::new();
    let renderer = Renderer::new(Library::embedded(), blueprint, &mut report).expect("a blueprint");
    let told = render(&renderer, spec, &["aws.ecs=false".to_owned()]).expect_err("a refusal");
    let messages: Vec<&str> = told.iter().map(|one| one.message.as_str()).collect();
    assert!(
        messages
            .iter()
            .any(|message| message.contains("needs `aws.ecs`")),
        "{messages:#?}"
    );
}

/// The errors and warnings of a spec with settings, by id.
fn told(spec: &str, settings: &[&str]) -> Vec<&'static str> {
    let settings: Vec<String> = settings.iter().map(|one| (*one).to_owned()).collect();
    let mut report = Reporter::new();
    delivery::spec::load(&source(spec), &settings, &mut report);
    let diagnostics = report.into_diagnostics();
    let weighty = diagnostics.iter().filter(|one| one.level >= Level::Warning);
    weighty.map(|one| one.id).collect()
}

#[test]
fn minikube_is_held_to_what_its_add_on_can_do() {
    let spec = BLUEPRINTS[1].1;
    assert_eq!(told(spec, &[]), [""; 0]);
    let refused = [
        (
            "kubernetes.ingress.controller=gateway",
            "conflicting-fields",
        ),
        ("kubernetes.ingress.tls={issuer: ca}", "conflicting-fields"),
        ("minikube.image=push", "missing-field"),
    ];
    for (setting, id) in refused {
        assert!(told(spec, &[setting]).contains(&id), "{setting}");
    }
}

#[test]
fn a_drift_check_knows_where_the_spec_is_and_fits_its_names() {
    let spec = BLUEPRINTS[1].1;
    let image = r#"image: "registry.example.com/gen:1""#;
    let bare = format!("kubernetes.drift_check={{{image}}}");
    assert_eq!(told(spec, &[&bare]), ["missing-field"], "no repository");
    let repository = r#"repository: "https://git.example.com/a.git""#;
    let whole = format!("kubernetes.drift_check={{{image}, {repository}}}");
    assert_eq!(told(spec, &[&whole]), [""; 0]);
    let name = |length: usize| format!("name={}", "a".repeat(length));
    assert_eq!(told(spec, &[&whole, &name(46)]), [""; 0]);
    assert_eq!(told(spec, &[&whole, &name(47)]), ["long-name"]);
}

#[test]
fn plain_http_needs_a_word_and_gets_a_warning() {
    let spec = BLUEPRINTS[0].1;
    assert_eq!(told(spec, &[]), [""; 0]);
    let off = "aws.ecs.https=false";
    assert_eq!(told(spec, &[off]), ["missing-field"]);
    assert_eq!(
        told(spec, &[off, "aws.ecs.http=development"]),
        ["plain-http"]
    );
    let secret = "app.secrets={TOKEN: {secret: hello, key: token}}";
    assert_eq!(told(spec, &[secret]), ["unread-secret"]);
}

/// The names that a file declares at its left margin, each with the text of its block.
fn declared<'a>(text: &'a str, kind: &str) -> Vec<(&'a str, &'a str)> {
    text.split(&format!("{kind} \""))
        .skip(1)
        .filter_map(|block| block.split_once('"'))
        .map(|(name, rest)| (name, rest.split("\n}").next().unwrap_or(rest)))
        .collect()
}

#[test]
fn every_terraform_module_says_what_it_takes_and_is_tested_where_it_refuses() {
    let parts = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("blueprints/parts");
    let folders = |path: &std::path::Path| -> Vec<std::path::PathBuf> {
        let mut found: Vec<_> = std::fs::read_dir(path)
            .into_iter()
            .flatten()
            .map(|entry| entry.expect("an entry").path())
            .collect();
        found.sort();
        found
    };
    let mut seen = 0;
    for module in folders(&parts)
        .iter()
        .flat_map(|part| folders(&part.join("modules")))
    {
        let name = module.display();
        let read = |file: &str| {
            std::fs::read_to_string(module.join(file))
                .unwrap_or_else(|error| panic!("{name}/{file}: {error}"))
        };
        let (readme, variables, outputs) =
            (read("README.md"), read("variables.tf"), read("outputs.tf"));
        let tests: String = folders(&module.join("tests"))
            .iter()
            .map(|file| std::fs::read_to_string(file).expect("a test"))
            .collect();
        let variables = declared(&variables, "variable");
        let listed = variables
            .iter()
            .chain(&declared(&outputs, "output"))
            .copied()
            .collect::<Vec<_>>();
        for (own, _) in listed {
            assert!(
                readme.contains(&format!("| `{own}` |")),
                "{name}: README.md lacks {own}"
            );
        }
        let refusing: Vec<_> = variables
            .iter()
            .filter(|(_, block)| block.contains("validation {"))
            .collect();
        assert!(!refusing.is_empty(), "{name} refuses nothing");
        for (own, _) in refusing {
            let refused = tests.split("expect_failures").skip(1).any(|rest| {
                rest.split(']')
                    .next()
                    .is_some_and(|list| list.contains(&format!("var.{own}")))
            });
            assert!(refused, "{name}: no test shows that {own} is refused");
        }
        seen += 1;
    }
    assert!(seen >= 22, "{seen} modules");
}
