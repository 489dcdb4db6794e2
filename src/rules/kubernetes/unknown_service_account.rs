//! A pod runs under a ServiceAccount that nothing makes.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::near::nearest;
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-service-account",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "a pod runs under a ServiceAccount that nothing makes",
    docs: Docs {
        what: "`serviceAccountName` names an account that is not here, while the same bundle makes another one.",
        why: "No pod is made: the ServiceAccount is not found.",
        bad: "serviceAccountName: web-sa    # the account is called web",
        good: "serviceAccountName: web",
        allow: "When the account is made elsewhere, as by Terraform.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in &facts.objects {
        let Some(node) = object.pod().and_then(|pod| {
            pod.get("serviceAccountName")
                .or_else(|| pod.get("serviceAccount"))
        }) else {
            continue;
        };
        let Some(name) = node.text().filter(|name| {
            *name != "default" && !name.is_empty() && !name.contains(['$', '{', '<'])
        }) else {
            continue;
        };
        if facts.is_among_unseen(object)
            || facts
                .objects
                .iter()
                .any(|other| other.is("", "ServiceAccount") && other.name == name)
        {
            continue;
        }
        let accounts = nearest(facts, object, |other| other.is("", "ServiceAccount"));
        let Some(account) = accounts.first() else {
            findings.unresolved(
                &object.at(node),
                format!("the ServiceAccount `{name}` is not made here"),
            );
            continue;
        };
        findings
            .tell(format!(
                "{} runs under the ServiceAccount `{name}`, which nothing here makes",
                object.title()
            ))
            .at(&object.at(node), "used here")
            .also(
                &account.named_at(),
                format!("the account is called `{}`", account.name),
            );
    }
}
