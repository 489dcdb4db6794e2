//! Contexts that are safe only for a closed set of characters.

use super::{Context, Refused};

/// One path of an ignore file.
pub(super) fn ignore_path(text: &str) -> Result<String, Refused> {
    let context = Context::IgnoreFile;
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if let Some(c) = text.chars().find(|&c| !fits(c)) {
        return Err(Refused::outside(context, c, "letters, digits and `._-/`"));
    }
    if text.is_empty() {
        return Err(Refused::whole(context, "is empty"));
    }
    Ok(text.to_owned())
}

/// Words in comments that some tool obeys; none of them needs more than the closed set.
const LIVE: [&str; 12] = [
    "coding:", "vim:", "checkov:", "tfsec:", "trivy:", "zizmor:", "kics", "noqa", "nosec",
    "nolint", "pragma", "gen:",
];

/// A few words of a comment: no tool takes them for an instruction, and nothing ends the comment.
pub(super) fn comment(text: &str) -> Result<String, Refused> {
    let context = Context::Comment;
    let fits = |c: char| c.is_ascii_alphanumeric() || "._/:@ -".contains(c);
    if let Some(c) = text.chars().find(|&c| !fits(c)) {
        return Err(Refused::outside(
            context,
            c,
            "letters, digits, spaces and `._/:@-`",
        ));
    }
    let folded = text.to_ascii_lowercase();
    if let Some(live) = LIVE.iter().find(|live| folded.contains(**live)) {
        return Err(Refused::whole(
            context,
            format!("has `{live}`, which tools obey in a comment"),
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignore_paths_can_negate_and_glob_nothing() {
        assert_eq!(ignore_path("app/.venv").expect("accepted"), "app/.venv");
        for text in ["", "!a", "#a", "*", "a b", "a\n!.git", "a\\"] {
            assert!(ignore_path(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn comments_hold_no_live_text() {
        assert_eq!(
            comment("v4.2.0 of actions/x").expect("accepted"),
            "v4.2.0 of actions/x"
        );
        for text in [
            "a\nb",
            "syntax=docker/dockerfile",
            "-*- coding: utf-7 -*-",
            "hadolint ignore=DL3008",
            "NOSEC",
            "checkov:skip",
            "{{ x }}",
            "*/",
            "tfsec:ignore:x",
            "a\\",
            "gen: allow",
        ] {
            assert!(comment(text).is_err(), "{text:?}");
        }
    }
}
