//! What no single field shows: pairs that cannot both hold, derived names that grow too long, values
//! that are legal and unwise.

mod data;

use std::net::IpAddr;

use super::raw;
use super::validate::Checked;
use crate::diagnostic::Reporter;
use crate::schema::format;
use crate::schema::text::Document;
use crate::source::yaml::Node;

mod aws;
mod drift_check;
mod eks;

/// Runs every check over one spec (or one environment's merged spec).
pub(super) fn check(spec: &Checked<'_>, report: &mut Reporter) {
    app(spec, report);
    if let Some(group) = &spec.raw.kubernetes {
        kubernetes(spec, group, report);
    }
    data::check(spec, report);
    if let Some(group) = &spec.raw.azure {
        azure(spec, group, report);
    }
    if let Some(group) = &spec.raw.aws {
        aws::check(spec, group, report);
    }
    if let Some(group) = &spec.raw.github {
        github(spec, group, report);
    }
    registry(spec, report);
}

/// The image has one registry.
fn registry(spec: &Checked<'_>, report: &mut Reporter) {
    let ecr = |group: &raw::Aws| matches!(group.ecr, raw::Switch::On(_));
    let own = [
        ("azure.acr", spec.raw.azure.is_some()),
        ("aws.ecr", spec.raw.aws.as_ref().is_some_and(ecr)),
        ("image.registry", spec.raw.image.registry.is_some()),
    ];
    let given: Vec<&str> = own
        .iter()
        .filter(|(_, given)| *given)
        .map(|(place, _)| *place)
        .collect();
    if let [first, .., last] = given[..] {
        spec.error(
            report,
            "conflicting-fields",
            last,
            format!("the image would go to two registries, `{first}` and `{last}`"),
            "expected one of them",
            "remove one of them",
        );
    }
    if let Some(minikube) = &spec.raw.minikube
        && minikube.image == "push"
        && given.is_empty()
    {
        spec.error(
            report,
            "missing-field",
            "minikube.image",
            "the image is to be pushed, and the spec names no registry".to_owned(),
            "expected `image.registry` beside it",
            "add `image: { registry: docker.io/NAMESPACE }`, or leave `minikube.image` out to load the image",
        );
    }
}

/// Name of a cluster where the spec gives none.
pub(super) fn cluster_name(name: &str, environment: Option<&str>) -> String {
    environment.map_or_else(
        || name.to_owned(),
        |environment| format!("{name}-{environment}"),
    )
}

/// Folders that the stack fills and hands on as a whole.
const RENDERED: [&str; 5] = ["argocd", "chart", "drift-check", "scripts", "terraform"];

fn app(spec: &Checked<'_>, report: &mut Reporter) {
    let app = &spec.raw.app;
    for (name, value) in &app.env {
        let place = format!("app.env.{name}");
        if let Some(reason) = secret_like(name, value) {
            spec.error(
                report,
                "committed-secret",
                &place,
                format!("`{place}` looks like a secret: {reason}"),
                "expected a value that everybody may read",
                "keep it in a Kubernetes Secret and name that under `app.secrets`",
            );
        }
        if app.secrets.contains_key(name) {
            spec.error(
                report,
                "conflicting-fields",
                &place,
                format!("`{name}` is given under `app.env` and under `app.secrets`"),
                "expected one of the two",
                "remove one of them",
            );
        }
    }
    let top = app.source.split('/').next().unwrap_or_default();
    if RENDERED.contains(&top) {
        spec.error(
            report,
            "conflicting-fields",
            "app.source",
            format!("the application would lie in `{top}`, among what is rendered there"),
            "expected a folder of its own",
            "name another folder, as `app`",
        );
    }
    if app.metrics.port == app.port {
        spec.error(
            report,
            "conflicting-fields",
            "app.metrics.port",
            format!("metrics and requests would share the port {}", app.port),
            "expected another port",
            "metrics have a port of their own, so that no route leads to them",
        );
    }
    if app.keepalive <= 60 && spec.raw.kubernetes.is_some() {
        spec.note(
            report,
            "short-keepalive",
            "app.keepalive",
            format!("idle connections close after {} seconds, sooner than most load balancers let them go", app.keepalive),
            "raise `app.keepalive` above 60, or expect single 502 answers",
        );
    }
}

