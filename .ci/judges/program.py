"""Judges that run what was rendered: the scripts and the application."""

import hashlib
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from .case import CACHE, digest, remembered, tail

TOOLS = Path(__file__).parents[1] / "tools"


# --- scripts/next-version.sh -------------------------------------------------------------------

# What is done to a new repository with one commit, and the version that must come out.
VERSIONS = [
    ("no tag", [], "0.0.1"),
    ("a patch number of two digits", ["tag 0.0.2", "tag 0.0.9", "commit"], "0.0.10"),
    ("ten comes after nine", ["tag 0.0.9", "commit", "tag 0.0.10", "commit"], "0.0.11"),
    ("minor and major count more", ["tag 1.2.3", "tag 0.9.99", "commit"], "1.2.4"),
    (
        "pre-releases are no versions",
        ["tag 0.0.4", "tag 0.0.5-rc1", "tag 0.0.7-beta.1", "tag v9.9.9", "tag latest", "commit"],
        "0.0.5",
    ),
    ("a tag on HEAD is used again", ["tag 0.0.4", "commit", "tag 0.0.5"], "0.0.5"),
    ("a pre-release tag on HEAD is not", ["tag 0.0.4", "commit", "tag 0.0.5-rc1"], "0.0.5"),
    ("annotated tags count", ["tag --annotate --message release 0.3.0", "commit"], "0.3.1"),
    ("no octal numbers", ["tag 0.0.08", "tag 0.0.7", "commit"], "0.0.8"),
    ("the highest of two tags on HEAD", ["tag 0.0.9", "tag 0.0.10"], "0.0.10"),
    ("tags of another branch count", ["checkout --quiet -b other", "commit", "tag 2.0.0", "checkout --quiet main"], "2.0.1"),
    ("a detached HEAD, as the pipeline has it", ["tag 0.0.9", "commit", "checkout --quiet --detach"], "0.0.10"),
    ("four numbers are no version", ["tag 1.2.3.4", "tag 1.2", "tag release/3.0.0", "commit"], "0.0.1"),
]


def next_version(case):
    for script in case.tree.files("scripts/next-version.sh"):
        remembered(case, "next-version", digest(case, str(script)), lambda script=script: versioned(case, script))


def versioned(case, script):
    for name, steps, expected in VERSIONS:
        case.saw()
        repository = Path(tempfile.mkdtemp(dir=case.scratch))
        git = [
            "git",
            "-c",
            "user.name=ci",
            "-c",
            "user.email=ci@example.com",
            "-c",
            "commit.gpgsign=false",
            "-c",
            "tag.gpgsign=false",
        ]
        case.must(*git, "init", "--quiet", "--initial-branch=main", cwd=repository)
        for step in ["commit", *steps]:
            words = step.split()
            if words[0] == "commit":
                words += ["--quiet", "--allow-empty", "--message", "change"]
            case.must(*git, *words, cwd=repository)
        done = case.run("bash", case.tree.root / script, cwd=repository)
        if done.returncode != 0 or done.stdout.strip() != expected:
            case.report(script, 0, f"{name}: expected {expected}, printed {done.stdout.strip() or tail(done)!r}")

    # The last of them, cloned as a pipeline does that forgot `fetch-depth: 0`.
    case.saw()
    shallow = Path(tempfile.mkdtemp(dir=case.scratch))
    case.must("git", "clone", "--quiet", "--depth", "1", f"file://{repository}", shallow)
    done = case.run("bash", case.tree.root / script, cwd=shallow)
    if done.returncode == 0 or done.stdout or "shallow" not in done.stderr:
        case.report(script, 0, f"a shallow clone: expected a refusal, printed {done.stdout.strip() or tail(done)!r}")
    case.saw()
    done = case.run("bash", case.tree.root / script, cwd=Path(tempfile.mkdtemp(dir=case.scratch)))
    if done.returncode == 0 or done.stdout:
        case.report(script, 0, f"no repository: expected a failure, printed {done.stdout.strip()!r}")


# --- scripts/publish-chart.sh -------------------------------------------------------------------


def publish_chart(case):
    """Against a bare repository on disk, as the pipeline would against the chart repository."""
    for script in case.tree.files("scripts/publish-chart.sh"):
        # It copies the chart whatever that holds.
        key = digest(case, str(script))
        remembered(case, "publish-chart", key, lambda script=script: published(case, script))


