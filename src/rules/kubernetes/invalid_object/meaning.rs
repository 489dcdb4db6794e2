//! What the types do not say: words that a field may be, names, quantities, ports.

use crate::diagnostic::Level;
use crate::facts::object::{Object, find};
use crate::rules::Findings;
use crate::source::yaml::Node;

pub(super) fn check(object: &Object, findings: &mut Findings<'_>) {
    name(object, findings);
    if let Some(pod) = object.pod() {
        workload(object, pod, findings);
    }
    match object.kind.as_str() {
        "Service" => service(object, findings),
        "Ingress" => ingress(object, findings),
        "Secret" => secret(object, findings),
        _ => {}
    }
}

fn known(node: Option<&Node>) -> Option<(&str, &Node)> {
    let node = node?;
    let text = node.text().filter(|_| !node.is_null())?;
    (!text.contains(['{', '$', '<', '#'])).then_some((text, node))
}

fn tell(object: &Object, node: &Node, message: String, label: &str, findings: &mut Findings<'_>) {
    findings
        .tell(message)
        .at(&object.at(node), label)
        .also(&object.named_at(), object.title());
}

/// A value that has to be one of a few words.
fn word(
    object: &Object,
    node: Option<&Node>,
    name: &str,
    words: &[&str],
    findings: &mut Findings<'_>,
) {
    let Some((text, node)) = known(node) else {
        return;
    };
    if !words.contains(&text) && !node.is_null() {
        tell(
            object,
            node,
            format!("`{name}` cannot be `{text}`"),
            &format!("one of `{}`", words.join("`, `")),
            findings,
        );
    }
}

fn name(object: &Object, findings: &mut Findings<'_>) {
    let Some((text, node)) = known(object.find("metadata.name")) else {
        return;
    };
    let rbac = object.api_version.starts_with("rbac.");
    let fits = if rbac {
        !text.contains(['/', '%']) && text != "." && text != ".."
    } else {
        text.len() <= 253
            && text
                .bytes()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'.')
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    if !fits && !text.is_empty() {
        tell(
            object,
            node,
            format!("`{text}` is no name for an object"),
            "lower-case letters, digits, `-` and `.`",
            findings,
        );
    }
}

fn workload(object: &Object, pod: &Node, findings: &mut Findings<'_>) {
    let policies: &[&str] = match object.kind.as_str() {
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "ReplicationController" => {
            &["Always"]
        }
        "Job" | "CronJob" => &["OnFailure", "Never"],
        _ => &["Always", "OnFailure", "Never"],
    };
    word(
        object,
        pod.get("restartPolicy"),
        "restartPolicy",
        policies,
        findings,
    );
    if matches!(object.kind.as_str(), "Job" | "CronJob")
        && pod.get("restartPolicy").is_none()
        && let Some(first) = pod.entries().first()
    {
        findings
            .tell(format!(
                "the pods of a {} need a `restartPolicy`",
                object.kind
            ))
            .at(
                &object.at_span(first.key_span),
                "without one it is `Always`, which is refused here",
            )
            .also(&object.named_at(), object.title())
            .help("add `restartPolicy: Never` or `OnFailure`");
    }
    let mut names: Vec<&str> = Vec::new();
    for container in object.containers(true) {
        twice(object, container.node, findings);
        word(
            object,
            container.node.get("imagePullPolicy"),
            "imagePullPolicy",
            &["Always", "IfNotPresent", "Never"],
            findings,
        );
        if let Some((text, node)) = known(container.node.get("name")) {
            if names.contains(&text) {
                tell(
                    object,
                    node,
                    format!("two containers are called `{text}`"),
                    "the second",
                    findings,
                );
            }
            if text.contains(['_', '.']) || text.chars().any(|c| c.is_ascii_uppercase()) {
                tell(
                    object,
                    node,
                    format!("`{text}` is no name for a container"),
                    "lower-case letters, digits and `-`",
                    findings,
                );
            }
            names.push(text);
        }
        for port in container.node.get("ports").map_or(&[][..], Node::items) {
            number(
                object,
                port.get("containerPort"),
                "containerPort",
                (1, 65535),
                findings,
            );
            word(
                object,
                port.get("protocol"),
                "protocol",
                &["TCP", "UDP", "SCTP"],
                findings,
            );
            if let Some((text, node)) = known(port.get("name"))
                && (text.len() > 15
                    || text.contains(['_', '.'])
                    || text.chars().any(|c| c.is_ascii_uppercase()))
            {
                tell(
                    object,
                    node,
                    format!("`{text}` is no name for a port"),
                    "at most 15 lower-case letters, digits and `-`",
                    findings,
                );
            }
        }
        resources(object, container.node, findings);
    }
}

