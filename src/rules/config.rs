//! `.gen.yaml`: which files are read and which rules count where.
//!
//! ```yaml
//! exclude: [docs/**, "**/testdata/**"]
//! rules: { root-image: off, unpinned-base: error }
//! paths:
//!   - path: legacy/**
//!     rules: { port-mismatch: off }
//! baseline: .gen-baseline
//! ```

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Level, Reporter};
use crate::facts::tree;
use crate::source::Source;
use crate::source::yaml::{self, Limits, Node};

/// Name of the file.
pub const NAME: &str = ".gen.yaml";

/// What the file says.
#[derive(Debug, Default)]
pub struct Config {
    /// Patterns of paths that are not read.
    pub exclude: Vec<String>,
    /// File with the diagnostics that are known.
    pub baseline: Option<String>,
    rules: Vec<Setting>,
}

/// The level of a rule below a path; none is off.
#[derive(Debug)]
struct Setting {
    path: Option<String>,
    rule: String,
    level: Option<Level>,
}

impl Config {
    /// Reads the file; what is wrong with it is told.
    pub fn read(source: &Arc<Source>, report: &mut Reporter) -> Self {
        let mut config = Self::default();
        let stream = match yaml::read(source.text(), &Limits::SPEC) {
            Ok(stream) => stream,
            Err(error) => {
                report
                    .error(error.id, error.message.clone())
                    .at(source, error.span, "");
                return config;
            }
        };
        for entry in stream.documents.first().map_or(&[][..], Node::entries) {
            match entry.key.as_str() {
                "exclude" => config.exclude = texts(&entry.value),
                "baseline" => config.baseline = entry.value.text().map(str::to_owned),
                "rules" => config.levels(source, None, &entry.value, report),
                "paths" => {
                    for item in entry.value.items() {
                        let path = item.get("path").and_then(Node::text).map(str::to_owned);
                        if path.is_none() {
                            report
                                .error("invalid-config", "an entry of `paths` without `path`")
                                .at(source, item.span, "");
                        }
                        if let Some(rules) = item.get("rules") {
                            config.levels(source, path, rules, report);
                        }
                    }
                }
                key => {
                    report
                        .error("invalid-config", format!("unknown field `{key}`"))
                        .at(
                            source,
                            entry.key_span,
                            "expected `exclude`, `rules`, `paths` or `baseline`",
                        );
                }
            }
        }
        config
    }

    fn levels(
        &mut self,
        source: &Arc<Source>,
        path: Option<String>,
        rules: &Node,
        report: &mut Reporter,
    ) {
        for entry in rules.entries() {
            let level = match entry.value.text() {
                Some("off") => None,
                Some("note") => Some(Level::Note),
                Some("warning") => Some(Level::Warning),
                Some("error") => Some(Level::Error),
                _ => {
                    report
                        .error("invalid-config", format!("no level for `{}`", entry.key))
                        .at(
                            source,
                            entry.value.span,
                            "expected `off`, `note`, `warning` or `error`",
                        );
                    continue;
                }
            };
            if super::find(&entry.key).is_none() {
                let told = report
                    .error(
                        "invalid-config",
                        format!("there is no rule `{}`", entry.key),
                    )
                    .at(source, entry.key_span, "");
                let names = super::RULES.iter().map(|rule| rule.name);
                if let Some(name) = super::suggestion(&entry.key, names) {
                    told.help(format!("did you mean `{name}`?"));
                }
                continue;
            }
            self.rules.push(Setting {
                path: path.clone(),
                rule: entry.key.clone(),
                level,
            });
        }
    }

    /// Whether a path is left out.
    pub fn excludes(&self, path: &str) -> bool {
        self.exclude.iter().any(|pattern| covers(pattern, path))
    }

    /// Applies the levels; the last entry that fits wins. Paths are told as they lie below `root`.
    pub fn apply(&self, root: &str, diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
        diagnostics
            .into_iter()
            .filter_map(|mut diagnostic| {
                let path = diagnostic
                    .primary
                    .as_ref()
                    .map_or("", |label| label.source.path());
                let path = path.strip_prefix(root).unwrap_or(path);
                let setting = self.rules.iter().rev().find(|setting| {
                    setting.rule == diagnostic.id
                        && setting
                            .path
                            .as_ref()
                            .is_none_or(|pattern| covers(pattern, path))
                });
                if let Some(setting) = setting {
                    diagnostic.level = setting.level?;
                }
                Some(diagnostic)
            })
            .collect()
    }
}

/// A pattern covers what it matches and all below.
fn covers(pattern: &str, path: &str) -> bool {
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    tree::matches(pattern, path)
        || path
            .match_indices('/')
            .any(|(at, _)| tree::matches(pattern, &path[..at]))
}

fn texts(node: &Node) -> Vec<String> {
    node.items()
        .iter()
        .filter_map(|item| item.text().map(str::to_owned))
        .collect()
}
