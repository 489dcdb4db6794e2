//! An Ingress asks for a controller that is not the one installed.

use crate::diagnostic::Level;
use crate::facts::{At, Facts};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::hcl::{Kind, Value};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-ingress-class",
    group: Group::Network,
    level: Level::Error,
    summary: "an Ingress asks for a controller that is not the one installed",
    docs: Docs {
        what: "The class of an Ingress is none that the repository installs a controller for, and it installs one for another class.",
        why: "No controller takes the Ingress, and it never gets an address.",
        bad: "spec:\n  ingressClassName: nginx        # the pipeline installs Traefik",
        good: "spec:\n  ingressClassName: traefik",
        allow: "When the class is installed elsewhere.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    let installed = installed(facts);
    let Some((first, place)) = installed.first() else {
        return;
    };
    for object in &facts.objects {
        if !object.is("networking.k8s.io", "Ingress") {
            continue;
        }
        let annotation = object
            .find("metadata.annotations")
            .and_then(|node| node.get("kubernetes.io/ingress.class"));
        let Some(node) = object.find("spec.ingressClassName").or(annotation) else {
            continue;
        };
        let Some(class) = node
            .text()
            .filter(|class| !class.is_empty() && !class.contains(['$', '{']))
        else {
            continue;
        };
        if installed.iter().any(|(own, _)| own == class) || node.is_null() {
            continue;
        }
        findings
            .tell(format!(
                "the Ingress `{}` asks for the class `{class}`, and `{first}` is installed",
                object.name
            ))
            .at(&object.at(node), "no controller here has this class")
            .also(place, format!("installs `{first}`"))
            .help(format!("use `{first}`"));
    }
}

/// The class of a controller by its chart.
fn class_of(chart: &str) -> Option<&'static str> {
    let name = chart.rsplit('/').next().unwrap_or(chart);
    Some(match name {
        "ingress-nginx" | "nginx-ingress" | "nginx-ingress-controller" => "nginx",
        "traefik" => "traefik",
        "aws-load-balancer-controller" => "alb",
        "kong" | "ingress" if chart.contains("kong") => "kong",
        "haproxy-ingress" => "haproxy",
        _ => return None,
    })
}

/// Classes that the repository installs, each with where.
fn installed(facts: &Facts) -> Vec<(String, At)> {
    let mut found: Vec<(String, At)> = Vec::new();
    for object in &facts.objects {
        if object.is("networking.k8s.io", "IngressClass") && !object.name.is_empty() {
            found.push((object.name.clone(), object.named_at()));
        }
        if object.is("argoproj.io", "Application")
            && let Some(node) = object.find("spec.source.chart")
            && let Some(class) = node.text().and_then(class_of)
        {
            let values = object
                .find("spec.source.helm")
                .map(|helm| object.source.slice(helm.span))
                .unwrap_or("");
            if !values.contains("ingressClass") {
                found.push((class.to_owned(), object.at(node)));
            }
        }
    }
    for command in &facts.commands {
        let words: Vec<&str> = command
            .arguments
            .iter()
            .filter_map(|argument| argument.text.known())
            .collect();
        let renamed = words.iter().any(|word| word.contains("ingressClass"))
            || command.has("-f")
            || command.has("--values");
        let class = match command.program.as_str() {
            "helm" if !renamed && (words.contains(&"install") || words.contains(&"upgrade")) => {
                words.iter().find_map(|word| {
                    class_of(word).filter(|_| word.contains('/') || words.contains(&"--repo"))
                })
            }
            "kubectl" if words.contains(&"apply") => words
                .iter()
                .any(|word| word.contains("://") && word.contains("ingress-nginx"))
                .then_some("nginx"),
            "minikube" if words.contains(&"addons") && words.contains(&"ingress") => Some("nginx"),
            _ => None,
        };
        found.extend(class.map(|class| (class.to_owned(), command.at())));
    }
    for module in &facts.terraform {
        for resource in module
            .resources
            .iter()
            .filter(|one| one.kind == "helm_release")
        {
            let Some(chart) = resource.body.get("chart") else {
                continue;
            };
            let repository = resource
                .body
                .get("repository")
                .and_then(Value::text)
                .unwrap_or("");
            let Some(class) = chart
                .text()
                .and_then(|name| class_of(&format!("{repository}/{name}")))
            else {
                continue;
            };
            // Values may give the class another name.
            let renamed =
                resource.body.get("values").is_some_and(
                    |value| !matches!(&value.kind, Kind::List(items) if items.is_empty()),
                ) || resource.body.blocks("set").any(|set| {
                    set.body
                        .get("name")
                        .and_then(Value::text)
                        .is_some_and(|name| name.contains("ingressClass"))
                });
            if renamed {
                return Vec::new();
            }
            found.push((class.to_owned(), At::new(&resource.source, chart.span)));
        }
    }
    // A controller in a subchart brings its class too.
    for chart in &facts.charts {
        let text = chart.manifest.text();
        if text.contains("ingress-nginx") || text.contains("traefik") {
            return Vec::new();
        }
    }
    found
}
