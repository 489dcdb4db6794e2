//! `gen` as a library: the compiler and the type checker of the delivery of a service.

pub mod blueprint;
pub mod chart;
pub mod cli;
pub mod diagnostic;
pub mod emit;
pub mod encode;
pub mod output;
pub mod plan;
pub mod report;
pub mod schema;
pub mod source;
pub mod spec;
pub mod target;
