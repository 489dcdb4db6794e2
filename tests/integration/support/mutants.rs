//! One end of a seam changed: `tests/mutants/<stack>.txt`, each an operator on one file of a rendered stack.
//!
//! A block names the rule that has to tell and the file, then the lines that stand there (`-`) and those
//! that stand there instead (`+`), wherever they occur. No `+`: the lines go. No `-`: the file is new, or
//! with neither, gone. `!` says why nothing tells.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The files of a stack, by path.
pub(crate) type Files = BTreeMap<String, String>;

pub(crate) struct Mutant {
    pub(crate) stack: String,
    /// The rule that has to tell.
    pub(crate) rule: String,
    pub(crate) path: String,
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
    /// Why nothing tells, where nothing does.
    pub(crate) survives: Option<String>,
}

impl Mutant {
    /// What it is, in one line.
    pub(crate) fn name(&self) -> String {
        let shown = |text: &Option<String>| match text {
            Some(text) => format!("{text:?}"),
            None => "nothing".to_owned(),
        };
        format!(
            "{}/{}: {} → {} ({})",
            self.stack,
            self.path,
            shown(&self.old),
            shown(&self.new),
            self.rule
        )
    }

    /// The stack with the fault in it.
    ///
    /// # Errors
    /// A sentence, where the operator finds nothing to change.
    pub(crate) fn apply(&self, files: &Files) -> Result<Files, String> {
        let fail = |what: &str| Err(format!("{}: {what}", self.name()));
        let mut mutated = files.clone();
        let text = files.get(&self.path);
        match (&self.old, &self.new, text) {
            (Some(_), _, None) | (None, None, None) => return fail("no such file"),
            (None, Some(_), Some(_)) => return fail("the file is there"),
            (Some(old), new, Some(text)) => {
                let changed = match new {
                    Some(new) => text.replace(old, new),
                    None => text.replace(&format!("{old}\n"), ""),
                };
                if *text == changed {
                    return fail("changes nothing");
                }
                mutated.insert(self.path.clone(), changed);
            }
            (None, Some(new), None) => {
                mutated.insert(self.path.clone(), format!("{new}\n"));
            }
            (None, None, Some(_)) => {
                mutated.remove(&self.path);
            }
        }
        Ok(mutated)
    }
}

/// Names of the rendered stacks.
pub(crate) const STACKS: [&str; 4] = ["flask-aks", "flask-fargate", "flask-minikube", "notejam"];

/// The files of a committed render.
pub(crate) fn stack(name: &str) -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("out").join(name);
    let mut files = Files::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let below = path.strip_prefix(&root).unwrap().to_str().unwrap();
            if path.is_dir() {
                if below != ".gen" {
                    folders.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(&path) {
                files.insert(below.to_owned(), text);
            }
        }
    }
    files
}

/// The mutants of a stack.
pub(crate) fn of(stack: &str) -> Vec<Mutant> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/mutants")
        .join(format!("{stack}.txt"));
    // A key that is made up is parted, so that no scanner takes it for one.
    let text = fs::read_to_string(path).unwrap().replace("⟨cut⟩", "");
    let blocks = text.split("\n\n").map(str::trim_end);
    blocks.filter_map(|block| read(stack, block)).collect()
}

fn read(stack: &str, block: &str) -> Option<Mutant> {
    let lines = block.lines().filter(|line| !line.starts_with('#'));
    let mut made: Option<Mutant> = None;
    for line in lines {
        let Some(mutant) = &mut made else {
            let (rule, path) = line
                .split_once(' ')
                .unwrap_or_else(|| panic!("{stack}: {line:?} names no rule and file"));
            made = Some(Mutant {
                stack: stack.to_owned(),
                rule: rule.to_owned(),
                path: path.to_owned(),
                old: None,
                new: None,
                survives: None,
            });
            continue;
        };
        let (mark, text) = line.split_at(1);
        let text = text.strip_prefix(' ').unwrap_or(text);
        let into = match mark {
            "-" => &mut mutant.old,
            "+" => &mut mutant.new,
            "!" => &mut mutant.survives,
            _ => panic!("{stack}: {line:?} is neither `-`, `+` nor `!`"),
        };
        match into {
            Some(known) => {
                known.push('\n');
                known.push_str(text);
            }
            None => *into = Some(text.to_owned()),
        }
    }
    made
}
