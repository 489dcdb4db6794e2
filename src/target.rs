//! Model and blueprint to plan: every artifact, made in the way its manifest says.
//!
//! A function of bytes. Knows nothing of the disk, of facts or of rules.

use std::collections::HashMap;

use minijinja::Value;

use crate::blueprint::context::Contexts;
use crate::blueprint::manifest::{FileRule, Method};
use crate::blueprint::{Blueprint, Engine, Library, difference, render_tree};
use crate::diagnostic::Reporter;
use crate::emit::{self, Tree};
use crate::plan::{Artifact, Plan, RelPath, Target};
use crate::source::yaml::{self, Limits, Node};
use crate::source::{Source, Span};

/// What rendering needs besides the model.
pub struct Renderer<'a> {
    library: &'a Library,
    blueprint: &'a Blueprint,
    engine: &'a Engine,
    trees: HashMap<String, Node>,
}

impl<'a> Renderer<'a> {
    /// Prepares a blueprint: reads its trees once, for any number of specs.
    pub fn new(
        library: &'a Library,
        blueprint: &'a Blueprint,
        engine: &'a Engine,
        report: &mut Reporter,
    ) -> Option<Self> {
        let mut trees = HashMap::new();
        for rule in blueprint
            .files
            .iter()
            .filter(|rule| rule.method == Method::Tree)
        {
            for path in [Some(&rule.from), rule.diff_against.as_ref()]
                .into_iter()
                .flatten()
            {
                let path = format!("{}/{path}", rule.folder);
                if let std::collections::hash_map::Entry::Vacant(slot) = trees.entry(path) {
                    let node = read_tree(library, slot.key(), rule, report)?;
                    slot.insert(node);
                }
            }
        }
        Some(Self {
            library,
            blueprint,
            engine,
            trees,
        })
    }

    /// Renders every artifact whose condition holds.
    ///
    /// `in_place` leaves out the application, which is the user's own there. Faults are the
    /// blueprint's, or values that no artifact of their kind can carry; each is told with its place.
    pub fn plan(&self, contexts: &Contexts, in_place: bool, report: &mut Reporter) -> Option<Plan> {
        let mut plan = Plan::new();
        let mut sound = true;
        for rule in &self.blueprint.files {
            if in_place && rule.target == Target::App {
                continue;
            }
            let single = [&contexts.base];
            let each: Vec<&Value> = contexts.environments.iter().collect();
            let contexts_of_rule: &[&Value] = if rule.each_environment {
                &each
            } else {
                &single
            };
            for context in contexts_of_rule {
                if let Err(fault) = self.rule(rule, contexts, context, &mut plan) {
                    fault.tell(rule, report);
                    sound = false;
                    break;
                }
            }
        }
        if !sound {
            return None;
        }
        if let Err(message) = plan.check() {
            report.error("colliding-artifacts", message);
            return None;
        }
        Some(plan)
    }

    fn rule(
        &self,
        rule: &FileRule,
        contexts: &Contexts,
        context: &Value,
        plan: &mut Plan,
    ) -> Result<(), Fault> {
        if let Some(when) = &rule.when {
            let holds = self
                .engine
                .expression(when, context)
                .map_err(|error| Fault::manifest(error.message))?;
            if !holds.is_true() {
                return Ok(());
            }
        }
        let to = self
            .engine
            .join(&rule.to, context)
            .map_err(|error| Fault::manifest(error.message))?;
        let from = format!("{}/{}", rule.folder, rule.from);
        if rule.from.ends_with('/') {
            let mut any = false;
            for (path, bytes) in self.library.below(&from) {
                any = true;
                let origin = format!("{from}{path}");
                let bytes = self.artifact(rule, &origin, bytes, &to, contexts, context)?;
                add(
                    plan,
                    rule,
                    &format!("{}/{path}", to.trim_end_matches('/')),
                    origin,
                    bytes,
                )?;
            }
            return if any {
                Ok(())
            } else {
                Err(Fault::manifest(format!("the folder `{from}` has no files")))
            };
        }
        let bytes = self
            .library
            .read(&from)
            .ok_or_else(|| Fault::manifest(format!("there is no file `{from}`")))?;
        let bytes = self.artifact(rule, &from, bytes, &to, contexts, context)?;
        add(plan, rule, &to, from, bytes)
    }

