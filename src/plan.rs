//! What is to be written: every artifact of one stack, sorted by path.
//!
//! Owns [`RelPath`] (the one gate for names on disk), [`Artifact`] and [`Plan`]. Knows nothing of the
//! disk: a path is portable here on every system alike, or it is refused.

use std::borrow::{Borrow, Cow};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

mod pattern;

pub use pattern::Pattern;

/// A portable relative path of plain names joined by `/`; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelPath(Arc<str>);

/// Why a text is no [`RelPath`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// The text.
    pub path: String,
    /// What is wrong with it, as in "has an empty name".
    pub reason: String,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the path {:?} {}", self.path, self.reason)
    }
}

impl std::error::Error for PathError {}

const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The file that records what was rendered; no artifact may claim it.
pub const LOCK_NAME: &str = "gen.lock";

impl RelPath {
    /// Accepts a path that means the same file on every system.
    ///
    /// Names are ASCII letters, digits and `-_.+@`, 255 bytes at most; the whole has 1,024 bytes at most.
    /// Refused besides: absolute paths, `.` and `..`, anything that is `.git` or a file-system alias of it
    /// (`.GIT`, `git~1`), the lock and `gen`'s own folder, Windows device names, trailing dots.
    ///
    /// # Errors
    /// What is wrong with the first name that is refused.
    pub fn new(path: impl AsRef<str>) -> Result<Self, PathError> {
        let path = path.as_ref();
        match Self::fault(path) {
            None => Ok(Self(path.into())),
            Some(reason) => Err(PathError {
                path: path.to_owned(),
                reason,
            }),
        }
    }

    fn fault(path: &str) -> Option<String> {
        if path.is_empty() {
            return Some("is empty".to_owned());
        }
        if path.len() > 1024 {
            return Some("is longer than 1,024 bytes".to_owned());
        }
        if path.starts_with('/') {
            return Some("is absolute".to_owned());
        }
        path.split('/').find_map(name_fault).or_else(|| {
            let first = path.split('/').next().unwrap_or("");
            let is = |name: &str| first.eq_ignore_ascii_case(name);
            let staged = first
                .get(..5)
                .is_some_and(|start| start.eq_ignore_ascii_case(".gen-"));
            (is(LOCK_NAME) || is(".gen") || staged).then(|| "belongs to gen itself".to_owned())
        })
    }

    /// The path as text, names joined by `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last name.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The folders above, outermost first: `a/b/c` gives `a` and `a/b`.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }

    /// What two paths have in common that a case-insensitive system takes for one file.
    pub fn folded(&self) -> Cow<'_, str> {
        fold(&self.0)
    }
}

fn fold(path: &str) -> Cow<'_, str> {
    match path.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(path.to_ascii_lowercase()),
        false => Cow::Borrowed(path),
    }
}

fn name_fault(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("has an empty name".to_owned());
    }
    if name == "." || name == ".." {
        return Some(format!("has the name `{name}`"));
    }
    if name.len() > 255 {
        return Some("has a name longer than 255 bytes".to_owned());
    }
    let portable = name.bytes().all(|byte| is_portable(byte.into()));
    if let Some(c) = name.chars().find(|c| !portable && !is_portable(*c)) {
        return Some(format!("has the character {c:?}"));
    }
    if name.ends_with('.') {
        return Some("has a name that ends in a dot".to_owned());
    }
    let stem = name.split('.').next().unwrap_or("");
    if RESERVED.iter().any(|word| stem.eq_ignore_ascii_case(word)) {
        return Some(format!("has the name `{name}`, which Windows reserves"));
    }
    if name.eq_ignore_ascii_case(".git") {
        return Some("reaches into `.git`".to_owned());
    }
    None
}

fn is_portable(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '@')
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for RelPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// One kind of output, chosen with `--target`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// The application itself, where the tree is a demonstration.
    App,
    /// Dockerfile, ignore file and server configuration.
    Image,
    /// The Helm chart and its values.
    Chart,
    /// Plain Kubernetes manifests.
    Manifests,
    /// Terraform roots, modules and variable files.
    Terraform,
    /// Pipelines and the scripts they run.
    Workflow,
    /// Argo CD objects.
    Gitops,
    /// The runbook.
    Docs,
}

