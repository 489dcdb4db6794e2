//! How artifacts refer to each other: which image a container runs, which file of the repository stands at
//! a path of an image.

use std::sync::Arc;

use crate::source::{Source, Span};

use super::image::Image;
use super::object::Container;
use super::text::{ImageName, Text, full_repository};
use super::{At, Facts, tree};

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file of the repository.
    File(String),
    /// A folder of the repository; empty for its root.
    Folder(String),
    /// Nothing.
    Missing,
    /// Only a build would tell.
    Unknown,
}

/// The folders that an image is built with: those that builds name, or else its own.
pub fn contexts(facts: &Facts, image: &Image) -> Vec<String> {
    let mut contexts: Vec<String> = facts
        .builds
        .iter()
        .filter(|build| build.dockerfile.as_deref() == Some(&image.path))
        .filter_map(|build| build.context.clone())
        .collect();
    contexts.sort();
    contexts.dedup();
    if contexts.is_empty() {
        contexts.push(likely_context(facts, image));
    }
    contexts
}

/// The folder that an image must be built with where nothing says it: its own, unless it lacks something
/// that the build needs and exactly one folder above has it all.
fn likely_context(facts: &Facts, image: &Image) -> String {
    let needs = needs(image);
    let has = |folder: &str| {
        needs.iter().all(|need| {
            expand(facts, folder, need)
                .iter()
                .any(|path| tree::join(folder, path).is_some_and(|path| facts.tree.exists(&path)))
        })
    };
    if image.folder.is_empty() || has(&image.folder) {
        return image.folder.clone();
    }
    let mut above = Vec::new();
    let mut folder = image.folder.as_str();
    while !folder.is_empty() {
        folder = tree::folder(folder);
        if has(folder) {
            above.push(folder.to_owned());
        }
    }
    match above.as_slice() {
        [only] => only.clone(),
        _ => image.folder.clone(),
    }
}

/// The paths of its context that a build needs: what it copies, and the requirements that it installs from a
/// copy of everything.
fn needs(image: &Image) -> Vec<String> {
    let mut needs = Vec::new();
    for stage in &image.stages {
        let own = stage.copies.iter().filter(|copy| copy.from.is_none());
        let mut whole = false;
        for (from, _) in own.flat_map(|copy| &copy.sources) {
            let Some(from) = from.known().filter(|from| !from.contains("://")) else {
                continue;
            };
            match tree::join("", from.trim_start_matches('/')) {
                Some(path) if path.is_empty() => whole = true,
                Some(path) => needs.push(path),
                None => {}
            }
        }
        if !whole {
            continue;
        }
        for instruction in stage.instructions.iter().filter(|one| one.keyword == "RUN") {
            let words: Vec<&str> = instruction.text.split_whitespace().collect();
            needs.extend(words.windows(2).filter_map(|pair| match pair {
                ["-r" | "--requirement", file] => tree::join("", file.trim_matches(['"', '\''])),
                _ => None,
            }));
        }
    }
    needs
}

/// What stands at an absolute path of the image.
pub fn in_image(facts: &Facts, image: &Image, path: &str) -> Found {
    let contexts = contexts(facts, image);
    let mut all = contexts
        .iter()
        .map(|context| in_stage(facts, image, image.stages.len() - 1, context, path, 0));
    let first = all.next().unwrap_or(Found::Unknown);
    for other in all {
        if other != first {
            return Found::Unknown;
        }
    }
    first
}

fn in_stage(
    facts: &Facts,
    image: &Image,
    number: usize,
    context: &str,
    path: &str,
    depth: usize,
) -> Found {
    let Some(stage) = image.stages.get(number).filter(|_| depth < 16) else {
        return Found::Unknown;
    };
    let mut unknown = made_by_command(stage, path);
    for copy in stage.copies.iter().rev() {
        let Some(target) = &copy.target else {
            unknown = true;
            continue;
        };
        for (from, _) in &copy.sources {
            let Some(from) = from.known() else {
                unknown |= below(target, path).is_some();
                continue;
            };
            let found = match &copy.from {
                Some((_, Some(other))) => from_stage(
                    facts,
                    image,
                    *other,
                    context,
                    (from, target, copy.into),
                    path,
                    depth,
                ),
                Some((_, None)) if below(target, path).is_some() => Found::Unknown,
                Some((_, None)) => Found::Missing,
                None => from_context(facts, image, context, from, target, copy.into, path),
            };
            match found {
                Found::Missing => {}
                Found::Unknown => unknown = true,
                found => return found,
            }
        }
    }
    match stage.base_stage {
        Some(base) => match in_stage(facts, image, base, context, path, depth + 1) {
            Found::Missing if unknown => Found::Unknown,
            found => found,
        },
        None if unknown || !is_plain_base(stage.base.known()) => Found::Unknown,
        None => Found::Missing,
    }
}

