//! Kubernetes objects of manifests and charts, and what the usual kinds hold.

use std::sync::Arc;

use crate::chart::Rendered;
use crate::source::yaml::Node;
use crate::source::{Source, Span};

use super::At;
use super::kustomize::Built;

/// One object, wherever it comes from.
#[derive(Debug, Clone)]
pub struct Object {
    /// The object.
    pub node: Node,
    /// The text that the spans of `node` count in: the file, or what the chart printed.
    pub source: Arc<Source>,
    /// Path of the manifest or the template, below the root.
    pub path: String,
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// `metadata.name`; empty for `generateName`.
    pub name: String,
    /// `metadata.namespace`, where it is given.
    pub namespace: Option<String>,
    /// The objects that it is applied with.
    pub bundle: usize,
    /// Whether it is a test or another hook of a chart.
    pub hook: bool,
    /// The evaluated chart and its number there.
    pub(crate) rendered: Option<(Arc<Rendered>, usize)>,
    /// The way back to the files, where a kustomization built it.
    pub(crate) built: Option<Arc<Built>>,
}

/// Objects that are applied together.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// The chart, where it is one: its number in the facts.
    pub chart: Option<usize>,
    /// What it is, for messages: the folder, or the chart with its values.
    pub name: String,
    /// Whether what is looked for may stand in other files that are not seen: a chart's subcharts that
    /// were not found, or a kustomization that reaches out.
    pub open: bool,
    /// Whether a kustomization makes it.
    pub kustomized: bool,
    /// Bundles that are made of the same files, so that one of them is deployed in each place.
    pub instead: Vec<usize>,
}

impl Object {
    /// Where a node of it stands, in the file that a person edits; values that a chart's template printed
    /// are told too.
    pub fn at(&self, node: &Node) -> At {
        self.at_span(node.span)
    }

    /// Where bytes of it stand.
    pub fn at_span(&self, span: Span) -> At {
        if let Some(built) = &self.built {
            return built.at(span);
        }
        let Some((rendered, number)) = &self.rendered else {
            return At::new(&self.source, span);
        };
        let Some(origin) = rendered
            .objects
            .get(*number)
            .and_then(|object| rendered.origin(object, span))
        else {
            return At::new(&self.source, span);
        };
        let mut at = At::new(
            &origin.source,
            widened(&origin.source, origin.span.start, self.source.slice(span)),
        );
        for (place, written) in origin.values.iter().take(4) {
            if let Some((source, span)) = written {
                at.via
                    .push((Arc::clone(source), *span, format!("`{place}` is set here")));
            }
        }
        at
    }

    /// The node at a dotted path of keys.
    pub fn find(&self, path: &str) -> Option<&Node> {
        find(&self.node, path)
    }

    /// Where the name stands, or the object where it has none.
    pub fn named_at(&self) -> At {
        match self.find("metadata.name") {
            Some(node) => self.at(node),
            None => self.at(&self.node),
        }
    }

    /// Whether it stands in its file as it is applied: no chart made it and no kustomization.
    pub fn is_plain(&self) -> bool {
        self.rendered.is_none() && self.built.is_none()
    }

    /// `Deployment web`.
    pub fn title(&self) -> String {
        format!("{} `{}`", self.kind, self.name)
    }

    /// Whether it is of a kind in the API group of that name, whatever the version; empty for the core.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.kind == kind
            && match self.api_version.split_once('/') {
                Some((own, _)) => own == group,
                None => group.is_empty(),
            }
    }

    /// The specification of its pods, where it makes any.
    pub fn pod(&self) -> Option<&Node> {
        find(&self.node, &format!("{}spec", pod_path(&self.kind)?))
    }

    /// The labels of its pods.
    pub fn pod_labels(&self) -> Option<&Node> {
        find(
            &self.node,
            &format!("{}metadata.labels", pod_path(&self.kind)?),
        )
    }

    /// The containers of its pods; those that run before the others too, where `all`.
    pub fn containers(&self, all: bool) -> Vec<Container<'_>> {
        let Some(pod) = self.pod() else {
            return Vec::new();
        };
        let mut containers = Vec::new();
        for (key, init) in [("containers", false), ("initContainers", true)] {
            if init && !all {
                continue;
            }
            for node in pod.get(key).map_or(&[][..], Node::items) {
                containers.push(Container {
                    object: self,
                    node,
                    name: node.get("name").and_then(Node::text).unwrap_or(""),
                    image: node.get("image").filter(|image| image.text().is_some()),
                });
            }
        }
        containers
    }

    /// How many pods it asks for; one where it does not say.
    pub fn replicas(&self) -> Option<(i64, &Node)> {
        let node = self.find("spec.replicas")?;
        Some((node.text()?.parse().ok()?, node))
    }
}

