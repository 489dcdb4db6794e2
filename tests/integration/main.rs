//! Everything that is tested from outside, as one binary.

mod output_apply;
mod support;
