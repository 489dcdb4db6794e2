//! Commands of workflows and scripts, with what is known of their arguments.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::shell::{self, After, Part, Word};
use crate::source::{Source, Span};

use super::At;
use super::text::Text;
use super::tree;
use super::workflow::{self, Workflow};

/// Who runs a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A step: numbers of workflow, job and step.
    Step(usize, usize, usize),
    /// A script, by its path below the root.
    Script(String),
}

/// One argument.
#[derive(Debug, Clone)]
pub struct Argument {
    /// What is known of it.
    pub text: Text,
    /// Its bytes.
    pub span: Span,
}

/// A command with its arguments.
#[derive(Debug, Clone)]
pub struct Command {
    /// The program without its folder.
    pub program: String,
    /// The arguments behind it.
    pub arguments: Vec<Argument>,
    /// The file.
    pub source: Arc<Source>,
    /// The bytes.
    pub span: Span,
    /// Who runs it.
    pub place: Place,
    /// The folders that it may run in; empty where that is not known.
    pub folders: Vec<String>,
    /// What stands behind it.
    pub after: After,
    /// Whether input is a here-document.
    pub here: bool,
}

impl Command {
    /// Where the command stands.
    pub fn at(&self) -> At {
        At::new(&self.source, self.span)
    }

    /// Where an argument stands.
    pub fn argument_at(&self, argument: &Argument) -> At {
        At::new(&self.source, argument.span)
    }

    /// The values of an option, given as `--name value` or `--name=value`.
    pub fn options(&self, names: &[&str]) -> Vec<Argument> {
        let mut values = Vec::new();
        let mut at = 0;
        while let Some(argument) = self.arguments.get(at) {
            at += 1;
            if names.iter().any(|name| argument.text.is(name)) {
                values.extend(self.arguments.get(at).cloned());
                at += 1;
                continue;
            }
            let Some((name, value)) = argument.text.split_once('=') else {
                continue;
            };
            if names.iter().any(|own| name.is(own)) {
                values.push(Argument {
                    text: value,
                    span: argument.span,
                });
            }
        }
        values
    }

    /// The last value of an option.
    pub fn option(&self, names: &[&str]) -> Option<Argument> {
        self.options(names).pop()
    }

    /// Whether a bare option is given.
    pub fn has(&self, name: &str) -> bool {
        self.arguments.iter().any(|argument| {
            argument.text.is(name) || argument.text.prefix().starts_with(&format!("{name}="))
        })
    }

    /// The arguments that are no options, where those in `valued` take a value each.
    pub fn positional(&self, valued: &[&str]) -> Vec<&Argument> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(argument) = self.arguments.get(at) {
            at += 1;
            let prefix = argument.text.prefix();
            if prefix == "--" {
                continue;
            }
            if prefix.starts_with('-') && prefix.len() > 1 {
                let bare = argument.text.known().unwrap_or("=");
                if valued.contains(&bare) {
                    at += 1;
                }
                continue;
            }
            found.push(argument);
        }
        found
    }

    /// Whether the first arguments that are no options are these words.
    pub fn is(&self, program: &str, words: &[&str]) -> bool {
        self.program == program
            && words.iter().enumerate().all(|(at, word)| {
                self.arguments
                    .iter()
                    .filter(|argument| !argument.text.prefix().starts_with('-'))
                    .nth(at)
                    .is_some_and(|argument| argument.text.is(word))
            })
    }
}

/// The commands of every step of a workflow.
pub fn of_workflow(number: usize, workflow: &Workflow) -> Vec<Command> {
    let mut all = Vec::new();
    for (job_number, job) in workflow.jobs.iter().enumerate() {
        for (step_number, step) in job.steps.iter().enumerate() {
            let folder = step
                .folder
                .as_ref()
                .map(|folder| workflow.resolve(job_number, Some(step_number), folder));
            let folders = folders_of(folder.as_ref());
            let lookup = |name: &str| {
                let value = workflow.variable(job_number, Some(step_number), name)?;
                Some(workflow.resolve(job_number, Some(step_number), &value))
            };
            let mut reader = Reader {
                source: &workflow.source,
                place: Place::Step(number, job_number, step_number),
                start: folders.clone(),
                folders,
                variables: BTreeMap::new(),
                lookup: &lookup,
                expand: &|text| workflow.resolve(job_number, Some(step_number), text),
            };
            all.extend(
                step.run
                    .iter()
                    .filter_map(|command| reader.command(command)),
            );
        }
    }
    all
}

