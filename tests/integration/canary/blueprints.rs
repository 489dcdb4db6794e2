//! Hostile blueprints: whatever a manifest, a template or a tree asks for, nothing but the tree is written, nothing
//! of the machine is read, and every one is refused in time.

use std::os::unix::fs::symlink;

use super::World;
use crate::rig;
use crate::support::tree::{picture, put};

/// Paths that no artifact may have.
const PATHS: [&str; 44] = [
    "../x",
    "../../x",
    "a/../../x",
    "a/../x",
    "/etc/gen-canary",
    "//x",
    "./x",
    "a//b",
    "a/",
    "..",
    ".",
    ".git/config",
    ".GIT/config",
    ".Git/hooks/pre-commit",
    "a/.git/config",
    "git~1/config",
    ".git./config",
    ".git /config",
    ".git::$INDEX_ALLOCATION/config",
    ".git\\\\config",
    "a\\\\..\\\\x",
    "C:/x",
    "c:x",
    "x:stream",
    "gen.lock",
    "GEN.LOCK",
    ".gen/pristine",
    ".GEN/pristine",
    ".gen-stage/x",
    ".gen-x",
    "con",
    "NUL.txt",
    "aux/x",
    "x.",
    "x /y",
    " x",
    "a\\tb",
    "a\\nb",
    "a\\0b",
    "\\u00e9",
    "x\\u202e",
    "~/x",
    "$HOME/x",
    "%2e%2e/x",
];
/// The same where the path is made from the spec.
const JOINED: [&str; 10] = [
    "../<{ name }>",
    "/<{ name }>",
    "<{ name }>/../../x",
    ".git/<{ name }>",
    "<{ name }>/.git/config",
    "<{ name }>/",
    "<{ name }> /x",
    ".gen/<{ name }>",
    "<{ name }>/../gen.lock",
    "<{ missing }>",
];
/// Files that are none of the blueprint's.
const SOURCES: [&str; 14] = [
    "../../spec.yaml",
    "../../../outside",
    "../../.git/config",
    "/etc/passwd",
    "../",
    "./../../",
    "a/../../../spec.yaml",
    "nothing",
    "nothing/",
    "link",
    "linked/",
    "linked/canary",
    ".",
    "",
];
/// What a template may try.
const TEMPLATES: [&str; 24] = [
    "<% include \"/etc/passwd\" %>",
    "<% include \"../../spec.yaml\" %>",
    "<% import \"/etc/passwd\" as x %><{ x }>",
    "<% extends \"../../../outside/canary\" %>",
    "<% from \"/proc/self/environ\" import x %>",
    "<{ open(\"/etc/passwd\") }>",
    "<{ env(\"HOME\") }>",
    "<{ env.HOME }>",
    "<{ environ }>",
    "<{ now() }>",
    "<{ self }>",
    "<{ debug() }>",
    "<{ name.__class__.__mro__ }>",
    "<{ lipsum.__globals__ }>",
    "<{ cycler.__init__ }>",
    "<{ get_flashed_messages() }>",
    "<{ name|attr(\"x\") }>",
    "<{ name|system }>",
    "<{ shell(\"touch x\") }>",
    "<% for a in range(1000000000) %>x<% endfor %>",
    "<% for a in name %><% for b in name %><{ a",
    "<{ \"x\" * 1000000000000 }>",
    "<{ range(1000000000)|join }>",
    "<% macro a() %><{ a() }><% endmacro %><{ a() }>",
];
const METHODS: [&str; 5] = ["dockerfile", "workflow", "shell", "python", "markdown"];
/// Trees that ask for more than values.
const TREES: [&str; 10] = [
    "a: \"<{ open('/etc/passwd') }>\"\n",
    "a: \"<{ env.HOME }>\"\n",
    "a: \"<{ missing }>\"\n",
    "a: \"<{ range(1000000000) }>\"\n",
    "a: \"<{ name * 1000000000000 }>\"\n",
    "$when: include('/etc/passwd')\na: 1\n",
    "a: [{ $for: \"x in range(1000000000)\", $item: \"<{ x }>\" }]\n",
    "a: [{ $for: \"x in\", $item: 1 }]\n",
    "a: &a [*a, *a]\n",
    "a: !!python/object/apply:os.system [\"touch x\"]\n",
];
/// Manifests that ask for more than files.
const MANIFESTS: [&str; 16] = [
    "files: []\nhooks: { post: \"touch x\" }\n",
    "files: [{ from: a, to: a, target: docs, as: exec }]\n",
    "files: [{ from: a, to: a, target: docs, as: verbatim, run: \"touch x\" }]\n",
    "files: [{ from: a, to: .github/workflows/x.yml, target: docs, as: verbatim }]\n",
    "files: [{ from: a, to: .GitHub/Workflows/x.yml, target: docs, as: verbatim }]\n",
    "files: [{ from: a, to: a, target: docs, as: verbatim }, { from: a, to: A, target: docs, as: verbatim }]\n",
    "files: [{ from: a, to: a, target: docs, as: verbatim }, { from: a, to: a/b, target: docs, as: verbatim }]\n",
    "files: [{ from: a, to: a, target: docs, as: verbatim, when: \"env('HOME')\" }]\n",
    "parts: [../../outside]\nfiles: []\n",
    "parts: [/etc]\nfiles: []\n",
    "files: &a [*a]\n",
    "files: [{ from: a, to: a, target: root, as: verbatim }]\n",
    "files: [{ from: a, to: a, target: docs, as: verbatim, each: file }]\n",
    "files: [{ from: a, to: a, target: docs, as: verbatim, executable: \"chmod 777\" }]\n",
    "files: [{ from: a, target: docs, as: verbatim }]\n",
    "groups: [env]\nfiles: []\n",
];

