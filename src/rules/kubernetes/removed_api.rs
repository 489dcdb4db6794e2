//! An object uses an API that Kubernetes no longer serves.

use crate::diagnostic::Level;
use crate::facts::{At, Facts, flow};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "removed-api",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "an object uses an API that Kubernetes no longer serves",
    docs: Docs {
        what: "The `apiVersion` of an object was removed by Kubernetes 1.33 or before, or by the version that the Terraform of the repository gives its clusters.",
        why: "The API server refuses the object.",
        bad: "apiVersion: extensions/v1beta1\nkind: Ingress",
        good: "apiVersion: networking.k8s.io/v1\nkind: Ingress",
        allow: "Never.",
    },
    check,
};

/// API version, kind, the version that no longer has it, and what took its place; `-` for nothing.
const TABLE: &str = include_str!("../../../schemas/kubernetes-removed.txt");

/// The oldest version that anybody still runs with support: what it does not serve is gone everywhere.
const OLDEST: u32 = 33;

/// One line of the table.
struct Removed {
    since: u32,
    successor: &'static str,
}

fn removed(api_version: &str, kind: &str) -> Option<Removed> {
    // Stable versions are not removed.
    if !api_version.contains("alpha") && !api_version.contains("beta") {
        return None;
    }
    TABLE.lines().find_map(|line| {
        let mut words = line.split(' ');
        let own = words.next() == Some(api_version) && words.next() == Some(kind);
        let since = words.next().filter(|_| own)?;
        Some(Removed {
            since: minor(since)?,
            successor: words.next()?,
        })
    })
}

/// The second number of `1.36` or `v1.36.2`.
fn minor(version: &str) -> Option<u32> {
    let rest = version.trim_start_matches('v').strip_prefix("1.")?;
    rest.split(['.', '-', '+']).next()?.parse().ok()
}

/// The oldest version of Kubernetes that the Terraform of the repository runs, and where it says so.
fn cluster(facts: &Facts) -> Option<(u32, At)> {
    let mut found: Vec<(u32, At)> = Vec::new();
    for module in &facts.terraform {
        for resource in &module.resources {
            let key = match resource.kind.as_str() {
                "azurerm_kubernetes_cluster" => "kubernetes_version",
                "aws_eks_cluster" => "version",
                "google_container_cluster" => "min_master_version",
                "digitalocean_kubernetes_cluster" => "version",
                _ => continue,
            };
            let Some(value) = resource.body.get(key) else {
                continue;
            };
            for scope in flow::scopes(facts, module) {
                let text = scope.text(value, &resource.source);
                found.extend(text.and_then(|(text, at)| Some((minor(&text)?, at))));
            }
        }
    }
    found.into_iter().min_by_key(|(version, _)| *version)
}

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    let mut runs = None;
    for object in &facts.objects {
        let Some(Removed { since, successor }) = removed(&object.api_version, &object.kind) else {
            continue;
        };
        let runs = runs.get_or_insert_with(|| cluster(facts));
        let known = runs.as_ref().filter(|(version, _)| *version >= since);
        if since > OLDEST && known.is_none() {
            continue;
        }
        let at = object
            .find("apiVersion")
            .map_or_else(|| object.named_at(), |node| object.at(node));
        let named = object
            .find("kind")
            .map_or_else(|| object.named_at(), |node| object.at(node));
        let finding = findings
            .tell(format!(
                "{} of {} is gone since Kubernetes 1.{since}",
                object.kind, object.api_version
            ))
            .at(&at, "no longer served")
            .also(&named, "of this kind");
        let finding = match known {
            Some((version, at)) => finding.also(at, format!("the cluster runs 1.{version}")),
            None => finding,
        };
        let finding = match (successor, object.kind.as_str()) {
            ("-", "PodSecurityPolicy") => finding.help("use the Pod Security admission"),
            ("-", _) => finding.help("nothing took its place"),
            _ => finding.help(format!("use {successor}")),
        };
        // Of these kinds the two versions say the same.
        let same = matches!(
            object.kind.as_str(),
            "CronJob"
                | "PodDisruptionBudget"
                | "Role"
                | "RoleBinding"
                | "ClusterRole"
                | "ClusterRoleBinding"
                | "StorageClass"
                | "PriorityClass"
                | "IngressClass"
        );
        if let Some(place) = at.written(&object.api_version).filter(|_| same) {
            finding.fix(&place, successor);
        }
    }
}
