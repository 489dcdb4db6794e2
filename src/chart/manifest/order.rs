//! The order in which objects can be applied.
//!
//! Owns the ranks of kinds, which are Helm's. Knows nothing of an object but its kind.

use super::Object;

/// Kinds in the order in which they can be applied.
const INSTALL_ORDER: [&str; 38] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// The place of a kind; that of one which is not known lies behind all others.
pub(super) fn rank(kind: &str) -> usize {
    let mut known = INSTALL_ORDER.iter();
    known
        .position(|known| *known == kind)
        .unwrap_or(INSTALL_ORDER.len())
}

/// Sorts objects by kind as Helm installs them, unknown kinds last by name; equals keep their order.
pub(crate) fn sort(objects: &mut [Object]) {
    let place = |object: &Object| match rank(&object.kind) {
        known if known < INSTALL_ORDER.len() => (known, String::new()),
        unknown => (unknown, object.kind.clone()),
    };
    objects.sort_by_cached_key(place);
}
