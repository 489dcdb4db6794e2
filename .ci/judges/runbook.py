"""Walks through the runbook (README.md of the tree) as a person would, in its order and in one shell,
with stand-ins for whatever reaches a cloud, and holds what was called against the rendered files."""

import json
import os
import re
import shlex
import tempfile
from pathlib import Path

from . import aws
from .case import CACHE, digest, remembered, tail

STAND_INS = ("aws", "az", "curl", "docker", "flask", "gh", "git", "helm", "kubectl", "kubelogin", "minikube", "pip", "pytest", "python", "python3", "terraform")
# Scripts of the tree that the runbook calls; what they do is for judges of their own.
SCRIPTS = ("build-and-deploy.sh",)

STAND_IN = """#!/bin/bash
# Writes down one call with its folder and its input, and answers what the next command needs.
input=
for word in "$@"; do [ "$word" = - ] && input=$(cat); done
{ printf '%s' "${0##*/}"; printf '\\0%s' "$PWD" "$input" "$@"; printf '\\n\\0'; } >> "$STAND_IN_CALLS"
case "${0##*/} $*" in
  "terraform "*"output -json "*) cat "$STAND_IN_ANSWERS/${!#}" ;;
  "aws secretsmanager "*) echo '{"username": "postgres", "password": "answer"}' ;;
  "python -m venv "* | "python3 -m venv "*) mkdir -p "$3/bin"; touch "$3/bin/activate"; cp "$0" "$3/bin/python" ;;
  *) echo "answer" ;;
esac
"""

# The commands that the runbook may use: (program, words) and the options that they take, those with
# a value marked by `=`. Read in the reference of each program; what is not here is not known to work.
COMMANDS = {
    "aws ec2 create-volume": "--region= --availability-zone= --snapshot-id= --volume-type= --encrypted --tag-specifications=",
    "aws ec2 describe-snapshots": "--region= --filters= --query= --output=",
    "aws eks update-kubeconfig": "--name= --region= --alias=",
    "aws ecs describe-services": "--cluster= --services= --query=",
    "aws ecs list-task-definitions": "--family-prefix= --sort= --max-items=",
    "aws ecs update-service": "--cluster= --service= --task-definition=",
    "aws iam list-open-id-connect-providers": "",
    "aws login": "",
    "aws logs tail": "--follow",
    "aws rds describe-db-instances": "--region= --db-instance-identifier= --query= --output=",
    "aws rds describe-db-snapshots": "--region= --snapshot-type= --db-instance-identifier= --query= --output=",
    "aws rds restore-db-instance-to-point-in-time": "--region= --source-db-instance-identifier= --target-db-instance-identifier= --restore-time= --db-subnet-group-name= --vpc-security-group-ids=",
    "aws rds wait db-instance-available": "--region= --db-instance-identifier=",
    "aws s3api create-bucket": "--bucket= --region= --create-bucket-configuration=",
    "aws s3api put-bucket-versioning": "--bucket= --versioning-configuration=",
    "aws s3api put-public-access-block": "--bucket= --public-access-block-configuration=",
    "aws secretsmanager get-secret-value": "--region= --query= --output= --secret-id=",
    "aws sts get-caller-identity": "",
    "az login": "",
    "az account set": "--subscription=",
    "az account show": "--query= --output=",
    "az ad signed-in-user show": "--query= --output=",
    "az aks get-credentials": "--resource-group= --name= --context=",
    "az aks start": "--resource-group= --name=",
    "az aks stop": "--resource-group= --name=",
    "az group create": "--name= --location=",
    "az group delete": "--name=",
    "az provider register": "--namespace= --wait",
    "az role assignment create": "--role= --assignee= --scope=",
    "az storage account blob-service-properties update": "--resource-group= --account-name= --enable-versioning= --enable-delete-retention= --delete-retention-days=",
    "az storage account create": "--resource-group= --name= --sku= --min-tls-version= --allow-blob-public-access= --allow-shared-key-access=",
    "az storage account show": "--resource-group= --name= --query= --output=",
    "az storage container create": "--account-name= --name= --auth-mode=",
    "build-and-deploy.sh": "",
    "curl": "--fail --request=",
    "docker build": "--tag=",
    "docker login": "",
    "docker run": "--rm --read-only --tmpfs= --publish=",
    "flask": "--app=",
    "gh api": "--method= --input= -f= --jq=",
    "gh auth login": "",
    "gh repo create": "--private --add-readme --source= --remote=",
    "gh run watch": "--repo=",
    "gh secret set": "--repo= --env=",
    "gh variable set": "--repo= --env= --env-file=",
    "git add": "--all",
    "git clone": "",
    "git commit": "--message=",
    "git init": "--initial-branch=",
    "git log": "-C= --oneline --",
    "git push": "-C=",
    "git revert": "-C=",
    "helm history": "--kube-context= --namespace=",
    "helm rollback": "--kube-context= --namespace=",
    "helm upgrade": "--install --namespace= --values= --set-string=",
    "helm uninstall": "--kube-context= --namespace= --wait",
    "kubectl apply": "--server-side --filename=",
    "kubectl create namespace": "",
    "kubectl create namespace": "--context=",
    "kubectl create secret generic": "--context= --namespace= --from-literal=",
    "kubectl delete": "--context= --namespace= --all --wait --wait=",
    "kubectl get": "--context= --namespace= --output=",
    "kubectl label": "--context= --namespace=",
    "kubectl logs": "--context= --namespace= --follow",
    "kubectl port-forward": "--context= --namespace=",
    "kubectl rollout status": "--namespace=",
    "kubectl run": "--context= --namespace= --rm --stdin --quiet --restart= --image= --env= -- -c=",
    "kubectl set image": "--namespace=",
    "kubelogin convert-kubeconfig": "--login=",
    "minikube delete": "--profile=",
    "minikube ip": "--profile=",
    "minikube stop": "--profile=",
    "pip install": "--requirement=",
    "pytest": "",
    "python": "-m= --requirement=",
    "python3": "-m=",
    "terraform apply": "-var-file=",
    "terraform destroy": "-var-file=",
    "terraform init": "-chdir= -backend-config= -reconfigure",
    "terraform output": "-chdir= -json -raw",
}


