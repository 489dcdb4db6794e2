//! A public load balancer answers without TLS.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::terraform::{Module, Resource};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::hcl::{Kind, Value};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "plain-http-listener",
    group: Group::Cloud,
    level: Level::Warning,
    summary: "a public load balancer answers without TLS",
    docs: Docs {
        what: "A listener of a load balancer that faces the internet forwards HTTP to the service, and the load balancer has no HTTPS listener.",
        why: "Everything between the users and the service can be read and changed on the way.",
        bad: "resource \"aws_lb_listener\" \"http\" {\n  protocol = \"HTTP\"\n  default_action { type = \"forward\" }\n}",
        good: "resource \"aws_lb_listener\" \"http\" {\n  protocol = \"HTTP\"\n  default_action {\n    type = \"redirect\"\n    redirect { protocol = \"HTTPS\", port = \"443\", status_code = \"HTTP_301\" }\n  }\n}",
        allow: "In a development environment, or where something in front of it ends TLS.",
    },
    check,
};

const LISTENERS: [&str; 2] = ["aws_lb_listener", "aws_alb_listener"];

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for module in &facts.terraform {
        let development = module.folder.split('/').any(|part| {
            matches!(
                part,
                "dev" | "development" | "test" | "sandbox" | "local" | "example" | "examples"
            )
        });
        if development {
            continue;
        }
        let listeners = || {
            module
                .resources
                .iter()
                .filter(|one| !one.data && LISTENERS.contains(&one.kind.as_str()))
        };
        for listener in listeners() {
            let Some(protocol) = listener
                .body
                .get("protocol")
                .filter(|one| one.text() == Some("HTTP"))
            else {
                continue;
            };
            let forwards = listener
                .body
                .blocks("default_action")
                .any(|action| action.body.get("type").and_then(Value::text) == Some("forward"));
            let Some(balancer) = balancer(module, listener).filter(|_| forwards) else {
                continue;
            };
            let internal = balancer.body.get("internal");
            let public = internal.is_none_or(|value| matches!(value.kind, Kind::Bool(false)));
            let secure = listeners().any(|other| {
                other.body.get("protocol").and_then(Value::text) != Some("HTTP")
                    && self::balancer(module, other).is_some_and(|one| one.name == balancer.name)
            });
            // CloudFront and the like end TLS in front of it.
            let fronted = module
                .resources
                .iter()
                .any(|one| one.kind.contains("cloudfront"));
            if !public || secure || fronted {
                continue;
            }
            findings
                .tell(format!(
                    "the load balancer `{}` faces the internet and answers without TLS only",
                    balancer.name
                ))
                .at(
                    &crate::facts::At::new(&listener.source, protocol.span),
                    "HTTP, forwarded as it comes",
                )
                .also(&balancer.at, "the load balancer")
                .help("add an HTTPS listener with a certificate, and let this one redirect to it");
        }
    }
}

/// The load balancer of a listener.
pub(super) fn balancer<'a>(module: &'a Module, listener: &Resource) -> Option<&'a Resource> {
    let Kind::Reference(path) = &listener.body.get("load_balancer_arn")?.kind else {
        return None;
    };
    find(module, path)
}

/// The resource that a reference names.
pub(super) fn find<'a>(module: &'a Module, path: &[String]) -> Option<&'a Resource> {
    let [kind, name, ..] = path else { return None };
    module
        .resources
        .iter()
        .find(|one| !one.data && one.kind == *kind && one.name == *name)
}
