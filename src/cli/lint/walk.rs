//! Which files of a folder are read: what Git ignores is not, nor what is no text or too large.

use std::path::Path;

use ignore::WalkBuilder;

use super::environment;
use crate::facts::{Tree, tree};
use crate::rules::config::Config;

/// Most bytes of one file; larger ones are only known to be there.
const MAX_BYTES: u64 = 1 << 20;
/// Most files of one folder.
const MAX_FILES: usize = 1_000_000;

/// A folder with the paths of its files.
#[derive(Debug)]
pub(super) struct Folder<'p> {
    path: &'p Path,
    shown: String,
    /// Paths below it, sorted.
    files: Vec<String>,
    /// The text of a file that is not taken from the disk.
    given: Option<(String, String)>,
}

impl<'p> Folder<'p> {
    pub(super) fn read(path: &'p Path, config: &Config) -> Result<Self, String> {
        let mut files = Vec::new();
        let walk = WalkBuilder::new(path)
            .hidden(false)
            .require_git(false)
            .follow_links(false)
            .filter_entry(|entry| {
                let name = entry.file_name().to_string_lossy();
                let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                !(folder
                    && matches!(
                        name.as_ref(),
                        ".git"
                            | ".gen"
                            | ".terraform"
                            | ".history"
                            | "__MACOSX"
                            | "node_modules"
                            | "__pycache__"
                            | ".venv"
                            | "site-packages"
                    ))
            })
            .build();
        for entry in walk {
            // What cannot be entered is not there for a pipeline either.
            let Ok(entry) = entry else { continue };
            let is_folder = entry.file_type().is_none_or(|kind| kind.is_dir());
            let Ok(below) = entry.path().strip_prefix(path) else {
                continue;
            };
            let Some(below) = below
                .to_str()
                .filter(|below| !is_folder && !below.is_empty())
            else {
                continue;
            };
            let below = below.replace('\\', "/");
            if config.excludes(&below) {
                continue;
            }
            files.push(below);
            if files.len() > MAX_FILES {
                return Err(format!(
                    "`{}` has more than {MAX_FILES} files; name the folders to read",
                    path.display()
                ));
            }
        }
        files.sort();
        let shown = path.to_string_lossy().replace('\\', "/");
        let shown = shown.trim_start_matches("./").trim_end_matches('/');
        Ok(Self {
            path,
            shown: match shown {
                "" | "." => String::new(),
                shown => format!("{shown}/"),
            },
            files,
            given: None,
        })
    }

    /// Takes `text` for what stands at `path`, whether there is such a file or not.
    pub(super) fn give(&mut self, path: &str, text: String) {
        if let Err(at) = self.files.binary_search_by(|own| own.as_str().cmp(path)) {
            self.files.insert(at, path.to_owned());
        }
        self.given = Some((path.to_owned(), text));
    }

    /// Leaves out the files of other environments.
    ///
    /// # Errors
    /// The names of those that there are, where `wanted` is none of them.
    pub(super) fn only(&mut self, wanted: &str) -> Result<(), Vec<String>> {
        let mut names: Vec<String> = self
            .files
            .iter()
            .flat_map(|path| environment::of(path))
            .map(str::to_owned)
            .collect();
        names.sort();
        names.dedup();
        if !names.iter().any(|name| name == wanted) {
            return Err(names);
        }
        self.files.retain(|path| {
            let mut own = environment::of(path).into_iter().peekable();
            own.peek().is_none() || own.any(|name| name == wanted)
        });
        Ok(())
    }

    /// What paths begin with when they are shown.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// The folders that are projects of their own: this one, and every rendered tree below it.
    pub(super) fn projects(&self) -> Vec<&str> {
        let mut projects: Vec<&str> = self
            .files
            .iter()
            .filter(|path| tree::file_name(path) == "gen.lock" && path.contains('/'))
            .map(|path| tree::folder(path))
            .collect();
        projects.push("");
        projects.sort_unstable();
        projects
    }

    /// The files of one project, those of projects inside it left out.
    pub(super) fn tree(&self, project: &str) -> Tree {
        let prefix = if project.is_empty() {
            String::new()
        } else {
            format!("{project}/")
        };
        let inner: Vec<String> = self
            .projects()
            .into_iter()
            .filter(|other| *other != project && other.starts_with(&prefix))
            .map(|other| format!("{other}/"))
            .collect();
        let mut made = Tree::new(&format!("{}{project}", self.shown));
        let from = self
            .files
            .partition_point(|path| path.as_str() < prefix.as_str());
        let own: Vec<&String> = self.files[from..]
            .iter()
            .take_while(|path| path.starts_with(&prefix))
            .filter(|path| !inner.iter().any(|inner| path.starts_with(inner)))
            .collect();
        let charts: Vec<String> = own
            .iter()
            .filter(|path| tree::file_name(path) == "Chart.yaml")
            .map(|path| format!("{}/", tree::folder(path)))
            .collect();
        for path in own {
            let in_chart = charts
                .iter()
                .any(|chart| chart == "/" || path.starts_with(chart));
            let text = (in_chart || is_read(path))
                .then(|| self.text(path))
                .flatten();
            made.insert(&path[prefix.len()..], text);
        }
        made
    }

    fn text(&self, path: &str) -> Option<String> {
        if let Some((given, text)) = &self.given
            && given == path
        {
            return Some(text.clone());
        }
        let full = self.path.join(path);
        // Neither links nor special files are opened.
        let meta = std::fs::symlink_metadata(&full).ok()?;
        if !meta.is_file() || meta.len() > MAX_BYTES {
            return None;
        }
        String::from_utf8(std::fs::read(&full).ok()?).ok()
    }
}

/// Whether a reader may want the file.
fn is_read(path: &str) -> bool {
    let name = tree::file_name(path);
    let lower = name.to_ascii_lowercase();
    let extension = lower
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension);
    matches!(
        extension,
        "yaml"
            | "yml"
            | "py"
            | "tf"
            | "tfvars"
            | "hcl"
            | "sh"
            | "bash"
            | "txt"
            | "toml"
            | "cfg"
            | "ini"
            | "dockerfile"
            | "containerfile"
            | "dockerignore"
            | "tpl"
            | "lock"
    ) || extension == "json" && (lower.contains("task") || lower.contains("container"))
        || lower == "readme.md"
        || lower.starts_with("dockerfile")
        || lower.starts_with("jenkinsfile")
        || lower.ends_with(".jenkinsfile")
        || lower.starts_with("containerfile")
        || matches!(
            lower.as_str(),
            "pipfile"
                | "jenkinsfile"
                | "makefile"
                | "procfile"
                | ".helmignore"
                | ".gitignore"
                | ".env"
        )
        || !lower.contains('.') && (path.starts_with("bin/") || path.starts_with("scripts/"))
}
