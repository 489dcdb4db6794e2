//! From files to facts: each file is parsed once, by the reader that its content asks for.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::diagnostic::Reporter;
use crate::source::yaml::{self, Limits, Node};
use crate::source::{Source, hcl};

use super::object::{Bundle, Object};
use super::{
    At, Both, Facts, Tree, Unresolved, chart, ci, command, compose, image, in_turn, kustomize,
    pipeline, python, requirement, terraform, tree, workflow,
};

/// Name of the fault that a file cannot be read as what it is.
pub const UNREADABLE: &str = "unreadable-file";

/// Reads every file of a project.
pub fn gather(tree: Tree) -> Facts {
    gather_by(tree, in_turn)
}

/// Reads every file of a project, two at once where `both` does so.
pub fn gather_by(tree: Tree, both: Both) -> Facts {
    let mut facts = Facts {
        tree,
        ..Facts::default()
    };
    let charts = chart::folders(&facts);
    let files: Vec<(String, Arc<Source>)> = facts
        .tree
        .sources()
        .map(|(path, source)| (path.to_owned(), Arc::clone(source)))
        .collect();
    facts.bundles.push(Bundle {
        chart: None,
        name: "the manifests".to_owned(),
        open: false,
        kustomized: false,
        instead: Vec::new(),
    });
    let mut gatherer = Gatherer {
        facts,
        report: Reporter::new(),
        documents: Vec::new(),
    };
    let (terraform, others): (Vec<_>, Vec<_>) = files
        .iter()
        .partition(|(path, _)| path.ends_with(".tf") || path.ends_with(".tfvars"));
    let bodies = Bodies::new(&terraform);
    both(&mut || bodies.read(), &mut || {
        for (path, source) in &others {
            let in_chart = charts.iter().any(|folder| {
                let beneath = tree::beneath(folder, path);
                let below = |part: &str| beneath.is_some_and(|path| path.starts_with(part));
                below("templates/")
                    || below("charts/")
                    || below("crds/")
                    || below("values")
                    || below("Chart.")
            });
            gatherer.file(path, source, in_chart);
        }
        for number in 0..gatherer.facts.workflows.len() {
            let commands = command::of_workflow(number, &gatherer.facts.workflows[number]);
            gatherer.facts.commands.extend(commands);
        }
        gatherer.manifests();
        bodies.read();
    });
    for ((path, source), body) in terraform.iter().zip(bodies.read) {
        let body = body
            .into_inner()
            .expect("internal error: every Terraform file was read");
        match path.ends_with(".tf") {
            true => gatherer.terraform(path, source, body),
            false => gatherer.tfvars(path, source, body),
        }
    }
    let mut facts = gatherer.facts;
    facts.faults = gatherer.report.into_diagnostics();
    facts.python.sort_by(|a, b| a.path.cmp(&b.path));
    facts.builds = pipeline::builds(&facts);
    chart::read(&mut facts, &charts);
    facts
}

type Read = Result<hcl::Body, hcl::Error>;

/// Terraform files, which whoever has time reads one after the other.
struct Bodies<'f> {
    files: &'f [&'f (String, Arc<Source>)],
    next: AtomicUsize,
    read: Vec<OnceLock<Read>>,
}

impl<'f> Bodies<'f> {
    fn new(files: &'f [&'f (String, Arc<Source>)]) -> Self {
        Self {
            files,
            next: AtomicUsize::new(0),
            read: files.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// Reads until every file is read or in somebody's hands.
    fn read(&self) {
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((_, source)) = self.files.get(at) else {
                return;
            };
            self.read[at].get_or_init(|| hcl::read(source.text()));
        }
    }
}

const INSTRUCTIONS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

struct Gatherer {
    facts: Facts,
    report: Reporter,
    documents: Vec<(String, Arc<Source>, Node)>,
}

impl Gatherer {
    fn file(&mut self, path: &str, source: &Arc<Source>, in_chart: bool) {
        let name = tree::file_name(path);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        if is_dockerfile(name) {
            let read = image::read(path, source);
            if read.is_none() && name.eq_ignore_ascii_case("dockerfile") {
                self.report
                    .error(
                        UNREADABLE,
                        "the Dockerfile has no FROM, so that it builds nothing",
                    )
                    .at(source, source.line(1), "nothing to build");
            }
            if let Some(image) = &read {
                self.instructions(image);
            }
            self.facts.images.extend(read);
            return;
        }
        if requirement::is_requirements(path) {
            self.facts
                .requirements
                .extend(requirement::read(path, source));
        }
        match extension {
            "py" => self.facts.python.push(python::read(path, source)),
            "yaml" | "yml" if !in_chart => self.yaml(path, source),
            "sh" | "bash" => self.facts.commands.extend(command::of_script(path, source)),
            "" if source.text().starts_with("#!")
                && source
                    .text()
                    .lines()
                    .next()
                    .is_some_and(|line| line.contains("sh")) =>
            {
                self.facts.commands.extend(command::of_script(path, source));
            }
            _ if ci::is_jenkinsfile(path) => {
                self.facts.commands.extend(ci::jenkins(path, source));
            }
            _ => {}
        }
    }

