//! The fields of `database` and `storage`.

use super::{SECRET, field};
use crate::schema::format::*;
use crate::schema::shape::Object;
use crate::schema::shape::Presence::{Default, Nested, Optional, Required};
use crate::schema::shape::Shape::{Bool, Choice, Int, Object as Of, Switch, Text};

/// Times between two snapshots that divide a day.
const EVERY: &[&str] = &["1h", "2h", "3h", "4h", "6h", "8h", "12h", "24h"];

pub(super) static DATABASE: Object = Object {
    doc: "Where the application keeps its data.",
    fields: &[
        field(
            "kind",
            Choice(&["sqlite", "postgresql"]),
            Default("\"sqlite\""),
            "SQLite is a file on the volume of `storage` and has one writer, so one pod; PostgreSQL is a server for any number of pods.",
        ),
        field(
            "secret",
            Of(&SECRET),
            Optional("Needed with PostgreSQL, whose address holds a password."),
            "Where the address of the PostgreSQL server lives, as `postgresql://user:password@host/name`.",
        ),
        field(
            "variable",
            Text(&VARIABLE),
            Default("\"DATABASE_URL\""),
            "Environment variable that tells the application the address.",
        ),
        field(
            "server",
            Switch(&SERVER),
            Default("false"),
            "A PostgreSQL server that Terraform makes: on AWS, RDS in the network of the cluster. Without it the server is somebody else's.",
        ),
    ],
};

static SERVER: Object = Object {
    doc: "A PostgreSQL server that Terraform makes, where the blueprint's cloud can.",
    fields: &[
        field(
            "version",
            Choice(&["16", "17"]),
            Default("\"17\""),
            "Major version; minor ones come by themselves.",
        ),
        field(
            "instance_class",
            Text(&INSTANCE_CLASS),
            Default("\"db.t4g.small\""),
            "Class of the server and of its standby.",
        ),
        field(
            "size_gb",
            Int(20, 65_536),
            Default("20"),
            "Disk at the start, in GiB.",
        ),
        field(
            "max_size_gb",
            Int(21, 65_536),
            Default("100"),
            "What the disk may grow to by itself, in GiB; more than `size_gb`.",
        ),
        field(
            "standby",
            Bool,
            Default("true"),
            "Whether a second server in another zone takes over when the first is lost.",
        ),
        field(
            "backup_days",
            Int(1, 35),
            Default("35"),
            "Days of which every moment can be brought back.",
        ),
        field(
            "keep",
            Text(&PERIOD),
            Default("\"3y\""),
            "How long a daily snapshot is kept, in days, weeks, months or years.",
        ),
        field(
            "snapshot",
            Text(&HANDLE),
            Optional("Looked at when the server is made, and never again."),
            "Snapshot that the server is made from, in place of an empty one.",
        ),
        field(
            "deletion_protection",
            Bool,
            Default("true"),
            "Whether the server refuses to be deleted.",
        ),
    ],
};

pub(super) static STORAGE: Object = Object {
    doc: "A volume that outlives the pods; one pod at a time may use it.",
    fields: &[
        field(
            "size",
            Text(&VOLUME_SIZE),
            Default("\"5Gi\""),
            "Size of the volume; it can grow, never shrink.",
        ),
        field(
            "class",
            Text(&DNS_SUBDOMAIN),
            Optional(
                "Without it, the cluster's default class; on EKS `gp3-kept`, whose disks the snapshots are made of.",
            ),
            "StorageClass that the volume is made of.",
        ),
        field(
            "path",
            Text(&MOUNT),
            Default("\"/data\""),
            "Where the container sees the volume.",
        ),
        field(
            "access",
            Choice(&["ReadWriteOncePod", "ReadWriteOnce"]),
            Default("\"ReadWriteOncePod\""),
            "Whether one pod alone may use it, or the pods of one node, for drivers that know no better.",
        ),
        field(
            "volume",
            Switch(&VOLUME),
            Default("false"),
            "A disk that exists already, as one made from a snapshot; without it the class makes a new one.",
        ),
        field(
            "snapshots",
            Switch(&SNAPSHOTS),
            Nested,
            "Copies of the volume that Terraform has taken, where the blueprint's cloud can.",
        ),
    ],
};

static VOLUME: Object = Object {
    doc: "A disk that exists already.",
    fields: &[
        field(
            "driver",
            Text(&DNS_SUBDOMAIN),
            Default("\"ebs.csi.aws.com\""),
            "CSI driver that the disk belongs to.",
        ),
        field(
            "handle",
            Text(&HANDLE),
            Required,
            "The disk's name for its driver, as `vol-0123456789abcdef0`.",
        ),
    ],
};

static SNAPSHOTS: Object = Object {
    doc: "Copies of the volume.",
    fields: &[
        field(
            "every",
            Choice(EVERY),
            Default("\"24h\""),
            "Time between two snapshots: what a lost disk loses at most.",
        ),
        field(
            "keep",
            Text(&PERIOD),
            Default("\"3y\""),
            "How long a snapshot is kept, in days, weeks, months or years.",
        ),
    ],
};
