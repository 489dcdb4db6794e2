//! `gen chart` against `helm template`, paired in one run: `cargo bench --bench chart [CHART…]`.
//!
//! Every round runs both programs on the same chart, one after the other, so that whatever else the machine
//! does falls on both. Prints medians and their ratios; fails where a promise is broken: ten times faster as a
//! process, fifty times faster than a helm process for one evaluation of a chart that is loaded.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on panics")]
#![allow(
    clippy::disallowed_methods,
    reason = "a benchmark starts the programs that it times"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use delivery::chart::{Capabilities, Chart, File, Options, Release, Values, evaluate};
use delivery::diagnostic::Reporter;

const ROUNDS: usize = 25;
const PROCESS: f64 = 10.0;
const EVALUATION: f64 = 50.0;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut charts: Vec<PathBuf> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .map(PathBuf::from)
        .collect();
    charts.insert(0, root.join("out/flask-aks/chart"));
    let mut kept = true;
    println!(
        "{:<28} {:>9} {:>9} {:>7} {:>10} {:>9}",
        "chart", "helm", "gen", "ratio", "evaluate", "ratio"
    );
    for chart in &charts {
        kept &= compare(chart);
    }
    assert!(kept, "a promise of speed is broken");
}

fn compare(folder: &Path) -> bool {
    let (mut theirs, mut ours, mut inside) = (Vec::new(), Vec::new(), Vec::new());
    let chart = load(folder);
    for round in 0..ROUNDS {
        let helm = run(helm().args(["template", "rel"]).arg(folder));
        let gen_ = run(Command::new(env!("CARGO_BIN_EXE_gen"))
            .arg("chart")
            .arg(folder));
        let evaluation = evaluation(&chart);
        // The first round warms the caches of both.
        if round > 0 {
            theirs.push(helm);
            ours.push(gen_);
            inside.push(evaluation);
        }
    }
    let (theirs, ours, inside) = (median(theirs), median(ours), median(inside));
    let ratio = |time: Duration| theirs.as_secs_f64() / time.as_secs_f64();
    let milliseconds = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
    println!(
        "{:<28} {:>9} {:>9} {:>6.1}x {:>10} {:>8.0}x",
        chart.name(),
        milliseconds(theirs),
        milliseconds(ours),
        ratio(ours),
        milliseconds(inside),
        ratio(inside)
    );
    ratio(ours) >= PROCESS && ratio(inside) >= EVALUATION
}

/// One evaluation of a loaded chart.
fn evaluation(chart: &Chart) -> Duration {
    let started = Instant::now();
    let rendered = evaluate(
        chart,
        &Values::new(),
        &Release::default(),
        &Capabilities::default(),
        &Options::default(),
        &mut Reporter::new(),
    );
    let took = started.elapsed();
    assert!(rendered.is_some_and(|rendered| !rendered.objects.is_empty()));
    took
}

fn run(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
    started.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The helm that the oracles' installer builds, or that on the path.
fn helm() -> Command {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = std::env::var_os("GEN_CACHE")
        .map(PathBuf::from)
        .or_else(|| {
            let caches = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
            Some(caches.or_else(home)?.join("gen-oracles"))
        });
    let installed = cache.map(|cache| cache.join("bin/helm"));
    Command::new(
        installed
            .filter(|program| program.is_file())
            .unwrap_or_else(|| PathBuf::from("helm")),
    )
}

fn load(folder: &Path) -> Chart {
    let mut files = Vec::new();
    collect(folder, "", &mut files);
    let mut report = Reporter::new();
    Chart::load("chart", files, &mut report)
        .unwrap_or_else(|| panic!("{}: {:#?}", folder.display(), report.diagnostics()))
}

fn collect(folder: &Path, inside: &str, files: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap();
        let inside = if inside.is_empty() {
            name.to_owned()
        } else {
            format!("{inside}/{name}")
        };
        if path.is_dir() {
            collect(&path, &inside, files);
        } else {
            files.push((inside, std::fs::read(&path).unwrap()));
        }
    }
}
