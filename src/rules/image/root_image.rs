//! The image runs as root.

use crate::diagnostic::Level;
use crate::facts::object::find;
use crate::facts::text::full_repository;
use crate::facts::{Facts, run};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "root-image",
    group: Group::Image,
    level: Level::Warning,
    summary: "the image runs as root",
    docs: Docs {
        what: "The last USER of the image is root or uid 0, or there is none and the base is an image that starts as root.",
        why: "A fault in the service is then a fault with all rights in the container, and `runAsNonRoot` refuses to start it.",
        bad: "FROM python:3.12-slim\nCMD [\"gunicorn\", \"run:app\"]",
        good: "FROM python:3.12-slim\nUSER 10001:10001\nCMD [\"gunicorn\", \"run:app\"]",
        allow: "When the entrypoint drops its rights, or a tool image never serves.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for image in &facts.images {
        let Some(start) = image.start() else { continue };
        // A manifest that names another user decides.
        let elsewhere = run::running(facts).iter().any(|running| {
            running.image.path == image.path
                && ["securityContext.runAsUser"].iter().any(|path| {
                    let own = find(running.container.node, path);
                    let pod = running
                        .container
                        .object
                        .pod()
                        .and_then(|pod| find(pod, path));
                    own.or(pod)
                        .and_then(Node::text)
                        .is_some_and(|user| user != "0")
                })
        });
        if elsewhere {
            continue;
        }
        match image.user() {
            Some((user, at)) => {
                let name = user.known().unwrap_or("").split(':').next().unwrap_or("");
                if matches!(name, "root" | "0") {
                    findings
                        .tell("the image runs as root")
                        .at(at, "root")
                        .also(&start.at, "starts this")
                        .help("make a user and switch to it by number: `USER 10001:10001`");
                }
            }
            None => {
                let (base, at) = image.base();
                let Some(name) = base.known() else { continue };
                let name = full_repository(name.split([':', '@']).next().unwrap_or(name));
                let root = ["python", "debian", "ubuntu", "alpine", "node", "golang"]
                    .iter()
                    .any(|plain| name == format!("docker.io/library/{plain}"));
                if root {
                    findings
                        .tell("the image runs as root: no USER says otherwise")
                        .at(&start.at, "started as root")
                        .also(at, "the base image starts as root")
                        .help("make a user and switch to it by number: `USER 10001:10001`");
                }
            }
        }
    }
}
