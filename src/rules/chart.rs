//! Rules on Helm charts.

pub(super) mod unread_value;
