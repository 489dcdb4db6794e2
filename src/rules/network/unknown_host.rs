//! A setting names a host that nothing answers to.

use crate::diagnostic::Level;
use crate::facts::compose::Service;
use crate::facts::object::Object;
use crate::facts::{At, Facts};
use crate::rules::{Docs, Findings, Group, Rule, suggestion};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-host",
    group: Group::Network,
    level: Level::Error,
    summary: "a setting names a host that nothing answers to",
    docs: Docs {
        what: "A variable such as `DB_HOST` or `REDIS_URL` of a compose service names a host that is no service, container, alias or link there; or that of a pod names a Service that is not here, while one a letter off or for the same port is.",
        why: "The name does not resolve, and the application cannot reach its database.",
        bad: "services:\n  web: { environment: { DB_HOST: database } }\n  db: { image: postgres }",
        good: "services:\n  web: { environment: { DB_HOST: db } }\n  db: { image: postgres }",
        allow: "When the name is made elsewhere, as by another compose project on a shared network.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for service in &facts.compose {
        compose(facts, service, findings);
    }
    for object in &facts.objects {
        for container in object.containers(true) {
            for (name, item) in container.env() {
                if let Some(node) = item.get("value")
                    && let Some(text) = node.text()
                    && let Some(host) = host(name, text)
                {
                    pod(facts, object, name, &host, node, findings);
                }
            }
        }
        if object.is("", "ConfigMap") {
            for entry in object.find("data").map_or(&[][..], Node::entries) {
                if let Some(text) = entry.value.text()
                    && let Some(host) = host(&entry.key, text)
                {
                    pod(facts, object, &entry.key, &host, &entry.value, findings);
                }
            }
        }
    }
}

/// A host as a setting names it, and its port where one is given.
#[derive(Debug, PartialEq, Eq)]
struct Host {
    name: String,
    port: Option<u16>,
    /// Whether the setting is about a database or the like, and not any service.
    peer: bool,
}

/// Words of names of settings that say which machine to talk to.
const PEERS: [&str; 24] = [
    "DB",
    "DATABASE",
    "POSTGRES",
    "POSTGRESQL",
    "PG",
    "PGHOST",
    "MYSQL",
    "MARIADB",
    "SQL",
    "REDIS",
    "MONGO",
    "MONGODB",
    "RABBITMQ",
    "AMQP",
    "CELERY",
    "BROKER",
    "KAFKA",
    "ELASTIC",
    "ELASTICSEARCH",
    "MEMCACHED",
    "CACHE",
    "MINIO",
    "INFLUXDB",
    "CASSANDRA",
];

/// The single-word host of `DB_HOST=db`, `REDIS_URL=redis://cache:6379/0` and the like.
fn host(name: &str, value: &str) -> Option<Host> {
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> = upper.split(['_', '-', '.']).collect();
    let peer = words.iter().any(|word| PEERS.contains(word));
    let mut server = peer;
    let text = if let Some((scheme, rest)) = value.split_once("://") {
        const SERVERS: [&str; 9] = [
            "postgres",
            "postgresql",
            "mysql",
            "mariadb",
            "mongodb",
            "redis",
            "rediss",
            "amqp",
            "pyamqp",
        ];
        let scheme = scheme.split('+').next().unwrap_or(scheme);
        server = SERVERS.contains(&scheme);
        if !server && scheme != "http" {
            return None;
        }
        let authority = rest.split(['/', '?', ',']).next().unwrap_or(rest);
        authority.rsplit('@').next().unwrap_or(authority)
    } else {
        let last = *words.last()?;
        let named = matches!(
            last,
            "HOST" | "HOSTNAME" | "SERVER" | "PGHOST" | "ADDRESS" | "ADDR"
        );
        if !named || !peer && !value.contains(':') {
            return None;
        }
        value
    };
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (text, None),
    };
    let single = !host.is_empty()
        && host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        && host.chars().any(|c| c.is_ascii_alphabetic())
        && !host.eq_ignore_ascii_case("localhost");
    single.then(|| Host {
        name: host.to_owned(),
        port,
        peer: server,
    })
}

fn texts(node: Option<&Node>) -> Vec<&str> {
    let Some(node) = node else { return Vec::new() };
    node.text()
        .into_iter()
        .chain(node.items().iter().filter_map(Node::text))
        .collect()
}

/// Every name that a service of the project answers to.
fn answers(service: &Service) -> Vec<String> {
    let mut names = vec![service.name.clone()];
    for key in ["container_name", "hostname"] {
        names.extend(
            texts(service.node.get(key))
                .iter()
                .map(|&name| name.to_owned()),
        );
    }
    for network in service.node.get("networks").map_or(&[][..], Node::entries) {
        let aliases = texts(network.value.get("aliases"));
        names.extend(aliases.iter().map(|&name| name.to_owned()));
    }
    names
}

