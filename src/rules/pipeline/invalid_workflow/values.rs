//! What may stand behind a key: numbers, truth values, names, shells, permissions.

use std::ops::RangeInclusive;

use crate::facts::At;
use crate::facts::workflow::{Job, Step, Workflow};
use crate::rules::Findings;
use crate::source::Span;
use crate::source::yaml::{Node, Style};

const REFUSED: &str = "GitHub refuses the file";

/// What a job that calls a workflow cannot have: the called jobs have it.
const NOT_CALLING: [&str; 10] = [
    "runs-on",
    "steps",
    "env",
    "environment",
    "outputs",
    "defaults",
    "timeout-minutes",
    "continue-on-error",
    "container",
    "services",
];

pub(super) fn check(workflow: &Workflow, findings: &mut Findings<'_>) {
    if let Some(concurrency) = workflow.node.get("concurrency") {
        truth(workflow, concurrency, "cancel-in-progress", findings);
    }
    permissions(workflow, &workflow.node, findings);
    names(workflow, &workflow.node, findings);
    merges(workflow, &workflow.node, findings);
    for job in &workflow.jobs {
        job_of(workflow, job, findings);
        for step in &job.steps {
            step_of(workflow, step, findings);
        }
    }
    twice(
        workflow,
        workflow.jobs.iter().map(|job| (job.id.as_str(), &job.at)),
        "jobs",
        findings,
    );
}

fn job_of(workflow: &Workflow, job: &Job, findings: &mut Findings<'_>) {
    id(&job.id, &job.at, "job", findings);
    permissions(workflow, &job.node, findings);
    names(workflow, &job.node, findings);
    number(workflow, &job.node, "timeout-minutes", findings);
    truth(workflow, &job.node, "continue-on-error", findings);
    if let Some(concurrency) = job.node.get("concurrency") {
        truth(workflow, concurrency, "cancel-in-progress", findings);
    }
    if let Some(strategy) = job.node.get("strategy") {
        truth(workflow, strategy, "fail-fast", findings);
        number(workflow, strategy, "max-parallel", findings);
    }
    called(workflow, job, findings);
    if let Some(container) = job.node.get("container") {
        image(workflow, container, "container", findings);
    }
    let services = job.node.get("services").map_or(&[][..], Node::entries);
    for service in services {
        image(workflow, &service.value, &service.key, findings);
    }
}

fn step_of(workflow: &Workflow, step: &Step, findings: &mut Findings<'_>) {
    if let Some(name) = &step.id {
        let at = match step.node.get("id") {
            Some(node) => At::new(&workflow.source, node.span),
            None => step.at.clone(),
        };
        id(name, &at, "step", findings);
    }
    names(workflow, &step.node, findings);
    number(workflow, &step.node, "timeout-minutes", findings);
    truth(workflow, &step.node, "continue-on-error", findings);
    if let (None, Some(with)) = (&step.uses, step.node.entry("with")) {
        findings
            .tell("a step that runs a script takes no `with`")
            .at(&At::new(&workflow.source, with.key_span), REFUSED)
            .help("give the script what it needs in `env`");
    }
    if let Some((uses, at)) = &step.uses {
        action(uses, at, findings);
    }
    if let Some(shell) = step.node.get("shell") {
        shell_of(workflow, shell, findings);
    }
}

/// What cannot be read before the run.
fn is_open(node: &Node) -> bool {
    node.text().is_some_and(|text| text.contains("${{"))
}

fn number(workflow: &Workflow, node: &Node, key: &str, findings: &mut Findings<'_>) {
    let Some(value) = node.get(key).filter(|value| !is_open(value)) else {
        return;
    };
    let fits = value
        .text()
        .and_then(|text| text.parse::<f64>().ok())
        .is_some_and(|number| number > 0.0 && (key != "max-parallel" || number.fract() == 0.0));
    if !fits {
        findings
            .tell(format!("`{key}` is a number above zero"))
            .at(&At::new(&workflow.source, value.span), REFUSED);
    }
}

