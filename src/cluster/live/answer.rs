//! What the cluster answers: objects in one form, refusals told from failures, and errors as sentences.

use kube::api::DynamicObject;
use kube::core::Status;
use serde_json::Value;

use crate::cluster::Wanted;

/// An object as JSON, with the kind that lists and single answers may leave out.
pub(super) fn json(object: DynamicObject, wanted: &Wanted) -> Value {
    let mut value = serde_json::to_value(object).unwrap_or_default();
    if value["kind"].is_null() {
        value["kind"] = Value::from(wanted.kind());
        value["apiVersion"] = Value::from(wanted.api_version());
    }
    value
}

/// A name that nobody has.
pub(super) fn unused(name: &str) -> String {
    let end = name
        .char_indices()
        .nth(40)
        .map_or(name.len(), |(end, _)| end);
    format!(
        "{}-gen-drift-9f41c2",
        name[..end].trim_end_matches(['-', '.'])
    )
}

/// Puts the right name back wherever the server wrote the unused one.
pub(super) fn rename(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) if text == from => to.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, from, to)),
        Value::Object(map) => map.values_mut().for_each(|item| rename(item, from, to)),
        _ => {}
    }
}

/// Whether it is the object that the cluster does not take, and not the request.
pub(super) fn refuses(status: &Status) -> bool {
    matches!(status.code, 409 | 422)
        || status.code == 400 && !status.message.contains("dry run")
        || status.code == 403 && status.message.contains("admission")
        || status.code == 403 && status.message.contains("violates PodSecurity")
}

/// What the cluster said of the object. It may repeat values, and those of a Secret are nobody's to read.
pub(super) fn told(status: &Status, wanted: &Wanted) -> String {
    match wanted.kind() {
        "Secret" => status.reason.clone(),
        _ => status.message.clone(),
    }
}

pub(super) fn sentence(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) if status.message.is_empty() => status.reason.clone(),
        kube::Error::Api(status) => status.message.clone(),
        other => chain(other),
    }
}

/// An error with its causes, each once.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}
