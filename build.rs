//! Embeds `blueprints/`: a sorted table of paths, bytes and digests; and packs `schemas/terraform-*.txt`, which
//! are a megabyte of text, into less than half of it that is read where it lies.

#![allow(
    clippy::disallowed_methods,
    reason = "a build script writes where cargo tells it to"
)]

use std::collections::HashMap;
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

/// The providers of Terraform whose tables are packed.
const PROVIDERS: [&str; 5] = ["aws", "azuread", "azurerm", "helm", "kubernetes"];

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
    providers(
        &Path::new(&manifest).join("schemas"),
        &Path::new(&out).join("providers.rs"),
    );
}

/// The tables of all providers: names once, shapes as bytes.
///
/// A shape is the number of its fields in two bytes, then for each the place of its name in three, its type in
/// one, and where the type has a `#`, the place of that shape in three.
#[derive(Default)]
struct Packed {
    names: String,
    known: HashMap<String, usize>,
    types: Vec<String>,
    shapes: Vec<u8>,
}

fn providers(schemas: &Path, out: &Path) {
    println!("cargo::rerun-if-changed=schemas");
    let mut packed = Packed::default();
    let mut all = String::new();
    for name in PROVIDERS {
        let path = schemas.join(format!("terraform-{name}.txt"));
        let text = fs::read_to_string(path).expect("schemas/ is readable");
        let (head, shapes) = text.split_once("\n\n").expect("an empty line");
        let places: Vec<usize> = shapes.lines().fold(Vec::new(), |mut places, line| {
            places.push(packed.shape(line, &places));
            places
        });
        let (_, version) = head
            .lines()
            .next()
            .and_then(|line| line.split_once(' '))
            .expect("a version");
        let mut kinds: Vec<(&str, String)> = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(' '))
            .map(|(kind, number)| match number.parse::<usize>() {
                Ok(number) => (kind, places[number].to_string()),
                Err(_) => (kind, number.to_owned()),
            })
            .collect();
        kinds.sort();
        let kinds: String = kinds
            .iter()
            .map(|(kind, place)| format!("{kind} {place}\n"))
            .collect();
        all.push_str(&format!("    ({name:?}, {version:?}, {kinds:?}),\n"));
    }
    let Packed {
        names,
        types,
        shapes,
        ..
    } = packed;
    let folder = out.parent().expect("OUT_DIR is a folder");
    fs::write(folder.join("providers.names"), names).expect("OUT_DIR is writable");
    fs::write(folder.join("providers.shapes"), shapes).expect("OUT_DIR is writable");
    let text = format!(
        "static PROVIDERS: &[(&str, &str, &str)] = &[\n{all}];\nstatic TYPES: &[&str] = &{types:?};\n\
         static NAMES: &str = include_str!(\"providers.names\");\n\
         static SHAPES: &[u8] = include_bytes!(\"providers.shapes\");\n"
    );
    fs::write(out, text).expect("OUT_DIR is writable");
}

impl Packed {
    /// Adds a line of a table, and tells where it stands.
    fn shape(&mut self, line: &str, places: &[usize]) -> usize {
        let at = self.shapes.len();
        let fields: Vec<&str> = line.split(' ').filter(|field| !field.is_empty()).collect();
        let count = u16::try_from(fields.len()).expect("a shape has few fields");
        self.shapes.extend(count.to_be_bytes());
        for field in fields {
            let cut = field.find(['=', ':']).expect("a field has a type");
            let (name, kind) = field.split_at(cut);
            let from = kind.find(|c: char| c.is_ascii_digit());
            let digits = from.map(|from| {
                let end = kind[from..].find(|c: char| !c.is_ascii_digit());
                &kind[from..end.map_or(kind.len(), |end| from + end)]
            });
            let pattern = digits.map_or(kind.to_owned(), |digits| kind.replace(digits, "#"));
            let name = self.name(name);
            self.place(name);
            let known = self.types.iter().position(|one| *one == pattern);
            let number = known.unwrap_or_else(|| {
                self.types.push(pattern);
                self.types.len() - 1
            });
            self.shapes
                .push(u8::try_from(number).expect("there are few types"));
            if let Some(digits) = digits {
                self.place(places[digits.parse::<usize>().expect("digits")]);
            }
        }
        at
    }

    fn name(&mut self, name: &str) -> usize {
        let names = &mut self.names;
        *self.known.entry(name.to_owned()).or_insert_with(|| {
            let at = names.len();
            names.push_str(name);
            names.push('\n');
            at
        })
    }

    fn place(&mut self, at: usize) {
        let bytes = u32::try_from(at)
            .expect("the tables are small")
            .to_be_bytes();
        assert_eq!(bytes[0], 0, "the tables are small");
        self.shapes.extend(&bytes[1..]);
    }
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
