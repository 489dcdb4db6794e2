#!/usr/bin/env python3
"""Writes down which of the values that the Terraform modules give other projects' charts read.

    .ci/tables/charts.py FOLDER FLUENT_BIT [DIR...] >.ci/tools/charts.txt

FOLDER holds the charts, each unpacked under its name with its dependencies; FLUENT_BIT the sources of that program, whose
properties are looked up there. DIR are rendered trees, by default those of out/. Each chart is evaluated with each set of values by
helm and by gen, which must agree; what it becomes must conform to the schemas that .ci/install brought.
A value that nothing reads is told and not written down.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))

from judges import alerts, chart, releases  # noqa: E402
from judges.case import CACHE, KUBERNETES, Case, Tree, tail  # noqa: E402

GEN = HERE.parent / "target" / "debug" / "gen"


def tell(text):
    print(text, file=sys.stderr)


def unread(case, folder, release, values):
    """The paths below which nothing is read, of those that are in the file of values."""
    told = case.must(GEN, "chart", folder, "--values", *where(release), "--file", values)
    after = told.stdout.partition("Nothing reads\n")[2]
    return [line.split()[0] for line in after.splitlines() if str(values) in line]


def where(release):
    return ("--name", release.name, "--namespace", release.namespace, "--kube-version", KUBERNETES)


def objects(case, text):
    return {(each["kind"], each["metadata"]["name"]): each for each in alerts.loaded(case, text)}


def bare(value):
    """Without what is null, which the API server leaves out too."""
    if isinstance(value, dict):
        return {key: bare(inner) for key, inner in value.items() if inner is not None}
    return [bare(each) for each in value] if isinstance(value, list) else value


def rendered(case, folder, release, values):
    options = ("--namespace", release.namespace, "--kube-version", KUBERNETES, "--values", values)
    helm = objects(case, case.must("helm", "template", release.name, folder, *options).stdout)
    ours = objects(case, case.must(GEN, "chart", folder, *where(release), "--file", values, "--quiet").stdout)
    for name in sorted(helm.keys() | ours.keys()):
        if helm.get(name) != ours.get(name):
            tell(f"{release.chart}: helm and gen differ in {' '.join(name)}")
    text = "\n".join(json.dumps(bare(each)) + "\n---" for each in helm.values())
    done = case.run("kubeconform", "-strict", "-summary", "-schema-location", chart.LOCATION, "-", stdin=text)
    tell(f"{release.chart} ({release.run}): {len(helm)} objects; {done.stdout.strip()}")


def knows(fluent_bit, path):
    """Whether the plugin, or what all plugins have in common, names the property."""
    kind, plugin, name = path.rpartition(": ")[2].split()
    folder = {"output": "out", "input": "in", "filter": "filter"}.get(kind)
    places = [fluent_bit / "src", fluent_bit / "include", *([fluent_bit / "plugins" / f"{folder}_{plugin}"] if folder else [])]
    word = re.compile(rf'"{re.escape(name)}"', re.IGNORECASE)
    return any(word.search(file.read_text(errors="replace")) for place in places for file in place.rglob("*.[ch]"))


def main(charts, fluent_bit, *trees):
    charts, fluent_bit = Path(charts).resolve(), Path(fluent_bit).resolve()
    trees = [Path(tree).resolve() for tree in trees] or sorted((HERE.parent / "out").iterdir())
    os.environ["PATH"] = f"{CACHE / 'bin'}{os.pathsep}{os.environ['PATH']}"
    lists, done = {}, set()
    with tempfile.TemporaryDirectory() as scratch:
        for number, root in enumerate(trees):
            folder = Path(scratch, str(number))
            folder.mkdir()
            case = Case(Tree(root, folder), folder)
            for release in [each for module in releases.modules(case.tree) for each in releases.planned(case, module)]:
                text = json.dumps([release.chart, release.version, release.values])
                if text in done:
                    continue
                done.add(text)
                values = folder / "given.json"
                values.write_text(json.dumps(release.values))
                source = charts / release.chart
                nobody = unread(case, source, release, values)
                rendered(case, source, release, values)
                version = re.search(r"(?m)^version: *(\S+)", (source / "Chart.yaml").read_text())[1]
                paths = lists.setdefault(f"{release.chart} {release.version} seen in {version}", set())
                for path in releases.given(release.values):
                    if any(f"{path}.".startswith(f"{each}.") for each in nobody) or ": " in path and not knows(fluent_bit, path):
                        tell(f"{release.chart}: nothing reads {path}")
                    else:
                        paths.add(path)
            for diagnostic in case.diagnostics:
                tell(diagnostic)
    print("# Values that charts of other projects were seen to read, by .ci/tables/charts.py: chart, the version that is")
    print("# installed, the version that was looked at; below it the values.")
    for head, paths in sorted(lists.items()):
        print("\n".join([head, *(f"  {path}" for path in sorted(paths))]))


if __name__ == "__main__":
    main(*sys.argv[1:])
