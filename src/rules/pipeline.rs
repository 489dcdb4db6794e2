//! Rules on pipelines.

pub(super) mod argo_source_mismatch;
pub(super) mod constant_condition;
pub(super) mod image_mismatch;
pub(super) mod invalid_expression;
pub(super) mod invalid_workflow;
pub(super) mod misplaced_workflow;
pub(super) mod missing_login;
pub(super) mod missing_path;
pub(super) mod missing_variable;
pub(super) mod mutable_tag;
pub(super) mod trust_mismatch;
pub(super) mod unknown_input;
pub(super) mod unknown_need;
pub(super) mod unknown_workload;
pub(super) mod unneeded_order;
pub(super) mod unpinned_action;
