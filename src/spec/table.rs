//! Every field of `spec.yaml`: what it means, what it may be, what it is without being said.
//!
//! Data only. A field added here appears in the check, in the JSON Schema and in the spec that
//! `gen init` writes; `raw.rs` gives it a type.

use crate::schema::format::*;
use crate::schema::shape::Presence::{Default, Nested, Optional, Required};
use crate::schema::shape::Shape::{Any, Bool, Choice, Int, List, Map, Object as Of, Switch, Text};
use crate::schema::shape::{Field, Object, Presence, Shape};

mod aws;
mod data;
mod drift_check;
mod eks;
mod minikube;
mod observability;

const fn field(name: &'static str, shape: Shape, presence: Presence, doc: &'static str) -> Field {
    Field {
        name,
        doc,
        shape,
        presence,
    }
}

/// Versions of Python that images exist for and that are still supported.
pub const PYTHONS: &[&str] = &["3.11", "3.12", "3.13", "3.14"];
/// Minor versions of Kubernetes that clouds still offer.
pub const KUBERNETES: &[&str] = &["1.35", "1.36", "1.37"];

/// The spec.
pub static SPEC: Object = Object {
    doc: "One service and everything between its source code and a served request.",
    fields: &[
        field(
            "version",
            Choice(&["1"]),
            Required,
            "Version of the spec's form; always 1.",
        ),
        field(
            "name",
            Text(&NAME),
            Required,
            "Name of the service: its Helm release, labels, image and, unless said otherwise, its namespace.",
        ),
        field(
            "blueprint",
            Text(&PATH),
            Required,
            "The blueprint that turns this spec into a stack; `gen blueprint list` shows those that are built in.",
        ),
        field(
            "out",
            Text(&PATH),
            Optional("Without it, `out/<name>`."),
            "Folder of the rendered tree, relative to the repository; `.` renders in place, which is how a real repository uses it.",
        ),
        field(
            "owned",
            List(&Text(&PATTERN), 100),
            Default("[]"),
            "Files of the rendered tree that are your own, as `README.md`, `chart/` or `**/*.md`: they are compared, and never written or removed.",
        ),
        field(
            "app",
            Of(&APP),
            Nested,
            "The application and the server that runs it.",
        ),
        field("image", Of(&IMAGE), Nested, "The container image."),
        field(
            "kubernetes",
            Of(&KUBERNETES_GROUP),
            Optional("Blueprints that deploy to Kubernetes ask for it."),
            "How the service runs in Kubernetes.",
        ),
        field(
            "database",
            Of(&data::DATABASE),
            Optional("Blueprints whose application keeps data ask for it."),
            "Where the application keeps its data.",
        ),
        field(
            "storage",
            Switch(&data::STORAGE),
            Default("false"),
            "A volume that outlives the pods; one pod at a time may use it.",
        ),
        field(
            "observability",
            Switch(&observability::OBSERVABILITY),
            Default("false"),
            "Prometheus and Grafana: a dashboard and alerts for the service, and the two themselves where the blueprint's Terraform makes the cluster.",
        ),
        field(
            "logging",
            Switch(&observability::LOGGING),
            Default("false"),
            "Fluent Bit, Elasticsearch and Kibana, where the blueprint's Terraform installs them.",
        ),
        field(
            "azure",
            Of(&AZURE),
            Optional("Blueprints on Azure ask for it."),
            "What Terraform creates in Azure.",
        ),
        field(
            "aws",
            Of(&aws::AWS),
            Optional("Blueprints on AWS ask for it."),
            "What Terraform creates in AWS.",
        ),
        field(
            "minikube",
            Of(&minikube::MINIKUBE),
            Optional("Blueprints for your own machine ask for it."),
            "The cluster on your own machine.",
        ),
        field(
            "github",
            Of(&GITHUB),
            Optional("Blueprints with a GitHub workflow ask for it."),
            "The repository and its pipeline.",
        ),
        field(
            "environments",
            Map(&ENVIRONMENT, &Any, 10),
            Default("{}"),
            "Environments, each with what differs from the rest of the spec. Without any there is one, `production`.",
        ),
        field(
            "promotion",
            List(&Text(&ENVIRONMENT), 10),
            Optional(
                "Without it, names as `dev`, `test`, `staging` and `prod` come in that order, others between by alphabet.",
            ),
            "The order in which a release passes through the environments.",
        ),
    ],
};