class Call:
    """One command as it was called: its words up to the arguments, options and arguments apart."""

    def __init__(self, words):
        self.program, self.folder, self.input, *self.words = words
        self.options, self.arguments, self.unknown = {}, [], []
        self.name = self.named()
        taken = COMMANDS.get(self.name, "").split()
        waiting = list(self.words)
        skipped = self.name.split()[1:]
        while waiting:
            word = waiting.pop(0)
            option, joined, value = word.partition("=")
            if word == "--" and "--" in taken or not word.startswith("-") or word == "-":
                if skipped and word == skipped[0]:
                    skipped.pop(0)
                else:
                    self.arguments.append(word)
            elif f"{option}=" in taken and (joined or option not in taken):
                self.options.setdefault(option, []).append(value if joined else waiting.pop(0))
            elif option in taken and not joined:
                self.options.setdefault(option, []).append("")
            else:
                self.unknown.append(word)

    def named(self):
        """The longest command of the table whose words come in this order."""
        plain = [word for word in self.words if not word.startswith("-")]

        def follows(name):
            words = iter(plain)
            return all(any(word == other for other in words) for word in name.split()[1:])

        fitting = [name for name in COMMANDS if name.split()[0] == self.program and follows(name)]
        return max(fitting, key=len, default="")

    def option(self, name):
        return self.options.get(name, [None])[0]

    def __str__(self):
        return shlex.join([self.program, *self.words])


def judge(case):
    for path in case.tree.files("README.md"):
        key = digest(case, "**/*", without=[".gen/**/*", "gen.lock"])
        remembered(case, "runbook", key, lambda path=path: walked(case, path))


