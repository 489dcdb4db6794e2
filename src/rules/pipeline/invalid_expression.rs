//! An expression that GitHub cannot evaluate at its place.

use crate::diagnostic::Level;
use crate::facts::expression::{Word, expressions};
use crate::facts::workflow::Workflow;
use crate::facts::{At, Facts, is_workflow_path};
use crate::rules::{Docs, Findings, Group, Rule, suggestion};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "invalid-expression",
    group: Group::Pipeline,
    level: Level::Error,
    summary: "an expression of a workflow that GitHub cannot evaluate at its place",
    docs: Docs {
        what: "An expression names a context or a function that there is not, or one that is not there at this key: `env` in `runs-on`, in the condition of a job or in `env` itself, `secrets` in `strategy`, `steps` outside of a job's steps and outputs, `always()` outside of a condition; or it reads what `github` does not have.",
        why: "GitHub refuses the whole workflow, or the value is empty.",
        bad: "env:\n  TAG: v1\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    env:\n      IMAGE: app:${{ env.TAG }}",
        good: "    env:\n      IMAGE: app:v1",
        allow: "When GitHub has a context that gen does not know.",
    },
    check,
};

const CONTEXTS: [&str; 12] = [
    "github", "env", "vars", "job", "jobs", "steps", "runner", "secrets", "strategy", "matrix",
    "needs", "inputs",
];
const FUNCTIONS: [&str; 9] = [
    "contains",
    "startswith",
    "endswith",
    "format",
    "join",
    "tojson",
    "fromjson",
    "hashfiles",
    "case",
];
const STATUS: [&str; 4] = ["success", "always", "cancelled", "failure"];

/// What there is in `github`.
const GITHUB: [&str; 44] = [
    "action",
    "action_path",
    "action_ref",
    "action_repository",
    "action_status",
    "actor",
    "actor_id",
    "api_url",
    "artifact_cache_size_limit",
    "base_ref",
    "env",
    "event",
    "event_name",
    "event_path",
    "graphql_url",
    "head_ref",
    "job",
    "output",
    "path",
    "ref",
    "ref_name",
    "ref_protected",
    "ref_type",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "repositoryurl",
    "retention_days",
    "run_attempt",
    "run_id",
    "run_number",
    "secret_source",
    "server_url",
    "sha",
    "state",
    "step_summary",
    "token",
    "triggering_actor",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "workspace",
];

/// What may be read at a key; `github`, `vars` and `inputs` may be everywhere.
const STEP: &str = "needs strategy matrix job runner env secrets steps";
const JOB: &str = "needs strategy matrix";

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for workflow in &facts.workflows {
        if !is_workflow_path(&workflow.path) {
            continue;
        }
        let mut reader = Reader { workflow, findings };
        for (key, allowed) in [("run-name", ""), ("concurrency", ""), ("env", "secrets")] {
            reader.key(&workflow.node, key, allowed);
        }
        for job in &workflow.jobs {
            reader.job(&job.node);
            for step in &job.steps {
                for entry in step.node.entries() {
                    let allowed = match entry.key.as_str() {
                        // A condition that reads secrets is told by another rule.
                        "id" | "uses" => continue,
                        _ => STEP,
                    };
                    reader.node(&entry.key, &entry.value, allowed, true);
                }
            }
        }
    }
}

struct Reader<'r, 'd> {
    workflow: &'r Workflow,
    findings: &'r mut Findings<'d>,
}

