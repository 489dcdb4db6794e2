//! The cluster itself: the one module that opens a connection.
//!
//! Asks with `get`, `list` and `patch` under `dryRun=All`, and nothing else. Builds its own single-threaded
//! runtime, so that no other command pays for one.

use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use kube::api::{DynamicObject, ListParams, Patch, PatchParams};
use kube::core::ApiResource;
use kube::discovery::{ApiCapabilities, Discovery, Scope, verbs};
use kube::{Api, Client};
use serde_json::Value;

use super::compare::{self, Answers};
use super::extra::{self, Kin, Known};
use super::{Extra, MANAGER, Object, State, Wanted, owner};

mod access;
mod answer;

pub use access::Access;
use access::config;
use answer::{json, refuses, rename, sentence, told, unused};

/// Requests that are under way at once.
const AT_ONCE: usize = 16;
/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Kinds whose names follow from what they say, so that none can be made under another name.
const NAMED: [&str; 2] = ["APIService", "CustomResourceDefinition"];

/// A connection to a cluster.
pub struct Cluster {
    runtime: tokio::runtime::Runtime,
    client: Client,
    kinds: Discovery,
    name: String,
    namespace: String,
}

/// Objects of namespaces that are in no artifact.
#[derive(Debug, Default)]
pub struct Leftovers {
    /// Nobody's.
    pub extras: Vec<Extra>,
    /// How many belong to other releases.
    pub foreign: usize,
    /// Kinds that could not be listed.
    pub unlisted: Vec<String>,
}