def walked(case, path):
    text = (case.tree.root / path).read_text()
    blocks = re.findall(r"(?ms)^```sh\n(.*?)^```$", text)
    if not blocks:
        case.report(path, 0, "has no commands")
        return
    checked(case, path, blocks)
    listed(case, path, text)
    walk = Walk(case, path)
    calls = walk.through(blocks)
    for call in calls:
        case.saw()
        if not call.name:
            case.report(path, 0, f"`{call}` is no command that the judge knows")
        elif call.unknown:
            case.report(path, 0, f"`{call}` has an option that `{call.name}` does not take: {call.unknown}")
    for words in sorted({tuple(call.words) for call in calls if call.program == "aws"}):
        aws.parsed(case, path, words)
    if case.tree.files("terraform/**/*.tf"):
        terraform(case, path, walk, calls)
    if case.tree.files("terraform/modules/aks/*.tf"):
        azure(case, path, calls)
    if case.tree.files("terraform/modules/eks/*.tf"):
        eks(case, path, calls)
    for workflow in case.tree.files(".github/workflows/delivery.yml"):
        github(case, path, text, loaded(case, workflow), calls)
    if case.tree.files("terraform/service/*.tf"):
        fargate(case, path, calls)
    if case.tree.files("build-and-deploy.sh"):
        local(case, path, calls)
    cluster(case, path, calls)


def checked(case, path, blocks):
    """What shellcheck says of all commands as one script."""
    script = "#!/usr/bin/env bash\n" + "\n".join(blocks)
    # A folder that cannot be entered is seen by the person who walks.
    done = case.run("shellcheck", "--format", "json", "--exclude", "SC1091,SC2103,SC2164", "-", stdin=script)
    for found in json.loads(done.stdout or "[]"):
        line = script.splitlines()[found["line"] - 1]
        case.report(path, 0, f"SC{found['code']}: {found['message']}: `{line}`")


def listed(case, path, text):
    """The table of what is in the tree names what is there."""
    table = text.partition("## What is in here")[2].partition("\n\n```")[0]
    for row in re.findall(r"(?m)^\| (`.*?) \|", table):
        for name in re.findall(r"`([^`]+)`", row):
            case.saw()
            if not (case.tree.root / name).exists():
                case.report(path, 0, f"names `{name}`, which is not there")


def loaded(case, name):
    python = CACHE / "venv" / "linters" / "bin" / "python"
    load = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout, default=str)"
    return json.loads(case.must(python, "-c", load, stdin=(case.tree.root / name).read_text()).stdout)


class Walk:
    """The tree as a person has it before them, and a shell with stand-ins."""

    def __init__(self, case, path):
        self.case, self.path = case, path
        self.place = case.copy(".")
        self.calls = self.place.parent / "calls"
        self.calls.touch()
        programs, self.answers = self.place.parent / "bin", self.place.parent / "answers"
        programs.mkdir()
        self.answers.mkdir()
        for name in STAND_INS:
            (programs / name).write_text(STAND_IN)
            (programs / name).chmod(0o755)
        for name in SCRIPTS:
            if (self.place / name).is_file():
                (self.place / name).write_text(STAND_IN)
        # A home of its own: some commands take away what is in it.
        home = self.place.parent / "home"
        for tree_profile in profiles(case):
            (home / ".local" / "state" / tree_profile).mkdir(parents=True)
        for output in ("github_variables", "github_environment_variables"):
            (self.answers / output).write_text(json.dumps({name: "value" for name in keys_of(case, output)}))
        database = {"address": "database.example.net", "master_secret_arn": "arn:aws:secretsmanager:answer"}
        (self.answers / "database").write_text(json.dumps(database))
        self.environment = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "STAND_IN_CALLS": str(self.calls),
            "STAND_IN_ANSWERS": str(self.answers),
            "HOME": str(home),
            "XDG_STATE_HOME": "",
        }

    def through(self, blocks):
        (self.place / "chart-app.private-key.pem").touch()
        # A step ends where the next one begins: at the top of the repository.
        script = "set -euo pipefail\n" + "\n".join(
            f"{block}\n[ \"$PWD\" = \"$TOP\" ] || {{ echo \"a step ends in $PWD\" >&2; exit 1; }}" for block in blocks
        )
        done = self.case.run(
            "bash", "-c", script, cwd=self.place, stdin="secret\n" * 9, env={**self.environment, "TOP": str(self.place)}
        )
        if done.returncode != 0:
            self.case.report(self.path, 0, f"a command failed: {tail(done, 5)}")
        return [Call(entry.split("\0")) for entry in self.calls.read_text().split("\n\0")[:-1]]

    def relative(self, call):
        return Path(os.path.relpath(os.path.join(call.folder, call.option("-chdir") or "."), self.place))