fn truth(workflow: &Workflow, node: &Node, key: &str, findings: &mut Findings<'_>) {
    let Some(value) = node.get(key).filter(|value| !is_open(value)) else {
        return;
    };
    let plain = value
        .scalar()
        .is_some_and(|scalar| scalar.style == Style::Plain);
    let fits = value
        .text()
        .is_some_and(|text| matches!(text.to_ascii_lowercase().as_str(), "true" | "false"));
    if !(fits && plain) {
        findings
            .tell(format!("`{key}` is `true` or `false`"))
            .at(&At::new(&workflow.source, value.span), REFUSED);
    }
}

fn permissions(workflow: &Workflow, node: &Node, findings: &mut Findings<'_>) {
    let entries = node.get("permissions").map_or(&[][..], Node::entries);
    for entry in entries {
        let allowed: &[&str] = match entry.key.as_str() {
            "id-token" => &["write", "none"],
            "models" => &["read", "none"],
            _ => &["read", "write", "none"],
        };
        let fits = entry
            .value
            .text()
            .is_none_or(|text| allowed.contains(&text) || text.contains("${{"));
        if !fits {
            findings
                .tell(format!(
                    "the permission `{}` is `{}`",
                    entry.key,
                    allowed.join("` or `")
                ))
                .at(&At::new(&workflow.source, entry.value.span), REFUSED);
        }
    }
}

/// Names of variables.
fn names(workflow: &Workflow, node: &Node, findings: &mut Findings<'_>) {
    for entry in node.get("env").map_or(&[][..], Node::entries) {
        if entry.key.contains(['=', ' ', '&']) && !entry.key.contains("${{") {
            findings
                .tell(format!("`{}` is no name of a variable", entry.key))
                .at(
                    &At::new(&workflow.source, entry.key_span),
                    "no script can read it",
                );
        }
    }
}

fn id(name: &str, at: &At, what: &str, findings: &mut Findings<'_>) {
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !fits && !name.contains("${{") {
        findings
            .tell(format!("`{name}` is no id of a {what}"))
            .at(at, REFUSED)
            .help("an id has letters, digits, `-` and `_`, and starts with a letter or `_`");
    }
}

/// Keys that are one to GitHub, which does not tell capitals apart.
fn twice<'a>(
    workflow: &Workflow,
    all: impl Iterator<Item = (&'a str, &'a At)>,
    section: &str,
    findings: &mut Findings<'_>,
) {
    let mut seen: Vec<(String, &At)> = Vec::new();
    for (name, at) in all {
        let lower = name.to_ascii_lowercase();
        match seen.iter().find(|(own, _)| *own == lower) {
            Some((_, first)) if workflow.source.slice(first.span) != name => {
                findings
                    .tell(format!(
                        "`{section}` has `{name}` twice: capitals do not tell apart"
                    ))
                    .at(at, "the second")
                    .also(first, "the first");
            }
            _ => seen.push((lower, at)),
        }
    }
}

/// `owner/name@version`, a path or an image.
fn action(uses: &str, at: &At, findings: &mut Findings<'_>) {
    if uses.contains("${{") || uses.starts_with("./") || uses.starts_with("docker://") {
        return;
    }
    let (name, version) = uses.split_once('@').unwrap_or((uses, ""));
    let what = match (name.split_once('/'), version) {
        (_, "") => "no version of the action",
        (None | Some(("", _) | (_, "")), _) => "no owner of the action",
        _ => return,
    };
    let told = findings
        .tell(format!("`{uses}` names {what}"))
        .at(at, REFUSED);
    if uses.starts_with('.') {
        told.help("an action of the repository starts with `./`");
    } else {
        told.help("write `owner/name@version`");
    }
}

