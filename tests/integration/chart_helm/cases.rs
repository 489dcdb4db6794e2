//! Expressions by the thousand, all in one chart, so that one run of helm judges them.

use std::collections::BTreeMap;
use std::time::Instant;

use delivery::chart::Chart;
use delivery::diagnostic::Reporter;
use rayon::prelude::*;

use super::judge::{Inputs, helm_template, ours};
use crate::rig::{self, Folder};

const VALUES: &str = include_str!("../../chart/values.yaml");
const PATTERNS: &str = include_str!("../../chart/patterns.txt");
const CORNERS: &str = include_str!("../../chart/corners.txt");
const KNOWN: &str = include_str!("../../chart/known.txt");

const CHART: &str = "apiVersion: v2\nname: demo\nversion: 1.2.3\nappVersion: 1.10\n";
const HELPERS: &str = "{{ define \"text\" }}included {{ . }}{{ end }}";

/// Values that no file can write.
const LITERALS: [&str; 14] = [
    ".Values.missing",
    ".Values.map.missing",
    "1",
    "1.0",
    "2.5",
    "'a'",
    "\"text\"",
    "`raw\"`",
    "true",
    "(list)",
    "(dict)",
    "(int64 5)",
    "(list 1 (list \"a\" nil) (dict \"b\" 1.5))",
    ".Release",
];

/// Every pattern with every value, and every corner.
fn cases() -> Vec<String> {
    let keys = VALUES
        .lines()
        .filter(|line| !line.starts_with([' ', '#']))
        .filter_map(|line| Some(line.split_once(':')?.0.trim_matches('"')));
    let values: Vec<String> = keys
        .map(|key| format!(".Values.{key}"))
        .chain(LITERALS.map(str::to_owned))
        .collect();
    let patterns = PATTERNS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut cases: Vec<String> = patterns
        .flat_map(|pattern| {
            values
                .iter()
                .map(move |value| format!("{{{{ {} }}}}", fill(pattern, value)))
        })
        .collect();
    let corners = CORNERS.split("\n%%\n").skip(1);
    cases.extend(corners.map(|corner| corner.trim_end_matches('\n').to_owned()));
    cases
}

/// Puts the value where `_` stands alone.
fn fill(pattern: &str, value: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    let mut rest = pattern.chars().peekable();
    let mut quoted = false;
    while let Some(c) = rest.next() {
        quoted ^= c == '"';
        let alone =
            !before.is_alphanumeric() && rest.peek().is_none_or(|next| !next.is_alphanumeric());
        if c == '_' && alone && !quoted {
            out.push_str(value);
        } else {
            out.push(c);
        }
        before = c;
    }
    out
}

/// A template that prints what the case prints, byte for byte, in one line.
fn template(number: usize, case: &str) -> String {
    format!(
        "{{{{- define \"c{number}\" }}}}{case}{{{{ end -}}}}\nkind: Case\nmetadata: {{name: c{number}}}\nis: \"{{{{ include \"c{number}\" . | b64enc }}}}\"\n"
    )
}

/// What our evaluator gives for a case alone; nothing where no two runs of helm agree, or
/// where helm would take all memory.
fn alone(number: usize, case: &str) -> Option<Result<String, String>> {
    let files = [
        ("Chart.yaml", CHART.to_owned()),
        ("values.yaml", VALUES.to_owned()),
        ("templates/_h.tpl", HELPERS.to_owned()),
        ("templates/case.yaml", template(number, case)),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.into_bytes()));
    let mut report = Reporter::new();
    let chart = Chart::load("demo", files, &mut report).expect("a chart");
    let (rendered, diagnostics) = ours(&chart, &Inputs::default());
    if diagnostics
        .iter()
        .any(|d| matches!(d.id, "not-reproducible" | "chart-limit"))
    {
        return None;
    }
    Some(match rendered {
        Some(rendered) => Ok(rendered.objects[0].to_json()["is"]
            .as_str()
            .expect("a string")
            .to_owned()),
        None => Err(diagnostics
            .iter()
            .map(|d| d.message.as_str())
            .collect::<Vec<_>>()
            .join("; ")),
    })
}

fn write(folder: &Folder, cases: &BTreeMap<usize, String>) {
    let _ = std::fs::remove_dir_all(folder.path().join("templates"));
    folder.write("Chart.yaml", CHART);
    folder.write("values.yaml", VALUES);
    folder.write("templates/_h.tpl", HELPERS);
    for (number, case) in cases {
        folder.write(
            &format!("templates/c{number}.yaml"),
            &template(*number, case),
        );
    }
}

