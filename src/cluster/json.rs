//! Live drift for scripts. The fields are a contract: they are documented at [`json`] and only ever added to.

use serde_json::{Value, json};

use super::{Cause, Change, Extra, Object, Report, State};
use crate::diagnostic::Diagnostic;

/// The whole report as one JSON document, ending in a line break.
///
/// The fields: `version` (1), `tool` (`name`, `version`), `clusters`, `diagnostics` (as in the JSON of
/// diagnostics) and `summary` (`objects`, `drifted`, `extra`, `unknown`). A cluster has `source`,
/// `environment`, `cluster`, `namespaces`, `clean`, `objects`, `extra`, `foreign` (a number) and `unlisted`
/// (kinds). An object has `api_version`, `kind`, `namespace`, `name`, `state` (`same`, `changed`, `absent`,
/// `refused`, `unknown`), `answer` (the cluster's, or null), `fields` and `defaulted` (paths). A field has
/// `path`, `live` and `wanted` (values; left out where there is none), `cause` (`hand`, `manager`, `deployer`,
/// `unknown`), `manager`, `time` and `drift`.
pub fn json(reports: &[Report], diagnostics: &[Diagnostic], version: &str) -> String {
    let objects = || reports.iter().flat_map(|report| &report.objects);
    let unknown = objects().filter(|object| matches!(object.state, State::Unknown(_)));
    crate::report::json_document(&json!({
        "version": 1,
        "tool": { "name": "gen", "version": version },
        "clusters": reports.iter().map(report).collect::<Vec<_>>(),
        "diagnostics": crate::report::json_diagnostics(diagnostics),
        "summary": {
            "objects": objects().count(),
            "drifted": objects().filter(|object| object.is_drifted()).count(),
            "extra": reports.iter().map(|report| report.extras.len()).sum::<usize>(),
            "unknown": unknown.count(),
        },
    }))
}

fn report(report: &Report) -> Value {
    json!({
        "source": report.source.path(),
        "environment": report.environment,
        "cluster": report.cluster,
        "namespaces": report.namespaces,
        "clean": report.drifted() == 0,
        "objects": report.objects.iter().map(object).collect::<Vec<_>>(),
        "extra": report.extras.iter().map(extra).collect::<Vec<_>>(),
        "foreign": report.foreign,
        "unlisted": report.unlisted,
    })
}

fn object(object: &Object) -> Value {
    let answer = match &object.state {
        State::Refused(answer) | State::Unknown(answer) => Some(answer),
        _ => None,
    };
    json!({
        "api_version": object.wanted.api_version(),
        "kind": object.wanted.kind(),
        "namespace": object.wanted.namespace(),
        "name": object.wanted.name(),
        "state": object.state.name(),
        "answer": answer,
        "fields": object.changes.iter().map(change).collect::<Vec<_>>(),
        "defaulted": object.defaulted,
    })
}

fn change(change: &Change) -> Value {
    let who = change.cause.who();
    let mut value = json!({
        "path": change.path,
        "cause": Cause::name(&change.cause),
        "manager": who.map(|who| &who.manager),
        "time": who.map(|who| &who.time),
        "drift": change.drift,
    });
    for (key, side) in [("live", &change.live), ("wanted", &change.wanted)] {
        if let Some(side) = side {
            value[key] = side.clone();
        }
    }
    value
}

fn extra(extra: &Extra) -> Value {
    json!({
        "api_version": extra.api_version,
        "kind": extra.kind,
        "namespace": extra.namespace,
        "name": extra.name,
        "manager": extra.manager,
        "created": extra.created,
    })
}
