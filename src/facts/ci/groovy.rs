//! Jenkinsfiles: their `sh` steps, `dir` blocks and variables.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::facts::command::{Argument, Command, Place};
use crate::facts::text::Text;
use crate::facts::{image, tree};
use crate::source::{Source, Span, shell};

use super::Variables;

/// A word, a string or a sign of Groovy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    /// The inside of a string, and whether `$` means something in it.
    Text(Span, bool),
    Sign(u8),
}

/// The commands of a Jenkinsfile.
pub fn jenkins(path: &str, source: &Arc<Source>) -> Vec<Command> {
    let tokens = tokens(source.text());
    let variables = variables(source, &tokens);
    // What another repository brings is not here.
    let clones = source.text().matches("git clone").count()
        + tokens
            .windows(2)
            .filter(|pair| {
                matches!(pair, [(Token::Word("url"), _), (Token::Sign(b':'), _)])
                    || matches!(pair, [(Token::Word("unstash" | "copyArtifacts"), _), _])
            })
            .count();
    let mut folders: Vec<(usize, Option<String>)> = Vec::new();
    let mut depth: usize = 0;
    let mut all = Vec::new();
    for (at, (token, start)) in tokens.iter().enumerate() {
        match token {
            Token::Sign(b'{') => depth += 1,
            Token::Sign(b'}') => {
                depth = depth.saturating_sub(1);
                while folders.last().is_some_and(|(own, _)| *own > depth) {
                    folders.pop();
                }
            }
            Token::Word("dir") => {
                if let Some((Token::Text(span, _), _)) = after(&tokens, at) {
                    let inside = unescaped(source, span).0;
                    let folder = (!inside.contains('$')).then_some(inside);
                    folders.push((depth + 1, folder));
                }
            }
            Token::Word("sh" | "bat") => {
                let Some((Token::Text(span, fills), _)) = after(&tokens, at) else {
                    continue;
                };
                let mut here = Some(String::new());
                for (_, folder) in &folders {
                    here = here
                        .zip(folder.as_ref())
                        .and_then(|(from, to)| tree::join(&from, to));
                }
                let here: Vec<String> = here.filter(|_| clones < 2).into_iter().collect();
                let (text, places) = if fills {
                    unescaped(source, span)
                } else {
                    single(source, span)
                };
                let mut commands = shell::commands(&text, 0);
                super::moved(&mut commands, &|at| {
                    places.get(at).copied().unwrap_or(span.end)
                });
                all.extend(super::read(path, source, &commands, &variables, here));
            }
            Token::Word("build") => {
                if let Some(command) = build(path, source, &tokens, at, &variables, *start) {
                    all.push(command);
                }
            }
            _ => {}
        }
    }
    all
}

/// The string behind `sh`, `sh(`, `sh script:` or `sh(script:`.
fn after<'t>(tokens: &[(Token<'t>, usize)], at: usize) -> Option<(Token<'t>, usize)> {
    let mut rest = tokens.get(at + 1..)?.iter();
    let mut next = rest.next()?;
    if next.0 == Token::Sign(b'(') {
        next = rest.next()?;
    }
    if matches!(
        next.0,
        Token::Word("script" | "path" | "returnStdout" | "label")
    ) {
        // Named arguments: the one called `script` is meant.
        let mut found = None;
        let list = &tokens[at + 1..(at + 20).min(tokens.len())];
        for three in list.windows(3) {
            if let [(Token::Word("script"), _), (Token::Sign(b':'), _), text] = three {
                found = Some(*text);
                break;
            }
        }
        return found;
    }
    Some(*next)
}

