//! A cluster or pipeline has no right on the registry that Terraform makes.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::pipeline::pushes;
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "missing-pull-role",
    group: Group::Cloud,
    level: Level::Error,
    summary: "a cluster or pipeline has no right on the registry that Terraform makes",
    docs: Docs {
        what: "Terraform makes a container registry and a cluster, and nowhere the role that lets nodes pull; or it makes a registry and an identity for the pipeline, which pushes, and nowhere the role to push.",
        why: "Pods stay in ImagePullBackOff; the push is denied.",
        bad: "resource \"azurerm_container_registry\" \"acr\" {}\nresource \"azurerm_kubernetes_cluster\" \"aks\" {}",
        good: "resource \"azurerm_role_assignment\" \"pull\" { role_definition_name = \"AcrPull\" }",
        allow: "When the role is given elsewhere, or pods have a pull secret.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    let first = |kinds: &[&str]| {
        facts
            .terraform
            .iter()
            .flat_map(|module| &module.resources)
            .find(|one| !one.data && kinds.contains(&one.kind.as_str()))
    };
    let Some(registry) = first(&["azurerm_container_registry"]) else {
        return;
    };
    if facts.terraform.iter().any(|module| module.open) {
        return;
    }
    // Whatever its name, a role is a text in some file: of Terraform, or of a script.
    let says = |words: &[&str]| {
        facts.tree.sources().any(|(path, source)| {
            (path.ends_with(".tf")
                || path.ends_with(".tfvars")
                || path.ends_with(".sh")
                || path.ends_with(".yml")
                || path.ends_with(".yaml"))
                && words.iter().any(|word| source.text().contains(word))
        })
    };
    let pull = [
        "AcrPull",
        "Repository Reader",
        "attach-acr",
        "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    ];
    let secret = facts.objects.iter().any(|object| {
        object
            .pod()
            .is_some_and(|pod| pod.get("imagePullSecrets").is_some())
    });
    if let Some(cluster) = first(&["azurerm_kubernetes_cluster"])
        && !says(&pull)
        && !secret
    {
        findings
            .tell("nothing lets the nodes of the cluster pull from the registry")
            .at(&cluster.at, "the cluster")
            .also(&registry.at, "the registry")
            .help("give the kubelet identity the role AcrPull on the registry");
    }
    let push = [
        "AcrPush",
        "Repository Writer",
        "Repository Contributor",
        "8311e382-0749-4cb8-b61a-304f252e45ec",
        "\"Contributor\"",
        "\"Owner\"",
    ];
    let identity = first(&[
        "azurerm_federated_identity_credential",
        "azuread_application_federated_identity_credential",
    ]);
    if let Some(identity) = identity
        && pushes(facts).iter().any(|push| {
            push.name
                .full()
                .is_some_and(|name| name.contains(".azurecr.io"))
        })
        && !says(&push)
    {
        findings
            .tell("nothing lets the pipeline push to the registry")
            .at(&identity.at, "the identity of the pipeline")
            .also(&registry.at, "the registry")
            .help("give it the role AcrPush on the registry");
    }
}
