//! Chart.yaml.
//!
//! Owns the fields of a chart's metadata, their checks and the shape that templates see as `.Chart`.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::data::{Data, Kind};
use super::number;
use super::semver::Version;
use super::value::{Map, MapKind, Value};

/// What a chart says about itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metadata {
    pub(crate) name: Arc<str>,
    pub(crate) version: String,
    pub(crate) api_version: String,
    pub(crate) app_version: String,
    pub(crate) kube_version: String,
    pub(crate) kind: String,
    texts: BTreeMap<&'static str, String>,
    lists: BTreeMap<&'static str, Vec<String>>,
    maintainers: Vec<[String; 3]>,
    annotations: Option<BTreeMap<Arc<str>, String>>,
    deprecated: bool,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One entry of `dependencies`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) repository: String,
    pub(crate) condition: String,
    pub(crate) tags: Vec<String>,
    pub(crate) alias: String,
    pub(crate) imports: Vec<Import>,
    pub(crate) enabled: bool,
}

/// One entry of `import-values`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Import {
    /// A name below `exports`.
    Export(String),
    /// A path in the child and where it goes in the parent.
    Path { child: String, parent: String },
}

/// A scalar as the string that a string field takes it for.
fn scalar(data: &Data) -> Option<String> {
    Some(match &data.kind {
        Kind::Str(text) => text.to_string(),
        Kind::Null => String::new(),
        Kind::Bool(flag) => flag.to_string(),
        Kind::Int(n) => n.to_string(),
        Kind::Float(n) => number::general(*n),
        Kind::List(_) | Kind::Map(_) => return None,
    })
}

