//! An object uses an API that Kubernetes no longer serves.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "removed-api",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "an object uses an API that Kubernetes no longer serves",
    docs: Docs {
        what: "The `apiVersion` of an object was removed in a version of Kubernetes that is out of support.",
        why: "The API server refuses the object.",
        bad: "apiVersion: extensions/v1beta1\nkind: Ingress",
        good: "apiVersion: networking.k8s.io/v1\nkind: Ingress",
        allow: "Never.",
    },
    check,
};

/// API version, kind (empty for all), the version that no longer has it, and what took its place.
const REMOVED: [(&str, &str, &str, &str); 26] = [
    (
        "extensions/v1beta1",
        "Ingress",
        "1.22",
        "networking.k8s.io/v1",
    ),
    (
        "extensions/v1beta1",
        "NetworkPolicy",
        "1.16",
        "networking.k8s.io/v1",
    ),
    ("extensions/v1beta1", "", "1.16", "apps/v1"),
    ("apps/v1beta1", "", "1.16", "apps/v1"),
    ("apps/v1beta2", "", "1.16", "apps/v1"),
    (
        "networking.k8s.io/v1beta1",
        "Ingress",
        "1.22",
        "networking.k8s.io/v1",
    ),
    (
        "networking.k8s.io/v1beta1",
        "IngressClass",
        "1.22",
        "networking.k8s.io/v1",
    ),
    (
        "rbac.authorization.k8s.io/v1beta1",
        "",
        "1.22",
        "rbac.authorization.k8s.io/v1",
    ),
    (
        "rbac.authorization.k8s.io/v1alpha1",
        "",
        "1.22",
        "rbac.authorization.k8s.io/v1",
    ),
    (
        "apiextensions.k8s.io/v1beta1",
        "",
        "1.22",
        "apiextensions.k8s.io/v1",
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        "MutatingWebhookConfiguration",
        "1.22",
        "admissionregistration.k8s.io/v1",
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        "ValidatingWebhookConfiguration",
        "1.22",
        "admissionregistration.k8s.io/v1",
    ),
    (
        "apiregistration.k8s.io/v1beta1",
        "",
        "1.22",
        "apiregistration.k8s.io/v1",
    ),
    (
        "scheduling.k8s.io/v1beta1",
        "",
        "1.22",
        "scheduling.k8s.io/v1",
    ),
    (
        "storage.k8s.io/v1beta1",
        "StorageClass",
        "1.22",
        "storage.k8s.io/v1",
    ),
    (
        "storage.k8s.io/v1beta1",
        "CSIDriver",
        "1.22",
        "storage.k8s.io/v1",
    ),
    (
        "storage.k8s.io/v1beta1",
        "CSIStorageCapacity",
        "1.27",
        "storage.k8s.io/v1",
    ),
    (
        "certificates.k8s.io/v1beta1",
        "CertificateSigningRequest",
        "1.22",
        "certificates.k8s.io/v1",
    ),
    (
        "coordination.k8s.io/v1beta1",
        "Lease",
        "1.22",
        "coordination.k8s.io/v1",
    ),
    ("batch/v1beta1", "CronJob", "1.25", "batch/v1"),
    ("policy/v1beta1", "PodDisruptionBudget", "1.25", "policy/v1"),
    (
        "policy/v1beta1",
        "PodSecurityPolicy",
        "1.25",
        "the Pod Security admission",
    ),
    (
        "discovery.k8s.io/v1beta1",
        "EndpointSlice",
        "1.25",
        "discovery.k8s.io/v1",
    ),
    (
        "autoscaling/v2beta1",
        "HorizontalPodAutoscaler",
        "1.25",
        "autoscaling/v2",
    ),
    (
        "autoscaling/v2beta2",
        "HorizontalPodAutoscaler",
        "1.26",
        "autoscaling/v2",
    ),
    (
        "flowcontrol.apiserver.k8s.io/v1beta1",
        "",
        "1.26",
        "flowcontrol.apiserver.k8s.io/v1",
    ),
];

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in &facts.objects {
        let Some((_, _, since, successor)) = REMOVED.iter().find(|(version, kind, _, _)| {
            object.api_version == *version && (kind.is_empty() || object.kind == *kind)
        }) else {
            continue;
        };
        let at = object
            .find("apiVersion")
            .map_or_else(|| object.named_at(), |node| object.at(node));
        let named = object
            .find("kind")
            .map_or_else(|| object.named_at(), |node| object.at(node));
        let finding = findings
            .tell(format!(
                "{} of {} is gone since Kubernetes {since}",
                object.kind, object.api_version
            ))
            .at(&at, "no longer served")
            .also(&named, "of this kind")
            .help(format!("use {successor}"));
        // Of these kinds the two versions say the same.
        let same = matches!(
            object.kind.as_str(),
            "CronJob"
                | "PodDisruptionBudget"
                | "Role"
                | "RoleBinding"
                | "ClusterRole"
                | "ClusterRoleBinding"
                | "StorageClass"
                | "PriorityClass"
                | "IngressClass"
        );
        if let Some(place) = at.written(&object.api_version).filter(|_| same) {
            finding.fix(&place, *successor);
        }
    }
}
