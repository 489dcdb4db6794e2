//! A workflow or action of this repository is given what it does not declare, or not what it needs.

use std::sync::Arc;

use crate::diagnostic::Level;
use crate::facts::expression::reads;
use crate::facts::workflow::{Job, Step, Workflow};
use crate::facts::{At, Facts, is_workflow_path, tree};
use crate::rules::{Docs, Findings, Group, Rule, suggestion};
use crate::source::Source;
use crate::source::yaml::{self, Entry, Limits, Node};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unknown-input",
    group: Group::Pipeline,
    level: Level::Error,
    summary: "a workflow or action of this repository is given what it does not declare, or not what it needs",
    docs: Docs {
        what: "A job calls a workflow of the repository, or a step an action of it, with an input or secret that it does not declare, or without one that is required; an output is read that it does not have; or an expression reads `inputs.x` or `matrix.x` that the workflow does not declare.",
        why: "GitHub refuses the call of a workflow; an action's input and whatever is read without being declared are empty.",
        bad: "uses: ./.github/workflows/deploy.yml\nwith:\n  enviroment: production",
        good: "uses: ./.github/workflows/deploy.yml\nwith:\n  environment: production",
        allow: "When the input is declared on the branch that the call names.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for workflow in &facts.workflows {
        if !is_workflow_path(&workflow.path) {
            continue;
        }
        own_inputs(workflow, findings);
        for job in &workflow.jobs {
            matrix(workflow, job, findings);
            if let Some(called) = called(facts, job) {
                call(workflow, job, called, findings);
            }
            for step in &job.steps {
                if let Some(action) = local_action(facts, step) {
                    action_call(workflow, job, step, &action, findings);
                }
            }
        }
    }
}

/// The workflow of this repository that a job calls.
fn called<'f>(facts: &'f Facts, job: &Job) -> Option<&'f Workflow> {
    let (uses, _) = job.uses.as_ref()?;
    let path = uses.strip_prefix("./")?;
    facts.workflows.iter().find(|one| one.path == path)
}

/// Whether an input or a secret has to be given, and is not.
fn is_missing(declared: &Entry, given: &[Entry]) -> bool {
    let required = declared.value.get("required").and_then(Node::text) == Some("true");
    let default = declared.value.get("default").is_some();
    required && !default && !names(given).any(|name| name.eq_ignore_ascii_case(&declared.key))
}

fn names(entries: &[Entry]) -> impl Iterator<Item = &str> {
    entries.iter().map(|entry| entry.key.as_str())
}

fn entries<'n>(node: &'n Node, key: &str) -> &'n [Entry] {
    node.get(key).map_or(&[][..], Node::entries)
}

/// Whether there is no telling what stands in it: an expression, or an alias that is merged in.
fn is_open(entries: &[Entry]) -> bool {
    entries
        .iter()
        .any(|entry| entry.key == "<<" || entry.key.contains("${{"))
}

