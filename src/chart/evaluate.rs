//! A chart and values to objects.
//!
//! Owns the order of the whole: which charts take part, what their values are, the context that templates see,
//! running every template, reading the objects, and answering where a node comes from.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use crate::diagnostic::Reporter;
use crate::source::yaml::Node;
use crate::source::{Place, Source, Span};

use super::ast::Template;
use super::capabilities::Capabilities;
use super::data::Data;
use super::dependency::{self, Instance};
use super::eval::{Budget, Eval, Fault, Unstable};
use super::load::{Chart, TemplateFile};
use super::manifest::{self, Object, Rendering};
use super::origin::{Mark, Origin, Output, Read, covering};
use super::parse::ParseError;
use super::random::Random;
use super::reads::{self, UnreadValue, ValueRead};
use super::schema;
use super::value::{MapKind, Object as ValueObject, Path, Value};
use super::values::{FIRST_USER_FILE, Values, coalesce};

/// The release that templates are told about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// `.Release.Name`.
    pub name: String,
    /// `.Release.Namespace`.
    pub namespace: String,
    /// Whether it is there already: `.Release.IsUpgrade`.
    pub upgrade: bool,
}

impl Default for Release {
    fn default() -> Self {
        Self {
            name: "release-name".to_owned(),
            namespace: "default".to_owned(),
            upgrade: false,
        }
    }
}

/// What else an evaluation depends on.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether the objects of `crds/` folders are part of the result.
    pub include_crds: bool,
    /// Whether values are checked against values.schema.json.
    pub check_schema: bool,
    /// Where the stand-ins for random values begin.
    pub seed: u64,
    /// Most of what the templates may take.
    pub budget: Budget,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            include_crds: false,
            check_schema: true,
            seed: 0,
            budget: Budget::default(),
        }
    }
}

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
    origins: Origins,
}

/// What is needed to say where a byte comes from.
#[derive(Debug)]
struct Origins {
    origins: Vec<Origin>,
    /// Path and place of every look at a value.
    reads: Vec<ShownValue>,
    sources: Vec<Arc<Source>>,
    dynamic: Vec<Arc<Source>>,
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

/// Evaluates a chart.
///
/// Nothing comes back where an error was told; warnings and notes come with a result. What differs from run
/// to run of Helm is told as `not-reproducible`.
pub fn evaluate(
    chart: &Chart,
    values: &Values,
    release: &Release,
    capabilities: &Capabilities,
    options: &Options,
    report: &mut Reporter,
) -> Option<Rendered> {
    /// Templates may nest; their depth is limited so that this is never used up.
    const STACK: usize = 512 << 20;
    // The evaluation runs on a stack of its own size, whatever the caller's thread has.
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || {
                run(chart, values, release, capabilities, options, report)
            })
            .expect("internal error: no thread can be started")
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// One template to run and the context of its chart.
struct Job<'c> {
    name: Arc<str>,
    base: String,
    file: &'c TemplateFile,
    context: Value,
    partial: bool,
}

