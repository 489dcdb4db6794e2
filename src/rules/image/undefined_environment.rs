//! The program needs a variable that nothing sets.

use crate::diagnostic::Level;
use crate::facts::compose::Service;
use crate::facts::image::Image;
use crate::facts::link::{self, Found};
use crate::facts::near::nearest;
use crate::facts::object::Container;
use crate::facts::python::Module;
use crate::facts::server::{self, Kind, Server};
use crate::facts::{At, Facts, run, tree};
use crate::rules::suggestion;
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "undefined-environment",
    group: Group::Image,
    level: Level::Error,
    summary: "the program needs a variable that nothing sets",
    docs: Docs {
        what: "A module that the server imports reads `os.environ[\"X\"]` as it is imported, and neither the image nor the workload that runs it sets X; or the workload sets a name that is a letter off one that is read.",
        why: "The process ends with a KeyError as soon as it starts.",
        bad: "TOKEN = os.environ[\"API_TOKEN\"]\n…\nenv: [{ name: API_TOKN, value: x }]",
        good: "env: [{ name: API_TOKEN, value: x }]",
        allow: "When the platform sets the variable.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for running in run::running(facts) {
        let Some(server) = running.server(facts) else {
            continue;
        };
        let Some(file) = entry(facts, running.image, &server) else {
            continue;
        };
        let container = &running.container;
        let mut given = Given {
            names: container
                .env()
                .map(|(name, node)| (name.to_owned(), container.object.at(node)))
                .collect(),
            open: false,
            at: running.at(),
        };
        sources(facts, container, &mut given);
        compare(facts, running.image, &file, &given, findings);
    }
    for service in &facts.compose {
        let Some(image) = run::built(facts, service) else {
            continue;
        };
        let told =
            service.node.get("command").is_some() || service.node.get("entrypoint").is_some();
        let Some(server) = server::of_image(facts, image).filter(|_| !told) else {
            continue;
        };
        if let Some(file) = entry(facts, image, &server) {
            compare(facts, image, &file, &by_compose(service), findings);
        }
    }
}

/// The variables that something gives to the image that it runs.
struct Given {
    names: Vec<(String, At)>,
    /// Whether there may be more.
    open: bool,
    /// Where it runs.
    at: At,
}

/// The Python file that the server starts with.
fn entry(facts: &Facts, image: &Image, server: &Server) -> Option<String> {
    let path = match (&server.target, &server.file) {
        (Some((target, _)), _) => {
            let module = target.split(':').next().unwrap_or("").replace('.', "/");
            let folder = server.folder.as_deref()?.trim_end_matches('/');
            format!("{folder}/{module}.py")
        }
        (None, Some((path, _))) if server.kind == Kind::Script => path.clone(),
        _ => return None,
    };
    match link::in_image(facts, image, &path) {
        Found::File(file) => Some(file),
        _ => None,
    }
}

/// What `envFrom` brings, where all keys are known.
fn sources(facts: &Facts, container: &Container<'_>, given: &mut Given) {
    for item in container.node.get("envFrom").map_or(&[][..], Node::items) {
        let reference = ["secretRef", "configMapRef"]
            .iter()
            .find_map(|key| item.get(key)?.get("name"));
        let name = reference.and_then(Node::text).unwrap_or("");
        let makers = nearest(facts, container.object, |other| {
            matches!(other.kind.as_str(), "Secret" | "ConfigMap") && other.name == name
        });
        let ([maker], None) = (makers.as_slice(), item.get("prefix")) else {
            given.open = true;
            continue;
        };
        for key in ["data", "stringData"] {
            for entry in maker.node.get(key).map_or(&[][..], Node::entries) {
                given
                    .names
                    .push((entry.key.clone(), maker.at_span(entry.key_span)));
            }
        }
    }
}

fn by_compose(service: &Service) -> Given {
    let at = |node: &Node| At::new(&service.source, node.span);
    let mut given = Given {
        names: Vec::new(),
        open: service.node.get("env_file").is_some() || service.node.get("extends").is_some(),
        at: service.at.clone(),
    };
    let environment = service.node.get("environment");
    for entry in environment.map_or(&[][..], Node::entries) {
        given
            .names
            .push((entry.key.clone(), At::new(&service.source, entry.key_span)));
    }
    for item in environment.map_or(&[][..], Node::items) {
        let name = item.text().and_then(|text| text.split('=').next());
        given
            .names
            .extend(name.map(|name| (name.to_owned(), at(item))));
    }
    given
}