/// Why a literal must not stand in a spec; none where it may.
/// The secrets of a spec whose form is wrong: told as well, so that no other error shows them with its line.
pub(super) fn secrets(text: &Document, node: &Node, report: &mut Reporter) {
    let environments = node.get("environments").map(Node::entries);
    let overlays = environments.into_iter().flatten().map(|entry| &entry.value);
    for (spec, above) in
        std::iter::once((node, "")).chain(overlays.map(|node| (node, "of an environment ")))
    {
        let variables = spec.get("app").and_then(|app| app.get("env"));
        for entry in variables.map(Node::entries).into_iter().flatten() {
            let Some(reason) = entry
                .value
                .text()
                .and_then(|value| secret_like(&entry.key, value))
            else {
                continue;
            };
            let message = format!(
                "`app.env.{}` {above}looks like a secret: {reason}",
                entry.key
            );
            let told = report.error("committed-secret", message);
            text.at(
                told,
                entry.value.span,
                "expected a value that everybody may read",
            )
            .help("keep it in a Kubernetes Secret and name that under `app.secrets`");
        }
    }
}

fn secret_like(name: &str, value: &str) -> Option<String> {
    const PREFIXES: [&str; 12] = [
        "ghp_",
        "gho_",
        "ghs_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "AKIA",
        "ASIA",
        "sk_live_",
        "eyJhbGciOi",
        "-----BEGIN ",
    ];
    if let Some(prefix) = PREFIXES.iter().find(|prefix| value.starts_with(**prefix)) {
        return Some(format!(
            "values that start with `{}` are credentials",
            prefix.trim_end()
        ));
    }
    if let Some((_, rest)) = value.split_once("://")
        && let Some((user, _)) = rest.split('/').next().unwrap_or("").rsplit_once('@')
        && user.contains(':')
    {
        return Some("the URL holds a password".to_owned());
    }
    let upper = name.to_ascii_uppercase();
    let telling = [
        "PASSWORD",
        "PASSWD",
        "SECRET",
        "TOKEN",
        "API_KEY",
        "APIKEY",
        "PRIVATE_KEY",
        "ACCESS_KEY",
        "CREDENTIAL",
    ]
    .iter()
    .find(|word| upper.contains(**word))?;
    // Where a secret lives, and switches about it, are no secrets.
    let harmless = value.is_empty()
        || value.starts_with('/')
        || ["true", "false"].contains(&value)
        || value.bytes().all(|b| b.is_ascii_digit())
        || [
            "_FILE",
            "_PATH",
            "_URL",
            "_NAME",
            "_TTL",
            "_HEADER",
            "_COOKIE_NAME",
        ]
        .iter()
        .any(|end| upper.ends_with(end));
    (!harmless).then(|| format!("its name contains `{telling}`"))
}

