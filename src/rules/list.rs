//! The one list of rules.

use super::{Rule, allow, chart, files, image, kubernetes, network, pipeline};

/// Every rule, by group.
pub static RULES: &[&Rule] = &[
    &image::development_server::RULE,
    &image::loopback_bind::RULE,
    &image::uncopied_file::RULE,
    &image::unresolved_entrypoint::RULE,
    &network::port_mismatch::RULE,
    &network::unknown_port_name::RULE,
    &kubernetes::selector_mismatch::RULE,
    &chart::unread_value::RULE,
    &pipeline::image_mismatch::RULE,
    &files::unreadable_file::RULE,
    &allow::UNUSED,
    &allow::UNEXPLAINED,
];
