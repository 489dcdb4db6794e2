//! Blocks: text, actions, conditions and loops.

use std::sync::Arc;

use super::super::ast::{Block, Node, Pipe};
use super::super::call;
use super::super::format;
use super::super::origin::{Origin, Output};
use super::super::value::{Object, Value};
use super::{Eval, Fault, Flow, Frame, Reads, Result};

pub(super) fn index_value(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}

impl Eval<'_> {
    pub(super) fn block(
        &mut self,
        block: &Block,
        frame: &mut Frame,
        output: &mut Output,
    ) -> Result<Flow> {
        for node in block {
            let flow = self.node(node, frame, output)?;
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    pub(super) fn node(
        &mut self,
        node: &Node,
        frame: &mut Frame,
        output: &mut Output,
    ) -> Result<Flow> {
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

    pub(super) fn nested(
        &mut self,
        block: &Block,
        frame: &mut Frame,
        output: &mut Output,
    ) -> Result<Flow> {
        self.deeper()?;
        let flow = self.block(block, frame, output);
        self.depth -= 1;
        flow
    }

    pub(super) fn literal(&mut self, text: &str, offset: u32, output: &mut Output) -> Result<()> {
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

    pub(super) fn print(
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

    pub(super) fn range(
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

    pub(super) fn bind(
        &mut self,
        pipe: &Pipe,
        frame: &mut Frame,
        index: Value,
        item: &Value,
        reads: Reads,
    ) {
        let bound = match pipe.variables.as_slice() {
            [] => return,
            [one] => vec![(one, item.clone())],
            [first, second, ..] => vec![(first, index), (second, item.clone())],
        };
        for (name, value) in bound {
            frame.bind(name, value, reads, pipe.assigns);
        }
    }
}
