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
    /// Where our stand-ins for random values begin.
    pub(crate) seed: u64,
    /// Whether values.schema.json is left alone.
    pub(crate) skip_schema: bool,
    /// Whether ours says where its nodes come from.
    pub(crate) explain: bool,
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
        if self.skip_schema {
            args.push("--skip-schema-validation".to_owned());
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
        seed: inputs.seed,
        check_schema: !inputs.skip_schema,
        explain: inputs.explain,
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

/// The objects as `gen chart --origin` prints them.
pub(crate) fn annotated(chart: &Chart, inputs: &Inputs) -> Option<String> {
    let inputs = Inputs {
        explain: true,
        ..inputs.clone()
    };
    Some(stream(&ours(chart, &inputs).0?, true))
}

/// The objects as `gen chart` prints them.
pub(crate) fn stream(rendered: &Rendered, origins: bool) -> String {
    let mut out = Vec::new();
    rendered
        .stream(&rendered.objects, origins, &mut out)
        .unwrap();
    String::from_utf8(out).unwrap()
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

/// Compares what helm gives with ours; `again` is ours from another seed, where a template asks for random
/// values: what differs between the two is not compared.
pub(crate) fn compare(theirs: &str, ours: &str, again: Option<&str>) -> Verdict {
    let (theirs, ours) = (documents(theirs), documents(ours));
    if theirs == ours {
        return Verdict::Text;
    }
    let again = again.map(documents);
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
    for (at, ((template, theirs), (_, ours))) in theirs.iter().zip(&ours).enumerate() {
        if theirs == ours {
            continue;
        }
        let again = again.as_ref().and_then(|again| again.get(at));
        let trees = (tree(theirs), tree(ours), again.map(|(_, text)| tree(text)));
        match &trees {
            (Ok(a), Ok(b), _) if same(a, b, b) => {
                if verdict == Verdict::Text {
                    verdict = Verdict::Data;
                }
            }
            (Ok(a), Ok(b), Some(Ok(c))) if same(a, b, c) => verdict = Verdict::Random,
            (a, b, _) => {
                let why = [a.as_ref().err(), b.as_ref().err()];
                let why: String = why.into_iter().flatten().cloned().collect();
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

/// Whether `a` is what `b` says wherever `b` and `c` say the same.
fn same(a: &[Node], b: &[Node], c: &[Node]) -> bool {
    a.len() == b.len()
        && b.len() == c.len()
        && a.iter().zip(b).zip(c).all(|((a, b), c)| same_node(a, b, c))
}

fn same_node(a: &Node, b: &Node, c: &Node) -> bool {
    match (&a.kind, &b.kind, &c.kind) {
        (Kind::Scalar(a), Kind::Scalar(b), Kind::Scalar(c)) => {
            let plain = |style| style == Style::Plain;
            b.text != c.text || a.text == b.text && plain(a.style) == plain(b.style)
        }
        (Kind::Sequence(a), Kind::Sequence(b), Kind::Sequence(c)) => same(a, b, c),
        (Kind::Mapping(a), Kind::Mapping(b), Kind::Mapping(_)) => {
            let last = |node: &Node, key: &str| -> Option<Node> {
                let entry = node.entries().iter().rfind(|entry| entry.key == key)?;
                Some(entry.value.clone())
            };
            a.len() == b.len()
                && b.iter().all(|entry| {
                    // A key that is random itself has no partner to be compared with.
                    let Some(c) = last(c, &entry.key) else {
                        return true;
                    };
                    a.iter()
                        .rfind(|other| other.key == entry.key)
                        .is_some_and(|other| same_node(&other.value, &entry.value, &c))
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
