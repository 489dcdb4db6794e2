//! Values from everywhere, merged as Helm merges them.
//!
//! Owns reading values files, the layers of the user's values (`-f`, `--set-json`, `--set`, `--set-string`) and
//! coalescing: the user's values over a chart's, globals into every chart, null deleting a key.

use std::sync::Arc;

use crate::diagnostic::Reporter;
use crate::source::Source;

use super::data::{self, Data, Entries, Kind, LIMITS};
use super::dependency::Instance;
use super::load::tell;
use super::set;

/// The user's values, as far as they were given.
#[derive(Debug, Clone)]
pub struct Values {
    pub(crate) data: Data,
    pub(crate) sources: Vec<Arc<Source>>,
}

/// Files of the user count from here, so that they never meet those of the chart.
pub(crate) const FIRST_USER_FILE: u32 = 1 << 30;

impl Default for Values {
    fn default() -> Self {
        Self {
            data: Data::empty(),
            sources: Vec::new(),
        }
    }
}

impl Values {
    /// No values: the chart's own hold.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lays the values of a file over what is there. Nothing changes where an error is told.
    pub fn add_file(&mut self, source: &Arc<Source>, report: &mut Reporter) -> Option<()> {
        let file = FIRST_USER_FILE + u32::try_from(self.sources.len()).unwrap_or(0);
        let data = read_file(source, file, report)?;
        self.sources.push(Arc::clone(source));
        merge_maps(&mut self.data, data);
        Some(())
    }

    /// Applies one `--set` argument, as in `image.tag=1.2,ports[0].name=http`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn set(&mut self, text: &str) -> Result<(), String> {
        set::apply(self.map(), text, set::Mode::Typed)
    }

    /// Applies one `--set-string` argument.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn set_string(&mut self, text: &str) -> Result<(), String> {
        set::apply(self.map(), text, set::Mode::Strings)
    }

    /// Applies one `--set-json` argument: `key=JSON` pairs or one JSON object.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn set_json(&mut self, text: &str) -> Result<(), String> {
        if text.trim_start().starts_with('{') {
            let json: serde_json::Value =
                serde_json::from_str(text.trim()).map_err(|error| format!("no JSON: {error}"))?;
            merge_maps(&mut self.data, Data::from_json(&json));
            return Ok(());
        }
        set::apply(self.map(), text, set::Mode::Json)
    }

    fn map(&mut self) -> &mut Entries {
        self.data
            .as_map_mut()
            .expect("internal error: the user's values are a map")
    }
}

/// Reads a values file; several documents are merged in their order.
pub(crate) fn read_file(source: &Arc<Source>, file: u32, report: &mut Reporter) -> Option<Data> {
    let text = source.text();
    let stream = match crate::source::yaml::read(text, &LIMITS) {
        Ok(stream) => stream,
        Err(error) => {
            tell(report, source, &error.into());
            return None;
        }
    };
    for (first, again) in &stream.duplicates {
        report
            .warning(
                "duplicate-key",
                format!(
                    "the key `{}` is given twice; the last one counts",
                    source.slice(*again)
                ),
            )
            .at(source, *again, "")
            .also(source, *first, "first given here")
            .help("keep one of the two");
    }
    let mut all = Data::empty();
    for node in &stream.documents {
        let data = match data::from_node(node, text, Some(file)) {
            Ok(data) => data,
            Err(fault) => {
                tell(report, source, &fault);
                return None;
            }
        };
        match data.kind {
            Kind::Map(_) => merge_maps(&mut all, data),
            Kind::Null => {}
            _ => {
                report
                    .error(
                        "chart-values",
                        format!("values must be a map, and this is a {}", data.noun()),
                    )
                    .at(source, node.span, "");
                return None;
            }
        }
    }
    Some(all)
}

/// Lays `over` upon `under`, map by map.
pub(crate) fn merge_maps(under: &mut Data, over: Data) {
    let Kind::Map(over_entries) = over.kind else {
        return;
    };
    let Some(entries) = under.as_map_mut() else {
        return;
    };
    for (key, value) in over_entries {
        match entries.get_mut(&key) {
            Some(old) if old.as_map().is_some() && value.as_map().is_some() => {
                merge_maps(old, value)
            }
            _ => {
                entries.insert(key, value);
            }
        }
    }
}

