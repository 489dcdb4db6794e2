//! What no single field of `aws` shows.

use crate::diagnostic::Reporter;
use crate::spec::raw;
use crate::spec::rules::cluster_name;
use crate::spec::validate::Checked;

/// Days that CloudWatch keeps logs, from one year on.
const RETENTIONS: [u32; 11] = [365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

pub(super) fn check(spec: &Checked<'_>, group: &raw::Aws, report: &mut Reporter) {
    if matches!(group.ecr, raw::Switch::On(_)) && group.account_id.is_none() {
        spec.error(
            report,
            "missing-field",
            "aws.ecr",
            "the registry is named after the account, which the spec does not say".to_owned(),
            "expected `aws.account_id` beside it",
            "aws sts get-caller-identity --query Account --output text",
        );
    }
    super::eks::check(spec, group, report);
    if let raw::Switch::On(ecs) = &group.ecs {
        derived_name(spec, report);
        size(spec, ecs, report);
        tasks(spec, ecs, report);
        listener(spec, group, ecs, report);
        secrets(spec, report);
        if !RETENTIONS.contains(&ecs.log_days) {
            spec.error(
                report,
                "invalid-value",
                "aws.ecs.log_days",
                format!("CloudWatch cannot keep logs for {} days", ecs.log_days),
                "expected 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653",
                "",
            );
        }
    }
}

/// Roles have at most 64 characters, and some are named after the service with a word behind it.
fn derived_name(spec: &Checked<'_>, report: &mut Reporter) {
    let name = cluster_name(&spec.raw.name, spec.environment.or(Some("production")));
    if name.len() > 52 {
        spec.error(
            report,
            "derived-name",
            "name",
            format!("the service would be named `{name}`, which is longer than 52 characters"),
            "expected a shorter name",
            "shorten `name`",
        );
    }
}

/// Memory in MiB that Fargate sells with so much CPU: fewest, most, step.
fn sold_with(cpu: u32) -> Option<(u32, u32, u32)> {
    Some(match cpu {
        256 => (512, 2048, 512),
        512 => (1024, 4096, 1024),
        1024 => (2048, 8192, 1024),
        2048 => (4096, 16384, 1024),
        4096 => (8192, 30720, 1024),
        8192 => (16384, 61440, 4096),
        16384 => (32768, 122_880, 8192),
        _ => return None,
    })
}

fn size(spec: &Checked<'_>, ecs: &raw::Ecs, report: &mut Reporter) {
    let Some((min, max, step)) = sold_with(ecs.cpu) else {
        spec.error(
            report,
            "fargate-size",
            "aws.ecs.cpu",
            format!("Fargate has no task with {} units of CPU", ecs.cpu),
            "expected 256, 512, 1024, 2048, 4096, 8192 or 16384",
            "",
        );
        return;
    };
    // The smallest task is the only one with half a gibibyte; above it come whole ones.
    let odd = ecs.cpu == 256 && ecs.memory == 1536;
    if !(min..=max).contains(&ecs.memory) || !ecs.memory.is_multiple_of(step) || odd {
        spec.error(
            report,
            "fargate-size",
            "aws.ecs.memory",
            format!(
                "Fargate sells no {} MiB with {} units of CPU",
                ecs.memory, ecs.cpu
            ),
            &format!("expected {min} to {max} in steps of {}", step.max(1024)),
            "",
        );
    }
}

fn tasks(spec: &Checked<'_>, ecs: &raw::Ecs, report: &mut Reporter) {
    let raw::Switch::On(scaling) = &ecs.autoscaling else {
        return;
    };
    if scaling.min > scaling.max {
        spec.error(
            report,
            "autoscaling-range",
            "aws.ecs.autoscaling.min",
            format!(
                "the fewest tasks, {}, are more than the most, {}",
                scaling.min, scaling.max
            ),
            "expected at most `max`",
            "raise `aws.ecs.autoscaling.max`",
        );
    } else if !(scaling.min..=scaling.max).contains(&ecs.tasks) {
        spec.error(
            report,
            "autoscaling-range",
            "aws.ecs.tasks",
            format!(
                "the service starts with {} tasks, outside of {} to {}",
                ecs.tasks, scaling.min, scaling.max
            ),
            "expected a number that the autoscaler would choose",
            "change `aws.ecs.tasks`, or the range under `aws.ecs.autoscaling`",
        );
    }
}

/// Secrets of the spec are Kubernetes' own, which a task on Fargate cannot read.
fn secrets(spec: &Checked<'_>, report: &mut Reporter) {
    if !spec.raw.app.secrets.is_empty() {
        spec.warning(
            report,
            "unread-secret",
            "app.secrets",
            "`app.secrets` names Kubernetes Secrets, which a task on Fargate cannot read".to_owned(),
            "name a secret of Secrets Manager for the same variable under `secrets` in terraform/service/own.auto.tfvars",
        );
    }
}

/// HTTPS under a name, or plain HTTP by an explicit word: never plain HTTP because a field was forgotten.
fn listener(spec: &Checked<'_>, group: &raw::Aws, ecs: &raw::Ecs, report: &mut Reporter) {
    match (&ecs.https, &ecs.http) {
        (raw::Switch::On(_), Some(_)) => spec.error(
            report,
            "conflicting-fields",
            "aws.ecs.http",
            "the service is given a certificate and told to do without".to_owned(),
            "expected either `https` or `http: development`",
            "remove one of them; an environment switches the certificate off with `https: false`",
        ),
        (raw::Switch::Off(_), None) => spec.error(
            report,
            "missing-field",
            "aws.ecs",
            "the spec does not say under which name the service answers".to_owned(),
            "expected `https: { host: … }`",
            "without a domain, `http: development` serves plain HTTP under the load balancer's own name",
        ),
        (raw::Switch::Off(_), Some(_)) => spec.warning(
            report,
            "plain-http",
            "aws.ecs.http",
            "the service is served over plain HTTP: everybody on the way reads and changes what is sent"
                .to_owned(),
            "give it a name with `aws.ecs.https` before anybody but its developers uses it",
        ),
        (raw::Switch::On(https), None) => host(spec, group, &https.host, report),
    }
}

fn host(spec: &Checked<'_>, group: &raw::Aws, host: &str, report: &mut Reporter) {
    let raw::Switch::On(dns) = &group.dns else {
        spec.error(
            report,
            "missing-field",
            "aws.ecs.https",
            "the certificate is proven by a record, and the spec names no zone".to_owned(),
            "expected `aws.dns: { zone: … }`",
            "",
        );
        return;
    };
    if host != dns.zone && !host.ends_with(&format!(".{}", dns.zone)) {
        spec.error(
            report,
            "host-outside-zone",
            "aws.ecs.https.host",
            format!("`{host}` does not lie in the zone `{}`", dns.zone),
            "expected a name inside the zone",
            "change the host, or `aws.dns.zone`",
        );
    }
}
