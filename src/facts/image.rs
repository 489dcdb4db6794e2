//! Dockerfiles: stages, what each copies, installs and starts, and what the last one is.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::dockerfile::{self, Instruction};
use crate::source::{Source, Span, shell};

use super::At;
use super::text::Text;
use super::tree;

/// One Dockerfile.
#[derive(Debug)]
pub struct Image {
    /// Path below the root.
    pub path: String,
    /// The folder that it lies in.
    pub folder: String,
    /// The file.
    pub source: Arc<Source>,
    /// Its stages; the last one is the image.
    pub stages: Vec<Stage>,
}

/// One stage.
#[derive(Debug)]
pub struct Stage {
    /// Its name.
    pub name: Option<String>,
    /// What it starts from.
    pub base: Text,
    /// Where that stands.
    pub base_at: At,
    /// The earlier stage that it starts from.
    pub base_stage: Option<usize>,
    /// Its instructions.
    pub instructions: Vec<Instruction>,
    /// Variables that it sets or that its arguments default to.
    pub variables: BTreeMap<String, Text>,
    /// `ENV` in order, with where each stands.
    pub env: Vec<(String, Text, At)>,
    /// The folder that it works in at the end.
    pub workdir: Option<String>,
    /// The last `USER`.
    pub user: Option<(Text, At)>,
    /// Every port that it exposes.
    pub exposes: Vec<(u16, At)>,
    /// Every `COPY` and `ADD`.
    pub copies: Vec<Copy>,
    /// The last `ENTRYPOINT`.
    pub entrypoint: Option<Start>,
    /// The last `CMD`.
    pub command: Option<Start>,
    /// The last `HEALTHCHECK`.
    pub health: Option<Start>,
}

/// `COPY` or `ADD`.
#[derive(Debug)]
pub struct Copy {
    /// What is copied.
    pub sources: Vec<(Text, Span)>,
    /// Where to: an absolute path, where it is known.
    pub target: Option<String>,
    /// Whether the target names a folder by a `/` at its end.
    pub into: bool,
    /// The stage or image that it copies from.
    pub from: Option<(Text, Option<usize>)>,
    /// The instruction.
    pub at: At,
}

/// What an instruction starts.
#[derive(Debug, Clone)]
pub struct Start {
    /// The words; of a shell form those of its last command.
    pub words: Vec<(Text, Span)>,
    /// Whether it is in the JSON form.
    pub exec: bool,
    /// Every command of a shell form.
    pub commands: Vec<shell::Command>,
    /// The instruction.
    pub at: At,
}

/// Reads a Dockerfile; nothing where no stage begins.
pub fn read(path: &str, source: &Arc<Source>) -> Option<Image> {
    let mut global = BTreeMap::new();
    let mut stages: Vec<Stage> = Vec::new();
    for instruction in dockerfile::read(source.text()) {
        if instruction.keyword == "FROM" {
            stages.extend(from(source, instruction, &stages, &global));
            continue;
        }
        match stages.last_mut() {
            Some(stage) => stage.add(source, instruction, &global),
            None if instruction.keyword == "ARG" => {
                for word in &instruction.words {
                    let (name, value) = word.text.split_once('=').unwrap_or((&word.text, ""));
                    if word.text.contains('=') {
                        let value = expand(value, &global);
                        global.insert(name.to_owned(), value);
                    }
                }
            }
            None => return None,
        }
    }
    // Names of stages that a later one copies from.
    let names: Vec<Option<String>> = stages.iter().map(|stage| stage.name.clone()).collect();
    for stage in &mut stages {
        for copy in &mut stage.copies {
            if let Some((from, number)) = &mut copy.from {
                *number = from.known().and_then(|from| {
                    names
                        .iter()
                        .position(|name| {
                            name.as_deref()
                                .is_some_and(|name| name.eq_ignore_ascii_case(from))
                        })
                        .or_else(|| from.parse().ok().filter(|&at| at < names.len()))
                });
            }
        }
    }
    (!stages.is_empty()).then(|| Image {
        path: path.to_owned(),
        folder: tree::folder(path).to_owned(),
        source: Arc::clone(source),
        stages,
    })
}

