//! `gen chart`: any Helm chart to Kubernetes objects, without helm.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Outcome;
use super::console::Console;
use crate::chart::{Capabilities, Chart, Object, Options, Release, Rendered, Values, evaluate};
use crate::diagnostic::Reporter;

mod folder;

#[derive(Debug, Args)]
pub(super) struct ChartArgs {
    /// Folder of the chart, or a packed one (`.tgz`).
    #[arg(value_name = "CHART")]
    chart: PathBuf,
    /// Name of the release.
    #[arg(long, value_name = "RELEASE", default_value = "release-name")]
    name: String,
    /// Namespace of the release.
    #[arg(short, long, value_name = "NAMESPACE", default_value = "default")]
    namespace: String,
    /// Lay a values file over the chart's own; later ones win; `-` is standard input.
    #[arg(short, long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Set values, as `image.tag=1.2,ports[0].name=http`.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Set values that are strings whatever they look like.
    #[arg(long, value_name = "PATH=TEXT")]
    set_string: Vec<String>,
    /// Set values from JSON, as `limits={"cpu":"1"}`.
    #[arg(long, value_name = "PATH=JSON")]
    set_json: Vec<String>,
    /// Kubernetes version that the chart is told about.
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,
    /// API versions that the cluster serves beyond the usual ones, as `monitoring.coreos.com/v1`.
    #[arg(short, long, value_name = "GROUP/VERSION", value_delimiter = ',')]
    api_versions: Vec<String>,
    /// Tell the chart that this is an upgrade.
    #[arg(long)]
    is_upgrade: bool,
    /// Print the objects of `crds/` too.
    #[arg(long)]
    include_crds: bool,
    /// Leave hooks out.
    #[arg(long)]
    no_hooks: bool,
    /// Leave test hooks out.
    #[arg(long)]
    skip_tests: bool,
    /// Print only what these templates give, as `templates/service.yaml`.
    #[arg(short, long, value_name = "TEMPLATE")]
    show_only: Vec<String>,
    /// Do not check values against values.schema.json.
    #[arg(long)]
    skip_schema_validation: bool,
    /// Where the stand-ins for random values begin.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    /// Say behind every line which template printed it and from which values.
    #[arg(long, conflicts_with = "values")]
    origin: bool,
    /// List the values that the chart reads and those that nothing reads, in place of the objects.
    #[arg(long)]
    values: bool,
}

pub(super) fn run(args: &ChartArgs, console: &mut Console) -> Outcome {
    let mut report = Reporter::new();
    let rendered = match render(args, &mut report) {
        Ok(rendered) => rendered,
        Err(message) => return console.fail(&message),
    };
    let told = if console.is_machine() || !report.diagnostics().is_empty() {
        console.diagnostics(report.diagnostics())
    } else {
        Outcome::Clean
    };
    let Some(rendered) = rendered else {
        return told;
    };
    let gives = |template: &&String| rendered.objects.iter().any(|o| comes_from(o, template));
    if let Some(none) = args.show_only.iter().find(|template| !gives(template)) {
        return console.fail(&format!("no object comes from `{none}`"));
    }
    if console.is_machine() {
        return told;
    }
    let printed = print(args, &rendered, console);
    // The process is about to end: what it holds need not be given back piece by piece.
    std::mem::forget(rendered);
    match printed {
        Outcome::Clean => told,
        other => other,
    }
}

fn render(args: &ChartArgs, report: &mut Reporter) -> Result<Option<Rendered>, String> {
    let values = values(args, report)?;
    let mut capabilities = match &args.kube_version {
        None => Capabilities::default(),
        Some(text) => Capabilities::new(text)
            .ok_or_else(|| format!("`{text}` is no Kubernetes version; `1.36` is one"))?,
    };
    capabilities = capabilities.with_api_versions(args.api_versions.iter().cloned());
    let Some(values) = values else {
        return Ok(None);
    };
    let Some(chart) = load(&args.chart, report)? else {
        return Ok(None);
    };
    let release = Release {
        name: args.name.clone(),
        namespace: args.namespace.clone(),
        upgrade: args.is_upgrade,
    };
    let options = Options {
        include_crds: args.include_crds,
        check_schema: !args.skip_schema_validation,
        explain: args.origin || args.values,
        seed: args.seed,
        ..Options::default()
    };
    let rendered = evaluate(&chart, &values, &release, &capabilities, &options, report);
    // As in `run`: the process is about to end.
    std::mem::forget(chart);
    Ok(rendered)
}

/// Files first, then `--set-json`, `--set` and `--set-string`, wherever they stand among the arguments.
fn values(args: &ChartArgs, report: &mut Reporter) -> Result<Option<Values>, String> {
    let mut values = Values::new();
    for path in &args.files {
        let source = folder::values_file(path)?;
        if values.add_file(&source, report).is_none() {
            return Ok(None);
        }
    }
    type Setter = fn(&mut Values, &str) -> Result<(), String>;
    let layers: [(&str, &[String], Setter); 3] = [
        ("--set-json", &args.set_json, Values::set_json),
        ("--set", &args.set, Values::set),
        ("--set-string", &args.set_string, Values::set_string),
    ];
    for (option, texts, set) in layers {
        for text in texts {
            set(&mut values, text).map_err(|why| format!("{option} {text}: {why}"))?;
        }
    }
    Ok(Some(values))
}

fn load(path: &Path, report: &mut Reporter) -> Result<Option<Chart>, String> {
    let shown = path.display().to_string();
    if path.is_dir() {
        let shown = shown.trim_end_matches('/');
        let Some(files) = folder::read(path, shown, report)? else {
            return Ok(None);
        };
        return Ok(Chart::load_all(shown, files, report));
    }
    let bytes = folder::archive(path)?;
    Ok(Chart::load_archive(&shown, &bytes, report))
}

fn print(args: &ChartArgs, rendered: &Rendered, console: &mut Console) -> Outcome {
    if args.values {
        return console.result(&rendered.values_table());
    }
    let wanted = |object: &&Object| {
        let hook = object.hook.as_ref();
        !(args.no_hooks && hook.is_some() || args.skip_tests && hook.is_some_and(|h| h.is_test()))
            && (args.show_only.is_empty() || args.show_only.iter().any(|t| comes_from(object, t)))
    };
    let objects = rendered.objects.iter().filter(wanted);
    console.results(|out| rendered.stream(objects, args.origin, out))
}

/// Whether an object comes from the template of that path below the chart.
fn comes_from(object: &Object, template: &str) -> bool {
    object
        .template
        .split_once('/')
        .is_some_and(|(_, path)| path == template.trim_start_matches("./"))
}