/// A blueprint: its manifest behind the summary, and the text of its file `a`.
struct Hostile {
    manifest: String,
    text: String,
}

fn line(from: &str, to: &str, method: &str) -> String {
    format!("files:\n  - {{ from: \"{from}\", to: \"{to}\", target: docs, as: {method} }}\n")
}

fn all() -> Vec<Hostile> {
    let hostile = |manifest: String, text: &str| Hostile {
        manifest,
        text: text.to_owned(),
    };
    let paths = PATHS.iter().chain(&JOINED);
    let mut all: Vec<Hostile> = paths
        .map(|to| hostile(line("a", to, "verbatim"), "x\n"))
        .collect();
    all.extend(SOURCES.map(|from| hostile(line(from, "x", "verbatim"), "x\n")));
    for (at, text) in TEMPLATES.iter().enumerate() {
        // Each in two languages, so that all of them come to all.
        for method in [
            METHODS[at % METHODS.len()],
            METHODS[(at + 2) % METHODS.len()],
        ] {
            all.push(hostile(line("a", "x", method), &format!("{text}\n")));
        }
    }
    for to in ["x.yaml", "x.json"] {
        all.extend(TREES.map(|text| hostile(line("a", to, "tree"), text)));
    }
    all.extend(MANIFESTS.map(|manifest| hostile(manifest.to_owned(), "x\n")));
    all
}

/// What is wrong with how a blueprint was met.
fn judge(case: &Hostile) -> Vec<String> {
    let world = World::new();
    let folder = world.root.join("platform/web");
    put(
        &folder,
        "blueprint.yaml",
        &format!("summary: A test.\ngroups: []\n{}", case.manifest),
    );
    put(&folder, "a", &case.text);
    if case.manifest.contains("link") {
        symlink(world.outside.join("canary"), folder.join("link")).unwrap();
        symlink(world.outside.path(), folder.join("linked")).unwrap();
    }
    let before = (picture(world.outside.path()), picture(world.root.path()));
    let mut faults = Vec::new();
    for command in [
        "render spec.yaml",
        "render spec.yaml --force",
        "drift spec.yaml",
    ] {
        let code = world.run(command);
        if !matches!(code, Some(1 | 2)) {
            faults.push(format!(
                "{command}: {code:?} for {}{}",
                case.manifest, case.text
            ));
        }
        if (picture(world.outside.path()), picture(world.root.path())) != before {
            faults.push(format!(
                "{command}: something changed for {}{}",
                case.manifest, case.text
            ));
        }
    }
    faults
}

#[test]
fn every_hostile_blueprint_is_refused_and_changes_nothing() {
    let all = all();
    assert!(all.len() >= 150, "only {}", all.len());
    let every = if rig::asked() { 1 } else { 8 };
    let (mut tried, mut faults) = (0, Vec::new());
    for case in all.iter().step_by(every) {
        faults.extend(judge(case));
        tried += 1;
    }
    println!("C: {tried} hostile blueprints, all refused, nothing changed");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_rig_sees_a_blueprint_that_is_let_through() {
    let harmless = Hostile {
        manifest: line("a", "x", "verbatim"),
        text: "x\n".to_owned(),
    };
    let faults = judge(&harmless);
    assert!(faults.iter().any(|fault| fault.contains("Some(0)")));
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("something changed"))
    );
}
