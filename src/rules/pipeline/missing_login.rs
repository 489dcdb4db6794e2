//! A job uses a registry or cluster that it never signs in to.

use crate::diagnostic::Level;
use crate::facts::command::{Command, Place};
use crate::facts::pipeline::pushes;
use crate::facts::{Facts, tree};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "missing-login",
    group: Group::Pipeline,
    level: Level::Error,
    summary: "a job uses a registry or cluster that it never signs in to",
    docs: Docs {
        what: "A job pushes to a registry without a login in the same job, or runs kubectl or helm against a cluster without anything that gives it a context.",
        why: "The push is denied; kubectl asks localhost:8080 and fails.",
        bad: "steps:\n  - run: docker push registry.example/web:1",
        good: "steps:\n  - uses: docker/login-action@…\n  - run: docker push registry.example/web:1",
        allow: "On a runner of your own that is signed in already.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for (number, workflow) in facts.workflows.iter().enumerate() {
        for (job_number, job) in workflow.jobs.iter().enumerate() {
            if job.node.get("runs-on").is_none_or(own_runner) {
                continue;
            }
            let here = |place: &Place| matches!(place, Place::Step(w, j, _) if *w == number && *j == job_number);
            let foreign = job
                .steps
                .iter()
                .any(|step| step.action().starts_with("./") || is_login_like(step.action()));
            let commands: Vec<&Command> = facts
                .commands
                .iter()
                .filter(|command| here(&command.place))
                .collect();
            let scripts = commands.iter().any(|command| may_sign_in(facts, command));
            if scripts {
                continue;
            }
            let push = pushes(facts)
                .into_iter()
                .find(|push| here(&push.place) && !is_local(push.name.full().as_deref()));
            if let Some(push) = push
                && !foreign
                && !commands.iter().any(|command| logs_in(command))
            {
                findings
                    .tell(format!(
                        "the job `{}` pushes an image and never signs in to the registry",
                        job.id
                    ))
                    .at(&push.at, "pushed here")
                    .also(&job.at, "no step of this job signs in")
                    .help("add docker/login-action, or `az acr login`, in front");
            }
            let cluster = commands.iter().find(|command| {
                (command.program == "kubectl"
                    && command.arguments.iter().any(|one| {
                        matches!(
                            one.text.known(),
                            Some(
                                "apply" | "set" | "rollout" | "create" | "delete" | "patch" | "get"
                            )
                        )
                    })
                    && !command.has("--dry-run")
                    && !command.has("--kubeconfig"))
                    || command.program == "helm"
                        && command.arguments.first().is_some_and(|one| {
                            matches!(one.text.known(), Some("upgrade" | "install" | "uninstall"))
                        })
                        && !command.has("--kubeconfig")
                        && !command.has("--dry-run")
            });
            let context = job.steps.iter().any(|step| {
                gives_context(step.action()) || step.env.iter().any(|one| one.name == "KUBECONFIG")
            }) || job
                .env
                .iter()
                .chain(&workflow.env)
                .any(|one| one.name == "KUBECONFIG")
                || workflow.source.text().contains(".kube")
                || workflow.source.text().contains("KUBECONFIG")
                || commands
                    .iter()
                    .any(|command| command_gives_context(command));
            if let Some(command) = cluster
                && !context
            {
                findings
                    .tell(format!("the job `{}` talks to a cluster that nothing tells it about", job.id))
                    .at(&command.at(), "talks to it here")
                    .also(&job.at, "no step of this job gives a context")
                    .help("add azure/aks-set-context, `aws eks update-kubeconfig` or the like in front");
            }
        }
    }
}

/// Whether a command runs a script that may sign in: one that is not here, or that says so.
fn may_sign_in(facts: &Facts, command: &Command) -> bool {
    if matches!(command.program.as_str(), "make" | "just" | "task") {
        return true;
    }
    let at = command.at();
    at.text()
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'', ')', '$', '(']))
        .filter(|word| word.ends_with(".sh"))
        .any(|word| {
            let source = command
                .folders
                .iter()
                .filter_map(|from| tree::join(from, word))
                .find_map(|path| facts.tree.source(&path));
            source.is_none_or(|source| {
                ["login", "credential", "kubeconfig"]
                    .iter()
                    .any(|word| source.text().contains(word))
            })
        })
}

fn own_runner(runner: &crate::source::yaml::Node) -> bool {
    let hosted = |text: &str| {
        text.starts_with("ubuntu") || text.starts_with("windows") || text.starts_with("macos")
    };
    match runner.text() {
        Some(text) => !hosted(text),
        None => true,
    }
}

fn is_local(name: Option<&str>) -> bool {
    name.is_none_or(|name| name.starts_with("localhost") || name.starts_with("127."))
}

/// Actions that sign in to registries, and those whose name says that they may.
fn is_login_like(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    action.contains("login") && action != "azure/login"
        || action.contains("configure-docker")
        || action.contains("docker-build-push") && !action.starts_with("docker/")
        || action.contains("setup-gcloud")
        || action.contains("google-github-actions/auth")
}

fn logs_in(command: &Command) -> bool {
    let has = |word: &str| command.arguments.iter().any(|one| one.text.is(word));
    match command.program.as_str() {
        "docker" | "podman" | "buildah" | "skopeo" | "crane" | "oras" => has("login"),
        "az" => has("acr") && (has("login") || has("build")),
        "gcloud" => has("configure-docker"),
        "aws" => has("get-login"),
        "doctl" | "ibmcloud" | "heroku" | "oc" => true,
        _ => false,
    }
}

fn gives_context(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    [
        "set-context",
        "kubeconfig",
        "kind",
        "minikube",
        "k3s",
        "k3d",
        "k8s",
        "kube",
        "get-gke-credentials",
        "doctl",
        "microk8s",
        "openshift",
        "cluster",
    ]
    .iter()
    .any(|word| action.contains(word))
        && action != "azure/setup-kubectl"
        && !action.contains("kubeconform")
        && !action.contains("kubeval")
}

fn command_gives_context(command: &Command) -> bool {
    let has = |word: &str| command.arguments.iter().any(|one| one.text.is(word));
    match command.program.as_str() {
        "az" => has("get-credentials"),
        "aws" => has("update-kubeconfig"),
        "gcloud" => has("get-credentials"),
        "kind" | "minikube" | "k3d" | "k3s" | "microk8s" | "doctl" | "oc" | "eksctl"
        | "kubelogin" => true,
        "kubectl" => has("config"),
        _ => false,
    }
}
