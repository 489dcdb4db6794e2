//! Bytes to charts.
//!
//! Owns the layout of a chart (Chart.yaml, values.yaml, templates/, crds/, charts/ with folders and archives)
//! and the limits on what is read. It gets files from its caller and opens none itself.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::{Arc, OnceLock};

use crate::diagnostic::Reporter;
use crate::source::{Source, Span};

use super::ast::Parsed;
use super::data::{self, At, Data, LIMITS};
use super::glob::Ignore;
use super::metadata::Metadata;
use super::parse::ParseError;

/// Most bytes of a chart with all that it vendors.
pub const MAX_CHART_BYTES: usize = 100 << 20;
/// Most bytes of one file.
pub const MAX_FILE_BYTES: usize = 5 << 20;
/// Most files.
pub const MAX_CHART_FILES: usize = 20_000;
/// Deepest nesting of charts in charts.
const MAX_DEPTH: usize = 16;

/// A file of a chart: its path below the chart's folder and its bytes.
pub type File = (String, Vec<u8>);

/// A chart that was read, ready to be evaluated any number of times.
#[derive(Debug)]
pub struct Chart {
    pub(crate) root: Part,
    pub(crate) sources: Vec<Arc<Source>>,
}

/// One chart of the tree.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) metadata: Metadata,
    pub(crate) values: Data,
    pub(crate) schema: Option<u32>,
    pub(crate) templates: Vec<TemplateFile>,
    pub(crate) files: BTreeMap<Arc<str>, Arc<[u8]>>,
    pub(crate) crds: Vec<(Arc<str>, u32)>,
    pub(crate) parts: Vec<Self>,
    /// Number of Chart.yaml, for messages.
    pub(crate) manifest: u32,
}

/// A template that is parsed when it is first needed.
#[derive(Debug)]
pub(crate) struct TemplateFile {
    /// Path below the chart, `templates/service.yaml`.
    pub(crate) name: Arc<str>,
    pub(crate) file: u32,
    pub(crate) parsed: OnceLock<Result<Parsed, ParseError>>,
}

impl Chart {
    /// Reads a chart from its files.
    ///
    /// `shown` is the folder as messages name it. What `.helmignore` excludes is left out; vendored charts
    /// below `charts/` are read too, folders as well as `.tgz` archives. Nothing where an error was told.
    pub fn load(
        shown: &str,
        files: impl IntoIterator<Item = File>,
        report: &mut Reporter,
    ) -> Option<Self> {
        let files: Vec<File> = files.into_iter().collect();
        let ignore = match files.iter().find(|(path, _)| path == ".helmignore") {
            Some((_, bytes)) => Ignore::read(shown, bytes, report)?,
            None => Ignore::default(),
        };
        let files = files
            .into_iter()
            .filter(|(path, _)| !ignore.covers(path))
            .collect();
        Self::build(shown, files, report)
    }

    /// Reads a chart from files of which none is to be left out, as [`Ignore`] left them.
    pub fn load_all(
        shown: &str,
        files: impl IntoIterator<Item = File>,
        report: &mut Reporter,
    ) -> Option<Self> {
        Self::build(shown, files.into_iter().collect(), report)
    }

    /// Reads a chart from a packed archive.
    pub fn load_archive(shown: &str, bytes: &[u8], report: &mut Reporter) -> Option<Self> {
        let mut budget = MAX_CHART_BYTES;
        match unpack(bytes, &mut budget) {
            Ok(files) => Self::build(shown, files, report),
            Err(reason) => {
                report.error("chart-archive", format!("{shown}: {reason}"));
                None
            }
        }
    }

    fn build(shown: &str, files: Vec<File>, report: &mut Reporter) -> Option<Self> {
        let mut loader = Loader {
            sources: Vec::new(),
            report,
            budget: MAX_CHART_BYTES,
            count: 0,
        };
        let root = loader.part(shown, files, 0)?;
        Some(Self {
            root,
            sources: loader.sources,
        })
    }

    /// The name in Chart.yaml.
    pub fn name(&self) -> &str {
        &self.root.metadata.name
    }

    /// The version in Chart.yaml.
    pub fn version(&self) -> &str {
        &self.root.metadata.version
    }
}

