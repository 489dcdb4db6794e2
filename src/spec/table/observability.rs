//! The fields of `observability` and `logging`.

use super::{SECRET, field};
use crate::schema::format::{DNS_SUBDOMAIN, EMAIL, HOST, SECRET_KEY, VOLUME_SIZE, WORD};
use crate::schema::shape::Object;
use crate::schema::shape::Presence::{Default, Nested, Optional, Required};
use crate::schema::shape::Shape::{Bool, Int, List, Object as Of, Switch, Text};

pub(super) static OBSERVABILITY: Object = Object {
    doc: "Prometheus and Grafana: what is seen of the service, and who is told.",
    fields: &[
        field(
            "dashboard",
            Bool,
            Default("true"),
            "A dashboard for Grafana: requests, errors, times, pods, volume.",
        ),
        field(
            "alerts",
            Switch(&ALERTS),
            Nested,
            "Alerts for the Prometheus operator.",
        ),
        field(
            "retention_days",
            Int(1, 1000),
            Default("15"),
            "Days that Prometheus keeps what it measured.",
        ),
        field(
            "size",
            Text(&VOLUME_SIZE),
            Default("\"20Gi\""),
            "Volume of Prometheus.",
        ),
    ],
};

static ALERTS: Object = Object {
    doc: "From which values on somebody is told.",
    fields: &[
        field(
            "error_percent",
            Int(1, 100),
            Default("5"),
            "Answers with status 5xx, in percent of all, over five minutes.",
        ),
        field(
            "latency_milliseconds",
            Int(1, 600_000),
            Default("1000"),
            "Time that one request in twenty may take.",
        ),
        field(
            "volume_percent",
            Int(1, 100),
            Default("80"),
            "How full the volume of `storage` may be.",
        ),
        field(
            "receiver",
            Of(&SECRET),
            Optional("Without one and without `mail`, alerts are shown and nobody is told."),
            "Where the address of a webhook lives that Alertmanager tells; a Secret in the namespace of Prometheus.",
        ),
        field(
            "mail",
            Switch(&MAIL),
            Default("false"),
            "The mails that Alertmanager writes, beside the webhook or without one.",
        ),
    ],
};

static MAIL: Object = Object {
    doc: "Who hears of alerts by mail, and by which server.",
    fields: &[
        field(
            "to",
            List(&Text(&EMAIL), 50),
            Required,
            "Addresses that hear of them.",
        ),
        field("from", Text(&EMAIL), Required, "Address of the sender."),
        field(
            "server",
            Text(&HOST),
            Required,
            "Host of the mail server; it has to speak TLS.",
        ),
        field(
            "port",
            Int(1, 65535),
            Default("587"),
            "Port; 465 speaks TLS from the first byte, others after STARTTLS.",
        ),
        field(
            "login",
            Of(&LOGIN),
            Optional("Without one, the server takes mails from the cluster's addresses."),
            "Account at the mail server.",
        ),
    ],
};

static LOGIN: Object = Object {
    doc: "An account, and where its password lives: a Secret in the namespace of Prometheus.",
    fields: &[
        field("username", Text(&WORD), Required, "Name of the account."),
        field(
            "secret",
            Text(&DNS_SUBDOMAIN),
            Required,
            "Name of the Kubernetes Secret.",
        ),
        field("key", Text(&SECRET_KEY), Required, "Key inside the Secret."),
    ],
};

pub(super) static LOGGING: Object = Object {
    doc: "Fluent Bit, Elasticsearch and Kibana: logs of all pods in one place.",
    fields: &[
        field(
            "retention_days",
            Int(1, 3650),
            Default("30"),
            "Days that logs are kept.",
        ),
        field(
            "size",
            Text(&VOLUME_SIZE),
            Default("\"30Gi\""),
            "Volume of each Elasticsearch node.",
        ),
        field(
            "nodes",
            Int(1, 9),
            Default("1"),
            "Nodes of Elasticsearch; with three or more, losing one loses nothing.",
        ),
    ],
};