    fn artifact(
        &self,
        rule: &FileRule,
        from: &str,
        bytes: &[u8],
        to: &str,
        contexts: &Contexts,
        context: &Value,
    ) -> Result<Vec<u8>, Fault> {
        match rule.method {
            Method::Verbatim => Ok(bytes.to_vec()),
            Method::Tree => self.tree(rule, from, to, contexts, context),
            method => {
                let text = std::str::from_utf8(bytes)
                    .map_err(|_| Fault::manifest(format!("`{from}` is not UTF-8")))?;
                self.engine
                    .text(method, text, context)
                    .map(String::into_bytes)
                    .map_err(|error| Fault {
                        message: error.message,
                        place: Some((
                            from.to_owned(),
                            text.to_owned(),
                            error.range.map(|range| Span::new(range.start, range.end)),
                        )),
                    })
            }
        }
    }

    fn tree(
        &self,
        rule: &FileRule,
        from: &str,
        to: &str,
        contexts: &Contexts,
        context: &Value,
    ) -> Result<Vec<u8>, Fault> {
        let mut tree = self.tree_of(from, context)?;
        if let Some(base) = &rule.diff_against {
            let base = self.tree_of(&format!("{}/{base}", rule.folder), &contexts.base)?;
            tree = difference(&base, &tree).unwrap_or(Tree::Map(Vec::new()));
        }
        let text = match to.rsplit('.').next() {
            Some("yaml" | "yml") => emit::yaml(&tree),
            Some("json") => emit::json(&tree),
            Some("tfvars" | "hcl") => {
                emit::hcl(&tree).map_err(|error| Fault::manifest(error.to_string()))?
            }
            _ => {
                return Err(Fault::manifest(format!(
                    "`{to}` is neither YAML, JSON nor HCL by its name"
                )));
            }
        };
        Ok(text.into_bytes())
    }

    fn tree_of(&self, from: &str, context: &Value) -> Result<Tree, Fault> {
        let node = &self.trees[from];
        render_tree(node, self.engine, context).map_err(|error| {
            let text =
                String::from_utf8_lossy(self.library.read(from).unwrap_or_default()).into_owned();
            Fault {
                message: error.message,
                place: Some((from.to_owned(), text, Some(error.span))),
            }
        })
    }
}

/// What went wrong while one line of a manifest was carried out.
struct Fault {
    message: String,
    /// File, its text, and the bytes at fault; the manifest's own line without it.
    place: Option<(String, String, Option<Span>)>,
}

impl Fault {
    fn manifest(message: String) -> Self {
        Self {
            message,
            place: None,
        }
    }

    fn tell(self, rule: &FileRule, report: &mut Reporter) {
        let d = report.error(
            "template-error",
            format!(
                "the blueprint cannot render `{}`: {}",
                rule.to, self.message
            ),
        );
        match self.place {
            Some((path, text, span)) => {
                let source = Source::new(path, text);
                d.at(&source, span.unwrap_or_default(), "");
            }
            None => {
                d.at(&rule.place.0, rule.place.1, "");
            }
        }
    }
}

fn read_tree(
    library: &Library,
    path: &str,
    rule: &FileRule,
    report: &mut Reporter,
) -> Option<Node> {
    let Some(bytes) = library.read(path) else {
        Fault::manifest(format!("there is no file `{path}`")).tell(rule, report);
        return None;
    };
    let source = Source::new(path, String::from_utf8_lossy(bytes).into_owned());
    match yaml::read(source.text(), &Limits::SPEC) {
        Ok(stream) => stream.documents.into_iter().next(),
        Err(error) => {
            crate::schema::text::tell(&source, &error, report);
            None
        }
    }
}

fn add(
    plan: &mut Plan,
    rule: &FileRule,
    to: &str,
    origin: String,
    bytes: Vec<u8>,
) -> Result<(), Fault> {
    let path = RelPath::new(to).map_err(|error| Fault::manifest(error.to_string()))?;
    plan.insert(
        path,
        Artifact {
            target: rule.target,
            bytes,
            executable: rule.executable,
            origin,
        },
    )
    .map_err(Fault::manifest)
}
