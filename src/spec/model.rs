//! The spec as meant: defaults filled, names derived, references resolved.
//!
//! Built only by `validate`. Serialises to the context that blueprints see, so field names are a
//! contract with every template; a template never computes, it finds the value here.

use serde::Serialize;

use super::raw::{Egress, Named, Record};

/// One service, in all its environments.
#[derive(Debug, Clone, Serialize)]
pub struct Model {
    /// Name of the service.
    pub name: String,
    /// Name or folder of the blueprint, as written.
    pub blueprint: String,
    /// Folder of the rendered tree, relative to the repository.
    pub out: String,
    /// Patterns of the files that are the user's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owned: Vec<String>,
    /// The stack without any environment's overlay.
    #[serde(flatten)]
    pub stack: Stack,
    /// At least one, in the order of promotion.
    pub environments: Vec<Environment>,
}

/// One environment and its stack.
#[derive(Debug, Clone, Serialize)]
pub struct Environment {
    /// Name of the environment, and of its GitHub environment.
    pub name: String,
    /// Whether it is the last in the order of promotion.
    pub last: bool,
    /// Name of its job in the workflow.
    pub job: String,
    /// What that job is called.
    pub job_title: String,
    /// Where the service answers; none without an ingress.
    pub url: Option<String>,
    /// Its groups.
    #[serde(flatten)]
    pub stack: Stack,
}

/// The groups of the spec, resolved.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)]
pub struct Stack {
    pub app: App,
    pub image: Image,
    pub kubernetes: Option<Kubernetes>,
    pub database: Option<Database>,
    pub storage: Option<Storage>,
    pub observability: Option<Observability>,
    pub logging: Option<Logging>,
    pub azure: Option<Azure>,
    pub aws: Option<Aws>,
    pub minikube: Option<Minikube>,
    pub github: Option<GitHub>,
}

