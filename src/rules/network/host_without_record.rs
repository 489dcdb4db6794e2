//! A route is for a host that Terraform knows nothing of.

use crate::diagnostic::Level;
use std::sync::Arc;

use crate::facts::{At, Facts};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::Source;
use crate::source::hcl::{Kind, Value};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "host-without-record",
    group: Group::Network,
    level: Level::Warning,
    summary: "a route is for a host that Terraform knows nothing of",
    docs: Docs {
        what: "The host of an Ingress or HTTPRoute is compared with the listeners, records and zones that variables and records of Terraform name, where they name any.",
        why: "No certificate, no DNS record: nobody reaches the route.",
        bad: "hostnames: [shop.example.com]\n…\nlisteners = { https = { hostname = \"shop.example.org\" } }",
        good: "both shop.example.com",
        allow: "When DNS is managed elsewhere.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    let declared = hosts(facts);
    if declared.is_empty() {
        return;
    }
    for object in &facts.objects {
        let mut nodes: Vec<&Node> = object
            .find("spec.hostnames")
            .map_or(&[][..], Node::items)
            .iter()
            .collect();
        if object.kind == "Ingress" {
            nodes.extend(
                object
                    .find("spec.rules")
                    .map_or(&[][..], Node::items)
                    .iter()
                    .filter_map(|rule| rule.get("host")),
            );
        } else if object.kind != "HTTPRoute" {
            continue;
        }
        for node in nodes {
            let Some(host) = node
                .text()
                .filter(|host| host.contains('.') && !host.contains(['$', '{']))
            else {
                continue;
            };
            let fits = declared.iter().any(|(own, zone, _)| {
                own == host
                    || *zone && host.ends_with(&format!(".{own}"))
                    || own
                        .strip_prefix("*.")
                        .is_some_and(|own| host.ends_with(&format!(".{own}")))
            });
            if fits {
                continue;
            }
            let (own, _, at) = &declared[0];
            findings
                .tell(format!(
                    "`{host}` is routed, and Terraform declares `{own}`"
                ))
                .at(&object.at(node), "routed here")
                .also(at, "declared here");
        }
    }
}

/// Host names that Terraform declares, and whether all below them count.
fn hosts(facts: &Facts) -> Vec<(String, bool, At)> {
    let mut found = Vec::new();
    for module in &facts.terraform {
        for file in &module.tfvars {
            for attribute in &file.body.attributes {
                host(&attribute.name, &attribute.value, &file.source, &mut found);
            }
        }
        for resource in &module.resources {
            let zone = matches!(
                resource.kind.as_str(),
                "azurerm_dns_zone" | "aws_route53_zone" | "google_dns_managed_zone"
            );
            if !zone {
                continue;
            }
            let name = resource
                .body
                .get("name")
                .or_else(|| resource.body.get("dns_name"));
            if let Some((name, at)) =
                name.and_then(|name| module.resolve(name, &resource.source, module.tfvars.first()))
            {
                found.push((name.trim_end_matches('.').to_owned(), true, at));
            }
        }
    }
    // Listeners first: they are what a route must meet.
    found.sort_by_key(|(_, zone, _)| *zone);
    found
}

fn host(name: &str, value: &Value, source: &Arc<Source>, found: &mut Vec<(String, bool, At)>) {
    match &value.kind {
        Kind::Text(text) => {
            let domain = text.contains('.')
                && !text.contains(['/', '@', ' ', ':'])
                && text.chars().any(char::is_alphabetic);
            let kind = match name {
                "hostname" | "host" | "fqdn" => false,
                "zone" | "domain" | "dns_zone" | "zone_name" => true,
                _ => return,
            };
            if domain {
                found.push((text.clone(), kind, At::new(source, value.span)));
            }
        }
        Kind::Map(entries) => {
            for entry in entries {
                host(
                    entry.key.as_deref().unwrap_or(""),
                    &entry.value,
                    source,
                    found,
                );
            }
        }
        Kind::List(items) => items
            .iter()
            .for_each(|item| host(name, item, source, found)),
        _ => {}
    }
}
