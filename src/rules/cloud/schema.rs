//! Which provider's table holds for a module of Terraform, and how sure that is.

use crate::diagnostic::Level;
use crate::facts::provider::{self, Provider};
use crate::facts::terraform::{Module, Resource, called};
use crate::facts::{Facts, constraint, tree};
use crate::source::hcl::Kind;

/// Major versions that are the newest there are: what Terraform takes where nothing is required.
const NEWEST: [(&str, u64); 4] = [("aws", 6), ("azuread", 3), ("azurerm", 5), ("helm", 3)];

/// How sure it is that a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sure {
    /// The repository requires this major version.
    Required,
    /// It requires none, so that the newest is taken.
    Newest,
}

impl Sure {
    /// How loud a finding is: a lock file that is not in the repository may hold to an older version.
    pub(super) fn level(self) -> Level {
        match self {
            Self::Required => Level::Error,
            Self::Newest => Level::Warning,
        }
    }
}

/// The modules of a repository and what calls what.
pub(super) struct Modules<'f> {
    facts: &'f Facts,
    /// For each module the numbers of those that it calls, itself among them, through any number of calls.
    reached: Vec<Vec<usize>>,
    /// For each module the numbers of those that reach it and that nothing calls.
    roots: Vec<Vec<usize>>,
    generated: bool,
}

impl<'f> Modules<'f> {
    pub(super) fn new(facts: &'f Facts) -> Self {
        let calls: Vec<Vec<usize>> = facts
            .terraform
            .iter()
            .map(|module| {
                let of = |call| called(facts, module, call);
                let place = |other: &Module| {
                    facts
                        .terraform
                        .iter()
                        .position(|one| std::ptr::eq(one, other))
                };
                module
                    .calls
                    .iter()
                    .filter_map(of)
                    .filter_map(place)
                    .collect()
            })
            .collect();
        let reached: Vec<Vec<usize>> = (0..calls.len())
            .map(|root| {
                let mut all = vec![root];
                let mut at = 0;
                while at < all.len() {
                    for next in &calls[all[at]] {
                        if !all.contains(next) {
                            all.push(*next);
                        }
                    }
                    at += 1;
                }
                all
            })
            .collect();
        let mut is_called = vec![false; calls.len()];
        for (root, reached) in reached.iter().enumerate() {
            for number in reached.iter().filter(|number| **number != root) {
                is_called[*number] = true;
            }
        }
        let mut roots = vec![Vec::new(); calls.len()];
        for root in (0..calls.len()).filter(|root| !is_called[*root]) {
            for number in &reached[root] {
                roots[*number].push(root);
            }
        }
        Self {
            facts,
            reached,
            roots,
            generated: facts
                .tree
                .paths()
                .any(|path| matches!(tree::file_name(path), "terragrunt.hcl" | "root.hcl")),
        }
    }

    /// The resources and data sources whose provider's table holds, and is certainly the one that brings them.
    pub(super) fn resources(
        &self,
    ) -> impl Iterator<Item = (&'f Module, &'f Resource, Provider, Sure)> {
        let modules = self.facts.terraform.iter().enumerate();
        let resources = modules.flat_map(|(number, module)| {
            module
                .resources
                .iter()
                .map(move |one| (number, module, one))
        });
        resources.filter_map(|(number, module, resource)| {
            let (provider, sure) = self.provider(number, &resource.kind)?;
            // Another provider may bring kinds of the same prefix.
            let other = resource.body.get("provider").is_some_and(
                |value| !matches!(&value.kind, Kind::Reference(path) if path[0] == provider.name),
            );
            (!other && !resource.ephemeral).then_some((module, resource, provider, sure))
        })
    }

    /// The provider of a kind, if its table holds in this module.
    pub(super) fn provider(&self, number: usize, kind: &str) -> Option<(Provider, Sure)> {
        let provider = provider::of(kind)?;
        let mut sure = Sure::Required;
        for root in &self.roots[number] {
            match self.holds(*root, provider)? {
                Sure::Required => {}
                Sure::Newest => sure = Sure::Newest,
            }
        }
        Some((provider, sure))
    }

    /// Whether what a root and all that it calls require is met by the table.
    fn holds(&self, root: usize, provider: Provider) -> Option<Sure> {
        let source = format!("hashicorp/{}", provider.name);
        let wanted = constraint::version(provider.version)?;
        let mut least = None;
        let mut open = self.generated;
        for number in &self.reached[root] {
            let module = &self.facts.terraform[*number];
            // A call of what is elsewhere may require more.
            open |= module
                .calls
                .iter()
                .any(|call| called(self.facts, module, call).is_none());
            let required = module
                .providers
                .iter()
                .filter(|one| one.name == provider.name);
            for one in required {
                if one
                    .source
                    .as_ref()
                    .is_some_and(|own| !own.ends_with(&source))
                {
                    return None;
                }
                if let Some(version) = &one.version {
                    if !constraint::admits(version, wanted)? {
                        return None;
                    }
                    least = least.max(constraint::least_major(version));
                }
            }
            let configured = module
                .configurations
                .iter()
                .filter(|one| one.name == provider.name);
            for version in configured.filter_map(|one| one.body.get("version")) {
                let version = version.text()?;
                if !constraint::admits(version, wanted)? {
                    return None;
                }
                least = least.max(constraint::least_major(version));
            }
        }
        if let Some(locked) = self.locked(root, &source) {
            return (locked[0] == wanted[0] && locked <= wanted).then_some(Sure::Required);
        }
        if least == Some(wanted[0]) {
            return Some(Sure::Required);
        }
        (!open && NEWEST.contains(&(provider.name, wanted[0]))).then_some(Sure::Newest)
    }

    fn locked(&self, root: usize, source: &str) -> Option<constraint::Version> {
        let folder = &self.facts.terraform[root].folder;
        let path = tree::join(folder, ".terraform.lock.hcl")?;
        constraint::locked(self.facts.tree.source(&path)?.text(), source)
    }
}
