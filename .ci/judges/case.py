"""What a judge is given: one rendered tree, a scratch folder, and a place to report to."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

CACHE = Path(
    os.environ.get("GEN_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gen-oracles"
)
KUBERNETES = "1.36.3"


class CannotJudge(Exception):
    """A tool is missing or broke. Never the same as finding nothing."""


@dataclass(frozen=True, order=True)
class Diagnostic:
    path: str
    line: int
    message: str

    def __str__(self):
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}"


@dataclass
class Tree:
    """A folder that gen rendered. Judges read it and write only to their scratch folder."""

    root: Path
    scratch: Path
    lock: threading.Lock = field(default_factory=threading.Lock)
    locks: dict = field(default_factory=dict)
    shared: dict = field(default_factory=dict)

    def once(self, what, make):
        """What several judges need and takes a while, made by the first that asks."""
        with self.lock:
            lock = self.locks.setdefault(what, threading.Lock())
        with lock:
            if what not in self.shared:
                self.shared[what] = make()
            return self.shared[what]

    @property
    def name(self):
        return self.root.name

    def folders(self, pattern):
        """Folders that match, relative to the tree, sorted."""
        return sorted(path.relative_to(self.root) for path in self.root.glob(pattern) if path.is_dir())

    def files(self, *patterns):
        """Files that match any of the patterns, relative to the tree, sorted."""
        found = {
            path.relative_to(self.root) for pattern in patterns for path in self.root.glob(pattern) if path.is_file()
        }
        return sorted(path for path in found if not {".terraform", "__pycache__", ".pytest_cache"} & set(path.parts))


class Case:
    """One judge at work on one tree."""

    def __init__(self, tree, scratch):
        self.tree = tree
        self.scratch = scratch
        self.seen = 0
        self.fresh = self.replayed = 0
        self.diagnostics = []
        self.notes = []

    def saw(self, number=1):
        self.seen += number

    def note(self, text):
        self.notes.append(text)

    def report(self, path, line, message):
        path = str(path).removeprefix(f"{self.tree.root}/").removeprefix("./")
        self.diagnostics.append(Diagnostic(path, int(line or 0), " ".join(str(message).split())))

    def run(self, *command, cwd=None, stdin=None, env=None, timeout=900):
        """Runs a tool to its end, whatever its exit code."""
        command = [str(word) for word in command]
        try:
            return subprocess.run(
                command,
                cwd=cwd or self.tree.root,
                env={**os.environ, **(env or {})},
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                timeout=timeout,
            )
        except FileNotFoundError:
            raise CannotJudge(f"`{command[0]}` is not installed: run .ci/install") from None
        except subprocess.TimeoutExpired:
            raise CannotJudge(f"`{' '.join(command)}` did not end in {timeout} s") from None

    def must(self, *command, **options):
        """Runs a tool whose failure says nothing about the tree."""
        done = self.run(*command, **options)
        if done.returncode != 0:
            raise CannotJudge(f"`{' '.join(map(str, command))}` failed: {tail(done)}")
        return done

    def json(self, done):
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise CannotJudge(f"`{' '.join(done.args)}` gave no JSON: {tail(done)}") from None

    def expect_silence(self, done, path, before):
        """A tool that failed without a diagnostic that we could read still failed."""
        if done.returncode != 0 and len(self.diagnostics) == before:
            self.report(path, 0, f"`{' '.join(done.args)}` exited {done.returncode}: {tail(done)}")

    def copy(self, folder, into=None, without=()):
        """A copy of a folder of the tree that tools may write into."""
        target = Path(tempfile.mkdtemp(dir=into or self.scratch)) / "copy"
        ignored = shutil.ignore_patterns(
            ".terraform", ".terraform.lock.hcl", "__pycache__", ".pytest_cache", *without
        )
        shutil.copytree(self.tree.root / folder, target, ignore=ignored, symlinks=True)
        return target


# Much of a tree is the same in many trees: equal content is judged once a run. What was found good in an
# earlier run, by these judges with these tools, is not judged again for a month.
@dataclass
class Past:
    lock: threading.Lock = field(default_factory=threading.Lock)
    seen: int | None = None
    diagnostics: list = field(default_factory=list)
    value: object = None


known = {}
known_lock = threading.Lock()
MONTH = 30 * 24 * 3600


class Earlier:
    """What earlier runs found good; only what can be written as JSON, and never a diagnostic."""

    def __init__(self):
        self.count = 0
        sha = hashlib.sha256(f"{sys.version} {platform.platform()}".encode())
        for path in sorted(Path(__file__).parent.parent.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                sha.update(f"{path.name}\0".encode() + path.read_bytes())
        self.folder = CACHE / "verdicts" / sha.hexdigest()[:16]
        if self.folder.parent.is_dir():
            for other in self.folder.parent.iterdir():
                if other != self.folder and time.time() - other.stat().st_mtime > MONTH:
                    shutil.rmtree(other, ignore_errors=True)

    def file(self, judge, key):
        return self.folder / hashlib.sha256(f"{judge}\0{key}".encode()).hexdigest()

    def read(self, judge, key):
        if os.environ.get("GEN_FORGET"):
            return None
        path = self.file(judge, key)
        try:
            if time.time() - path.stat().st_mtime > MONTH:
                return None
            seen, value = json.loads(path.read_text())
        except (OSError, ValueError):
            return None
        self.count += 1
        return seen, value

    def write(self, judge, key, seen, value):
        try:
            text = json.dumps([seen, value])
        except TypeError:
            return
        if json.loads(text)[1] != value:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False) as file:
            file.write(text)
        os.replace(file.name, self.file(judge, key))


earlier = Earlier()


def digest(case, *patterns, without=()):
    """What a judgement depends on: content and relative paths."""
    sha = hashlib.sha256()
    for path in sorted(set(case.tree.files(*patterns)) - set(case.tree.files(*without))):
        sha.update(f"{path}\0".encode())
        sha.update((case.tree.root / path).read_bytes())
    return sha.hexdigest()


def remembered(case, judge, key, work):
    """What `work` returns; what it reported and saw is replayed when the same content came before."""
    with known_lock:
        past = known.setdefault((judge, key), Past())
    with past.lock:
        if past.seen is None and (found := earlier.read(judge, key)):
            past.seen, past.value = found
        if past.seen is None:
            before, seen = len(case.diagnostics), case.seen
            past.value = work()
            past.diagnostics, past.seen = case.diagnostics[before:], case.seen - seen
            case.fresh += 1
            if not past.diagnostics:
                earlier.write(judge, key, past.seen, past.value)
        else:
            case.diagnostics += past.diagnostics
            case.saw(past.seen)
            case.replayed += 1
        return past.value


def tail(done, lines=15):
    text = (done.stderr or "").strip() or (done.stdout or "").strip()
    return "\n".join(text.splitlines()[-lines:]) or "no output"