fn from(
    source: &Arc<Source>,
    instruction: Instruction,
    stages: &[Stage],
    global: &BTreeMap<String, Text>,
) -> Option<Stage> {
    let word = instruction.words.first()?;
    let base = expand(&word.text, global);
    let name = match instruction.words.get(1..3) {
        Some([word, name]) if word.text.eq_ignore_ascii_case("as") => Some(name.text.clone()),
        _ => None,
    };
    let base_stage = base.known().and_then(|base| {
        stages.iter().rposition(|stage| {
            stage
                .name
                .as_deref()
                .is_some_and(|name| name.eq_ignore_ascii_case(base))
        })
    });
    let inherited = base_stage.map(|at| &stages[at]);
    Some(Stage {
        name,
        base_at: At::new(source, word.span),
        base,
        base_stage,
        variables: inherited
            .map(|stage| stage.variables.clone())
            .unwrap_or_default(),
        workdir: match inherited {
            Some(stage) => stage.workdir.clone(),
            None => Some("/".to_owned()),
        },
        instructions: vec![instruction],
        env: Vec::new(),
        user: None,
        exposes: Vec::new(),
        copies: Vec::new(),
        entrypoint: None,
        command: None,
        health: None,
    })
}

impl Stage {
    fn add(
        &mut self,
        source: &Arc<Source>,
        instruction: Instruction,
        global: &BTreeMap<String, Text>,
    ) {
        let at = At::new(source, instruction.span);
        match instruction.keyword.as_str() {
            "ARG" => {
                for word in &instruction.words {
                    match word.text.split_once('=') {
                        Some((name, value)) => {
                            let value = expand(value, &self.variables);
                            self.variables.entry(name.to_owned()).or_insert(value);
                        }
                        None => {
                            if let Some(value) = global.get(&word.text) {
                                self.variables.insert(word.text.clone(), value.clone());
                            }
                        }
                    }
                }
            }
            "ENV" => self.environment(source, &instruction),
            "WORKDIR" => {
                let folder = instruction
                    .words
                    .first()
                    .map(|word| expand(&word.text, &self.variables));
                self.workdir = folder
                    .as_ref()
                    .and_then(Text::known)
                    .and_then(|folder| absolute(self.workdir.as_deref(), folder));
            }
            "USER" => {
                self.user = instruction.words.first().map(|word| {
                    (
                        expand(&word.text, &self.variables),
                        At::new(source, word.span),
                    )
                });
            }
            "EXPOSE" => {
                for word in &instruction.words {
                    let text = expand(&word.text, &self.variables);
                    let port = text
                        .known()
                        .filter(|text| !text.ends_with("/udp"))
                        .and_then(|text| text.trim_end_matches("/tcp").parse().ok());
                    self.exposes
                        .extend(port.map(|port| (port, At::new(source, word.span))));
                }
            }
            "COPY" | "ADD" => self.copy(source, &instruction),
            "CMD" => self.command = Some(self.start(&instruction, at)),
            "ENTRYPOINT" => {
                self.entrypoint = Some(self.start(&instruction, at));
                // Docker forgets a CMD that came with the base image.
            }
            "HEALTHCHECK" => {
                let none = instruction
                    .words
                    .first()
                    .is_some_and(|word| word.text == "NONE");
                self.health = (!none).then(|| self.start(&instruction, at));
            }
            _ => {}
        }
        self.instructions.push(instruction);
    }

    fn environment(&mut self, source: &Arc<Source>, instruction: &Instruction) {
        let words = &instruction.words;
        let old = words.first().is_some_and(|word| !word.text.contains('='));
        let pairs: Vec<(String, String, Span)> = if old {
            let value = words[1..]
                .iter()
                .map(|word| word.text.as_str())
                .collect::<Vec<_>>()
                .join(" ");
            vec![(words[0].text.clone(), value, instruction.span)]
        } else {
            words
                .iter()
                .filter_map(|word| {
                    let (name, value) = word.text.split_once('=')?;
                    Some((name.to_owned(), value.to_owned(), word.span))
                })
                .collect()
        };
        for (name, value, span) in pairs {
            let value = expand(&value, &self.variables);
            self.variables.insert(name.clone(), value.clone());
            self.env.push((name, value, At::new(source, span)));
        }
    }

