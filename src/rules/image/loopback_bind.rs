//! A server in an image that only the container itself can reach.

use crate::diagnostic::Level;
use crate::facts::server::{self, Kind};
use crate::facts::{Facts, run};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "loopback-bind",
    group: Group::Image,
    level: Level::Error,
    summary: "the server of an image listens on the loopback only",
    docs: Docs {
        what: "What the image starts binds 127.0.0.1 or localhost: by its command, by gunicorn's settings, by `app.run(host=…)`, or because that is what the server does unless told otherwise.",
        why: "Inside a container the loopback is the container's own. No Service, no published port and no probe of the kubelet reaches it.",
        bad: "CMD [\"gunicorn\", \"--bind\", \"127.0.0.1:8000\", \"run:app\"]",
        good: "CMD [\"gunicorn\", \"--bind\", \"0.0.0.0:8000\", \"run:app\"]",
        allow: "When a proxy in the same pod or container is the only client.",
    },
    check,
};

const CHANGING: [&str; 8] = [
    "PORT",
    "HOST",
    "GUNICORN_CMD_ARGS",
    "FLASK_RUN_HOST",
    "UVICORN_HOST",
    "BIND",
    "BIND_ADDRESS",
    "SERVER_HOST",
];

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for image in &facts.images {
        let Some(server) = server::of_image(facts, image) else {
            continue;
        };
        let reached = server.open || server.binds.iter().any(|bind| !bind.is_loopback());
        if reached || server.binds.is_empty() || run::is_told_otherwise(facts, image, &CHANGING) {
            continue;
        }
        // gunicorn binds all interfaces where the platform sets PORT: somebody must run it without.
        let runs = run::running(facts);
        let run_here = runs.iter().any(|running| running.image.path == image.path);
        let bind = &server.binds[0];
        if bind.default && server.kind == Kind::Gunicorn && !run_here {
            continue;
        }
        let host = bind.host.as_deref().unwrap_or("127.0.0.1");
        let label = if bind.default {
            format!("listens on {host} unless told otherwise")
        } else {
            format!("listens on {host}")
        };
        let mut told = findings
            .tell(format!("the server in the image listens on `{host}`, which nothing outside the container reaches"))
            .at(&bind.at, label);
        if let Some((port, at)) = image.exposes().first().map(|expose| (expose.0, &expose.1)) {
            told = told.also(at, format!("port {port} is meant to be reached"));
        }
        if let Some(running) = runs.iter().find(|running| running.image.path == image.path) {
            told = told.also(&running.at(), "the image runs here");
        }
        told = told.help("bind `0.0.0.0`");
        let mut found = bind.at.text().match_indices(host);
        if let (Some((from, _)), None, false) = (found.next(), found.next(), bind.default) {
            let from = bind.at.span.start + from;
            let place = crate::facts::At::new(
                &bind.at.source,
                crate::source::Span::new(from, from + host.len()),
            );
            told.fix(&place, "0.0.0.0");
        }
    }
}
