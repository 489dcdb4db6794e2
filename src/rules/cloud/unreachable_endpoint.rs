//! Something between a listener and what it serves lets nothing through.

use crate::diagnostic::Level;
use crate::facts::near::{nearest, same_namespace};
use crate::facts::object::{Object, pairs, selects};
use crate::facts::terraform::{Module, Resource};
use crate::facts::{At, Facts, ecs};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::hcl::{Body, Kind, Value};
use crate::source::yaml::Node;

use super::plain_http_listener::{balancer, find};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unreachable-endpoint",
    group: Group::Cloud,
    level: Level::Error,
    summary: "something between a listener and what it serves lets nothing through",
    docs: Docs {
        what: "The security groups of a load balancer or of an ECS service have no rule for the port that it listens on; or a NetworkPolicy for pods allows none of the ports that they serve.",
        why: "Connections time out, and health checks fail.",
        bad: "resource \"aws_security_group\" \"task\" {\n  ingress { from_port = 80, to_port = 80, protocol = \"tcp\" }\n}\n# aws_ecs_service … load_balancer { container_port = 5000 }",
        good: "resource \"aws_security_group\" \"task\" {\n  ingress { from_port = 5000, to_port = 5000, protocol = \"tcp\" }\n}",
        allow: "When a rule is added elsewhere.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for module in &facts.terraform {
        for resource in module.resources.iter().filter(|one| !one.data) {
            match resource.kind.as_str() {
                "aws_ecs_service" => service(module, resource, findings),
                "aws_lb_listener" | "aws_alb_listener" => listener(module, resource, findings),
                "aws_instance" => instance(facts, module, resource, findings),
                _ => {}
            }
        }
    }
    for object in &facts.objects {
        if object.is("networking.k8s.io", "NetworkPolicy") {
            policy(facts, object, findings);
        }
    }
}

fn number(module: &Module, resource: &Resource, value: Option<&Value>) -> Option<(i64, At)> {
    let (text, at) = module.resolve(value?, &resource.source, module.tfvars.first())?;
    Some((text.parse().ok()?, at))
}

/// The port of an ECS service against its security groups.
fn service(module: &Module, resource: &Resource, findings: &mut Findings<'_>) {
    let Some(network) = resource.body.blocks("network_configuration").next() else {
        return;
    };
    let Some(groups) = groups(module, network.body.get("security_groups")) else {
        return;
    };
    for target in resource.body.blocks("load_balancer") {
        let Some((port, at)) = number(module, resource, target.body.get("container_port")) else {
            continue;
        };
        shut(
            module,
            &groups,
            port,
            &at,
            "the service's containers are reached on",
            findings,
        );
    }
}

/// The port of a listener against the security groups of its load balancer.
fn listener(module: &Module, resource: &Resource, findings: &mut Findings<'_>) {
    let Some(balancer) = balancer(module, resource) else {
        return;
    };
    let Some(groups) = groups(module, balancer.body.get("security_groups")) else {
        return;
    };
    if let Some((port, at)) = number(module, resource, resource.body.get("port")) {
        shut(
            module,
            &groups,
            port,
            &at,
            "the load balancer listens on",
            findings,
        );
    }
}

/// Ports that a machine publishes by `docker run -p`, against its security groups.
fn instance(facts: &Facts, module: &Module, resource: &Resource, findings: &mut Findings<'_>) {
    let groups = groups(
        module,
        resource
            .body
            .get("vpc_security_group_ids")
            .or_else(|| resource.body.get("security_groups")),
    );
    let Some(groups) = groups else { return };
    let Some(data) = resource.body.get("user_data") else {
        return;
    };
    let (text, at) = match &data.kind {
        Kind::Text(text) => (text.clone(), At::new(&resource.source, data.span)),
        Kind::Call(name, arguments) if name == "file" || name == "templatefile" => {
            let Some(path) = arguments.first().and_then(ecs::literal) else {
                return;
            };
            let path = crate::facts::tree::join(&module.folder, path.trim_start_matches('/'));
            let Some(source) = path.and_then(|path| facts.tree.source(&path)) else {
                return;
            };
            (source.text().to_owned(), At::new(source, source.line(1)))
        }
        _ => return,
    };
    for line in text.lines() {
        let Some(rest) = line.split("docker run").nth(1) else {
            continue;
        };
        let words: Vec<&str> = rest.split_whitespace().collect();
        for pair in words.windows(2) {
            let ["-p" | "--publish", mapping] = pair else {
                continue;
            };
            let outer = mapping.split(':').next().and_then(|port| port.parse().ok());
            let Some(port) = outer.filter(|_| mapping.matches(':').count() == 1) else {
                continue;
            };
            shut(
                module,
                &groups,
                port,
                &at,
                "the machine publishes",
                findings,
            );
        }
    }
}

