//! The result of an evaluation, and the answer to where each node comes from.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::diagnostic::Reporter;
use crate::source::yaml::Node;
use crate::source::{Place, Source, Span};

use super::super::data::Data;
use super::super::dependency::Instance;
use super::super::eval::Eval;
use super::super::format;
use super::super::load::Chart;
use super::super::manifest::{self, Object, Rendering};
use super::super::origin::{Mark, Origin, Output, Read, covering};
use super::super::reads::{self, UnreadValue, ValueRead};
use super::Options;
use super::tell::dynamic_source;

/// A chart with everything filled in.
#[derive(Debug)]
pub struct Rendered {
    /// The objects in the order in which they apply; hooks behind the others.
    pub objects: Vec<Object>,
    /// The text of NOTES.txt, where the chart has one.
    pub notes: Option<String>,
    /// Every value that was read, sorted by path.
    pub reads: Vec<ValueRead>,
    /// Values of the chart or the user that nothing reads.
    pub unread: Vec<UnreadValue>,
    pub(super) origins: Origins,
}

/// What is needed to say where a byte comes from.
#[derive(Debug)]
pub(super) struct Origins {
    pub(super) origins: Vec<Origin>,
    /// Path and place of every look at a value.
    pub(super) reads: Vec<ShownValue>,
    pub(super) sources: Vec<Arc<Source>>,
    pub(super) dynamic: Vec<Arc<Source>>,
}

/// A value that a node shows: its path, and where it was written, if a file wrote it.
pub type ShownValue = (Place, Option<(Arc<Source>, Span)>);

/// Where a node of an object comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeOrigin {
    /// The template, or the text that `tpl` was given.
    pub source: Arc<Source>,
    /// The bytes that printed the node's start; empty at their first byte.
    pub span: Span,
    /// The values that it shows, with the place where each was written.
    pub values: Vec<ShownValue>,
}

impl Rendered {
    /// Where the bytes of `span` in `object` come from: the template of the first one, and every value that
    /// printed some of them.
    pub fn origin(&self, object: &Object, span: Span) -> Option<NodeOrigin> {
        let (start, end) = (object.start + span.start, object.start + span.end);
        let first = covering(&object.marks, start)?;
        let (source, at) = self.origins.place(first, start)?;
        let mut values: Vec<ShownValue> = Vec::new();
        let from = object.marks.partition_point(|mark| mark.at < first.at);
        for mark in &object.marks[from..] {
            if mark.at as usize >= end.max(start + 1) {
                break;
            }
            let Some(origin) = self.origins.origins.get(mark.origin as usize) else {
                continue;
            };
            let (low, high) = (origin.reads.0 as usize, origin.reads.1 as usize);
            for read in self.origins.reads.get(low..high).unwrap_or_default() {
                if !values.contains(read) {
                    values.push(read.clone());
                }
            }
        }
        // A look at `service.port` is a look at `service` too, which says nothing more.
        let shown: Vec<Place> = values.iter().map(|(path, _)| path.clone()).collect();
        values.retain(|(path, _)| {
            !shown
                .iter()
                .any(|other| other != path && other.steps().starts_with(path.steps()))
        });
        Some(NodeOrigin {
            source,
            span: at,
            values,
        })
    }

    /// Where a node of `object` comes from.
    pub fn node_origin(&self, object: &Object, node: &Node) -> Option<NodeOrigin> {
        self.origin(object, node.span)
    }
}

impl Origins {
    fn source(&self, file: u32) -> Option<&Arc<Source>> {
        let file = file as usize;
        self.sources
            .get(file)
            .or_else(|| self.dynamic.get(file.checked_sub(self.sources.len())?))
    }

    fn place(&self, mark: Mark, at: usize) -> Option<(Arc<Source>, Span)> {
        let origin = self.origins.get(mark.origin as usize)?;
        let source = self.source(origin.file)?;
        let into = if origin.linear {
            at.saturating_sub(mark.at as usize)
        } else {
            0
        };
        let offset = (origin.offset as usize + into).min(source.text().len());
        Some((Arc::clone(source), Span::new(offset, offset)))
    }
}

