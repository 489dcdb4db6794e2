"""Judges of single files: Dockerfile, workflow, scripts, YAML."""

import json
import os
import subprocess
import tempfile
import threading
from pathlib import Path

from .case import CACHE, CannotJudge, digest, remembered
from .chart import charts, variants
from .terraform import roots


def hadolint(case):
    for path in case.tree.files("**/Dockerfile", "**/*.Dockerfile"):
        case.saw()
        before = len(case.diagnostics)
        done = case.run("hadolint", "--format", "json", path)
        for found in json.loads(done.stdout or "[]"):
            case.report(path, found["line"], f"{found['code']} {found['level']}: {found['message']}")
        case.expect_silence(done, path, before)


def workflows(case):
    return case.tree.files(".github/workflows/*.yml", ".github/workflows/*.yaml")


def actionlint(case):
    for path in workflows(case):
        case.saw()
        before = len(case.diagnostics)
        done = case.run(
            "actionlint", "-no-color", "-shellcheck", "shellcheck", "-pyflakes", "", "-format", "{{json .}}", path
        )
        for found in json.loads(done.stdout or "[]"):
            case.report(path, found["line"], f"{found['kind']}: {found['message']}")
        case.expect_silence(done, path, before)


def zizmor(case):
    """All of .github, with the strictest persona."""
    paths = workflows(case) + case.tree.files(".github/dependabot.y*ml")
    if not paths:
        return
    case.saw(len(paths))
    done = case.run(
        "zizmor", "--offline", "--no-progress", "--no-config", "--persona", "auditor", "--format", "json", *paths
    )
    for found in case.json(done):
        for location in found["locations"]:
            if location["symbolic"]["kind"] == "Primary":
                path = location["symbolic"]["key"]["Local"]["verbatim_path"]
                line = location["concrete"]["location"]["start_point"]["row"] + 1
                case.report(path, line, f"{found['ident']}: {found['desc']} ({location['symbolic']['annotation']})")
    case.expect_silence(done, ".github", 0)


def schemas(case):
    """GitHub's own schemas, and that ours for the values of the chart is one."""
    kinds = [
        (workflows(case), ["--builtin-schema", "vendor.github-workflows"]),
        (case.tree.files(".github/dependabot.y*ml"), ["--builtin-schema", "vendor.dependabot"]),
        (case.tree.files("**/*.schema.json"), ["--check-metaschema"]),
    ]
    for paths, options in kinds:
        if not paths:
            continue
        case.saw(len(paths))
        before = len(case.diagnostics)
        done = case.run("check-jsonschema", "--output-format", "json", *options, *paths)
        if done.returncode != 0 and done.stdout.startswith("{"):
            result = json.loads(done.stdout)
            for found in result["errors"] + result["parse_errors"]:
                if isinstance(found, str):
                    case.report(paths[0].parent, 0, found)
                else:
                    case.report(found["filename"], 0, f"{found['path']}: {found['message']}")
        case.expect_silence(done, paths[0], before)


def shellcheck(case):
    for path in case.tree.files("**/*.sh"):
        case.saw()
        before = len(case.diagnostics)
        done = case.run(
            "shellcheck", "--enable", "all", "--exclude", "SC2250,SC2310,SC2311,SC2312,SC2292", "--format", "json", path
        )
        for found in case.json(done):
            case.report(path, found["line"], f"SC{found['code']} {found['level']}: {found['message']}")
        case.expect_silence(done, path, before)


# Plain manifests are the chart, evaluated, and Helm's toYaml does not indent lists.
YAMLLINT = """
extends: relaxed
rules:
  line-length: disable
  indentation: { spaces: consistent, indent-sequences: whatever }
"""


def yamllint(case):
    """Every YAML file but the charts' templates, which are not YAML yet."""
    paths = [path for path in case.tree.files("**/*.yaml", "**/*.yml") if "templates" not in path.parts]
    case.saw(len(paths))
    if not paths:
        return
    done = case.run("yamllint", "--strict", "--format", "parsable", "--config-data", YAMLLINT, *paths)
    for row in done.stdout.splitlines():
        path, line, _, message = row.split(":", 3)
        case.report(path, line, message.strip())
    case.expect_silence(done, ".", 0)


def spec(case):
    """The spec that the tree was rendered from, against the published schema."""
    repository = case.tree.root.parent.parent
    schema = repository / "schemas" / "spec.schema.json"
    path = repository / "blueprints" / case.tree.name / "spec.yaml"
    if not path.is_file():
        return
    case.saw()
    done = case.run("check-jsonschema", "--schemafile", schema, path)
    if done.returncode != 0:
        case.report(path, 0, done.stdout or done.stderr)


