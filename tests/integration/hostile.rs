//! Values that are out to change the structure of the file they land in.

use delivery::emit::{Entry, Float, Item, Tree};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};

/// What is special in YAML, and what some reader of YAML takes for another type.
pub(crate) const YAML: &[&str] = &[
    ":",
    ": ",
    " #",
    "#",
    "- ",
    "-",
    "? ",
    "?",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a",
    "*a",
    "!t",
    "|",
    ">",
    "'",
    "\"",
    "%",
    "@",
    "`",
    "\\",
    "---",
    "...",
    "<<",
    "=",
    "~",
    "null",
    "true",
    "no",
    "On",
    "y",
    "N",
    "0x1f",
    "0o17",
    "0123",
    "1_000",
    "1e3",
    ".5",
    "+1",
    "-1",
    ".inf",
    ".NaN",
    "1:30",
    "190:20:30.15",
    "2001-01-01",
    "2001-12-14t21:59:43.10-05:00",
    "0b11",
    "1.",
    "1",
    ".",
    "_",
    "e",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\r",
    "\r\n",
    "key: value",
    "${{",
    "}}",
    "\0",
];

/// What is special in HCL.
pub(crate) const HCL: &[&str] = &[
    "$",
    "%",
    "{",
    "}",
    "${",
    "%{",
    "$${",
    "%%{",
    "$$",
    "%%",
    "~}",
    "\\",
    "\"",
    "'",
    "<<EOT",
    "<<-EOT",
    "EOT",
    "\\u",
    "\\n",
    "#",
    "//",
    "/*",
    "*/",
    "=",
    ",",
    "if",
    "for",
    "null",
    "true",
    "1",
    "var.x",
    "${var.x}",
    "%{ if true }",
    "%{ endif }",
    "\r",
];

/// What is special to a POSIX shell.
pub(crate) const SHELL: &[&str] = &[
    "'", "\"", "\\", "$", "$(", "`", ")", "${", "}", "~", "*", "?", "[", "]", "!", "!!", "#", "&",
    "&&", "|", ";", "<", ">", "<<EOF", "\\\n", "$'", "$\"", "(", "=", "a=b", "%1", "{a,b}", "if",
    "IFS", "-", "--", "^",
];

/// What is special in a Python literal.
pub(crate) const PYTHON: &[&str] = &[
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "\\",
    "\\x",
    "\\N{DASH}",
    "\\u",
    "\\\n",
    "{",
    "}",
    "%s",
    "#",
    "r\"",
    "f\"",
    "\r",
    "\u{c}",
    "\u{2028}",
    "\\\"",
    "\\'",
];

/// What is special in Markdown.
pub(crate) const MARKDOWN: &[&str] = &[
    "*",
    "**",
    "_",
    "`",
    "``",
    "```",
    "~~~",
    "~~",
    "[",
    "]",
    "](",
    "](http://x)",
    "![",
    "<",
    ">",
    "<b>",
    "<div",
    "<script",
    "<?",
    "<!D",
    "<!--",
    "-->",
    "<script>",
    "&",
    "&amp;",
    "&#64;",
    "@",
    "@user",
    "a@b.com",
    "#",
    "#1",
    "GH-1",
    "www.",
    "www.x.com",
    "http://x",
    "https://",
    "ftp://x.y",
    "mailto:a@b.c",
    "://",
    "|",
    "|-|",
    "1.",
    "1)",
    "- ",
    "+ ",
    "=",
    "===",
    "---",
    "\\",
    "\\\\",
    "$",
    "$`",
    ":tada:",
    "{{",
    "}}",
    "[^1]",
    "[x]",
    "[ ]",
    "\t",
    "    ",
    "http\\://x",
    "xmpp:a@b.c",
];

/// What is special in a Dockerfile.
pub(crate) const DOCKER: &[&str] = &[
    "$", "${", "}", "$HOME", "\\", "\\\\", "\"", "'", "`", "#", "=", "a=b", "<<EOF", "[", "]", ",",
    "--from=x", "*", "?", ":", "@", "{{", "\\n", "\\\"", "${A:-b}",
];

/// Text of special pieces, words, and characters from anywhere in Unicode.
pub(crate) fn text(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(pieces).prop_map(str::to_owned),
        2 => "[a-z0-9]{1,3}",
        2 => Just(" ".to_owned()),
        1 => Just("\n".to_owned()),
        1 => Just("\t".to_owned()),
        1 => "[ -~]",
        1 => any::<char>().prop_map(String::from),
        1 => "\\p{L}",
    ];
    prop::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat())
}

/// `count` texts that are the same in every run.
pub(crate) fn texts(pieces: &'static [&'static str], count: usize) -> Vec<String> {
    samples(&text(pieces), count)
}

/// `count` values that are the same in every run.
pub(crate) fn samples<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).expect("a value").current())
        .collect()
}

/// As many cases, the same in every run, so that a red test stays red until it is fixed.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 1_000,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}

/// Any tree, with comments, whose texts and keys are made of `pieces`.
pub(crate) fn tree(pieces: &'static [&'static str]) -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        6 => text(pieces).prop_map(Tree::Text),
        1 => any::<i64>().prop_map(Tree::Int),
        // Fractions that every reader's parser of decimals gives back to the last bit.
        1 => any::<i32>().prop_map(|n| Tree::Float(Float::new(f64::from(n) / 8.0).expect("finite"))),
        1 => any::<bool>().prop_map(Tree::Bool),
        1 => Just(Tree::Null),
    ];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        let list = prop::collection::vec((comments(pieces), inner.clone()), 0..5).prop_map(|all| {
            Tree::List(
                all.into_iter()
                    .map(|(comments, value)| Item { comments, value })
                    .collect(),
            )
        });
        prop_oneof![list, map(pieces, inner)]
    })
}

fn map(
    pieces: &'static [&'static str],
    values: impl Strategy<Value = Tree>,
) -> impl Strategy<Value = Tree> {
    prop::collection::btree_map(text(pieces), (comments(pieces), values), 0..5).prop_map(|all| {
        Tree::Map(
            all.into_iter()
                .map(|(key, (comments, value))| Entry {
                    key,
                    comments,
                    value,
                })
                .collect(),
        )
    })
}

fn comments(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    prop_oneof![
        3 => Just(Vec::new()),
        1 => prop::collection::vec(text(pieces), 0..3),
    ]
}
