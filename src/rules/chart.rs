//! Rules on Helm charts.

pub(super) mod chart_does_not_evaluate;
pub(super) mod undefined_value;
pub(super) mod unread_value;
