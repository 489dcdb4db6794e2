//! GitHub workflows: triggers, jobs, steps, and what their expressions give.

use std::sync::Arc;

use crate::source::yaml::{Node, Style};
use crate::source::{Source, Span, shell};

use super::At;
use super::text::{Piece, Text};

/// Most expressions that one text is looked up through.
const MAX_HOPS: usize = 8;

/// One workflow file.
#[derive(Debug)]
pub struct Workflow {
    /// Path below the root.
    pub path: String,
    /// The file.
    pub source: Arc<Source>,
    /// All of it.
    pub node: Node,
    /// What starts it: `push`, `pull_request` …, each with its settings.
    pub triggers: Vec<(String, At, Option<Node>)>,
    /// `env` of the workflow.
    pub env: Vec<Setting>,
    /// `permissions` of the workflow.
    pub permissions: Permissions,
    /// Its jobs.
    pub jobs: Vec<Job>,
}

/// A name, its value and where the value stands.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The name.
    pub name: String,
    /// Where the name stands.
    pub name_at: At,
    /// The value.
    pub value: Text,
    /// Where the value stands.
    pub at: At,
}

/// What `permissions` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permissions {
    /// Nothing: the repository's setting holds.
    Unset,
    /// `read-all`, `write-all` or an expression.
    All(String),
    /// Scope and access; what is not named is `none`.
    Each(Vec<(String, String)>),
}

impl Permissions {
    /// Whether a scope may be written, as far as is known.
    pub fn writes(&self, scope: &str) -> Option<bool> {
        match self {
            Self::Unset => None,
            Self::All(word) => Some(word == "write-all"),
            Self::Each(scopes) => Some(
                scopes
                    .iter()
                    .any(|(name, access)| name == scope && access == "write"),
            ),
        }
    }
}

/// One job.
#[derive(Debug)]
pub struct Job {
    /// Its key.
    pub id: String,
    /// Where the key stands.
    pub at: At,
    /// All of it.
    pub node: Node,
    /// The jobs it waits for.
    pub needs: Vec<(String, At)>,
    /// The GitHub environment.
    pub environment: Option<(Text, At)>,
    /// Its own `permissions`.
    pub permissions: Permissions,
    /// Where they stand.
    pub permissions_at: Option<At>,
    /// Its outputs.
    pub outputs: Vec<Setting>,
    /// Its `env`.
    pub env: Vec<Setting>,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The reusable workflow that it calls.
    pub uses: Option<(String, At)>,
    /// Whether it has a matrix.
    pub matrix: bool,
}

/// One step.
#[derive(Debug)]
pub struct Step {
    /// Its id.
    pub id: Option<String>,
    /// Its first bytes, for labels.
    pub at: At,
    /// All of it.
    pub node: Node,
    /// The action, as written.
    pub uses: Option<(String, At)>,
    /// The action's inputs.
    pub with: Vec<Setting>,
    /// Its `env`.
    pub env: Vec<Setting>,
    /// The commands of `run`.
    pub run: Vec<shell::Command>,
    /// Where `run` stands.
    pub run_at: Option<At>,
    /// The folder that `run` starts in, where it is known.
    pub folder: Option<Text>,
    /// The condition.
    pub condition: Option<String>,
    /// Whether a failure is ignored.
    pub may_fail: bool,
}

impl Step {
    /// The action without its version: `docker/login-action`.
    pub fn action(&self) -> &str {
        self.uses
            .as_ref()
            .map_or("", |(uses, _)| uses.split('@').next().unwrap_or(""))
    }

    /// An input of the action.
    pub fn input(&self, name: &str) -> Option<&Setting> {
        self.with.iter().find(|setting| setting.name == name)
    }
}

/// Reads a workflow; nothing where the file is none.
pub fn read(path: &str, source: &Arc<Source>, node: &Node) -> Option<Workflow> {
    let jobs = node.get("jobs")?;
    // YAML 1.1 readers take `on` for true; this one does not, but people quote it.
    let on = node.get("on").or_else(|| node.get("true"))?;
    if jobs.entries().is_empty() {
        return None;
    }
    let defaults = folder_of(node);
    Some(Workflow {
        path: path.to_owned(),
        source: Arc::clone(source),
        triggers: triggers(source, on),
        env: settings(source, node.get("env")),
        permissions: permissions(node.get("permissions")),
        jobs: jobs
            .entries()
            .iter()
            .map(|entry| {
                job(
                    source,
                    &entry.key,
                    At::new(source, entry.key_span),
                    &entry.value,
                    defaults.as_ref(),
                )
            })
            .collect(),
        node: node.clone(),
    })
}

