//! What runs against what the spec says: objects of a rendered chart compared with those of a cluster.
//!
//! Owns the comparison, who wrote a field, and its forms for people and programs. Only [`live`] speaks to a
//! cluster, and only by reading and by dry runs. Knows nothing of specs and blueprints; objects are given to it.

use std::sync::Arc;

use serde_json::Value;

use crate::source::Source;

mod compare;
mod diagnose;
mod extra;
mod fields;
mod json;
pub mod live;
mod markdown;
mod owner;
mod quantity;
mod text;
mod wanted;

pub use json::json;
pub use markdown::markdown;
pub use text::text;
pub use wanted::{Wanted, read as read_manifests};

/// The name under which dry runs are made. Nothing is ever owned under it for real.
pub const MANAGER: &str = "gen-drift";

/// The objects of one spec and environment, or of one folder of manifests, and what became of them.
#[derive(Debug)]
pub struct Report {
    /// The spec, or the folder of manifests.
    pub source: Arc<Source>,
    /// The environment, where a spec has one.
    pub environment: Option<String>,
    /// What the cluster is called.
    pub cluster: String,
    /// Namespaces that the objects are in.
    pub namespaces: Vec<String>,
    /// Each object, in the order given.
    pub objects: Vec<Object>,
    /// Objects of the namespaces that are in no artifact and nobody else's.
    pub extras: Vec<Extra>,
    /// How many objects of the namespaces belong to other releases.
    pub foreign: usize,
    /// Kinds whose objects could not be listed.
    pub unlisted: Vec<String>,
}

/// One object of the artifacts.
#[derive(Debug)]
pub struct Object {
    /// What the artifacts say.
    pub wanted: Wanted,
    /// What became of it.
    pub state: State,
    /// Its fields that differ.
    pub changes: Vec<Change>,
    /// Its fields that nobody wrote.
    pub defaulted: Vec<String>,
}

/// What became of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is what the artifacts say.
    Same,
    /// Fields of it are not.
    Changed,
    /// It is not there.
    Absent,
    /// The cluster would not take what the artifacts say; this is its answer.
    Refused(String),
    /// It could not be looked at; this is why.
    Unknown(String),
}

/// One field that is not what the artifacts say.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its path.
    pub path: String,
    /// What it is; none where it is gone. Secrets are never in it.
    pub live: Option<Value>,
    /// What it should be; none where the artifacts do not have it.
    pub wanted: Option<Value>,
    /// Who made it so.
    pub cause: Cause,
    /// Whether anybody has to act. A field that a program added, and another version of the image that was
    /// deployed, are told and are no drift.
    pub drift: bool,
}

/// Who wrote a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A person, by hand.
    Hand(Who),
    /// Another manager, which decides for itself.
    Manager(Who),
    /// What deploys: it has deployed something else than what the spec says now.
    Deployer(Who),
    /// Nobody that the server knows.
    Unknown,
}

/// A manager of fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Its name.
    pub manager: String,
    /// When it last wrote, as the server says it.
    pub time: String,
}

/// An object that is in no artifact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extra {
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Who wrote it.
    pub manager: String,
    /// When it was made.
    pub created: String,
}

impl Report {
    /// How many objects are not what the artifacts say, or could not be looked at.
    pub fn drifted(&self) -> usize {
        let objects = self.objects.iter().filter(|object| object.is_drifted());
        objects.count() + self.extras.len()
    }

    /// What it is about, for people.
    fn title(&self) -> String {
        let of = match &self.environment {
            Some(environment) => format!("{}, {environment}", self.source.path()),
            None => self.source.path().to_owned(),
        };
        match self.namespaces.as_slice() {
            [] => format!("`{}` ({of})", self.cluster),
            names => format!("`{}` in `{}` ({of})", names.join("`, `"), self.cluster),
        }
    }