pub(super) fn origins(
    eval: &mut Eval<'_>,
    chart: &Chart,
    coalesced: &Data,
    sources: &dyn Fn(u32) -> Option<Arc<Source>>,
) -> Origins {
    let mut known: HashMap<(usize, Arc<str>), ShownValue> = HashMap::new();
    let reads = eval
        .reads
        .iter()
        .map(|read: &Read| {
            let parent = read
                .parent
                .as_ref()
                .map_or(0, |parent| Rc::as_ptr(parent) as usize);
            known
                .entry((parent, Arc::clone(&read.key)))
                .or_insert_with(|| {
                    let keys = reads::keys(read);
                    let at = reads::find(coalesced, &keys).and_then(|data| data.at);
                    (
                        reads::place(&keys),
                        at.and_then(|at| Some((sources(at.file)?, at.span))),
                    )
                })
                .clone()
        })
        .collect();
    Origins {
        origins: std::mem::take(&mut eval.origins),
        reads,
        sources: chart.sources.clone(),
        dynamic: (0..eval.dynamic.len())
            .filter_map(|at| dynamic_source(eval, eval.first_dynamic + u32::try_from(at).ok()?))
            .collect(),
    }
}

/// What one template printed: objects, or the text of a NOTES.txt.
pub(super) struct Printed {
    template: Arc<str>,
    notes: Option<String>,
    objects: Vec<Object>,
    troubles: Vec<manifest::Trouble>,
}

pub(super) fn read((template, output): (Arc<str>, Output), skim: bool) -> Printed {
    let text = format::text(output.text);
    let mut printed = Printed {
        template,
        notes: None,
        objects: Vec::new(),
        troubles: Vec::new(),
    };
    if printed.template.ends_with("NOTES.txt") {
        printed.notes = Some(text);
        return printed;
    }
    let rendering = Rendering {
        template: &printed.template,
        text: &text,
        marks: &output.marks,
        crd: false,
    };
    printed.objects = manifest::read(&rendering, skim, &mut printed.troubles);
    printed
}

pub(super) fn finish(
    instance: &Instance<'_>,
    chart: &Chart,
    mut outputs: Vec<Printed>,
    origins: Origins,
    options: &Options,
    (reads, unread): (Vec<ValueRead>, Vec<UnreadValue>),
    report: &mut Reporter,
) -> Option<Rendered> {
    let notes_name = format!("{}/templates/NOTES.txt", instance.name);
    let mut notes = None;
    let mut troubles = Vec::new();
    let mut objects = Vec::new();
    outputs.sort_by(|a, b| a.template.cmp(&b.template));
    for printed in outputs {
        if *printed.template == *notes_name {
            notes = printed.notes;
        }
        objects.extend(printed.objects);
        troubles.extend(printed.troubles);
    }
    let (mut hooks, mut plain): (Vec<Object>, Vec<Object>) = objects
        .into_iter()
        .partition(|object| object.hook.is_some());
    manifest::sort(&mut plain);
    manifest::sort(&mut hooks);
    let mut objects = Vec::new();
    if options.include_crds {
        crds(
            instance,
            &instance.name.clone(),
            chart,
            !options.explain,
            &mut objects,
            &mut troubles,
        );
    }
    objects.extend(plain);
    objects.extend(hooks);
    let before = report.diagnostics().len();
    manifest::tell(troubles, &|mark, at| origins.place(mark, at), report);
    let failed = report.diagnostics()[before..]
        .iter()
        .any(|diagnostic| diagnostic.level == crate::diagnostic::Level::Error);
    (!failed).then_some(Rendered {
        objects,
        notes,
        reads,
        unread,
        origins,
    })
}

pub(super) fn crds(
    instance: &Instance<'_>,
    full: &str,
    chart: &Chart,
    skim: bool,
    objects: &mut Vec<Object>,
    troubles: &mut Vec<manifest::Trouble>,
) {
    for (name, file) in &instance.part.crds {
        let template: Arc<str> = Arc::from(format!("{full}/{name}"));
        let source = &chart.sources[*file as usize];
        let rendering = Rendering {
            template: &template,
            text: source.text(),
            marks: &[],
            crd: true,
        };
        objects.extend(manifest::read(&rendering, skim, troubles));
    }
    for child in &instance.children {
        crds(
            child,
            &format!("{full}/charts/{}", child.name),
            chart,
            skim,
            objects,
            troubles,
        );
    }
}
