//! What an evaluation may take, and why it stops.
//!
//! Owns the limits on steps, text and depth and the charge for walking a value. Knows nothing of nodes.

use super::super::value::Value;
use super::{Eval, Result};

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

    pub(super) fn at(mut self: Box<Self>, file: u32, offset: u32, end: u32) -> Box<Self> {
        if self.trace.len() < 12 && self.trace.last() != Some(&(file, offset, end)) {
            self.trace.push((file, offset, end));
        }
        self
    }
}

/// What it costs to look at all of a string.
pub(super) fn reading_cost(value: &Value) -> u64 {
    match value {
        Value::Str(text) => text.text.len() as u64 / 64,
        Value::Bytes(bytes) => bytes.bytes.len() as u64 / 64,
        _ => 0,
    }
}

impl Eval<'_> {
    pub(super) fn deeper(&mut self) -> Result<()> {
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
}
