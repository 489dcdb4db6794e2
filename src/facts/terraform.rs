//! Terraform: what each folder declares, refers to and calls.

use std::sync::Arc;

use crate::source::hcl::{self, Kind, Value};
use crate::source::{Source, Span};

use super::{At, tree};

/// One folder with `.tf` files.
#[derive(Debug, Default)]
pub struct Module {
    /// The folder below the root.
    pub folder: String,
    /// Declared variables.
    pub variables: Vec<Variable>,
    /// Declared outputs.
    pub outputs: Vec<Output>,
    /// Resources and data sources.
    pub resources: Vec<Resource>,
    /// Every block at the top of a file, of whatever kind.
    pub headings: Vec<Heading>,
    /// Module calls.
    pub calls: Vec<Call>,
    /// Locals.
    pub locals: Vec<(String, Value, At)>,
    /// Every reference: its names, and where it stands.
    pub references: Vec<(Vec<String>, At)>,
    /// Variable files that lie in it.
    pub tfvars: Vec<Tfvars>,
    /// `required_providers`: local name, source and version.
    pub providers: Vec<Provider>,
    /// `provider "x" { … }`.
    pub configurations: Vec<Configuration>,
    /// `region` of each provider that says one, with its file.
    pub regions: Vec<(Value, Arc<Source>)>,
    /// Backends: kind and place.
    pub backends: Vec<(String, At)>,
    /// Whether a file could not be read, so that something may be missing here.
    pub open: bool,
    /// The first file, for labels.
    pub file: Option<Arc<Source>>,
}

/// What stands in front of a block.
#[derive(Debug)]
pub struct Heading {
    /// The word in front.
    pub kind: String,
    /// How many labels follow.
    pub labels: usize,
    /// Where the word stands.
    pub at: At,
}

/// Whether a file changes parts of what other files declare.
pub fn is_override(path: &str) -> bool {
    let name = tree::file_name(path);
    name == "override.tf" || name.ends_with("_override.tf")
}

/// `variable "x" { … }`.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The default.
    pub default: Option<Value>,
    /// Where the name stands.
    pub at: At,
}

/// `output "x" { … }`.
#[derive(Debug)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Option<Value>,
    /// Where the name stands.
    pub at: At,
}

/// `resource "kind" "name"` or `data "kind" "name"`.
#[derive(Debug)]
pub struct Resource {
    /// Whether it is a data source.
    pub data: bool,
    /// Whether it is an ephemeral one.
    pub ephemeral: bool,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The inside.
    pub body: hcl::Body,
    /// The file.
    pub source: Arc<Source>,
    /// Where kind and name stand.
    pub at: At,
}

/// `module "x" { source = … }`.
#[derive(Debug)]
pub struct Call {
    /// Its name.
    pub name: String,
    /// The source, where it is literal.
    pub source: Option<String>,
    /// Where that stands.
    pub source_at: Option<At>,
    /// The inside.
    pub body: hcl::Body,
    /// The file.
    pub file: Arc<Source>,
    /// Where the name stands.
    pub at: At,
}

/// A provider that the module requires.
#[derive(Debug)]
pub struct Provider {
    /// Its local name.
    pub name: String,
    /// Where it comes from, `hashicorp/aws`.
    pub source: Option<String>,
    /// The version constraint.
    pub version: Option<String>,
    /// Where it stands.
    pub at: At,
}

/// How a provider is configured.
#[derive(Debug)]
pub struct Configuration {
    /// Its local name.
    pub name: String,
    /// The inside.
    pub body: hcl::Body,
    /// Where its name stands.
    pub at: At,
}

/// A file of variables.
#[derive(Debug)]
pub struct Tfvars {
    /// Path below the root.
    pub path: String,
    /// The file.
    pub source: Arc<Source>,
    /// What it sets.
    pub body: hcl::Body,
}

impl Module {
    /// Adds what a `.tf` file was read as.
    ///
    /// # Errors
    /// The fault that kept it from being read.
    pub fn add(
        &mut self,
        source: &Arc<Source>,
        body: Result<hcl::Body, hcl::Error>,
    ) -> Result<(), hcl::Error> {
        let body = match body {
            Ok(body) => body,
            Err(error) => {
                self.open = true;
                return Err(error);
            }
        };
        self.file.get_or_insert_with(|| Arc::clone(source));
        for block in &body.blocks {
            self.headings.push(Heading {
                kind: block.kind.clone(),
                labels: block.labels.len(),
                at: At::new(source, block.kind_span),
            });
            let name_at = At::new(
                source,
                block
                    .labels
                    .last()
                    .map_or(block.kind_span, |(_, span)| *span),
            );
            match block.kind.as_str() {
                "variable" => self.variables.push(Variable {
                    name: block.label(0).to_owned(),
                    default: block.body.get("default").cloned(),
                    at: name_at,
                }),
                "output" => self.outputs.push(Output {
                    name: block.label(0).to_owned(),
                    value: block.body.get("value").cloned(),
                    at: name_at,
                }),
                "resource" | "data" | "ephemeral" => self.resources.push(Resource {
                    data: block.kind == "data",
                    ephemeral: block.kind == "ephemeral",
                    kind: block.label(0).to_owned(),
                    name: block.label(1).to_owned(),
                    body: block.body.clone(),
                    source: Arc::clone(source),
                    at: At::new(source, header(block)),
                }),
                "module" => {
                    let from = block.body.get("source");
                    self.calls.push(Call {
                        name: block.label(0).to_owned(),
                        source: from.and_then(Value::text).map(str::to_owned),
                        source_at: from.map(|value| At::new(source, value.span)),
                        body: block.body.clone(),
                        file: Arc::clone(source),
                        at: name_at,
                    });
                }
                "locals" => {
                    for attribute in &block.body.attributes {
                        self.locals.push((
                            attribute.name.clone(),
                            attribute.value.clone(),
                            At::new(source, attribute.name_span),
                        ));
                    }
                }
                "terraform" => self.settings(source, &block.body),
                "provider" => {
                    let region = block.body.get("region").cloned();
                    self.regions
                        .extend(region.map(|region| (region, Arc::clone(source))));
                    self.configurations.push(Configuration {
                        name: block.label(0).to_owned(),
                        body: block.body.clone(),
                        at: name_at,
                    });
                }
                _ => {}
            }
            self.references_of(source, &block.body, &mut Vec::new());
        }
        Ok(())
    }

