"""Judges of what Prometheus and Alertmanager are told, by their own programs."""

import hashlib
import json
import re
import tempfile
from pathlib import Path

from . import chart
from .case import CACHE, remembered, tail

# The queries of a dashboard name what Grafana fills in.
FILLED = {"$__rate_interval": "5m"}
LOAD = (
    "import json, sys, yaml\n"
    "yaml.SafeLoader.add_constructor('tag:yaml.org,2002:value', lambda loader, node: node.value)\n"
    "json.dump([d for d in yaml.safe_load_all(sys.stdin) if d], sys.stdout)"
)


def loaded(case, text):
    """The documents of a YAML text."""
    done = case.must(CACHE / "venv" / "linters" / "bin" / "python", "-c", LOAD, stdin=text)
    return json.loads(done.stdout)


def rules(case):
    """Every PrometheusRule: what promtool says of it, and whether each alert fires when it has to, and only then."""
    for where, name, text in chart.manifests(case)[0]:
        if "kind: PrometheusRule" not in text and "grafana_dashboard" not in text:
            continue
        key = f"{where} ({name}) {hashlib.sha256(text.encode()).hexdigest()}"
        remembered(case, "rules", key, lambda where=where, name=name, text=text: judged(case, f"{where} ({name})", text))


def judged(case, label, text):
    objects = loaded(case, text)
    for found in objects:
        if found["kind"] == "PrometheusRule":
            alerts(case, label, found, Scene(objects, found))
        if found["kind"] == "ConfigMap":
            for panel in (json.loads(value) for key, value in found["data"].items() if key.endswith(".json")):
                queries(case, label, panel)


def queries(case, label, dashboard):
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            case.saw()
            expression = target["expr"]
            for name, value in FILLED.items():
                expression = expression.replace(name, value)
            done = case.run("promtool", "--experimental", "promql", "format", expression)
            if done.returncode != 0:
                case.report(label, 0, f"dashboard, {panel['title']}: {tail(done)}")


class Scene:
    """The series that a cluster with these objects has, by what the objects are called."""

    def __init__(self, objects, rule):
        self.namespace = rule["metadata"]["namespace"]
        self.service = next(each["metadata"]["name"] for each in objects if each["kind"] == "Service")
        workload = next(each for each in objects if each["kind"] == "Deployment")
        self.pod = f"{workload['metadata']['name']}-6d5f-x2x4"
        probes = workload["spec"]["template"]["spec"]["containers"][0]
        self.probe = probes["readinessProbe"]["httpGet"]["path"]
        named = lambda kind: next((each["metadata"]["name"] for each in objects if each["kind"] == kind), "none")
        # The cluster that waits for a lost region runs none.
        self.waits = workload["spec"].get("replicas") == 0
        self.claim, self.scaler = named("PersistentVolumeClaim"), named("HorizontalPodAutoscaler")

    def series(self, name, values, **labels):
        said = ",".join(f'{key}="{value}"' for key, value in {"namespace": self.namespace, **labels}.items())
        return {"series": f"{name}{{{said}}}", "values": values}

    def up(self, values="1x60"):
        return [self.series("up", values, service=self.service, pod=self.pod)]

    def requests(self, values, status="200", route="/"):
        labels = {"service": self.service, "pod": self.pod, "method": "GET", "route": route}
        return self.series("http_requests_total", values, status=status, **labels)

    def seconds(self, fast, route="/"):
        """Requests that take no time, or all of them a minute."""
        labels = {"service": self.service, "pod": self.pod, "method": "GET", "route": route}
        below = {"0.005": fast, "60": True, "120": True, "+Inf": True}
        return [
            self.series("http_request_duration_seconds_bucket", "0+60x60" if counted else "0x60", le=le, **labels)
            for le, counted in below.items()
        ]

    def volume(self, used, claim=None):
        where = {"persistentvolumeclaim": claim or self.claim}
        capacity = self.series("kubelet_volume_stats_capacity_bytes", "100x60", **where)
        return [self.series("kubelet_volume_stats_used_bytes", f"{used}x60", **where), capacity]

    def restarts(self, values, pod=None):
        return [self.series("kube_pod_container_status_restarts_total", values, pod=pod or self.pod)]

    def replicas(self, current):
        which = {"horizontalpodautoscaler": self.scaler}
        most = self.series("kube_horizontalpodautoscaler_spec_max_replicas", "5x60", **which)
        return [self.series("kube_horizontalpodautoscaler_status_current_replicas", f"{current}x60", **which), most]

    def calm(self):
        """Nothing is wrong, except with the probes and with somebody else."""
        return [
            *self.up(),
            self.requests("0+1000x60"),
            self.requests("0+1x60", status="500"),
            self.requests("0+1000x60", status="503", route=self.probe),
            *self.seconds(True),
            *self.seconds(False, self.probe),
            *self.volume(10),
            *self.volume(99, "anothers"),
            *self.restarts("0x60"),
            *self.restarts("0+1x60", "another-6d5f-x2x4"),
            *self.replicas(4),
        ]

    def trouble(self):
        """For each alert: what makes it fire, a minute by which it has to, and one at which it must not yet."""
        return {
            "ServiceAbsent": (self.up("1x10 0x50"), 17, 12),
            "ServiceErrors": ([self.requests("0+100x60", status="502"), self.requests("0+100x60")], 12, 3),
            "ServiceSlow": (self.seconds(False), 16, 5),
            "ServiceRestarts": (self.restarts("0x5 1+1x3 4x50"), 12, 3),
            "ServiceVolumeFull": (self.volume(99), 17, 10),
            "ServiceAtItsLimit": (self.replicas(5), 17, 10),
        }


def alerts(case, label, found, scene):
    folder = Path(tempfile.mkdtemp(dir=case.scratch))
    (folder / "rules.json").write_text(json.dumps({"groups": found["spec"]["groups"]}))
    done = case.run("promtool", "check", "rules", "--lint=all", "--lint-fatal", "rules.json", cwd=folder)
    if done.returncode != 0:
        case.report(label, 0, f"promtool check rules: {tail(done)}")
        return
    names = [rule["alert"] for group in found["spec"]["groups"] for rule in group["rules"]]
    trouble = scene.trouble()
    calm = [] if scene.waits else scene.calm()
    tests = [situation("calm", calm, {name: False for name in names}, 55)]
    for name in names:
        if name not in trouble:
            case.report(label, 0, f"{name}: nobody has said when it has to fire")
            continue
        series, late, early = trouble[name]
        tests.append(situation(f"{name}, too early", series, {name: False}, early))
        tests.append(situation(name, series, {name: True}, late))
    case.saw(len(tests))
    (folder / "tests.json").write_text(json.dumps({"rule_files": ["rules.json"], "evaluation_interval": "1m", "tests": tests}))
    done = case.run("promtool", "test", "rules", "tests.json", cwd=folder)
    if done.returncode != 0:
        said = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
        case.report(label, 0, f"promtool test rules: {' '.join(line for line in said if line)[:1500]}")


def situation(name, series, wanted, minute):
    """A test of promtool: which of the alerts fire at that minute."""
    expected = [
        {
            "expr": f'count by (alertname) (ALERTS{{alertname="{alert}",alertstate="firing"}})',
            "eval_time": f"{minute}m",
            "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": 1}] if fires else [],
        }
        for alert, fires in wanted.items()
    ]
    return {"name": name, "interval": "1m", "input_series": series, "promql_expr_test": expected}
