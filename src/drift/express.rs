//! Which fields of the spec would say what a person wrote into a rendered file.
//!
//! A guess is taken from the changed lines and is worth nothing until the spec, rendered with it, gives
//! the edited file byte for byte. How a blueprint uses a field is never asked.

use std::collections::{BTreeMap, HashMap};

use super::guess::{self, Guess};
use crate::plan::{Plan, RelPath};
use crate::spec::outline::Field;

/// Most renders that one file is worth.
const TRIES: usize = 96;
/// Most renders that one tree is worth.
const TRIES_OF_TREE: usize = 480;
/// Most fields that may have to change together.
const FIELDS: usize = 4;

/// What a spec would have to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// Each field and its new value, as YAML.
    pub settings: Vec<Setting>,
    /// How many other files would change with it.
    pub others: usize,
}

/// One field and its value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Setting {
    /// The field's keys, joined by `.`.
    pub field: String,
    /// The value as YAML on one line; `null` takes the field away.
    pub value: String,
}

impl Setting {
    /// As `--set` takes it.
    pub fn argument(&self) -> String {
        format!("{}={}", self.field, self.value)
    }
}

/// Renders the spec with settings over it; nothing where they make it invalid.
pub type Render<'r> = &'r dyn Fn(&[String]) -> Option<Plan>;

/// Tries fields of one spec.
pub struct Expressions<'r> {
    fields: Vec<Field>,
    render: Render<'r>,
    plan: &'r Plan,
    /// What renders gave already: for each edited file its bytes, and how many files differ in all.
    known: HashMap<Vec<Setting>, Option<Outcome>>,
    edited: Vec<RelPath>,
    tries: usize,
}

struct Outcome {
    files: BTreeMap<RelPath, Vec<u8>>,
    changed: usize,
}

impl<'r> Expressions<'r> {
    /// For the files at `edited`, of a spec with these fields that renders to `plan`.
    pub fn new(
        fields: Vec<Field>,
        plan: &'r Plan,
        edited: Vec<RelPath>,
        render: Render<'r>,
    ) -> Self {
        Self {
            fields,
            render,
            plan,
            known: HashMap::new(),
            edited,
            tries: 0,
        }
    }

    /// The fields with which the render of `path` is `wanted`, to the byte; nothing where none were found.
    pub fn of(&mut self, path: &RelPath, wanted: &str) -> Option<Expression> {
        let planned = self.plan.artifacts().get(path)?;
        let mut text = std::str::from_utf8(&planned.bytes).ok()?.to_owned();
        let mut settings: Vec<Setting> = Vec::new();
        let mut tries = TRIES;
        while settings.len() < FIELDS {
            let distance = guess::distance(&text, wanted);
            let mut best: Option<(usize, usize, Vec<Setting>, String)> = None;
            let mut rank = 0;
            for Guess { rank: of, setting } in guess::guesses(&self.fields, &text, wanted) {
                // Whatever comes later is less likely than what was found.
                if of > rank && best.as_ref().is_some_and(|best| best.0 < distance) {
                    break;
                }
                rank = of;
                if settings.iter().any(|known| known.field == setting.field) {
                    continue;
                }
                let mut more = settings.clone();
                more.push(setting);
                let Some(outcome) = self.outcome(&more, &mut tries) else {
                    continue;
                };
                let others = outcome.changed.saturating_sub(1);
                let Some(given) = outcome.files.get(path).cloned() else {
                    continue;
                };
                let Ok(given) = String::from_utf8(given) else {
                    continue;
                };
                let left = guess::distance(&given, wanted);
                let better = best
                    .as_ref()
                    .is_none_or(|best| (left, others) < (best.0, best.1));
                if left < distance && better {
                    best = Some((left, others, more, given));
                }
            }
            let (left, others, more, given) = best?;
            if left == 0 && given == wanted {
                return Some(Expression {
                    settings: more,
                    others,
                });
            }
            (settings, text) = (more, given);
        }
        None
    }

    fn outcome(&mut self, settings: &[Setting], tries: &mut usize) -> Option<&Outcome> {
        if !self.known.contains_key(settings) {
            if *tries == 0 || self.tries == TRIES_OF_TREE {
                return None;
            }
            *tries -= 1;
            self.tries += 1;
            let arguments: Vec<String> = settings.iter().map(Setting::argument).collect();
            let outcome = (self.render)(&arguments).map(|plan| self.judge(&plan));
            self.known.insert(settings.to_vec(), outcome);
        }
        self.known.get(settings)?.as_ref()
    }

    fn judge(&self, plan: &Plan) -> Outcome {
        let (old, new) = (self.plan.artifacts(), plan.artifacts());
        let changed = new
            .iter()
            .filter(|(path, artifact)| old.get(*path).is_none_or(|old| old != *artifact))
            .count();
        let gone = old.keys().filter(|path| !new.contains_key(*path)).count();
        let files = self.edited.iter().filter_map(|path| {
            let artifact = new.get(path)?;
            Some((path.clone(), artifact.bytes.to_vec()))
        });
        Outcome {
            files: files.collect(),
            changed: changed + gone,
        }
    }
}