macro_rules! model {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $kind:ty),* $(,)? })*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Serialize)]
        #[allow(missing_docs)]
        pub struct $name { $($(#[$fdoc])* pub $field: $kind,)* })*
    };
}

model! {
    /// The application and its server.
    App {
        python: String, module: String, port: u16, source: String, workers: u32, threads: u32,
        timeout: u32, graceful_timeout: u32,
        /// Seconds Kubernetes waits before it kills: a pause for the endpoints to be taken out, the
        /// graceful timeout, and a margin.
        termination_grace: u32,
        keepalive: u32,
        /// Command of the init container, as Kubernetes takes it: every `$` doubled.
        prepare: Vec<String>,
        health: Health,
        /// The distinct paths of the probes.
        probe_paths: Vec<String>,
        /// Address and port that the server binds.
        bind: String,
        /// `source` as a path from the top of the repository, as Dependabot wants it.
        source_directory: String,
        metrics: Metrics, env: Named<String>,
        /// `env` as Kubernetes takes it: every `$` doubled, so that no `$(NAME)` is expanded.
        env_list: Vec<Variable>,
        secrets: Vec<SecretVariable>,
    }
    /// Paths that the probes ask.
    Health { startup: String, readiness: String, liveness: String }
    /// Where metrics are served.
    Metrics { port: u16, path: String }
    /// One environment variable.
    Variable { name: String, value: String }
    /// One environment variable read from a Secret.
    SecretVariable { name: String, secret: String, key: String }
    /// The container image.
    Image {
        /// The base image with its tag and, when given, its digest.
        base: String,
        user_id: u32, group_id: u32, install: String, name: String,
        /// Registry and namespace; empty where the blueprint has none.
        registry: String,
        /// Host of the registry alone.
        host: String,
        /// Registry and name.
        repository: String,
        title: String, description: String,
    }
    /// How the service runs.
    Kubernetes {
        version: String, namespace: String, release: String, replicas: u32,
        /// How pods are replaced: `Recreate` with a volume, which one pod at a time may use.
        strategy: String,
        resources: Resources,
        autoscaling: Option<Autoscaling>, disruption_budget: bool, network_policy: bool,
        topology_spread: bool, manifests: bool, monitoring: bool, monitoring_namespace: String, egress: Vec<Egress>, pull_secret: Option<String>, ingress: Option<Ingress>,
        drift_check: Option<DriftCheck>,
    }
    /// The look at what runs, from inside the cluster.
    DriftCheck {
        /// Its objects are called so.
        name: String,
        image: String, schedule: String,
        /// Address that git clones from.
        repository: String,
        branch: String, spec: String, credentials: Option<String>,
    }
    /// Requests and limits.
    Resources { requests: Amounts, limits: Amounts }
    /// CPU and memory.
    Amounts { cpu: String, memory: String }
    /// The autoscaler.
    Autoscaling { min: u32, max: u32, cpu: u32 }
    /// How requests come in.
    Ingress {
        host: String, path: String, controller: String, class: String, gateway: Gateway,
        /// Namespace that the proxies in front run in.
        proxy_namespace: String,
        tls: Option<Tls>,
        /// Where the service answers, as a person would type it.
        url: String,
    }
    /// The Gateway that the route attaches to.
    Gateway { name: String, namespace: String }
    /// The certificate.
    Tls { issuer: String, secret: String }
    /// Where the application keeps its data.
    Database {
        kind: String, variable: String, secret: Option<SecretRef>,
        /// Address of the file; with SQLite only.
        address: Option<String>,
        server: Option<Server>,
    }
    /// The PostgreSQL server that Terraform makes.
    Server {
        version: String, instance_class: String, size_gb: u32, max_size_gb: u32, standby: bool,
        backup_days: u32,
        /// Image with the client of the same version.
        client_image: String,
        /// As the spec has it, and in days.
        keep: Period, keep_days: u32,
        snapshot: Option<String>, deletion_protection: bool,
    }
    /// A key of a Secret.
    SecretRef { secret: String, key: String }
    /// A volume that outlives the pods.
    Storage {
        size: String, class: Option<String>, path: String, access_mode: String,
        volume: Option<Volume>, snapshots: Option<Snapshots>,
    }
    /// A disk that exists already.
    Volume { driver: String, handle: String }
    /// Copies of the volume.
    Snapshots { every_hours: u32, keep: Period }
    /// A number of `days`, `weeks`, `months` or `years`.
    Period { number: u32, unit: String }
    /// Prometheus and Grafana.
    Observability {
        dashboard: bool, alerts: Option<Alerts>, retention_days: u32, size: String,
    }
    /// From which values on somebody is told.
    Alerts {
        error_percent: u32, latency_milliseconds: u32, volume_percent: u32,
        receiver: Option<SecretRef>, mail: Option<Mail>,
    }
    /// Who hears of alerts by mail, and by which server.
    Mail { to: Vec<String>, from: String, server: String, port: u16, login: Option<Login> }
    /// An account, and where its password lives.
    Login { username: String, secret: String, key: String }
    /// Fluent Bit, Elasticsearch and Kibana.
    Logging { retention_days: u32, size: String, nodes: u32 }
    /// Azure.
    Azure {
        location: String,
        /// The environment's own group; on the base stack, the shared one.
        resource_group: String,
        /// The group of the registry and the zone.
        shared_resource_group: String,
        acr: Acr, aks: Aks, dns: Option<Dns>, vnet: Option<Vnet>, identity: String, state: State,
    }
    /// The registry.
    Acr { name: String, sku: String, role_assignment_mode: String, login_server: String }
    /// The cluster.
    Aks {
        name: String, vm_size: String, node_count: u32, min_count: u32, max_count: u32, disk_size_gb: u32,
        disk_type: String, max_pods: u32, sku_tier: String, private: bool,
        authorized_ip_ranges: Vec<String>, admin_groups: Vec<String>, local_accounts: bool,
    }
    /// The zone.
    Dns { zone: String, records: Named<Record> }
    /// The network.
    Vnet { address_space: String, subnet: String }
    /// Terraform's state.
    State { resource_group: String, storage_account: String, container: String }
    /// AWS.
    Aws {
        region: String, account_id: Option<String>, vpc: Vpc, dns: Option<Zone>, ecr: Option<Ecr>,
        ecs: Option<Ecs>, eks: Option<Eks>, recovery: Option<Recovery>,
        /// S3 bucket of Terraform's state.
        state: Bucket,
    }
    /// The Kubernetes cluster.
    Eks {
        name: String, instance_type: String, nodes: u32, max_nodes: u32, autoscaler: bool, disk_size_gb: u32,
        public_access_cidrs: Vec<String>, admins: Vec<String>, deletion_protection: bool,
    }
    /// The cluster in the other region.
    Recovery {
        /// Name of the cluster.
        name: String,
        region: String, cidr: String, active: bool, volume: Option<String>, snapshot: Option<String>,
        /// Where the copy of the image is pulled from; none without a registry in the account.
        image: Option<String>,
    }
    /// The network of an environment.
    Vpc { cidr: String, zones: u32, nat_per_zone: bool }
    /// The hosted zone.
    Zone { zone: String }
    /// The registry in the account.
    Ecr {
        name: String,
        /// Second regions of all environments, sorted.
        copy_regions: Vec<String>,
    }
    /// The service on Fargate.
    Ecs {
        /// Cluster, service and family of the task definition.
        name: String,
        cpu: u32, memory: u32, tasks: u32, autoscaling: Option<Autoscaling>,
        /// The name that is served over HTTPS; without one, plain HTTP under the load balancer's own.
        host: Option<String>,
        /// Path that the load balancer asks.
        health: String,
        deletion_protection: bool, log_days: u32,
    }
    /// S3 bucket.
    Bucket { bucket: String }
    /// The cluster on the user's machine.
    Minikube {
        profile: String, driver: String, cpus: u32,
        /// In MiB.
        memory: u32,
        image: String,
    }
    /// The repository and its pipeline.
    GitHub {
        repository: String,
        /// Where people find it.
        url: String,
        owner: String, repo: String, owner_id: Option<u64>, repository_id: Option<u64>,
        branch: String, deploy: String, chart_repository: String, chart_owner: String, chart_repo: String,
        notify: Vec<String>,
        /// `notify` as the header of a mail has it.
        notify_to: String,
        smtp: Option<Smtp>,
        snyk: bool, runner: String,
        /// What GitHub calls the jobs in the tokens it signs.
        subjects: Subjects,
    }
    /// The mail server.
    Smtp { server: String, port: u16, from: String }
    /// Subjects of the tokens that GitHub signs, in the form that this repository sends.
    Subjects { branch: String, environment: Option<String> }
}

impl Model {
    /// Everything that templates see, as JSON in one fixed order: equal texts render equal trees.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("internal error: the model is plain data")
    }
}
