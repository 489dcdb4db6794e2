//! The words for what can become of a file.

/// What can become of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Disk, lock and plan agree.
    Clean,
    /// The disk says what the plan says, and the lock does not know it yet.
    Adopted,
    /// A person changed it since it was rendered; the plan did not change.
    Edited,
    /// The plan changed since it was rendered; nobody touched the file.
    Stale,
    /// Both changed: a person the file, and the plan its content or whether it exists.
    Conflict,
    /// In the plan and not on disk.
    Missing,
    /// Not in the plan any more, and nobody touched the file.
    Orphan,
    /// Not in the plan any more, and not on disk either.
    Gone,
    /// On disk with other content than planned, and never rendered by `gen`.
    Unknown,
    /// Something that is no regular file stands there or above.
    Blocked,
    /// Not what the plan says, and declared to be the user's own.
    Owned,
}

impl State {
    /// The word that every format prints.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Adopted => "adopted",
            Self::Edited => "edited",
            Self::Stale => "stale",
            Self::Conflict => "conflict",
            Self::Missing => "missing",
            Self::Orphan => "orphan",
            Self::Gone => "gone",
            Self::Unknown => "unknown",
            Self::Blocked => "blocked",
            Self::Owned => "owned",
        }
    }

    /// Whether writing the plan would lose what a person made.
    pub fn is_at_risk(self) -> bool {
        matches!(self, Self::Edited | Self::Conflict | Self::Unknown)
    }
}
