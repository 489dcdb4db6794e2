//! What the files of a repository say: typed, each fact with its place.
//!
//! Owns the classification of files by content, the typed views of every kind of artifact, and how they
//! refer to each other. What cannot be told from the files is `unresolved`, never guessed. Knows nothing of
//! rules, specs or blueprints, and opens no file: it is given a [`Tree`].

use std::sync::{Arc, OnceLock};

use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};

pub mod api;
pub mod chart;
pub mod ci;
pub mod command;
pub mod compose;
pub mod constraint;
pub mod ecs;
pub mod expression;
pub mod flow;
pub mod image;
pub mod kustomize;
pub mod link;
pub mod near;
pub mod object;
pub mod pipeline;
pub mod provider;
pub mod python;
pub mod requirement;
pub mod run;
pub mod server;
pub mod terraform;
pub mod text;
pub mod tree;
pub mod workflow;

mod gather;

pub use gather::{UNREADABLE, gather, gather_by, is_workflow_path};
pub use tree::Tree;

/// Does two things: side by side, or where there is enough to do besides, [`in_turn`].
pub type Both = fn(&mut (dyn FnMut() + Send), &mut (dyn FnMut() + Send));

/// One thing after the other.
pub fn in_turn(first: &mut (dyn FnMut() + Send), second: &mut (dyn FnMut() + Send)) {
    first();
    second();
}

/// Where a fact stands, and what led to it.
#[derive(Debug, Clone)]
pub struct At {
    /// The file.
    pub source: Arc<Source>,
    /// The bytes.
    pub span: Span,
    /// The other places that it comes from, each with what happens there.
    pub via: Vec<(Arc<Source>, Span, String)>,
}

impl At {
    /// A place without a history.
    pub fn new(source: &Arc<Source>, span: Span) -> Self {
        Self {
            source: Arc::clone(source),
            span,
            via: Vec::new(),
        }
    }

    /// Adds a place that it comes from.
    #[must_use]
    pub fn through(mut self, other: &Self, text: impl Into<String>) -> Self {
        self.via
            .push((Arc::clone(&other.source), other.span, text.into()));
        self.via.extend(other.via.iter().cloned());
        self
    }

    /// Where `text` itself is written: here, or at the one value that it comes from.
    ///
    /// Nothing where it is made up of more, so that no single edit changes it.
    pub fn written(&self, text: &str) -> Option<Self> {
        let bare = |slice: &str| slice.trim_matches(['"', '\'']) == text;
        let inner = |source: &Arc<Source>, span: Span| {
            let slice = source.slice(span);
            let quoted = slice.len() == text.len() + 2;
            let from = span.start + usize::from(quoted);
            Self::new(source, Span::new(from, from + text.len()))
        };
        if bare(self.text()) {
            return Some(inner(&self.source, self.span));
        }
        let mut values = self
            .via
            .iter()
            .filter(|(source, span, _)| bare(source.slice(*span)));
        let (source, span, _) = values.next().filter(|_| self.via.len() == 1)?;
        Some(inner(source, *span))
    }

    /// The text that stands there.
    pub fn text(&self) -> &str {
        self.source.slice(self.span)
    }
}

impl Facts {
    /// Whether two objects may be applied together: of one bundle, or of manifests and kustomizations that are
    /// not made of the same files.
    pub fn together(&self, a: &object::Object, b: &object::Object) -> bool {
        let (own, other) = (&self.bundles[a.bundle], &self.bundles[b.bundle]);
        a.bundle == b.bundle
            || own.chart.is_none() && other.chart.is_none() && !own.instead.contains(&b.bundle)
    }

    /// Whether an object is applied with others that are not seen.
    pub fn is_among_unseen(&self, object: &object::Object) -> bool {
        self.bundles[object.bundle].open
    }
}

/// Something that could not be told.
#[derive(Debug, Clone)]
pub struct Unresolved {
    /// Where.
    pub at: At,
    /// What, and why.
    pub text: String,
}

/// What all files of one project say.
#[derive(Debug, Default)]
pub struct Facts {
    /// The files.
    pub tree: Tree,
    /// Every Dockerfile.
    pub images: Vec<image::Image>,
    /// Every Python file.
    pub python: Vec<python::Module>,
    /// Every list of requirements.
    pub requirements: Vec<requirement::Requirements>,
    /// Every Kubernetes object of manifests and evaluated charts.
    pub objects: Vec<object::Object>,
    /// Which objects are applied together.
    pub bundles: Vec<object::Bundle>,
    /// Every chart.
    pub charts: Vec<chart::Chart>,
    /// Every GitHub workflow.
    pub workflows: Vec<workflow::Workflow>,
    /// Every command of workflows and scripts.
    pub commands: Vec<command::Command>,
    /// Every image that something builds.
    pub builds: Vec<pipeline::Build>,
    /// Every folder with Terraform files.
    pub terraform: Vec<terraform::Module>,
    /// Every service of a compose file.
    pub compose: Vec<compose::Service>,
    /// Every kustomization.
    pub kustomizations: Vec<kustomize::Kustomization>,
    /// What is wrong with them.
    pub kustomize_faults: Vec<kustomize::Fault>,
    /// What could not be told.
    pub unresolved: Vec<Unresolved>,
    /// Which container runs which image, found when it is first asked for.
    pub(crate) links: OnceLock<Vec<run::Link>>,
    /// What each image starts, found when it is first asked for.
    pub(crate) servers: OnceLock<Vec<Option<server::Server>>>,
    /// Faults of the files themselves, found by reading them.
    pub faults: Vec<Diagnostic>,
}
