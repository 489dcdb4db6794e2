//! A Terraform provider is not held to a version.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unpinned-provider",
    group: Group::Cloud,
    level: Level::Warning,
    summary: "a Terraform provider is not held to a version",
    docs: Docs {
        what: "A root names a provider in `required_providers` without `version`.",
        why: "The next `terraform init` may bring a major version that refuses the files.",
        bad: "azurerm = { source = \"hashicorp/azurerm\" }",
        good: "azurerm = { source = \"hashicorp/azurerm\", version = \"~> 5.2\" }",
        allow: "Where a lock file is committed and renewed on purpose.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for module in &facts.terraform {
        // Modules leave the choice to their callers.
        let called = facts
            .terraform
            .iter()
            .flat_map(|root| root.calls.iter().map(move |call| (root, call)))
            .any(|(root, call)| {
                crate::facts::terraform::called(facts, root, call)
                    .is_some_and(|other| other.folder == module.folder)
            });
        let locked = crate::facts::tree::join(&module.folder, ".terraform.lock.hcl")
            .is_some_and(|path| facts.tree.is_file(&path));
        if called || locked {
            continue;
        }
        for provider in module
            .providers
            .iter()
            .filter(|provider| provider.version.is_none())
        {
            findings
                .tell(format!(
                    "the provider `{}` is not held to a version",
                    provider.name
                ))
                .at(&provider.at, "any version")
                .help("add `version = \"~> …\"`");
        }
    }
}
