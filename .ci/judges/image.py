"""Builds the rendered Dockerfile and runs the image the way the rendered chart would."""

import contextlib
import fcntl
import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from . import chart
from .case import CACHE, CannotJudge, digest, remembered, tail

HERE = Path(__file__).parents[1]
CONTAINERS = CACHE / "containers"
BUILDAH = ("buildah", "--root", CONTAINERS / "storage", "--runroot", CONTAINERS / "run")
# How pip is told about this machine's network; the build has to know too.
MACHINE = ("/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt")
TROUBLE = re.compile(
    r'"level": "(WARNING|ERROR|CRITICAL)"|\[(WARNING|ERROR|CRITICAL)\]|Traceback|Permission denied|Read-only file system'
)
# Two loopback addresses: a server that is bound to the first alone does not answer on the second.
ADDRESSES = ("127.0.0.1", "127.0.0.2")
PATIENCE = 30


# One base image at a time: two that are the same would both be made.
base_images = threading.Lock()
building = threading.Lock()
# Images that were built, by what they were built from; they are removed at the end.
built = []


@contextlib.contextmanager
def alone():
    """Holds the store of images: two runs at once would remove what the other one built."""
    CONTAINERS.mkdir(parents=True, exist_ok=True)
    with (CONTAINERS / "lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waits for another run that builds images", file=sys.stderr, flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def clean():
    for tag in built:
        subprocess.run([*map(str, BUILDAH), "rmi", "--force", tag], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def judge(case):
    if not case.tree.files("Dockerfile"):
        return
    # What is in the context and what is not is decided by .dockerignore, which is content too.
    content = digest(case, "Dockerfile", ".dockerignore", "gunicorn_config.py", *context(case))
    tag = f"localhost/gen-oracle/{content[:32]}"
    config = remembered(case, "build", content, lambda: build(case, tag))
    if config is None:
        return
    user, containers = config.get("User", ""), deployed(case)
    if not re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", user):
        case.report("Dockerfile", 0, f"the image runs as `{user or 'root'}`: USER must be a number above 0")
        return
    if not containers:
        case.report(".", 0, "no Deployment says how the image is to be run")
    if missing := unserved(case, config):
        # The application is the user's own; the demonstration in the tree need not be the one that the spec names.
        case.note(f"built, not run: the tree has no {missing}")
        return
    for label, container, pod in containers:
        needed = json.dumps([container_of(container), pod.get("securityContext"), pod.get("volumes"), pod.get("initContainers")], sort_keys=True)
        remembered(
            case,
            "run",
            f"{content} {needed}",
            lambda label=label, container=container, pod=pod: run(case, tag, config, label, container, pod),
        )


def context(case):
    """What the image is made from: the folders and files that the Dockerfile copies out of the tree."""
    text = (case.tree.root / "Dockerfile").read_text()
    for source in re.findall(r"(?m)^COPY (?!--from)(?:--\S+ )*(\S+) \S+$", text):
        yield f"{source.rstrip('/')}/**/*" if (case.tree.root / source).is_dir() else source


def unserved(case, config):
    """The module that the image starts with, where the tree does not hold it."""
    words = (config.get("Entrypoint") or []) + (config.get("Cmd") or [])
    module = words[-1].partition(":")[0].replace(".", "/") + ".py"
    return None if case.tree.files(f"**/{module}") else module


def container_of(container):
    """The container without what is of no account here: these are the scheduler's."""
    return {name: value for name, value in container.items() if name not in ("resources", "image", "imagePullPolicy")}


def build(case, tag):
    case.saw()
    built.append(tag)
    if not succeeds(case, tag):
        return None
    return json.loads(case.must(*BUILDAH, "inspect", "--type", "image", tag).stdout)["OCIv1"]["config"]


def succeeds(case, tag, machine=MACHINE):
    stages = set()
    for line in (case.tree.root / "Dockerfile").read_text().splitlines():
        words = line.split()
        if not words or words[0] != "FROM":
            continue
        if words[1] not in stages:
            with base_images:
                case.must("bash", HERE / "base-image", words[1].split("@")[0])
            if "@" in words[1]:
                # The local stand-in cannot have the digest of the real image.
                case.note(f"{words[1]} is judged without its digest")
        stages.update(words[3:4])

    registries = case.scratch / "registries.conf"
    registries.write_text('unqualified-search-registries = ["docker.io"]\n')
    dockerfile = case.scratch / "Dockerfile"
    dockerfile.write_text(re.sub(r"(?m)^(FROM \S+?)@sha256:\w+", r"\1", (case.tree.root / "Dockerfile").read_text()))
    volumes = [word for path in machine if Path(path).exists() for word in ("--volume", f"{path}:{path}:ro")]
    started = time.monotonic()
    done = case.run(
        *BUILDAH,
        "bud",
        "--pull-never",
        "--layers=false",
        *volumes,
        "--tag",
        tag,
        "--file",
        dockerfile,
        case.tree.root,
        env={"BUILDAH_ISOLATION": "chroot", "CONTAINERS_REGISTRIES_CONF": str(registries)},
    )
    if done.returncode != 0:
        case.report("Dockerfile", 0, f"buildah cannot build it: {tail(done, 25)}")
        return False
    case.note(f"built in {time.monotonic() - started:.0f} s")
    return True


def deployed(case):
    """What the chart would run: (label, container, pod) of every Deployment's first container."""
    found = []
    for where, name, text in chart.manifests(case)[0]:
        loaded = case.must(
            CACHE / "venv" / "linters" / "bin" / "python",
            "-c",
            "import json, sys, yaml; json.dump([d for d in yaml.safe_load_all(sys.stdin) if d], sys.stdout)",
            stdin=text,
        )
        for document in json.loads(loaded.stdout):
            # The cluster that waits for a lost region runs none, and has no disk for one.
            if document["kind"] == "Deployment" and document["spec"].get("replicas") != 0:
                pod = document["spec"]["template"]["spec"]
                found.append((f"{where} ({name})", pod["containers"][0], pod))
    return found


def run(case, tag, config, label, container, pod):
    case.saw()
    with building:
        # An earlier run found the image good and removed it.
        if tag not in built and build(case, tag) is None:
            return
    security = {**pod.get("securityContext", {}), **container.get("securityContext", {})}
    image_user, _, image_group = config["User"].partition(":")
    user = str(security.get("runAsUser", image_user))
    group = str(security.get("runAsGroup", image_group or 0))
    if user != image_user:
        case.report(label, 0, f"runs as {user}, the image is made for {image_user}")
    port = container["ports"][0]["containerPort"]
    if f"{port}/tcp" not in config.get("ExposedPorts", {}):
        case.report("Dockerfile", 0, f"does not expose {port}, the port of {label}")

    environment = dict(item.split("=", 1) for item in config.get("Env", []))
    # A value that comes from a Secret or from the node is not known here.
    for item in container.get("env", []):
        environment[item["name"]] = expanded(str(item.get("value", "unknown")), environment)
    secret = {item["name"] for item in container.get("env", []) if "secretKeyRef" in item.get("valueFrom", {})}
    if addresses := {name for name in secret if "DATABASE" in name}:
        with postgresql(case) as (folder, address):
            environment |= dict.fromkeys(addresses, address)
            start(case, tag, config, label, container, pod, environment, [f"{folder}:{SOCKETS}"])
    else:
        start(case, tag, config, label, container, pod, environment, [])


# Where libpq looks for a server on the same machine.
SOCKETS = "/run/postgresql"


@contextlib.contextmanager
def postgresql(case):
    """A server of the container's own, reached through a folder; a network would be another namespace."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not programs:
        raise CannotJudge("PostgreSQL is not installed: run .ci/install")
    place = Path(tempfile.mkdtemp(prefix="gen-oracles-postgresql-"))
    sockets, data, programs = place / "sockets", place / "data", programs[-1].parent
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    try:
        sockets.mkdir()
        for path in (place, sockets):
            path.chmod(0o755)
            shutil.chown(path, "postgres", "postgres")
        case.must(*as_postgres, programs / "initdb", "--auth=trust", "--no-sync", "--username=notes", f"--pgdata={data}", cwd="/")
        with (place / "log").open("w") as log:
            server = subprocess.Popen(
                [*as_postgres, programs / "postgres", "-D", data, "-k", sockets, "-c", "listen_addresses=", "-F"],
                cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            deadline = time.monotonic() + PATIENCE
            while case.run(programs / "pg_isready", "--quiet", f"--host={sockets}").returncode != 0:
                if time.monotonic() > deadline or server.poll() is not None:
                    raise CannotJudge(f"PostgreSQL does not start: {(place / 'log').read_text()[-1000:]}")
                time.sleep(0.2)
            yield sockets, f"postgresql:///postgres?host={SOCKETS}&user=notes"
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def start(case, tag, config, label, container, pod, environment, folders):
    """Runs what the pod runs: what prepares it, to its end, and then the container."""
    security = {**pod.get("securityContext", {}), **container.get("securityContext", {})}
    image_user, _, image_group = config["User"].partition(":")
    user = str(security.get("runAsUser", image_user))
    group = str(security.get("runAsGroup", image_group or 0))
    port = container["ports"][0]["containerPort"]
    command = (container.get("command") or config.get("Entrypoint") or []) + (
        container.get("args") or config.get("Cmd") or []
    )
    command = [expanded(word, environment) for word in command]
    # The same image with the same settings and volumes, as the chart has it.
    for before in reversed(pod.get("initContainers", [])):
        words = [expanded(word, environment) for word in before["command"]]
        command = ["sh", "-c", f'{shlex.join(words)} && exec "$@"', "sh", *command]
    volumes = {
        volume["name"] for volume in pod.get("volumes", []) if "emptyDir" in volume or "persistentVolumeClaim" in volume
    }
    mounts = [mount["mountPath"] for mount in container.get("volumeMounts", []) if mount["name"] in volumes] + folders

    name = case.must(*BUILDAH, "from", "--pull-never", tag).stdout.strip()
    log = case.scratch / f"{name}.log"
    try:
        root = case.must(*BUILDAH, "mount", name).stdout.strip()
        with log.open("w") as output:
            process = subprocess.Popen(
                [
                    "unshare",
                    "--mount",
                    "--net",
                    "--pid",
                    "--fork",
                    "--kill-child",
                    "bash",
                    str(HERE / "judges" / "pod.sh"),
                    root,
                    user,
                    group,
                    config.get("WorkingDir") or "/",
                    str(security.get("readOnlyRootFilesystem", False)).lower(),
                    *mounts,
                    "--",
                    *command,
                ],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            watch(case, process, label, container, port, user, log)
        finally:
            process.kill()
            process.wait()
        for line in log.read_text().splitlines():
            if TROUBLE.search(line):
                case.report(label, 0, f"the application says: {line}")
    finally:
        case.run(*BUILDAH, "rm", name)


def expanded(text, environment):
    """A word of a container as the kubelet hands it over: $(NAME) is replaced where NAME is set, $$ is one $."""

    def put(found):
        name = found["name"]
        return "$" if name is None else environment.get(name, found[0])

    return re.sub(r"\$\$|\$\((?P<name>[^)]*)\)", put, text)


def watch(case, process, label, container, port, user, log):
    """Probes the running container, looks at its processes, and stops it as a kubelet does."""
    paths = sorted(
        {
            probe["httpGet"]["path"]
            for probe in (container.get(f"{kind}Probe") for kind in ("startup", "readiness", "liveness"))
            if probe
        }
    )
    if not paths:
        case.report(label, 0, "has no HTTP probe")
        return
    deadline = time.monotonic() + PATIENCE
    first = None
    for path in paths:
        for address in ADDRESSES:
            answer = None
            while answer != "200" and time.monotonic() < deadline and process.poll() is None:
                first = first or child(process)
                if first:
                    answer = asked(case, first, f"http://{address}:{port}{path}")
                time.sleep(0.1 if answer != "200" else 0)
            if answer != "200":
                case.report(
                    label, 0, f"{address}:{port}{path} answered {answer}, expected 200: {log.read_text()[-2000:]}"
                )
                return

    for named in container["ports"]:
        if named["name"] == "metrics":
            case.saw()
            told = case.run(
                "nsenter", "--target", first, "--net",
                "curl", "--silent", "--max-time", 3, f"http://{ADDRESSES[0]}:{named['containerPort']}/metrics",
            ).stdout  # fmt: skip
            if "http_requests_total{" not in told:
                case.report(label, 0, f"port {named['containerPort']} serves no metrics: {told[:300]!r}")

    # What the application itself says is its own affair, as long as it says something.
    answer = asked(case, first, f"http://{ADDRESSES[1]}:{port}/")
    if not answer.startswith(("2", "3", "4")):
        case.report(label, 0, f"{ADDRESSES[1]}:{port}/ answered {answer}")
    processes = descendants(first)
    for pid in processes:
        status = dict(
            line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
        )
        if set(status["Uid"].split()) != {user} or status["CapEff"].strip("0"):
            case.report(
                label, 0, f"process {status['Name']} has uid {status['Uid']} and capabilities {status['CapEff']}"
            )
    root = next(
        line.split() for line in Path(f"/proc/{first}/mounts").read_text().splitlines() if line.split()[1] == "/"
    )
    if "ro" not in root[3].split(","):
        case.report(label, 0, "the root file system can be written")
    case.note(
        f"{label}: {len(processes)} processes of uid {user}, root {root[3].split(',')[0]}, port {port}: {', '.join(paths)} answered 200, / {answer}"
    )

    subprocess.run(["kill", "-TERM", first], check=True)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        case.report(label, 0, f"did not stop within {PATIENCE} s of SIGTERM")
        return
    if process.returncode not in (0, -signal.SIGTERM, 128 + signal.SIGTERM):
        case.report(label, 0, f"ended with {process.returncode} after SIGTERM")


def asked(case, pid, url):
    """The status of one request from inside the container's network."""
    curl = ["curl", "--silent", "--max-time", 3, "--output", "/dev/null", "--write-out", "%{http_code}", url]
    return case.run("nsenter", "--target", pid, "--net", *curl).stdout.strip()


def child(process):
    """Process 1 of the container, by its number here."""
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return found[0] if found else None


def descendants(pid):
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for each in (task / "children").read_text().split():
            found += descendants(each)
    return found
