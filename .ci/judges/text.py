"""Judges of single files: Dockerfile, workflow, scripts, YAML."""

import json

from .case import CACHE


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


YAMLLINT = """
extends: relaxed
rules:
  line-length: disable
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
    """Everything at once; a check that cannot be met is skipped where it applies, with its reason."""
    case.saw(len(case.tree.files("**/*")))
    done = case.run(
        "checkov",
        "--directory",
        case.tree.root,
        "--skip-download",
        "--quiet",
        "--compact",
        "--output",
        "json",
        env={
            "LOG_LEVEL": "ERROR",
            "HELM_CACHE_HOME": str(case.scratch),
            "CHECKOV_EXPERIMENTAL_CROSS_VARIABLE_EDGES": "True",
            # checkov names no namespace when it renders a chart, and then finds fault with the default one.
            "HELM_NAMESPACE": case.tree.name,
        },
    )
    results = case.json(done)
    passed = 0
    for result in results if isinstance(results, list) else [results]:
        if "results" not in result:
            continue
        passed += result["summary"]["passed"]
        for path in result["results"].get("parsing_errors", []):
            case.report(path, 0, f"checkov cannot read it as {result['check_type']}")
        for found in result["results"]["failed_checks"]:
            path = found["file_path"].lstrip("/")
            line = (found.get("file_line_range") or [0])[0]
            case.report(path, line, f"{found['check_id']}: {found['check_name']} ({found['resource']})")
    case.note(f"{passed} checks passed")
    if passed == 0:
        case.report(".", 0, "checkov judged nothing")
    case.expect_silence(done, ".", 0)