def profiles(case):
    """The clusters on one's own machine that the tree's script starts."""
    for path in case.tree.files("build-and-deploy.sh"):
        yield from re.findall(r"(?m)^profile=(\S+)$", (case.tree.root / path).read_text())


def keys_of(case, output):
    """The names in a map that a root puts out."""
    for path in case.tree.files("terraform/*/outputs.tf"):
        block = re.search(rf'(?ms)^output "{output}" \{{(.*?)^\}}', (case.tree.root / path).read_text())
        if block:
            return re.findall(r"(?m)^\s+([A-Z][A-Z0-9_]+)\s+=", block[1])
    return []


def values(case, path):
    """The plain values of a tfvars or backend file."""
    text = (case.tree.root / path).read_text() if (case.tree.root / path).is_file() else ""
    return dict(re.findall(r'(?m)^(\w+)\s*=\s*"([^"]*)"$', text))


# In the order in which they are applied.
ROOTS = ("shared", "cluster", "service", "addons", "failover")


def terraform(case, path, walk, calls):
    """Folders, files and outputs exist; each root is initialised for what is applied, in a possible order."""
    state, applied = {}, []
    for call in (call for call in calls if call.program == "terraform"):
        root = walk.relative(call)
        if not case.tree.files(f"{root}/*.tf"):
            case.report(path, 0, f"`{call}` runs in {root}, which is no root")
            continue
        for option in ("-backend-config", "-var-file"):
            name = call.option(option)
            if name and not (case.tree.root / root / name).is_file():
                case.report(path, 0, f"`{call}`: {root} has no {name}")
        if call.name == "terraform init":
            state[root] = (call.option("-backend-config") or "").removesuffix("backend.hcl").rstrip(".")
            continue
        if root not in state:
            case.report(path, 0, f"`{call}`: {root} was not initialised before")
            continue
        variables = (call.option("-var-file") or "").removesuffix(".tfvars")
        if call.name in ("terraform apply", "terraform destroy"):
            if variables != state[root]:
                case.report(path, 0, f"`{call}` would write the state of `{state[root]}`")
            applied.append((call.name.split()[1], root.name, variables))
        else:
            declared = "".join((case.tree.root / file).read_text() for file in case.tree.files(f"{root}/*.tf"))
            for name in call.arguments:
                if f'output "{name}"' not in declared:
                    case.report(path, 0, f"`{call}`: {root} has no output `{name}`")
    roots = [name for name in ROOTS if case.tree.files(f"terraform/{name}/*.tf")]
    environments = {
        root: [file.name.removesuffix(".tfvars") for file in case.tree.files(f"terraform/{root}/*.tfvars")] for root in roots
    }
    roots = [root for root in roots if environments[root]]
    for verb, order in (("apply", roots), ("destroy", roots[::-1])):
        done = [(root, variables) for what, root, variables in applied if what == verb]
        wanted = [(root, name) for root in order for name in ([""] if root == "shared" else environments[root])]
        if sorted(done) != sorted(wanted) or [root for root, _ in done] != [root for root, _ in wanted]:
            case.report(path, 0, f"{verb} goes through {done}, expected {wanted}")


def azure(case, path, calls):
    """Names are those of the variables and of the state."""
    state = values(case, "terraform/shared/backend.hcl")
    clusters = {}
    for file in case.tree.files("terraform/cluster/*.tfvars"):
        given = values(case, file)
        clusters[file.name.removesuffix(".tfvars")] = given["resource_group_name"], given["cluster_name"]
    contexts = set()
    for call in calls:
        group, name = call.option("--resource-group"), call.option("--name")
        if call.name.startswith("az aks") and (group, name) not in clusters.values():
            case.report(path, 0, f"`{call}`: no variable file makes this cluster")
        if call.name == "az aks get-credentials":
            context = call.option("--context")
            contexts.add(context)
            if clusters.get(context) != (group, name):
                case.report(path, 0, f"`{call}`: the context is not that of the cluster")
        if call.name.startswith("az storage account"):
            account = call.option("--account-name") or name
            if (group, account) != (state["resource_group_name"], state["storage_account_name"]):
                case.report(path, 0, f"`{call}`: the backend is {state}")
        if call.name == "az storage container create" and name != state["container_name"]:
            case.report(path, 0, f"`{call}`: the backend is {state}")
        if call.name in ("az group create", "az group delete") and name != state["resource_group_name"]:
            case.report(path, 0, f"`{call}`: the backend is {state}")
        if call.program in ("kubectl", "helm"):
            used = call.option("--context") or call.option("--kube-context")
            if used not in contexts:
                case.report(path, 0, f"`{call}`: there is no context `{used}` yet")
    made = [call.name for call in calls if call.program == "az"]
    for name in ("az group create", "az storage account create", "az storage container create"):
        if name not in made:
            case.report(path, 0, f"never calls `{name}`: the state has no place")