fn call(workflow: &Workflow, job: &Job, other: &Workflow, findings: &mut Findings<'_>) {
    let Some((_, at)) = &job.uses else { return };
    let Some((_, trigger_at, settings)) = other.trigger("workflow_call") else {
        let told = findings
            .tell(format!(
                "`{}` cannot be called: it has no `workflow_call`",
                other.path
            ))
            .at(at, "called here");
        if let Some((_, first, _)) = other.triggers.first() {
            told.also(first, "what starts it");
        }
        return;
    };
    let empty = Node {
        span: trigger_at.span,
        kind: yaml::Kind::Mapping(Vec::new()),
        tag: None,
        comments: Vec::new(),
    };
    let settings = settings.as_ref().unwrap_or(&empty);
    let inherits = job.node.get("secrets").and_then(Node::text).is_some();
    for (key, what, declared) in [
        ("with", "input", "inputs"),
        ("secrets", "secret", "secrets"),
    ] {
        let given = entries(&job.node, key);
        let known = entries(settings, declared);
        if is_open(given) || is_open(known) {
            continue;
        }
        for entry in given {
            if names(known).any(|name| name.eq_ignore_ascii_case(&entry.key)) {
                continue;
            }
            let mut told = findings
                .tell(format!("`{}` has no {what} `{}`", other.path, entry.key))
                .at(&At::new(&workflow.source, entry.key_span), "given here");
            let near = suggestion(&entry.key, names(known));
            let place = known.iter().find(|one| Some(one.key.as_str()) == near);
            told = told.also(
                &At::new(
                    &other.source,
                    place.map_or(trigger_at.span, |one| one.key_span),
                ),
                "declared here",
            );
            if let Some(near) = near {
                told.help(format!("did you mean `{near}`?"));
            }
        }
        for entry in known {
            let inherited = inherits && what == "secret";
            if is_missing(entry, given) && !inherited {
                findings
                    .tell(format!(
                        "`{}` is called without the {what} `{}`",
                        other.path, entry.key
                    ))
                    .at(at, "called here")
                    .also(&At::new(&other.source, entry.key_span), "required here");
            }
        }
    }
    let outputs = entries(settings, "outputs");
    for reader in &workflow.jobs {
        for read in reads(workflow.source.text(), &reader.node) {
            let [context, id, kind, name] = read.path.as_slice() else {
                continue;
            };
            let about = context == "needs" && *id == job.id && kind == "outputs" && name != "*";
            let waits = reader.needs.iter().any(|(need, _)| need == id);
            if about && waits && !names(outputs).any(|one| one.eq_ignore_ascii_case(name)) {
                let told = findings
                    .tell(format!("`{}` has no output `{name}`", other.path))
                    .at(&At::new(&workflow.source, read.span), "always empty")
                    .also(at, "the workflow that is called");
                if let Some(near) = suggestion(name, names(outputs)) {
                    told.help(format!("did you mean `{near}`?"));
                }
            }
        }
    }
}

/// An action of this repository: its file and what that says.
fn local_action(facts: &Facts, step: &Step) -> Option<(Arc<Source>, Node)> {
    let (uses, _) = step.uses.as_ref()?;
    let folder = tree::join("", uses.strip_prefix("./")?)?;
    let path = ["action.yml", "action.yaml"]
        .iter()
        .filter_map(|name| tree::join(&folder, name))
        .find(|path| facts.tree.is_file(path))?;
    let source = facts.tree.source(&path)?;
    let stream = yaml::read(source.text(), &Limits::REPOSITORY).ok()?;
    let node = stream.documents.into_iter().next()?;
    node.get("runs")?;
    Some((Arc::clone(source), node))
}

fn action_call(
    workflow: &Workflow,
    job: &Job,
    step: &Step,
    (source, node): &(Arc<Source>, Node),
    findings: &mut Findings<'_>,
) {
    let Some((_, at)) = &step.uses else { return };
    let given = entries(&step.node, "with");
    let known = entries(node, "inputs");
    let runs = node.get("runs").map_or(at.span, |runs| runs.span);
    if is_open(given) || is_open(known) {
        return;
    }
    let docker = node
        .get("runs")
        .and_then(|runs| runs.get("using"))
        .and_then(Node::text)
        == Some("docker");
    for entry in given {
        let own = docker && matches!(entry.key.as_str(), "args" | "entrypoint");
        if own || names(known).any(|name| name.eq_ignore_ascii_case(&entry.key)) {
            continue;
        }
        let near = suggestion(&entry.key, names(known));
        let place = known.iter().find(|one| Some(one.key.as_str()) == near);
        let told = findings
            .tell_as(
                Level::Warning,
                format!(
                    "the action `{}` has no input `{}`",
                    source.path(),
                    entry.key
                ),
            )
            .at(&At::new(&workflow.source, entry.key_span), "ignored")
            .also(
                &At::new(source, place.map_or(runs, |one| one.key_span)),
                "the action",
            );
        if let Some(near) = near {
            told.help(format!("did you mean `{near}`?"));
        }
    }
    for entry in known {
        if is_missing(entry, given) {
            findings
                .tell_as(
                    Level::Warning,
                    format!(
                        "the action `{}` is used without its input `{}`",
                        source.path(),
                        entry.key
                    ),
                )
                .at(at, "used here")
                .also(&At::new(source, entry.key_span), "required here");
        }
    }
    let Some(id) = &step.id else { return };
    // What a composite action gives is declared; of others a program may say more.
    let outputs = entries(node, "outputs");
    for read in reads(workflow.source.text(), &job.node) {
        let [context, own, kind, name] = read.path.as_slice() else {
            continue;
        };
        let about = context == "steps" && own == id && kind == "outputs" && name != "*";
        if about && !docker && !names(outputs).any(|one| one.eq_ignore_ascii_case(name)) {
            let told = findings
                .tell(format!(
                    "the action `{}` has no output `{name}`",
                    source.path()
                ))
                .at(&At::new(&workflow.source, read.span), "always empty")
                .also(at, "the action that is used");
            if let Some(near) = suggestion(name, names(outputs)) {
                told.help(format!("did you mean `{near}`?"));
            }
        }
    }
}

