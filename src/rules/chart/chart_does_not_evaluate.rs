//! A chart cannot be evaluated, or its values break its schema.

use crate::diagnostic::Level;
use crate::facts::chart::shown_files;
use crate::facts::{At, Facts};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "chart-does-not-evaluate",
    group: Group::Chart,
    level: Level::Error,
    summary: "a chart cannot be evaluated, or its values break its schema",
    docs: Docs {
        what: "Evaluating the chart as helm does ends in an error: a fault in a template, a value that values.schema.json refuses. Charts that ask for a value that only a deployment gives are told as not checked.",
        why: "helm refuses the release.",
        bad: "values.yaml:          replicaCuont: 2\nvalues.schema.json:   additionalProperties: false",
        good: "values.yaml:          replicaCount: 2",
        allow: "When the values come from elsewhere.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for chart in &facts.charts {
        let whole = chart
            .evaluations
            .iter()
            .any(|evaluation| evaluation.rendered.is_some());
        for evaluation in &chart.evaluations {
            if evaluation.rendered.is_some() {
                continue;
            }
            for told in evaluation
                .told
                .iter()
                .filter(|told| told.level == Level::Error)
            {
                let missing = told.message.contains("missing") || told.message.contains("required");
                let certain = match told.id {
                    "chart-syntax" | "chart-function" => true,
                    // Whatever the values, none of them makes this an object.
                    "chart-object" | "yaml-syntax" => !whole,
                    // A template that no file of the chart defines is there for no values either.
                    "chart-template" if told.message.starts_with("no template is named") => {
                        evaluation
                            .told
                            .iter()
                            .all(|one| one.id != "chart-dependency")
                    }
                    "chart-values" => {
                        !missing || evaluation.deployed || chart.files.is_empty() && !chart.open
                    }
                    // Libraries render nothing, and dependencies are fetched by the pipeline.
                    "chart-dependency" | "chart-library" | "chart-kubernetes" | "chart-limit"
                    | "chart-missing" => false,
                    _ => evaluation.deployed && (whole || !chart.open),
                };
                let manifest = At::new(&chart.manifest, chart.manifest.line(1));
                let at = told.primary.as_ref().map_or_else(
                    || manifest.clone(),
                    |label| At::new(&label.source, label.span),
                );
                if !certain {
                    findings.unresolved(
                        &at,
                        format!(
                            "the chart `{}` does not evaluate here: {}",
                            chart.name, told.message
                        ),
                    );
                    continue;
                }
                let mut finding = findings
                    .tell(format!(
                        "the chart `{}` does not evaluate with {}: {}",
                        chart.name,
                        shown_files(&evaluation.files),
                        told.message
                    ))
                    .at(&at, told.primary.as_ref().map_or("", |label| &label.text));
                for label in &told.related {
                    finding = finding.also(&At::new(&label.source, label.span), label.text.clone());
                }
                finding = finding.also(&manifest, "the chart");
                for help in &told.help {
                    finding = finding.help(help.clone());
                }
            }
        }
    }
}
