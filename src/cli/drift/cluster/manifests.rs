//! Manifests in place of what specs render.

use std::path::{Path, PathBuf};

use super::{DriftArgs, Release};
use crate::cli::workspace;
use crate::cluster;
use crate::cluster::live::Cluster;
use crate::diagnostic::{Diagnostic, Level, Reporter};
use crate::source::Source;

/// Most bytes of one file of manifests.
const MAX_BYTES: u64 = 16 << 20;

/// The objects of files and folders.
pub(super) fn manifests(
    args: &DriftArgs,
    cluster: &Cluster,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Release, String> {
    let namespace = args
        .cluster
        .namespace
        .as_deref()
        .unwrap_or(cluster.namespace());
    let mut files = Vec::new();
    for path in &args.cluster.manifests {
        files_of(path, &mut files)?;
    }
    let mut report = Reporter::new();
    let mut objects = Vec::new();
    for path in &files {
        let source = read(path)?;
        objects.extend(cluster::read_manifests(&source, &mut report).unwrap_or_default());
    }
    let told = report.into_diagnostics();
    let sound = told.iter().all(|d| d.level != Level::Error);
    diagnostics.extend(told);
    if objects.is_empty() && sound {
        return Err("there is no object in the manifests".to_owned());
    }
    cluster.place(&mut objects, namespace);
    let shown: Vec<String> = args
        .cluster
        .manifests
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    Ok(Release {
        source: Source::new(shown.join(", "), ""),
        environment: None,
        namespace: namespace.to_owned(),
        objects: if sound { objects } else { Vec::new() },
        beside: Vec::new(),
    })
}

fn files_of(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(path)
        .map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    for path in paths {
        let name = path
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() && !path.is_symlink() || ["yaml", "yml", "json"].contains(&name.as_str()) {
            files_of(&path, files)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<std::sync::Arc<Source>, String> {
    use std::io::Read as _;
    let failed = |error: std::io::Error| format!("cannot read `{}`: {error}", path.display());
    let mut bytes = Vec::new();
    match path == Path::new("-") {
        true => std::io::stdin()
            .lock()
            .take(MAX_BYTES)
            .read_to_end(&mut bytes),
        false => {
            std::fs::File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes))
        }
    }
    .map_err(failed)?;
    let shown = if path == Path::new("-") {
        "<stdin>".to_owned()
    } else {
        path.display().to_string()
    };
    workspace::spec_text(shown, bytes)
}