def published(case, script):
    server = Path(tempfile.mkdtemp(dir=case.scratch))
    bare = server / "example" / "chart.git"
    case.must("git", "init", "--quiet", "--bare", "--initial-branch=main", bare)
    environment = {
        "GITHUB_SERVER_URL": f"file://{server}",
        "CHART_REPOSITORY": "example/chart",
        "CHART_TOKEN": "unused",
        "ENVIRONMENT": "production",
        "COMMIT_AUTHOR": "ci",
        "GITHUB_REPOSITORY": "example/app",
        "GITHUB_SHA": "0" * 40,
    }

    def publish(version, name="production"):
        digest = "sha256:" + hashlib.sha256(version.encode()).hexdigest()
        return case.run(
            "bash",
            case.tree.root / script,
            env={**environment, "VERSION": version, "DIGEST": digest, "ENVIRONMENT": name},
        )

    def shown(path):
        return case.run("git", "show", f"main:{path}", cwd=bare)

    def expect(what, holds, done):
        case.saw()
        if not holds:
            case.report(script, 0, f"{what}: {tail(done)}")

    done = publish("0.0.1")
    expect("publishes into an empty repository", done.returncode == 0, done)
    image = shown("production/image-production.yaml")
    expect("writes the version as a string", '"0.0.1"' in image.stdout, image)
    ours = (case.tree.root / "chart" / "Chart.yaml").read_text()
    theirs = shown("production/Chart.yaml")
    expect("copies the chart", theirs.stdout == ours, theirs)
    done = publish("0.0.1", "staging")
    expect(
        "leaves the other environment's version",
        '"0.0.1"' in shown("production/image-production.yaml").stdout,
        done,
    )
    commits = case.must("git", "rev-list", "--count", "main", cwd=bare).stdout
    done = publish("0.0.1")
    again = case.must("git", "rev-list", "--count", "main", cwd=bare).stdout
    expect("writes no second commit for the same version", done.returncode == 0 and commits == again, done)
    done = publish("0.0.2")
    expect("raises the version", '"0.0.2"' in shown("production/image-production.yaml").stdout, done)
    # Somebody else was faster: the server refuses one push and has a commit more.
    hook = bare / "hooks" / "pre-receive"
    hook.write_text(
        "#!/bin/sh\nrm hooks/pre-receive\nunset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\n"
        'git update-ref refs/heads/main "$(git -c user.name=x -c user.email=x@example.com'
        ' commit-tree -p main -m other main^{tree})"\nexit 1\n'
    )
    hook.chmod(0o755)
    done = publish("0.0.3")
    expect("tries again after a refused push", '"0.0.3"' in shown("production/image-production.yaml").stdout, done)
    log = case.must("git", "log", "--format=%s", "main", cwd=bare).stdout.split("\n")
    expect("keeps what came between", log[1] == "other" and log[0] != "other", done)


# --- the application -----------------------------------------------------------------------------


def interpreter(case):
    """The Python that the image has, where this machine has it too."""
    for path in case.tree.files("Dockerfile"):
        version = re.search(r"(?m)^FROM (?:\S+/)?python:(\d+\.\d+)", (case.tree.root / path).read_text())
        versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
        for candidate in sorted(versions.glob(f"{version[1]}.*/bin/python")) if version else []:
            return candidate
    case.note(f"the tests run on Python {sys.version.split()[0]}, not on the image's")
    return sys.executable


def environment_for(case, requirements):
    """A Python environment with exactly these requirement files, kept for the next run."""
    lists = [case.tree.root / path for path in requirements]
    python = interpreter(case)
    key = hashlib.sha256(b"\0".join([str(python).encode(), *(path.read_bytes() for path in lists)])).hexdigest()[:16]
    place = CACHE / "venv" / f"app-{key}"
    if not (place / "complete").is_file():
        shutil.rmtree(place, ignore_errors=True)
        case.must(python, "-m", "venv", place)
        for path in lists:
            done = case.run(place / "bin" / "pip", "install", "--quiet", "--requirement", path)
            if done.returncode != 0:
                case.report(path, 0, f"pip cannot install it: {tail(done)}")
                return None
        inside = place / "bin" / "python"
        if case.run(inside, "-m", "pytest", "--version").returncode != 0:
            case.must(inside, "-m", "pip", "install", "--quiet", "--requirement", TOOLS / "python" / "pytest.txt")
        (place / "complete").touch()
    return place


def application(case):
    for path in case.tree.files("Dockerfile"):
        # Where the application lies is what the image is made from.
        text = (case.tree.root / path).read_text()
        copied = re.search(r"(?m)^COPY (\S+)/requirements\.txt ", text)
        project = Path(copied[1]) if copied else None
        if project is None or not (case.tree.root / project / "requirements.txt").is_file():
            case.report(path, 0, "copies no requirements.txt that is there")
            continue
        key = f"{interpreter(case)} {project} {digest(case, f'{project}/**/*.py', f'{project}/**/*.txt', f'{project}/*.toml')}"
        remembered(case, "application", key, lambda project=project: tested(case, project))
    for path in case.tree.files("gunicorn_config.py"):
        case.saw()
        done = case.run(sys.executable, "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", path)
        if done.returncode != 0:
            case.report(path, 0, tail(done))


def tested(case, project):
    place = environment_for(case, case.tree.files(f"{project}/requirements*.txt"))
    if place is None:
        return
    copy = case.copy(project)
    done = case.run(place / "bin" / "python", "-W", "error", "-m", "compileall", "-q", ".", cwd=copy)
    if done.returncode != 0:
        case.report(project, 0, f"does not compile: {tail(done)}")
    done = case.run(place / "bin" / "python", "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", cwd=copy)
    passed = re.search(r"(\d+) passed", done.stdout)
    case.saw(int(passed[1]) if passed else 0)
    if done.returncode != 0 or not passed:
        case.report(project, 0, f"pytest exited {done.returncode}: {tail(done, 40)}")