fn kubernetes(spec: &Checked<'_>, group: &raw::Kubernetes, report: &mut Reporter) {
    let amounts = &group.resources;
    let pairs = [
        (
            "cpu",
            format::cpu_millis(&amounts.requests.cpu),
            format::cpu_millis(&amounts.limits.cpu),
            &amounts.requests.cpu,
            &amounts.limits.cpu,
        ),
        (
            "memory",
            format::memory_bytes(&amounts.requests.memory),
            format::memory_bytes(&amounts.limits.memory),
            &amounts.requests.memory,
            &amounts.limits.memory,
        ),
    ];
    for (what, request, limit, request_text, limit_text) in pairs {
        if request > limit {
            spec.error(
                report,
                "request-above-limit",
                &format!("kubernetes.resources.requests.{what}"),
                format!("a pod asks for {request_text} of {what} and may have {limit_text}"),
                "expected at most the limit",
                &format!("lower the request or raise `kubernetes.resources.limits.{what}`"),
            );
        }
    }
    if let raw::Switch::On(check) = &group.drift_check {
        drift_check::check(spec, check, report);
    }
    for (at, egress) in group.egress.iter().enumerate() {
        if egress.cidr.is_some() == egress.namespace.is_some() {
            let items = spec.node("kubernetes.egress");
            let node = items.items().get(at).unwrap_or(items);
            let span = spec.text.head(node);
            spec.text.at(
                report.error(
                    "conflicting-fields",
                    format!(
                        "`kubernetes.egress[{at}]` names {}",
                        if egress.cidr.is_some() {
                            "a network and a namespace"
                        } else {
                            "neither a network nor a namespace"
                        }
                    ),
                ),
                span,
                "expected either `cidr` or `namespace`",
            );
        }
    }
    if let raw::Switch::On(autoscaling) = &group.autoscaling
        && autoscaling.min > autoscaling.max
    {
        spec.error(
            report,
            "autoscaling-range",
            "kubernetes.autoscaling.min",
            format!(
                "the fewest pods, {}, are more than the most, {}",
                autoscaling.min, autoscaling.max
            ),
            "expected at most `max`",
            "raise `kubernetes.autoscaling.max`",
        );
    }
    if let raw::Switch::On(ingress) = &group.ingress {
        self::ingress(spec, ingress, report);
    }
}

fn ingress(spec: &Checked<'_>, ingress: &raw::Ingress, report: &mut Reporter) {
    // A cluster on one's own machine is reached by nobody else, and the add-on is what minikube has.
    if spec.raw.minikube.is_some() {
        return local_ingress(spec, ingress, report);
    }
    if ingress.controller == "external-nginx" {
        spec.warning(
            report,
            "retired-controller",
            "kubernetes.ingress.controller",
            "ingress-nginx was retired in March 2026 and gets no more fixes, not even for security"
                .to_owned(),
            "leave `controller` out to use Gateway API; the path and the host stay as they are",
        );
    }
    if matches!(ingress.tls, raw::Switch::Off(_))
        && spec.environment.is_none_or(|name| name.starts_with("prod"))
    {
        spec.warning(
            report,
            "plain-http",
            "kubernetes.ingress.tls",
            format!("`{}` is served over plain HTTP", ingress.host),
            "leave `tls` out to have a certificate from cert-manager",
        );
    }
}

/// What the add-on of minikube can do.
fn local_ingress(spec: &Checked<'_>, ingress: &raw::Ingress, report: &mut Reporter) {
    if ingress.controller == "gateway" {
        spec.error(
            report,
            "conflicting-fields",
            "kubernetes.ingress",
            "the ingress add-on of minikube knows no Gateway".to_owned(),
            "expected `controller: external-nginx`",
            "",
        );
    }
    if matches!(ingress.tls, raw::Switch::On(_)) {
        spec.error(
            report,
            "conflicting-fields",
            "kubernetes.ingress",
            "the certificate would come from cert-manager, which minikube does not have".to_owned(),
            "expected `tls: false`",
            "",
        );
    }
}