    fn copy(&mut self, source: &Arc<Source>, instruction: &Instruction) {
        let here = !instruction.here.is_empty();
        let mut words: Vec<(Text, Span)> = instruction
            .words
            .iter()
            .filter(|word| !(here && word.text.starts_with("<<")))
            .map(|word| (expand(&word.text, &self.variables), word.span))
            .collect();
        let Some((target, _)) = words.pop() else {
            return;
        };
        let known = target.known();
        self.copies.push(Copy {
            into: known.is_some_and(|target| target.ends_with(['/', '.'])) || words.len() > 1,
            target: known.and_then(|target| absolute(self.workdir.as_deref(), target)),
            from: instruction
                .flag("from")
                .map(|flag| (expand(&flag.value, &self.variables), None)),
            sources: words,
            at: At::new(source, instruction.span),
        });
    }

    fn start(&self, instruction: &Instruction, at: At) -> Start {
        let commands = instruction.commands(at.source.text());
        let words = if instruction.exec {
            instruction
                .words
                .iter()
                .map(|word| (Text::from(word.text.as_str()), word.span))
                .collect()
        } else {
            commands
                .last()
                .map(|command| self.shell_words(&command.words))
                .unwrap_or_default()
        };
        Start {
            words,
            exec: instruction.exec,
            commands,
            at,
        }
    }

    /// The words of a command with the variables of this stage in them.
    pub fn shell_words(&self, words: &[shell::Word]) -> Vec<(Text, Span)> {
        words
            .iter()
            .map(|word| {
                let mut text = Text::default();
                for part in &word.parts {
                    match part {
                        shell::Part::Text(known) => text.push(known),
                        shell::Part::Variable { name, default } => {
                            match (self.variables.get(name), default) {
                                (Some(value), _) => text.append(value),
                                (None, Some(default)) => text.push(default),
                                (None, None) => text.append(&Text::unknown(format!("${name}"))),
                            }
                        }
                        _ => text.append(&Text::unknown("…")),
                    }
                }
                (text, word.span)
            })
            .collect()
    }
}

impl Image {
    /// The last stage.
    pub fn last(&self) -> &Stage {
        self.stages
            .last()
            .expect("internal error: an image without a stage")
    }

    /// The last stage and those that it starts from, nearest first.
    pub fn chain(&self) -> Vec<&Stage> {
        let mut chain = vec![self.last()];
        let mut at = self.last().base_stage;
        while let Some(number) = at {
            if chain.len() > self.stages.len() {
                break;
            }
            chain.push(&self.stages[number]);
            at = self.stages[number].base_stage;
        }
        chain
    }

    /// The user that the image runs as, where it says one.
    pub fn user(&self) -> Option<&(Text, At)> {
        self.chain()
            .into_iter()
            .find_map(|stage| stage.user.as_ref())
    }

    /// The image that everything of the last stage is built on.
    pub fn base(&self) -> (&Text, &At) {
        let stage = *self.chain().last().expect("internal error: an empty chain");
        (&stage.base, &stage.base_at)
    }

    /// Every port that it exposes.
    pub fn exposes(&self) -> Vec<&(u16, At)> {
        self.chain()
            .into_iter()
            .flat_map(|stage| &stage.exposes)
            .collect()
    }

    /// The variables that the running image has.
    pub fn variable(&self, name: &str) -> Option<(&Text, &At)> {
        self.chain().into_iter().find_map(|stage| {
            stage
                .env
                .iter()
                .rev()
                .find(|(own, _, _)| own == name)
                .map(|(_, value, at)| (value, at))
        })
    }

