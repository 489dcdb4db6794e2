//! Rules on ports, paths and hosts.

pub(super) mod host_without_record;
pub(super) mod port_mismatch;
pub(super) mod regex_path_without_use_regex;
pub(super) mod unknown_host;
pub(super) mod unknown_ingress_class;
pub(super) mod unknown_port_name;
pub(super) mod unknown_probe_path;
