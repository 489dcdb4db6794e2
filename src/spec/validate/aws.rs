//! `aws` with its names derived.

use super::{Checked, image_name};
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
            name: ecr_name(raw, &ecr),
            copy_regions: Vec::new(),
        }),
        ecs: group
            .ecs
            .clone()
            .on()
            .map(|ecs| service(raw, ecs, environment)),
        eks: group.eks.clone().on().map(|eks| model::Eks {
            name: cluster(raw, &eks, environment),
            instance_type: eks.instance_type,
            nodes: eks.nodes,
            max_nodes: eks.max_nodes,
            autoscaler: eks.autoscaler,
            disk_size_gb: eks.disk_size_gb,
            public_access_cidrs: eks.public_access_cidrs,
            admins: eks.admins,
            deletion_protection: eks.deletion_protection,
        }),
        recovery: recovery(raw, group, environment),
        state: model::Bucket {
            bucket: group
                .state
                .bucket
                .clone()
                .unwrap_or_else(|| format!("{}-tfstate", raw.name)),
        },
    }
}

fn cluster(raw: &raw::Spec, eks: &raw::Eks, environment: Option<&str>) -> String {
    eks.name
        .clone()
        .unwrap_or_else(|| rules::cluster_name(&raw.name, environment))
}

fn recovery(
    raw: &raw::Spec,
    group: &raw::Aws,
    environment: Option<&str>,
) -> Option<model::Recovery> {
    let eks = group.eks.clone().on()?;
    let recovery = group.recovery.clone().on()?;
    Some(model::Recovery {
        name: format!("{}-recovery", cluster(raw, &eks, environment)),
        cidr: recovery.cidr,
        active: recovery.active,
        volume: recovery.volume,
        snapshot: recovery.snapshot,
        image: group.ecr.clone().on().and_then(|ecr| {
            let registry = registry_in(group, &recovery.region)?;
            Some(format!("{registry}/{}", ecr_name(raw, &ecr)))
        }),
        region: recovery.region,
    })
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
    matches!(group.ecr, raw::Switch::On(_))
        .then(|| registry_in(group, &group.region))
        .flatten()
}

fn registry_in(group: &raw::Aws, region: &str) -> Option<String> {
    let account = group.account_id.as_ref()?;
    Some(format!("{account}.dkr.ecr.{region}.amazonaws.com"))
}

fn ecr_name(raw: &raw::Spec, ecr: &raw::Ecr) -> String {
    ecr.name.clone().unwrap_or_else(|| image_name(raw))
}

/// The second regions of all environments, sorted: the registry is shared, and copied to each.
pub(super) fn copy_regions(base: &Checked<'_>, environments: &[Checked<'_>]) -> Vec<String> {
    let all = if environments.is_empty() {
        std::slice::from_ref(base)
    } else {
        environments
    };
    let mut regions: Vec<String> = all
        .iter()
        .filter_map(|checked| checked.raw.aws.as_ref()?.recovery.clone().on())
        .map(|recovery| recovery.region)
        .collect();
    regions.sort();
    regions.dedup();
    regions
}
