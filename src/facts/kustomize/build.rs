//! A kustomization built as kustomize builds it: resources, generators, components, then what it changes.
//!
//! Whatever is not followed here ends the build, so that nothing is told of objects that would look
//! otherwise; what kustomize itself refuses is a fault.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::facts::{At, Facts, tree};
use crate::source::yaml::{self, Limits, Node};
use crate::source::{Source, Span};

use super::assembly::Assembly;
use super::resource::Resource;
use super::{Fault, Kustomization, form, generate, names, transform};

mod generators;
mod patches;

/// Most objects of one build, and most bytes of their texts.
const MOST: (usize, usize) = (5_000, 32 << 20);

/// What stopped a build.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something that kustomize refuses; it was told.
    Fault,
    /// Something that is not followed.
    Unknown(At, String),
}

/// The documents of every YAML file that is no workflow and the like.
pub type Documents<'d> = HashMap<&'d str, Vec<(&'d Arc<Source>, &'d Node)>>;

/// One build.
pub(super) struct Build<'d> {
    facts: &'d Facts,
    documents: &'d Documents<'d>,
    pub(super) assembly: Assembly,
    /// Whether objects are taken in that are not seen.
    pub(super) open: bool,
    pub(super) faults: Vec<Fault>,
    /// What each change that may fit nothing fitted: where it stands, and whether it did.
    pub(super) used: Vec<(At, String, bool)>,
    /// Files that objects came from.
    pub(super) taken: BTreeSet<String>,
    /// Kustomizations that were taken in.
    pub(super) seen: BTreeSet<String>,
    stack: Vec<String>,
    /// How many kustomizations were taken in, again and again the same among them.
    taken_in: usize,
}

impl<'d> Build<'d> {
    /// Nothing built yet.
    pub(super) fn new(facts: &'d Facts, documents: &'d Documents<'d>) -> Self {
        Self {
            facts,
            documents,
            assembly: Assembly::default(),
            open: false,
            faults: Vec::new(),
            used: Vec::new(),
            taken: BTreeSet::new(),
            seen: BTreeSet::new(),
            stack: Vec::new(),
            taken_in: 0,
        }
    }

    /// Builds a kustomization with all that it takes in.
    ///
    /// # Errors
    /// What stopped it.
    pub(super) fn run(&mut self, one: &Kustomization) -> Result<Vec<Resource>, Stop> {
        let mut all = self.target(one, Vec::new())?;
        if !self.faults.is_empty() {
            return Err(Stop::Fault);
        }
        for resource in all.iter_mut().filter(|one| one.hashed) {
            let name = format!("{}-{}", resource.id().name, generate::hash(&resource.node));
            resource.rename(&name, None);
        }
        names::follow(&mut all);
        Ok(all)
    }

    /// A kustomization; a component works on what is there already.
    fn target(&mut self, one: &Kustomization, all: Vec<Resource>) -> Result<Vec<Resource>, Stop> {
        if self.stack.contains(&one.path) {
            let first = one.source.line(1);
            self.fault(
                At::new(&one.source, first),
                "the kustomization takes in itself",
                "",
            );
            return Err(Stop::Fault);
        }
        let faults = form::check(&one.source, &one.node);
        if !faults.is_empty() {
            self.faults.extend(faults);
            return Err(Stop::Fault);
        }
        if let Some((at, what)) = &one.beyond {
            return Err(Stop::Unknown(
                at.clone(),
                format!("`{what}` is not followed"),
            ));
        }
        self.taken_in += 1;
        if self.taken_in > MOST.0 {
            let at = At::new(&one.source, one.source.line(1));
            return Err(Stop::Unknown(
                at,
                "the kustomization is too large".to_owned(),
            ));
        }
        self.open |= one.remote;
        self.stack.push(one.path.clone());
        self.seen.insert(one.path.clone());
        let mut all = self.resources(one, all)?;
        self.generators(one, &mut all)?;
        let components: Vec<(String, At)> = one.components.clone();
        for (path, at) in components {
            if let Some(component) = self.folder(&path, &at, true)? {
                all = self.target(component, all)?;
            }
        }
        self.change(one, &mut all)?;
        self.stack.pop();
        Ok(all)
    }

    pub(super) fn fault(&mut self, at: At, text: impl Into<String>, label: impl Into<String>) {
        self.faults.push(Fault {
            at,
            text: text.into(),
            label: label.into(),
            refused: true,
        });
    }

    fn resources(
        &mut self,
        one: &Kustomization,
        mut all: Vec<Resource>,
    ) -> Result<Vec<Resource>, Stop> {
        for (path, at) in &one.resources {
            if self.facts.tree.is_file(path) {
                self.file(path, at, &mut all)?;
            } else if let Some(inner) = self.folder(path, at, false)? {
                for resource in self.target(inner, Vec::new())? {
                    self.append(resource, at, &mut all)?;
                }
            }
        }
        Ok(all)
    }

