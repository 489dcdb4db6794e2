//! An argument that the provider refuses.

use super::renamed;
use super::schema::{Modules, Sure};
use crate::diagnostic::Level;
use crate::facts::provider::{Field, Known, Outer, Provider, Shape, Type, Written};
use crate::facts::terraform::{Module, is_override};
use crate::facts::{At, Facts};
use crate::rules::{Docs, Findings, Group, Rule, suggestion};
use crate::source::hcl::{Attribute, Block, Body, Kind, Piece, Value};
use crate::source::{Source, Span};
use std::sync::Arc;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "invalid-argument",
    group: Group::Cloud,
    level: Level::Error,
    summary: "an argument that the Terraform provider refuses",
    docs: Docs {
        what: "A resource, a data source or a provider's configuration sets an argument or block that the required major version of the provider (aws 6, azuread 3, azurerm 5, helm 3, kubernetes 2) does not have, leaves one out that has to be there, gives a literal of another type, sets what can only be read, or writes a block as an argument or the other way round. Where the repository requires no version, names that have gone are told only with what they became or a name close by.",
        why: "terraform validate and plan fail.",
        bad: "default_node_pool {\n  name                = \"system\"\n  enable_auto_scaling = true              # azurerm ~> 5.0\n}",
        good: "default_node_pool {\n  name                 = \"system\"\n  auto_scaling_enabled = true\n}",
        allow: "When the provider is newer than gen knows.",
    },
    check,
};

/// What Terraform itself reads in every resource.
const META_ARGUMENTS: [&str; 4] = ["count", "for_each", "provider", "depends_on"];
const META_BLOCKS: [&str; 4] = ["lifecycle", "connection", "provisioner", "dynamic"];

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    let modules = Modules::new(facts);
    for (module, resource, provider, sure) in modules.resources() {
        let Known::Shape(shape) = provider.kind(resource.data, &resource.kind) else {
            continue;
        };
        let mut reader = Reader {
            provider,
            sure,
            module,
            kind: &resource.kind,
            source: &resource.source,
            owner: &resource.at,
            top: true,
            findings,
        };
        reader.body(&resource.body, shape, &resource.kind, resource.at.span);
    }
    for (number, module) in facts.terraform.iter().enumerate() {
        for one in &module.configurations {
            // What nothing uses, Terraform does not look at.
            let used = |kind: &str| kind.split('_').next() == Some(&one.name);
            if module.calls.is_empty() && !module.resources.iter().any(|one| used(&one.kind)) {
                continue;
            }
            let Some((provider, sure)) = modules.provider(number, &one.name) else {
                continue;
            };
            let Known::Shape(shape) = provider.configuration() else {
                continue;
            };
            let kind = format!("provider {}", one.name);
            let mut reader = Reader {
                provider,
                sure,
                module,
                kind: &kind,
                source: &one.at.source,
                owner: &one.at,
                top: true,
                findings,
            };
            reader.body(&one.body, shape, &kind, one.at.span);
        }
    }
}

struct Reader<'r, 'd> {
    provider: Provider,
    sure: Sure,
    module: &'r Module,
    kind: &'r str,
    source: &'r Arc<Source>,
    owner: &'r At,
    /// Whether the body is that of the resource itself.
    top: bool,
    findings: &'r mut Findings<'d>,
}

impl Reader<'_, '_> {
    fn body(&mut self, body: &Body, shape: Shape, owner: &str, head: Span) {
        let fields: Vec<Field> = shape.fields().collect();
        let field = |name: &str| fields.iter().find(|field| field.name == name);
        let top = std::mem::take(&mut self.top);
        for attribute in &body.attributes {
            let name = attribute.name.as_str();
            match field(name) {
                Some(field) => self.argument(attribute, field),
                None if top && self.is_meta(name, &META_ARGUMENTS) => {}
                None => self.unknown(name, attribute.name_span, "argument", owner, &fields),
            }
        }
        for block in &body.blocks {
            let dynamic = block.kind == "dynamic";
            let (name, span) = match block.labels.first() {
                Some((label, span)) if dynamic => (label.as_str(), *span),
                _ => (block.kind.as_str(), block.kind_span),
            };
            match field(name) {
                Some(field) => self.block(block, field, name, span, dynamic),
                None if top && self.is_meta(name, &META_BLOCKS) => {}
                None => self.unknown(name, span, "block", owner, &fields),
            }
        }
        if is_override(self.source.path()) {
            return;
        }
        let given = |name: &str| {
            body.get(name).is_some()
                || body.blocks.iter().any(|block| {
                    block.kind == name || block.kind == "dynamic" && block.label(0) == name
                })
        };
        let missing: Vec<&str> = fields
            .iter()
            .filter(|field| field.required && !given(field.name))
            .map(|field| field.name)
            .collect();
        for name in missing {
            let at = At::new(self.source, head);
            self.tell(
                &at,
                format!("`{owner}` lacks `{name}`"),
                "needed here",
                None,
            );
        }
    }

