//! What no single field of `aws.eks` and `aws.recovery` shows.

use super::cluster_name;
use crate::diagnostic::Reporter;
use crate::schema::format;
use crate::spec::raw;
use crate::spec::validate::Checked;

pub(super) fn check(spec: &Checked<'_>, group: &raw::Aws, report: &mut Reporter) {
    let eks = match &group.eks {
        raw::Switch::On(eks) => Some(eks),
        raw::Switch::Off(_) => None,
    };
    if let Some(eks) = eks {
        cluster(spec, eks, report);
    }
    if let raw::Switch::On(recovery) = &group.recovery {
        self::recovery(spec, group, eks.is_some(), recovery, report);
    }
}

fn cluster(spec: &Checked<'_>, eks: &raw::Eks, report: &mut Reporter) {
    if eks.nodes >= eks.max_nodes {
        spec.error(
            report,
            "node-count-range",
            "aws.eks.nodes",
            format!(
                "`nodes` is {}, not less than `max_nodes`, {}",
                eks.nodes, eks.max_nodes
            ),
            "expected less than `max_nodes`",
            "raise `aws.eks.max_nodes`: an upgrade starts new nodes before it ends old ones",
        );
    }
    if eks
        .public_access_cidrs
        .iter()
        .any(|cidr| cidr.ends_with("/0"))
    {
        spec.error(
            report,
            "open-api-server",
            "aws.eks.public_access_cidrs",
            "the cluster's API server would be open to everybody".to_owned(),
            "expected your own networks",
            "name the networks that you work from; without any, the API server is private",
        );
    }
    if let Some(github) = &spec.raw.github
        && github.deploy == "push"
    {
        spec.error(
            report,
            "conflicting-fields",
            "github.deploy",
            "the pipeline has no way into a cluster on EKS".to_owned(),
            "expected `argocd`",
            "Argo CD in the cluster follows the chart repository; leave `deploy` out",
        );
    }
    let name = eks
        .name
        .clone()
        .unwrap_or_else(|| cluster_name(&spec.raw.name, spec.environment.or(Some("production"))));
    if !format::EKS_NAME.accepts(&name) {
        spec.error(
            report,
            "derived-name",
            "name",
            format!("the cluster would be named `{name}`, which is longer than 40 characters"),
            "expected a shorter name",
            "shorten `name`, or give `aws.eks.name`",
        );
    }
}

fn recovery(
    spec: &Checked<'_>,
    group: &raw::Aws,
    cluster: bool,
    recovery: &raw::Recovery,
    report: &mut Reporter,
) {
    let mut refuse = |place: &str, message: String, expected: &str, help: &str| {
        spec.error(report, "recovery", place, message, expected, help);
    };
    if !cluster {
        refuse(
            "aws.recovery",
            "there is no first cluster beside the second".to_owned(),
            "expected `aws.eks` as well",
            "add `aws.eks: {}`, or remove `aws.recovery`",
        );
    }
    if recovery.region == group.region {
        refuse(
            "aws.recovery.region",
            format!(
                "both clusters would be in {}, and be lost together",
                group.region
            ),
            "expected another region",
            "choose one that is far enough away, and near enough for the law",
        );
    }
    if recovery.cidr == group.vpc.cidr {
        refuse(
            "aws.recovery.cidr",
            format!("both networks would have the addresses {}", recovery.cidr),
            "expected another network",
            "they could never be connected",
        );
    }
    if matches!(group.dns, raw::Switch::Off(_)) {
        refuse(
            "aws.recovery",
            "nothing leads clients to the second cluster: the spec names no zone".to_owned(),
            "expected `aws.dns` beside it",
            "add `aws.dns: { zone: … }`: its records follow a health check",
        );
    }
    let volume = matches!(spec.raw.storage, raw::Switch::On(_));
    if recovery.active && volume && recovery.volume.is_none() {
        refuse(
            "aws.recovery.active",
            "the application would start in the second region without its data".to_owned(),
            "expected `volume` beside it",
            "make a disk there from the copy of a snapshot and name it as `aws.recovery.volume`; the runbook says how",
        );
    }
    let server = spec
        .raw
        .database
        .as_ref()
        .is_some_and(|database| matches!(database.server, raw::Switch::On(_)));
    if recovery.active && server && recovery.snapshot.is_none() {
        refuse(
            "aws.recovery.active",
            "the application would start in the second region with an empty database".to_owned(),
            "expected `snapshot` beside it",
            "name the copy of the last snapshot as `aws.recovery.snapshot`; the runbook says how to find it",
        );
    }
}