/// What an environment may change. The image is built once and the registry and the zone are shared, so
/// what shapes those is not in here.
pub static OVERLAY: Object = Object {
    doc: "What differs in one environment.",
    fields: &[
        field(
            "app",
            Of(&OVERLAY_APP),
            Optional(""),
            "What the process is told; the image itself is the same everywhere.",
        ),
        field(
            "kubernetes",
            Of(&KUBERNETES_GROUP),
            Optional(""),
            "How the service runs in Kubernetes.",
        ),
        field(
            "database",
            Of(&data::DATABASE),
            Optional(""),
            "Where the application keeps its data.",
        ),
        field(
            "storage",
            Switch(&data::STORAGE),
            Optional(""),
            "A volume that outlives the pods.",
        ),
        field(
            "observability",
            Switch(&observability::OBSERVABILITY),
            Optional(""),
            "Prometheus and Grafana.",
        ),
        field(
            "logging",
            Switch(&observability::LOGGING),
            Optional(""),
            "Fluent Bit, Elasticsearch and Kibana.",
        ),
        field(
            "azure",
            Of(&OVERLAY_AZURE),
            Optional(""),
            "The cluster; the registry and the zone are shared.",
        ),
        field(
            "aws",
            Of(&aws::OVERLAY),
            Optional(""),
            "The network and what runs in it; region, registry and state are shared.",
        ),
    ],
};

static OVERLAY_APP: Object = Object {
    doc: "What the process is told.",
    fields: &[
        field(
            "env",
            Map(&VARIABLE, &Text(&VALUE), 200),
            Optional(""),
            "Environment variables, added to those of the spec.",
        ),
        field(
            "secrets",
            Map(&VARIABLE, &Of(&SECRET), 100),
            Optional(""),
            "Variables read from Secrets, added to those of the spec.",
        ),
    ],
};

static OVERLAY_AZURE: Object = Object {
    doc: "The cluster.",
    fields: &[
        field(
            "location",
            Text(&LOCATION),
            Optional(""),
            "Region of the cluster.",
        ),
        field("aks", Of(&AKS_GROUP), Optional(""), "The cluster."),
        field(
            "vnet",
            Switch(&VNET),
            Optional(""),
            "A virtual network of our own.",
        ),
    ],
};

static APP: Object = Object {
    doc: "The application and the server that runs it.",
    fields: &[
        field(
            "python",
            Choice(PYTHONS),
            Default("\"3.12\""),
            "Minor version of Python in the image.",
        ),
        field(
            "module",
            Text(&MODULE),
            Default("\"run:app\""),
            "Module and WSGI application that gunicorn serves.",
        ),
        field(
            "port",
            Int(1024, 65535),
            Default("5000"),
            "Port that the server listens on inside the container; above 1023, because it does not run as root.",
        ),
        field(
            "source",
            Text(&PATH),
            Default("\"app\""),
            "Folder of the application in the repository, with its `requirements.txt`.",
        ),
        field(
            "workers",
            Int(1, 64),
            Default("2"),
            "Worker processes of gunicorn; scale with replicas rather than with these.",
        ),
        field(
            "threads",
            Int(1, 128),
            Default("4"),
            "Threads of each worker.",
        ),
        field(
            "timeout",
            Int(1, 3600),
            Default("30"),
            "Seconds after which a silent worker is replaced.",
        ),
        field(
            "graceful_timeout",
            Int(1, 3600),
            Default("30"),
            "Seconds that running requests get when the server stops.",
        ),
        field(
            "keepalive",
            Int(1, 3600),
            Default("75"),
            "Seconds that an idle connection stays open; longer than the load balancer's own limit, so that it never reuses a closed one.",
        ),
        field(
            "prepare",
            List(&Text(&WORD), 50),
            Default("[]"),
            "Command that every pod runs to its end before the server starts, as `[python, -m, notejam.schema]` to create a database's tables; it must get along with other pods doing the same.",
        ),
        field(
            "health",
            Of(&HEALTH),
            Nested,
            "Paths that the probes ask; the application must answer them.",
        ),
        field(
            "metrics",
            Of(&METRICS),
            Nested,
            "Where the application serves metrics, where `kubernetes.monitoring` is on.",
        ),
        field(
            "env",
            Map(&VARIABLE, &Text(&VALUE), 200),
            Default("{}"),
            "Environment variables. Never secrets: those are named under `secrets`.",
        ),
        field(
            "secrets",
            Map(&VARIABLE, &Of(&SECRET), 100),
            Default("{}"),
            "Environment variables that are read from Kubernetes Secrets, by where the secret lives.",
        ),
    ],
};