    /// Names that belong to Terraform: in a provider's configuration other ones than in a resource.
    fn is_meta(&self, name: &str, own: &[&str]) -> bool {
        if self.kind.starts_with("provider ") {
            return matches!(name, "alias" | "version");
        }
        own.contains(&name)
    }

    fn argument(&mut self, attribute: &Attribute, field: &Field) {
        let at = At::new(self.source, attribute.name_span);
        let name = field.name;
        if matches!(attribute.value.kind, Kind::Null) {
            return;
        }
        if field.computed {
            // What is no literal may be null, which is taken.
            if literal(&attribute.value).is_some() {
                let message = format!("`{name}` of `{}` can only be read", self.kind);
                self.tell(&at, message, "set here", None);
            }
        } else if field.written == Written::Block {
            let help = format!("write `{name} {{ … }}`");
            let message = format!(
                "`{name}` of `{}` is a block, and an argument is given",
                self.kind
            );
            self.tell(&at, message, "an argument", Some(help));
        } else {
            self.value(&attribute.value, field.kind, name);
        }
    }

    fn block(&mut self, block: &Block, field: &Field, name: &str, span: Span, dynamic: bool) {
        let at = At::new(self.source, span);
        if field.computed {
            let message = format!("`{name}` of `{}` can only be read", self.kind);
            self.tell(&at, message, "set here", None);
            return;
        }
        let outer = field.kind.outer();
        match field.written {
            Written::Argument => {
                let help = match outer {
                    Outer::List(_) => format!("write `{name} = [{{ … }}]`"),
                    _ => format!("write `{name} = {{ … }}`"),
                };
                let message = format!(
                    "`{name}` of `{}` is an argument, and a block is given",
                    self.kind
                );
                self.tell(&at, message, "a block", Some(help));
            }
            // What is in it is one type with the other form.
            Written::Either => {}
            Written::Block => {
                let Outer::Shape(shape) = outer else {
                    return;
                };
                if dynamic {
                    for content in block.body.blocks("content") {
                        self.body(&content.body, shape, name, span);
                    }
                } else {
                    self.body(&block.body, shape, name, span);
                }
            }
        }
    }

    fn unknown(&mut self, name: &str, span: Span, what: &str, owner: &str, fields: &[Field]) {
        let settable = || {
            fields
                .iter()
                .filter(|field| !field.computed)
                .map(|field| field.name)
        };
        let successor = renamed::argument(self.kind, name);
        let near = suggestion(name, settable()).or_else(|| renamed::same_words(name, settable()));
        if self.sure == Sure::Newest && successor.is_none() && near.is_none() {
            return;
        }
        let help = successor
            .map(|now| format!("it was removed: {now}"))
            .or_else(|| near.map(|near| format!("did you mean `{near}`?")))
            .or_else(|| {
                let provider = self.provider.name;
                let later =
                    format!("if a later version of {provider} has it, require that version");
                (self.sure == Sure::Required).then_some(later)
            });
        let at = At::new(self.source, span);
        let message = format!("`{owner}` has no {what} `{name}`");
        self.tell(&at, message, "no such name at this place", help);
    }

