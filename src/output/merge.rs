//! Joins what a person changed with what the plan changed since the same text.

use super::compare::{Content, without_cr};

/// A file in which both changes are joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The file.
    pub content: Content,
    /// Whether both changed the same lines; the file then has git's markers around them.
    pub conflicts: bool,
}

/// Merges by lines, from `base` to `disk` and to `plan`. Nothing where one of them is no text.
///
/// A file that has CRLF on disk keeps it.
pub(super) fn merge(
    base: &str,
    was_executable: bool,
    disk: &Content,
    plan: &Content,
) -> Option<Merged> {
    let lf = without_cr(&disk.bytes);
    let ours = std::str::from_utf8(lf.as_deref().unwrap_or(&disk.bytes)).ok()?;
    let theirs = std::str::from_utf8(&plan.bytes).ok()?;
    let (mut text, conflicts) = match diffy::merge(base, ours, theirs) {
        Ok(text) => (text, false),
        Err(text) => (text, true),
    };
    if lf.is_some() {
        text = text.replace('\n', "\r\n");
    }
    let edited_mode = disk.executable != was_executable;
    let executable = if edited_mode {
        disk.executable
    } else {
        plan.executable
    };
    Some(Merged {
        content: Content {
            bytes: text.into_bytes(),
            executable,
            mode: disk.mode,
        },
        conflicts,
    })
}

/// Whether a text has the lines that git puts around a conflict.
pub(super) fn has_markers(bytes: &[u8]) -> bool {
    let mut open = false;
    for line in bytes.split(|byte| *byte == b'\n') {
        if line.starts_with(b"<<<<<<< ") {
            open = true;
        } else if open && line.starts_with(b">>>>>>> ") {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(text: &str, executable: bool) -> Content {
        Content {
            bytes: text.as_bytes().to_vec(),
            executable,
            mode: 0o644,
        }
    }

    fn merged(base: &str, disk: &str, plan: &str) -> (String, bool) {
        let merged = merge(base, false, &content(disk, false), &content(plan, false)).unwrap();
        let text = String::from_utf8(merged.content.bytes).unwrap();
        (text, merged.conflicts)
    }

    #[test]
    fn changes_of_different_lines_are_joined() {
        let base = "a\nb\nc\nd\ne\n";
        let both = merged(base, "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n");
        assert_eq!(both, ("A\nb\nc\nd\nE\n".to_owned(), false));
        let same = merged(base, "a\nb\nX\nd\ne\n", "a\nb\nX\nd\ne\n");
        assert_eq!(same, ("a\nb\nX\nd\ne\n".to_owned(), false));
    }

    #[test]
    fn changes_of_the_same_line_are_marked() {
        let (text, conflicts) = merged("a\n", "mine\n", "theirs\n");
        assert!(conflicts);
        for part in ["<<<<<<< ", "mine\n", "=======\n", "theirs\n", ">>>>>>> "] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn markers_that_were_left_are_seen() {
        let (text, _) = merged("a\n", "mine\n", "theirs\n");
        assert!(has_markers(text.as_bytes()));
        assert!(has_markers(text.replace('\n', "\r\n").as_bytes()));
        assert!(!has_markers(b"Title\n=======\n>>>>>>> quoted\n"));
    }

    #[test]
    fn line_ends_on_disk_are_kept() {
        let (text, _) = merged("a\nb\nc\nd\n", "A\r\nb\r\nc\r\nd\r\n", "a\nb\nc\nD\n");
        assert_eq!(text, "A\r\nb\r\nc\r\nD\r\n");
    }

    #[test]
    fn the_executable_bit_is_merged_too() {
        let bit = |base, disk, plan| {
            let merged = merge("x", base, &content("x", disk), &content("x", plan));
            merged.unwrap().content.executable
        };
        assert!(bit(false, true, false), "set by hand");
        assert!(bit(false, false, true), "set by the plan");
        assert!(!bit(true, false, true), "taken by hand");
        assert!(!bit(true, true, false), "taken by the plan");
    }

    #[test]
    fn bytes_are_not_merged() {
        let mut disk = content("", false);
        disk.bytes = vec![0xff];
        assert_eq!(merge("x", false, &disk, &content("y", false)), None);
    }
}
