//! `gen chart` as people run it.

use std::fs;

use crate::command::gen_in;
use crate::support::tree::Temp;

const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  color: {{ .Values.color | default \"red\" | quote }}\n  note: |\n    {{ .Values.note }}>\n    end\n";
const HOOK: &str =
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: check\n  annotations: { helm.sh/hook: test }\n";

fn chart() -> Temp {
    let temp = Temp::new();
    fs::create_dir_all(temp.join("demo/templates/tests")).unwrap();
    fs::write(
        temp.join("demo/Chart.yaml"),
        "apiVersion: v2\nname: demo\nversion: 1.0.0\n",
    )
    .unwrap();
    fs::write(
        temp.join("demo/values.yaml"),
        "color: blue\nnote: hi\nunused: 1\n",
    )
    .unwrap();
    fs::write(temp.join("demo/templates/map.yaml"), TEMPLATE).unwrap();
    fs::write(temp.join("demo/templates/tests/pod.yaml"), HOOK).unwrap();
    fs::write(temp.join("more.yaml"), "color: green\n").unwrap();
    temp
}

/// Exit code, standard output and standard error of `gen chart demo` with these arguments.
fn run(temp: &Temp, arguments: &[&str]) -> (i32, String, String) {
    let output = gen_in(temp.path(), &["chart", "demo"])
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn a_chart_is_printed_with_the_values_in_the_order_of_helm() {
    let temp = chart();
    let (code, out, err) = run(&temp, &["--name", "web"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.starts_with("---\n# Source: demo/templates/map.yaml\napiVersion: v1\n"),
        "{out}"
    );
    assert!(
        out.contains("name: web\n") && out.contains("color: \"blue\"") && out.contains("kind: Pod")
    );
    let (_, out, _) = run(&temp, &["-f", "more.yaml", "--skip-tests"]);
    assert!(
        out.contains("color: \"green\"") && !out.contains("kind: Pod"),
        "{out}"
    );
    let (_, out, _) = run(
        &temp,
        &[
            "--set",
            "color=1",
            "-f",
            "more.yaml",
            "--set-json",
            "color=2",
            "--no-hooks",
        ],
    );
    assert!(out.contains("color: \"1\""), "{out}");
}

#[test]
fn every_line_says_where_it_comes_from() {
    let (code, out, _) = run(&chart(), &["--origin", "-s", "templates/map.yaml"]);
    assert_eq!(code, 0);
    let expected = "  color: \"blue\"  # demo/templates/map.yaml:6 from color (demo/values.yaml:1)\n  note: |  # demo/templates/map.yaml:8 from note (demo/values.yaml:2)";
    assert!(out.contains(expected), "{out}");
    assert!(
        out.contains("\n    hi>\n    end\n"),
        "no comment inside a block: {out}"
    );
}

#[test]
fn values_are_listed_with_their_places_and_those_that_nothing_reads() {
    let (code, out, _) = run(&chart(), &["--values"]);
    assert_eq!(code, 0);
    let lines: Vec<String> = out
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert!(
        lines.contains(
            &"color string \"blue\" (default red) demo/values.yaml:1 demo/templates/map.yaml:6"
                .to_owned()
        ),
        "{out}"
    );
    assert!(
        out.ends_with("\nNothing reads\nunused  demo/values.yaml:3\n"),
        "{out}"
    );
}

#[test]
fn a_fault_is_told_at_the_line_of_the_template() {
    let temp = chart();
    fs::write(
        temp.join("demo/templates/map.yaml"),
        "a: b\nc: {{ .Values.note.x }}\n",
    )
    .unwrap();
    let (code, out, err) = run(&temp, &[]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("--> demo/templates/map.yaml:2:7"), "{err}");
}

#[test]
fn what_prints_broken_yaml_is_pointed_at() {
    let temp = chart();
    fs::write(
        temp.join("demo/templates/map.yaml"),
        "kind: X\na: b\n{{ .Values.note }}: [\n",
    )
    .unwrap();
    let (code, _, err) = run(&temp, &[]);
    assert_eq!(code, 1);
    assert!(err.contains("--> demo/templates/map.yaml:"), "{err}");
}

#[test]
fn what_cannot_be_done_is_said() {
    let temp = chart();
    for (arguments, said) in [
        (
            vec!["--show-only", "templates/none.yaml"],
            "no object comes from",
        ),
        (vec!["-f", "none.yaml"], "none.yaml"),
        (vec!["--set", "a"], "--set a: the key `a` has no value"),
        (vec!["--kube-version", "x"], "no Kubernetes version"),
    ] {
        let (code, out, err) = run(&temp, &arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(err.contains(said), "{arguments:?}: {err}");
    }
}
