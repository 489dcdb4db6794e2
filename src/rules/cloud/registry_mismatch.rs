//! The registry of images is not the one that Terraform makes.

use crate::diagnostic::Level;
use crate::facts::ecs;
use crate::facts::pipeline::pushes;
use crate::facts::terraform::{Module, Tfvars, called};
use crate::facts::text::{ImageName, Piece, Text};
use crate::facts::{At, Facts};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::hcl::Kind;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "registry-mismatch",
    group: Group::Cloud,
    level: Level::Error,
    summary: "the registry of images is not the one that Terraform makes",
    docs: Docs {
        what: "The host of images that are pushed or deployed, or the name in `az acr login`, is compared with the registries that Terraform makes, where it makes some and this is none of them.",
        why: "The login or the pull fails: the registry is another one, or does not exist.",
        bad: "registry = { name = \"shopregistry\" }\n…\nimage: shopregistri.azurecr.io/web",
        good: "registry = { name = \"shopregistry\" }\n…\nimage: shopregistry.azurecr.io/web",
        allow: "When the registry is made in another repository.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    repositories(facts, findings);
    let made = registries(facts);
    let mut used: Vec<(String, At)> = Vec::new();
    let host = |full: String| {
        let host = full.split('/').next().unwrap_or("");
        host.strip_suffix(".azurecr.io").map(str::to_owned)
    };
    for push in pushes(facts) {
        if let Some(name) = push.name.full().and_then(host) {
            used.push((name, push.at));
        }
    }
    for object in &facts.objects {
        for container in object.containers(true) {
            let Some(node) = container.image else {
                continue;
            };
            let name = ImageName::parse(&Text::from(node.text().unwrap_or("")));
            if let Some(name) = name.full().and_then(host) {
                used.push((name, object.at(node)));
            }
        }
    }
    for command in &facts.commands {
        if !command.is("az", &["acr", "login"]) {
            continue;
        }
        if let Some(name) = command.option(&["--name", "-n"])
            && let Some(text) = name.text.known()
        {
            used.push((
                text.trim_end_matches(".azurecr.io").to_owned(),
                command.argument_at(&name),
            ));
        }
    }
    for module in &facts.terraform {
        let data = module
            .resources
            .iter()
            .filter(|one| one.data && one.kind == "azurerm_container_registry");
        for (resource, file) in
            data.flat_map(|one| module.tfvars.iter().map(move |file| (one, file)))
        {
            if let Some(name) = resource.body.get("name") {
                used.extend(module.resolve(name, &resource.source, Some(file)));
            }
        }
    }
    if made.is_empty() {
        logins(&used, findings);
        return;
    }
    for (name, at) in &used {
        if made.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) {
            continue;
        }
        let (own, place) = &made[0];
        findings
            .tell(format!(
                "the registry `{name}` is used, and Terraform makes `{own}`"
            ))
            .at(at, format!("uses `{name}`"))
            .also(place, format!("makes `{own}`"));
    }
}

/// Without Terraform, who logs in to one registry and pushes to another.
fn logins(used: &[(String, At)], findings: &mut Findings<'_>) {
    let is_login = |at: &At| {
        at.text().len() < 100
            && !at.source.path().ends_with(".tf")
            && !at.source.path().ends_with(".tfvars")
            && !at.text().contains('/')
            && !at.text().contains(".azurecr.io")
    };
    let Some((login, login_at)) = used.iter().find(|(_, at)| is_login(at)) else {
        return;
    };
    let same_file = |at: &At| at.source.path() == login_at.source.path();
    for (name, at) in used.iter().filter(|(_, at)| !is_login(at) && same_file(at)) {
        if !name.eq_ignore_ascii_case(login)
            && !used
                .iter()
                .any(|(own, at)| is_login(at) && own.eq_ignore_ascii_case(name))
        {
            findings
                .tell(format!(
                    "`{name}` is pushed to, and the login is for `{login}`"
                ))
                .at(at, format!("uses `{name}`"))
                .also(login_at, format!("logs in to `{login}`"));
        }
    }
}

