//! `gen.lock`: what was rendered last, with digests. Hostile on reading.
//!
//! One line a file, sorted, so that a change of one file is a change of one line. Holds nothing of the
//! machine: no time, user, host or absolute path. An entry can name only a path that a plan could have,
//! and a workflow only as an artifact of the workflow target.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::error::LockError;
use crate::plan::{MAX_FILES, RelPath, Target, collision};

/// Most bytes of a lock.
pub const MAX_LOCK_BYTES: u64 = 8 << 20;

/// What a render was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// The version of `gen`.
    pub generator: String,
    /// The name of the blueprint.
    pub blueprint: String,
    /// The digest of the blueprint's files.
    pub blueprint_digest: Digest,
    /// The digest of the spec.
    pub spec_digest: Digest,
}

/// What the lock says of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The digest of the bytes that were rendered.
    pub sha256: Digest,
    /// The kind of output it belongs to.
    #[serde(serialize_with = "target_name")]
    pub target: Target,
    /// Whether it was rendered executable.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub executable: bool,
}

/// The contents of `gen.lock`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// What the render was made from.
    pub meta: Meta,
    /// The files that were rendered.
    pub files: BTreeMap<RelPath, Entry>,
}

fn target_name<S: serde::Serializer>(target: &Target, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(target.name())
}

impl Lock {
    /// The text of the lock.
    pub fn text(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let mut text = String::from("{\n  \"version\": 1,\n");
        let _ = write!(
            text,
            "  \"generator\": {},\n  \"blueprint\": {{ \"name\": {}, \"sha256\": \"{}\" }},\n  \
             \"spec\": {{ \"sha256\": \"{}\" }},\n  \"files\": {{",
            quoted(&self.meta.generator),
            quoted(&self.meta.blueprint),
            self.meta.blueprint_digest,
            self.meta.spec_digest,
        );
        text.reserve(self.files.len() * 160);
        for (at, (path, entry)) in self.files.iter().enumerate() {
            text.push_str(if at == 0 { "\n    \"" } else { ",\n    \"" });
            text.push_str(path.as_str());
            text.push_str("\": { \"sha256\": \"");
            let _ = write!(text, "{}", entry.sha256);
            text.push_str("\", \"target\": \"");
            text.push_str(entry.target.name());
            text.push_str(match entry.executable {
                true => "\", \"executable\": true }",
                false => "\" }",
            });
        }
        text.push_str(if self.files.is_empty() {
            "}\n}\n"
        } else {
            "\n  }\n}\n"
        });
        text
    }

    /// Reads a lock and trusts nothing in it.
    ///
    /// # Errors
    /// The first fault, with its line and column.
    pub fn parse(bytes: &[u8]) -> Result<Self, LockError> {
        if bytes.len() as u64 > MAX_LOCK_BYTES {
            return Err(whole(format!("larger than {MAX_LOCK_BYTES} bytes")));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let written: Written = serde_json::from_slice(bytes).map_err(|error| located(&error))?;
        let files = written.files.0;
        // Files of targets that were not rendered last may lie in a folder that is spelled otherwise now.
        if let Some(collision) = collision(files.keys(), false) {
            return Err(whole(collision));
        }
        Ok(Self {
            meta: Meta {
                generator: written.generator.0,
                blueprint: written.blueprint.name.0,
                blueprint_digest: written.blueprint.sha256,
                spec_digest: written.spec.sha256,
            },
            files,
        })
    }
}

fn whole(reason: String) -> LockError {
    LockError {
        line: 0,
        column: 0,
        reason,
    }
}

fn located(error: &serde_json::Error) -> LockError {
    let text = error.to_string();
    // The position is told apart, so the one inside the sentence goes.
    let reason = text
        .rsplit_once(" at line ")
        .map_or(&*text, |(what, _)| what);
    LockError {
        line: error.line(),
        column: error.column().max(1),
        reason: printable(reason),
    }
}

/// The parser quotes what it read, which may be anything.
fn printable(text: &str) -> String {
    let shown = text.chars().take(300);
    shown
        .flat_map(|c| {
            let plain = c == ' ' || c.is_ascii_graphic();
            let escaped = (!plain).then(|| c.escape_unicode());
            plain
                .then_some(c)
                .into_iter()
                .chain(escaped.into_iter().flatten())
        })
        .collect()
}

/// Whether an artifact of `target` may have this path.
///
/// A workflow runs with the repository's token, so only the target of that name may touch one.
pub(super) fn is_allowed(path: &RelPath, target: Target) -> bool {
    target == Target::Workflow || !path.folded().starts_with(".github/workflows/")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[allow(dead_code, reason = "read for its check")]
    version: Version,
    generator: Short,
    blueprint: WrittenBlueprint,
    spec: WrittenSpec,
    files: WrittenFiles,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBlueprint {
    name: Short,
    sha256: Digest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSpec {
    sha256: Digest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    sha256: Digest,
    target: Short,
    #[serde(default)]
    executable: bool,
}

struct Version;

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            1 => Ok(Self),
            other => Err(de::Error::custom(format_args!(
                "version {other} is not known to this gen, which reads version 1"
            ))),
        }
    }
}

