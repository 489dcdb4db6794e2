//! A manifest that others need and that no step applies.

use crate::diagnostic::Level;
use crate::facts::object::{Object, find};
use crate::facts::{At, Facts, tree};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unapplied-manifest",
    group: Group::Kubernetes,
    level: Level::Warning,
    summary: "a manifest that others need and that no step applies",
    docs: Docs {
        what: "The pipelines and scripts apply manifests file by file, and one that an applied workload refers to (its ConfigMap, Secret, claim or account) is in a file of the same folder that none of them applies.",
        why: "On a new cluster the pods wait for what is never made.",
        bad: "run: |\n  kubectl apply -f k8s/deployment.yaml     # refers to the ConfigMap of k8s/config.yaml",
        good: "run: kubectl apply -f k8s/",
        allow: "When the file is applied by hand, once.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    let applied = applied(facts);
    if applied.is_empty() {
        return;
    }
    let is_applied = |path: &str| {
        applied
            .iter()
            .any(|(one, _)| one == path || one.is_empty() || path.starts_with(&format!("{one}/")))
    };
    for object in facts.objects.iter().filter(|one| one.is_plain()) {
        let Some((_, at)) = applied.iter().find(|(path, _)| *path == object.path) else {
            continue;
        };
        for (kind, node) in needs(object) {
            let Some(name) = node.text() else { continue };
            let mut made = facts
                .objects
                .iter()
                .filter(|other| other.kind == kind && other.name == name);
            let Some(maker) = made.next() else { continue };
            let alone = made.next().is_none()
                && maker.is_plain()
                && tree::folder(&maker.path) == tree::folder(&object.path);
            if !alone || is_applied(&maker.path) || is_mentioned(facts, &maker.path) {
                continue;
            }
            findings
                .tell(format!(
                    "`{}` makes the {kind} `{name}`, and nothing applies it",
                    maker.path
                ))
                .at(at, "applied without it")
                .also(&object.at(node), "needed here")
                .also(&maker.named_at(), "made here");
        }
    }
}

/// Files and folders that some step applies.
fn applied(facts: &Facts) -> Vec<(String, At)> {
    let mut found = Vec::new();
    for command in &facts.commands {
        let verb = command.is("kubectl", &["apply"]) || command.is("kubectl", &["create"]);
        if !verb {
            continue;
        }
        for file in command.options(&["-f", "--filename", "-k", "--kustomize"]) {
            let Some(text) = file.text.known() else {
                // What is not known may be any of them.
                return Vec::new();
            };
            for from in &command.folders {
                if let Some(path) = tree::join(from, text)
                    && facts.tree.exists(&path)
                {
                    found.push((path, command.argument_at(&file)));
                }
            }
        }
    }
    let others = facts.workflows.iter().flat_map(|one| &one.jobs).any(|job| {
        job.steps.iter().any(|step| {
            let action = step.action();
            action.contains("k8s-deploy")
                || action.contains("kubernetes")
                || action.contains("kubectl")
        })
    });
    if others
        || facts
            .objects
            .iter()
            .any(|one| one.is("argoproj.io", "Application"))
    {
        return Vec::new();
    }
    found
}

/// Whether a text of the repository, as its README, tells people to apply the file.
fn is_mentioned(facts: &Facts, path: &str) -> bool {
    let name = tree::file_name(path);
    facts.tree.sources().any(|(own, source)| {
        own != path
            && !own.ends_with(".yaml")
            && !own.ends_with(".yml")
            && source.text().contains(name)
    })
}

/// What the pods of an object cannot start without.
fn needs(object: &Object) -> Vec<(&'static str, &Node)> {
    let mut needs = Vec::new();
    let Some(pod) = object.pod() else {
        return needs;
    };
    for container in object.containers(true) {
        for item in container.node.get("env").map_or(&[][..], Node::items) {
            for (path, kind) in [
                ("valueFrom.secretKeyRef.name", "Secret"),
                ("valueFrom.configMapKeyRef.name", "ConfigMap"),
            ] {
                needs.extend(find(item, path).map(|node| (kind, node)));
            }
        }
        for item in container.node.get("envFrom").map_or(&[][..], Node::items) {
            for (path, kind) in [
                ("secretRef.name", "Secret"),
                ("configMapRef.name", "ConfigMap"),
            ] {
                needs.extend(find(item, path).map(|node| (kind, node)));
            }
        }
    }
    for volume in pod.get("volumes").map_or(&[][..], Node::items) {
        for (path, kind) in [
            ("persistentVolumeClaim.claimName", "PersistentVolumeClaim"),
            ("configMap.name", "ConfigMap"),
            ("secret.secretName", "Secret"),
        ] {
            needs.extend(find(volume, path).map(|node| (kind, node)));
        }
    }
    needs.extend(
        pod.get("serviceAccountName")
            .map(|node| ("ServiceAccount", node)),
    );
    needs
}
