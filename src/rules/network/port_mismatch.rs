//! One port that several artifacts state differently.

use crate::diagnostic::Level;
use crate::facts::near::nearest;
use crate::facts::object::{Object, find, pairs, selects};
use crate::facts::server::Server;
use crate::facts::{Facts, run};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

mod tasks;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "port-mismatch",
    group: Group::Network,
    level: Level::Error,
    summary: "server, image, container, Service, probe and route do not agree on a port",
    docs: Docs {
        what: "The port that the server binds is compared with EXPOSE and containerPort, containerPort with the Service's targetPort and with probes, the Service's port with what routes send to, and published ports of compose with the server.",
        why: "Each file is valid alone; together they send requests where nobody listens.",
        bad: "CMD [\"gunicorn\", \"--bind\", \"0.0.0.0:5000\", \"run:app\"]\n…\ncontainerPort: 8080",
        good: "CMD [\"gunicorn\", \"--bind\", \"0.0.0.0:5000\", \"run:app\"]\n…\ncontainerPort: 5000",
        allow: "When another process in the container listens on the port.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for image in &facts.images {
        exposed(facts, image, findings);
    }
    for running in run::running(facts) {
        bound(facts, &running, findings);
    }
    for object in &facts.objects {
        if object.is("", "Service") {
            service(facts, object, findings);
        }
        if object.pod().is_some() {
            probes(object, findings);
        }
    }
    compose(facts, findings);
    tasks::check(facts, findings);
}

/// The one port that a server listens on, where that is all there is.
fn only_port(server: &Server) -> Option<(u16, &crate::facts::server::Bind)> {
    let [bind] = server.binds.as_slice() else {
        return None;
    };
    (!server.open).then_some(())?;
    Some((bind.port?, bind))
}

/// EXPOSE against the server.
fn exposed(facts: &Facts, image: &crate::facts::image::Image, findings: &mut Findings<'_>) {
    let Some(server) = crate::facts::server::of_image(facts, image) else {
        return;
    };
    let exposes = image.exposes();
    let Some((port, bind)) = only_port(&server) else {
        return;
    };
    if exposes.is_empty() || exposes.iter().any(|expose| expose.0 == port) {
        return;
    }
    // A variable that somebody sets moves the port.
    let variable = bind.variable.as_deref().unwrap_or("PORT");
    if run::is_told_otherwise(
        facts,
        image,
        &[variable, "GUNICORN_CMD_ARGS", "FLASK_RUN_PORT"],
    ) {
        return;
    }
    let (other, at) = (exposes[0].0, &exposes[0].1);
    let told = findings
        .tell(format!(
            "the image exposes port {other}, and its server listens on {port}"
        ))
        .at(at, format!("exposes {other}"))
        .also(&bind.at, format!("listens on {port}"))
        .help(format!("make both {port}"));
    // What EXPOSE says changes nothing of what runs.
    if let Some(place) = at
        .written(&other.to_string())
        .filter(|_| exposes.len() == 1)
    {
        told.fix(&place, port.to_string());
    }
}

/// containerPort against the server.
fn bound(facts: &Facts, running: &run::Running<'_>, findings: &mut Findings<'_>) {
    let container = &running.container;
    let Some(server) = running.server(facts) else {
        return;
    };
    let Some((mut port, bind)) = only_port(&server) else {
        return;
    };
    let mut at = bind.at.clone();
    if let Some(variable) = &bind.variable {
        if let Some((value, node)) = container.env_value(variable) {
            match value.parse() {
                Ok(value) => port = value,
                Err(_) => return,
            }
            at = container.object.at(node);
        } else if container.node.get("envFrom").is_some()
            || container.env().any(|(name, _)| name == variable)
        {
            return;
        }
    }
    if container.env().any(|(name, _)| name == "GUNICORN_CMD_ARGS") {
        return;
    }
    let ports = container.ports();
    if ports.is_empty() || ports.iter().any(|own| own.number == port) {
        return;
    }
    let Some(first) = ports
        .iter()
        .find(|port| {
            port.name
                .is_none_or(|name| name.contains("http") || name.contains("web"))
        })
        .or(ports.first())
    else {
        return;
    };
    let mut told = findings
        .tell(format!(
            "the container declares port {}, and the image's server listens on {port}",
            first.number
        ))
        .at(
            &container.object.at(first.node),
            format!("declares {}", first.number),
        )
        .also(&at, format!("listens on {port}"))
        .help(format!("make both {port}"));
    // Every end that names the old port goes with it.
    if let Some(places) = ends(facts, container, first.number) {
        for place in places {
            told = told.unsafe_fix(&place, port.to_string());
        }
    }
}

