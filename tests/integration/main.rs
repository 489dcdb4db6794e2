//! Everything that is tested from outside, as one binary.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod emit;
mod encode;
mod hostile;
mod output_apply;
mod readers;
mod report;
mod rig;
mod support;
