//! A chart and values to objects.
//!
//! Owns the order of the whole: which charts take part, what their values are, the context that templates see,
//! running every template, reading the objects, and answering where a node comes from.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use crate::diagnostic::Reporter;
use crate::source::{Source, Span};

use super::ast::{Parsed, Template};
use super::capabilities::Capabilities;
use super::data::Data;
use super::dependency::{self, Instance};
use super::eval::{Budget, Eval};
use super::load::{Chart, TemplateFile};
use super::origin::Output;
use super::parse::{self, ParseError};
use super::random::Random;
use super::reads::{self, UnreadValue, ValueRead};
use super::schema;
use super::value::{Path, Value};
use super::values::{FIRST_USER_FILE, Values, coalesce};

mod context;
mod rendered;
mod tell;

use context::{Job, Shared, collect, deeper_first, release_value, rooted, template_value};
pub use rendered::{NodeOrigin, Rendered, ShownValue};
use rendered::{Origins, Printed, finish, origins};
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
    /// Whether the result knows which values were read, by which node, and which by none; costs a tenth of
    /// an evaluation. Errors name their place without it, and the nodes of an object are read once asked for.
    pub explain: bool,
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
            explain: true,
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
    let evaluation = Evaluation {
        chart,
        values,
        instance: &instance,
        coalesced: &coalesced,
        release,
        capabilities,
        options,
    };
    // The templates run on a stack of its own size, whatever the caller's thread has. Meanwhile the caller sees
    // whether the values plainly conform, and reads what one template printed while the next one runs.
    let (tell_plain, plain) = mpsc::sync_channel(1);
    let (print, printed) = mpsc::channel();
    let printed = Mutex::new(printed);
    // Who asks for no explanation may not ask for the objects' nodes either.
    let skim = !options.explain;
    std::thread::scope(|scope| {
        let (evaluation, printed) = (&evaluation, &printed);
        let running = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, move || {
                let mut told = Reporter::new();
                let done = evaluation.run(&plain, print, &mut told);
                (done, told, read_printed(printed, skim))
            })
            .expect("internal error: no thread can be started");
        let conforms = !options.check_schema
            || schema::accepts(&instance, &coalesced, &|file| evaluation.source(file));
        // Nobody listens any more where a panic ended the other thread.
        let _ = tell_plain.send(conforms);
        parse_last(&instance, chart);
        let mut read = read_printed(printed, skim);
        let (done, told, more) = running
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        read.extend(more);
        report.extend(told);
        let (origins, reads) = done?;
        finish(&instance, chart, read, origins, options, reads, report)
    })
}

/// Reads what is printed until nothing more comes, beside whoever else does.
fn read_printed(printed: &Mutex<Receiver<(Arc<str>, Output)>>, skim: bool) -> Vec<Printed> {
    let next = || {
        let printed = printed
            .lock()
            .expect("internal error: a reader of templates ended early");
        printed.recv().ok()
    };
    let printed = std::iter::from_fn(next);
    printed.map(|one| rendered::read(one, skim)).collect()
}

/// What an evaluation is given.
struct Evaluation<'e> {
    chart: &'e Chart,
    values: &'e Values,
    instance: &'e Instance<'e>,
    coalesced: &'e Data,
    release: &'e Release,
    capabilities: &'e Capabilities,
    options: &'e Options,
}

type Summary = (Vec<ValueRead>, Vec<UnreadValue>);

