//! The blueprint `notejam`: its varied specs render, and more writers than one on SQLite are refused with two
//! ways out that both lead somewhere.

use delivery::blueprint::Library;
use delivery::diagnostic::{Diagnostic, Level, Reporter};
use delivery::plan::Plan;
use delivery::target::Renderer;

use crate::reference::source;

const NOTEJAM: &str = include_str!("../../blueprints/notejam/spec.yaml");

/// The plan with settings over the spec, and everything that was told.
fn render(settings: &[&str]) -> (Option<Plan>, Vec<Diagnostic>) {
    let settings: Vec<String> = settings.iter().map(|one| (*one).to_owned()).collect();
    let mut report = Reporter::new();
    let plan = delivery::spec::load(&source(NOTEJAM), &settings, &mut report).and_then(|model| {
        Renderer::new(Library::embedded(), "notejam", &mut report)?.render(
            &model,
            false,
            &mut report,
        )
    });
    (plan, report.into_diagnostics())
}

fn errors(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics
        .into_iter()
        .filter(|one| one.level == Level::Error)
        .collect()
}

fn text(plan: &Plan, path: &str) -> String {
    let artifact = plan
        .artifacts()
        .iter()
        .find(|(own, _)| own.as_str() == path)
        .unwrap_or_else(|| panic!("there is no {path}"));
    String::from_utf8(artifact.1.bytes.to_vec()).expect("a text")
}

#[test]
fn every_varied_notejam_renders() {
    let lines: Vec<&str> = include_str!("../varied/notejam.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .collect();
    assert!(lines.len() >= 20, "{} specs", lines.len());
    for line in lines {
        let mut parts = line.split(" | ").map(str::trim);
        let name = parts.next().expect("a line has a name");
        let (plan, told) = render(&parts.collect::<Vec<_>>());
        assert!(plan.is_some(), "{name}: {:#?}", errors(told));
    }
}

#[test]
fn more_than_one_writer_on_sqlite_is_refused_where_it_is_written() {
    for (settings, label) in [
        (&["kubernetes.replicas=2"][..], "2"),
        (
            &["kubernetes.autoscaling={min: 1, max: 5, cpu: 50}"],
            "{min: 1, max: 5, cpu: 50}",
        ),
        (
            &["environments.test.kubernetes.autoscaling={min: 1, max: 1}"],
            "{min: 1, max: 1}",
        ),
    ] {
        let (plan, told) = render(settings);
        assert!(plan.is_none(), "{settings:?}");
        let errors = errors(told);
        let error = errors.first().expect("an error");
        assert_eq!(error.id, "single-writer", "{errors:#?}");
        assert!(error.message.contains("SQLite has one writer"), "{error:?}");
        assert!(error.message.contains("corrupted"), "{error:?}");
        let help = error.help.join(" ");
        assert!(help.contains("Recreate"), "{help}");
        assert!(help.contains("kind: postgresql"), "{help}");
        assert!(help.contains("{ min: 1, max: 5, cpu: 50 }"), "{help}");
        let primary = error.primary.as_ref().expect("a place");
        assert_eq!(primary.source.slice(primary.span), label);
    }
}

#[test]
fn both_ways_out_render_what_they_promise() {
    let (one_pod, told) = render(&["kubernetes.replicas=1", "kubernetes.autoscaling=false"]);
    let one_pod = one_pod.unwrap_or_else(|| panic!("{told:#?}"));
    let values = text(&one_pod, "chart/values.yaml");
    assert!(values.contains("type: Recreate"), "{values}");
    assert!(values.contains("sqlite:////data/notejam.db"), "{values}");

    let (many, told) = render(&[
        "database={kind: postgresql, secret: {secret: database, key: url}}",
        "storage=false",
        "kubernetes.autoscaling={min: 1, max: 5, cpu: 50}",
        "kubernetes.egress=[{cidr: 10.30.0.0/16, port: 5432}]",
    ]);
    let many = many.unwrap_or_else(|| panic!("{told:#?}"));
    let values = text(&many, "chart/values.yaml");
    assert!(values.contains("type: RollingUpdate"), "{values}");
    assert!(values.contains("maxReplicas: 5"), "{values}");
    assert!(
        values.contains("targetCPUUtilizationPercentage: 50"),
        "{values}"
    );
    assert!(!values.contains("sqlite"), "{values}");
}

#[test]
fn a_volume_without_sqlite_has_one_pod_too() {
    let (plan, told) = render(&[
        "environments.prod.storage={size: 5Gi}",
        "environments.prod.aws.recovery=false",
    ]);
    assert!(plan.is_none());
    let errors = errors(told);
    assert_eq!(errors[0].id, "single-writer");
    assert!(
        errors[0].message.contains("attaches to one pod"),
        "{errors:#?}"
    );
}

#[test]
fn a_database_that_the_network_policy_cuts_off_is_told() {
    let warned = |settings: &[&str]| {
        let (_, told) = render(settings);
        told.iter().any(|one| one.id == "unreachable-database")
    };
    assert!(warned(&["environments.prod.database.server=false"]));
    // Terraform's own server is in the network of the cluster, which is let through.
    assert!(!warned(&[]));
}

#[test]
fn pods_may_reach_the_server_that_terraform_makes_in_either_region() {
    let (plan, _) = render(&[]);
    let plan = plan.expect("a plan");
    for path in ["chart/values-prod.yaml", "terraform/cluster/prod.tfvars"] {
        assert!(text(&plan, path).contains("10.30.0.0/16"), "{path}");
    }
    assert!(text(&plan, "chart/values-prod.yaml").contains("10.40.0.0/16"));
    let cluster = text(&plan, "terraform/cluster/prod.tfvars");
    assert!(cluster.contains("keep_days           = 1096"), "{cluster}");
    assert!(
        cluster.contains("copy_region         = \"eu-central-1\""),
        "{cluster}"
    );
    // A second server would be a second copy of the notes.
    let second = text(&plan, "terraform/cluster/prod-recovery.tfvars");
    assert!(!second.contains("database"), "{second}");
}

#[test]
fn an_empty_database_in_the_second_region_is_refused() {
    let (plan, told) = render(&["environments.prod.aws.recovery.active=true"]);
    assert!(plan.is_none());
    let errors = errors(told);
    assert!(errors[0].message.contains("empty database"), "{errors:#?}");
}