/// Every target, in the order in which `--target` lists them.
pub const TARGETS: [Target; 8] = [
    Target::App,
    Target::Image,
    Target::Chart,
    Target::Manifests,
    Target::Terraform,
    Target::Workflow,
    Target::Gitops,
    Target::Docs,
];

impl Target {
    /// The word used in manifests and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Image => "image",
            Self::Chart => "chart",
            Self::Manifests => "manifests",
            Self::Terraform => "terraform",
            Self::Workflow => "workflow",
            Self::Gitops => "gitops",
            Self::Docs => "docs",
        }
    }

    /// The target of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        TARGETS.into_iter().find(|target| target.name() == name)
    }
}

/// One file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The kind of output it belongs to.
    pub target: Target,
    /// Its bytes; those of a file that is copied stay where they are.
    pub bytes: Cow<'static, [u8]>,
    /// The SHA-256 of the bytes, where it was known before they were looked at.
    pub sha256: Option<[u8; 32]>,
    /// Whether it asks for mode 0755 instead of 0644.
    pub executable: bool,
    /// The blueprint file it came from, for messages.
    pub origin: Arc<str>,
}

/// Most files of one plan.
pub const MAX_FILES: usize = 2_000;
/// Most bytes of one plan.
pub const MAX_BYTES: usize = 64 << 20;
/// Most bytes of one artifact.
pub const MAX_ARTIFACT_BYTES: usize = 8 << 20;

/// Every artifact of one stack.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    artifacts: BTreeMap<RelPath, Artifact>,
    /// The environment of artifacts that exist once in each.
    environments: BTreeMap<RelPath, String>,
    /// The only environment whose artifacts are to be written.
    selected: Option<String>,
    /// The files that are the user's own.
    owned: Vec<Pattern>,
    bytes: usize,
    /// Whether [`Self::check`] is known to hold.
    checked: bool,
}

impl Plan {
    /// A plan without artifacts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one artifact.
    ///
    /// # Errors
    /// A sentence where the path is taken already (also in another letter case, or as a folder), or a
    /// limit on files or bytes is passed.
    pub fn insert(&mut self, path: RelPath, artifact: Artifact) -> Result<(), String> {
        if artifact.bytes.len() > MAX_ARTIFACT_BYTES {
            return Err(format!(
                "`{path}` would have {} bytes, and at most {MAX_ARTIFACT_BYTES} are written",
                artifact.bytes.len()
            ));
        }
        if self.artifacts.len() >= MAX_FILES {
            return Err(format!("more than {MAX_FILES} files"));
        }
        self.bytes += artifact.bytes.len();
        if self.bytes > MAX_BYTES {
            return Err(format!("more than {MAX_BYTES} bytes in all files together"));
        }
        if let Some(previous) = self.artifacts.get(&path) {
            return Err(format!(
                "`{path}` is written by `{}` and by `{}`",
                previous.origin, artifact.origin
            ));
        }
        self.artifacts.insert(path, artifact);
        self.checked = false;
        Ok(())
    }

    /// Checks what only the whole plan shows: see [`collision`].
    ///
    /// # Errors
    /// A sentence that names both paths.
    pub fn check(&self) -> Result<(), String> {
        if self.checked {
            return Ok(());
        }
        match collision(self.artifacts.keys(), true) {
            Some(message) => Err(message),
            None => Ok(()),
        }
    }