/// Whether the base is a language's or system's own image, which brings no application.
fn is_plain_base(base: Option<&str>) -> bool {
    const PLAIN: [&str; 12] = [
        "python",
        "debian",
        "ubuntu",
        "alpine",
        "scratch",
        "node",
        "golang",
        "busybox",
        "fedora",
        "amazonlinux",
        "rockylinux",
        "almalinux",
    ];
    base.is_some_and(|base| {
        let name = full_repository(base.split([':', '@']).next().unwrap_or(base));
        let last = name.rsplit('/').next().unwrap_or("");
        PLAIN.contains(&last)
            && (name.starts_with("docker.io/library/")
                || name.starts_with("public.ecr.aws/")
                || name.starts_with("mcr.microsoft.com/"))
    })
}

/// Whether a command of the stage may have made the path.
fn made_by_command(stage: &super::image::Stage, path: &str) -> bool {
    const MAKERS: [&str; 15] = [
        "git",
        "curl",
        "wget",
        "tar",
        "unzip",
        "cp",
        "mv",
        "ln",
        "tee",
        "npm",
        "yarn",
        "make",
        "install",
        "sed",
        "cookiecutter",
    ];
    let name = tree::file_name(path);
    stage
        .instructions
        .iter()
        .filter(|instruction| instruction.keyword == "RUN")
        .any(|instruction| {
            instruction.exec
                || !instruction.here.is_empty()
                || instruction.text.contains(name)
                || instruction
                    .text
                    .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
                    .any(|word| MAKERS.contains(&word))
                    && !instruction.text.trim_start().starts_with("apt")
                    && instruction.text.split("&&").any(|part| {
                        let first = part.split_whitespace().next().unwrap_or("");
                        MAKERS.contains(&first)
                            && !(first == "install" && part.contains("--directory"))
                            && !part.contains(" -d ")
                    })
        })
}

fn below<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    if folder == "/" {
        return path.strip_prefix('/');
    }
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() {
        Some("")
    } else {
        rest.strip_prefix('/')
    }
}

fn from_stage(
    facts: &Facts,
    image: &Image,
    stage: usize,
    context: &str,
    (from, target, into): (&str, &str, bool),
    path: &str,
    depth: usize,
) -> Found {
    let Some(rest) = below(target, path) else {
        return Found::Missing;
    };
    if from.contains('*') {
        return Found::Unknown;
    }
    let Some(from) = super::image::absolute(Some("/"), from) else {
        return Found::Unknown;
    };
    let inner = if rest.is_empty() {
        from.clone()
    } else {
        format!("{}/{rest}", from.trim_end_matches('/'))
    };
    match in_stage(facts, image, stage, context, &inner, depth + 1) {
        // One file copied into a folder keeps its name.
        Found::Missing if into && tree::file_name(&from) == rest => {
            in_stage(facts, image, stage, context, &from, depth + 1)
        }
        found => found,
    }
}

fn from_context(
    facts: &Facts,
    image: &Image,
    context: &str,
    from: &str,
    target: &str,
    into: bool,
    path: &str,
) -> Found {
    let Some(rest) = below(target, path) else {
        return Found::Missing;
    };
    if from.contains("://") {
        return Found::Unknown;
    }
    let Some(from) = tree::join("", from.trim_start_matches('/')) else {
        return Found::Unknown;
    };
    for source in expand(facts, context, &from) {
        let Some(full) = tree::join(context, &source) else {
            continue;
        };
        let candidate = if facts.tree.is_file(&full) {
            let name = tree::file_name(&full);
            let fits = if into {
                rest == name
            } else {
                rest.is_empty() || rest == name && facts.tree.is_folder(target)
            };
            fits.then_some(full)
        } else {
            tree::join(&full, rest)
        };
        let Some(candidate) = candidate else {
            continue;
        };
        if !facts.tree.exists(&candidate) {
            continue;
        }
        if ignored(facts, image, context, &candidate).is_some() {
            continue;
        }
        return if facts.tree.is_file(&candidate) {
            Found::File(candidate)
        } else {
            Found::Folder(candidate)
        };
    }
    Found::Missing
}

/// The paths below `context` that a source of `COPY` stands for.
pub fn expand(facts: &Facts, context: &str, from: &str) -> Vec<String> {
    if !from.contains(['*', '?', '[']) {
        return vec![from.to_owned()];
    }
    let parts = from.matches('/').count() + 1;
    let mut found: Vec<String> = facts
        .tree
        .below(context)
        .filter_map(|path| {
            let head: Vec<&str> = path.splitn(parts + 1, '/').take(parts).collect();
            let head = head.join("/");
            tree::matches(from, &head).then_some(head)
        })
        .collect();
    found.dedup();
    found
}

/// The line of a .dockerignore that keeps a path of the repository out of the build, if one does.
pub fn ignored(facts: &Facts, image: &Image, context: &str, path: &str) -> Option<At> {
    let own = format!("{}.dockerignore", image.path);
    let shared = tree::join(context, ".dockerignore")?;
    let source = facts
        .tree
        .source(&own)
        .or_else(|| facts.tree.source(&shared))?;
    ignoring_line(source, tree::beneath(context, path)?).map(|span| At::new(source, span))
}

