//! The program needs a variable that nothing sets.

use crate::diagnostic::Level;
use crate::facts::link::{self, Found};
use crate::facts::{Facts, run, tree};
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
        let (Some((target, _)), Some(folder)) = (&server.target, &server.folder) else {
            continue;
        };
        let module = target.split(':').next().unwrap_or("").replace('.', "/");
        let path = format!("{}/{module}.py", folder.trim_end_matches('/'));
        let Found::File(file) = link::in_image(facts, running.image, &path) else {
            continue;
        };
        let container = &running.container;
        let given: Vec<(&str, &Node)> = container.env().collect();
        let open = container.node.get("envFrom").is_some();
        let own = tree::folder(&file);
        let modules: Vec<_> = facts
            .python
            .iter()
            .filter(|module| module.path == file || module.path.starts_with(&format!("{own}/")))
            .filter(|module| !module.path.contains("test"))
            .collect();
        let read: Vec<&str> = modules
            .iter()
            .flat_map(|module| &module.environment)
            .map(|one| one.name.as_str())
            .collect();
        for module in modules.iter().filter(|module| module.path == file) {
            for variable in module
                .environment
                .iter()
                .filter(|one| one.required && one.always)
            {
                let set = given.iter().any(|(name, _)| *name == variable.name)
                    || running.image.variable(&variable.name).is_some();
                if set || open {
                    continue;
                }
                let names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
                let told = findings
                    .tell(format!(
                        "`{}` is needed, and the workload does not set it",
                        variable.name
                    ))
                    .at(&module.at(variable.span), "needed here");
                let near = suggestion(&variable.name, names.iter().copied());
                match given.iter().find(|(name, _)| Some(*name) == near) {
                    Some((name, node)) => told
                        .also(&container.object.at(node), format!("`{name}` is set here"))
                        .help(format!("did you mean `{}`?", variable.name)),
                    None => told.also(&running.at(), "runs here"),
                };
            }
        }
        for (name, node) in &given {
            if read.contains(name) || read.is_empty() {
                continue;
            }
            let Some(near) = suggestion(name, read.iter().copied()) else {
                continue;
            };
            if given.iter().any(|(other, _)| *other == near) || name.len() < 5 {
                continue;
            }
            let place = modules.iter().find_map(|module| {
                module
                    .environment
                    .iter()
                    .find(|one| one.name == near)
                    .map(|one| module.at(one.span))
            });
            let told = findings
                .tell_as(
                    Level::Warning,
                    format!("nothing reads `{name}`, and `{near}` is read"),
                )
                .at(&container.object.at(node), "set here");
            if let Some(place) = place {
                told.also(&place, "read here")
                    .help(format!("did you mean `{near}`?"));
            }
        }
    }
}
