//! The spec as written: the table's fields as types, with defaults filled in and nothing derived yet.

use indexmap::IndexMap;
use serde::Deserialize;

/// A mapping with free keys, sorted.
pub type Named<T> = IndexMap<String, T>;

/// `false` or an object.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Switch<T> {
    /// Switched off; always `false`, since `true` was given its defaults before.
    #[allow(dead_code)]
    Off(bool),
    /// Switched on.
    On(T),
}

impl<T> Switch<T> {
    /// The object, where it is switched on.
    pub fn on(self) -> Option<T> {
        match self {
            Self::Off(_) => None,
            Self::On(value) => Some(value),
        }
    }
}

macro_rules! raw {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty),* $(,)? })*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs)]
        pub struct $name { $(pub $field: $kind,)* })*
    };
}

raw! {
    /// The whole spec, for one environment.
    Spec {
        version: String, name: String, blueprint: String, out: Option<String>,
        owned: Vec<String>,
        app: App, image: Image, kubernetes: Option<Kubernetes>,
        database: Option<Database>, storage: Switch<Storage>,
        observability: Switch<Observability>, logging: Switch<Logging>,
        azure: Option<Azure>,
        aws: Option<Aws>, minikube: Option<Minikube>, github: Option<GitHub>, environments: serde_json::Value, promotion: Option<Vec<String>>,
    }
    /// See the table.
    App {
        python: String, module: String, port: u16, source: String, workers: u32, threads: u32,
        timeout: u32, graceful_timeout: u32, keepalive: u32, prepare: Vec<String>, health: Health, metrics: Metrics,
        env: Named<String>, secrets: Named<Secret>,
    }
    /// See the table.
    Health { startup: String, readiness: String, liveness: String }
    /// See the table.
    Metrics { port: u16, path: String }
    /// See the table.
    Secret { secret: String, key: String }
    /// See the table.
    Image {
        name: Option<String>, registry: Option<String>, base: String, digest: Option<String>, install: String, user_id: u32,
        title: Option<String>, description: Option<String>,
    }
    /// See the table.
    Kubernetes {
        version: String, namespace: Option<String>, replicas: u32, resources: Resources,
        autoscaling: Switch<Autoscaling>, disruption_budget: bool, network_policy: bool,
        topology_spread: bool, manifests: bool, monitoring: bool, monitoring_namespace: String, egress: Vec<Egress>, pull_secret: Option<String>, ingress: Switch<Ingress>,
        drift_check: Switch<DriftCheck>,
    }
    /// See the table.
    DriftCheck {
        image: String, schedule: String, repository: Option<String>, branch: Option<String>, spec: String, credentials: Option<String>,
    }
    /// See the table.
    Resources { requests: Amounts, limits: Amounts }
    /// See the table.
    Amounts { cpu: String, memory: String }
    /// See the table.
    Autoscaling { min: u32, max: u32, cpu: u32 }
    /// See the table.
    Ingress { host: String, path: String, controller: String, tls: Switch<Tls> }
    /// See the table.
    Tls { issuer: String, secret: Option<String> }
    /// See the table.
    Database { kind: String, secret: Option<Secret>, variable: String, server: Switch<Server> }
    /// See the table.
    Server {
        version: String, instance_class: String, size_gb: u32, max_size_gb: u32, standby: bool,
        backup_days: u32, keep: String, snapshot: Option<String>, deletion_protection: bool,
    }
    /// See the table.
    Storage {
        size: String, class: Option<String>, path: String, access: String,
        volume: Switch<Volume>, snapshots: Switch<Snapshots>,
    }
    /// See the table.
    Volume { driver: String, handle: String }
    /// See the table.
    Snapshots { every: String, keep: String }
    /// See the table.
    Observability { dashboard: bool, alerts: Switch<Alerts>, retention_days: u32, size: String }
    /// See the table.
    Alerts { error_percent: u32, latency_milliseconds: u32, volume_percent: u32, receiver: Option<Secret>, mail: Switch<Mail> }
    /// See the table.
    Mail { to: Vec<String>, from: String, server: String, port: u16, login: Option<Login> }
    /// See the table.
    Login { username: String, secret: String, key: String }
    /// See the table.
    Logging { retention_days: u32, size: String, nodes: u32 }
    /// See the table.
    Azure {
        location: String, resource_group: Option<String>, acr: Acr, aks: Aks, dns: Switch<Dns>,
        vnet: Switch<Vnet>, identity: String, state: State,
    }
    /// See the table.
    Acr { name: String, sku: String, role_assignment_mode: String }
    /// See the table.
    Aks {
        name: Option<String>, vm_size: String, node_count: u32, min_count: Option<u32>, max_count: u32,
        disk_size_gb: u32, disk_type: String, max_pods: u32, sku_tier: String, private: bool,
        authorized_ip_ranges: Vec<String>, admin_groups: Vec<String>, local_accounts: bool,
    }
    /// See the table.
    Dns { zone: String, records: Named<Record> }
    /// See the table.
    Vnet { address_space: String, subnet: String }
    /// See the table.
    State { resource_group: Option<String>, storage_account: Option<String>, container: String }
    /// See the table.
    Aws {
        region: String, account_id: Option<String>, vpc: Vpc, dns: Switch<Zone>, ecr: Switch<Ecr>,
        ecs: Switch<Ecs>, eks: Switch<Eks>, recovery: Switch<Recovery>, state: Bucket,
    }
    /// See the table.
    Eks {
        name: Option<String>, instance_type: String, nodes: u32, max_nodes: u32, autoscaler: bool, disk_size_gb: u32,
        public_access_cidrs: Vec<String>, admins: Vec<String>, deletion_protection: bool,
    }
    /// See the table.
    Recovery { region: String, cidr: String, active: bool, volume: Option<String>, snapshot: Option<String> }
    /// See the table.
    Vpc { cidr: String, zones: u32, nat_per_zone: bool }
    /// See the table.
    Zone { zone: String }
    /// See the table.
    Ecr { name: Option<String> }
    /// See the table.
    Ecs {
        cpu: u32, memory: u32, tasks: u32, autoscaling: Switch<Autoscaling>, https: Switch<Https>,
        http: Option<String>, health: Option<String>, deletion_protection: bool, log_days: u32,
    }
    /// See the table.
    Https { host: String }
    /// See the table.
    Bucket { bucket: Option<String> }
    /// See the table.
    Minikube { profile: Option<String>, driver: String, cpus: u32, memory: u32, image: String }
    /// See the table.
    Smtp { server: String, port: u16, from: String }
    /// See the table.
    GitHub {
        repository: String, owner_id: Option<u64>, repository_id: Option<u64>, branch: String,
        deploy: String, chart_repository: Option<String>, notify: Vec<String>, smtp: Switch<Smtp>, snyk: bool, runner: String,
    }
}

/// See the table.
#[derive(Debug, Clone, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Record {
    #[serde(rename = "type")]
    pub kind: String,
    pub ttl: u32,
    pub value: String,
}

/// See the table.
#[derive(Debug, Clone, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Egress {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    pub port: u16,
    pub protocol: String,
}
