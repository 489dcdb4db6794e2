//! One object as it runs against the same object as the spec has it, field by field.
//!
//! A function of the server's answers: the live object, what a dry run of applying makes of it, and what a dry
//! run makes of the object alone. Both answers have passed the same server, so its defaults and its way of
//! writing quantities are in both and cancel out.

use std::collections::BTreeSet;

use serde_json::Value;

use super::fields::{self, FieldSet, Path, Step};
use super::owner::{self, Entry, Hand};
use super::{Cause, Change, MANAGER, Who, hide, quantity};

/// Fields of every object that the server keeps for itself.
const SYSTEM: [&str; 9] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "name",
    "namespace",
    "resourceVersion",
    "uid",
];
/// Keys that deploying and restarting leave behind; they say nothing about what runs.
const TRACES: [&str; 6] = [
    "argocd.argoproj.io/tracking-id",
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubectl.kubernetes.io/restartedAt",
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
    "helm.sh/resource-policy",
];
/// Keys below which texts are quantities, where the server itself does not know.
const QUANTITIES: [&str; 5] = ["requests", "limits", "capacity", "hard", "sizeLimit"];

/// The server's answers about one object that is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answers<'a> {
    /// The object as it is.
    pub(super) live: &'a Value,
    /// What applying the spec's object would make of it.
    pub(super) applied: &'a Value,
    /// What applying the spec's object under an unused name would make.
    pub(super) alone: Option<&'a Value>,
    /// Managers that deploy, beside those that are known to.
    pub(super) deployers: &'a [String],
}

/// What was found in one object.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) changes: Vec<Change>,
    pub(super) defaulted: Vec<String>,
}

/// Whether the answer about the object alone is needed to tell defaults from what somebody wrote: only where
/// somebody created or updated the object instead of applying it.
pub(super) fn needs_alone(answers: Answers<'_>) -> bool {
    let wanted = wanted(answers.applied);
    let entries = owner::entries(answers.live, &wanted, answers.deployers);
    let made = entries
        .iter()
        .filter(|entry| !entry.applied && entry.subresource != "status");
    made.flat_map(|entry| &entry.fields)
        .any(|path| is_surplus(path, answers.live, &wanted))
}

/// Compares.
pub(super) fn compare(answers: Answers<'_>) -> Compared {
    let wanted = wanted(answers.applied);
    let entries = owner::entries(answers.live, &wanted, answers.deployers);
    let mut changes = differing(answers, &wanted, &entries);
    let surplus = surplus(answers, &wanted, &entries);
    let defaulted = defaulted(answers.live, &wanted, &surplus, &changes);
    changes.extend(added(answers, &wanted, surplus));
    changes.sort_by(|(a, _), (b, _)| a.cmp(b));
    let secret = answers.live["kind"] == "Secret";
    let changes = changes.into_iter().map(|(path, mut change)| {
        for value in [&mut change.live, &mut change.wanted].into_iter().flatten() {
            hide(value, &path, secret);
        }
        change
    });
    Compared {
        changes: changes.collect(),
        defaulted,
    }
}

/// The fields that the spec gives the object, as the server sees them.
fn wanted(applied: &Value) -> FieldSet {
    let entries = applied
        .pointer("/metadata/managedFields")
        .and_then(Value::as_array);
    let own = entries.into_iter().flatten().find(|entry| {
        entry["manager"] == MANAGER
            && entry["operation"] == "Apply"
            && entry["subresource"].is_null()
    });
    own.map(|entry| fields::read(&entry["fieldsV1"]))
        .unwrap_or_default()
}

