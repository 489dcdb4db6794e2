//! Rules on source code and images.

pub(super) mod development_server;
pub(super) mod loopback_bind;
pub(super) mod uncopied_file;
pub(super) mod unresolved_entrypoint;