def eks(case, path, calls):
    """Clusters and contexts are those of the variables, the bucket that of the backends."""
    clusters = {}
    for file in case.tree.files("terraform/cluster/*.tfvars"):
        given = values(case, file)
        clusters[file.name.removesuffix(".tfvars")] = given["cluster_name"], given["region"]
    buckets = {values(case, file)["bucket"] for file in case.tree.files("terraform/*/*backend.hcl")}
    contexts = set()
    for call in calls:
        if call.name == "aws eks update-kubeconfig":
            contexts.add(call.option("--alias"))
            if clusters.get(call.option("--alias")) != (call.option("--name"), call.option("--region")):
                case.report(path, 0, f"`{call}`: no variable file makes this cluster")
        if call.name.startswith("aws s3api") and {call.option("--bucket")} != buckets:
            case.report(path, 0, f"`{call}`: the backends are in {buckets}")
        if call.program == "kubectl" and call.option("--context") not in contexts:
            case.report(path, 0, f"`{call}`: there is no context `{call.option('--context')}` yet")
    if contexts != set(clusters):
        case.report(path, 0, f"makes the contexts {sorted(contexts)}, expected {sorted(clusters)}")


def github(case, path, text, workflow, calls):
    """Secrets and variables: what is set and listed is what the workflow reads, where it reads it."""
    repository = next((call.arguments[0] for call in calls if call.name == "gh repo create"), None)
    needed, given, environments, others = set(), set(), set(), set()
    for job in workflow["jobs"].values():
        # One of two environments, where only a push has something to read.
        environment = (job.get("environment") or {}).get("name")
        chosen = re.fullmatch(r"\$\{\{ github\.event_name == 'push' && '(\S+)' \|\| '(\S+)' \}\}", environment or "")
        if chosen:
            environment = chosen[1]
            others.add(chosen[2])
        body = json.dumps(job)
        needed |= {("secret", name, environment) for name in re.findall(r"secrets\.(\w+)", body)}
        needed |= {("variable", name, environment) for name in re.findall(r"vars\.(\w+)", body)}
    for call in calls:
        if call.name in ("gh secret set", "gh variable set", "gh run watch") and call.option("--repo") != repository:
            case.report(path, 0, f"`{call}`: the repository is {repository}")
        if call.name in ("gh secret set", "gh variable set"):
            kind = call.name.split()[1]
            names = call.arguments or [line.partition("=")[0] for line in call.input.splitlines()]
            given |= {(kind, name, call.option("--env")) for name in names}
            if call.option("--env") not in environments | {None}:
                case.report(path, 0, f"`{call}`: there is no such environment yet")
        if call.name == "gh api":
            method, target = call.option("--method"), call.arguments[0].split("/")
            if target[:3] != ["repos", *repository.split("/")]:
                case.report(path, 0, f"`{call}`: the repository is {repository}")
            if call.option("--input"):
                json.loads(call.input)
            if method == "PUT":
                environments.add(target[4])
            if method == "POST":
                branch = call.option("-f")
                pushed = workflow.get("on", workflow.get("true"))["push"]["branches"]
                if branch not in [f"name={name}" for name in pushed] or target[4] not in environments:
                    case.report(path, 0, f"`{call}`: the workflow runs on {pushed}")
    for kind, name, environment in sorted(needed, key=str):
        case.saw()
        if not {(kind, name, environment), (kind, name, None)} & given:
            case.report(path, 0, f"never sets the {kind} {name}, which the workflow reads in the environment {environment}")
    for kind, name, environment in sorted(given, key=str):
        if not any((kind, name) == need[:2] and environment in (None, need[2]) for need in needed):
            case.report(path, 0, f"sets the {kind} {name} ({environment}), which the workflow does not read there")
    for environment in ({place for _, _, place in needed if place} | others) - environments:
        case.report(path, 0, f"never makes the environment {environment}")
    rows = re.findall(r"(?m)^\| (`[A-Z].*?) \| (secret|variable) \| (.*?) \|", text)
    told = {
        (kind, name, None if where == "repository" else where.split("`")[1])
        for names, kind, where in rows
        for name in re.findall(r"`(\w+)`", names)
    }
    if told != given:
        case.report(path, 0, f"the table and the commands differ: {sorted(told ^ given, key=str)}")


