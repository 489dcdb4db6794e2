//! What the tests share.

pub(crate) mod faulty;
pub(crate) mod mutants;
pub(crate) mod naive;
pub(crate) mod random;
pub(crate) mod scenario;
pub(crate) mod tree;
