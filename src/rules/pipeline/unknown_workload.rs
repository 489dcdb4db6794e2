//! A pipeline changes a workload or container that does not exist.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::facts::object::Object;
use crate::rules::suggestion;
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-workload",
    group: Group::Pipeline,
    level: Level::Error,
    summary: "a pipeline changes a workload or container that does not exist",
    docs: Docs {
        what: "`kubectl set image`, `rollout status` or `rollout restart` names a Deployment or container that no manifest or chart here makes.",
        why: "The step fails, or waits for what never comes.",
        bad: "kubectl set image deployment/website web=…     # the Deployment is called web",
        good: "kubectl set image deployment/web web=…",
        allow: "When the workload is made elsewhere.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for command in facts
        .commands
        .iter()
        .filter(|command| command.program == "kubectl")
    {
        let words: Vec<_> =
            command.positional(&["-n", "--namespace", "--timeout", "--context", "-f"]);
        let known = |at: usize| words.get(at).and_then(|word| word.text.known());
        let (from, image) = match (known(0), known(1)) {
            (Some("set"), Some("image")) => (2, true),
            (Some("rollout"), Some("status" | "restart" | "undo")) => (2, false),
            _ => continue,
        };
        let Some(target) = words.get(from) else {
            continue;
        };
        let Some(text) = target.text.known() else {
            continue;
        };
        let (kind, name, next) = match text.split_once('/') {
            Some((kind, name)) => (kind.to_owned(), name.to_owned(), from + 1),
            None => match words.get(from + 1).and_then(|word| word.text.known()) {
                Some(name) if !name.contains('=') => (text.to_owned(), name.to_owned(), from + 2),
                _ => continue,
            },
        };
        let kind = match kind.split('.').next().unwrap_or("") {
            "deployment" | "deployments" | "deploy" => "Deployment",
            "statefulset" | "statefulsets" | "sts" => "StatefulSet",
            "daemonset" | "daemonsets" | "ds" => "DaemonSet",
            _ => continue,
        };
        let all: Vec<&Object> = facts
            .objects
            .iter()
            .filter(|object| object.kind == kind && !object.name.is_empty())
            .collect();
        let Some(first) = all.first() else { continue };
        let Some(object) = all.iter().find(|object| object.name == name) else {
            // A chart makes the same one with every set of values.
            let mut names: Vec<&str> = all.iter().map(|object| object.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            let near = suggestion(&name, names.iter().copied());
            // With many workloads it may be one of another repository.
            if near.is_none() && names.len() > 1 {
                findings.unresolved(
                    &command.argument_at(target),
                    format!("the {kind} `{name}` is not made here"),
                );
                continue;
            }
            let other = all
                .iter()
                .find(|object| Some(object.name.as_str()) == near)
                .unwrap_or(first);
            findings
                .tell(format!("no {kind} `{name}` is made here"))
                .at(&command.argument_at(target), "named here")
                .also(&other.named_at(), format!("it is called `{}`", other.name));
            continue;
        };
        if !image {
            continue;
        }
        for word in words.get(next..).unwrap_or_default() {
            let Some((container, _)) = word.text.split_once('=') else {
                continue;
            };
            let Some(container) = container.known().filter(|name| *name != "*") else {
                continue;
            };
            let containers = object.containers(true);
            if containers.iter().any(|own| own.name == container) {
                continue;
            }
            let Some(own) = containers.first() else {
                continue;
            };
            findings
                .tell(format!("{} has no container `{container}`", object.title()))
                .at(&command.argument_at(word), "named here")
                .also(
                    &object.at(own.node.get("name").unwrap_or(own.node)),
                    format!("it is called `{}`", own.name),
                );
        }
    }
}
