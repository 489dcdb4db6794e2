//! Charts evaluated in-process: what templates mean, hermetically.

use delivery::chart::{Capabilities, Chart, Options, Release, Rendered, Values, evaluate};
use delivery::diagnostic::{Diagnostic, Reporter};

const CHART: &str = "apiVersion: v2\nname: demo\nversion: 1.2.3\nappVersion: 1.10\n";

/// Evaluates a chart of these files beside a Chart.yaml.
fn render(files: &[(&str, &str)], sets: &[&str]) -> Result<Rendered, Vec<Diagnostic>> {
    let mut report = Reporter::new();
    let mut all = vec![("Chart.yaml".to_owned(), CHART.as_bytes().to_vec())];
    all.extend(
        files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())),
    );
    let mut values = Values::new();
    for set in sets {
        values.set(set).expect(set);
    }
    Chart::load("demo", all, &mut report)
        .and_then(|chart| {
            evaluate(
                &chart,
                &values,
                &Release::default(),
                &Capabilities::default(),
                &Options::default(),
                &mut report,
            )
        })
        .ok_or_else(|| report.into_diagnostics())
}

/// The `data` of a ConfigMap whose keys are rendered from these template lines.
fn data(lines: &str, values: &str) -> serde_json::Value {
    let template =
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata:\n{lines}\n");
    let rendered = render(
        &[("templates/x.yaml", &template), ("values.yaml", values)],
        &[],
    )
    .unwrap_or_else(|diagnostics| panic!("{diagnostics:#?}"));
    rendered.objects[0].to_json()["data"].clone()
}

#[test]
fn numbers_of_values_files_are_floats() {
    let data = data(
        "  big: {{ .Values.big | quote }}\n  whole: {{ .Values.big | int | quote }}\n  kind: {{ kindOf .Values.big }}",
        "big: 12345678\n",
    );
    assert_eq!(data["big"], "1.2345678e+07");
    assert_eq!(data["whole"], "12345678");
    assert_eq!(data["kind"], "float64");
}

#[test]
fn every_node_knows_its_template_and_its_value() {
    let rendered = render(
        &[
            ("templates/_h.tpl", "{{ define \"labels\" }}app: demo\ntier: {{ .Values.tier }}{{ end }}"),
            (
                "templates/x.yaml",
                "kind: ConfigMap\nmetadata:\n  name: x\n  labels:\n    {{- include \"labels\" . | nindent 4 }}\n{{- with .Values.extra }}\ndata:\n  {{- toYaml . | nindent 2 }}\n{{- end }}\n",
            ),
            ("values.yaml", "tier: front\nextra:\n  color: blue\n  size: \"7\"\n"),
        ],
        &[],
    )
    .unwrap();
    let object = &rendered.objects[0];
    let tier = object
        .node()
        .get("metadata")
        .unwrap()
        .get("labels")
        .unwrap()
        .get("tier")
        .unwrap();
    let origin = rendered.node_origin(object, tier).unwrap();
    assert_eq!(origin.source.path(), "demo/templates/_h.tpl");
    assert_eq!(origin.source.position(origin.span.start).line, 2);
    let (path, place) = &origin.values[0];
    assert_eq!(path.to_string(), "tier");
    let (source, span) = place.as_ref().unwrap();
    assert_eq!(
        (source.path(), source.slice(*span)),
        ("demo/values.yaml", "front")
    );

    let size = object.node().get("data").unwrap().get("size").unwrap();
    let origin = rendered.node_origin(object, size).unwrap();
    assert_eq!(origin.source.position(origin.span.start).line, 8);
    assert_eq!(origin.values[0].0.to_string(), "extra.size");
}

#[test]
fn faults_point_at_the_operand_and_the_way_to_it() {
    let diagnostics = render(
        &[
            (
                "templates/_h.tpl",
                "{{ define \"h\" }}\n{{ required \"set a host\" .Values.host }}{{ end }}",
            ),
            (
                "templates/x.yaml",
                "kind: ConfigMap\nx: {{ include \"h\" . }}\n",
            ),
        ],
        &[],
    )
    .unwrap_err();
    let diagnostic = &diagnostics[0];
    assert_eq!(
        (diagnostic.id, diagnostic.message.as_str()),
        ("chart-required", "set a host")
    );
    let label = diagnostic.primary.as_ref().unwrap();
    assert_eq!(label.source.path(), "demo/templates/_h.tpl");
    assert_eq!(label.source.position(label.span.start).line, 2);
    assert!(
        diagnostic
            .related
            .iter()
            .any(|l| l.source.path() == "demo/templates/x.yaml")
    );
}

#[test]
fn unknown_functions_are_named_with_their_nearest() {
    let diagnostics =
        render(&[("templates/x.yaml", "a: {{ .Values.x | qoute }}\n")], &[]).unwrap_err();
    assert_eq!(diagnostics[0].id, "chart-syntax");
    assert_eq!(diagnostics[0].help, ["did you mean `quote`?"]);
}

#[test]
fn random_values_are_the_same_twice_and_are_reported() {
    let files = [(
        "templates/x.yaml",
        "kind: Secret\na: {{ randAlphaNum 8 }}\nb: {{ uuidv4 }}\n",
    )];
    let mut report = Reporter::new();
    let all = [("Chart.yaml", CHART)].into_iter().chain(files);
    let chart = Chart::load(
        "demo",
        all.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())),
        &mut report,
    )
    .unwrap();
    let mut once = || {
        evaluate(
            &chart,
            &Values::new(),
            &Release::default(),
            &Capabilities::default(),
            &Options::default(),
            &mut report,
        )
        .unwrap()
        .objects[0]
            .to_json()
    };
    assert_eq!(once(), once());
    let told = report
        .diagnostics()
        .iter()
        .filter(|d| d.id == "not-reproducible")
        .count();
    assert_eq!(told, 4, "two functions, two runs");
}

#[test]
fn values_that_nothing_reads_are_listed() {
    let rendered = render(
        &[
            (
                "templates/x.yaml",
                "a: {{ .Values.used }}\n{{ if .Values.more }}b: {{ .Values.later.x }}{{ end }}\n",
            ),
            (
                "values.yaml",
                "used: 1\nmore: false\nlater: {x: 1}\ndead: {a: 1, b: 2}\n",
            ),
        ],
        &[],
    )
    .unwrap();
    let unread: Vec<String> = rendered.unread.iter().map(|u| u.path.to_string()).collect();
    assert_eq!(unread, ["dead"]);
    let read: Vec<String> = rendered.reads.iter().map(|r| r.path.to_string()).collect();
    assert_eq!(read, ["more", "used"]);
}

#[test]
fn a_schema_points_at_the_value_it_refuses() {
    let schema =
        r#"{"type": "object", "properties": {"port": {"type": "integer", "maximum": 65535}}}"#;
    let diagnostics = render(
        &[
            ("templates/x.yaml", "a: b\n"),
            ("values.schema.json", schema),
            ("values.yaml", "name: x\nport: 70000\n"),
        ],
        &[],
    )
    .unwrap_err();
    let label = diagnostics[0].primary.as_ref().unwrap();
    assert_eq!(
        (label.source.path(), label.source.slice(label.span)),
        ("demo/values.yaml", "70000")
    );
}