/// The files of a packed chart, without the folder that they all stand in.
fn unpack(bytes: &[u8], budget: &mut usize) -> Result<Vec<File>, String> {
    let limit = u64::try_from(*budget).unwrap_or(u64::MAX);
    let reader = flate2::read::MultiGzDecoder::new(bytes).take(limit.saturating_add(1));
    let mut archive = tar::Archive::new(reader);
    let entries = archive
        .entries()
        .map_err(|e| format!("no chart archive: {e}"))?;
    let mut files = Vec::new();
    for entry in entries {
        let mut entry = entry.map_err(|e| format!("no chart archive: {e}"))?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).replace('\\', "/");
        let Some((_, inside)) = path.split_once('/') else {
            return Err(format!("`{path}` stands outside the chart's folder"));
        };
        let inside = super::functions::clean_path(inside);
        if inside.starts_with("..") || inside.starts_with('/') {
            return Err(format!("`{path}` reaches out of the archive"));
        }
        let mut bytes = Vec::new();
        let most = u64::try_from(MAX_FILE_BYTES.min(*budget)).unwrap_or(0);
        (&mut entry)
            .take(most + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| format!("`{path}` cannot be read: {e}"))?;
        if bytes.len() as u64 > most || files.len() >= MAX_CHART_FILES {
            return Err("the archive holds more than is read".to_owned());
        }
        *budget -= bytes.len();
        files.push((inside, bytes));
    }
    if files.is_empty() {
        return Err("the archive holds no file".to_owned());
    }
    Ok(files)
}

struct Loader<'r> {
    sources: Vec<Arc<Source>>,
    report: &'r mut Reporter,
    budget: usize,
    count: usize,
}

