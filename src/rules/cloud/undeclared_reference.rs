//! Terraform refers to what the module does not declare.

use crate::diagnostic::Level;
use crate::facts::terraform::{Module, Resource, called};
use crate::facts::{At, Facts};
use crate::rules::suggestion;
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "undeclared-reference",
    group: Group::Cloud,
    level: Level::Error,
    summary: "Terraform refers to what the module does not declare",
    docs: Docs {
        what: "A reference names a variable, local, module, resource, data source, or module output that is not declared.",
        why: "terraform validate and plan fail.",
        bad: "value = var.regoin",
        good: "value = var.region",
        allow: "Never: Terraform refuses it.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for module in &facts.terraform {
        if module.open {
            continue;
        }
        for (path, at) in &module.references {
            reference(facts, module, path, at, findings);
        }
    }
}

fn reference(
    facts: &Facts,
    module: &Module,
    path: &[String],
    at: &At,
    findings: &mut Findings<'_>,
) {
    let (Some(root), Some(name)) = (path.first(), path.get(1)) else {
        return;
    };
    let file = module.file.as_ref();
    let first = file.map(|file| At::new(file, file.line(1)));
    let near = |names: Vec<(&str, At)>| {
        let found = suggestion(name, names.iter().map(|(name, _)| *name));
        found
            .and_then(|found| names.iter().find(|(name, _)| *name == found))
            .map(|(name, at)| ((*name).to_owned(), at.clone()))
    };
    let (what, known) = match root.as_str() {
        "var" => (
            "variable",
            module
                .variables
                .iter()
                .map(|one| (one.name.as_str(), one.at.clone()))
                .collect::<Vec<_>>(),
        ),
        "local" => (
            "local",
            module
                .locals
                .iter()
                .map(|(name, _, at)| (name.as_str(), at.clone()))
                .collect(),
        ),
        "module" => (
            "module call",
            module
                .calls
                .iter()
                .map(|one| (one.name.as_str(), one.at.clone()))
                .collect(),
        ),
        _ => return resource(module, path, at, findings),
    };
    if known.iter().any(|(own, _)| own == name) {
        if root == "module" {
            output(facts, module, path, at, findings);
        }
        return;
    }
    let mut told = findings
        .tell(format!(
            "`{root}.{name}` is not declared: there is no {what} `{name}`"
        ))
        .at(at, "used here");
    match near(known) {
        Some((other, place)) => {
            told = told.also(&place, format!("`{other}` is declared here"));
            told.help(format!("did you mean `{other}`?"));
        }
        None => {
            if let Some(first) = first {
                told.also(&first, "in the module of this folder");
            }
        }
    }
}

fn resource(module: &Module, path: &[String], at: &At, findings: &mut Findings<'_>) {
    let data = path[0] == "data";
    let at_kind = usize::from(data);
    let (Some(kind), Some(name)) = (path.get(at_kind), path.get(at_kind + 1)) else {
        return;
    };
    // Only names with a provider in front are resources; `each`, `self`, `path` … are not.
    if !kind.contains('_') || kind.starts_with("terraform_") && !data {
        return;
    }
    let same = |one: &&Resource| one.data == data && one.kind == *kind;
    if module
        .resources
        .iter()
        .filter(same)
        .any(|one| one.name == *name)
        || name == "*"
    {
        return;
    }
    let told = findings
        .tell(format!(
            "`{}` is not declared",
            path[..=at_kind + 1].join(".")
        ))
        .at(at, "used here");
    let names: Vec<&Resource> = module.resources.iter().filter(same).collect();
    let found = suggestion(name, names.iter().map(|one| one.name.as_str()))
        .and_then(|found| names.iter().find(|one| one.name == found))
        .or(names.first());
    if let Some(other) = found {
        told.also(&other.at, format!("`{}` is declared here", other.name));
    } else {
        let kinds = suggestion(kind, module.resources.iter().map(|one| one.kind.as_str()));
        if let Some(other) =
            kinds.and_then(|kind| module.resources.iter().find(|one| one.kind == kind))
        {
            told.also(&other.at, "declared here")
                .help(format!("did you mean `{}`?", other.kind));
        } else if let Some(file) = &module.file {
            told.also(&At::new(file, file.line(1)), "in the module of this folder");
        }
    }
}

fn output(facts: &Facts, module: &Module, path: &[String], at: &At, findings: &mut Findings<'_>) {
    let Some(call) = module.calls.iter().find(|call| call.name == path[1]) else {
        return;
    };
    // Behind the name stands the index of `count` or `for_each`, then the output.
    let indexed = call.body.get("count").is_some() || call.body.get("for_each").is_some();
    let Some(name) = path.get(if indexed { 3 } else { 2 }) else {
        return;
    };
    let Some(called) = called(facts, module, call) else {
        return;
    };
    if called.open || name == "*" || called.outputs.iter().any(|output| output.name == *name) {
        return;
    }
    let told = findings
        .tell(format!("the module `{}` has no output `{name}`", call.name))
        .at(at, "read here")
        .also(&call.at, "called here");
    let found = suggestion(
        name,
        called.outputs.iter().map(|output| output.name.as_str()),
    );
    if let Some(output) =
        found.and_then(|found| called.outputs.iter().find(|output| output.name == found))
    {
        told.also(&output.at, "declared here")
            .help(format!("did you mean `{}`?", output.name));
    }
}
