//! Rules on Terraform and the cloud.

pub(super) mod broad_trust;
pub(super) mod committed_state;
pub(super) mod invalid_argument;
pub(super) mod invalid_block;
pub(super) mod local_state_in_pipeline;
pub(super) mod missing_pull_role;
pub(super) mod node_count_range;
pub(super) mod plain_http_listener;
pub(super) mod registry_mismatch;
mod renamed;
mod schema;
pub(super) mod undeclared_reference;
pub(super) mod unknown_cluster;
pub(super) mod unknown_resource;
pub(super) mod unknown_variable;
pub(super) mod unpinned_provider;
pub(super) mod unreachable_endpoint;
