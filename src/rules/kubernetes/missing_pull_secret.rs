//! A pod pulls from a private registry without the secret that is made for it.

use crate::diagnostic::Level;
use crate::facts::object::Object;
use crate::facts::text::{ImageName, Text};
use crate::facts::{At, Facts, link};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "missing-pull-secret",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "a pod pulls from a private registry without the secret that is made for it",
    docs: Docs {
        what: "A secret for a registry is made here (`kubectl create secret docker-registry`), and a workload of the same registry neither has imagePullSecrets nor an account that has.",
        why: "The pull is refused, and the pod stays in ImagePullBackOff.",
        bad: "# kubectl create secret docker-registry regcred --docker-server=registry.example …\nspec: { containers: [{ image: registry.example/shop/web:1.0 }] }",
        good: "spec:\n  imagePullSecrets: [{ name: regcred }]\n  containers: [{ image: registry.example/shop/web:1.0 }]",
        allow: "When the nodes may pull by themselves, or something adds the secret to the account.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    let secrets = secrets(facts);
    let Some((_, _, place)) = secrets.first() else {
        return;
    };
    // An account may be given the secret afterwards.
    let patched = facts.commands.iter().any(|command| {
        command.program == "kubectl"
            && command.arguments.iter().any(|one| {
                one.text
                    .known()
                    .is_some_and(|text| text.contains("imagePullSecrets"))
            })
    });
    if patched {
        return;
    }
    for object in facts.objects.iter().filter(|object| !object.hook) {
        let Some(pod) = object.pod() else { continue };
        if pod.get("imagePullSecrets").is_some() || account_has(facts, object, pod) {
            continue;
        }
        for container in object.containers(true) {
            let Some(node) = container.image else {
                continue;
            };
            let name = ImageName::parse(&Text::from(node.text().unwrap_or("")));
            let Some(full) = name.full() else { continue };
            if link::is_public(&full) || full.contains(['$', '{', '<']) {
                continue;
            }
            let registry = full.split('/').next().unwrap_or("");
            let Some((name, _, _)) = secrets
                .iter()
                .find(|(_, server, _)| server.as_deref() == Some(registry))
            else {
                continue;
            };
            findings
                .tell(format!(
                    "{} pulls from `{registry}` without the secret `{name}`",
                    object.title()
                ))
                .at(&object.at(node), "pulled without a secret")
                .also(place, "a secret for it is made here")
                .help(format!(
                    "add `imagePullSecrets: [{{ name: {name} }}]` to the pods"
                ));
        }
    }
}

fn account_has(facts: &Facts, object: &Object, pod: &Node) -> bool {
    let name = pod
        .get("serviceAccountName")
        .and_then(Node::text)
        .unwrap_or("default");
    facts.objects.iter().any(|other| {
        other.is("", "ServiceAccount")
            && other.name == name
            && facts.together(object, other)
            && other.node.get("imagePullSecrets").is_some()
    })
}

/// Secrets for registries that are made here: name, server where it is known, and where.
fn secrets(facts: &Facts) -> Vec<(String, Option<String>, At)> {
    let mut found = Vec::new();
    for command in &facts.commands {
        if !command.is("kubectl", &["create", "secret", "docker-registry"]) {
            continue;
        }
        let Some(name) = command
            .positional(&[
                "-n",
                "--namespace",
                "--docker-server",
                "--docker-username",
                "--docker-password",
                "--docker-email",
            ])
            .get(3)
            .and_then(|name| name.text.known())
        else {
            continue;
        };
        let server = match command.option(&["--docker-server"]) {
            None => Some("docker.io".to_owned()),
            Some(server) => server.text.known().map(host),
        };
        found.push((name.to_owned(), server, command.at()));
    }
    found
}

/// `https://index.docker.io/v1/` as `docker.io`.
fn host(server: &str) -> String {
    let bare = server
        .trim_start_matches("https://")
        .trim_start_matches("http://");
    let bare = bare.split('/').next().unwrap_or(bare);
    match bare {
        "index.docker.io" | "registry-1.docker.io" => "docker.io".to_owned(),
        bare => bare.to_owned(),
    }
}
