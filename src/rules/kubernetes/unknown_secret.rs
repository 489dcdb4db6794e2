//! A pod refers to a Secret or ConfigMap that nothing makes.

use crate::diagnostic::Level;
use crate::facts::near::nearest;
use crate::facts::object::{Object, find};
use crate::facts::{At, Facts};
use crate::rules::suggestion;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-secret",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "a pod refers to a Secret or ConfigMap that nothing makes",
    docs: Docs {
        what: "secretKeyRef, configMapKeyRef, envFrom or a volume names a ConfigMap that is not here, or a Secret whose name is a letter off one that is; or a key that the object does not have.",
        why: "The pod stays in CreateContainerConfigError.",
        bad: "configMapKeyRef: { name: settings, key: HOST }   # the ConfigMap is called config",
        good: "configMapKeyRef: { name: config, key: HOST }",
        allow: "When the object is made elsewhere.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in &facts.objects {
        for container in object.containers(true) {
            for item in container.node.get("env").map_or(&[][..], Node::items) {
                for (path, kind) in [
                    ("valueFrom.secretKeyRef", "Secret"),
                    ("valueFrom.configMapKeyRef", "ConfigMap"),
                ] {
                    if let Some(reference) = find(item, path) {
                        refer(facts, object, reference, kind, findings);
                    }
                }
            }
            for item in container.node.get("envFrom").map_or(&[][..], Node::items) {
                for (path, kind) in [("secretRef", "Secret"), ("configMapRef", "ConfigMap")] {
                    if let Some(reference) = item.get(path) {
                        refer(facts, object, reference, kind, findings);
                    }
                }
            }
        }
        for volume in object
            .pod()
            .and_then(|pod| pod.get("volumes"))
            .map_or(&[][..], Node::items)
        {
            if let Some(reference) = volume.get("configMap") {
                refer(facts, object, reference, "ConfigMap", findings);
            }
            if let Some(reference) = volume.get("secret") {
                refer(facts, object, reference, "Secret", findings);
            }
        }
    }
}

fn refer(
    facts: &Facts,
    object: &Object,
    reference: &Node,
    kind: &str,
    findings: &mut Findings<'_>,
) {
    let Some(node) = reference
        .get("name")
        .or_else(|| reference.get("secretName"))
    else {
        return;
    };
    let Some(name) = node.text().filter(|name| !name.contains(['$', '{', '<'])) else {
        return;
    };
    if reference.get("optional").and_then(Node::text) == Some("true") || is_given(kind, name) {
        return;
    }
    let made = makers(facts, object, kind);
    if let Some(maker) = made.iter().find(|maker| maker.name == name) {
        keys(object, reference, maker, findings);
        return;
    }
    let other = facts
        .objects
        .iter()
        .any(|other| other.kind == kind && other.name == name);
    let by_command = facts.commands.iter().any(|command| {
        command.program == "kubectl"
            && command
                .arguments
                .iter()
                .any(|argument| argument.text.is("create"))
            && command
                .arguments
                .iter()
                .any(|argument| argument.text.is(name) || argument.text.is_partial())
    });
    let by_terraform = facts.terraform.iter().any(|module| {
        module
            .resources
            .iter()
            .any(|one| one.kind.starts_with("kubernetes_"))
    });
    if other || by_command || by_terraform || facts.is_among_unseen(object) {
        return;
    }
    let names: Vec<&str> = made.iter().map(|maker| maker.name.as_str()).collect();
    let near = suggestion(name, names.iter().copied());
    // Secrets are often made by hand: only a slip of the pen is proof.
    let meant = near.or_else(|| {
        (kind == "ConfigMap")
            .then(|| names.first().copied())
            .flatten()
    });
    let Some(maker) = made.iter().find(|maker| Some(maker.name.as_str()) == meant) else {
        findings.unresolved(
            &object.at(node),
            format!("the {kind} `{name}` is not made here"),
        );
        return;
    };
    let told = findings
        .tell(format!(
            "{} refers to the {kind} `{name}`, which nothing here makes",
            object.title()
        ))
        .at(&object.at(node), "referred to here")
        .also(&maker.at, format!("there is a {kind} `{}`", maker.name));
    if let Some(place) = object.at(node).written(name) {
        told.unsafe_fix(&place, maker.name.as_str());
    }
}

/// What Kubernetes and common controllers make by themselves.
fn is_given(kind: &str, name: &str) -> bool {
    kind == "ConfigMap" && name == "kube-root-ca.crt" || name.is_empty()
}

/// Something that makes a Secret or ConfigMap.
struct Maker {
    name: String,
    /// The keys, where all are known.
    keys: Option<Vec<String>>,
    at: At,
}

fn makers(facts: &Facts, object: &Object, kind: &str) -> Vec<Maker> {
    let mut made: Vec<Maker> = nearest(facts, object, |other| {
        other.kind == kind
            || kind == "Secret"
                && matches!(
                    other.kind.as_str(),
                    "SealedSecret" | "ExternalSecret" | "Certificate"
                )
    })
    .into_iter()
    .map(|other| {
        let name = match other.kind.as_str() {
            "ExternalSecret" => other.find("spec.target.name"),
            "Certificate" => other.find("spec.secretName"),
            _ => None,
        };
        let keys = (other.kind == kind).then(|| {
            ["data", "stringData", "binaryData"]
                .iter()
                .flat_map(|key| other.node.get(key).map_or(&[][..], Node::entries))
                .map(|entry| entry.key.clone())
                .collect()
        });
        Maker {
            name: name.and_then(Node::text).unwrap_or(&other.name).to_owned(),
            keys,
            at: other.named_at(),
        }
    })
    .collect();
    let built = facts.bundles[object.bundle].kustomized;
    for one in facts
        .kustomizations
        .iter()
        .filter(|one| !(built && one.built))
    {
        let Some(source) = facts.tree.source(&one.path) else {
            continue;
        };
        for (own, name, keys, open) in &one.generated {
            if own == kind {
                made.push(Maker {
                    name: name.clone(),
                    keys: (!open).then(|| keys.clone()),
                    at: At::new(source, source.line(1)),
                });
            }
        }
    }
    made
}

fn keys(object: &Object, reference: &Node, maker: &Maker, findings: &mut Findings<'_>) {
    let Some(known) = &maker.keys else { return };
    let mut wanted: Vec<&Node> = reference.get("key").into_iter().collect();
    wanted.extend(
        reference
            .get("items")
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(|item| item.get("key")),
    );
    for node in wanted {
        let Some(key) = node.text() else { continue };
        if known.iter().any(|own| own == key) || known.is_empty() {
            continue;
        }
        let told = findings
            .tell(format!("`{}` has no key `{key}`", maker.name))
            .at(&object.at(node), "asked for here")
            .also(&maker.at, format!("it has `{}`", known.join("`, `")));
        if let Some(near) = suggestion(key, known.iter().map(String::as_str)) {
            let told = told.help(format!("did you mean `{near}`?"));
            if let Some(place) = object.at(node).written(key) {
                told.unsafe_fix(&place, near);
            }
        }
    }
}
