"""Makes schemas/kubernetes.txt, the table by which `gen lint` checks objects.

    .ci/tables/kubernetes.py <folder of JSON Schemas, as .ci/install makes it> > schemas/kubernetes.txt

A line `group/version Kind N` names a kind and the number of its shape; a line `N field=type …` is a shape.
Types: s text, i whole number, n number, b truth value, q whole number or text, o anything, N another shape;
`[` in front makes a list, `{` a mapping. `!` behind a type says that the field has to be there.
"""

import json
import pathlib
import sys

GROUPS = {
    "v1": [
        "configmap", "limitrange", "namespace", "persistentvolume", "persistentvolumeclaim", "pod", "podtemplate",
        "replicationcontroller", "resourcequota", "secret", "service", "serviceaccount",
    ],
    "apps": ["daemonset", "deployment", "replicaset", "statefulset"],
    "autoscaling": ["horizontalpodautoscaler"],
    "batch": ["cronjob", "job"],
    "networking.k8s.io": ["ingress", "ingressclass", "networkpolicy"],
    "policy": ["poddisruptionbudget"],
    "rbac.authorization.k8s.io": ["clusterrole", "clusterrolebinding", "role", "rolebinding"],
    "scheduling.k8s.io": ["priorityclass"],
    "storage.k8s.io": ["storageclass"],
    "discovery.k8s.io": ["endpointslice"],
    "snapshot.storage.k8s.io": ["volumesnapshot", "volumesnapshotclass"],
    "gateway.networking.k8s.io": ["gateway", "gatewayclass", "httproute", "referencegrant"],
    "monitoring.coreos.com": ["podmonitor", "prometheusrule", "servicemonitor"],
    "cert-manager.io": ["certificate", "clusterissuer", "issuer"],
    "argoproj.io": ["application", "applicationset", "appproject"],
}


class Table:
    def __init__(self):
        self.shapes = []
        self.known = {}
        self.named = {}

    def shape(self, schema, definitions):
        required = set(schema.get("required", []))
        fields = []
        for name, inner in sorted(schema["properties"].items()):
            if name == "status" or name == "managedFields":
                kind = "o"
            else:
                kind = self.kind(inner, definitions)
            fields.append(f"{name}={kind}{'!' if name in required else ''}")
        line = " ".join(fields)
        if line not in self.known:
            self.known[line] = len(self.shapes)
            self.shapes.append(line)
        return self.known[line]

    def kind(self, schema, definitions):
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            if name.endswith("IntOrString"):
                return "q"
            if name not in self.named:
                # A shape that holds itself is not looked into twice.
                self.named[name] = "o"
                self.named[name] = self.kind(definitions[name], definitions)
            return self.named[name]
        if schema.get("x-kubernetes-int-or-string") or schema.get("format") == "int-or-string":
            return "q"
        if schema.get("x-kubernetes-preserve-unknown-fields"):
            return "o"
        types = schema.get("type")
        types = [one for one in types if one != "null"] if isinstance(types, list) else [types]
        if len(types) != 1 or "anyOf" in schema or "oneOf" in schema and not schema.get("properties"):
            return "o" if set(types) - {"integer", "string"} else "q"
        match types[0]:
            case "string":
                return "s"
            case "integer":
                return "i"
            case "number":
                return "n"
            case "boolean":
                return "b"
            case "array":
                return "[" + self.kind(schema.get("items", {}), definitions)
            case "object":
                if schema.get("properties"):
                    return str(self.shape(schema, definitions))
                inner = schema.get("additionalProperties")
                return "{" + self.kind(inner, definitions) if isinstance(inner, dict) and inner else "o"
        return "o"


def main(folder):
    table = Table()
    kinds = []
    for group, names in GROUPS.items():
        for name in names:
            for path in sorted((folder / group).glob(f"{name}_v*.json")):
                document = json.loads(path.read_text())
                version = path.stem.split("_", 1)[1]
                definitions = document.get("definitions", {})
                kind = document["properties"]["kind"]["enum"][0]
                api = version if group == "v1" else f"{group}/{version}"
                for key in ("apiVersion", "kind"):
                    document["properties"][key] = {"type": "string"}
                kinds.append((api, kind, table.shape(document, definitions)))
    for api, kind, number in kinds:
        print(api, kind, number)
    print()
    for line in table.shapes:
        print(line)


main(pathlib.Path(sys.argv[1]))
