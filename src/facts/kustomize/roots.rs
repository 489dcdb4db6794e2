//! Which kustomizations are deployed, and the objects of each.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::facts::object::{Bundle, Object};
use crate::facts::{At, Facts, Unresolved, tree};
use crate::source::Span;
use crate::source::yaml::Node;

use super::assembly::Assembled;
use super::build::{Build, Documents, Stop};
use super::merge::Via;
use super::resource::Resource;
use super::{Fault, Kustomization};

/// The way from a built object back to the files.
#[derive(Debug)]
pub struct Built {
    assembled: Arc<Assembled>,
    via: Via,
}

impl Built {
    /// Where a span of the object stands, and what led to it.
    pub fn at(&self, span: Span) -> At {
        let mut at = self.assembled.at(span);
        for (place, text) in self.via.get(&span).into_iter().flatten().take(4) {
            let from = self.assembled.at(*place);
            at.via.push((from.source, from.span, text.clone()));
        }
        at
    }
}

/// What comes of all kustomizations.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Objects as they are built, by bundles that count from nought.
    pub objects: Vec<Object>,
    /// A bundle for each kustomization that is deployed.
    pub bundles: Vec<Bundle>,
    /// Files whose objects are among these.
    pub taken: BTreeSet<String>,
    /// What does not hold.
    pub faults: Vec<Fault>,
    /// What was not built, and why.
    pub unresolved: Vec<Unresolved>,
    /// The kustomizations that were built, with those that they take in.
    pub built: BTreeSet<String>,
}

/// Builds every kustomization that no other takes in, and those that something deploys.
pub fn build(facts: &Facts, documents: &Documents<'_>) -> Outcome {
    let mut made = Outcome::default();
    let mut used: Vec<(At, String, bool)> = Vec::new();
    let mut failed = false;
    let mut files: Vec<BTreeSet<String>> = Vec::new();
    for one in &facts.kustomizations {
        if !is_root(facts, documents, one) {
            continue;
        }
        if is_changed(facts, documents, one) {
            let text = "the kustomization was not built: what deploys it changes more".to_owned();
            let at = At::new(&one.source, one.source.line(1));
            made.unresolved.push(Unresolved { at, text });
            failed = true;
            continue;
        }
        let mut build = Build::new(facts, documents);
        let objects = build.run(one);
        made.faults.append(&mut build.faults);
        match objects {
            Ok(objects) => {
                used.append(&mut build.used);
                files.push(build.taken.clone());
                made.taken.append(&mut build.taken);
                made.built.append(&mut build.seen);
                let assembled = Arc::new(build.assembly.done());
                let bundle = made.bundles.len();
                made.bundles.push(Bundle {
                    chart: None,
                    name: format!("`{}`", one.folder),
                    open: build.open,
                    kustomized: true,
                    instead: Vec::new(),
                });
                let objects = objects.into_iter();
                made.objects
                    .extend(objects.map(|object| finished(object, &assembled, bundle)));
            }
            Err(Stop::Fault) => failed = true,
            Err(Stop::Unknown(at, text)) => {
                failed = true;
                made.unresolved.push(Unresolved {
                    at,
                    text: format!("the kustomization was not built: {text}"),
                });
            }
        }
    }
    for (number, bundle) in made.bundles.iter_mut().enumerate() {
        let shared = |other: &usize| !files[*other].is_disjoint(&files[number]);
        let others = (0..files.len()).filter(|other| *other != number);
        bundle.instead = others.filter(shared).collect();
    }
    // What a base offers may be for an overlay that could not be built.
    if !failed {
        made.faults.extend(idle(&used));
    }
    made
}

/// What fits nothing wherever it is taken in.
fn idle(all: &[(At, String, bool)]) -> Vec<Fault> {
    let same = |a: &At, b: &At| a.span == b.span && a.source.path() == b.source.path();
    let fits = |at: &At| all.iter().any(|(other, _, used)| *used && same(at, other));
    all.iter()
        .filter(|(at, _, used)| !used && !fits(at))
        .map(|(at, text, _)| Fault {
            at: at.clone(),
            text: text.clone(),
            label: "kustomize passes over it".to_owned(),
            refused: false,
        })
        .collect()
}

fn is_root(facts: &Facts, documents: &Documents<'_>, one: &Kustomization) -> bool {
    let api = one.node.get("apiVersion").and_then(Node::text);
    if one.component || api.is_some_and(|api| !api.starts_with("kustomize.config.k8s.io/")) {
        return false;
    }
    let taken = facts.kustomizations.iter().any(|other| {
        let resources = other.resources.iter().chain(&other.components);
        resources.into_iter().any(|(path, _)| *path == one.folder)
    });
    let named = facts.commands.iter().any(|command| {
        let built = command.is("kustomize", &["build"]) || command.is("kubectl", &["kustomize"]);
        let applied = command.options(&["-k", "--kustomize"]);
        let positional = command.positional(&[]);
        let paths = applied
            .iter()
            .chain(positional.iter().filter(|_| built).copied());
        paths.into_iter().any(|path| {
            let text = path.text.known();
            let folders = command.folders.iter();
            text.is_some_and(|text| {
                folders
                    .into_iter()
                    .any(|from| tree::join(from, text).as_deref() == Some(&one.folder))
            })
        })
    });
    !taken || named || deployers(documents, one).next().is_some()
}

/// The sources of Argo CD and Flux objects that deploy a folder.
fn deployers<'d>(
    documents: &'d Documents<'_>,
    one: &'d Kustomization,
) -> impl Iterator<Item = &'d Node> {
    let all = documents.values().flatten().map(|(_, node)| *node);
    all.flat_map(|node| {
        let spec = node.get("spec");
        let kind = node.get("kind").and_then(Node::text);
        let mut sources: Vec<&Node> = Vec::new();
        match (kind, spec) {
            (Some("Application"), Some(spec)) => {
                sources.extend(spec.get("source"));
                sources.extend(spec.get("sources").map_or(&[][..], Node::items));
            }
            (Some("Kustomization"), Some(spec)) => sources.push(spec),
            _ => {}
        }
        sources
    })
    .filter(|source| {
        let path = source.get("path").and_then(Node::text);
        path.and_then(|path| tree::join("", path)).as_deref() == Some(&one.folder)
    })
}

/// Whether a deployer changes the objects further.
fn is_changed(facts: &Facts, documents: &Documents<'_>, one: &Kustomization) -> bool {
    let changes = |source: &Node| {
        let keys = [
            "patches",
            "images",
            "postBuild",
            "components",
            "namePrefix",
            "nameSuffix",
        ];
        let more = ["targetNamespace", "commonMetadata", "patchesStrategicMerge"];
        source.get("kustomize").is_some()
            || keys
                .iter()
                .chain(&more)
                .any(|key| source.get(key).is_some())
    };
    let edited = facts.commands.iter().any(|command| {
        // Images are set so at every deployment, which changes no more than their names.
        command.is("kustomize", &["edit"]) && !command.is("kustomize", &["edit", "set", "image"])
    });
    edited || deployers(documents, one).any(changes)
}

fn finished(one: Resource, assembled: &Arc<Assembled>, bundle: usize) -> Object {
    let id = one.id();
    Object {
        source: Arc::clone(&assembled.source),
        api_version: one.api_version().to_owned(),
        kind: one.kind().to_owned(),
        name: id.name,
        namespace: Some(id.namespace).filter(|name| !name.is_empty()),
        path: one.path,
        bundle,
        hook: false,
        rendered: None,
        built: Some(Arc::new(Built {
            assembled: Arc::clone(assembled),
            via: one.via,
        })),
        node: one.node,
    }
}
