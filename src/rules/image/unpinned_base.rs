//! The base image is not held to a version.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unpinned-base",
    group: Group::Image,
    level: Level::Note,
    summary: "the base image is not held to a version",
    docs: Docs {
        what: "FROM names an image of somebody else without a tag, or as `latest`.",
        why: "The next build may be on another system, another Python.",
        bad: "FROM python",
        good: "FROM python:3.12-slim-trixie",
        allow: "For throw-away images.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for image in &facts.images {
        for stage in &image.stages {
            let Some(base) = stage.base.known().filter(|_| stage.base_stage.is_none()) else {
                continue;
            };
            if base == "scratch" || base.contains('@') {
                continue;
            }
            let last = base.rsplit('/').next().unwrap_or(base);
            if !last.contains(':') || last.ends_with(":latest") {
                findings
                    .tell(format!("the base `{base}` is not held to a version"))
                    .at(&stage.base_at, "any version")
                    .help("name a version");
            }
        }
    }
}
