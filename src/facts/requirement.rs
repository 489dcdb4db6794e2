//! Lists of Python packages: requirements.txt, pyproject.toml, Pipfile, poetry.lock and setup.py.

use std::sync::Arc;

use crate::source::python::Value;
use crate::source::{Source, Span};

use super::{python, tree};

/// One file that lists packages.
#[derive(Debug)]
pub struct Requirements {
    /// Path below the root.
    pub path: String,
    /// The file.
    pub source: Arc<Source>,
    /// The packages, under their normal names.
    pub packages: Vec<Package>,
    /// Other files that it includes, by their path below the root.
    pub includes: Vec<String>,
    /// Whether it lists more than could be read: a URL without a name, a local project.
    pub open: bool,
}

/// One package.
#[derive(Debug, Clone)]
pub struct Package {
    /// The name in lower case with `-`.
    pub name: String,
    /// What stands behind the name, `==3.1.0`.
    pub version: String,
    /// The line.
    pub span: Span,
}

impl Package {
    /// The version that it is pinned to.
    pub fn pin(&self) -> Option<&str> {
        let pin = self
            .version
            .strip_prefix("==")?
            .trim_start_matches('=')
            .trim();
        (!pin.is_empty() && !pin.contains(['*', ','])).then_some(pin)
    }
}

/// A name as package indexes compare them.
pub fn normal(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        let c = if matches!(c, '_' | '.') {
            '-'
        } else {
            c.to_ascii_lowercase()
        };
        if !(c == '-' && out.ends_with('-')) {
            out.push(c);
        }
    }
    out
}

/// Whether a path is that of a list of packages.
pub fn is_requirements(path: &str) -> bool {
    let name = tree::file_name(path);
    let text = name.ends_with(".txt")
        && (name.contains("require") || path.contains("requirements/") || name == "deps.txt");
    text || matches!(
        name,
        "pyproject.toml" | "Pipfile" | "poetry.lock" | "uv.lock" | "setup.py" | "setup.cfg"
    )
}

/// Reads a list; nothing where the file is none.
pub fn read(path: &str, source: &Arc<Source>) -> Option<Requirements> {
    let mut list = Requirements {
        path: path.to_owned(),
        source: Arc::clone(source),
        packages: Vec::new(),
        includes: Vec::new(),
        open: false,
    };
    match tree::file_name(path) {
        "pyproject.toml" => list.project(),
        "Pipfile" => list.pipfile(),
        "poetry.lock" | "uv.lock" => list.lock(),
        "setup.py" => list.setup(),
        "setup.cfg" => list.open = true,
        _ => list.lines(),
    }
    Some(list)
}

impl Requirements {
    /// The package of that name.
    pub fn package(&self, name: &str) -> Option<&Package> {
        let name = normal(name);
        self.packages.iter().find(|package| package.name == name)
    }

