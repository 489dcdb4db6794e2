"""Carries out the rendered workflow: its shell steps for real, with real git, everything that talks
to a cloud with stand-ins that write down how they were called."""

import json
import re
import shutil
import tempfile
from pathlib import Path

from .case import CACHE, digest, remembered, tail

STAND_INS = ("aws", "az", "cargo", "docker", "gen", "gh", "helm", "kubectl", "pip", "python", "snyk", "yq")
# What the machine itself has to lend to the steps.
REAL = ("bash", "cat", "cp", "date", "env", "git", "grep", "jq", "mkdir", "mktemp", "rm", "sed", "sh", "sleep", "sort", "tail", "test", "tr")
DIGEST = "sha256:" + "5" * 64

STAND_IN = """#!/bin/bash
# Writes down one call, and does the one thing that later steps depend on.
{ printf '%s' "${0##*/}"; printf '\\0%s' "$@"; printf '\\n\\0'; } >> "$STAND_IN_CALLS"
case "${0##*/} $1 $2" in
  "aws ecs describe-task-definition") cat "$STAND_IN_TASK" ;;
  "aws ecs register-task-definition") echo "arn:of:revision:7" ;;
  "aws ecs describe-services")
    case "$*" in
      *rolloutState*) echo "$STAND_IN_ROLLOUT" ;;
    esac ;;
  "docker buildx imagetools") printf '%s\\n' "$STAND_IN_DIGEST" ;;
  "gh api repos/"*)
    # GitHub refuses a reference that exists.
    for word in "$@"; do
      case $word in ref=*) ref=${word#ref=} ;; sha=*) sha=${word#sha=} ;; esac
    done
    git --git-dir "$STAND_IN_ORIGIN" update-ref "$ref" "$sha" 0000000000000000000000000000000000000000 ;;
esac
"""


# A task definition as AWS shows it: more than may be registered.
TASK = {
    "taskDefinitionArn": "arn:of:revision:6",
    "family": "service",
    "revision": 6,
    "status": "ACTIVE",
    "requiresAttributes": [{"name": "com.amazonaws.ecs.capability.task-iam-role"}],
    "compatibilities": ["EC2", "FARGATE"],
    "registeredAt": "2026-11-01T00:00:00Z",
    "registeredBy": "somebody",
    "cpu": "256",
    "containerDefinitions": [{"name": "app", "image": "old"}, {"name": "side", "image": "other"}],
}


# --- ${{ expressions }} -------------------------------------------------------------------------

TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(\d+)|(&&|\|\||==|!=|!|\(|\)|,)|([A-Za-z_][\w-]*(?:\.(?:[\w-]+|\*))*))")


def evaluate(text, contexts, functions):
    """The value of one expression; what it names and nobody defined is an error, not an empty string."""
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = TOKEN.match(text, at)
        if not match:
            raise ValueError(f"cannot read the expression `{text}`")
        tokens.append(match.groups())
        at = match.end()
    tokens.append((None, None, None, None))
    position = 0

    def peek():
        return tokens[position][2]

    def take():
        nonlocal position
        position += 1
        return tokens[position - 1]

    def either():
        value = both()
        while peek() == "||":
            take()
            other = both()
            value = value or other
        return value

    def both():
        value = compared()
        while peek() == "&&":
            take()
            other = compared()
            value = value and other
        return value

    def compared():
        value = single()
        while peek() in ("==", "!="):
            same = take()[2] == "=="
            value = (value == single()) == same
        return value

    def single():
        string, number, sign, name = take()
        if string is not None:
            return string[1:-1].replace("''", "'")
        if number is not None:
            return int(number)
        if sign == "!":
            return not single()
        if sign == "(":
            value = either()
            take()
            return value
        if peek() == "(":
            take()
            arguments = []
            while peek() != ")":
                arguments.append(either())
                if peek() == ",":
                    take()
            take()
            return functions[name](*arguments)
        return looked_up(name)

    def looked_up(name):
        first, *rest = name.split(".")
        value = contexts[first]
        for key in rest:
            if isinstance(value, list):
                value = [each[key] for each in value]
            elif key == "*":
                value = list(value.values())
            else:
                value = value[key]
        return value

    return either()


