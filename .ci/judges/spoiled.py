"""Proof that the judges can say no: one fault for each, put into a copy of a good tree."""

from typing import NamedTuple


class Fault(NamedTuple):
    judge: str
    path: str  # relative to the tree
    good: str  # what stands there, which must occur
    bad: str  # what is put in its place; with `good` empty, at the end of the file
    says: str  # what the judge must say
    keep: tuple = (".",)  # only these folders are copied, where a judge takes long on a whole tree
    tree: str = ""  # another tree beside the one named, where that has nothing for the judge


WORKFLOW = ".github/workflows/delivery.yml"
ACR = "terraform/modules/acr/main.tf"
ACR_FOLDERS = ("terraform/modules/acr", "terraform/modules/registry_role")

FAULTS = [
    Fault(
        "image",
        "Dockerfile",
        '"--config", "gunicorn_config.py"',
        '"--bind", "127.0.0.1:5000"',
        "127.0.0.2:5000/livez answered 000",
    ),
    Fault(
        "checkov", ACR, "admin_enabled          = false", "admin_enabled          = true", "CKV_AZURE_137", ACR_FOLDERS
    ),
    Fault(
        "terraform-test",
        "terraform/modules/dns/variables.tf",
        "r.ttl <= 86400",
        "r.ttl <= 864000",
        "var.subdomains",
        ("terraform/modules/dns",),
    ),
    Fault(
        "terraform-plan",
        "terraform/shared/terraform.tfvars",
        "",
        "\nunheard_of = true\n",
        "unheard_of",
        ("terraform", "argocd"),
    ),
    Fault("terraform-validate", ACR, "admin_enabled ", "admin_enable ", "Unsupported argument", ACR_FOLDERS),
    Fault("terraform-newest", ACR, "admin_enabled ", "admin_enable ", "Unsupported argument", ACR_FOLDERS),
    Fault("terraform-fmt", ACR, "admin_enabled          =", "admin_enabled =", "not formatted", ACR_FOLDERS),
    Fault(
        "terraform-backend",
        "terraform/shared/backend.hcl",
        "use_azuread_auth",
        "use_entra_auth",
        "use_entra_auth",
        ("terraform/shared",),
    ),
    Fault("tflint", ACR, "", '\nvariable "unused" {}\n', "unused_declarations", ACR_FOLDERS),
    Fault("application", "app/netcalc/health.py", '"/livez"', '"/alive"', "404"),
    Fault("helm-lint", "chart/values.yaml", "replicaCount: ", "replicaCount: several # ", "replicaCount", ("chart",)),
    Fault(
        "kubeconform",
        "chart/templates/service.yaml",
        "targetPort: http\n",
        "targetport: http\n",
        "'targetport' not allowed",
        ("chart",),
    ),
    Fault(
        "kube-score",
        "chart/values.yaml",
        "readOnlyRootFilesystem: true",
        "readOnlyRootFilesystem: false",
        "readonlyrootfilesystem",
        ("chart",),
    ),
    Fault(
        "rules",
        "chart/templates/prometheusrule.yaml",
        'status=~"5.."',
        'status=~"4.."',
        "ServiceErrors",
        ("chart",),
        tree="notejam",
    ),
    Fault(
        "releases",
        "terraform/modules/monitoring/main.tf",
        "url_file =",
        "url_path =",
        "amtool check-config",
        ("terraform/modules/monitoring",),
        tree="notejam",
    ),
    Fault(
        "releases",
        "terraform/modules/logging/main.tf",
        "Suppress_Type_Name ",
        "Supress_Type_Name ",
        "was not seen to read",
        ("terraform/modules/logging",),
        tree="notejam",
    ),
    Fault("hadolint", "Dockerfile", "USER 10001:10001", "USER root", "DL3002"),
    Fault("actionlint", WORKFLOW, "needs.checkout_and_build.", "needs.checkout_and_buid.", "checkout_and_buid"),
    Fault("zizmor", WORKFLOW, "persist-credentials: false", "persist-credentials: true", "artipacked"),
    Fault("json-schema", WORKFLOW, "runs-on:", "run-on:", "run-on"),
    Fault("spec-schema", "../../blueprints/flask-aks/spec.yaml", "replicas:", "replica:", "replica"),
    Fault("shellcheck", "scripts/next-version.sh", 'echo "$version"', "echo $version", "SC2086"),
    Fault("yamllint", "chart/values.yaml", "", "\nreplicaCount: 3\n", "key-duplicates"),
    Fault("next-version", "scripts/next-version.sh", "sort --version-sort", "sort", "expected 0.0.11"),
    Fault("workflow", WORKFLOW, "fetch-depth: 0", "fetch-depth: 1", "the clone is shallow"),
    Fault("diagram", "README.md", "subgraph cluster [AKS", "subgraph cluster AKS]", "cannot be drawn"),
    Fault("runbook", "README.md", "-var-file=production.tfvars", "-var-file=prod.tfvars", "has no prod.tfvars"),
    Fault(
        "runbook",
        "README.md",
        "ResourceType=volume",
        "ResourceTypes=volume",
        'Unknown parameter in TagSpecifications[0]: "ResourceTypes"',
        tree="notejam",
    ),
    Fault(
        "build-and-deploy",
        "build-and-deploy.sh",
        "set -euo pipefail",
        "set -uo pipefail",
        "stops where",
        tree="flask-minikube",
    ),
    Fault("publish-chart", "scripts/publish-chart.sh", 'tag: "$VERSION"', "tag: $VERSION", "as a string"),
]


def spoil(fault, text):
    """The file with the fault in it; None when it does not hold what the fault replaces."""
    if not fault.good:
        return text + fault.bad
    return text.replace(fault.good, fault.bad) if fault.good in text else None
