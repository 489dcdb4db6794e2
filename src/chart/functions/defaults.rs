//! Sprig's defaults, choice and reflection.

use std::rc::Rc;

use super::super::eval::{Eval, Result};
use super::super::format;
use super::super::value::Value;
use super::{Function, Kind, fixed, open, text};

const A: Kind = Kind::Any;
const S: Kind = Kind::Str;

pub(super) static TABLE: &[Function] = &[
    open("default", &[A], A, default),
    fixed("empty", &[A], |_, a| Ok(Value::Bool(a[0].is_empty()))),
    open("coalesce", &[], A, |_, a| {
        Ok(a.iter()
            .find(|value| !value.is_empty())
            .cloned()
            .unwrap_or(Value::Nil))
    }),
    open("all", &[], A, |_, a| {
        Ok(Value::Bool(a.iter().all(|value| !value.is_empty())))
    }),
    open("any", &[], A, |_, a| {
        Ok(Value::Bool(a.iter().any(|value| !value.is_empty())))
    }),
    fixed("ternary", &[A, A, Kind::Bool], |_, a| {
        Ok(a[usize::from(matches!(a[2], Value::Bool(false)))].clone())
    }),
    fixed("typeOf", &[A], |_, a| Ok(Value::from(a[0].type_name()))),
    fixed("typeIs", &[S, A], |_, a| {
        Ok(Value::Bool(&*text(&a[0]) == a[1].type_name()))
    }),
    fixed("typeIsLike", &[S, A], |_, a| {
        let (wanted, found) = (text(&a[0]), a[1].type_name());
        Ok(Value::Bool(
            &*wanted == found || format!("*{wanted}") == found,
        ))
    }),
    fixed("kindOf", &[A], |_, a| Ok(Value::from(a[0].kind_name()))),
    fixed("kindIs", &[S, A], |_, a| {
        Ok(Value::Bool(&*text(&a[0]) == a[1].kind_name()))
    }),
    fixed("deepEqual", &[A, A], |eval, a| {
        eval.measure(&a[0])?;
        eval.measure(&a[1])?;
        Ok(Value::Bool(a[0].deep_equal(&a[1])))
    }),
];

fn default(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let given = args.get(1).unwrap_or(&Value::Nil);
    // The default belongs to the value that was read last, where this action read one.
    if let Some(read) = eval.reads.last_mut()
        && read.default.is_none()
        && read.offset >= eval.here.0
        && read.offset <= eval.here.1
        && !matches!(args[0], Value::Map(_) | Value::List(_))
    {
        read.default = Some(Rc::from(format::display(&args[0])));
    }
    Ok(if given.is_empty() {
        args[0].clone()
    } else {
        given.clone()
    })
}
