//! Working on what is staged in git instead of what lies in the folders: for hooks.

use std::path::Path;
use std::sync::Arc;

use clap::Args;

use super::fleet::{Fleet, FleetArgs};
use super::git::Snapshot;
use super::service::{Files, Service};
use super::workspace;
use crate::plan::is_below;

/// Options of commands that hooks run.
#[derive(Debug, Clone, Args)]
pub(super) struct StagedArgs {
    /// Look at what is staged in git, specs and trees alike, in place of the files on disk.
    #[arg(long)]
    pub(super) staged: bool,
    /// With `--staged`, leave out specs of which neither spec, blueprint nor tree is changed by the commit.
    #[arg(long, requires = "staged")]
    pub(super) touched: bool,
}

/// The specs to look at, and where their files are read.
pub(super) struct Scope {
    pub(super) fleet: Fleet,
    pub(super) files: Files,
    /// What the commit changes, where only that counts.
    touched: Option<Vec<String>>,
}

impl Scope {
    /// Finds what the command line is about.
    ///
    /// # Errors
    /// A sentence that says what cannot be read.
    pub(super) fn new(
        paths: &[std::path::PathBuf],
        fleet: &FleetArgs,
        staged: &StagedArgs,
    ) -> Result<Self, String> {
        if !staged.staged {
            return Ok(Self {
                fleet: fleet.find(paths)?,
                files: Files::Disk,
                touched: None,
            });
        }
        let first = paths.first().map_or(Path::new("."), |path| path.as_path());
        let inside = if first.is_dir() {
            first.join("x")
        } else {
            first.to_owned()
        };
        let repository = workspace::repository(&inside);
        if !repository.join(".git").exists() {
            return Err(format!("`{}` is in no git repository", first.display()));
        }
        let snapshot = Snapshot::staged(&repository)?;
        let touched = match staged.touched {
            true => Snapshot::commit(&repository, "HEAD")?.map(|head| {
                let differing = snapshot.differing(&head).into_iter();
                differing.map(str::to_owned).collect()
            }),
            false => None,
        };
        let fleet = fleet.find_in(paths, &snapshot)?;
        let label = String::new();
        let snapshot: Arc<Snapshot> = snapshot;
        Ok(Self {
            fleet,
            files: Files::Git { snapshot, label },
            touched,
        })
    }

    /// Whether the commit changes the spec, its blueprint or its tree.
    pub(super) fn concerns(&self, spec: &Path, service: &Service) -> bool {
        let Some(touched) = &self.touched else {
            return true;
        };
        let spec = spec.to_string_lossy().replace('\\', "/");
        let model = &service.model;
        let inside = |path: &str, folder: &str| {
            let folder = folder.trim_end_matches('/');
            folder == "." || is_below(path, folder)
        };
        touched.iter().any(|path| {
            *path == spec
                || inside(path, &model.out)
                || (model.blueprint.contains('/') && inside(path, &model.blueprint))
        })
    }
}
