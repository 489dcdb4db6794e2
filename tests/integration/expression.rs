//! Whether the fields that `drift` names do say what was edited, for edits that some field does say.
//!
//! Every varied spec is rendered, and each file that it changes is taken for an edit of the reference. What
//! is named must render to the edited file, to the byte; that much is law. How many are found is a figure.

use std::collections::BTreeMap;

use delivery::diagnostic::Reporter;
use delivery::drift::{Expressions, Setting};
use delivery::plan::{Plan, RelPath};
use delivery::spec::outline::outline;
use rayon::prelude::*;

use crate::reference::{REFERENCE, plan, plan_with, renderer, source, varied};

fn render(settings: &[String]) -> Option<Plan> {
    let mut report = Reporter::new();
    let model = delivery::spec::load(&source(REFERENCE), settings, &mut report)?;
    renderer().render(&model, false, &mut report)
}

/// How many edits of one varied spec were looked at, and how many were expressed.
fn express(name: &str, settings: &[String]) -> (usize, usize) {
    let base = plan(REFERENCE);
    let Ok(wanted) = plan_with(&source(REFERENCE), settings) else {
        return (0, 0);
    };
    let edits: BTreeMap<RelPath, String> = wanted
        .artifacts()
        .iter()
        .filter(|(path, artifact)| {
            let old = base.artifacts().get(*path);
            old.is_some_and(|old| old.bytes != artifact.bytes)
        })
        .take(6)
        .filter_map(|(path, artifact)| {
            Some((
                path.clone(),
                String::from_utf8(artifact.bytes.to_vec()).ok()?,
            ))
        })
        .collect();
    let fields = outline(&source(REFERENCE), &[]);
    let paths = edits.keys().cloned().collect();
    let mut expressions = Expressions::new(fields, &base, paths, &render);
    let mut found = 0;
    for (path, text) in &edits {
        let Some(expression) = expressions.of(path, text) else {
            continue;
        };
        found += 1;
        let arguments: Vec<String> = expression.settings.iter().map(Setting::argument).collect();
        let given = render(&arguments).expect("what is named is valid");
        let given = &given.artifacts()[path.as_str()].bytes;
        assert!(
            **given == *text.as_bytes(),
            "{name}: {path} is not what {arguments:?} gives"
        );
    }
    (edits.len(), found)
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures are the point")]
fn what_is_named_says_exactly_what_was_edited() {
    let rigs = std::env::var_os("GEN_RIGS").is_some_and(|value| value == "1");
    let step = if rigs { 1 } else { 8 };
    let specs: Vec<_> = varied().into_iter().step_by(step).collect();
    let judged: Vec<(usize, usize)> = specs
        .par_iter()
        .map(|(name, settings)| express(name, settings))
        .collect();
    let (edits, found) = judged
        .iter()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    println!(
        "{edits} edited files of {} specs: {found} expressed, each exactly",
        specs.len()
    );
    assert!(
        edits >= specs.len() && found * 4 >= edits,
        "{found} of {edits}"
    );
}
