//! `gen` as a library: the compiler and the type checker of the delivery of a service.
//!
//! [`source`] reads, [`spec`] validates into a model, [`target`] renders the model with a [`blueprint`] into a
//! [`plan`], [`output`] writes the plan and is alone in that. [`chart`] evaluates Helm charts. What goes wrong is
//! a [`diagnostic`] until [`report`] writes it for a reader. `ARCHITECTURE.md` has the figure, and a test holds
//! who may use whom.

#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod blueprint;
pub mod chart;
pub mod cli;
#[cfg(feature = "live")]
pub mod cluster;
pub mod diagnostic;
pub mod drift;
pub mod emit;
pub mod encode;
pub mod facts;
pub mod output;
pub mod plan;
pub mod report;
pub mod rules;
pub mod schema;
pub mod source;
pub mod spec;
pub mod stack;
pub mod target;
