//! Values of Terraform as they flow: out of variable files, through locals and the calls of modules.
//!
//! A module is used in scopes: a root once with each of its variable files, a called module once in every
//! scope of each caller. What a scope does not tell is nothing, never a guess.

use std::rc::Rc;
use std::sync::Arc;

use crate::source::Source;
use crate::source::hcl::{Kind, Piece, Value};

use super::terraform::{Call, Module, Resource, Tfvars, called};
use super::{At, Facts, tree};

/// Most steps that a value is followed.
const MAX_STEPS: usize = 24;
/// Deepest nesting of modules.
const MAX_CALLS: usize = 4;
/// Most scopes of one module.
const MAX_SCOPES: usize = 64;

/// One use of a module.
#[derive(Debug)]
pub struct Scope<'a> {
    facts: &'a Facts,
    module: &'a Module,
    /// Variable files; the last one decides.
    tfvars: Vec<&'a Tfvars>,
    caller: Option<(Rc<Self>, &'a Call)>,
}

/// An expression that no name stands for any more, where it stands, and in which scope.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    scope: Rc<Scope<'a>>,
    value: &'a Value,
    source: Arc<Source>,
}

/// The scopes in which a module is used.
pub fn scopes<'a>(facts: &'a Facts, module: &'a Module) -> Vec<Rc<Scope<'a>>> {
    let mut found = within(facts, module, MAX_CALLS);
    found.truncate(MAX_SCOPES);
    found
}

fn within<'a>(facts: &'a Facts, module: &'a Module, calls: usize) -> Vec<Rc<Scope<'a>>> {
    let mut found = Vec::new();
    let mut is_called = false;
    for root in &facts.terraform {
        for call in &root.calls {
            if calls == 0
                || called(facts, root, call).is_none_or(|other| other.folder != module.folder)
            {
                continue;
            }
            is_called = true;
            for scope in within(facts, root, calls - 1) {
                found.push(Rc::new(Scope {
                    facts,
                    module,
                    tfvars: Vec::new(),
                    caller: Some((scope, call)),
                }));
            }
        }
    }
    if is_called {
        return found;
    }
    // These are read without being named; the others once for each environment.
    let (always, each): (Vec<&Tfvars>, Vec<&Tfvars>) = module.tfvars.iter().partition(|file| {
        let name = tree::file_name(&file.path);
        name == "terraform.tfvars" || name.ends_with(".auto.tfvars")
    });
    let mut sets: Vec<Vec<&Tfvars>> = Vec::new();
    for file in &each {
        let mut set = always.clone();
        set.push(file);
        sets.push(set);
    }
    if sets.is_empty() {
        sets.push(always);
    }
    let scope = |tfvars| {
        Rc::new(Scope {
            facts,
            module,
            tfvars,
            caller: None,
        })
    };
    sets.into_iter().map(scope).collect()
}

impl<'a> Scope<'a> {
    /// An expression of the module in this scope.
    pub fn look(self: &Rc<Self>, value: &'a Value, source: &Arc<Source>) -> Option<Found<'a>> {
        Found {
            scope: Rc::clone(self),
            value,
            source: Arc::clone(source),
        }
        .head(MAX_STEPS)
    }

    /// A text, number or truth value of the module in this scope, and where it is written.
    pub fn text(self: &Rc<Self>, value: &'a Value, source: &Arc<Source>) -> Option<(String, At)> {
        let (text, at) = self.look(value, source)?.text()?;
        let used = At::new(source, value.span);
        match used.span == at.span && used.source.path() == at.source.path() {
            true => Some((text, at)),
            false => Some((text, at.through(&used, "used here"))),
        }
    }

    fn variable(self: &Rc<Self>, name: &str) -> Option<Found<'a>> {
        let found = |scope: &Rc<Self>, value, source: &Arc<Source>| {
            Some(Found {
                scope: Rc::clone(scope),
                value,
                source: Arc::clone(source),
            })
        };
        if let Some((caller, call)) = &self.caller
            && let Some(value) = call.body.get(name)
        {
            return found(caller, value, &call.file);
        }
        for file in self.tfvars.iter().rev() {
            if let Some(value) = file.body.get(name) {
                return found(self, value, &file.source);
            }
        }
        let variable = self.module.variable(name)?;
        found(self, variable.default.as_ref()?, &variable.at.source)
    }
}

impl<'a> Found<'a> {
    fn other(&self, value: &'a Value) -> Self {
        Self {
            value,
            ..self.clone()
        }
    }

