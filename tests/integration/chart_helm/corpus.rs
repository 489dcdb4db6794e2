//! Real charts, as many as there are in the folders that `GEN_CHARTS` names.
//!
//! A folder may hold any number of charts at any depth. Each is evaluated with its own values and with
//! every values file of its `ci/` folder, and compared with what helm gives. All have to agree, unless a file
//! `floor` in the folder says how many do; what was seen so far is in tests/chart/corpus.md.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use delivery::chart::Rendered;

use super::judge::{Inputs, Verdict, annotated, compare, helm_template, load, ours, stream};
use crate::rig;

/// What became of the evaluations of one corpus.
#[derive(Debug, Default)]
struct Tally {
    text: usize,
    data: usize,
    random: usize,
    refused: BTreeMap<String, String>,
    different: BTreeMap<String, String>,
}

impl Tally {
    fn agreed(&self) -> usize {
        self.text + self.data + self.random + self.refused.len()
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "the pass rate is told")]
fn public_charts_give_what_helm_gives() {
    let folders = std::env::var_os("GEN_CHARTS").unwrap_or_default();
    if !rig::asked() || folders.is_empty() {
        return;
    }
    for folder in std::env::split_paths(&folders) {
        let mut charts = Vec::new();
        find(&folder, &mut charts);
        charts.sort();
        assert!(!charts.is_empty(), "{} holds no chart", folder.display());
        let mut tally = Tally::default();
        for chart in &charts {
            judge(chart, &folder, &mut tally);
        }
        println!(
            "{}: {} of {} evaluations of {} charts agree with helm ({} by text, {} as data, {} but for random values, {} refused by both)",
            folder.display(),
            tally.agreed(),
            tally.agreed() + tally.different.len(),
            charts.len(),
            tally.text,
            tally.data,
            tally.random,
            tally.refused.len(),
        );
        for (chart, why) in &tally.refused {
            println!("refused {chart}\n  {why}");
        }
        for (chart, why) in &tally.different {
            println!("DIFFERENT {chart}\n  {why}");
        }
        let floor = floor(&folder).unwrap_or(tally.agreed() + tally.different.len());
        assert!(
            tally.agreed() >= floor,
            "{} of them have to agree, and {} do",
            floor,
            tally.agreed()
        );
    }
}

/// How many evaluations have to agree: the number in the corpus's `floor` file.
fn floor(folder: &Path) -> Option<usize> {
    let text = std::fs::read_to_string(folder.join("floor")).ok()?;
    text.trim().parse().ok()
}

/// Folders with a Chart.yaml that are not part of another chart.
fn find(folder: &Path, charts: &mut Vec<PathBuf>) {
    if folder.join("Chart.yaml").is_file() {
        charts.push(folder.to_owned());
        return;
    }
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.path().is_dir() && entry.file_name() != ".git" {
            find(&entry.path(), charts);
        }
    }
}

fn judge(chart: &Path, root: &Path, tally: &mut Tally) {
    let mut all = vec![Inputs::default()];
    if let Ok(entries) = std::fs::read_dir(chart.join("ci")) {
        let mut files: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|e| e == "yaml" || e == "yml"))
            .collect();
        files.sort();
        all.extend(files.into_iter().map(|file| Inputs {
            files: vec![file],
            ..Inputs::default()
        }));
    }
    for inputs in all {
        let shown = chart
            .strip_prefix(root)
            .unwrap_or(chart)
            .display()
            .to_string();
        let file = inputs
            .files
            .first()
            .and_then(|file| file.file_name()?.to_str());
        let name = format!("{shown} {}", file.unwrap_or("-"));
        match one(chart, &inputs) {
            Ok(Verdict::Text) => tally.text += 1,
            Ok(Verdict::Data) => tally.data += 1,
            Ok(Verdict::Random) => tally.random += 1,
            Ok(Verdict::Different(why)) => {
                tally.different.insert(name, why);
            }
            Err(Stop::Both(why)) => {
                tally.refused.insert(name, why);
            }
            Err(Stop::One(why)) => {
                tally.different.insert(name, why);
            }
        }
    }
}

/// Why there is nothing to compare.
enum Stop {
    /// Neither gives anything, and for these reasons.
    Both(String),
    /// One of the two alone gives something.
    One(String),
}

fn one(chart: &Path, inputs: &Inputs) -> Result<Verdict, Stop> {
    let mut theirs = helm_template(chart, &inputs.arguments());
    let mut inputs = inputs.clone();
    // A schema that is elsewhere stops helm where there is no network, and only there.
    if theirs
        .as_ref()
        .is_err_and(|error| error.contains("failing loading"))
    {
        inputs.skip_schema = true;
        theirs = helm_template(chart, &inputs.arguments());
    }
    let inputs = &inputs;
    let loaded = load(chart);
    let (rendered, diagnostics) = match &loaded {
        Ok(chart) => ours(chart, inputs),
        Err(diagnostics) => (None, diagnostics.clone()),
    };
    let told: Vec<String> = diagnostics
        .iter()
        .filter(|d| d.id != "not-reproducible")
        .map(|d| {
            let place = d.primary.as_ref().map(|label| {
                let line = label.source.position(label.span.start).line;
                format!("{}:{line}: ", label.source.path())
            });
            format!("{}{} [{}]", place.unwrap_or_default(), d.message, d.id)
        })
        .collect();
    let random = diagnostics.iter().any(|d| d.id == "not-reproducible");
    match (theirs, rendered) {
        (Ok(theirs), Some(rendered)) => {
            let shown = |rendered: &Rendered| stream(rendered, false);
            let explained = loaded
                .as_ref()
                .ok()
                .and_then(|chart| annotated(chart, inputs));
            let annotated = explained.expect("the same, explained");
            if let different @ Verdict::Different(_) = compare(&shown(&rendered), &annotated, None)
            {
                return Ok(different);
            }
            let again = loaded.as_ref().ok().filter(|_| random).and_then(|chart| {
                let inputs = Inputs {
                    seed: 1,
                    ..inputs.clone()
                };
                ours(chart, &inputs).0
            });
            let again = again.as_ref().map(shown);
            Ok(compare(&theirs, &shown(&rendered), again.as_deref()))
        }
        (Err(error), None) => Err(Stop::Both(format!(
            "helm: {}\n  ours: {}",
            error.trim().replace('\n', " "),
            told.join("\n    ")
        ))),
        (Ok(_), None) => Err(Stop::One(format!("ours refuses: {}", told.join("\n    ")))),
        (Err(error), Some(_)) => Err(Stop::One(format!("helm refuses: {}", error.trim()))),
    }
}
