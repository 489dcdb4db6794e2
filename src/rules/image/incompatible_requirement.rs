//! Pinned packages that cannot work together.

use crate::diagnostic::Level;
use crate::facts::{At, Facts, tree};
use crate::rules::{Docs, Findings, Group, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "incompatible-requirement",
    group: Group::Image,
    level: Level::Error,
    summary: "pinned packages that cannot work together",
    docs: Docs {
        what: "Flask is pinned to a release that cannot import what newer releases of Werkzeug, Jinja2, MarkupSafe or itsdangerous no longer have, and those are not pinned below.",
        why: "The image builds, and the first import fails: `cannot import name 'url_quote'`, `'escape'`.",
        bad: "Flask==2.0.3      # brings the newest Werkzeug",
        good: "Flask==2.0.3\nWerkzeug==2.0.3",
        allow: "When another file pins the other package.",
    },
    check,
};

/// Flask before this version, the package, and the first of its versions that does not go with it.
const CLASHES: [(&[u64], &str, &[u64]); 4] = [
    (&[2, 2, 5], "werkzeug", &[3]),
    (&[2], "jinja2", &[3, 1]),
    (&[2], "itsdangerous", &[2, 1]),
    (&[2], "werkzeug", &[2, 1]),
];

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for list in &facts.requirements {
        let Some(flask) = list.package("flask") else {
            continue;
        };
        let Some(version) = flask.pin().and_then(numbers) else {
            continue;
        };
        // What another file says about the packages is not seen from here.
        if !list.includes.is_empty() || list.open || tree::file_name(&list.path).ends_with(".lock")
        {
            continue;
        }
        for (before, package, breaks) in CLASHES {
            if version.as_slice() >= before {
                continue;
            }
            let at = At::new(&list.source, flask.span);
            let named = list.package(package);
            let open = match named {
                None => true,
                Some(other) => match other.pin().and_then(numbers) {
                    Some(pin) => pin.as_slice() >= breaks,
                    None => {
                        !other.version.contains('<')
                            && !other.version.contains("~=")
                            && !other.version.contains("==")
                    }
                },
            };
            if !open {
                continue;
            }
            let shown: Vec<String> = breaks.iter().map(u64::to_string).collect();
            let told = findings
                .tell(format!(
                    "Flask {} does not go with {package} {} or newer",
                    flask.pin().unwrap_or(""),
                    shown.join(".")
                ))
                .at(&at, "pinned here");
            let told = match named {
                Some(other) => told.also(&At::new(&list.source, other.span), "and this allows it"),
                None => told.also(
                    &At::new(&list.source, list.source.line(1)),
                    format!("nothing here holds {package} back"),
                ),
            };
            told.help(format!(
                "raise Flask, or add `{package}<{}`",
                shown.join(".")
            ));
            break;
        }
    }
}

fn numbers(version: &str) -> Option<Vec<u64>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}
