//! Every format tells a diagnostic in full, and lets nothing hostile through.

use std::sync::Arc;

use delivery::diagnostic::{Diagnostic, Edit, Fix, Level, Reporter};
use delivery::encode::chars::is_printable;
use delivery::report::{FORMATS, Format, Options, RuleText, write};
use delivery::source::{Source, Span};
use insta::assert_snapshot;

const OPTIONS: Options<'_> = Options {
    color: false,
    base: "services/api",
    version: "0.1.0",
    rules: &[RuleText {
        id: "port-mismatch",
        level: Level::Error,
        summary: "the Service sends to a port that nothing listens on",
        docs: "Compares ports.",
    }],
};

fn span(text: &str, part: &str) -> Span {
    let start = text.find(part).expect("in the text");
    Span::new(start, start + part.len())
}

/// Three diagnostics: over two files, in one, and without a place.
fn sample() -> Vec<Diagnostic> {
    let dockerfile = "FROM python:3.12-slim\n\nEXPOSE 5000\n";
    let service =
        "apiVersion: v1\nkind: Service\nspec:\n  ports:\n    - port: 80\n      targetPort: 8080\n";
    let spec = "name: api\nreplica: 3\n";
    let sources = [
        Source::new("Dockerfile", dockerfile),
        Source::new("chart/templates/service.yaml", service),
        Source::new("spec.yaml", spec),
    ];
    let mut reporter = Reporter::new();
    reporter
        .error(
            "port-mismatch",
            "the Service sends to port 8080, and the image listens on 5000",
        )
        .at(
            &sources[1],
            span(service, "8080"),
            "the Service sends to this port",
        )
        .also(
            &sources[0],
            span(dockerfile, "5000"),
            "the image listens on this port",
        )
        .also(&sources[1], span(service, "kind: Service"), "")
        .help("set `targetPort` to 5000");
    reporter
        .warning("unknown-field", "unknown field `replica`")
        .at(
            &sources[2],
            span(spec, "replica"),
            "expected `name` or `replicas`",
        )
        .help("did you mean `replicas`?");
    reporter.note("not-checked", "2 charts could not be evaluated");
    reporter.into_diagnostics()
}