/// Variables that a container is given twice.
fn twice(object: &Object, container: &Node, findings: &mut Findings<'_>) {
    let mut seen: Vec<(&str, &Node)> = Vec::new();
    for variable in container.get("env").map_or(&[][..], Node::items) {
        let Some((name, node)) = known(variable.get("name")) else {
            continue;
        };
        match seen.iter().find(|(own, _)| *own == name) {
            Some((_, first)) => {
                findings
                    .tell_as(Level::Warning, format!("`{name}` is given twice"))
                    .at(&object.at(node), "the last one counts")
                    .also(&object.at(first), "the first");
            }
            None => seen.push((name, node)),
        }
    }
}

fn number(
    object: &Object,
    node: Option<&Node>,
    name: &str,
    (least, most): (i64, i64),
    findings: &mut Findings<'_>,
) {
    let Some((text, node)) = known(node) else {
        return;
    };
    if let Ok(number) = text.parse::<i64>()
        && !(least..=most).contains(&number)
    {
        tell(
            object,
            node,
            format!("`{name}` cannot be {number}"),
            &format!("{least} to {most}"),
            findings,
        );
    }
}

fn resources(object: &Object, container: &Node, findings: &mut Findings<'_>) {
    for group in ["requests", "limits"] {
        let Some(entries) = find(container, &format!("resources.{group}")) else {
            continue;
        };
        for entry in entries.entries() {
            let Some((text, node)) = known(Some(&entry.value)) else {
                continue;
            };
            if !matches!(entry.key.as_str(), "cpu" | "memory" | "ephemeral-storage")
                || node.is_null()
            {
                continue;
            }
            if quantity(text).is_none() {
                tell(
                    object,
                    node,
                    format!("`{text}` is no quantity"),
                    "as `250m`, `128Mi` or `1Gi`",
                    findings,
                );
                continue;
            }
            if group == "requests"
                && let Some((most, other)) =
                    known(find(container, &format!("resources.limits.{}", entry.key)))
                && let (Some(least), Some(most)) = (quantity(text), quantity(most))
                && least > most
            {
                findings
                    .tell(format!(
                        "more {} is requested than the limit allows",
                        entry.key
                    ))
                    .at(&object.at(node), "requested here")
                    .also(&object.at(other), "the limit");
            }
        }
    }
}

/// The value of a Kubernetes quantity.
pub(in crate::rules) fn quantity(text: &str) -> Option<f64> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-')))
        .unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    let factor = match &text[end..] {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0f64.powi(3),
        "Ti" => 1024.0f64.powi(4),
        "Pi" => 1024.0f64.powi(5),
        "Ei" => 1024.0f64.powi(6),
        rest => {
            let exponent = rest.strip_prefix(['e', 'E'])?;
            10f64.powi(exponent.parse().ok()?)
        }
    };
    Some(number * factor)
}

