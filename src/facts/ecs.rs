//! Task definitions of Amazon ECS, in Terraform and as JSON files, and the names that Terraform gives.

use std::rc::Rc;
use std::sync::Arc;

use crate::source::hcl::{Kind, Piece, Value};
use crate::source::yaml::{self, Limits, Node};
use crate::source::{Source, Span};

use super::flow::{self, Found, Scope};
use super::terraform::{Module, Resource};
use super::text::{ImageName, Text};
use super::{At, Facts, tree};

/// One task definition.
#[derive(Debug)]
pub struct Task<'a> {
    /// The module and the resource, where it is Terraform.
    pub resource: Option<(&'a Module, &'a Resource)>,
    /// The use of the module.
    pub scope: Option<Rc<Scope<'a>>>,
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
            for scope in flow::scopes(facts, module) {
                all.extend(terraform(facts, module, resource, &scope));
            }
        }
    }
    for (path, source) in facts.tree.sources() {
        if path.ends_with(".json") && source.text().contains("containerDefinitions") {
            all.extend(json(path, source));
        }
    }
    all
}

fn terraform<'a>(
    facts: &'a Facts,
    module: &'a Module,
    resource: &'a Resource,
    scope: &Rc<Scope<'a>>,
) -> Option<Task<'a>> {
    let awsvpc = resource.body.get("network_mode").and_then(Value::text) == Some("awsvpc");
    let value = resource.body.get("container_definitions")?;
    let containers = match &value.kind {
        Kind::Call(name, arguments) if name == "jsonencode" => scope
            .look(arguments.first()?, &resource.source)?
            .items()
            .iter()
            .map(|item| from_value(module, resource, scope, item))
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
            let text = filled(scope, resource, pieces);
            within(resource, value, &text)?
        }
        _ => return None,
    };
    Some(Task {
        resource: Some((module, resource)),
        scope: Some(Rc::clone(scope)),
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
fn filled<'a>(scope: &Rc<Scope<'a>>, resource: &'a Resource, pieces: &'a [Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Hole(value) => scope
                .text(value, &resource.source)
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

fn from_value<'a>(
    module: &'a Module,
    resource: &'a Resource,
    scope: &Rc<Scope<'a>>,
    item: &Found<'a>,
) -> Container {
    let known = |value: Option<Found<'a>>| value?.text();
    let port = |value: Option<Found<'a>>| {
        let (text, at) = known(value)?;
        Some((text.parse().ok()?, at))
    };
    let list = |key: &str| item.get(key).map_or_else(Vec::new, |list| list.items());
    let image = item.get("image").map(|image| {
        let text = match &image.value().kind {
            Kind::Template(pieces) => {
                let mut text = Text::default();
                for piece in pieces {
                    match piece {
                        Piece::Text(known) => text.push(known),
                        Piece::Hole(hole) => match scope.text(hole, &resource.source) {
                            Some((known, _)) => text.push(&known),
                            None => text.append(&repository(module, resource, hole)),
                        },
                    }
                }
                text
            }
            _ => image.text().map_or_else(
                || Text::unknown("image"),
                |(text, _)| Text::from(text.as_str()),
            ),
        };
        (ImageName::parse(&text), image.at())
    });
    Container {
        name: known(item.get("name")),
        image,
        ports: list("portMappings")
            .iter()
            .filter_map(|mapping| {
                let (number, at) = port(mapping.get("containerPort"))?;
                Some((number, at, port(mapping.get("hostPort"))))
            })
            .collect(),
        command: item.get("command").is_some() || item.get("entryPoint").is_some(),
        environment: list("environment")
            .iter()
            .filter_map(|one| known(one.get("name")).map(|(name, _)| name))
            .collect(),
        at: item.at(),
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
        scope: None,
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

/// The services that run a task.
pub fn services<'a>(task: &Task<'a>) -> Vec<&'a Resource> {
    let Some((module, definition)) = task.resource else {
        return Vec::new();
    };
    let runs = |service: &&Resource| {
        service.body.get("task_definition").is_some_and(|value| {
            matches!(&value.kind, Kind::Reference(path) if path.get(1) == Some(&definition.name))
        })
    };
    let services = module.resources.iter();
    services
        .filter(|one| !one.data && one.kind == "aws_ecs_service")
        .filter(runs)
        .collect()
}

/// What the load balancers of a task's services ask, to see whether it is well; nothing where an answer
/// other than 200 would do.
pub fn health_paths(task: &Task<'_>) -> Vec<(String, At)> {
    let Some(scope) = &task.scope else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for service in services(task) {
        for target in service.body.blocks("load_balancer") {
            let group = target.body.get("target_group_arn");
            let group = group.and_then(|value| scope.look(value, &service.source)?.resource());
            let Some((scope, group)) = group else {
                continue;
            };
            for check in group.body.blocks("health_check") {
                let only = check.body.get("matcher");
                let only = only.is_none_or(|value| value.text() == Some("200"));
                let path = check.body.get("path").filter(|_| only);
                found.extend(path.and_then(|path| scope.text(path, &group.source)));
            }
        }
    }
    found
}

/// Names that resources of a kind give in every use of their modules, and whether all of them are known.
pub fn names(facts: &Facts, kind: &str, attribute: &str) -> (Vec<(String, At)>, bool) {
    let mut all = true;
    let mut names: Vec<(String, At)> = Vec::new();
    for module in &facts.terraform {
        for resource in module.resources.iter().filter(|one| one.kind == kind) {
            let value = resource.body.get(attribute);
            for scope in flow::scopes(facts, module) {
                match value.and_then(|value| scope.text(value, &resource.source)) {
                    Some(name) if names.iter().any(|(own, _)| *own == name.0) => {}
                    Some(name) => names.push(name),
                    None => all = false,
                }
            }
        }
        all &= !module.open;
    }
    (names, all)
}