static METRICS: Object = Object {
    doc: "Where the application serves metrics, on a port of their own that no route leads to.",
    fields: &[
        field(
            "port",
            Int(1024, 65535),
            Default("9200"),
            "Port of the metrics.",
        ),
        field(
            "path",
            Text(&ROUTE),
            Default("\"/metrics\""),
            "Path of the metrics.",
        ),
    ],
};

static HEALTH: Object = Object {
    doc: "Paths that the probes ask.",
    fields: &[
        field(
            "startup",
            Text(&ROUTE),
            Default("\"/livez\""),
            "Answers once the server is up.",
        ),
        field(
            "readiness",
            Text(&ROUTE),
            Default("\"/readyz\""),
            "Answers while the service can take requests.",
        ),
        field(
            "liveness",
            Text(&ROUTE),
            Default("\"/livez\""),
            "Answers while the process works; must not ask other services.",
        ),
    ],
};

static SECRET: Object = Object {
    doc: "Where a secret lives.",
    fields: &[
        field(
            "secret",
            Text(&DNS_SUBDOMAIN),
            Required,
            "Name of the Kubernetes Secret.",
        ),
        field("key", Text(&SECRET_KEY), Required, "Key inside the Secret."),
    ],
};

static IMAGE: Object = Object {
    doc: "The container image.",
    fields: &[
        field(
            "name",
            Text(&NAME),
            Optional("Without it, the name of the service."),
            "Name of the image inside its registry.",
        ),
        field(
            "registry",
            Text(&REGISTRY),
            Optional("Not with a registry of the cloud's own: the blueprint's is used then."),
            "Registry and namespace that the image is pushed to, as `docker.io/example`.",
        ),
        field(
            "base",
            Choice(&["slim-trixie", "slim-bookworm"]),
            Default("\"slim-trixie\""),
            "Variant of the official Python image.",
        ),
        field(
            "digest",
            Text(&DIGEST),
            Optional("Without it, the tag alone is used."),
            "Digest of the base image, which pins it to the byte.",
        ),
        field(
            "install",
            Choice(&["target", "venv"]),
            Default("\"target\""),
            "How packages reach the final stage: a `pip install --target` folder on PYTHONPATH, or a virtual environment.",
        ),
        field(
            "user_id",
            Int(10001, 65533),
            Default("10001"),
            "Numeric user and group of the process; above 10000, where no user of a host lives.",
        ),
        field(
            "title",
            Text(&LINE),
            Optional("Without it, the name of the service."),
            "Title in the image's labels.",
        ),
        field(
            "description",
            Text(&LINE),
            Optional("Without it, none."),
            "One sentence about the service, for the image's labels and the chart.",
        ),
    ],
};

