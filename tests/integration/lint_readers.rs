//! No bytes stop a reader: whatever a repository holds, every file is read to its end, and soon.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::lint::lint;

/// Under which names each text is read.
const NAMES: [&str; 19] = [
    "Dockerfile",
    "Jenkinsfile",
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    "buildspec.yml",
    "a/action.yml",
    "azure-pipelines.yml",
    "task-definition.json",
    "app.py",
    "run.sh",
    "main.tf",
    "a.tfvars",
    "k8s/a.yaml",
    ".github/workflows/a.yml",
    "docker-compose.yml",
    "requirements.txt",
    "pyproject.toml",
    "chart/values.yaml",
    ".dockerignore",
];

/// What the languages are made of.
const PIECES: [&str; 60] = [
    "FROM ",
    "RUN ",
    "CMD [",
    "COPY --from=",
    "<<EOF\n",
    "EOF\n",
    "\\\n",
    "\n",
    " ",
    "  ",
    "\t",
    "# ",
    "\"",
    "'",
    "\"\"\"",
    "`",
    "$(",
    ")",
    "${",
    "}",
    "${{ ",
    " }}",
    "{{",
    "}}",
    "[",
    "]",
    "{",
    "(",
    ":",
    ": ",
    "- ",
    "---\n",
    "apiVersion: v1\n",
    "kind: Service\n",
    "on: push\n",
    "jobs:\n",
    "  a:\n",
    "    steps:\n",
    "      - run: |\n",
    "import ",
    "from . import ",
    "def f(",
    "app = Flask(",
    "f\"{",
    "@app.route(",
    "resource \"a\" \"b\" {\n",
    "= ",
    "var.",
    "module \"m\" {\n",
    "%{ if ",
    "&a ",
    "*a",
    "|",
    ">-",
    "é",
    "\u{feff}",
    "\u{2028}",
    "\0",
    "\r\n",
    "x",
];

fn texts() -> impl Strategy<Value = String> {
    proptest::collection::vec(0..PIECES.len(), 0..120)
        .prop_map(|picks| picks.into_iter().map(|pick| PIECES[pick]).collect())
}

fn read(text: &str) {
    let files: BTreeMap<String, String> = NAMES
        .iter()
        .map(|name| ((*name).to_owned(), text.to_owned()))
        .collect();
    let start = Instant::now();
    lint(&files);
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{} bytes",
        text.len()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_stops_a_reader(text in texts()) {
        read(&text);
    }

    #[test]
    fn no_bytes_stop_a_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn deep_and_long_texts_end_soon() {
    for piece in [
        "(", "$(", "`", "[", "{", "f(", "a.", "${", "\"", "- ", "<<E ", "[a: ", "\\\n", "x = [",
        "/",
    ] {
        read(&piece.repeat(20_000));
    }
    read(&"RUN a \\\n".repeat(10_000));
    read(&"**/".repeat(1_000));
}