/// The security groups that a list names, all of them made by this module.
fn groups<'a>(module: &'a Module, list: Option<&Value>) -> Option<Vec<&'a Resource>> {
    let items = list?.items();
    let mut groups = Vec::new();
    for item in items {
        let Kind::Reference(path) = &item.kind else {
            return None;
        };
        let group = find(module, path).filter(|one| one.kind == "aws_security_group")?;
        groups.push(group);
    }
    (!groups.is_empty()).then_some(groups)
}

/// Tells where no rule of the groups has the port.
fn shut(
    module: &Module,
    groups: &[&Resource],
    port: i64,
    at: &At,
    what: &str,
    findings: &mut Findings<'_>,
) {
    let mut first = None;
    for group in groups {
        if group.body.blocks("dynamic").next().is_some() || group.body.get("ingress").is_some() {
            return;
        }
        for rule in group.body.blocks("ingress") {
            match range(module, group, &rule.body) {
                Some((from, to)) if from <= port && port <= to => return,
                Some((from, _)) => {
                    first.get_or_insert((from, At::new(&group.source, rule.kind_span)));
                }
                None => return,
            }
        }
        for rule in module.resources.iter().filter(|one| {
            matches!(
                one.kind.as_str(),
                "aws_security_group_rule" | "aws_vpc_security_group_ingress_rule"
            ) && one.body.get("security_group_id").is_some_and(|value| {
                matches!(&value.kind, Kind::Reference(path) if path.get(1) == Some(&group.name))
            })
        }) {
            if rule.body.get("type").and_then(Value::text) == Some("egress") {
                continue;
            }
            match range(module, rule, &rule.body) {
                Some((from, to)) if from <= port && port <= to => return,
                Some((from, _)) => {
                    first.get_or_insert((from, rule.at.clone()));
                }
                None => return,
            }
        }
    }
    let finding = findings
        .tell(format!(
            "{what} {port}, and its security group lets nothing in on that port"
        ))
        .at(at, format!("port {port}"));
    match first {
        Some((from, place)) => finding.also(&place, format!("lets in on {from}")),
        None => finding.also(&groups[0].at, "lets nothing in"),
    };
}

/// The ports of a rule; all where it says so, nothing where they are not known.
fn range(module: &Module, resource: &Resource, body: &Body) -> Option<(i64, i64)> {
    let protocol = body
        .get("protocol")
        .or_else(|| body.get("ip_protocol"))
        .and_then(Value::scalar);
    if matches!(protocol.as_deref(), Some("-1" | "all")) {
        return Some((0, i64::MAX));
    }
    let (from, _) = number(module, resource, body.get("from_port"))?;
    let (to, _) = number(module, resource, body.get("to_port"))?;
    Some((from, if from == 0 && to == 0 { i64::MAX } else { to }))
}

/// Ports that a NetworkPolicy allows against those that its pods declare.
fn policy(facts: &Facts, policy: &Object, findings: &mut Findings<'_>) {
    let Some(selector) = policy.find("spec.podSelector.matchLabels") else {
        return;
    };
    let selector = pairs(selector);
    let rules = policy.find("spec.ingress").map_or(&[][..], Node::items);
    if selector.is_empty() || rules.is_empty() {
        return;
    }
    let mut allowed: Vec<&Node> = Vec::new();
    for rule in rules {
        let ports = rule.get("ports").map_or(&[][..], Node::items);
        if ports.is_empty() {
            return;
        }
        for port in ports {
            match port.get("port") {
                Some(node) if port.get("endPort").is_none() => allowed.push(node),
                _ => return,
            }
        }
    }
    let pods = nearest(facts, policy, |object| {
        object
            .pod_labels()
            .is_some_and(|labels| selects(&selector, &pairs(labels)))
            && same_namespace(object, policy)
    });
    let others = facts.objects.iter().filter(|other| {
        other.bundle == policy.bundle
            && other.is("networking.k8s.io", "NetworkPolicy")
            && other.name != policy.name
    });
    if others.count() > 0 {
        return;
    }
    for pod in pods {
        let containers = pod.containers(false);
        let ports: Vec<_> = containers.iter().flat_map(|one| one.ports()).collect();
        let Some(first) = ports.first() else { continue };
        let met = allowed.iter().any(|node| {
            let text = node.text().unwrap_or("");
            ports
                .iter()
                .any(|port| port.name == Some(text) || text == port.number.to_string())
        });
        if met {
            continue;
        }
        findings
            .tell(format!(
                "{} lets nothing through to the ports of {}",
                policy.title(),
                pod.title()
            ))
            .at(&policy.at(allowed[0]), "allowed is this port")
            .also(
                &pod.at(first.node),
                format!("the pods serve {}", first.number),
            )
            .help(format!("allow {}", first.number));
        return;
    }
}
