//! One encoder for each context in which a value may land.