impl Reader<'_, '_> {
    fn job(&mut self, job: &Node) {
        for (key, allowed) in [
            ("name", JOB),
            ("if", "needs secrets"),
            ("runs-on", JOB),
            ("concurrency", JOB),
            ("continue-on-error", JOB),
            ("timeout-minutes", JOB),
            ("strategy", "needs"),
            ("env", "needs strategy matrix secrets"),
            ("outputs", STEP),
            ("with", JOB),
            ("secrets", "needs strategy matrix secrets"),
            ("defaults", "needs strategy matrix env"),
        ] {
            self.key(job, key, allowed);
        }
        if let Some(environment) = job.get("environment") {
            if environment.entries().is_empty() {
                self.node("environment", environment, JOB, false);
            }
            self.key(environment, "name", JOB);
            self.key(environment, "url", STEP);
        }
        let inside = |node: &Node| node.get("container").cloned();
        let services = job.get("services").map_or(&[][..], Node::entries);
        for one in inside(job)
            .iter()
            .chain(services.iter().map(|entry| &entry.value))
        {
            self.key(one, "image", JOB);
            self.key(one, "credentials", "needs strategy matrix env secrets");
            self.key(one, "env", "needs strategy matrix job runner env secrets");
        }
    }

    fn key(&mut self, node: &Node, key: &str, allowed: &str) {
        if let Some(value) = node.get(key) {
            self.node(key, value, allowed, false);
        }
    }

    fn node(&mut self, key: &str, node: &Node, allowed: &str, step: bool) {
        for expression in expressions(self.workflow.source.text(), key, node) {
            for word in expression.words() {
                self.word(&word, key, allowed, step);
            }
        }
    }

    fn word(&mut self, word: &Word, key: &str, allowed: &str, step: bool) {
        let written = &word.path[0];
        let name = written.to_ascii_lowercase();
        let at = At::new(&self.workflow.source, word.span);
        if word.call && word.path.len() == 1 {
            let status = STATUS.contains(&name.as_str());
            if status && key != "if" {
                self.findings
                    .tell(format!("`{written}()` can only be asked in a condition"))
                    .at(&at, "GitHub refuses the file")
                    .help("ask it in `if`");
            } else if !status && !FUNCTIONS.contains(&name.as_str()) {
                let told = self
                    .findings
                    .tell(format!("there is no function `{written}`"))
                    .at(&at, "GitHub refuses the file");
                let near = suggestion(&name, FUNCTIONS.into_iter().chain(STATUS));
                if let Some(near) = near {
                    told.help(format!("did you mean `{near}`?"));
                }
            }
            return;
        }
        if matches!(
            name.as_str(),
            "true" | "false" | "null" | "nan" | "infinity"
        ) {
            return;
        }
        if !CONTEXTS.contains(&name.as_str()) {
            let told = self
                .findings
                .tell(format!("there is no context `{written}`"))
                .at(&at, "GitHub refuses the file");
            let upper = word.path.len() == 1
                && written
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
            let near = suggestion(&name, CONTEXTS).map(|near| format!("did you mean `{near}`?"));
            let help = match upper {
                true => Some(format!("a variable of the workflow is `env.{written}`")),
                false => near,
            };
            if let Some(help) = help {
                told.help(help);
            }
            return;
        }
        let part = word.path.get(1).map(|part| part.to_ascii_lowercase());
        let unknown =
            part.filter(|part| name == "github" && part != "*" && !GITHUB.contains(&part.as_str()));
        if let Some(part) = unknown {
            let told = self
                .findings
                .tell(format!("there is no `github.{part}`"))
                .at(&at, "always empty");
            if let Some(near) = suggestion(&part, GITHUB) {
                told.help(format!("did you mean `github.{near}`?"));
            }
            return;
        }
        let everywhere = matches!(name.as_str(), "github" | "vars" | "inputs");
        // `jobs` is for the outputs of reusable workflows, which are not looked at.
        if everywhere || allowed.split(' ').any(|one| one == name) {
            return;
        }
        let place = if step { "a step's" } else { "this" };
        let told = self
            .findings
            .tell(format!("`{name}` cannot be read in {place} `{key}`"))
            .at(&at, "GitHub refuses the file");
        if name == "env" {
            told.help(
                "what is under `env` is there in steps: write the value itself, or use `vars`",
            );
        }
    }
}
