//! Rules on source code and images.

pub(super) mod builder_leftover;
pub(super) mod debugger_exposed;
pub(super) mod development_server;
pub(super) mod incompatible_requirement;
pub(super) mod loopback_bind;
pub(super) mod missing_requirement;
pub(super) mod missing_tool;
pub(super) mod root_image;
pub(super) mod uncopied_file;
pub(super) mod undefined_environment;
pub(super) mod unexpanded_variable;
pub(super) mod unpinned_base;
pub(super) mod unresolved_entrypoint;
pub(super) mod user_mismatch;
