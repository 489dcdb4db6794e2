//! `module:app` that names what the image does not have.

use crate::diagnostic::Level;
use crate::facts::link::{self, Found};
use crate::facts::python::{self, Module};
use crate::facts::server::{self, Kind, Server};
use crate::facts::{At, Facts, image, run, tree};
use crate::rules::{Docs, Findings, Group, Rule, suggestion};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unresolved-entrypoint",
    group: Group::Image,
    level: Level::Error,
    summary: "the server is told to load a module or object that the image does not have",
    docs: Docs {
        what: "`module:app` of gunicorn, uvicorn or waitress names a module that no COPY brings in, or a name that the module does not define.",
        why: "The container ends with an import error as soon as it starts.",
        bad: "COPY app/ ./\nCMD [\"gunicorn\", \"main:app\"]   # the file is run.py",
        good: "COPY app/ ./\nCMD [\"gunicorn\", \"run:app\"]",
        allow: "When the module is made while the image is built, by a step that gen does not see.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for image in &facts.images {
        if let Some(server) = server::of_image(facts, image) {
            entrypoint(facts, image, &server, findings);
        }
    }
    for running in run::running(facts) {
        let container = &running.container;
        if container.words("command").is_none() && container.words("args").is_none() {
            continue;
        }
        if let Some(server) = running.server(facts) {
            entrypoint(facts, running.image, &server, findings);
        }
    }
}

fn entrypoint(facts: &Facts, image: &image::Image, server: &Server, findings: &mut Findings<'_>) {
    let Some((target, at)) = &server.target else {
        return;
    };
    let (module, object) = target.split_once(':').unwrap_or((target, ""));
    let flask = server.kind == Kind::FlaskRun;
    // A variable or a file of variables may name another.
    if flask
        && (run::is_told_otherwise(facts, image, &["FLASK_APP"])
            || facts
                .tree
                .paths()
                .any(|path| tree::file_name(path) == ".flaskenv"))
    {
        return;
    }
    let plain = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c == '_' || c == '.' || c.is_alphanumeric())
    };
    if !plain(module) || module.contains(['/', ' ']) {
        return;
    }
    let Some(folder) = &server.folder else {
        findings.unresolved(
            at,
            format!("the folder that `{module}` is imported from is not known"),
        );
        return;
    };
    let mut roots = vec![folder.clone()];
    if let Some((paths, _)) = image.variable("PYTHONPATH") {
        match paths.known() {
            Some(paths) => roots.extend(paths.split(':').map(str::to_owned)),
            None => return,
        }
    }
    let below = module.replace('.', "/");
    let mut unknown = false;
    let mut package = None;
    for root in &roots {
        for file in [format!("{below}.py"), format!("{below}/__init__.py")] {
            let path = format!("{}/{file}", root.trim_end_matches('/'));
            match link::in_image(facts, image, &path) {
                Found::File(file) => {
                    let place = facts
                        .python
                        .binary_search_by(|module| module.path.as_str().cmp(&file));
                    if let Ok(place) = place {
                        // Without a name flask looks for any application.
                        if !(flask && object.is_empty()) {
                            attribute(&facts.python[place], object, target, at, findings);
                        }
                        imports(facts, &facts.python[place], findings);
                    }
                    return;
                }
                Found::Missing => {}
                _ => unknown = true,
            }
        }
        // A folder without __init__.py is a package too.
        let path = format!("{}/{below}", root.trim_end_matches('/'));
        match link::in_image(facts, image, &path) {
            Found::Missing => {}
            Found::Folder(path) => package = Some(path),
            _ => unknown = true,
        }
    }
    let installed = image
        .chain()
        .iter()
        .flat_map(|stage| &stage.instructions)
        .any(|one| {
            one.keyword == "RUN"
                && [
                    "pip install .",
                    "pip install -e",
                    "poetry install",
                    "uv sync",
                    "setup.py",
                    "install ./",
                    "pip install --no-cache-dir .",
                ]
                .iter()
                .any(|text| one.text.contains(text))
        });
    if unknown || installed {
        findings.unresolved(at, format!("whether the image has the module `{module}`"));
        return;
    }
    let copied = image.last().copies.last().map(|copy| copy.at.clone());
    let message = match &package {
        Some(path) => format!(
            "`{module}` is the folder `{path}`, which has no `__init__.py` and so no application"
        ),
        None => format!("the image has no module `{module}`"),
    };
    let mut told = findings
        .tell(message)
        .at(at, format!("`{target}` is loaded in `{folder}`"));
    if let Some(copied) = copied {
        told = told.also(&copied, "what the image gets is copied here");
    }
    let names: Vec<String> = facts
        .python
        .iter()
        .filter_map(|module| {
            let name = crate::facts::tree::file_name(&module.path).strip_suffix(".py")?;
            Some(name.to_owned())
        })
        .collect();
    let last = module.rsplit('.').next().unwrap_or(module);
    if let Some(name) = suggestion(last, names.iter().map(String::as_str)) {
        told.help(format!("did you mean `{name}`?"));
    } else if let Some(app) = facts
        .python
        .iter()
        .find(|module| module.apps.iter().any(|app| app.top))
    {
        let path = &app.path;
        told.help(format!("an application object is defined in `{path}`"));
    }
}

/// Names that the served module takes from modules beside it.
fn imports(facts: &Facts, module: &Module, findings: &mut Findings<'_>) {
    let folder = tree::folder(&module.path);
    for import in module
        .imports
        .iter()
        .filter(|import| import.always && import.level == 0)
    {
        let Some(other) = python::find(&facts.python, folder, &import.module) else {
            continue;
        };
        for name in &import.names {
            let submodule = format!("{}.{name}", import.module);
            if name == "*"
                || other.open
                || other.names.contains(name)
                || python::find(&facts.python, folder, &submodule).is_some()
                || facts
                    .tree
                    .is_folder(&format!("{}/{name}", tree::folder(&other.path)))
            {
                continue;
            }
            let first = crate::source::Span::new(0, other.source.line(1).end);
            let told = findings
                .tell(format!("`{}` defines no `{name}`", other.path))
                .at(&module.at(import.span), format!("`{name}` is imported"))
                .also(&other.at(first), "from this module");
            if let Some(near) = suggestion(name, other.names.iter().map(String::as_str)) {
                told.help(format!("did you mean `{near}`?"));
            }
        }
    }
}

/// The object behind the colon.
fn attribute(
    module: &crate::facts::python::Module,
    object: &str,
    target: &str,
    at: &At,
    findings: &mut Findings<'_>,
) {
    let object = if object.is_empty() {
        "application"
    } else {
        object
    };
    let name = object.split(['.', '(']).next().unwrap_or(object).trim();
    if module.open || module.names.contains(name) || name.is_empty() {
        return;
    }
    let first = crate::source::Span::new(0, module.source.line(1).end);
    let mut told = findings
        .tell(format!("`{}` defines no `{name}`", module.path))
        .at(at, format!("`{target}` is loaded"));
    let place = module.apps.iter().find(|app| app.top);
    told = match place {
        Some(app) => told.also(
            &module.at(app.span),
            format!("the application is called `{}`", app.name),
        ),
        None => told.also(&module.at(first), "the module"),
    };
    let names = module.names.iter().map(String::as_str);
    if let Some(app) = place {
        told.help(format!(
            "load `{}:{}`",
            target.split(':').next().unwrap_or(""),
            app.name
        ));
    } else if let Some(near) = suggestion(name, names) {
        told.help(format!("did you mean `{near}`?"));
    }
}
