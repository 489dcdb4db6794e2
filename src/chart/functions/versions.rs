//! Sprig's semantic versions.

use std::rc::Rc;

use super::super::eval::{Fault, Result};
use super::super::semver::{Constraint, Version};
use super::super::value::Value;
use super::{Function, Kind, fixed, text};

pub(super) static TABLE: &[Function] = &[
    fixed("semver", &[Kind::Str], |_, a| {
        version(&text(&a[0])).map(|v| Value::Version(Rc::new(v)))
    }),
    fixed("semverCompare", &[Kind::Str, Kind::Str], |_, a| {
        let constraint = text(&a[0]);
        let range = Constraint::parse(&constraint)
            .ok_or_else(|| Fault::new(format!("{constraint:?} is no version range")))?;
        Ok(Value::Bool(range.allows(&version(&text(&a[1]))?)))
    }),
];

fn version(text: &str) -> Result<Version> {
    Version::parse(text).ok_or_else(|| Fault::new(format!("{text:?} is no version")))
}
