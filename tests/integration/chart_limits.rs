//! Charts that are out to take everything: no panic, no endless run, no more memory than the budget allows.

use std::io::Write as _;
use std::time::{Duration, Instant};

use delivery::chart::{
    Budget, Capabilities, Chart, MAX_FILE_BYTES, Options, Release, Values, evaluate,
};
use delivery::diagnostic::Reporter;
use proptest::prelude::*;

use crate::hostile;

const CHART: &str = "apiVersion: v2\nname: demo\nversion: 1.2.3\n";

/// Evaluates a chart of one template; the ids of what was told, or none where it went well.
fn told(template: &str, values: &str, budget: Budget) -> Vec<&'static str> {
    let files = [
        ("Chart.yaml", CHART),
        ("values.yaml", values),
        ("templates/x.yaml", template),
    ];
    whole(
        &files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())),
        budget,
    )
}

fn whole(files: &[(String, Vec<u8>)], budget: Budget) -> Vec<&'static str> {
    let mut report = Reporter::new();
    let options = Options {
        budget,
        ..Options::default()
    };
    if let Some(chart) = Chart::load("demo", files.to_vec(), &mut report) {
        evaluate(
            &chart,
            &Values::new(),
            &Release::default(),
            &Capabilities::default(),
            &options,
            &mut report,
        );
    }
    report.diagnostics().iter().map(|d| d.id).collect()
}

/// Evaluates with a tenth of the usual budget, all of it with the rigs, and fails where that takes long.
fn quickly(name: &str, template: &str, values: &str) -> Vec<&'static str> {
    let mut budget = Budget::default();
    if !rigs() {
        budget.steps /= 10;
        budget.bytes /= 10;
    }
    let started = Instant::now();
    let ids = told(template, values, budget);
    let took = started.elapsed();
    let most = Duration::from_secs(if rigs() { 120 } else { 20 });
    assert!(took < most, "{name} took {took:?}");
    ids
}

fn rigs() -> bool {
    std::env::var_os("GEN_RIGS").is_some_and(|value| value == "1")
}

/// The smallest budget in which the template runs, found by halving; what is below it is refused.
fn least(template: &str, of: impl Fn(usize) -> Budget) -> usize {
    let (mut low, mut high) = (0, 1 << 20);
    assert!(told(template, "", of(high)).is_empty());
    while low < high {
        let middle = (low + high) / 2;
        let ids = told(template, "", of(middle));
        if ids.is_empty() {
            high = middle;
        } else {
            assert_eq!(ids, ["chart-limit"], "with {middle}");
            low = middle + 1;
        }
    }
    high
}

#[test]
fn a_budget_that_is_just_enough_is_enough_and_one_less_is_not() {
    let template = "kind: X\na: {{ range until 100 }}{{ . | toString }}{{ end }}x\n";
    let steps = least(template, |steps| Budget {
        steps: steps as u64,
        ..Budget::default()
    });
    assert!((400..4000).contains(&steps), "{steps} steps");
    let bytes = least(template, |bytes| Budget {
        bytes,
        ..Budget::default()
    });
    assert!((200..4000).contains(&bytes), "{bytes} bytes");
    let nested = "{{ if true }}{{ if true }}{{ if true }}{{ end }}{{ end }}{{ end }}";
    let depth = least(nested, |depth| Budget {
        depth,
        ..Budget::default()
    });
    assert_eq!(depth, 4, "the template and three blocks in it");
}

#[test]
fn endless_templates_come_to_an_end() {
    let endless = [
        (
            "include",
            "{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}",
        ),
        (
            "template",
            "{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}",
        ),
        (
            "two",
            "{{ define \"a\" }}{{ template \"b\" . }}{{ end }}{{ define \"b\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}",
        ),
        (
            "tpl",
            "{{ define \"a\" }}{{ tpl \"{{ include \\\"a\\\" . }}\" . }}{{ end }}{{ include \"a\" . }}",
        ),
        (
            "itself",
            "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ toYaml $d }}",
        ),
        (
            "printed",
            "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ $d }}",
        ),
        (
            "merged",
            "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ merge (dict) $d }}",
        ),
        (
            "copied",
            "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ deepCopy $d | len }}",
        ),
        (
            "compared",
            "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ deepEqual $d $d }}",
        ),
        (
            "loops",
            "{{ range until 3000 }}{{ range until 3000 }}{{ end }}{{ end }}",
        ),
        ("counted", "{{ range 2000000000 }}{{ end }}"),
        ("until", "{{ until 2000000000 | len }}"),
        ("seq", "{{ seq 1 2000000000 }}"),
        ("repeat", "{{ repeat 2000000000 \"x\" | len }}"),
        (
            "doubled",
            "{{ $x := \"xx\" }}{{ range until 60 }}{{ $x = printf \"%s%s\" $x $x }}{{ end }}",
        ),
        (
            "joined",
            "{{ $x := list 1 }}{{ range until 60 }}{{ $x = concat $x $x }}{{ end }}",
        ),
        ("indented", "{{ indent 1000000 (repeat 100000 \"\\n\") }}"),
        (
            "replaced",
            "{{ $x := repeat 10000 \"x\" }}{{ replace \"x\" $x $x | replace \"x\" $x | len }}",
        ),
        (
            "wide",
            "{{ range until 100000 }}{{ printf \"%999999d\" 1 }}{{ end }}",
        ),
        (
            "scanned",
            "{{ $x := repeat 10000000 \"x\" }}{{ range until 100000 }}{{ if contains \"y\" $x }}{{ end }}{{ end }}",
        ),
        (
            "matched",
            "{{ $x := repeat 1000000 \"x\" }}{{ range until 100000 }}{{ if regexMatch \"(x+x+)+y\" $x }}{{ end }}{{ end }}",
        ),
        (
            "random",
            "{{ range until 100000 }}{{ randAlphaNum 100000 | len }}{{ end }}",
        ),
        (
            "sorted",
            "{{ $x := until 100000 }}{{ range until 100000 }}{{ $_ := sortAlpha $x }}{{ end }}",
        ),
        ("unique", "{{ until 200000 | uniq | len }}"),
        (
            "hashed",
            "{{ $x := repeat 1000000 \"x\" }}{{ range until 100000 }}{{ $_ := sha256sum $x }}{{ end }}",
        ),
    ];
    for (name, template) in endless {
        let ids = quickly(name, template, "");
        assert!(ids.contains(&"chart-limit"), "{name}: {ids:?}");
    }
}

