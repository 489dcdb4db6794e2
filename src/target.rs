//! Model and blueprint to plan: every artifact, made in the way its manifest says.
//!
//! A function of bytes. Knows nothing of the disk, of facts or of rules.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use minijinja::Value;

use crate::blueprint::context::{self, Contexts, Names};
use crate::blueprint::manifest::{FileRule, Method};
use crate::blueprint::{
    Blueprint, Engine, File, HOLE_OPEN, Library, TemplateError, difference, learn_tree, render_tree,
};
use crate::diagnostic::Reporter;
use crate::emit::{self, Tree};
use crate::plan::{Artifact, Plan, RelPath, Target};
use crate::source::yaml::{self, Limits, Node};
use crate::source::{Source, Span};
use crate::spec::Model;

mod manifests;

pub use manifests::{Released, beside, objects};

/// A blueprint made ready to render any number of specs.
pub struct Renderer {
    library: Library,
    blueprint: Blueprint,
    engine: Engine,
    pins: Names,
    trees: HashMap<String, Node>,
    /// For each line of the manifest, what is the same in every render.
    lines: Vec<Line>,
}

/// What one line of a manifest gives, whatever the spec says.
struct Line {
    /// The file in the library, or the folder.
    from: Arc<str>,
    files: Vec<LineFile>,
}

struct LineFile {
    /// Its name in the library.
    origin: Arc<str>,
    /// Its path in the folder; empty where the line names the file itself.
    name: String,
    file: File,
    /// The artifact's path, where it has no holes.
    path: Option<RelPath>,
}

impl Renderer {
    /// Loads the blueprint in `folder` of the library and reads its trees once.
    ///
    /// Every fault of the blueprint is told; there is no renderer with one.
    pub fn new(library: Library, folder: &str, report: &mut Reporter) -> Option<Self> {
        let blueprint = Blueprint::load(&library, folder, report)?;
        let pins = context::pins(&library, report)?;
        let mut renderer = Self {
            library,
            blueprint,
            engine: Engine::new(),
            pins,
            trees: HashMap::new(),
            lines: Vec::new(),
        };
        let rules = std::mem::take(&mut renderer.blueprint.files);
        let read = rules.iter().all(|rule| renderer.take_in(rule, report));
        renderer.lines = rules.iter().map(|rule| renderer.line(rule)).collect();
        renderer.blueprint.files = rules;
        read.then_some(renderer)
    }

    /// Reads the trees and compiles the templates of one line, once for any number of specs.
    fn take_in(&mut self, rule: &FileRule, report: &mut Reporter) -> bool {
        let from = format!("{}/{}", rule.folder, rule.from);
        if let Some(when) = &rule.when {
            self.engine.learn(when);
        }
        match rule.method {
            Method::Verbatim => true,
            Method::Tree => [Some(&rule.from), rule.diff_against.as_ref()]
                .into_iter()
                .flatten()
                .all(|path| {
                    let path = format!("{}/{path}", rule.folder);
                    let Some(node) = read_tree(&self.library, &path, rule, report) else {
                        return false;
                    };
                    learn_tree(&node, &mut self.engine);
                    self.trees.insert(path, node);
                    true
                }),
            method => {
                let compiled = self.template(&from).map(str::to_owned).and_then(|text| {
                    self.engine
                        .add(method, &from, &text)
                        .map_err(|error| Fault::template(&from, &text, error))
                });
                compiled.map_err(|fault| fault.tell(rule, report)).is_ok()
            }
        }
    }

    /// Finds the files of a line, and makes the paths that need no spec. A path that is refused is told where it
    /// is rendered.
    fn line(&self, rule: &FileRule) -> Line {
        let from = format!("{}/{}", rule.folder, rule.from);
        let constant = !rule.to.contains(HOLE_OPEN);
        let file = |name: &str, file: &File| LineFile {
            origin: format!("{from}{name}").into(),
            path: constant
                .then(|| RelPath::new(inside(&rule.to, name)).ok())
                .flatten(),
            name: name.to_owned(),
            file: file.clone(),
        };
        let files = match rule.from.ends_with('/') {
            true => self
                .library
                .below(&from)
                .map(|(name, found)| file(name, found))
                .collect(),
            false => self
                .library
                .file(&from)
                .map(|found| file("", found))
                .into_iter()
                .collect(),
        };
        Line {
            files,
            from: from.into(),
        }
    }

