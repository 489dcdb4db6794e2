//! Everything that is tested from outside, as one binary.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests prepare the files that gen meets"
)]

mod architecture;
mod bad_specs;
mod blueprints;
mod canary;
mod chart_command;
mod chart_helm;
mod chart_limits;
mod chart_manifests;
mod chart_semantics;
mod command;
mod drift;
mod drift_lock;
mod drift_merge;
mod edits;
mod emit;
mod encode;
mod examples;
mod expression;
mod git;
mod hooks;
mod hostile;
mod kustomize;
mod laws;
mod lint;
mod lint_command;
mod lint_mutation;
mod lint_oracles;
mod lint_peers;
mod lint_readers;
mod lint_repositories;
#[cfg(feature = "live")]
mod live;
mod notejam;
mod output_apply;
mod output_fault;
mod output_kill;
mod output_power;
mod processes;
mod readers;
mod reference;
mod report;
mod rig;
mod sameness;
mod secrets;
mod skeleton;
mod spec_file;
mod stack;
mod structure;
mod support;
