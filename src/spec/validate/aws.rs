//! `aws` with its names derived.

use super::image_name;
use crate::spec::{model, raw, rules};

pub(super) fn resolve(raw: &raw::Spec, group: &raw::Aws, environment: Option<&str>) -> model::Aws {
    model::Aws {
        region: group.region.clone(),
        account_id: group.account_id.clone(),
        vpc: model::Vpc {
            cidr: group.vpc.cidr.clone(),
            zones: group.vpc.zones,
            nat_per_zone: group.vpc.nat_per_zone,
        },
        dns: group
            .dns
            .clone()
            .on()
            .map(|dns| model::Zone { zone: dns.zone }),
        ecr: group.ecr.clone().on().map(|ecr| model::Ecr {
            name: ecr.name.unwrap_or_else(|| image_name(raw)),
        }),
        ecs: group
            .ecs
            .clone()
            .on()
            .map(|ecs| service(raw, ecs, environment)),
        state: model::Bucket {
            bucket: group
                .state
                .bucket
                .clone()
                .unwrap_or_else(|| format!("{}-tfstate", raw.name)),
        },
    }
}

fn service(raw: &raw::Spec, ecs: raw::Ecs, environment: Option<&str>) -> model::Ecs {
    model::Ecs {
        name: rules::cluster_name(&raw.name, environment),
        cpu: ecs.cpu,
        memory: ecs.memory,
        tasks: ecs.tasks,
        autoscaling: ecs.autoscaling.on().map(|scaling| model::Autoscaling {
            min: scaling.min,
            max: scaling.max,
            cpu: scaling.cpu,
        }),
        host: ecs.https.on().map(|https| https.host),
        health: ecs
            .health
            .unwrap_or_else(|| raw.app.health.readiness.clone()),
        deletion_protection: ecs.deletion_protection,
        log_days: ecs.log_days,
    }
}

/// Host of the account's own registry, where the spec switches it on.
pub(super) fn registry(group: &raw::Aws) -> Option<String> {
    let account = group.account_id.as_ref()?;
    matches!(group.ecr, raw::Switch::On(_))
        .then(|| format!("{account}.dkr.ecr.{}.amazonaws.com", group.region))
}
