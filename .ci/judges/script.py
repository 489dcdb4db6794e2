"""Carries out build-and-deploy.sh with stand-ins that write down how they were called, and lets every
call fail once: the script has to stop there, say where it was, and do nothing more."""

import re
import tempfile
from pathlib import Path

from .case import digest, remembered, tail

STAND_INS = ("python3", "docker", "minikube", "kubectl", "helm", "curl", "sleep")
IMAGE_ID = "0123456789ab" + "c" * 52
ADDRESS = "192.0.2.7"
PROBE_WORDS = {"kubectl", "create", "ingress"}

STAND_IN = """#!/bin/bash
# Writes down one call, and does the one thing that later steps depend on.
{ printf '%s' "${0##*/}"; printf '\\0%s' "$@"; printf '\\n\\0'; } >> "$STAND_IN/calls"
number=$(tr -cd '\\n' < "$STAND_IN/calls" | wc -c)
case " ${0##*/} $* " in
  *" apply --filename - "*) cat > "$STAND_IN/applied" ;;
esac
[[ $number = "$STAND_IN_BREAKS" ]] && { echo "stand-in: no" >&2; exit 1; }
case " ${0##*/} $* " in
  " python3 -m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
  " minikube "*" status "*) [[ $STAND_IN_RUNS = yes ]] ;;
  *" minikube "*" ip "*) echo "$STAND_IN_ADDRESS" ;;
  *" docker build "*)
    while [[ $# -gt 0 ]]; do [[ $1 = --iidfile ]] && printf 'sha256:%s' "$STAND_IN_IMAGE" > "$2"; shift; done ;;
  *" create ingress "*)
    # The webhook has no certificate at first.
    echo x >> "$STAND_IN/refused"
    [[ $(wc -l < "$STAND_IN/refused") -gt $STAND_IN_REFUSES ]] || { echo "failed calling webhook" >&2; exit 1; } ;;
esac
"""


class Run:
    """One run in a fresh copy of the tree."""

    def __init__(self, case, script, runs="no", refuses=2, breaks=0, without=(), **environment):
        place = Path(tempfile.mkdtemp(dir=case.scratch))
        copy = case.copy(".", into=place)
        programs, home = place / "bin", place / "home"
        programs.mkdir()
        home.mkdir()
        (place / "calls").touch()
        (place / "refused").touch()
        for name in STAND_INS:
            if name not in without:
                (programs / name).write_text(STAND_IN)
                (programs / name).chmod(0o755)
        # Nothing of the machine but what every shell has: a program that is left out is not found.
        for name in ("bash", "cat", "cp", "dirname", "mkdir", "tr", "wc"):
            (programs / name).symlink_to(f"/usr/bin/{name}")
        given = {
            "PATH": programs,
            "HOME": home,
            "STAND_IN": place,
            "STAND_IN_RUNS": runs,
            "STAND_IN_REFUSES": refuses,
            "STAND_IN_BREAKS": breaks,
            "STAND_IN_IMAGE": IMAGE_ID,
            "STAND_IN_ADDRESS": ADDRESS,
            **environment,
        }
        words = ["env", "-i", *(f"{name}={value}" for name, value in given.items()), "bash", copy / script.name]
        # From another folder: the script finds its own.
        self.done = case.run(*words, cwd=home, timeout=60)
        self.home = home
        self.applied = (place / "applied").read_text() if (place / "applied").is_file() else ""
        entries = (place / "calls").read_text().split("\n\0")[:-1]
        self.calls = [entry.split("\0") for entry in entries]

    def names(self):
        """The calls as programs and plain words, options left out."""
        return [" ".join(word for word in words if not word.startswith("-")) for words in self.calls]

    def called(self, *wanted):
        return [words for words in self.calls if all(word in words for word in wanted)]


def judge(case):
    for script in case.tree.files("build-and-deploy.sh"):
        key = digest(case, str(script), "chart/values*.yaml")
        remembered(case, "script", key, lambda script=script: carried_out(case, script))


def value(text, name):
    found = re.search(rf"(?m)^{name}=(\S+)$", text)
    return found[1] if found else ""