fn run(
    chart: &Chart,
    values: &Values,
    release: &Release,
    capabilities: &Capabilities,
    options: &Options,
    report: &mut Reporter,
) -> Option<Rendered> {
    let sources = |file: u32| -> Option<Arc<Source>> {
        match file.checked_sub(FIRST_USER_FILE) {
            Some(user) => values.sources.get(user as usize).cloned(),
            None => chart.sources.get(file as usize).cloned(),
        }
    };
    let manifest = &chart.sources[chart.root.manifest as usize];
    check_chart(chart, capabilities, manifest, report)?;
    let resolved = dependency::resolve(&chart.root, &values.data)
        .and_then(|instance| Ok((coalesce(&instance, &values.data, false)?, instance)));
    let (coalesced, instance) = match resolved {
        Ok(resolved) => resolved,
        Err(message) => {
            report
                .error("chart-values", message)
                .at(manifest, Span::default(), "");
            return None;
        }
    };
    if options.check_schema {
        let before = report.diagnostics().len();
        schema::check(&instance, &coalesced, &sources, report);
        if report.diagnostics()[before..]
            .iter()
            .any(|d| d.level == crate::diagnostic::Level::Error)
        {
            return None;
        }
    }
    let root = Rc::new(Path {
        parent: None,
        key: Arc::from(""),
        index: false,
    });
    let value = match Value::from_data(&coalesced, Some(&root)) {
        Value::Map(map) => {
            let entries = map.entries.borrow().clone();
            rooted(entries, &root)
        }
        other => other,
    };
    let shared = Shared {
        release: release_value(release),
        capabilities: capabilities.value(),
    };
    let mut jobs = Vec::new();
    let full = instance.name.to_string();
    collect(&instance, &full, value, &shared, true, &mut jobs);
    jobs.sort_by(|a, b| deeper_first(&b.name, &a.name));
    let templates = parse_all(&jobs, chart, report)?;
    let first_dynamic = u32::try_from(chart.sources.len()).unwrap_or(u32::MAX / 2);
    let mut eval = Eval::new(
        templates,
        first_dynamic,
        options.budget,
        Random::new(options.seed),
    );
    let mut outputs = Vec::new();
    for job in jobs.iter().filter(|job| !job.partial) {
        if let Value::Map(context) = &job.context {
            context
                .entries
                .borrow_mut()
                .insert(Arc::from("Template"), template_value(job));
        }
        match eval.run(&job.name, job.context.clone()) {
            Ok(mut output) => {
                output.drop_no_value();
                outputs.push((Arc::clone(&job.name), output));
            }
            Err(fault) => {
                tell_fault(&fault, chart, &eval, report);
                return None;
            }
        }
    }
    tell_unstable(&eval.unstable, chart, options.seed, report);
    let statically = reads::mentioned(
        &jobs
            .iter()
            .filter_map(|j| j.file.parsed.get()?.as_ref().ok())
            .collect::<Vec<_>>(),
    );
    let origins = origins(&mut eval, chart, &coalesced, &sources);
    let (reads, unread) = reads::summary(
        &eval.reads,
        &statically,
        &coalesced,
        &origins.sources,
        &sources,
    );
    finish(
        &instance,
        chart,
        outputs,
        origins,
        options,
        (reads, unread),
        report,
    )
}

fn rooted(entries: BTreeMap<Arc<str>, Value>, root: &Rc<Path>) -> Value {
    Value::Map(Rc::new(super::value::Map {
        entries: std::cell::RefCell::new(entries),
        kind: MapKind::Values,
        nil: false,
        path: Some(Rc::clone(root)),
    }))
}

fn check_chart(
    chart: &Chart,
    capabilities: &Capabilities,
    manifest: &Arc<Source>,
    report: &mut Reporter,
) -> Option<()> {
    let metadata = &chart.root.metadata;
    let missing = dependency::missing(&chart.root);
    if !missing.is_empty() {
        report
            .error(
                "chart-dependency",
                format!(
                    "the dependencies `{}` are not vendored in charts/",
                    missing.join("`, `")
                ),
            )
            .at(manifest, Span::default(), "listed here")
            .help("run `helm dependency update`, and keep what it puts into charts/");
        return None;
    }
    if !metadata.kube_version.is_empty() {
        let range = super::semver::Constraint::parse(&metadata.kube_version);
        let version = super::semver::Version::parse(capabilities.kubernetes());
        let fits =
            matches!((range, version), (Some(range), Some(version)) if range.allows(&version));
        if !fits {
            report
                .error(
                    "chart-kubernetes",
                    format!(
                        "the chart needs Kubernetes {}, and this is {}",
                        metadata.kube_version,
                        capabilities.kubernetes()
                    ),
                )
                .at(manifest, Span::default(), "");
            return None;
        }
    }
    if metadata.is_library() {
        report
            .error(
                "chart-library",
                format!(
                    "`{}` is a library chart and renders nothing itself",
                    metadata.name
                ),
            )
            .at(manifest, Span::default(), "");
        return None;
    }
    Some(())
}

/// The parts of the context that all charts share.
struct Shared {
    release: Value,
    capabilities: Value,
}

