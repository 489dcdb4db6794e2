//! Values to canonical bytes: YAML, HCL, JSON.
