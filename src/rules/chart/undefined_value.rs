//! A template reads a value that nothing defines.

use crate::diagnostic::Level;
use std::collections::BTreeSet;

use crate::facts::{At, Facts};
use crate::rules::suggestion;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "undefined-value",
    group: Group::Chart,
    level: Level::Warning,
    summary: "a template reads a value that nothing defines",
    docs: Docs {
        what: "A template reads a path of values that neither values.yaml nor any values file nor `--set` defines, without a default, while a path that is a letter off is defined, or where what is printed is then missing from the object.",
        why: "The template prints nothing, and the object lacks what was meant.",
        bad: "image: {{ .Values.image.repo }}      # values.yaml has image.repository",
        good: "image: {{ .Values.image.repository }}",
        allow: "When the value is optional and the template tests it.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for chart in &facts.charts {
        let rendered: Vec<_> = chart
            .evaluations
            .iter()
            .filter_map(|evaluation| evaluation.rendered.as_ref())
            .collect();
        if rendered.is_empty() {
            continue;
        }
        // Where something defines the path in one evaluation, the others leave it out on purpose.
        let defined: BTreeSet<String> = rendered
            .iter()
            .flat_map(|one| one.reads.iter())
            .filter(|read| read.kind != "null")
            .map(|read| read.path.to_string())
            .collect();
        let unread: Vec<(String, At)> = rendered
            .iter()
            .flat_map(|one| one.unread.iter())
            .filter_map(|value| {
                let (source, span) = value.written_at.as_ref()?;
                Some((value.path.to_string(), At::new(source, *span)))
            })
            .collect();
        for read in rendered.iter().flat_map(|one| one.reads.iter()) {
            let path = read.path.to_string();
            if read.kind != "null" || read.default.is_some() || defined.contains(&path) {
                continue;
            }
            let Some((source, span)) = &read.read_at else {
                continue;
            };
            // Proof that it is a slip: a value that differs by a letter is set and not read.
            let Some(near) = suggestion(&path, unread.iter().map(|(path, _)| path.as_str())) else {
                continue;
            };
            let Some((_, at)) = unread.iter().find(|(own, _)| own == near) else {
                continue;
            };
            let line = source.line(source.position(span.start).line);
            let end = line.end.max(span.start);
            findings
                .tell(format!("`{path}` is read, and nothing defines it"))
                .at(&At::new(source, Span::new(span.start, end)), "read here")
                .also(at, format!("`{near}` is set, and nothing reads it"))
                .help(format!("did you mean `{near}`?"));
        }
    }
}
