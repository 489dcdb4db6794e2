//! The fields of `aws`.

use super::eks::{EKS, RECOVERY};
use super::field;
use crate::schema::format::*;
use crate::schema::shape::Object;
use crate::schema::shape::Presence::{Default, Nested, Optional, Required};
use crate::schema::shape::Shape::{Bool, Choice, Int, Object as Of, Switch, Text};

pub(super) static AWS: Object = Object {
    doc: "What Terraform creates in AWS.",
    fields: &[
        field(
            "region",
            Text(&REGION),
            Required,
            "Region of every resource.",
        ),
        field(
            "account_id",
            Text(&ACCOUNT),
            Optional("Needed with `ecr`, whose registry is named after it."),
            "Number of the account; Terraform refuses any other.",
        ),
        field(
            "vpc",
            Of(&VPC),
            Nested,
            "The network, one for each environment.",
        ),
        field(
            "dns",
            Switch(&ZONE),
            Default("false"),
            "The hosted zone that records and certificates are proven in; it exists already.",
        ),
        field(
            "ecr",
            Switch(&ECR),
            Default("false"),
            "A container registry in the account; without it the image goes to `image.registry`.",
        ),
        field(
            "ecs",
            Switch(&ECS),
            Default("false"),
            "A Fargate service behind a load balancer.",
        ),
        field(
            "eks",
            Switch(&EKS),
            Default("false"),
            "A Kubernetes cluster, one for each environment.",
        ),
        field(
            "recovery",
            Switch(&RECOVERY),
            Default("false"),
            "A second cluster in another region, for the day on which the first region is lost.",
        ),
        field(
            "state",
            Of(&BUCKET_GROUP),
            Nested,
            "Where Terraform keeps its state.",
        ),
    ],
};

pub(super) static OVERLAY: Object = Object {
    doc: "The network and what runs in it.",
    fields: &[
        field("vpc", Of(&VPC), Optional(""), "The network."),
        field(
            "ecs",
            Switch(&ECS),
            Optional(""),
            "A Fargate service behind a load balancer.",
        ),
        field("eks", Switch(&EKS), Optional(""), "A Kubernetes cluster."),
        field(
            "recovery",
            Switch(&RECOVERY),
            Optional(""),
            "A second cluster in another region.",
        ),
    ],
};

static VPC: Object = Object {
    doc: "The network.",
    fields: &[
        field(
            "cidr",
            Text(&VPC_CIDR),
            Default("\"10.30.0.0/16\""),
            "Addresses of the network; every zone gets a public and a private part of it.",
        ),
        field(
            "zones",
            Int(2, 3),
            Default("2"),
            "Availability zones that are used.",
        ),
        field(
            "nat_per_zone",
            Bool,
            Default("false"),
            "A NAT gateway in every zone, so that losing one zone leaves the others a way out; it costs one more each.",
        ),
    ],
};

static ZONE: Object = Object {
    doc: "The hosted zone.",
    fields: &[field("zone", Text(&HOST), Required, "Domain of the zone.")],
};

static ECR: Object = Object {
    doc: "The container registry.",
    fields: &[field(
        "name",
        Text(&NAME),
        Optional("Without it, the name of the image."),
        "Name of the repository in the registry.",
    )],
};

static ECS: Object = Object {
    doc: "A Fargate service behind a load balancer.",
    fields: &[
        field(
            "cpu",
            Int(256, 16384),
            Default("256"),
            "CPU of a task; 1024 is one virtual CPU.",
        ),
        field(
            "memory",
            Int(512, 122_880),
            Default("512"),
            "Memory of a task in MiB; Fargate sells it in steps that go with `cpu`.",
        ),
        field(
            "tasks",
            Int(1, 1000),
            Default("2"),
            "Tasks at the start, and always where nothing scales.",
        ),
        field(
            "autoscaling",
            Switch(&SCALING),
            Nested,
            "Lets the load choose the number of tasks.",
        ),
        field(
            "https",
            Switch(&HTTPS),
            Default("false"),
            "The name that the service answers on, with a certificate of ACM; port 80 redirects.",
        ),
        field(
            "http",
            Choice(&["development"]),
            Optional("Without it nothing is served in the clear."),
            "Serves plain HTTP under the load balancer's own name, for development only.",
        ),
        field(
            "health",
            Text(&ROUTE),
            Optional("Without it, `app.health.readiness`."),
            "Path that the load balancer asks.",
        ),
        field(
            "deletion_protection",
            Bool,
            Default("true"),
            "Whether the load balancer refuses to be deleted.",
        ),
        field(
            "log_days",
            Int(365, 3653),
            Default("365"),
            "Days that logs are kept; CloudWatch knows 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 and 3653.",
        ),
    ],
};

static SCALING: Object = Object {
    doc: "How the load chooses the number of tasks.",
    fields: &[
        field("min", Int(1, 1000), Default("2"), "Fewest tasks."),
        field("max", Int(1, 1000), Default("6"), "Most tasks."),
        field(
            "cpu",
            Int(1, 100),
            Default("60"),
            "Average CPU use, in percent of the task's, to steer for.",
        ),
    ],
};

static HTTPS: Object = Object {
    doc: "The name that the service answers on.",
    fields: &[field(
        "host",
        Text(&HOST),
        Required,
        "Host name inside `aws.dns.zone`.",
    )],
};

static BUCKET_GROUP: Object = Object {
    doc: "Where Terraform keeps its state.",
    fields: &[field(
        "bucket",
        Text(&BUCKET),
        Optional("Without it, the name of the service and `-tfstate`."),
        "S3 bucket, unique in all of AWS.",
    )],
};