/// What the program reads against what it is given.
fn compare(facts: &Facts, image: &Image, file: &str, given: &Given, findings: &mut Findings<'_>) {
    let own = tree::folder(file);
    let modules: Vec<&Module> = facts
        .python
        .iter()
        .filter(|module| {
            module.path == file || own.is_empty() || module.path.starts_with(&format!("{own}/"))
        })
        .filter(|module| !module.path.contains("test"))
        .collect();
    let read: Vec<&str> = modules
        .iter()
        .flat_map(|module| &module.environment)
        .map(|one| one.name.as_str())
        .collect();
    let has = |name: &str| {
        given.names.iter().any(|(own, _)| own == name) || image.variable(name).is_some()
    };
    // A file of variables that the program itself reads may set anything.
    let open = given.open
        || modules.iter().any(|module| {
            module
                .imports
                .iter()
                .any(|one| one.module == "dotenv" || one.module == "decouple")
        });
    for module in started(&modules, file) {
        for variable in module
            .environment
            .iter()
            .filter(|one| one.required && one.always)
        {
            if has(&variable.name) || open {
                continue;
            }
            let told = findings
                .tell(format!(
                    "`{}` is needed, and the workload does not set it",
                    variable.name
                ))
                .at(&module.at(variable.span), "needed here");
            let near = akin(
                &variable.name,
                given.names.iter().map(|(name, _)| name.as_str()),
            );
            match given
                .names
                .iter()
                .find(|(name, _)| Some(name.as_str()) == near)
            {
                Some((name, place)) => told
                    .also(place, format!("`{name}` is set here"))
                    .help(format!("did you mean `{}`?", variable.name)),
                None => told.also(&given.at, "runs here"),
            };
        }
    }
    for (name, place) in &given.names {
        if read.contains(&name.as_str()) || read.is_empty() || name.len() < 5 {
            continue;
        }
        let Some(near) = akin(name, read.iter().copied()).filter(|near| !has(near)) else {
            continue;
        };
        // What a setting of another program reads is not misspelt.
        if modules
            .iter()
            .any(|module| is_word_of(module.source.text(), name))
        {
            continue;
        }
        let reader = modules.iter().find_map(|module| {
            let one = module.environment.iter().find(|one| one.name == near)?;
            Some(module.at(one.span))
        });
        let told = findings
            .tell_as(
                Level::Warning,
                format!("nothing reads `{name}`, and `{near}` is read"),
            )
            .at(place, "set here");
        if let Some(reader) = reader {
            told.also(&reader, "read here")
                .help(format!("did you mean `{near}`?"));
        }
    }
}

/// Whether a text has a word, and not only one that goes on.
fn is_word_of(text: &str, word: &str) -> bool {
    let part = |c: char| c == '_' || c.is_ascii_alphanumeric();
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

/// The name that is a letter or two off, or that goes on where this one ends: `DB_PASS` and `DB_PASSWORD`.
fn akin<'a>(name: &str, others: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    suggestion(name, others.clone()).or_else(|| {
        others.into_iter().find(|other| {
            let (short, long) = if name.len() < other.len() {
                (name, *other)
            } else {
                (*other, name)
            };
            let head = short.rsplit('_').next().unwrap_or(short);
            short.contains('_')
                && head.len() >= 4
                && long.len() > short.len()
                && long.starts_with(short)
                && !long[short.len()..].starts_with('_')
        })
    })
}

/// The modules that are imported as the program starts.
fn started<'m>(modules: &[&'m Module], file: &str) -> Vec<&'m Module> {
    let own = tree::folder(file);
    let mut found: Vec<&Module> = modules
        .iter()
        .copied()
        .filter(|module| module.path == file)
        .collect();
    let mut at = 0;
    while let Some(module) = found.get(at).copied() {
        at += 1;
        for import in module.imports.iter().filter(|one| one.always) {
            let from = match import.level {
                0 => own.to_owned(),
                level => {
                    let mut folder = tree::folder(&module.path);
                    for _ in 1..level {
                        folder = tree::folder(folder);
                    }
                    folder.to_owned()
                }
            };
            let path = import.module.replace('.', "/");
            let mut names = vec![path.clone()];
            names.extend(import.names.iter().map(|name| format!("{path}/{name}")));
            for name in names {
                let name = name.trim_start_matches('/');
                for candidate in [format!("{name}.py"), format!("{name}/__init__.py")] {
                    let full = tree::join(&from, &candidate);
                    let next = modules
                        .iter()
                        .find(|other| Some(&other.path) == full.as_ref());
                    if let Some(next) = next
                        && !found.iter().any(|known| known.path == next.path)
                    {
                        found.push(next);
                    }
                }
            }
        }
    }
    found
}
