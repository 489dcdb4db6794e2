//! Which vendored charts take part.
//!
//! Owns aliases, version ranges, tags, conditions and import-values: from the charts on disk to the tree of
//! charts that is rendered. Knows nothing of templates.

use std::borrow::Cow;
use std::sync::Arc;

use super::data::{Data, Entries, Kind};
use super::load::Part;
use super::metadata::{Dependency, Import};
use super::semver::{Constraint, Version};
use super::values::{coalesce, coalesce_tables};

/// A chart as it takes part in one evaluation.
#[derive(Debug, Clone)]
pub(crate) struct Instance<'c> {
    pub(crate) part: &'c Part,
    /// Its name or alias.
    pub(crate) name: Arc<str>,
    values: Cow<'c, Data>,
    /// The dependencies that are on, or none where Chart.yaml lists none.
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) children: Vec<Self>,
}

impl<'c> Instance<'c> {
    fn of(part: &'c Part) -> Self {
        Self {
            part,
            name: Arc::clone(&part.metadata.name),
            values: Cow::Borrowed(&part.values),
            dependencies: part.metadata.dependencies.clone(),
            children: part.parts.iter().map(Self::of).collect(),
        }
    }

    /// The chart's own values, with what it imports from its children.
    pub(crate) fn values(&self) -> &Data {
        &self.values
    }
}

/// The dependencies of Chart.yaml that are not vendored.
pub(crate) fn missing(part: &Part) -> Vec<&str> {
    part.metadata
        .dependencies
        .iter()
        .map(|wanted| wanted.name.as_str())
        .filter(|name| !part.parts.iter().any(|have| &*have.metadata.name == *name))
        .collect()
}

/// The tree of charts that the user's values turn on.
///
/// # Errors
/// A sentence where values do not fit the charts.
pub(crate) fn resolve<'c>(root: &'c Part, user: &Data) -> Result<Instance<'c>, String> {
    let mut instance = Instance::of(root);
    select(&mut instance, user, "")?;
    import_all(&mut instance)?;
    Ok(instance)
}

fn compatible(range: &str, version: &str) -> bool {
    match (Constraint::parse(range), Version::parse(version)) {
        (Some(range), Some(version)) => range.allows(&version),
        _ => false,
    }
}

fn select(chart: &mut Instance<'_>, user: &Data, path: &str) -> Result<(), String> {
    if chart.dependencies.is_empty() {
        return Ok(());
    }
    let fits = |child: &Instance<'_>, wanted: &Dependency| {
        *child.name == *wanted.name && compatible(&wanted.version, &child.part.metadata.version)
    };
    let mut children: Vec<_> = chart
        .children
        .iter()
        .filter(|child| !chart.dependencies.iter().any(|wanted| fits(child, wanted)))
        .cloned()
        .collect();
    for wanted in &mut chart.dependencies {
        if let Some(child) = chart.children.iter().find(|child| fits(child, wanted)) {
            let mut child = child.clone();
            if !wanted.alias.is_empty() {
                child.name = Arc::from(wanted.alias.as_str());
            }
            children.push(child);
        }
        if !wanted.alias.is_empty() {
            wanted.name.clone_from(&wanted.alias);
        }
        wanted.enabled = true;
    }
    chart.children = children;
    let values = coalesce(chart, user, false)?;
    apply_tags(&mut chart.dependencies, &values);
    apply_conditions(&mut chart.dependencies, &values, path);
    let off: Vec<String> = chart
        .dependencies
        .iter()
        .filter(|dependency| !dependency.enabled)
        .map(|dependency| dependency.name.clone())
        .collect();
    chart
        .children
        .retain(|child| !off.iter().any(|name| **name == *child.name));
    chart
        .dependencies
        .retain(|dependency| !off.contains(&dependency.name));
    for child in &mut chart.children {
        let below = format!("{path}{}.", child.name);
        select(child, &values, &below)?;
    }
    Ok(())
}

fn apply_tags(dependencies: &mut [Dependency], values: &Data) {
    let Some(tags) = values.get("tags").and_then(Data::as_map) else {
        return;
    };
    for dependency in dependencies {
        let (mut on, mut off) = (false, false);
        for tag in &dependency.tags {
            match tags.get(tag.as_str()).map(|data| &data.kind) {
                Some(Kind::Bool(true)) => on = true,
                Some(Kind::Bool(false)) => off = true,
                _ => {}
            }
        }
        dependency.enabled = on || !off;
    }
}

fn apply_conditions(dependencies: &mut [Dependency], values: &Data, path: &str) {
    for dependency in dependencies {
        for condition in dependency
            .condition
            .trim()
            .split(',')
            .filter(|c| !c.is_empty())
        {
            let found = values.find(&format!("{path}{condition}"));
            if let Some(Kind::Bool(enabled)) = found.map(|data| &data.kind) {
                dependency.enabled = *enabled;
                break;
            }
        }
    }
}

fn import_all(chart: &mut Instance<'_>) -> Result<(), String> {
    for child in &mut chart.children {
        import_all(child)?;
    }
    if chart.dependencies.is_empty() {
        return Ok(());
    }
    // Without imports the merge only repeats what coalescing does later, nulls aside; Helm does it always.
    let merged = coalesce(chart, &Data::empty(), true)?;
    let mut imported = Entries::new();
    for dependency in &chart.dependencies {
        for import in &dependency.imports {
            let (child, parent) = match import {
                Import::Export(name) => (format!("exports.{name}"), "."),
                Import::Path { child, parent } => (child.clone(), parent.as_str()),
            };
            let found = merged.find(&format!("{}.{child}", dependency.name));
            if let Some(table) = found.filter(|data| data.as_map().is_some()) {
                let wrapped = nest(parent, table.clone());
                if let Some(entries) = wrapped.as_map() {
                    coalesce_tables(&mut imported, entries, true);
                }
            }
        }
    }
    let mut values = merged;
    if let Some(entries) = values.as_map_mut() {
        coalesce_tables(entries, &imported, true);
    }
    chart.values = Cow::Owned(values);
    Ok(())
}

/// The data at the end of a dotted path.
fn nest(path: &str, data: Data) -> Data {
    if path == "." {
        return data;
    }
    path.rsplit('.').fold(data, |data, key| {
        let mut entries = Entries::new();
        entries.insert(Arc::from(key), data);
        Data::from(Kind::Map(entries))
    })
}