    /// What no builder takes: instructions that there are not, and a stage that copies from itself.
    fn instructions(&mut self, image: &image::Image) {
        let source = &image.source;
        if ["{{", "{%", "<%", "<{"]
            .iter()
            .any(|mark| source.text().contains(mark))
        {
            return;
        }
        for (number, stage) in image.stages.iter().enumerate() {
            for one in &stage.instructions {
                if INSTRUCTIONS.contains(&one.keyword.as_str()) {
                    continue;
                }
                let span = source.line(source.position(one.span.start).line);
                self.report
                    .error(
                        UNREADABLE,
                        format!("a Dockerfile has no instruction `{}`", one.keyword),
                    )
                    .at(source, span, "the build stops here");
            }
            for copy in &stage.copies {
                if matches!(&copy.from, Some((_, Some(from))) if *from == number) {
                    self.report
                        .error(UNREADABLE, "a stage copies from itself")
                        .at(&copy.at.source, copy.at.span, "the build stops here");
                }
            }
        }
    }

    fn yaml(&mut self, path: &str, source: &Arc<Source>) {
        let text = source.text();
        let workflow = is_workflow_path(path);
        let stream = match yaml::read(text, &Limits::REPOSITORY) {
            Ok(stream) => stream,
            Err(error) => {
                // Templates of other engines are no YAML before they are filled in.
                let template = ["{{", "{%", "<%", "<{"]
                    .iter()
                    .any(|mark| text.contains(mark));
                let expected = workflow
                    || compose::is_compose(path)
                    || text.contains("apiVersion:") && text.contains("kind:");
                if expected && (workflow || !template) {
                    self.report
                        .error(UNREADABLE, error.message.clone())
                        .at(source, error.span, "");
                } else {
                    self.facts.unresolved.push(Unresolved {
                        at: At::new(source, error.span),
                        text: format!("the file was not read: {}", error.message),
                    });
                }
                return;
            }
        };
        let mut documents = stream.documents;
        if workflow || is_workflow(&documents) {
            if let Some(node) = documents.first() {
                let read = workflow::read(path, source, node);
                if read.is_none() && workflow && !is_bare(node) {
                    self.report
                        .error(UNREADABLE, "the workflow has no `on`, or no `jobs`")
                        .at(source, source.line(1), "GitHub refuses the file");
                }
                self.facts.workflows.extend(read);
            }
            return;
        }
        if compose::is_compose(path)
            && let Some(node) = documents.first()
        {
            self.facts.compose.extend(compose::read(path, source, node));
            return;
        }
        if kustomize::is_kustomization(path) {
            if let Some(node) = documents.first() {
                self.facts
                    .kustomizations
                    .push(kustomize::read(path, source, node));
            }
            return;
        }
        if let [node] = documents.as_slice()
            && !is_bare(node)
        {
            if ci::is_gitlab(path) {
                self.facts.commands.extend(ci::gitlab(path, source, node));
                return;
            }
            if ci::is_circleci(path) {
                self.facts.commands.extend(ci::circleci(path, source, node));
                return;
            }
            if ci::is_codebuild(path) && node.get("phases").is_some() {
                self.facts
                    .commands
                    .extend(ci::codebuild(path, source, node));
                return;
            }
            if ci::is_action(path) && node.get("runs").is_some() {
                self.facts
                    .commands
                    .extend(ci::composite(path, source, node));
                return;
            }
            if ci::is_azure(path, node) {
                self.facts.commands.extend(ci::azure(path, source, node));
                return;
            }
        }
        for document in documents.drain(..) {
            self.documents
                .push((path.to_owned(), Arc::clone(source), document));
        }
    }

    fn terraform(&mut self, path: &str, source: &Arc<Source>, body: Read) {
        let module = self.module(tree::folder(path));
        if let Err(error) = module.add(source, body) {
            self.report
                .error(UNREADABLE, format!("no valid HCL: {}", error.message))
                .at(source, error.span, "");
        }
    }

    fn tfvars(&mut self, path: &str, source: &Arc<Source>, body: Read) {
        match body {
            Ok(body) => {
                let file = terraform::Tfvars {
                    path: path.to_owned(),
                    source: Arc::clone(source),
                    body,
                };
                self.module(tree::folder(path)).tfvars.push(file);
            }
            Err(error) => {
                self.report
                    .error(UNREADABLE, format!("no valid HCL: {}", error.message))
                    .at(source, error.span, "");
            }
        }
    }

    fn module(&mut self, folder: &str) -> &mut terraform::Module {
        let modules = &mut self.facts.terraform;
        let at = modules
            .iter()
            .position(|module| module.folder == folder)
            .unwrap_or(modules.len());
        if at == modules.len() {
            modules.push(terraform::Module {
                folder: folder.to_owned(),
                ..terraform::Module::default()
            });
        }
        &mut modules[at]
    }