#[test]
fn what_is_nested_deep_is_refused_and_not_followed() {
    const MANY: usize = 100_000;
    let around = |open: &str, middle: &str, close: &str| {
        format!("{}{middle}{}", open.repeat(MANY), close.repeat(MANY))
    };
    for (name, template, values) in [
        (
            "parentheses",
            format!("{{{{ {} }}}}", around("(", "1", ")")),
            String::new(),
        ),
        (
            "open",
            format!("{{{{ {} }}}}", "(".repeat(MANY)),
            String::new(),
        ),
        ("ifs", around("{{if true}}", "x", "{{end}}"), String::new()),
        (
            "elses",
            format!(
                "{{{{if true}}}}{}{{{{end}}}}",
                "{{else if true}}".repeat(MANY)
            ),
            String::new(),
        ),
        ("unclosed", "{{with 1}}".repeat(MANY), String::new()),
        (
            "values",
            "{{ toYaml .Values }}".to_owned(),
            format!("a: {}", around("[", "1", "]")),
        ),
        (
            "block",
            "{{ toYaml .Values }}".to_owned(),
            format!("a:\n  {}1", "- ".repeat(MANY)),
        ),
        (
            "json",
            "{{ fromJson .Values.a }}".to_owned(),
            format!("a: '{}'", around("[", "1", "]")),
        ),
        (
            "yaml",
            "{{ fromYaml .Values.a }}".to_owned(),
            format!("a: '{}'", around("{a: ", "1", "}")),
        ),
        (
            "toml",
            "{{ fromToml .Values.a }}".to_owned(),
            format!("a: 'a = {}'", around("[", "1", "]")),
        ),
        (
            "pattern",
            "{{ regexMatch .Values.a \"x\" }}".to_owned(),
            format!("a: '{}'", around("(", "x", ")")),
        ),
        (
            "braces",
            "{{ .Files.Glob .Values.a }}".to_owned(),
            format!("a: '{}'", "{a,b}".repeat(1000)),
        ),
        (
            "rendered",
            format!("kind: X\na: {}", around("[", "1", "]")),
            String::new(),
        ),
    ] {
        quickly(name, &template, &values);
    }
}

#[test]
fn long_things_are_read_in_one_go() {
    const MANY: usize = 200_000;
    for (name, template) in [
        ("fields", format!("{{{{ {} }}}}", ".a".repeat(MANY))),
        ("pipes", format!("{{{{ 1 {} }}}}", "| add 1 ".repeat(MANY))),
        (
            "arguments",
            format!("{{{{ list {} | len }}}}", "1 ".repeat(MANY)),
        ),
        ("name", format!("{{{{ {} }}}}", "a".repeat(MANY))),
        ("actions", "{{ 1 }}".repeat(MANY)),
        ("comments", "{{/* x */}}".repeat(MANY)),
        ("opened", "{{".repeat(MANY)),
        ("trimmed", "{{- 1 -}}   ".repeat(MANY)),
        ("documents", "---\na: b\n".repeat(MANY / 10)),
        (
            "variables",
            (0..5000)
                .map(|n| format!("{{{{ $v{n} := {n} }}}}"))
                .collect(),
        ),
        (
            "defines",
            (0..20_000)
                .map(|n| format!("{{{{ define \"d{n}\" }}}}{{{{ end }}}}"))
                .collect(),
        ),
    ] {
        quickly(name, &template, "");
    }
}

