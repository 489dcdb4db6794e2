//! Task definitions of Amazon ECS, in Terraform and as JSON files, and the names that Terraform gives.

use std::sync::Arc;

use crate::source::hcl::{Kind, Piece, Value};
use crate::source::yaml::{self, Limits, Node};
use crate::source::{Source, Span};

use super::terraform::{Module, Resource};
use super::text::{ImageName, Text};
use super::{At, Facts, tree};

/// One task definition.
#[derive(Debug)]
pub struct Task<'a> {
    /// The module and the resource, where it is Terraform.
    pub resource: Option<(&'a Module, &'a Resource)>,
    /// The path of the file.
    pub path: String,
    /// Its containers.
    pub containers: Vec<Container>,
    /// Whether each task has an address of its own.
    pub awsvpc: bool,
}

/// One container of a task.
#[derive(Debug)]
pub struct Container {
    /// Its name, and where that stands.
    pub name: Option<(String, At)>,
    /// Its image, and where that stands.
    pub image: Option<(ImageName, At)>,
    /// Its ports.
    pub ports: Vec<Port>,
    /// Whether a command replaces that of the image.
    pub command: bool,
    /// Names of the variables that it is given.
    pub environment: Vec<String>,
    /// Where it stands.
    pub at: At,
}

/// A port of a container, where that stands, and the port of the host that leads to it.
pub type Port = (u16, At, Option<(u16, At)>);

/// Every task definition.
pub fn tasks(facts: &Facts) -> Vec<Task<'_>> {
    let mut all = Vec::new();
    for module in &facts.terraform {
        for resource in module
            .resources
            .iter()
            .filter(|one| !one.data && one.kind == "aws_ecs_task_definition")
        {
            all.extend(terraform(facts, module, resource));
        }
    }
    for (path, source) in facts.tree.sources() {
        if path.ends_with(".json") && source.text().contains("containerDefinitions") {
            all.extend(json(path, source));
        }
    }
    all
}

fn terraform<'a>(facts: &'a Facts, module: &'a Module, resource: &'a Resource) -> Option<Task<'a>> {
    let awsvpc = resource.body.get("network_mode").and_then(Value::text) == Some("awsvpc");
    let value = resource.body.get("container_definitions")?;
    let containers = match &value.kind {
        Kind::Call(name, arguments) if name == "jsonencode" => arguments
            .first()?
            .items()
            .iter()
            .map(|item| from_value(module, resource, item))
            .collect(),
        Kind::Call(name, arguments) if name == "file" => {
            let file = arguments.first()?;
            let path = literal(file)?;
            let path = tree::join(&module.folder, path.trim_start_matches('/'))?;
            let source = facts.tree.source(&path)?;
            let stream = yaml::read(source.text(), &Limits::REPOSITORY).ok()?;
            from_nodes(stream.documents.first()?.items(), &|node| {
                At::new(source, node.span)
            })
        }
        Kind::Text(text) => within(resource, value, text)?,
        Kind::Template(pieces) => {
            let text = filled(module, resource, pieces);
            within(resource, value, &text)?
        }
        _ => return None,
    };
    Some(Task {
        resource: Some((module, resource)),
        path: module.folder.clone(),
        containers,
        awsvpc,
    })
}

/// `"${path.module}/x"` as `/x`, or a literal.
pub fn literal(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::Text(text) => Some(text.clone()),
        Kind::Template(pieces) => match pieces.as_slice() {
            [Piece::Hole(hole), Piece::Text(text)] if matches!(&hole.kind, Kind::Reference(path) if path[0] == "path") => {
                Some(text.clone())
            }
            _ => None,
        },
        _ => None,
    }
}

/// A text whose holes are filled as far as they are known, with a name that no reader takes for one else.
fn filled(module: &Module, resource: &Resource, pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Hole(value) => module
                .resolve(value, &resource.source, module.tfvars.first())
                .map_or_else(|| "${?}".to_owned(), |(text, _)| text),
        })
        .collect()
}

/// JSON inside an attribute: everything stands where the attribute does.
fn within(resource: &Resource, value: &Value, text: &str) -> Option<Vec<Container>> {
    let stream = yaml::read(text, &Limits::REPOSITORY).ok()?;
    let at = At::new(
        &resource.source,
        Span::new(value.span.start, value.span.start + 1),
    );
    let first = stream.documents.first()?;
    Some(from_nodes(first.items(), &|_| {
        let mut at = at.clone();
        at.span = resource
            .source
            .line(resource.source.position(at.span.start).line);
        at
    }))
}

