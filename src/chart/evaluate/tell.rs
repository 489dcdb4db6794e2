//! The diagnostics of an evaluation, each at the template line that is at fault.

use std::sync::Arc;

use crate::diagnostic::Reporter;
use crate::source::{Source, Span};

use super::super::capabilities::Capabilities;
use super::super::dependency;
use super::super::eval::{Eval, Fault, Unstable};
use super::super::load::Chart;
use super::super::parse::ParseError;

pub(super) fn check_chart(
    chart: &Chart,
    capabilities: &Capabilities,
    manifest: &Arc<Source>,
    report: &mut Reporter,
) -> Option<()> {
    let metadata = &chart.root.metadata;
    let missing = dependency::missing(&chart.root);
    if !missing.is_empty() {
        report
            .error(
                "chart-dependency",
                format!(
                    "the dependencies `{}` are not vendored in charts/",
                    missing.join("`, `")
                ),
            )
            .at(manifest, Span::default(), "listed here")
            .help("run `helm dependency update`, and keep what it puts into charts/");
        return None;
    }
    if !metadata.kube_version.is_empty() {
        let range = super::super::semver::Constraint::parse(&metadata.kube_version);
        let version = super::super::semver::Version::parse(capabilities.kubernetes());
        let fits =
            matches!((range, version), (Some(range), Some(version)) if range.allows(&version));
        if !fits {
            report
                .error(
                    "chart-kubernetes",
                    format!(
                        "the chart needs Kubernetes {}, and this is {}",
                        metadata.kube_version,
                        capabilities.kubernetes()
                    ),
                )
                .at(manifest, Span::default(), "");
            return None;
        }
    }
    if metadata.is_library() {
        report
            .error(
                "chart-library",
                format!(
                    "`{}` is a library chart and renders nothing itself",
                    metadata.name
                ),
            )
            .at(manifest, Span::default(), "");
        return None;
    }
    Some(())
}

pub(super) fn tell_parse(error: &ParseError, source: &Arc<Source>, report: &mut Reporter) {
    let diagnostic = report.error("chart-syntax", error.message.clone());
    diagnostic.at(source, error.span, "");
    if let Some(help) = &error.help {
        diagnostic.help(help.clone());
    }
}

pub(super) fn dynamic_source(eval: &Eval<'_>, file: u32) -> Option<Arc<Source>> {
    let text = eval
        .dynamic
        .get(file.checked_sub(eval.first_dynamic)? as usize)?;
    Some(Source::new("the text given to `tpl`", text.as_ref()))
}

pub(super) fn tell_fault(fault: &Fault, chart: &Chart, eval: &Eval<'_>, report: &mut Reporter) {
    let diagnostic = report.error(fault.id, fault.message.clone());
    let place = |file: u32| {
        chart
            .sources
            .get(file as usize)
            .cloned()
            .or_else(|| dynamic_source(eval, file))
    };
    let mut seen: Vec<(u32, usize)> = Vec::new();
    for (file, start, end) in &fault.trace {
        let Some(source) = place(*file) else {
            continue;
        };
        let span = Span::new(*start as usize, *end as usize);
        let line = (*file, source.position(span.start).line);
        if diagnostic.primary.is_none() {
            diagnostic.at(&source, span, "");
        } else if !seen.contains(&line) {
            diagnostic.also(&source, span, "on the way here");
        }
        seen.push(line);
    }
}

pub(super) fn tell_unstable(
    unstable: &[Unstable],
    chart: &Chart,
    seed: u64,
    report: &mut Reporter,
) {
    for use_ in unstable {
        let diagnostic = report.note(
            "not-reproducible",
            format!(
                "`{}` gives something else at every run of Helm",
                use_.function
            ),
        );
        if let Some(source) = chart.sources.get(use_.file as usize) {
            diagnostic.at(
                source,
                Span::new(use_.offset as usize, use_.end as usize),
                format!("a stand-in made from seed {seed}"),
            );
        }
    }
}
