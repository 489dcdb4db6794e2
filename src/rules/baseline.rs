//! The diagnostics that a repository starts out with: told once, then only what is new.
//!
//! A baseline is text, one line a diagnostic: rule, digest, path. The digest is of the rule, the path and
//! the line's text, so that it survives lines moving, and not of the line's number.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::diagnostic::Diagnostic;

/// The text of a baseline that has all of these.
pub fn write(root: &str, diagnostics: &[Diagnostic]) -> String {
    let mut lines: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| {
            let (path, digest) = fingerprint(root, diagnostic);
            format!("{} {digest} {path}\n", diagnostic.id)
        })
        .collect();
    lines.sort();
    lines.concat()
}

/// The diagnostics that the baseline does not have.
pub fn apply(root: &str, baseline: &str, diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    for line in baseline.lines() {
        let mut words = line.split(' ');
        if let (Some(rule), Some(digest)) = (words.next(), words.next()) {
            *known
                .entry((rule.to_owned(), digest.to_owned()))
                .or_default() += 1;
        }
    }
    diagnostics
        .into_iter()
        .filter(|diagnostic| {
            let (_, digest) = fingerprint(root, diagnostic);
            match known.get_mut(&(diagnostic.id.to_owned(), digest)) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    false
                }
                _ => true,
            }
        })
        .collect()
}

fn fingerprint(root: &str, diagnostic: &Diagnostic) -> (String, String) {
    let (path, line) = diagnostic.primary.as_ref().map_or(("", ""), |label| {
        let number = label.source.position(label.span.start).line;
        (
            label.source.path(),
            label.source.slice(label.source.line(number)).trim(),
        )
    });
    let path = path.strip_prefix(root).unwrap_or(path);
    let digest = Sha256::digest(format!("{}\0{path}\0{line}", diagnostic.id));
    let digest = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    (path.to_owned(), digest)
}
