//! No value changes the structure of any output: each field gets hostile texts, and what is rendered
//! is compared with the rendering of a harmless text, through a parser of the artifact's own language.

use delivery::diagnostic::Level;
use delivery::plan::{Artifact, Plan};
use delivery::schema::shape::{Object, Shape};
use delivery::spec::table;
use rayon::prelude::*;

use crate::reference::{REFERENCE, source};
use crate::skeleton::skeleton;

/// Everything that the reference leaves out, so that every field is rendered somewhere.
const FULL: &[&str] = &[
    "app.health={startup: /start, readiness: /ready, liveness: /live}",
    "app.env={GREETING: hello}",
    "app.secrets={TOKEN: {secret: web, key: token}}",
    "image.title=Title",
    "image.description=Description",
    "kubernetes.namespace=web",
    "kubernetes.pull_secret=pull",
    "kubernetes.monitoring=true",
    "kubernetes.egress=[{cidr: 10.1.0.4/32, port: 5432}]",
    "kubernetes.ingress.tls={issuer: ca, secret: cert}",
    "azure.resource_group=group",
    "azure.vnet=true",
    "azure.aks.name=cluster",
    "azure.aks.admin_groups=[00000000-0000-0000-0000-000000000001]",
    "azure.aks.authorized_ip_ranges=[192.0.2.0/24]",
    "azure.dns.records={txt: {type: TXT, value: words}}",
    "azure.state={resource_group: state, storage_account: statestate, container: state}",
    "github.smtp={server: smtp.example.com, from: ci@example.com}",
    "observability={alerts: {receiver: {secret: told, key: url}, mail: {to: [team@example.com], from: ci@example.com, server: smtp.example.com, login: {username: alerts, secret: told, key: word}}}}",
    "github.chart_repository=charts/web",
];

/// Texts that end, open or evaluate something in one of the languages that are rendered.
const HOSTILE: &[&str] = &[
    "\"",
    "'",
    "`",
    "\\",
    "\n",
    "\r\n",
    "\t",
    "\u{0}",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{feff}x",
    "\u{202e}x",
    "a\nb: c",
    "a\n- b",
    "x: y",
    "x #y",
    "- x",
    "? x",
    "!!python/object",
    "!tag x",
    "&a x",
    "*a",
    "%YAML 1.2",
    "---",
    "...",
    "|",
    ">",
    "@x",
    "~",
    "null",
    "true",
    "no",
    "on",
    "1e3",
    "0x1F",
    "0123",
    "1_000",
    "1:30",
    "2001-01-01",
    ".inf",
    "<<",
    "=",
    "{}",
    "[]",
    "{a: b}",
    "",
    " ",
    " x",
    "x ",
    "${{ secrets.TOKEN }}",
    "${{",
    "}}",
    "{{ 7*7 }}",
    "{{- .Values.x }}",
    "<{ name }>",
    "<% for x in y %>",
    "<# x #>",
    "[[ x ]]",
    "$HOME",
    "${HOME}",
    "$(id)",
    "$$",
    "`id`",
    "; id",
    "&& id",
    "| id",
    "> /etc/passwd",
    "!x",
    "x\\",
    "x\\\nRUN id",
    "a b",
    "--flag",
    "-x",
    "../../etc/passwd",
    "/etc/passwd",
    "${var.x}",
    "%{ if true }",
    "$${x}",
    "\"\n}\nresource \"x\" \"y\" {}",
    "<<EOT",
    "*/",
    "//",
    "#!x",
    "# x",
    "<!-- x -->",
    "<script>x</script>",
    "<b>",
    "](http://x)",
    "[x](y)",
    "![x](y)",
    "| a | b |",
    "```",
    "``",
    "# Title",
    "* x",
    "1. x",
    "***",
    "___x___",
    "~~x~~",
    "@team",
    "#1",
    "\\n",
    "%0A",
    "::set-output name=x::y",
    "##[add-mask]x",
    "::add-mask::x",
    "%%{init: {}}%%",
    "x\nADD http://x /",
    "\"]\nRUN id",
    "'''",
    "\"\"\"",
    "\\x00",
    "\\u0000",
    "{}{}",
    "%s",
    "{0}",
    "a\u{301}",
    "é",
    "日本",
    "🙂",
    "very-long-very-long-very-long-very-long-very-long-very-long-very-long-very-long-very-long-very-long",
];

/// Dotted places of every text, in a spec that has all of them.
fn places(object: &'static Object, prefix: &str, out: &mut Vec<String>) {
    for field in object.fields {
        let place = format!("{prefix}{}", field.name);
        match &field.shape {
            Shape::Text(_) | Shape::Choice(_) => out.push(place),
            Shape::Object(object) | Shape::Switch(object) => {
                places(object, &format!("{place}."), out)
            }
            _ => {}
        }
    }
}

/// Settings that put `text` into one field: those of the table, and one into each map and list.
fn settings(text: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    places(&table::SPEC, "", &mut fields);
    let quoted = serde_json::to_string(text).expect("text");
    let mut out: Vec<(String, String)> = fields
        .into_iter()
        .map(|field| (field.clone(), format!("{field}={quoted}")))
        .collect();
    for (field, setting) in [
        ("app.env value", format!("app.env={{GREETING: {quoted}}}")),
        ("app.env name", format!("app.env={{{quoted}: hello}}")),
        (
            "app.secrets name",
            format!("app.secrets={{{quoted}: {{secret: web, key: token}}}}"),
        ),
        (
            "app.secrets secret",
            format!("app.secrets={{TOKEN: {{secret: {quoted}, key: token}}}}"),
        ),
        (
            "app.secrets key",
            format!("app.secrets={{TOKEN: {{secret: web, key: {quoted}}}}}"),
        ),
        (
            "records name",
            format!("azure.dns.records={{{quoted}: {{type: TXT, value: words}}}}"),
        ),
        (
            "records value",
            format!("azure.dns.records={{txt: {{type: TXT, value: {quoted}}}}}"),
        ),
        ("notify", format!("github.notify=[{quoted}]")),
        (
            "egress",
            format!("kubernetes.egress=[{{cidr: {quoted}, port: 5432}}]"),
        ),
        ("environments", format!("environments={{{quoted}: {{}}}}")),
    ] {
        out.push((field.to_owned(), setting));
    }
    out
}

