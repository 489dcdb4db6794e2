//! What a command reads before it can work: the spec, its repository, its blueprint.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::blueprint::Library;
use crate::blueprint::manifest::MANIFEST;
use crate::source::Source;
use crate::source::yaml::Limits;

/// Most files of a user's own blueprint.
const MAX_BLUEPRINT_FILES: usize = 2_000;
/// Most bytes of one file of it.
const MAX_BLUEPRINT_FILE: u64 = 1 << 20;

/// Reads a spec; `-` is standard input.
///
/// # Errors
/// A sentence that names the path and the cause.
pub(super) fn read_spec(path: &Path) -> Result<Arc<Source>, String> {
    use std::io::Read as _;
    let limit = Limits::SPEC.bytes as u64 + 1;
    let mut bytes = Vec::new();
    let shown = path.display();
    if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("cannot read standard input: {error}"))?;
    } else {
        let meta = std::fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                format!("there is no file `{shown}`; `gen init` writes a spec to start from")
            }
            _ => format!("cannot read `{shown}`: {error}"),
        })?;
        if meta.is_dir() {
            return Err(format!("`{shown}` is a folder; name the spec in it"));
        }
        if !meta.is_file() {
            return Err(format!("`{shown}` is not a regular file"));
        }
        std::fs::File::open(path)
            .and_then(|file| file.take(limit).read_to_end(&mut bytes))
            .map_err(|error| format!("cannot read `{shown}`: {error}"))?;
    }
    let name = if path == Path::new("-") {
        "<stdin>".to_owned()
    } else {
        shown.to_string()
    };
    spec_text(name, bytes)
}

/// A spec from its bytes.
///
/// # Errors
/// Where they are no text.
pub(super) fn spec_text(name: String, bytes: Vec<u8>) -> Result<Arc<Source>, String> {
    let text = String::from_utf8(bytes).map_err(|error| {
        format!(
            "`{name}` is not UTF-8: byte {} starts no character",
            error.utf8_error().valid_up_to()
        )
    })?;
    Ok(Source::new(name, text))
}

/// The repository that a spec belongs to: the nearest folder above with `.git`, else the spec's own.
pub(super) fn repository(spec: &Path) -> PathBuf {
    let own = folder_of(spec);
    // `..` has to be resolved, or the folder above would not be known again.
    let Ok(absolute) = own.canonicalize() else {
        return own;
    };
    match absolute
        .ancestors()
        .find(|folder| folder.join(".git").exists())
    {
        Some(root) => shortest(root),
        None => own,
    }
}

/// The current folder as seen from the root of its repository; empty for the root itself.
pub(super) fn base() -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let root = here.ancestors().find(|folder| folder.join(".git").exists());
    let below = root.and_then(|root| here.strip_prefix(root).ok());
    below
        .map(|below| below.to_string_lossy().replace('\\', "/"))
        .unwrap_or_default()
}

/// The path of a file inside the repository that it lies in. The file itself need not exist.
///
/// # Errors
/// Where it lies elsewhere, or its folder cannot be found.
pub(super) fn below(path: &Path, repository: &Path) -> Result<PathBuf, String> {
    let shown = path.display();
    let (folder, name) = match path.is_dir() {
        true => (path.to_owned(), PathBuf::new()),
        false => (
            folder_of(path),
            path.file_name().map(PathBuf::from).unwrap_or_default(),
        ),
    };
    let folder = folder
        .canonicalize()
        .map_err(|error| format!("cannot find `{shown}`: {error}"))?;
    let top = repository
        .canonicalize()
        .map_err(|error| format!("cannot find `{}`: {error}", repository.display()))?;
    match folder.strip_prefix(&top) {
        Ok(below) => Ok(below.join(name)),
        Err(_) => Err(format!(
            "`{shown}` is not in the repository `{}`",
            repository.display()
        )),
    }
}

/// A folder as seen from here, where it is here or above; absolute otherwise.
fn shortest(folder: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    if here == folder {
        return PathBuf::from(".");
    }
    match here.strip_prefix(folder) {
        Ok(below) => below.components().map(|_| "..").collect(),
        Err(_) => folder.to_path_buf(),
    }
}

/// The library and the folder in it that a spec's `blueprint` names: a word is a built-in blueprint, a path
/// is a folder of the repository.
///
/// # Errors
/// A sentence that names what cannot be read.
pub(super) fn blueprint(name: &str, repository: &Path) -> Result<(Library, String), String> {
    let mut library = Library::embedded();
    if !name.contains('/') {
        return Ok((library, name.to_owned()));
    }
    let root = repository.join(name);
    let mut count = 0;
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| {
            format!("cannot read the blueprint `{}`: {error}", folder.display())
        })?;
        for entry in entries {
            let path = entry
                .map_err(|error| format!("cannot read `{}`: {error}", folder.display()))?
                .path();
            let shown = path.display();
            let meta = std::fs::symlink_metadata(&path)
                .map_err(|error| format!("cannot read `{shown}`: {error}"))?;
            if meta.is_dir() {
                folders.push(path);
                continue;
            }
            if !meta.is_file() {
                return Err(format!(
                    "`{shown}` in the blueprint is a link or a special file; a blueprint has plain files only"
                ));
            }
            count += 1;
            if count > MAX_BLUEPRINT_FILES {
                return Err(format!(
                    "the blueprint `{name}` has more than {MAX_BLUEPRINT_FILES} files"
                ));
            }
            if meta.len() > MAX_BLUEPRINT_FILE {
                return Err(format!(
                    "`{shown}` has {} bytes, and at most {MAX_BLUEPRINT_FILE} are read",
                    meta.len()
                ));
            }
            let bytes =
                std::fs::read(&path).map_err(|error| format!("cannot read `{shown}`: {error}"))?;
            let relative = path
                .strip_prefix(&root)
                .unwrap_or(&path)
                .to_string_lossy()
                .replace('\\', "/");
            library.insert(format!("{name}/{relative}"), bytes);
        }
    }
    if library.read(&format!("{name}/{MANIFEST}")).is_none() {
        return Err(format!("`{}` has no `{MANIFEST}`", root.display()));
    }
    Ok((library, name.to_owned()))
}

/// A folder below another, without the detours that joining leaves.
pub(super) fn join(folder: &Path, below: &str) -> PathBuf {
    let joined: PathBuf = folder
        .join(below)
        .components()
        .filter(|part| *part != std::path::Component::CurDir)
        .collect();
    if joined.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        joined
    }
}

/// The folder that a spec lies in.
pub(super) fn folder_of(spec: &Path) -> PathBuf {
    match spec.parent() {
        Some(parent) if parent != Path::new("") => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Whether two paths are one folder.
pub(super) fn same_folder(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}
