//! Helm charts, evaluated in-process: values and templates in, Kubernetes objects out.
//!
//! Owns everything that Helm does between a chart's files and its manifests, and for every node of the result
//! where it comes from: the template, the place in it and the values that were read. It is a function of
//! bytes: no disk, no clock, no cluster, no network. Knows nothing of specs, plans or rules.

mod ast;
mod call;
mod capabilities;
mod cases;
mod data;
mod date;
mod dependency;
mod eval;
mod evaluate;
mod format;
mod functions;
mod glob;
mod json_out;
mod lex;
mod load;
mod manifest;
mod metadata;
mod number;
mod origin;
mod parse;
mod random;
mod reads;
mod schema;
mod semver;
mod set;
mod show;
mod toml;
mod unquote;
mod value;
mod values;
mod yaml_out;

pub use capabilities::Capabilities;
pub use data::Data;
pub use eval::Budget;
pub use evaluate::{NodeOrigin, Options, Release, Rendered, ShownValue, evaluate};
pub use glob::Ignore;
pub use load::{Chart, File, MAX_CHART_BYTES, MAX_CHART_FILES, MAX_FILE_BYTES};
pub use manifest::{Hook, Object};
pub use reads::{UnreadValue, ValueRead};
pub use values::Values;