    fn template(&self, from: &str) -> Result<&str, Fault> {
        let bytes = self
            .library
            .read(from)
            .ok_or_else(|| Fault::manifest(format!("there is no file `{from}`")))?;
        std::str::from_utf8(bytes).map_err(|_| Fault::manifest(format!("`{from}` is not UTF-8")))
    }

    /// The blueprint.
    pub fn blueprint(&self) -> &Blueprint {
        &self.blueprint
    }

    /// Renders the whole stack of a model.
    ///
    /// `in_place` leaves out the application, which is the user's own there. Tells groups that the
    /// blueprint needs and the spec lacks, and values that an artifact cannot carry.
    pub fn render(&self, model: &Model, in_place: bool, report: &mut Reporter) -> Option<Plan> {
        let contexts = Contexts::new(model, &self.pins);
        for group in &self.blueprint.groups {
            if !contexts.has(group) {
                report
                    .error(
                        "missing-field",
                        format!(
                            "the blueprint `{}` needs `{group}`, and the spec has none",
                            self.blueprint.name
                        ),
                    )
                    .help(format!(
                        "add `{group}:`; `gen schema` and `gen init` show its fields"
                    ));
            }
        }
        if report.has_errors() {
            return None;
        }
        let mut plan = self.plan(&contexts, in_place, report)?;
        manifests::add(&mut plan, model, report)?;
        if in_place {
            let artifact = Artifact {
                target: Target::Docs,
                bytes: Cow::Owned(crate::spec::schema_text().into_bytes()),
                sha256: None,
                executable: false,
                origin: "the schema of the spec".into(),
            };
            if let Err(message) = plan.insert(own(SCHEMA_NAME), artifact) {
                report.error("colliding-artifacts", message);
                return None;
            }
        }
        if let Err(message) = plan.seal() {
            report.error("colliding-artifacts", message);
            return None;
        }
        Some(plan)
    }

