//! `gen drift --cluster`: does what runs still say what the specs say?

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;

use super::DriftArgs;
use crate::cli::Outcome;
use crate::cli::console::Console;
use crate::cli::service::{Renderers, Service, Stop, worse};
use crate::cli::staged::Scope;
use crate::cluster::live::{Access, Cluster};
use crate::cluster::{self, Report, Wanted};
use crate::diagnostic::{Diagnostic, Level, Reporter};
use crate::plan::Plan;
use crate::source::{Source, Span};
use crate::spec::model::Environment;
use crate::target::{self, Released};

mod manifests;
mod tell;

use manifests::manifests;
use tell::tell;

/// From how many objects on progress is shown.
const MANY: usize = 20;

#[derive(Debug, Args)]
pub(super) struct ClusterArgs {
    /// Compare with a cluster instead of the files: reads and dry runs only.
    #[arg(long, conflicts_with_all = ["staged", "out", "targets", "diff"])]
    pub(super) cluster: bool,
    /// The kubeconfig, in place of `KUBECONFIG` and `~/.kube/config`; in a pod, its service account.
    #[arg(long, value_name = "FILE", requires = "cluster")]
    kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig.
    #[arg(long, value_name = "NAME", requires = "cluster")]
    context: Option<String>,
    /// The namespace of objects, in place of the spec's own.
    #[arg(short, long, value_name = "NAMESPACE", requires = "cluster")]
    namespace: Option<String>,
    /// Compare these manifests, files or folders, instead of what specs render.
    #[arg(long, value_name = "PATH", requires = "cluster")]
    manifests: Vec<PathBuf>,
    /// A field manager that deploys, beside those that are known to (Argo CD, Flux, Helm, Terraform …).
    #[arg(long = "deployer", value_name = "MANAGER", requires = "cluster")]
    deployers: Vec<String>,
    /// Show also what is no drift: defaults, and fields that programs added.
    #[arg(long, requires = "cluster")]
    all: bool,
}

/// What is compared as one: an environment of a spec, or the manifests.
struct Release {
    source: std::sync::Arc<Source>,
    environment: Option<String>,
    namespace: String,
    objects: Vec<Wanted>,
    /// What is known to be there and not looked at: the check need not be able to see its own rights.
    beside: Vec<Wanted>,
}

/// Everything that was found.
#[derive(Default)]
struct Found {
    reports: Vec<Report>,
    diagnostics: Vec<Diagnostic>,
}

pub(super) fn run(args: &DriftArgs, console: &mut Console) -> Outcome {
    let mut found = Found::default();
    let done = compare(args, console, &mut found);
    let outcome = tell(found, args, console);
    match done {
        Ok(()) => outcome,
        Err(message) => worse(outcome, console.fail(&message)),
    }
}

fn compare(args: &DriftArgs, console: &Console, found: &mut Found) -> Result<(), String> {
    let options = &args.cluster;
    let access = Access {
        kubeconfig: options.kubeconfig.clone(),
        context: options.context.clone(),
    };
    let specs = match options.manifests.is_empty() {
        true => read_specs(args, &mut found.diagnostics)?,
        false => Vec::new(),
    };
    if found.diagnostics.iter().any(|d| d.level == Level::Error) {
        return Ok(());
    }
    let cluster = Cluster::connect(&access)?;
    let mut releases = Vec::new();
    if !options.manifests.is_empty() {
        releases.push(manifests(args, &cluster, &mut found.diagnostics)?);
    }
    for (service, plan) in &specs {
        for environment in environments(service, args)? {
            releases.push(release(
                service,
                plan,
                environment,
                args,
                &cluster,
                &mut found.diagnostics,
            )?);
        }
    }
    releases.retain(|release| !release.objects.is_empty());
    apart(&releases)?;
    let all: Vec<Wanted> = releases
        .iter()
        .flat_map(|release| [release.objects.clone(), release.beside.clone()].concat())
        .collect();
    let count = releases.iter().map(|release| release.objects.len()).sum();
    let mut before = 0;
    for release in releases {
        let objects = release.objects.len();
        let mut progress = |done: usize| console.progress(before + done, count, "objects");
        let mut quiet = |_: usize| {};
        let progress: &mut dyn FnMut(usize) = match count >= MANY && std::io::stderr().is_terminal()
        {
            true => &mut progress,
            false => &mut quiet,
        };
        found
            .reports
            .push(look(release, &all, &cluster, &options.deployers, progress));
        before += objects;
    }
    Ok(())
}