fn folder_of(node: &Node) -> Option<Text> {
    node.get("defaults")?
        .get("run")?
        .get("working-directory")?
        .text()
        .map(text)
}

fn triggers(source: &Arc<Source>, on: &Node) -> Vec<(String, At, Option<Node>)> {
    if let Some(one) = on.text() {
        return vec![(one.to_owned(), At::new(source, on.span), None)];
    }
    let listed = on
        .items()
        .iter()
        .filter_map(|item| Some((item.text()?.to_owned(), At::new(source, item.span), None)));
    let keyed = on.entries().iter().map(|entry| {
        (
            entry.key.clone(),
            At::new(source, entry.key_span),
            Some(entry.value.clone()),
        )
    });
    listed.chain(keyed).collect()
}

/// The entries of a mapping as settings.
pub fn settings(source: &Arc<Source>, node: Option<&Node>) -> Vec<Setting> {
    node.map_or(&[][..], Node::entries)
        .iter()
        .filter_map(|entry| {
            Some(Setting {
                name: entry.key.clone(),
                name_at: At::new(source, entry.key_span),
                value: text(entry.value.text()?),
                at: At::new(source, entry.value.span),
            })
        })
        .collect()
}

fn permissions(node: Option<&Node>) -> Permissions {
    match node {
        None => Permissions::Unset,
        Some(node) => match node.text() {
            Some(word) if !node.is_null() => Permissions::All(word.to_owned()),
            _ => Permissions::Each(
                node.entries()
                    .iter()
                    .filter_map(|entry| Some((entry.key.clone(), entry.value.text()?.to_owned())))
                    .collect(),
            ),
        },
    }
}

fn job(source: &Arc<Source>, id: &str, at: At, node: &Node, defaults: Option<&Text>) -> Job {
    let needs = match node.get("needs") {
        Some(needs) if needs.text().is_some() => vec![needs],
        Some(needs) => needs.items().iter().collect(),
        None => Vec::new(),
    };
    let environment = node.get("environment").and_then(|environment| {
        let name = environment.get("name").unwrap_or(environment);
        Some((text(name.text()?), At::new(source, name.span)))
    });
    let defaults = folder_of(node).or_else(|| defaults.cloned());
    Job {
        id: id.to_owned(),
        at,
        needs: needs
            .into_iter()
            .filter_map(|need| Some((need.text()?.to_owned(), At::new(source, need.span))))
            .collect(),
        environment,
        permissions: permissions(node.get("permissions")),
        permissions_at: node
            .get("permissions")
            .map(|node| At::new(source, node.span)),
        outputs: settings(source, node.get("outputs")),
        env: settings(source, node.get("env")),
        steps: node
            .get("steps")
            .map_or(&[][..], Node::items)
            .iter()
            .map(|step| read_step(source, step, defaults.as_ref()))
            .collect(),
        uses: node
            .get("uses")
            .and_then(|uses| Some((uses.text()?.to_owned(), At::new(source, uses.span)))),
        matrix: node
            .get("strategy")
            .is_some_and(|strategy| strategy.get("matrix").is_some()),
        node: node.clone(),
    }
}

/// Reads one step, of a job or of a composite action.
pub fn read_step(source: &Arc<Source>, node: &Node, folder: Option<&Text>) -> Step {
    let first = node.entries().first().map_or(node.span, |entry| {
        Span::new(entry.key_span.start, entry.value.span.end)
    });
    let own = |key: &str| node.get(key).and_then(Node::text);
    Step {
        id: own("id").map(str::to_owned),
        at: At::new(source, first_line(source, first)),
        uses: node
            .get("uses")
            .and_then(|uses| Some((uses.text()?.to_owned(), At::new(source, uses.span)))),
        with: settings(source, node.get("with")),
        env: settings(source, node.get("env")),
        run: node
            .get("run")
            .map(|run| script(source, run))
            .unwrap_or_default(),
        run_at: node.get("run").map(|run| At::new(source, run.span)),
        folder: own("working-directory")
            .map(text)
            .or_else(|| folder.cloned()),
        condition: own("if").map(str::to_owned),
        may_fail: own("continue-on-error") == Some("true"),
        node: node.clone(),
    }
}

