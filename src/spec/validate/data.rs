//! `database`, `storage`, `observability` and `logging` with what is derived from them.

use crate::spec::{model, raw};

/// StorageClass that Terraform makes on EKS, with the tags that its snapshot policy looks for.
const KEPT_CLASS: &str = "gp3-kept";
/// Port of PostgreSQL.
const POSTGRESQL: u16 = 5432;

pub(super) fn database(raw: &raw::Spec) -> Option<model::Database> {
    let database = raw.database.as_ref()?;
    Some(model::Database {
        kind: database.kind.clone(),
        variable: database.variable.clone(),
        secret: database.secret.as_ref().map(reference),
        address: sqlite_address(raw),
        server: database.server.clone().on().map(server),
    })
}

fn reference(secret: &raw::Secret) -> model::SecretRef {
    model::SecretRef {
        secret: secret.secret.clone(),
        key: secret.key.clone(),
    }
}

fn server(raw: raw::Server) -> model::Server {
    let (number, unit) = period(&raw.keep);
    // Rather a day too long than one too short.
    let days = match unit.as_str() {
        "days" => number,
        "weeks" => number * 7,
        "months" => number * 31,
        _ => number * 365 + number.div_ceil(4),
    };
    model::Server {
        client_image: format!("docker.io/library/postgres:{}", raw.version),
        version: raw.version,
        instance_class: raw.instance_class,
        size_gb: raw.size_gb,
        max_size_gb: raw.max_size_gb,
        standby: raw.standby,
        backup_days: raw.backup_days,
        keep: model::Period { number, unit },
        keep_days: days,
        snapshot: raw.snapshot,
        deletion_protection: raw.deletion_protection,
    }
}

/// What the pods may call: what the spec lists, and the server that Terraform makes in the network of each cluster.
pub(super) fn egress(raw: &raw::Spec, listed: &[raw::Egress]) -> Vec<raw::Egress> {
    let mut all = listed.to_vec();
    let made = raw
        .database
        .as_ref()
        .is_some_and(|database| matches!(database.server, raw::Switch::On(_)));
    let (true, Some(aws)) = (made, &raw.aws) else {
        return all;
    };
    let mut networks = vec![aws.vpc.cidr.clone()];
    if let raw::Switch::On(recovery) = &aws.recovery {
        networks.push(recovery.cidr.clone());
    }
    for cidr in networks {
        let reached = |egress: &raw::Egress| {
            egress.port == POSTGRESQL && egress.cidr.as_deref() == Some(cidr.as_str())
        };
        if !all.iter().any(reached) {
            all.push(raw::Egress {
                cidr: Some(cidr),
                namespace: None,
                port: POSTGRESQL,
                protocol: "TCP".to_owned(),
            });
        }
    }
    all
}

/// Four slashes: three of the address, one of the path.
fn sqlite_address(raw: &raw::Spec) -> Option<String> {
    let database = raw.database.as_ref()?;
    match &raw.storage {
        raw::Switch::On(storage) if database.kind == "sqlite" => {
            Some(format!("sqlite:///{}/{}.db", storage.path, raw.name))
        }
        _ => None,
    }
}

/// The application's variables, with those that the database gives it.
pub(super) fn variables(
    raw: &raw::Spec,
    env: &mut Vec<model::Variable>,
    secrets: &mut Vec<model::SecretVariable>,
) {
    let Some(database) = &raw.database else {
        return;
    };
    if let Some(address) = sqlite_address(raw) {
        env.push(model::Variable {
            name: database.variable.clone(),
            value: address,
        });
    }
    if let Some(secret) = &database.secret {
        secrets.push(model::SecretVariable {
            name: database.variable.clone(),
            secret: secret.secret.clone(),
            key: secret.key.clone(),
        });
    }
}

pub(super) fn storage(raw: &raw::Spec) -> Option<model::Storage> {
    let storage = raw.storage.clone().on()?;
    Some(model::Storage {
        size: storage.size,
        class: storage.class.or_else(|| kept_class(raw)),
        path: storage.path,
        access_mode: storage.access,
        volume: storage.volume.on().map(|volume| model::Volume {
            driver: volume.driver,
            handle: volume.handle,
        }),
        snapshots: storage.snapshots.on().map(|snapshots| {
            let (number, unit) = period(&snapshots.keep);
            model::Snapshots {
                every_hours: snapshots
                    .every
                    .trim_end_matches('h')
                    .parse()
                    .expect("internal error: the table lists whole hours"),
                keep: model::Period { number, unit },
            }
        }),
    })
}

/// The class whose disks the snapshot policy finds, on clusters that have it.
fn kept_class(raw: &raw::Spec) -> Option<String> {
    let eks = &raw.aws.as_ref()?.eks;
    matches!(eks, raw::Switch::On(_)).then(|| KEPT_CLASS.to_owned())
}

/// `3y` as a number and the unit's name in plural.
fn period(text: &str) -> (u32, String) {
    let (number, unit) = text.split_at(text.len() - 1);
    let unit = match unit {
        "d" => "days",
        "w" => "weeks",
        "m" => "months",
        _ => "years",
    };
    let number = number
        .parse()
        .expect("internal error: the form of a period is a number and a letter");
    (number, unit.to_owned())
}

pub(super) fn observability(raw: &raw::Spec) -> Option<model::Observability> {
    let group = raw.observability.clone().on()?;
    Some(model::Observability {
        dashboard: group.dashboard,
        alerts: group.alerts.on().map(|alerts| model::Alerts {
            error_percent: alerts.error_percent,
            latency_milliseconds: alerts.latency_milliseconds,
            volume_percent: alerts.volume_percent,
            receiver: alerts.receiver.as_ref().map(reference),
            mail: alerts.mail.on().map(mail),
        }),
        retention_days: group.retention_days,
        size: group.size,
    })
}

fn mail(raw: raw::Mail) -> model::Mail {
    model::Mail {
        to: raw.to,
        from: raw.from,
        server: raw.server,
        port: raw.port,
        login: raw.login.map(|login| model::Login {
            username: login.username,
            secret: login.secret,
            key: login.key,
        }),
    }
}

pub(super) fn logging(raw: &raw::Spec) -> Option<model::Logging> {
    let group = raw.logging.clone().on()?;
    Some(model::Logging {
        retention_days: group.retention_days,
        size: group.size,
        nodes: group.nodes,
    })
}
