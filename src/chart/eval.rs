//! Runs parsed templates.
//!
//! Owns control flow, variables, pipelines, field access and the budgets of an evaluation. The functions
//! that templates call live in `functions`; where output goes and comes from in `origin`.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::ast::{Block, Command, Expr, ExprKind, Node, Parsed, Pipe, Template};
use super::call;
use super::format;
use super::functions::Function;
use super::origin::{Origin, Output, Read};
use super::value::{List, Map, Object, Path, Value};

/// Most of what one evaluation may take.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Nodes and calls evaluated.
    pub steps: u64,
    /// Bytes of text made, whether printed or thrown away.
    pub bytes: usize,
    /// Blocks and templates inside each other.
    pub depth: usize,
}

impl Default for Budget {
    /// Many times what the largest public charts take: 63,000 steps and 2.2 MB.
    fn default() -> Self {
        Self {
            steps: 4_000_000,
            bytes: 128 << 20,
            depth: 3_000,
        }
    }
}

/// Why an evaluation stopped.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) id: &'static str,
    pub(crate) message: String,
    /// The place that failed, innermost first, and the templates on the way to it.
    pub(crate) trace: Vec<(u32, u32, u32)>,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>) -> Box<Self> {
        Self::of("chart-template", message)
    }

    pub(crate) fn of(id: &'static str, message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            id,
            message: message.into(),
            trace: Vec::new(),
        })
    }

    fn at(mut self: Box<Self>, file: u32, offset: u32, end: u32) -> Box<Self> {
        if self.trace.len() < 12 && self.trace.last() != Some(&(file, offset, end)) {
            self.trace.push((file, offset, end));
        }
        self
    }
}

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
    ) -> Self {
        Self {
            charts: std::marker::PhantomData,
            sets: vec![templates],
            origins: Vec::new(),
            reads: Vec::new(),
            unstable: Vec::new(),
            random,
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

    fn deeper(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > self.budget.depth {
            return Err(Fault::of(
                "chart-limit",
                format!(
                    "templates are nested deeper than {} levels",
                    self.budget.depth
                ),
            ));
        }
        Ok(())
    }

    /// Pays for `count` steps.
    pub(crate) fn spend(&mut self, count: u64) -> Result<()> {
        match self.budget.steps.checked_sub(count) {
            Some(left) => {
                self.budget.steps = left;
                Ok(())
            }
            None => Err(Fault::of(
                "chart-limit",
                "the templates take too many steps",
            )),
        }
    }

    /// Pays for text of that length.
    pub(crate) fn spend_bytes(&mut self, count: usize) -> Result<()> {
        match self.budget.bytes.checked_sub(count) {
            Some(left) => {
                self.budget.bytes = left;
                Ok(())
            }
            None => Err(Fault::of("chart-limit", "the templates make too much text")),
        }
    }

    /// Walks the value and pays for it, so that whoever walks it next comes to an end.
    pub(crate) fn measure(&mut self, value: &Value) -> Result<u64> {
        const DEEPEST: usize = 500;
        fn walk(eval: &mut Eval<'_>, value: &Value, depth: usize) -> Result<u64> {
            if depth > DEEPEST {
                return Err(Fault::of(
                    "chart-limit",
                    format!("a value is nested deeper than {DEEPEST} levels, or holds itself"),
                ));
            }
            let mut size = 1;
            match value {
                Value::List(list) => {
                    eval.spend(u64::try_from(list.items.len()).unwrap_or(u64::MAX))?;
                    for item in &list.items {
                        size += walk(eval, item, depth + 1)?;
                    }
                }
                Value::Map(map) => {
                    let entries = map.entries.borrow();
                    eval.spend(u64::try_from(entries.len()).unwrap_or(u64::MAX))?;
                    for item in entries.values() {
                        size += walk(eval, item, depth + 1)?;
                    }
                }
                Value::Str(text) => size += text.text.len() as u64 / 64,
                _ => {}
            }
            Ok(size)
        }
        match value {
            Value::List(_) | Value::Map(_) => {
                let size = walk(self, value, 0)?;
                self.spend(size)?;
                Ok(size)
            }
            _ => Ok(1),
        }
    }

    /// The file of the template that is running.
    pub(crate) fn file(&self) -> u32 {
        self.file
    }

    /// Notes that the running action called something that no two runs agree on.
    pub(crate) fn note_unstable(&mut self, function: &'static str) {
        let (offset, end) = self.here;
        let file = self.file;
        let known = self
            .unstable
            .iter()
            .any(|u| u.function == function && u.file == file && u.offset == offset);
        if !known {
            self.unstable.push(Unstable {
                function,
                file,
                offset,
                end,
            });
        }
    }

    fn block(&mut self, block: &Block, frame: &mut Frame, output: &mut Output) -> Result<Flow> {
        for node in block {
            let flow = self.node(node, frame, output)?;
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn node(&mut self, node: &Node, frame: &mut Frame, output: &mut Output) -> Result<Flow> {
        self.spend(1)?;
        match node {
            Node::Text { text, offset } => self.literal(text, *offset, output)?,
            Node::Action(pipe) => {
                let first = self.reads.len();
                let value = self.pipe(pipe, frame)?;
                if pipe.variables.is_empty() {
                    self.print(&value, pipe, first, output)?;
                }
            }
            Node::If {
                pipe,
                then,
                otherwise,
            } => {
                let mark = frame.variables.len();
                let truth = self.pipe(pipe, frame)?.is_true();
                let flow = self.nested(if truth { then } else { otherwise }, frame, output)?;
                frame.variables.truncate(mark);
                return Ok(flow);
            }
            Node::With {
                pipe,
                then,
                otherwise,
            } => {
                let mark = frame.variables.len();
                let first = self.reads.len();
                let value = self.pipe(pipe, frame)?;
                let flow = if value.is_true() {
                    let outer = std::mem::replace(&mut frame.dot, value);
                    let reads = std::mem::replace(&mut frame.dot_reads, (first, self.reads.len()));
                    let flow = self.nested(then, frame, output);
                    frame.dot = outer;
                    frame.dot_reads = reads;
                    flow?
                } else {
                    self.nested(otherwise, frame, output)?
                };
                frame.variables.truncate(mark);
                return Ok(flow);
            }
            Node::Range {
                pipe,
                then,
                otherwise,
            } => {
                let mark = frame.variables.len();
                let flow = self.range(pipe, then, otherwise, frame, output)?;
                frame.variables.truncate(mark);
                return Ok(flow);
            }
            Node::Template { name, pipe, offset } => {
                let data = match pipe {
                    Some(pipe) => self.pipe(pipe, frame)?,
                    None => Value::Nil,
                };
                let Some(template) = self.template(name) else {
                    let fault = Fault::new(format!("no template is named `{name}`"));
                    return Err(fault.at(self.file, *offset, *offset + 2));
                };
                let file = self.file;
                self.invoke(&template, data, output)
                    .map_err(|fault| fault.at(file, *offset, *offset + 2))?;
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    fn nested(&mut self, block: &Block, frame: &mut Frame, output: &mut Output) -> Result<Flow> {
        self.deeper()?;
        let flow = self.block(block, frame, output);
        self.depth -= 1;
        flow
    }

    fn literal(&mut self, text: &str, offset: u32, output: &mut Output) -> Result<()> {
        self.spend_bytes(text.len())?;
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let origin = self.origin(Origin {
                file: self.file,
                offset: offset + u32::try_from(at).unwrap_or(0),
                linear: true,
                reads: (0, 0),
            });
            output.push(line.as_bytes(), origin);
            at += line.len();
        }
        Ok(())
    }

    /// Numbers an origin.
    pub(crate) fn origin(&mut self, origin: Origin) -> u32 {
        self.origins.push(origin);
        u32::try_from(self.origins.len() - 1).unwrap_or(u32::MAX)
    }

    /// The origin of what the running action makes out of the reads since `first`.
    pub(crate) fn action_origin(&mut self, offset: u32, first: usize) -> u32 {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let reads = (count(first), count(self.reads.len()));
        self.origin(Origin {
            file: self.file,
            offset,
            linear: false,
            reads,
        })
    }

    fn print(
        &mut self,
        value: &Value,
        pipe: &Pipe,
        first: usize,
        output: &mut Output,
    ) -> Result<()> {
        let origin = self.action_origin(pipe.offset, first);
        match value {
            Value::Str(text) => {
                self.spend_bytes(text.text.len())?;
                output.push_text(text, origin);
            }
            Value::Nil => output.push(b"<no value>", origin),
            value => {
                self.measure(value)?;
                self.consume(value);
                let text = format::display_bytes(value);
                self.spend_bytes(text.len())?;
                output.push(&text, origin);
            }
        }
        Ok(())
    }

    fn range(
        &mut self,
        pipe: &Pipe,
        then: &Block,
        otherwise: &Block,
        frame: &mut Frame,
        output: &mut Output,
    ) -> Result<Flow> {
        let declared = frame.variables.len();
        let value = self.pipe(pipe, frame)?;
        // `range` declares for itself; what `pipe` bound is the whole collection.
        if !pipe.assigns {
            frame.variables.truncate(declared);
        }
        let fault = |message: String| Fault::new(message).at(self.file, pipe.offset, pipe.end);
        let items: Vec<(Value, Value)> = match &value {
            Value::Nil => Vec::new(),
            Value::List(list) => list
                .items
                .iter()
                .enumerate()
                .map(|(at, item)| (Value::Int(index_value(at)), item.clone()))
                .collect(),
            Value::Map(map) => map
                .entries
                .borrow()
                .iter()
                .map(|(key, item)| (Value::from(Arc::clone(key)), item.clone()))
                .collect(),
            Value::Int(n) | Value::Int64(n) | Value::Duration(n) => {
                if pipe.variables.len() > 1 {
                    return Err(fault("an integer gives one variable, not two".to_owned()));
                }
                self.spend(u64::try_from(*n).unwrap_or(0))?;
                (0..*n).map(|i| (Value::Nil, Value::Int(i))).collect()
            }
            Value::Object(object) => match &**object {
                Object::Files(files) => files
                    .iter()
                    .map(|(name, bytes)| (Value::from(Arc::clone(name)), call::bytes(bytes)))
                    .collect(),
                Object::ApiVersions(known) => known
                    .api_versions
                    .iter()
                    .enumerate()
                    .map(|(at, name)| (Value::Int(index_value(at)), Value::from(Arc::clone(name))))
                    .collect(),
                _ => {
                    return Err(fault(format!(
                        "a {} has nothing to range over",
                        value.type_name()
                    )));
                }
            },
            Value::Bytes(bytes) if !bytes.string => bytes
                .bytes
                .iter()
                .enumerate()
                .map(|(at, byte)| (Value::Int(index_value(at)), Value::Uint(u64::from(*byte))))
                .collect(),
            other => {
                return Err(fault(format!(
                    "a {} has nothing to range over",
                    other.type_name()
                )));
            }
        };
        if items.is_empty() {
            return self.nested(otherwise, frame, output);
        }
        self.spend(u64::try_from(items.len()).unwrap_or(u64::MAX))?;
        let path = value.path().cloned();
        let keyed = matches!(value, Value::Map(_));
        let outer = frame.dot.clone();
        let outer_reads = frame.dot_reads;
        let mark = frame.variables.len();
        for (at, (index, item)) in items.into_iter().enumerate() {
            let first = self.reads.len();
            if let Some(path) = &path
                && item.path().is_none()
            {
                let key = match &index {
                    Value::Str(key) if keyed => Arc::clone(&key.text),
                    _ => Arc::from(at.to_string()),
                };
                self.record(path, &key, !keyed, pipe.offset);
            }
            let reads = (first, self.reads.len());
            self.bind(pipe, frame, index, &item, reads);
            frame.dot_reads = reads;
            frame.dot = item;
            let flow = self.nested(then, frame, output);
            frame.variables.truncate(mark);
            if flow? == Flow::Break {
                break;
            }
        }
        frame.dot = outer;
        frame.dot_reads = outer_reads;
        Ok(Flow::On)
    }

    fn bind(&mut self, pipe: &Pipe, frame: &mut Frame, index: Value, item: &Value, reads: Reads) {
        let bound = match pipe.variables.as_slice() {
            [] => return,
            [one] => vec![(one, item.clone())],
            [first, second, ..] => vec![(first, index), (second, item.clone())],
        };
        for (name, value) in bound {
            frame.bind(name, value, reads, pipe.assigns);
        }
    }

    /// Evaluates a pipeline and binds its variables.
    pub(crate) fn pipe(&mut self, pipe: &Pipe, frame: &mut Frame) -> Result<Value> {
        let outer = self.here;
        let first = self.reads.len();
        self.here = (pipe.offset, pipe.end);
        let mut value = None;
        for command in &pipe.commands {
            value = Some(self.command(command, frame, value)?);
        }
        self.here = outer;
        let value = value.unwrap_or(Value::Nil);
        for name in &pipe.variables {
            let last = self.reads.len();
            let reads = (first.max(last.saturating_sub(MOST_READS)), last);
            frame.bind(name, value.clone(), reads, pipe.assigns);
        }
        Ok(value)
    }

    fn command(
        &mut self,
        command: &Command,
        frame: &mut Frame,
        piped: Option<Value>,
    ) -> Result<Value> {
        self.spend(1)?;
        let head = &command.head;
        let result = match &head.kind {
            ExprKind::Function(function) => {
                self.function(function, &command.arguments, frame, piped)
            }
            ExprKind::Field(names) => {
                let dot = frame.dot.clone();
                self.fields(dot, names, head, &command.arguments, piped, frame)
            }
            ExprKind::Variable(name, names) => {
                let value = self.variable(name, frame);
                if names.is_empty() {
                    self.no_arguments(command, piped.as_ref()).map(|()| value)
                } else {
                    self.fields(value, names, head, &command.arguments, piped, frame)
                }
            }
            ExprKind::Chain(inner, names) => match self.expr(inner, frame) {
                Ok(value) => self.fields(value, names, head, &command.arguments, piped, frame),
                Err(fault) => Err(fault),
            },
            ExprKind::Pipe(pipe) => match self.no_arguments(command, piped.as_ref()) {
                Ok(()) => self.nested_pipe(pipe, frame),
                Err(fault) => Err(fault),
            },
            ExprKind::Nil => Err(Fault::new("`nil` is no command")),
            _ => match self.no_arguments(command, piped.as_ref()) {
                Ok(()) => self.expr(head, frame),
                Err(fault) => Err(fault),
            },
        };
        result.map_err(|fault| fault.at(self.file, head.offset, head.end))
    }

    fn no_arguments(&self, command: &Command, piped: Option<&Value>) -> Result<()> {
        if command.arguments.is_empty() && piped.is_none() {
            Ok(())
        } else {
            Err(Fault::new("arguments are given to what is no function"))
        }
    }

    /// A parenthesised pipeline; its variables live on in Go, and so they do here.
    fn nested_pipe(&mut self, pipe: &Pipe, frame: &mut Frame) -> Result<Value> {
        self.deeper()?;
        let value = self.pipe(pipe, frame);
        self.depth -= 1;
        value
    }

    /// Evaluates an operand.
    pub(crate) fn expr(&mut self, expr: &Expr, frame: &mut Frame) -> Result<Value> {
        self.spend(1)?;
        match &expr.kind {
            ExprKind::Dot => {
                self.read_again(&frame.dot, frame.dot_reads);
                Ok(frame.dot.clone())
            }
            ExprKind::Nil => Ok(Value::Nil),
            ExprKind::Bool(value) => Ok(Value::Bool(*value)),
            ExprKind::Str(text) => Ok(Value::from(Arc::clone(text))),
            ExprKind::Number(number) => match (number.written_float, number.float, number.int) {
                (true, Some(value), _) => Ok(Value::Float(value)),
                (_, _, Some(value)) => Ok(Value::Int(value)),
                _ => Err(Fault::new("the number does not fit an integer")),
            },
            ExprKind::Field(names) => {
                let dot = frame.dot.clone();
                self.fields(dot, names, expr, &[], None, frame)
            }
            ExprKind::Variable(name, names) => {
                let value = self.variable(name, frame);
                self.fields(value, names, expr, &[], None, frame)
            }
            ExprKind::Chain(inner, names) => {
                let value = self.expr(inner, frame)?;
                self.fields(value, names, expr, &[], None, frame)
            }
            ExprKind::Pipe(pipe) => self.nested_pipe(pipe, frame),
            ExprKind::Function(function) => self.function(function, &[], frame, None),
        }
        .map_err(|fault| fault.at(self.file, expr.offset, expr.end))
    }

    fn function(
        &mut self,
        function: &'static Function,
        arguments: &[Expr],
        frame: &mut Frame,
        piped: Option<Value>,
    ) -> Result<Value> {
        match function.name {
            "and" | "or" => self.short_circuit(function.name == "and", arguments, frame, piped),
            _ => {
                let values = call::arguments(self, function, arguments, frame, piped)?;
                self.spend(values.iter().map(reading_cost).sum::<u64>() + 1)?;
                (function.call)(self, &values)
            }
        }
    }

    fn short_circuit(
        &mut self,
        all: bool,
        arguments: &[Expr],
        frame: &mut Frame,
        piped: Option<Value>,
    ) -> Result<Value> {
        let mut last = None;
        for argument in arguments {
            let value = self.expr(argument, frame)?;
            if value.is_true() != all {
                return Ok(value);
            }
            last = Some(value);
        }
        match piped.or(last) {
            Some(value) => Ok(value),
            None => Err(Fault::new("at least one argument is needed")),
        }
    }

    /// Follows fields from a value; the last may be a method that takes the arguments.
    fn fields(
        &mut self,
        start: Value,
        names: &[Arc<str>],
        expr: &Expr,
        arguments: &[Expr],
        piped: Option<Value>,
        frame: &mut Frame,
    ) -> Result<Value> {
        let mut value = start;
        // A value that is nil from the start has every field, all of them nil; one that a field gave has
        // none. So it is in Go, and charts rely on both.
        let mut from_field = false;
        for (at, name) in names.iter().enumerate() {
            let last = at + 1 == names.len();
            let has_arguments = last && (!arguments.is_empty() || piped.is_some());
            if let Value::Map(map) = &value {
                if has_arguments {
                    return Err(Fault::new(format!(
                        "`{name}` is no method and takes no arguments"
                    )));
                }
                let next = self.lookup(map, name, expr);
                value = next;
            } else if let Value::Nil = value {
                if from_field {
                    return Err(Fault::of(
                        "chart-nil",
                        format!("the value before `.{name}` is nil"),
                    ));
                }
                value = Value::Nil;
                continue;
            } else if last {
                let values = call::free_arguments(self, arguments, frame, piped.clone())?;
                value = call::method(self, &value, name, &values)?;
            } else {
                value = call::method(self, &value, name, &[])?;
            }
            from_field = true;
        }
        Ok(value)
    }

    fn variable(&mut self, name: &Arc<str>, frame: &Frame) -> Value {
        let Some(known) = frame.find(name) else {
            return Value::Nil;
        };
        self.read_again(&known.value, known.reads);
        known.value.clone()
    }

    /// Whoever uses a single value that was read before depends on the same reads.
    fn read_again(&mut self, value: &Value, (first, last): Reads) {
        if first < last && !matches!(value, Value::Map(_) | Value::List(_) | Value::Nil) {
            let first = first.max(last.saturating_sub(MOST_READS));
            self.reads.extend_from_within(first..last);
        }
    }

    fn lookup(&mut self, map: &Map, key: &Arc<str>, expr: &Expr) -> Value {
        let value = map.get(key).unwrap_or(Value::Nil);
        if let Some(path) = &map.path {
            self.record(path, key, false, expr.offset);
        }
        if map.kind == super::value::MapKind::Strings && matches!(value, Value::Nil) {
            return Value::from("");
        }
        value
    }

    fn record(&mut self, parent: &Rc<Path>, key: &Arc<str>, index: bool, offset: u32) {
        self.reads.push(Read {
            parent: Some(Rc::clone(parent)),
            key: Arc::clone(key),
            index,
            file: self.file,
            offset,
            whole: false,
            default: None,
        });
    }

    /// Notes that a function looked up `key` of `map`.
    pub(crate) fn record_get(&mut self, map: &Map, key: &str) {
        if let Some(path) = &map.path {
            let path = Rc::clone(path);
            self.record(&path, &Arc::from(key), false, self.here.0);
        }
    }

    /// Notes that a function looked up an item of `list`.
    pub(crate) fn record_item(&mut self, list: &List, index: usize) {
        if let Some(path) = &list.path {
            let path = Rc::clone(path);
            self.record(&path, &Arc::from(index.to_string()), true, self.here.0);
        }
    }

    /// Notes that the value is used with everything below it.
    pub(crate) fn consume(&mut self, value: &Value) {
        if let Some(path) = value.path() {
            let path = Rc::clone(path);
            self.reads.push(Read {
                parent: path.parent.clone(),
                key: Arc::clone(&path.key),
                index: path.index,
                file: self.file,
                offset: self.here.0,
                whole: true,
                default: None,
            });
            return;
        }
        match value {
            Value::List(list) => list.items.iter().for_each(|item| self.consume(item)),
            Value::Map(map) => {
                let items: Vec<Value> = map.entries.borrow().values().cloned().collect();
                items.iter().for_each(|item| self.consume(item));
            }
            _ => {}
        }
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

/// What it costs to look at all of a string.
fn reading_cost(value: &Value) -> u64 {
    match value {
        Value::Str(text) => text.text.len() as u64 / 64,
        Value::Bytes(bytes) => bytes.bytes.len() as u64 / 64,
        _ => 0,
    }
}

fn index_value(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}
