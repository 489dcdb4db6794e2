//! Sprig's functions over lists.

use super::super::eval::{Eval, Fault, Result};
use super::super::value::{Elements, List, Object, Value};
use super::math::to_int;
use super::strings::{string_items, string_of};
use super::{Function, Kind, fixed, int, open};

const A: Kind = Kind::Any;

pub(super) static TABLE: &[Function] = &[
    open("list", &[], A, |_, a| Ok(Value::list(a.to_vec()))),
    open("tuple", &[], A, |_, a| Ok(Value::list(a.to_vec()))),
    fixed("append", &[A, A], append),
    fixed("push", &[A, A], append),
    fixed("mustAppend", &[A, A], append),
    fixed("mustPush", &[A, A], append),
    fixed("prepend", &[A, A], prepend),
    fixed("mustPrepend", &[A, A], prepend),
    fixed("first", &[A], |_, a| {
        items(&a[0]).map(|i| i.first().cloned().unwrap_or(Value::Nil))
    }),
    fixed("mustFirst", &[A], |_, a| {
        items(&a[0]).map(|i| i.first().cloned().unwrap_or(Value::Nil))
    }),
    fixed("last", &[A], |_, a| {
        items(&a[0]).map(|i| i.last().cloned().unwrap_or(Value::Nil))
    }),
    fixed("mustLast", &[A], |_, a| {
        items(&a[0]).map(|i| i.last().cloned().unwrap_or(Value::Nil))
    }),
    fixed("rest", &[A], |eval, a| part(eval, a, 1, 0)),
    fixed("mustRest", &[A], |eval, a| part(eval, a, 1, 0)),
    fixed("initial", &[A], |eval, a| part(eval, a, 0, 1)),
    fixed("mustInitial", &[A], |eval, a| part(eval, a, 0, 1)),
    fixed("reverse", &[A], reverse),
    fixed("mustReverse", &[A], reverse),
    fixed("uniq", &[A], uniq),
    fixed("mustUniq", &[A], uniq),
    fixed("compact", &[A], compact),
    fixed("mustCompact", &[A], compact),
    open("without", &[A], A, without),
    open("mustWithout", &[A], A, without),
    fixed("has", &[A, A], has),
    fixed("mustHas", &[A, A], has),
    open("slice", &[A], A, slice),
    open("mustSlice", &[A], A, slice),
    open("concat", &[], A, concat),
    fixed("chunk", &[Kind::Int, A], chunk),
    fixed("mustChunk", &[Kind::Int, A], chunk),
    fixed("sortAlpha", &[A], sort_alpha),
];

/// The items of a list of any type.
fn items(value: &Value) -> Result<Vec<Value>> {
    match value {
        Value::List(list) => Ok(list.items.clone()),
        Value::Object(object) => match &**object {
            Object::ApiVersions(known) => Ok(known
                .api_versions
                .iter()
                .cloned()
                .map(Value::from)
                .collect()),
            _ => Err(no_list(value)),
        },
        Value::Bytes(bytes) if !bytes.string => Ok(bytes
            .bytes
            .iter()
            .map(|b| Value::Uint(u64::from(*b)))
            .collect()),
        value => Err(no_list(value)),
    }
}

fn no_list(value: &Value) -> Box<Fault> {
    if matches!(value, Value::Nil) {
        return Fault::of("chart-nil", "a list is wanted here, and the value is nil");
    }
    Fault::of(
        "chart-type",
        format!(
            "a list is wanted here, and the value is a {}",
            value.type_name()
        ),
    )
}

/// The items of a list, and their cost paid.
fn paid(eval: &mut Eval<'_>, value: &Value) -> Result<Vec<Value>> {
    let items = items(value)?;
    eval.spend(u64::try_from(items.len()).unwrap_or(u64::MAX))?;
    if let Value::List(list) = value {
        touch(eval, list);
    }
    Ok(items)
}

/// Plain items that leave their list are read.
fn touch(eval: &mut Eval<'_>, list: &List) {
    if list.path.is_some() {
        for (at, item) in list.items.iter().enumerate() {
            if item.path().is_none() {
                eval.record_item(list, at);
            }
        }
    }
}

