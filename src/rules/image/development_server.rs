//! An image that starts a server made for one developer.

use crate::diagnostic::Level;
use crate::facts::server::{self, Kind};
use crate::facts::{Facts, run};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "development-server",
    group: Group::Image,
    level: Level::Warning,
    summary: "the image starts a development server",
    docs: Docs {
        what: "The image starts `flask run`, `app.run()`, `manage.py runserver` or `fastapi dev`.",
        why: "These servers say so themselves: one process, no limits, no graceful stop, and with the debugger on they run any code that a visitor sends.",
        bad: "CMD [\"python\", \"app.py\"]",
        good: "CMD [\"gunicorn\", \"--bind\", \"0.0.0.0:8000\", \"app:app\"]",
        allow: "In an image that only developers run.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for image in &facts.images {
        if is_for_development(&image.path) || run::is_told_otherwise(facts, image, &[]) {
            continue;
        }
        let Some(server) = server::of_image(facts, image) else {
            continue;
        };
        let (what, at) = match server.kind {
            Kind::FlaskRun => ("`flask run`", server.at.clone()),
            Kind::Django => ("`manage.py runserver`", server.at.clone()),
            Kind::Fastapi if server.at.text().contains("dev") => {
                ("`fastapi dev`", server.at.clone())
            }
            Kind::Script => {
                let Some(bind) = server.binds.first() else {
                    continue;
                };
                // uvicorn.run names its application by a string or is a server of its own right.
                if bind.port == Some(8000) && bind.default || server.target.is_some() {
                    continue;
                }
                if !calls_app_run(facts, &bind.at) {
                    continue;
                }
                ("`app.run()`", bind.at.clone())
            }
            _ => continue,
        };
        findings
            .tell(format!("the image starts the development server {what}"))
            .at(&at, "not made to serve others")
            .also(&server.at, "started here")
            .also(image.base().1, "in this image")
            .help("start a WSGI or ASGI server: `gunicorn --bind 0.0.0.0:8000 module:app`");
    }
}

fn calls_app_run(facts: &Facts, at: &crate::facts::At) -> bool {
    facts
        .python
        .iter()
        .filter(|module| module.source.path() == at.source.path())
        .flat_map(|module| module.runs.iter().map(move |run| (module, run)))
        .any(|(module, run)| {
            let inside = run.span.start <= at.span.start && at.span.end <= run.span.end;
            let name = run.path.strip_suffix(".run").unwrap_or("");
            inside
                && !matches!(name, "uvicorn" | "hypercorn" | "web" | "mcp" | "server")
                && module.apps.iter().all(|app| {
                    app.name != name
                        || matches!(
                            app.framework.as_str(),
                            "Flask" | "Quart" | "APIFlask" | "Bottle"
                        )
                })
        })
}

/// Whether the file's name says that it is not for production.
fn is_for_development(path: &str) -> bool {
    let name = path.to_ascii_lowercase();
    let name = name.rsplit('/').next().unwrap_or(&name);
    ["dev", "local", "test", "debug"].iter().any(|word| {
        name.split(['.', '-', '_'])
            .any(|part| part == *word || part == format!("{word}elopment"))
    })
}
