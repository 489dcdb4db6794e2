//! What `kubernetes.drift_check` asks of the rest.

use crate::diagnostic::Reporter;
use crate::spec::raw;
use crate::spec::validate::Checked;
use crate::spec::validate::drift_check::SUFFIX;

/// Kubernetes appends the time to a CronJob's name and calls its Job so.
const MAX_CRONJOB: usize = 52;

pub(super) fn check(spec: &Checked<'_>, check: &raw::DriftCheck, report: &mut Reporter) {
    const MAX: usize = MAX_CRONJOB - SUFFIX.len();
    if spec.raw.name.len() > MAX {
        spec.error(
            report,
            "long-name",
            "name",
            format!(
                "a CronJob would be called `{}{SUFFIX}`, and its name may have {MAX_CRONJOB} characters",
                spec.raw.name
            ),
            &format!("expected at most {MAX} characters with `kubernetes.drift_check`"),
            "shorten the name, or leave `kubernetes.drift_check` out",
        );
    }
    if check.repository.is_none() && spec.raw.github.is_none() {
        spec.error(
            report,
            "missing-field",
            "kubernetes.drift_check",
            "nothing says where the spec is cloned from".to_owned(),
            "expected `repository: https://…`",
            "add `repository:`, the address of the repository that holds the spec",
        );
    }
}
