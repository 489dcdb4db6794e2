//! A route sends to a Service or port that does not exist.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::near::{nearest, same_namespace};
use crate::facts::object::Object;
use crate::rules::suggestion;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-backend",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "a route sends to a Service or port that does not exist",
    docs: Docs {
        what: "The backend of an Ingress or HTTPRoute names a Service that nothing here makes, or a port that the Service does not have.",
        why: "The route answers 503 or 404 for ever.",
        bad: "backend: { service: { name: web-svc, port: { number: 80 } } }   # the Service is called web",
        good: "backend: { service: { name: web, port: { number: 80 } } }",
        allow: "When the Service is made elsewhere.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in &facts.objects {
        if object.kind == "Ingress" {
            ingress(facts, object, findings);
        } else if object.is("gateway.networking.k8s.io", "HTTPRoute")
            || object.is("gateway.networking.k8s.io", "GRPCRoute")
        {
            for rule in object.find("spec.rules").map_or(&[][..], Node::items) {
                for backend in rule.get("backendRefs").map_or(&[][..], Node::items) {
                    let service = backend
                        .get("kind")
                        .and_then(Node::text)
                        .is_none_or(|kind| kind == "Service");
                    if service && backend.get("namespace").is_none() {
                        backend_ref(
                            facts,
                            object,
                            backend.get("name"),
                            backend.get("port"),
                            findings,
                        );
                    }
                }
            }
        }
    }
}

fn ingress(facts: &Facts, object: &Object, findings: &mut Findings<'_>) {
    let mut backends: Vec<&Node> = object.find("spec.defaultBackend").into_iter().collect();
    for rule in object.find("spec.rules").map_or(&[][..], Node::items) {
        let paths = rule.get("http").and_then(|http| http.get("paths"));
        backends.extend(
            paths
                .map_or(&[][..], Node::items)
                .iter()
                .filter_map(|path| path.get("backend")),
        );
    }
    for backend in backends {
        if let Some(service) = backend.get("service") {
            let port = service.get("port");
            let port = port.and_then(|port| port.get("number").or_else(|| port.get("name")));
            backend_ref(facts, object, service.get("name"), port, findings);
        } else if backend.get("serviceName").is_some() {
            backend_ref(
                facts,
                object,
                backend.get("serviceName"),
                backend.get("servicePort"),
                findings,
            );
        }
    }
}

fn backend_ref(
    facts: &Facts,
    object: &Object,
    name: Option<&Node>,
    port: Option<&Node>,
    findings: &mut Findings<'_>,
) {
    let Some((node, name)) = name.and_then(|node| Some((node, node.text()?))) else {
        return;
    };
    // An annotation of the AWS controller stands for an action, not for a Service.
    if port.and_then(Node::text) == Some("use-annotation") {
        return;
    }
    let services = nearest(facts, object, |other| {
        other.is("", "Service") && same_namespace(other, object) && !other.name.is_empty()
    });
    let Some(service) = services.iter().find(|service| service.name == name) else {
        let all: Vec<&Object> = facts
            .objects
            .iter()
            .filter(|other| other.is("", "Service") && facts.together(object, other))
            .collect();
        if all.iter().any(|service| service.name == name)
            || services.is_empty()
            || facts.is_among_unseen(object)
        {
            if services.is_empty() && all.is_empty() {
                findings.unresolved(
                    &object.at(node),
                    format!("the Service `{name}` is not made here"),
                );
            }
            return;
        }
        let names: Vec<&str> = services
            .iter()
            .map(|service| service.name.as_str())
            .collect();
        let other = suggestion(name, names.iter().copied())
            .and_then(|near| services.iter().find(|service| service.name == near))
            .unwrap_or(&services[0]);
        let told = findings
            .tell(format!(
                "{} sends to the Service `{name}`, which nothing here makes",
                object.title()
            ))
            .at(&object.at(node), "sends here")
            .also(
                &other.named_at(),
                format!("the Service is called `{}`", other.name),
            )
            .help(format!("send to `{}`", other.name));
        if let Some(place) = object.at(node).written(name) {
            told.unsafe_fix(&place, other.name.as_str());
        }
        return;
    };
    let Some((port_node, wanted)) = port.and_then(|node| Some((node, node.text()?))) else {
        return;
    };
    let ports = service.find("spec.ports").map_or(&[][..], Node::items);
    let fits = ports.iter().any(|port| {
        let is = |key: &str| port.get(key).and_then(Node::text) == Some(wanted);
        is("port") || is("name")
    });
    let Some(first) = ports.first().filter(|_| !fits) else {
        return;
    };
    let number = first.get("port").unwrap_or(first);
    let told = findings
        .tell(format!(
            "{} sends to port {wanted} of the Service `{name}`, which it does not have",
            object.title()
        ))
        .at(&object.at(port_node), format!("sends to {wanted}"))
        .also(
            &service.at(number),
            format!("the Service has {}", number.text().unwrap_or("another")),
        )
        .help(format!(
            "send to {}",
            number.text().unwrap_or("a port of the Service")
        ));
    if let (Some(place), Some(number)) = (object.at(port_node).written(wanted), number.text()) {
        told.unsafe_fix(&place, number);
    }
}
