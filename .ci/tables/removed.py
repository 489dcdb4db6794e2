"""Makes schemas/kubernetes-removed.txt, the APIs that Kubernetes no longer serves.

    .ci/tables/removed.py <folder of the Go module k8s.io/api> > schemas/kubernetes-removed.txt

A line `group/version Kind 1.N successor`: since 1.N nothing is served there; `-` where nothing took its place.
"""

import pathlib
import re
import sys

# The version of the module that is read.
NEWEST = 37
# What has left the module since, or never was in it.
OLDER = [
    ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "1.22", "apiextensions.k8s.io/v1"),
    ("apiregistration.k8s.io/v1beta1", "APIService", "1.22", "apiregistration.k8s.io/v1"),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler", "1.25", "autoscaling/v2"),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.26", "autoscaling/v2"),
    ("extensions/v1beta1", "PodSecurityPolicy", "1.16", "-"),
    ("policy/v1beta1", "PodSecurityPolicy", "1.25", "-"),
] + [
    ("rbac.authorization.k8s.io/v1alpha1", kind, "1.22", "rbac.authorization.k8s.io/v1")
    for kind in ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
]
RETURNS = r"func \(in \*(\w+)\) APILifecycle%s\(\).*?\n\treturn %s"
REMOVED = re.compile(RETURNS % ("Removed", r"(\d+), (\d+)"))
REPLACED = re.compile(RETURNS % ("Replacement", r'schema\.GroupVersionKind\{Group: "(.*?)", Version: "(.*?)"'))


def main(folder):
    rows = {}
    for path in sorted(pathlib.Path(folder).glob("*/*/zz_generated.prerelease-lifecycle.go")):
        group = re.search(r'GroupName = "(.*?)"', (path.parent / "register.go").read_text())[1]
        api, text = f"{group}/{path.parent.name}", path.read_text()
        new = {kind: f"{group}/{version}" for kind, group, version in REPLACED.findall(text)}
        for kind, major, minor in REMOVED.findall(text):
            if not kind.endswith("List"):
                rows[api, kind] = (f"{major}.{minor}", new.get(kind, "-"))
    # What names no successor has one of the same kind, where a stable version does.
    stable = pathlib.Path(folder).glob("*/v[0-9]/types.go")
    kinds = {}
    for path in stable:
        group = re.search(r'GroupName = "(.*?)"', (path.parent / "register.go").read_text())[1]
        for kind in re.findall(r"^type (\w+) struct", path.read_text(), re.M):
            kinds[group, kind] = f"{group}/{path.parent.name}"
    rows |= {(api, kind): (since, new) for api, kind, since, new in OLDER}
    for (api, kind), (since, new) in sorted(rows.items()):
        # Later ones are plans.
        if int(since.split(".")[1]) > NEWEST:
            continue
        while (new, kind) in rows and rows[new, kind][1] != "-":
            new = rows[new, kind][1]
        if new == "-":
            new = kinds.get((api.split("/")[0], kind), "-")
        print(api, kind, since, new)


main(sys.argv[1])
