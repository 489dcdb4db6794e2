//! Something calls a program that the image does not have.

use crate::diagnostic::Level;
use crate::facts::image::Image;
use crate::facts::link::Found;
use crate::facts::object::find;
use crate::facts::{At, Facts, link, run};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::shell;
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "missing-tool",
    group: Group::Image,
    level: Level::Error,
    summary: "a check, script or build step calls a program that the image does not have",
    docs: Docs {
        what: "HEALTHCHECK, an exec probe, what the container starts or a script that it runs calls a program that the base image is known not to have and no step installs: curl, make or nc in slim images, bash in Alpine, apt-get in Alpine.",
        why: "The check fails for ever and the container is restarted, or it does not start or build at all.",
        bad: "FROM python:3.12-slim\nHEALTHCHECK CMD curl -f http://localhost:8000/",
        good: "HEALTHCHECK CMD [\"python\", \"-c\", \"import urllib.request; urllib.request.urlopen('http://localhost:8000/')\"]",
        allow: "When a step installs the program in a way that gen does not see.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for image in &facts.images {
        if let Some(base) = Base::of(image) {
            checked(image, base, findings);
            installs(image, base, findings);
            started(facts, image, base, findings);
        }
    }
    for running in run::running(facts) {
        let Some(base) = Base::of(running.image) else {
            continue;
        };
        let container = &running.container;
        for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
            if let Some(command) = find(container.node, &format!("{key}.exec.command")) {
                let at = container.object.at(command);
                words(facts, running.image, base, command, &at, findings);
            }
        }
        if let Some(command) = container.node.get("command") {
            let at = container.object.at(command);
            words(facts, running.image, base, command, &at, findings);
        }
    }
}

/// The family of a base image, by which the programs that it brings are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    /// Debian without more.
    Slim,
    /// Debian with compilers and the like.
    Full,
    /// Alpine.
    Alpine,
}

impl Base {
    fn of(image: &Image) -> Option<Self> {
        let base = image.base().0.known()?;
        let base = base.split('@').next().unwrap_or(base);
        let (name, tag) = base.rsplit_once(':').unwrap_or((base, ""));
        let name = name.strip_prefix("docker.io/").unwrap_or(name);
        let name = name.strip_prefix("library/").unwrap_or(name);
        Some(match name {
            "alpine" => Self::Alpine,
            "python" if tag.contains("alpine") => Self::Alpine,
            "python" if tag.contains("slim") => Self::Slim,
            "python" if tag.contains("windows") || tag.contains("nanoserver") => return None,
            "python" => Self::Full,
            "debian" | "ubuntu" => Self::Slim,
            _ => return None,
        })
    }

    /// Whether the image is known to lack a program.
    fn lacks(self, program: &str) -> bool {
        const NOWHERE: [&str; 22] = [
            "psql",
            "pg_isready",
            "pg_dump",
            "mysqladmin",
            "redis-cli",
            "mongosh",
            "jq",
            "sudo",
            "telnet",
            "dig",
            "vim",
            "nano",
            "nginx",
            "node",
            "npm",
            "kubectl",
            "docker",
            "helm",
            "terraform",
            "rsync",
            "htop",
            "wait-for-it",
        ];
        const NOT_SLIM: [&str; 14] = [
            "curl", "wget", "git", "make", "gcc", "g++", "cc", "nc", "netcat", "ping", "ps",
            "unzip", "ssh", "nslookup",
        ];
        match self {
            _ if NOWHERE.contains(&program) => true,
            Self::Slim => NOT_SLIM.contains(&program),
            Self::Full => matches!(program, "nc" | "netcat" | "ping" | "nslookup"),
            Self::Alpine => matches!(
                program,
                "bash" | "curl" | "git" | "make" | "gcc" | "g++" | "cc"
            ),
        }
    }
}

/// HEALTHCHECK.
fn checked(image: &Image, base: Base, findings: &mut Findings<'_>) {
    let health = image
        .chain()
        .into_iter()
        .find_map(|stage| stage.health.as_ref());
    let Some(health) = health else { return };
    if health.exec {
        let program = health.words.first().and_then(|(word, _)| word.known());
        tool(
            image,
            base,
            program.unwrap_or(""),
            "check",
            &health.at,
            findings,
        );
    } else {
        // What stands behind `||` is for when the first is not there.
        if let Some(command) = health.commands.first() {
            tool(
                image,
                base,
                command.program(),
                "check",
                &health.at,
                findings,
            );
        }
    }
}

/// Package managers of another system.
fn installs(image: &Image, base: Base, findings: &mut Findings<'_>) {
    let wrong: &[&str] = match base {
        Base::Alpine => &["apt-get", "apt", "yum", "dnf"],
        _ => &["apk", "yum", "dnf"],
    };
    for stage in image.chain() {
        for instruction in stage.instructions.iter().filter(|one| one.keyword == "RUN") {
            let text = &instruction.text;
            if text.contains("if ")
                || text.contains("||")
                || text.contains("command -v")
                || text.contains("which ")
            {
                continue;
            }
            let first = instruction.commands(image.source.text());
            if let Some(command) = first
                .iter()
                .find(|command| wrong.contains(&command.program()))
            {
                findings
                    .tell(format!(
                        "the build calls `{}`, which the image does not have",
                        command.program()
                    ))
                    .at(&At::new(&image.source, command.span), "called here")
                    .also(image.base().1, "a system with another package manager");
            }
        }
    }
}

