//! Raw spec to model: derives names and checks what no single field shows.

use serde_json::Value;

use super::model::{self, Environment, Model, Stack};
use super::raw;
use super::rules;
use crate::diagnostic::Reporter;
use crate::encode;
use crate::schema::text::Document;
use crate::source::Place;
use crate::source::yaml::Node;

mod aws;
mod data;
pub(super) mod drift_check;

/// Pause before a pod is told to stop, in which load balancers take it out.
const PRE_STOP_SECONDS: u32 = 5;
/// Seconds beyond the graceful timeout before the pod is killed.
const STOP_MARGIN_SECONDS: u32 = 10;
/// The Gateway that the cluster's add-ons create.
const GATEWAY_NAME: &str = "public";
const GATEWAY_NAMESPACE: &str = "gateway-system";
/// What the ingress add-on of minikube makes.
const ADDON_CLASS: &str = "nginx";
const ADDON_NAMESPACE: &str = "ingress-nginx";
/// The job of the workflow that deploys.
const DEPLOY_JOB: &str = "deploy_helm_chart";
const DEPLOY_SERVICE_JOB: &str = "deploy_service";

/// One checked spec: the raw form and the tree whose spans explain it.
pub(super) struct Checked<'a> {
    /// The environment, none for the spec without an overlay.
    pub(super) environment: Option<&'a str>,
    pub(super) raw: raw::Spec,
    pub(super) node: &'a Node,
    pub(super) text: &'a Document,
}