impl Cluster {
    /// Connects, and asks which kinds are served.
    ///
    /// # Errors
    /// A sentence that says why there is no connection.
    pub fn connect(access: &Access) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("cannot start: {error}"))?;
        let (config, name) = runtime.block_on(config(access))?;
        let namespace = config.default_namespace.clone();
        let url = config.cluster_url.to_string();
        let (client, kinds) = runtime.block_on(async {
            let client = Client::try_from(config).map_err(|error| sentence(&error))?;
            let known = Discovery::new(client.clone()).run_aggregated().await;
            // Older servers tell their kinds group by group.
            let known = match known {
                Err(kube::Error::Api(_) | kube::Error::SerdeError(_)) => {
                    Discovery::new(client.clone()).run().await
                }
                other => other,
            };
            let kinds = known.map_err(|error| format!("cannot ask {url}: {}", sentence(&error)))?;
            Ok::<_, String>((client, kinds))
        })?;
        Ok(Self {
            runtime,
            client,
            kinds,
            name,
            namespace,
        })
    }

    /// What the cluster is called: its context, or its address.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The namespace of the context.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Gives objects without a namespace the one they would land in.
    pub fn place(&self, wanted: &mut [Wanted], namespace: &str) {
        for object in wanted
            .iter_mut()
            .filter(|object| object.namespace().is_empty())
        {
            let namespaced = self
                .resource(object)
                .is_none_or(|(_, can)| can.scope == Scope::Namespaced);
            if namespaced {
                object.value["metadata"]["namespace"] = Value::from(namespace);
            }
        }
    }

    fn resource(&self, wanted: &Wanted) -> Option<(ApiResource, ApiCapabilities)> {
        let version = wanted.api_version();
        let version = version
            .split_once('/')
            .map_or(version, |(_, version)| version);
        let group = self.kinds.get(wanted.group())?;
        let mut served = group.versioned_resources(version).into_iter();
        served.find(|(resource, _)| resource.kind == wanted.kind())
    }

    fn api(&self, namespace: &str, resource: &ApiResource) -> Api<DynamicObject> {
        match namespace {
            "" => Api::all_with(self.client.clone(), resource),
            name => Api::namespaced_with(self.client.clone(), name, resource),
        }
    }

    /// The image that runs in place of one of the objects' images, where it was deployed and is another
    /// version of it: with its tag and digest. It is the pipeline that says which version runs.
    pub fn released(&self, wanted: &[Wanted], deployers: &[String]) -> Option<String> {
        let with_images = wanted
            .iter()
            .filter(|object| !Wanted::images(&object.value).is_empty());
        for object in with_images {
            let Some((resource, _)) = self.resource(object) else {
                continue;
            };
            let api = self.api(object.namespace(), &resource);
            let Ok(Some(live)) = self.runtime.block_on(api.get_opt(object.name())) else {
                continue;
            };
            let live = json(live, object);
            let images = Wanted::images(&live).into_iter();
            let found = images
                .filter(|image| owner::is_deployed(&live, image, deployers))
                .find(|image| {
                    let own = Wanted::images(&object.value);
                    own.iter()
                        .any(|own| compare::repository(own) == compare::repository(image))
                });
            if let Some(image) = found {
                return Some(image.to_owned());
            }
        }
        None
    }

    /// Looks at every object. `progress` hears how many are done.
    pub fn compare(
        &self,
        wanted: Vec<Wanted>,
        deployers: &[String],
        progress: &mut dyn FnMut(usize),
    ) -> Vec<Object> {
        let mut done: Vec<(usize, Object)> = self.runtime.block_on(async {
            let looked = wanted
                .into_iter()
                .enumerate()
                .map(|(at, wanted)| async move { (at, self.look(wanted, deployers).await) });
            let mut looked = stream::iter(looked).buffer_unordered(AT_ONCE);
            let mut done = Vec::new();
            while let Some(object) = looked.next().await {
                done.push(object);
                progress(done.len());
            }
            done
        });
        done.sort_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, object)| object).collect()
    }

    async fn look(&self, wanted: Wanted, deployers: &[String]) -> Object {
        let (state, compared) = match self.ask(&wanted, deployers).await {
            Ok(compared) if compared.changes.iter().any(|change| change.drift) => {
                (State::Changed, compared)
            }
            Ok(compared) => (State::Same, compared),
            Err(state) => (state, compare::Compared::default()),
        };
        Object {
            wanted,
            state,
            changes: compared.changes,
            defaulted: compared.defaulted,
        }
    }

    async fn ask(&self, wanted: &Wanted, deployers: &[String]) -> Result<compare::Compared, State> {
        let Some((resource, _)) = self.resource(wanted) else {
            return Err(State::Refused(format!(
                "it serves no {} {}",
                wanted.api_version(),
                wanted.kind()
            )));
        };
        let api = self.api(wanted.namespace(), &resource);
        let live = api
            .get_opt(wanted.name())
            .await
            .map_err(|error| State::Unknown(sentence(&error)))?;
        let Some(live) = live.map(|live| json(live, wanted)) else {
            return Err(match self.apply(&api, wanted, None).await {
                Err(kube::Error::Api(status)) if refuses(&status) => {
                    State::Refused(told(&status, wanted))
                }
                _ => State::Absent,
            });
        };
        let alone = || async {
            match NAMED.contains(&wanted.kind()) {
                true => None,
                false => self
                    .apply(&api, wanted, Some(&unused(wanted.name())))
                    .await
                    .ok(),
            }
        };
        let applied = match self.apply(&api, wanted, None).await {
            Ok(applied) => applied,
            Err(kube::Error::Api(status)) if refuses(&status) => {
                return Err(State::Refused(told(&status, wanted)));
            }
            Err(error) => return Err(State::Unknown(sentence(&error))),
        };
        let answers = Answers {
            live: &live,
            applied: &applied,
            alone: None,
            deployers,
        };
        let alone = if compare::needs_alone(answers) {
            alone().await
        } else {
            None
        };
        Ok(compare::compare(Answers {
            alone: alone.as_ref(),
            ..answers
        }))
    }

    /// What applying the object would make, under its own name or another.
    async fn apply(
        &self,
        api: &Api<DynamicObject>,
        wanted: &Wanted,
        name: Option<&str>,
    ) -> Result<Value, kube::Error> {
        let parameters = PatchParams::apply(MANAGER).force().dry_run();
        let mut value = wanted.value.clone();
        if let Some(name) = name {
            value["metadata"]["name"] = Value::from(name);
        }
        let (under, patch) = (name.unwrap_or(wanted.name()), Patch::Apply(&value));
        let mut answer = json(api.patch(under, &parameters, &patch).await?, wanted);
        if let Some(name) = name {
            rename(&mut answer, name, wanted.name());
        }
        Ok(answer)
    }

    /// Looks for objects in the namespaces of `all` that are none of them.
    pub fn leftovers<'w>(
        &self,
        all: impl Iterator<Item = &'w Wanted>,
        namespace: &str,
    ) -> Leftovers {
        let mut known = Known::default();
        all.for_each(|wanted| known.add(wanted));
        let kinds = self
            .kinds
            .groups()
            .flat_map(|group| group.recommended_resources());
        let kinds = kinds.filter(|(resource, can)| {
            can.scope == Scope::Namespaced
                && can.supports_operation(verbs::LIST)
                && extra::is_listed(&resource.group, &resource.kind)
        });
        let listed: Vec<_> = self.runtime.block_on(
            stream::iter(kinds.map(|(resource, _)| async move {
                let api = self.api(namespace, &resource);
                let list = api.list_metadata(&ListParams::default()).await;
                (resource, list)
            }))
            .buffer_unordered(AT_ONCE)
            .collect(),
        );
        let mut found = Leftovers::default();
        for (resource, list) in listed {
            let Ok(list) = list else {
                found.unlisted.push(resource.plural.clone());
                continue;
            };
            for object in list.items {
                let metadata = serde_json::to_value(&object.metadata).unwrap_or_default();
                match known.kin(&resource.group, &resource.kind, &metadata) {
                    Kin::Known => {}
                    Kin::Foreign => found.foreign += 1,
                    Kin::Extra => {
                        let extra = extra::extra(&resource.api_version, &resource.kind, &metadata);
                        found.extras.push(extra);
                    }
                }
            }
        }
        found.extras.sort();
        found.unlisted.sort();
        found
    }
}
