//! An object that the API server refuses.

use crate::diagnostic::Level;
use crate::facts::api::{self, Shape, Type};
use crate::facts::object::Object;
use crate::facts::{Facts, tree};
use crate::rules::{Docs, Findings, Group, Rule, suggestion};
use crate::source::yaml::{Entry, Node, Style};

mod meaning;
mod scalar;

use scalar::{Plain, plain};

pub(super) use meaning::quantity;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "invalid-object",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "an object that the API server refuses",
    docs: Docs {
        what: "A field that the kind does not have, a value of another type (a number where text is asked for, as in `env` or a ConfigMap), a field that has to be there and is not, a value outside those that are allowed, a quantity or a name that is none.",
        why: "`kubectl apply` and Argo CD refuse the object, or drop the field without a word.",
        bad: "env:\n  - name: PORT\n    value: 8080        # text is asked for",
        good: "env:\n  - name: PORT\n    value: \"8080\"",
        allow: "When the field belongs to a newer Kubernetes than gen knows.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in &facts.objects {
        let missing = match (object.api_version.is_empty(), object.kind.is_empty()) {
            (true, _) => Some("apiVersion"),
            (_, true) => Some("kind"),
            _ => None,
        };
        if let Some(missing) = missing {
            findings
                .tell(format!("the object says no `{missing}`"))
                .at(&object.named_at(), "this one");
            continue;
        }
        let Some(shape) = api::shape(&object.api_version, &object.kind) else {
            version(object, findings);
            continue;
        };
        let mut reader = Reader {
            object,
            completed: is_completed(facts, object),
            findings,
        };
        reader.mapping(&object.node, shape, &object.kind);
        meaning::check(object, findings);
    }
}

/// Whether a kustomization or a script that fills in `###NAME###` may add what is missing.
fn is_completed(facts: &Facts, object: &Object) -> bool {
    object.is_plain() && object.source.slice(object.node.span).contains("###")
        || object.is_plain()
            && facts.kustomizations.iter().any(|one| {
                !one.built
                    && one.resources.iter().any(|(path, _)| {
                        *path == object.path || object.path.starts_with(&format!("{path}/"))
                    })
                    || tree::folder(&object.path) == one.folder
            })
}

/// A kind that the API version does not have, though another has it.
fn version(object: &Object, findings: &mut Findings<'_>) {
    const OWN: [&str; 12] = [
        "v1",
        "apps",
        "autoscaling",
        "batch",
        "networking.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
        "gateway.networking.k8s.io",
        "monitoring.coreos.com",
        "argoproj.io",
    ];
    let group = object
        .api_version
        .split('/')
        .next()
        .unwrap_or(&object.api_version);
    let version = object.api_version.rsplit('/').next().unwrap_or("");
    // Old and unborn versions are another rule's.
    if version.contains("alpha") || version.contains("beta") {
        return;
    }
    let versions = api::versions(&object.kind);
    let Some(last) = versions.last() else {
        return;
    };
    if !OWN.contains(&group) && object.api_version.contains('/') {
        return;
    }
    if object.api_version.contains(['{', '$', '<', '#']) {
        return;
    }
    let (Some(at), Some(kind)) = (object.find("apiVersion"), object.find("kind")) else {
        return;
    };
    findings
        .tell(format!(
            "there is no {} in {}",
            object.kind, object.api_version
        ))
        .at(&object.at(at), "this version has no such kind")
        .also(&object.at(kind), "of this kind")
        .help(format!("use `{last}`"));
}

struct Reader<'a, 'f, 'd> {
    object: &'a Object,
    /// Whether fields that are missing may come from elsewhere.
    completed: bool,
    findings: &'f mut Findings<'d>,
}

