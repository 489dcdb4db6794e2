//! Helm charts, evaluated in-process: values and templates in, Kubernetes objects out.
//!
//! Owns everything that Helm does between a chart's files and its manifests, and for every node of the result
//! where it comes from: the template, the place in it and the values that were read. It is a function of
//! bytes: no disk, no clock, no cluster, no network. Knows nothing of specs, plans or rules.
//!
//! The measure is helm 4: the same text for the same chart. What is known to differ:
//! - what no two runs of helm agree on (`now`, `randAlphaNum`, `genCA`, `uuidv4` …) comes from a seed and is
//!   told as `not-reproducible`; `lookup` finds nothing, as without a cluster; `getHostByName` gives nothing;
//! - `decryptAES` and `derivePassword` are told as `chart-unsupported`, and `buildCustomCert` takes any base64;
//! - a schema of values that needs another one from elsewhere is not checked, with a warning;
//! - a quoted scalar over several lines must be indented deeper than its key in what templates print, which
//!   helm's reader does not ask for;
//! - the order of `keys` and `values` without `sortAlpha` is by name here and random in helm; an object
//!   without a text of its own (`.Capabilities`, `.Files`) prints other bytes; a time in TOML is text;
//! - documents of nothing but comments are not printed; the experimental `apiVersion: v3` is refused.

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
pub use manifest::{Hook, Object, documents};
pub use reads::{UnreadValue, ValueRead};
pub use values::Values;