    fn settings(&mut self, source: &Arc<Source>, body: &hcl::Body) {
        for block in body.blocks("required_providers") {
            for attribute in &block.body.attributes {
                self.providers.push(Provider {
                    name: attribute.name.clone(),
                    source: attribute
                        .value
                        .get("source")
                        .and_then(Value::text)
                        .map(str::to_owned),
                    version: attribute
                        .value
                        .get("version")
                        .or(Some(&attribute.value))
                        .and_then(Value::text)
                        .map(str::to_owned),
                    at: At::new(source, attribute.name_span),
                });
            }
        }
        for block in &body.blocks {
            if block.kind == "backend" || block.kind == "cloud" {
                let kind = if block.kind == "cloud" {
                    "cloud"
                } else {
                    block.label(0)
                };
                self.backends
                    .push((kind.to_owned(), At::new(source, header(block))));
            }
        }
    }

    fn references_of(&mut self, source: &Arc<Source>, body: &hcl::Body, bound: &mut Vec<String>) {
        for attribute in &body.attributes {
            // Paths inside the resource itself, whatever they look like.
            if attribute.name == "ignore_changes" {
                continue;
            }
            let mut names: Vec<&str> = bound.iter().map(String::as_str).collect();
            let found = &mut self.references;
            attribute.value.visit(&mut names, &mut |value, bound| {
                if let Kind::Reference(path) = &value.kind
                    && !bound.contains(&path[0].as_str())
                {
                    found.push((path.clone(), At::new(source, value.span)));
                }
            });
        }
        for block in &body.blocks {
            let before = bound.len();
            if block.kind == "dynamic" {
                let iterator = block
                    .body
                    .get("iterator")
                    .and_then(|value| match &value.kind {
                        Kind::Reference(path) => Some(path[0].clone()),
                        _ => None,
                    });
                bound.extend(iterator);
                bound.push(block.label(0).to_owned());
            }
            // Names of providers, not values.
            if block.kind != "required_providers" {
                self.references_of(source, &block.body, bound);
            }
            bound.truncate(before);
        }
    }

    /// The declared variable of that name.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    /// A value as far as defaults, locals and the given variable files tell it; the file's place comes
    /// with it.
    pub fn resolve<'a>(
        &'a self,
        value: &'a Value,
        source: &Arc<Source>,
        tfvars: Option<&'a Tfvars>,
    ) -> Option<(String, At)> {
        self.resolve_at(value, source, tfvars, 0)
    }

    fn resolve_at<'a>(
        &'a self,
        value: &'a Value,
        source: &Arc<Source>,
        tfvars: Option<&'a Tfvars>,
        depth: usize,
    ) -> Option<(String, At)> {
        if depth > 8 {
            return None;
        }
        let at = At::new(source, value.span);
        if let Some(text) = value.scalar() {
            return Some((text, at));
        }
        match &value.kind {
            Kind::Reference(path) => {
                let (value, own) = self.follow(path, tfvars)?;
                let (text, place) = self.resolve_at(value, &own, tfvars, depth + 1)?;
                Some((text, place.through(&at, "used here")))
            }
            Kind::Template(pieces) => {
                let mut all = String::new();
                for piece in pieces {
                    match piece {
                        hcl::Piece::Text(text) => all.push_str(text),
                        hcl::Piece::Hole(value) => {
                            all.push_str(&self.resolve_at(value, source, tfvars, depth + 1)?.0);
                        }
                    }
                }
                Some((all, at))
            }
            _ => None,
        }
    }

    /// The expression behind `var.x.y` or `local.x`, and its file.
    pub fn follow<'a>(
        &'a self,
        path: &[String],
        tfvars: Option<&'a Tfvars>,
    ) -> Option<(&'a Value, Arc<Source>)> {
        let (root, name) = (path.first()?.as_str(), path.get(1)?);
        let (value, source) = match root {
            "var" => match tfvars.and_then(|file| Some((file.body.get(name)?, &file.source))) {
                Some((value, source)) => (value, Arc::clone(source)),
                None => {
                    let variable = self.variable(name)?;
                    (variable.default.as_ref()?, Arc::clone(&variable.at.source))
                }
            },
            "local" => {
                let (_, value, at) = self.locals.iter().find(|(own, _, _)| own == name)?;
                (value, Arc::clone(&at.source))
            }
            _ => return None,
        };
        let value = path[2..]
            .iter()
            .try_fold(value, |value, key| value.get(key))?;
        Some((value, source))
    }
}

/// `kind "a" "b"` in front of the brace.
fn header(block: &hcl::Block) -> Span {
    let end = block
        .labels
        .last()
        .map_or(block.kind_span.end, |(_, span)| span.end);
    Span::new(block.kind_span.start, end)
}

/// The module of this repository that a call calls.
pub fn called<'a>(facts: &'a super::Facts, module: &Module, call: &Call) -> Option<&'a Module> {
    let source = call.source.as_deref()?;
    if !source.starts_with('.') {
        return None;
    }
    let folder = super::tree::join(&module.folder, source)?;
    facts.terraform.iter().find(|other| other.folder == folder)
}
