//! A chart on disk: the files that Helm would read, and no more of them than are allowed.

use std::fs::FileType;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use crate::chart::{File, Ignore, MAX_CHART_BYTES, MAX_CHART_FILES, MAX_FILE_BYTES};
use crate::diagnostic::Reporter;
use crate::source::Source;

/// Deepest folder in a chart, which also ends links that lead in a circle.
const MAX_DEPTH: usize = 40;

/// The files of a chart's folder that its `.helmignore` does not leave out.
///
/// # Errors
/// A sentence about what cannot be read. Nothing comes back where `.helmignore` is at fault, which is told.
pub(super) fn read(
    folder: &Path,
    shown: &str,
    report: &mut Reporter,
) -> Result<Option<Vec<File>>, String> {
    let path = folder.join(".helmignore");
    let ignore = match path.is_file() {
        true => Ignore::read(shown, &file(&path)?, report),
        false => Some(Ignore::default()),
    };
    let Some(ignore) = ignore else {
        return Ok(None);
    };
    let mut walk = Walk {
        ignore,
        files: Vec::new(),
        bytes: 0,
    };
    walk.folder(folder, "", 0)?;
    Ok(Some(walk.files))
}

struct Walk {
    ignore: Ignore,
    files: Vec<File>,
    bytes: usize,
}

impl Walk {
    fn folder(&mut self, folder: &Path, inside: &str, depth: usize) -> Result<(), String> {
        let failed = |error| format!("cannot read `{}`: {error}", folder.display());
        if depth > MAX_DEPTH {
            return Err(format!("`{}` is nested too deep", folder.display()));
        }
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                return Err(format!("the name `{}` is not UTF-8", path.display()));
            };
            let inside = if inside.is_empty() {
                name.to_owned()
            } else {
                format!("{inside}/{name}")
            };
            // Links are followed, as Helm does.
            let kind = match entry.file_type() {
                Ok(kind) if !kind.is_symlink() => kind,
                _ => kind(&path)?,
            };
            if self.ignore.excludes(&inside, kind.is_dir()) {
                continue;
            }
            if kind.is_dir() {
                self.folder(&path, &inside, depth + 1)?;
                continue;
            }
            let bytes = limited(&path, kind, MAX_FILE_BYTES)?;
            self.bytes += bytes.len();
            if self.bytes > MAX_CHART_BYTES || self.files.len() >= MAX_CHART_FILES {
                return Err(format!(
                    "the chart has more than {MAX_CHART_BYTES} bytes or {MAX_CHART_FILES} files; name what is no part of it in .helmignore"
                ));
            }
            self.files.push((inside, bytes));
        }
        Ok(())
    }
}

fn file(path: &Path) -> Result<Vec<u8>, String> {
    limited(path, kind(path)?, MAX_FILE_BYTES)
}

/// The bytes of a packed chart.
pub(super) fn archive(path: &Path) -> Result<Vec<u8>, String> {
    limited(path, kind(path)?, MAX_CHART_BYTES)
}

/// What the path leads to.
fn kind(path: &Path) -> Result<FileType, String> {
    let found = std::fs::metadata(path);
    found
        .map(|found| found.file_type())
        .map_err(|error| format!("cannot read `{}`: {error}", path.display()))
}

fn limited(path: &Path, kind: FileType, most: usize) -> Result<Vec<u8>, String> {
    let shown = path.display();
    let failed = |error| format!("cannot read `{shown}`: {error}");
    // Opening a pipe would wait for its other end.
    if !kind.is_file() {
        return Err(format!("`{shown}` is not a regular file"));
    }
    let file = std::fs::File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    take(file, usize::try_from(length).unwrap_or(most), most)
        .map_err(failed)?
        .ok_or_else(|| format!("`{shown}` has more than {most} bytes"))
}

/// What a reader of about `length` bytes gives; nothing where it is more than `most`.
fn take(
    reader: impl std::io::Read,
    length: usize,
    most: usize,
) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::with_capacity(length.min(most) + 1);
    reader.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= most).then_some(bytes))
}

/// A values file of the user; `-` is standard input.
pub(super) fn values_file(path: &Path) -> Result<Arc<Source>, String> {
    let (name, bytes) = if path == Path::new("-") {
        let read = take(std::io::stdin().lock(), 0, MAX_FILE_BYTES)
            .map_err(|error| format!("cannot read standard input: {error}"))?;
        let bytes =
            read.ok_or_else(|| format!("standard input has more than {MAX_FILE_BYTES} bytes"))?;
        ("<stdin>".to_owned(), bytes)
    } else {
        (path.display().to_string(), file(path)?)
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(name, text)),
        Err(_) => Err(format!("`{name}` is not UTF-8")),
    }
}
