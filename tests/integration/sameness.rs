//! The same bytes anywhere: locale, zone, umask, folder, home, threads and environment change nothing.

use std::fs;
use std::process::{Command, Stdio};

use crate::reference::{REFERENCE, varied};
use crate::support::random::Random;
use crate::support::tree::{Picture, Temp, files};

/// What must not show in any output.
const CANARY: &str = "canary-7f3a";

/// Renders with a random surrounding and returns the tree; the folder's name is random as well.
fn rendered(random: &mut Random, settings: &[String]) -> Picture {
    let temp = Temp::new();
    let names = ["a", "with space", "ümlaut", "-dash", "x;y", CANARY];
    let name: &&str = random.pick(&names);
    let folder = temp.join(name);
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("spec.yaml"), REFERENCE).unwrap();
    let umask = random.pick(&["000", "002", "022", "027", "077"]);
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            &format!("umask {umask}; exec \"$0\" \"$@\""),
            env!("CARGO_BIN_EXE_gen"),
        ])
        .args(["render", "spec.yaml", "--out", "made", "--format", "json"])
        .args(settings.iter().flat_map(|setting| ["--set", setting]))
        .current_dir(&folder)
        .stdin(Stdio::null())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", format!("/{CANARY}"))
        .env("USER", CANARY)
        .env("HOSTNAME", CANARY)
        .env(
            "LC_ALL",
            random.pick(&[
                "C",
                "tr_TR.UTF-8",
                "de_DE.ISO-8859-1",
                "ja_JP.eucJP",
                "C.UTF-8",
            ]),
        )
        .env(
            "TZ",
            random.pick(&[
                "UTC",
                "Asia/Kathmandu",
                "America/St_Johns",
                ":bad",
                "XXX-25",
            ]),
        )
        .env("RAYON_NUM_THREADS", random.pick(&["1", "2", "7"]))
        .env("COLUMNS", random.pick(&["1", "40", "500"]))
        .env("SOURCE_DATE_EPOCH", random.next().to_string())
        .env(
            random.pick(&["CI", "GITHUB_ACTIONS", "NO_COLOR", "FORCE_COLOR", "GEN_OUT"]),
            CANARY,
        );
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let made = folder.join("made");
    modes(&made, umask);
    files(&made)
}

/// The umask narrows the modes, and nothing widens them.
fn modes(folder: &std::path::Path, umask: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let mask = u32::from_str_radix(umask, 8).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        if path.is_dir() {
            assert_eq!(mode, 0o755 & !mask, "{}", path.display());
            modes(&path, umask);
        } else {
            let wanted = if path.extension().is_some_and(|name| name == "sh") {
                0o755
            } else {
                0o644
            };
            assert_eq!(mode, wanted & !mask, "{}", path.display());
        }
    }
}

#[test]
fn surroundings_change_no_byte() {
    let mut random = Random::new(14);
    let (specs, turns) = match crate::rig::asked() {
        true => (varied(), 500),
        false => (varied().into_iter().step_by(20).collect(), 8),
    };
    let first: Vec<Picture> = specs
        .iter()
        .map(|(_, settings)| rendered(&mut random, settings))
        .collect();
    for turn in 0..turns {
        let at = turn % specs.len();
        let (name, settings) = &specs[at];
        assert!(rendered(&mut random, settings) == first[at], "{name}");
    }
    for (path, shot) in first.iter().flatten() {
        let shot = format!("{path} {shot:?}");
        assert!(
            !shot.contains(CANARY) && !shot.contains("gen-test-"),
            "{path}"
        );
    }
}
