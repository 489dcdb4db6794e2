"""Writes schemas/<provider>.json of the stand-in providers from an unpacked npm package @cdktf/provider-*.

    npm pack @cdktf/provider-aws@21.22.1 && tar xzf cdktf-provider-aws-*.tgz
    python3 .ci/tools/cdktf_schema.py package aws .ci/tools/go/schema-provider/schemas/aws.json

Takes in the resources and data sources that aws.txt beside this file lists. The package was generated from the
provider's own schema, so names, types, blocks and what is required are the provider's. What it does not tell:
whether an optional argument gets a value of the provider's own. Those that always do are in FILLED.
"""

import json
import re
import sys
from pathlib import Path

TYPES = {
    "string": "string",
    "boolean": "bool",
    "number": "number",
    "stringList": "string",
    "numberList": "number",
    "booleanList": "bool",
    "stringMap": "map(string)",
    "numberMap": "map(number)",
    "booleanMap": "map(bool)",
}
FILLED = ("arn", "id", "region", "zone_id")
GETTERS = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": "list(string)",
    "getNumberListAttribute": "list(number)",
    "getStringMapAttribute": "map(string)",
    "getNumberMapAttribute": "map(number)",
    "getBooleanMapAttribute": "map(bool)",
}


class Source:
    """One resource: index.js tells names and types, index.d.ts what is required."""

    def __init__(self, folder):
        self.code = (folder / "index.js").read_text()
        self.declared = {
            name: {
                argument: not optional
                for argument, optional in re.findall(r"#(\w+) [^}]*\}[\s\S]*?\*/\s*readonly \w+(\?)?:", body)
            }
            for name, body in re.findall(
                r"(?ms)^export interface (\w+)[^{]*\{(.*?)^\}", (folder / "index.d.ts").read_text()
            )
        }

    def struct(self, function):
        """The arguments of a nested block, from the function that writes it."""
        body = re.search(rf"(?ms)^function {function}ToHclTerraform\(struct\) \{{(.*?)^\}}", self.code)[1]
        name = function[0].upper() + function[1:]
        block = self.arguments(body, self.declared[name])
        if reference := re.search(rf"(?ms)^class {name}OutputReference (.*?)^\}}", self.code):
            block["attributes"] = {**self.computed(reference[1])["attributes"], **block["attributes"]}
        return block

    def arguments(self, body, required):
        out = {"attributes": {}}
        for name, inside in re.findall(r"(?ms)^ +(\w+): \{\n +(value: .*?)\n +\},", body):
            mode = "required" if required[name] else "optional computed" if name in FILLED else "optional"
            kind = re.search(r'type: "(\w+)"', inside)[1]
            storage = re.search(r'storageClassType: "(\w+)"', inside)[1]
            if storage in TYPES:
                simple = TYPES[storage]
                out["attributes"][name] = f"{f'{kind}({simple})' if kind in ('list', 'set') else simple} {mode}"
                continue
            function = re.search(r"(\w+)ToHclTerraform\b", inside.replace("cdktf.", ""))[1]
            nested = {"nesting": "single" if kind == "struct" else kind, **self.struct(function)}
            if "isBlock: true" in inside:
                out.setdefault("blocks", {})[name] = nested
            else:
                out.setdefault("nested", {})[name] = {"mode": mode, **nested}
        return out

    def computed(self, body):
        """What can only be read."""
        out = {"attributes": {}}
        for name, getter in re.findall(
            r"(?ms)^    // (\w+) - computed: true, optional: false, required: false\n(.*?)^    \}", body
        ):
            call = re.search(r"this\.(\w+)\('", getter)
            if call and call[1] in GETTERS:
                kind = GETTERS[call[1]]
                out["attributes"][name] = f"{kind.replace('list', 'set') if 'Fn.tolist' in getter else kind} computed"
        for name, made, kind, wraps_set in re.findall(
            r"// (\w+) - computed: true, optional: false, required: false\n"
            r'\s+this\._\w+ = new (\w+?)(List|Map|OutputReference)\(this, "\w+"(, true)?',
            body,
        ):
            inner = self.computed(re.search(rf"(?ms)^class {made}OutputReference (.*?)^\}}", self.code)[1])
            fields = ",".join(f"{field}:{type.split()[0]}" for field, type in inner["attributes"].items())
            whole = f"object({fields})"
            if kind != "OutputReference":
                whole = f"{'map' if kind == 'Map' else 'set' if wraps_set else 'list'}({whole})"
            out["attributes"][name] = f"{whole} computed"
        return out

    def whole(self):
        name, body = re.search(
            r"(?ms)^class (\w+) extends cdktf\.Terraform(?:Resource|DataSource|Provider) (.*?)^\}", self.code
        ).groups()
        hcl = re.search(r"(?ms)synthesizeHclAttributes\(\) \{(.*?)^    \}", body)[1]
        given, read = self.arguments(hcl, self.declared[f"{name}Config"]), self.computed(body)
        given["attributes"] = dict(sorted({**read["attributes"], **given["attributes"]}.items()))
        return given


def main():
    package, provider, output = sys.argv[1:]
    wanted = (Path(__file__).parent / f"{provider}.txt").read_text().split("\n")
    names = sorted(name for name in wanted if name and not name.startswith("#"))
    # Of the provider itself only what is configured here; the rest is a list of every service.
    out = {"provider": Source(Path(package, "lib", "provider")).whole(), "resources": {}, "data": {}}
    out["provider"]["attributes"] = {
        name: kind.replace("optional computed", "optional")
        for name, kind in out["provider"]["attributes"].items()
        if not kind.endswith(" computed") or "optional" in kind
    }
    out["provider"].get("blocks", {}).pop("endpoints", None)
    for name in names:
        kind, _, resource = name.rpartition(".")
        folder = ("data-" if kind == "data" else "") + resource.replace("_", "-")
        folder = folder.replace(f"{provider}-", f"{provider}-" if kind == "data" else "", 1)
        out["data" if kind == "data" else "resources"][resource] = Source(Path(package, "lib", folder)).whole()
    Path(output).write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
