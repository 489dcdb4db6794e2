//! Helm charts: where they are, which values they are evaluated with, and what comes out.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::chart::{self as engine, Capabilities, Options, Release, Rendered, Values};
use crate::diagnostic::{Diagnostic, Level, Reporter};
use crate::source::Source;
use crate::source::yaml::Node;

use super::object::{Bundle, Object};
use super::pipeline;
use super::{At, Facts, Unresolved, tree};

/// One chart.
#[derive(Debug)]
pub struct Chart {
    /// The folder below the root.
    pub folder: String,
    /// Its name.
    pub name: String,
    /// Chart.yaml.
    pub manifest: Arc<Source>,
    /// One evaluation for every set of values.
    pub evaluations: Vec<Evaluation>,
    /// Paths of its values files below the root, values.yaml not among them.
    pub files: Vec<String>,
    /// Whether Terraform or the like gives it values that are not known here.
    pub open: bool,
}

/// A chart with values.
#[derive(Debug)]
pub struct Evaluation {
    /// The files that lie over values.yaml, below the root.
    pub files: Vec<String>,
    /// Whether something deploys it with just these values.
    pub deployed: bool,
    /// What came out; nothing where it failed.
    pub rendered: Option<Arc<Rendered>>,
    /// What was told.
    pub told: Vec<Diagnostic>,
    /// Objects that came out, as numbers of the bundles.
    pub bundle: Option<usize>,
}

/// The folders that hold a chart, those inside another chart's `charts/` left out.
pub fn folders(facts: &Facts) -> Vec<String> {
    let all: Vec<String> = facts
        .tree
        .paths()
        .filter(|path| tree::file_name(path) == "Chart.yaml")
        .map(|path| tree::folder(path).to_owned())
        .collect();
    all.iter()
        .filter(|folder| {
            !all.iter()
                .any(|other| other != *folder && folder.starts_with(&format!("{other}/charts/")))
        })
        .cloned()
        .collect()
}

/// What comes of one chart; bundles are counted from its own first one.
struct Made {
    chart: Chart,
    bundles: Vec<Bundle>,
    objects: Vec<Object>,
    unresolved: Vec<Unresolved>,
}

impl From<Chart> for Made {
    fn from(chart: Chart) -> Self {
        Self {
            chart,
            bundles: Vec::new(),
            objects: Vec::new(),
            unresolved: Vec::new(),
        }
    }
}

/// Reads the charts of these folders.
pub fn read(facts: &mut Facts, folders: &[String]) {
    let all: Vec<Option<Made>> = folders.iter().map(|folder| made(facts, folder)).collect();
    for mut made in all.into_iter().flatten() {
        let (number, first) = (facts.charts.len(), facts.bundles.len());
        for bundle in &mut made.bundles {
            bundle.chart = Some(number);
        }
        for object in &mut made.objects {
            object.bundle += first;
        }
        for evaluation in &mut made.chart.evaluations {
            evaluation.bundle = evaluation.bundle.map(|bundle| bundle + first);
        }
        facts.bundles.extend(made.bundles);
        facts.objects.extend(made.objects);
        facts.unresolved.extend(made.unresolved);
        facts.charts.push(made.chart);
    }
}