impl Checked<'_> {
    /// The node at `place`, or the nearest existing one above it.
    pub(super) fn node(&self, place: &str) -> &Node {
        let mut node = self.node;
        for step in Place::keys(place).steps() {
            let crate::source::Step::Key(key) = step else {
                break;
            };
            match node.get(key) {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    /// Tells an error at `place`.
    pub(super) fn error(
        &self,
        report: &mut Reporter,
        id: &'static str,
        place: &str,
        message: String,
        expected: &str,
        help: &str,
    ) {
        let span = self.text.head(self.node(place));
        let d = self.text.at(report.error(id, message), span, expected);
        if !help.is_empty() {
            d.help(help);
        }
    }

    /// Tells a warning at `place`.
    pub(super) fn warning(
        &self,
        report: &mut Reporter,
        id: &'static str,
        place: &str,
        message: String,
        help: &str,
    ) {
        let span = self.text.head(self.node(place));
        self.text
            .at(report.warning(id, message), span, "")
            .help(help);
    }

    /// Tells a note at `place`.
    pub(super) fn note(
        &self,
        report: &mut Reporter,
        id: &'static str,
        place: &str,
        message: String,
        help: &str,
    ) {
        let span = self.text.head(self.node(place));
        self.text.at(report.note(id, message), span, "").help(help);
    }
}

/// Gives a normalised value its types.
pub(super) fn typed(value: Value) -> raw::Spec {
    serde_json::from_value(value)
        .expect("internal error: the table of the spec and its types differ")
}

/// Builds the model from the spec and its environments, telling every cross-field fault.
pub(super) fn validate(
    base: &Checked<'_>,
    environments: &[Checked<'_>],
    report: &mut Reporter,
) -> Option<Model> {
    for checked in std::iter::once(base).chain(environments) {
        rules::check(checked, report);
    }
    let order = rules::promotion(base, report)?;
    if report.has_errors() {
        return None;
    }
    let mut stack = resolve(&base.raw, None);
    if let Some(ecr) = stack.aws.as_mut().and_then(|group| group.ecr.as_mut()) {
        ecr.copy_regions = aws::copy_regions(base, environments);
    }
    let last = order.len().saturating_sub(1);
    let environments = order
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let overlaid = environments
                .iter()
                .find(|checked| checked.environment == Some(name))
                .map_or(&base.raw, |checked| &checked.raw);
            let stack = resolve(overlaid, Some(name));
            let single = order.len() == 1;
            let deploy = stack.github.as_ref().map(|group| group.deploy.as_str());
            let job = if deploy == Some("ecs") {
                DEPLOY_SERVICE_JOB
            } else {
                DEPLOY_JOB
            };
            Environment {
                name: name.clone(),
                last: at == last,
                job: if single {
                    job.to_owned()
                } else {
                    format!("{job}_{}", name.replace('-', "_"))
                },
                job_title: if single {
                    "Deploy".to_owned()
                } else {
                    format!("Deploy to {name}")
                },
                url: url(&stack),
                stack,
            }
        })
        .collect();
    Some(Model {
        name: base.raw.name.clone(),
        blueprint: base.raw.blueprint.clone(),
        owned: base.raw.owned.clone(),
        out: base
            .raw
            .out
            .clone()
            .unwrap_or_else(|| format!("out/{}", base.raw.name)),
        stack,
        environments,
    })
}

/// Where a stack answers, as a person would type it.
fn url(stack: &Stack) -> Option<String> {
    if let Some(ecs) = stack.aws.as_ref().and_then(|group| group.ecs.as_ref()) {
        return ecs.host.as_ref().map(|host| format!("https://{host}/"));
    }
    let ingress = stack.kubernetes.as_ref()?.ingress.as_ref()?;
    Some(ingress.url.clone())
}

fn resolve(raw: &raw::Spec, environment: Option<&str>) -> Stack {
    let azure = raw
        .azure
        .as_ref()
        .map(|azure| resolve_azure(&raw.name, azure, environment));
    let aws = raw
        .aws
        .as_ref()
        .map(|group| aws::resolve(raw, group, environment));
    // At most one of the three: `rules` refuses the others.
    let registry = azure
        .as_ref()
        .map(|azure| azure.acr.login_server.clone())
        .or_else(|| raw.aws.as_ref().and_then(aws::registry))
        .or_else(|| raw.image.registry.clone())
        .unwrap_or_default();
    Stack {
        app: resolve_app(raw),
        image: resolve_image(raw, registry, aws.as_ref()),
        kubernetes: raw
            .kubernetes
            .as_ref()
            .map(|group| resolve_kubernetes(raw, group)),
        database: data::database(raw),
        storage: data::storage(raw),
        observability: data::observability(raw),
        logging: data::logging(raw),
        azure,
        aws,
        minikube: raw.minikube.as_ref().map(|group| model::Minikube {
            profile: group.profile.clone().unwrap_or_else(|| raw.name.clone()),
            driver: group.driver.clone(),
            cpus: group.cpus,
            memory: group.memory,
            image: group.image.clone(),
        }),
        github: raw
            .github
            .as_ref()
            .map(|group| resolve_github(group, environment)),
    }
}

/// Kubernetes expands `$(NAME)` in what a container is given; nothing that the spec did not say.
fn unexpanded(value: &str) -> String {
    encode::encode(encode::Context::Container, value)
        .expect("internal error: the form of a value keeps control characters out")
        .into_string()
}

fn resolve_app(raw: &raw::Spec) -> model::App {
    let app = &raw.app;
    let mut env_list = app
        .env
        .iter()
        .map(|(name, value)| model::Variable {
            name: name.clone(),
            value: unexpanded(value),
        })
        .collect();
    let mut secrets = app
        .secrets
        .iter()
        .map(|(name, secret)| model::SecretVariable {
            name: name.clone(),
            secret: secret.secret.clone(),
            key: secret.key.clone(),
        })
        .collect();
    data::variables(raw, &mut env_list, &mut secrets);
    let mut probe_paths = Vec::new();
    for path in [
        &app.health.startup,
        &app.health.readiness,
        &app.health.liveness,
    ] {
        if !probe_paths.contains(path) {
            probe_paths.push(path.clone());
        }
    }
    model::App {
        python: app.python.clone(),
        module: app.module.clone(),
        port: app.port,
        source: app.source.clone(),
        workers: app.workers,
        threads: app.threads,
        timeout: app.timeout,
        graceful_timeout: app.graceful_timeout,
        termination_grace: PRE_STOP_SECONDS + app.graceful_timeout + STOP_MARGIN_SECONDS,
        keepalive: app.keepalive,
        prepare: app.prepare.iter().map(|word| unexpanded(word)).collect(),
        health: model::Health {
            startup: app.health.startup.clone(),
            readiness: app.health.readiness.clone(),
            liveness: app.health.liveness.clone(),
        },
        probe_paths,
        bind: format!("0.0.0.0:{}", app.port),
        source_directory: if app.source == "." {
            "/".to_owned()
        } else {
            format!("/{}", app.source)
        },
        metrics: model::Metrics {
            port: app.metrics.port,
            path: app.metrics.path.clone(),
        },
        env: app.env.clone(),
        env_list,
        secrets,
    }
}

fn resolve_image(raw: &raw::Spec, registry: String, aws: Option<&model::Aws>) -> model::Image {
    let image = &raw.image;
    let ecr = aws.and_then(|group| group.ecr.as_ref());
    let name = ecr.map_or_else(|| image_name(raw), |ecr| ecr.name.clone());
    let digest = image
        .digest
        .as_ref()
        .map_or_else(String::new, |digest| format!("@{digest}"));
    let repository = if registry.is_empty() {
        name.clone()
    } else {
        format!("{registry}/{name}")
    };
    model::Image {
        base: format!("python:{}-{}{digest}", raw.app.python, image.base),
        user_id: image.user_id,
        group_id: image.user_id,
        install: image.install.clone(),
        name,
        host: registry.split('/').next().unwrap_or_default().to_owned(),
        registry,
        repository,
        title: image.title.clone().unwrap_or_else(|| raw.name.clone()),
        description: image
            .description
            .clone()
            .unwrap_or_else(|| format!("{}, a small web service", raw.name)),
    }
}

fn image_name(raw: &raw::Spec) -> String {
    raw.image.name.clone().unwrap_or_else(|| raw.name.clone())
}

fn resolve_kubernetes(raw: &raw::Spec, group: &raw::Kubernetes) -> model::Kubernetes {
    let name = raw.name.as_str();
    let local = raw.minikube.is_some();
    let amounts = |amounts: &raw::Amounts| model::Amounts {
        cpu: amounts.cpu.clone(),
        memory: amounts.memory.clone(),
    };
    let ingress = group.ingress.clone().on().map(|ingress| {
        let tls = ingress.tls.on().map(|tls| model::Tls {
            issuer: tls.issuer,
            secret: tls.secret.unwrap_or_else(|| format!("{name}-tls")),
        });
        let scheme = if tls.is_some() { "https" } else { "http" };
        model::Ingress {
            url: format!("{scheme}://{}{}", ingress.host, ingress.path),
            host: ingress.host,
            path: ingress.path,
            class: if ingress.controller == "gateway" {
                "envoy".to_owned()
            } else if local {
                ADDON_CLASS.to_owned()
            } else {
                ingress.controller.clone()
            },
            proxy_namespace: if local && ingress.controller != "gateway" {
                ADDON_NAMESPACE.to_owned()
            } else {
                GATEWAY_NAMESPACE.to_owned()
            },
            controller: ingress.controller,
            gateway: model::Gateway {
                name: GATEWAY_NAME.to_owned(),
                namespace: GATEWAY_NAMESPACE.to_owned(),
            },
            tls,
        }
    });
    model::Kubernetes {
        version: group.version.clone(),
        namespace: group.namespace.clone().unwrap_or_else(|| name.to_owned()),
        release: name.to_owned(),
        replicas: group.replicas,
        strategy: match &raw.storage {
            raw::Switch::On(_) => "Recreate",
            raw::Switch::Off(_) => "RollingUpdate",
        }
        .to_owned(),
        resources: model::Resources {
            requests: amounts(&group.resources.requests),
            limits: amounts(&group.resources.limits),
        },
        autoscaling: group
            .autoscaling
            .clone()
            .on()
            .map(|autoscaling| model::Autoscaling {
                min: autoscaling.min,
                max: autoscaling.max,
                cpu: autoscaling.cpu,
            }),
        disruption_budget: group.disruption_budget,
        network_policy: group.network_policy,
        topology_spread: group.topology_spread,
        manifests: group.manifests,
        monitoring: group.monitoring || matches!(raw.observability, raw::Switch::On(_)),
        monitoring_namespace: group.monitoring_namespace.clone(),
        egress: data::egress(raw, &group.egress),
        pull_secret: group.pull_secret.clone(),
        ingress,
        drift_check: group
            .drift_check
            .clone()
            .on()
            .map(|check| drift_check::resolve(raw, check)),
    }
}

fn resolve_azure(name: &str, group: &raw::Azure, environment: Option<&str>) -> model::Azure {
    let shared = group
        .resource_group
        .clone()
        .unwrap_or_else(|| format!("rg-{name}"));
    let aks = &group.aks;
    let storage_account = group.state.storage_account.clone().unwrap_or_else(|| {
        let mut account = format!("st{}", group.acr.name);
        account.truncate(24);
        account
    });
    model::Azure {
        location: group.location.clone(),
        resource_group: environment.map_or_else(
            || shared.clone(),
            |environment| format!("{shared}-{environment}"),
        ),
        shared_resource_group: shared,
        acr: model::Acr {
            name: group.acr.name.clone(),
            sku: group.acr.sku.clone(),
            role_assignment_mode: group.acr.role_assignment_mode.clone(),
            login_server: format!("{}.azurecr.io", group.acr.name),
        },
        aks: model::Aks {
            name: aks
                .name
                .clone()
                .unwrap_or_else(|| rules::cluster_name(name, environment)),
            vm_size: aks.vm_size.clone(),
            node_count: aks.node_count,
            min_count: aks.min_count.unwrap_or(aks.node_count),
            max_count: aks.max_count,
            disk_size_gb: aks.disk_size_gb,
            disk_type: aks.disk_type.clone(),
            max_pods: aks.max_pods,
            sku_tier: aks.sku_tier.clone(),
            private: aks.private,
            authorized_ip_ranges: aks.authorized_ip_ranges.clone(),
            admin_groups: aks.admin_groups.clone(),
            local_accounts: aks.local_accounts,
        },
        dns: group.dns.clone().on().map(|dns| model::Dns {
            zone: dns.zone,
            records: dns.records,
        }),
        vnet: group.vnet.clone().on().map(|vnet| model::Vnet {
            address_space: vnet.address_space,
            subnet: vnet.subnet,
        }),
        identity: group.identity.clone(),
        state: model::State {
            resource_group: group
                .state
                .resource_group
                .clone()
                .unwrap_or_else(|| format!("rg-{name}-state")),
            storage_account,
            container: group.state.container.clone(),
        },
    }
}

fn resolve_github(group: &raw::GitHub, environment: Option<&str>) -> model::GitHub {
    let split = |repository: &str| {
        let (owner, repo) = repository.split_once('/').unwrap_or(("", repository));
        (owner.to_owned(), repo.to_owned())
    };
    let (owner, repo) = split(&group.repository);
    let chart_repository = group
        .chart_repository
        .clone()
        .unwrap_or_else(|| format!("{}-chart", group.repository));
    let (chart_owner, chart_repo) = split(&chart_repository);
    // Repositories made, renamed or moved since 15 July 2026 send their ids in the subject.
    let prefix = match (group.owner_id, group.repository_id) {
        (Some(owner_id), Some(repository_id)) => {
            format!("repo:{owner}@{owner_id}/{repo}@{repository_id}")
        }
        _ => format!("repo:{owner}/{repo}"),
    };
    model::GitHub {
        repository: group.repository.clone(),
        url: format!("https://github.com/{}", group.repository),
        owner,
        repo,
        owner_id: group.owner_id,
        repository_id: group.repository_id,
        branch: group.branch.clone(),
        deploy: group.deploy.clone(),
        chart_repository,
        chart_owner,
        chart_repo,
        notify: group.notify.clone(),
        notify_to: group.notify.join(", "),
        smtp: group.smtp.clone().on().map(|smtp| model::Smtp {
            server: smtp.server,
            port: smtp.port,
            from: smtp.from,
        }),
        snyk: group.snyk,
        runner: group.runner.clone(),
        subjects: model::Subjects {
            branch: format!("{prefix}:ref:refs/heads/{}", group.branch),
            environment: environment
                .map(|environment| format!("{prefix}:environment:{environment}")),
        },
    }
}
