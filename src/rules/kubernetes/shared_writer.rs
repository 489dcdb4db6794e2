//! Several pods write to a volume that one node may mount.

use crate::diagnostic::Level;
use crate::facts::near::nearest;
use crate::facts::object::{Container, Object, find};
use crate::facts::python::Module;
use crate::facts::{At, Facts, link, run, tree};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "shared-writer",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "several pods write to a volume that one node may mount",
    docs: Docs {
        what: "A workload with more than one replica, or with an autoscaler that may make more, mounts a claim whose only access mode is ReadWriteOnce or ReadWriteOncePod; or its program keeps a SQLite file in the container, so that each pod has its own.",
        why: "Pods on a second node stay in ContainerCreating; on one node they write over each other. With a file each, an answer depends on the pod that gives it.",
        bad: "kind: Deployment\nspec: { replicas: 3 }       # all mount the claim data\n---\nkind: PersistentVolumeClaim\nspec: { accessModes: [ReadWriteOnce] }",
        good: "spec: { replicas: 1, strategy: { type: Recreate } }",
        allow: "When all pods are kept on one node and the program is made for it.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in facts
        .objects
        .iter()
        .filter(|object| object.kind == "Deployment")
    {
        let scaler = nearest(facts, object, |other| {
            other.kind == "HorizontalPodAutoscaler"
                && other.find("spec.scaleTargetRef.name").and_then(Node::text) == Some(&object.name)
        });
        let by_scaler = scaler.iter().find_map(|scaler| {
            let node = scaler.find("spec.maxReplicas")?;
            let most: i64 = node.text()?.parse().ok()?;
            (most > 1).then(|| (most, scaler.at(node)))
        });
        let stated = object
            .replicas()
            .filter(|(count, _)| *count > 1)
            .map(|(count, node)| (count, object.at(node)));
        let Some((count, at)) = stated.or(by_scaler) else {
            continue;
        };
        files(facts, object, (count, &at), findings);
        for volume in object
            .pod()
            .and_then(|pod| pod.get("volumes"))
            .map_or(&[][..], Node::items)
        {
            let Some(name) = find(volume, "persistentVolumeClaim.claimName").and_then(Node::text)
            else {
                continue;
            };
            if find(volume, "persistentVolumeClaim.readOnly").and_then(Node::text) == Some("true") {
                continue;
            }
            let claims = nearest(facts, object, |other| {
                other.is("", "PersistentVolumeClaim") && other.name == name
            });
            for claim in claims {
                let Some(modes) = claim.find("spec.accessModes") else {
                    continue;
                };
                let once = !modes.items().is_empty()
                    && modes.items().iter().all(|mode| {
                        matches!(mode.text(), Some("ReadWriteOnce" | "ReadWriteOncePod"))
                    });
                if once {
                    findings
                        .tell(format!("up to {count} pods of {} write to the claim `{name}`, which one node may mount", object.title()))
                        .at(&at, format!("{count} pods"))
                        .also(&claim.at(modes), "one node only")
                        .help("run one pod with `strategy: Recreate`, or use a volume with ReadWriteMany");
                }
            }
        }
    }
}

/// SQLite files that each pod keeps for itself.
fn files(facts: &Facts, object: &Object, (count, at): (i64, &At), findings: &mut Findings<'_>) {
    for running in run::running(facts) {
        let container = &running.container;
        if !std::ptr::eq(container.object, object) {
            continue;
        }
        let contexts = link::contexts(facts, running.image);
        for module in &facts.python {
            let inside = contexts.iter().any(|folder| {
                tree::join(folder, "").is_some_and(|folder| {
                    folder.is_empty() || module.path.starts_with(&format!("{folder}/"))
                })
            });
            if !inside || is_aside(&module.path) {
                continue;
            }
            let Some(line) = sqlite(module, container) else {
                continue;
            };
            findings
                .tell(format!(
                    "up to {count} pods of {} keep a SQLite file each",
                    object.title()
                ))
                .at(at, format!("{count} pods"))
                .also(&line, "a file in the container")
                .help("run one pod with a volume, or use a database server");
            return;
        }
    }
}

/// Whether a file is no part of the service: tests, migrations, examples.
fn is_aside(path: &str) -> bool {
    path.split('/').any(|part| {
        matches!(
            part,
            "tests" | "test" | "migrations" | "alembic" | "examples" | "scripts"
        ) || part.starts_with("test_")
            || part.ends_with("_test.py")
            || part == "conftest.py"
    })
}

/// The line that names a SQLite file in any case: nothing of the environment decides, and no volume holds it.
fn sqlite(module: &Module, container: &Container<'_>) -> Option<At> {
    let text = module.source.text();
    if ["postgres", "mysql", "mssql", "oracle", ":memory:"]
        .iter()
        .any(|other| text.contains(other))
    {
        return None;
    }
    let mut mounts = container
        .node
        .get("volumeMounts")
        .map_or(&[][..], Node::items)
        .iter();
    if mounts.next().is_some() {
        return None;
    }
    let mut number = 0;
    let mut before = "";
    for line in text.lines() {
        number += 1;
        let here = format!("{before}\n{line}");
        before = line;
        let code = line.split('#').next().unwrap_or(line);
        let Some(at) = code.find("sqlite:///") else {
            continue;
        };
        let quoted = code[..at].contains(['"', '\'']);
        // Inside a class or another call something else may be chosen.
        let indented = line.starts_with([' ', '\t']) && !code.contains("app.config[");
        let decided = [
            "environ", "getenv", "config(", "env(", "settings", "if ", "else",
        ]
        .iter()
        .any(|word| here.contains(word));
        if quoted && !indented && !decided {
            return Some(At::new(&module.source, module.source.line(number)));
        }
    }
    None
}
