//! One fault each, put into the reference spec: one error, at the fault, with a way out.

use delivery::diagnostic::{Diagnostic, Level};

use crate::reference::{REFERENCE, load};

/// Kind of error, what to replace in the reference, with what, and how the labelled text begins.
type Case = (&'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("unknown-field", "version: 1", "version: 1\nnmae: x", "nmae"),
    ("wrong-type", "{ python: \"3.12\", module: run:app, port: 5000 }", "5", "5"),
    ("unknown-choice", "version: 1", "version: 2", "2"),
    ("unknown-choice", "version: 1", "version: latest", "latest"),
    ("missing-field", "version: 1\n", "", "name: flask-application"),
    ("missing-field", "name: flask-application\n", "", "version: 1"),
    ("missing-field", "blueprint: flask-aks\n", "", "version: 1"),
    ("invalid-value", "name: flask-application", "name: Flask", "Flask"),
    ("invalid-value", "name: flask-application", "name: 1flask", "1flask"),
    ("invalid-value", "name: flask-application", "name: flask_app", "flask_"),
    ("invalid-value", "name: flask-application", "name: a-very-long-name-that-goes-on-and-on-and-on-for-sixty-letters", "a-very"),
    ("invalid-value", "name: flask-application", "name: \"flask\\napp\"", "\"flask"),
    ("invalid-value", "name: flask-application", "name: '{{ x }}'", "'{{ x "),
    ("invalid-value", "name: flask-application", "name: '${{ x }}'", "'${{ x"),
    ("wrong-type", "name: flask-application", "name: [a]", "[a]"),
    ("wrong-type", "name: flask-application", "name: {a: b}", "{a: b}"),
    ("wrong-type", "name: flask-application", "name: ~", "~"),
    ("unknown-choice", "python: \"3.12\"", "python: \"3.9\"", "\"3.9\""),
    ("unknown-choice", "python: \"3.12\"", "python: 2.7", "2.7"),
    ("unknown-choice", "python: \"3.12\"", "python: \"3.12.1\"", "\"3.12.1\""),
    ("invalid-value", "blueprint: flask-aks", "blueprint: flask-aks\nowned: [../x]", "../x"),
    ("invalid-value", "module: run:app", "module: run", "run"),
    ("invalid-value", "module: run:app", "module: run:app, source: ../app", "../app"),
    ("conflicting-fields", "module: run:app", "module: run:app, source: chart/app", "chart/app"),
    ("invalid-value", "module: run:app", "module: \"run:app()\"", "\"run:app()\""),
    ("invalid-value", "module: run:app", "module: \"run:app; rm -rf /\"", "\"run:app; rm -rf /\""),
    ("missing-field", "ingress: { host: flask-test.duckdns.org, path: /flask-app }", "ingress: true", "true"),
    ("missing-field", "replicas: 2", "replicas: 2\n  drift_check: true", "true"),
    ("invalid-value", "replicas: 2", "replicas: 2\n  drift_check: { image: registry.example.com/gen:latest }", "registry.example.com/gen:latest"),
    ("invalid-value", "replicas: 2", "replicas: 2\n  drift_check: { image: registry.example.com/gen:1, schedule: 61 * * * * }", "61 * * * *"),
    ("invalid-value", "replicas: 2", "replicas: 2\n  drift_check: { image: registry.example.com/gen:1, repository: \"https://x.example.com/a?b\" }", "\"https://x.example.com/a?b\""),
    ("out-of-range", "port: 5000", "port: 80", "80"),
    ("out-of-range", "port: 5000", "port: 65536", "65536"),
    ("out-of-range", "port: 5000", "port: 99999999999999999999", "99999999999999999999"),
    ("out-of-range", "port: 5000", "port: -1", "-1"),
    ("wrong-type", "port: 5000", "port: \"5000\"", "\"5000\""),
    ("wrong-type", "port: 5000", "port: 5e3", "5e3"),
    ("wrong-type", "port: 5000", "port: 0x1388", "0x1388"),
    ("wrong-type", "port: 5000", "port: 05000", "05000"),
    ("wrong-type", "port: 5000", "port: 5_000", "5_000"),
    ("wrong-type", "port: 5000", "port: 5000.0", "5000.0"),
    ("wrong-type", "port: 5000", "port: http", "http"),
    ("wrong-type", "port: 5000", "port: [5000]", "[5000]"),
    ("unknown-field", "port: 5000", "prot: 5000", "prot"),
    ("unknown-field", "port: 5000", "port: 5000, Port: 5001", "Port"),
    ("duplicate-key", "port: 5000", "port: 5000, port: 5001", "port"),
    ("out-of-range", "port: 5000", "port: 5000, workers: 0", "0"),
    ("out-of-range", "port: 5000", "port: 5000, threads: 1000", "1000"),
    ("invalid-value", "port: 5000", "port: 5000, health: { liveness: livez }", "livez"),
    ("invalid-value", "port: 5000", "port: 5000, health: { liveness: \"/a b\" }", "\"/a b\""),
    ("unknown-field", "port: 5000", "port: 5000, health: { lifeness: /livez }", "lifeness"),
    ("invalid-value", "port: 5000", "port: 5000, source: ../app", "../app"),
    ("invalid-value", "port: 5000", "port: 5000, source: /app", "/app"),
    ("invalid-value", "port: 5000", "port: 5000, source: .git/x", ".git/x"),
    ("invalid-name", "port: 5000", "port: 5000, env: { 1X: a }", "1X"),
    ("invalid-name", "port: 5000", "port: 5000, env: { \"A=B\": a }", "\"A=B\""),
    ("wrong-type", "port: 5000", "port: 5000, env: { X: [a] }", "[a]"),
    ("wrong-type", "port: 5000", "port: 5000, env: [X]", "[X]"),
    ("committed-secret", "port: 5000", "port: 5000, env: { DB_PASSWORD: hunter2 }", "hunter2"),
    ("committed-secret", "port: 5000", "port: 5000, env: { GH: ghp_0123456789abcdef }", "ghp_"),
    ("committed-secret", "port: 5000", "port: 5000, env: { URL: \"postgres://u:p@host/db\" }", "\"postgres"),
    ("committed-secret", "port: 5000", "port: 5000, env: { K: AKIAIOSFODNN7EXAMPLE }", "AKIA"),
    ("committed-secret", "port: 5000", "port: 5000, env: { API_TOKEN: \"${X}\" }", "\"${X}\""),
    ("missing-field", "port: 5000", "port: 5000, secrets: { X: { secret: a } }", "{ secret: a }"),
    ("invalid-value", "port: 5000", "port: 5000, secrets: { X: { secret: A_b, key: k } }", "A_b"),
    ("invalid-value", "port: 5000", "port: 5000, secrets: { X: { secret: a, key: \"a/b\" } }", "\"a/b\""),
    ("conflicting-fields", "port: 5000", "port: 5000, env: { X: a }, secrets: { X: { secret: a, key: k } }", "a"),
    ("conflicting-fields", "port: 5000", "port: 5000, metrics: { port: 5000 }", "5000"),
    ("out-of-range", "replicas: 2", "replicas: 0", "0"),
    ("wrong-type", "replicas: 2", "replicas: two", "two"),
    ("wrong-type", "replicas: 2", "replicas: yes", "yes"),
    ("unknown-field", "replicas: 2", "replica: 2", "replica"),
    ("unknown-choice", "replicas: 2", "replicas: 2\n  version: \"1.20\"", "\"1.20\""),
    ("invalid-value", "replicas: 2", "replicas: 2\n  namespace: My_NS", "My_NS"),
    ("wrong-type", "replicas: 2", "replicas: 2\n  network_policy: \"true\"", "\"true\""),
    ("wrong-type", "replicas: 2", "replicas: 2\n  network_policy: on", "on"),
    ("wrong-type", "replicas: 2", "replicas: 2\n  autoscaling: 5", "5"),
    ("autoscaling-range", "replicas: 2", "replicas: 2\n  autoscaling: { min: 6, max: 3 }", "6"),
    ("out-of-range", "replicas: 2", "replicas: 2\n  autoscaling: { cpu: 0 }", "0"),
    ("conflicting-fields", "replicas: 2", "replicas: 2\n  egress: [{ port: 5432 }]", "{ port"),
    ("missing-field", "replicas: 2", "replicas: 2\n  egress: [{ cidr: 10.0.0.0/8 }]", "{ cidr"),
    ("invalid-value", "replicas: 2", "replicas: 2\n  egress: [{ cidr: 10.0.0.0, port: 1 }]", "10.0.0.0"),
    ("invalid-value", "cpu: 100m", "cpu: 100 m", "100 m"),
    ("invalid-value", "cpu: 100m", "cpu: \"0\"", "\"0\""),
    ("invalid-value", "cpu: 100m", "cpu: 1.5m", "1.5m"),
    ("invalid-value", "memory: 128Mi", "memory: 128MB", "128MB"),
    ("invalid-value", "memory: 128Mi", "memory: 128m", "128m"),
    ("invalid-value", "memory: 128Mi", "memory: 128", "128"),
    ("request-above-limit", "memory: 128Mi", "memory: 1Gi", "1Gi"),
    ("request-above-limit", "cpu: 100m", "cpu: \"2\"", "\"2\""),
    ("invalid-value", "host: flask-test.duckdns.org", "host: localhost", "local"),
    ("invalid-value", "host: flask-test.duckdns.org", "host: \"*.example.com\"", "\"*.ex"),
    ("invalid-value", "host: flask-test.duckdns.org", "host: \"https://example.com\"", "\"http"),
    ("invalid-value", "host: flask-test.duckdns.org", "host: Example.com", "Examp"),
    ("missing-field", "host: flask-test.duckdns.org, path: /flask-app", "path: /flask-app", "{ path"),
    ("invalid-value", "path: /flask-app", "path: flask-app", "flask-app"),
    ("invalid-value", "path: /flask-app", "path: /flask-app/", "/flask-app/"),
    ("invalid-value", "path: /flask-app", "path: \"/flask-app/(.*)\"", "\"/flask-app/(.*)\""),
    ("invalid-value", "path: /flask-app", "path: /a/../b", "/a/../b"),
    ("unknown-choice", "path: /flask-app", "path: /flask-app, controller: nginx", "nginx"),
    ("invalid-value", "location: westeurope", "location: West Europe", "West Europe"),
    ("missing-field", "  location: westeurope\n", "", "acr:"),
    ("invalid-value", "name: flaskapplication", "name: flask-application", "flask-application"),
    ("invalid-value", "name: flaskapplication", "name: abc", "abc"),
    ("invalid-value", "name: flaskapplication", "name: FlaskApplication", "FlaskApplication"),
    ("missing-field", "acr: { name: flaskapplication }", "acr: {}", "{}"),
    ("unknown-choice", "name: flaskapplication", "name: flaskapplication, sku: standard", "standard"),
    ("invalid-value", "vm_size: Standard_B2s", "vm_size: B2s", "B2s"),
    ("unsupported-disk", "disk_size_gb: 30", "disk_size_gb: 30, disk_type: Ephemeral", "Ephemeral"),
    ("node-count-range", "node_count: 1", "node_count: 3", "3"),
    ("node-count-range", "node_count: 1", "node_count: 2, min_count: 3", "3"),
    ("out-of-range", "disk_size_gb: 30", "disk_size_gb: 10", "10"),
    ("out-of-range", "max_count: 3", "max_count: 3000", "3000"),
    ("invalid-value", "disk_size_gb: 30", "disk_size_gb: 30, admin_groups: [me]", "me"),
    ("invalid-value", "[203.0.113.0/24]", "[1.2.3.4]", "1.2.3.4"),
    ("wrong-type", "[203.0.113.0/24]", "1.2.3.4/32", "1.2.3.4/32"),
    ("invalid-value", "zone: example.com", "zone: example", "example"),
    ("unknown-choice", "type: CNAME", "type: MX", "MX"),
    ("out-of-range", "ttl: 300", "ttl: 5", "5"),
    ("invalid-record", "type: CNAME", "type: A", "flask-test"),
    ("invalid-record", "flask: { type: CNAME", "\"@\": { type: CNAME", "CNAME"),
    ("invalid-name", "flask: { type: CNAME", "\"a b\": { type: CNAME", "\"a b\""),
    ("subnet-outside-network", "location: westeurope", "location: westeurope\n  vnet: { address_space: 10.0.0.0/16, subnet: 10.1.0.0/24 }", "10.1.0.0/24"),
    ("invalid-value", "repository: example/flask-application", "repository: flask-application", "flask"),
    ("invalid-value", "repository: example/flask-application", "repository: \"example/*\"", "\"exam"),
    ("invalid-value", "repository: example/flask-application", "repository: https://github.com/example/x", "https"),
    ("invalid-value", "branch: main", "branch: \"*\"", "\"*\""),
    ("invalid-value", "branch: main", "branch: refs//heads", "ref"),
    ("invalid-value", "branch: main", "branch: \"${{ github.ref }}\"", "\"${"),
    ("unknown-choice", "deploy: argocd", "deploy: argo", "argo"),
    ("missing-field", "branch: main", "branch: main\n  owner_id: 5", "5"),
    ("conflicting-fields", "branch: main", "branch: main\n  chart_repository: example/flask-application", "example/flask"),
    ("invalid-value", "team@example.com", "team", "team"),
    ("invalid-value", "team@example.com", "\"a@example.com\\nBcc: b@example.com\"", "\"a@e"),
    ("wrong-type", "[team@example.com]", "team@example.com", "team@"),
    ("fixed-field", "version: 1", "version: 1\nenvironments: { dev: { app: { port: 5001 } } }", "port"),
    ("fixed-field", "version: 1", "version: 1\nenvironments: { dev: { github: {} } }", "github"),
    ("unknown-field", "version: 1", "version: 1\nenvironments: { dev: { kubernets: {} } }", "kubernets"),
    ("out-of-range", "version: 1", "version: 1\nenvironments: { dev: { kubernetes: { replicas: 0 } } }", "0"),
    ("invalid-name", "version: 1", "version: 1\nenvironments: { Dev: {} }", "Dev"),
    ("wrong-type", "version: 1", "version: 1\nenvironments: [dev]", "[dev]"),
    ("promotion-order", "version: 1", "version: 1\npromotion: [dev]", "[dev]"),
    ("conflicting-fields", "app: {", "image: { registry: docker.io/example }\napp: {", "docker.io/example"),
    ("invalid-value", "app: {", "image: { registry: example }\napp: {", "example"),
    ("invalid-value", "github:", "aws: { region: europe }\ngithub:", "europe"),
    ("invalid-value", "github:", "aws: { region: eu-west-1, vpc: { cidr: 10.30.1.0/16 } }\ngithub:", "10.30.1.0/16"),
    ("missing-field", "github:", "aws: { region: eu-west-1, ecs: true }\ngithub:", "true"),
    ("missing-field", "github:", "aws: { region: eu-west-1, ecs: { https: { host: a.example.org } } }\ngithub:", "{ host"),
    ("host-outside-zone", "github:", "aws: { region: eu-west-1, dns: { zone: example.net }, ecs: { https: { host: a.example.org } } }\ngithub:", "a.example.org"),
    ("conflicting-fields", "github:", "aws: { region: eu-west-1, dns: { zone: example.org }, ecs: { https: { host: example.org }, http: development } }\ngithub:", "development"),
    ("unknown-choice", "github:", "aws: { region: eu-west-1, ecs: { http: true } }\ngithub:", "true"),
    ("fargate-size", "github:", "aws: { region: eu-west-1, ecs: { http: development, cpu: 300 } }\ngithub:", "300"),
    ("fargate-size", "github:", "aws: { region: eu-west-1, ecs: { http: development, memory: 1536 } }\ngithub:", "1536"),
    ("fargate-size", "github:", "aws: { region: eu-west-1, ecs: { http: development, cpu: 1024, memory: 512 } }\ngithub:", "512"),
    ("autoscaling-range", "github:", "aws: { region: eu-west-1, ecs: { http: development, tasks: 9 } }\ngithub:", "9"),
    ("autoscaling-range", "github:", "aws: { region: eu-west-1, ecs: { http: development, autoscaling: { min: 7 } } }\ngithub:", "7"),
    ("invalid-value", "github:", "aws: { region: eu-west-1, ecs: { http: development, log_days: 366 } }\ngithub:", "366"),
    ("unknown-choice", "github:", "minikube: { driver: hyper-v }\ngithub:", "hyper-v"),
    ("single-writer", "kubernetes:\n", "database: {}\nstorage: {}\nkubernetes:\n", "2"),
    ("single-writer", "kubernetes:\n  replicas: 2", "storage: {}\nkubernetes:\n  replicas: 1\n  autoscaling: { max: 3 }", "{ max: 3 }"),
    ("missing-field", "github:", "database: {}\ngithub:", "{}"),
    ("missing-field", "github:", "database: { kind: postgresql }\ngithub:", "{ kind: postgresql }"),
    ("unknown-choice", "github:", "database: { kind: mysql }\ngithub:", "mysql"),
    ("conflicting-fields", "kubernetes:\n  replicas: 2", "storage: {}\ndatabase: { secret: { secret: a, key: b } }\nkubernetes:\n  replicas: 1", "{ secret: a, key: b }"),
    ("conflicting-fields", "port: 5000 }", "port: 5000, env: { DATABASE_URL: x } }\ndatabase: { kind: postgresql, secret: { secret: a, key: b } }", "x"),
    ("missing-field", "github:", "database: { kind: postgresql, secret: { secret: a, key: b }, server: {} }\ngithub:", "{}"),
    ("conflicting-fields", "kubernetes:\n  replicas: 2", "storage: {}\ndatabase: { server: {} }\nkubernetes:\n  replicas: 1", "{}"),
    ("conflicting-fields", "github:", "aws: { region: eu-west-1, eks: {} }\ndatabase: { kind: postgresql, secret: { secret: a, key: b }, server: { size_gb: 200 } }\ngithub:", "200"),
    ("out-of-range", "github:", "database: { kind: postgresql, secret: { secret: a, key: b }, server: { backup_days: 36 } }\ngithub:", "36"),
    ("invalid-value", "github:", "database: { kind: postgresql, secret: { secret: a, key: b }, server: { instance_class: t3.large } }\ngithub:", "t3.large"),
    ("invalid-value", "github:", "storage: { size: 5 }\ngithub:", "5"),
    ("invalid-value", "github:", "storage: { path: data }\ngithub:", "data"),
    ("invalid-value", "github:", "storage: { path: /data/../etc }\ngithub:", "/data"),
    ("invalid-value", "github:", "storage: { snapshots: { keep: 11y } }\ngithub:", "11y"),
    ("unknown-choice", "github:", "storage: { snapshots: { every: 5h } }\ngithub:", "5h"),
    ("missing-field", "github:", "storage: { volume: {} }\ngithub:", "{}"),
    ("out-of-range", "github:", "observability: { alerts: { error_percent: 0 } }\ngithub:", "0"),
    ("out-of-range", "github:", "logging: { nodes: 0 }\ngithub:", "0"),
    ("invalid-value", "port: 5000", "port: 5000, prepare: [\"\"]", "\"\""),
    ("node-count-range", "github:", "aws: { region: eu-west-1, eks: { nodes: 4 } }\ngithub:", "4"),
    ("open-api-server", "github:", "aws: { region: eu-west-1, eks: { public_access_cidrs: [0.0.0.0/0] } }\ngithub:", "[0.0.0.0/0]"),
    ("invalid-value", "github:", "aws: { region: eu-west-1, eks: { instance_type: large } }\ngithub:", "large"),
    ("invalid-value", "github:", "aws: { region: eu-west-1, eks: { admins: [\"arn:aws:s3:::x\"] } }\ngithub:", "\"arn"),
    ("recovery", "github:", "aws: { region: eu-west-1, dns: { zone: a.io }, recovery: { region: eu-west-2 } }\ngithub:", "{ region: eu-west-2 }"),
    ("recovery", "github:", "aws: { region: eu-west-1, dns: { zone: a.io }, eks: {}, recovery: { region: eu-west-1 } }\ngithub:", "eu-west-1"),
    ("recovery", "github:", "aws: { region: eu-west-1, dns: { zone: a.io }, eks: {}, recovery: { region: eu-west-2, cidr: 10.30.0.0/16 } }\ngithub:", "10.30"),
    ("recovery", "github:", "aws: { region: eu-west-1, eks: {}, recovery: { region: eu-west-2 } }\ngithub:", "{ region"),
    ("yaml-tag", "version: 1", "version: 1\nout: !!str x", "x"),
    ("yaml-syntax", "version: 1", "version: 1\nout: [", ""),
];

