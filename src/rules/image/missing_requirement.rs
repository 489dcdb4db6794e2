//! The image starts a server whose package it does not install.

use crate::diagnostic::Level;
use crate::facts::image::Image;
use crate::facts::link::{self, Found};
use crate::facts::python::{self, Module};
use crate::facts::requirement::Requirements;
use crate::facts::text::full_repository;
use crate::facts::{At, Facts, server, tree};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "missing-requirement",
    group: Group::Image,
    level: Level::Error,
    summary: "the image starts a server whose package it does not install",
    docs: Docs {
        what: "gunicorn, uvicorn, flask and the like are started, or imported by the module that is served, and no list of packages that the image installs names them.",
        why: "The container ends at once: the program or module is not found.",
        bad: "RUN pip install -r requirements.txt      # Flask only\nCMD [\"gunicorn\", \"run:app\"]",
        good: "requirements.txt:\n  Flask==3.1.3\n  gunicorn==27.0.1",
        allow: "When the base image brings the package.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for image in &facts.images {
        let Some(server) = server::of_image(facts, image) else {
            continue;
        };
        let Some(installed) = installed(facts, image) else {
            continue;
        };
        if let Some(package) = server.kind.package() {
            missing(&installed, package, &server.at, "started here", findings);
        }
        let Some((target, _)) = &server.target else {
            continue;
        };
        let module = target.split(':').next().unwrap_or("").replace('.', "/");
        if let Some(root) = &server.folder {
            let path = format!("{}/{module}.py", root.trim_end_matches('/'));
            let Found::File(file) = link::in_image(facts, image, &path) else {
                continue;
            };
            let Ok(at) = facts
                .python
                .binary_search_by(|one| one.path.as_str().cmp(&file))
            else {
                continue;
            };
            for module in reached(facts, &facts.python[at]) {
                for import in module
                    .imports
                    .iter()
                    .filter(|import| import.always && import.level == 0)
                {
                    let top = import.module.split('.').next().unwrap_or("");
                    if let Some((_, package)) = PACKAGES.iter().find(|(name, _)| *name == top) {
                        missing(
                            &installed,
                            package,
                            &module.at(import.span),
                            "imported here",
                            findings,
                        );
                    }
                }
            }
        }
    }
}

/// A module and those beside it that are imported with it.
fn reached<'a>(facts: &'a Facts, first: &'a Module) -> Vec<&'a Module> {
    let folder = tree::folder(&first.path);
    let mut found = vec![first];
    let mut at = 0;
    while let Some(module) = found.get(at).copied() {
        at += 1;
        for import in module.imports.iter().filter(|import| import.always) {
            let own = tree::folder(&module.path);
            let (root, name) = match import.level {
                0 => (folder, import.module.clone()),
                1 => (own, import.module.clone()),
                _ => continue,
            };
            let mut names = vec![name.clone()];
            names.extend(import.names.iter().map(|one| {
                if name.is_empty() {
                    one.clone()
                } else {
                    format!("{name}.{one}")
                }
            }));
            for name in names.iter().filter(|name| !name.is_empty()) {
                if let Some(other) = python::find(&facts.python, root, name)
                    && !found.iter().any(|known| known.path == other.path)
                {
                    found.push(other);
                }
            }
        }
    }
    found
}

/// Modules whose package is called otherwise, or that are common enough to be sure of.
const PACKAGES: [(&str, &str); 24] = [
    ("flask", "flask"),
    ("fastapi", "fastapi"),
    ("django", "django"),
    ("requests", "requests"),
    ("flask_sqlalchemy", "flask-sqlalchemy"),
    ("flask_migrate", "flask-migrate"),
    ("flask_cors", "flask-cors"),
    ("flask_login", "flask-login"),
    ("flask_restful", "flask-restful"),
    ("flask_wtf", "flask-wtf"),
    ("redis", "redis"),
    ("psycopg2", "psycopg2"),
    ("pymongo", "pymongo"),
    ("sqlalchemy", "sqlalchemy"),
    ("celery", "celery"),
    ("boto3", "boto3"),
    ("yaml", "pyyaml"),
    ("dotenv", "python-dotenv"),
    ("prometheus_client", "prometheus-client"),
    ("numpy", "numpy"),
    ("pandas", "pandas"),
    ("jwt", "pyjwt"),
    ("bs4", "beautifulsoup4"),
    ("uvicorn", "uvicorn"),
];

/// Packages that bring another one.
const BRINGS: [(&str, &str); 16] = [
    ("flask-sqlalchemy", "sqlalchemy"),
    ("flask-migrate", "sqlalchemy"),
    ("flask-sqlalchemy", "flask"),
    ("flask-restx", "flask"),
    ("flask-restful", "flask"),
    ("apiflask", "flask"),
    ("connexion", "flask"),
    ("fastapi[standard]", "uvicorn"),
    ("pandas", "numpy"),
    ("scikit-learn", "numpy"),
    ("psycopg2-binary", "psycopg2"),
    ("uvicorn-worker", "uvicorn"),
    ("flask-cors", "flask"),
    ("moto", "boto3"),
    ("kubernetes", "requests"),
    ("prometheus-flask-exporter", "prometheus-client"),
];

/// What an image installs.
struct Installed<'a> {
    names: Vec<String>,
    lists: Vec<&'a Requirements>,
    at: At,
}

