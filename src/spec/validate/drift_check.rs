//! `kubernetes.drift_check` as meant.

use crate::spec::{model, raw};

/// What stands behind the service's name in the names of the objects.
pub(in crate::spec) const SUFFIX: &str = "-drift";

pub(super) fn resolve(raw: &raw::Spec, check: raw::DriftCheck) -> model::DriftCheck {
    let github = raw.github.as_ref();
    let repository = github.map(|github| format!("https://github.com/{}.git", github.repository));
    let branch = github.map(|github| github.branch.clone());
    model::DriftCheck {
        name: format!("{}{SUFFIX}", raw.name),
        image: check.image,
        schedule: check.schedule,
        repository: check.repository.or(repository).unwrap_or_default(),
        branch: check.branch.or(branch).unwrap_or_else(|| "main".to_owned()),
        spec: check.spec,
        credentials: check.credentials,
    }
}
