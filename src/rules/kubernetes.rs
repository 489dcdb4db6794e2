//! Rules on Kubernetes objects.

pub(super) mod autoscaler_with_replicas;
pub(super) mod autoscaler_without_request;
pub(super) mod invalid_object;
pub(super) mod kustomization_does_not_build;
pub(super) mod missing_pull_secret;
pub(super) mod missing_snapshot_policy;
pub(super) mod namespace_mismatch;
pub(super) mod read_only_filesystem;
pub(super) mod removed_api;
pub(super) mod selector_mismatch;
pub(super) mod shared_writer;
pub(super) mod unapplied_manifest;
pub(super) mod unbindable_claim;
pub(super) mod unknown_backend;
pub(super) mod unknown_claim;
pub(super) mod unknown_scale_target;
pub(super) mod unknown_secret;
pub(super) mod unknown_service_account;
pub(super) mod unknown_volume;
pub(super) mod unmatched_override;
