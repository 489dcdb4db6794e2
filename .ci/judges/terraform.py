"""Judges of the Terraform modules and roots.

Everything runs in a copy of the tree's `terraform` folder, offline, with the providers that
.ci/install put into a file system mirror.
"""

import json
import re
import shutil
import tempfile
from pathlib import Path

from .case import CACHE, digest, remembered, tail

ENVIRONMENT = {
    "TF_CLI_CONFIG_FILE": str(CACHE / "terraformrc"),
    "TF_IN_AUTOMATION": "1",
    "CHECKPOINT_DISABLE": "1",
    # Any, since nothing is asked of Azure: providers are mocked wherever something is planned.
    "AWS_EC2_METADATA_DISABLED": "true",
    "ARM_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000000",
}
TFLINT = Path(__file__).with_name("tflint.hcl")


def folders(tree):
    """Modules and roots."""
    return sorted({path.parent for path in tree.files("**/*.tf")})


def roots(tree):
    return [folder for folder in folders(tree) if "modules" not in folder.parts]


def fmt(case):
    files = case.tree.files("**/*.tf", "**/*.tfvars", "**/*.tftest.hcl")
    case.saw(len(files))
    if not files:
        return
    done = case.run("terraform", "fmt", "-check", "-recursive", "-list=true", ".", env=ENVIRONMENT)
    for line in done.stdout.splitlines():
        case.report(line, 0, "is not formatted: run `terraform fmt`")
    case.expect_silence(done, ".", 0)


def working_copy(case, terraform="terraform"):
    """A copy of the tree with nothing initialised in it yet."""
    return case.tree.once(f"{terraform} copy", lambda: case.copy(".", into=case.tree.scratch))


# Where a folder of this content was initialised before: (terraform, folder, digest): place.
initialisations = {}


def initialised(case, folder, terraform="terraform"):
    """The folder in the tree's working copy, after `terraform init`; None when that failed."""

    def make():
        place = working_copy(case, terraform) / folder
        key = terraform, folder, digest(case, f"{folder}/*.tf", f"{folder}/**/*.tftest.hcl", "**/modules/**/*.tf")
        if same := initialisations.get(key):
            # Links to the providers and relative paths to the modules: they hold here too.
            shutil.copytree(same / ".terraform", place / ".terraform", symlinks=True)
            shutil.copy(same / ".terraform.lock.hcl", place)
            return place, None
        done = case.run(terraform, "init", "-backend=false", "-input=false", "-no-color", cwd=place, env=ENVIRONMENT)
        if done.returncode != 0:
            return place, tail(done)
        if (place / ".terraform.lock.hcl").exists() and (place / ".terraform").exists():
            initialisations[key] = place
        return place, None

    place, failure = case.tree.once(f"{terraform} init {folder}", make)
    if failure:
        case.report(folder, 0, f"terraform init: {failure}")
        return None
    return place


def report(case, folder, diagnostic):
    span = diagnostic.get("range") or {}
    path = folder / span["filename"] if span else folder
    line = span["start"]["line"] if span else 0
    case.report(path, line, f"{diagnostic['severity']}: {diagnostic['summary']}: {diagnostic.get('detail', '')}")


def validate(case, terraform="terraform"):
    def one(folder):
        case.saw()
        place = initialised(case, folder, terraform)
        if place is None:
            return
        done = case.run(terraform, "validate", "-json", "-no-color", cwd=place, env=ENVIRONMENT)
        # Warnings count: what is deprecated today is gone with the next major version.
        for diagnostic in case.json(done)["diagnostics"]:
            report(case, folder, diagnostic)

    for folder in folders(case.tree):
        # A verdict depends on the modules it calls, and those lie beside it.
        key = digest(case, f"{folder}/*.tf", f"{folder}/**/*.tftest.hcl", "**/modules/**/*.tf")
        remembered(case, terraform, f"{folder} {key}", lambda folder=folder: one(folder))


def validate_newest(case):
    """What users run: the roots ask for 1.11 or newer."""
    validate(case, "terraform-newest")


def messages(done):
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def judge_test(case, folder, done):
    before = len(case.diagnostics)
    for message in messages(done):
        if message["type"] == "diagnostic":
            report(case, folder, message["diagnostic"])
        elif message["type"] == "test_run" and message["test_run"].get("progress") == "complete":
            case.saw()
            if message["test_run"]["status"] not in ("pass", "fail", "error"):
                # Neither passed nor failed: an earlier run of the file went wrong.
                case.report(
                    folder / message["test_run"]["path"],
                    0,
                    f"{message['test_run']['run']}: {message['test_run']['status']}",
                )
    case.expect_silence(done, folder, before)


def test(case):
    """The tests that modules and roots bring along, against mocked providers."""
    for folder in folders(case.tree):
        if not case.tree.files(f"{folder}/*.tftest.hcl", f"{folder}/tests/*.tftest.hcl"):
            case.report(folder, 0, "has no test: add tests/*.tftest.hcl")
            continue
        # terraform.tfvars is read by every command; the other variable files and the backends are not.
        key = digest(
            case,
            f"{folder}/*.tf",
            f"{folder}/terraform.tfvars",
            f"{folder}/tests/**/*",
            f"{folder}/chart/**/*",
            "**/modules/**/*",
        )

        def one(folder=folder):
            place = initialised(case, folder)
            if place is not None:
                judge_test(
                    case, folder, case.run("terraform", "test", "-json", "-no-color", cwd=place, env=ENVIRONMENT)
                )

        remembered(case, "test", f"{folder} {key}", one)


