//! Values that no template reads.

use std::collections::BTreeSet;

use crate::diagnostic::Level;
use crate::facts::chart::Chart;
use crate::facts::command::Argument;
use crate::facts::pipeline::{Release, releases};
use crate::facts::{At, Facts, tree};
use crate::rules::{Docs, Findings, Group, Rule, suggestion};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unread-value",
    group: Group::Chart,
    level: Level::Warning,
    summary: "a value is set that no template reads",
    docs: Docs {
        what: "values.yaml, the values of an environment or `--set` name a key that no template reads in any evaluation, and that none mentions in a branch that did not run.",
        why: "Whoever set it believes that it has an effect. `--set tag=…` where the chart reads `image.tag` deploys the old image for ever.",
        bad: "helm upgrade web chart --set tag=1.2.3     # the chart reads image.tag",
        good: "helm upgrade web chart --set image.tag=1.2.3",
        allow: "When the key is there for people or for another tool.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for chart in &facts.charts {
        files(chart, findings);
    }
    for release in releases(facts) {
        sets(facts, &release, findings);
    }
}

/// Paths that some evaluation leaves unread and none reads.
fn files(chart: &Chart, findings: &mut Findings<'_>) {
    let evaluations: Vec<_> = chart
        .evaluations
        .iter()
        .filter_map(|evaluation| evaluation.rendered.as_ref())
        .collect();
    // What failed to evaluate may read more.
    if evaluations.len() != chart.evaluations.len() {
        return;
    }
    let read: BTreeSet<String> = known(chart);
    for rendered in evaluations {
        for value in &rendered.unread {
            let path = value.path.to_string();
            let Some((source, span)) = &value.written_at else {
                continue;
            };
            let near_read = read.iter().any(|read| {
                *read == path
                    || read.starts_with(&format!("{path}."))
                    || read.starts_with(&format!("{path}["))
            });
            if near_read || path.starts_with("global") {
                continue;
            }
            let told = findings
                .tell(format!(
                    "no template of the chart `{}` reads `{path}`",
                    chart.name
                ))
                .at(&At::new(source, *span), "set here")
                .also(
                    &At::new(&chart.manifest, chart.manifest.line(1)),
                    "the chart",
                );
            if let Some(near) = suggestion_path(&path, &read) {
                told.help(format!("did you mean `{near}`?"));
            }
        }
    }
}

fn known(chart: &Chart) -> BTreeSet<String> {
    crate::facts::chart::read_paths(chart)
}

/// A path that differs in a letter, or that ends in the same word.
fn suggestion_path<'a>(path: &str, read: &'a BTreeSet<String>) -> Option<&'a str> {
    suggestion(path, read.iter().map(String::as_str)).or_else(|| {
        let end = format!(".{path}");
        read.iter()
            .map(String::as_str)
            .find(|read| read.ends_with(&end))
    })
}

/// What `--set` sets.
fn sets(facts: &Facts, release: &Release<'_>, findings: &mut Findings<'_>) {
    let Some(path) = release.chart.text.known() else {
        return;
    };
    let Some(chart) = facts.charts.iter().find(|chart| {
        release
            .command
            .folders
            .iter()
            .any(|from| tree::join(from, path).as_deref() == Some(&chart.folder))
    }) else {
        return;
    };
    if chart
        .evaluations
        .iter()
        .any(|evaluation| evaluation.rendered.is_none())
    {
        return;
    }
    let read = known(chart);
    for set in &release.sets {
        let Some(key) = key(set) else { continue };
        let covered = read.iter().any(|read| {
            *read == key
                || read.starts_with(&format!("{key}."))
                || read.starts_with(&format!("{key}["))
                || key.starts_with(&format!("{read}."))
                || key.starts_with(&format!("{read}["))
        });
        if covered && !is_only_prefix(&read, &key, chart) {
            continue;
        }
        let told = findings
            .tell(format!(
                "`--set {key}` sets what no template of the chart `{}` reads",
                chart.name
            ))
            .at(&release.command.argument_at(set), "set here")
            .also(
                &At::new(&chart.manifest, chart.manifest.line(1)),
                "the chart",
            );
        if let Some(near) = suggestion_path(&key, &read) {
            told.help(format!("did you mean `{near}`?"));
        }
    }
}

/// Whether the only reads that cover `key` are of a mapping above it, which is read key by key.
fn is_only_prefix(read: &BTreeSet<String>, key: &str, chart: &Chart) -> bool {
    let below = read.iter().any(|read| {
        read == key || read.starts_with(&format!("{key}.")) || read.starts_with(&format!("{key}["))
    });
    if below {
        return false;
    }
    let Some((above, _)) = key.rsplit_once('.') else {
        return false;
    };
    // Keys beside it are read one by one, so the mapping is not printed as a whole.
    let siblings = read
        .iter()
        .any(|read| read.starts_with(&format!("{above}.")));
    let unread_sibling = chart
        .evaluations
        .iter()
        .filter_map(|evaluation| evaluation.rendered.as_ref())
        .any(|rendered| {
            rendered
                .unread
                .iter()
                .any(|value| value.path.to_string().starts_with(&format!("{above}.")))
        });
    siblings && unread_sibling
}

fn key(set: &Argument) -> Option<String> {
    let (key, _) = set.text.split_once('=')?;
    let key = key.known()?;
    (!key.is_empty() && !key.contains(['\\', ' ', '{'])).then(|| key.to_owned())
}
