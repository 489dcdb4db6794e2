//! `blueprint.yaml` and `part.yaml`: which file of the blueprint becomes which artifact, and when.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::library::Library;
use crate::diagnostic::Reporter;
use crate::plan::{RelPath, Target};
use crate::schema::format::{DNS_LABEL, Format, LINE};
use crate::schema::shape::Presence::{Default, Optional, Required};
use crate::schema::shape::Shape::{Bool, Choice, List, Object as Of, Text};
use crate::schema::shape::{Field, Object, Presence, Shape};
use crate::schema::text::Document;
use crate::source::{Place, Source, Span};

/// Name of a blueprint's manifest.
pub const MANIFEST: &str = "blueprint.yaml";
const PART: &str = "part.yaml";

/// How an artifact is made from a blueprint's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Byte for byte.
    Verbatim,
    /// A YAML document with typed holes, emitted by the extension of the artifact.
    Tree,
    /// A text template for a Dockerfile.
    Dockerfile,
    /// A text template for an ignore file.
    Ignore,
    /// A text template for a GitHub workflow.
    Workflow,
    /// A text template for a shell script.
    Shell,
    /// A text template for a Python file.
    Python,
    /// A text template for a Markdown file.
    Markdown,
}

/// One line of a manifest's `files`.
#[derive(Debug, Clone)]
pub struct FileRule {
    /// Folder of the manifest inside the library.
    pub folder: String,
    /// File, or folder with a trailing `/`, inside it.
    pub from: String,
    /// Path of the artifact; may have `<{ … }>` holes.
    pub to: String,
    /// The kind of output.
    pub target: Target,
    /// How it is made.
    pub method: Method,
    /// Whether the artifact is executable.
    pub executable: bool,
    /// An expression that must hold.
    pub when: Option<String>,
    /// Whether there is one artifact for each environment.
    pub each_environment: bool,
    /// A tree whose rendering for the base stack is taken away from this one.
    pub diff_against: Option<String>,
    /// Where the line stands.
    pub place: (std::sync::Arc<Source>, Span),
}

/// One blueprint with its parts, read and checked.
#[derive(Debug, Clone)]
pub struct Blueprint {
    /// Its name.
    pub name: String,
    /// One sentence about it.
    pub summary: String,
    /// The groups of the spec that it needs.
    pub groups: Vec<String>,
    /// Its parts, in order.
    pub parts: Vec<String>,
    /// What it renders.
    pub files: Vec<FileRule>,
    /// SHA-256 over every file that takes part, in hexadecimal.
    pub digest: String,
}

const fn field(name: &'static str, shape: Shape, presence: Presence, doc: &'static str) -> Field {
    Field {
        name,
        doc,
        shape,
        presence,
    }
}

static FROM: Format = Format {
    expected: "a path inside the blueprint; a folder ends in `/`",
    pattern: None,
    max: 500,
    numeric: false,
    check: |text| RelPath::new(text.trim_end_matches('/')).is_ok(),
};

static GROUP: Format = Format {
    expected: "the place of a group in the spec",
    pattern: None,
    max: 100,
    numeric: false,
    check: |text| {
        let steps: Vec<&str> = text.split('.').collect();
        crate::spec::table::SPEC.has_group(&steps)
    },
};

static MANIFEST_SHAPE: Object = Object {
    doc: "A blueprint.",
    fields: &[
        field(
            "summary",
            Text(&LINE),
            Required,
            "One sentence for `gen blueprint list`.",
        ),
        field(
            "groups",
            List(&Text(&GROUP), 10),
            Default("[]"),
            "Groups of the spec that must be given, as `kubernetes` or `aws.ecs`.",
        ),
        field(
            "parts",
            List(&Text(&DNS_LABEL), 50),
            Default("[]"),
            "Shared parts, rendered as if their files were listed here.",
        ),
        field(
            "files",
            List(&Of(&FILE_SHAPE), 500),
            Default("[]"),
            "What is rendered.",
        ),
    ],
};

static PART_SHAPE: Object = Object {
    doc: "A part shared by blueprints.",
    fields: &[field(
        "files",
        List(&Of(&FILE_SHAPE), 500),
        Default("[]"),
        "What is rendered.",
    )],
};

