//! COPY of what is not there, and commands that name a file that no COPY brings in.

use crate::diagnostic::Level;
use crate::facts::image::Image;
use crate::facts::link::{self, Found};
use crate::facts::server::{self, Kind};
use crate::facts::{At, Facts, tree};
use crate::rules::{Docs, Findings, Group, Rule, suggestion};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "uncopied-file",
    group: Group::Image,
    level: Level::Error,
    summary: "the image copies or starts a file that it does not get",
    docs: Docs {
        what: "COPY or ADD names a path that the build context does not have or that .dockerignore leaves out; or CMD, ENTRYPOINT or `--config` names a file that no COPY brings into the image.",
        why: "The first fails the build, the second the start of every container.",
        bad: "COPY src/ ./        # the folder is called app\nCMD [\"python\", \"main.py\"]",
        good: "COPY app/ ./\nCMD [\"python\", \"run.py\"]",
        allow: "When the pipeline makes the file before it builds.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for image in &facts.images {
        copies(facts, image, findings);
        started(facts, image, findings);
        templates(facts, image, findings);
    }
}

fn copies(facts: &Facts, image: &Image, findings: &mut Findings<'_>) {
    let contexts = link::contexts(facts, image);
    let named = facts
        .builds
        .iter()
        .find(|build| build.dockerfile.as_deref() == Some(&image.path));
    // Without a build that names it the context may be any folder above.
    let mut tried = contexts.clone();
    if named.is_none() {
        let mut folder = image.folder.as_str();
        while !folder.is_empty() {
            folder = tree::folder(folder);
            tried.push(folder.to_owned());
        }
    }
    for copy in image.stages.iter().flat_map(|stage| &stage.copies) {
        if copy.from.is_some() {
            continue;
        }
        for (from, span) in &copy.sources {
            let Some(from) = from.known() else {
                continue;
            };
            if from.contains("://") || from.starts_with("git@") || from.is_empty() {
                continue;
            }
            let Some(path) = tree::join("", from.trim_start_matches('/')) else {
                continue;
            };
            let at = At::new(&image.source, *span);
            let there = |context: &String| {
                link::expand(facts, context, &path)
                    .iter()
                    .filter_map(|path| tree::join(context, path))
                    .find(|path| facts.tree.exists(path))
            };
            let found = tried
                .iter()
                .find_map(|context| Some((context, there(context)?)));
            match found {
                None => missing(
                    facts,
                    image,
                    &contexts[0],
                    &path,
                    &at,
                    named.map(|build| &build.at),
                    findings,
                ),
                Some((context, found)) => ignored(facts, image, context, &found, &at, findings),
            }
        }
    }
}

fn missing(
    facts: &Facts,
    image: &Image,
    context: &str,
    path: &str,
    at: &At,
    built: Option<&At>,
    findings: &mut Findings<'_>,
) {
    // What a build makes first is not in the repository: its folder's name says so, or Git ignores it.
    let first = path.split('/').next().unwrap_or(path);
    let made = [
        "dist",
        "build",
        "target",
        "out",
        "bin",
        "wheels",
        "node_modules",
        "public",
        "_site",
        "certs",
        "htmlcov",
    ];
    if made.contains(&first) || is_git_ignored(facts, context, path) {
        findings.unresolved(at, format!("`{path}` may be made before the build"));
        return;
    }
    let shown = if context.is_empty() {
        "the root of the repository".to_owned()
    } else {
        format!("`{context}`")
    };
    let mut told = findings
        .tell(format!(
            "`{path}` is copied, and there is no such path in the build context"
        ))
        .at(at, format!("not found in {shown}"));
    told = match built {
        Some(built) => told.also(built, "built here"),
        None => told.also(image.base().1, format!("built from {shown}")),
    };
    let folder = tree::folder(path);
    let parent = tree::join(context, folder).unwrap_or_default();
    let names: Vec<&str> = facts
        .tree
        .below(&parent)
        .filter_map(|path| path.split('/').next())
        .collect();
    if let Some(name) = suggestion(tree::file_name(path), names.iter().copied()) {
        told.help(format!("did you mean `{name}`?"));
    } else if let Some(found) = elsewhere(facts, path) {
        told.help(format!(
            "there is `{found}`: build with another context, or copy it from there"
        ));
    }
}

/// A path that ends in the same way.
fn elsewhere(facts: &Facts, path: &str) -> Option<String> {
    let end = format!("/{path}");
    facts
        .tree
        .paths()
        .find(|other| other.ends_with(&end) || other.contains(&format!("{end}/")))
        .map(|found| match found.find(&format!("{end}/")) {
            Some(at) => found[..at + end.len()].to_owned(),
            None => found.to_owned(),
        })
}

