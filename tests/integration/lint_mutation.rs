//! The rendered reference is silent; with one end of a seam changed it is not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use delivery::diagnostic::{Diagnostic, Level};

use crate::lint::lint;

/// A file, what stands there, and what stands there instead: in every place where it stands.
type Mutant = (&'static str, &'static str, &'static str);

const DOCKERFILE: &str = "Dockerfile";
const WORKFLOW: &str = ".github/workflows/delivery.yml";
const VALUES: &str = "chart/values.yaml";
const DEPLOYMENT: &str = "chart/templates/deployment.yaml";
const SHARED: &str = "terraform/shared/terraform.tfvars";
const CLUSTER: &str = "terraform/cluster/production.tfvars";

const MUTANTS: &[Mutant] = &[
    ("gunicorn_config.py", "0.0.0.0:5000", "127.0.0.1:5000"),
    ("gunicorn_config.py", "0.0.0.0:5000", "0.0.0.0:8000"),
    ("gunicorn_config.py", "bind = \"0.0.0.0:5000\"", ""),
    ("app/run.py", "\napp = ", "\napplication = "),
    (
        "app/run.py",
        "from netcalc import create_app",
        "from netcalc import make_app",
    ),
    ("app/netcalc/__init__.py", "def create_app", "def make_app"),
    ("app/netcalc/health.py", "\"/readyz\"", "\"/ready\""),
    ("app/netcalc/health.py", "\"/livez\"", "\"/live\""),
    ("app/requirements.txt", "gunicorn==27.0.1\n", ""),
    ("app/requirements.txt", "Flask==3.1.3\n", ""),
    ("app/requirements.txt", "Flask==3.1.3", "Flask==2.1.0"),
    (".dockerignore", "!gunicorn_config.py\n", ""),
    (".dockerignore", "!app/\n", ""),
    (DOCKERFILE, "EXPOSE 5000", "EXPOSE 8080"),
    (DOCKERFILE, "run:app", "main:app"),
    (DOCKERFILE, "run:app", "run:application"),
    (DOCKERFILE, "\"gunicorn_config.py\", ", "\"gunicorn.py\", "),
    (DOCKERFILE, "COPY --chown=10001:10001 app/ ./\n", ""),
    (
        DOCKERFILE,
        "COPY --chown=10001:10001 gunicorn_config.py ./\n",
        "",
    ),
    (
        DOCKERFILE,
        "COPY app/requirements.txt",
        "COPY requirements.txt",
    ),
    (
        DOCKERFILE,
        "PYTHONPATH=/opt/packages",
        "PYTHONPATH=/opt/package",
    ),
    (
        DOCKERFILE,
        "COPY --from=builder /opt/packages /opt/packages\n",
        "",
    ),
    (DOCKERFILE, "--target /opt/packages", "--target /opt/pkgs"),
    (DOCKERFILE, "USER 10001:10001", "USER 10002:10002"),
    (
        DOCKERFILE,
        "\"python\", \"-m\", \"gunicorn\", \"--config\", \"gunicorn_config.py\", \"run:app\"",
        "\"python\", \"run.py\"",
    ),
    (VALUES, "containerPort: 5000", "containerPort: 8080"),
    (VALUES, "port: http", "port: web"),
    (
        VALUES,
        "azurecr.io/flask-application",
        "azurecr.io/flask-app",
    ),
    (
        VALUES,
        "repository: flaskapplication.",
        "repository: flaskapp.",
    ),
    (VALUES, "\nreplicaCount:", "\nreplicaCout:"),
    (VALUES, "path: /livez", "path: /healthz"),
    (VALUES, "path: /readyz", "path: /ready"),
    (VALUES, "runAsUser: 10001", "runAsUser: 1000"),
    (VALUES, "runAsGroup: 10001", "runAsGroup: 1000"),
    (
        VALUES,
        "host: flask-test.duckdns.org",
        "host: flask.duckdns.org",
    ),
    ("chart/values-production.yaml", "{}", "image: {tagg: x}"),
    (DEPLOYMENT, "- name: http\n", "- name: web\n"),
    (
        DEPLOYMENT,
        "include \"web.podLabels\" . | nindent 8",
        "include \"web.testLabels\" . | nindent 8",
    ),
    (
        DEPLOYMENT,
        "serviceAccountName: {{ include \"web.serviceAccountName\" . | quote }}",
        "serviceAccountName: web",
    ),
    (
        DEPLOYMENT,
        "volumes:\n        - name: tmp",
        "volumes:\n        - name: temp",
    ),
    (
        DEPLOYMENT,
        "{{ .Values.containerPort }}",
        "{{ .Values.port }}",
    ),
    (
        "chart/templates/service.yaml",
        "targetPort: http",
        "targetPort: web",
    ),
    (
        "chart/templates/service.yaml",
        "targetPort: http",
        "targetPort: 8000",
    ),
    (
        "chart/templates/service.yaml",
        "web.selectorLabels",
        "web.testLabels",
    ),
    (
        "chart/templates/networkpolicy.yaml",
        "web.selectorLabels",
        "web.testLabels",
    ),
    (
        "chart/templates/pdb.yaml",
        "web.selectorLabels",
        "web.testLabels",
    ),
    (
        "chart/templates/httproute.yaml",
        "{{ $.Values.service.port }}",
        "8080",
    ),
    (
        "chart/templates/httproute.yaml",
        "kind: Service\n          name: {{ include \"web.fullname\" $ | quote }}",
        "kind: Service\n          name: web",
    ),
    (
        WORKFLOW,
        "IMAGE: flaskapplication.azurecr.io/flask-application",
        "IMAGE: flaskapplication.azurecr.io/web",
    ),
    (WORKFLOW, "IMAGE: flaskapplication.", "IMAGE: flaskapp."),
    (
        WORKFLOW,
        "steps.version.outputs.version",
        "steps.version.outputs.tag",
    ),
    (WORKFLOW, "id: version", "id: versions"),
    (
        WORKFLOW,
        "needs.checkout_and_build.outputs.version",
        "needs.checkout_and_build.outputs.ver",
    ),
    (WORKFLOW, "      - checkout_and_build\n", ""),
    (WORKFLOW, "      - checkout_and_build\n", "      - build\n"),
    (WORKFLOW, "env.IMAGE", "env.IMG"),
    (WORKFLOW, "scripts/publish-chart.sh", "scripts/publish.sh"),
    (WORKFLOW, "working-directory: app", "working-directory: src"),
    (WORKFLOW, "context: .", "context: app"),
    (WORKFLOW, "id-token: write", "id-token: read"),
    (WORKFLOW, "      - main\n", "      - master\n"),
    (WORKFLOW, "REGISTRY: flaskapplication", "REGISTRY: flaskapp"),
    (WORKFLOW, "VERSION: ${{ needs", "VERSIO: ${{ needs"),
    (
        WORKFLOW,
        "CHART_REPOSITORY: example/flask-application-chart",
        "CHART_REPOSITORY: example/charts",
    ),
    (
        WORKFLOW,
        "run: az acr login --name \"$REGISTRY\"",
        "run: echo",
    ),
    (
        "argocd/production/application.yaml",
        "flask-application-chart.git",
        "flask-app-chart.git",
    ),
    (
        "argocd/production/application.yaml",
        "project: flask-application",
        "project: flask",
    ),
    (
        "argocd/production/application.yaml",
        "    namespace: flask-application\n",
        "    namespace: flask\n",
    ),
    (
        "argocd/production/project.yaml",
        "      namespace: flask-application\n",
        "      namespace: flask\n",
    ),
    (SHARED, "refs/heads/main", "refs/heads/master"),
    (
        SHARED,
        "repo:example/flask-application:",
        "repo:example/flask-app:",
    ),
    (SHARED, "ref:refs/heads/main", "*"),
    (SHARED, "= \"flaskapplication\"", "= \"flaskapp\""),
    (SHARED, "\nlocation ", "\nregion "),
    (CLUSTER, "node_count      = 1", "node_count      = 5"),
    (CLUSTER, "max_count       = 3", "max_count       = 1"),
    (CLUSTER, "= \"flaskapplication\"", "= \"flaskreg\""),
    (CLUSTER, "\nvm_size ", "\nvmsize "),
    ("terraform/cluster/main.tf", "var.vm_size", "var.vmsize"),
    ("terraform/cluster/main.tf", "  vm_size  ", "  vmsize  "),
    (
        "terraform/cluster/outputs.tf",
        "module.aks.host",
        "module.aks.hostname",
    ),
    (
        "terraform/cluster/access.tf",
        "modules/registry_role",
        "modules/registry_rolle",
    ),
    (
        "terraform/cluster/access.tf",
        "data.azurerm_container_registry.shared.id",
        "data.azurerm_container_registry.main.id",
    ),
    (
        "terraform/shared/github.tf",
        "module.acr.ids",
        "module.acr.id",
    ),
    (
        "terraform/modules/aks/outputs.tf",
        "output \"host\"",
        "output \"hostname\"",
    ),
    (
        "terraform/modules/acr/variables.tf",
        "variable \"acrs\"",
        "variable \"registries\"",
    ),
    (
        "terraform/addons/production.tfvars",
        "flask-test.duckdns.org",
        "flask.duckdns.org",
    ),
];

/// Fewest mutants that must be told, and fewest of them at a line that was changed.
const FLOOR: (usize, usize) = (87, 70);

fn reference() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("out/flask-aks");
    let mut files = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let below = path
                .strip_prefix(&root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if path.is_dir() {
                if below != ".gen" {
                    folders.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(&path) {
                files.insert(below, text);
            }
        }
    }
    files
}

#[test]
fn the_rendered_reference_is_silent() {
    let told = lint(&reference());
    let shown: Vec<String> = told
        .iter()
        .map(|one| format!("{}: {}", one.id, one.message))
        .collect();
    assert!(shown.is_empty(), "{shown:#?}");
}

/// Whether a label stands on a line that the mutant changed.
fn is_located(told: &[&Diagnostic], path: &str, old: &str, new: &str) -> bool {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<String>>();
    let (old, new) = (lines(old), lines(new));
    told.iter().any(|one| {
        one.primary.iter().chain(&one.related).any(|label| {
            let at = label.source.position(label.span.start).line - 1;
            label.source.path() == path && (old.len() != new.len() || old.get(at) != new.get(at))
        })
    })
}

#[test]
fn a_changed_end_of_a_seam_is_told() {
    let files = reference();
    let (mut killed, mut located) = (0, 0);
    let mut survivors = Vec::new();
    for (path, old, new) in MUTANTS {
        let text = &files[*path];
        let changed = text.replace(old, new);
        assert_ne!(*text, changed, "{path}: there is no {old:?}");
        let mut mutated = files.clone();
        mutated.insert((*path).to_owned(), changed.clone());
        let all = lint(&mutated);
        let told: Vec<&Diagnostic> = all
            .iter()
            .filter(|one| one.level >= Level::Warning)
            .collect();
        if told.is_empty() {
            survivors.push(format!("{path}: {old:?} → {new:?}"));
        } else {
            killed += 1;
            located += usize::from(is_located(&told, path, text, &changed));
        }
    }
    let all = MUTANTS.len();
    println!("killed {killed} of {all} mutants, {located} of them at a changed line");
    println!("survived: {survivors:#?}");
    assert!(
        killed >= FLOOR.0 && located >= FLOOR.1,
        "{killed}, {located}: {survivors:#?}"
    );
}