def filled(text, *around):
    """A text with its expressions replaced, as GitHub writes values into texts."""
    if not isinstance(text, str):
        return text

    def value(match):
        result = evaluate(match[1], *around)
        return {True: "true", False: "false", None: ""}.get(result, str(result))

    return re.sub(r"\$\{\{(.*?)\}\}", value, text)


class Nothing(dict):
    """The outputs of a step that did not run: whatever is asked for is empty."""

    def __missing__(self, _):
        return ""


# --- one run -------------------------------------------------------------------------------------


class Run:
    """One run of the workflow on one commit."""

    def __init__(self, case, workflow, origin, folder, event="push", broken=(), secrets=True, rollout="COMPLETED"):
        self.case, self.workflow, self.origin, self.folder = case, workflow, origin, folder
        self.event, self.broken, self.have_secrets = event, broken, secrets
        self.folder.mkdir()
        self.rollout = rollout
        (folder / "task.json").write_text(json.dumps(TASK))
        self.calls = folder / "calls"
        self.actions = []
        self.outputs, self.results, self.variables, self.secrets = {}, {}, {}, {}
        self.order = []
        self.sha = git(case, "rev-parse", "refs/heads/main", cwd=origin)
        self.programs = folder / "bin"
        self.programs.mkdir()
        for name in STAND_INS:
            program = self.programs / name
            program.write_text(STAND_IN)
            program.chmod(0o755)
        for name in REAL:
            (self.programs / name).symlink_to(shutil.which(name))
        self.jobs()

    def jobs(self):
        waiting = dict(self.workflow["jobs"])
        while waiting:
            ready = [name for name, job in waiting.items() if not set(needs(job)) & set(waiting)]
            if not ready:
                raise ValueError(f"jobs wait for each other: {', '.join(waiting)}")
            for name in ready:
                self.job(name, waiting.pop(name))

    def job(self, name, job):
        earlier = {need: {"result": self.results[need], "outputs": self.outputs[need]} for need in needs(job)}
        self.outputs[name] = dict.fromkeys(job.get("outputs") or {}, "")
        good = all(each["result"] == "success" for each in earlier.values())
        steps = {step["id"]: {"outputs": Nothing()} for step in job["steps"] if "id" in step}
        state = {"ok": good, "needs": earlier, "steps": steps, "env": {}}
        condition = str(job.get("if", "success()"))
        if not self.holds(condition, state) or not (good or "always()" in condition):
            self.results[name] = "skipped"
            return
        state["ok"] = True
        self.order.append(name)
        environment = job.get("environment") or {}
        environment = environment.get("name") if isinstance(environment, dict) else environment
        state["environment"] = filled(environment, *self.around(state))
        for source in (self.workflow.get("env"), job.get("env")):
            state["env"].update({key: filled(value, *self.around(state)) for key, value in (source or {}).items()})
        state["place"] = self.folder / name
        state["place"].mkdir()
        for number, step in enumerate(job["steps"]):
            condition = str(step.get("if", "success()"))
            if not self.holds(condition, state) or not (state["ok"] or "failure()" in condition or "always()" in condition):
                continue
            state["ok"] = self.step(name, number, step, state) and state["ok"]
        self.results[name] = "success" if state["ok"] else "failure"
        for key, value in (job.get("outputs") or {}).items():
            self.outputs[name][key] = filled(value, *self.around(state))

    def holds(self, condition, state):
        text = re.sub(r"^\$\{\{(.*)\}\}$", r"\1", condition.strip())
        return bool(evaluate(text, *self.around(state)))

    def around(self, state):
        """Contexts and functions of an expression."""
        run, pull = self, self.event == "pull_request"

        class Named(dict):
            """Variables or secrets: every name has a value, and who asked for it is remembered."""

            def __init__(self, asked, given):
                self.asked, self.given = asked, given

            def __getitem__(self, name):
                self.asked.setdefault(name, set()).add(state.get("environment"))
                return f"value of {name}" if self.given else ""

        github = {
            "event_name": self.event,
            "ref": "refs/pull/7/merge" if pull else "refs/heads/main",
            "repository": "example/application",
            "run_id": 1,
            "server_url": self.server,
            "sha": self.sha,
            "token": "token of the job",
        }
        contexts = {
            "github": github,
            "env": state["env"],
            "steps": state["steps"],
            "needs": state["needs"],
            "vars": Named(run.variables, True),
            "secrets": Named(run.secrets, self.have_secrets),
        }
        functions = {
            "always": lambda: True,
            "success": lambda: state["ok"],
            "failure": lambda: not state["ok"],
            "cancelled": lambda: False,
            "contains": lambda where, what: what in where,
            "toJSON": json.dumps,
        }
        return contexts, functions

    @property
    def server(self):
        return f"file://{self.origin.parent.parent}"

    def step(self, job, number, step, state):
        env = {key: filled(value, *self.around(state)) for key, value in (step.get("env") or {}).items()}
        if "uses" in step:
            action = step["uses"].split("@")[0]
            given = {key: filled(value, *self.around(state)) for key, value in (step.get("with") or {}).items()}
            self.actions.append((job, action, given))
            self.record(job, action, json.dumps(given))
            outputs = self.action(action, given, state)
        else:
            outputs = self.shell(job, number, step, {**state["env"], **env}, state)
        if "id" in step:
            state["steps"][step["id"]] = {"outputs": Nothing() if outputs is None else outputs}
        return outputs is not None

    def action(self, name, given, state):
        """What an action leaves behind for the steps after it; None when it fails."""
        if name in self.broken:
            return None
        if name == "actions/checkout":
            depth = int(given.get("fetch-depth", 1))
            options = ["--depth", str(depth)] if depth else []
            git(self.case, "clone", "--quiet", *options, f"file://{self.origin}", state["place"])
            git(self.case, "checkout", "--quiet", "--detach", self.sha, cwd=state["place"])
        if name == "actions/create-github-app-token":
            return {"token": "token of the app", "app-slug": "app"}
        return {}

    def shell(self, job, number, step, env, state):
        output = self.folder / f"{job}.{number}"
        output.touch()
        self.record(job, "run", step["name"])
        place = state["place"] / filled(step.get("working-directory", "."), *self.around(state))
        done = self.case.run(
            "env",
            "-i",
            *(f"{key}={value}" for key, value in self.environment(env, output).items()),
            "bash",
            "-e",
            "-c",
            step["run"],
            cwd=place,
            timeout=60,
        )
        if done.returncode != 0:
            self.record(job, "failed", f"{step['name']}: {tail(done, 3)}")
            return None
        return dict(line.split("=", 1) for line in output.read_text().splitlines())

    def environment(self, env, output):
        return {
            "PATH": str(self.programs),
            "HOME": str(self.folder),
            "GITHUB_EVENT_NAME": self.event,
            "GITHUB_OUTPUT": str(output),
            "GITHUB_REPOSITORY": "example/application",
            "GITHUB_SERVER_URL": self.server,
            "GITHUB_SHA": self.sha,
            "STAND_IN_CALLS": str(self.calls),
            "STAND_IN_DIGEST": DIGEST,
            "STAND_IN_ROLLOUT": self.rollout,
            "STAND_IN_TASK": str(self.folder / "task.json"),
            "PAUSE": "0",
            "PATIENCE": "2",
            "STAND_IN_ORIGIN": str(self.origin),
            **{key: str(value) for key, value in env.items()},
        }

    def record(self, job, what, text):
        with self.calls.open("a") as calls:
            calls.write("\0".join(["#" + job, what, text]) + "\n\0")

    def log(self):
        """Every call in order: (job, words)."""
        entries, job = [], ""
        for line in self.calls.read_text().split("\n\0")[:-1]:
            words = line.split("\0")
            if words[0].startswith("#"):
                job = words[0][1:]
                words = words[1:]
            entries.append((job, words))
        return entries

    def called(self, *start):
        """The calls that begin with these words."""
        return [words for _, words in self.log() if words[: len(start)] == list(start)]

    def used(self, action):
        return [given for _, name, given in self.actions if name == action]