impl Evaluation<'_> {
    fn source(&self, file: u32) -> Option<Arc<Source>> {
        match file.checked_sub(FIRST_USER_FILE) {
            Some(user) => self.values.sources.get(user as usize).cloned(),
            None => self.chart.sources.get(file as usize).cloned(),
        }
    }

    /// Runs every template; `plain` says whether the values need no further check.
    fn run(
        &self,
        plain: &Receiver<bool>,
        print: Sender<(Arc<str>, Output)>,
        report: &mut Reporter,
    ) -> Option<(Origins, Summary)> {
        let jobs = self.jobs();
        let mut told = Reporter::new();
        let templates = parse_all(&jobs, self.chart, &mut told);
        // Nothing is said of templates before the values are known to be sound.
        if !plain.recv().unwrap_or(false) {
            let sources = |file| self.source(file);
            schema::check(self.instance, self.coalesced, &sources, report);
            if report.has_errors() {
                return None;
            }
        }
        report.extend(told);
        let first_dynamic = u32::try_from(self.chart.sources.len()).unwrap_or(u32::MAX / 2);
        let mut eval = Eval::new(
            templates?,
            first_dynamic,
            self.options.budget,
            Random::new(self.options.seed),
            self.options.explain,
        );
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
                    // As above: nobody listens after a panic.
                    let _ = print.send((Arc::clone(&job.name), output));
                }
                Err(fault) => {
                    tell_fault(&fault, self.chart, &eval, report);
                    return None;
                }
            }
        }
        drop(print);
        tell_unstable(&eval.unstable, self.chart, self.options.seed, report);
        let sources = |file| self.source(file);
        let origins = origins(&mut eval, self.chart, self.coalesced, &sources);
        if !self.options.explain {
            return Some((origins, Summary::default()));
        }
        let parsed = jobs.iter().filter_map(|job| job.file.parsed.get());
        let parsed: Vec<_> = parsed.filter_map(|parsed| parsed.as_ref().ok()).collect();
        let summary = reads::summary(
            &eval.reads,
            &reads::mentioned(&parsed),
            self.coalesced,
            &origins.sources,
            &sources,
        );
        Some((origins, summary))
    }

    /// Every template with its context, in the order in which they run.
    fn jobs(&self) -> Vec<Job<'_>> {
        let root = self.options.explain.then(|| {
            Rc::new(Path {
                parent: None,
                key: Arc::from(""),
                index: false,
            })
        });
        let value = match Value::from_data(self.coalesced, root.as_ref()) {
            Value::Map(map) => {
                let entries = map.entries.borrow().clone();
                rooted(entries, root)
            }
            other => other,
        };
        let shared = Shared {
            release: release_value(self.release),
            capabilities: self.capabilities.value(),
        };
        let mut jobs = Vec::new();
        let full = self.instance.name.to_string();
        collect(self.instance, &full, value, &shared, true, &mut jobs);
        jobs.sort_by(|a, b| deeper_first(&b.name, &a.name));
        jobs
    }
}

/// Parses templates of the outermost chart from the last one that runs on, until both threads meet.
fn parse_last(instance: &Instance<'_>, chart: &Chart) {
    let mut files: Vec<_> = instance.part.templates.iter().collect();
    files.sort_by(|a, b| deeper_first(&a.name, &b.name));
    for file in files {
        if file.parsed.get().is_some() {
            return;
        }
        let name = format!("{}/{}", instance.name, file.name);
        // What it gives is asked for again, and faults are told then.
        let _ = parsed(file, &Arc::from(name), chart);
    }
}

fn parsed<'f>(
    file: &'f TemplateFile,
    name: &Arc<str>,
    chart: &Chart,
) -> &'f Result<Parsed, ParseError> {
    let source = &chart.sources[file.file as usize];
    file.parsed
        .get_or_init(|| parse::parse(name, source.text(), file.file))
}

fn parse_all(
    jobs: &[Job<'_>],
    chart: &Chart,
    report: &mut Reporter,
) -> Option<HashMap<Arc<str>, Arc<Template>>> {
    let mut templates: HashMap<Arc<str>, Arc<Template>> = HashMap::new();
    let mut sound = true;
    for job in jobs {
        match parsed(job.file, &job.name, chart) {
            Ok(parsed) => {
                for define in &parsed.defines {
                    if !(define.blank && templates.contains_key(&define.name)) {
                        templates.insert(Arc::clone(&define.name), Arc::clone(define));
                    }
                }
                templates.insert(Arc::clone(&job.name), Arc::clone(&parsed.body));
            }
            Err(error) => {
                tell_parse(error, &chart.sources[job.file.file as usize], report);
                sound = false;
            }
        }
    }
    sound.then_some(templates)
}