#[test]
fn archives_that_unpack_to_more_than_is_read_are_refused() {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(
        Vec::new(),
        flate2::Compression::best(),
    ));
    let mut add = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append_data(&mut header, name, bytes).unwrap();
    };
    add("demo/Chart.yaml", CHART.as_bytes());
    add("demo/big.txt", &vec![0; MAX_FILE_BYTES + 1]);
    let mut encoder = builder.into_inner().unwrap();
    encoder.flush().unwrap();
    let bytes = encoder.finish().unwrap();
    assert!(bytes.len() < MAX_FILE_BYTES / 100);
    let mut report = Reporter::new();
    assert!(Chart::load_archive("demo.tgz", &bytes, &mut report).is_none());
    assert_eq!(report.diagnostics()[0].id, "chart-archive");
    let files = [
        ("Chart.yaml".to_owned(), CHART.as_bytes().to_vec()),
        ("charts/demo.tgz".to_owned(), bytes),
    ];
    assert_eq!(whole(&files, Budget::default()), ["chart-archive"]);
}

#[test]
fn charts_in_charts_in_charts_end_somewhere() {
    let files = |levels: usize| -> Vec<(String, Vec<u8>)> {
        (0..=levels)
            .map(|level| {
                (
                    format!("{}Chart.yaml", "charts/a/".repeat(level)),
                    CHART.as_bytes().to_vec(),
                )
            })
            .collect()
    };
    assert!(whole(&files(10), Budget::default()).is_empty());
    assert_eq!(whole(&files(200), Budget::default()), ["chart-limit"]);
}

/// Pieces that templates, values and charts are made of, to be put together in any order.
const PIECES: [&str; 64] = [
    "{{",
    "}}",
    "{{-",
    "-}}",
    "{{/*",
    "*/}}",
    " ",
    "\n",
    "  ",
    "| ",
    ":=",
    "=",
    ",",
    "(",
    ")",
    "$",
    "$x",
    ".",
    ".Values",
    ".a",
    "\"",
    "`",
    "'a'",
    "\\",
    "1",
    "-1",
    "0x",
    "1e999",
    "nil",
    "true",
    "if ",
    "else ",
    "end",
    "range ",
    "with ",
    "define ",
    "template ",
    "block ",
    "break",
    "continue",
    "include ",
    "tpl ",
    "toYaml ",
    "fromYaml ",
    "printf ",
    "quote ",
    "nindent ",
    "default ",
    "dict ",
    "list ",
    "index ",
    "a: ",
    "- ",
    "---\n",
    "|\n",
    "&a ",
    "*a",
    "!!binary ",
    "<<: ",
    "é",
    "\u{0}",
    "\u{feff}",
    "%s",
    "kind: X\n",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40)
        .prop_map(|pieces| pieces.concat())
}

fn small() -> Budget {
    Budget {
        steps: 20_000,
        bytes: 1 << 20,
        depth: 100,
    }
}

proptest! {
    #![proptest_config(hostile::cases(if rigs() { 20_000 } else { 400 }))]

    #[test]
    fn no_template_is_too_odd(template in soup(), values in soup()) {
        told(&template, &values, small());
    }

    #[test]
    fn no_bytes_are_too_odd(
        chart in prop::collection::vec(any::<u8>(), 0..60),
        values in prop::collection::vec(any::<u8>(), 0..60),
        template in prop::collection::vec(any::<u8>(), 0..60),
        keep in any::<bool>(),
    ) {
        let mut manifest = if keep { CHART.as_bytes().to_vec() } else { Vec::new() };
        manifest.extend(chart);
        whole(&[
            ("Chart.yaml".to_owned(), manifest),
            ("values.yaml".to_owned(), values),
            ("templates/x.yaml".to_owned(), template),
        ], small());
    }

    #[test]
    fn no_expression_is_too_odd(inside in soup(), name in prop::sample::select(&PIECES[..])) {
        told(&format!("a: {{{{ {name}{inside} }}}}\n"), "a: {b: [1, x]}\n", small());
    }

    #[test]
    fn no_setting_is_too_odd(text in "[a-c.\\[\\]0-9=,{}\\\\ ]{0,30}", json in soup()) {
        let mut values = Values::new();
        let _ = values.set(&text);
        let _ = values.set_string(&text);
        let _ = values.set_json(&text);
        let _ = values.set_json(&json);
    }

    #[test]
    fn no_schema_is_too_odd(schema in "[{}\\[\\]\":,a-c$1 ]{0,40}", values in soup()) {
        whole(&[
            ("Chart.yaml".to_owned(), CHART.as_bytes().to_vec()),
            ("values.schema.json".to_owned(), schema.into_bytes()),
            ("values.yaml".to_owned(), values.into_bytes()),
        ], small());
    }

    #[test]
    fn no_archive_is_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut report = Reporter::new();
        Chart::load_archive("x.tgz", &bytes, &mut report);
        let mut framed = vec![0x1f, 0x8b, 8, 0];
        framed.extend(bytes);
        Chart::load_archive("x.tgz", &framed, &mut report);
    }
}
