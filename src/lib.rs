//! `gen` as a library: the compiler and the type checker of the delivery of a service.

pub mod chart;
pub mod diagnostic;
pub mod emit;
pub mod encode;
pub mod output;
pub mod plan;
pub mod report;
pub mod source;
