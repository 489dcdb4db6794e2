//! A resource or data source that the provider does not have.

use super::renamed;
use super::schema::{Modules, Sure};
use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::provider::Known;
use crate::rules::{Docs, Findings, Group, Rule, suggestion};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-resource",
    group: Group::Cloud,
    level: Level::Error,
    summary: "a resource or data source that the provider does not have",
    docs: Docs {
        what: "A `resource` or `data` block of a kind that the required major version of its provider (aws 6, azuread 3, azurerm 5, helm 3, kubernetes 2) does not have: misspelt, or removed since. Where the repository requires no version, only kinds with a known successor or a name close by are told.",
        why: "terraform validate and plan fail.",
        bad: "resource \"azurerm_app_service\" \"web\" {}       # azurerm ~> 5.0",
        good: "resource \"azurerm_linux_web_app\" \"web\" {}",
        allow: "When the provider is newer than gen knows.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for (module, resource, provider, sure) in Modules::new(facts).resources() {
        if provider.kind(resource.data, &resource.kind) != Known::No {
            continue;
        }
        let successor = renamed::kind(&resource.kind);
        let short = &resource.kind[provider.name.len() + 1..];
        let near = suggestion(short, provider.kinds(resource.data));
        if sure == Sure::Newest && successor.is_none() && near.is_none() {
            continue;
        }
        let what = if resource.data {
            "data source"
        } else {
            "resource"
        };
        let mut told = findings
            .tell_as(
                sure.level(),
                format!(
                    "{} {} has no {what} `{}`",
                    provider.name, provider.version, resource.kind
                ),
            )
            .at(&resource.at, "declared here");
        for required in module
            .providers
            .iter()
            .filter(|one| one.name == provider.name)
        {
            told = told.also(&required.at, "required here");
        }
        if let Some(successor) = successor {
            told.help(format!("it was removed: {successor}"));
        } else if let Some(near) = near {
            told.help(format!("did you mean `{}_{near}`?", provider.name));
        } else if provider.kind(!resource.data, &resource.kind) != Known::No {
            let other = if resource.data {
                "resource"
            } else {
                "data source"
            };
            told.help(format!("there is a {other} of that name"));
        }
    }
}