    /// The same, and remembers that it holds until something is added.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn seal(&mut self) -> Result<(), String> {
        self.check()?;
        self.checked = true;
        Ok(())
    }

    /// Says that an artifact belongs to one environment.
    pub fn assign(&mut self, path: RelPath, environment: String) {
        self.environments.insert(path, environment);
    }

    /// Leaves the artifacts of other environments alone, on disk and in the lock.
    pub fn select_environment(&mut self, environment: String) {
        self.selected = Some(environment);
    }

    /// Says which files are the user's own: they are compared, and never written or removed.
    pub fn leave(&mut self, owned: impl IntoIterator<Item = Pattern>) {
        self.owned.extend(owned);
    }

    /// Whether the file at `path` is the user's own.
    pub fn is_owned(&self, path: &str) -> bool {
        self.owned.iter().any(|pattern| pattern.matches(path))
    }

    /// The environment of an artifact that exists once in each.
    pub fn environment(&self, path: &str) -> Option<&str> {
        self.environments.get(path).map(String::as_str)
    }

    /// Whether the artifact at `path` is to be written.
    pub fn is_selected(&self, path: &str) -> bool {
        match (&self.selected, self.environments.get(path)) {
            (Some(selected), Some(environment)) => selected == environment,
            _ => true,
        }
    }

    /// The artifacts, sorted by path.
    pub fn artifacts(&self) -> &BTreeMap<RelPath, Artifact> {
        &self.artifacts
    }
}

/// Two of the sorted `paths` that some file system takes for one file, or of which one is a file where
/// the other needs a folder; with `folders`, also two folders that differ in letter case alone.
pub fn collision<'p>(
    paths: impl Iterator<Item = &'p RelPath> + Clone,
    folders: bool,
) -> Option<String> {
    let mut files: HashMap<Cow<'_, str>, &RelPath> = HashMap::new();
    for path in paths.clone() {
        if let Some(other) = files.insert(path.folded(), path) {
            return Some(format!(
                "`{other}` and `{path}` are one file where letter case does not count"
            ));
        }
    }
    let mut known: HashMap<Cow<'_, str>, &str> = HashMap::new();
    let mut previous = "";
    for path in paths {
        for folder in path.folders() {
            // Sorted as they are, most paths are in the folders of the one before.
            if is_below(previous, folder) {
                continue;
            }
            let key = fold(folder);
            if let Some(file) = files.get(&key) {
                return Some(format!(
                    "`{file}` is a file, and `{path}` needs it as a folder"
                ));
            }
            match known.insert(key, folder) {
                Some(other) if folders && other != folder => {
                    return Some(format!(
                        "`{other}` and `{folder}` are one folder where letter case does not count"
                    ));
                }
                _ => {}
            }
        }
        previous = path.as_str();
    }
    None
}

/// Whether `path` is something in `folder`, at any depth.
pub fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_paths_are_refused() {
        let long = "x".repeat(256);
        for path in [
            "",
            "/a",
            "a//b",
            "./a",
            "a/../b",
            "..",
            "a/",
            ".git/config",
            ".GIT/x",
            "a/.Git/x",
            "a:b",
            "a\\b",
            "con",
            "a/NUL.txt",
            "x.",
            "a b",
            "é",
            "gen.lock",
            "GEN.LOCK",
            ".gen/x",
            "a\0b",
            "a\nb",
            "git~1/x",
            &long,
        ] {
            assert!(RelPath::new(path).is_err(), "{path:?} was accepted");
        }
        for path in [
            "a",
            ".github/workflows/a.yml",
            "a/gen.lock",
            "chart/templates/_helpers.tpl",
            "a..b",
        ] {
            assert!(RelPath::new(path).is_ok(), "{path:?} was refused");
        }
    }

    fn artifact() -> Artifact {
        Artifact {
            target: Target::Image,
            bytes: Cow::default(),
            sha256: None,
            executable: false,
            origin: "o".into(),
        }
    }

    #[test]
    fn colliding_paths_are_refused() {
        for (a, b) in [("a", "A"), ("a", "a/b"), ("x/a", "X/b")] {
            let mut plan = Plan::new();
            plan.insert(RelPath::new(a).unwrap(), artifact()).unwrap();
            plan.insert(RelPath::new(b).unwrap(), artifact()).unwrap();
            assert!(plan.check().is_err(), "{a} {b}");
        }
        let mut plan = Plan::new();
        plan.insert(RelPath::new("a").unwrap(), artifact()).unwrap();
        assert!(plan.insert(RelPath::new("a").unwrap(), artifact()).is_err());
    }
}