    /// The objects of kustomizations as they are built; gives the files that they are from.
    fn kustomizations(&mut self, documents: &[(String, Arc<Source>, Node)]) -> BTreeSet<String> {
        if self.facts.kustomizations.is_empty() {
            return BTreeSet::new();
        }
        let mut by_path = kustomize::Documents::new();
        for (path, source, document) in documents {
            let own = by_path.entry(path).or_default();
            own.push((source, document));
        }
        let made = kustomize::build(&self.facts, &by_path);
        let facts = &mut self.facts;
        let first = facts.bundles.len();
        facts
            .bundles
            .extend(made.bundles.into_iter().map(|mut one| {
                one.instead.iter_mut().for_each(|other| *other += first);
                one
            }));
        facts
            .objects
            .extend(made.objects.into_iter().map(|mut one| {
                one.bundle += first;
                one
            }));
        facts.kustomize_faults = made.faults;
        facts.unresolved.extend(made.unresolved);
        for one in &mut facts.kustomizations {
            one.built = made.built.contains(&one.path);
        }
        made.taken
    }

    /// Documents that are Kubernetes objects, patches of kustomizations left out.
    fn manifests(&mut self) {
        let documents = std::mem::take(&mut self.documents);
        let taken = self.kustomizations(&documents);
        for (path, source, document) in documents {
            let patch = self
                .facts
                .kustomizations
                .iter()
                .any(|one| one.patches.contains(&path));
            if !patch && !taken.contains(&path) {
                self.object(&path, &source, document);
            }
        }
    }

    /// An object of Kubernetes but for one of the two keys that say what it is.
    fn half(&mut self, source: &Arc<Source>, node: &Node) {
        let named = node.get("metadata").and_then(|meta| meta.get("name"));
        let (Some(named), Some(_)) = (named, node.get("spec")) else {
            return;
        };
        let text = |key: &str| node.get(key).and_then(Node::text);
        // An `apiVersion` with a group or a plain `v1`, a `kind` that Kubernetes itself has.
        let missing = match (text("apiVersion"), text("kind")) {
            (Some("v1" | "apps/v1" | "batch/v1" | "networking.k8s.io/v1"), None) => "kind",
            (None, Some("Deployment" | "Service" | "Ingress" | "StatefulSet" | "Job" | "Pod")) => {
                "apiVersion"
            }
            _ => return,
        };
        self.report
            .error(UNREADABLE, format!("the object says no `{missing}`"))
            .at(source, named.span, "this one");
    }

    fn object(&mut self, path: &str, source: &Arc<Source>, node: Node) {
        let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
        let (Some(api_version), Some(kind)) = (text("apiVersion"), text("kind")) else {
            self.half(source, &node);
            return;
        };
        if kind == "List" || kind.ends_with("List") && node.get("items").is_some() {
            for item in node.get("items").map_or(&[][..], Node::items) {
                self.object(path, source, item.clone());
            }
            return;
        }
        let meta = |key: &str| node.get("metadata")?.get(key)?.text().map(str::to_owned);
        let holes = meta("name").is_some_and(|name| name.contains(['{', '$', '<']));
        self.facts.objects.push(Object {
            name: if holes {
                String::new()
            } else {
                meta("name").unwrap_or_default()
            },
            namespace: meta("namespace").filter(|name| !name.contains(['{', '$', '<'])),
            node,
            source: Arc::clone(source),
            path: path.to_owned(),
            api_version,
            kind,
            bundle: 0,
            hook: false,
            rendered: None,
            built: None,
        });
    }
}

/// Whether a document says nothing at all.
fn is_bare(node: &Node) -> bool {
    node.entries().is_empty()
}

fn is_dockerfile(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    (lower == "dockerfile"
        || lower == "containerfile"
        || lower.starts_with("dockerfile.")
        || lower.ends_with(".dockerfile"))
        && !lower.ends_with(".dockerignore")
        && !lower.ends_with(".md")
        && !lower.ends_with(".j2")
        && !lower.ends_with(".tmpl")
}

/// Whether GitHub takes the file for a workflow.
pub fn is_workflow_path(path: &str) -> bool {
    path.strip_prefix(".github/workflows/").is_some_and(|name| {
        !name.contains('/') && (name.ends_with(".yml") || name.ends_with(".yaml"))
    })
}

/// Whether a document says what only workflows say.
fn is_workflow(documents: &[Node]) -> bool {
    let [node] = documents else {
        return false;
    };
    let jobs = node.get("jobs").map_or(&[][..], Node::entries);
    node.get("on").is_some()
        && !jobs.is_empty()
        && jobs
            .iter()
            .all(|job| job.value.get("runs-on").is_some() || job.value.get("uses").is_some())
}