/// Where the pod template of a kind is, with a dot at the end.
fn pod_path(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicaSet"
        | "Job"
        | "ReplicationController"
        | "Rollout" => "spec.template.",
        "CronJob" => "spec.jobTemplate.spec.template.",
        "Pod" => "",
        _ => return None,
    })
}

/// One container of a workload.
#[derive(Debug, Clone, Copy)]
pub struct Container<'a> {
    /// The workload.
    pub object: &'a Object,
    /// The container.
    pub node: &'a Node,
    /// Its name.
    pub name: &'a str,
    /// The name of its image.
    pub image: Option<&'a Node>,
}

/// A port that a container declares.
#[derive(Debug, Clone, Copy)]
pub struct Port<'a> {
    /// Its name.
    pub name: Option<&'a str>,
    /// Its number.
    pub number: u16,
    /// Where the number stands.
    pub node: &'a Node,
}

impl<'a> Container<'a> {
    /// The ports that it declares.
    pub fn ports(&self) -> Vec<Port<'a>> {
        self.node
            .get("ports")
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(|port| {
                let node = port.get("containerPort")?;
                Some(Port {
                    name: port.get("name").and_then(Node::text),
                    number: node.text()?.parse().ok()?,
                    node,
                })
            })
            .collect()
    }

    /// The variables that it is given by `env`, with their nodes.
    pub fn env(&self) -> impl Iterator<Item = (&'a str, &'a Node)> {
        self.node
            .get("env")
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(|item| Some((item.get("name")?.text()?, item)))
    }

    /// A literal value given by `env`.
    pub fn env_value(&self, name: &str) -> Option<(&'a str, &'a Node)> {
        let (_, item) = self.env().filter(|(own, _)| *own == name).last()?;
        let value = item.get("value")?;
        Some((value.text()?, value))
    }

    /// The words that replace the image's entrypoint and arguments.
    pub fn words(&self, key: &str) -> Option<&'a [Node]> {
        self.node
            .get(key)
            .map(Node::items)
            .filter(|items| !items.is_empty())
    }
}

/// The node at a dotted path of keys; a number is an index.
pub fn find<'a>(node: &'a Node, path: &str) -> Option<&'a Node> {
    path.split('.')
        .filter(|key| !key.is_empty())
        .try_fold(node, |node, key| match key.parse::<usize>() {
            Ok(at) if !node.items().is_empty() => node.items().get(at),
            _ => node.get(key),
        })
}

/// The labels of a mapping as pairs.
pub fn pairs(node: &Node) -> Vec<(&str, &str)> {
    node.entries()
        .iter()
        .filter_map(|entry| Some((entry.key.as_str(), entry.value.text()?)))
        .collect()
}

/// Whether `labels` has every pair of `selector`.
pub fn selects(selector: &[(&str, &str)], labels: &[(&str, &str)]) -> bool {
    selector.iter().all(|pair| labels.contains(pair))
}

/// The value itself where the template has it, else the rest of the line.
fn widened(source: &Source, start: usize, value: &str) -> Span {
    let text = source.text();
    let start = start.min(text.len());
    let Some(rest) = text.get(start..) else {
        return Span::new(start, start);
    };
    if !value.is_empty() && !value.contains('\n') && rest.starts_with(value) {
        return Span::new(start, start + value.len());
    }
    let end = rest.find('\n').unwrap_or(rest.len());
    let line = rest[..end].trim_end();
    // An action ends where its braces close.
    let end = match line.find("}}") {
        Some(end) if line.starts_with("{{") => end + 2,
        _ => line.len(),
    };
    Span::new(start, start + end)
}
