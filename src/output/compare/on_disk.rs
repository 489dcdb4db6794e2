//! What was read of one file, and whether it is what was rendered.

use std::borrow::Cow;

use super::Content;
use crate::output::digest::Digest;
use crate::output::journal::is_executable;
use crate::output::lock::Entry;

/// What was read of one file; what is the plan's own text is neither kept nor hashed.
pub(super) struct OnDisk<'p> {
    pub(super) bytes: Cow<'p, [u8]>,
    mode: u32,
    pub(super) sha256: Digest,
    /// The digest of the content with LF, where every line of it ends in CRLF.
    lf: Option<Digest>,
}

impl<'p> OnDisk<'p> {
    pub(super) fn new(bytes: &[u8], mode: u32, planned: Option<(&'p [u8], Digest)>) -> Self {
        match planned.filter(|(text, _)| *text == bytes) {
            Some((text, sha256)) => Self {
                bytes: Cow::Borrowed(text),
                mode,
                sha256,
                lf: None,
            },
            None => Self {
                bytes: Cow::Owned(bytes.to_vec()),
                mode,
                sha256: Digest::of(bytes),
                lf: without_cr(bytes).map(|lf| Digest::of(&lf)),
            },
        }
    }

    pub(super) fn is(&self, entry: &Entry) -> bool {
        let same = self.sha256 == entry.sha256 || self.lf == Some(entry.sha256);
        same && (is_executable(self.mode) == entry.executable || cfg!(not(unix)))
    }

    pub(super) fn into_content(self) -> Content {
        Content {
            bytes: self.bytes.into_owned(),
            executable: is_executable(self.mode),
            mode: self.mode,
        }
    }
}

/// The text that a converting checkout started from, where every line ends in CRLF.
pub(in crate::output) fn without_cr(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.contains(&b'\r') || bytes.contains(&0) {
        return None;
    }
    let mut lf = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => {
                lf.extend_from_slice(line);
                lf.push(b'\n');
            }
            None if line.ends_with(b"\n") => return None,
            None => lf.extend_from_slice(line),
        }
    }
    Some(lf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Target;

    #[test]
    fn only_a_full_conversion_counts_as_crlf() {
        let lf = |text: &str| without_cr(text.as_bytes()).map(|b| String::from_utf8(b).unwrap());
        assert_eq!(lf("a\r\nb\r\n").as_deref(), Some("a\nb\n"));
        assert_eq!(lf("a\r\nb").as_deref(), Some("a\nb"));
        assert_eq!(lf("a\rb\r\n").as_deref(), Some("a\rb\n"));
        assert_eq!(lf("a\nb\r\n"), None);
        assert_eq!(lf("a\nb\n"), None);
        assert_eq!(lf("\0\r\n"), None);
    }

    #[test]
    fn only_the_owners_executable_bit_counts() {
        let entry = Entry {
            sha256: Digest::of(b"x"),
            target: Target::Workflow,
            executable: true,
        };
        for (mode, clean) in [(0o755, true), (0o700, true), (0o644, false), (0o654, false)] {
            let disk = OnDisk::new(b"x", mode, None);
            assert_eq!(disk.is(&entry), clean, "{mode:o}");
        }
    }
}
