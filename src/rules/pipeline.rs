//! Rules on pipelines.

pub(super) mod image_mismatch;