/// A word that may be printed as it is.
struct Short(String);

impl<'de> Deserialize<'de> for Short {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let plain = |c: char| c.is_ascii_graphic();
        if text.is_empty() || text.len() > 200 || !text.chars().all(plain) {
            return Err(de::Error::custom(
                "expected 1 to 200 printable ASCII characters without blanks",
            ));
        }
        Ok(Self(text))
    }
}

struct WrittenFiles(BTreeMap<RelPath, Entry>);

impl<'de> Deserialize<'de> for WrittenFiles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Files)
    }
}

struct Files;

impl<'de> Visitor<'de> for Files {
    type Value = WrittenFiles;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping from paths to digests")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut files = BTreeMap::new();
        while let Some(path) = map.next_key::<String>()? {
            let path = RelPath::new(path).map_err(de::Error::custom)?;
            if files.len() == MAX_FILES {
                return Err(de::Error::custom(format_args!(
                    "more than {MAX_FILES} files"
                )));
            }
            if files.contains_key(&path) {
                return Err(de::Error::custom(format_args!("`{path}` is there twice")));
            }
            let entry = map.next_value::<WrittenEntry>()?;
            let target = Target::from_name(&entry.target.0).ok_or_else(|| {
                de::Error::custom(format_args!("unknown target `{}`", entry.target.0))
            })?;
            if !is_allowed(&path, target) {
                return Err(de::Error::custom(format_args!(
                    "`{path}` is a workflow, and the target `{}` writes none",
                    target.name()
                )));
            }
            files.insert(
                path,
                Entry {
                    sha256: entry.sha256,
                    target,
                    executable: entry.executable,
                },
            );
        }
        Ok(WrittenFiles(files))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        let entry = |text: &str, target, executable| Entry {
            sha256: Digest::of(text.as_bytes()),
            target,
            executable,
        };
        Lock {
            meta: Meta {
                generator: "0.1.0".into(),
                blueprint: "flask-aks".into(),
                blueprint_digest: Digest::of(b"b"),
                spec_digest: Digest::of(b"s"),
            },
            files: [
                ("Dockerfile", entry("a", Target::Image, false)),
                ("scripts/next.sh", entry("b", Target::Workflow, true)),
                (
                    ".github/workflows/d.yml",
                    entry("c", Target::Workflow, false),
                ),
            ]
            .map(|(path, entry)| (RelPath::new(path).unwrap(), entry))
            .into(),
        }
    }

    #[test]
    fn a_lock_reads_back() {
        let lock = lock();
        assert_eq!(Lock::parse(lock.text().as_bytes()), Ok(lock.clone()));
        let crlf = format!("\u{feff}{}", lock.text().replace('\n', "\r\n"));
        assert_eq!(Lock::parse(crlf.as_bytes()), Ok(lock.clone()));
        let empty = Lock {
            files: BTreeMap::new(),
            ..lock
        };
        assert_eq!(Lock::parse(empty.text().as_bytes()), Ok(empty));
    }

    #[test]
    fn a_fault_is_located() {
        let text = lock().text();
        let cases = [
            ("Dockerfile\":", "../Dockerfile\":", 8, "has the name `..`"),
            ("Dockerfile\":", "scripts/next.sh\":", 9, "is there twice"),
            (
                "\"target\": \"image\"",
                "\"target\": \"x\"",
                8,
                "unknown target",
            ),
            (
                "\"image\"",
                "\"image\", \"mode\": 7",
                8,
                "unknown field `mode`",
            ),
            (
                "\"version\": 1",
                "\"version\": 2",
                2,
                "version 2 is not known",
            ),
            ("\"sha256\": \"ca", "\"sha256\": \"CA", 8, "64 lower-case"),
            (
                "Dockerfile\":",
                ".GitHub/workflows/x\":",
                8,
                "is a workflow",
            ),
        ];
        for (from, to, line, reason) in cases {
            assert!(text.contains(from), "{from} is not in\n{text}");
            let error = Lock::parse(text.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert!(error.reason.contains(reason), "{to}: {error}");
            assert_eq!(error.line, line, "{to}: {error}");
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = "[".repeat(100_000);
        assert!(Lock::parse(deep.as_bytes()).is_err());
        let at = usize::try_from(MAX_LOCK_BYTES).unwrap();
        let text = lock().text();
        let padded = |length: usize| format!("{text}{}", " ".repeat(length - text.len()));
        assert!(Lock::parse(padded(at).as_bytes()).is_ok());
        let error = Lock::parse(padded(at + 1).as_bytes()).unwrap_err();
        assert!(error.reason.contains("larger than"), "{error}");
    }

    #[test]
    fn names_that_collide_are_refused() {
        let text = lock().text();
        for (from, to) in [("Dockerfile", "SCRIPTS/next.sh"), ("Dockerfile", "scripts")] {
            assert!(Lock::parse(text.replacen(from, to, 1).as_bytes()).is_err());
        }
    }
}
