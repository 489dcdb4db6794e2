//! Who wrote a field: the entries of `metadata.managedFields`, and which of them are people, the deployment,
//! or a program that decides for itself.

use serde_json::Value;

use super::fields::{self, FieldSet, Path};

/// Managers whose whole purpose is to bring what a repository says into a cluster.
const DEPLOYERS: [&str; 11] = [
    "argocd-application-controller",
    "argocd-controller",
    "ansible",
    "gen",
    "hashicorp",
    "helm",
    "helm-controller",
    "kapp",
    "kustomize-controller",
    "pulumi",
    "terraform",
];
/// What the tools of people call themselves, by how the name begins.
const TOOLS: [&str; 10] = [
    "kubectl",
    "k9s",
    "lens",
    "node-fetch",
    "openlens",
    "headlamp",
    "mozilla",
    "dashboard",
    "curl",
    "oc-",
];

/// Whose hand it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Hand {
    /// A person with a tool.
    Person,
    /// A program that decides for itself, like an autoscaler.
    Program,
    /// What deploys the object.
    Deployer,
}

/// One entry of `managedFields`.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) manager: String,
    /// Whether it was applied; what was created or updated owns the server's defaults too.
    pub(super) applied: bool,
    pub(super) subresource: String,
    pub(super) time: String,
    pub(super) fields: FieldSet,
    pub(super) hand: Hand,
}

impl Entry {
    /// Whether the field, or all of what is around it, is this manager's.
    pub(super) fn owns(&self, path: &Path) -> bool {
        path.ancestors().any(|above| self.fields.contains(&above))
    }

    /// Whether something at or below the field is.
    pub(super) fn owns_within(&self, path: &Path) -> bool {
        self.owns(path)
            || self
                .fields
                .range(path..)
                .next()
                .is_some_and(|first| first.is_below(path))
    }
}

/// The entries of an object. `wanted` are the fields that the spec gives it; whoever has most of them deploys
/// it, unless a manager is known for deploying. `deployers` are names given by the user.
pub(super) fn entries(object: &Value, wanted: &FieldSet, deployers: &[String]) -> Vec<Entry> {
    let listed = object.pointer("/metadata/managedFields");
    let listed = listed.and_then(Value::as_array).map(Vec::as_slice);
    let mut found: Vec<Entry> = listed
        .unwrap_or_default()
        .iter()
        .map(|entry| {
            let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
            let (manager, subresource) = (text("manager"), text("subresource"));
            let hand = hand(&manager, &subresource, deployers);
            Entry {
                applied: entry["operation"] == "Apply",
                time: text("time"),
                fields: fields::read(&entry["fieldsV1"]),
                manager,
                subresource,
                hand,
            }
        })
        .collect();
    let share = |entry: &Entry| wanted.iter().filter(|path| entry.owns_within(path)).count();
    let known = |entry: &Entry| entry.hand == Hand::Deployer && share(entry) > 0;
    if !found.iter().any(known) {
        let most = found
            .iter_mut()
            .filter(|entry| entry.subresource.is_empty())
            .map(|entry| (share(entry), entry))
            .max_by_key(|(count, _)| *count);
        if let Some((count, entry)) = most
            && count * 2 > wanted.len()
        {
            entry.hand = Hand::Deployer;
        }
    }
    found
}

/// Whether what deploys the object gave one of its containers this image, and nobody else did.
pub(super) fn is_deployed(object: &Value, image: &str, deployers: &[String]) -> bool {
    let all = entries(object, &FieldSet::new(), deployers);
    let all: FieldSet = all.into_iter().flat_map(|entry| entry.fields).collect();
    let entries = entries(object, &all, deployers);
    let is_image = |path: &&Path| path.get(object).and_then(Value::as_str) == Some(image);
    let owners = entries
        .iter()
        .filter(|entry| entry.fields.iter().find(is_image).is_some());
    let hands: Vec<Hand> = owners.map(|entry| entry.hand).collect();
    !hands.is_empty() && hands.iter().all(|hand| *hand == Hand::Deployer)
}

fn hand(manager: &str, subresource: &str, deployers: &[String]) -> Hand {
    let name = manager.to_lowercase();
    let deploys = DEPLOYERS.contains(&name.as_str()) || deployers.iter().any(|own| own == manager);
    let is_tool = TOOLS.iter().any(|tool| name.starts_with(tool));
    match (deploys && subresource.is_empty(), is_tool) {
        (true, _) => Hand::Deployer,
        (_, true) => Hand::Person,
        _ => Hand::Program,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(entries: Value) -> Value {
        json!({ "metadata": { "managedFields": entries } })
    }

    fn wanted() -> FieldSet {
        fields::read(&json!({ "f:spec": { "f:a": {}, "f:b": {}, "f:c": {} } }))
    }

    #[test]
    fn a_person_who_made_the_object_deploys_it_and_one_who_edits_does_not() {
        let object = object(json!([
            { "manager": "kubectl-create", "operation": "Update",
              "fieldsV1": { "f:spec": { "f:a": {}, "f:b": {} } } },
            { "manager": "kubectl-edit", "operation": "Update", "fieldsV1": { "f:spec": { "f:c": {} } } },
            { "manager": "kube-controller-manager", "operation": "Update", "subresource": "scale",
              "fieldsV1": { "f:spec": { "f:replicas": {} } } },
        ]));
        let hands: Vec<Hand> = entries(&object, &wanted(), &[])
            .iter()
            .map(|e| e.hand)
            .collect();
        assert_eq!(hands, [Hand::Deployer, Hand::Person, Hand::Program]);
    }

    #[test]
    fn where_a_deployer_is_known_a_person_never_becomes_one() {
        let object = object(json!([
            { "manager": "helm", "operation": "Apply", "fieldsV1": { "f:spec": { "f:a": {} } } },
            { "manager": "kubectl", "operation": "Apply",
              "fieldsV1": { "f:spec": { "f:b": {}, "f:c": {} } } },
        ]));
        let hands: Vec<Hand> = entries(&object, &wanted(), &[])
            .iter()
            .map(|e| e.hand)
            .collect();
        assert_eq!(hands, [Hand::Deployer, Hand::Person]);
    }

    #[test]
    fn the_user_names_deployers() {
        let object = object(json!([
            { "manager": "our-robot", "operation": "Apply", "fieldsV1": { "f:spec": { "f:a": {} } } },
        ]));
        let own = ["our-robot".to_owned()];
        assert_eq!(entries(&object, &wanted(), &own)[0].hand, Hand::Deployer);
        assert_eq!(entries(&object, &wanted(), &[])[0].hand, Hand::Program);
    }
}
