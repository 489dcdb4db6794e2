//! One object while a kustomization is built: what it is now, and all the names that it had.

use crate::source::Span;
use crate::source::yaml::Node;

use super::edit;
use super::merge::Via;

/// A name and a namespace that an object had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Id {
    /// `metadata.name`.
    pub(super) name: String,
    /// `metadata.namespace`; empty where it says none.
    pub(super) namespace: String,
}

/// An object on its way through the kustomizations.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    /// The object; its spans count in the assembly.
    pub(super) node: Node,
    /// The file that it is from, below the root.
    pub(super) path: String,
    /// The names that it had before, the first one first.
    pub(super) before: Vec<Id>,
    /// What was put in front of and behind its name, the innermost first.
    pub(super) affixes: Vec<(String, String)>,
    /// Whether it was made with a hash behind its name.
    pub(super) hashed: bool,
    /// What stood where it was changed.
    pub(super) via: Via,
}

/// Kinds that live in no namespace.
const CLUSTER: [&str; 22] = [
    "APIService",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "CSIDriver",
    "CSINode",
    "CustomResourceDefinition",
    "FlowSchema",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
    "PodSecurityPolicy",
];

impl Resource {
    /// An object of a file.
    pub(super) fn new(node: Node, path: &str) -> Self {
        Self {
            node,
            path: path.to_owned(),
            before: Vec::new(),
            affixes: Vec::new(),
            hashed: false,
            via: Via::new(),
        }
    }

    fn text(&self, key: &str) -> &str {
        self.node.get(key).and_then(Node::text).unwrap_or("")
    }

    fn meta(&self, key: &str) -> &str {
        let meta = self.node.get("metadata");
        meta.and_then(|meta| meta.get(key)?.text()).unwrap_or("")
    }

    /// `kind`.
    pub(super) fn kind(&self) -> &str {
        self.text("kind")
    }

    /// `apiVersion`.
    pub(super) fn api_version(&self) -> &str {
        self.text("apiVersion")
    }

    /// The group and the version; the group is empty for the core.
    pub(super) fn group_version(&self) -> (&str, &str) {
        let all = self.api_version();
        all.split_once('/').unwrap_or(("", all))
    }

    /// Its name and namespace now.
    pub(super) fn id(&self) -> Id {
        Id {
            name: self.meta("name").to_owned(),
            namespace: self.meta("namespace").to_owned(),
        }
    }

    /// All names that it has and had, the first one first.
    pub(super) fn ids(&self) -> Vec<Id> {
        let mut all = self.before.clone();
        all.push(self.id());
        all
    }

    /// Whether it lives in no namespace.
    pub(super) fn is_cluster_wide(&self) -> bool {
        CLUSTER.contains(&self.kind())
    }

    /// Whether it has, or had, the name and namespace of another, and is of its kind.
    pub(super) fn is_meant_by(&self, other: &Self) -> bool {
        let wanted = other.id();
        let place = |id: &Id| match id.namespace.as_str() {
            "" => "default".to_owned(),
            own => own.to_owned(),
        };
        let place = |id: &Id| match self.is_cluster_wide() {
            true => String::new(),
            false => place(id),
        };
        self.kind() == other.kind()
            && self.api_version() == other.api_version()
            && self
                .ids()
                .iter()
                .any(|id| id.name == wanted.name && place(id) == place(&wanted))
    }

    /// Whether both are one object to the API server, as they are now.
    pub(super) fn collides(&self, other: &Self) -> bool {
        let place = |id: &Id| match id.namespace.as_str() {
            "" => "default".to_owned(),
            own => own.to_owned(),
        };
        let (own, others) = (self.id(), other.id());
        self.kind() == other.kind()
            && self.api_version() == other.api_version()
            && own.name == others.name
            && (self.is_cluster_wide() || place(&own) == place(&others))
    }

    /// Keeps the name that it has now among the earlier ones.
    pub(super) fn remember(&mut self) {
        let id = self.id();
        if !self.before.contains(&id) {
            self.before.push(id);
        }
    }

    /// Gives it another name for a reason that stands at `why`.
    pub(super) fn rename(&mut self, name: &str, why: Option<(Span, &str)>) {
        self.remember();
        let meta = edit::get(&mut self.node, "metadata");
        if let Some(own) = meta.and_then(|meta| edit::get(meta, "name")) {
            let span = own.span;
            *own = edit::text(name, span);
            if let Some((place, text)) = why {
                let known = self.via.entry(span).or_default();
                known.push((place, text.to_owned()));
            }
        }
    }

    /// `Deployment `web``.
    pub(super) fn title(&self) -> String {
        format!("{} `{}`", self.kind(), self.id().name)
    }

    /// Whether it is of a kind of Kubernetes itself.
    pub(super) fn is_known(&self) -> bool {
        let (group, _) = self.group_version();
        matches!(
            group,
            "" | "apps" | "autoscaling" | "batch" | "policy" | "extensions"
        ) || matches!(
            group,
            "networking.k8s.io"
                | "rbac.authorization.k8s.io"
                | "storage.k8s.io"
                | "scheduling.k8s.io"
                | "admissionregistration.k8s.io"
                | "apiregistration.k8s.io"
                | "discovery.k8s.io"
        )
    }
}
