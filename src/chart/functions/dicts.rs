//! Sprig's functions over dictionaries. `set`, `unset` and the merges change their first argument.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::super::eval::{Eval, Fault, Result};
use super::super::value::{List, Map, MapKind, Value};
use super::strings::string_of;
use super::{Function, Kind, fixed, map, open, text};

const M: Kind = Kind::Map;
const S: Kind = Kind::Str;
const A: Kind = Kind::Any;

pub(super) static TABLE: &[Function] = &[
    open("dict", &[], A, dict),
    fixed("get", &[M, S], |eval, a| {
        let key = text(&a[1]);
        eval.record_get(map(&a[0]), &key);
        Ok(map(&a[0]).get(&key).unwrap_or_else(|| Value::from("")))
    }),
    fixed("set", &[M, S, A], set),
    fixed("unset", &[M, S], |_, a| {
        map(&a[0]).entries.borrow_mut().remove(&*text(&a[1]));
        Ok(a[0].clone())
    }),
    fixed("hasKey", &[M, S], |eval, a| {
        let key = text(&a[1]);
        eval.record_get(map(&a[0]), &key);
        Ok(Value::Bool(map(&a[0]).entries.borrow().contains_key(&*key)))
    }),
    open("pluck", &[S], M, pluck),
    open("keys", &[], M, |eval, a| {
        let mut keys = Vec::new();
        for dict in a {
            keys.extend(map(dict).entries.borrow().keys().cloned().map(Value::from));
        }
        eval.spend(u64::try_from(keys.len()).unwrap_or(u64::MAX))?;
        // Go gives them in any order; sorted is one of those.
        Ok(Value::strings(keys))
    }),
    fixed("values", &[M], |eval, a| {
        eval.consume(&a[0]);
        let values: Vec<Value> = map(&a[0]).entries.borrow().values().cloned().collect();
        eval.spend(u64::try_from(values.len()).unwrap_or(u64::MAX))?;
        Ok(Value::list(values))
    }),
    open("pick", &[M], S, |eval, a| {
        let source = map(&a[0]);
        let mut out = BTreeMap::new();
        for key in &a[1..] {
            let key = text(key);
            eval.record_get(source, &key);
            if let Some(value) = source.get(&key) {
                out.insert(key, value);
            }
        }
        Ok(Value::map(out))
    }),
    open("omit", &[M], S, |eval, a| {
        eval.consume(&a[0]);
        let gone: Vec<Arc<str>> = a[1..].iter().map(text).collect();
        let entries = map(&a[0]).entries.borrow();
        eval.spend(u64::try_from(entries.len() * (1 + gone.len())).unwrap_or(u64::MAX))?;
        Ok(Value::map(
            entries
                .iter()
                .filter(|(key, _)| !gone.contains(key))
                .map(|(key, value)| (Arc::clone(key), value.clone()))
                .collect(),
        ))
    }),
    open("merge", &[M], M, |eval, a| merge(eval, a, false)),
    open("mustMerge", &[M], M, |eval, a| merge(eval, a, false)),
    open("mergeOverwrite", &[M], M, |eval, a| merge(eval, a, true)),
    open("mustMergeOverwrite", &[M], M, |eval, a| {
        merge(eval, a, true)
    }),
    fixed("deepCopy", &[A], deep_copy),
    fixed("mustDeepCopy", &[A], deep_copy),
    open("dig", &[], A, dig),
];

fn dict(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let mut out = BTreeMap::new();
    for pair in args.chunks(2) {
        let key = match &pair[0] {
            Value::Str(text) => Arc::clone(&text.text),
            other => {
                eval.measure(other)?;
                Arc::from(String::from_utf8_lossy(&string_of(other)))
            }
        };
        out.insert(key, pair.get(1).cloned().unwrap_or_else(|| Value::from("")));
    }
    Ok(Value::map(out))
}

fn set(_: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let target = map(&args[0]);
    if target.nil {
        return Err(Fault::of("chart-nil", "`set` on a dictionary that is nil"));
    }
    target
        .entries
        .borrow_mut()
        .insert(text(&args[1]), args[2].clone());
    Ok(args[0].clone())
}

