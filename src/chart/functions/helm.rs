//! Helm's own functions that are no encodings: templates inside templates, demands, the cluster.

use std::collections::BTreeMap;

use super::super::eval::Fault;
use super::super::value::Value;
use super::{Function, Kind, fixed, text};

const A: Kind = Kind::Any;
const S: Kind = Kind::Str;

pub(super) static TABLE: &[Function] = &[
    fixed("include", &[S, A], |eval, a| {
        let name = text(&a[0]);
        eval.include(&name, a[1].clone())
    }),
    fixed("tpl", &[S, A], |eval, a| {
        let source = text(&a[0]);
        eval.tpl(&source, a[1].clone())
    }),
    fixed("required", &[S, A], |_, a| {
        let missing = matches!(a[1], Value::Nil) || a[1].as_str() == Some("");
        if missing {
            Err(demanded(&text(&a[0])))
        } else {
            Ok(a[1].clone())
        }
    }),
    fixed("fail", &[S], |_, a| Err(refused(&text(&a[0])))),
    // There is no cluster: every object is absent.
    fixed("lookup", &[S, S, S, S], |_, _| {
        Ok(Value::map(BTreeMap::new()))
    }),
];

fn demanded(message: &str) -> Box<Fault> {
    Fault::of("chart-required", message.trim().to_owned())
}

fn refused(message: &str) -> Box<Fault> {
    Fault::of("chart-fail", message.trim().to_owned())
}
