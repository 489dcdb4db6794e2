//! Rules on ports, paths and hosts.

pub(super) mod port_mismatch;
pub(super) mod unknown_port_name;
