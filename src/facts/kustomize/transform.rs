//! What a kustomization does to every object: namespace, names, labels, annotations, images, replicas.

use crate::source::Span;
use crate::source::yaml::{Kind, Node};

use super::edit;
use super::merge::replaced;
use super::resource::Resource;

/// A key with its value, both as a kustomization writes them.
pub(super) type Pair = (String, Node);

/// Where labels of a kind go besides its own; whether the way is made where it is missing.
fn templates(kind: &str, group: &str) -> &'static [&'static str] {
    match kind {
        "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" | "ReplicationController" => {
            &["spec/template/metadata"]
        }
        "Job" if group == "batch" => &["spec/template/metadata"],
        "CronJob" if group == "batch" => &[
            "spec/jobTemplate/metadata",
            "spec/jobTemplate/spec/template/metadata",
        ],
        _ => &[],
    }
}

/// Where selectors of a kind are, and whether they are made.
fn selectors(kind: &str, group: &str) -> (&'static [&'static str], bool) {
    match (kind, group) {
        ("Service" | "ReplicationController", _) => (&["spec/selector"], true),
        ("Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet", _) => {
            (&["spec/selector/matchLabels"], true)
        }
        ("Job", "batch") => (&["spec/selector/matchLabels"], false),
        ("CronJob", "batch") => (&["spec/jobTemplate/spec/selector/matchLabels"], false),
        ("PodDisruptionBudget", "policy") => (&["spec/selector/matchLabels"], false),
        ("NetworkPolicy", "networking.k8s.io") => (
            &[
                "spec/podSelector/matchLabels",
                "spec/ingress/from/podSelector/matchLabels",
                "spec/egress/to/podSelector/matchLabels",
            ],
            false,
        ),
        _ => (&[], false),
    }
}

/// Selectors within the pods of a Deployment or StatefulSet.
const AFFINITIES: [&str; 5] = [
    "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels",
];

fn lay(one: &mut Resource, path: &str, create: bool, pairs: &[Pair]) {
    let Some((_, first)) = pairs.first() else {
        return;
    };
    let span = first.span;
    let via = &mut one.via;
    edit::each(&mut one.node, path, create.then_some(span), &mut |node| {
        if node.is_null() {
            node.kind = Kind::Mapping(Vec::new());
        }
        for (key, value) in pairs {
            if let Some(old) = edit::set(node, key, value.clone()) {
                replaced(via, value.span, old.span);
            }
        }
    });
}

/// Adds labels: to the object, with `templates` to its pods, and with `selecting` to all that selects too.
pub(super) fn labels(one: &mut Resource, pairs: &[Pair], in_templates: bool, selecting: bool) {
    let kind = one.kind().to_owned();
    let group = one.group_version().0.to_owned();
    lay(one, "metadata/labels", true, pairs);
    if in_templates || selecting {
        for path in templates(&kind, &group) {
            lay(one, &format!("{path}/labels"), true, pairs);
        }
        let claims = crate::facts::object::find(&one.node, "spec.volumeClaimTemplates");
        if kind == "StatefulSet" && claims.is_some() {
            lay(
                one,
                "spec/volumeClaimTemplates/metadata/labels",
                true,
                pairs,
            );
        }
    }
    if selecting {
        let (paths, create) = selectors(&kind, &group);
        for path in paths {
            lay(one, path, create, pairs);
        }
        if group == "apps" && matches!(kind.as_str(), "Deployment" | "StatefulSet") {
            for path in AFFINITIES {
                lay(one, path, false, pairs);
            }
        }
    }
}

/// Adds annotations to the object and its pods.
pub(super) fn annotations(one: &mut Resource, pairs: &[Pair]) {
    let kind = one.kind().to_owned();
    let group = one.group_version().0.to_owned();
    lay(one, "metadata/annotations", true, pairs);
    for path in templates(&kind, &group) {
        lay(one, &format!("{path}/annotations"), true, pairs);
    }
}

/// Puts the object into a namespace.
pub(super) fn namespace(one: &mut Resource, name: &Node) {
    let Some(wanted) = name.text() else { return };
    if one.kind() == "Namespace" {
        one.rename(wanted, Some((name.span, "`namespace` is set here")));
        return;
    }
    if !one.is_cluster_wide() {
        one.remember();
        let via = &mut one.via;
        if let Some(meta) = edit::get(&mut one.node, "metadata")
            && let Some(old) = edit::set(meta, "namespace", name.clone())
        {
            replaced(via, name.span, old.span);
        }
    }
    if matches!(one.kind(), "RoleBinding" | "ClusterRoleBinding") {
        edit::each(&mut one.node, "subjects", None, &mut |subject| {
            let is = |key: &str, text: &str| subject.get(key).and_then(Node::text) == Some(text);
            if is("kind", "ServiceAccount") && is("name", "default") {
                edit::set(subject, "namespace", name.clone());
            }
        });
    }
}

