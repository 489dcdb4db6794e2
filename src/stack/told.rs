//! Differences for a terminal and for a pull request.

use std::fmt::Write as _;

use serde_json::Value;

use super::compare::Change;
use super::{Difference, Field};
use crate::report::{code, fence, html, prose};

/// Most bytes of a comment; GitHub refuses more than 65,536 characters.
const BYTES: usize = 60_000;
const MEMORY: &str = "internal error: writing to memory";

/// One line an object and one a field. Values come as they are: escape the text for where it goes.
pub fn text(differences: &[Difference]) -> String {
    let mut out = String::new();
    let mut group = None;
    for difference in differences {
        if group != Some(difference.key.group) {
            group = Some(difference.key.group);
            writeln!(out, "{}", difference.key.group.name()).expect(MEMORY);
        }
        writeln!(out, "  {} {}", sign(&difference.change), difference.name).expect(MEMORY);
        match &difference.change {
            Change::Fields(fields) => {
                for field in fields {
                    writeln!(out, "      {}: {}", field.place, values(field)).expect(MEMORY);
                }
            }
            Change::Lines(lines) => {
                for line in lines.lines().skip(2) {
                    writeln!(out, "      {line}").expect(MEMORY);
                }
            }
            Change::Added | Change::Removed | Change::Bytes => {}
        }
    }
    out
}

fn sign(change: &Change) -> char {
    match change {
        Change::Added => '+',
        Change::Removed => '-',
        _ => '~',
    }
}

fn values(field: &Field) -> String {
    match (&field.from, &field.to) {
        (Some(from), Some(to)) => format!("{from} → {to}"),
        (Some(from), None) => format!("{from} is gone"),
        (None, Some(to)) => format!("{to} is new"),
        (None, None) => String::new(),
    }
}

/// A comment on a pull request: a heading, then each object with its fields.
pub fn markdown(from: &str, to: &str, differences: &[Difference]) -> String {
    let heading = match differences.len() {
        0 => "nothing differs".to_owned(),
        1 => "one object differs".to_owned(),
        count => format!("{count} objects differ"),
    };
    let mut out = format!("### gen diff: {heading}\n\n{} → {}\n", code(from), code(to));
    let mut group = None;
    for (at, difference) in differences.iter().enumerate() {
        let mut section = String::new();
        if group != Some(difference.key.group) {
            group = Some(difference.key.group);
            writeln!(section, "\n#### {}", difference.key.group.name()).expect(MEMORY);
        }
        section.push_str(&described(difference));
        if out.len() + section.len() > BYTES {
            writeln!(
                out,
                "\n… and {} more that are not shown.",
                differences.len() - at
            )
            .expect(MEMORY);
            break;
        }
        out.push_str(&section);
    }
    out
}

fn described(difference: &Difference) -> String {
    let name = code(&difference.name);
    match &difference.change {
        Change::Added => format!("\n- {name} is new\n"),
        Change::Removed => format!("\n- {name} is gone\n"),
        Change::Bytes => format!("\n- {name} has other bytes\n"),
        Change::Fields(fields) => {
            let mut out = format!("\n{name}\n\n| Field | From | To |\n|---|---|---|\n");
            for field in fields {
                let cell = |value: &Option<Value>| match value {
                    Some(value) => code(&value.to_string()),
                    None => prose("—"),
                };
                writeln!(
                    out,
                    "| {} | {} | {} |",
                    code(&field.place),
                    cell(&field.from),
                    cell(&field.to)
                )
                .expect(MEMORY);
            }
            out
        }
        Change::Lines(lines) => format!(
            "\n<details><summary><code>{}</code></summary>\n\n{}\n</details>\n",
            html(&difference.name),
            fence("diff", lines)
        ),
    }
}
