//! Rendered stacks compared object by object: Kubernetes and Terraform as data, the rest as text.
//!
//! Owns [`Stack`], its differences and their forms for people. A function of plans: knows no disk and no
//! spec. Kubernetes objects are those that the rendered chart gives when it is evaluated.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::chart::{Capabilities, Chart, Options, Release, Values, evaluate};
use crate::diagnostic::Reporter;
use crate::plan::{Artifact, Plan, RelPath, Target};
use crate::source::Source;

mod compare;
mod data;
mod json;
mod told;

pub use compare::{Difference, Field, differences};
pub use json::json;
pub use told::{markdown, text};

/// One object of a stack.
#[derive(Debug, Clone, PartialEq)]
pub enum Thing {
    /// Values by their places.
    Data(Value),
    /// Lines.
    Text(String),
    /// Bytes that are neither.
    Bytes(Vec<u8>),
}

/// Where an object is found in both of two stacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The group that it is told in.
    pub group: Group,
    /// What it is paired by.
    pub name: String,
}

/// The groups, in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Objects that reach the cluster.
    Kubernetes,
    /// Blocks and variable files.
    Terraform,
    /// Everything else.
    Files,
}

impl Group {
    /// Its heading.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kubernetes => "Kubernetes",
            Self::Terraform => "Terraform",
            Self::Files => "Files",
        }
    }
}

/// One environment of a plan.
#[derive(Debug, Clone)]
pub struct Environment<'e> {
    /// Its name.
    pub name: &'e str,
    /// The release that its chart is installed as.
    pub release: Release,
    /// The version of its cluster.
    pub kubernetes: Option<&'e str>,
}

/// The objects of a stack, sorted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stack {
    /// Each with the name by which it is shown.
    pub things: BTreeMap<Key, (String, Thing)>,
}

impl Stack {
    /// Everything of a plan, in all its environments.
    ///
    /// Nothing where the chart cannot be evaluated, which is told.
    pub fn whole(
        plan: &Plan,
        environments: &[Environment<'_>],
        report: &mut Reporter,
    ) -> Option<Self> {
        let mut stack = Self::default();
        for environment in environments {
            let prefix = match environments {
                [_] => String::new(),
                _ => format!("{}: ", environment.name),
            };
            stack.add_chart(plan, environment, &prefix, report)?;
        }
        for (path, artifact) in plan.artifacts() {
            stack.add_file(path.as_str(), path, artifact);
        }
        Some(stack)
    }

    /// What belongs to one environment alone, named so that it can be paired with that of another one.
    pub fn of(plan: &Plan, environment: &Environment<'_>, report: &mut Reporter) -> Option<Self> {
        let mut stack = Self::default();
        stack.add_chart(plan, environment, "", report)?;
        let own = |path: &RelPath| plan.environment(path.as_str()) == Some(environment.name);
        for (path, artifact) in plan.artifacts().iter().filter(|(path, _)| own(path)) {
            // Values are seen in the objects that they give; the blueprint's file is the same for all.
            if artifact.target != Target::Chart {
                stack.add_file(&artifact.origin, path, artifact);
            }
        }
        Some(stack)
    }

    /// The objects of the chart with the environment's values.
    fn add_chart(
        &mut self,
        plan: &Plan,
        environment: &Environment<'_>,
        prefix: &str,
        report: &mut Reporter,
    ) -> Option<()> {
        let is_manifest = |(path, artifact): &(&RelPath, &Artifact)| {
            artifact.target == Target::Chart && path.name() == "Chart.yaml"
        };
        let manifest = plan.artifacts().iter().find(is_manifest);
        let Some((manifest, _)) = manifest else {
            return Some(());
        };
        let folder = manifest.folders().last().unwrap_or("");
        let below = |path: &RelPath| {
            let below = path.as_str().strip_prefix(folder)?;
            Some(below.trim_start_matches('/').to_owned())
        };
        let mut files = Vec::new();
        let mut values = Values::new();
        for (path, artifact) in plan.artifacts() {
            let Some(name) = below(path).filter(|_| artifact.target == Target::Chart) else {
                continue;
            };
            if plan.environment(path.as_str()) == Some(environment.name) && !name.contains('/') {
                let text = String::from_utf8_lossy(&artifact.bytes).into_owned();
                values.add_file(&Source::new(path.as_str(), text), report)?;
            }
            files.push((name, artifact.bytes.to_vec()));
        }
        let chart = Chart::load(folder, files, report)?;
        let capabilities = environment.kubernetes.and_then(Capabilities::new);
        let rendered = evaluate(
            &chart,
            &values,
            &environment.release,
            &capabilities.unwrap_or_default(),
            &Options {
                explain: false,
                ..Options::default()
            },
            report,
        )?;
        for object in &rendered.objects {
            let name = format!("{prefix}{} {}", object.kind, object.name);
            self.add(
                Group::Kubernetes,
                &name,
                &name,
                Thing::Data(object.to_json()),
            );
        }
        Some(())
    }

    /// One file: as objects where it is read as data, else as a whole.
    fn add_file(&mut self, paired: &str, path: &RelPath, artifact: &Artifact) {
        let shown = path.as_str();
        let Ok(text) = std::str::from_utf8(&artifact.bytes) else {
            let bytes = Thing::Bytes(artifact.bytes.to_vec());
            return self.add(Group::Files, paired, shown, bytes);
        };
        let read = match (artifact.target, path.name().rsplit('.').next()) {
            (Target::Terraform, Some("tf")) => data::blocks(text),
            (Target::Terraform, Some("tfvars" | "hcl")) => {
                data::variables(text).map(|value| vec![(String::new(), value)])
            }
            (Target::Gitops | Target::Manifests, Some("yaml" | "yml")) => data::objects(text),
            _ => None,
        };
        let Some(objects) = read else {
            return self.add(Group::Files, paired, shown, Thing::Text(text.to_owned()));
        };
        let group = match artifact.target {
            Target::Terraform => Group::Terraform,
            _ => Group::Kubernetes,
        };
        // A block is the same one whichever file of the folder it stands in.
        let folder = |path: &str| match path.rsplit_once('/') {
            Some((folder, _)) => folder.to_owned(),
            None => ".".to_owned(),
        };
        for (name, value) in objects {
            let (paired, shown) = match (group, name.as_str()) {
                (_, "") => (paired.to_owned(), shown.to_owned()),
                (Group::Terraform, name) => (
                    format!("{} {name}", folder(paired)),
                    format!("{} {name}", folder(shown)),
                ),
                (_, name) => (format!("{paired} {name}"), format!("{name} ({shown})")),
            };
            self.add(group, &paired, &shown, Thing::Data(value));
        }
    }

    fn add(&mut self, group: Group, paired: &str, shown: &str, thing: Thing) {
        let key = |name: String| Key { group, name };
        let mut name = paired.to_owned();
        // Two that are called the same are two; the first is paired with the first.
        let mut count = 1;
        while self.things.contains_key(&key(name.clone())) {
            count += 1;
            name = format!("{paired} #{count}");
        }
        self.things.insert(key(name), (shown.to_owned(), thing));
    }
}