fn is_git_ignored(facts: &Facts, context: &str, path: &str) -> bool {
    let full = tree::join(context, path).unwrap_or_default();
    facts
        .tree
        .sources()
        .filter(|(file, _)| tree::file_name(file) == ".gitignore")
        .any(|(file, source)| {
            tree::beneath(tree::folder(file), &full).is_some_and(|below| {
                source.text().lines().any(|line| {
                    let pattern = line.trim().trim_end_matches('/');
                    if pattern.is_empty() || pattern.starts_with(['#', '!']) {
                        return false;
                    }
                    let anchored = pattern.trim_start_matches('/');
                    tree::matches(anchored, below)
                        || !pattern.contains('/')
                            && below.split('/').any(|part| tree::matches(pattern, part))
                        || below
                            .match_indices('/')
                            .any(|(at, _)| tree::matches(anchored, &below[..at]))
                })
            })
        })
}

/// A path that is there, and that .dockerignore leaves out with everything below it.
fn ignored(
    facts: &Facts,
    image: &Image,
    context: &str,
    path: &str,
    at: &At,
    findings: &mut Findings<'_>,
) {
    let files: Vec<String> = if facts.tree.is_file(path) {
        vec![path.to_owned()]
    } else {
        facts
            .tree
            .below(path)
            .filter_map(|below| tree::join(path, below))
            .collect()
    };
    let mut first = None;
    for file in &files {
        match link::ignored(facts, image, context, file) {
            Some(line) => {
                first.get_or_insert(line);
            }
            None => return,
        }
    }
    let Some(line) = first else { return };
    findings
        .tell(format!("`{path}` is copied, but the build does not get it"))
        .at(at, "copied here")
        .also(&line, "left out here")
        .help("take the path out of the ignore file, or do not copy it");
}

fn started(facts: &Facts, image: &Image, findings: &mut Findings<'_>) {
    let Some(server) = server::of_image(facts, image) else {
        return;
    };
    let Some((path, at)) = &server.file else {
        return;
    };
    if link::in_image(facts, image, path) != Found::Missing {
        return;
    }
    let what = if server.kind == Kind::Script {
        "started"
    } else {
        "read"
    };
    let mut told = findings
        .tell(format!(
            "`{path}` is {what}, and nothing brings it into the image"
        ))
        .at(at, format!("{what} here"));
    if let Some(copy) = image.last().copies.last() {
        told = told.also(&copy.at, "what the image gets is copied here");
    }
    let name = tree::file_name(path);
    let same: Vec<&str> = facts
        .tree
        .paths()
        .filter(|path| tree::file_name(path) == name)
        .collect();
    if let [only] = same.as_slice() {
        told.help(format!("there is `{only}`: copy it to `{path}`"));
    } else {
        let names: Vec<&str> = facts
            .python
            .iter()
            .map(|module| tree::file_name(&module.path))
            .collect();
        if let Some(near) = suggestion(name, names) {
            told.help(format!("did you mean `{near}`?"));
        }
    }
}

/// Pages that the program fills in, and that lie beside it in the repository but not in the image.
fn templates(facts: &Facts, image: &Image, findings: &mut Findings<'_>) {
    let Some(server) = server::of_image(facts, image) else {
        return;
    };
    let path = match (&server.target, &server.file, &server.folder) {
        (Some((target, _)), _, Some(folder)) => {
            let module = target.split(':').next().unwrap_or("").replace('.', "/");
            format!("{}/{module}.py", folder.trim_end_matches('/'))
        }
        (None, Some((path, _)), _) if server.kind == Kind::Script => path.clone(),
        _ => return,
    };
    let Found::File(file) = link::in_image(facts, image, &path) else {
        return;
    };
    let Some(module) = facts.python.iter().find(|module| module.path == file) else {
        return;
    };
    let text = module.source.text();
    let flask = module
        .apps
        .iter()
        .any(|app| app.framework == "Flask" && app.plain);
    if !flask || text.contains("template_folder") {
        return;
    }
    for call in &module.syntax.calls {
        if call.path.last().map(String::as_str) != Some("render_template") {
            continue;
        }
        let Some(argument) = call.arguments.first() else {
            continue;
        };
        let crate::source::python::Value::Text(name) = module.value(&argument.tokens) else {
            continue;
        };
        let own = tree::join(tree::folder(&file), &format!("templates/{name}"));
        let there = own.filter(|own| facts.tree.is_file(own));
        let inside = format!("{}/templates/{name}", tree::folder(&path));
        let (Some(there), Found::Missing) = (there, link::in_image(facts, image, &inside)) else {
            continue;
        };
        let mut told = findings
            .tell(format!(
                "`{there}` is shown, and nothing brings it into the image"
            ))
            .at(&module.at(call.span), "shown here");
        if let Some(copy) = image.last().copies.last() {
            told = told.also(&copy.at, "what the image gets is copied here");
        }
        told.help("copy the folder `templates` too");
        return;
    }
}
