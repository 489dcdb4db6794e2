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
/// The folder of what stands beside the chart, one folder in it for each environment.
const BESIDE: &str = "drift-check";
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
        let place = (kubernetes.namespace.as_str(), None);
        for object in of_environment(plan, environment, kubernetes, place, report)? {
            let (path, artifact) = file(&object, environment, report)?;
            plan.assign(path.clone(), environment.name.clone());
            if let Err(message) = plan.insert(path, artifact) {
                report.error("colliding-artifacts", message);
                return None;
            }
        }
    }
    Some(())
}

/// The version of the application that the pipeline has put into an environment. It is no part of the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    tag: String,
    digest: String,
}

impl Released {
    /// The version that an image names.
    pub fn of(image: &str) -> Self {
        let (name, digest) = image.split_once('@').unwrap_or((image, ""));
        let file = name.rfind('/').map_or(0, |slash| slash + 1);
        let tag = name[file..].split_once(':').map_or("", |(_, tag)| tag);
        let word = |text: &str| {
            let known = |c: char| c.is_ascii_alphanumeric() || ":._-".contains(c);
            text.chars().filter(|c| known(*c)).collect()
        };
        Self {
            tag: word(tag),
            digest: word(digest),
        }
    }

    /// The same in the chart's values, as the pipeline writes them.
    fn set(&self, values: &mut Values) -> Result<(), String> {
        values.set_string(&format!("image.tag={}", self.tag))?;
        values.set_string(&format!("image.digest={}", self.digest))
    }
}

/// The objects that an environment's chart gives, in the order in which they are applied; no hooks.
///
/// Nothing comes back where an error was told, or where the environment has nothing on Kubernetes.
pub fn objects(
    plan: &Plan,
    environment: &Environment,
    namespace: &str,
    released: Option<&Released>,
    report: &mut Reporter,
) -> Option<Vec<Object>> {
    let kubernetes = environment.stack.kubernetes.as_ref()?;
    of_environment(plan, environment, kubernetes, (namespace, released), report)
}

/// The objects of an environment that belong to no chart and are applied by an administrator: name and text.
pub fn beside<'p>(
    plan: &'p Plan,
    environment: &str,
) -> impl Iterator<Item = (&'p RelPath, &'p [u8])> {
    let folder = format!("{BESIDE}/{environment}/");
    let artifacts = plan.artifacts().iter();
    artifacts
        .filter(move |(path, _)| path.as_str().starts_with(&folder))
        .map(|(path, artifact)| (path, &*artifact.bytes))
}

fn of_environment(
    plan: &Plan,
    environment: &Environment,
    kubernetes: &Kubernetes,
    (namespace, released): (&str, Option<&Released>),
    report: &mut Reporter,
) -> Option<Vec<Object>> {
    let files: Vec<(String, Vec<u8>)> = plan
        .artifacts()
        .iter()
        .filter_map(|(path, artifact)| {
            let inside = path.as_str().strip_prefix(CHART)?;
            Some((inside.to_owned(), artifact.bytes.to_vec()))
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
    if let Some(Err(message)) = released.map(|released| released.set(&mut values)) {
        report.error("chart-values", message);
        return None;
    }
    let chart = Chart::load(CHART.trim_end_matches('/'), files, report)?;
    let release = Release {
        name: kubernetes.release.clone(),
        namespace: namespace.to_owned(),
        upgrade: false,
    };
    let more = kubernetes.monitoring.then(|| MONITORING.to_owned());
    let capabilities = Capabilities::new(&kubernetes.version)
        .unwrap_or_default()
        .with_api_versions(more);
    let options = Options {
        include_crds: true,
        explain: false,
        ..Options::default()
    };
    let mut rendered = evaluate(&chart, &values, &release, &capabilities, &options, report)?;
    rendered.objects.retain(|object| object.hook.is_none());
    Some(rendered.objects)
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
                .into_bytes()
                .into(),
                sha256: None,
                executable: false,
                origin: format!("{CHART}{template}").into(),
            };
            Some((path, artifact))
        }
        Err(error) => {
            report.error("chart-object", error.to_string());
            None
        }
    }
}