fn from_value(module: &Module, resource: &Resource, value: &Value) -> Container {
    let at = |value: &Value| At::new(&resource.source, value.span);
    let known = |value: &Value| module.resolve(value, &resource.source, module.tfvars.first());
    let port = |value: Option<&Value>| {
        let (text, at) = known(value?)?;
        Some((text.parse().ok()?, at))
    };
    Container {
        name: value.get("name").and_then(&known),
        image: value.get("image").map(|image| {
            let text = match &image.kind {
                Kind::Template(pieces) => {
                    let mut text = Text::default();
                    for piece in pieces {
                        match piece {
                            Piece::Text(known) => text.push(known),
                            Piece::Hole(hole) => match known(hole) {
                                Some((known, _)) => text.push(&known),
                                None => text.append(&repository(module, resource, hole)),
                            },
                        }
                    }
                    text
                }
                _ => known(image).map_or_else(
                    || Text::unknown("image"),
                    |(text, _)| Text::from(text.as_str()),
                ),
            };
            (ImageName::parse(&text), at(image))
        }),
        ports: value
            .get("portMappings")
            .map_or(&[][..], Value::items)
            .iter()
            .filter_map(|mapping| {
                let (number, at) = port(mapping.get("containerPort"))?;
                Some((number, at, port(mapping.get("hostPort"))))
            })
            .collect(),
        command: value.get("command").is_some() || value.get("entryPoint").is_some(),
        environment: value
            .get("environment")
            .map_or(&[][..], Value::items)
            .iter()
            .filter_map(|item| known(item.get("name")?).map(|(name, _)| name))
            .collect(),
        at: at(value),
    }
}

/// `aws_ecr_repository.x.repository_url` as an unknown registry and a name.
fn repository(module: &Module, resource: &Resource, hole: &Value) -> Text {
    let mut text = Text::unknown("registry");
    if let Kind::Reference(path) = &hole.kind
        && let [kind, name, attribute, ..] = path.as_slice()
        && kind == "aws_ecr_repository"
        && attribute == "repository_url"
        && let Some(made) = module
            .resources
            .iter()
            .find(|one| one.kind == *kind && one.name == *name)
        && let Some(value) = made.body.get("name")
        && let Some((name, _)) = module.resolve(value, &resource.source, module.tfvars.first())
    {
        text.push("/");
        text.push(&name);
    }
    text
}

fn json<'a>(path: &str, source: &Arc<Source>) -> Option<Task<'a>> {
    let stream = yaml::read(source.text(), &Limits::REPOSITORY).ok()?;
    let node = stream.documents.first()?;
    let node = node.get("taskDefinition").unwrap_or(node);
    let containers = node.get("containerDefinitions")?;
    Some(Task {
        resource: None,
        path: path.to_owned(),
        containers: from_nodes(containers.items(), &|node| At::new(source, node.span)),
        awsvpc: node.get("networkMode").and_then(Node::text) == Some("awsvpc"),
    })
}

fn from_nodes(items: &[Node], at: &dyn Fn(&Node) -> At) -> Vec<Container> {
    let plain = |node: &Node| {
        node.text()
            .filter(|text| !text.contains(['$', '<', '{']) && *text != "unknown")
            .map(|text| (text.to_owned(), at(node)))
    };
    let port = |node: Option<&Node>| {
        let (text, at) = plain(node?)?;
        Some((text.parse().ok().filter(|port| *port > 0)?, at))
    };
    items
        .iter()
        .map(|item| Container {
            name: item.get("name").and_then(&plain),
            image: item
                .get("image")
                .and_then(&plain)
                .map(|(text, at)| (ImageName::parse(&Text::from(text.as_str())), at)),
            ports: item
                .get("portMappings")
                .map_or(&[][..], Node::items)
                .iter()
                .filter_map(|mapping| {
                    let (number, at) = port(mapping.get("containerPort"))?;
                    Some((number, at, port(mapping.get("hostPort"))))
                })
                .collect(),
            command: item
                .get("command")
                .is_some_and(|one| !one.items().is_empty())
                || item
                    .get("entryPoint")
                    .is_some_and(|one| !one.items().is_empty()),
            environment: item
                .get("environment")
                .map_or(&[][..], Node::items)
                .iter()
                .filter_map(|one| one.get("name")?.text().map(str::to_owned))
                .collect(),
            at: at(item),
        })
        .collect()
}

/// The name that a resource of Terraform gives what it makes, where it is known.
pub fn named(module: &Module, resource: &Resource, attribute: &str) -> Option<(String, At)> {
    let value = resource.body.get(attribute)?;
    module.resolve(value, &resource.source, module.tfvars.first())
}

/// Names that resources of a kind give, and whether all of them are known.
pub fn names(facts: &Facts, kind: &str, attribute: &str) -> (Vec<(String, At)>, bool) {
    let mut all = true;
    let mut names = Vec::new();
    for module in &facts.terraform {
        for resource in module.resources.iter().filter(|one| one.kind == kind) {
            match named(module, resource, attribute) {
                // What a module is given by its callers differs from its default.
                Some(name) if name.1.via.is_empty() || !is_called(facts, module) => {
                    names.push(name)
                }
                _ => all = false,
            }
        }
        all &= !module.open;
    }
    (names, all)
}

fn is_called(facts: &Facts, module: &Module) -> bool {
    facts.terraform.iter().any(|root| {
        root.calls.iter().any(|call| {
            super::terraform::called(facts, root, call)
                .is_some_and(|other| other.folder == module.folder)
        })
    })
}