/// Fields of the spec that are not there, or have another value.
fn differing(answers: Answers<'_>, wanted: &FieldSet, entries: &[Entry]) -> Vec<(Path, Change)> {
    let mut found = Vec::new();
    let mut absent = BTreeSet::new();
    for path in wanted {
        let Some(want) = path.get(answers.applied) else {
            continue;
        };
        match path.get(answers.live) {
            Some(have) if same(have, want, path) => {}
            Some(have) => found.push((path.clone(), change(path, Some(have), Some(want), entries))),
            None => {
                // An item that is gone is one change, not one for each of its fields.
                let missing = |above: &Path| above.get(answers.live).is_none();
                let gone = path
                    .ancestors()
                    .find(missing)
                    .unwrap_or_else(|| path.clone());
                let want = gone.get(answers.applied);
                if absent.insert(gone.clone()) && !want.is_none_or(is_empty) {
                    found.push((gone.clone(), change(&gone, None, want, entries)));
                }
            }
        }
    }
    found
}

fn change(path: &Path, live: Option<&Value>, wanted: Option<&Value>, entries: &[Entry]) -> Change {
    let cause = match live {
        Some(_) => writer(path, entries),
        None => remover(entries),
    };
    let released = matches!(cause, Cause::Deployer(_)) && is_release(path, live, wanted);
    Change {
        path: path.to_string(),
        live: live.cloned(),
        wanted: wanted.cloned(),
        drift: !released,
        cause,
    }
}

fn who(entry: &Entry) -> Who {
    Who {
        manager: entry.manager.clone(),
        time: entry.time.clone(),
    }
}

fn by(entry: &Entry) -> Cause {
    match entry.hand {
        Hand::Person => Cause::Hand(who(entry)),
        Hand::Program => Cause::Manager(who(entry)),
        Hand::Deployer => Cause::Deployer(who(entry)),
    }
}

/// Who wrote a field: a person before a program before the deployment, where several own it.
fn writer(path: &Path, entries: &[Entry]) -> Cause {
    let mut owners: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.owns_within(path))
        .collect();
    owners.sort_by_key(|entry| entry.hand);
    owners.first().map_or(Cause::Unknown, |entry| by(entry))
}

/// Who may have removed a field. The server does not record that; a person who wrote after the deployment is
/// the one to ask.
fn remover(entries: &[Entry]) -> Cause {
    let latest = |hand: Hand| {
        let own = |entry: &&Entry| entry.hand == hand && entry.subresource.is_empty();
        entries
            .iter()
            .filter(own)
            .max_by(|a, b| a.time.cmp(&b.time))
    };
    match (latest(Hand::Person), latest(Hand::Deployer)) {
        (Some(person), Some(deployer)) if person.time > deployer.time => Cause::Hand(who(person)),
        _ => Cause::Unknown,
    }
}

/// Fields that somebody wrote and the spec does not have, with who did. The status is no such field.
fn surplus<'e>(
    answers: Answers<'_>,
    wanted: &FieldSet,
    entries: &'e [Entry],
) -> Vec<(Path, &'e Entry)> {
    let mut found = Vec::new();
    for entry in entries.iter().filter(|entry| entry.subresource != "status") {
        let paths = entry.fields.iter();
        for path in paths.filter(|path| is_surplus(path, answers.live, wanted)) {
            let have = path.get(answers.live);
            let default = match answers.alone {
                _ if entry.applied => false,
                Some(alone) => match (have, path.get(alone)) {
                    (Some(have), Some(default)) => same(have, default, path),
                    _ => false,
                },
                // Without the answer about the object alone, what the deployment wrote may be a default.
                None => entry.hand == Hand::Deployer,
            };
            if !default {
                found.push((path.clone(), entry));
            }
        }
    }
    found
}

/// Whether the field is there and the spec has nothing to do with it.
fn is_surplus(path: &Path, live: &Value, wanted: &FieldSet) -> bool {
    let below = wanted.range(path..).next();
    let is_wanted = path.ancestors().any(|above| wanted.contains(&above))
        || below.is_some_and(|first| first.is_below(path));
    !is_wanted && path.root() != "status" && !is_trace(path) && path.get(live).is_some()
}

