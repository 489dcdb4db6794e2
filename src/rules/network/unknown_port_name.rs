//! A named port that the pod does not declare.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::near::{nearest, same_namespace};
use crate::facts::object::{Object, find, pairs, selects};
use crate::rules::{Docs, Findings, Group, Rule, suggestion};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-port-name",
    group: Group::Network,
    level: Level::Error,
    summary: "a probe or Service names a port that the pod does not declare",
    docs: Docs {
        what: "`port: http` of a probe or `targetPort: http` of a Service, and no container has a port of that name; or the port of a ServiceMonitor, and no Service that it selects has it.",
        why: "The probe fails for ever, the Service has no endpoints.",
        bad: "ports: [{ name: web, containerPort: 5000 }]\nlivenessProbe: { httpGet: { port: http } }",
        good: "ports: [{ name: http, containerPort: 5000 }]\nlivenessProbe: { httpGet: { port: http } }",
        allow: "When something adds the port while the object is applied.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in &facts.objects {
        if object.pod().is_some() {
            probes(object, findings);
        }
        if object.is("", "Service") {
            service(facts, object, findings);
        }
        if object.is("monitoring.coreos.com", "ServiceMonitor") {
            monitor(facts, object, findings);
        }
    }
}

/// The ports of a ServiceMonitor against those of the Services that it selects.
fn monitor(facts: &Facts, monitor: &Object, findings: &mut Findings<'_>) {
    let selector = monitor
        .find("spec.selector.matchLabels")
        .map(pairs)
        .unwrap_or_default();
    if selector.is_empty() {
        return;
    }
    let services = nearest(facts, monitor, |other| {
        other.is("", "Service")
            && other
                .find("metadata.labels")
                .is_some_and(|labels| selects(&selector, &pairs(labels)))
    });
    let Some(first) = services.first() else {
        return;
    };
    let names: Vec<&str> = services
        .iter()
        .flat_map(|service| service.find("spec.ports").map_or(&[][..], Node::items))
        .filter_map(|port| port.get("name").and_then(Node::text))
        .collect();
    for endpoint in monitor.find("spec.endpoints").map_or(&[][..], Node::items) {
        let Some(node) = endpoint.get("port") else {
            continue;
        };
        let Some(name) = node
            .text()
            .filter(|name| is_name(name) && !names.contains(name))
        else {
            continue;
        };
        let told = findings
            .tell(format!(
                "{} reads the port `{name}`, which no Service that it selects has",
                monitor.title()
            ))
            .at(&monitor.at(node), "read here")
            .also(
                &first.named_at(),
                match names.is_empty() {
                    true => "its ports have no name".to_owned(),
                    false => format!("its ports are `{}`", names.join("`, `")),
                },
            );
        if let Some(near) = suggestion(name, names.iter().copied()).or(names.first().copied()) {
            told.help(format!("read `{near}`"));
        }
    }
}

fn probes(object: &Object, findings: &mut Findings<'_>) {
    for container in object.containers(true) {
        let names: Vec<&str> = container
            .ports()
            .iter()
            .filter_map(|port| port.name)
            .collect();
        for key in [
            "livenessProbe",
            "readinessProbe",
            "startupProbe",
            "lifecycle.preStop",
            "lifecycle.postStart",
        ] {
            for way in ["httpGet", "tcpSocket"] {
                let Some(node) = find(container.node, &format!("{key}.{way}.port")) else {
                    continue;
                };
                let Some(name) = node.text().filter(|text| is_name(text)) else {
                    continue;
                };
                if names.contains(&name) {
                    continue;
                }
                tell(
                    object,
                    node,
                    name,
                    &names,
                    container.node,
                    "the container",
                    findings,
                );
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.parse::<u64>().is_err() && !text.contains(['$', '{'])
}

fn service(facts: &Facts, service: &Object, findings: &mut Findings<'_>) {
    let selector = service.find("spec.selector").map(pairs).unwrap_or_default();
    if selector.is_empty() {
        return;
    }
    let pods = nearest(facts, service, |object| {
        object
            .pod_labels()
            .is_some_and(|labels| selects(&selector, &pairs(labels)))
            && same_namespace(object, service)
            && !object.hook
    });
    let Some(pod) = pods.first() else { return };
    let containers: Vec<_> = pods.iter().flat_map(|pod| pod.containers(true)).collect();
    let names: Vec<&str> = containers
        .iter()
        .flat_map(|container| container.ports())
        .filter_map(|port| port.name)
        .collect();
    for port in service.find("spec.ports").map_or(&[][..], Node::items) {
        let Some(node) = port.get("targetPort") else {
            continue;
        };
        let Some(name) = node.text().filter(|text| is_name(text)) else {
            continue;
        };
        if names.contains(&name) {
            continue;
        }
        let mut told = findings
            .tell(format!(
                "the Service `{}` sends to a port `{name}`, which its pods do not declare",
                service.name
            ))
            .at(&service.at(node), "sends here");
        told = match containers
            .iter()
            .flat_map(|container| container.ports())
            .next()
        {
            Some(port) => told.also(&pod.at(port.node), "the port that the pods declare"),
            None => told.also(&pod.named_at(), "the pods declare no ports"),
        };
        if let Some(near) = suggestion(name, names.iter().copied()).or(names.first().copied()) {
            let told = told.help(format!("send to `{near}`"));
            if let Some(place) = service.at(node).written(name) {
                told.unsafe_fix(&place, near);
            }
        }
    }
}

fn tell(
    object: &Object,
    node: &Node,
    name: &str,
    names: &[&str],
    container: &Node,
    whose: &str,
    findings: &mut Findings<'_>,
) {
    let told = findings
        .tell(format!(
            "a probe asks port `{name}`, which {whose} does not declare"
        ))
        .at(&object.at(node), "asked here");
    let ports = container.get("ports").unwrap_or(container);
    let told = told.also(
        &object.at(ports.items().first().unwrap_or(ports)),
        if names.is_empty() {
            "no port has a name"
        } else {
            "the ports are declared here"
        },
    );
    if let Some(near) = suggestion(name, names.iter().copied()).or(names.first().copied()) {
        let told = told.help(format!("ask `{near}`"));
        if let Some(place) = object.at(node).written(name) {
            told.unsafe_fix(&place, near);
        }
    }
}
