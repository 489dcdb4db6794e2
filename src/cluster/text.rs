//! Live drift for a terminal.

use std::fmt::Write as _;

use super::{Object, Report, State};

const MEMORY: &str = "internal error: writing to memory";

/// A line for what was compared, one for each object that is not what the artifacts say, and one for each of
/// its fields. With `all`, also what is no drift: fields that programs added, and defaults. Empty where there
/// is nothing to tell.
///
/// Holds what the cluster says: escape the text for where it goes.
pub fn text(report: &Report, all: bool) -> String {
    let mut out = String::new();
    for object in &report.objects {
        if object.is_drifted() || matches!(object.state, State::Unknown(_)) {
            writeln!(
                out,
                "  {:<8} {}{}",
                object.state.name(),
                object.wanted.title(),
                note(object)
            )
            .expect(MEMORY);
        } else if all && !(object.changes.is_empty() && object.defaulted.is_empty()) {
            writeln!(out, "  {:<8} {}", "same", object.wanted.title()).expect(MEMORY);
        }
        for change in object.changes.iter().filter(|change| all || change.drift) {
            let mark = if change.drift { "" } else { "(no drift) " };
            writeln!(
                out,
                "           {mark}{} {}",
                change.path,
                change.sentence()
            )
            .expect(MEMORY);
        }
        if all {
            for path in &object.defaulted {
                writeln!(out, "           (no drift) {path}: defaulted by the server")
                    .expect(MEMORY);
            }
        }
    }
    for extra in &report.extras {
        writeln!(
            out,
            "  {:<8} {}/{}: in no artifact ({}, {})",
            "extra", extra.kind, extra.name, extra.manager, extra.created
        )
        .expect(MEMORY);
    }
    if all && report.foreign > 0 {
        writeln!(
            out,
            "  objects of other releases in the namespace: {}",
            report.foreign
        )
        .expect(MEMORY);
    }
    match out.is_empty() {
        true => out,
        false => format!("{}: {}\n{out}", report.title(), report.sentence()),
    }
}

fn note(object: &Object) -> String {
    match &object.state {
        State::Refused(answer) => format!(": the cluster refuses it: {answer}"),
        State::Unknown(why) => format!(": cannot be looked at: {why}"),
        _ => String::new(),
    }
}
