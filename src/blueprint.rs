//! Blueprints: folders of data that turn a spec into a stack.
//!
//! Owns the manifest, the loading of embedded and of a user's own blueprints, and the template engine
//! (nobody else uses minijinja). Knows the model only as the context that templates see.

pub mod context;
mod engine;
pub mod library;
pub mod manifest;
mod tree;

pub(crate) use engine::HOLE_OPEN;
pub use engine::{Engine, TemplateError};
pub use library::{File, Library};
pub use manifest::Blueprint;
pub use tree::{difference, learn as learn_tree, render as render_tree};
