//! A kustomization changes what is not there.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unmatched-override",
    group: Group::Kubernetes,
    level: Level::Warning,
    summary: "an override of a kustomization that fits no object",
    docs: Docs {
        what: "A patch whose `target` fits no object, or an entry of `images` whose name no container has. A name in `images` is compared as a whole, with its registry.",
        why: "kustomize passes over both without a word: the environment runs without the change, as with the image that the base names.",
        bad: "images:\n  - name: web                # the containers run `registry.example.com/web`\n    newTag: 1.4.2",
        good: "images:\n  - name: registry.example.com/web\n    newTag: 1.4.2",
        allow: "When the kustomization is a part that others take in with objects of their own.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for fault in facts.kustomize_faults.iter().filter(|fault| !fault.refused) {
        findings
            .tell(fault.text.clone())
            .at(&fault.at, fault.label.clone());
    }
}