/// `docker.build("name:tag", "-f file context")`.
fn build(
    path: &str,
    source: &Arc<Source>,
    tokens: &[(Token<'_>, usize)],
    at: usize,
    variables: &Variables,
    start: usize,
) -> Option<Command> {
    let before = at.checked_sub(2).and_then(|from| tokens.get(from..at))?;
    let [(Token::Word("docker"), _), (Token::Sign(b'.'), _)] = before else {
        return None;
    };
    let (Token::Text(name, fills), _) = after(tokens, at)? else {
        return None;
    };
    let text = value(source, name, fills, variables);
    let word = |text: &str| Argument {
        text: Text::from(text),
        span: name,
    };
    let mut arguments = vec![word("build"), word("-t"), Argument { text, span: name }];
    let open = tokens
        .get(at + 1)
        .is_some_and(|one| one.0 == Token::Sign(b'('));
    let next = at + if open { 3 } else { 2 };
    let rest = match tokens.get(next..next + 2) {
        Some([(Token::Sign(b','), _), (Token::Text(rest, fills), _)]) => {
            Some(value(source, *rest, *fills, variables))
        }
        _ => None,
    };
    match rest.as_ref().map(Text::known) {
        Some(Some(rest)) => arguments.extend(rest.split_whitespace().map(word)),
        Some(None) => return None,
        None => arguments.push(word(".")),
    }
    Some(Command {
        program: "docker".to_owned(),
        arguments,
        source: Arc::clone(source),
        span: Span::new(start, name.end),
        place: Place::Script(path.to_owned()),
        folders: vec![String::new()],
        after: shell::After::End,
        here: false,
    })
}

/// `NAME = 'value'` wherever it stands; names with two values are not known.
fn variables(source: &Arc<Source>, tokens: &[(Token<'_>, usize)]) -> Variables {
    let mut all: BTreeMap<String, Option<Text>> = BTreeMap::new();
    for (at, three) in tokens.windows(3).enumerate() {
        let [(Token::Word(name), _), (Token::Sign(b'='), _), (what, _)] = three else {
            continue;
        };
        let joined = tokens
            .get(at + 3)
            .is_some_and(|one| one.0 == Token::Sign(b'+'));
        let text = match what {
            Token::Text(span, fills) if !joined => {
                Some(value(source, *span, *fills, &Variables::new()))
            }
            _ => None,
        };
        match all.get(*name) {
            Some(known) if *known != text => {
                all.insert((*name).to_owned(), None);
            }
            _ => {
                all.insert((*name).to_owned(), text);
            }
        }
    }
    all.into_iter()
        .filter_map(|(name, text)| Some((name, text?)))
        .collect()
}

fn value(source: &Source, span: Span, fills: bool, variables: &Variables) -> Text {
    if !fills {
        return Text::from(source.slice(span));
    }
    let text = image::expand(&unescaped(source, span).0, &BTreeMap::new());
    super::resolve(&text, variables, 0)
}

/// The inside of a double-quoted string as the shell gets it, and where each byte stood; `${env.NAME}`
/// becomes `${NAME}`.
fn unescaped(source: &Source, span: Span) -> (String, Vec<usize>) {
    let raw = source.slice(span);
    let mut text = String::with_capacity(raw.len());
    let mut places = Vec::with_capacity(raw.len() + 1);
    let mut at = 0;
    while at < raw.len() {
        let rest = &raw[at..];
        let skip =
            if rest.starts_with("\\$") || rest.starts_with("\\\\") || rest.starts_with("\\\"") {
                1
            } else {
                0
            };
        let c = rest[skip..].chars().next().unwrap_or(' ');
        for _ in 0..c.len_utf8() {
            places.push(span.start + at);
        }
        text.push(c);
        at += skip + c.len_utf8();
        for prefix in ["env.", "params."] {
            if text.ends_with("${") && raw[at..].starts_with(prefix) {
                at += prefix.len();
            }
        }
    }
    places.push(span.end);
    (text, places)
}

fn single(source: &Source, span: Span) -> (String, Vec<usize>) {
    let raw = source.slice(span);
    let places = (span.start..=span.end).collect();
    (raw.to_owned(), places)
}

/// Words, strings and signs; comments are left out.
fn tokens(text: &str) -> Vec<(Token<'_>, usize)> {
    let bytes = text.as_bytes();
    let mut all = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let c = bytes[at];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if c == b'\'' || c == b'"' {
            let quote = &rest[..1];
            let triple = quote.repeat(3);
            let (open, close) = if rest.starts_with(&triple) {
                (3, triple.as_str())
            } else {
                (1, quote)
            };
            let from = at + open;
            let mut end = from;
            while end < bytes.len() && !text[end..].starts_with(close) {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
                while end < bytes.len() && !text.is_char_boundary(end) {
                    end += 1;
                }
            }
            let end = end.min(bytes.len());
            all.push((Token::Text(Span::new(from, end), c == b'"'), at));
            at = end + open;
        } else if c == b'_' || c.is_ascii_alphabetic() {
            let end = rest
                .find(|c: char| !(c == '_' || c.is_ascii_alphanumeric()))
                .unwrap_or(rest.len());
            all.push((Token::Word(&rest[..end]), at));
            at += end;
        } else if c.is_ascii_whitespace() {
            at += 1;
        } else if c.is_ascii() {
            all.push((Token::Sign(c), at));
            at += 1;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let source = Source::new("Jenkinsfile", text);
        jenkins("Jenkinsfile", &source)
            .iter()
            .map(|command| {
                let words: Vec<String> = command
                    .arguments
                    .iter()
                    .map(|argument| argument.text.shown())
                    .collect();
                format!(
                    "{} {} in {:?}",
                    command.program,
                    words.join(" "),
                    command.folders
                )
            })
            .collect()
    }

    #[test]
    fn steps_know_their_variables_and_folders() {
        let text = "environment { IMAGE = 'shop/web'\n TAG = \"${env.BUILD_NUMBER}\" }\n\
                    // sh 'not me'\nsh \"docker build -t ${IMAGE}:${TAG} .\"\n\
                    dir('app') { sh 'make test' }\nsh(script: '''\n  make \\$X\n''', returnStdout: true)\n";
        assert_eq!(
            shown(text),
            [
                "docker build -t shop/web:${{ $BUILD_NUMBER }} . in [\"\"]",
                "make test in [\"app\"]",
                "make $X in [\"\"]",
            ]
        );
    }

    #[test]
    fn places_are_those_of_the_file() {
        let text = "sh \"\"\"\n  echo \\$A\n  docker push web\n\"\"\"\n";
        let source = Source::new("Jenkinsfile", text);
        let commands = jenkins("Jenkinsfile", &source);
        assert_eq!(commands[1].at().text(), "docker push web");
    }
}