/// What the workflow reads of its own inputs.
fn own_inputs(workflow: &Workflow, findings: &mut Findings<'_>) {
    let triggers: Vec<_> = ["workflow_call", "workflow_dispatch"]
        .iter()
        .filter_map(|name| workflow.trigger(name))
        .collect();
    let known: Vec<&Entry> = triggers
        .iter()
        .filter_map(|(.., settings)| settings.as_ref())
        .flat_map(|settings| entries(settings, "inputs"))
        .collect();
    if known.iter().any(|entry| entry.key == "<<") {
        return;
    }
    for job in &workflow.jobs {
        for read in reads(workflow.source.text(), &job.node) {
            let name = match read.path.as_slice() {
                [context, name] if context == "inputs" => name,
                [github, event, inputs, name]
                    if github == "github" && event == "event" && inputs == "inputs" =>
                {
                    name
                }
                _ => continue,
            };
            if name == "*"
                || known
                    .iter()
                    .any(|entry| entry.key.eq_ignore_ascii_case(name))
            {
                continue;
            }
            let mut told = findings
                .tell(format!("the workflow has no input `{name}`"))
                .at(&At::new(&workflow.source, read.span), "always empty");
            let near = suggestion(name, known.iter().map(|entry| entry.key.as_str()));
            let place = known
                .iter()
                .find(|entry| Some(entry.key.as_str()) == near)
                .or(known.first());
            let first = workflow.triggers.first().map(|(_, at, _)| at.span);
            if let Some(span) = place.map(|entry| entry.key_span).or(first) {
                told = told.also(&At::new(&workflow.source, span), "what it declares");
            }
            if let Some(near) = near {
                told.help(format!("did you mean `{near}`?"));
            }
        }
    }
}

/// What a job reads of its matrix.
fn matrix(workflow: &Workflow, job: &Job, findings: &mut Findings<'_>) {
    let matrix = job
        .node
        .get("strategy")
        .and_then(|strategy| strategy.get("matrix"));
    let mut known: Vec<&str> = Vec::new();
    if let Some(matrix) = matrix {
        // An expression may give anything.
        if matrix.text().is_some() || is_open(matrix.entries()) {
            return;
        }
        for entry in matrix.entries() {
            match entry.key.as_str() {
                "exclude" => {}
                "include" => {
                    if entry.value.text().is_some() {
                        return;
                    }
                    for item in entry.value.items() {
                        if item.text().is_some() || is_open(item.entries()) {
                            return;
                        }
                        known.extend(names(item.entries()));
                    }
                }
                name => known.push(name),
            }
        }
    } else if job
        .node
        .get("strategy")
        .is_some_and(|strategy| strategy.text().is_some())
    {
        return;
    }
    for read in reads(workflow.source.text(), &job.node) {
        let [context, name, ..] = read.path.as_slice() else {
            continue;
        };
        if context != "matrix"
            || name == "*"
            || known.iter().any(|one| one.eq_ignore_ascii_case(name))
        {
            continue;
        }
        let told = findings
            .tell(format!(
                "the matrix of the job `{}` has no `{name}`",
                job.id
            ))
            .at(&At::new(&workflow.source, read.span), "always empty")
            .also(
                &matrix.map_or_else(
                    || job.at.clone(),
                    |matrix| At::new(&workflow.source, matrix.span),
                ),
                "the job's matrix",
            );
        if let Some(near) = suggestion(name, known.iter().copied()) {
            told.help(format!("did you mean `{near}`?"));
        }
    }
}