fn azure(spec: &Checked<'_>, group: &raw::Azure, report: &mut Reporter) {
    let aks = &group.aks;
    if aks.node_count >= aks.max_count {
        spec.error(
            report,
            "node-count-range",
            "azure.aks.node_count",
            format!(
                "`node_count` is {}, not less than `max_count`, {}",
                aks.node_count, aks.max_count
            ),
            "expected less than `max_count`",
            "raise `azure.aks.max_count`, so that the autoscaler has room",
        );
    }
    if let Some(min) = aks.min_count
        && min > aks.node_count
    {
        spec.error(
            report,
            "node-count-range",
            "azure.aks.min_count",
            format!(
                "`min_count` is {min}, more than `node_count`, {}",
                aks.node_count
            ),
            "expected at most `node_count`",
            "lower `azure.aks.min_count`",
        );
    }
    if aks.disk_type == "Ephemeral" && aks.vm_size.starts_with("Standard_B") {
        spec.error(
            report,
            "unsupported-disk",
            "azure.aks.disk_type",
            format!("`{}` has no local disk for an ephemeral one", aks.vm_size),
            "expected `Managed`",
            "choose a size with a local disk, as `Standard_D2ads_v5`",
        );
    }
    if !aks.private && aks.authorized_ip_ranges.is_empty() {
        spec.warning(
            report,
            "open-api-server",
            "azure.aks",
            "nothing says who may reach the cluster's API server, and Terraform refuses to open it to everybody".to_owned(),
            "list your networks under `azure.aks.authorized_ip_ranges`, or set `azure.aks.private`",
        );
    }
    if let (None, Some(environment)) = (&aks.name, spec.environment.or(Some("production"))) {
        let name = cluster_name(&spec.raw.name, Some(environment));
        if !format::AKS.accepts(&name) {
            spec.error(
                report,
                "derived-name",
                "name",
                format!("the cluster would be named `{name}`, which is longer than 54 characters"),
                "expected a shorter name",
                "shorten `name`, or give `azure.aks.name`",
            );
        }
    }
    if let raw::Switch::On(dns) = &group.dns {
        self::dns(spec, dns, report);
    }
    if let raw::Switch::On(vnet) = &group.vnet
        && !contains(&vnet.address_space, &vnet.subnet)
    {
        spec.error(
            report,
            "subnet-outside-network",
            "azure.vnet.subnet",
            format!("{} does not lie in {}", vnet.subnet, vnet.address_space),
            "expected a part of `address_space`",
            "choose a subnet inside the network, or widen `azure.vnet.address_space`",
        );
    }
}

fn dns(spec: &Checked<'_>, dns: &raw::Dns, report: &mut Reporter) {
    for (name, record) in &dns.records {
        let (right, expected) = match record.kind.as_str() {
            "A" => (
                record.value.parse::<std::net::Ipv4Addr>().is_ok(),
                "expected an IPv4 address",
            ),
            "AAAA" => (
                record.value.parse::<std::net::Ipv6Addr>().is_ok(),
                "expected an IPv6 address",
            ),
            "CNAME" => (format::HOST.accepts(&record.value), "expected a host name"),
            _ => (true, ""),
        };
        if !right {
            let message = format!(
                "the {} record `{name}` has the value `{}`",
                record.kind, record.value
            );
            record_error(
                spec,
                report,
                "invalid-record",
                name,
                "value",
                message,
                expected,
            );
        }
        if record.kind == "CNAME" && name == "@" {
            let message = "the zone itself cannot be a CNAME".to_owned();
            record_error(
                spec,
                report,
                "invalid-record",
                name,
                "type",
                message,
                "expected `A` or `AAAA`",
            );
        }
    }
    // Only a host inside the zone is ours to publish.
    if let Some(raw::Kubernetes {
        ingress: raw::Switch::On(ingress),
        ..
    }) = &spec.raw.kubernetes
        && let Some(name) = ingress.host.strip_suffix(&format!(".{}", dns.zone))
        && !dns.records.contains_key(name)
        && !dns.records.contains_key("*")
    {
        spec.warning(
            report,
            "host-without-record",
            "kubernetes.ingress.host",
            format!(
                "`{}` lies in the zone `{}`, which has no record `{name}`",
                ingress.host, dns.zone
            ),
            &format!("add `{name}` under `azure.dns.records`"),
        );
    }
}