fn release_value(release: &Release) -> Value {
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

fn template_value(job: &Job<'_>) -> Value {
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
fn collect<'c>(
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
fn deeper_first(a: &str, b: &str) -> std::cmp::Ordering {
    let depth = |path: &str| path.matches('/').count();
    depth(a).cmp(&depth(b)).then_with(|| a.cmp(b))
}

fn parse_all(
    jobs: &[Job<'_>],
    chart: &Chart,
    report: &mut Reporter,
) -> Option<HashMap<Arc<str>, Arc<Template>>> {
    let mut templates: HashMap<Arc<str>, Arc<Template>> = HashMap::new();
    let mut sound = true;
    for job in jobs {
        let source = &chart.sources[job.file.file as usize];
        let parsed = job
            .file
            .parsed
            .get_or_init(|| super::parse::parse(&job.name, source.text(), job.file.file));
        match parsed {
            Ok(parsed) => {
                for define in &parsed.defines {
                    if !(define.blank && templates.contains_key(&define.name)) {
                        templates.insert(Arc::clone(&define.name), Arc::clone(define));
                    }
                }
                templates.insert(Arc::clone(&job.name), Arc::clone(&parsed.body));
            }
            Err(error) => {
                tell_parse(error, source, report);
                sound = false;
            }
        }
    }
    sound.then_some(templates)
}

fn tell_parse(error: &ParseError, source: &Arc<Source>, report: &mut Reporter) {
    let diagnostic = report.error("chart-syntax", error.message.clone());
    diagnostic.at(source, error.span, "");
    if let Some(help) = &error.help {
        diagnostic.help(help.clone());
    }
}

fn dynamic_source(eval: &Eval<'_>, file: u32) -> Option<Arc<Source>> {
    let text = eval
        .dynamic
        .get(file.checked_sub(eval.first_dynamic)? as usize)?;
    Some(Source::new("the text given to `tpl`", text.as_ref()))
}

fn tell_fault(fault: &Fault, chart: &Chart, eval: &Eval<'_>, report: &mut Reporter) {
    let diagnostic = report.error(fault.id, fault.message.clone());
    let place = |file: u32| {
        chart
            .sources
            .get(file as usize)
            .cloned()
            .or_else(|| dynamic_source(eval, file))
    };
    let mut seen: Vec<(u32, usize)> = Vec::new();
    for (file, start, end) in &fault.trace {
        let Some(source) = place(*file) else {
            continue;
        };
        let span = Span::new(*start as usize, *end as usize);
        let line = (*file, source.position(span.start).line);
        if diagnostic.primary.is_none() {
            diagnostic.at(&source, span, "");
        } else if !seen.contains(&line) {
            diagnostic.also(&source, span, "on the way here");
        }
        seen.push(line);
    }
}

fn tell_unstable(unstable: &[Unstable], chart: &Chart, seed: u64, report: &mut Reporter) {
    for use_ in unstable {
        let diagnostic = report.note(
            "not-reproducible",
            format!(
                "`{}` gives something else at every run of Helm",
                use_.function
            ),
        );
        if let Some(source) = chart.sources.get(use_.file as usize) {
            diagnostic.at(
                source,
                Span::new(use_.offset as usize, use_.end as usize),
                format!("a stand-in made from seed {seed}"),
            );
        }
    }
}

fn origins(
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

fn finish(
    instance: &Instance<'_>,
    chart: &Chart,
    outputs: Vec<(Arc<str>, Output)>,
    origins: Origins,
    options: &Options,
    (reads, unread): (Vec<ValueRead>, Vec<UnreadValue>),
    report: &mut Reporter,
) -> Option<Rendered> {
    let notes_name = format!("{}/templates/NOTES.txt", instance.name);
    let mut notes = None;
    let mut troubles = Vec::new();
    let mut objects = Vec::new();
    let mut outputs = outputs;
    outputs.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, output) in outputs {
        let text = String::from_utf8_lossy(&output.text);
        if name.ends_with("NOTES.txt") {
            if *name == *notes_name {
                notes = Some(text.into_owned());
            }
            continue;
        }
        let rendering = Rendering {
            template: &name,
            text: &text,
            marks: &output.marks,
            crd: false,
        };
        objects.extend(manifest::read(&rendering, &mut troubles));
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

fn crds(
    instance: &Instance<'_>,
    full: &str,
    chart: &Chart,
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
        objects.extend(manifest::read(&rendering, troubles));
    }
    for child in &instance.children {
        crds(
            child,
            &format!("{full}/charts/{}", child.name),
            chart,
            objects,
            troubles,
        );
    }
}
