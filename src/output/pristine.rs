//! The texts that were rendered last, so that an edited file can be merged with a changed plan.
//!
//! All of them live in one file, `.gen/pristine`, a line each: the digest, then the text as a JSON string.
//! One file beside the lock, instead of texts inside it, keeps the lock small enough to review and to
//! merge; lines of plain text, instead of compressed ones, let git store them as deltas; line ends inside
//! a text are escaped, so that a converting checkout changes none. Git is told to treat the file as
//! data. Nothing depends on it but merging: a line counts only if its text has its digest, a line that
//! does not is skipped, and a missing file means that there is nothing to merge with.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::digest::Digest;
use super::error::Error;
use super::view::View;

/// The file that holds the texts.
pub(super) const PRISTINE: &str = ".gen/pristine";
/// What git is told about it.
pub(super) const ATTRIBUTES: &str = ".gen/.gitattributes";
/// The text of [`ATTRIBUTES`]: two branches that both rendered merge by keeping the lines of both.
pub(super) const ATTRIBUTES_TEXT: &str = "pristine -diff merge=union linguist-generated\n";
/// Their folder.
pub(super) const FOLDER: &str = ".gen";

const HEAD: &str =
    "# What gen rendered last, to merge your edits with. Not needed for anything else.\n";
const MAX_TEXT: usize = 1 << 20;
const MAX_TEXTS: usize = 16 << 20;
/// Most bytes that are read; escapes at most double a text that is worth keeping.
pub(super) const MAX_PRISTINE_BYTES: u64 = 2 * MAX_TEXTS as u64;

/// Whether this is a file of `gen`'s own folder.
pub(super) fn is_file(path: &str) -> bool {
    path == PRISTINE || path == ATTRIBUTES
}

/// Whether this is `gen`'s own folder.
pub(super) fn is_folder(path: &str) -> bool {
    path == FOLDER
}

/// Texts by their digest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pristine(BTreeMap<Digest, String>);

impl Pristine {
    /// Reads what is there.
    pub(super) fn read(view: &View<'_>) -> Result<Self, Error> {
        let found = view.read_own(PRISTINE, MAX_PRISTINE_BYTES)?;
        Ok(found.map_or_else(Self::default, |(bytes, _)| Self::parse(&bytes)))
    }

    fn parse(bytes: &[u8]) -> Self {
        let line = |line: &[u8]| {
            let (digest, text) = std::str::from_utf8(line).ok()?.split_once(' ')?;
            let digest = Digest::parse(digest)?;
            let text: String = serde_json::from_str(text).ok()?;
            (Digest::of(text.as_bytes()) == digest).then_some((digest, text))
        };
        Self(
            bytes
                .split(|byte| *byte == b'\n')
                .filter_map(line)
                .collect(),
        )
    }

    /// The text of that digest.
    pub(super) fn text(&self, digest: Digest) -> Option<&str> {
        self.0.get(&digest).map(String::as_str)
    }

    /// Keeps the text of a file, unless it is none or too long to merge.
    pub(super) fn keep(&mut self, digest: Digest, bytes: &[u8]) {
        if bytes.len() <= MAX_TEXT
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            self.0.insert(digest, text.to_owned());
        }
    }

    /// Takes over those of the other texts that have one of these digests.
    pub(super) fn extend(&mut self, other: Self, digests: &BTreeSet<Digest>) {
        let wanted = other
            .0
            .into_iter()
            .filter(|(digest, _)| digests.contains(digest));
        self.0.extend(wanted);
    }

    /// The file's text, with as many texts as fit.
    pub(super) fn file(&self) -> String {
        let mut file = HEAD.to_owned();
        for (digest, text) in &self.0 {
            let quoted = serde_json::Value::from(text.as_str());
            let end = file.len();
            let _ = writeln!(file, "{digest} {quoted}");
            if file.len() > MAX_TEXTS {
                file.truncate(end);
            }
        }
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(texts: &[&str]) -> Pristine {
        let mut pristine = Pristine::default();
        for text in texts {
            pristine.keep(Digest::of(text.as_bytes()), text.as_bytes());
        }
        pristine
    }

    #[test]
    fn texts_read_back_from_a_converting_checkout_too() {
        let pristine = kept(&["a\nb\n", "", "\r\n\u{2028}\"\\", "é"]);
        assert_eq!(Pristine::parse(pristine.file().as_bytes()), pristine);
        let converted = pristine.file().replace('\n', "\r\n");
        assert_eq!(Pristine::parse(converted.as_bytes()), pristine);
    }

    #[test]
    fn a_line_that_lies_is_skipped() {
        let pristine = kept(&["honest\n", "other\n"]);
        let file = pristine.file().replace("other", "wrong");
        let conflict = format!("<<<<<<< ours\n{file}=======\n\u{0}\n>>>>>>> theirs\n");
        assert_eq!(Pristine::parse(conflict.as_bytes()), kept(&["honest\n"]));
    }

    #[test]
    fn what_cannot_be_merged_is_not_kept() {
        let mut pristine = Pristine::default();
        pristine.keep(Digest::of(b"x"), b"\xff");
        pristine.keep(Digest::of(b"y"), &vec![b'y'; MAX_TEXT + 1]);
        assert_eq!(pristine, Pristine::default());
        let large: Vec<String> = (0..20)
            .map(|n| format!("{n}").repeat(MAX_TEXT / 2))
            .collect();
        let many = kept(&large.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(many.file().len() <= MAX_TEXTS);
        assert!(!Pristine::parse(many.file().as_bytes()).0.is_empty());
    }
}