    /// What it starts: entrypoint and arguments as one list of words, and where they stand.
    pub fn start(&self) -> Option<Start> {
        let chain = self.chain();
        let entry_at = chain.iter().position(|stage| stage.entrypoint.is_some());
        let command_at = chain.iter().position(|stage| stage.command.is_some());
        let entry = entry_at.and_then(|at| chain[at].entrypoint.clone());
        let command = command_at.and_then(|at| chain[at].command.clone());
        match (entry, command) {
            (None, command) => command,
            (Some(entry), None) => Some(entry),
            // A CMD of a stage below the entrypoint is forgotten.
            (Some(entry), Some(_)) if command_at > entry_at => Some(entry),
            (Some(entry), Some(_)) if !entry.exec => Some(entry),
            (Some(mut entry), Some(command)) => {
                let mut at = entry.at.clone();
                at.via.push((
                    Arc::clone(&command.at.source),
                    command.at.span,
                    "its arguments".to_owned(),
                ));
                if command.exec {
                    entry.words.extend(command.words);
                } else {
                    entry.words.push((Text::from("/bin/sh"), command.at.span));
                    entry.words.push((Text::from("-c"), command.at.span));
                    entry.words.extend(command.words);
                }
                Some(Start { at, ..entry })
            }
        }
    }
}

/// Replaces `$NAME`, `${NAME}` and `${NAME:-default}`; what is not set is unknown.
pub fn expand(text: &str, variables: &BTreeMap<String, Text>) -> Text {
    let mut all = Text::default();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        all.push(&rest[..at]);
        rest = &rest[at + 1..];
        let (name, default, next) = if let Some(inside) = rest.strip_prefix('{') {
            let Some(end) = inside.find('}') else {
                all.push("$");
                continue;
            };
            let body = &inside[..end];
            let (name, default) = match body.split_once(":-") {
                Some((name, default)) => (name, Some(default)),
                None => (body, None),
            };
            (name, default, &inside[end + 1..])
        } else {
            let end = rest
                .find(|c: char| !(c == '_' || c.is_ascii_alphanumeric()))
                .unwrap_or(rest.len());
            (&rest[..end], None, &rest[end..])
        };
        if name.is_empty() {
            all.push("$");
            continue;
        }
        match (variables.get(name), default) {
            (Some(value), _) => all.append(value),
            (None, Some(default)) => all.push(default),
            (None, None) => all.append(&Text::unknown(format!("${name}"))),
        }
        rest = next;
    }
    all.push(rest);
    all
}

/// `path` seen from `workdir`, as an absolute path without `.` and without a `/` at its end.
pub fn absolute(workdir: Option<&str>, path: &str) -> Option<String> {
    let joined = if path.starts_with('/') {
        tree::join("", path.trim_start_matches('/'))?
    } else {
        tree::join(workdir?.trim_start_matches('/'), path)?
    };
    Some(format!("/{joined}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(text: &str) -> Image {
        read("Dockerfile", &Source::new("Dockerfile", text)).unwrap()
    }

    #[test]
    fn what_an_image_starts_is_entrypoint_and_arguments() {
        let read = image(
            "ARG V=3\nFROM python:$V AS a\nENTRYPOINT [\"gunicorn\"]\nCMD [\"-b\", \"0.0.0.0:80\", \"run:app\"]\n",
        );
        assert!(read.last().base.is("python:3"));
        let words: Vec<String> = read
            .start()
            .unwrap()
            .words
            .iter()
            .map(|(word, _)| word.shown())
            .collect();
        assert_eq!(words, ["gunicorn", "-b", "0.0.0.0:80", "run:app"]);
    }

    #[test]
    fn stages_inherit_from_those_they_start_from() {
        let read = image(
            "FROM a AS base\nWORKDIR /app\nENV PORT=80\nUSER 5\nFROM base\nEXPOSE $PORT\nCOPY x y/\n",
        );
        assert_eq!(read.exposes()[0].0, 80);
        assert!(read.user().unwrap().0.is("5"));
        assert_eq!(read.last().copies[0].target.as_deref(), Some("/app/y"));
        assert!(read.base().0.is("a"));
    }
}