    fn append(&mut self, resource: Resource, at: &At, all: &mut Vec<Resource>) -> Result<(), Stop> {
        if let Some(other) = all.iter().find(|other| other.collides(&resource)) {
            let first = self.assembly.at(named(other));
            let text = format!("{} is taken in twice", resource.title());
            let mut fault = Fault {
                at: self.assembly.at(named(&resource)),
                text,
                label: "again here".to_owned(),
                refused: true,
            };
            let both = first.span != fault.at.span || first.source != fault.at.source;
            let first = if both { &first } else { at };
            fault.at = fault
                .at
                .through(first, if both { "first here" } else { "taken in here" });
            self.faults.push(fault);
            return Ok(());
        }
        if all.len() >= MOST.0 || self.assembly.len() > MOST.1 {
            let text = "the kustomization is too large".to_owned();
            return Err(Stop::Unknown(at.clone(), text));
        }
        all.push(resource);
        Ok(())
    }

    /// The kustomization in a folder.
    fn folder(
        &mut self,
        path: &str,
        at: &At,
        component: bool,
    ) -> Result<Option<&'d Kustomization>, Stop> {
        let facts = self.facts;
        let found = facts.kustomizations.iter().find(|one| one.folder == *path);
        match found {
            Some(found) if found.component == component => return Ok(Some(found)),
            Some(found) => {
                let is = if found.component {
                    "a component"
                } else {
                    "no component"
                };
                self.fault(
                    at.clone(),
                    format!("`{path}` is {is}"),
                    "taken in as the other",
                );
            }
            None if facts.tree.is_folder(path) => self.fault(
                at.clone(),
                format!("`{path}` has no kustomization"),
                "taken in here",
            ),
            None => self.missing(path, at)?,
        }
        self.open = true;
        Ok(None)
    }

    /// A path that is not there: a fault, unless something seems to make it.
    pub(super) fn missing(&mut self, path: &str, at: &At) -> Result<(), Stop> {
        if self.is_made(path) {
            let text = format!("`{path}` is made by something else");
            return Err(Stop::Unknown(at.clone(), text));
        }
        self.fault(
            at.clone(),
            format!("`{path}` is not there"),
            "the kustomization takes it in",
        );
        self.open = true;
        Ok(())
    }

    /// Whether a text of the repository that is no manifest speaks of a file, as .gitignore and scripts do.
    fn is_made(&self, path: &str) -> bool {
        let name = tree::file_name(path);
        self.facts.tree.sources().any(|(own, source)| {
            let manifest = own.ends_with(".yaml") || own.ends_with(".yml");
            let pipeline = own.starts_with('.') || own.contains("pipeline") || own.contains("-ci");
            (!manifest || pipeline) && source.text().contains(name)
        })
    }

    fn file(&mut self, path: &str, at: &At, all: &mut Vec<Resource>) -> Result<(), Stop> {
        for (source, document) in self.parsed(path, at)? {
            self.take(path, &source, &document, at, all)?;
        }
        self.taken.insert(path.to_owned());
        Ok(())
    }

    /// The documents of a file.
    pub(super) fn parsed(&self, path: &str, at: &At) -> Result<Vec<(Arc<Source>, Node)>, Stop> {
        if let Some(documents) = self.documents.get(path) {
            let own = documents.iter();
            return Ok(own
                .map(|(source, node)| (Arc::clone(source), (*node).clone()))
                .collect());
        }
        let unknown = || Stop::Unknown(at.clone(), format!("`{path}` was not read"));
        let source = self.facts.tree.source(path).ok_or_else(unknown)?;
        let read = yaml::read(source.text(), &Limits::REPOSITORY).map_err(|_| unknown())?;
        let own = read.documents.into_iter();
        Ok(own.map(|node| (Arc::clone(source), node)).collect())
    }

    fn take(
        &mut self,
        path: &str,
        source: &Arc<Source>,
        document: &Node,
        at: &At,
        all: &mut Vec<Resource>,
    ) -> Result<(), Stop> {
        let text = |key: &str| document.get(key).and_then(Node::text).unwrap_or("");
        if document.is_null() || document.entries().is_empty() {
            return Ok(());
        }
        if text("kind").ends_with("List") && document.get("items").is_some() {
            for item in document.get("items").map_or(&[][..], Node::items) {
                self.take(path, source, item, at, all)?;
            }
            return Ok(());
        }
        let meta = |key: &str| document.get("metadata").and_then(|meta| meta.get(key));
        let named = meta("name").is_some() || meta("generateName").is_some();
        if text("kind").is_empty() || !named {
            let what = if named { "kind" } else { "metadata.name" };
            let span = Span::new(document.span.start, document.span.start);
            let span = source.line(source.position(span.start).line);
            let place = At::new(source, span).through(at, "taken in here");
            self.fault(
                place,
                format!("the object has no `{what}`"),
                "kustomize refuses it",
            );
            return Ok(());
        }
        let local = meta("annotations")
            .and_then(|all| all.get("config.kubernetes.io/local-config"))
            .and_then(Node::text);
        if local == Some("true") {
            return Ok(());
        }
        let node = self.assembly.node(source, document);
        self.append(Resource::new(node, path), at, all)
    }

    /// What a kustomization does to the objects, in the order of kustomize.
    fn change(&mut self, one: &Kustomization, all: &mut Vec<Resource>) -> Result<(), Stop> {
        let node = self.assembly.node(&one.source, &one.node);
        let items = |key: &str| node.get(key).map_or(&[][..], Node::items);
        self.patches(one, &["patchesStrategicMerge", "patches"], all)?;
        if let Some(name) = node.get("namespace").filter(|name| !is_empty(name)) {
            all.iter_mut()
                .for_each(|one| transform::namespace(one, name));
        }
        let (prefix, suffix) = (node.get("namePrefix"), node.get("nameSuffix"));
        if prefix.or(suffix).is_some() {
            all.iter_mut()
                .for_each(|one| transform::affix(one, prefix, suffix));
        }
        for item in items("labels") {
            if item.get("fields").is_some() {
                let at = self.assembly.at(item.span);
                return Err(Stop::Unknown(
                    at,
                    "`fields` of labels is not followed".to_owned(),
                ));
            }
            let set = |key: &str| item.get(key).and_then(Node::text) == Some("true");
            let (selecting, templates) = (set("includeSelectors"), set("includeTemplates"));
            let pairs = pairs(item.get("pairs"));
            all.iter_mut()
                .for_each(|one| transform::labels(one, &pairs, templates, selecting));
        }
        let common = pairs(node.get("commonLabels"));
        all.iter_mut()
            .for_each(|one| transform::labels(one, &common, true, true));
        let notes = pairs(node.get("commonAnnotations"));
        all.iter_mut()
            .for_each(|one| transform::annotations(one, &notes));
        self.patches(one, &["patchesJson6902"], all)?;
        for item in items("replicas") {
            self.replicas(item, all);
        }
        for item in items("images") {
            self.image(item, all);
        }
        Ok(())
    }

    fn replicas(&mut self, item: &Node, all: &mut [Resource]) {
        let (Some(name), Some(count)) = (item.get("name"), item.get("count")) else {
            return;
        };
        let text = name.text().unwrap_or("");
        let mut found = false;
        for one in &mut *all {
            found |= transform::replicas(one, text, count);
        }
        if !found && !self.open {
            let near = nearest(text, all, |one| one.is_known());
            let at = self.assembly.at(name.span);
            self.fault(
                at,
                format!("nothing that runs pods is called `{text}`"),
                near,
            );
        }
    }

    fn image(&mut self, item: &Node, all: &mut [Resource]) {
        let Some(name) = item.get("name").and_then(Node::text) else {
            return;
        };
        let entry = transform::Image {
            name,
            parts: ["newName", "newTag", "digest", "tagSuffix"].map(|key| item.get(key)),
            span: item.span,
        };
        let mut found = false;
        for one in &mut *all {
            found |= transform::image(one, &entry);
        }
        let at = self
            .assembly
            .at(item.get("name").map_or(item.span, |name| name.span));
        let text = format!("no object has the image `{name}`");
        self.used.push((at, text, found || self.open));
    }
}

/// Where the name of an object stands.
fn named(one: &Resource) -> Span {
    let meta = one.node.get("metadata");
    let name = meta.and_then(|meta| meta.get("name"));
    name.map_or(one.node.span, |name| name.span)
}

fn is_empty(node: &Node) -> bool {
    node.text().is_none_or(str::is_empty)
}

fn pairs(node: Option<&Node>) -> Vec<transform::Pair> {
    let entries = node.map_or(&[][..], Node::entries).iter();
    entries
        .map(|entry| (entry.key.clone(), entry.value.clone()))
        .collect()
}

/// The names that there are, for the label of a fault.
fn nearest(name: &str, all: &[Resource], fits: impl Fn(&Resource) -> bool) -> String {
    let mut names: Vec<String> = all
        .iter()
        .filter(|one| fits(one))
        .map(|one| format!("`{}`", one.ids()[0].name))
        .filter(|own| own != name)
        .collect();
    names.sort();
    names.dedup();
    match names.len() {
        0 => String::new(),
        1..=4 => format!("there is {}", names.join(", ")),
        _ => format!(
            "there is {} and {} more",
            names[..4].join(", "),
            names.len() - 4
        ),
    }
}
