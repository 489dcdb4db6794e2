//! A container that cannot write to its file system writes to it.

use crate::diagnostic::Level;
use crate::facts::object::{Container, find};
use crate::facts::server::{Kind, Server};
use crate::facts::{At, Facts, run};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "read-only-filesystem",
    group: Group::Kubernetes,
    level: Level::Error,
    summary: "a container that cannot write to its file system writes to it",
    docs: Docs {
        what: "`readOnlyRootFilesystem: true`, and no volume is mounted where the program has to write: gunicorn keeps a file for each worker in /tmp, nginx its caches in /var/cache/nginx and /var/run, SQLite its database.",
        why: "The program ends at its start, or at the first write.",
        bad: "securityContext: { readOnlyRootFilesystem: true }   # gunicorn, and nothing at /tmp",
        good: "volumeMounts: [{ name: tmp, mountPath: /tmp }]\n# volumes: [{ name: tmp, emptyDir: {} }]",
        allow: "When the program was told to write elsewhere in a way that gen does not see.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for object in &facts.objects {
        for container in object.containers(false) {
            if let Some(node) = locked(&container) {
                nginx(&container, node, findings);
            }
        }
    }
    for running in run::running(facts) {
        let container = &running.container;
        let Some(node) = locked(container) else {
            continue;
        };
        let Some(server) = running.server(facts) else {
            continue;
        };
        gunicorn(facts, container, node, &server, findings);
        if let Some((path, at)) = database(facts, &running)
            && !is_mounted(container, &path)
        {
            findings
                .tell(format!(
                    "the database `{path}` lies on a read-only file system"
                ))
                .at(&container.object.at(node), "nothing can be written")
                .also(&at, "written here")
                .help("mount a volume there");
        }
    }
}

fn locked<'a>(container: &Container<'a>) -> Option<&'a Node> {
    find(container.node, "securityContext.readOnlyRootFilesystem")
        .filter(|node| node.text() == Some("true"))
}

/// Whether a volume covers the path.
fn is_mounted(container: &Container<'_>, path: &str) -> bool {
    container
        .node
        .get("volumeMounts")
        .map_or(&[][..], Node::items)
        .iter()
        .filter_map(|mount| mount.get("mountPath")?.text())
        .any(|mount| {
            let mount = mount.trim_end_matches('/');
            path == mount || path.starts_with(&format!("{mount}/"))
        })
}

fn gunicorn(
    facts: &Facts,
    container: &Container<'_>,
    node: &Node,
    server: &Server,
    findings: &mut Findings<'_>,
) {
    if server.kind != Kind::Gunicorn {
        return;
    }
    let folder = server.folder.as_deref().unwrap_or("/");
    let free = ["/tmp", "/var/tmp", "/usr/tmp", folder]
        .iter()
        .any(|path| is_mounted(container, path));
    if free {
        return;
    }
    // Told by an option, a setting or a variable, it keeps its files elsewhere.
    let told = facts.tree.sources().any(|(_, source)| {
        source.text().contains("worker_tmp_dir") || source.text().contains("worker-tmp-dir")
    }) || container
        .env()
        .any(|(name, _)| name == "TMPDIR" || name == "GUNICORN_CMD_ARGS");
    if told {
        return;
    }
    findings
        .tell("gunicorn finds no folder for the files of its workers")
        .at(&container.object.at(node), "nothing can be written")
        .also(&server.at, "writes to /tmp")
        .help("mount an `emptyDir` at /tmp");
}

/// The SQLite file of the service, where it lies in the image.
fn database(facts: &Facts, running: &run::Running<'_>) -> Option<(String, At)> {
    for module in &facts.python {
        let text = module.source.text();
        let Some(at) = text.find("sqlite:////") else {
            continue;
        };
        let line = module.source.position(at).line;
        let rest = &text[at + "sqlite:///".len()..];
        let end = rest.find(['"', '\'', '?'])?;
        let whole = module.source.slice(module.source.line(line));
        if whole.contains("environ")
            || whole.contains("getenv")
            || whole.trim_start().starts_with('#')
        {
            continue;
        }
        if module.path.contains("test") || running.container.env().count() > 0 {
            continue;
        }
        return Some((
            rest[..end].to_owned(),
            At::new(&module.source, module.source.line(line)),
        ));
    }
    None
}

/// nginx as it comes.
fn nginx(container: &Container<'_>, node: &Node, findings: &mut Findings<'_>) {
    let Some(image) = container.image else { return };
    let name = image.text().unwrap_or("");
    let base = name.split(['@', ':']).next().unwrap_or("");
    if !matches!(base, "nginx" | "library/nginx" | "docker.io/library/nginx")
        || container.words("command").is_some()
        || is_mounted(container, "/var/cache/nginx")
    {
        return;
    }
    findings
        .tell("nginx cannot make its caches on a read-only file system")
        .at(&container.object.at(node), "nothing can be written")
        .also(
            &container.object.at(image),
            "writes to /var/cache/nginx and /var/run",
        )
        .help("mount an `emptyDir` at each of them");
}
