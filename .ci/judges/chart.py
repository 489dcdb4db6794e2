"""Judges of the Helm chart and of the objects it becomes."""

import hashlib

from .case import CACHE, KUBERNETES, digest, remembered

# Kinds that the chart uses when a cluster knows them.
API_VERSIONS = ("gateway.networking.k8s.io/v1", "monitoring.coreos.com/v1")
LOCATION = str(CACHE / "schemas" / "{{ .Group }}" / "{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json")


def charts(tree):
    return [path.parent for path in tree.files("**/Chart.yaml")]


def variants(tree, chart):
    """The base values, and each environment's on top: (name, helm arguments)."""
    yield "base", []
    for path in tree.files(f"{chart}/values-*.yaml"):
        yield path.stem.removeprefix("values-"), ["--values", str(path)]


def lint(case):
    for chart in charts(case.tree):
        remembered(case, "helm-lint", key(case, chart), lambda chart=chart: linted(case, chart))
    for path, message in manifests(case)[1]:
        case.report(path, 0, message)


def linted(case, chart):
    for name, values in variants(case.tree, chart):
        case.saw()
        done = case.run("helm", "lint", "--strict", "--quiet", "--kube-version", KUBERNETES, chart, *values)
        if done.returncode != 0 or "WARNING" in done.stdout + done.stderr:
            case.report(chart, 0, f"{name}: {done.stdout}{done.stderr}")


def key(case, chart):
    return f"{chart} {digest(case, f'{chart}/**/*')}"


def manifests(case):
    """Every chart rendered with every set of values: ([(chart, name, text)], [(chart, complaint)])."""
    return case.tree.once("manifests", lambda: template(case))


def template(case):
    texts, complaints = [], []
    for chart in charts(case.tree):
        more, complained = remembered(case, "helm-template", key(case, chart), lambda chart=chart: become(case, chart))
        texts += more
        complaints += complained
    return texts, complaints


# Helm's own default, so that equal charts become equal objects whatever tree they lie in.
RELEASE = "release-name"


def become(case, chart):
    """What one chart becomes with every set of values."""
    texts, complaints = [], []
    options = ["--namespace", "default", "--kube-version", KUBERNETES]
    for version in API_VERSIONS:
        options += ["--api-versions", version]
    for name, values in variants(case.tree, chart):
        done = case.run("helm", "template", RELEASE, chart, *options, *values)
        if done.returncode != 0:
            complaints.append((chart, f"helm template, {name}: {done.stderr}"))
        else:
            texts.append((chart, name, done.stdout))
    return texts, complaints


def objects(case):
    """Everything that a cluster would be given: (label, YAML text)."""
    for chart, name, text in manifests(case)[0]:
        yield f"{chart} ({name})", text
    for path in case.tree.files("argocd/**/*.yaml", "gitops/**/*.yaml"):
        yield str(path), (case.tree.root / path).read_text()
    # Together, as they are applied: a Deployment is judged with the NetworkPolicy that covers it.
    for folder in sorted({path.parent for path in case.tree.files("manifests/**/*.yaml", "drift-check/**/*.yaml")}):
        texts = [(case.tree.root / path).read_text() for path in case.tree.files(f"{folder}/*.yaml")]
        yield str(folder), "---\n".join(texts)


def each_text(case, judge, work):
    """`work` on everything that a cluster would be given, the same text once."""
    for label, text in objects(case):
        if text.strip():
            sha = hashlib.sha256(text.encode()).hexdigest()
            remembered(case, judge, f"{label} {sha}", lambda label=label, text=text: work(case, label, text))


def kubeconform(case):
    each_text(case, "kubeconform", conforms)


def conforms(case, label, text):
    before = len(case.diagnostics)
    done = case.run(
        "kubeconform", "-strict", "-output", "json", "-verbose", "-schema-location", LOCATION, "-", stdin=text
    )
    resources = [found for found in case.json(done)["resources"] if found["kind"]]
    case.saw(len(resources))
    for found in resources:
        if found["status"] != "statusValid":
            # Its list of errors names no field where the fault lies deeper; its message does.
            message = found["msg"].rpartition("json#'")[2] or found["msg"]
            case.report(label, 0, f"{found['kind']}/{found['name']}: {message}")
    case.expect_silence(done, label, before)


# Beside kube-score's own selection. What does not hold for an object is ignored in its annotation
# `kube-score/ignore`, with the reason beside it in the template.
OPTIONAL = ("container-seccomp-profile", "container-ports-check")


def kube_score(case):
    each_text(case, "kube-score", scored)


def scored(case, label, text):
    if "argoproj.io" in text:
        return  # kinds that it has no check for
    before = len(case.diagnostics)
    done = case.run(
        "kube-score",
        "score",
        "--kubernetes-version",
        f"v{KUBERNETES.rsplit('.', 1)[0]}",
        "--output-format",
        "json",
        *(word for check in OPTIONAL for word in ("--enable-optional-test", check)),
        "-",
        stdin=text,
    )
    results = case.json(done) or []
    case.saw(len(results))
    for found in results:
        for check in found["checks"] or []:
            # Grades: 1 critical, 5 warning, 7 almost ok, 10 ok.
            if check["skipped"] or check["grade"] >= 7:
                continue
            name = f"{found['type_meta']['kind']}/{found['object_meta']['name']}"
            for comment in check["comments"] or [{"path": "", "summary": check["check"]["name"]}]:
                case.report(label, 0, f"{name} {check['check']['id']}: {comment['path']} {comment['summary']}")
    case.expect_silence(done, label, before)
