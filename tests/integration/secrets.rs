//! No secret is ever repeated: not from the environment, from the files of an account, or from the spec.

use std::fs;
use std::process::{Command, Output, Stdio};

use crate::support::tree::{Shot, Temp, picture, put};

const SPEC: &str = include_str!("../../blueprints/flask-aks/spec.yaml");
/// What clouds, forges and programs keep secrets in.
const VARIABLES: [&str; 40] = [
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "ARM_CLIENT_SECRET",
    "ARM_ACCESS_KEY",
    "ARM_SAS_TOKEN",
    "ARM_OIDC_REQUEST_TOKEN",
    "AZURE_CLIENT_SECRET",
    "AZURE_STORAGE_KEY",
    "AZURE_DEVOPS_EXT_PAT",
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITLAB_TOKEN",
    "CI_JOB_TOKEN",
    "BITBUCKET_TOKEN",
    "CIRCLE_TOKEN",
    "SNYK_TOKEN",
    "SONAR_TOKEN",
    "SENTRY_AUTH_TOKEN",
    "DATABASE_URL",
    "REDIS_URL",
    "PGPASSWORD",
    "MYSQL_PWD",
    "SMTP_PASSWORD",
    "DJANGO_SECRET_KEY",
    "FLASK_SECRET_KEY",
    "JWT_SIGNING_KEY",
    "GOOGLE_CREDENTIALS",
    "GOOGLE_OAUTH_ACCESS_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "CARGO_REGISTRY_TOKEN",
    "NPM_TOKEN",
    "TWINE_PASSWORD",
    "DOCKER_AUTH_CONFIG",
    "TF_TOKEN_app_terraform_io",
    "VAULT_TOKEN",
    "SLACK_WEBHOOK_URL",
    "GEN_TOKEN",
];
const FILES: [(&str, &str); 12] = [
    (
        ".kube/config",
        "{apiVersion: v1, kind: Config, current-context: a, contexts: [{name: a, context: {cluster: a, user: a}}],\n\
         clusters: [{name: a, cluster: {server: \"https://127.0.0.1:1\"}}], users: [{name: a, user: {token: CANARY}}]}\n",
    ),
    (".netrc", "machine github.com login a password CANARY\n"),
    (".git-credentials", "https://a:CANARY@github.com\n"),
    (
        ".aws/credentials",
        "[default]\naws_secret_access_key = CANARY\n",
    ),
    (
        ".config/gh/hosts.yml",
        "github.com:\n  oauth_token: CANARY\n",
    ),
    (
        ".docker/config.json",
        "{\"auths\": {\"ghcr.io\": {\"auth\": \"CANARY\"}}}\n",
    ),
    (".npmrc", "//registry.npmjs.org/:_authToken=CANARY\n"),
    (
        ".pypirc",
        "[pypi]\nusername = __token__\npassword = CANARY\n",
    ),
    (".vault-token", "CANARY\n"),
    (
        ".terraform.d/credentials.tfrc.json",
        "{\"credentials\": {\"app.terraform.io\": {\"token\": \"CANARY\"}}}\n",
    ),
    (
        ".azure/msal_token_cache.json",
        "{\"RefreshToken\": \"CANARY\"}\n",
    ),
    (
        ".ssh/id_ed25519",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nCANARY\n-----END OPENSSH PRIVATE KEY-----\n",
    ),
];
/// What people put into a spec though it does not belong there.
const FIELDS: [&str; 4] = [
    "DB_PASSWORD",
    "API_TOKEN",
    "SECRET_KEY",
    "DATABASE_PASSWORD",
];

/// A text that occurs nowhere by chance.
fn canary(number: usize) -> String {
    format!("s3cr3t/{number:02}+Zq8xV4nB7mK2wT9=")
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    // What is left over at the end depends on what follows, and is not looked for.
    for three in bytes.chunks_exact(3) {
        let number = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        for shift in [18, 12, 6, 0] {
            text.push(char::from(DIGITS[(number >> shift) as usize & 63]));
        }
    }
    text
}

