//! The functions that templates call.
//!
//! Owns the table of them all: the functions of Go's templates, of Sprig without those that read the
//! machine, and of Helm. Each module below holds one family; a signature here is what Go would check.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::eval::{Eval, Fault, Result};
use super::value::{Map, Value};

mod basic;
mod crypto;
mod dates;
mod defaults;
mod dicts;
pub(crate) mod encoding;
mod helm;
mod lists;
mod math;
mod regexes;
mod strings;
mod urls;
mod versions;

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Any,
    Str,
    Int,
    Float,
    Bool,
    Map,
    Time,
}

impl Kind {
    /// Go's name of the type.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Any => "value",
            Self::Str => "string",
            Self::Int => "int",
            Self::Float => "float64",
            Self::Bool => "bool",
            Self::Map => "map",
            Self::Time => "time.Time",
        }
    }
}

/// A function: what it takes and what it does.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) params: &'static [Kind],
    pub(crate) rest: Option<Kind>,
    pub(crate) call: Call,
}

/// The code of a function; the arguments fit its parameters already.
pub(crate) type Call = fn(&mut Eval<'_>, &[Value]) -> Result<Value>;

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

const fn fixed(name: &'static str, params: &'static [Kind], call: Call) -> Function {
    Function {
        name,
        params,
        rest: None,
        call,
    }
}

const fn open(name: &'static str, params: &'static [Kind], rest: Kind, call: Call) -> Function {
    Function {
        name,
        params,
        rest: Some(rest),
        call,
    }
}

fn table() -> &'static HashMap<&'static str, &'static Function> {
    static TABLE: OnceLock<HashMap<&'static str, &'static Function>> = OnceLock::new();
    TABLE.get_or_init(|| {
        [
            basic::TABLE,
            strings::TABLE,
            math::TABLE,
            lists::TABLE,
            dicts::TABLE,
            defaults::TABLE,
            encoding::TABLE,
            crypto::TABLE,
            dates::TABLE,
            regexes::TABLE,
            versions::TABLE,
            urls::TABLE,
            helm::TABLE,
        ]
        .into_iter()
        .flatten()
        .map(|function| (function.name, function))
        .collect()
    })
}

/// The function of that name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    table().get(name).copied()
}

/// The name most like `name`, where one is close.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let mut names: Vec<_> = table().keys().copied().collect();
    names.sort_unstable();
    names
        .into_iter()
        .map(|known| (distance(name, known), known))
        .filter(|(far, known)| *far <= 2 && *far < known.len())
        .min_by_key(|(far, _)| *far)
        .map(|(_, known)| known)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut last = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let cost = last + usize::from(ca != *cb);
            last = row[j + 1];
            row[j + 1] = cost.min(last + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// The string that the parameter check promised.
fn text(value: &Value) -> Arc<str> {
    value
        .as_text()
        .expect("internal error: the parameter is declared a string")
}

/// The bytes of a string, whether or not they are text.
fn raw(value: &Value) -> &[u8] {
    match value {
        Value::Str(text) => text.text.as_bytes(),
        Value::Bytes(bytes) => &bytes.bytes,
        _ => unreachable!("internal error: the parameter is declared a string"),
    }
}

fn int(value: &Value) -> i64 {
    match value {
        Value::Int(value) => *value,
        _ => unreachable!("internal error: the parameter is declared an int"),
    }
}

fn map(value: &Value) -> &Map {
    match value {
        Value::Map(map) => map,
        _ => unreachable!("internal error: the parameter is declared a map"),
    }
}

/// A count of things as Go's `int`.
fn count(length: usize) -> Value {
    Value::Int(i64::try_from(length).unwrap_or(i64::MAX))
}

/// What a function does that is here only to say that it is not supported.
fn unsupported(name: &'static str, why: &str) -> Box<Fault> {
    Fault::of(
        "chart-unsupported",
        format!("`{name}` is not supported: {why}"),
    )
}

/// Go's `path.Clean`.
pub(crate) fn clean_path(path: &str) -> String {
    urls::clean(path)
}
