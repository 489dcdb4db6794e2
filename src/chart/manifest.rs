//! Rendered text to Kubernetes objects.
//!
//! Owns the split into documents, what Helm demands of each, hooks, and the order in which objects apply.
//! Knows nothing of how the text came to be, beyond the marks it carries.

use std::sync::{Arc, OnceLock};

use memchr::memmem;

use crate::diagnostic::Reporter;
use crate::source::yaml::{self, Limits, Node};
use crate::source::{Source, Span};

use super::data::{self, Data, Kind, LIMITS};
use super::number;
use super::origin::Mark;

mod order;
mod skim;

pub(crate) use order::sort;

/// One Kubernetes object of a chart.
#[derive(Debug, Clone)]
pub struct Object {
    /// The rendered text of the document alone.
    pub source: Arc<Source>,
    /// Path of the template, beginning with the chart's name, as Helm prints it.
    pub template: Arc<str>,
    /// `apiVersion`; may be empty.
    pub api_version: String,
    /// `kind`; may be empty.
    pub kind: String,
    /// `metadata.name`; may be empty.
    pub name: String,
    /// `metadata.namespace`, where the object names one.
    pub namespace: Option<String>,
    /// The hook that the object is, if it is one.
    pub hook: Option<Hook>,
    /// Whether the object comes from a `crds/` folder.
    pub crd: bool,
    whole: OnceLock<Whole>,
    /// Marks of the whole rendering, and where this document begins in it.
    pub(crate) marks: Vec<Mark>,
    pub(crate) start: usize,
}

/// An object as nodes and as data.
type Whole = (Node, Data);

/// When Helm applies an object apart from the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// `pre-install`, `test` and the like, in the order written.
    pub events: Vec<String>,
    /// The order among hooks of one event.
    pub weight: i64,
}

impl Hook {
    /// Whether `helm test` runs it.
    pub fn is_test(&self) -> bool {
        self.events.iter().any(|event| event == "test")
    }
}

impl Object {
    /// Its place in the order in which kinds can be applied: the later, the higher.
    pub fn rank(&self) -> usize {
        order::rank(&self.kind)
    }

    /// The object as YAML nodes; spans count in `source`.
    pub fn node(&self) -> &Node {
        &self.whole().0
    }

    /// The object as JSON, scalars typed as Helm types them.
    pub fn to_json(&self) -> serde_json::Value {
        self.whole().1.to_json()
    }

    fn whole(&self) -> &Whole {
        self.whole.get_or_init(|| {
            let whole = parse(self.source.text());
            let whole = whole.ok().and_then(|(whole, _)| whole);
            whole.expect("internal error: a document in which nothing is wrong cannot be read")
        })
    }
}

const EVENTS: [&str; 10] = [
    "pre-install",
    "post-install",
    "pre-delete",
    "post-delete",
    "pre-upgrade",
    "post-upgrade",
    "pre-rollback",
    "post-rollback",
    "test",
    "test-success",
];

/// The documents of a file of manifests that no template printed, as JSON, scalars typed as for charts; empty
/// ones are left out.
pub fn documents(
    source: &Arc<Source>,
    report: &mut Reporter,
) -> Option<Vec<(serde_json::Value, Span)>> {
    let read = yaml::read(source.text(), &LIMITS)
        .map_err(data::Fault::from)
        .and_then(|stream| {
            let documents = stream.documents.iter();
            let typed =
                documents.map(|node| Ok((data::from_node(node, source.text(), None)?, node.span)));
            typed.collect::<Result<Vec<_>, data::Fault>>()
        });
    match read {
        Ok(documents) => {
            let given = documents.into_iter().filter(|(data, _)| !data.is_null());
            Some(given.map(|(data, span)| (data.to_json(), span)).collect())
        }
        Err(fault) => {
            super::load::tell(report, source, &fault);
            None
        }
    }
}

