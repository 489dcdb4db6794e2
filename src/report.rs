//! Diagnostics for people and programs.
