//! Kustomizations: what they say, and the objects that come of them.

use std::sync::Arc;

use crate::source::Source;
use crate::source::yaml::Node;

use super::At;
use super::text::{ImageName, Text};
use super::tree;

mod assembly;
mod build;
mod edit;
mod form;
mod generate;
mod json_patch;
mod merge;
mod names;
mod resource;
mod roots;
mod transform;

pub use build::Documents;
pub use roots::{Built, build};

/// Something about a kustomization that does not hold.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Where.
    pub at: At,
    /// What is wrong.
    pub text: String,
    /// What stands there.
    pub label: String,
    /// Whether kustomize refuses it; it passes over the others without a word.
    pub refused: bool,
}

/// One kustomization.
#[derive(Debug)]
pub struct Kustomization {
    /// Path below the root.
    pub path: String,
    /// The folder that it lies in.
    pub folder: String,
    /// Files that change objects and are none themselves, below the root.
    pub patches: Vec<String>,
    /// Files and folders that it takes in, below the root, and where that is said.
    pub resources: Vec<(String, At)>,
    /// ConfigMaps and Secrets that it makes: kind, name, keys, and whether it may have more keys.
    pub generated: Vec<(String, String, Vec<String>, bool)>,
    /// Images that it renames: the name looked for, what it becomes, and where that is said.
    pub images: Vec<(String, ImageName, At)>,
    /// The namespace that it puts everything into.
    pub namespace: Option<(String, At)>,
    /// Whether it takes in what is not in the repository.
    pub remote: bool,
    /// Whether it is a component.
    pub component: bool,
    /// Components that it takes in, below the root, and where that is said.
    pub components: Vec<(String, At)>,
    /// A key that is not followed, and where it stands.
    pub beyond: Option<(At, String)>,
    /// Whether its objects are among the facts as they are built.
    pub built: bool,
    /// The whole file.
    pub source: Arc<Source>,
    /// What it says.
    pub node: Node,
}

/// Keys that change what is built in ways that are not followed.
const BEYOND: [&str; 11] = [
    "vars",
    "replacements",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "helmCharts",
    "helmChartInflationGenerator",
    "openapi",
    "imageTags",
    "crds",
];

/// All other keys.
const KEYS: [&str; 24] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "bases",
    "components",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "images",
    "labels",
    "commonLabels",
    "commonAnnotations",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "replicas",
    "helmGlobals",
    "sortOptions",
    "buildMetadata",
    "inventory",
];

/// Whether a path is that of a kustomization.
pub fn is_kustomization(path: &str) -> bool {
    matches!(
        tree::file_name(path),
        "kustomization.yaml" | "kustomization.yml" | "Kustomization"
    )
}

/// Whether a resource is fetched from elsewhere.
fn is_remote(text: &str) -> bool {
    text.contains("://")
        || text.contains("?ref=")
        || text.starts_with("github.com/")
        || text.starts_with("git@")
        || text.contains(".git//")
}

/// Reads a kustomization.
pub fn read(path: &str, source: &Arc<Source>, node: &Node) -> Kustomization {
    let folder = tree::folder(path);
    let items = |key: &str| node.get(key).map_or(&[][..], Node::items);
    let mut made = Kustomization {
        path: path.to_owned(),
        folder: folder.to_owned(),
        patches: Vec::new(),
        resources: Vec::new(),
        generated: Vec::new(),
        images: Vec::new(),
        namespace: node
            .get("namespace")
            .and_then(|name| Some((name.text()?.to_owned(), At::new(source, name.span)))),
        remote: node.get("helmCharts").is_some(),
        component: node.get("kind").and_then(Node::text) == Some("Component"),
        components: Vec::new(),
        beyond: None,
        built: false,
        source: Arc::clone(source),
        node: node.clone(),
    };
    for entry in node.entries() {
        let at = At::new(source, entry.key_span);
        let is = |key: &&str| key.eq_ignore_ascii_case(&entry.key);
        if BEYOND.iter().any(is) {
            made.beyond.get_or_insert((at, entry.key.clone()));
        }
    }
    for key in ["patches", "patchesStrategicMerge", "patchesJson6902"] {
        for item in items(key) {
            let file = item
                .get("path")
                .and_then(Node::text)
                .or_else(|| item.text());
            made.patches.extend(
                file.filter(|file| !file.contains('\n'))
                    .and_then(|file| tree::join(folder, file)),
            );
        }
    }
    for key in ["resources", "bases", "components", "crds"] {
        for item in items(key) {
            let Some(text) = item.text() else { continue };
            if is_remote(text) {
                made.remote = true;
                continue;
            }
            let at = At::new(source, item.span);
            match tree::join(folder, text) {
                Some(path) if key == "components" => made.components.push((path, at)),
                Some(path) => made.resources.push((path, at)),
                // It may well be there, above what was read.
                None => made.remote = true,
            }
        }
    }
    for (key, kind) in [
        ("configMapGenerator", "ConfigMap"),
        ("secretGenerator", "Secret"),
    ] {
        for item in items(key) {
            let name = item.get("name").and_then(Node::text).unwrap_or("");
            let mut keys = Vec::new();
            let texts = |key: &str| {
                item.get(key)
                    .map_or(&[][..], Node::items)
                    .iter()
                    .filter_map(Node::text)
            };
            for literal in texts("literals") {
                keys.extend(literal.split('=').next().map(str::to_owned));
            }
            for file in texts("files") {
                let key = file.split('=').next().unwrap_or(file);
                keys.push(tree::file_name(key).to_owned());
            }
            let open = item.get("envs").is_some() || item.get("env").is_some();
            made.generated
                .push((kind.to_owned(), name.to_owned(), keys, open));
        }
    }
    for item in items("images") {
        let text = |key: &str| item.get(key).and_then(Node::text);
        let Some(name) = text("name") else { continue };
        made.images.push((
            name.to_owned(),
            ImageName {
                repository: Text::from(text("newName").unwrap_or(name)),
                tag: text("newTag").map(Text::from),
                digest: text("digest").is_some(),
            },
            At::new(
                source,
                item.get("newName").map_or(item.span, |node| node.span),
            ),
        ));
    }
    made
}