/// The documents of a text and where each begins, as Helm splits them.
pub(crate) fn split(text: &str) -> Vec<(usize, &str)> {
    let lead = text.len() - text.trim_start().len();
    let mut documents = Vec::new();
    let mut start = lead;
    let marks = memmem::find_iter(&text.as_bytes()[lead..], b"---");
    for at in marks.map(|at| lead + at) {
        let begins_line = at == lead || text.as_bytes()[at - 1] == b'\n';
        if begins_line {
            documents.push((start, &text[start..at]));
            let behind = text[at + 3..].trim_start_matches([' ', '\t']);
            start = text.len() - behind.len();
        }
    }
    documents.push((start, &text[start..]));
    documents
        .into_iter()
        .filter(|(_, document)| !document.trim().is_empty())
        .map(|(start, document)| {
            let trimmed = document.trim_start();
            (start + (document.len() - trimmed.len()), trimmed)
        })
        .collect()
}

/// Rendered text of one template.
pub(crate) struct Rendering<'r> {
    pub(crate) template: &'r Arc<str>,
    pub(crate) text: &'r str,
    pub(crate) marks: &'r [Mark],
    pub(crate) crd: bool,
}

/// A fault in a document and the mark that covers it.
pub(crate) struct Trouble {
    pub(crate) id: &'static str,
    pub(crate) message: String,
    pub(crate) source: Arc<Source>,
    pub(crate) span: Span,
    pub(crate) mark: Option<Mark>,
    /// The byte of the rendering that `span` begins at.
    pub(crate) at: usize,
    pub(crate) warning: bool,
}

/// Reads every object of a rendered template.
///
/// With `skim` only the head of what is plainly sound is read; the rest once somebody asks for it.
pub(crate) fn read(
    rendering: &Rendering<'_>,
    skim: bool,
    troubles: &mut Vec<Trouble>,
) -> Vec<Object> {
    let mut objects = Vec::new();
    for (start, text) in split(rendering.text) {
        let marks = marks_of(rendering.marks, start, text.len());
        let source = Source::new(rendering.template.as_ref(), text);
        let mut trouble = |id, message: String, span: Span, warning| {
            troubles.push(Trouble {
                id,
                message,
                source: Arc::clone(&source),
                span,
                at: start + span.start,
                mark: super::origin::covering(&marks, start + span.start),
                warning,
            });
        };
        let skimmed = if skim { skimmed(text) } else { None };
        let (head, whole) = match skimmed {
            Some(head) => (Ok(head), OnceLock::new()),
            None => match parse(text) {
                Ok((whole, duplicates)) => {
                    for again in duplicates {
                        let key = source.slice(again).to_owned();
                        let message =
                            format!("the key `{key}` is given twice; the last one counts");
                        trouble("duplicate-key", message, again, true);
                    }
                    let Some((node, data)) = whole else {
                        continue;
                    };
                    (head(&node, &data), OnceLock::from((node, data)))
                }
                Err(fault) => {
                    trouble(fault.id, fault.message, fault.span, false);
                    continue;
                }
            },
        };
        match head {
            Ok(None) => {}
            Ok(Some(head)) => objects.push(Object {
                source,
                template: Arc::clone(rendering.template),
                api_version: head.api_version,
                kind: head.kind,
                name: head.name,
                namespace: head.namespace,
                hook: head.hook,
                crd: rendering.crd,
                whole,
                marks,
                start,
            }),
            Err((message, span)) => trouble("chart-object", message, span, false),
        }
    }
    objects
}

/// The first document of a text, and the second uses of keys that are given twice.
fn parse(text: &str) -> Result<(Option<Whole>, Vec<Span>), data::Fault> {
    let stream = yaml::read(text, &DOCUMENT)?;
    let duplicates = stream.duplicates.iter().map(|(_, again)| *again).collect();
    let Some(node) = stream.documents.into_iter().next() else {
        return Ok((None, duplicates));
    };
    let data = data::from_node(&node, text, None)?;
    Ok((Some((node, data)), duplicates))
}

/// What the head of a document says, where nothing is wrong with any of it.
fn skimmed(text: &str) -> Option<Option<Head>> {
    let lines = skim::head(text, &DOCUMENT)?;
    let (node, data) = parse(&lines).ok()?.0?;
    head(&node, &data).ok()
}

/// The limits of one document; what follows a second mark belongs to none.
const DOCUMENT: Limits = Limits {
    documents: 2,
    ..LIMITS
};

/// The marks that cover `start..start + length`, counted as they were.
fn marks_of(marks: &[Mark], start: usize, length: usize) -> Vec<Mark> {
    let first = marks
        .partition_point(|mark| mark.at as usize <= start)
        .saturating_sub(1);
    let last = marks.partition_point(|mark| (mark.at as usize) < start + length);
    marks[first.min(last)..last].to_vec()
}

