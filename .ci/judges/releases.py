"""Judges of what the Terraform modules give to charts of other projects.

The charts are in no registry that is asked here. `.ci/tables/charts.py` looks at the charts themselves and writes down which
of the values that we give they read (.ci/tools/charts.txt); this compares what is given with that.
"""

import json
import re
import tempfile
from pathlib import Path
from typing import NamedTuple

from . import alerts, terraform
from .case import digest, remembered, tail

FOREIGN = re.compile(r'(?m)^resource "helm_release" [^\n]+\n(?:  [^\n]*\n)*?  repository +=')
SEEN = Path(__file__).parent.parent / "tools" / "charts.txt"


class Release(NamedTuple):
    """One plan of a helm_release whose chart is somebody else's."""

    folder: str
    run: str
    name: str
    namespace: str
    chart: str
    version: str
    values: dict


def planned(case, folder):
    """The releases of a module in every run of its own tests."""
    place = terraform.initialised(case, folder)
    if place is None:
        return []
    command = ("terraform", "test", "-json", "-verbose", "-no-color")
    done = case.run(*command, cwd=place, env=terraform.ENVIRONMENT)
    found = []
    for message in terraform.messages(done):
        for change in message.get("test_plan", {}).get("resource_changes", []):
            after = change["change"]["after"] or {}
            if change["type"] != "helm_release" or not after.get("repository"):
                continue
            values = alerts.loaded(case, "\n---\n".join(after.get("values") or []))
            found += [
                Release(str(folder), message["@testrun"], after["name"], after["namespace"], after["chart"], after["version"], each)
                for each in values
            ]
    if not found:
        case.report(folder, 0, "no run of its tests plans a release")
    return found


def modules(tree):
    """The modules that install charts out of a repository."""
    return [
        folder
        for folder in terraform.folders(tree)
        if any(FOREIGN.search((tree.root / path).read_text()) for path in tree.files(f"{folder}/*.tf"))
    ]


def given(value, path=""):
    """The path of every value; of a configuration of Fluent Bit, of every property."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from given(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, str) and value.lstrip().startswith("["):
        section = {}
        for line in value.splitlines():
            name, _, text = line.strip().partition(" ")
            if name.startswith("["):
                section = {"kind": name.strip("[]").lower()}
            elif name.lower() == "name":
                section["plugin"] = text.strip()
            elif name:
                yield f"{path}: {section['kind']} {section.get('plugin', '-')} {name.lower()}"
    else:
        yield path


def seen():
    """What each chart in each version was seen to read: {(chart, version): paths}."""
    found, paths = {}, None
    for line in SEEN.read_text().splitlines():
        if line.startswith("  "):
            paths.add(line.strip())
        elif line and not line.startswith("#"):
            chart, version, *_ = line.split()
            paths = found.setdefault((chart, version), set())
    return found


def judge(case):
    known = seen()
    for folder in modules(case.tree):
        key = f"{folder} {digest(case, f'{folder}/**/*')}"
        remembered(case, "releases", key, lambda folder=folder: judged(case, folder, known))


def judged(case, folder, known):
    for release in planned(case, folder):
        where = f"{folder} ({release.run})"
        paths = known.get((release.chart, release.version))
        if paths is None:
            case.report(where, 0, f"nobody has looked at {release.chart} {release.version}: run .ci/tables/charts.py")
            continue
        for path in given(release.values):
            case.saw()
            if path not in paths:
                case.report(where, 0, f"{release.chart} {release.version} was not seen to read `{path}`")
        if config := release.values.get("alertmanager", {}).get("config"):
            alertmanager(case, where, config)


def alertmanager(case, where, config):
    """Alertmanager's own program reads its configuration, and tells whom which alert goes to."""
    folder = Path(tempfile.mkdtemp(dir=case.scratch))
    (folder / "alertmanager.yaml").write_text(json.dumps(config))
    done = case.run("amtool", "check-config", "alertmanager.yaml", cwd=folder)
    if done.returncode != 0:
        case.report(where, 0, f"amtool check-config: {tail(done)}")
        return
    for labels, wanted in (("alertname=ServiceErrors", "team"), ("alertname=Watchdog", "null")):
        case.saw()
        done = case.run("amtool", "config", "routes", "test", "--config.file=alertmanager.yaml", labels, cwd=folder)
        if done.stdout.strip() != wanted:
            case.report(where, 0, f"{labels} goes to {tail(done)}, not to {wanted}")