/// Every place that names the port of a container: its declaration, its probes and the Services that send to
/// it. Nothing where one of them is not written as it is.
fn ends(
    facts: &Facts,
    container: &crate::facts::object::Container<'_>,
    number: u16,
) -> Option<Vec<crate::facts::At>> {
    let object = container.object;
    let text = number.to_string();
    let mut nodes: Vec<(&Object, &Node)> = container
        .ports()
        .iter()
        .filter(|port| port.number == number)
        .map(|port| (object, port.node))
        .collect();
    for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
        for way in ["httpGet", "tcpSocket", "grpc"] {
            let node = find(container.node, &format!("{key}.{way}.port"));
            nodes.extend(node.map(|node| (object, node)));
        }
    }
    let labels = pairs(object.pod_labels()?);
    for service in &facts.objects {
        let selector = service.find("spec.selector").map(pairs).unwrap_or_default();
        let same = service.is("", "Service") && service.bundle == object.bundle;
        if !same || selector.is_empty() || !selects(&selector, &labels) {
            continue;
        }
        for port in service.find("spec.ports").map_or(&[][..], Node::items) {
            // Without a targetPort the Service's own port is meant, which others may name.
            let node = port.get("targetPort");
            if node.is_none() && port.get("port").and_then(Node::text) == Some(&text) {
                return None;
            }
            nodes.extend(node.map(|node| (service, node)));
        }
    }
    let mut places: Vec<crate::facts::At> = Vec::new();
    for (object, node) in nodes {
        if node.text() != Some(&text) {
            continue;
        }
        let place = object.at(node).written(&text)?;
        let known = places
            .iter()
            .any(|other| other.span == place.span && other.source.path() == place.source.path());
        if !known {
            places.push(place);
        }
    }
    Some(places)
}

/// The Service's targetPort against the pods that it selects.
fn service(facts: &Facts, service: &Object, findings: &mut Findings<'_>) {
    let Some(selector) = service.find("spec.selector") else {
        return;
    };
    let selector = pairs(selector);
    if selector.is_empty() {
        return;
    }
    let pods = nearest(facts, service, |object| {
        object
            .pod_labels()
            .is_some_and(|labels| selects(&selector, &pairs(labels)))
            && !object.hook
            && crate::facts::near::same_namespace(object, service)
            && !matches!(object.kind.as_str(), "Job" | "CronJob")
    });
    if pods.is_empty() {
        return;
    }
    for port in service.find("spec.ports").map_or(&[][..], Node::items) {
        let Some(node) = port.get("targetPort").or_else(|| port.get("port")) else {
            continue;
        };
        let Some(number) = node.text().and_then(|text| text.parse::<u16>().ok()) else {
            continue;
        };
        let declared: Vec<_> = pods
            .iter()
            .flat_map(|pod| pod.containers(true))
            .flat_map(|container| {
                container
                    .ports()
                    .into_iter()
                    .map(move |port| (container, port))
            })
            .collect();
        if declared.iter().any(|(_, port)| port.number == number) {
            continue;
        }
        // A pod may listen on what it does not declare: then only the server's own port tells.
        let (at, there, text) = match declared.first() {
            Some((container, port)) => (
                container.object.at(port.node),
                port.number,
                format!("the pods declare {}", port.number),
            ),
            None => {
                let Some((at, there)) = pods.iter().find_map(|pod| listens(facts, pod)) else {
                    continue;
                };
                if there == number {
                    continue;
                }
                (at, there, format!("the pods listen on {there}"))
            }
        };
        if pods
            .iter()
            .any(|pod| listens(facts, pod).is_some_and(|(_, port)| port == number))
        {
            continue;
        }
        findings
            .tell(format!(
                "the Service `{}` sends to port {number}, which its pods do not declare",
                service.name
            ))
            .at(&service.at(node), format!("sends to {number}"))
            .also(&at, text)
            .help(format!("send to {there}"));
    }
}