/// What helm gives for all of them, or the first that fails.
fn judge(folder: &Folder) -> Result<BTreeMap<usize, String>, (usize, String)> {
    let stream = helm_template(folder.path(), &[]).map_err(|error| {
        let number = error
            .split("templates/c")
            .filter_map(|rest| rest.split('.').next()?.parse().ok())
            .next()
            .unwrap_or_else(|| panic!("helm fails, and not for a case: {error}"));
        (number, error)
    })?;
    let mut results = BTreeMap::new();
    let mut number = None;
    for line in stream.lines() {
        if let Some(name) = line.strip_prefix("metadata: {name: c") {
            number = name.trim_end_matches('}').parse().ok();
        } else if let (Some(text), Some(number)) = (line.strip_prefix("is: \""), number) {
            results.insert(number, text.trim_end_matches('"').to_owned());
        }
    }
    Ok(results)
}

/// Most cases that may fail in helm alone before the rest is not looked at.
const MOST_FAILURES: usize = 60;
/// How many of the cases that fail here are shown to helm, each in a process of its own.
const FAILURES_SHOWN: usize = 120;

#[test]
#[allow(clippy::print_stdout, reason = "the pass rate is told")]
fn expressions_give_what_helm_gives() {
    if !rig::asked() {
        return;
    }
    let started = Instant::now();
    let all = cases();
    let (mut given, mut failing) = (BTreeMap::new(), BTreeMap::new());
    let mut results = BTreeMap::new();
    let alone: Vec<_> = all
        .par_iter()
        .enumerate()
        .map(|(at, case)| alone(at, case))
        .collect();
    for ((number, case), result) in all.iter().enumerate().zip(alone) {
        let Some(result) = result else { continue };
        match result {
            Ok(result) => {
                results.insert(number, result);
                given.insert(number, case.clone());
            }
            Err(message) => {
                failing.insert(number, message);
            }
        }
    }
    println!(
        "{} cases here in {:?}; {} give something",
        all.len(),
        started.elapsed(),
        given.len()
    );
    let mut differences: BTreeMap<String, String> = BTreeMap::new();
    let folder = Folder::new("expressions");
    let theirs = loop {
        write(&folder, &given);
        match judge(&folder) {
            Ok(theirs) => break theirs,
            Err((number, error)) => {
                let case = given.remove(&number).unwrap_or_else(|| panic!("{error}"));
                results.remove(&number);
                differences.insert(case, format!("helm fails: {}", error.trim()));
                assert!(
                    differences.len() < MOST_FAILURES,
                    "helm fails: {differences:#?}"
                );
            }
        }
    };
    for (number, ours) in &results {
        let theirs = theirs.get(number).map(|text| decode(text));
        let ours = decode(ours);
        if theirs.as_ref() != Some(&ours) {
            differences.insert(
                all[*number].clone(),
                format!("helm {theirs:?}\n    ours {ours:?}"),
            );
        }
    }
    let everything = std::env::var_os("GEN_RIGS_ALL").is_some();
    let step = if everything {
        1
    } else {
        failing.len().div_ceil(FAILURES_SHOWN).max(1)
    };
    let shown: Vec<_> = failing.iter().step_by(step).collect();
    for (number, message) in &shown {
        write(
            &folder,
            &BTreeMap::from([(**number, all[**number].clone())]),
        );
        if let Ok(theirs) = judge(&folder) {
            let theirs = theirs.get(number).map(|text| decode(text));
            differences.insert(
                all[**number].clone(),
                format!("helm {theirs:?}\n    ours fails: {message}"),
            );
        }
    }
    let judged = results.len() + shown.len();
    println!(
        "{} of {judged} expressions are helm's ({} of {} that fail here were shown to it), {:?}",
        judged.saturating_sub(differences.len()),
        shown.len(),
        failing.len(),
        started.elapsed()
    );
    let known: Vec<&str> = KNOWN
        .lines()
        .filter(|line| line.starts_with("{{"))
        .collect();
    let new: BTreeMap<_, _> = differences
        .iter()
        .filter(|(case, _)| !known.contains(&case.as_str()))
        .collect();
    for (case, difference) in &new {
        println!("{case}\n    {difference}");
    }
    let healed: Vec<_> = known
        .iter()
        .filter(|case| !differences.contains_key(**case))
        .collect();
    assert!(new.is_empty(), "{} expressions differ from helm", new.len());
    assert!(
        healed.is_empty(),
        "take out of tests/chart/known.txt: {healed:#?}"
    );
}

fn decode(text: &str) -> String {
    let digit = |b: u8| match b {
        b'A'..=b'Z' => u32::from(b - b'A'),
        b'a'..=b'z' => u32::from(b - b'a') + 26,
        b'0'..=b'9' => u32::from(b - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let bytes: Vec<u8> = text
        .trim_end_matches('=')
        .as_bytes()
        .chunks(4)
        .flat_map(|chunk| {
            let bits =
                chunk.iter().fold(0, |bits, b| bits << 6 | digit(*b)) << (6 * (4 - chunk.len()));
            bits.to_be_bytes()[1..chunk.len()].to_vec()
        })
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
