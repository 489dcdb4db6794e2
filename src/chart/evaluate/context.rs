//! What templates see: the contexts of a chart and of all charts in it.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::super::dependency::Instance;
use super::super::load::TemplateFile;
use super::super::value::{MapKind, Object as ValueObject, Path, Value};
use super::Release;

/// One template to run and the context of its chart.
pub(super) struct Job<'c> {
    pub(super) name: Arc<str>,
    pub(super) base: String,
    pub(super) file: &'c TemplateFile,
    pub(super) context: Value,
    pub(super) partial: bool,
}

/// The parts of the context that all charts share.
pub(super) struct Shared {
    pub(super) release: Value,
    pub(super) capabilities: Value,
}

pub(super) fn rooted(entries: BTreeMap<Arc<str>, Value>, root: Option<Rc<Path>>) -> Value {
    Value::Map(Rc::new(super::super::value::Map {
        entries: std::cell::RefCell::new(entries),
        kind: MapKind::Values,
        nil: false,
        path: root,
    }))
}

pub(super) fn release_value(release: &Release) -> Value {
    let fields = [
        ("Name", Value::from(release.name.as_str())),
        ("Namespace", Value::from(release.namespace.as_str())),
        ("IsUpgrade", Value::Bool(release.upgrade)),
        ("IsInstall", Value::Bool(!release.upgrade)),
        ("Revision", Value::Int(1)),
        ("Service", Value::from("Helm")),
    ];
    Value::map(
        fields
            .into_iter()
            .map(|(key, value)| (Arc::from(key), value))
            .collect(),
    )
}

pub(super) fn template_value(job: &Job<'_>) -> Value {
    let fields = [
        ("Name", Value::from(Arc::clone(&job.name))),
        ("BasePath", Value::from(job.base.as_str())),
    ];
    Value::map_of(
        MapKind::Values,
        fields
            .into_iter()
            .map(|(key, value)| (Arc::from(key), value))
            .collect(),
    )
}

/// Gives every chart its context and lists its templates; the context of a chart is shared with its parent's
/// `.Subcharts`.
pub(super) fn collect<'c>(
    chart: &Instance<'c>,
    full: &str,
    values: Value,
    shared: &Shared,
    root: bool,
    jobs: &mut Vec<Job<'c>>,
) -> Value {
    let part = chart.part;
    let metadata = part.metadata.value(&chart.name, &chart.dependencies, root);
    let mut children = BTreeMap::new();
    // A child shares its values with its parent, so that `set` is seen by both.
    let below = |name: &str| match &values {
        Value::Map(map) => map.get(name).filter(|inner| matches!(inner, Value::Map(_))),
        _ => None,
    };
    let below =
        |name: &str| below(name).unwrap_or_else(|| Value::map_of(MapKind::Values, BTreeMap::new()));
    for child in &chart.children {
        let child_full = format!("{full}/charts/{}", child.name);
        let context = collect(child, &child_full, below(&child.name), shared, false, jobs);
        children.insert(Arc::clone(&child.name), context);
    }
    let fields = [
        ("Chart", metadata),
        (
            "Files",
            Value::Object(Rc::new(ValueObject::Files(part.files.clone()))),
        ),
        ("Release", shared.release.clone()),
        ("Capabilities", shared.capabilities.clone()),
        ("Values", values),
        ("Subcharts", Value::map(children)),
    ];
    let context = Value::map_of(
        MapKind::Values,
        fields
            .into_iter()
            .map(|(key, value)| (Arc::from(key), value))
            .collect(),
    );
    for file in &part.templates {
        let base = file.name.rsplit('/').next().unwrap_or(&file.name);
        let partial = base.starts_with('_');
        if part.metadata.is_library() && !partial {
            continue;
        }
        jobs.push(Job {
            name: Arc::from(format!("{full}/{}", file.name)),
            base: format!("{full}/templates"),
            file,
            context: context.clone(),
            partial,
        });
    }
    context
}

/// Templates deep in the tree come first, so that those near its root define last and win.
pub(super) fn deeper_first(a: &str, b: &str) -> std::cmp::Ordering {
    let depth = |path: &str| path.matches('/').count();
    depth(a).cmp(&depth(b)).then_with(|| a.cmp(b))
}