/// The values of a chart and of all charts in it, under the user's.
///
/// `merge` keeps nulls, for the passes before the last.
///
/// # Errors
/// A sentence where a chart's values are no map.
pub(crate) fn coalesce(chart: &Instance<'_>, user: &Data, merge: bool) -> Result<Data, String> {
    let mut dest = match user.as_map() {
        Some(_) => user.clone(),
        None => Data::empty(),
    };
    if let Some(entries) = dest.as_map_mut() {
        coalesce_into(chart, entries, merge)?;
    }
    Ok(dest)
}

fn coalesce_into(chart: &Instance<'_>, dest: &mut Entries, merge: bool) -> Result<(), String> {
    coalesce_values(chart, dest, merge);
    for child in &chart.children {
        let name: Arc<str> = Arc::clone(&child.name);
        let mut below = match dest.remove(&name) {
            None => Data::empty(),
            Some(data) => data,
        };
        let noun = below.noun();
        let Some(entries) = below.as_map_mut() else {
            return Err(format!(
                "the values of the chart `{name}` must be a map, and they are a {noun}"
            ));
        };
        coalesce_globals(entries, dest);
        coalesce_into(child, entries, merge)?;
        dest.insert(name, below);
    }
    Ok(())
}

fn coalesce_values(chart: &Instance<'_>, dest: &mut Entries, merge: bool) {
    let Some(defaults) = chart.values().as_map() else {
        return;
    };
    for (key, default) in defaults {
        match dest.get_mut(key) {
            Some(value) if value.is_null() && !merge => {
                dest.remove(key);
            }
            Some(value) => {
                if let (Some(entries), Some(below)) = (value.as_map_mut(), default.as_map()) {
                    let child = chart.children.iter().any(|child| child.name == *key);
                    let merge = merge || child;
                    if merge {
                        coalesce_tables(entries, below, true);
                    } else {
                        let mut below = below.clone();
                        drop_nulls(&mut below);
                        coalesce_tables(entries, &below, false);
                    }
                }
            }
            None if merge => {
                dest.insert(Arc::clone(key), default.clone());
            }
            None if default.is_null() => {}
            None => {
                let mut value = default.clone();
                if let Some(entries) = value.as_map_mut() {
                    drop_nulls(entries);
                }
                dest.insert(Arc::clone(key), value);
            }
        }
    }
}

fn drop_nulls(entries: &mut Entries) {
    entries.retain(|_, value| !value.is_null());
    for value in entries.values_mut() {
        if let Some(below) = value.as_map_mut() {
            drop_nulls(below);
        }
    }
}

/// Fills `dest` with what only `source` has; a null in `dest` deletes unless `merge` is set.
pub(crate) fn coalesce_tables(dest: &mut Entries, source: &Entries, merge: bool) {
    for (key, value) in source {
        match dest.get_mut(key) {
            None => {
                dest.insert(Arc::clone(key), value.clone());
            }
            Some(old) if old.is_null() => {
                if !merge && !value.is_null() {
                    dest.remove(key);
                }
            }
            Some(old) => {
                if let (Some(old), Some(value)) = (old.as_map_mut(), value.as_map()) {
                    coalesce_tables(old, value, merge);
                }
            }
        }
    }
}

/// Hands the globals of the parent down; the parent's win.
fn coalesce_globals(dest: &mut Entries, parent: &Entries) {
    let empty = Entries::new();
    let from = match parent.get("global") {
        None => &empty,
        Some(data) => match data.as_map() {
            Some(map) => map,
            None => return,
        },
    };
    let into = dest.entry(Arc::from("global")).or_insert_with(Data::empty);
    let Some(into) = into.as_map_mut() else {
        return;
    };
    for (key, value) in from {
        match (value.as_map(), into.get(key)) {
            (Some(_), Some(old)) => {
                if let Some(old) = old.as_map() {
                    let mut merged = value.clone();
                    if let Some(entries) = merged.as_map_mut() {
                        coalesce_tables(entries, old, true);
                    }
                    into.insert(Arc::clone(key), merged);
                }
            }
            (None, Some(old)) if old.as_map().is_some() => {}
            _ => {
                into.insert(Arc::clone(key), value.clone());
            }
        }
    }
}