fn compose(facts: &Facts, service: &Service, findings: &mut Findings<'_>) {
    let folder = crate::facts::tree::folder(&service.path);
    let peers: Vec<&Service> = facts
        .compose
        .iter()
        .filter(|other| crate::facts::tree::folder(&other.path) == folder)
        .collect();
    if service.node.get("network_mode").is_some()
        || service.node.get("extends").is_some()
        || reaches_out(facts, &peers)
    {
        return;
    }
    let mut known: Vec<String> = peers.iter().flat_map(|other| answers(other)).collect();
    for key in ["links", "external_links", "extra_hosts"] {
        for text in texts(service.node.get(key)) {
            known.extend(text.split([':', '=']).map(str::to_owned));
        }
    }
    if known.iter().any(|name| name.contains('$')) && known.len() < 2 {
        return;
    }
    let environment = service.node.get("environment");
    let mut settings: Vec<(&str, &str, &Node)> = Vec::new();
    for entry in environment.map_or(&[][..], Node::entries) {
        settings.extend(
            entry
                .value
                .text()
                .map(|text| (entry.key.as_str(), text, &entry.value)),
        );
    }
    for item in environment.map_or(&[][..], Node::items) {
        let pair = item.text().and_then(|text| text.split_once('='));
        settings.extend(pair.map(|(name, value)| (name, value, item)));
    }
    for (name, value, node) in settings {
        let Some(host) = host(name, value).filter(|host| host.peer) else {
            continue;
        };
        if value.contains('$') || known.contains(&host.name) {
            continue;
        }
        // What a server is told of itself is no address of another.
        let own = service
            .image
            .as_ref()
            .and_then(|(image, _)| image.base())
            .is_some_and(|base| {
                name.to_ascii_lowercase()
                    .starts_with(&base[..base.len().min(5)])
            });
        if own {
            continue;
        }
        let Some(other) = peers.iter().find(|other| other.name != service.name) else {
            continue;
        };
        let near = suggestion(&host.name, known.iter().map(String::as_str));
        let finding = findings
            .tell(format!(
                "`{name}` of the compose service `{}` is `{}`, and no service is called so",
                service.name, host.name
            ))
            .at(&At::new(&service.source, node.span), "does not resolve")
            .also(&other.at, format!("there is `{}`", other.name));
        if let Some(near) = near {
            finding.help(format!("did you mean `{near}`?"));
        }
    }
}

/// Whether services may be reached that other projects start.
fn reaches_out(facts: &Facts, peers: &[&Service]) -> bool {
    let mut sources: Vec<&str> = peers.iter().map(|one| one.path.as_str()).collect();
    sources.dedup();
    sources.iter().any(|path| {
        facts.tree.source(path).is_none_or(|source| {
            source.text().lines().any(|line| {
                let line = line.trim();
                line.starts_with("external:") && !line.ends_with("false")
                    || line.starts_with("include:")
            })
        })
    })
}

fn pod(
    facts: &Facts,
    object: &Object,
    name: &str,
    host: &Host,
    node: &Node,
    findings: &mut Findings<'_>,
) {
    let own = &facts.bundles[object.bundle];
    let services: Vec<&Object> = facts
        .objects
        .iter()
        .filter(|other| other.is("", "Service"))
        .collect();
    let taken = facts
        .objects
        .iter()
        .any(|other| other.name == host.name && (other.is("", "Service") || other.pod().is_some()));
    if taken || own.open || host.name.contains('_') {
        return;
    }
    let here = services
        .iter()
        .filter(|other| other.bundle == object.bundle);
    let same_port = |other: &&&Object| {
        let ports = other.find("spec.ports").map_or(&[][..], Node::items);
        let wanted = host.port.or_else(|| usual(name, &host.name));
        wanted.is_some_and(|wanted| {
            ports.iter().any(|port| {
                port.get("port").and_then(Node::text) == Some(wanted.to_string().as_str())
            })
        })
    };
    let named: Vec<&str> = here.clone().map(|other| other.name.as_str()).collect();
    let near = suggestion(&host.name, named);
    let meant = here
        .clone()
        .find(|other| Some(other.name.as_str()) == near)
        .or_else(|| here.clone().find(same_port));
    // Of any service only one with the same port and a name that holds this one is meant for sure.
    let held =
        |other: &&&Object| other.name.starts_with(&format!("{}-", host.name)) && same_port(other);
    let meant = match host.peer {
        true => meant,
        false => here.clone().find(held),
    };
    let Some(meant) = meant else { return };
    findings
        .tell(format!(
            "`{name}` is `{}`, and no Service is called so",
            host.name
        ))
        .at(&object.at(node), "does not resolve")
        .also(
            &meant.named_at(),
            format!("there is the Service `{}`", meant.name),
        )
        .help(format!("use `{}`", meant.name));
}

/// The port of the server that a setting is about.
fn usual(name: &str, host: &str) -> Option<u16> {
    let text = format!("{name} {host}").to_ascii_lowercase();
    [
        ("postgres", 5432),
        ("mysql", 3306),
        ("mariadb", 3306),
        ("redis", 6379),
        ("mongo", 27017),
        ("rabbit", 5672),
    ]
    .iter()
    .find(|(word, _)| text.contains(word))
    .map(|(_, port)| *port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(setting: &str, value: &str) -> Option<String> {
        host(setting, value).map(|host| host.name)
    }

    #[test]
    fn hosts_are_read_from_names_and_addresses() {
        assert_eq!(name("DB_HOST", "db").as_deref(), Some("db"));
        assert_eq!(
            name("REDIS_URL", "redis://:pw@cache:6379/0").as_deref(),
            Some("cache")
        );
        assert_eq!(
            name("DATABASE_URL", "postgresql+psycopg2://u:p@pg/shop").as_deref(),
            Some("pg")
        );
        for (setting, value) in [
            ("DB_HOST", "db.example.com"),
            ("DB_HOST", "127.0.0.1"),
            ("DB_HOST", "localhost"),
            ("VIRTUAL_HOST", "web"),
            ("FLASK_RUN_HOST", "0.0.0.0"),
            ("DB_NAME", "shop"),
            ("DATABASE_URL", "sqlite:///shop.db"),
            ("ALLOWED_HOST", "web"),
        ] {
            assert_eq!(name(setting, value), None, "{setting}={value}");
        }
    }
}