/// Record names may have dots, so their nodes are found by hand.
fn record_error(
    spec: &Checked<'_>,
    report: &mut Reporter,
    id: &'static str,
    name: &str,
    field: &str,
    message: String,
    expected: &str,
) {
    let records = spec.node("azure.dns.records");
    let node = records
        .get(name)
        .map_or(records, |record| record.get(field).unwrap_or(record));
    let span = spec.text.head(node);
    spec.text.at(report.error(id, message), span, expected);
}

fn github(spec: &Checked<'_>, group: &raw::GitHub, report: &mut Reporter) {
    match (group.owner_id, group.repository_id) {
        (Some(_), Some(_)) => {}
        (None, None) => spec.note(
            report,
            "named-subject",
            "github.repository",
            "the trust policy names the repository, not its ids; repositories made, renamed or moved since 15 July 2026 send ids".to_owned(),
            &format!("set `github.owner_id` and `github.repository_id`: gh api repos/{0} --jq '.owner.id, .id'", group.repository),
        ),
        (owner, _) => {
            let (given, missing) = if owner.is_some() { ("owner_id", "repository_id") } else { ("repository_id", "owner_id") };
            spec.error(
                report,
                "missing-field",
                &format!("github.{given}"),
                format!("`github.{given}` is given without `github.{missing}`"),
                "expected both or neither",
                &format!("add `github.{missing}`: gh api repos/{0} --jq '.owner.id, .id'", group.repository),
            );
        }
    }
    if group.chart_repository.as_deref() == Some(group.repository.as_str()) {
        spec.error(
            report,
            "conflicting-fields",
            "github.chart_repository",
            "the chart repository is the service's own, so that every release would start the next"
                .to_owned(),
            "expected another repository",
            "leave it out, or name a repository for charts",
        );
    }
}

/// The environments in the order of promotion; none where the spec contradicts itself.
pub(super) fn promotion(spec: &Checked<'_>, report: &mut Reporter) -> Option<Vec<String>> {
    let mut names: Vec<String> = spec
        .raw
        .environments
        .as_object()
        .map(|environments| environments.keys().cloned().collect())
        .unwrap_or_default();
    if names.is_empty() {
        names.push("production".to_owned());
    }
    names.sort_by_key(|name| (stage(name), name.clone()));
    let Some(order) = &spec.raw.promotion else {
        return Some(names);
    };
    let mut sorted = order.clone();
    sorted.sort();
    let mut expected = names.clone();
    expected.sort();
    if sorted != expected {
        spec.error(
            report,
            "promotion-order",
            "promotion",
            format!("`promotion` names {}", list(order)),
            &format!("expected each environment once: {}", list(&names)),
            "",
        );
        return None;
    }
    Some(order.clone())
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

/// Where an environment of that name usually stands on the way to production.
fn stage(name: &str) -> u8 {
    const STAGES: [(&str, u8); 9] = [
        ("local", 0),
        ("dev", 1),
        ("ci", 2),
        ("test", 3),
        ("qa", 4),
        ("int", 4),
        ("stag", 6),
        ("preprod", 7),
        ("prod", 9),
    ];
    STAGES
        .iter()
        .find(|(prefix, _)| name.starts_with(prefix))
        .map_or(5, |(_, stage)| *stage)
}

/// Whether the network `outer` contains the whole of `inner`.
fn contains(outer: &str, inner: &str) -> bool {
    let parse = |text: &str| -> Option<(u128, u32, u32)> {
        let (address, length) = text.split_once('/')?;
        let length: u32 = length.parse().ok()?;
        match address.parse().ok()? {
            IpAddr::V4(address) => Some((u128::from(u32::from(address)), 32, length)),
            IpAddr::V6(address) => Some((u128::from(address), 128, length)),
        }
    };
    let (Some((outer, outer_bits, outer_length)), Some((inner, inner_bits, inner_length))) =
        (parse(outer), parse(inner))
    else {
        return false;
    };
    let shift = outer_bits - outer_length;
    outer_bits == inner_bits
        && inner_length >= outer_length
        && (shift >= 128 || outer >> shift == inner >> shift)
}
