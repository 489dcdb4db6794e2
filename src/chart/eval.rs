//! Runs parsed templates.
//!
//! Owns control flow, variables, pipelines, field access and the budgets of an evaluation. The functions
//! that templates call live in `functions`; where output goes and comes from in `origin`.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::ast::{Parsed, Template};
use super::origin::{Origin, Output, Read};
use super::value::Value;

mod budget;
mod control;
mod pipeline;
mod record;

pub use budget::Budget;
pub(crate) use budget::Fault;

pub(crate) type Result<T, E = Box<Fault>> = std::result::Result<T, E>;

/// How a block ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

/// A template function whose result differs from run to run, and where it was called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unstable {
    pub(crate) function: &'static str,
    pub(crate) file: u32,
    pub(crate) offset: u32,
    pub(crate) end: u32,
}

/// The state of one evaluation.
pub(crate) struct Eval<'c> {
    charts: std::marker::PhantomData<&'c ()>,
    /// Named templates, the outermost set first; `tpl` puts its own on top.
    sets: Vec<HashMap<Arc<str>, Arc<Template>>>,
    pub(crate) origins: Vec<Origin>,
    pub(crate) reads: Vec<Read>,
    pub(crate) unstable: Vec<Unstable>,
    pub(crate) random: super::random::Random,
    /// Whether looks at values are remembered.
    explain: bool,
    parsed: HashMap<Arc<str>, Rc<Parsed>>,
    /// Texts given to `tpl`, which are files of their own: first index and the texts.
    pub(crate) dynamic: Vec<Arc<str>>,
    pub(crate) first_dynamic: u32,
    pub(crate) regexes: HashMap<Arc<str>, Option<Rc<regex::Regex>>>,
    nesting: HashMap<Arc<str>, usize>,
    budget: Budget,
    depth: usize,
    file: u32,
    /// Bytes of the action that is running.
    pub(crate) here: (u32, u32),
}

/// Variables and the value `.` stands for.
pub(crate) struct Frame {
    variables: Vec<Variable>,
    dot: Value,
    /// The reads that gave `dot`, where it is a single value.
    dot_reads: Reads,
}

/// A variable and the reads that its value depends on.
struct Variable {
    name: Arc<str>,
    value: Value,
    reads: Reads,
}

/// First and behind the last of some reads.
type Reads = (usize, usize);

/// Most reads that a variable brings along.
const MOST_READS: usize = 8;

impl<'c> Eval<'c> {
    pub(crate) fn new(
        templates: HashMap<Arc<str>, Arc<Template>>,
        first_dynamic: u32,
        budget: Budget,
        random: super::random::Random,
        explain: bool,
    ) -> Self {
        Self {
            charts: std::marker::PhantomData,
            sets: vec![templates],
            origins: Vec::new(),
            reads: Vec::new(),
            unstable: Vec::new(),
            random,
            explain,
            parsed: HashMap::new(),
            dynamic: Vec::new(),
            first_dynamic,
            regexes: HashMap::new(),
            nesting: HashMap::new(),
            budget,
            depth: 0,
            file: 0,
            here: (0, 0),
        }
    }

    /// Runs the template of that name over `dot`.
    pub(crate) fn run(&mut self, name: &str, dot: Value) -> Result<Output> {
        let Some(template) = self.template(name) else {
            return Err(Fault::new(format!("no template is named `{name}`")));
        };
        let mut output = Output::default();
        output.text.reserve(template.literal());
        self.invoke(&template, dot, &mut output)?;
        Ok(output)
    }

    fn template(&self, name: &str) -> Option<Arc<Template>> {
        self.sets
            .iter()
            .rev()
            .find_map(|set| set.get(name))
            .cloned()
    }

    fn invoke(&mut self, template: &Arc<Template>, dot: Value, output: &mut Output) -> Result<()> {
        self.deeper()?;
        let (file, here) = (self.file, self.here);
        self.file = template.file;
        let mut frame = Frame {
            variables: vec![Variable {
                name: Arc::from("$"),
                value: dot.clone(),
                reads: (0, 0),
            }],
            dot,
            dot_reads: (0, 0),
        };
        let result = self.block(&template.body, &mut frame, output);
        self.file = file;
        self.here = here;
        self.depth -= 1;
        result.map(|_| ())
    }

    /// `include`: the output of a template as a string.
    pub(crate) fn include(&mut self, name: &str, data: Value) -> Result<Value> {
        const NESTED: usize = 1000;
        let count = self.nesting.entry(Arc::from(name)).or_insert(0);
        if *count > NESTED {
            return Err(Fault::of(
                "chart-limit",
                format!("`{name}` includes itself more than {NESTED} times over"),
            ));
        }
        *count += 1;
        let Some(template) = self.template(name) else {
            return Err(Fault::new(format!("no template is named `{name}`")));
        };
        let mut output = Output::default();
        let result = self.invoke(&template, data, &mut output);
        if let Some(count) = self.nesting.get_mut(name) {
            *count -= 1;
        }
        result?;
        Ok(output.into_value())
    }

    /// `tpl`: a text as a template of its own, which sees every named template.
    pub(crate) fn tpl(&mut self, text: &Arc<str>, data: Value) -> Result<Value> {
        if !text.contains("{{") {
            self.spend_bytes(text.len())?;
            return Ok(Value::from(text.replace("<no value>", "")));
        }
        let parsed = self.parse_dynamic(text)?;
        let overlay = parsed
            .defines
            .iter()
            .map(|t| (Arc::clone(&t.name), Arc::clone(t)));
        self.sets.push(overlay.collect());
        let mut output = Output::default();
        let result = self.invoke(&parsed.body, data, &mut output);
        self.sets.pop();
        result?;
        output.drop_no_value();
        Ok(output.into_value())
    }

    fn parse_dynamic(&mut self, text: &Arc<str>) -> Result<Rc<Parsed>> {
        if let Some(parsed) = self.parsed.get(text) {
            return Ok(Rc::clone(parsed));
        }
        self.spend_bytes(text.len())?;
        let file = self.first_dynamic + u32::try_from(self.dynamic.len()).unwrap_or(u32::MAX / 2);
        self.dynamic.push(Arc::clone(text));
        let name = Arc::from("gotpl");
        let parsed = super::parse::parse(&name, text, file).map_err(|error| {
            let at = u32::try_from(error.span.start).unwrap_or(0);
            let end = u32::try_from(error.span.end).unwrap_or(0);
            Fault::new(error.message).at(file, at, end)
        })?;
        let parsed = Rc::new(parsed);
        self.parsed.insert(Arc::clone(text), Rc::clone(&parsed));
        Ok(parsed)
    }
}

impl Frame {
    fn find(&self, name: &Arc<str>) -> Option<&Variable> {
        self.variables
            .iter()
            .rev()
            .find(|known| known.name == *name)
    }

    fn bind(&mut self, name: &Arc<str>, value: Value, reads: Reads, assigns: bool) {
        if !assigns {
            self.variables.push(Variable {
                name: Arc::clone(name),
                value,
                reads,
            });
        } else if let Some(known) = self
            .variables
            .iter_mut()
            .rev()
            .find(|known| known.name == *name)
        {
            known.value = value;
            known.reads = reads;
        }
    }
}