/// A job that calls a workflow, and one that does not.
fn called(workflow: &Workflow, job: &Job, findings: &mut Findings<'_>) {
    for entry in job.node.entries() {
        let key = entry.key.as_str();
        let message = match job.uses {
            Some(_) if NOT_CALLING.contains(&key) => {
                format!("a job that calls a workflow has no `{key}`")
            }
            None if matches!(key, "with" | "secrets") => {
                format!("only a job that calls a workflow has `{key}`")
            }
            _ => continue,
        };
        findings
            .tell(message)
            .at(&At::new(&workflow.source, entry.key_span), REFUSED)
            .also(&job.at, "the job");
    }
    if let Some((uses, at)) = &job.uses {
        let local = uses.starts_with("./");
        let fits = match local {
            true => !uses.contains('@'),
            false => uses.split_once('@').is_some_and(|(path, version)| {
                !path.starts_with('/') && path.split('/').count() >= 3 && !version.is_empty()
            }),
        };
        if !fits && !uses.contains("${{") {
            findings
                .tell(format!("`{uses}` names no workflow"))
                .at(at, REFUSED)
                .help("write `owner/name/.github/workflows/file.yml@version`, or `./.github/workflows/file.yml` without a version");
        }
    }
    if let Some(secrets) = job.node.get("secrets")
        && job.uses.is_some()
        && secrets
            .text()
            .is_some_and(|text| text != "inherit" && !text.is_empty())
    {
        findings
            .tell("`secrets` is a mapping, or `inherit`")
            .at(&At::new(&workflow.source, secrets.span), REFUSED);
    }
}

/// A container has an image, and both parts of a login.
fn image(workflow: &Workflow, node: &Node, name: &str, findings: &mut Findings<'_>) {
    let at = At::new(&workflow.source, node.span);
    if !node.entries().is_empty() && node.get("image").is_none() {
        findings
            .tell(format!("`{name}` says no `image`"))
            .at(&at, REFUSED);
    }
    if let Some(credentials) = node.get("credentials")
        && !credentials.entries().is_empty()
        && !(credentials.get("username").is_some() && credentials.get("password").is_some())
    {
        findings
            .tell("`credentials` has a `username` and a `password`")
            .at(&At::new(&workflow.source, credentials.span), REFUSED);
    }
}

fn shell_of(workflow: &Workflow, node: &Node, findings: &mut Findings<'_>) {
    let Some(name) = node.text() else { return };
    let known = ["bash", "sh", "python", "pwsh", "powershell", "cmd"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name));
    if known || name.contains("{0}") || name.contains("${{") {
        return;
    }
    findings
        .tell(format!("there is no shell `{name}`"))
        .at(&At::new(&workflow.source, node.span), "the step fails")
        .help("a shell of another name is given as a command with `{0}` for the script");
}

/// GitHub reads anchors and aliases, but no merge keys.
fn merges(workflow: &Workflow, node: &Node, findings: &mut Findings<'_>) {
    if let Some(entry) = node.entries().iter().find(|entry| entry.merged) {
        let from = node.span.start.min(entry.key_span.start);
        let text = workflow.source.text();
        let mark = text[node.span.start..]
            .find("<<")
            .map_or(from, |at| node.span.start + at);
        findings
            .tell("GitHub does not read merge keys")
            .at(
                &At::new(&workflow.source, Span::new(mark, mark + 2)),
                REFUSED,
            )
            .help("write out what is merged; anchors and aliases alone are read");
        return;
    }
    for entry in node.entries() {
        merges(workflow, &entry.value, findings);
    }
    for item in node.items() {
        merges(workflow, item, findings);
    }
}

/// Whether a field of a schedule holds what `cron` can read within `range`.
pub(super) fn is_cron_field(field: &str, range: &RangeInclusive<u32>, words: &[&str]) -> bool {
    let value = |text: &str| {
        words.iter().any(|word| word.eq_ignore_ascii_case(text))
            || text.parse().is_ok_and(|number| range.contains(&number))
    };
    field.split(',').all(|part| {
        let (part, step) = match part.split_once('/') {
            Some((part, step)) => (part, Some(step)),
            None => (part, None),
        };
        let stepped = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0));
        stepped
            && (part == "*"
                || match part.split_once('-') {
                    Some((from, to)) => value(from) && value(to),
                    None => value(part),
                })
    })
}