fn render(extra: &str) -> Result<Plan, Vec<String>> {
    let mut settings: Vec<String> = FULL.iter().map(|&setting| setting.to_owned()).collect();
    if !extra.is_empty() {
        settings.push(extra.to_owned());
    }
    crate::reference::plan_with(&source(REFERENCE), &settings).map_err(|diagnostics| {
        let errors: Vec<_> = diagnostics
            .iter()
            .filter(|d| d.level == Level::Error)
            .collect();
        assert!(
            !errors.is_empty() && errors.len() <= 5,
            "{extra:?}: {errors:#?}"
        );
        for error in &errors {
            assert!(error.primary.is_some(), "{extra:?}: not located: {error:?}");
            assert_ne!(
                error.id, "template-error",
                "{extra:?} was accepted and cannot be rendered: {error:?}"
            );
        }
        errors.iter().map(|error| error.message.clone()).collect()
    })
}

fn skeleton_of(path: &str, artifact: &Artifact) -> String {
    let text = std::str::from_utf8(&artifact.bytes).expect("UTF-8");
    skeleton(path, text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"))
}

#[test]
fn no_value_changes_the_structure_of_any_output() {
    let harmless = render("").expect("the full spec is valid");
    let (accepted, refused) = HOSTILE
        .par_iter()
        .flat_map_iter(|text| {
            settings(text)
                .into_iter()
                .map(move |(field, setting)| (*text, field, setting))
        })
        .map(|(text, field, setting)| match render(&setting) {
            Err(_) => (0, 1),
            Ok(plan) => {
                unchanged(text, &field, &plan, &harmless);
                (1, 0)
            }
        })
        .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    eprintln!(
        "hostile values: {accepted} accepted and harmless, {refused} refused with a located error"
    );
    assert!(accepted > 100 && refused > 1000, "{accepted} {refused}");
}

fn unchanged(text: &str, field: &str, plan: &Plan, harmless: &Plan) {
    // What becomes a path or a key of its own was checked to be plain when it was accepted.
    const NAMES: [&str; 8] = [
        "name",
        "app.source",
        "out",
        "blueprint",
        "environments",
        "app.env name",
        "app.secrets name",
        "records name",
    ];
    if NAMES.contains(&field) {
        return;
    }
    for (path, artifact) in plan.artifacts() {
        let path = path.as_str();
        let before = harmless.artifacts().get(path);
        if before.is_some_and(|before| before.bytes == artifact.bytes) {
            continue;
        }
        let found = skeleton_of(path, artifact);
        let expected = before.map_or_else(String::new, |before| skeleton_of(path, before));
        assert!(
            expected == found,
            "{field} = {text:?} changes {path}:\n{}",
            diffy::create_patch(&expected, &found)
        );
    }
}

#[test]
fn a_naive_renderer_is_caught() {
    // The comparison is only worth something if pasted values fail it.
    for (path, template, hostile) in [
        ("a.yaml", "a: VALUE\nb: 1\n", "x\nc: 2"),
        ("a.yaml", "a: VALUE\n", "{}"),
        ("a.yaml", "a: \"VALUE\"\n", "\"\nb: \""),
        (".github/workflows/a.yml", "a: VALUE\n", "${{ secrets.X }}"),
        ("a.tfvars", "a = \"VALUE\"\n", "${var.x}"),
        ("a.tfvars", "a = \"VALUE\"\n", "\"\nb = \""),
        ("a.json", "{\"a\": \"VALUE\"}", "\", \"b\": \""),
        ("Dockerfile", "FROM a\nENV A=VALUE\n", "x\nRUN id"),
        ("Dockerfile", "FROM a\nENV A=VALUE\n", "x B=y"),
        ("a.py", "a = \"VALUE\"\n", "\"; import os #"),
        ("a.md", "text VALUE\n", "<script>x</script>"),
        ("a.md", "text VALUE\n", "[x](y)"),
        ("a.md", "text\n\nVALUE\n", "# Title"),
    ] {
        let harmless = skeleton(path, &template.replace("VALUE", "words")).expect("parses");
        let found = skeleton(path, &template.replace("VALUE", hostile));
        assert!(
            found.as_deref() != Ok(harmless.as_str()),
            "{path} {hostile:?} went unseen"
        );
    }
}

#[test]
fn nothing_is_rendered_twice() {
    let plan = render("image.description=\"{{ 7*7 }} <{ 7*7 }> ${{ 7*7 }} #{7*7} $((7*7))\"")
        .expect("valid");
    for (path, artifact) in plan.artifacts() {
        let text = String::from_utf8_lossy(&artifact.bytes);
        assert!(!text.contains("49 ") || !text.contains("7*7"), "{path}");
        if let Some(at) = text.find("7*7") {
            let around: String = text[at.saturating_sub(20)..].chars().take(40).collect();
            assert!(!around.contains("49"), "{path}: {around}");
        }
    }
}