def needs(job):
    given = job.get("needs", [])
    return [given] if isinstance(given, str) else given


def git(case, *words, cwd=None):
    identity = ["-c", "user.name=ci", "-c", "user.email=ci@example.com", "-c", "commit.gpgsign=false"]
    return case.must("git", *identity, *words, cwd=cwd).stdout.strip()


# --- what a delivery must do ----------------------------------------------------------------------


def judge(case):
    for path in case.tree.files(".github/workflows/delivery.yml"):
        # Of the chart only the names of its files matter: it is copied, or given to a stand-in.
        key = f"{digest(case, str(path), 'scripts/**/*')} {case.tree.files('chart/*.yaml')}"
        remembered(case, "workflow", key, lambda path=path: carried_out(case, path))


def carried_out(case, path):
    python = CACHE / "venv" / "linters" / "bin" / "python"
    load = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout, default=str)"
    workflow = json.loads(case.must(python, "-c", load, stdin=(case.tree.root / path).read_text()).stdout)
    server = Path(tempfile.mkdtemp(dir=case.scratch))
    source, origin = server / "work", server / "example" / "application.git"
    shutil.copytree(case.tree.root, source, ignore=shutil.ignore_patterns(".terraform", "__pycache__", ".pytest_cache"))
    git(case, "init", "--quiet", "--initial-branch=main", cwd=source)
    git(case, "add", "--all", cwd=source)
    git(case, "commit", "--quiet", "--message", "first", cwd=source)
    git(case, "clone", "--quiet", "--bare", source, origin)
    for name in published_to(workflow):
        git(case, "init", "--quiet", "--bare", "--initial-branch=main", server / f"{name}.git")

    def expect(what, holds, run):
        case.saw()
        if not holds:
            said = "; ".join(" ".join(words) for _, words in run.log() if words[0] != "run")
            case.report(path, 0, f"{what}; it did: {said[-1500:]}")

    def start(name, **options):
        return Run(case, workflow, origin, server / name, **options)

    image = workflow["env"]["IMAGE"]
    everything = set(workflow["jobs"])
    deploying = [name for name in everything if name.startswith("deploy")]

    run = start("first")
    if set(run.results.values()) != {"success"} or set(run.order) != everything:
        expect(f"every job succeeds, but not {run.results}", False, run)
        return
    case.saw()
    released(case, workflow, run, expect, image, "0.0.1")

    run = start("again")
    expect("a second run of the commit succeeds", set(run.results.values()) == {"success"}, run)
    expect(
        "what was published is not pushed and not tagged again",
        not pushes(run) and not run.called("gh") and tags(case, origin) == ["0.0.1"],
        run,
    )
    deployed(case, workflow, run, expect, image, "0.0.1")

    (source / "change").touch()
    git(case, "add", "change", cwd=source)
    git(case, "commit", "--quiet", "--message", "second", cwd=source)
    git(case, "push", "--quiet", origin, "main", cwd=source)

    run = start("pull request", event="pull_request", secrets=False)
    expect("a pull request without secrets passes", "failure" not in run.results.values(), run)
    publishing = {"azure/login", "aws-actions/configure-aws-credentials", "aws-actions/amazon-ecr-login", "docker/login-action", "dawidd6/action-send-mail", "actions/create-github-app-token"}
    expect(
        "a pull request signs in nowhere, publishes nothing and tells nobody",
        not pushes(run)
        and not publishing & {name for _, name, _ in run.actions}
        and not any(run.called(name) for name in ("aws", "az", "gh", "helm", "kubectl"))
        and not set(deploying) & set(run.order),
        run,
    )
    expect("a pull request is built", run.used("docker/build-push-action"), run)

    if "drift" in everything:
        wanted = workflow["jobs"]["drift"]["steps"][1]["env"]["VERSION"]
        installed = ["cargo", "install", "--quiet", "--locked", "--git", f"{run.server}/value of GEN_REPOSITORY"]
        expect("installs gen by version", run.called("cargo") == [[*installed, "--tag", f"v{wanted}", "gen"]], run)
        expect("compares the files with the spec", run.called("gen") == [["gen", "drift", "--diff", "--format", "github"]], run)

    run = start("vulnerable", broken={"aquasecurity/trivy-action"})
    expect(
        "an image with a critical vulnerability is neither pushed nor tagged nor deployed",
        not pushes(run) and tags(case, origin) == ["0.0.1"] and not set(deploying) & set(run.order),
        run,
    )
    expect(
        "signs in to nothing before the scan",
        not any(run.used(name) for name in publishing - {"dawidd6/action-send-mail"}),
        run,
    )
    for mail in run.used("dawidd6/action-send-mail"):
        expect("the mail tells of the failure", "failed" in mail["subject"] and "failed" in mail["body"], run)
    if "notify" in everything:
        expect("somebody is told of the failure", "notify" in run.order, run)

    if "snyk_analysis" in everything:
        run = start("no token", secrets=False)
        expect(
            "without its token the scan fails, and nothing is published",
            run.results["snyk_analysis"] == "failure" and not pushes(run) and "checkout_and_build" not in run.order,
            run,
        )

    run = start("second")
    expect("the next commit is released", set(run.results.values()) == {"success"}, run)
    released(case, workflow, run, expect, image, "0.0.2")

    if (case.tree.root / "scripts" / "deploy-service.sh").is_file():
        for rollout in ("FAILED", "None", "IN_PROGRESS"):
            run = start(f"taken back {rollout}", rollout=rollout)
            failed = {run.results[name] for name in deploying}
            expect(f"a release that is {rollout} in the end fails", "failure" in failed and "success" not in failed, run)


