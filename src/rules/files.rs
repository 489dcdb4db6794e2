//! Rules on the files themselves.

pub(super) mod unreadable_file;