fn append(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let mut items = paid(eval, &args[0])?;
    items.push(args[1].clone());
    Ok(Value::list(items))
}

fn prepend(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let mut items = paid(eval, &args[0])?;
    items.insert(0, args[1].clone());
    Ok(Value::list(items))
}

fn part(eval: &mut Eval<'_>, args: &[Value], skip: usize, drop: usize) -> Result<Value> {
    let items = paid(eval, &args[0])?;
    if items.is_empty() {
        return Ok(Value::nil_list());
    }
    Ok(Value::list(items[skip..items.len() - drop].to_vec()))
}

fn reverse(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let mut items = paid(eval, &args[0])?;
    items.reverse();
    Ok(Value::list(items))
}

/// Pays for comparing every item with every other.
fn pay_pairs(eval: &mut Eval<'_>, value: &Value, others: usize) -> Result<()> {
    let size = eval.measure(value)?;
    eval.spend(size.saturating_mul(u64::try_from(others).unwrap_or(u64::MAX)) / 8)
}

fn uniq(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let items = paid(eval, &args[0])?;
    pay_pairs(eval, &args[0], items.len())?;
    let mut out: Vec<Value> = Vec::new();
    for item in items {
        if !out.iter().any(|known| known.deep_equal(&item)) {
            out.push(item);
        }
    }
    Ok(Value::list(out))
}

fn compact(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let items = paid(eval, &args[0])?;
    Ok(Value::list(
        items.into_iter().filter(|item| !item.is_empty()).collect(),
    ))
}

fn without(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let items = paid(eval, &args[0])?;
    pay_pairs(eval, &args[0], args.len())?;
    let omitted = &args[1..];
    Ok(Value::list(
        items
            .into_iter()
            .filter(|item| !omitted.iter().any(|omit| omit.deep_equal(item)))
            .collect(),
    ))
}

fn has(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    if matches!(args[1], Value::Nil) {
        return Ok(Value::Bool(false));
    }
    let items = paid(eval, &args[1])?;
    eval.measure(&args[1])?;
    Ok(Value::Bool(
        items.iter().any(|item| args[0].deep_equal(item)),
    ))
}

fn slice(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let items = paid(eval, &args[0])?;
    if items.is_empty() {
        return Ok(Value::Nil);
    }
    let length = items.len();
    let bound = |at: usize, otherwise: usize| match args.get(at) {
        None => Ok(otherwise),
        Some(value) => {
            let n = to_int(value);
            usize::try_from(n)
                .ok()
                .filter(|n| *n <= length)
                .ok_or_else(|| Fault::new(format!("the index {n} is outside a list of {length}")))
        }
    };
    let (start, end) = (bound(1, 0)?, bound(2, length)?);
    if start > end {
        return Err(Fault::new(format!(
            "the part {start}..{end} runs backwards"
        )));
    }
    let elements = match &args[0] {
        Value::List(list) => list.elements,
        _ => Elements::Any,
    };
    Ok(Value::list_of(elements, items[start..end].to_vec()))
}

fn concat(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let mut all = Vec::new();
    for list in args {
        all.extend(paid(eval, list)?);
    }
    if all.is_empty() {
        return Ok(Value::nil_list());
    }
    Ok(Value::list(all))
}

fn chunk(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let items = paid(eval, &args[1])?;
    let Some(size) = usize::try_from(int(&args[0])).ok().filter(|size| *size > 0) else {
        return Err(Fault::new("`chunk` needs a size above zero"));
    };
    Ok(Value::list_of(
        Elements::Lists,
        items
            .chunks(size)
            .map(|part| Value::list(part.to_vec()))
            .collect(),
    ))
}

fn sort_alpha(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    eval.measure(&args[0])?;
    if items(&args[0]).is_err() {
        return Ok(Value::strings([Value::from_bytes(string_of(&args[0]))]));
    }
    let mut texts = string_items(&args[0]);
    texts.sort();
    Ok(Value::strings(texts.into_iter().map(Value::from_bytes)))
}
