//! Helm as the judge of the chart evaluator.
//!
//! Everything here runs only with `GEN_RIGS=1`, and fails where helm is missing.

mod cases;
mod corpus;
mod judge;
mod whole;
