//! Embeds `blueprints/`: a sorted table of paths, bytes and digests.

#![allow(
    clippy::disallowed_methods,
    reason = "a build script writes where cargo tells it to"
)]

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Left behind by tools that run inside the folder; never part of a blueprint.
const LEFTOVERS: [&str; 5] = [
    "__pycache__",
    ".pytest_cache",
    ".terraform",
    ".terraform.lock.hcl",
    ".ruff_cache",
];

fn main() {
    let manifest = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let root = Path::new(&manifest).join("blueprints");
    println!("cargo::rerun-if-changed=blueprints");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.sort();
    let mut table = String::from("pub(super) static FILES: &[(&str, &[u8], [u8; 32])] = &[\n");
    for (name, path) in files {
        let bytes = fs::read(&path).expect("blueprints/ is readable");
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        table.push_str(&format!(
            "    ({name:?}, include_bytes!({path:?}), {digest:?}),\n"
        ));
    }
    table.push_str("];\n");
    fs::write(Path::new(&out).join("blueprints.rs"), table).expect("OUT_DIR is writable");
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) {
    for entry in fs::read_dir(folder).expect("blueprints/ is readable") {
        let path = entry.expect("blueprints/ is readable").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if LEFTOVERS.contains(&name.as_ref()) {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let relative = path.strip_prefix(root).expect("entries lie below the root");
            let name = relative
                .components()
                .map(|part| part.as_os_str().to_string_lossy())
                .collect::<Vec<_>>()
                .join("/");
            files.push((name, path));
        }
    }
}
