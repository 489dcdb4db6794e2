//! What writing a change would do to the text that is on disk.

use std::fmt;

use super::compare::{Change, Content, without_cr};

/// How many lines a change adds and takes away, from disk to plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// Lines that would be added.
    pub added: usize,
    /// Lines that would be lost.
    pub removed: usize,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{} -{} lines", self.added, self.removed)
    }
}

/// Lines that stand together and that became others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Block {
    /// The lines that are gone, without line breaks and blanks at their ends.
    pub removed: Vec<String>,
    /// The lines that are there instead.
    pub added: Vec<String>,
}

/// What has to be exchanged in `from` for it to become `to`.
pub fn blocks(from: &str, to: &str) -> Vec<Block> {
    let mut options = diffy::DiffOptions::new();
    options.set_context_len(0);
    let patch = options.create_patch(from, to);
    let block = |hunk: &diffy::Hunk<'_, str>| {
        let mut block = Block::default();
        for line in hunk.lines() {
            match line {
                diffy::Line::Delete(text) => block.removed.push(text.trim_end().to_owned()),
                diffy::Line::Insert(text) => block.added.push(text.trim_end().to_owned()),
                diffy::Line::Context(_) => {}
            }
        }
        block
    };
    patch.hunks().iter().map(block).collect()
}

/// The unified diff of two texts that are both shown as `path`; empty where they are equal.
pub fn text_diff(path: &str, from: &str, to: &str) -> String {
    if from == to {
        return String::new();
    }
    let mut options = diffy::DiffOptions::new();
    options
        .set_original_filename(format!("a/{path}"))
        .set_modified_filename(format!("b/{path}"));
    options.create_patch(from, to).to_string()
}

impl Change {
    /// How many lines writing the plan would add and lose.
    pub fn size(&self) -> Size {
        size(bytes(self.disk.as_ref()), bytes(self.plan.as_ref()))
    }

    /// How many lines a person added to the plan and took from it. Line ends that a checkout converted
    /// do not count.
    pub fn edit_size(&self) -> Size {
        let disk = self.disk.as_ref().map(with_lf);
        size(bytes(self.plan.as_ref()), bytes(disk.as_ref()))
    }

    /// The unified diff from the plan to what a person made of it; else as [`Change::diff`].
    pub fn edit_diff(&self) -> String {
        let disk = self.disk.as_ref().map(with_lf);
        diff(self.path.as_str(), self.plan.as_ref(), disk.as_ref())
    }

    /// What a person made of the file, with the line ends that were rendered; nothing where it is no text.
    pub fn edited_text(&self) -> Option<String> {
        let disk = self.disk.as_ref().map(with_lf)?;
        String::from_utf8(disk.bytes).ok()
    }

    /// How many lines [`Change::merge_diff`] adds and takes away.
    pub fn merge_size(&self) -> Size {
        match &self.merged {
            Some(merged) => size(bytes(self.disk.as_ref()), &merged.content.bytes),
            None => Size::default(),
        }
    }

    /// The unified diff from what is on disk to what the plan wants, as git would show it.
    ///
    /// Bytes that are not UTF-8 are told by their number; control characters come as they are, so escape
    /// the text for where it goes. Empty where nothing would change.
    pub fn diff(&self) -> String {
        diff(self.path.as_str(), self.disk.as_ref(), self.plan.as_ref())
    }

    /// The same from what is on disk to both changes joined; empty where they cannot be joined.
    pub fn merge_diff(&self) -> String {
        let merged = self.merged.as_ref().map(|merged| &merged.content);
        let disk = self.disk.as_ref().filter(|_| merged.is_some());
        diff(self.path.as_str(), disk, merged)
    }
}

fn size(old: &[u8], new: &[u8]) -> Size {
    let mut size = Size::default();
    let lines = |bytes: &[u8]| bytes.split_inclusive(|byte| *byte == b'\n').count();
    if old.is_empty() || new.is_empty() {
        (size.removed, size.added) = (lines(old), lines(new));
        return size;
    }
    let patch = diffy::create_patch_bytes(old, new);
    for line in patch.hunks().iter().flat_map(diffy::Hunk::lines) {
        match line {
            diffy::Line::Insert(_) => size.added += 1,
            diffy::Line::Delete(_) => size.removed += 1,
            diffy::Line::Context(_) => {}
        }
    }
    size
}

fn with_lf(content: &Content) -> Content {
    let mut content = content.clone();
    if let Some(bytes) = without_cr(&content.bytes) {
        content.bytes = bytes;
    }
    content
}

fn diff(path: &str, old: Option<&Content>, new: Option<&Content>) -> String {
    if old.is_none() && new.is_none() {
        return String::new();
    }
    let mut text = format!("diff --git a/{path} b/{path}\n{}", modes(old, new));
    let (Ok(from), Ok(to)) = (
        std::str::from_utf8(bytes(old)),
        std::str::from_utf8(bytes(new)),
    ) else {
        let (from, to) = (bytes(old).len(), bytes(new).len());
        text.push_str(&format!("Binary files differ ({from} and {to} bytes)\n"));
        return text;
    };
    if from != to {
        let name = |side: &str, content: Option<&Content>| match content {
            Some(_) => format!("{side}/{path}"),
            None => "/dev/null".to_owned(),
        };
        let patch = diffy::DiffOptions::new()
            .set_original_filename(name("a", old))
            .set_modified_filename(name("b", new))
            .create_patch(from, to)
            .to_string();
        text.push_str(&patch);
    }
    text
}

fn bytes(content: Option<&Content>) -> &[u8] {
    content.map_or(&[], |content| &content.bytes)
}

fn modes(old: Option<&Content>, new: Option<&Content>) -> String {
    let mode = |content: &Content| {
        if content.executable {
            "100755"
        } else {
            "100644"
        }
    };
    match (old.map(mode), new.map(mode)) {
        (None, Some(new)) => format!("new file mode {new}\n"),
        (Some(old), None) => format!("deleted file mode {old}\n"),
        (Some(old), Some(new)) if old != new => format!("old mode {old}\nnew mode {new}\n"),
        _ => String::new(),
    }
}
