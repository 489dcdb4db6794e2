//! What the artifacts say: objects with the place that they come from.

use std::sync::Arc;

use serde_json::Value;

use crate::chart;
use crate::diagnostic::Reporter;
use crate::source::{Source, Span};

/// One object of the artifacts.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The object.
    pub value: Value,
    /// The file or the rendered text that it is in.
    pub source: Arc<Source>,
    /// Where in it.
    pub span: Span,
}

impl Wanted {
    /// An object, unless it names no kind or no name, which no cluster takes.
    pub fn new(value: Value, source: &Arc<Source>, span: Span) -> Option<Self> {
        let given = |path: &str| {
            value
                .pointer(path)
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty())
        };
        let whole = ["/apiVersion", "/kind", "/metadata/name"]
            .into_iter()
            .all(given);
        whole.then(|| Self {
            value,
            source: Arc::clone(source),
            span,
        })
    }

    fn text(&self, path: &str) -> &str {
        self.value
            .pointer(path)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// `apiVersion`.
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion")
    }

    /// The API group; empty for the core.
    pub fn group(&self) -> &str {
        self.api_version()
            .split_once('/')
            .map_or("", |(group, _)| group)
    }

    /// `kind`.
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// `metadata.name`.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// The namespace; empty for an object that is in none.
    pub fn namespace(&self) -> &str {
        self.text("/metadata/namespace")
    }

    /// Kind and name, as kubectl writes them.
    pub fn title(&self) -> String {
        format!("{}/{}", self.kind(), self.name())
    }

    /// The images of its containers.
    pub(super) fn images(value: &Value) -> Vec<&str> {
        let pod = [
            "/spec/template/spec",
            "/spec/jobTemplate/spec/template/spec",
            "/spec",
        ];
        let pods = pod.iter().filter_map(|path| value.pointer(path));
        let lists = pods.flat_map(|pod| [pod.get("containers"), pod.get("initContainers")]);
        let containers = lists.flatten().filter_map(Value::as_array).flatten();
        containers
            .filter_map(|container| container["image"].as_str())
            .collect()
    }
}

/// The objects of a file of manifests. Lists are taken apart. Tells what cannot be read, and what is no object.
pub fn read(source: &Arc<Source>, report: &mut Reporter) -> Option<Vec<Wanted>> {
    let mut found = Vec::new();
    for (value, span) in chart::documents(source, report)? {
        let items = match (
            value["kind"].as_str(),
            value.get("items").and_then(Value::as_array),
        ) {
            (Some(kind), Some(items)) if kind.ends_with("List") => items.clone(),
            _ => vec![value],
        };
        for value in items {
            match Wanted::new(value, source, span) {
                Some(wanted) => found.push(wanted),
                None => {
                    report
                        .error("no-object", "this document is no Kubernetes object")
                        .at(source, span, "")
                        .help("an object has `apiVersion`, `kind` and `metadata.name`");
                    return None;
                }
            }
        }
    }
    Some(found)
}