def fargate(case, path, calls):
    """Buckets are those of the backends, clusters and services those of the variables."""
    buckets = {values(case, file)["bucket"] for file in case.tree.files("terraform/*/*backend.hcl")}
    services = {values(case, file)["service_name"] for file in case.tree.files("terraform/service/*.tfvars")}
    for call in calls:
        if call.program != "aws":
            continue
        bucket = call.option("--bucket")
        if call.name.startswith("aws s3api") and {bucket} != buckets:
            case.report(path, 0, f"`{call}`: the backends are in {buckets}")
        for option in ("--cluster", "--service", "--services", "--family-prefix"):
            if call.option(option) and call.option(option) not in services:
                case.report(path, 0, f"`{call}`: no variable file makes this service")
    made = [call.name for call in calls]
    for name in ("aws s3api create-bucket", "aws s3api put-public-access-block", "aws s3api put-bucket-versioning"):
        if name not in made:
            case.report(path, 0, f"never calls `{name}`: the state has no place, or not a safe one")


def local(case, path, calls):
    """The cluster is the one that the script starts, and everything is done by it."""
    known = list(profiles(case))
    if "build-and-deploy.sh" not in [call.program for call in calls]:
        case.report(path, 0, "never calls build-and-deploy.sh")
    for call in calls:
        if call.program == "minikube" and call.option("--profile") not in known:
            case.report(path, 0, f"`{call}`: the script starts {known}")


def cluster(case, path, calls):
    """Objects that are asked for exist: in the chart, or in what the root addons makes."""
    for call in calls:
        asked = [word for word in call.arguments if re.match(r"(deployment|service)/", word)]
        asked = asked if call.program == "kubectl" else []
        if call.name.startswith("helm "):
            asked.append(f"release/{call.arguments[0]}")
        for word in asked:
            kind, _, name = word.partition("/")
            done = case.must("helm", "template", name, "chart", "--kube-version", "1.36.0")
            if kind != "release" and not re.search(rf'(?mi)^kind: {kind}\nmetadata:\n  name: "?{name}"?$', done.stdout):
                case.report(path, 0, f"`{call}`: the chart makes no {word}")
        if call.arguments[:1] == ["gateway"] and "get" in call.words:
            made = (case.tree.root / "terraform" / "addons" / f"{call.option('--context')}.tfvars").read_text()
            if not (re.search(rf'name += "{call.arguments[1]}"', made) and re.search(rf'namespace += "{call.option("--namespace")}"', made)):
                case.report(path, 0, f"`{call}`: the root addons makes no such Gateway")
        if call.name == "docker build" and not (Path(call.folder) / call.arguments[0] / "Dockerfile").is_file():
            case.report(path, 0, f"`{call}`: there is no Dockerfile")
        if call.name == "docker run":
            exposed = re.search(r"(?m)^EXPOSE (\d+)$", (case.tree.root / "Dockerfile").read_text())[1]
            if call.option("--publish") != f"127.0.0.1:{exposed}:{exposed}":
                case.report(path, 0, f"`{call}`: the image listens on {exposed}")
        for name in call.options.get("--requirement", []):
            if not (Path(call.folder) / name).is_file():
                case.report(path, 0, f"`{call}`: there is no {name}")
