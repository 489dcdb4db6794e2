//! What is rendered is silent; with one end of a seam changed it is not, and the right rule says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use delivery::diagnostic::{Diagnostic, Level};
use delivery::rules::{RULES, UNRESOLVED};
use rayon::prelude::*;

use crate::lint::lint;
use crate::rig;
use crate::support::mutants::{self, Files, Mutant, STACKS};

/// Whether a label of these stands on a line that the mutant changed, or on what is gone.
fn is_located(told: &[&Diagnostic], path: &str, old: &str, new: &str) -> bool {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<String>>();
    let (old, new) = (lines(old), lines(new));
    told.iter().any(|one| {
        one.primary.iter().chain(&one.related).any(|label| {
            let at = label.source.position(label.span.start).line - 1;
            label.source.path() == path && (old.len() != new.len() || old.get(at) != new.get(at))
        })
    })
}

/// What became of a mutant.
struct Outcome {
    mutant: Mutant,
    /// The rules that tell.
    rules: BTreeSet<&'static str>,
    /// Whether its own rule tells at a line that was changed.
    located: bool,
}

fn outcome(mutant: Mutant, files: &Files) -> Result<Outcome, String> {
    let mutated = mutant.apply(files)?;
    let all = lint(&mutated);
    // Notes of other rules prove nothing.
    let counts = |one: &&Diagnostic| one.level >= Level::Warning || one.id == mutant.rule;
    let own: Vec<&Diagnostic> = all.iter().filter(|one| one.id == mutant.rule).collect();
    let text = |files: &Files| files.get(&mutant.path).cloned().unwrap_or_default();
    let located = is_located(&own, &mutant.path, &text(files), &text(&mutated));
    Ok(Outcome {
        rules: all.iter().filter(counts).map(|one| one.id).collect(),
        located,
        mutant,
    })
}

#[test]
fn what_is_rendered_is_silent() {
    for name in STACKS {
        let told = lint(&mutants::stack(name));
        let shown: Vec<String> = told
            .iter()
            .filter(|one| one.id != UNRESOLVED)
            .map(|one| format!("{name}: {}: {}", one.id, one.message))
            .collect();
        assert!(shown.is_empty(), "{shown:#?}");
    }
}

/// Of a hundred mutants, those whose rule tells at a line that was changed; the others are told at the
/// counterpart.
const LOCATED: usize = 80;

/// The first mutant of each rule; with the rigs all of them.
#[test]
fn a_changed_end_of_a_seam_is_told_by_its_rule() {
    let mut faults = Vec::new();
    let all = rig::asked();
    let mut seen = BTreeSet::new();
    let (mut count, mut killed, mut located, mut reasoned) = (0, 0, 0, 0);
    for name in STACKS {
        let files = mutants::stack(name);
        let mut mutants = mutants::of(name);
        if !all {
            mutants.retain(|mutant| seen.insert(mutant.rule.clone()));
        }
        let outcomes: Vec<Result<Outcome, String>> = mutants
            .into_par_iter()
            .map(|mutant| outcome(mutant, &files))
            .collect();
        let (mut own, mut own_killed) = (0, 0);
        for outcome in outcomes {
            let outcome = match outcome {
                Ok(outcome) => outcome,
                Err(fault) => {
                    faults.push(fault);
                    continue;
                }
            };
            let mutant = &outcome.mutant;
            let told = outcome.rules.contains(mutant.rule.as_str());
            own += 1;
            own_killed += usize::from(told);
            located += usize::from(told && outcome.located);
            reasoned += usize::from(mutant.survives.is_some());
            println!("{}: {:?}", mutant.name(), outcome.rules);
            match (&mutant.survives, told) {
                (None, false) => {
                    faults.push(format!("{}: only {:?}", mutant.name(), outcome.rules));
                }
                (Some(_), true) => faults.push(format!("{}: is told now", mutant.name())),
                (Some(reason), false) if reason.is_empty() => {
                    faults.push(format!("{}: survives without a reason", mutant.name()));
                }
                _ => {}
            }
        }
        println!("{name}: killed {own_killed} of {own}");
        count += own;
        killed += own_killed;
    }
    println!(
        "killed {killed} of {count} mutants, {located} of them at a changed line; {reasoned} stand with a reason"
    );
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(located * 100 >= killed * LOCATED, "{located} of {killed}");
}

/// Rules that no rendered stack can be made to break, each with the reason: `tests/mutants/without.txt`.
fn without() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutants/without.txt");
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (rule, reason) = line.split_once(": ").unwrap();
            (rule.to_owned(), reason.to_owned())
        })
        .collect()
}

#[test]
fn every_rule_has_a_mutant_or_a_reason() {
    let all = STACKS.into_iter().flat_map(mutants::of);
    let killing: BTreeSet<String> = all
        .filter(|mutant| mutant.survives.is_none())
        .map(|mutant| mutant.rule)
        .collect();
    let without = without();
    let mut faults = Vec::new();
    for rule in RULES {
        match (killing.contains(rule.name), without.get(rule.name)) {
            (true, Some(_)) => faults.push(format!("{}: has a mutant and a reason", rule.name)),
            (false, None) => faults.push(format!("{}: has neither", rule.name)),
            _ => {}
        }
    }
    let unknown = |name: &&String| !RULES.iter().any(|rule| rule.name == **name);
    for name in killing.iter().chain(without.keys()).filter(unknown) {
        faults.push(format!("there is no rule `{name}`"));
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