/// Reads and renders the specs.
fn read_specs(
    args: &DriftArgs,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<(Service, Plan)>, String> {
    let scope = Scope::new(&args.specs, &args.fleet, &args.staged)?;
    let renderers = Renderers::default();
    let mut specs = Vec::new();
    for path in &scope.fleet.specs {
        let read = Service::read(path, &scope.files, &args.spec, &renderers);
        let rendered = read.and_then(|mut service| {
            let plan = service.plan(&args.spec)?;
            Ok((service, plan))
        });
        match rendered {
            Ok(rendered) => specs.push(rendered),
            Err(Stop::Found(told)) => diagnostics.extend(told),
            Err(Stop::Failed(message)) => return Err(message),
        }
    }
    Ok(specs)
}

/// The environments that are meant, with a Kubernetes part.
fn environments<'s>(
    service: &'s Service,
    args: &DriftArgs,
) -> Result<Vec<&'s Environment>, String> {
    let wanted = args.spec.environment.as_deref();
    let all = service.model.environments.iter();
    let meant: Vec<&Environment> = all
        .filter(|environment| wanted.is_none_or(|name| name == environment.name))
        .filter(|environment| environment.stack.kubernetes.is_some())
        .collect();
    match meant.is_empty() {
        true => Err(format!(
            "`{}` puts nothing on Kubernetes",
            service.source.path()
        )),
        false => Ok(meant),
    }
}

/// The objects of one environment, with the image that the pipeline has put there.
fn release(
    service: &Service,
    plan: &Plan,
    environment: &Environment,
    args: &DriftArgs,
    cluster: &Cluster,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Release, String> {
    let kubernetes = environment.stack.kubernetes.as_ref();
    let own = kubernetes.map_or("", |kubernetes| kubernetes.namespace.as_str());
    let namespace = args.cluster.namespace.as_deref().unwrap_or(own).to_owned();
    let mut render = |released: Option<&Released>| {
        let mut report = Reporter::new();
        let objects = target::objects(plan, environment, &namespace, released, &mut report);
        diagnostics.extend(report.into_diagnostics());
        let objects = objects.unwrap_or_default();
        let wanted = objects
            .iter()
            .filter_map(|object| Wanted::new(object.to_json(), &object.source, Span::default()));
        let mut wanted: Vec<Wanted> = wanted.collect();
        cluster.place(&mut wanted, &namespace);
        wanted
    };
    let mut objects = render(None);
    if let Some(image) = cluster.released(&objects, &args.cluster.deployers) {
        objects = render(Some(&Released::of(&image)));
    }
    Ok(Release {
        source: std::sync::Arc::clone(&service.source),
        environment: Some(environment.name.clone()),
        beside: beside(plan, environment, diagnostics),
        namespace,
        objects,
    })
}

fn beside(
    plan: &Plan,
    environment: &Environment,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Wanted> {
    let mut report = Reporter::new();
    let mut objects = Vec::new();
    for (path, bytes) in target::beside(plan, &environment.name) {
        let source = Source::new(path.as_str(), String::from_utf8_lossy(bytes).into_owned());
        objects.extend(cluster::read_manifests(&source, &mut report).unwrap_or_default());
    }
    diagnostics.extend(report.into_diagnostics());
    objects
}

/// Two releases that say something about the same object cannot both be right.
fn apart(releases: &[Release]) -> Result<(), String> {
    let mut known = std::collections::HashMap::new();
    for (at, release) in releases.iter().enumerate() {
        for object in &release.objects {
            let key = (
                object.group(),
                object.kind(),
                object.namespace(),
                object.name(),
            );
            let Some(other) = known.insert(key, at).filter(|other| *other != at) else {
                continue;
            };
            let named = |release: &Release| match &release.environment {
                Some(name) => format!("`{}` of `{}`", name, release.source.path()),
                None => format!("`{}`", release.source.path()),
            };
            return Err(format!(
                "{} and {} both have `{}` in `{}`; say with `--env` which of them the cluster runs",
                named(&releases[other]),
                named(release),
                object.title(),
                release.namespace
            ));
        }
    }
    Ok(())
}

fn look(
    release: Release,
    all: &[Wanted],
    cluster: &Cluster,
    deployers: &[String],
    progress: &mut dyn FnMut(usize),
) -> Report {
    let mut namespaces: Vec<String> = release
        .objects
        .iter()
        .map(|object| object.namespace().to_owned())
        .collect();
    namespaces.sort();
    namespaces.dedup();
    namespaces.retain(|name| !name.is_empty());
    let mut report = Report {
        source: release.source,
        environment: release.environment,
        cluster: cluster.name().to_owned(),
        namespaces,
        objects: cluster.compare(release.objects, deployers, progress),
        extras: Vec::new(),
        foreign: 0,
        unlisted: Vec::new(),
    };
    for namespace in &report.namespaces {
        let leftovers = cluster.leftovers(all.iter(), namespace);
        report.extras.extend(leftovers.extras);
        report.foreign += leftovers.foreign;
        report.unlisted.extend(leftovers.unlisted);
    }
    report.unlisted.sort();
    report.unlisted.dedup();
    report
}
