//! What `database`, `storage` and `observability` ask of the rest: above all, one writer.

use crate::diagnostic::Reporter;
use crate::spec::raw;
use crate::spec::validate::Checked;

/// Port of PostgreSQL.
const POSTGRESQL: u16 = 5432;
const WAYS_OUT: &str = "either one pod: `kubernetes: { replicas: 1, autoscaling: false }`, which the chart replaces with strategy Recreate; \
or PostgreSQL: `database: { kind: postgresql, secret: { secret: …, key: … } }` and `storage: false`, with `kubernetes.autoscaling: { min: 1, max: 5, cpu: 50 }`";

pub(super) fn check(spec: &Checked<'_>, report: &mut Reporter) {
    if let Some(database) = &spec.raw.database {
        self::database(spec, database, report);
    }
    if matches!(spec.raw.storage, raw::Switch::On(_)) {
        single_writer(spec, report);
    }
    if let raw::Switch::On(observability) = &spec.raw.observability
        && let raw::Switch::On(alerts) = &observability.alerts
        && let raw::Switch::On(mail) = &alerts.mail
        && mail.to.is_empty()
    {
        spec.error(
            report,
            "missing-field",
            "observability.alerts.mail.to",
            "mails to nobody".to_owned(),
            "expected an address",
            "name somebody, or remove `mail`",
        );
    }
}

fn database(spec: &Checked<'_>, database: &raw::Database, report: &mut Reporter) {
    let sqlite = database.kind == "sqlite";
    if sqlite && matches!(spec.raw.storage, raw::Switch::Off(_)) {
        spec.error(
            report,
            "missing-field",
            "database",
            "SQLite is a file, and there is no volume to keep it on: it would be gone with its pod"
                .to_owned(),
            "expected `storage` beside it",
            "add `storage: { size: 5Gi }`, or choose `kind: postgresql`",
        );
    }
    match (&database.secret, sqlite) {
        (Some(_), true) => spec.error(
            report,
            "conflicting-fields",
            "database.secret",
            "a file has no address that must be kept secret".to_owned(),
            "expected only with `kind: postgresql`",
            "remove it, or choose `kind: postgresql`",
        ),
        (None, false) => spec.error(
            report,
            "missing-field",
            "database",
            "nothing says where the address of the PostgreSQL server lives".to_owned(),
            "expected `secret: { secret: …, key: … }`",
            "the address holds a password, so it is kept in a Kubernetes Secret",
        ),
        _ => {}
    }
    let app = &spec.raw.app;
    for (group, given) in [
        ("env", app.env.contains_key(&database.variable)),
        ("secrets", app.secrets.contains_key(&database.variable)),
    ] {
        if given {
            spec.error(
                report,
                "conflicting-fields",
                &format!("app.{group}.{}", database.variable),
                format!("`{}` is set from `database` as well", database.variable),
                "expected one of the two",
                "remove this one, or name another `database.variable`",
            );
        }
    }
    if let raw::Switch::On(server) = &database.server {
        self::server(spec, sqlite, server, report);
        return;
    }
    if let Some(kubernetes) = &spec.raw.kubernetes
        && !sqlite
        && kubernetes.network_policy
        && !kubernetes
            .egress
            .iter()
            .any(|egress| egress.port == POSTGRESQL)
    {
        spec.warning(
            report,
            "unreachable-database",
            "database",
            "the network policy lets the pods call nothing but DNS, so PostgreSQL is out of reach"
                .to_owned(),
            "add `{ cidr: …, port: 5432 }` or `{ namespace: …, port: 5432 }` to `kubernetes.egress`",
        );
    }
}

fn server(spec: &Checked<'_>, sqlite: bool, server: &raw::Server, report: &mut Reporter) {
    let cluster = spec
        .raw
        .aws
        .as_ref()
        .is_some_and(|aws| matches!(aws.eks, raw::Switch::On(_)));
    if sqlite {
        spec.error(
            report,
            "conflicting-fields",
            "database.server",
            "SQLite is a file: it has no server".to_owned(),
            "expected only with `kind: postgresql`",
            "remove it, or choose `kind: postgresql`",
        );
    } else if !cluster {
        spec.error(
            report,
            "missing-field",
            "database.server",
            "Terraform makes a PostgreSQL server only in the network of a cluster on EKS".to_owned(),
            "expected `aws.eks` beside it",
            "remove it, and write the address of your own server into the Secret that `database.secret` names",
        );
    }
    if server.size_gb >= server.max_size_gb {
        spec.error(
            report,
            "conflicting-fields",
            "database.server.size_gb",
            format!(
                "`size_gb` is {}, not less than `max_size_gb`, {}",
                server.size_gb, server.max_size_gb
            ),
            "expected less than `max_size_gb`",
            "raise `database.server.max_size_gb`: the disk grows by itself up to it",
        );
    }
}

/// A volume of one pod, and perhaps a file with one writer in it, beside more pods than one.
fn single_writer(spec: &Checked<'_>, report: &mut Reporter) {
    let Some(kubernetes) = &spec.raw.kubernetes else {
        return;
    };
    let (place, pods) = match &kubernetes.autoscaling {
        raw::Switch::On(scaling) => (
            "kubernetes.autoscaling",
            format!("the autoscaler may run {} pods", scaling.max),
        ),
        raw::Switch::Off(_) if kubernetes.replicas > 1 => (
            "kubernetes.replicas",
            format!("{} pods run", kubernetes.replicas),
        ),
        raw::Switch::Off(_) => return,
    };
    let sqlite = spec
        .raw
        .database
        .as_ref()
        .is_some_and(|database| database.kind == "sqlite");
    let reason = if sqlite {
        "SQLite has one writer: on a disk that only one node has, every further pod waits for it and never starts; \
on a shared one the locks do not hold and the file is corrupted"
    } else {
        "the volume of `storage` attaches to one pod: every further pod waits for it and never starts"
    };
    spec.error(
        report,
        "single-writer",
        place,
        format!("{pods} on one volume; {reason}"),
        "expected one pod",
        WAYS_OUT,
    );
}