static KUBERNETES_GROUP: Object = Object {
    doc: "How the service runs in Kubernetes.",
    fields: &[
        field(
            "version",
            Choice(KUBERNETES),
            Default("\"1.36\""),
            "Minor version of the cluster.",
        ),
        field(
            "namespace",
            Text(&DNS_LABEL),
            Optional("Without it, the name of the service."),
            "Namespace of the release.",
        ),
        field(
            "replicas",
            Int(1, 1000),
            Default("2"),
            "Pods, where no autoscaler decides.",
        ),
        field(
            "resources",
            Of(&RESOURCES),
            Nested,
            "What a pod asks for and what it may not pass.",
        ),
        field(
            "autoscaling",
            Switch(&AUTOSCALING),
            Default("false"),
            "Lets a HorizontalPodAutoscaler choose the number of pods.",
        ),
        field(
            "disruption_budget",
            Bool,
            Default("true"),
            "Keeps all but one pod up while nodes are drained; only with two replicas or more.",
        ),
        field(
            "network_policy",
            Bool,
            Default("true"),
            "Lets only the gateway, monitoring and the namespace itself reach the pods.",
        ),
        field(
            "topology_spread",
            Bool,
            Default("true"),
            "Spreads pods over zones and nodes.",
        ),
        field(
            "manifests",
            Bool,
            Default("false"),
            "Writes the evaluated chart as plain manifests too, under manifests/<environment>/.",
        ),
        field(
            "monitoring",
            Bool,
            Default("false"),
            "Renders a ServiceMonitor for the Prometheus operator.",
        ),
        field(
            "monitoring_namespace",
            Text(&DNS_LABEL),
            Default("\"monitoring\""),
            "Namespace that Prometheus runs in.",
        ),
        field(
            "egress",
            List(&Of(&EGRESS), 100),
            Default("[]"),
            "What the pods may call besides DNS; anything at all while the network policy is off.",
        ),
        field(
            "pull_secret",
            Text(&DNS_SUBDOMAIN),
            Optional("Without it, the nodes' own identity pulls."),
            "Kubernetes Secret of type `kubernetes.io/dockerconfigjson` for a private registry.",
        ),
        field(
            "ingress",
            Switch(&INGRESS),
            Default("false"),
            "How requests from outside reach the service.",
        ),
        field(
            "drift_check",
            Switch(&drift_check::DRIFT_CHECK),
            Default("false"),
            "Looks from inside the cluster, by a CronJob, whether what runs is still what the spec says.",
        ),
    ],
};

static EGRESS: Object = Object {
    doc: "One thing that the pods may call: a network or a namespace, and a port.",
    fields: &[
        field(
            "cidr",
            Text(&CIDR),
            Optional("Either this or `namespace`."),
            "Network that may be called.",
        ),
        field(
            "namespace",
            Text(&DNS_LABEL),
            Optional("Either this or `cidr`."),
            "Namespace whose pods may be called.",
        ),
        field("port", Int(1, 65535), Required, "Port that may be called."),
        field(
            "protocol",
            Choice(&["TCP", "UDP", "SCTP"]),
            Default("\"TCP\""),
            "Protocol of the port.",
        ),
    ],
};

static RESOURCES: Object = Object {
    doc: "What a pod asks for and what it may not pass.",
    fields: &[
        field(
            "requests",
            Of(&REQUESTS),
            Nested,
            "What the scheduler sets aside.",
        ),
        field("limits", Of(&LIMITS), Nested, "What a pod may not pass."),
    ],
};

static REQUESTS: Object = Object {
    doc: "What the scheduler sets aside.",
    fields: &[
        field("cpu", Text(&CPU), Default("\"100m\""), "CPU."),
        field("memory", Text(&MEMORY), Default("\"128Mi\""), "Memory."),
    ],
};

static LIMITS: Object = Object {
    doc: "What a pod may not pass.",
    fields: &[
        field(
            "cpu",
            Text(&CPU),
            Default("\"500m\""),
            "CPU; past it the pod is slowed down.",
        ),
        field(
            "memory",
            Text(&MEMORY),
            Default("\"256Mi\""),
            "Memory; past it the pod is killed.",
        ),
    ],
};

static AUTOSCALING: Object = Object {
    doc: "A HorizontalPodAutoscaler.",
    fields: &[
        field("min", Int(1, 1000), Default("2"), "Fewest pods."),
        field("max", Int(1, 1000), Default("5"), "Most pods."),
        field(
            "cpu",
            Int(1, 100),
            Default("70"),
            "Average CPU use, in percent of what is requested, to steer for.",
        ),
    ],
};

static INGRESS: Object = Object {
    doc: "How requests from outside reach the service.",
    fields: &[
        field(
            "host",
            Text(&HOST),
            Required,
            "Host name that the service answers on.",
        ),
        field(
            "path",
            Text(&PREFIX),
            Default("\"/\""),
            "Path prefix that the service answers under; it is taken off before the application sees the request.",
        ),
        field(
            "controller",
            Choice(&["gateway", "external-nginx"]),
            Default("\"gateway\""),
            "Gateway API, or an Ingress for ingress-nginx, which was retired in March 2026 and gets no fixes.",
        ),
        field(
            "tls",
            Switch(&TLS),
            Nested,
            "The certificate, from cert-manager; `false` serves plain HTTP.",
        ),
    ],
};

