//! A kustomization that kustomize refuses.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "kustomization-does-not-build",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "a kustomization that kustomize refuses",
    docs: Docs {
        what: "A kustomization takes in a path that is not there or an object twice, patches an object that it does not have, sets the replicas of a workload that is not there, has a JSON patch that does not apply, or a key that there is not.",
        why: "`kustomize build`, `kubectl apply -k`, Argo CD and Flux stop there, and nothing is deployed.",
        bad: "resources: [../../base]        # makes the Deployment `web`\npatches:\n  - patch: |\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: { name: website }",
        good: "resources: [../../base]\npatches:\n  - patch: |\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: { name: web }",
        allow: "When something puts the missing file there before it is built.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for fault in facts.kustomize_faults.iter().filter(|fault| fault.refused) {
        findings
            .tell(fault.text.clone())
            .at(&fault.at, fault.label.clone());
    }
}
