"""Envoy Gateway with Envoy on the node, which routes one HTTPRoute of a rendered chart."""

import base64
import hashlib
import json
import os
import re
import subprocess

from judges.case import CACHE

from .machine import Failure, must

HOMES = (("config", "Home"), ("data", "Home"), ("state", "Home"), ("runtime", "Dir"))

GATEWAY = """
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyProxy
metadata: { name: host, namespace: gateway }
spec: { provider: { type: Host, host: { envoyVersion: VERSION } } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: envoy }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: NAME, namespace: gateway }
spec:
  gatewayClassName: envoy
  infrastructure: { parametersRef: { group: gateway.envoyproxy.io, kind: EnvoyProxy, name: host } }
  listeners:
    - { name: http, protocol: HTTP, port: 8080, allowedRoutes: { namespaces: { from: All } } }
    - name: https
      protocol: HTTPS
      port: 8443
      allowedRoutes: { namespaces: { from: All } }
      tls: { certificateRefs: [{ name: certificate }] }
---
"""


class Gateway:
    """Envoy Gateway with Envoy on the node, which routes the HTTPRoutes of a trial to its Service.

    It reads objects from files, where Services cannot be named: a Backend of the Service's own address
    stands for it. Everything else of a route is as the chart rendered it.
    """

    def __init__(self, trial, routes, host):
        self.node, self.host = trial.node, host
        self.folder = trial.scratch / "gateway"
        (self.folder / "resources").mkdir(parents=True)
        version = re.search(r"/(\d+\.\d+\.\d+)/", must("envoy", "--version"))[1]
        binary = self.folder / "data" / "envoy-versions" / version / "bin" / "envoy"
        binary.parent.mkdir(parents=True)
        binary.symlink_to((CACHE / "bin" / "envoy").resolve())
        self.certificate()
        parent = routes[0]["spec"]["parentRefs"][0]
        resources = GATEWAY.replace("VERSION", version).replace("NAME", parent["name"])
        resources = resources.replace("namespace: gateway }", f"namespace: {parent['namespace']} }}")
        objects = [self.secret(parent["namespace"])]
        objects += [each for route in routes for each in self.backend(trial, route)]
        resources += "\n---\n".join(map(json.dumps, objects))
        (self.folder / "resources" / "all.yaml").write_text(resources)
        homes = {f"{name}{kind}": str(self.folder / name) for name, kind in HOMES}
        configuration = {
            "apiVersion": "gateway.envoyproxy.io/v1alpha1",
            "kind": "EnvoyGateway",
            "gateway": {"controllerName": "gateway.envoyproxy.io/gatewayclass-controller"},
            "provider": {
                "type": "Custom",
                "custom": {
                    "resource": {"type": "File", "file": {"paths": [str(self.folder / "resources")]}},
                    "infrastructure": {"type": "Host", "host": homes},
                },
            },
            "extensionApis": {"enableBackend": True},
        }
        (self.folder / "gateway.yaml").write_text(json.dumps(configuration))

    def certificate(self):
        subject = ("-subj", f"/CN={self.host}", "-addext", f"subjectAltName=DNS:{self.host}", "-days", "2")
        kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        files = ("-keyout", self.folder / "tls.key", "-out", self.folder / "tls.crt")
        must("openssl", "req", "-x509", *kind, *subject, *files)

    def secret(self, namespace):
        encoded = {name: must("base64", "-w0", self.folder / name) for name in ("tls.crt", "tls.key")}
        metadata = {"name": "certificate", "namespace": namespace}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "kubernetes.io/tls", "data": encoded}

    @staticmethod
    def backend(trial, route):
        address, port = trial.address().removeprefix("http://").split(":")
        metadata = {key: route["metadata"][key] for key in ("name", "namespace")}
        group = "gateway.envoyproxy.io"
        backend = {"apiVersion": f"{group}/v1alpha1", "kind": "Backend", "metadata": metadata}
        backend["spec"] = {"endpoints": [{"ip": {"address": address, "port": int(port)}}]}
        spec = json.loads(json.dumps(route["spec"]))
        for rule in spec["rules"]:
            rule["backendRefs"] = [{"group": group, "kind": "Backend", "name": metadata["name"]}]
        return backend, {**{key: route[key] for key in ("apiVersion", "kind")}, "metadata": metadata, "spec": spec}

    def __enter__(self):
        must("envoy-gateway", "certgen", "--local", "--config-home", self.folder / "config")
        words = self.node.command("envoy-gateway", "server", "--config-path", self.folder / "gateway.yaml")
        self.log = (self.folder / "log").open("w")
        environment = {**os.environ, "PATH": f"{CACHE / 'bin'}:{os.environ['PATH']}"}
        self.process = subprocess.Popen(words, stdout=self.log, stderr=self.log, env=environment)
        return self

    def __exit__(self, kind, *_):
        # Envoy is its child and ends with it.
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()
        if kind is not None:
            print((self.folder / "log").read_text()[-3000:])

    def visited(self):
        """How a browser finds the host and trusts its certificate."""
        key = must("openssl", "x509", "-in", self.folder / "tls.crt", "-pubkey", "-noout")
        (self.folder / "tls.pub").write_text(key)
        files = ("-in", self.folder / "tls.pub", "-out", self.folder / "tls.der")
        must("openssl", "pkey", "-pubin", "-outform", "der", *files)
        digest = base64.b64encode(hashlib.sha256((self.folder / "tls.der").read_bytes()).digest()).decode()
        return f"MAP {self.host}:443 127.0.0.1:8443", digest

    def status(self, scheme, path, host=None):
        port, host = {"http": 8080, "https": 8443}[scheme], host or self.host
        where = ("--resolve", f"{host}:{port}:127.0.0.1", "--cacert", self.folder / "tls.crt")
        curl = ("curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--max-time", "5", *where)
        try:
            return int(self.node.run(*curl, f"{scheme}://{host}:{port}{path}"))
        except Failure:
            return 0