impl Metadata {
    /// Reads the metadata, `raw` telling the text as written of a scalar that looks like a number.
    ///
    /// # Errors
    /// What is wrong, and the data that is.
    pub(crate) fn read<'d>(
        data: &'d Data,
        raw: &dyn Fn(&Data) -> Option<String>,
    ) -> Result<Self, (String, Option<&'d Data>)> {
        let Some(fields) = data.as_map() else {
            return Err(("Chart.yaml must be a map".to_owned(), Some(data)));
        };
        let mut out = Self::default();
        out.read_dependencies(data, raw)?;
        let text = |key: &str| -> Result<String, (String, Option<&'d Data>)> {
            match fields.get(key) {
                None => Ok(String::new()),
                Some(value) => string(value, raw)
                    .map(|text| sanitized(&text))
                    .ok_or_else(|| (format!("`{key}` must be a string"), Some(value))),
            }
        };
        out.name = Arc::from(text("name")?);
        out.version = text("version")?;
        out.api_version = text("apiVersion")?;
        out.app_version = text("appVersion")?;
        out.kube_version = text("kubeVersion")?;
        out.kind = text("type")?;
        for key in ["home", "description", "icon", "condition", "tags"] {
            out.texts.insert(key, text(key)?);
        }
        for key in ["sources", "keywords"] {
            out.lists.insert(key, strings(fields.get(key), key, raw)?);
        }
        out.deprecated = matches!(
            fields.get("deprecated").map(|d| &d.kind),
            Some(Kind::Bool(true))
        );
        out.read_people(fields.get("maintainers"), raw);
        if let Some(map) = fields.get("annotations").and_then(Data::as_map) {
            out.annotations = Some(
                map.iter()
                    .map(|(key, value)| (Arc::clone(key), string(value, raw).unwrap_or_default()))
                    .collect(),
            );
        }
        out.check(data)?;
        Ok(out)
    }

    fn read_people(&mut self, people: Option<&Data>, raw: &dyn Fn(&Data) -> Option<String>) {
        let Some(Kind::List(people)) = people.map(|people| &people.kind) else {
            return;
        };
        for person in people {
            let field = |key: &str| {
                person
                    .get(key)
                    .and_then(|d| string(d, raw))
                    .unwrap_or_default()
            };
            self.maintainers
                .push([field("name"), field("email"), field("url")]);
        }
    }

    fn check<'d>(&mut self, data: &'d Data) -> Result<(), (String, Option<&'d Data>)> {
        let at = |key: &str| data.get(key).or(Some(data));
        if self.api_version.is_empty() {
            self.api_version = "v1".to_owned();
        }
        if !matches!(self.api_version.as_str(), "v1" | "v2") {
            return Err((
                format!(
                    "charts of `apiVersion: {}` are not supported; v1 and v2 are",
                    self.api_version
                ),
                at("apiVersion"),
            ));
        }
        if self.name.is_empty() {
            return Err(("the chart has no `name`".to_owned(), Some(data)));
        }
        if matches!(&*self.name, "." | "..") || self.name.contains('/') {
            return Err((
                format!("`{}` cannot be the name of a chart", self.name),
                at("name"),
            ));
        }
        if self.version.is_empty() {
            return Err(("the chart has no `version`".to_owned(), Some(data)));
        }
        if Version::parse(&self.version).is_none() {
            return Err((
                format!("`{}` is no semantic version", self.version),
                at("version"),
            ));
        }
        if !matches!(self.kind.as_str(), "" | "application" | "library") {
            return Err((
                "`type` must be `application` or `library`".to_owned(),
                at("type"),
            ));
        }
        let mut names: Vec<&str> = Vec::new();
        for dependency in &self.dependencies {
            let name = if dependency.alias.is_empty() {
                &dependency.name
            } else {
                &dependency.alias
            };
            if names.contains(&name.as_str()) {
                return Err((
                    format!("two dependencies have the name or alias `{name}`"),
                    at("dependencies"),
                ));
            }
            names.push(name);
        }
        Ok(())
    }

    /// Reads `dependencies`, which older charts keep in requirements.yaml.
    pub(crate) fn read_dependencies<'d>(
        &mut self,
        data: &'d Data,
        raw: &dyn Fn(&Data) -> Option<String>,
    ) -> Result<(), (String, Option<&'d Data>)> {
        let Some(list) = data.get("dependencies") else {
            return Ok(());
        };
        let items = match &list.kind {
            Kind::List(items) => items,
            Kind::Null => return Ok(()),
            _ => return Err(("`dependencies` must be a list".to_owned(), Some(list))),
        };
        self.dependencies.clear();
        for item in items {
            if item.as_map().is_none() {
                return Err(("a dependency must be a map".to_owned(), Some(item)));
            }
            let field = |key: &str| {
                item.get(key)
                    .and_then(|d| string(d, raw))
                    .map(|t| sanitized(&t))
                    .unwrap_or_default()
            };
            self.dependencies.push(Dependency {
                name: field("name"),
                version: field("version"),
                repository: field("repository"),
                condition: field("condition"),
                alias: field("alias"),
                tags: strings(item.get("tags"), "tags", raw)?,
                imports: imports(item.get("import-values")),
                enabled: false,
            });
        }
        Ok(())
    }

    /// Whether the chart only defines templates for others.
    pub(crate) fn is_library(&self) -> bool {
        self.kind.eq_ignore_ascii_case("library")
    }

    /// What templates see as `.Chart`, under the name that the chart goes by here.
    pub(crate) fn value(&self, name: &str, dependencies: &[Dependency], root: bool) -> Value {
        let text = |key: &str| Value::from(self.texts.get(key).map_or("", String::as_str));
        let list = |key: &str| {
            Value::list(
                self.lists
                    .get(key)
                    .into_iter()
                    .flatten()
                    .map(|t| Value::from(t.as_str()))
                    .collect(),
            )
        };
        let annotations = Value::Map(Rc::new(Map {
            entries: std::cell::RefCell::new(
                self.annotations
                    .iter()
                    .flatten()
                    .map(|(key, value)| (Arc::clone(key), Value::from(value.as_str())))
                    .collect(),
            ),
            kind: MapKind::Strings,
            nil: self.annotations.is_none(),
            path: None,
        }));
        let people = self.maintainers.iter().map(|[name, email, url]| {
            record([
                ("Name", Value::from(name.as_str())),
                ("Email", Value::from(email.as_str())),
                ("URL", Value::from(url.as_str())),
            ])
        });
        record([
            ("Name", Value::from(name)),
            ("Home", text("home")),
            ("Sources", list("sources")),
            ("Version", Value::from(self.version.as_str())),
            ("Description", text("description")),
            ("Keywords", list("keywords")),
            ("Maintainers", Value::list(people.collect())),
            ("Icon", text("icon")),
            ("APIVersion", Value::from(self.api_version.as_str())),
            ("Condition", text("condition")),
            ("Tags", text("tags")),
            ("AppVersion", Value::from(self.app_version.as_str())),
            ("Deprecated", Value::Bool(self.deprecated)),
            ("Annotations", annotations),
            ("KubeVersion", Value::from(self.kube_version.as_str())),
            (
                "Dependencies",
                Value::list(dependencies.iter().map(Dependency::value).collect()),
            ),
            ("Type", Value::from(self.kind.as_str())),
            ("IsRoot", Value::Bool(root)),
        ])
    }
}