def checkov(case):
    """In parts, each judged once a run: a check that cannot be met is skipped where it applies, with its reason."""
    passed = 0
    for root in roots(case.tree):
        for variables in case.tree.files(f"{root}/*.tfvars"):
            key = digest(case, f"{root}/*.tf", "**/modules/**/*.tf", str(variables))
            frameworks = ["--framework", "terraform", "--framework", "secrets"]
            passed += scanned(case, f"{variables} {key}", root, [*frameworks, "--var-file", variables])
    for chart in charts(case.tree):
        if "modules" in chart.parts:
            continue  # with the modules, below
        for name, values in variants(case.tree, chart):
            key = f"{name} {digest(case, f'{chart}/**/*')}"
            files = [word.replace("--values", "--var-file") for word in values]
            passed += scanned(case, key, chart, ["--framework", "helm", "--framework", "secrets", *files])
    for modules in case.tree.folders("**/modules"):
        passed += scanned(case, digest(case, f"{modules}/**/*"), modules, [])
    # Last the rest. What is said of gen's own files is not read by anybody else.
    apart = ["**/modules/**/*", "**/*.md", "gen.lock", ".gen/**/*"]
    apart += [f"{folder}/**/*" for folder in [*roots(case.tree), *charts(case.tree)]]
    skipped = [word for name in (*roots(case.tree), *charts(case.tree), ".gen") for word in ("--skip-path", name)]
    passed += scanned(case, digest(case, "**/*", without=apart), Path("."), [*skipped, "--skip-path", "modules"])
    case.note(f"{passed} checks passed")
    if passed == 0:
        case.report(".", 0, "checkov judged nothing")


def scanned(case, key, folder, options):
    """How many checks passed in one folder."""
    return remembered(case, "checkov", f"{folder} {key}", lambda: scan(case, folder, options)) or 0


# One server for each worker; a server does one scan at a time.
servers = threading.local()


def served(case, arguments, environment):
    """What checkov says, from a process that has imported it already."""
    if not hasattr(servers, "process"):
        python = CACHE / "venv" / "checkov" / "bin" / "python"
        if not python.exists():
            raise CannotJudge("`checkov` is not installed: run .ci/install")
        servers.process = subprocess.Popen(
            [python, Path(__file__).with_name("checkov_server.py")],
            env={
                **os.environ,
                "LOG_LEVEL": "ERROR",
                "CHECKOV_EXPERIMENTAL_CROSS_VARIABLE_EDGES": "True",
                # checkov names no namespace when it renders a chart, and then finds fault with the default one.
                "HELM_NAMESPACE": "flask-application",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    place = Path(tempfile.mkdtemp(dir=case.scratch))
    job = {
        "folder": str(case.tree.root),
        "arguments": [str(word) for word in arguments],
        "environment": environment,
        "output": str(place / "output"),
        "errors": str(place / "errors"),
    }
    try:
        servers.process.stdin.write(json.dumps(job) + "\n")
        servers.process.stdin.flush()
        code = int(servers.process.stdout.readline())
    except (OSError, ValueError) as error:
        del servers.process
        raise CannotJudge(f"checkov ended: {error}") from None
    output, errors = ((place / name).read_text() for name in ("output", "errors"))
    return subprocess.CompletedProcess(["checkov", *job["arguments"]], code, output, errors)


def scan(case, folder, options):
    before, passed = len(case.diagnostics), 0
    arguments = ["--directory", folder, *options, "--skip-download", "--quiet", "--compact", "--output", "json"]
    done = served(case, arguments, {"HELM_CACHE_HOME": str(case.scratch)})
    results = case.json(done)
    for result in results if isinstance(results, list) else [results]:
        if "results" not in result:
            continue
        passed += result["summary"]["passed"]
        case.saw(result["summary"]["resource_count"])
        for path in result["results"].get("parsing_errors", []):
            case.report(path, 0, f"checkov cannot read it as {result['check_type']}")
        for found in result["results"]["failed_checks"]:
            path = folder / found["file_path"].lstrip("/")
            line = (found.get("file_line_range") or [0])[0]
            case.report(path, line, f"{found['check_id']}: {found['check_name']} ({found['resource']})")
    case.expect_silence(done, folder, before)
    return passed