/// Reads a chart and evaluates it with each of its sets of values.
fn made(facts: &Facts, folder: &str) -> Option<Made> {
    let manifest =
        tree::join(folder, "Chart.yaml").and_then(|path| facts.tree.source(&path).cloned())?;
    let prefix = if folder.is_empty() {
        String::new()
    } else {
        format!("{folder}/")
    };
    let files: Vec<(String, Vec<u8>)> = facts
        .tree
        .below(folder)
        .filter_map(|path| {
            let source = facts.tree.source(&format!("{prefix}{path}"))?;
            Some((path.to_owned(), source.text().as_bytes().to_vec()))
        })
        .collect();
    let shown = format!("{}{folder}", facts.tree.shown());
    let shown = shown.trim_end_matches('/');
    let shown = if shown.is_empty() { "." } else { shown };
    let mut report = Reporter::new();
    let loaded = engine::Chart::load(shown, files, &mut report);
    let Some(loaded) = loaded else {
        return Some(Made::from(Chart {
            folder: folder.to_owned(),
            name: String::new(),
            manifest,
            evaluations: vec![Evaluation {
                files: Vec::new(),
                deployed: true,
                rendered: None,
                told: report.into_diagnostics(),
                bundle: None,
            }],
            files: Vec::new(),
            open: false,
        }));
    };
    let own = values_files(facts, folder);
    let deployments = deployments(facts, folder, loaded.name());
    let open = is_open(facts, folder) || deployments.iter().any(|one| one.open);
    let mut sets: Vec<(Vec<String>, bool)> = Vec::new();
    for deployment in &deployments {
        let files = deployment.files.clone();
        match sets.iter_mut().find(|(known, _)| *known == files) {
            Some((_, deployed)) => *deployed |= !deployment.open,
            None => sets.push((files, !deployment.open)),
        }
    }
    for file in &own {
        if !sets.iter().any(|(files, _)| files.contains(file)) {
            sets.push((vec![file.clone()], false));
        }
    }
    if !sets.iter().any(|(files, _)| files.is_empty()) {
        // Where every deployment lays a file over the chart's values, those alone deploy nothing.
        sets.insert(0, (Vec::new(), sets.is_empty() && !open));
    }
    let release = Release {
        name: deployments
            .iter()
            .find_map(|one| one.release.clone())
            .unwrap_or_else(|| loaded.name().to_owned()),
        namespace: deployments
            .iter()
            .find_map(|one| one.namespace.clone())
            .unwrap_or_else(|| "default".to_owned()),
        ..Release::default()
    };
    let mut made = Made::from(Chart {
        folder: folder.to_owned(),
        name: loaded.name().to_owned(),
        manifest,
        evaluations: Vec::new(),
        files: own,
        open,
    });
    for (files, deployed) in sets {
        let sets: Vec<String> = deployments
            .iter()
            .filter(|one| one.files == files)
            .flat_map(|one| one.sets.iter().cloned())
            .collect();
        let evaluation = evaluate(facts, &mut made, &loaded, files, &sets, deployed, &release);
        made.chart.evaluations.push(evaluation);
    }
    Some(made)
}

/// Kinds that a chart asks for before it uses them: where it does, what it makes of them is checked too.
const OPERATORS: [&str; 4] = [
    "cert-manager.io/v1",
    "gateway.networking.k8s.io/v1",
    "monitoring.coreos.com/v1",
    "snapshot.storage.k8s.io/v1",
];

fn evaluate(
    facts: &Facts,
    made: &mut Made,
    chart: &engine::Chart,
    files: Vec<String>,
    sets: &[String],
    deployed: bool,
    release: &Release,
) -> Evaluation {
    let mut report = Reporter::new();
    let mut values = Values::new();
    for file in &files {
        if let Some(source) = facts.tree.source(file) {
            values.add_file(source, &mut report);
        }
    }
    for set in sets {
        // What cannot be set is for helm to refuse.
        let _ = values.set(set);
    }
    let rendered = engine::evaluate(
        chart,
        &values,
        release,
        &Capabilities::default().with_api_versions(OPERATORS.map(str::to_owned)),
        &Options::default(),
        &mut report,
    );
    let mut evaluation = Evaluation {
        files,
        deployed,
        rendered: rendered.map(Arc::new),
        told: report.into_diagnostics(),
        bundle: None,
    };
    let Some(rendered) = &evaluation.rendered else {
        if !evaluation.deployed
            && let Some(first) = evaluation.told.iter().find(|d| d.level == Level::Error)
            && let Some(label) = &first.primary
        {
            made.unresolved.push(Unresolved {
                at: At::new(&label.source, label.span),
                text: format!(
                    "the chart `{}` does not evaluate with {}: {}",
                    chart.name(),
                    shown_files(&evaluation.files),
                    first.message
                ),
            });
        }
        return evaluation;
    };
    let bundle = made.bundles.len();
    made.bundles.push(Bundle {
        chart: None,
        name: format!(
            "chart `{}` with {}",
            chart.name(),
            shown_files(&evaluation.files)
        ),
        open: false,
        kustomized: false,
        instead: Vec::new(),
    });
    evaluation.bundle = Some(bundle);
    let objects: Vec<Object> = rendered
        .objects
        .iter()
        .enumerate()
        .filter(|(_, object)| !object.crd)
        .map(|(at, object)| Object {
            node: object.node().clone(),
            source: Arc::clone(&object.source),
            path: object.template.to_string(),
            api_version: object.api_version.clone(),
            kind: object.kind.clone(),
            name: object.name.clone(),
            namespace: object.namespace.clone(),
            bundle,
            hook: object.hook.is_some(),
            rendered: Some((Arc::clone(rendered), at)),
            built: None,
        })
        .collect();
    made.objects.extend(objects);
    evaluation
}

/// Files as people name them.
pub fn shown_files(files: &[String]) -> String {
    if files.is_empty() {
        return "its own values".to_owned();
    }
    files
        .iter()
        .map(|file| format!("`{}`", tree::file_name(file)))
        .collect::<Vec<_>>()
        .join(" and ")
}

