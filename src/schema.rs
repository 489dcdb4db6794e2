//! What documents must look like, as data, and where they do not.
//!
//! Owns the forms of single values, the shapes built from them and the text they are checked in. Knows no
//! particular document: the spec's table and the blueprint manifest's are kept by their owners.

pub mod format;
pub mod shape;
pub mod text;