#[derive(Debug, PartialEq)]
struct Head {
    api_version: String,
    kind: String,
    name: String,
    namespace: Option<String>,
    hook: Option<Hook>,
}

/// What Helm reads of every document; nothing for an empty one.
fn head(node: &Node, data: &Data) -> Result<Option<Head>, (String, Span)> {
    let Some(fields) = data.as_map() else {
        if data.is_null() {
            return Ok(None);
        }
        return Err((
            format!("an object must be a map, and this is a {}", data.noun()),
            node.span,
        ));
    };
    let span = |key: &str| node.get(key).map_or(node.span, |value| value.span);
    let text = |key: &str| match fields.get(key) {
        None => Ok(String::new()),
        Some(value) => {
            scalar(value).ok_or_else(|| (format!("`{key}` must be a string"), span(key)))
        }
    };
    let mut head = Head {
        api_version: text("apiVersion")?,
        kind: text("kind")?,
        name: String::new(),
        namespace: None,
        hook: None,
    };
    let Some(metadata) = fields.get("metadata").filter(|data| !data.is_null()) else {
        return Ok(Some(head));
    };
    let Some(metadata) = metadata.as_map() else {
        return Err(("`metadata` must be a map".to_owned(), span("metadata")));
    };
    if let Some(name) = metadata.get("name") {
        head.name = scalar(name).ok_or_else(|| {
            (
                "`metadata.name` must be a string".to_owned(),
                span("metadata"),
            )
        })?;
    }
    head.namespace = metadata
        .get("namespace")
        .and_then(scalar)
        .filter(|text| !text.is_empty());
    match metadata.get("annotations").map(|data| &data.kind) {
        None | Some(Kind::Null) => {}
        Some(Kind::Map(annotations)) => {
            for (key, value) in annotations {
                if scalar(value).is_none() {
                    return Err((
                        format!("the annotation `{key}` must be a string"),
                        span("metadata"),
                    ));
                }
            }
            let get = |key: &str| annotations.get(key).and_then(scalar);
            if let Some(events) = get("helm.sh/hook") {
                head.hook = Some(Hook {
                    events: events
                        .split(',')
                        .map(|event| event.trim().to_lowercase())
                        .collect(),
                    weight: get("helm.sh/hook-weight")
                        .and_then(|w| number::atoi(&w))
                        .unwrap_or(0),
                });
            }
        }
        Some(_) => {
            return Err((
                "`metadata.annotations` must be a map".to_owned(),
                span("metadata"),
            ));
        }
    }
    if let Some(hook) = &mut head.hook {
        if hook
            .events
            .iter()
            .any(|event| !EVENTS.contains(&event.as_str()))
        {
            // Helm drops objects with hooks that it does not know.
            return Ok(None);
        }
        for event in &mut hook.events {
            if event == "test-success" {
                *event = "test".to_owned();
            }
        }
    }
    Ok(Some(head))
}

fn scalar(data: &Data) -> Option<String> {
    Some(match &data.kind {
        Kind::Str(text) => text.to_string(),
        Kind::Null => String::new(),
        Kind::Bool(flag) => flag.to_string(),
        Kind::Int(n) => n.to_string(),
        Kind::Float(n) => number::general(*n),
        Kind::List(_) | Kind::Map(_) => return None,
    })
}

/// Tells the troubles of documents.
pub(crate) fn tell(
    troubles: Vec<Trouble>,
    place: &dyn Fn(Mark, usize) -> Option<(Arc<Source>, Span)>,
    report: &mut Reporter,
) {
    for trouble in troubles {
        let diagnostic = if trouble.warning {
            report.warning(trouble.id, trouble.message)
        } else {
            report.error(trouble.id, trouble.message)
        };
        match trouble.mark.and_then(|mark| place(mark, trouble.at)) {
            Some((source, span)) => {
                diagnostic.at(&source, span, "printed by this");
                diagnostic.also(&trouble.source, trouble.span, "in the rendered text");
            }
            None => {
                diagnostic.at(&trouble.source, trouble.span, "in the rendered text");
            }
        }
    }
}