impl Reader<'_, '_, '_> {
    fn mapping(&mut self, node: &Node, shape: Shape, owner: &str) {
        if node.is_null() {
            return;
        }
        if self.is_template(node) {
            return;
        }
        if node.text().is_some() || !node.items().is_empty() {
            self.tell(node, &format!("`{owner}` is a mapping"), node.noun());
            return;
        }
        for entry in node.entries() {
            match shape.field(&entry.key) {
                Some(field) => self.value(&entry.value, api::read(field.kind), &entry.key),
                None => self.unknown(entry, shape, owner),
            }
        }
        for field in shape.fields().iter().filter(|field| field.required) {
            let missing = node.get(field.name).is_none_or(Node::is_null);
            if missing && !self.completed && node.entries().iter().all(|entry| entry.key != "<<") {
                let first = node.entries().first();
                let span = first.map_or(node.span, |entry| entry.key_span);
                self.findings
                    .tell(format!("`{owner}` lacks `{}`", field.name))
                    .at(&self.object.at_span(span), "needed here")
                    .also(&self.object.named_at(), self.object.title());
            }
        }
    }

    fn unknown(&mut self, entry: &Entry, shape: Shape, owner: &str) {
        if entry.key.contains(['{', '$', '<', '#']) || entry.key.starts_with("x-") {
            return;
        }
        let names: Vec<&str> = shape.fields().iter().map(|field| field.name).collect();
        let told = self
            .findings
            .tell(format!("`{owner}` has no field `{}`", entry.key))
            .at(
                &self.object.at_span(entry.key_span),
                "no such field at this place",
            )
            .also(&self.object.named_at(), self.object.title());
        if let Some(near) = suggestion(&entry.key, names.iter().copied()) {
            let at = self.object.at_span(entry.key_span);
            let told = told.help(format!("did you mean `{near}`?"));
            if at.text() == entry.key {
                told.unsafe_fix(&at, near);
            }
        }
    }

    fn value(&mut self, node: &Node, kind: Type<'_>, name: &str) {
        if node.is_null() || self.is_template(node) {
            return;
        }
        match kind {
            Type::Any => {}
            Type::Shape(shape) => self.mapping(node, shape, name),
            Type::List(inner) => {
                if node.text().is_some() || !node.entries().is_empty() {
                    self.tell(node, &format!("`{name}` is a list"), node.noun());
                    return;
                }
                for item in node.items() {
                    self.value(item, api::read(inner), name);
                }
            }
            Type::Map(inner) => {
                if node.text().is_some() || !node.items().is_empty() {
                    self.tell(node, &format!("`{name}` is a mapping"), node.noun());
                    return;
                }
                for entry in node.entries() {
                    self.value(&entry.value, api::read(inner), &entry.key);
                }
            }
            _ => self.scalar(node, kind, name),
        }
    }

    fn scalar(&mut self, node: &Node, kind: Type<'_>, name: &str) {
        let Some(scalar) = node.scalar() else {
            let wanted = word(kind);
            self.tell(node, &format!("`{name}` is {wanted}"), node.noun());
            return;
        };
        if node.tag.is_some() {
            return;
        }
        let read = match scalar.style {
            Style::Plain => plain(&scalar.text),
            _ => Plain::Text,
        };
        let fits = match kind {
            Type::Text => read == Plain::Text,
            Type::Integer => read == Plain::Integer,
            Type::Number => matches!(read, Plain::Integer | Plain::Float),
            Type::Boolean => read == Plain::Boolean,
            Type::Either => matches!(read, Plain::Integer | Plain::Text),
            _ => true,
        };
        if fits {
            return;
        }
        let found = match read {
            Plain::Text => "text",
            Plain::Integer | Plain::Float => "a number",
            Plain::Boolean => "a truth value",
        };
        let help = match kind {
            Type::Text => Some(format!("quote it: `\"{}\"`", scalar.text)),
            Type::Integer | Type::Boolean if scalar.style != Style::Plain => {
                Some("leave the quotes away".to_owned())
            }
            _ => None,
        };
        let finding = self
            .findings
            .tell(format!("`{name}` is {}, and {found} is given", word(kind)))
            .at(&self.object.at(node), found)
            .also(&self.object.named_at(), self.object.title());
        let finding = match help {
            Some(help) => finding.help(help),
            None => finding,
        };
        let at = self.object.at(node);
        // A value that comes from elsewhere may be a number there for a reason.
        if !at.via.is_empty() || self.object.rendered.is_some() {
            return;
        }
        let raw = at.text();
        match (kind, scalar.style) {
            (Type::Text, Style::Plain) if raw == scalar.text => {
                finding.fix(&at, format!("\"{raw}\""));
            }
            (Type::Integer, Style::Single | Style::Double)
                if plain(&scalar.text) == Plain::Integer =>
            {
                finding.fix(&at, scalar.text.clone());
            }
            (Type::Boolean, Style::Single | Style::Double)
                if plain(&scalar.text) == Plain::Boolean =>
            {
                finding.fix(&at, scalar.text.clone());
            }
            _ => {}
        }
    }

    fn tell(&mut self, node: &Node, message: &str, found: &str) {
        self.findings
            .tell(format!("{message}, and {found} is given"))
            .at(&self.object.at(node), found)
            .also(&self.object.named_at(), self.object.title());
    }

    /// Whether another engine fills the value in.
    fn is_template(&self, node: &Node) -> bool {
        let text = self.object.source.slice(node.span);
        let text = text.lines().next().unwrap_or("");
        match node.text() {
            Some(text) => text.contains(['{', '$', '<', '%', '#']),
            None => text.contains("{{") || text.contains("<<"),
        }
    }
}

fn word(kind: Type<'_>) -> &'static str {
    match kind {
        Type::Text => "text",
        Type::Integer => "a whole number",
        Type::Number => "a number",
        Type::Boolean => "a truth value",
        Type::Either => "a whole number or text",
        Type::Any => "anything",
        Type::Shape(_) | Type::Map(_) => "a mapping",
        Type::List(_) => "a list",
    }
}
