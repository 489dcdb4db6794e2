//! One run of helm, one run of ours, and what differs between them.

use std::path::{Path, PathBuf};
use std::process::Command;

use delivery::chart::{Capabilities, Chart, File, Options, Release, Rendered, Values, evaluate};
use delivery::diagnostic::{Diagnostic, Reporter};
use delivery::source::Source;
use delivery::source::yaml::{self, Kind, Limits, Node, Style};

/// The helm that the oracles' installer builds, or that on the path.
pub(crate) fn helm() -> Command {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = std::env::var_os("GEN_CACHE")
        .map(PathBuf::from)
        .or_else(|| {
            let caches = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
            Some(caches.or_else(home)?.join("gen-oracles"))
        });
    let installed = cache.map(|cache| cache.join("bin/helm"));
    let program = installed
        .filter(|program| program.is_file())
        .unwrap_or_else(|| PathBuf::from("helm"));
    let mut command = Command::new(program);
    command
        .env_remove("HELM_NAMESPACE")
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC");
    command
}

/// What `helm template` prints for a chart, or what it complains about.
pub(crate) fn helm_template(chart: &Path, args: &[String]) -> Result<String, String> {
    let output = helm()
        .args(["template", "rel"])
        .arg(chart)
        .args(["--namespace", "space", "--kube-version", "1.36.0"])
        .args(args)
        .output()
        .unwrap_or_else(|error| panic!("the rig needs helm: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

/// What an evaluation is given beside the chart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inputs {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) sets: Vec<String>,
    pub(crate) include_crds: bool,
}

impl Inputs {
    pub(crate) fn arguments(&self) -> Vec<String> {
        let files = self
            .files
            .iter()
            .map(|file| ("-f", file.display().to_string()));
        let sets = self.sets.iter().map(|set| ("--set", set.clone()));
        let mut args: Vec<String> = files
            .chain(sets)
            .flat_map(|(option, value)| [option.to_owned(), value])
            .collect();
        if self.include_crds {
            args.push("--include-crds".to_owned());
        }
        args
    }
}

/// The same with our evaluator: the stream as `gen chart` prints it, and all that was told.
pub(crate) fn ours(chart: &Chart, inputs: &Inputs) -> (Option<Rendered>, Vec<Diagnostic>) {
    let mut report = Reporter::new();
    let mut values = Values::new();
    for file in &inputs.files {
        let text = std::fs::read_to_string(file).expect("a values file");
        let source = Source::new(file.display().to_string(), text);
        if values.add_file(&source, &mut report).is_none() {
            return (None, report.into_diagnostics());
        }
    }
    for set in &inputs.sets {
        values.set(set).expect("a sound --set");
    }
    let release = Release {
        name: "rel".to_owned(),
        namespace: "space".to_owned(),
        upgrade: false,
    };
    let options = Options {
        include_crds: inputs.include_crds,
        ..Options::default()
    };
    let rendered = evaluate(
        chart,
        &values,
        &release,
        &Capabilities::default(),
        &options,
        &mut report,
    );
    (rendered, report.into_diagnostics())
}

/// Loads a chart's folder, as `gen chart` does.
pub(crate) fn load(folder: &Path) -> Result<Chart, Vec<Diagnostic>> {
    let mut files = Vec::new();
    collect(folder, "", &mut files);
    let mut report = Reporter::new();
    Chart::load("chart", files, &mut report).ok_or_else(|| report.into_diagnostics())
}

fn collect(folder: &Path, inside: &str, files: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("UTF-8");
        let inside = if inside.is_empty() {
            name.to_owned()
        } else {
            format!("{inside}/{name}")
        };
        if path.is_dir() {
            collect(&path, &inside, files);
        } else if let Ok(bytes) = std::fs::read(&path) {
            files.push((inside, bytes));
        }
    }
}

/// How two streams of documents compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The same text, up to the space that ends a document.
    Text,
    /// The same data.
    Data,
    /// The same but for values that no two runs agree on.
    Random,
    Different(String),
}

/// One document of a stream: the template it comes from and its text.
type Document = (String, String);

/// Takes a stream apart at helm's own marks.
pub(crate) fn documents(stream: &str) -> Vec<Document> {
    const MARK: &str = "---\n# Source: ";
    let stream = format!("\n{stream}");
    stream
        .split(&format!("\n{MARK}"))
        .skip(1)
        .filter_map(|document| {
            let (template, text) = document.split_once('\n').unwrap_or((document, ""));
            let text = text.trim_end();
            // Helm prints documents of nothing but comments too, which are no objects.
            let says = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
            text.lines()
                .any(says)
                .then(|| (template.to_owned(), text.to_owned()))
        })
        .collect()
}

pub(crate) fn compare(theirs: &str, ours: &str, random: bool) -> Verdict {
    let (theirs, ours) = (documents(theirs), documents(ours));
    if theirs == ours {
        return Verdict::Text;
    }
    let names = |documents: &[Document]| -> Vec<String> {
        documents
            .iter()
            .map(|(template, _)| template.clone())
            .collect()
    };
    if names(&theirs) != names(&ours) {
        return Verdict::Different(format!(
            "helm has {:?}, ours {:?}",
            names(&theirs),
            names(&ours)
        ));
    }
    let mut verdict = Verdict::Text;
    for ((template, theirs), (_, ours)) in theirs.iter().zip(&ours) {
        if theirs == ours {
            continue;
        }
        match (tree(theirs), tree(ours)) {
            (Ok(a), Ok(b)) if same(&a, &b, false) => {
                if verdict == Verdict::Text {
                    verdict = Verdict::Data;
                }
            }
            (Ok(a), Ok(b)) if random && same(&a, &b, true) => verdict = Verdict::Random,
            (a, b) => {
                let why = [a.err(), b.err()].into_iter().flatten().collect::<String>();
                return Verdict::Different(format!(
                    "{template}: {why}\n{}",
                    first_lines(theirs, ours)
                ));
            }
        }
    }
    verdict
}

fn tree(text: &str) -> Result<Vec<Node>, String> {
    let limits = Limits {
        duplicates: true,
        key: 1 << 16,
        ..Limits::REPOSITORY
    };
    yaml::read(text, &limits)
        .map(|stream| stream.documents)
        .map_err(|error| error.message)
}

/// Whether two documents are the same data; `shape` asks only for the same keys.
fn same(a: &[Node], b: &[Node], shape: bool) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_node(a, b, shape))
}

fn same_node(a: &Node, b: &Node, shape: bool) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Scalar(a), Kind::Scalar(b)) => {
            shape || a.text == b.text && (a.style == Style::Plain) == (b.style == Style::Plain)
        }
        (Kind::Sequence(a), Kind::Sequence(b)) => same(a, b, shape),
        (Kind::Mapping(a), Kind::Mapping(b)) => {
            a.len() == b.len()
                && a.iter().all(|entry| {
                    b.iter()
                        .rfind(|other| other.key == entry.key)
                        .is_some_and(|other| same_node(&entry.value, &other.value, shape))
                })
        }
        _ => false,
    }
}

/// The first line that differs, and the one before it.
fn first_lines(theirs: &str, ours: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (theirs.lines().collect(), ours.lines().collect());
    let at = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let line = |lines: &[&str]| {
        lines
            .get(at)
            .map_or("(end)".to_owned(), |l| l.chars().take(200).collect())
    };
    let before = at.checked_sub(1).and_then(|at| a.get(at)).unwrap_or(&"");
    format!(
        "  line {}: {before}\n  helm: {}\n  ours: {}",
        at + 1,
        line(&a),
        line(&b)
    )
}