/// What the image starts: the program, the shell that a script asks for, and what the script calls.
fn started(facts: &Facts, image: &Image, base: Base, findings: &mut Findings<'_>) {
    let Some(start) = image.start() else { return };
    if !start.exec {
        for command in &start.commands {
            tool(image, base, command.program(), "image", &start.at, findings);
        }
        return;
    }
    let words: Vec<&str> = start
        .words
        .iter()
        .filter_map(|(word, _)| word.known())
        .collect();
    called(facts, image, base, &words, &start.at, findings);
}

fn words(
    facts: &Facts,
    image: &Image,
    base: Base,
    command: &Node,
    at: &At,
    findings: &mut Findings<'_>,
) {
    let words: Vec<&str> = command.items().iter().filter_map(Node::text).collect();
    called(facts, image, base, &words, at, findings);
}

fn called(
    facts: &Facts,
    image: &Image,
    base: Base,
    words: &[&str],
    at: &At,
    findings: &mut Findings<'_>,
) {
    let Some(first) = words.first() else { return };
    tool(image, base, first, "image", at, findings);
    let shell = matches!(first.rsplit('/').next(), Some("sh" | "bash" | "ash"));
    if let Some(script) = words
        .get(2)
        .filter(|_| shell && words[1].starts_with('-') && words[1].contains('c'))
    {
        for command in shell::commands(script, 0) {
            tool(image, base, command.program(), "image", at, findings);
        }
        return;
    }
    let file = if shell { words.get(1) } else { Some(first) };
    if let Some(file) = file.filter(|file| file.ends_with(".sh") || file.contains('/')) {
        script(facts, image, base, (file, shell), at, findings);
    }
}

/// A script of the repository that the image starts.
fn script(
    facts: &Facts,
    image: &Image,
    base: Base,
    (path, by_shell): (&str, bool),
    at: &At,
    findings: &mut Findings<'_>,
) {
    let Some(path) = crate::facts::image::absolute(image.last().workdir.as_deref(), path) else {
        return;
    };
    let Found::File(file) = link::in_image(facts, image, &path) else {
        return;
    };
    let Some(source) = facts.tree.source(&file) else {
        return;
    };
    let first = source.text().lines().next().unwrap_or("");
    if let Some(line) = first.strip_prefix("#!").filter(|_| !by_shell) {
        let program = line
            .split_whitespace()
            .map(|word| word.rsplit('/').next().unwrap_or(word))
            .find(|word| *word != "env" && !word.starts_with('-'));
        if program == Some("bash") && base.lacks("bash") && !brings(image, "bash") {
            findings
                .tell(format!(
                    "`{file}` wants `bash`, which the image does not have"
                ))
                .at(&At::new(source, source.line(1)), "wanted here")
                .also(at, "started here")
                .also(image.base().1, "has no `bash`, and no step installs it");
        }
    }
    let mut inside: usize = 0;
    let mut branches = Vec::new();
    for line in source.text().lines() {
        let word = line.split_whitespace().next().unwrap_or("");
        if matches!(word, "if" | "case") {
            inside += 1;
        }
        branches.push(inside > 0);
        if matches!(word, "fi" | "esac" | "fi;") {
            inside = inside.saturating_sub(1);
        }
    }
    if !first.contains("sh") && !file.ends_with(".sh") {
        return;
    }
    for command in shell::commands(source.text(), 0) {
        let line = source.position(command.span.start).line;
        if branches.get(line - 1).copied().unwrap_or(true) {
            continue;
        }
        let at = At::new(source, command.span);
        tool(image, base, command.program(), "script", &at, findings);
    }
}

/// Words of packages that bring a program under another name.
fn packages(program: &str) -> &'static [&'static str] {
    match program {
        "nc" => &["netcat"],
        "psql" | "pg_isready" | "pg_dump" => &["postgresql"],
        "mysqladmin" => &["mysql", "mariadb"],
        "redis-cli" => &["redis"],
        "mongosh" => &["mongo"],
        "ping" => &["iputils"],
        "ps" => &["procps"],
        "dig" | "nslookup" => &["dnsutils", "bind"],
        "gcc" | "g++" | "cc" | "make" => &["build-essential", "build-base", "gcc", "musl"],
        "ssh" => &["openssh"],
        "npm" | "node" => &["nodejs", "nodesource", "nvm"],
        "vim" => &["vim"],
        _ => &[],
    }
}

/// Whether some step may bring the program.
fn brings(image: &Image, program: &str) -> bool {
    image.chain().iter().any(|stage| {
        stage.instructions.iter().any(|one| {
            let named = |text: &str| one.text.contains(text);
            matches!(one.keyword.as_str(), "RUN" | "COPY" | "ADD")
                && (named(program)
                    || !one.here.is_empty()
                    || packages(program).iter().any(|package| named(package))
                    || one.keyword == "RUN" && (named(".sh") || named("xargs")))
        })
    })
}

fn tool(
    image: &Image,
    base: Base,
    program: &str,
    what: &str,
    at: &At,
    findings: &mut Findings<'_>,
) {
    let program = program.rsplit('/').next().unwrap_or(program);
    if !base.lacks(program) || brings(image, program) {
        return;
    }
    findings
        .tell(format!(
            "the {what} calls `{program}`, which the image does not have"
        ))
        .at(at, "called here")
        .also(
            image.base().1,
            format!("has no `{program}`, and no step installs it"),
        );
}