/// The port that a workload's own image listens on.
fn listens(facts: &Facts, pod: &Object) -> Option<(crate::facts::At, u16)> {
    run::running(facts)
        .into_iter()
        .filter(|running| {
            running.built.is_some()
                && running.container.object.name == pod.name
                && running.container.object.path == pod.path
                && running.container.object.bundle == pod.bundle
        })
        .find_map(|running| {
            let server = running.server(facts)?;
            let (port, bind) = only_port(&server)?;
            Some((bind.at.clone(), port))
        })
}

/// Probes that ask a number against the ports of their container.
fn probes(object: &Object, findings: &mut Findings<'_>) {
    for container in object.containers(true) {
        let ports = container.ports();
        if ports.is_empty() {
            continue;
        }
        for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
            for way in ["httpGet", "tcpSocket", "grpc"] {
                let Some(node) = find(container.node, &format!("{key}.{way}.port")) else {
                    continue;
                };
                let Some(number) = node.text().and_then(|text| text.parse::<u16>().ok()) else {
                    continue;
                };
                // The kubelet may be sent to another pod or to the node itself.
                if find(container.node, &format!("{key}.{way}.host")).is_some()
                    || ports.iter().any(|port| port.number == number)
                {
                    continue;
                }
                let other = object
                    .containers(true)
                    .iter()
                    .any(|other| other.ports().iter().any(|port| port.number == number));
                if other {
                    continue;
                }
                findings
                    .tell(format!(
                        "the {key} asks port {number}, which the container does not declare"
                    ))
                    .at(&object.at(node), format!("asks {number}"))
                    .also(
                        &object.at(ports[0].node),
                        format!("the container declares {}", ports[0].number),
                    )
                    .help(format!("ask {}", ports[0].number));
            }
        }
    }
}

/// Published ports of compose services against the server of the image that they build.
fn compose(facts: &Facts, findings: &mut Findings<'_>) {
    for service in &facts.compose {
        if service.node.get("command").is_some()
            || service.node.get("entrypoint").is_some()
            || service.node.get("environment").is_some()
            || service.node.get("env_file").is_some()
            || service.target
        {
            continue;
        }
        let Some(image) = run::built(facts, service) else {
            continue;
        };
        let Some(server) = crate::facts::server::of_image(facts, image) else {
            continue;
        };
        let Some((port, bind)) = only_port(&server) else {
            continue;
        };
        let published: Vec<(u16, &Node)> = service
            .node
            .get("ports")
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(|item| {
                if let Some(target) = item.get("target") {
                    return Some((target.text()?.parse().ok()?, target));
                }
                let text = item.text()?.trim_end_matches("/tcp");
                Some((text.rsplit(':').next()?.parse().ok()?, item))
            })
            .collect();
        if published.is_empty() || published.iter().any(|(own, _)| *own == port) {
            continue;
        }
        let (other, node) = published[0];
        findings
            .tell(format!(
                "the compose service `{}` publishes port {other}, and the image's server listens on {port}",
                service.name
            ))
            .at(&crate::facts::At::new(&service.source, node.span), format!("leads to {other}"))
            .also(&bind.at, format!("listens on {port}"))
            .help(format!("lead it to {port}"));
    }
}