/// The same as changes: each at the outermost field of which the spec has nothing.
fn added(
    answers: Answers<'_>,
    wanted: &FieldSet,
    surplus: Vec<(Path, &Entry)>,
) -> Vec<(Path, Change)> {
    let mut found: Vec<(Path, Hand, Change)> = Vec::new();
    for (path, entry) in surplus {
        let is_new = |above: &Path| {
            let has = wanted
                .range(above..)
                .next()
                .is_some_and(|first| first.is_below(above));
            let default = answers.alone.and_then(|alone| above.get(alone));
            !has && (default.is_none() || *above == path)
        };
        let outermost = path
            .ancestors()
            .find(is_new)
            .unwrap_or_else(|| path.clone());
        let change = Change {
            path: outermost.to_string(),
            live: outermost.get(answers.live).cloned(),
            wanted: answers
                .alone
                .and_then(|alone| outermost.get(alone))
                .cloned(),
            drift: entry.hand != Hand::Program,
            cause: by(entry),
        };
        match found.iter_mut().find(|(known, ..)| *known == outermost) {
            Some(known) if entry.hand < known.1 => *known = (outermost, entry.hand, change),
            Some(_) => {}
            None => found.push((outermost, entry.hand, change)),
        }
    }
    found
        .into_iter()
        .map(|(path, _, change)| (path, change))
        .collect()
}

/// Fields that nobody wrote.
fn defaulted(
    live: &Value,
    wanted: &FieldSet,
    surplus: &[(Path, &Entry)],
    changes: &[(Path, Change)],
) -> Vec<String> {
    let written = wanted.iter().chain(surplus.iter().map(|(path, _)| path));
    let written: BTreeSet<Path> = written
        .chain(changes.iter().map(|(path, _)| path))
        .filter_map(|path| path.resolve(live))
        .map(|(concrete, _)| concrete)
        .collect();
    let mut found = Vec::new();
    rest(live, &mut Vec::new(), &written, &mut found);
    found
}

fn rest(value: &Value, path: &mut Vec<Step>, written: &BTreeSet<Path>, found: &mut Vec<String>) {
    let here = Path(path.clone());
    let system = match path.as_slice() {
        [Step::Key(first)] => ["apiVersion", "kind", "status"].contains(&first.as_str()),
        [Step::Key(first), Step::Key(key)] => first == "metadata" && SYSTEM.contains(&key.as_str()),
        _ => false,
    };
    if system || written.contains(&here) || is_trace(&here) {
        return;
    }
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, inner) in map {
                path.push(Step::Key(key.clone()));
                rest(inner, path, written, found);
                path.pop();
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, inner) in items.iter().enumerate() {
                path.push(Step::Index(at));
                rest(inner, path, written, found);
                path.pop();
            }
        }
        _ => found.push(here.to_string()),
    }
}

fn is_trace(path: &Path) -> bool {
    path.has_key("annotations")
        && path
            .keys()
            .next_back()
            .is_some_and(|key| TRACES.contains(&key))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn same(a: &Value, b: &Value, path: &Path) -> bool {
    let is_quantity = QUANTITIES.iter().any(|key| path.has_key(key));
    alike(a, b, is_quantity)
}

fn alike(a: &Value, b: &Value, is_quantity: bool) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let sub = |key: &str| is_quantity || QUANTITIES.contains(&key);
            let none = Value::Null;
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter().all(|key| {
                let (a, b) = (a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none));
                alike(a, b, sub(key))
            })
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b, is_quantity))
        }
        _ => a == b || is_quantity && quantity::equal(a, b),
    }
}

/// Whether it is only another version of the same image: which one runs is the pipeline's to say.
fn is_release(path: &Path, live: Option<&Value>, wanted: Option<&Value>) -> bool {
    let name = |value: Option<&Value>| {
        value
            .and_then(Value::as_str)
            .map(repository)
            .map(str::to_owned)
    };
    path.keys().next_back() == Some("image") && name(live).is_some() && name(live) == name(wanted)
}

/// An image without its tag and digest.
pub(super) fn repository(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    name[last..]
        .find(':')
        .map_or(name, |colon| &name[..last + colon])
}

#[cfg(test)]
mod tests;
