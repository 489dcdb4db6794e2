//! An action is named by a tag or branch that can move.

use crate::diagnostic::Level;
use crate::facts::Facts;
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unpinned-action",
    group: Group::Pipeline,
    level: Level::Note,
    summary: "an action is named by a tag or branch that can move",
    docs: Docs {
        what: "`uses` names an action of somebody else by a tag or branch and not by the 40 digits of a commit.",
        why: "Whoever can move the tag runs code in the pipeline, with its rights.",
        bad: "uses: docker/login-action@v3",
        good: "uses: docker/login-action@<40 digits> # v3.4.0",
        allow: "For actions of your own organisation.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for workflow in &facts.workflows {
        for (uses, at) in workflow.jobs.iter().flat_map(|job| {
            job.uses
                .iter()
                .chain(job.steps.iter().filter_map(|step| step.uses.as_ref()))
        }) {
            if uses.starts_with("./") || uses.starts_with("docker://") {
                continue;
            }
            let version = uses.split_once('@').map_or("", |(_, version)| version);
            let commit = version.len() == 40 && version.chars().all(|c| c.is_ascii_hexdigit());
            if !commit {
                findings
                    .tell(format!(
                        "`{uses}` can change while the workflow stays the same"
                    ))
                    .at(at, "not a commit")
                    .help("name the commit, and the version in a comment behind it");
            }
        }
    }
}
