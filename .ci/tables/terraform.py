"""Makes schemas/terraform-<provider>.txt, the tables by which `gen lint` checks Terraform.

    terraform providers schema -json >schema.json            # in a folder that requires the provider
    python3 .ci/tables/terraform.py azurerm 5.2.0 schema.json >schemas/terraform-azurerm.txt

    npm pack @cdktf/provider-aws@21.22.1 && tar xzf cdktf-provider-aws-*.tgz
    python3 .ci/tables/terraform.py aws 6.25.0 package >schemas/terraform-aws.txt

The second form is for providers that cannot be had as programs; .ci/tools/cdktf_schema.py reads the package.

The first line is `provider version`. Then come a line `name N` for each resource and `data.name N` for each data
source, the provider's name in front left away, `provider N` for its own configuration, and `N` the number of a
shape; `-` where the shape is not kept. An empty line parts them from the shapes, one a line: `name=type` for an
attribute, `!` behind it where it has to be there, `~` where it can only be read; `name:N` for a block, `!` where there
has to be one. Types: s text, n number, b truth value, o anything; `[` in front makes a list or set, `{` a map, `{N` a
mapping with the attributes of a shape. `[{N` may be written as blocks too where `*` stands behind it.
"""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))

SIMPLE = {"string": "s", "number": "n", "bool": "b", "dynamic": "o"}
# Of these services only the names of the resources are kept: small web services do without them.
LEFT_OUT = re.compile(
    r"aws_(quicksight|wafv2_|lex|media|bedrock|datazone|chime|sagemaker|odb|fsx|glue|imagebuilder|connect_|securityhub"
    r"|networkmanager|appflow|appmesh|iot|kendra|lightsail|workspaces|lakeformation|finspace|ssoadmin|appstream|dms"
    r"|storagegateway|datasync|gamelift|macie|pinpoint|customerprofiles|auditmanager|verifiedaccess|vpclattice|emr|dx_"
    r"|kinesisanalytics|redshift|neptune|securitylake|resiliencehub|rekognition|rolesanywhere|timestream|qbusiness|m2_"
    r"|cleanrooms|comprehend|controltower|cur_|dax|detective|directory_|evidently|fis_|inspector|ivs|networkfirewall"
    r"|networkmonitor|oam|opsworks|osis|outposts|pipes|servicecatalog|swf|vpc_ipam|vpc_route_server|worklink|xray)"
    r"|azurerm_(oracle|data_factory|spring|netapp|sentinel|stream_analytics|logic_app|iot|hdinsight|synapse|palo_alto"
    r"|stack_hci|kusto|bot_|machine_learning|healthcare|site_recovery|vmware|workloads|mobile|digital_twins|arc_"
    r"|dev_test|automation|elastic_san|video|media|dynatrace|nginx|new_relic|voice|lab_|purview|fluid|orbital|qumulo"
    r"|system_center|trusted|load_test|cognitive|ai_|stack_|databricks|confidential|attestation|data_protection)"
)


class Table:
    def __init__(self):
        self.names = {}
        self.shapes = []
        self.known = {}

    def shape(self, fields):
        line = " ".join(sorted(fields))
        if line not in self.known:
            self.known[line] = len(self.shapes)
            self.shapes.append(line)
        return self.known[line]

    def type(self, kind):
        """A type as `terraform providers schema` writes it."""
        if isinstance(kind, str):
            return SIMPLE[kind]
        name, inner = kind
        if name in ("list", "set"):
            return "[" + self.type(inner)
        if name == "map":
            return "{" + self.type(inner)
        if name == "object":
            return "{" + str(self.shape([f"{field}={self.type(inner[field])}" for field in inner]))
        return "o"

    def attribute(self, name, one):
        mark = "!" if one.get("required") else "~" if not one.get("optional") else ""
        if "nested_type" in one and mark != "~":
            nested = one["nested_type"]
            number = self.shape([self.attribute(field, inner) for field, inner in nested["attributes"].items()])
            kind = {"single": "", "list": "[", "set": "[", "map": "{"}[nested["nesting_mode"]] + "{" + str(number)
            return f"{name}={kind}{mark}"
        kind = self.type(one.get("type", "dynamic")) if mark != "~" else "o"
        # What a provider of the older kind declares so may be written either way.
        return f"{name}={kind}{'*' if kind.startswith('[{') and not mark == '~' else ''}{mark}"

    def block(self, block):
        fields = [self.attribute(name, one) for name, one in block.get("attributes", {}).items()]
        for name, one in block.get("block_types", {}).items():
            fields.append(f"{name}:{self.block(one['block'])}{'!' if one.get('min_items') else ''}")
        return self.shape(fields)

    def text(self, head):
        names = "\n".join(f"{name} {number}" for name, number in sorted(self.names.items()))
        return f"{head}\n{names}\n\n" + "\n".join(self.shapes) + "\n"


