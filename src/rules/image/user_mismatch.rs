//! The manifest and the image do not agree on the user.

use crate::diagnostic::Level;
use crate::facts::object::find;
use crate::facts::text::full_repository;
use crate::facts::{At, Facts, run};
use crate::rules::{Docs, Findings, Group, Rule};
use crate::source::yaml::Node;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "user-mismatch",
    group: Group::Image,
    level: Level::Error,
    summary: "the manifest and the image do not agree on the user",
    docs: Docs {
        what: "`runAsNonRoot: true` while the image runs as root, or names its user by a word; or `runAsUser`, `runAsGroup` that is not the number that the image makes and gives its files to.",
        why: "The kubelet refuses to start the container, or the program may not read its own files.",
        bad: "USER appuser\n…\nsecurityContext: { runAsNonRoot: true }",
        good: "USER 10001:10001\n…\nsecurityContext: { runAsNonRoot: true, runAsUser: 10001 }",
        allow: "When the files of the image are readable by every user.",
    },
    check,
};

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for running in run::running(facts) {
        let container = &running.container;
        let object = container.object;
        let get = |key: &str| {
            let path = format!("securityContext.{key}");
            find(container.node, &path).or_else(|| object.pod().and_then(|pod| find(pod, &path)))
        };
        let (user, group) = match running.image.user() {
            Some((text, at)) => {
                let Some(text) = text.known() else { continue };
                let (user, group) = text
                    .split_once(':')
                    .map_or((text, None), |(user, group)| (user, Some(group)));
                (Some((user, at)), group.map(|group| (group, at)))
            }
            None => (None, None),
        };
        let forced = get("runAsUser");
        if let Some(node) = get("runAsNonRoot").filter(|node| node.text() == Some("true")) {
            non_root(&running, node, forced, user, findings);
        }
        for (node, own, what) in [(forced, user, "user"), (get("runAsGroup"), group, "group")] {
            let (Some(node), Some((own, at))) = (node, own) else {
                continue;
            };
            let (Some(wanted), Ok(own)) = (
                node.text().and_then(|text| text.parse::<u64>().ok()),
                own.parse::<u64>(),
            ) else {
                continue;
            };
            // Another number than the image's own may still read what everybody may read.
            if wanted != own {
                findings
                    .tell(format!("the manifest runs the image as {what} {wanted}, and the image is made for {own}"))
                    .at(&object.at(node), format!("{what} {wanted}"))
                    .also(at, format!("{what} {own}"))
                    .help(format!("make both {own}"));
            }
        }
    }
}

fn non_root(
    running: &run::Running<'_>,
    node: &Node,
    forced: Option<&Node>,
    user: Option<(&str, &At)>,
    findings: &mut Findings<'_>,
) {
    let object = running.container.object;
    if let Some(forced) = forced {
        if forced.text() == Some("0") {
            findings
                .tell("`runAsNonRoot` together with `runAsUser: 0`")
                .at(&object.at(node), "not root")
                .also(&object.at(forced), "root");
        }
        return;
    }
    match user {
        Some((user, at)) if user.parse::<u64>().is_err() || user == "0" || user == "root" => {
            let reason = if matches!(user, "root" | "0") {
                "the image runs as root".to_owned()
            } else {
                format!(
                    "the image names its user by a word, and the kubelet cannot tell whether `{user}` is root"
                )
            };
            findings
                .tell(format!("`runAsNonRoot` is asked for, and {reason}"))
                .at(&object.at(node), "asked for here")
                .also(at, format!("runs as `{user}`"))
                .help("name the user by number, in USER or as `runAsUser`");
        }
        Some(_) => {}
        None => {
            let (base, at) = running.image.base();
            let plain = base.known().is_some_and(|name| {
                let name = full_repository(name.split([':', '@']).next().unwrap_or(name));
                matches!(
                    name.as_str(),
                    "docker.io/library/python"
                        | "docker.io/library/debian"
                        | "docker.io/library/alpine"
                )
            });
            if plain {
                findings
                    .tell("`runAsNonRoot` is asked for, and the image runs as root")
                    .at(&object.at(node), "asked for here")
                    .also(at, "no USER follows, and the base image starts as root")
                    .help("make a user and switch to it by number: `USER 10001:10001`");
            }
        }
    }
}
