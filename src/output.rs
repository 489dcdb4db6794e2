//! The only module that writes: compares, applies, locks.