def program(table, provider, path):
    document = json.loads(Path(path).read_text())
    schemas = next(one for name, one in document["provider_schemas"].items() if name.endswith("/" + provider))
    table.names["provider"] = table.block(schemas["provider"]["block"])
    for prefix, kind in (("", "resource_schemas"), ("data.", "data_source_schemas")):
        for name, one in schemas.get(kind, {}).items():
            kept = not LEFT_OUT.match(name)
            table.names[prefix + name.removeprefix(provider + "_")] = table.block(one["block"]) if kept else "-"


def parsed(kind):
    """`list(string)` as Terraform's own notation has it."""
    inner = re.fullmatch(r"(list|set|map)\((.*)\)", kind)
    if inner:
        return [inner[1], parsed(inner[2])]
    return kind if kind in SIMPLE else "dynamic"


def packaged(table, one, either):
    """Fields of what cdktf_schema.py reads."""
    fields = []
    for name, words in one.get("attributes", {}).items():
        kind, _, mode = words.partition(" ")
        mark = "!" if mode == "required" else "~" if mode == "computed" else ""
        fields.append(f"{name}={table.type(parsed(kind)) if mark != '~' else 'o'}{mark}")
    for name, inner in one.get("nested", {}).items():
        number = table.shape(packaged(table, inner, either))
        kind = {"single": "", "list": "[", "set": "[", "map": "{"}[inner["nesting"]] + "{" + str(number)
        mark = "!" if inner["mode"] == "required" else ""
        fields.append(f"{name}={kind}{'*' if either and kind.startswith('[{') else ''}{mark}")
    for name, inner in one.get("blocks", {}).items():
        mark = "!" if inner.get("needed") else ""
        fields.append(f"{name}:{table.shape(packaged(table, inner, either))}{mark}")
    return fields


def package(table, provider, folder):
    import cdktf_schema

    cdktf_schema.TYPES.update(
        any="dynamic", anyMap="map(dynamic)", stringListList="list(string)", stringMapList="map(string)",
        stringMapMap="map(map(string))",
    )

    class Reader(cdktf_schema.Source):
        """Sees whatever the package tells of blocks too, and reads comments of any form."""

        def __init__(self, folder):
            self.code, types = (
                "\n".join(part.read_text() for part in [folder / f"index.{end}", *sorted(folder.glob(parts))])
                for end, parts in (("js", "index-structs/structs*[0-9].js"), ("d.ts", "index-structs/structs*.d.ts"))
            )
            self.code = self.code.replace("exports.", "")
            self.declared, self.blocks = {}, {}
            for struct, body in re.findall(r"(?ms)^export interface (\w+)[^{]*\{(.*?)^\}", types):
                fields = re.findall(r"(?ms)^    /\*\*\n(.*?)^    \*/\n    readonly \w+(\??):", body)
                named = [(re.findall(r"#(\w+) \w+#\w+\}", comment)[-1], comment, not mark) for comment, mark in fields]
                self.declared[struct] = {name: needed for name, _, needed in named}
                self.blocks[id(self.declared[struct])] = {
                    name for name, comment, _ in named if re.search(rf"\* {name} block$", comment, re.M)
                }

        def struct(self, function):
            out = super().struct(function)
            name = function[0].upper() + function[1:]
            made = re.search(rf"(?ms)^class {name}OutputReference (.*?)^\}}", self.code)
            if made:
                out["attributes"] = {**self.computed(made[1])["attributes"], **out["attributes"]}
            return out

        def arguments(self, body, required):
            out = super().arguments(body, required)
            blocks = out.pop("blocks", {})
            nested = out.setdefault("nested", {})
            for name, inner in list({**nested, **blocks}.items()):
                if name in self.blocks[id(required)]:
                    nested.pop(name, None)
                    out.setdefault("blocks", {})[name] = {**inner, "needed": required[name]}
                else:
                    nested[name] = {**inner, "mode": "required" if required[name] else "optional"}
            return out

    for inside in sorted(Path(folder, "lib").iterdir()):
        if not (inside / "index.d.ts").is_file():
            continue
        types = (inside / "index.d.ts").read_text()
        found = re.search(r'static readonly tfResourceType = "(\w+)"', types)
        if not found:
            continue
        name = "provider" if inside.name == "provider" else found[1]
        key = ("data." if inside.name.startswith("data-") else "") + name.removeprefix(provider + "_")
        if LEFT_OUT.match(name) or not (inside / "index.js").is_file():
            table.names[key] = "-"
            continue
        # The package does not tell attributes that may be blocks from those that may not; helm has only the latter.
        try:
            whole = Reader(inside).whole()
        except (TypeError, KeyError, IndexError) as fault:
            print(f"{name}: not read, {fault!r}", file=sys.stderr)
            table.names[key] = "-"
            continue
        table.names[key] = table.shape(packaged(table, whole, provider != "helm"))


def main():
    provider, version, source = sys.argv[1:]
    table = Table()
    (program if Path(source).is_file() else package)(table, provider, source)
    sys.stdout.write(table.text(f"{provider} {version}"))


if __name__ == "__main__":
    main()