def published_to(workflow):
    """Chart repositories that the jobs write to."""
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    return {step["env"]["CHART_REPOSITORY"] for step in steps if "CHART_REPOSITORY" in step.get("env", {})}


def pushes(run):
    return [given for given in run.used("docker/build-push-action") if str(given.get("push")).lower() == "true"]


def tags(case, origin):
    return git(case, "tag", "--list", cwd=origin).split()


def released(case, workflow, run, expect, image, version):
    """Built, scanned, pushed and tagged, in this order, and the same image each time."""
    reference = f"{image}:{version}"
    build, push = run.used("docker/build-push-action")[0], pushes(run)
    scan = run.used("aquasecurity/trivy-action")
    expect(f"builds {reference}", build.get("tags") == reference and build.get("load") in (True, "true"), run)
    expect(
        "scans what was built, and critical vulnerabilities fail",
        [each["image-ref"] for each in scan] == [reference]
        and "CRITICAL" in scan[0]["severity"]
        and scan[0]["exit-code"] == "1",
        run,
    )
    expect(f"pushes {reference}, once", [each["tags"] for each in push] == [reference], run)
    expect("asks the registry for the digest", run.called("docker", "buildx", "imagetools", "inspect", reference), run)
    registry = image.split(".")[0]
    if ".dkr.ecr." in image:
        account, region = registry, image.split(".")[3]
        signed_in = [
            (given["aws-region"], str(given["allowed-account-ids"]))
            for job, name, given in run.actions
            if (job, name) == ("checkout_and_build", "aws-actions/configure-aws-credentials")
        ]
        expect("signs in to the account and region of the registry", signed_in == [(region, account)], run)
        signing = ["aws-actions/configure-aws-credentials", "aws-actions/amazon-ecr-login"]
    elif run.used("docker/login-action"):
        host = image.split("/")[0]
        expect(
            "signs in to the registry with a token",
            [(given["registry"], given["password"]) for given in run.used("docker/login-action")] == [(host, "value of REGISTRY_TOKEN")]
            and run.secrets["REGISTRY_TOKEN"] == {"registry"},
            run,
        )
        signing = ["docker/login-action"]
    else:
        expect("signs in to the registry", run.called("az") == [["az", "acr", "login", "--name", registry]], run)
        signing = ["azure/login", "az"]
    expect(
        "tags the commit through the API",
        [words[2:] for words in run.called("gh", "api")]
        == [["repos/example/application/git/refs", "-f", f"ref=refs/tags/{version}", "-f", f"sha={run.sha}"]]
        and git(case, "rev-parse", f"{version}^{{commit}}", cwd=run.origin) == run.sha,
        run,
    )
    order = [words[0] for job, words in run.log() if job == "checkout_and_build" and words[0] not in ("run", "git")]
    wanted = ["docker/build-push-action", "aquasecurity/trivy-action", *signing, "docker/build-push-action"]
    wanted += ["docker", "gh"]
    expect("builds, scans, signs in, pushes, tags: in this order", order[-len(wanted) :] == wanted, run)
    deployed(case, workflow, run, expect, image, version)
    if "notify" in workflow["jobs"]:
        mails = run.used("dawidd6/action-send-mail")
        expect(
            "one mail tells of the success",
            len(mails) == 1 and "succeeded" in mails[0]["subject"] and version in mails[0]["subject"] and "@" in mails[0]["to"],
            run,
        )
        expect("it is sent last", run.order[-1] == "notify", run)


