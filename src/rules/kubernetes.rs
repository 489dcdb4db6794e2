//! Rules on Kubernetes objects.

pub(super) mod selector_mismatch;
