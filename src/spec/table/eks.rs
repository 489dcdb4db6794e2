//! The fields of `aws.eks` and `aws.recovery`.

use super::field;
use crate::schema::format::*;
use crate::schema::shape::Object;
use crate::schema::shape::Presence::{Default, Optional, Required};
use crate::schema::shape::Shape::{Bool, Int, List, Text};

pub(super) static EKS: Object = Object {
    doc: "A Kubernetes cluster, one for each environment.",
    fields: &[
        field(
            "name",
            Text(&EKS_NAME),
            Optional("Without it, the name of the service and that of the environment."),
            "Name of the cluster.",
        ),
        field(
            "instance_type",
            Text(&INSTANCE_TYPE),
            Default("\"t3.large\""),
            "Type of the nodes; for amd64, which is what the pipeline builds.",
        ),
        field(
            "nodes",
            Int(1, 450),
            Default("2"),
            "Nodes; with the autoscaler the fewest.",
        ),
        field(
            "max_nodes",
            Int(1, 450),
            Default("4"),
            "Most nodes, so that an upgrade has room for new ones beside the old; more than `nodes`.",
        ),
        field(
            "autoscaler",
            Bool,
            Default("true"),
            "Whether nodes are added where pods find no room, up to `max_nodes`, and ended where they are not needed.",
        ),
        field(
            "disk_size_gb",
            Int(20, 2048),
            Default("50"),
            "Disk of each node in GiB.",
        ),
        field(
            "public_access_cidrs",
            List(&Text(&CIDR), 40),
            Default("[]"),
            "Networks that may reach the API server; without any it is reachable from inside the network only.",
        ),
        field(
            "admins",
            List(&Text(&ARN), 20),
            Default("[]"),
            "IAM roles and users that administer the cluster, besides whoever makes it.",
        ),
        field(
            "deletion_protection",
            Bool,
            Default("true"),
            "Whether the cluster refuses to be deleted.",
        ),
    ],
};

pub(super) static RECOVERY: Object = Object {
    doc: "A second cluster in another region, for the day on which the first region is lost.",
    fields: &[
        field(
            "region",
            Text(&REGION),
            Required,
            "Region of the second cluster and of the copies of the snapshots.",
        ),
        field(
            "cidr",
            Text(&VPC_CIDR),
            Default("\"10.40.0.0/16\""),
            "Addresses of its network; others than those of the first.",
        ),
        field(
            "active",
            Bool,
            Default("false"),
            "Whether the application runs there. Until the data was restored there it must not.",
        ),
        field(
            "volume",
            Text(&HANDLE),
            Optional("Needed with `storage` to be active."),
            "Disk that was made there from the copy of a snapshot, as `vol-0123456789abcdef0`.",
        ),
        field(
            "snapshot",
            Text(&HANDLE),
            Optional("Needed with `database.server` to be active."),
            "Copy of a snapshot of the PostgreSQL server, which the one there is made from.",
        ),
    ],
};