fn missing(
    installed: &Installed<'_>,
    package: &str,
    at: &At,
    text: &str,
    findings: &mut Findings<'_>,
) {
    let has = |name: &str| {
        installed.names.iter().any(|own| own == name)
            || installed
                .lists
                .iter()
                .any(|list| list.package(name).is_some())
    };
    if has(package)
        || BRINGS
            .iter()
            .any(|(bringer, brought)| *brought == package && has(bringer))
    {
        return;
    }
    // Only the short lists of what a person chose leave out what comes along.
    let brought = [
        "requests",
        "numpy",
        "pyyaml",
        "redis",
        "sqlalchemy",
        "pyjwt",
        "prometheus-client",
    ];
    if brought.contains(&package) {
        return;
    }
    let mut told = findings
        .tell(format!("the image installs no `{package}`"))
        .at(at, text)
        .also(&installed.at, "what the image installs");
    if let Some(list) = installed.lists.first() {
        told = told.also(
            &At::new(&list.source, list.source.line(1)),
            format!("does not list `{package}`"),
        );
    }
    told.help(format!(
        "add `{package}` with a version to the requirements"
    ));
}

/// Everything that is installed, where every install is understood.
fn installed<'a>(facts: &'a Facts, image: &Image) -> Option<Installed<'a>> {
    let base = image.base().0.known()?;
    let name = full_repository(base.split([':', '@']).next().unwrap_or(base));
    if !matches!(
        name.as_str(),
        "docker.io/library/python"
            | "docker.io/library/debian"
            | "docker.io/library/ubuntu"
            | "docker.io/library/alpine"
            | "public.ecr.aws/docker/library/python"
    ) {
        return None;
    }
    let mut names = Vec::new();
    let mut lists: Vec<&Requirements> = Vec::new();
    let mut at = None;
    for stage in &image.stages {
        for instruction in stage.instructions.iter().filter(|one| one.keyword == "RUN") {
            for command in instruction.commands(image.source.text()) {
                let words: Vec<String> = stage
                    .shell_words(&command.words)
                    .iter()
                    .map(|(word, _)| word.shown())
                    .collect();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                if words.iter().any(|word| {
                    matches!(
                        *word,
                        "poetry"
                            | "pipenv"
                            | "uv"
                            | "pdm"
                            | "conda"
                            | "mamba"
                            | "micromamba"
                            | "pipx"
                            | "apk"
                            | "apt-get"
                            | "apt"
                    )
                }) && words.iter().any(|word| {
                    word.contains("gunicorn")
                        || word.contains("flask")
                        || word.contains("py3-")
                        || word.contains("python3-")
                        || matches!(*word, "sync" | "export")
                }) || words
                    .iter()
                    .any(|word| matches!(*word, "poetry" | "pipenv" | "uv" | "pdm" | "conda"))
                    && words.iter().any(|word| matches!(*word, "install" | "sync"))
                    && !words
                        .first()
                        .is_some_and(|word| word.ends_with("pip") || word.ends_with("pip3"))
                {
                    return None;
                }
                let Some(from) = words.iter().position(|word| *word == "install") else {
                    continue;
                };
                let pip = words[..from].iter().any(|word| {
                    let name = word.rsplit('/').next().unwrap_or(word);
                    name == "pip" || name == "pip3"
                });
                if !pip {
                    continue;
                }
                at.get_or_insert(At::new(&image.source, command.span));
                let mut rest = words[from + 1..].iter();
                while let Some(word) = rest.next() {
                    match *word {
                        "-r" | "--requirement" => {
                            lists.extend(included(facts, image, rest.next()?)?)
                        }
                        "-t" | "--target" | "--prefix" | "-i" | "--index-url"
                        | "--extra-index-url" | "--find-links" | "-f" | "--trusted-host" | "-c"
                        | "--constraint" | "--root-user-action" | "--timeout" | "--retries" => {
                            rest.next();
                        }
                        word if word.starts_with("--requirement=") => {
                            lists.extend(included(facts, image, &word[14..])?)
                        }
                        word if word.starts_with("-r") => {
                            lists.extend(included(facts, image, &word[2..])?)
                        }
                        word if word.starts_with('-') => {}
                        word if word.starts_with(['.', '/', '$'])
                            || word.contains("://")
                            || word.contains("${{")
                            || word.contains(".whl")
                            || word.contains('*') =>
                        {
                            return None;
                        }
                        word => names
                            .extend(crate::facts::requirement::named(word).map(|(name, _)| name)),
                    }
                }
            }
        }
    }
    if lists.iter().any(|list| list.open) {
        return None;
    }
    Some(Installed {
        names,
        lists,
        at: at?,
    })
}

/// A list and those that it includes; nothing where one of them is not known.
fn included<'a>(facts: &'a Facts, image: &Image, name: &str) -> Option<Vec<&'a Requirements>> {
    let base = tree::file_name(name);
    let contexts = link::contexts(facts, image);
    // The file that some COPY brings under that name.
    let mut found: Vec<&Requirements> = Vec::new();
    for copy in image
        .stages
        .iter()
        .flat_map(|stage| &stage.copies)
        .filter(|copy| copy.from.is_none())
    {
        for (from, _) in &copy.sources {
            let from = tree::join("", from.known()?.trim_start_matches('/'))?;
            for context in &contexts {
                let full = tree::join(context, &from)?;
                let path = if tree::file_name(&from) == base && facts.tree.is_file(&full) {
                    full
                } else if name.starts_with('/') {
                    tree::join(&full, base)?
                } else {
                    tree::join(&full, name)?
                };
                if let Some(list) = facts.requirements.iter().find(|list| list.path == path)
                    && !found.iter().any(|own| own.path == list.path)
                {
                    found.push(list);
                }
            }
        }
    }
    let [list] = found.as_slice() else {
        return None;
    };
    let mut all = vec![*list];
    let mut at = 0;
    while let Some(list) = all.get(at).copied() {
        for path in &list.includes {
            let next = facts.requirements.iter().find(|list| list.path == *path)?;
            if !all.iter().any(|own| own.path == next.path) {
                all.push(next);
            }
        }
        at += 1;
    }
    Some(all)
}