static TLS: Object = Object {
    doc: "The certificate.",
    fields: &[
        field(
            "issuer",
            Text(&DNS_SUBDOMAIN),
            Default("\"letsencrypt\""),
            "ClusterIssuer of cert-manager.",
        ),
        field(
            "secret",
            Text(&DNS_SUBDOMAIN),
            Optional("Without it, the name of the service and `-tls`."),
            "Kubernetes Secret that holds the certificate.",
        ),
    ],
};

static AZURE: Object = Object {
    doc: "What Terraform creates in Azure.",
    fields: &[
        field(
            "location",
            Text(&LOCATION),
            Required,
            "Region of every resource.",
        ),
        field(
            "resource_group",
            Text(&RESOURCE_GROUP),
            Optional(
                "Without it, `rg-` and the name of the service; each environment's adds its own name.",
            ),
            "Resource group that the registry and the zone share.",
        ),
        field(
            "acr",
            Of(&ACR_GROUP),
            Required,
            "The container registry, one for this repository.",
        ),
        field("aks", Of(&AKS_GROUP), Nested, "The cluster."),
        field(
            "dns",
            Switch(&DNS),
            Default("false"),
            "The DNS zone and its records.",
        ),
        field(
            "vnet",
            Switch(&VNET),
            Default("false"),
            "A virtual network of our own; AKS makes one otherwise.",
        ),
        field(
            "identity",
            Choice(&["managed", "application"]),
            Default("\"managed\""),
            "What the pipeline logs in as: a managed identity, or an Entra application where directory rights are at hand.",
        ),
        field(
            "state",
            Of(&STATE),
            Nested,
            "Where Terraform keeps its state.",
        ),
    ],
};

static ACR_GROUP: Object = Object {
    doc: "The container registry.",
    fields: &[
        field(
            "name",
            Text(&ACR),
            Required,
            "Name of the registry, unique in all of Azure.",
        ),
        field(
            "sku",
            Choice(&["Basic", "Standard", "Premium"]),
            Default("\"Standard\""),
            "Tier of the registry.",
        ),
        field(
            "role_assignment_mode",
            Choice(&["LegacyRegistryPermissions", "AbacRepositoryPermissions"]),
            Default("\"LegacyRegistryPermissions\""),
            "Whether roles hold for the registry or can be narrowed to a repository in it.",
        ),
    ],
};

static AKS_GROUP: Object = Object {
    doc: "The cluster.",
    fields: &[
        field(
            "name",
            Text(&AKS),
            Optional("Without it, the name of the service and that of the environment."),
            "Name of the cluster.",
        ),
        field(
            "vm_size",
            Text(&VM_SIZE),
            Default("\"Standard_D2ads_v5\""),
            "Size of the nodes.",
        ),
        field(
            "node_count",
            Int(1, 1000),
            Default("2"),
            "Nodes at the start.",
        ),
        field(
            "min_count",
            Int(1, 1000),
            Optional("Without it, `node_count`."),
            "Fewest nodes.",
        ),
        field(
            "max_count",
            Int(1, 1000),
            Default("5"),
            "Most nodes; more than `node_count`, so that the autoscaler has room.",
        ),
        field(
            "disk_size_gb",
            Int(30, 2048),
            Default("64"),
            "Disk of each node in GiB.",
        ),
        field(
            "disk_type",
            Choice(&["Managed", "Ephemeral"]),
            Default("\"Managed\""),
            "Disk of each node; Ephemeral needs a size with a local disk.",
        ),
        field(
            "max_pods",
            Int(50, 250),
            Default("110"),
            "Most pods on one node.",
        ),
        field(
            "sku_tier",
            Choice(&["Free", "Standard", "Premium"]),
            Default("\"Standard\""),
            "Tier of the control plane; Free has no uptime guarantee.",
        ),
        field(
            "private",
            Bool,
            Default("false"),
            "Whether the API server is reachable from inside the network only.",
        ),
        field(
            "authorized_ip_ranges",
            List(&Text(&CIDR), 200),
            Default("[]"),
            "Networks that may reach the API server.",
        ),
        field(
            "admin_groups",
            List(&Text(&GUID), 20),
            Default("[]"),
            "Entra groups whose members administer the cluster.",
        ),
        field(
            "local_accounts",
            Bool,
            Default("false"),
            "Whether the cluster keeps its local administrator, whose certificates end up in Terraform's state.",
        ),
    ],
};