    /// Follows names until an expression stands for itself.
    fn head(self, steps: usize) -> Option<Self> {
        let steps = steps.checked_sub(1)?;
        match &self.value.kind {
            Kind::Reference(path) if matches!(path[0].as_str(), "var" | "local" | "module") => {
                self.named(path)?.descend(path, steps)
            }
            Kind::Call(name, arguments) if name == "try" || name == "coalesce" => arguments
                .iter()
                .filter_map(|one| self.other(one).head(steps))
                .find(|one| !matches!(one.value.kind, Kind::Null)),
            _ => Some(self),
        }
    }

    /// What the first two names of a reference, or three with a module, stand for.
    fn named(&self, path: &[String]) -> Option<Self> {
        let name = path.get(1)?;
        match path[0].as_str() {
            "var" => self.scope.variable(name),
            "local" => {
                let locals = &self.scope.module.locals;
                let (_, value, at) = locals.iter().find(|(own, _, _)| own == name)?;
                Some(Self {
                    scope: Rc::clone(&self.scope),
                    value,
                    source: Arc::clone(&at.source),
                })
            }
            "module" => {
                let scope = &self.scope;
                let call = scope.module.calls.iter().find(|call| call.name == *name)?;
                let module = called(scope.facts, scope.module, call)?;
                let output = module
                    .outputs
                    .iter()
                    .find(|one| Some(&one.name) == path.get(2))?;
                Some(Self {
                    scope: Rc::new(Scope {
                        facts: scope.facts,
                        module,
                        tfvars: Vec::new(),
                        caller: Some((Rc::clone(scope), call)),
                    }),
                    value: output.value.as_ref()?,
                    source: Arc::clone(&output.at.source),
                })
            }
            _ => None,
        }
    }

    fn descend(self, path: &[String], steps: usize) -> Option<Self> {
        let from = if path[0] == "module" { 3 } else { 2 };
        let head = self.head(steps)?;
        let rest = path.get(from..).unwrap_or_default();
        rest.iter()
            .try_fold(head, |found, key| found.entry(key, steps))
    }

    /// The entry of a map, or of maps that are merged.
    pub fn get(&self, key: &str) -> Option<Self> {
        self.entry(key, MAX_STEPS)
    }

    fn entry(&self, key: &str, steps: usize) -> Option<Self> {
        let steps = steps.checked_sub(1)?;
        match &self.value.kind {
            Kind::Map(_) => self.other(self.value.get(key)?).head(steps),
            Kind::Call(name, arguments) if name == "merge" => {
                for argument in arguments.iter().rev() {
                    let map = self.other(argument).head(steps)?;
                    if map.has(key, steps)? {
                        return map.entry(key, steps);
                    }
                }
                None
            }
            _ => None,
        }
    }

    /// Whether a map has the key; nothing where that cannot be told.
    fn has(&self, key: &str, steps: usize) -> Option<bool> {
        let steps = steps.checked_sub(1)?;
        match &self.value.kind {
            Kind::Map(entries) => {
                let computed = entries.iter().any(|entry| entry.key.is_none());
                let has = entries
                    .iter()
                    .any(|entry| entry.key.as_deref() == Some(key));
                (has || !computed).then_some(has)
            }
            Kind::Call(name, arguments) if name == "merge" => {
                let mut any = false;
                for argument in arguments {
                    any |= self.other(argument).head(steps)?.has(key, steps)?;
                }
                Some(any)
            }
            // A choice, whichever way it goes: what none of the maps has is not there.
            Kind::Other(parts) => {
                let maps = parts.iter().filter(|one| matches!(one.kind, Kind::Map(_)));
                let none = |map: &Value| self.other(map).has(key, steps) == Some(false);
                let maps: Vec<&Value> = maps.collect();
                (maps.len() > 1 && maps.into_iter().all(none)).then_some(false)
            }
            _ => None,
        }
    }

    /// The items of a list, each followed as far as it is known.
    pub fn items(&self) -> Vec<Self> {
        let items = self.value.items().iter();
        items
            .map(|item| self.other(item).head(MAX_STEPS).unwrap_or(self.other(item)))
            .collect()
    }