    /// How it went, for people.
    fn sentence(&self) -> String {
        let objects = self
            .objects
            .iter()
            .filter(|object| object.is_drifted())
            .count();
        let extras = match self.extras.len() {
            0 => String::new(),
            1 => "one object is in no artifact".to_owned(),
            count => format!("{count} objects are in no artifact"),
        };
        let all = self.objects.len();
        match (objects, extras.as_str()) {
            (0, "") => format!("all {all} objects are what the artifacts say"),
            (0, _) => extras,
            (_, "") => format!("{objects} of {all} objects are not what the artifacts say"),
            _ => format!("{objects} of {all} objects are not what the artifacts say, and {extras}"),
        }
    }
}

impl Object {
    /// Whether somebody has to act.
    pub fn is_drifted(&self) -> bool {
        !matches!(self.state, State::Same | State::Unknown(_))
    }
}

impl State {
    /// The word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Changed => "changed",
            Self::Absent => "absent",
            Self::Refused(_) => "refused",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl Cause {
    /// The word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Hand(_) => "hand",
            Self::Manager(_) => "manager",
            Self::Deployer(_) => "deployer",
            Self::Unknown => "unknown",
        }
    }

    /// Who it was, where the server knows.
    pub fn who(&self) -> Option<&Who> {
        match self {
            Self::Hand(who) | Self::Manager(who) | Self::Deployer(who) => Some(who),
            Self::Unknown => None,
        }
    }

    fn sentence(&self) -> String {
        let what = match self {
            Self::Hand(_) => "changed by hand",
            Self::Manager(_) => "owned by another manager",
            Self::Deployer(_) => "deployed so",
            Self::Unknown => "nobody is known to have written it",
        };
        match self.who() {
            Some(who) if who.time.is_empty() => format!("{what} ({})", who.manager),
            Some(who) => format!("{what} ({}, {})", who.manager, who.time),
            None => what.to_owned(),
        }
    }
}

impl Change {
    /// What became of the field, to read behind its path.
    fn sentence(&self) -> String {
        let what = match (&self.live, &self.wanted) {
            (Some(live), Some(wanted)) => {
                format!("is {}, should be {}", shown(live), shown(wanted))
            }
            (Some(live), None) => format!("is {}, and the artifacts do not have it", shown(live)),
            (None, Some(wanted)) => format!("is gone, should be {}", shown(wanted)),
            (None, None) => "differs".to_owned(),
        };
        format!("{what}: {}", self.why())
    }

    /// Who made it so, or may have.
    fn why(&self) -> String {
        match (&self.live, &self.cause) {
            (None, Cause::Unknown) => "removed by hand, or never deployed".to_owned(),
            _ => self.cause.sentence(),
        }
    }
}

/// A value in one line of bounded length.
fn shown(value: &Value) -> String {
    const MOST: usize = 120;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// What stands in place of a value that may be a secret.
const HIDDEN: &str = "(hidden)";
/// What names of variables and keys have in them whose values nobody should read.
const TELLING: [&str; 9] = [
    "secret",
    "passw",
    "token",
    "credential",
    "apikey",
    "api_key",
    "api-key",
    "private",
    "auth",
];

/// Takes what may be a secret out of a value that is to be told.
fn hide(value: &mut Value, path: &fields::Path, secret: bool) {
    let telling = |name: &str| {
        let name = name.to_lowercase();
        TELLING.iter().any(|part| name.contains(part))
    };
    let below_data = ["data", "stringData"].contains(&path.root());
    let variable = path.0.iter().any(|step| match step {
        fields::Step::Item(keys) => telling(keys),
        _ => false,
    });
    let last = path.keys().next_back().unwrap_or_default();
    if secret && below_data || variable && last == "value" || path.has_key("data") && telling(last)
    {
        *value = Value::from(HIDDEN);
        return;
    }
    hide_below(value, &telling, secret || below_data);
}

fn hide_below(value: &mut Value, telling: &impl Fn(&str) -> bool, data: bool) {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| hide_below(item, telling, data)),
        Value::Object(map) => {
            let variable = map.get("name").and_then(Value::as_str).is_some_and(telling);
            for (key, inner) in map.iter_mut() {
                let own = ["data", "stringData"].contains(&key.as_str()) && data;
                if own || inner.is_string() && (variable && key == "value" || data && telling(key))
                {
                    *inner = Value::from(HIDDEN);
                } else {
                    hide_below(inner, telling, data);
                }
            }
        }
        _ => {}
    }
}
