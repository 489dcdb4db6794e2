//! Arguments and methods.
//!
//! Owns the checks that Go makes before it calls a function (count, types, nil) and the methods of the
//! objects that Helm hands to templates. Knows nothing of control flow.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::rc::Rc;
use std::sync::Arc;

use super::ast::{Expr, ExprKind};
use super::capabilities;
use super::date;
use super::eval::{Eval, Fault, Frame, Result};
use super::functions::{Function, Kind, encoding};
use super::glob::Glob;
use super::value::{Bytes, Map, MapKind, Object, Value};
use super::yaml_out;

/// A `[]byte`.
pub(crate) fn bytes(bytes: &[u8]) -> Value {
    Value::Bytes(Rc::new(Bytes {
        bytes: bytes.to_vec(),
        string: false,
    }))
}

/// Evaluates the arguments of `function` and checks them against its parameters.
pub(crate) fn arguments(
    eval: &mut Eval<'_>,
    function: &Function,
    exprs: &[Expr],
    frame: &mut Frame,
    piped: Option<Value>,
) -> Result<Vec<Value>> {
    let count = exprs.len() + usize::from(piped.is_some());
    let wanted = function.params.len();
    let fits = if function.rest.is_some() {
        count >= wanted
    } else {
        count == wanted
    };
    if !fits {
        let least = if function.rest.is_some() {
            "at least "
        } else {
            ""
        };
        return Err(Fault::new(format!(
            "`{}` takes {least}{wanted} arguments and gets {count}",
            function.name
        )));
    }
    let kind = |at: usize| {
        function
            .params
            .get(at)
            .copied()
            .or(function.rest)
            .unwrap_or(Kind::Any)
    };
    let mut values = Vec::with_capacity(count);
    for (at, expr) in exprs.iter().enumerate() {
        values.push(argument(eval, expr, kind(at), frame)?);
    }
    if let Some(value) = piped {
        values.push(check(value, kind(exprs.len()), false)?);
    }
    Ok(values)
}

/// Evaluates arguments of any type.
pub(crate) fn free_arguments(
    eval: &mut Eval<'_>,
    exprs: &[Expr],
    frame: &mut Frame,
    piped: Option<Value>,
) -> Result<Vec<Value>> {
    let mut values = Vec::with_capacity(exprs.len() + 1);
    for expr in exprs {
        values.push(eval.expr(expr, frame)?);
    }
    values.extend(piped);
    Ok(values)
}

fn argument(eval: &mut Eval<'_>, expr: &Expr, kind: Kind, frame: &mut Frame) -> Result<Value> {
    let constant = |found: &str| {
        Err(Fault::new(format!(
            "a {} is wanted here, and this is {found}",
            kind.name()
        )))
    };
    match (&expr.kind, kind) {
        (_, Kind::Any) => eval.expr(expr, frame),
        (ExprKind::Nil, Kind::Map) => Ok(nil_map()),
        (ExprKind::Nil, _) => constant("nil"),
        (ExprKind::Bool(value), Kind::Bool) => Ok(Value::Bool(*value)),
        (ExprKind::Str(text), Kind::Str) => Ok(Value::from(Arc::clone(text))),
        (ExprKind::Number(number), Kind::Int) => match number.int {
            Some(value) => Ok(Value::Int(value)),
            None => constant("no integer"),
        },
        (ExprKind::Number(number), Kind::Float) => match number.float {
            Some(value) => Ok(Value::Float(value)),
            None => constant("no number"),
        },
        (ExprKind::Bool(_), _) => constant("a boolean"),
        (ExprKind::Str(_), _) => constant("a string"),
        (ExprKind::Number(_), _) => constant("a number"),
        _ => {
            let field = match &expr.kind {
                ExprKind::Field(_) | ExprKind::Chain(..) => true,
                ExprKind::Variable(_, names) => !names.is_empty(),
                _ => false,
            };
            let value = eval.expr(expr, frame)?;
            check(value, kind, field)
        }
    }
}

fn nil_map() -> Value {
    Value::Map(Rc::new(Map {
        entries: std::cell::RefCell::default(),
        kind: MapKind::Any,
        nil: true,
        path: None,
    }))
}

/// Checks a value against the parameter it is for; `field` says that a field gave it.
fn check(value: Value, kind: Kind, field: bool) -> Result<Value> {
    let fits = match (&value, kind) {
        (_, Kind::Any)
        | (Value::Str(_), Kind::Str)
        | (Value::Int(_), Kind::Int)
        | (Value::Float(_), Kind::Float)
        | (Value::Bool(_), Kind::Bool)
        | (Value::Time(_), Kind::Time) => true,
        (Value::Bytes(bytes), Kind::Str) => bytes.string,
        (Value::Map(map), Kind::Map) => map.kind != MapKind::Strings,
        (Value::Nil, Kind::Map) if !field => return Ok(nil_map()),
        _ => false,
    };
    if fits {
        return Ok(value);
    }
    Err(Fault::of(
        if matches!(value, Value::Nil) {
            "chart-nil"
        } else {
            "chart-type"
        },
        match &value {
            Value::Nil => format!("a {} is wanted here, and the value is nil", kind.name()),
            value => format!(
                "a {} is wanted here, and the value is a {}",
                kind.name(),
                value.type_name()
            ),
        },
    ))
}

