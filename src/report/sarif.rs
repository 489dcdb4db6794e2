//! SARIF 2.1.0, for code scanning.

use serde::Serialize;

use super::{Options, json, path};
use crate::diagnostic::{Diagnostic, Edit, Fix, Label, Level};
use crate::source::{Source, Span};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    column_kind: &'static str,
    results: Vec<Found>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
struct Driver<'a> {
    name: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_description: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Help>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_configuration: Option<Configuration>,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Change>,
}

/// A fix: the changes of every file that it touches.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    description: Text,
    artifact_changes: Vec<ArtifactChange>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Content,
}

/// Text of a file, as it is: neither placeholders nor links are read in it.
#[derive(Serialize)]
struct Content {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

pub(super) fn write(diagnostics: &[Diagnostic], options: &Options<'_>) -> String {
    let mut rules: Vec<Descriptor> = options
        .rules
        .iter()
        .map(|rule| Descriptor {
            id: rule.id.to_owned(),
            short_description: Some(message(rule.summary)),
            help: (!rule.docs.is_empty()).then(|| Help {
                text: rule.docs.to_owned(),
                markdown: rule.docs.to_owned(),
            }),
            default_configuration: Some(Configuration {
                level: rule.level.name(),
            }),
        })
        .collect();
    let results = diagnostics
        .iter()
        .map(|diagnostic| found(diagnostic, &mut rules, options.base))
        .collect();
    json::text(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "gen",
                    version: options.version,
                    rules,
                },
            },
            column_kind: "unicodeCodePoints",
            results,
        }],
    })
}

fn found(diagnostic: &Diagnostic, rules: &mut Vec<Descriptor>, base: &str) -> Found {
    let known = rules.iter().position(|rule| rule.id == diagnostic.id);
    let rule_index = known.unwrap_or_else(|| {
        rules.push(Descriptor {
            id: diagnostic.id.to_owned(),
            short_description: None,
            help: None,
            default_configuration: None,
        });
        rules.len() - 1
    });
    let mut text = diagnostic.message.clone();
    for help in &diagnostic.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    Found {
        rule_id: diagnostic.id,
        rule_index,
        level: match diagnostic.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        },
        message: message(&text),
        locations: diagnostic
            .primary
            .iter()
            .map(|label| location(label, None, base))
            .collect(),
        related_locations: diagnostic
            .related
            .iter()
            .enumerate()
            .map(|(id, label)| location(label, Some(id), base))
            .collect(),
        fixes: diagnostic
            .fix
            .iter()
            .filter(|fix| !fix.edits.is_empty())
            .map(|fix| fixes(fix, base))
            .collect(),
    }
}

fn fixes(fix: &Fix, base: &str) -> Change {
    let mut paths: Vec<&str> = fix.edits.iter().map(|edit| edit.source.path()).collect();
    paths.sort_unstable();
    paths.dedup();
    let replacement = |edit: &Edit| Replacement {
        deleted_region: region(&edit.source, edit.span),
        inserted_content: Content {
            text: edit.text.clone(),
        },
    };
    let changes = paths.into_iter().map(|path| {
        let own = fix.edits.iter().filter(|edit| edit.source.path() == path);
        ArtifactChange {
            artifact_location: artifact(path, base),
            replacements: own.map(replacement).collect(),
        }
    });
    let text = match fix.unsafe_to_apply {
        true => "Change what is told here, and look at what comes of it",
        false => "Change what is told here; nothing else changes",
    };
    Change {
        description: message(text),
        artifact_changes: changes.collect(),
    }
}

fn location(label: &Label, id: Option<usize>, base: &str) -> Location {
    Location {
        id,
        physical_location: Physical {
            artifact_location: artifact(label.source.path(), base),
            region: region(&label.source, label.span),
        },
        message: (!label.text.is_empty()).then(|| message(&label.text)),
    }
}

fn artifact(path: &str, base: &str) -> Artifact {
    let path = path::from_root(base, path);
    Artifact {
        uri: path::to_uri(&path),
        uri_base_id: (!path.starts_with('/')).then_some("%SRCROOT%"),
    }
}

fn region(source: &Source, span: Span) -> Region {
    let start = source.position(span.start);
    let end = source.position(span.end);
    Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

/// A message that holds neither placeholders (`{0}`) nor embedded links (`[text](target)`).
fn message(text: &str) -> Text {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '{' | '}' => out.push(c),
            '\\' | '[' | ']' => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    Text { text: out }
}