def carried_out(case, script):
    text = (case.tree.root / script).read_text()
    profile, image, service = (value(text, name) for name in ("profile", "image", "service"))
    tag = f"{image}:{IMAGE_ID[:12]}"
    pushes = "docker push" in text

    def expect(what, holds, run):
        case.saw()
        if not holds:
            case.report(script, 0, f"{what}; it called {run.names()[-4:]} and said {tail(run.done, 4)}")

    run = Run(case, script)
    expect("succeeds", run.done.returncode == 0, run)
    order = ["venv", "pytest", "docker build", "docker tag", "start", "docker push" if pushes else "image load"]
    order += ["addons enable ingress", "rollout status deployment/ingress-nginx-controller", "create ingress"]
    order += ["apply", "helm upgrade", f"deployment/{value(text, 'release')}", "wait", "curl"]
    names = iter(run.names())
    expect(f"does in this order: {order}", all(any(step in name for name in names) for step in order), run)
    expect("asks for an Ingress until it is accepted", len(run.called("create", "ingress")) == 3, run)
    expect("builds once, and tags by content", run.called("docker", "tag", image, tag) and len(run.called("build")) == 1, run)
    expect("the node gets what was built", run.called("docker" if pushes else "minikube", tag, "push" if pushes else "load"), run)
    expect("releases what was built", run.called("helm", "--set-string", f"image.tag={IMAGE_ID[:12]}"), run)
    host = f"{service}.{ADDRESS}.nip.io"
    expect("releases under the address of the node", run.called("helm", f"ingress.host={host}"), run)
    for words in run.called("helm"):
        values = Path(words[words.index("--values") + 1])
        expect("the values are there", (case.tree.root / values).is_file(), run)
    path = value(text, "path").rstrip("/")
    expect("asks for the answer", run.called("curl", "--resolve", f"{host}:80:{ADDRESS}", f"http://{host}{path}/"), run)
    expect("uses its own profile only", all(profile in words for words in run.calls if words[0] in ("minikube", "kubectl", "helm")), run)
    secret = [word for words in run.calls for word in words if re.search(r"(?i)passw|token|login", word)]
    expect("signs in nowhere", not secret, run)
    mode = (run.home / ".local" / "state" / profile).stat().st_mode & 0o777
    expect("keeps its kubeconfig where only its user can read", mode == 0o700, run)
    expect("leaves the usual kubeconfig alone", not (run.home / ".kube").exists(), run)
    expect("the namespace admits restricted pods only", "enforce: restricted" in run.applied and f'name: "{value(text, "namespace")}"' in run.applied, run)
    total = len(run.calls)

    again = Run(case, script, runs="yes", refuses=0)
    expect("starts no cluster that runs", again.done.returncode == 0 and not again.called("start"), again)
    elsewhere = Run(case, script, ADDRESS="127.0.0.1", refuses=0)
    expect("takes another address", elsewhere.called("curl", f"{service}.127.0.0.1.nip.io:80:127.0.0.1"), elsewhere)
    refused = Run(case, script, refuses=1000)
    expect(
        "gives up on an Ingress that is never accepted, and says why",
        refused.done.returncode != 0 and "failed calling webhook" in refused.done.stderr and not refused.called("helm"),
        refused,
    )
    for name in STAND_INS[:-1]:
        run = Run(case, script, without=[name])
        expect(f"says that {name} is missing", run.done.returncode != 0 and f"{name} is not installed" in run.done.stderr, run)
        expect(f"does nothing without {name}", not run.calls, run)
    for number in range(1, total + 1):
        run = Run(case, script, breaks=number)
        broken = run.names()[number - 1] if len(run.calls) >= number else "nothing"
        # Asked, not needed: `status` may say no, and the Ingress is asked for again.
        if PROBE_WORDS <= set(run.calls[number - 1]) or "status" in run.calls[number - 1] and "minikube" in broken:
            continue
        expect(f"stops where `{broken}` fails", run.done.returncode != 0 and len(run.calls) <= number + 1, run)
        expect(f"says where it was when `{broken}` fails", run.done.stderr.count("build-and-deploy: failed while ") == 1, run)