    /// The text, number or truth value, and where it is written.
    pub fn text(&self) -> Option<(String, At)> {
        let at = self.at();
        match &self.value.kind {
            Kind::Template(pieces) => {
                let mut all = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => all.push_str(text),
                        Piece::Hole(value) => {
                            all.push_str(&self.other(value).head(MAX_STEPS)?.text()?.0);
                        }
                    }
                }
                Some((all, at))
            }
            _ => Some((self.value.scalar()?, at)),
        }
    }

    /// The resource that a reference names, and the scope that it is made in.
    pub fn resource(&self) -> Option<(Rc<Scope<'a>>, &'a Resource)> {
        let Kind::Reference(path) = &self.value.kind else {
            return None;
        };
        let [kind, name, ..] = path.as_slice() else {
            return None;
        };
        let mut all = self.scope.module.resources.iter();
        let made = all.find(|one| !one.data && one.kind == *kind && one.name == *name)?;
        Some((Rc::clone(&self.scope), made))
    }

    /// The expression.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// Where it stands.
    pub fn at(&self) -> At {
        At::new(&self.source, self.value.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Tree, gather};

    fn facts(files: &[(&str, &str)]) -> Facts {
        let mut tree = Tree::new("");
        for (path, text) in files {
            tree.insert(path, Some((*text).to_owned()));
        }
        gather(tree)
    }

    /// What `attribute` of the first resource of a folder is in each use of it.
    fn values(facts: &Facts, folder: &str, attribute: &str) -> Vec<Option<String>> {
        let mut modules = facts.terraform.iter();
        let module = modules.find(|one| one.folder == folder).unwrap();
        let resource = &module.resources[0];
        let value = resource.body.get(attribute).unwrap();
        let text = |scope: &Rc<Scope<'_>>| Some(scope.text(value, &resource.source)?.0);
        scopes(facts, module).iter().map(text).collect()
    }

    const MODULE: &str = "variable \"name\" {}\nvariable \"settings\" { default = { port = 1 } }\n\
        locals { base = { size = 3 } }\n\
        resource \"a\" \"b\" {\n  name = \"${var.name}-x\"\n  port = var.settings.port\n  \
        size = merge(local.base, { size = 4 }).size\n}\n";

    #[test]
    fn a_value_flows_from_each_variable_file_through_the_call() {
        let facts = facts(&[
            ("m/main.tf", MODULE),
            (
                "root/main.tf",
                "variable \"who\" {}\nlocals { all = { port = 80 } }\n\
                 module \"m\" {\n  source = \"../m\"\n  name = var.who\n  settings = local.all\n}\n",
            ),
            ("root/dev.tfvars", "who = \"d\"\n"),
            ("root/prod.tfvars", "who = \"p\"\n"),
        ]);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(values(&facts, "m", "name"), [some("d-x"), some("p-x")]);
        assert_eq!(values(&facts, "m", "port"), [some("80"), some("80")]);
    }

    #[test]
    fn what_a_scope_does_not_tell_is_nothing() {
        let facts = facts(&[("m/main.tf", MODULE)]);
        assert_eq!(values(&facts, "m", "name"), [None]);
        assert_eq!(values(&facts, "m", "port"), [Some("1".to_owned())]);
    }

    #[test]
    fn the_last_of_merged_maps_decides_and_a_choice_that_may_have_the_key_hides_it() {
        let facts = facts(&[(
            "main.tf",
            "variable \"on\" { default = true }\n\
             locals {\n  a = merge({ x = 1, y = 2 }, { x = 3 })\n  \
             b = merge({ x = 1 }, var.on ? {} : { z = 1 })\n  \
             c = merge({ x = 1 }, var.on ? {} : { x = 2 })\n}\n\
             resource \"a\" \"b\" {\n  x = local.a.x\n  y = local.a.y\n  b = local.b.x\n  c = local.c.x\n}\n",
        )]);
        let one = |name: &str| values(&facts, "", name)[0].clone();
        assert_eq!(one("x").as_deref(), Some("3"));
        assert_eq!(one("y").as_deref(), Some("2"));
        assert_eq!(one("b").as_deref(), Some("1"));
        assert_eq!(one("c"), None);
    }

    #[test]
    fn modules_that_call_each_other_come_to_an_end() {
        let call = |to: &str| {
            format!("module \"x\" {{ source = \"{to}\" }}\nresource \"a\" \"b\" {{ n = var.n }}\n")
        };
        let facts = facts(&[("a/main.tf", &call("../b")), ("b/main.tf", &call("../a"))]);
        assert!(values(&facts, "a", "n").iter().all(Option::is_none));
        let looped = self::facts(&[(
            "main.tf",
            "locals {\n  a = local.b\n  b = local.a\n}\nresource \"a\" \"b\" { n = local.a }\n",
        )]);
        assert_eq!(values(&looped, "", "n"), [None]);
    }
}