static FILE_SHAPE: Object = Object {
    doc: "One file, or one folder of files.",
    fields: &[
        field(
            "from",
            Text(&FROM),
            Required,
            "File of the blueprint, or folder with a trailing `/`.",
        ),
        field(
            "to",
            Text(&LINE),
            Required,
            "Path of the artifact, holes allowed.",
        ),
        field(
            "target",
            Choice(&[
                "app",
                "image",
                "chart",
                "manifests",
                "terraform",
                "workflow",
                "gitops",
                "docs",
            ]),
            Required,
            "Kind of output.",
        ),
        field(
            "as",
            Choice(&[
                "verbatim",
                "tree",
                "dockerfile",
                "ignore",
                "workflow",
                "shell",
                "python",
                "markdown",
            ]),
            Required,
            "How the artifact is made.",
        ),
        field(
            "executable",
            Bool,
            Default("false"),
            "Whether the artifact is executable.",
        ),
        field(
            "when",
            Text(&LINE),
            Optional("Always."),
            "Expression that must hold.",
        ),
        field(
            "each",
            Choice(&["environment"]),
            Optional("Once."),
            "One artifact for each environment.",
        ),
        field(
            "diff_against",
            Text(&FROM),
            Optional("Whole."),
            "Tree of the same manifest; only what differs from its rendering is written.",
        ),
    ],
};

#[derive(Deserialize)]
struct RawManifest {
    #[serde(default)]
    summary: String,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    parts: Vec<String>,
    files: Vec<RawFile>,
}

#[derive(Deserialize)]
struct RawFile {
    from: String,
    to: String,
    target: String,
    #[serde(rename = "as")]
    method: Method,
    executable: bool,
    when: Option<String>,
    each: Option<String>,
    diff_against: Option<String>,
}

impl Blueprint {
    /// Reads the blueprint in `folder` of the library with the parts it names.
    ///
    /// Every fault of its manifests is told; there is no blueprint with one.
    pub fn load(library: &Library, folder: &str, report: &mut Reporter) -> Option<Self> {
        let manifest = read(library, folder, MANIFEST, &MANIFEST_SHAPE, report)?;
        let mut blueprint = Self {
            name: folder.rsplit('/').next().unwrap_or(folder).to_owned(),
            summary: manifest.0.summary.clone(),
            groups: manifest.0.groups.clone(),
            parts: manifest.0.parts.clone(),
            files: Vec::new(),
            digest: String::new(),
        };
        let mut folders = Vec::new();
        for part in &manifest.0.parts {
            let part = format!("parts/{part}");
            let read = read(library, &part, PART, &PART_SHAPE, report)?;
            blueprint.files.extend(rules(&part, read));
            folders.push(part);
        }
        blueprint.files.extend(rules(folder, manifest));
        folders.push(folder.to_owned());
        blueprint.digest = digest(library, &folders);
        Some(blueprint)
    }
}

type Read = (RawManifest, std::sync::Arc<Source>, Vec<Span>);

fn read(
    library: &Library,
    folder: &str,
    name: &str,
    shape: &Object,
    report: &mut Reporter,
) -> Option<Read> {
    let path = format!("{folder}/{name}");
    let Some(text) = library.read(&path).map(String::from_utf8_lossy) else {
        report
            .error("unknown-blueprint", format!("there is no `{path}`"))
            .help("`gen blueprint list` shows the blueprints that are built in");
        return None;
    };
    let source = Source::new(path, text.into_owned());
    let document = Document::new(std::sync::Arc::clone(&source));
    let node = document.read(report)?;
    let mut told = Reporter::new();
    let value = shape.check(&document, &node, &Place::root(), &mut told);
    let failed = told.has_errors();
    report.extend(told);
    if failed {
        return None;
    }
    let spans = node
        .get("files")
        .map(|files| {
            files
                .items()
                .iter()
                .map(|item| document.head(item))
                .collect()
        })
        .unwrap_or_default();
    let manifest = serde_json::from_value(value)
        .expect("internal error: the table of the manifest and its types differ");
    Some((manifest, source, spans))
}

fn rules(folder: &str, (manifest, source, spans): Read) -> Vec<FileRule> {
    manifest
        .files
        .into_iter()
        .zip(spans)
        .map(|(file, span)| FileRule {
            folder: folder.to_owned(),
            from: file.from,
            to: file.to,
            target: Target::from_name(&file.target)
                .expect("internal error: the manifest's targets are those of the plan"),
            method: file.method,
            executable: file.executable,
            when: file.when,
            each_environment: file.each.is_some(),
            diff_against: file.diff_against,
            place: (std::sync::Arc::clone(&source), span),
        })
        .collect()
}

/// Digest over the name and the digest of every file of the folders, and of the pins.
fn digest(library: &Library, folders: &[String]) -> String {
    let mut hash = Sha256::new();
    let mut add = |path: &str| {
        hash.update(path);
        hash.update([0]);
        hash.update(library.file(path).map_or(&[0; 32], |file| &file.sha256));
    };
    for folder in folders {
        for (path, _) in library.below(folder) {
            add(&format!("{folder}/{path}"));
        }
    }
    add("pins.yaml");
    hex(&hash.finalize())
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}