PLAN = "tests/plan_with_the_rendered_values.tftest.hcl"


def plan(case):
    """Every root, planned with each of the rendered variable files and no real provider."""
    for folder in roots(case.tree):
        sources = [f"{folder}/*.tf", f"{folder}/tests/**/*", "**/modules/**/*"]
        if any("path.root" in (case.tree.root / path).read_text() for path in case.tree.files(f"{folder}/*.tf")):
            # It reads what lies beside it: Argo CD's objects.
            sources.append("argocd/**/*")
        for variables in case.tree.files(f"{folder}/*.tfvars"):
            key = digest(case, *sources, str(variables))

            def one(folder=folder, variables=variables):
                planned(case, folder, variables)

            remembered(case, "plan", f"{variables} {key}", one)


def planned(case, folder, variables):
    if initialised(case, folder) is None:
        return
    case.saw()
    # Other judges work in the same copy, and this one changes what it holds.
    place = Path(tempfile.mkdtemp(dir=case.scratch)) / "copy"
    shutil.copytree(working_copy(case), place, symlinks=True)
    place = place / folder
    declared = {
        name
        for path in case.tree.files(f"{folder}/*.tf")
        for name in re.findall(r'(?m)^variable "([^"]+)"', (case.tree.root / path).read_text())
    }
    # `terraform test` says nothing of a variable that nobody declared.
    for number, line in enumerate((case.tree.root / variables).read_text().splitlines(), 1):
        name = re.match(r"\w+(?=\s*=)", line)
        if name and name[0] not in declared:
            case.report(variables, number, f"{folder} declares no variable `{name[0]}`")
    # One at a time: terraform.tfvars would be read beside the others.
    for other in place.glob("*.tfvars"):
        if other.name != variables.name:
            other.unlink()
    (place / "tests").mkdir(exist_ok=True)
    (place / PLAN).write_text(plan_test(place))
    command = ["terraform", "test", "-json", "-no-color", f"-filter={PLAN}", f"-var-file={variables.name}"]
    done = case.run(*command, cwd=place, env=ENVIRONMENT)
    seen = case.seen
    judge_test(case, folder, done)
    if case.seen == seen:
        case.report(variables, 0, f"was not planned: {tail(done)}")
    case.seen = seen


MOCK = re.compile(r"(?ms)^(?:mock_provider|override_data|override_resource|override_module) [^\n]*\{(?:\}$|\n.*?^\}$)")


def plan_test(place):
    """A test that plans the root as it is, with the mocks of the root's own tests."""
    text = "\n\n".join(path.read_text() for path in sorted((place / "tests").glob("*.tftest.hcl"))[:1])
    mocks = MOCK.findall(text)
    for name in re.findall(r'(?m)^provider "[^"]*/([^"/]+)"', (place / ".terraform.lock.hcl").read_text()):
        if f'mock_provider "{name}"' not in text:
            mocks.append(f'mock_provider "{name}" {{}}')
    return "\n\n".join([*mocks, 'run "plan" {\n  command = plan\n}\n'])


def backend(case):
    """Every backend file, up to the point where terraform would sign in."""
    for folder in roots(case.tree):
        for path in case.tree.files(f"{folder}/*backend.hcl"):
            key = digest(case, f"{folder}/*.tf", str(path))
            remembered(case, "backend", f"{path} {key}", lambda folder=folder, path=path: signed_in(case, folder, path))


def signed_in(case, folder, path):
    case.saw()
    copy = Path(tempfile.mkdtemp(dir=case.scratch))
    shutil.copy(case.tree.root / path, copy)
    # Nothing but the backend: modules and providers have judges of their own.
    for source in case.tree.files(f"{folder}/*.tf"):
        if re.search(r'(?m)^\s*backend "', (case.tree.root / source).read_text()):
            shutil.copy(case.tree.root / source, copy)
    done = case.run(
        "terraform",
        "init",
        "-input=false",
        "-no-color",
        f"-backend-config={path.name}",
        cwd=copy,
        env={**ENVIRONMENT, "ARM_USE_CLI": "false", "ARM_USE_MSI": "false", "HOME": str(copy)},
    )
    # It reads the whole configuration first, and then has no credentials.
    if not re.search("(?i)authorizer|no valid credential sources", done.stderr):
        case.report(path, 0, f"terraform init got no further than: {tail(done)}")


def tflint(case):
    for folder in folders(case.tree):

        def one(folder=folder):
            case.saw()
            before = len(case.diagnostics)
            done = case.run(
                "tflint", f"--chdir={folder}", f"--config={TFLINT}", "--format=json", "--call-module-type=none"
            )
            result = case.json(done)
            for found in result["issues"]:
                case.report(
                    found["range"]["filename"],
                    found["range"]["start"]["line"],
                    f"{found['rule']['name']}: {found['message']}",
                )
            for error in result["errors"]:
                case.report(folder, 0, error["message"])
            case.expect_silence(done, folder, before)

        remembered(case, "tflint", f"{folder} {digest(case, f'{folder}/*.tf')}", one)