/// Where a step begins: the root unless it says a folder, and nowhere where that is not known.
pub fn folders_of(folder: Option<&Text>) -> Vec<String> {
    match folder {
        None => vec![String::new()],
        Some(folder) => folder
            .known()
            .and_then(|folder| tree::join("", folder))
            .into_iter()
            .collect(),
    }
}

/// The commands of a script at `path`.
pub fn of_script(path: &str, source: &Arc<Source>) -> Vec<Command> {
    let own = tree::folder(path).to_owned();
    let mut folders = vec![String::new(), own];
    folders.dedup();
    let commands = shell::commands(source.text(), 0);
    of_commands(path, source, &commands, folders, &|_| None)
}

/// The commands of a file, with `lookup` for the variables that it does not set itself.
pub fn of_commands(
    path: &str,
    source: &Arc<Source>,
    commands: &[shell::Command],
    folders: Vec<String>,
    lookup: &dyn Fn(&str) -> Option<Text>,
) -> Vec<Command> {
    let mut reader = Reader {
        source,
        place: Place::Script(path.to_owned()),
        start: folders.clone(),
        folders,
        variables: BTreeMap::new(),
        lookup,
        expand: &Text::clone,
    };
    commands
        .iter()
        .filter_map(|command| reader.command(command))
        .collect()
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    place: Place,
    start: Vec<String>,
    folders: Vec<String>,
    variables: BTreeMap<String, Option<Text>>,
    lookup: &'a dyn Fn(&str) -> Option<Text>,
    expand: &'a dyn Fn(&Text) -> Text,
}

