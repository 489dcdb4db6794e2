"""The rendered drift check on the node: its CronJob, run by hand, with its own rights and from its own clone."""

import os
import shutil
import subprocess

from judges import image
from judges.case import Case, Tree

from .machine import HERE, ROOT, Failure, must, until

# Where the node has its own address, and the name that pods know it by.
ADDRESS, PORT = "10.99.0.1", 8417
HOST = "forge.git-host.svc.cluster.local"
IMAGE = "registry.example.com/platform/gen:0.1.0"

SERVICE = f"""
apiVersion: v1
kind: Namespace
metadata: {{ name: git-host }}
---
apiVersion: v1
kind: Service
metadata: {{ name: forge, namespace: git-host }}
spec: {{ ports: [{{ name: https, port: 443, targetPort: {PORT} }}] }}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{ name: forge, namespace: git-host, labels: {{ kubernetes.io/service-name: forge }} }}
addressType: IPv4
ports: [{{ name: https, port: {PORT} }}]
endpoints: [{{ addresses: [{ADDRESS}] }}]
"""


class Watch:
    """The spec of a trial in a repository, the drift check that it asks for applied, and its Jobs."""

    def __init__(self, trial):
        self.trial, self.name = trial, f"{trial.system.release}-drift"
        self.folder = trial.scratch / "watch"
        self.folder.mkdir()
        self.spec = self.folder / "repository" / "spec.yaml"

    def __enter__(self):
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
        names = ("-subj", "/CN=forge", "-addext", f"subjectAltName=DNS:{HOST}")
        files = ("-keyout", self.folder / "server.key", "-out", self.folder / "server.crt")
        must("openssl", "req", "-x509", *key, *names, *files)
        self.image()
        self.repository()
        served = (self.folder / "served", self.folder / "server.crt", self.folder / "server.key")
        with (self.folder / "log").open("w") as log:
            words = self.trial.node.command("python3", HERE / "node" / "git_server.py", *served, ADDRESS, PORT)
            self.server = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.trial.node.kubectl("apply", "--server-side", "--filename", "-", stdin=SERVICE)
        self.trial.kubectl("apply", "--server-side", "--filename", self.rendered)
        return self

    def __exit__(self, *_):
        self.trial.kubectl("delete", "--ignore-not-found", "--filename", self.rendered)
        self.trial.node.kubectl("delete", "namespace", "git-host", "--wait=false")
        self.server.terminate()
        self.server.wait(timeout=10)

    def image(self):
        """What the example's Dockerfile makes of this checkout's program, and the certificate of the git host."""
        tree = self.folder / "image"
        tree.mkdir()
        shutil.copy(ROOT / "examples" / "cluster-drift" / "Dockerfile", tree)
        must("strip", "-o", tree / "gen", self.trial.gen)
        os.chmod(tree / "gen", 0o755)
        tag, archive = "localhost/gen-system/drift-check", self.folder / "image.tar"
        case = Case(Tree(tree, self.folder), self.folder)
        # It installs its own certificates.
        if not image.succeeds(case, tag, ["/etc/apt/apt.conf.d"]):
            raise Failure("; ".join(map(str, case.diagnostics)))
        container = must(*image.BUILDAH, "from", "--pull-never", tag).strip()
        trusted = "/usr/local/share/ca-certificates/host.crt"
        must(*image.BUILDAH, "copy", "--quiet", container, self.folder / "server.crt", trusted)
        must(*image.BUILDAH, "run", "--isolation", "chroot", "--user", "0", container, "update-ca-certificates")
        must(*image.BUILDAH, "commit", "--quiet", "--rm", container, tag)
        must(*image.BUILDAH, "push", "--quiet", tag, f"docker-archive:{archive}:{IMAGE}")
        must(HERE / "cluster", "load", self.trial.node.folder, archive)
        archive.unlink()
        must(*image.BUILDAH, "rmi", "--force", tag)

    def repository(self):
        """The spec with the drift check, where the pod can clone it, and what it renders to."""
        text = (ROOT / "blueprints" / self.trial.system.blueprint / "spec.yaml").read_text()
        group = (
            f"kubernetes:\n  namespace: {self.trial.namespace}\n  drift_check:\n    image: {IMAGE}\n"
            f"    repository: https://{HOST}/service.git\n    branch: main\n"
        )
        if text.count("\nkubernetes:\n") != 1:
            raise Failure("the spec has no group `kubernetes`")
        folder = self.spec.parent
        git = ("git", "-C", folder, "-c", "user.name=trial", "-c", "user.email=trial@example.com")
        must("git", "init", "--quiet", "--initial-branch=main", folder)
        self.spec.write_text(text.replace("kubernetes:\n", group, 1))
        must(*git, "add", "spec.yaml")
        must(*git, "commit", "--quiet", "--message=the service")
        must("git", "clone", "--quiet", "--bare", folder, self.folder / "served" / "service.git")
        must(self.trial.gen, "render", self.spec, "--out", self.folder / "tree", "--quiet")
        self.rendered = self.folder / "tree" / "drift-check" / self.trial.system.environment

    def look(self, job):
        """The exit code and the log of one run of the CronJob's pod."""
        self.trial.kubectl("create", "job", job, f"--from=cronjob/{self.name}")
        pods = lambda: self.trial.node.objects(
            "pods", "--namespace", self.trial.namespace, "--selector", f"batch.kubernetes.io/job-name={job}"
        )
        over = lambda: (found := pods()) and found[0]["status"]["phase"] in ("Succeeded", "Failed") and found[0]
        try:
            pod = until(f"the pod of {job} is over", 120, over)
        except Failure as failure:
            raise Failure(f"{failure}: {[pod['status'] for pod in pods()]}") from None
        ended = [each["state"].get("terminated") or {} for each in pod["status"]["containerStatuses"]]
        words = ("logs", pod["metadata"]["name"], "--all-containers", "--ignore-errors")
        return ended[0].get("exitCode"), self.trial.kubectl(*words)

    def expect(self, job, code, *said):
        found, log = self.look(job)
        missing = [words for words in said if words not in log]
        if found != code or missing:
            raise Failure(f"the drift check ({job}) exited {found} instead of {code}, without {missing}: {log[-3000:]}")

    def go(self):
        """What was changed by hand, nothing, and rights that are not there: told apart by the exit code."""
        until("the git host answers", 20, self.answers)
        self.expect("look-changed", 1, "CHANGED")
        self.trial.kubectl("set", "env", "deployment", "--all", "CHANGED-")
        until("every pod is ready", 120, self.trial.ready)
        self.expect("look-clean", 0, "What runs is what the artifacts say")
        self.trial.kubectl("delete", "--filename", self.rendered / "role-binding.yaml")
        self.expect("look-without-rights", 2, "forbidden")
        self.trial.say("the CronJob's pod finds a change, finds nothing without one, and fails without its rights")

    def answers(self):
        asked = self.trial.node.command("git", "-c", "http.sslVerify=false", "ls-remote", f"https://{ADDRESS}:{PORT}/service.git")
        return subprocess.run(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
