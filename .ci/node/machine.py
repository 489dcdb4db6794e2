"""What all trials on a node need: the node itself, commands that must succeed, and waiting."""

import json
import os
import subprocess
import time
from pathlib import Path

from judges.case import CACHE

HERE = Path(__file__).resolve().parents[1]
ROOT = HERE.parent


class Failure(Exception):
    """The system did not do what it has to."""


def must(*words, stdin=None, env=None, timeout=600, cwd=ROOT):
    words = [str(word) for word in words]
    done = subprocess.run(
        words,
        cwd=cwd,
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=timeout,
        env={**os.environ, "PATH": f"{CACHE / 'bin'}:{os.environ['PATH']}", **(env or {})},
    )
    if done.returncode != 0:
        raise Failure(f"`{' '.join(words)}` exited {done.returncode}: {(done.stderr + done.stdout)[-3000:]}")
    return done.stdout


def until(what, seconds, holds):
    """Waits until `holds` gives something, and gives it back."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := holds():
            return found
        time.sleep(0.3)
    raise Failure(f"waited {seconds} s for this: {what}")


class Node:
    """A node of .ci/cluster."""

    def __init__(self, scratch):
        self.folder = scratch / "node"
        # Images that it has already.
        self.loaded = set()
        self.logs = scratch / "logs"

    def __enter__(self):
        must(HERE / "cluster", "start", "--node", self.folder, env={"GEN_CLUSTER_LOGS": str(self.logs)})
        return self

    def __exit__(self, *_):
        must(HERE / "cluster", "stop", self.folder)

    def command(self, *words):
        return [str(word) for word in (HERE / "cluster", "exec", self.folder, *words)]

    def run(self, *words, **options):
        return must(*self.command(*words), **options)

    def kubectl(self, *words, **options):
        return self.run("kubectl", *words, **options)

    def objects(self, *words):
        return json.loads(self.kubectl("get", *words, "--output", "json"))["items"]