impl Reader<'_> {
    fn command(&mut self, command: &shell::Command) -> Option<Command> {
        for (name, value) in &command.assignments {
            if command.words.is_empty() {
                self.assign(name, value);
            }
        }
        let mut words = command.words.as_slice();
        while let Some(word) = words.first() {
            if ["sudo", "exec", "command", "env", "nohup"]
                .iter()
                .any(|word_| word.is(word_))
            {
                words = &words[1..];
                while words.first().is_some_and(|word| {
                    word.prefix().contains('=') && !word.prefix().starts_with('-')
                }) {
                    words = &words[1..];
                }
            } else {
                break;
            }
        }
        let program = match words.first()?.parts.as_slice() {
            [Part::Text(text)] => text.rsplit('/').next().unwrap_or(text).to_owned(),
            _ => String::new(),
        };
        if matches!(
            program.as_str(),
            "export" | "readonly" | "local" | "declare"
        ) {
            for word in &words[1..] {
                self.declare(word);
            }
        }
        if program == "read" {
            for word in &words[1..] {
                self.variables.insert(word.prefix().to_owned(), None);
            }
        }
        let arguments: Vec<Argument> = words[1..]
            .iter()
            .map(|word| Argument {
                text: self.text(word),
                span: word.span,
            })
            .collect();
        if program == "cd" || program == "pushd" {
            self.enter(arguments.first());
        }
        Some(Command {
            program,
            arguments,
            source: Arc::clone(self.source),
            span: command.span,
            place: self.place.clone(),
            folders: self.folders.clone(),
            after: command.after,
            here: command.here,
        })
    }

    fn declare(&mut self, word: &Word) {
        let Some(Part::Text(first)) = word.parts.first() else {
            return;
        };
        if let Some((name, rest)) = first.split_once('=') {
            let mut value = word.clone();
            value.parts[0] = Part::Text(rest.to_owned());
            self.assign(&name.to_owned(), &value);
        }
    }

    fn assign(&mut self, name: &String, value: &Word) {
        let value = self.text(value);
        match self.variables.get(name) {
            // Which of several assignments holds only running it would tell.
            Some(known) if known.as_ref() != Some(&value) => {
                self.variables.insert(name.clone(), None);
            }
            _ => {
                self.variables.insert(name.clone(), Some(value));
            }
        }
    }

    fn enter(&mut self, folder: Option<&Argument>) {
        if let Some(own) = folder.and_then(|folder| self.beside_itself(folder)) {
            self.folders = vec![own];
            return;
        }
        let Some(folder) = folder.and_then(|folder| folder.text.known()) else {
            self.folders.clear();
            return;
        };
        let mut folders: Vec<String> = self
            .folders
            .iter()
            .chain(&self.start)
            .filter_map(|from| tree::join(from, folder))
            .collect();
        // A subshell may have ended since: then it is the old folder again.
        folders.extend(self.folders.iter().cloned());
        folders.sort();
        folders.dedup();
        self.folders = folders;
    }

    /// The folder that a script enters when it enters its own: `cd "$(dirname "$0")/.."`.
    fn beside_itself(&self, folder: &Argument) -> Option<String> {
        let Place::Script(path) = &self.place else {
            return None;
        };
        let word = self.source.slice(folder.span).trim_matches('"');
        if !word.starts_with("$(") || !word.contains("dirname") {
            return None;
        }
        if !word.contains("BASH_SOURCE") && !word.contains("$0") {
            return None;
        }
        let rest = word.rsplit_once(')').map_or("", |(_, rest)| rest);
        let rest = rest.trim_start_matches('"').trim_start_matches('/');
        if rest.contains(['$', '`']) {
            return None;
        }
        tree::join(tree::folder(path), rest)
    }

    fn text(&self, word: &Word) -> Text {
        let mut all = Text::default();
        for part in &word.parts {
            match part {
                Part::Text(text) => all.push(text),
                Part::Expression(expression) => {
                    all.append(&(self.expand)(&workflow::text(&format!(
                        "${{{{ {expression} }}}}"
                    ))));
                }
                Part::Variable { name, .. } => match self.variables.get(name) {
                    Some(Some(value)) => all.append(value),
                    Some(None) => all.append(&Text::unknown(format!("${name}"))),
                    None => match (self.lookup)(name) {
                        Some(value) => all.append(&value),
                        None => all.append(&Text::unknown(format!("${name}"))),
                    },
                },
                Part::Unknown => all.append(&Text::unknown("$(…)")),
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Command {
        of_script("a/b.sh", &Source::new("a/b.sh", text))
            .pop()
            .unwrap()
    }

    #[test]
    fn variables_of_the_script_are_followed() {
        let command = one("R=r.io\nexport I=$R/app\ndocker push \"$I:$TAG\"\n");
        assert_eq!(command.arguments[1].text.prefix(), "r.io/app:");
        let command = one("if x; then I=a; else I=b; fi\ndocker push $I\n");
        assert!(command.arguments[1].text.is_partial());
    }

    #[test]
    fn a_script_that_enters_its_own_folder_is_followed() {
        let own = |line: &str| one(&format!("{line}\nhelm lint chart\n")).folders;
        assert_eq!(own("cd \"$(dirname \"$0\")\""), ["a"]);
        assert_eq!(own("cd \"$(dirname \"${BASH_SOURCE[0]}\")/..\""), [""]);
        assert_eq!(own("cd $(dirname $0)/x"), ["a/x"]);
        let both = own("cd \"$(cd \"$(dirname \"$0\")\" && pwd)\"");
        assert_eq!(both, ["a"]);
        assert!(own("cd \"$(dirname \"$CONFIG\")\"").is_empty());
        assert!(own("cd \"$(git rev-parse --show-toplevel)\"").is_empty());
    }

    #[test]
    fn options_are_found_in_both_spellings() {
        let command =
            one("helm upgrade --install web ./chart -f a.yaml --values=b.yaml --set x=1\n");
        let files = command.options(&["-f", "--values"]);
        assert_eq!(files.len(), 2);
        let positional = command.positional(&["-f", "--set"]);
        assert!(positional[1].text.is("web") && positional[2].text.is("./chart"));
        assert!(command.is("helm", &["upgrade"]));
    }
}