/// Names of the registries that Terraform makes, as far as literals, defaults and variable files tell.
fn registries(facts: &Facts) -> Vec<(String, At)> {
    let mut found = Vec::new();
    for module in &facts.terraform {
        for resource in module
            .resources
            .iter()
            .filter(|one| !one.data && one.kind == "azurerm_container_registry")
        {
            let Some(value) = resource.body.get("name") else {
                continue;
            };
            match module.resolve(value, &resource.source, module.tfvars.first()) {
                Some(name) => found.push(name),
                None => found.extend(by_calls(facts, module)),
            }
        }
    }
    found
}

/// What roots give to a module that makes registries: a `name`, or a map whose keys are names.
fn by_calls(facts: &Facts, made: &Module) -> Vec<(String, At)> {
    let mut found = Vec::new();
    for root in &facts.terraform {
        for call in &root.calls {
            if called(facts, root, call).is_none_or(|other| other.folder != made.folder) {
                continue;
            }
            let files: Vec<Option<&Tfvars>> = if root.tfvars.is_empty() {
                vec![None]
            } else {
                root.tfvars.iter().map(Some).collect()
            };
            for tfvars in files {
                if let Some(value) = call.body.get("name") {
                    found.extend(root.resolve(value, &call.file, tfvars));
                }
                for attribute in &call.body.attributes {
                    let Kind::Map(entries) = &attribute.value.kind else {
                        continue;
                    };
                    if made.variable(&attribute.name).is_none()
                        || !attribute.name.contains("acr") && !attribute.name.contains("registr")
                    {
                        continue;
                    }
                    for entry in entries {
                        match (&entry.key, &entry.key_value) {
                            (Some(key), _) => {
                                found.push((key.clone(), At::new(&call.file, entry.key_span)))
                            }
                            (None, Some(value)) => {
                                found.extend(root.resolve(value, &call.file, tfvars))
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
    }
    found
}

/// Repositories of Amazon ECR: those that are pushed to and pulled from against those that Terraform makes.
fn repositories(facts: &Facts, findings: &mut Findings<'_>) {
    let (made, all) = ecs::names(facts, "aws_ecr_repository", "name");
    let several = facts.terraform.iter().any(|module| {
        module.resources.iter().any(|one| {
            one.kind == "aws_ecr_repository"
                && (one.body.get("for_each").is_some() || one.body.get("count").is_some())
        }) || module.calls.iter().any(|call| {
            call.source
                .as_deref()
                .is_some_and(|source| source.contains("ecr"))
        })
    });
    let Some((first, place)) = made.first().filter(|_| all && !several) else {
        return;
    };
    let mut told: Vec<String> = Vec::new();
    for push in pushes(facts) {
        let Some(name) = ecr_path(&push.name) else {
            continue;
        };
        // A step that makes the repository itself needs no Terraform.
        let by_step = facts
            .commands
            .iter()
            .any(|command| command.is("aws", &["ecr", "create-repository"]));
        if by_step || made.iter().any(|(own, _)| *own == name) || told.contains(&name) {
            continue;
        }
        findings
            .tell(format!(
                "`{name}` is pushed to, and Terraform makes the repository `{first}`"
            ))
            .at(&push.at, format!("pushes to `{name}`"))
            .also(place, format!("makes `{first}`"));
        told.push(name);
    }
}

/// The path of an image in ECR: behind its host, or behind the output of the step that logs in.
fn ecr_path(name: &ImageName) -> Option<String> {
    match name.repository.pieces() {
        [Piece::Known(all)] => {
            let (host, path) = all.split_once('/')?;
            (host.contains(".dkr.ecr.")).then(|| path.to_owned())
        }
        [Piece::Unknown(expression), Piece::Known(path)]
            if expression.contains("login-ecr") || expression.contains("ECR_REGISTRY") =>
        {
            path.strip_prefix('/').map(str::to_owned)
        }
        pieces => {
            // `${{ secrets.ACCOUNT }}.dkr.ecr.${{ env.REGION }}.amazonaws.com/web`
            let Piece::Known(end) = pieces.last()? else {
                return None;
            };
            let (host, path) = end.split_once(".amazonaws.com/")?;
            let ecr = pieces
                .iter()
                .any(|piece| matches!(piece, Piece::Known(text) if text.contains(".dkr.ecr.")));
            (ecr && !host.contains('/')).then(|| path.to_owned())
        }
    }
}