impl Loader<'_> {
    fn source(&mut self, shown: &str, path: &str, bytes: &[u8]) -> u32 {
        let text = super::format::text(bytes.to_vec());
        self.sources
            .push(Source::new(format!("{shown}/{path}"), text));
        u32::try_from(self.sources.len() - 1).unwrap_or(u32::MAX)
    }

    fn text(&self, file: u32) -> Arc<Source> {
        Arc::clone(&self.sources[file as usize])
    }

    fn spend(&mut self, shown: &str, files: &[File]) -> Option<()> {
        let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        self.count += files.len();
        if bytes > self.budget || self.count > MAX_CHART_FILES {
            self.report.error(
                "chart-limit",
                format!("{shown}: the chart has more than {MAX_CHART_BYTES} bytes or {MAX_CHART_FILES} files"),
            );
            return None;
        }
        self.budget -= bytes;
        Some(())
    }

    fn part(&mut self, shown: &str, mut files: Vec<File>, depth: usize) -> Option<Part> {
        self.spend(shown, &files)?;
        if depth > MAX_DEPTH {
            self.report.error(
                "chart-limit",
                format!("{shown}: charts are nested too deep"),
            );
            return None;
        }
        files.sort_by(|a, b| a.0.cmp(&b.0));
        let Some((_, bytes)) = files.iter().find(|(path, _)| path == "Chart.yaml") else {
            self.report
                .error("chart-missing", format!("{shown} has no Chart.yaml"))
                .help("name the folder that Chart.yaml stands in");
            return None;
        };
        let bytes = bytes.clone();
        let manifest = self.source(shown, "Chart.yaml", &bytes);
        let metadata = self.metadata(manifest)?;
        let mut part = Part {
            metadata,
            values: Data::empty(),
            schema: None,
            templates: Vec::new(),
            files: BTreeMap::new(),
            crds: Vec::new(),
            parts: Vec::new(),
            manifest,
        };
        let mut vendored: BTreeMap<String, Vec<File>> = BTreeMap::new();
        for (path, bytes) in files {
            self.place(shown, &mut part, &mut vendored, path, bytes)?;
        }
        for (name, files) in vendored {
            if name.starts_with(['_', '.']) {
                continue;
            }
            if let Some(child) = self.vendored(shown, &name, files, depth)? {
                part.parts.push(child);
            }
        }
        Some(part)
    }

    fn place(
        &mut self,
        shown: &str,
        part: &mut Part,
        vendored: &mut BTreeMap<String, Vec<File>>,
        path: String,
        bytes: Vec<u8>,
    ) -> Option<()> {
        match path.as_str() {
            "Chart.yaml" | "Chart.lock" => {}
            "values.yaml" => {
                let file = self.source(shown, &path, &bytes);
                part.values = self.values(file)?;
            }
            "values.schema.json" => part.schema = Some(self.source(shown, &path, &bytes)),
            "requirements.yaml" => {
                let file = self.source(shown, &path, &bytes);
                let data = self.yaml(file)?;
                let source = self.text(file);
                let raw = |data: &Data| raw_text(&source, data);
                if let Err((message, data)) = part.metadata.read_dependencies(&data, &raw) {
                    let span = span_of(data);
                    self.report
                        .error("chart-metadata", message)
                        .at(&source, span, "");
                    return None;
                }
                if part.metadata.api_version == "v1" {
                    part.files.insert(Arc::from(path), Arc::from(bytes));
                }
            }
            "requirements.lock" if part.metadata.api_version != "v1" => {}
            _ if path.starts_with("templates/") => {
                let file = self.source(shown, &path, &bytes);
                part.templates.push(TemplateFile {
                    name: Arc::from(path),
                    file,
                    parsed: OnceLock::new(),
                });
            }
            _ if path.starts_with("charts/") && !path.ends_with(".prov") => {
                let inside = &path["charts/".len()..];
                let name = inside.split('/').next().unwrap_or(inside).to_owned();
                vendored
                    .entry(name)
                    .or_default()
                    .push((inside.to_owned(), bytes));
            }
            _ => {
                if path.starts_with("crds/") && is_manifest(&path) {
                    let file = self.source(shown, &path, &bytes);
                    part.crds.push((Arc::from(path.as_str()), file));
                }
                part.files.insert(Arc::from(path), Arc::from(bytes));
            }
        }
        Some(())
    }

    /// A chart below `charts/`; files that are no chart are passed over.
    fn vendored(
        &mut self,
        shown: &str,
        name: &str,
        files: Vec<File>,
        depth: usize,
    ) -> Option<Option<Part>> {
        let below = format!("{shown}/charts/{name}");
        if name.ends_with(".tgz") {
            let Some((path, bytes)) = files.into_iter().next() else {
                return Some(None);
            };
            if path != name {
                self.report.error(
                    "chart-archive",
                    format!("{below} is a folder, not an archive"),
                );
                return None;
            }
            return match unpack(&bytes, &mut self.budget) {
                Ok(files) => self.part(&below, files, depth + 1).map(Some),
                Err(reason) => {
                    self.report
                        .error("chart-archive", format!("{below}: {reason}"));
                    None
                }
            };
        }
        let prefix = format!("{name}/");
        let inside: Vec<File> = files
            .into_iter()
            .filter_map(|(path, bytes)| Some((path.strip_prefix(&prefix)?.to_owned(), bytes)))
            .collect();
        if inside.is_empty() {
            // A lone file such as charts/README.md: Helm would stumble over its missing Chart.yaml.
            self.report
                .error("chart-missing", format!("{below} is no chart"));
            return None;
        }
        self.part(&below, inside, depth + 1).map(Some)
    }

    fn metadata(&mut self, file: u32) -> Option<Metadata> {
        let data = self.yaml(file)?;
        let source = self.text(file);
        let raw = |data: &Data| raw_text(&source, data);
        match Metadata::read(&data, &raw) {
            Ok(metadata) => Some(metadata),
            Err((message, data)) => {
                let span = span_of(data);
                self.report
                    .error("chart-metadata", message)
                    .at(&source, span, "");
                None
            }
        }
    }

    fn yaml(&mut self, file: u32) -> Option<Data> {
        let source = self.text(file);
        match data::read(source.text(), Some(file), &LIMITS) {
            Ok(data) => Some(data),
            Err(fault) => {
                tell(self.report, &source, &fault);
                None
            }
        }
    }

    fn values(&mut self, file: u32) -> Option<Data> {
        let source = self.text(file);
        super::values::read_file(&source, file, self.report)
    }
}

/// Tells why a file is not the YAML that it should be.
pub(crate) fn tell(report: &mut Reporter, source: &Arc<Source>, fault: &data::Fault) {
    let diagnostic = report.error(fault.id, fault.message.clone());
    diagnostic.at(source, fault.span, "");
    if let Some((span, text)) = fault.related {
        diagnostic.also(source, span, text);
    }
}

fn span_of(data: Option<&Data>) -> Span {
    data.and_then(|data| data.at)
        .map_or(Span::default(), |at: At| at.span)
}

/// A number as a string field takes it: in single precision, as Helm's reader writes it.
fn raw_text(source: &Arc<Source>, data: &Data) -> Option<String> {
    let text = source.slice(data.at?.span);
    Some(super::number::resolve(text)?.as_key())
}

fn is_manifest(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    [".yaml", ".yml", ".json"]
        .iter()
        .any(|ending| lower.ends_with(ending))
}
