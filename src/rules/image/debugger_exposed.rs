//! An image runs the interactive debugger.

use crate::diagnostic::Level;
use crate::facts::server::{self, Kind};
use crate::facts::{Facts, run, tree};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "debugger-exposed",
    group: Group::Image,
    level: Level::Error,
    summary: "an image runs the interactive debugger",
    docs: Docs {
        what: "The image starts a development server with `debug=True`, `--debug` or FLASK_DEBUG=1 on an address that others reach, or a server with `--reload`.",
        why: "Whoever reaches an error page can run code in the container.",
        bad: "app.run(host=\"0.0.0.0\", debug=True)\n…\nCMD [\"python\", \"app.py\"]",
        good: "CMD [\"gunicorn\", \"--bind\", \"0.0.0.0:8000\", \"app:app\"]",
        allow: "In an image that only developers run.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for image in &facts.images {
        let name = tree::file_name(&image.path).to_ascii_lowercase();
        if name.contains("dev") || name.contains("local") || name.contains("test") {
            continue;
        }
        let Some(server) = server::of_image(facts, image) else {
            continue;
        };
        if run::is_told_otherwise(facts, image, &[])
            || server.binds.iter().all(server::Bind::is_loopback)
        {
            continue;
        }
        let by_variable = ["FLASK_DEBUG", "FLASK_ENV"].iter().find_map(|name| {
            let (value, at) = image.variable(name)?;
            let on = matches!(value.known(), Some("1" | "true" | "True" | "development"));
            (on && matches!(server.kind, Kind::FlaskRun)).then(|| at.clone())
        });
        let Some(at) = server.debug.clone().or(by_variable) else {
            continue;
        };
        if !matches!(server.kind, Kind::FlaskRun | Kind::Script) {
            continue;
        }
        findings
            .tell("the image runs the interactive debugger")
            .at(&at, "switched on here")
            .also(&server.at, "started here")
            .help("switch it off, and start a WSGI server");
    }
}
