//! The files of one project: all by path, the readable ones with their text.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::Source;

/// The files of one project, by their path below its root, with `/`.
#[derive(Debug, Default)]
pub struct Tree {
    /// The folder as diagnostics show it, with a `/` at the end; empty for the current one.
    shown: String,
    files: BTreeMap<String, Option<Arc<Source>>>,
}

impl Tree {
    /// An empty tree whose files are shown below `folder`.
    pub fn new(folder: &str) -> Self {
        let folder = folder.trim_end_matches('/');
        let shown = match folder {
            "" | "." => String::new(),
            _ => format!("{folder}/"),
        };
        Self {
            shown,
            files: BTreeMap::new(),
        }
    }

    /// Adds a file; without text it is only known to be there.
    pub fn insert(&mut self, path: &str, text: Option<String>) {
        let source = text.map(|text| Source::new(format!("{}{path}", self.shown), text));
        self.files.insert(path.to_owned(), source);
    }

    /// Every file with its text, in the order of paths.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &Arc<Source>)> {
        self.files
            .iter()
            .filter_map(|(path, source)| Some((path.as_str(), source.as_ref()?)))
    }

    /// Every path, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The text of a file.
    pub fn source(&self, path: &str) -> Option<&Arc<Source>> {
        self.files.get(path)?.as_ref()
    }

    /// Whether there is such a file.
    pub fn is_file(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Whether there is a file below such a folder; the root always counts.
    pub fn is_folder(&self, path: &str) -> bool {
        path.is_empty() || self.below(path).next().is_some()
    }

    /// Whether there is such a file or folder.
    pub fn exists(&self, path: &str) -> bool {
        self.is_file(path) || self.is_folder(path)
    }

    /// The paths below a folder, relative to it.
    pub fn below<'a>(&'a self, folder: &str) -> impl Iterator<Item = &'a str> {
        let prefix = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let length = prefix.len();
        self.files
            .range(prefix.clone()..)
            .take_while(move |(path, _)| path.starts_with(&prefix))
            .map(move |(path, _)| &path[length..])
    }

    /// The folder as diagnostics show it.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The path below the root of what a diagnostic shows.
    pub fn relative<'a>(&self, shown: &'a str) -> &'a str {
        shown.strip_prefix(&self.shown).unwrap_or(shown)
    }
}

/// A path as seen from a folder above it; nothing where it is not below. The empty folder is the root.
pub fn beneath<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    match folder {
        "" => Some(path),
        folder => path.strip_prefix(folder)?.strip_prefix('/'),
    }
}

/// The folder of a path; empty for the root.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `path` seen from `folder`, without `.` and `..`; nothing where it leaves the root or is absolute.
pub fn join(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.starts_with('~') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether `text` fits `pattern` with `*` (within a folder), `**`, `?` and `[…]`, as shells and Docker
/// match paths.
pub fn matches(pattern: &str, text: &str) -> bool {
    // Most patterns are plain, and most texts differ before the first sign.
    let plain = pattern.find(['*', '?', '[', '\\']).unwrap_or(pattern.len());
    let head = &pattern.as_bytes()[..plain];
    if plain == pattern.len() || !text.as_bytes().starts_with(head) {
        return pattern == text;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // Positions of the pattern that the text so far can stand at.
    let mut states = vec![false; pattern.len() + 1];
    states[0] = true;
    close(&pattern, &mut states);
    for &c in &text {
        let mut next = vec![false; pattern.len() + 1];
        for at in 0..pattern.len() {
            if !states[at] {
                continue;
            }
            match pattern[at] {
                '*' if pattern.get(at + 1) == Some(&'*') => next[at] = true,
                '*' => next[at] |= c != '/',
                '?' => next[at + 1] |= c != '/',
                '[' => {
                    if let Some((end, fits)) = class(&pattern, at, c) {
                        next[end] |= fits;
                    }
                }
                '\\' if at + 1 < pattern.len() => next[at + 2] |= pattern[at + 1] == c,
                wanted => next[at + 1] |= wanted == c,
            }
        }
        close(&pattern, &mut next);
        states = next;
    }
    states[pattern.len()]
}

/// Stars may stand for nothing.
fn close(pattern: &[char], states: &mut [bool]) {
    for at in 0..pattern.len() {
        if states[at] && pattern[at] == '*' {
            if pattern.get(at + 1) == Some(&'*') {
                states[at + 2] = true;
                if pattern.get(at + 2) == Some(&'/') {
                    states[at + 3] = true;
                }
            } else {
                states[at + 1] = true;
            }
        }
    }
}

fn class(pattern: &[char], at: usize, c: char) -> Option<(usize, bool)> {
    let end = (at + 2..pattern.len()).find(|&end| pattern[end] == ']')?;
    let mut inside = &pattern[at + 1..end];
    let negated = matches!(inside.first(), Some('!' | '^'));
    if negated {
        inside = &inside[1..];
    }
    let mut fits = false;
    let mut i = 0;
    while i < inside.len() {
        if i + 2 < inside.len() && inside[i + 1] == '-' {
            fits |= (inside[i]..=inside[i + 2]).contains(&c);
            i += 3;
        } else {
            fits |= inside[i] == c;
            i += 1;
        }
    }
    Some((end + 1, (fits != negated) && c != '/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_docker_matches() {
        for (pattern, text, fits) in [
            ("*.py", "a.py", true),
            ("*.py", "b/a.py", false),
            ("**/*.py", "b/c/a.py", true),
            ("**/*.py", "a.py", true),
            ("a/**", "a/b/c", true),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("requirements*.txt", "requirements.txt", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn joined_paths_stay_below_the_root() {
        assert_eq!(join("a/b", "../c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(join("", ".").as_deref(), Some(""));
        assert_eq!(join("a", "../../b"), None);
        assert_eq!(join("a", "/b"), None);
    }
}