/// `values-production.yaml`, `production.values.yaml`, `values/production.yaml`, `ci/…-values.yaml`.
fn values_files(facts: &Facts, folder: &str) -> Vec<String> {
    facts
        .tree
        .below(folder)
        .filter(|path| {
            let name = tree::file_name(path);
            let yaml = name.ends_with(".yaml") || name.ends_with(".yml");
            let depth = path.matches('/').count();
            let named = name.starts_with("values") || name.contains("values.");
            yaml && name != "values.yaml"
                && !path.starts_with("templates/")
                && !path.starts_with("charts/")
                && (depth == 0 && named
                    || depth == 1
                        && (path.starts_with("values/") || path.starts_with("environments/")))
        })
        .filter_map(|path| tree::join(folder, path))
        .collect()
}

/// What something deploys of a chart.
#[derive(Debug, Clone, Default)]
struct Deployment {
    files: Vec<String>,
    sets: Vec<String>,
    release: Option<String>,
    namespace: Option<String>,
    /// Whether values are given that are not known.
    open: bool,
}

fn deployments(facts: &Facts, folder: &str, name: &str) -> Vec<Deployment> {
    let mut found = Vec::new();
    for release in pipeline::releases(facts) {
        let Some(path) = release.chart.text.known() else {
            continue;
        };
        let fits = release
            .command
            .folders
            .iter()
            .any(|from| tree::join(from, path).as_deref() == Some(folder));
        if !fits {
            continue;
        }
        let mut deployment = Deployment {
            release: known(release.name.as_ref()),
            namespace: known(release.namespace.as_ref()),
            ..Deployment::default()
        };
        for file in &release.files {
            let path = file.text.known().and_then(|file| {
                release
                    .command
                    .folders
                    .iter()
                    .filter_map(|from| tree::join(from, file))
                    .find(|path| facts.tree.is_file(path))
            });
            match path {
                Some(path) => {
                    if tree::join(folder, "values.yaml").as_deref() != Some(&path) {
                        deployment.files.push(path);
                    }
                }
                None => deployment.open = true,
            }
        }
        for set in &release.sets {
            match set.text.known() {
                Some(set) => deployment.sets.push(set.to_owned()),
                None => deployment.open = true,
            }
        }
        found.push(deployment);
    }
    found.extend(argo(facts, folder, name));
    found
}

fn known(argument: Option<&super::command::Argument>) -> Option<String> {
    argument?.text.known().map(str::to_owned)
}

/// What Argo CD applications deploy of a chart: by path where they read this repository, else by the names
/// of its values files.
fn argo(facts: &Facts, folder: &str, name: &str) -> Vec<Deployment> {
    let mut found = Vec::new();
    for object in &facts.objects {
        if !object.is("argoproj.io", "Application") {
            continue;
        }
        let Some(source) = object.find("spec.source") else {
            continue;
        };
        let Some(helm) = source.get("helm") else {
            continue;
        };
        let path = source.get("path").and_then(Node::text).unwrap_or("");
        let release = helm
            .get("releaseName")
            .and_then(Node::text)
            .unwrap_or(&object.name);
        if tree::join("", path).as_deref() != Some(folder) && release != name {
            continue;
        }
        let mut deployment = Deployment {
            release: Some(release.to_owned()),
            namespace: object
                .find("spec.destination.namespace")
                .and_then(Node::text)
                .map(str::to_owned),
            open: ["parameters", "values", "valuesObject"]
                .iter()
                .any(|key| helm.get(key).is_some()),
            ..Deployment::default()
        };
        for file in helm.get("valueFiles").map_or(&[][..], Node::items) {
            let Some(file) = file.text() else { continue };
            match tree::join(folder, file) {
                Some(path) if facts.tree.is_file(&path) => {
                    if file != "values.yaml" {
                        deployment.files.push(path);
                    }
                }
                _ => deployment.open = true,
            }
        }
        found.push(deployment);
    }
    found
}

/// Whether Terraform, helmfile or the like deploys the chart with values of its own.
fn is_open(facts: &Facts, folder: &str) -> bool {
    let helm_release = facts.terraform.iter().any(|module| {
        module
            .resources
            .iter()
            .any(|resource| resource.kind == "helm_release")
            && (folder.starts_with(&module.folder) || facts.terraform.len() == 1)
    });
    helm_release
        || facts.tree.paths().any(|path| {
            tree::file_name(path).starts_with("helmfile")
                || tree::file_name(path) == "skaffold.yaml"
        })
}

/// Every path of values that some evaluation of a chart read, or that its templates mention.
pub fn read_paths(chart: &Chart) -> BTreeSet<String> {
    chart
        .evaluations
        .iter()
        .filter_map(|evaluation| evaluation.rendered.as_ref())
        .flat_map(|rendered| rendered.reads.iter().map(|read| read.path.to_string()))
        .collect()
}