#[test]
fn text_shows_the_lines_of_every_file_involved() {
    assert_snapshot!(write(Format::Text, &sample(), &OPTIONS), @r"
    error[port-mismatch]: the Service sends to port 8080, and the image listens on 5000
     --> chart/templates/service.yaml:6:19
      |
    2 | kind: Service
      | -------------
    ...
    6 |       targetPort: 8080
      |                   ^^^^ the Service sends to this port
      |
     ::: Dockerfile:3:8
      |
    3 | EXPOSE 5000
      |        ---- the image listens on this port
      |
      = help: set `targetPort` to 5000

    warning[unknown-field]: unknown field `replica`
     --> spec.yaml:2:1
      |
    2 | replica: 3
      | ^^^^^^^ expected `name` or `replicas`
      |
      = help: did you mean `replicas`?

    note[not-checked]: 2 charts could not be evaluated

    Found 1 error, 1 warning and 1 note.
    ");
}

#[test]
fn json_has_documented_fields() {
    assert_snapshot!(write(Format::Json, &sample()[1..], &OPTIONS), @r#"
    {
      "version": 1,
      "tool": {
        "name": "gen",
        "version": "0.1.0"
      },
      "diagnostics": [
        {
          "id": "unknown-field",
          "level": "warning",
          "message": "unknown field `replica`",
          "place": {
            "path": "spec.yaml",
            "line": 2,
            "column": 1,
            "end_line": 2,
            "end_column": 8,
            "start": 10,
            "end": 17,
            "label": "expected `name` or `replicas`"
          },
          "related": [],
          "help": [
            "did you mean `replicas`?"
          ]
        },
        {
          "id": "not-checked",
          "level": "note",
          "message": "2 charts could not be evaluated",
          "place": null,
          "related": [],
          "help": []
        }
      ],
      "summary": {
        "errors": 0,
        "warnings": 1,
        "notes": 1
      }
    }
    "#);
}

#[test]
fn sarif_names_rules_and_places_from_the_root() {
    assert_snapshot!(write(Format::Sarif, &sample()[..1], &OPTIONS), @r#"
    {
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        {
          "tool": {
            "driver": {
              "name": "gen",
              "version": "0.1.0",
              "rules": [
                {
                  "id": "port-mismatch",
                  "shortDescription": {
                    "text": "the Service sends to a port that nothing listens on"
                  },
                  "help": {
                    "text": "Compares ports.",
                    "markdown": "Compares ports."
                  },
                  "defaultConfiguration": {
                    "level": "error"
                  }
                }
              ]
            }
          },
          "columnKind": "unicodeCodePoints",
          "results": [
            {
              "ruleId": "port-mismatch",
              "ruleIndex": 0,
              "level": "error",
              "message": {
                "text": "the Service sends to port 8080, and the image listens on 5000\nhelp: set `targetPort` to 5000"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "services/api/chart/templates/service.yaml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "startLine": 6,
                      "startColumn": 19,
                      "endLine": 6,
                      "endColumn": 23
                    }
                  },
                  "message": {
                    "text": "the Service sends to this port"
                  }
                }
              ],
              "relatedLocations": [
                {
                  "id": 0,
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "services/api/Dockerfile",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "startLine": 3,
                      "startColumn": 8,
                      "endLine": 3,
                      "endColumn": 12
                    }
                  },
                  "message": {
                    "text": "the image listens on this port"
                  }
                },
                {
                  "id": 1,
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "services/api/chart/templates/service.yaml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "startLine": 2,
                      "startColumn": 1,
                      "endLine": 2,
                      "endColumn": 14
                    }
                  }
                }
              ]
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn github_commands_name_files_from_the_root() {
    assert_snapshot!(write(Format::Github, &sample(), &OPTIONS), @r"
    ::error file=services/api/chart/templates/service.yaml,line=6,endLine=6,col=19,endColumn=22,title=port-mismatch::the Service sends to port 8080, and the image listens on 5000%0Athe Service sends to this port%0Aservices/api/Dockerfile:3: the image listens on this port%0Aservices/api/chart/templates/service.yaml:2%0Ahelp: set `targetPort` to 5000
    ::warning file=services/api/spec.yaml,line=2,endLine=2,col=1,endColumn=7,title=unknown-field::unknown field `replica`%0Aexpected `name` or `replicas`%0Ahelp: did you mean `replicas`?
    ::notice title=not-checked::2 charts could not be evaluated
    ");
}

#[test]
fn junit_has_a_test_case_for_each_diagnostic() {
    assert_snapshot!(write(Format::Junit, &sample(), &OPTIONS), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="gen" tests="3" failures="2" errors="0">
      <testsuite name="gen" tests="3" failures="2" errors="0">
        <testcase classname="chart/templates/service.yaml" name="port-mismatch at 6:19">
          <failure type="error" message="the Service sends to port 8080, and the image listens on 5000">chart/templates/service.yaml:6:19: the Service sends to port 8080, and the image listens on 5000
    = the Service sends to this port
    Dockerfile:3:8: the image listens on this port
    chart/templates/service.yaml:2:1
    help: set `targetPort` to 5000</failure>
        </testcase>
        <testcase classname="spec.yaml" name="unknown-field at 2:1">
          <failure type="warning" message="unknown field `replica`">spec.yaml:2:1: unknown field `replica`
    = expected `name` or `replicas`
    help: did you mean `replicas`?</failure>
        </testcase>
        <testcase classname="gen" name="not-checked">
          <system-out>2 charts could not be evaluated</system-out>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn markdown_is_a_comment_to_be_read() {
    assert_snapshot!(write(Format::Markdown, &sample(), &OPTIONS), @r"
    ### gen: 1 error, 1 warning and 1 note

    **error** `port-mismatch` at `chart/templates/service.yaml:6:19`

    the Service sends to port 8080, and the image listens on 5000

    ```text
    2 | kind: Service
      | -------------
    6 |       targetPort: 8080
      |                   ^^^^ the Service sends to this port
    ```

    `Dockerfile:3:8`

    ```text
    3 | EXPOSE 5000
      |        ---- the image listens on this port
    ```

    - help: set `targetPort` to 5000

    **warning** `unknown-field` at `spec.yaml:2:1`

    unknown field `replica`

    ```text
    2 | replica: 3
      | ^^^^^^^ expected `name` or `replicas`
    ```

    - help: did you mean `replicas`?

    **note** `not-checked`

    2 charts could not be evaluated
    ");
}

#[test]
fn nothing_told_is_said_so() {
    for (format, expected) in [
        (Format::Text, "Found no diagnostics.\n"),
        (Format::Github, ""),
        (Format::Markdown, "### gen: no diagnostics\n"),
    ] {
        assert_eq!(write(format, &[], &OPTIONS), expected);
    }
    assert!(write(Format::Junit, &[], &OPTIONS).contains("tests=\"1\" failures=\"0\""));
}

/// Texts that would act in a terminal, a log, a page or a parser.
const HOSTILE: [&str; 24] = [
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "\u{9b}31m\u{85}next",
    "a\rb\nc\u{b}d",
    "over\u{202e}ride\u{2066}",
    "zero\u{200b}width\u{feff}\u{ad}\u{3164}",
    "\u{2028}line\u{2029}",
    "tag\u{e0041}private\u{e000}\u{e0000}",
    "nul\0",
    "::error file=x::pwned",
    "  ::set-output name=a::b",
    "x ##[command]rm",
    "##vso[task.setvariable variable=a]b",
    "%0A::error::x%25",
    "a,b:c=d",
    "]]><x>&amp;\"'</failure>",
    "<script>alert(1)</script><img src=x>",
    "@team #12 GH-3 https://example.com www.example.com",
    "```\n# title\n```",
    "| a | b |\n|---|---|",
    "`code` ![x](http://x) [y](javascript:z)",
    "{0} {{1}} {x}",
    "[link](0) \\[ \\",
    "\\u{1b} \\",
    "e\u{301}\u{301}\u{301}\u{fe0f}",
];

/// A diagnostic that has `text` wherever a text can be.
fn everywhere(text: &str) -> Vec<Diagnostic> {
    let source = Source::new(text, format!("a: {text}\nb: {text}\n"));
    let other = Source::new(format!("x/{text}"), text);
    let mut reporter = Reporter::new();
    for level in [Level::Error, Level::Warning, Level::Note] {
        reporter
            .tell("hostile", level, text)
            .at(&source, Span::new(3, 3 + text.len()), text)
            .also(&other, Span::new(0, 1), text)
            .also(&other, Span::new(text.len(), text.len()), text)
            .help(text)
            .fix = Some(Fix {
            unsafe_to_apply: level == Level::Note,
            edits: vec![
                Edit {
                    source: Arc::clone(&other),
                    span: Span::new(0, 1),
                    text: text.to_owned(),
                },
                Edit {
                    source: Arc::clone(&source),
                    span: Span::new(3, 3 + text.len()),
                    text: text.to_owned(),
                },
            ],
        });
    }
    reporter.into_diagnostics()
}

#[test]
fn no_format_prints_what_acts_or_hides() {
    for color in [false, true] {
        let options = Options { color, ..OPTIONS };
        for text in HOSTILE {
            for format in FORMATS {
                let report = write(format, &everywhere(text), &options);
                let report = without_colors(&report);
                for line in report.lines() {
                    let shown = line.chars().all(|c| is_printable(c) || (c == '\t'));
                    assert!(shown, "{format:?} prints {line:?}");
                    assert!(
                        format == Format::Github || !line.trim_start().starts_with("::error"),
                        "{format:?} prints {line:?}"
                    );
                    assert!(!opens_command(line), "{format:?} prints {line:?}");
                }
            }
        }
    }
}

fn opens_command(line: &str) -> bool {
    line.match_indices("##").any(|(at, _)| {
        line[at + 2..]
            .trim_start_matches(|c: char| c.is_ascii_alphanumeric())
            .starts_with('[')
    })
}

/// Drops the colours that only `text` writes, and nothing else that starts with ESC.
fn without_colors(report: &str) -> String {
    let colors = regex_lite::Regex::new("\u{1b}\\[[0-9;]*m").expect("a pattern");
    colors.replace_all(report, "").into_owned()
}

#[test]
fn each_github_diagnostic_is_one_command() {
    for text in HOSTILE {
        let report = write(Format::Github, &everywhere(text), &OPTIONS);
        let lines: Vec<&str> = report.lines().collect();
        assert_eq!(lines.len(), 3, "{report:?}");
        for (line, word) in lines.iter().zip(["error", "warning", "notice"]) {
            let line = line.strip_prefix("::").expect("a command");
            let (command, _) = line.split_once("::").expect("a message");
            let (name, properties) = command.split_once(' ').expect("properties");
            assert_eq!(name, word);
            for property in properties.split(',') {
                let (key, _) = property.split_once('=').expect("a value");
                assert!(
                    ["file", "line", "endLine", "col", "endColumn", "title"].contains(&key),
                    "{line:?}"
                );
            }
        }
    }
}

#[test]
fn json_and_sarif_are_always_valid() {
    for text in HOSTILE {
        let json = write(Format::Json, &everywhere(text), &OPTIONS);
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json["diagnostics"][0]["message"], text);
        assert_eq!(json["diagnostics"][2]["place"]["path"], text);
        assert_eq!(json["diagnostics"][1]["help"][0], text);
        assert_eq!(json["diagnostics"][1]["fix"]["safe"], true);
        assert_eq!(json["diagnostics"][2]["fix"]["safe"], false);
        assert_eq!(json["diagnostics"][0]["fix"]["edits"][1]["text"], text);
        assert_eq!(json["summary"]["errors"], 1);
        let sarif = write(Format::Sarif, &everywhere(text), &OPTIONS);
        let sarif: serde_json::Value = serde_json::from_str(&sarif).expect("JSON");
        check_sarif(&sarif, text);
    }
}

/// What the schema of SARIF asks of the parts that are written, and what it cannot ask.
fn check_sarif(sarif: &serde_json::Value, text: &str) {
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    for result in run["results"].as_array().expect("results") {
        let index = result["ruleIndex"].as_u64().expect("an index");
        assert_eq!(rules[index as usize]["id"], result["ruleId"]);
        let message = result["message"]["text"].as_str().expect("a message");
        assert_eq!(unescaped(message), format!("{text}\nhelp: {text}"));
        assert!(
            !message
                .replace("{{", "")
                .replace("}}", "")
                .contains(['{', '}'])
        );
        let related = result["relatedLocations"].as_array().expect("places");
        for place in result["locations"]
            .as_array()
            .expect("places")
            .iter()
            .chain(related)
        {
            let place = &place["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().expect("a path");
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
            assert!(uri.chars().all(allowed) && !uri.starts_with('/'), "{uri}");
            let region = &place["region"];
            check_region(region);
        }
        let changes = result["fixes"][0]["artifactChanges"].as_array();
        let changes = changes.expect("changes");
        assert_eq!(changes.len(), 2, "one for each file");
        for change in changes {
            assert!(change["artifactLocation"]["uri"].is_string());
            let replaced = &change["replacements"][0];
            check_region(&replaced["deletedRegion"]);
            assert_eq!(replaced["insertedContent"]["text"], text);
        }
    }
}

fn check_region(region: &serde_json::Value) {
    for number in ["startLine", "startColumn", "endLine", "endColumn"] {
        assert!(region[number].as_u64().expect("a number") >= 1);
    }
}

/// Reads a SARIF message as a viewer does.
fn unescaped(message: &str) -> String {
    let message = message.replace("{{", "{").replace("}}", "}");
    let mut out = String::new();
    let mut rest = message.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => out.extend(rest.next()),
            c => {
                assert!(!"[]".contains(c), "an open bracket in {message:?}");
                out.push(c);
            }
        }
    }
    out
}

#[test]
fn junit_is_well_formed_and_flat() {
    for text in HOSTILE {
        let xml = write(Format::Junit, &everywhere(text), &OPTIONS);
        let tags = regex_lite::Regex::new(r#"<(\?xml [^<>]*\?|/?[a-z-]+( [a-z]+="[^"<>]*")*/?)>"#)
            .expect("a pattern");
        let rest = tags.replace_all(&xml, "");
        assert!(!rest.contains(['<', '>', '"']), "{rest}");
        let entities = regex_lite::Regex::new("&(amp|lt|gt|quot|apos);").expect("a pattern");
        assert!(!entities.replace_all(&rest, "").contains('&'), "{rest}");
        assert_eq!(xml.matches("<testcase ").count(), 3);
    }
}

#[test]
fn markdown_has_no_structure_but_its_own() {
    use comrak::nodes::NodeValue;
    for text in HOSTILE {
        let report = write(Format::Markdown, &everywhere(text), &OPTIONS);
        let arena = comrak::Arena::new();
        let mut options = comrak::Options::default();
        options.extension.table = true;
        options.extension.autolink = true;
        options.extension.strikethrough = true;
        let root = comrak::parse_document(&arena, &report, &options);
        let mut headings = 0;
        for node in root.descendants() {
            match &node.data.borrow().value {
                NodeValue::Heading(_) => headings += 1,
                NodeValue::HtmlInline(html) => {
                    assert!(
                        ["<!-- -->", "<code>", "</code>"].contains(&html.as_str()),
                        "{html}"
                    );
                }
                NodeValue::Document
                | NodeValue::Paragraph
                | NodeValue::Text(_)
                | NodeValue::Code(_)
                | NodeValue::CodeBlock(_)
                | NodeValue::List(_)
                | NodeValue::Item(_)
                | NodeValue::Strong
                | NodeValue::SoftBreak => {}
                other => panic!("{other:?} in\n{report}"),
            }
        }
        assert_eq!(headings, 1, "{report}");
    }
}

#[test]
fn people_are_shown_fifty_and_told_how_many_more() {
    let source = Source::new("a.yaml", "a: 1\n");
    let mut reporter = Reporter::new();
    for _ in 0..60 {
        reporter
            .error("x", "wrong")
            .at(&source, Span::new(0, 1), "");
    }
    let all = reporter.into_diagnostics();
    let text = write(Format::Text, &all, &OPTIONS);
    assert_eq!(text.matches("error[x]").count(), 50);
    assert!(text.ends_with("… and 10 more that are not shown.\n\nFound 60 errors.\n"));
    let markdown = write(Format::Markdown, &all, &OPTIONS);
    assert!(markdown.ends_with("… and 10 more that are not shown.\n"));
}

#[test]
fn long_values_and_far_places_stay_short() {
    let long = "x".repeat(1 << 20);
    let far = format!("first: 1\n{}last: {long}\n", "\n".repeat(1 << 20));
    let source = Source::new("a.yaml", far.as_str());
    let mut reporter = Reporter::new();
    reporter
        .error("x", long.as_str())
        .at(&source, span(&far, "last"), long.as_str())
        .also(&source, span(&far, "first"), "")
        .help(long.as_str());
    let all = reporter.into_diagnostics();
    for format in [
        Format::Text,
        Format::Github,
        Format::Junit,
        Format::Markdown,
    ] {
        let report = write(format, &all, &OPTIONS);
        assert!(
            report.len() < 64 << 10,
            "{format:?} has {} bytes",
            report.len()
        );
    }
    let text = write(Format::Text, &all, &OPTIONS);
    assert!(text.contains("--> a.yaml:1048578:1") && text.contains("::: a.yaml:1:1"));
}

#[test]
fn columns_count_the_characters_of_the_file() {
    let text = "\u{202e}\té: value\n";
    let source = Source::new("a.yaml", text);
    let mut reporter = Reporter::new();
    reporter
        .error("x", "wrong")
        .at(&source, span(text, "value"), "this");
    let all = reporter.into_diagnostics();
    assert_snapshot!(write(Format::Text, &all, &OPTIONS), @r"
    error[x]: wrong
     --> a.yaml:1:6
      |
    1 | \u{202e}    é: value
      |                ^^^^^ this

    Found 1 error.
    ");
}
