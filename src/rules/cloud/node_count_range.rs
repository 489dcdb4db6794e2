//! The autoscaler of a node pool has no room.

use crate::diagnostic::Level;
use crate::facts::{At, Facts};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "node-count-range",
    group: Group::Cloud,
    level: Level::Error,
    summary: "the autoscaler of a node pool has no room",
    docs: Docs {
        what: "min_count, node_count and max_count of a node pool, followed through variables, defaults and `.tfvars`, do not stand in that order.",
        why: "Azure refuses the pool, or it can never grow.",
        bad: "node_count = 3\nmax_count  = 3",
        good: "node_count = 1\nmax_count  = 3",
        allow: "When the pool is meant to be of one size.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for module in &facts.terraform {
        for file in &module.tfvars {
            let number = |name: &str| {
                let attribute = file.body.attribute(name)?;
                let value: i64 = attribute.value.scalar()?.parse().ok()?;
                Some((value, At::new(&file.source, attribute.value.span)))
            };
            let off = file
                .body
                .get("auto_scaling_enabled")
                .and_then(crate::source::hcl::Value::scalar)
                .is_some_and(|value| value == "false");
            if !off {
                compare(
                    number("min_count"),
                    number("node_count"),
                    number("max_count"),
                    findings,
                );
            }
        }
        for resource in &module.resources {
            let bodies = std::iter::once(&resource.body).chain(
                resource
                    .body
                    .blocks("default_node_pool")
                    .map(|block| &block.body),
            );
            for body in bodies {
                let number = |name: &str| {
                    let (text, at) =
                        module.resolve(body.get(name)?, &resource.source, module.tfvars.first())?;
                    Some((text.parse().ok()?, at))
                };
                let on = body
                    .get("auto_scaling_enabled")
                    .or_else(|| body.get("enable_auto_scaling"))
                    .and_then(crate::source::hcl::Value::scalar)
                    .is_some_and(|value| value == "true");
                if on && resource.kind.starts_with("azurerm_kubernetes") {
                    compare(
                        number("min_count"),
                        number("node_count"),
                        number("max_count"),
                        findings,
                    );
                }
            }
        }
    }
}

type Number = Option<(i64, At)>;

fn compare(min: Number, count: Number, max: Number, findings: &mut Findings<'_>) {
    let Some((max, max_at)) = max else { return };
    if let Some((count, at)) = &count
        && *count >= max
    {
        findings
            .tell(format!(
                "node_count ({count}) leaves the autoscaler no room below max_count ({max})"
            ))
            .at(at, format!("{count} nodes"))
            .also(&max_at, format!("at most {max}"))
            .help("raise max_count above node_count");
        return;
    }
    if let Some((min, at)) = &min
        && *min > max
    {
        findings
            .tell(format!("min_count ({min}) is above max_count ({max})"))
            .at(at, format!("at least {min}"))
            .also(&max_at, format!("at most {max}"));
        return;
    }
    if let (Some((min, min_at)), Some((count, at))) = (&min, &count)
        && count < min
    {
        findings
            .tell(format!("node_count ({count}) is below min_count ({min})"))
            .at(at, format!("{count} nodes"))
            .also(min_at, format!("at least {min}"));
    }
}
