//! The cluster that templates are told about.
//!
//! Owns the Kubernetes version and the API versions behind `.Capabilities`. Nothing is asked of any cluster.

use std::rc::Rc;
use std::sync::Arc;

use super::value::{CapabilityValues, Object, Value};

/// The Helm whose behaviour this is.
pub(crate) const HELM_VERSION: &str = "v4.2.4";
/// The Go that built it.
pub(crate) const GO_VERSION: &str = "go1.26.8";
/// The Kubernetes client in it.
pub(crate) const CLIENT_VERSION: &str = "v1.36";

/// The API versions that Helm takes for granted without a cluster.
const API_VERSIONS: &str = "v1 admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1alpha1 \
    admissionregistration.k8s.io/v1beta1 internal.apiserver.k8s.io/v1alpha1 apps/v1 apps/v1beta1 \
    apps/v1beta2 authentication.k8s.io/v1 authentication.k8s.io/v1alpha1 authentication.k8s.io/v1beta1 \
    authorization.k8s.io/v1 authorization.k8s.io/v1beta1 autoscaling/v1 autoscaling/v2 batch/v1 \
    batch/v1beta1 certificates.k8s.io/v1 certificates.k8s.io/v1beta1 certificates.k8s.io/v1alpha1 \
    coordination.k8s.io/v1alpha2 coordination.k8s.io/v1beta1 coordination.k8s.io/v1 discovery.k8s.io/v1 \
    discovery.k8s.io/v1beta1 events.k8s.io/v1 events.k8s.io/v1beta1 extensions/v1beta1 \
    flowcontrol.apiserver.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1beta1 \
    flowcontrol.apiserver.k8s.io/v1beta2 flowcontrol.apiserver.k8s.io/v1beta3 lifecycle.k8s.io/v1alpha1 \
    networking.k8s.io/v1 networking.k8s.io/v1beta1 node.k8s.io/v1 node.k8s.io/v1alpha1 \
    node.k8s.io/v1beta1 policy/v1 policy/v1beta1 rbac.authorization.k8s.io/v1 \
    rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1 resource.k8s.io/v1 \
    resource.k8s.io/v1beta2 resource.k8s.io/v1beta1 resource.k8s.io/v1alpha3 \
    scheduling.k8s.io/v1alpha3 scheduling.k8s.io/v1beta1 scheduling.k8s.io/v1 storage.k8s.io/v1beta1 \
    storage.k8s.io/v1 storage.k8s.io/v1alpha1 storagemigration.k8s.io/v1 \
    storagemigration.k8s.io/v1beta1 apiextensions.k8s.io/v1beta1 apiextensions.k8s.io/v1";

/// The Kubernetes version and the API versions of the cluster to render for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    version: String,
    normalized: String,
    major: String,
    minor: String,
    more: Vec<String>,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self::new("1.36.0").expect("internal error: the default version is a version")
    }
}

impl Capabilities {
    /// A cluster of that Kubernetes version, as in `1.36`, `v1.33.4-gke.1245000`.
    pub fn new(version: &str) -> Option<Self> {
        let body = version.trim().trim_start_matches('v');
        let mut parts = body.splitn(3, '.');
        let number = |text: &str| {
            let end = text
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(text.len());
            text[..end]
                .parse::<u64>()
                .ok()
                .map(|n| (n, end == text.len()))
        };
        let (major, whole) = number(parts.next()?)?;
        let (minor, exact) = number(parts.next()?)?;
        let patch = match parts.next() {
            Some(text) => number(text)?.0,
            None if whole && exact => 0,
            None => return None,
        };
        Some(Self {
            version: format!("v{}", version.trim().trim_start_matches('v')),
            normalized: format!("v{major}.{minor}.{patch}"),
            major: major.to_string(),
            minor: minor.to_string(),
            more: Vec::new(),
        })
    }

    /// Adds API versions that the cluster serves beyond the usual ones.
    #[must_use]
    pub fn with_api_versions(mut self, more: impl IntoIterator<Item = String>) -> Self {
        self.more.extend(more);
        self
    }

    /// The version as constraints see it, `v1.36.0`.
    pub fn kubernetes(&self) -> &str {
        &self.normalized
    }

    /// The value behind `.Capabilities`.
    pub(crate) fn value(&self) -> Value {
        let known = API_VERSIONS.split_whitespace().map(Arc::from);
        let more = self.more.iter().map(|version| Arc::from(version.as_str()));
        Value::Object(Rc::new(Object::Capabilities(Rc::new(CapabilityValues {
            version: Arc::from(self.version.as_str()),
            normalized: Arc::from(self.normalized.as_str()),
            major: Arc::from(self.major.as_str()),
            minor: Arc::from(self.minor.as_str()),
            api_versions: known.chain(more).collect(),
        }))))
    }
}