fn service(object: &Object, findings: &mut Findings<'_>) {
    word(
        object,
        object.find("spec.type"),
        "type",
        &["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"],
        findings,
    );
    let ports = object.find("spec.ports").map_or(&[][..], Node::items);
    for port in ports {
        number(object, port.get("port"), "port", (1, 65535), findings);
        number(
            object,
            port.get("targetPort"),
            "targetPort",
            (1, 65535),
            findings,
        );
        number(
            object,
            port.get("nodePort"),
            "nodePort",
            (30000, 32767),
            findings,
        );
        word(
            object,
            port.get("protocol"),
            "protocol",
            &["TCP", "UDP", "SCTP"],
            findings,
        );
        if ports.len() > 1 && port.get("name").is_none() {
            tell(
                object,
                port,
                "a Service with several ports needs a name for each".to_owned(),
                "this one has none",
                findings,
            );
        }
    }
    if let (Some(node), Some(port)) = (
        object.find("spec.type"),
        ports.iter().find_map(|port| port.get("nodePort")),
    ) && node.text() == Some("ClusterIP")
        && !port.is_null()
    {
        findings
            .tell("a Service of type ClusterIP has no node port")
            .at(&object.at(port), "refused here")
            .also(&object.at(node), "the type");
    }
}

fn ingress(object: &Object, findings: &mut Findings<'_>) {
    let annotation = object
        .find("metadata.annotations")
        .and_then(|node| node.get("kubernetes.io/ingress.class"));
    if let (Some(old), Some(new)) = (annotation, object.find("spec.ingressClassName"))
        && !old.is_null()
        && !new.is_null()
    {
        findings
            .tell("an Ingress cannot have the annotation for its class and the field too")
            .at(&object.at(old), "refused when it is made")
            .also(&object.at(new), "the field")
            .help("remove the annotation");
    }
    for rule in object.find("spec.rules").map_or(&[][..], Node::items) {
        for path in find(rule, "http.paths").map_or(&[][..], Node::items) {
            word(
                object,
                path.get("pathType"),
                "pathType",
                &["Exact", "Prefix", "ImplementationSpecific"],
                findings,
            );
            if let (Some((text, node)), Some((kind, _))) =
                (known(path.get("path")), known(path.get("pathType")))
                && !text.starts_with('/')
                && kind != "ImplementationSpecific"
                && !text.is_empty()
            {
                tell(
                    object,
                    node,
                    format!("the path `{text}` does not begin with `/`"),
                    "refused",
                    findings,
                );
            }
        }
        if let Some((host, node)) = known(rule.get("host"))
            && (host.contains("://")
                || host.contains('/')
                || host.contains(':')
                || host.parse::<std::net::IpAddr>().is_ok())
        {
            tell(
                object,
                node,
                format!("`{host}` is no host name"),
                "a name alone: no address, scheme, port or path",
                findings,
            );
        }
    }
}

/// Values below `data` that are no base64.
fn secret(object: &Object, findings: &mut Findings<'_>) {
    for entry in object.find("data").map_or(&[][..], Node::entries) {
        let Some((text, node)) = known(Some(&entry.value)) else {
            continue;
        };
        if node.is_null() || is_base64(text) {
            continue;
        }
        findings
            .tell(format!("`{}` is no base64", entry.key))
            .at(&object.at_span(entry.key_span), "below `data`")
            .also(&object.named_at(), object.title())
            .help("encode the value, or put it below `stringData`");
    }
}

fn is_base64(text: &str) -> bool {
    let clean: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let body = clean.trim_end_matches('=');
    clean.len().is_multiple_of(4)
        && clean.len() - body.len() <= 2
        && body
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || c == b'+' || c == b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_numbers_with_a_known_suffix() {
        assert_eq!(quantity("250m"), Some(0.25));
        assert_eq!(quantity("1Gi"), Some(1_073_741_824.0));
        assert_eq!(quantity("1e3"), Some(1000.0));
        assert_eq!(quantity("128MB"), None);
        assert_eq!(quantity("128mi"), None);
        assert_eq!(quantity(""), None);
    }
}
