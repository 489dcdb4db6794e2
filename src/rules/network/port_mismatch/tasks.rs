//! Ports of ECS: the container's, the host's, the service's and the server's.

use crate::facts::ecs::{self, Task};
use crate::facts::{At, Facts, link, server};
use crate::rules::Findings;

use super::only_port;

pub(super) fn check(facts: &Facts, findings: &mut Findings<'_>) {
    let tasks = ecs::tasks(facts);
    for task in &tasks {
        hosts(task, findings);
        listens(facts, &tasks, task, findings);
        services(task, findings);
    }
}

/// With an address for each task there is no other port of the host.
fn hosts(task: &Task<'_>, findings: &mut Findings<'_>) {
    if !task.awsvpc {
        return;
    }
    for (number, at, host) in task.containers.iter().flat_map(|one| &one.ports) {
        let Some((host, place)) = host else { continue };
        if host != number && *host != 0 {
            findings
                .tell(format!(
                    "the container's port is {number} and the host's {host}, which `awsvpc` does not allow"
                ))
                .at(place, format!("{host} here"))
                .also(at, format!("{number} here"))
                .help(format!("make both {number}, or leave `hostPort` out"));
        }
    }
}

/// The port of the only image against that of the only container that may run it.
fn listens(facts: &Facts, tasks: &[Task<'_>], task: &Task<'_>, findings: &mut Findings<'_>) {
    let [image] = facts.images.as_slice() else {
        return;
    };
    let same = |other: &Task<'_>| match (task.resource, other.resource) {
        (Some((_, own)), Some((_, other))) => std::ptr::eq(own, other),
        _ => std::ptr::eq(task, other),
    };
    // Several uses of one definition are one.
    if !tasks.iter().all(same) {
        return;
    }
    let [container] = task.containers.as_slice() else {
        return;
    };
    let public = container
        .image
        .as_ref()
        .is_some_and(|(name, _)| name.full().is_some_and(|full| link::is_public(&full)));
    if public || container.command || container.ports.is_empty() {
        return;
    }
    let Some(server) = server::of_image(facts, image) else {
        return;
    };
    let Some((port, bind)) = only_port(&server) else {
        return;
    };
    let variable = bind.variable.as_deref().unwrap_or("PORT");
    let told = container
        .environment
        .iter()
        .any(|name| name == variable || name == "GUNICORN_CMD_ARGS" || name == "FLASK_RUN_PORT");
    if told || container.ports.iter().any(|(own, _, _)| *own == port) {
        return;
    }
    let (own, at, _) = &container.ports[0];
    findings
        .tell(format!(
            "the task maps port {own}, and the image's server listens on {port}"
        ))
        .at(at, format!("maps {own}"))
        .also(&bind.at, format!("listens on {port}"))
        .help(format!("make both {port}"));
}

/// `load_balancer` of the services that run the task.
fn services(task: &Task<'_>, findings: &mut Findings<'_>) {
    for service in ecs::services(task) {
        for target in service.body.blocks("load_balancer") {
            balanced(task, service, &target.body, findings);
        }
    }
}

fn balanced(
    task: &Task<'_>,
    service: &crate::facts::terraform::Resource,
    target: &crate::source::hcl::Body,
    findings: &mut Findings<'_>,
) {
    let known = |name: &str| {
        let value = target.get(name)?;
        task.scope.as_ref()?.text(value, &service.source)
    };
    let name = known("container_name");
    let container = match &name {
        Some((name, at)) => {
            let all: Option<Vec<&(String, At)>> = task
                .containers
                .iter()
                .map(|one| one.name.as_ref())
                .collect();
            let Some(all) = all.filter(|all| !all.is_empty()) else {
                return;
            };
            match task
                .containers
                .iter()
                .find(|one| one.name.as_ref().is_some_and(|(own, _)| own == name))
            {
                Some(container) => container,
                None => {
                    findings
                        .tell(format!("the task has no container `{name}`"))
                        .at(at, "named here")
                        .also(&all[0].1, format!("it is called `{}`", all[0].0));
                    return;
                }
            }
        }
        None => return,
    };
    let Some((port, at)) = known("container_port") else {
        return;
    };
    let (Ok(port), Some((own, place, _))) = (port.parse::<u16>(), container.ports.first()) else {
        return;
    };
    if container.ports.iter().any(|(own, _, _)| *own == port) {
        return;
    }
    findings
        .tell(format!(
            "the service sends to port {port}, which the task's container does not map"
        ))
        .at(&at, format!("sends to {port}"))
        .also(place, format!("maps {own}"))
        .help(format!("send to {own}"));
}