fn pluck(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let key = text(&args[0]);
    let mut out = Vec::new();
    for dict in &args[1..] {
        eval.record_get(map(dict), &key);
        out.extend(map(dict).get(&key));
    }
    Ok(Value::list(out))
}

fn merge(eval: &mut Eval<'_>, args: &[Value], overwrite: bool) -> Result<Value> {
    for arg in args {
        eval.measure(arg)?;
        eval.consume(arg);
    }
    let target = match &args[0] {
        Value::Map(target) if !target.nil => Rc::clone(target),
        _ => Rc::new(Map {
            entries: RefCell::default(),
            kind: MapKind::Any,
            nil: false,
            path: None,
        }),
    };
    for source in &args[1..] {
        merge_into(eval, &target, map(source), overwrite, 0)?;
    }
    Ok(Value::Map(target))
}

/// What Sprig's library does to `target`: nested maps are merged in place, zero values give way.
fn merge_into(
    eval: &mut Eval<'_>,
    target: &Rc<Map>,
    source: &Map,
    overwrite: bool,
    depth: usize,
) -> Result<()> {
    if std::ptr::eq(&raw const **target, source) {
        return Ok(());
    }
    if depth > 500 {
        return Err(Fault::of(
            "chart-limit",
            "a dictionary is nested too deep to merge",
        ));
    }
    let entries: Vec<(Arc<str>, Value)> = source
        .entries
        .borrow()
        .iter()
        .map(|(key, value)| (Arc::clone(key), value.clone()))
        .collect();
    eval.spend(u64::try_from(entries.len()).unwrap_or(u64::MAX))?;
    for (key, value) in entries {
        let old = target.get(&key);
        let replaced = match (&value, &old) {
            (Value::Nil, _) => overwrite,
            (Value::Map(below), Some(Value::Map(inner))) => {
                merge_into(eval, inner, below, overwrite, depth + 1)?;
                inner.entries.borrow().is_empty()
            }
            (Value::List(_), Some(old)) if !old.is_empty() => overwrite,
            (_, old) => overwrite || old.as_ref().is_none_or(Value::is_empty),
        };
        if replaced {
            target.entries.borrow_mut().insert(key, value);
        }
    }
    Ok(())
}

fn deep_copy(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    eval.measure(&args[0])?;
    if matches!(args[0], Value::Nil) {
        return Err(Fault::of("chart-nil", "`deepCopy` of nil"));
    }
    Ok(copy(&args[0]))
}

/// A copy that shares no map; the ways to the values stay known.
fn copy(value: &Value) -> Value {
    match value {
        Value::List(list) => Value::List(Rc::new(List {
            items: list.items.iter().map(copy).collect(),
            elements: list.elements,
            nil: list.nil,
            path: list.path.clone(),
        })),
        Value::Map(map) => Value::Map(Rc::new(Map {
            entries: RefCell::new(
                map.entries
                    .borrow()
                    .iter()
                    .map(|(key, value)| (Arc::clone(key), copy(value)))
                    .collect(),
            ),
            kind: map.kind,
            nil: map.nil,
            path: map.path.clone(),
        })),
        value => value.clone(),
    }
}

fn dig(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let [keys @ .., default, dict] = args else {
        return Err(Fault::new("`dig` takes keys, a default and a dictionary"));
    };
    if keys.is_empty() {
        return Err(Fault::new("`dig` takes keys, a default and a dictionary"));
    }
    let mut value = dict.clone();
    for key in keys {
        let Value::Map(inside) = &value else {
            return Err(Fault::of(
                "chart-type",
                format!(
                    "`dig` goes through a {}, which is no dictionary",
                    value.type_name()
                ),
            ));
        };
        let Some(key) = key.as_text() else {
            return Err(Fault::of("chart-type", "the keys of `dig` are strings"));
        };
        if inside.kind == MapKind::Strings {
            return Err(Fault::of(
                "chart-type",
                "`dig` takes no dictionary of strings",
            ));
        }
        eval.record_get(inside, &key);
        match inside.get(&key) {
            Some(next) => value = next,
            None => return Ok(default.clone()),
        }
    }
    Ok(value)
}