fn first_line(source: &Source, span: Span) -> Span {
    let text = source.slice(span);
    let end = text.find('\n').unwrap_or(text.len());
    Span::new(span.start, span.start + text[..end].trim_end().len())
}

/// The commands of a scalar that holds a script, with spans in its file.
pub fn script(source: &Source, node: &Node) -> Vec<shell::Command> {
    let Some(scalar) = node.scalar() else {
        return Vec::new();
    };
    let raw = source.slice(node.span);
    match scalar.style {
        Style::Single | Style::Double if raw.len() >= 2 => {
            shell::commands(&raw[1..raw.len() - 1], node.span.start + 1)
        }
        Style::Plain => shell::commands(&raw.replace('\n', " "), node.span.start),
        Style::Block if is_folded(source, node.span.start) => {
            shell::commands(&raw.replace('\n', " "), node.span.start)
        }
        _ => shell::commands(raw, node.span.start),
    }
}

/// Whether the header in front of a block is `>`.
fn is_folded(source: &Source, start: usize) -> bool {
    let before = source.text().get(..start).unwrap_or("").trim_end();
    let header = before.rsplit([' ', '\n', ':']).next().unwrap_or("");
    header.starts_with('>')
}

/// A text with `${{ … }}` in it.
pub fn text(raw: &str) -> Text {
    let mut all = Text::default();
    let mut rest = raw;
    while let Some(at) = rest.find("${{") {
        all.push(&rest[..at]);
        let inside = &rest[at + 3..];
        let Some(end) = inside.find("}}") else {
            rest = &rest[at..];
            break;
        };
        let expression = inside[..end].trim();
        match literal(expression) {
            Some(text) => all.push(&text),
            None => all.append(&Text::unknown(expression)),
        }
        rest = &inside[end + 2..];
    }
    all.push(rest);
    all
}

fn literal(expression: &str) -> Option<String> {
    let inside = expression.strip_prefix('\'')?.strip_suffix('\'')?;
    let plain = inside.replace("''", "");
    (!plain.contains('\'')).then(|| inside.replace("''", "'"))
}

impl Workflow {
    /// The trigger of that name.
    pub fn trigger(&self, name: &str) -> Option<&(String, At, Option<Node>)> {
        self.triggers.iter().find(|(own, _, _)| own == name)
    }

    /// The job of that key.
    pub fn job(&self, id: &str) -> Option<(usize, &Job)> {
        self.jobs.iter().enumerate().find(|(_, job)| job.id == id)
    }

    /// What a job may do.
    pub fn permissions_of<'a>(&'a self, job: &'a Job) -> &'a Permissions {
        match &job.permissions {
            Permissions::Unset => &self.permissions,
            own => own,
        }
    }

    /// Replaces the expressions that the workflow itself answers.
    pub fn resolve(&self, job: usize, step: Option<usize>, text: &Text) -> Text {
        self.resolve_at(job, step, text, 0)
    }

    fn resolve_at(&self, job: usize, step: Option<usize>, text: &Text, hops: usize) -> Text {
        if text.known().is_some() || hops > MAX_HOPS {
            return text.clone();
        }
        let mut all = Text::default();
        for piece in text.pieces() {
            match piece {
                Piece::Known(known) => all.push(known),
                Piece::Unknown(expression) => match self.answer(job, step, expression, hops + 1) {
                    Some(text) => all.append(&text),
                    None => all.append(&Text::unknown(expression.as_str())),
                },
            }
        }
        all
    }

