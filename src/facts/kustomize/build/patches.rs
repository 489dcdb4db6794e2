//! The patches of a kustomization: which objects each is about, and what it does to them.

use regex::Regex;

use crate::facts::tree;
use crate::source::yaml::Node;

use super::super::merge::{Left, merge};
use super::super::resource::Resource;
use super::super::{Kustomization, edit, json_patch};
use super::{Build, Stop, nearest};

impl Build<'_> {
    /// Applies the patches under these keys.
    pub(super) fn patches(
        &mut self,
        one: &Kustomization,
        keys: &[&str],
        all: &mut Vec<Resource>,
    ) -> Result<(), Stop> {
        for key in keys {
            for item in one.node.get(key).map_or(&[][..], Node::items) {
                self.patch(one, item, all)?;
            }
        }
        Ok(())
    }

    fn patch(
        &mut self,
        one: &Kustomization,
        item: &Node,
        all: &mut Vec<Resource>,
    ) -> Result<(), Stop> {
        let documents = self.read(one, item)?;
        let whole = self.assembly.node(&one.source, item);
        let target = whole.get("target");
        let chosen = match target {
            Some(target) => Some(self.select(target, all)?),
            None => None,
        };
        if let (Some(target), Some(chosen)) = (target, &chosen) {
            let at = self.assembly.at(target.span);
            let text = "the patch is about no object".to_owned();
            self.used.push((at, text, !chosen.is_empty() || self.open));
        }
        for document in documents {
            if document.is_null() {
                continue;
            }
            let json = !document.items().is_empty();
            match &chosen {
                Some(chosen) if json => self.json(&document, chosen, all)?,
                Some(chosen) => {
                    let options = |key: &str| {
                        let options = whole.get("options");
                        options.and_then(|all| all.get(key)?.text()) == Some("true")
                    };
                    let keeps = !options("allowNameChange") && !options("allowKindChange");
                    self.strategic(&document, chosen.clone(), keeps, all)?;
                }
                None if json => {
                    let at = self.assembly.at(whole.span);
                    self.fault(
                        at,
                        "a JSON patch without a target",
                        "say which object it is about",
                    );
                }
                None => self.untargeted(&document, all)?,
            }
        }
        Ok(())
    }

    /// The documents of a patch: of a file, or written in place.
    fn read(&mut self, one: &Kustomization, item: &Node) -> Result<Vec<Node>, Stop> {
        let at = crate::facts::At::new(&one.source, item.span);
        let inline = item.get("patch").or_else(|| {
            Some(item).filter(|item| item.text().is_some_and(|text| text.contains('\n')))
        });
        if let Some(inline) = inline {
            let unknown = || Stop::Unknown(at.clone(), "the patch is no YAML".to_owned());
            return self.assembly.inner(&one.source, inline).ok_or_else(unknown);
        }
        let path = item.get("path").or(Some(item)).and_then(Node::text);
        let Some(path) = path.and_then(|path| tree::join(&one.folder, path)) else {
            return Err(Stop::Unknown(
                at,
                "the patch is not of this repository".to_owned(),
            ));
        };
        if !self.facts.tree.is_file(&path) {
            let place = item.get("path").unwrap_or(item);
            let at = crate::facts::At::new(&one.source, place.span);
            self.missing(&path, &at)?;
            return Ok(Vec::new());
        }
        let documents = self.parsed(&path, &at)?.into_iter();
        Ok(documents
            .map(|(source, node)| self.assembly.node(&source, &node))
            .collect())
    }

    /// A patch that names its object itself.
    fn untargeted(&mut self, patch: &Node, all: &mut Vec<Resource>) -> Result<(), Stop> {
        let wanted = Resource::new(patch.clone(), "");
        let found: Vec<usize> = (0..all.len())
            .filter(|at| all[*at].is_meant_by(&wanted))
            .collect();
        match found.as_slice() {
            [_] => self.strategic(patch, found, true, all),
            [] if self.open => Ok(()),
            [] => {
                let near = self.other(&wanted, all);
                let at = self.assembly.at(super::named(&wanted));
                self.fault(at, format!("there is no {} to patch", wanted.title()), near);
                Ok(())
            }
            _ => {
                let at = self.assembly.at(super::named(&wanted));
                self.fault(
                    at,
                    format!("the patch is about {} objects", found.len()),
                    "it has to be one",
                );
                Ok(())
            }
        }
    }

    /// What there is instead of an object that is not.
    fn other(&self, wanted: &Resource, all: &[Resource]) -> String {
        let id = wanted.id();
        let same = all.iter().find(|one| {
            one.kind() == wanted.kind() && one.ids().iter().any(|own| own.name == id.name)
        });
        if let Some(same) = same {
            if same.api_version() != wanted.api_version() {
                return format!("it is of `{}`", same.api_version());
            }
            return match same.id().namespace.as_str() {
                "" => "it has no namespace".to_owned(),
                own => format!("it is in the namespace `{own}`"),
            };
        }
        nearest(&id.name, all, |one| one.kind() == wanted.kind())
    }

    fn strategic(
        &mut self,
        patch: &Node,
        chosen: Vec<usize>,
        keeps: bool,
        all: &mut Vec<Resource>,
    ) -> Result<(), Stop> {
        let mut patch = patch.clone();
        if keeps {
            edit::remove(&mut patch, "kind");
            edit::remove(&mut patch, "apiVersion");
            if let Some(meta) = edit::get(&mut patch, "metadata") {
                edit::remove(meta, "name");
                edit::remove(meta, "namespace");
            }
        }
        let mut gone = Vec::new();
        for at in chosen {
            let one = &mut all[at];
            let known = one.is_known();
            if !keeps {
                one.remember();
            }
            match merge(&mut one.node, &patch, known, &mut one.via) {
                Ok(Left::Some) => {}
                Ok(Left::Nothing) => gone.push(at),
                Err(what) => {
                    let at = self.assembly.at(patch.span);
                    return Err(Stop::Unknown(at, format!("`{what}` is not followed")));
                }
            }
        }
        for at in gone.into_iter().rev() {
            all.remove(at);
        }
        Ok(())
    }

    fn json(&mut self, patch: &Node, chosen: &[usize], all: &mut [Resource]) -> Result<(), Stop> {
        for &at in chosen {
            let one = &mut all[at];
            let before = one.id();
            if let Err(refused) = json_patch::apply(&mut one.node, patch, &mut one.via) {
                let place = self.assembly.at(refused.span);
                let named = self.assembly.at(super::named(&all[at]));
                let place = place.through(&named, format!("{} is patched", all[at].title()));
                self.fault(
                    place,
                    format!("the patch does not apply: {}", refused.text),
                    "",
                );
                continue;
            }
            if one.id() != before && !one.before.contains(&before) {
                one.before.push(before);
            }
        }
        Ok(())
    }

    /// The objects that a target is about.
    fn select(&self, target: &Node, all: &[Resource]) -> Result<Vec<usize>, Stop> {
        let unknown = |what: &str| {
            let at = self.assembly.at(target.span);
            Stop::Unknown(at, format!("`{what}` of the target is not followed"))
        };
        let pattern = |key: &str| -> Result<Option<Regex>, Stop> {
            let text = target.get(key).and_then(Node::text).unwrap_or("");
            if text.is_empty() {
                return Ok(None);
            }
            let regex = Regex::new(&format!("^(?:{text})$"));
            regex.map(Some).map_err(|_| unknown(key))
        };
        let labels = wanted(target, "labelSelector").ok_or_else(|| unknown("labelSelector"))?;
        let notes =
            wanted(target, "annotationSelector").ok_or_else(|| unknown("annotationSelector"))?;
        let (group, version) = (pattern("group")?, pattern("version")?);
        let (kind, name) = (pattern("kind")?, pattern("name")?);
        let namespace = pattern("namespace")?;
        let fits = |regex: &Option<Regex>, text: &str| {
            regex.as_ref().is_none_or(|regex| regex.is_match(text))
        };
        let has = |one: &Resource, key: &str, pairs: &[(String, String)]| {
            let own = one.node.get("metadata").and_then(|meta| meta.get(key));
            pairs.iter().all(|(key, value)| {
                own.and_then(|own| own.get(key)?.text()) == Some(value.as_str())
            })
        };
        Ok((0..all.len())
            .filter(|at| {
                let one = &all[*at];
                let ids = one.ids();
                let (own, own_version) = one.group_version();
                let place = |text: &str| match text {
                    "" if !one.is_cluster_wide() => "default".to_owned(),
                    text => text.to_owned(),
                };
                fits(&group, own)
                    && fits(&version, own_version)
                    && fits(&kind, one.kind())
                    && ids.iter().any(|id| fits(&name, &id.name))
                    && ids.iter().any(|id| fits(&namespace, &place(&id.namespace)))
                    && has(one, "labels", &labels)
                    && has(one, "annotations", &notes)
            })
            .collect())
    }
}

/// The pairs of a selector that only asks for equality; nothing for others.
fn wanted(target: &Node, key: &str) -> Option<Vec<(String, String)>> {
    let text = target.get(key).and_then(Node::text).unwrap_or("");
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (key, value) = part.split_once('=')?;
            let plain = !key.ends_with('!') && !part.contains(['(', ' ']);
            plain.then(|| (key.to_owned(), value.trim_start_matches('=').to_owned()))
        })
        .collect()
}
