//! The ConfigMaps and Secrets that a kustomization makes.

use crate::facts::{At, tree};
use crate::source::yaml::{Entry, Node};

use super::super::resource::Resource;
use super::super::{Kustomization, edit, generate};
use super::{Build, Stop, named};

impl Build<'_> {
    /// Makes what the generators say.
    pub(super) fn generators(
        &mut self,
        one: &Kustomization,
        all: &mut Vec<Resource>,
    ) -> Result<(), Stop> {
        for (key, kind) in [
            ("configMapGenerator", "ConfigMap"),
            ("secretGenerator", "Secret"),
        ] {
            let node = self.assembly.node(&one.source, &one.node);
            for item in node.get(key).map_or(&[][..], Node::items) {
                let shared = node.get("generatorOptions");
                let made = self.generated(one, item, kind, shared);
                self.put(made, item, all)?;
            }
        }
        Ok(())
    }

    fn generated(
        &mut self,
        one: &Kustomization,
        item: &Node,
        kind: &str,
        shared: Option<&Node>,
    ) -> Resource {
        let text = |key: &str| item.get(key).and_then(Node::text);
        let name = item
            .get("name")
            .map_or_else(|| edit::text("", item.span), Node::clone);
        let mut meta = vec![edit::entry("name", name)];
        meta.extend(
            item.get("namespace")
                .map(|own| edit::entry("namespace", own.clone())),
        );
        for key in ["labels", "annotations"] {
            let options = [shared, item.get("options")];
            let all: Vec<&Node> = options
                .iter()
                .filter_map(|own| own.as_ref()?.get(key))
                .collect();
            let mut merged = edit::mapping(Vec::new(), item.span);
            for entry in all.iter().flat_map(|own| own.entries()) {
                edit::set(&mut merged, &entry.key, entry.value.clone());
            }
            if !merged.entries().is_empty() {
                meta.push(edit::entry(key, merged));
            }
        }
        let mut entries = vec![
            edit::entry("apiVersion", edit::text("v1", item.span)),
            edit::entry("kind", edit::text(kind, item.span)),
            edit::entry("metadata", edit::mapping(meta, item.span)),
        ];
        if kind == "Secret" {
            let kind = text("type").unwrap_or("Opaque");
            entries.push(edit::entry("type", edit::text(kind, item.span)));
        }
        let data = self.data(one, item, kind == "Secret");
        if !data.is_empty() {
            entries.push(edit::entry("data", edit::mapping(data, item.span)));
        }
        let set = |key: &str| {
            let options = [item.get("options"), shared];
            options
                .iter()
                .any(|own| own.and_then(|own| own.get(key)?.text()) == Some("true"))
        };
        if set("immutable") {
            let mut yes = edit::text("true", item.span);
            if let crate::source::yaml::Kind::Scalar(scalar) = &mut yes.kind {
                scalar.style = crate::source::yaml::Style::Plain;
            }
            entries.push(edit::entry("immutable", yes));
        }
        let mut made = Resource::new(edit::mapping(entries, item.span), &one.path);
        made.hashed = !set("disableNameSuffixHash");
        made
    }

    /// The pairs, or none at all where they are not all known.
    fn data(&mut self, one: &Kustomization, item: &Node, secret: bool) -> Vec<Entry> {
        let mut pairs: Vec<(String, String, &Node)> = Vec::new();
        let list = |key: &str| item.get(key).map_or(&[][..], Node::items);
        for node in list("literals") {
            let Some((key, value)) = node.text().and_then(generate::literal) else {
                return Vec::new();
            };
            pairs.push((key.to_owned(), value.to_owned(), node));
        }
        let file = |path: &str| {
            let path = tree::join(&one.folder, path)?;
            self.facts.tree.source(&path).cloned()
        };
        for node in list("files") {
            let text = node.text().unwrap_or("");
            let (key, path) = text
                .split_once('=')
                .unwrap_or((tree::file_name(text), text));
            let Some(source) = file(path) else {
                return Vec::new();
            };
            pairs.push((key.to_owned(), source.text().to_owned(), node));
        }
        for node in list("envs").iter().chain(item.get("env")) {
            let source = node.text().and_then(file);
            let Some(all) = source.and_then(|source| generate::variables(source.text())) else {
                return Vec::new();
            };
            pairs.extend(all.into_iter().map(|(key, value)| (key, value, node)));
        }
        let value = |text: String| match secret {
            true => generate::base64(text.as_bytes()),
            false => text,
        };
        pairs
            .into_iter()
            .map(|(key, text, node)| edit::entry(&key, edit::text(&value(text), node.span)))
            .collect()
    }

    /// Adds what was made, or lays it over what a base made.
    fn put(&mut self, made: Resource, item: &Node, all: &mut Vec<Resource>) -> Result<(), Stop> {
        let behavior = item.get("behavior").and_then(Node::text).unwrap_or("");
        let known = all.iter_mut().find(|one| one.is_meant_by(&made));
        let at = self.assembly.at(named(&made));
        match (behavior, known) {
            ("merge", Some(known)) => {
                let hashed = made.hashed;
                for key in ["data", "metadata"] {
                    lay(known, &made, key);
                }
                known.hashed |= hashed;
                Ok(())
            }
            ("replace", Some(known)) => {
                let mut node = made.node.clone();
                let id = known.id();
                if let Some(meta) = edit::get(&mut node, "metadata") {
                    let span = meta.span;
                    edit::set(meta, "name", edit::text(&id.name, span));
                    if !id.namespace.is_empty() {
                        edit::set(meta, "namespace", edit::text(&id.namespace, span));
                    }
                }
                known.node = node;
                known.hashed |= made.hashed;
                Ok(())
            }
            ("merge" | "replace", None) => {
                if !self.open {
                    let text = format!("there is no {} to {behavior}", made.title());
                    self.fault(at, text, "no base makes it");
                }
                Ok(())
            }
            (_, Some(_)) => {
                self.twice(&made, at);
                Ok(())
            }
            (_, None) => {
                all.push(made);
                Ok(())
            }
        }
    }

    fn twice(&mut self, made: &Resource, at: At) {
        self.fault(
            at,
            format!("{} is made twice", made.title()),
            "say `behavior: merge` or `replace`",
        );
    }
}

/// Lays the pairs of what was made over those of what is there.
fn lay(known: &mut Resource, made: &Resource, key: &str) {
    let Some(new) = made.node.get(key) else {
        return;
    };
    if key == "metadata" {
        for key in ["labels", "annotations"] {
            let pairs = new.get(key).map_or(&[][..], Node::entries);
            for pair in pairs {
                edit::each(
                    &mut known.node,
                    &format!("metadata/{key}"),
                    Some(new.span),
                    &mut |own| {
                        edit::set(own, &pair.key, pair.value.clone());
                    },
                );
            }
        }
        return;
    }
    for pair in new.entries() {
        edit::each(&mut known.node, key, Some(new.span), &mut |own| {
            edit::set(own, &pair.key, pair.value.clone());
        });
    }
}
