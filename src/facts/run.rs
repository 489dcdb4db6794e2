//! Who runs an image, and what the running container is told.

use crate::source::yaml::Node;

use super::image::Image;
use super::link;
use super::object::{Container, Object};
use super::server::{self, Server};
use super::text::Text;
use super::{At, Facts};

/// A container of a workload together with the image that it runs.
#[derive(Debug)]
pub struct Running<'a> {
    /// The container.
    pub container: Container<'a>,
    /// The Dockerfile.
    pub image: &'a Image,
    /// Where something builds it under the name that the container asks for.
    pub built: Option<At>,
}

impl<'a> Running<'a> {
    /// What the container starts: what the manifest says, or else what the image says.
    pub fn server(&self, facts: &Facts) -> Option<Server> {
        let command = self.container.words("command");
        let arguments = self.container.words("args");
        if command.is_none() && arguments.is_none() {
            return server::of_image(facts, self.image);
        }
        let object = self.container.object;
        let mut words: Vec<(Text, At)> = Vec::new();
        match command {
            Some(command) => words.extend(texts(object, command)),
            None => {
                let entry = self
                    .image
                    .chain()
                    .into_iter()
                    .find_map(|stage| stage.entrypoint.as_ref())?;
                if !entry.exec {
                    return None;
                }
                words.extend(
                    entry
                        .words
                        .iter()
                        .map(|(text, span)| (text.clone(), At::new(&entry.at.source, *span))),
                );
            }
        }
        words.extend(texts(object, arguments.unwrap_or_default()));
        server::of_words(facts, self.image, words)
    }

    /// Where the image's name stands in the manifest.
    pub fn at(&self) -> At {
        let node = self.container.image.unwrap_or(self.container.node);
        self.container.object.at(node)
    }
}

fn texts<'a>(object: &'a Object, nodes: &'a [Node]) -> impl Iterator<Item = (Text, At)> + 'a {
    nodes
        .iter()
        .filter_map(|node| Some((Text::from(node.text()?), object.at(node))))
}

/// A container and its image by their numbers: what [`running`] remembers.
#[derive(Debug)]
pub(crate) struct Link {
    object: usize,
    container: usize,
    image: usize,
    built: Option<At>,
}

/// Every container that runs an image of this repository.
pub fn running(facts: &Facts) -> Vec<Running<'_>> {
    let links = facts.links.get_or_init(|| links(facts));
    links
        .iter()
        .filter_map(|link| {
            let container = *facts.objects[link.object]
                .containers(false)
                .get(link.container)?;
            Some(Running {
                container,
                image: &facts.images[link.image],
                built: link.built.clone(),
            })
        })
        .collect()
}

fn links(facts: &Facts) -> Vec<Link> {
    let mut found = Vec::new();
    for (object, one) in facts
        .objects
        .iter()
        .enumerate()
        .filter(|(_, one)| !one.hook)
    {
        for (container, own) in one.containers(false).iter().enumerate() {
            let Some(runs) = link::image_of(facts, own) else {
                continue;
            };
            let image = facts
                .images
                .iter()
                .position(|image| image.path == runs.image.path);
            found.extend(image.map(|image| Link {
                object,
                container,
                image,
                built: runs.built,
            }));
        }
    }
    found
}

/// Whether anything that runs the image gives it a command or one of these variables.
pub fn is_told_otherwise(facts: &Facts, image: &Image, variables: &[&str]) -> bool {
    let by_manifest = running(facts)
        .iter()
        .filter(|running| running.image.path == image.path)
        .any(|running| {
            let container = &running.container;
            container.words("command").is_some()
                || container.words("args").is_some()
                || container.node.get("envFrom").is_some() && !variables.is_empty()
                || container.env().any(|(name, _)| variables.contains(&name))
        });
    let by_compose = facts
        .compose
        .iter()
        .filter(|service| builds(service, image))
        .any(|service| {
            let environment = service.node.get("environment");
            let sets = |name: &str| {
                environment.is_some_and(|node| {
                    node.get(name).is_some()
                        || node.items().iter().any(|item| {
                            item.text()
                                .is_some_and(|text| text.split('=').next() == Some(name))
                        })
                })
            };
            service.node.get("command").is_some()
                || service.node.get("entrypoint").is_some()
                || service.node.get("env_file").is_some() && !variables.is_empty()
                || variables.iter().any(|name| sets(name))
        });
    by_manifest || by_compose
}

/// The image that a compose service builds.
pub fn built<'f>(facts: &'f Facts, service: &super::compose::Service) -> Option<&'f Image> {
    facts.images.iter().find(|image| builds(service, image))
}

/// Whether a compose service builds the image.
fn builds(service: &super::compose::Service, image: &Image) -> bool {
    match (&service.dockerfile, &service.context) {
        (Some((path, _)), _) => *path == image.path,
        (None, Some((context, _))) => {
            *context == image.folder && super::tree::file_name(&image.path) == "Dockerfile"
        }
        _ => false,
    }
}
