//! Real programs as judges: run only with `GEN_RIGS=1`, where a missing one is a failure.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether the rigs are asked for; says so where they are not.
#[allow(clippy::print_stdout, reason = "a rig that is left out says so")]
pub(crate) fn asked() -> bool {
    let asked = std::env::var_os("GEN_RIGS").is_some_and(|value| value == "1");
    if !asked {
        println!("not run: set GEN_RIGS=1 to run the real programs");
    }
    asked
}

/// What `program` prints when it is given `input`; panics where it is missing or fails.
pub(crate) fn run<A: AsRef<OsStr>>(
    program: &str,
    args: &[A],
    folder: &Path,
    input: &[u8],
) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(args)
        .current_dir(folder)
        .env("LC_ALL", "C.UTF-8")
        .env("CHECKPOINT_DISABLE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("the rig needs `{program}`: {error}"));
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    let feed = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("the program ends");
    // A program that ends early closes the pipe; its status tells why.
    let _ = feed.join().expect("no panic");
    assert!(
        output.status.success(),
        "{program}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// A fresh folder that is removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("gen-rig-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).expect("removed");
    }
}
