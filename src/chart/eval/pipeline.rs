//! Pipelines: commands, operands, fields and calls.

use std::sync::Arc;

use super::super::ast::{Command, Expr, ExprKind, Pipe};
use super::super::call;
use super::super::functions::Function;
use super::super::value::Value;
use super::budget::reading_cost;
use super::{Eval, Fault, Frame, MOST_READS, Result};

impl Eval<'_> {
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

    pub(super) fn command(
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

    pub(super) fn no_arguments(&self, command: &Command, piped: Option<&Value>) -> Result<()> {
        if command.arguments.is_empty() && piped.is_none() {
            Ok(())
        } else {
            Err(Fault::new("arguments are given to what is no function"))
        }
    }

    /// A parenthesised pipeline; its variables live on in Go, and so they do here.
    pub(super) fn nested_pipe(&mut self, pipe: &Pipe, frame: &mut Frame) -> Result<Value> {
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

    pub(super) fn function(
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

    pub(super) fn short_circuit(
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
    pub(super) fn fields(
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

    pub(super) fn variable(&mut self, name: &Arc<str>, frame: &Frame) -> Value {
        let Some(known) = frame.find(name) else {
            return Value::Nil;
        };
        self.read_again(&known.value, known.reads);
        known.value.clone()
    }
}
