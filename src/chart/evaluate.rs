//! A chart and values to objects.
//!
//! Owns the order of the whole: which charts take part, what their values are, the context that templates see,
//! running every template, reading the objects, and answering where a node comes from.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::diagnostic::Reporter;
use crate::source::{Source, Span};

use super::ast::Template;
use super::capabilities::Capabilities;
use super::dependency;
use super::eval::{Budget, Eval};
use super::load::Chart;
use super::random::Random;
use super::reads;
use super::schema;
use super::value::{Path, Value};
use super::values::{FIRST_USER_FILE, Values, coalesce};

mod context;
mod rendered;
mod tell;

use context::{Job, Shared, collect, deeper_first, release_value, rooted, template_value};
pub use rendered::{NodeOrigin, Rendered, ShownValue};
use rendered::{finish, origins};
use tell::{check_chart, tell_fault, tell_parse, tell_unstable};

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