    /// Renders every artifact whose condition holds.
    fn plan(&self, contexts: &Contexts, in_place: bool, report: &mut Reporter) -> Option<Plan> {
        let mut plan = Plan::new();
        let bases = Bases {
            contexts,
            trees: RefCell::default(),
        };
        let mut sound = true;
        for (rule, line) in self.blueprint.files.iter().zip(&self.lines) {
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
                if let Err(fault) = self.rule((rule, line), &bases, context, &mut plan) {
                    fault.tell(rule, report);
                    sound = false;
                    break;
                }
            }
        }
        if !sound {
            return None;
        }
        Some(plan)
    }

    fn rule(
        &self,
        (rule, line): (&FileRule, &Line),
        bases: &Bases<'_>,
        context: &Value,
        plan: &mut Plan,
    ) -> Result<(), Fault> {
        if let Some(when) = &rule.when {
            let holds = self.engine.holds(when, context);
            if !holds.map_err(|error| Fault::manifest(error.message))? {
                return Ok(());
            }
        }
        let to = self
            .engine
            .join(&rule.to, context)
            .map_err(|error| Fault::manifest(error.message))?;
        if line.files.is_empty() {
            return Err(Fault::manifest(match rule.from.ends_with('/') {
                true => format!("the folder `{}` has no files", line.from),
                false => format!("there is no file `{}`", line.from),
            }));
        }
        for found in &line.files {
            let content = self.content(rule, &found.origin, &found.file, &to, bases, context)?;
            let path = match &found.path {
                Some(path) => path.clone(),
                None => RelPath::new(inside(&to, &found.name))
                    .map_err(|error| Fault::manifest(error.to_string()))?,
            };
            add(plan, rule, path, &found.origin, content, context)?;
        }
        Ok(())
    }

    fn content(
        &self,
        rule: &FileRule,
        from: &str,
        file: &File,
        to: &str,
        bases: &Bases<'_>,
        context: &Value,
    ) -> Result<Content, Fault> {
        let text = match rule.method {
            Method::Verbatim => return Ok((file.bytes.clone(), Some(file.sha256))),
            Method::Tree => self.tree(rule, from, to, bases, context)?,
            method => self.engine.text(method, from, context).map_err(|error| {
                Fault::template(from, &String::from_utf8_lossy(&file.bytes), error)
            })?,
        };
        Ok((Cow::Owned(text.into_bytes()), None))
    }

    fn tree(
        &self,
        rule: &FileRule,
        from: &str,
        to: &str,
        bases: &Bases<'_>,
        context: &Value,
    ) -> Result<String, Fault> {
        let mut tree = match rule.each_environment {
            true => Rc::new(self.tree_of(from, context)?),
            false => self.base_tree(from, bases)?,
        };
        if let Some(base) = &rule.diff_against {
            let base = self.base_tree(&format!("{}/{base}", rule.folder), bases)?;
            tree = Rc::new(difference(&base, &tree).unwrap_or(Tree::Map(Vec::new())));
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
        Ok(text)
    }

    fn base_tree(&self, from: &str, bases: &Bases<'_>) -> Result<Rc<Tree>, Fault> {
        if let Some(tree) = bases.trees.borrow().get(from) {
            return Ok(Rc::clone(tree));
        }
        let tree = Rc::new(self.tree_of(from, &bases.contexts.base)?);
        let mut trees = bases.trees.borrow_mut();
        trees.insert(from.to_owned(), Rc::clone(&tree));
        Ok(tree)
    }

    fn tree_of(&self, from: &str, context: &Value) -> Result<Tree, Fault> {
        let node = &self.trees[from];
        render_tree(node, &self.engine, context).map_err(|error| {
            let text =
                String::from_utf8_lossy(self.library.read(from).unwrap_or_default()).into_owned();
            Fault {
                message: error.message,
                place: Some((from.to_owned(), text, Some(error.span))),
            }
        })
    }
}

/// What belongs to no environment, and the trees of it that were rendered: each environment's are compared
/// with them.
struct Bases<'c> {
    contexts: &'c Contexts,
    trees: RefCell<HashMap<String, Rc<Tree>>>,
}

/// The spec's schema beside the spec, for the editor: only where the tree is the user's repository.
pub const SCHEMA_NAME: &str = "spec.schema.json";

fn own(name: &str) -> RelPath {
    RelPath::new(name).expect("internal error: gen's own names are portable")
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

    fn template(path: &str, text: &str, error: TemplateError) -> Self {
        let span = error.range.map(|range| Span::new(range.start, range.end));
        Self {
            message: error.message,
            place: Some((path.to_owned(), text.to_owned(), span)),
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

/// The bytes of an artifact, and their SHA-256 where it was known before.
type Content = (Cow<'static, [u8]>, Option<[u8; 32]>);

/// A path in a folder of the tree, of which `.` is the top; without a name, what is called a folder is the file.
fn inside(folder: &str, name: &str) -> String {
    match folder.trim_end_matches('/') {
        _ if name.is_empty() => folder.to_owned(),
        "." => name.to_owned(),
        folder => format!("{folder}/{name}"),
    }
}

fn add(
    plan: &mut Plan,
    rule: &FileRule,
    path: RelPath,
    origin: &Arc<str>,
    (bytes, sha256): Content,
    context: &Value,
) -> Result<(), Fault> {
    if rule.each_environment
        && let Ok(name) = context
            .get_attr("environment")
            .and_then(|group| group.get_attr("name"))
    {
        plan.assign(path.clone(), name.to_string());
    }
    let artifact = Artifact {
        target: rule.target,
        bytes,
        sha256,
        executable: rule.executable,
        origin: Arc::clone(origin),
    };
    plan.insert(path, artifact).map_err(Fault::manifest)
}