fn errors(text: &str) -> Vec<Diagnostic> {
    match load(text) {
        Ok(_) => Vec::new(),
        Err(diagnostics) => diagnostics
            .into_iter()
            .filter(|d| d.level == Level::Error)
            .collect(),
    }
}

fn labelled(error: &Diagnostic) -> &str {
    error
        .primary
        .as_ref()
        .map_or("", |label| label.source.slice(label.span))
}

#[test]
fn every_fault_gives_one_error_at_its_place() {
    let mut wrong = Vec::new();
    for (id, find, replace, label) in CASES {
        assert!(REFERENCE.contains(find), "the reference has no {find:?}");
        let errors = errors(&REFERENCE.replacen(find, replace, 1));
        let right = matches!(errors.as_slice(), [error] if error.id == *id && error.primary.is_some() && labelled(error).starts_with(label));
        if !right {
            let found: Vec<_> = errors
                .iter()
                .map(|error| (error.id, &error.message, labelled(error)))
                .collect();
            wrong.push(format!(
                "{find:?} -> {replace:?}: expected one {id} at {label:?}, found {found:?}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        CASES.len(),
        wrong.join("\n")
    );
    assert!(CASES.len() >= 100, "{} cases", CASES.len());
}

#[test]
fn every_error_says_what_was_expected_or_what_to_do() {
    for (id, find, replace, _) in CASES {
        for error in errors(&REFERENCE.replacen(find, replace, 1)) {
            let label = error
                .primary
                .as_ref()
                .map_or("", |label| label.text.as_str());
            let syntax = id.starts_with("yaml-syntax");
            assert!(
                syntax || label.starts_with("expected") || !error.help.is_empty(),
                "no way out: {error:?}"
            );
            assert!(!error.message.ends_with('.'), "{}", error.message);
        }
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let text = REFERENCE
        .replace("port: 5000", "port: 80")
        .replace("replicas: 2", "replica: 2")
        .replace("location: westeurope", "location: West Europe")
        .replace("branch: main", "branch: '*'");
    let ids: Vec<&str> = errors(&text).iter().map(|error| error.id).collect();
    assert_eq!(
        ids,
        [
            "out-of-range",
            "unknown-field",
            "invalid-value",
            "invalid-value"
        ]
    );
}

#[test]
fn an_empty_spec_names_what_is_missing() {
    for text in ["", "\n", "# nothing\n", "{}", "[]", "x"] {
        let errors = errors(text);
        assert!(
            !errors.is_empty() && errors.len() <= 5,
            "{text:?}: {errors:?}"
        );
        assert!(
            errors.iter().all(|error| error.primary.is_some()),
            "{text:?}"
        );
    }
}