def deployed(case, workflow, run, expect, image, version):
    """Every environment got this version: by a commit, or by helm."""
    for name, job in workflow["jobs"].items():
        if not name.startswith("deploy"):
            continue
        environment = job["environment"]["name"]
        steps = [step.get("env", {}) for step in job["steps"]]
        repository = next((env["CHART_REPOSITORY"] for env in steps if "CHART_REPOSITORY" in env), None)
        if repository:
            bare = run.origin.parent.parent / f"{repository}.git"
            values = git(case, "show", f"main:{environment}/image-{environment}.yaml", cwd=bare)
            expect(f"hands {version} to {environment}", f'tag: "{version}"' in values and f'digest: "{DIGEST}"' in values, run)
            token = [given for given in run.used("actions/create-github-app-token")]
            expect(
                "the token is for the chart repository alone",
                all(f"{each['owner']}/{each['repositories']}" == repository for each in token)
                and all(each["permission-contents"] == "write" for each in token),
                run,
            )
            expect("nothing in the pipeline reaches a cluster", not run.called("helm") and not run.called("kubectl"), run)
            continue
        service = next((env["SERVICE"] for env in steps if "SERVICE" in env), None)
        if service:
            released_to(run, name, service, expect, f"{image}@{DIGEST}", environment)
            continue
        env = next(env for env in steps if "RELEASE" in env)
        words = [
            ["helm", "upgrade", env["RELEASE"], "chart", "--install", "--namespace", env["NAMESPACE"]],
            ["--values", f"chart/values-{environment}.yaml", "--set-string", f"image.repository={image}"],
            ["--set-string", f"image.tag={version}", "--set-string", f"image.digest={DIGEST}"],
            ["--rollback-on-failure", "--timeout", "5m"],
        ]
        calls = [words for job, words in run.log() if job == name and words[0] == "helm"]
        expect(f"upgrades the release in {environment}", calls == [sum(words, [])], run)
        expect(f"the values of {environment} are there", case.tree.files(f"chart/values-{environment}.yaml"), run)


def released_to(run, job, service, expect, image, environment):
    """One revision that differs from the newest in its image, and the service that is told to run it."""
    calls = [words for name, words in run.log() if name == job and words[0] == "aws"]
    registered = [words[words.index("--cli-input-json") + 1] for words in calls if words[2] == "register-task-definition"]
    given = {key: TASK[key] for key in ("family", "cpu")}
    given["containerDefinitions"] = [{"name": "app", "image": image}, TASK["containerDefinitions"][1]]
    expect(f"registers {image} for {environment}", [json.loads(each) for each in registered] == [given], run)
    updated = [words[3:9] for words in calls if words[2] == "update-service"]
    wanted = ["--cluster", service, "--service", service, "--task-definition", "arn:of:revision:7"]
    expect(f"{environment} runs the new revision", updated == [wanted], run)
    order = [words[2] for words in calls]
    expect(
        "reads, registers, updates, waits: in this order",
        order == ["describe-task-definition", "register-task-definition", "update-service", "describe-services"],
        run,
    )
    signed_in = [given["role-to-assume"] for name, action, given in run.actions if name == job and action == "aws-actions/configure-aws-credentials"]
    expect("signs in with the role of the environment", signed_in == ["value of AWS_DEPLOY_ROLE_ARN"], run)