static DNS: Object = Object {
    doc: "The DNS zone and its records.",
    fields: &[
        field("zone", Text(&HOST), Required, "Domain of the zone."),
        field(
            "records",
            Map(&RECORD, &Of(&RECORD_GROUP), 500),
            Default("{}"),
            "Records by their name inside the zone.",
        ),
    ],
};

static RECORD_GROUP: Object = Object {
    doc: "One record.",
    fields: &[
        field(
            "type",
            Choice(&["A", "AAAA", "CNAME", "TXT"]),
            Required,
            "Type of the record.",
        ),
        field(
            "ttl",
            Int(30, 86400),
            Default("300"),
            "Seconds that answers may be kept.",
        ),
        field("value", Text(&LINE), Required, "The address, host or text."),
    ],
};

static VNET: Object = Object {
    doc: "A virtual network of our own.",
    fields: &[
        field(
            "address_space",
            Text(&CIDR),
            Default("\"10.20.0.0/16\""),
            "Addresses of the network.",
        ),
        field(
            "subnet",
            Text(&CIDR),
            Default("\"10.20.0.0/20\""),
            "Addresses of the nodes, inside the network.",
        ),
    ],
};

static STATE: Object = Object {
    doc: "Where Terraform keeps its state.",
    fields: &[
        field(
            "resource_group",
            Text(&RESOURCE_GROUP),
            Optional("Without it, `rg-`, the name of the service and `-state`."),
            "Resource group of the storage account.",
        ),
        field(
            "storage_account",
            Text(&STORAGE_ACCOUNT),
            Optional("Without it, `st` and the name of the registry."),
            "Storage account, unique in all of Azure.",
        ),
        field(
            "container",
            Text(&CONTAINER),
            Default("\"tfstate\""),
            "Blob container.",
        ),
    ],
};

static SMTP: Object = Object {
    doc: "The mail server that notifications leave by; its user and password are secrets of the repository.",
    fields: &[
        field("server", Text(&HOST), Required, "Host of the server."),
        field(
            "port",
            Int(1, 65535),
            Default("465"),
            "Port; 465 speaks TLS from the first byte.",
        ),
        field("from", Text(&EMAIL), Required, "Address of the sender."),
    ],
};

static GITHUB: Object = Object {
    doc: "The repository and its pipeline.",
    fields: &[
        field(
            "repository",
            Text(&REPOSITORY),
            Required,
            "Repository of the service, `owner/name`.",
        ),
        field(
            "owner_id",
            Int(1, i64::MAX),
            Optional(
                "Without the two ids, subjects name the repository alone, which new repositories no longer send.",
            ),
            "Numeric id of the owner: `gh api repos/OWNER/NAME --jq .owner.id`.",
        ),
        field(
            "repository_id",
            Int(1, i64::MAX),
            Optional("Goes with `owner_id`."),
            "Numeric id of the repository: `gh api repos/OWNER/NAME --jq .id`.",
        ),
        field(
            "branch",
            Text(&BRANCH),
            Default("\"main\""),
            "Branch whose pushes are released.",
        ),
        field(
            "deploy",
            Choice(&["argocd", "push", "ecs", "none"]),
            Default("\"argocd\""),
            "Argo CD in the cluster follows the chart repository; or the pipeline itself runs `helm upgrade` (`push`) or updates the Fargate service (`ecs`); or it stops at the image.",
        ),
        field(
            "chart_repository",
            Text(&REPOSITORY),
            Optional("Without it, the repository's name and `-chart`."),
            "Repository that the pipeline writes the chart and its tag to, for Argo CD.",
        ),
        field(
            "notify",
            List(&Text(&EMAIL), 50),
            Default("[]"),
            "Addresses that hear of every run's success and failure.",
        ),
        field(
            "smtp",
            Switch(&SMTP),
            Default("false"),
            "The mail server; without it, the repository's variables name one.",
        ),
        field(
            "snyk",
            Bool,
            Default("true"),
            "Whether the sources are scanned with Snyk, which needs a token.",
        ),
        field(
            "runner",
            Choice(&["ubuntu-24.04", "ubuntu-22.04"]),
            Default("\"ubuntu-24.04\""),
            "Image of the GitHub-hosted runners that the jobs run on.",
        ),
    ],
};
