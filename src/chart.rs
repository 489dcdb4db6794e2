//! Evaluates a Helm chart in-process.
