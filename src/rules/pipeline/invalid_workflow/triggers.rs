//! What starts a workflow, and in which order its jobs wait.

use super::values::is_cron_field;
use crate::facts::At;
use crate::facts::workflow::Workflow;
use crate::rules::Findings;
use crate::source::yaml::{Entry, Node};

const REFUSED: &str = "GitHub refuses the file";

/// Most inputs of a run that is started by hand.
const MAX_INPUTS: usize = 25;

pub(super) fn check(workflow: &Workflow, findings: &mut Findings<'_>) {
    let on = workflow
        .node
        .get("on")
        .or_else(|| workflow.node.get("true"));
    for event in on.map_or(&[][..], Node::entries) {
        match event.key.as_str() {
            "schedule" => schedule(workflow, event, findings),
            "workflow_dispatch" | "workflow_call" => inputs(workflow, event, findings),
            _ => filters(workflow, event, findings),
        }
    }
    if let Some(on) = on {
        let bare = on.items().iter().chain([on]);
        for node in bare.filter(|node| node.text() == Some("schedule")) {
            findings
                .tell("`schedule` says no time")
                .at(&At::new(&workflow.source, node.span), REFUSED);
        }
    }
    circle(workflow, findings);
}

/// A filter and its opposite cannot both be given.
fn filters(workflow: &Workflow, event: &Entry, findings: &mut Findings<'_>) {
    for name in ["branches", "paths", "tags"] {
        let other = event.value.entry(&format!("{name}-ignore"));
        let (Some(own), Some(other)) = (event.value.entry(name), other) else {
            continue;
        };
        findings
            .tell(format!("`{name}` and `{name}-ignore` exclude each other"))
            .at(&At::new(&workflow.source, other.key_span), REFUSED)
            .also(&At::new(&workflow.source, own.key_span), "the other")
            .help(format!(
                "keep `{name}`, and write what is left out with `!`"
            ));
    }
}

fn schedule(workflow: &Workflow, event: &Entry, findings: &mut Findings<'_>) {
    for item in event.value.items() {
        let Some(cron) = item.get("cron") else {
            continue;
        };
        let Some(text) = cron.text() else { continue };
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let months = [
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ];
        let days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
        let fits = match fields[..] {
            [minute, hour, day, month, weekday] => {
                is_cron_field(minute, &(0..=59), &[])
                    && is_cron_field(hour, &(0..=23), &[])
                    && is_cron_field(day, &(1..=31), &[])
                    && is_cron_field(month, &(1..=12), &months)
                    && is_cron_field(weekday, &(0..=6), &days)
            }
            _ => false,
        };
        if !fits {
            findings
                .tell(format!("`{text}` is no time of a schedule"))
                .at(&At::new(&workflow.source, cron.span), REFUSED)
                .help("five fields: minute, hour, day, month, weekday (0 to 6)");
        }
    }
}

/// Inputs of a run that is started by hand or by another workflow.
fn inputs(workflow: &Workflow, event: &Entry, findings: &mut Findings<'_>) {
    let by_hand = event.key == "workflow_dispatch";
    let all = event.value.get("inputs").map_or(&[][..], Node::entries);
    if by_hand && all.len() > MAX_INPUTS {
        findings
            .tell(format!("a run takes at most {MAX_INPUTS} inputs"))
            .at(&At::new(&workflow.source, event.key_span), REFUSED);
    }
    let types: &[&str] = match by_hand {
        true => &["boolean", "choice", "environment", "number", "string"],
        false => &["boolean", "number", "string"],
    };
    for input in all {
        let at = At::new(&workflow.source, input.key_span);
        let kind = input.value.get("type");
        let name = kind.and_then(Node::text);
        if let (Some(node), Some(name)) = (kind, name)
            && !types.contains(&name)
        {
            findings
                .tell(format!("`{name}` is no type of an input"))
                .at(&At::new(&workflow.source, node.span), REFUSED)
                .help(format!("one of `{}`", types.join("`, `")));
        }
        if !by_hand && kind.is_none() && !input.value.entries().is_empty() {
            findings
                .tell(format!("the input `{}` has no `type`", input.key))
                .at(&at, REFUSED);
        }
        default(workflow, input, name, &at, findings);
    }
}

/// What an input is where nobody says.
fn default(
    workflow: &Workflow,
    input: &Entry,
    kind: Option<&str>,
    at: &At,
    findings: &mut Findings<'_>,
) {
    let options = input.value.get("options").map_or(&[][..], Node::items);
    if kind == Some("choice") && options.is_empty() {
        findings
            .tell(format!(
                "the input `{}` offers nothing to choose",
                input.key
            ))
            .at(at, REFUSED)
            .help("list what there is below `options`");
    }
    let Some(node) = input.value.get("default") else {
        return;
    };
    let Some(text) = node.text().filter(|text| !text.contains("${{")) else {
        return;
    };
    let fits = match kind {
        Some("choice") => {
            options.is_empty() || options.iter().any(|option| option.text() == Some(text))
        }
        Some("boolean") => matches!(text.to_ascii_lowercase().as_str(), "true" | "false"),
        Some("number") => text.parse::<f64>().is_ok(),
        _ => true,
    };
    if !fits {
        findings
            .tell(format!(
                "the input `{}` cannot be `{text}` where nobody says",
                input.key
            ))
            .at(&At::new(&workflow.source, node.span), REFUSED)
            .also(at, "the input");
    }
}

/// Jobs that wait for each other.
fn circle(workflow: &Workflow, findings: &mut Findings<'_>) {
    let jobs = &workflow.jobs;
    let number = |id: &str| jobs.iter().position(|job| job.id == id);
    for (start, job) in jobs.iter().enumerate() {
        // The first job of a circle tells it: from there every way back is walked.
        let mut seen = vec![false; jobs.len()];
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            for (need, place) in &jobs[at].needs {
                let Some(next) = number(need) else { continue };
                if next == start {
                    findings
                        .tell(format!("the job `{}` waits for itself", job.id))
                        .at(&job.at, REFUSED)
                        .also(place, "what closes the circle");
                    return;
                }
                if !seen[next] {
                    seen[next] = true;
                    open.push(next);
                }
            }
        }
    }
}
