"""Writes one strict JSON Schema per API kind, in the layout that kubeconform looks up.

    schemas.py OUT SWAGGER.json CRD.yaml...

Built-in kinds come from the API server's own OpenAPI document, custom kinds from the
CustomResourceDefinitions that their projects publish. Strict means: an object whose fields are
known accepts no other field, so that a misspelt one is found. CEL rules (x-kubernetes-validations)
are not JSON Schema and are left to the API server.
"""

import json
import sys
from pathlib import Path

import yaml

DEFINITION = "#/definitions/"
INT_OR_STRING = {"type": ["integer", "string"]}
# The API server reads these types in more forms than their OpenAPI type says.
LENIENT = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": INT_OR_STRING,
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": ["string", "number"]},
}
# Keywords of OpenAPI or of the Kubernetes dialect that a JSON Schema validator has no use for.
DROPPED = {"description", "default", "example", "externalDocs", "nullable"}


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML as Kubernetes reads it: a plain `=` (an operator of Prometheus) is a string."""


Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: loader.construct_scalar(node))


def strict(node):
    """Rewrites an OpenAPI schema as a JSON Schema that refuses unknown fields."""
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("x-kubernetes-int-or-string") or node.get("format") == "int-or-string":
        return dict(INT_OR_STRING)

    out = {}
    for key, value in node.items():
        if key == "properties":
            # Field names are data here: one called `default` or `nullable` is not a keyword.
            out[key] = {name: strict(schema) for name, schema in value.items()}
        elif key == "enum" or key == "required":
            out[key] = value
        elif key not in DROPPED and not key.startswith("x-kubernetes-"):
            out[key] = strict(value)

    open_ended = node.get("x-kubernetes-preserve-unknown-fields") or node.get("x-kubernetes-embedded-resource")
    if out.get("properties") and "additionalProperties" not in out and not open_ended and "type" in out:
        out["additionalProperties"] = False
    if node.get("nullable") and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
    return out


def reachable(name, definitions, seen):
    """Collects into `seen` the definitions that `name` refers to, itself included."""
    if name in seen:
        return
    seen[name] = definitions[name]
    for match in references(definitions[name]):
        reachable(match, definitions, seen)


def references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value.removeprefix(DEFINITION)
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def with_type_fields(schema, api_version, kind):
    """Demands the two fields that say what the object is."""
    schema["required"] = sorted({*schema.get("required", []), "apiVersion", "kind"})
    schema["properties"] = {
        **schema.get("properties", {}),
        "apiVersion": {"enum": [api_version]},
        "kind": {"enum": [kind]},
    }
    return schema


def write(out, group, version, kind, schema):
    # kubeconform names the group of a core kind by its version.
    folder = out / (group or version)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind.lower()}_{version}.json"
    path.write_text(json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", **schema}))


def built_in_kinds(out, swagger):
    raw = json.loads(Path(swagger).read_text())["definitions"]
    definitions = {name: LENIENT.get(name) or strict(schema) for name, schema in raw.items()}
    count = 0
    for name, schema in raw.items():
        types = schema.get("x-kubernetes-group-version-kind", [])
        # DeleteOptions and the like belong to every group; they are not objects that a file holds.
        if len(types) != 1 or "apiVersion" not in schema.get("properties", {}):
            continue
        group, version, kind = (types[0][field] for field in ("group", "version", "kind"))
        parts = {}
        reachable(name, definitions, parts)
        api_version = f"{group}/{version}" if group else version
        root = with_type_fields(dict(definitions[name]), api_version, kind)
        write(out, group, version, kind, {**root, "definitions": parts})
        count += 1
    return count


def custom_kinds(out, path):
    count = 0
    for document in yaml.load_all(Path(path).read_text(), Loader=Loader):
        if not document or document.get("kind") != "CustomResourceDefinition":
            continue
        spec = document["spec"]
        group, kind = spec["group"], spec["names"]["kind"]
        for version in spec["versions"]:
            schema = strict(version["schema"]["openAPIV3Schema"])
            api_version = f"{group}/{version['name']}"
            write(out, group, version["name"], kind, with_type_fields(schema, api_version, kind))
            count += 1
    return count


def main(out, swagger, *crds):
    out = Path(out)
    kinds = built_in_kinds(out, swagger)
    custom = sum(custom_kinds(out, crd) for crd in crds)
    if kinds < 100 or custom < 10:
        sys.exit(f"schemas: only {kinds} built-in and {custom} custom kinds found")
    print(f"{kinds} built-in and {custom} custom kinds")


main(*sys.argv[1:])
