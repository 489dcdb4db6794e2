//! Where the cluster is, and as whom: what kubectl would take.

use std::path::PathBuf;

use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};

use super::PATIENCE;
use super::answer::chain;

/// How the cluster is found, as users of kubectl say it.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The file, in place of `KUBECONFIG` and `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// The context in it, in place of the current one.
    pub context: Option<String>,
}

/// The connection's settings, and what the cluster is called.
pub(super) async fn config(access: &Access) -> Result<(Config, String), String> {
    let options = KubeConfigOptions {
        context: access.context.clone(),
        ..KubeConfigOptions::default()
    };
    let read = match &access.kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    let explicit = access.kubeconfig.is_some() || access.context.is_some();
    let (mut config, name) = match read {
        Ok(kubeconfig) => {
            let name = access
                .context
                .clone()
                .or_else(|| kubeconfig.current_context.clone());
            let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
            (config.map_err(|error| chain(&error))?, name)
        }
        // In a pod there is no file, and the service account is meant.
        Err(KubeconfigError::ReadConfig(..) | KubeconfigError::FindPath) if !explicit => {
            let config = Config::incluster_env().map_err(|_| NOWHERE.to_owned())?;
            (config, None)
        }
        Err(error) => return Err(chain(&error)),
    };
    config.read_timeout = Some(PATIENCE);
    let name = name.unwrap_or_else(|| config.cluster_url.host().unwrap_or_default().to_owned());
    Ok((config, name))
}

const NOWHERE: &str = "there is no kubeconfig, and this is no pod of a cluster; \
    `--kubeconfig` or `KUBECONFIG` names one";