    fn lines(&mut self) {
        let source = Arc::clone(&self.source);
        let text = source.text();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let body = line.trim_end();
            let body = body.split(" #").next().unwrap_or("").trim_end();
            let body = if body.starts_with('#') { "" } else { body };
            let trimmed = body.trim_start();
            let from = start + (body.len() - trimmed.len());
            let span = Span::new(from, from + trimmed.len());
            if trimmed.is_empty() {
                continue;
            }
            if let Some(option) = trimmed.strip_prefix('-') {
                self.option(option);
                continue;
            }
            match named(trimmed) {
                Some((name, version)) => self.packages.push(Package {
                    name,
                    version,
                    span,
                }),
                None => self.open |= !trimmed.starts_with("--hash"),
            }
        }
    }

    fn option(&mut self, option: &str) {
        let (name, value) = match option.split_once(['=', ' ']) {
            Some(parts) => parts,
            // `-rother.txt`.
            None => match option.strip_prefix('r') {
                Some(value) => ("r", value),
                None => (option, ""),
            },
        };
        match name {
            "r" | "-requirement" => {
                let joined = tree::join(tree::folder(&self.path), value.trim());
                match joined {
                    Some(path) => self.includes.push(path),
                    None => self.open = true,
                }
            }
            "e" | "-editable" => self.open = true,
            _ => {}
        }
    }

    fn push(&mut self, requirement: &str) {
        if let Some((name, version)) = named(requirement.trim()) {
            let at = self.source.text().find(requirement).unwrap_or(0);
            self.packages.push(Package {
                name,
                version,
                span: Span::new(at, at + requirement.len()),
            });
        } else {
            self.open = true;
        }
    }

    fn project(&mut self) {
        let source = Arc::clone(&self.source);
        let Ok(table) = source.text().parse::<toml::Table>() else {
            self.open = true;
            return;
        };
        let project = table.get("project").and_then(toml::Value::as_table);
        if let Some(list) = project.and_then(|project| project.get("dependencies")?.as_array()) {
            for item in list {
                match item.as_str() {
                    Some(text) => self.push(text),
                    None => self.open = true,
                }
            }
        }
        if let Some(extra) =
            project.and_then(|project| project.get("optional-dependencies")?.as_table())
        {
            for item in extra.values().filter_map(toml::Value::as_array).flatten() {
                self.push(item.as_str().unwrap_or("?"));
            }
        }
        if project.is_some_and(|project| project.contains_key("dynamic")) {
            self.open = true;
        }
        let poetry = table
            .get("tool")
            .and_then(|tool| tool.get("poetry"))
            .and_then(toml::Value::as_table);
        if let Some(poetry) = poetry {
            self.table(poetry.get("dependencies"));
            let groups = poetry.get("group").and_then(toml::Value::as_table);
            for group in groups.into_iter().flat_map(|groups| groups.values()) {
                self.table(group.get("dependencies"));
            }
            self.table(poetry.get("dev-dependencies"));
        }
        for group in table
            .get("dependency-groups")
            .and_then(toml::Value::as_table)
            .into_iter()
            .flat_map(|groups| groups.values())
        {
            for item in group.as_array().into_iter().flatten() {
                if let Some(text) = item.as_str() {
                    self.push(text);
                }
            }
        }
    }

    fn table(&mut self, table: Option<&toml::Value>) {
        for (name, version) in table.and_then(toml::Value::as_table).into_iter().flatten() {
            if name == "python" {
                continue;
            }
            let at = self.source.text().find(name.as_str()).unwrap_or(0);
            self.packages.push(Package {
                name: normal(name),
                version: version.as_str().unwrap_or("").to_owned(),
                span: Span::new(at, at + name.len()),
            });
        }
    }

    fn pipfile(&mut self) {
        let source = Arc::clone(&self.source);
        match source.text().parse::<toml::Table>() {
            Ok(table) => {
                self.table(table.get("packages"));
                self.table(table.get("dev-packages"));
            }
            Err(_) => self.open = true,
        }
    }

    fn lock(&mut self) {
        let source = Arc::clone(&self.source);
        let text = source.text();
        let mut at = 0;
        let mut fresh = false;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let body = line.trim();
            if body == "[[package]]" {
                fresh = true;
            } else if let Some(name) = body.strip_prefix("name = \"").filter(|_| fresh) {
                fresh = false;
                self.packages.push(Package {
                    name: normal(name.trim_end_matches('"')),
                    version: String::new(),
                    span: Span::new(start, start + body.len()),
                });
            }
        }
    }

    fn setup(&mut self) {
        let module = python::read(&self.path, &self.source);
        let setup = module
            .syntax
            .calls
            .iter()
            .find(|call| call.name() == "setup");
        let list = setup
            .and_then(|call| call.keyword("install_requires"))
            .map(|argument| module.value(&argument.tokens));
        match list {
            Some(Value::List(items)) => {
                for item in items {
                    match item {
                        Value::Text(text) => self.push(&text),
                        _ => self.open = true,
                    }
                }
            }
            Some(_) => self.open = true,
            None => {}
        }
    }
}

/// The name of a requirement and what stands behind it.
pub fn named(requirement: &str) -> Option<(String, String)> {
    let end = requirement
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(requirement.len());
    let name = &requirement[..end];
    let mut rest = requirement[end..].trim_start();
    if name.is_empty() || rest.starts_with(['/', ':', '\\']) || name.contains("..") {
        return None;
    }
    if rest.starts_with('[') {
        rest = rest
            .split_once(']')
            .map_or("", |(_, rest)| rest)
            .trim_start();
    }
    let version = rest.split([';', '#', '\\']).next().unwrap_or("");
    let version = version.split(" --").next().unwrap_or("");
    Some((normal(name), version.replace(' ', "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str, text: &str) -> Vec<String> {
        read(path, &Source::new(path, text))
            .unwrap()
            .packages
            .into_iter()
            .map(|package| format!("{}{}", package.name, package.version))
            .collect()
    }

    #[test]
    fn options_need_not_be_ascii() {
        assert!(names("requirements.txt", "-\u{fffd}\n-\n--\n").is_empty());
    }

    #[test]
    fn every_kind_of_list_is_read() {
        assert_eq!(
            names(
                "requirements.txt",
                "# a\nFlask==3.0 # b\n-r x.txt\ngunicorn[gevent] >= 20 ; python_version > '3'\n"
            ),
            ["flask==3.0", "gunicorn>=20"]
        );
        assert_eq!(
            names(
                "pyproject.toml",
                "[project]\ndependencies = [\"Flask>=2\"]\n[tool.poetry.dependencies]\npython = \"3\"\nGunicorn = \"^2\"\n"
            ),
            ["flask>=2", "gunicorn^2"]
        );
        assert_eq!(names("Pipfile", "[packages]\nflask = \"*\"\n"), ["flask*"]);
        assert_eq!(
            names("poetry.lock", "[[package]]\nname = \"Flask\"\n"),
            ["flask"]
        );
    }
}
