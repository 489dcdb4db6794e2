//! A Terraform module is given a variable that it does not declare, or not one that it needs.

use crate::diagnostic::Level;
use crate::facts::terraform::{Call, Module, Tfvars, called};
use crate::facts::{At, Facts, tree};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::rules::{Finding, suggestion};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-variable",
    group: Group::Cloud,
    level: Level::Error,
    summary: "a Terraform module is given a variable that it does not declare, or not one that it needs",
    docs: Docs {
        what: "A module call, a `.tfvars` file, `-var` or `TF_VAR_…` sets a variable that the module does not declare; or a call leaves out a variable without a default.",
        why: "A call fails at once. A `.tfvars` file only warns, and what was meant to be set keeps its default.",
        bad: "module \"acr\" {\n  source   = \"../modules/acr\"\n  loaction = var.location\n}",
        good: "module \"acr\" {\n  source   = \"../modules/acr\"\n  location = var.location\n}",
        allow: "For a file of variables that several roots share.",
    },
    check,
};

const META: [&str; 6] = [
    "source",
    "version",
    "count",
    "for_each",
    "providers",
    "depends_on",
];

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for module in &facts.terraform {
        for call in &module.calls {
            if let Some(other) = called(facts, module, call).filter(|other| !other.open) {
                arguments(call, other, findings);
            }
        }
        for file in &module.tfvars {
            variables(module, file, findings);
        }
    }
    for command in facts
        .commands
        .iter()
        .filter(|one| matches!(one.program.as_str(), "terraform" | "tofu"))
    {
        let chdir = command
            .option(&["-chdir"])
            .and_then(|folder| folder.text.known().map(str::to_owned));
        let folders: Vec<String> = command
            .folders
            .iter()
            .filter_map(|from| tree::join(from, chdir.as_deref().unwrap_or(".")))
            .collect();
        let Some(module) = facts
            .terraform
            .iter()
            .find(|module| folders.contains(&module.folder) && !module.open)
        else {
            continue;
        };
        for argument in command.options(&["-var", "--var"]) {
            let Some((name, _)) = argument.text.split_once('=') else {
                continue;
            };
            let Some(name) = name.known().filter(|name| module.variable(name).is_none()) else {
                continue;
            };
            let told = findings
                .tell(format!(
                    "`-var {name}` sets a variable that the module does not declare"
                ))
                .at(&command.argument_at(&argument), "set here");
            near(module, name, told);
        }
    }
}

fn arguments(call: &Call, other: &Module, findings: &mut Findings<'_>) {
    for attribute in &call.body.attributes {
        if META.contains(&attribute.name.as_str()) || other.variable(&attribute.name).is_some() {
            continue;
        }
        let told = findings
            .tell(format!(
                "the module `{}` has no variable `{}`",
                call.name, attribute.name
            ))
            .at(&At::new(&call.file, attribute.name_span), "set here");
        near(other, &attribute.name, told);
    }
    for variable in &other.variables {
        if variable.default.is_none() && call.body.get(&variable.name).is_none() {
            findings
                .tell(format!(
                    "the module `{}` is not given `{}`",
                    call.name, variable.name
                ))
                .at(&call.at, "called here")
                .also(&variable.at, "has no default");
        }
    }
}

fn variables(module: &Module, file: &Tfvars, findings: &mut Findings<'_>) {
    if module.open || module.variables.is_empty() {
        return;
    }
    for attribute in &file.body.attributes {
        if module.variable(&attribute.name).is_some() {
            continue;
        }
        let told = findings
            .tell(format!(
                "`{}` is set, and the module declares no such variable",
                attribute.name
            ))
            .at(&At::new(&file.source, attribute.name_span), "set here");
        near(module, &attribute.name, told);
    }
    let loaded =
        tree::file_name(&file.path) == "terraform.tfvars" || file.path.ends_with(".auto.tfvars");
    // Other files may be given together.
    if module.tfvars.len() > 1 && !loaded || module.calls.is_empty() && module.resources.is_empty()
    {
        return;
    }
    for variable in &module.variables {
        let given = module
            .tfvars
            .iter()
            .any(|file| file.body.get(&variable.name).is_some());
        if variable.default.is_none() && !given && module.tfvars.len() == 1 {
            findings
                .tell_as(
                    Level::Warning,
                    format!("`{}` has no default, and the file of variables does not set it", variable.name),
                )
                .at(&variable.at, "has no default")
                .also(&At::new(&file.source, file.source.line(1)), "the variables of this module")
                .help("Terraform asks for it, and a pipeline cannot answer: set it, or pass it as TF_VAR_");
        }
    }
}

fn near(module: &Module, name: &str, told: Finding<'_>) {
    let found = suggestion(name, module.variables.iter().map(|one| one.name.as_str()));
    if let Some(variable) = found.and_then(|found| module.variable(found)) {
        told.also(&variable.at, "declared here")
            .help(format!("did you mean `{}`?", variable.name));
    } else if let Some(variable) = module.variables.first() {
        told.also(&variable.at, "the variables are declared here");
    } else if let Some(file) = &module.file {
        told.also(&At::new(file, file.line(1)), "the module declares none");
    }
}
