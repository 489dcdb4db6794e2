//! Services of compose files.

use std::sync::Arc;

use crate::source::Source;
use crate::source::yaml::Node;

use super::At;
use super::text::{ImageName, Text};
use super::tree;

/// One service.
#[derive(Debug)]
pub struct Service {
    /// Path of the file.
    pub path: String,
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub at: At,
    /// All of it.
    pub node: Node,
    /// The file.
    pub source: Arc<Source>,
    /// The image.
    pub image: Option<(ImageName, At)>,
    /// The build context, below the root.
    pub context: Option<(String, At)>,
    /// The Dockerfile, below the root.
    pub dockerfile: Option<(String, At)>,
    /// The stage that is built.
    pub target: bool,
}

/// Whether a path is that of a compose file.
pub fn is_compose(path: &str) -> bool {
    let name = tree::file_name(path);
    (name.starts_with("docker-compose") || name.starts_with("compose"))
        && (name.ends_with(".yml") || name.ends_with(".yaml"))
}

/// Reads the services of a compose file.
pub fn read(path: &str, source: &Arc<Source>, node: &Node) -> Vec<Service> {
    let folder = tree::folder(path);
    let services = node.get("services").map_or(&[][..], Node::entries);
    services
        .iter()
        .map(|entry| {
            let build = entry.value.get("build");
            let context = build.and_then(|build| {
                let node = build.get("context").unwrap_or(build);
                let text = node.text().unwrap_or(".");
                Some((plain(folder, text)?, At::new(source, node.span)))
            });
            let dockerfile = build
                .and_then(|build| build.get("dockerfile"))
                .and_then(|node| {
                    let (context, _) = context.as_ref()?;
                    Some((plain(context, node.text()?)?, At::new(source, node.span)))
                });
            Service {
                path: path.to_owned(),
                name: entry.key.clone(),
                at: At::new(source, entry.key_span),
                source: Arc::clone(source),
                image: entry.value.get("image").and_then(|image| {
                    Some((
                        ImageName::parse(&interpolated(image.text()?)),
                        At::new(source, image.span),
                    ))
                }),
                target: build.is_some_and(|build| build.get("target").is_some()),
                context,
                dockerfile,
                node: entry.value.clone(),
            }
        })
        .collect()
}

fn plain(folder: &str, path: &str) -> Option<String> {
    (!path.contains('$') && !path.contains("://")).then(|| tree::join(folder, path))?
}

fn interpolated(text: &str) -> Text {
    let variables = std::collections::BTreeMap::new();
    super::image::expand(text, &variables)
}
