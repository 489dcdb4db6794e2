//! A container mounts a volume that its pod does not have.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::rules::suggestion;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-volume",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "a container mounts a volume that its pod does not have",
    docs: Docs {
        what: "`volumeMounts` names a volume that is neither under `volumes` nor a claim template of the StatefulSet.",
        why: "The API server refuses the object.",
        bad: "volumeMounts: [{ name: data, mountPath: /data }]\nvolumes: [{ name: storage, emptyDir: {} }]",
        good: "volumeMounts: [{ name: data, mountPath: /data }]\nvolumes: [{ name: data, emptyDir: {} }]",
        allow: "When something adds the volume as pods are made.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in &facts.objects {
        let Some(pod) = object.pod() else { continue };
        let volumes = pod.get("volumes").map_or(&[][..], Node::items);
        let mut names: Vec<(&str, &Node)> = volumes
            .iter()
            .filter_map(|volume| {
                let node = volume.get("name")?;
                Some((node.text()?, node))
            })
            .collect();
        for template in object
            .find("spec.volumeClaimTemplates")
            .map_or(&[][..], Node::items)
        {
            if let Some(node) = template.get("metadata").and_then(|meta| meta.get("name")) {
                names.push((node.text().unwrap_or(""), node));
            }
        }
        // Templates of other tools are no names yet.
        if names
            .iter()
            .any(|(name, _)| name.contains(['#', '$', '{', '<', '%']))
        {
            continue;
        }
        for container in object.containers(true) {
            for mount in container
                .node
                .get("volumeMounts")
                .map_or(&[][..], Node::items)
            {
                let Some(node) = mount.get("name") else {
                    continue;
                };
                let Some(name) = node.text().filter(|name| !name.contains(['$', '{'])) else {
                    continue;
                };
                if names.iter().any(|(own, _)| *own == name) {
                    continue;
                }
                let told = findings
                    .tell(format!(
                        "the container `{}` mounts a volume `{name}`, which the pod does not have",
                        container.name
                    ))
                    .at(&object.at(node), "mounted here");
                let near = suggestion(name, names.iter().map(|(name, _)| *name));
                let place = names
                    .iter()
                    .find(|(own, _)| Some(*own) == near)
                    .or(names.first());
                match place {
                    Some((own, place)) => {
                        told.also(&object.at(place), format!("the pod has `{own}`"))
                    }
                    None => told.also(&object.named_at(), "the pod has no volumes"),
                };
            }
        }
    }
}
