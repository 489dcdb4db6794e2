//! The texts that were rendered last, for a three-way merge.

/// The file that holds them.
pub(super) const PRISTINE: &str = ".gen/pristine";
/// Its folder.
pub(super) const FOLDER: &str = ".gen";

/// Whether this is a file of `gen`'s own folder.
pub(super) fn is_file(path: &str) -> bool {
    path == PRISTINE
}

/// Whether this is `gen`'s own folder.
pub(super) fn is_folder(path: &str) -> bool {
    path == FOLDER
}