    fn answer(
        &self,
        job: usize,
        step: Option<usize>,
        expression: &str,
        hops: usize,
    ) -> Option<Text> {
        let here = self.jobs.get(job)?;
        let mut path = expression.split('.');
        match (
            path.next()?,
            path.next()?,
            path.next(),
            path.next(),
            path.next(),
        ) {
            ("env", name, None, None, None) => {
                let value = self.variable(job, step, name)?;
                Some(self.resolve_at(job, step, &value, hops))
            }
            ("needs", id, Some("outputs"), Some(name), None) => {
                let (number, other) = self.job(id)?;
                let output = other.outputs.iter().find(|output| output.name == name)?;
                Some(self.resolve_at(number, None, &output.value, hops))
            }
            ("steps", id, Some("outputs"), Some(name), None) => {
                let number = here
                    .steps
                    .iter()
                    .position(|step| step.id.as_deref() == Some(id))?;
                let value = written(&here.steps[number], "GITHUB_OUTPUT", name)?;
                Some(self.resolve_at(job, Some(number), &value, hops))
            }
            _ => None,
        }
    }

    /// The value of a variable that a step sees: its own, one that an earlier step wrote, the job's, the
    /// workflow's.
    pub fn variable(&self, job: usize, step: Option<usize>, name: &str) -> Option<Text> {
        let here = self.jobs.get(job)?;
        let find = |settings: &[Setting]| {
            settings
                .iter()
                .find(|setting| setting.name == name)
                .map(|setting| setting.value.clone())
        };
        if let Some(number) = step {
            if let Some(value) = here.steps.get(number).and_then(|step| find(&step.env)) {
                return Some(value);
            }
            let written = here.steps[..number.min(here.steps.len())]
                .iter()
                .rev()
                .find_map(|step| written(step, "GITHUB_ENV", name));
            if written.is_some() {
                return written;
            }
        }
        find(&here.env).or_else(|| find(&self.env))
    }
}

/// The value that a step writes as `echo "name=value" >> "$file"`.
pub fn written(step: &Step, file: &str, name: &str) -> Option<Text> {
    let mut found = None;
    for command in &step.run {
        let to_file = command.outputs.iter().any(|word| {
            word.parts
                .iter()
                .any(|part| matches!(part, shell::Part::Variable { name, .. } if name == file))
        });
        if !to_file || command.program() != "echo" {
            continue;
        }
        let Some(word) = command.words.get(1) else {
            continue;
        };
        let mut value = Text::default();
        for part in &word.parts {
            match part {
                shell::Part::Text(text) => value.push(text),
                shell::Part::Variable { name, .. } => {
                    value.append(&Text::unknown(format!("env.{name}")));
                }
                shell::Part::Expression(expression) => {
                    value.append(&Text::unknown(expression.as_str()));
                }
                shell::Part::Unknown => value.append(&Text::unknown("…")),
            }
        }
        if let Some((own, value)) = value.split_once('=')
            && own.is(name)
        {
            if found.is_some() {
                return Some(Text::unknown(format!("{name} of several")));
            }
            // What a variable of the script holds is not followed.
            let plain = value.known().is_some() || word.parts.len() > 1;
            found = plain.then_some(value);
            found.as_ref()?;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::yaml::{Limits, read as yaml};

    fn workflow(text: &str) -> Workflow {
        let source = Source::new(".github/workflows/a.yml", text);
        let node = yaml(text, &Limits::REPOSITORY).unwrap().documents.remove(0);
        read("a", &source, &node).unwrap()
    }

    #[test]
    fn values_flow_through_env_outputs_and_needs() {
        let read = workflow(
            "on: push\nenv: {R: r.io, I: '${{ env.R }}/a'}\njobs:\n  b:\n    outputs: {v: '${{ steps.s.outputs.v }}'}\n    steps:\n      - id: s\n        run: |\n          echo \"v=1.2\" >> $GITHUB_OUTPUT\n  d:\n    needs: b\n    steps:\n      - run: echo x\n",
        );
        let image = text("${{ env.I }}:${{ needs.b.outputs.v }}-${{ github.sha }}");
        let resolved = read.resolve(1, Some(0), &image);
        assert_eq!(resolved.prefix(), "r.io/a:1.2-");
        assert!(resolved.is_partial());
    }

    #[test]
    fn scripts_keep_their_places() {
        let text = "on: push\njobs:\n  b:\n    steps:\n      - run: |\n          docker build \\\n            -t x .\n      - run: >-\n          helm upgrade\n          web chart\n";
        let read = workflow(text);
        let word = &read.jobs[0].steps[0].run[0].words[3];
        assert_eq!(&text[word.span.start..word.span.end], "x");
        assert_eq!(read.jobs[0].steps[1].run[0].words.len(), 4);
    }
}
