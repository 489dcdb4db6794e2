//! The fields of `minikube`.

use super::field;
use crate::schema::format::*;
use crate::schema::shape::Object;
use crate::schema::shape::Presence::{Default, Optional};
use crate::schema::shape::Shape::{Choice, Int, Text};

pub(super) static MINIKUBE: Object = Object {
    doc: "The cluster on your own machine.",
    fields: &[
        field(
            "profile",
            Text(&DNS_LABEL),
            Optional("Without it, the name of the service, so that no other cluster is touched."),
            "Profile of minikube: a cluster of its own with a kubeconfig context of that name.",
        ),
        field(
            "driver",
            Choice(&[
                "docker",
                "podman",
                "kvm2",
                "qemu2",
                "virtualbox",
                "hyperkit",
                "hyperv",
            ]),
            Default("\"docker\""),
            "What the node runs in.",
        ),
        field("cpus", Int(2, 64), Default("2"), "CPUs of the node."),
        field(
            "memory",
            Int(1800, 262_144),
            Default("2200"),
            "Memory of the node in MiB.",
        ),
        field(
            "image",
            Choice(&["load", "push"]),
            Default("\"load\""),
            "How the image reaches the node: loaded into it, which needs no registry and no password, or pushed to `image.registry`.",
        ),
    ],
};
