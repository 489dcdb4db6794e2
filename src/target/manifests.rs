//! The rendered chart, evaluated: plain manifests, one file an object.
//!
//! Works on the chart's artifacts alone, so that manifests and chart cannot disagree. Whether there are any is
//! for the spec to say, never for the command line: what a tree holds must not depend on how it was last written.

use crate::chart::{Capabilities, Chart, Object, Options, Release, Values, evaluate};
use crate::diagnostic::Reporter;
use crate::plan::{Artifact, Plan, RelPath, Target};
use crate::source::Source;
use crate::spec::Model;
use crate::spec::model::{Environment, Kubernetes};

/// The folder of the chart in every rendered tree.
const CHART: &str = "chart/";
/// What the cluster serves beyond the usual where the spec turns it on.
const MONITORING: &str = "monitoring.coreos.com/v1";

/// Adds the manifests of every environment that asks for them.
///
/// Nothing comes back where an error was told; it points into the chart's own files.
pub(super) fn add(plan: &mut Plan, model: &Model, report: &mut Reporter) -> Option<()> {
    for environment in &model.environments {
        let Some(kubernetes) = &environment.stack.kubernetes else {
            continue;
        };
        if !kubernetes.manifests {
            continue;
        }
        for (path, artifact) in of_environment(plan, environment, kubernetes, report)? {
            plan.assign(path.clone(), environment.name.clone());
            if let Err(message) = plan.insert(path, artifact) {
                report.error("colliding-artifacts", message);
                return None;
            }
        }
    }
    Some(())
}

fn of_environment(
    plan: &Plan,
    environment: &Environment,
    kubernetes: &Kubernetes,
    report: &mut Reporter,
) -> Option<Vec<(RelPath, Artifact)>> {
    let files: Vec<(String, Vec<u8>)> = plan
        .artifacts()
        .iter()
        .filter_map(|(path, artifact)| {
            let inside = path.as_str().strip_prefix(CHART)?;
            Some((inside.to_owned(), artifact.bytes.clone()))
        })
        .collect();
    if files.is_empty() {
        report
            .error(
                "no-chart",
                "the blueprint renders no chart, so there is nothing to make manifests of",
            )
            .help("leave out `kubernetes.manifests`");
        return None;
    }
    let mut values = Values::new();
    let own = format!("values-{}.yaml", environment.name);
    if let Some((_, bytes)) = files.iter().find(|(path, _)| *path == own) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        values.add_file(&Source::new(format!("{CHART}{own}"), text), report)?;
    }
    let chart = Chart::load(CHART.trim_end_matches('/'), files, report)?;
    let release = Release {
        name: kubernetes.release.clone(),
        namespace: kubernetes.namespace.clone(),
        upgrade: false,
    };
    let more = kubernetes.monitoring.then(|| MONITORING.to_owned());
    let capabilities = Capabilities::new(&kubernetes.version)
        .unwrap_or_default()
        .with_api_versions(more);
    let options = Options {
        include_crds: true,
        ..Options::default()
    };
    let rendered = evaluate(&chart, &values, &release, &capabilities, &options, report)?;
    let plain = rendered
        .objects
        .iter()
        .filter(|object| object.hook.is_none());
    plain
        .map(|object| file(object, environment, report))
        .collect()
}

/// A file whose name sorts where its object is applied: the kind's place in that order, kind and name.
fn file(
    object: &Object,
    environment: &Environment,
    report: &mut Reporter,
) -> Option<(RelPath, Artifact)> {
    let name = format!(
        "manifests/{}/{:02}-{}-{}.yaml",
        environment.name,
        if object.crd { 0 } else { object.rank() + 1 },
        object.kind.to_lowercase(),
        object.name.replace(':', "-"),
    );
    let template = object.template.split_once('/').map_or("", |(_, path)| path);
    match RelPath::new(name) {
        Ok(path) => {
            let artifact = Artifact {
                target: Target::Manifests,
                bytes: format!(
                    "# From {CHART}{template}.\n{}\n",
                    object.source.text().trim_end()
                )
                .into_bytes(),
                executable: false,
                origin: format!("{CHART}{template}"),
            };
            Some((path, artifact))
        }
        Err(error) => {
            report.error("chart-object", error.to_string());
            None
        }
    }
}