/// Puts text in front of and behind the name.
pub(super) fn affix(one: &mut Resource, prefix: Option<&Node>, suffix: Option<&Node>) {
    if matches!(
        one.kind(),
        "CustomResourceDefinition" | "APIService" | "Namespace"
    ) {
        return;
    }
    let text = |node: Option<&Node>| node.and_then(Node::text).unwrap_or("").to_owned();
    let (before, behind) = (text(prefix), text(suffix));
    let name = format!("{before}{}{behind}", one.id().name);
    if let Some(prefix) = prefix.filter(|_| !before.is_empty()) {
        one.rename(&name, Some((prefix.span, "`namePrefix` is set here")));
    }
    if let Some(suffix) = suffix.filter(|_| !behind.is_empty()) {
        one.rename(&name, Some((suffix.span, "`nameSuffix` is set here")));
    }
    one.affixes.push((before, behind));
}

/// Asks for a number of pods; says whether it was this one that was meant.
pub(super) fn replicas(one: &mut Resource, name: &str, count: &Node) -> bool {
    let scaled = [
        "Deployment",
        "StatefulSet",
        "ReplicaSet",
        "ReplicationController",
    ];
    let ids = one.ids();
    let named = ids.first().is_some_and(|id| id.name == name) || one.id().name == name;
    if !named || !scaled.contains(&one.kind()) {
        return false;
    }
    let via = &mut one.via;
    edit::each(&mut one.node, "spec", Some(count.span), &mut |spec| {
        if let Some(old) = edit::set(spec, "replicas", count.clone()) {
            replaced(via, count.span, old.span);
        }
    });
    true
}

/// What an entry of `images` says.
#[derive(Debug)]
pub(super) struct Image<'k> {
    /// The name that is looked for.
    pub(super) name: &'k str,
    /// `newName`, `newTag`, `digest`, `tagSuffix`.
    pub(super) parts: [Option<&'k Node>; 4],
    /// Where the whole entry stands.
    pub(super) span: Span,
}

/// Changes the images of the object that an entry is about; says whether there is one.
pub(super) fn image(one: &mut Resource, entry: &Image<'_>) -> bool {
    if one.kind() == "CustomResourceDefinition" {
        return false;
    }
    let mut found = false;
    let mut changed = Vec::new();
    containers(&mut one.node, &mut |image| {
        let Some(own) = image.text() else { return };
        let Some(new) = renamed(own, entry) else {
            return;
        };
        found = true;
        if new == own {
            return;
        }
        let place = entry.parts.iter().flatten().last();
        let span = place.map_or(entry.span, |node| node.span);
        changed.push((span, image.span));
        *image = edit::text(&new, span);
    });
    for (new, old) in changed {
        replaced(&mut one.via, new, old);
    }
    found
}

/// Every image of a list of containers, however deep.
fn containers(node: &mut Node, change: &mut dyn FnMut(&mut Node)) {
    match &mut node.kind {
        Kind::Scalar(_) => {}
        Kind::Sequence(items) => items.iter_mut().for_each(|item| containers(item, change)),
        Kind::Mapping(entries) => {
            for entry in entries {
                if matches!(entry.key.as_str(), "containers" | "initContainers") {
                    for item in edit::items(&mut entry.value).into_iter().flatten() {
                        if let Some(image) = edit::get(item, "image") {
                            change(image);
                        }
                    }
                }
                containers(&mut entry.value, change);
            }
        }
    }
}

/// The image as the entry wants it; nothing where the entry is about another.
fn renamed(image: &str, entry: &Image<'_>) -> Option<String> {
    let rest = image.strip_prefix(entry.name)?;
    let tagged = |rest: &str| {
        let word = |c: char| c.is_ascii_alphanumeric() || "_.{}-".contains(c);
        rest.is_empty()
            || rest
                .strip_prefix(':')
                .is_some_and(|tag| tag.chars().all(word))
    };
    let fits = match rest.split_once('@') {
        Some((tag, digest)) => tagged(tag) && digest.starts_with("sha256:"),
        None => tagged(rest),
    };
    if !fits {
        return None;
    }
    let (named, digest) = match image.split_once('@') {
        Some((named, digest)) => (named, Some(digest)),
        None => (image, None),
    };
    let colon = named.rfind(':').filter(|at| !named[*at..].contains('/'));
    let (name, tag) = match colon {
        Some(at) => (&named[..at], Some(&named[at + 1..])),
        None => (named, None),
    };
    let said = |at: usize| {
        let text = entry.parts[at].and_then(Node::text);
        text.filter(|text| !text.is_empty())
    };
    let name = said(0).unwrap_or(name);
    let (tag, digest) = match (said(1), said(2), said(3)) {
        (Some(tag), digest, _) => (Some(tag.to_owned()), digest),
        (None, Some(digest), _) => (None, Some(digest)),
        (None, None, Some(suffix)) => (Some(format!("{}{suffix}", tag.unwrap_or(""))), None),
        (None, None, None) => (tag.map(str::to_owned), digest),
    };
    let mut made = name.to_owned();
    if let Some(tag) = tag {
        made.push(':');
        made.push_str(&tag);
    }
    if let Some(digest) = digest {
        made.push('@');
        made.push_str(digest);
    }
    Some(made)
}