/// Calls the method, or reads the field, `name` of something that is no plain map.
pub(crate) fn method(
    eval: &mut Eval<'_>,
    value: &Value,
    name: &str,
    args: &[Value],
) -> Result<Value> {
    let found = match value {
        Value::Object(object) => object_member(eval, object, name, args)?,
        Value::Version(version) => version.method(name, args)?,
        Value::Time(time) => date::time_method(time, name, args)?,
        Value::Duration(nanos) => date::duration_method(*nanos, name, args)?,
        _ => None,
    };
    found.ok_or_else(|| {
        Fault::of(
            "chart-field",
            format!("a {} has no field `{name}`", value.type_name()),
        )
    })
}

fn text<'v>(args: &'v [Value], name: &str) -> Result<&'v str> {
    match args {
        [Value::Str(text)] => Ok(&text.text),
        [_] => Err(Fault::of("chart-type", format!("`{name}` takes a string"))),
        _ => Err(Fault::new(format!("`{name}` takes one argument"))),
    }
}

fn object_member(
    eval: &mut Eval<'_>,
    object: &Object,
    name: &str,
    args: &[Value],
) -> Result<Option<Value>> {
    Ok(match object {
        Object::Files(files) => return files_member(eval, files, name, args),
        Object::Capabilities(known) => match name {
            "KubeVersion" => Some(Value::Object(Rc::new(Object::KubeVersion(Rc::clone(
                known,
            ))))),
            "APIVersions" => Some(Value::Object(Rc::new(Object::ApiVersions(Rc::clone(
                known,
            ))))),
            "HelmVersion" => Some(Value::Object(Rc::new(Object::HelmVersion))),
            "Copy" => Some(Value::Object(Rc::new(Object::Capabilities(Rc::clone(
                known,
            ))))),
            _ => None,
        },
        Object::ApiVersions(known) => match name {
            "Has" => {
                let wanted = text(args, name)?;
                Some(Value::Bool(
                    known.api_versions.iter().any(|v| &**v == wanted),
                ))
            }
            _ => None,
        },
        Object::KubeVersion(known) => match name {
            "Version" | "GitVersion" => Some(Value::from(Arc::clone(&known.version))),
            "String" => Some(Value::from(Arc::clone(&known.normalized))),
            "Major" => Some(Value::from(Arc::clone(&known.major))),
            "Minor" => Some(Value::from(Arc::clone(&known.minor))),
            _ => None,
        },
        Object::HelmVersion => match name {
            "Version" => Some(Value::from(capabilities::HELM_VERSION)),
            "GoVersion" => Some(Value::from(capabilities::GO_VERSION)),
            "KubeClientVersion" => Some(Value::from(capabilities::CLIENT_VERSION)),
            "GitCommit" | "GitTreeState" => Some(Value::from("")),
            _ => None,
        },
    })
}

fn files_member(
    eval: &mut Eval<'_>,
    files: &BTreeMap<Arc<str>, Arc<[u8]>>,
    name: &str,
    args: &[Value],
) -> Result<Option<Value>> {
    Ok(Some(match name {
        "Get" => {
            let data = files.get(text(args, name)?);
            eval.spend_bytes(data.map_or(0, |data| data.len()))?;
            Value::from_bytes(data.map(|data| data.to_vec()).unwrap_or_default())
        }
        "GetBytes" => bytes(files.get(text(args, name)?).map_or(&[], |data| data)),
        "Glob" => {
            let glob = Glob::new(text(args, name)?);
            eval.spend(u64::try_from(files.len()).unwrap_or(u64::MAX))?;
            Value::Object(Rc::new(Object::Files(
                files
                    .iter()
                    .filter(|(name, _)| glob.matches(name))
                    .map(|(name, data)| (Arc::clone(name), Arc::clone(data)))
                    .collect(),
            )))
        }
        "Lines" => {
            let data = files.get(text(args, name)?).map_or(&[][..], |data| data);
            let text = String::from_utf8_lossy(data);
            let text = text.strip_suffix('\n').unwrap_or(&text);
            eval.spend_bytes(data.len())?;
            if data.is_empty() {
                Value::strings(Vec::<Value>::new())
            } else {
                Value::strings(text.split('\n').map(Value::from))
            }
        }
        "AsConfig" | "AsSecrets" => {
            let mut map = BTreeMap::new();
            for (path, data) in files {
                let base = FilePath::new(&**path).file_name().map_or_else(
                    || path.to_string(),
                    |base| base.to_string_lossy().into_owned(),
                );
                let value = if name == "AsConfig" {
                    Value::from(String::from_utf8_lossy(data).into_owned())
                } else {
                    Value::from(encoding::base64_encode(data))
                };
                eval.spend_bytes(data.len())?;
                map.insert(Arc::from(base), value);
            }
            Value::from(yaml_out::to_yaml(&Value::map(map))?)
        }
        _ if !args.is_empty() => return Ok(None),
        key => bytes(files.get(key).map_or(&[], |data| data)),
    }))
}