    fn value(&mut self, value: &Value, kind: Type, name: &str) {
        let outer = kind.outer();
        let Some(found) = literal(value) else {
            return;
        };
        match (outer, &value.kind) {
            (Outer::Any, _) | (_, Kind::Null) => {}
            (Outer::List(inner), Kind::List(items)) => {
                for item in items {
                    self.value(item, inner, name);
                }
            }
            (Outer::Map(inner), Kind::Map(entries)) => {
                for entry in entries {
                    self.value(&entry.value, inner, entry.key.as_deref().unwrap_or(name));
                }
            }
            (Outer::Shape(shape), Kind::Map(_)) => self.mapping(value, shape, name),
            _ if fits(outer, &value.kind) => {}
            _ => {
                let message = format!("`{name}` is {}, and {found} is given", word(outer));
                self.tell(&At::new(self.source, value.span), message, found, None);
            }
        }
    }

    /// A mapping that is given as a value: what it does not know, Terraform drops without a word.
    fn mapping(&mut self, value: &Value, shape: Shape, name: &str) {
        let Kind::Map(entries) = &value.kind else {
            return;
        };
        let fields: Vec<Field> = shape.fields().collect();
        for entry in entries {
            let Some(key) = entry.key.as_deref() else {
                continue;
            };
            if let Some(field) = fields.iter().find(|field| field.name == key) {
                self.value(&entry.value, field.kind, key);
            } else {
                self.unknown(key, entry.key_span, "argument", name, &fields);
            }
        }
        if entries.iter().any(|entry| entry.key.is_none()) {
            return;
        }
        for field in fields.iter().filter(|field| field.required) {
            if value.get(field.name).is_none() {
                let at = At::new(self.source, value.span);
                let message = format!("`{name}` lacks `{}`", field.name);
                self.tell(&at, message, "needed here", None);
            }
        }
    }

    fn tell(&mut self, at: &At, message: String, label: &str, help: Option<String>) {
        let provider = self.provider;
        let level = self.sure.level();
        let mut told = self
            .findings
            .tell_as(
                level,
                format!("{message} ({} {})", provider.name, provider.version),
            )
            .at(at, label);
        if at.span != self.owner.span {
            told = told.also(self.owner, "of this");
        }
        let mut required = self.module.providers.iter();
        let version = required.find(|one| one.name == provider.name && one.version.is_some());
        let help = match (version, self.sure) {
            (Some(one), _) => {
                told = told.also(&one.at, "the version is required here");
                help
            }
            (None, Sure::Required) => help,
            (None, Sure::Newest) => {
                let newest = format!(
                    "no version of {} is required, so that the newest is taken",
                    provider.name
                );
                Some(help.map_or_else(|| newest.clone(), |help| format!("{help}; {newest}")))
            }
        };
        if let Some(help) = help {
            told.help(help);
        }
    }
}

/// What a literal is; nothing for an expression.
fn literal(value: &Value) -> Option<&'static str> {
    Some(match &value.kind {
        Kind::Null => "nothing",
        Kind::Bool(_) => "a truth value",
        Kind::Number(_) => "a number",
        Kind::Text(_) => "text",
        // A hole alone is no text but what stands in it.
        Kind::Template(pieces) => match pieces.as_slice() {
            [Piece::Hole(_)] => return None,
            _ => "text",
        },
        Kind::List(_) => "a list",
        Kind::Map(_) => "a mapping",
        _ => return None,
    })
}

/// Whether Terraform takes the literal, or turns it into what is asked for.
fn fits(outer: Outer, kind: &Kind) -> bool {
    match outer {
        Outer::Text => matches!(
            kind,
            Kind::Text(_) | Kind::Template(_) | Kind::Number(_) | Kind::Bool(_)
        ),
        Outer::Number => match kind {
            Kind::Number(_) | Kind::Template(_) => true,
            Kind::Text(text) => text.parse::<f64>().is_ok(),
            _ => false,
        },
        Outer::Boolean => match kind {
            Kind::Bool(_) | Kind::Template(_) => true,
            Kind::Text(text) => matches!(text.as_str(), "true" | "false" | "1" | "0"),
            _ => false,
        },
        _ => false,
    }
}

fn word(outer: Outer) -> &'static str {
    match outer {
        Outer::Text => "text",
        Outer::Number => "a number",
        Outer::Boolean => "`true` or `false`",
        Outer::Any => "anything",
        Outer::List(_) => "a list",
        Outer::Map(_) | Outer::Shape(_) => "a mapping",
    }
}