/// The line that decides that `path` is left out.
pub fn ignoring_line(source: &Arc<Source>, path: &str) -> Option<Span> {
    let mut decided = None;
    let mut number = 1;
    loop {
        let span = source.line(number);
        if span.start >= source.text().len() {
            break;
        }
        number += 1;
        let line = source.slice(span).trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (keep, pattern) = match line.strip_prefix('!') {
            Some(pattern) => (true, pattern),
            None => (false, line),
        };
        let Some(pattern) = tree::join("", pattern.trim().trim_start_matches('/')) else {
            continue;
        };
        let mut parents = path.match_indices('/').map(|(at, _)| &path[..at]);
        if tree::matches(&pattern, path) || parents.any(|parent| tree::matches(&pattern, parent)) {
            decided = (!keep).then_some(span);
        }
    }
    decided
}

/// Why a container is taken to run an image, and the image.
#[derive(Debug, Clone)]
pub struct Runs<'a> {
    /// The Dockerfile.
    pub image: &'a Image,
    /// Where something builds it under the name that the container asks for; nothing where it is the only
    /// image and the only name.
    pub built: Option<At>,
}

/// The Dockerfile whose image a container runs.
pub fn image_of<'a>(facts: &'a Facts, container: &Container<'_>) -> Option<Runs<'a>> {
    let name = ImageName::parse(&Text::from(container.image?.text()?));
    let wanted = name.full()?;
    let mut found: Option<Runs<'a>> = None;
    for build in &facts.builds {
        let Some(dockerfile) = &build.dockerfile else {
            continue;
        };
        let Some((_, at)) = build
            .names
            .iter()
            .find(|(name, _)| name.full().is_some_and(|full| full == wanted))
        else {
            continue;
        };
        let image = facts
            .images
            .iter()
            .find(|image| &image.path == dockerfile)?;
        if found
            .as_ref()
            .is_some_and(|found| found.image.path != image.path)
        {
            return None;
        }
        found.get_or_insert(Runs {
            image,
            built: Some(at.clone()),
        });
    }
    if found.is_some() {
        return found;
    }
    if let Some(image) = by_base(facts, &wanted) {
        return Some(Runs { image, built: None });
    }
    only(facts, &wanted).map(|image| Runs { image, built: None })
}

/// The Dockerfile in a folder of the image's own name, where it is the only one so called.
fn by_base<'a>(facts: &'a Facts, wanted: &str) -> Option<&'a Image> {
    if is_public(wanted) || facts.images.len() < 2 {
        return None;
    }
    let base = wanted.rsplit('/').next()?;
    let mut fits = facts
        .images
        .iter()
        .filter(|image| tree::file_name(&image.folder) == base);
    fits.next().filter(|_| fits.next().is_none())
}

/// The only Dockerfile, where the workloads ask for one image only that is not everybody's.
fn only<'a>(facts: &'a Facts, wanted: &str) -> Option<&'a Image> {
    let [image] = facts.images.as_slice() else {
        return None;
    };
    if is_public(wanted) {
        return None;
    }
    let mut others = facts
        .objects
        .iter()
        .flat_map(|object| object.containers(true))
        .filter_map(|container| ImageName::parse(&Text::from(container.image?.text()?)).full())
        .filter(|name| !is_public(name));
    others.all(|name| name == wanted).then_some(image)
}

/// Whether everybody can pull an image of that full name, so that this repository did not build it.
pub fn is_public(full: &str) -> bool {
    const REGISTRIES: [&str; 8] = [
        "docker.io/library/",
        "docker.io/bitnami/",
        "docker.io/bitnamilegacy/",
        "quay.io/",
        "registry.k8s.io/",
        "k8s.gcr.io/",
        "mcr.microsoft.com/",
        "gcr.io/google",
    ];
    const NAMES: [&str; 34] = [
        "postgres",
        "postgresql",
        "mysql",
        "mariadb",
        "redis",
        "mongo",
        "mongodb",
        "nginx",
        "httpd",
        "busybox",
        "alpine",
        "rabbitmq",
        "memcached",
        "elasticsearch",
        "kibana",
        "prometheus",
        "grafana",
        "traefik",
        "kafka",
        "zookeeper",
        "vault",
        "consul",
        "jaeger",
        "curl",
        "kubectl",
        "node-exporter",
        "redis-exporter",
        "cloudsql-proxy",
        "fluentd",
        "fluent-bit",
        "haproxy",
        "nginx-unprivileged",
        "minio",
        "python",
    ];
    // A bare name may also be an image that was built on the spot: only those known by name are public.
    if let Some(bare) = full.strip_prefix("docker.io/library/") {
        return NAMES.contains(&bare) || matches!(bare, "ubuntu" | "debian" | "node" | "golang");
    }
    let base = full.rsplit('/').next().unwrap_or(full);
    REGISTRIES.iter().any(|registry| full.starts_with(registry)) || NAMES.contains(&base)
}
