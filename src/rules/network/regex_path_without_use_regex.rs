//! A path with a pattern that is taken literally.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::object::find;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "regex-path-without-use-regex",
    group: Group::Network,
    level: Level::Error,
    summary: "a path with a pattern that is taken literally",
    docs: Docs {
        what: "A path of an Ingress for ingress-nginx has a group or metacharacters, and the annotation `use-regex` is missing or `pathType` is not ImplementationSpecific; or `rewrite-target` uses a group that the path does not have.",
        why: "The path matches nothing, the rewrite gives an empty path, or the admission controller refuses the object.",
        bad: "annotations: { nginx.ingress.kubernetes.io/rewrite-target: /$2 }\npath: /flask-app",
        good: "annotations:\n  nginx.ingress.kubernetes.io/use-regex: \"true\"\n  nginx.ingress.kubernetes.io/rewrite-target: /$2\npath: /flask-app(/|$)(.*)\npathType: ImplementationSpecific",
        allow: "For a controller with other rules.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in facts
        .objects
        .iter()
        .filter(|object| object.kind == "Ingress")
    {
        let annotations = object
            .find("metadata.annotations")
            .map_or(&[][..], Node::entries);
        let get = |name: &str| {
            annotations
                .iter()
                .find(|entry| entry.key == format!("nginx.ingress.kubernetes.io/{name}"))
                .map(|entry| &entry.value)
        };
        let rewrite = get("rewrite-target");
        let regex = get("use-regex").and_then(Node::text) == Some("true");
        let nginx = rewrite.is_some()
            || get("use-regex").is_some()
            || object.find("spec.ingressClassName").and_then(Node::text) == Some("nginx");
        if !nginx {
            continue;
        }
        for rule in object.find("spec.rules").map_or(&[][..], Node::items) {
            for path in find(rule, "http.paths").map_or(&[][..], Node::items) {
                let Some(node) = path.get("path") else {
                    continue;
                };
                let text = node.text().unwrap_or("");
                let pattern = text.contains(['(', '*', '|', '[', '\\']);
                let groups = text.matches('(').count() - text.matches("(?:").count();
                if let Some(rewrite) = rewrite {
                    let wanted = rewrite
                        .text()
                        .unwrap_or("")
                        .match_indices('$')
                        .filter_map(|(at, _)| {
                            rewrite.text()?.get(at + 1..at + 2)?.parse::<usize>().ok()
                        })
                        .max()
                        .unwrap_or(0);
                    if wanted > groups {
                        findings
                            .tell(format!(
                                "the rewrite uses group {wanted}, and the path has {groups}"
                            ))
                            .at(&object.at(rewrite), format!("uses ${wanted}"))
                            .also(&object.at(node), format!("has {groups} groups"));
                        continue;
                    }
                }
                // A rewrite with groups makes ingress-nginx take every path of the host for a pattern.
                if pattern && !regex && rewrite.is_none() {
                    let place = object
                        .find("metadata.annotations")
                        .map_or_else(|| object.named_at(), |node| object.at(node));
                    findings
                        .tell(format!("`{text}` is a pattern, and is taken literally"))
                        .at(&object.at(node), "a pattern")
                        .also(&place, "`use-regex` is not set")
                        .help(
                            "set the annotation nginx.ingress.kubernetes.io/use-regex to \"true\"",
                        );
                }
                let Some(kind) = path.get("pathType") else {
                    continue;
                };
                if pattern && matches!(kind.text(), Some("Prefix" | "Exact")) {
                    findings
                        .tell(format!(
                            "`{text}` is a pattern, and `pathType: {}` allows none",
                            kind.text().unwrap_or("")
                        ))
                        .at(&object.at(kind), "forbids patterns")
                        .also(&object.at(node), "a pattern")
                        .help("use `pathType: ImplementationSpecific`");
                }
            }
        }
    }
}
