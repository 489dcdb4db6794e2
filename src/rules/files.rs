//! Rules on the files themselves.

pub(super) mod committed_secret;
pub(super) mod unreadable_file;