impl Dependency {
    fn value(&self) -> Value {
        let imports = self.imports.iter().map(|import| {
            let (child, parent) = match import {
                Import::Export(name) => (format!("exports.{name}"), ".".to_owned()),
                Import::Path { child, parent } => (child.clone(), parent.clone()),
            };
            let map = [("child", child), ("parent", parent)];
            Value::map_of(
                MapKind::Strings,
                map.into_iter()
                    .map(|(k, v)| (Arc::from(k), Value::from(v)))
                    .collect(),
            )
        });
        record([
            ("Name", Value::from(self.name.as_str())),
            ("Version", Value::from(self.version.as_str())),
            ("Repository", Value::from(self.repository.as_str())),
            ("Condition", Value::from(self.condition.as_str())),
            (
                "Tags",
                Value::list(self.tags.iter().map(|t| Value::from(t.as_str())).collect()),
            ),
            ("Enabled", Value::Bool(self.enabled)),
            ("ImportValues", Value::list(imports.collect())),
            ("Alias", Value::from(self.alias.as_str())),
        ])
    }
}

fn record<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::map(
        fields
            .into_iter()
            .map(|(key, value)| (Arc::from(key), value))
            .collect(),
    )
}

fn string(data: &Data, raw: &dyn Fn(&Data) -> Option<String>) -> Option<String> {
    match data.kind {
        // What Helm makes of an unquoted `appVersion: 1.10`.
        Kind::Float(_) => raw(data).or_else(|| scalar(data)),
        _ => scalar(data),
    }
}

fn strings<'d>(
    data: Option<&'d Data>,
    key: &str,
    raw: &dyn Fn(&Data) -> Option<String>,
) -> Result<Vec<String>, (String, Option<&'d Data>)> {
    let Some(data) = data else {
        return Ok(Vec::new());
    };
    match &data.kind {
        Kind::Null => Ok(Vec::new()),
        Kind::List(items) => items
            .iter()
            .map(|item| {
                string(item, raw)
                    .map(|text| sanitized(&text))
                    .ok_or_else(|| (format!("`{key}` must be a list of strings"), Some(item)))
            })
            .collect(),
        _ => Err((format!("`{key}` must be a list"), Some(data))),
    }
}

fn imports(data: Option<&Data>) -> Vec<Import> {
    let Some(Kind::List(items)) = data.map(|data| &data.kind) else {
        return Vec::new();
    };
    items
        .iter()
        .filter_map(|item| match &item.kind {
            Kind::Str(name) => Some(Import::Export(name.to_string())),
            Kind::Map(_) => {
                let field = |key| {
                    item.get(key)
                        .and_then(scalar)
                        .unwrap_or_else(|| "<nil>".to_owned())
                };
                Some(Import::Path {
                    child: field("child"),
                    parent: field("parent"),
                })
            }
            _ => None,
        })
        .collect()
}

/// Space of any kind becomes a plain one, what does not print is dropped.
fn sanitized(text: &str) -> String {
    text.chars()
        .filter_map(|c| {
            if c.is_whitespace() {
                Some(' ')
            } else {
                super::unquote::is_printable(c).then_some(c)
            }
        })
        .collect()
}
