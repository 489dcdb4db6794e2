//! Everything that is tested from outside, as one binary.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod output_apply;
mod support;
