//! The fields of `kubernetes.drift_check`.

use super::field;
use crate::schema::format::*;
use crate::schema::shape::Object;
use crate::schema::shape::Presence::{Default, Optional, Required};
use crate::schema::shape::Shape::Text;

pub(super) static DRIFT_CHECK: Object = Object {
    doc: "A CronJob that runs `gen drift --cluster`, with the least rights that this needs.",
    fields: &[
        field(
            "image",
            Text(&IMAGE),
            Required,
            "Image with `gen` and git in it; examples/cluster-drift/Dockerfile makes one.",
        ),
        field(
            "schedule",
            Text(&SCHEDULE),
            Default("\"17 5 * * *\""),
            "When to look, in UTC.",
        ),
        field(
            "repository",
            Text(&CLONE_URL),
            Optional("Without it, `github.repository`."),
            "Address that the spec is cloned from.",
        ),
        field(
            "branch",
            Text(&BRANCH),
            Optional("Without it, `github.branch`, or `main`."),
            "Branch that says what should run.",
        ),
        field(
            "spec",
            Text(&PATH),
            Default("\"spec.yaml\""),
            "The spec in that repository.",
        ),
        field(
            "credentials",
            Text(&DNS_SUBDOMAIN),
            Optional("Without it, the repository is cloned as anybody may."),
            "Kubernetes Secret whose key `netrc` lets git clone a private repository.",
        ),
    ],
};