/// How a secret could be written.
fn forms(canary: &str) -> Vec<String> {
    let bytes = canary.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let url: String = bytes
        .iter()
        .map(|byte| match byte.is_ascii_alphanumeric() {
            true => char::from(*byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect();
    let json = canary.replace('/', "\\/");
    let mut forms = vec![canary.to_owned(), hex.to_uppercase(), hex, url, json];
    // Three, because what stands before it may have any length.
    forms.extend((0..3).map(|skip| base64(&bytes[skip..])));
    forms
}

struct Rig {
    home: Temp,
    root: Temp,
    canaries: Vec<String>,
}

impl Rig {
    fn new() -> Self {
        let (home, root) = (Temp::new(), Temp::new());
        let outside = VARIABLES.len() + FILES.len();
        let count = outside + FIELDS.len();
        let canaries: Vec<String> = (0..count).map(canary).collect();
        for (at, (path, text)) in FILES.iter().enumerate() {
            let text = text.replace("CANARY", &canaries[VARIABLES.len() + at]);
            put(home.path(), path, &text);
        }
        fs::create_dir(root.join(".git")).unwrap();
        put(root.path(), "spec.yaml", SPEC);
        let fields = FIELDS.iter().zip(&canaries[outside..]);
        let fields: Vec<String> = fields
            .map(|(name, value)| format!("{name}: \"{value}\""))
            .collect();
        let secret = format!("port: 5000, env: {{ {} }}", fields.join(", "));
        // Whatever else is wrong with the same line is told without them.
        let secret = format!("{secret}, workers: lots");
        let refused = SPEC.replace("port: 5000", &secret);
        assert_ne!(refused, SPEC);
        put(root.path(), "refused.yaml", &refused);
        Self {
            home,
            root,
            canaries,
        }
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.root.path());
        command.env("HOME", self.home.path()).stdin(Stdio::null());
        for (name, canary) in VARIABLES.iter().zip(&self.canaries) {
            command.env(name, canary);
        }
        command.env_remove("KUBECONFIG").output().unwrap()
    }

    /// The canaries that a text repeats, in whatever form.
    fn repeated(&self, text: &str) -> Vec<&str> {
        let is_in = |canary: &&String| forms(canary).iter().any(|form| text.contains(form));
        self.canaries
            .iter()
            .filter(is_in)
            .map(String::as_str)
            .collect()
    }
}

#[test]
fn no_secret_is_repeated_by_any_command_in_any_form() {
    let rig = Rig::new();
    let mut commands: Vec<Vec<&str>> = [
        "render spec.yaml",
        "render spec.yaml --check",
        "render spec.yaml --diff --dry-run --set app.port=8080",
        "render refused.yaml",
        "drift spec.yaml --diff",
        "drift refused.yaml",
        "diff spec.yaml refused.yaml",
        "chart out/flask-aks/chart --values",
        "blueprint list",
        "schema",
        "explain committed-secret",
        "completions bash",
        "render nowhere.yaml",
        "nonsense",
    ]
    .iter()
    .map(|line| line.split(' ').collect())
    .collect();
    for format in ["text", "json", "sarif", "github", "junit", "markdown"] {
        for command in [
            "lint",
            "drift spec.yaml",
            "drift refused.yaml",
            "render refused.yaml --check",
            "drift --cluster spec.yaml",
        ] {
            let words = command.split(' ').chain(["--format", format]);
            commands.push(words.collect());
        }
    }
    let mut runs = 0;
    for command in &commands {
        for more in [None, Some("--verbose"), Some("--quiet")] {
            let arguments: Vec<&str> = command.iter().copied().chain(more).collect();
            let output = rig.run(env!("CARGO_BIN_EXE_gen"), &arguments);
            let code = output.status.code();
            assert!(
                code.is_some_and(|code| code <= 2),
                "{arguments:?}: {code:?}"
            );
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert_eq!(rig.repeated(&said), [""; 0], "{arguments:?}: {said}");
            runs += 1;
        }
    }
    let written = picture(rig.root.path());
    for (path, shot) in &written {
        let Shot::File(text, _) = shot else {
            continue;
        };
        let text = String::from_utf8_lossy(text);
        assert!(
            path == "refused.yaml" || rig.repeated(&text).is_empty(),
            "{path}"
        );
    }
    assert!(written.len() > 100, "little was written: {}", written.len());
    assert!(rig.canaries.len() >= 50);
    println!(
        "S: {} canaries, {runs} runs, none repeated",
        rig.canaries.len()
    );
}

#[test]
fn the_rig_finds_what_a_careless_program_says() {
    let rig = Rig::new();
    let said = |program: &str, arguments: &[&str]| {
        let output = rig.run(program, arguments);
        rig.repeated(&String::from_utf8_lossy(&output.stdout)).len()
    };
    assert_eq!(said("env", &[]), VARIABLES.len());
    assert_eq!(said("cat", &["refused.yaml"]), FIELDS.len());
    for line in [
        "printf %s \"--$GITHUB_TOKEN--\" | base64 -w 0",
        "printf %s \"$GITHUB_TOKEN\" | od -An -v -tx1 | tr -d ' \\n'",
    ] {
        assert_eq!(said("sh", &["-c", line]), 1, "{line}");
    }
}
