//! A probe asks a path that no route of the application answers.

use crate::diagnostic::Level;
use crate::facts::image::Image;
use crate::facts::link::{self, Found};
use crate::facts::object::find;
use crate::facts::server::{self, Kind, Server};
use crate::facts::{At, Facts, ecs, run, tree};
use crate::rules::suggestion;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-probe-path",
    group: Group::Network,
    level: Level::Error,
    summary: "a probe asks a path that no route of the application answers",
    docs: Docs {
        what: "The path of an HTTP probe is compared with every route of the Python application that the container serves. Routes under a prefix count with any prefix; where one is computed, nothing is said.",
        why: "The probe gets 404: the pod is never ready, or is restarted for ever.",
        bad: "livenessProbe: { httpGet: { path: /healtz } }\n…\n@app.get(\"/healthz\")",
        good: "livenessProbe: { httpGet: { path: /healthz } }",
        allow: "When a middleware or an extension answers the path.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for running in run::running(facts) {
        let server = running.server(facts);
        let routes = server.and_then(|server| routes(facts, running.image, &server));
        let Some(routes) = routes else {
            continue;
        };
        let container = &running.container;
        for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
            let Some(node) = find(container.node, &format!("{key}.httpGet.path")) else {
                continue;
            };
            let Some(asked) = node.text() else { continue };
            // The probe must ask the server and not a second port beside it.
            let port = find(container.node, &format!("{key}.httpGet.port"))
                .and_then(Node::text)
                .unwrap_or("");
            let bound = running
                .server(facts)
                .and_then(|server| server.binds.first().and_then(|bind| bind.port));
            let number = port.parse::<u16>().ok().or_else(|| {
                container
                    .ports()
                    .iter()
                    .find(|own| own.name == Some(port))
                    .map(|own| own.number)
            });
            if number.is_some() && bound.is_some() && number != bound {
                continue;
            }
            unanswered(key, asked, &container.object.at(node), &routes, findings);
        }
    }
    balancers(facts, findings);
}

/// Load balancers of ECS that ask the only image there is.
fn balancers(facts: &Facts, findings: &mut Findings<'_>) {
    let [image] = facts.images.as_slice() else {
        return;
    };
    let mut routes_of = None;
    for task in ecs::tasks(facts) {
        let [container] = task.containers.as_slice() else {
            continue;
        };
        let public = container.image.as_ref().and_then(|(name, _)| name.full());
        if container.command || public.is_some_and(|full| link::is_public(&full)) {
            continue;
        }
        for (asked, at) in ecs::health_paths(&task) {
            let routes = routes_of.get_or_insert_with(|| {
                let server = server::of_image(facts, image)?;
                routes(facts, image, &server)
            });
            if let Some(routes) = routes {
                unanswered("health check", &asked, &at, routes, findings);
            }
        }
    }
}

fn unanswered(
    what: &str,
    asked: &str,
    at: &At,
    routes: &[(String, At)],
    findings: &mut Findings<'_>,
) {
    let path = asked.split('?').next().unwrap_or(asked);
    if routes.iter().any(|(route, _)| fits(route, path)) {
        return;
    }
    let told = findings
        .tell(format!("the {what} asks `{path}`, which no route answers"))
        .at(at, "asked here");
    let near = suggestion(path, routes.iter().map(|(route, _)| route.as_str()));
    let place = routes
        .iter()
        .find(|(route, _)| Some(route.as_str()) == near)
        .or(routes.first());
    let told = match place {
        Some((route, at)) => told.also(at, format!("`{route}` is answered")),
        None => told,
    };
    if let Some(near) = near {
        told.help(format!("did you mean `{near}`?"));
    }
}

/// Every route of the application, where all of them are known.
fn routes(facts: &Facts, image: &Image, server: &Server) -> Option<Vec<(String, At)>> {
    let file = match (&server.target, &server.file, server.kind) {
        (Some((target, _)), _, _) => {
            let module = target.split(':').next()?.replace('.', "/");
            format!(
                "{}/{module}.py",
                server.folder.as_ref()?.trim_end_matches('/')
            )
        }
        (None, Some((file, _)), Kind::Script) => file.clone(),
        _ => return None,
    };
    let Found::File(file) = link::in_image(facts, image, &file) else {
        return None;
    };
    let folder = tree::folder(&file);
    let prefix = if folder.is_empty() {
        String::new()
    } else {
        format!("{folder}/")
    };
    let modules: Vec<_> = facts
        .python
        .iter()
        .filter(|module| {
            module.path.starts_with(&prefix)
                && !module.path.split('/').any(|part| part.starts_with("test"))
        })
        .collect();
    let framework = modules
        .iter()
        .flat_map(|module| &module.apps)
        .map(|app| app.framework.as_str())
        .next()?;
    if !matches!(framework, "Flask" | "FastAPI" | "APIFlask" | "Quart")
        || modules
            .iter()
            .flat_map(|module| &module.apps)
            .any(|app| !app.plain)
    {
        return None;
    }
    // Extensions that add routes of their own.
    let adding = [
        "prometheus",
        "healthcheck",
        "flask_healthz",
        "flask_admin",
        "flask_restx",
        "connexion",
        "dash",
        "starlette_exporter",
        "instrumentator",
        "graphql",
        "strawberry",
        "ariadne",
        "socketio",
        "sqladmin",
        "flasgger",
        "flask_smorest",
        "fastapi_health",
        "mangum",
        "py_healthcheck",
    ];
    let extended = modules
        .iter()
        .flat_map(|module| &module.imports)
        .filter(|import| !only_counts(&import.module, &import.names))
        .any(|import| {
            adding.iter().any(|name| {
                import.module.contains(name)
                    || import
                        .names
                        .iter()
                        .any(|own| own.to_lowercase().contains(name))
            })
        });
    if extended {
        return None;
    }
    let mut routes = Vec::new();
    for module in &modules {
        for route in &module.routes {
            if route.on.ends_with("client") || route.on == "requests" {
                continue;
            }
            routes.push((route.path.clone()?, module.at(route.span)));
        }
    }
    if framework == "FastAPI" {
        for own in ["/docs", "/redoc", "/openapi.json"] {
            let at = routes.first()?.1.clone();
            routes.push((own.to_owned(), at));
        }
    }
    (!routes.is_empty()).then_some(routes)
}

/// Whether an import brings counters of Prometheus and nothing that answers requests.
fn only_counts(module: &str, names: &[String]) -> bool {
    module == "prometheus_client"
        && !names.is_empty()
        && names.iter().all(|name| {
            ["Counter", "Gauge", "Histogram", "Summary", "Info", "Enum"].contains(&name.as_str())
        })
}

/// Whether a route answers a path, with any prefix in front.
fn fits(route: &str, path: &str) -> bool {
    let part = |text: &str| -> Vec<String> {
        text.split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (route_parts, path_parts) = (part(route), part(path));
    if route_parts.len() > path_parts.len() {
        return false;
    }
    if route_parts.is_empty() {
        // The root of a blueprint with any prefix; alone it answers the root.
        return path_parts.is_empty();
    }
    if route_parts
        .iter()
        .any(|part| part.starts_with("<path:") || part.contains(":path}"))
    {
        return true;
    }
    let tail = &path_parts[path_parts.len() - route_parts.len()..];
    route_parts
        .iter()
        .zip(tail)
        .all(|(route, path)| route == path || route.starts_with('<') || route.starts_with('{'))
}
