//! Patterns over file names.
//!
//! Owns the two pattern languages of Helm: that of `.Files.Glob` and that of `.helmignore`. Both are matched
//! in time linear in pattern times name.

use crate::diagnostic::Reporter;
use crate::source::Source;

/// A pattern of `.Files.Glob`: `*`, `**`, `?`, `[a-z]`, `{a,b}`.
#[derive(Debug)]
pub(crate) struct Glob {
    alternatives: Vec<Vec<Token>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Char(char),
    /// One character that is no `/`.
    Any,
    /// Any number of characters that are no `/`.
    Star,
    /// Any number of characters.
    Deep,
    Class {
        not: bool,
        ranges: Vec<(char, char)>,
    },
}

/// Most alternatives that braces may multiply to.
const MAX_ALTERNATIVES: usize = 256;

impl Glob {
    /// Reads a pattern; one that cannot be read matches everything, as it does in Helm.
    pub(crate) fn new(pattern: &str) -> Self {
        let alternatives = expand(pattern)
            .and_then(|patterns| patterns.iter().map(|p| tokens(p)).collect::<Option<_>>())
            .unwrap_or_else(|| vec![vec![Token::Deep]]);
        Self { alternatives }
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        self.alternatives.iter().any(|tokens| matches(tokens, name))
    }
}

fn expand(pattern: &str) -> Option<Vec<String>> {
    let mut done = Vec::new();
    let mut open = vec![pattern.to_owned()];
    while let Some(pattern) = open.pop() {
        let Some(start) = pattern.find('{') else {
            done.push(pattern);
            if done.len() > MAX_ALTERNATIVES {
                return None;
            }
            continue;
        };
        let (mut depth, mut parts, mut from, mut end) = (0_usize, Vec::new(), start + 1, None);
        for (at, c) in pattern[start..].char_indices() {
            let at = start + at;
            match c {
                '{' => depth += 1,
                '}' => {
                    depth -= 1;
                    if depth == 0 {
                        parts.push(&pattern[from..at]);
                        end = Some(at);
                        break;
                    }
                }
                ',' if depth == 1 => {
                    parts.push(&pattern[from..at]);
                    from = at + 1;
                }
                _ => {}
            }
        }
        let end = end?;
        if open.len() + parts.len() > MAX_ALTERNATIVES {
            return None;
        }
        for part in parts {
            open.push(format!(
                "{}{part}{}",
                &pattern[..start],
                &pattern[end + 1..]
            ));
        }
    }
    Some(done)
}

fn tokens(pattern: &str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(match c {
            '*' => {
                if chars.peek() == Some(&'*') {
                    while chars.peek() == Some(&'*') {
                        chars.next();
                    }
                    Token::Deep
                } else {
                    Token::Star
                }
            }
            '?' => Token::Any,
            '\\' => Token::Char(chars.next()?),
            '[' => class(&mut chars)?,
            c => Token::Char(c),
        });
    }
    Some(out)
}

fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Token> {
    let not = matches!(chars.peek(), Some('!' | '^'));
    if not {
        chars.next();
    }
    let mut ranges = Vec::new();
    loop {
        let mut low = chars.next()?;
        if low == ']' && !ranges.is_empty() {
            return Some(Token::Class { not, ranges });
        }
        if low == '\\' {
            low = chars.next()?;
        }
        let mut high = low;
        if chars.peek() == Some(&'-') {
            chars.next();
            match chars.peek() {
                Some(']') => {
                    ranges.push((low, low));
                    low = '-';
                    high = '-';
                }
                Some(_) => high = chars.next()?,
                None => return None,
            }
        }
        ranges.push((low, high));
    }
}

fn matches(tokens: &[Token], name: &str) -> bool {
    // Most patterns say at their first or last character that a name is another.
    let (first, last) = (tokens.first(), tokens.last());
    if matches!(first, Some(Token::Char(wanted)) if !name.starts_with(*wanted))
        || matches!(last, Some(Token::Char(wanted)) if !name.ends_with(*wanted))
    {
        return false;
    }
    if tokens.iter().all(|token| matches!(token, Token::Char(_))) {
        let mut wanted = tokens.iter();
        return name.chars().all(|c| wanted.next() == Some(&Token::Char(c)))
            && wanted.next().is_none();
    }
    // The set of positions in the pattern that the name read so far can be at.
    let mut states = vec![false; tokens.len() + 1];
    let mut next = states.clone();
    states[0] = true;
    let close = |states: &mut [bool]| {
        for at in 0..tokens.len() {
            if states[at] && matches!(tokens[at], Token::Star | Token::Deep) {
                states[at + 1] = true;
            }
        }
    };
    close(&mut states);
    for c in name.chars() {
        next.fill(false);
        for (at, token) in tokens.iter().enumerate() {
            if !states[at] {
                continue;
            }
            match token {
                Token::Char(wanted) => next[at + 1] |= *wanted == c,
                Token::Any => next[at + 1] |= c != '/',
                Token::Star => next[at] |= c != '/',
                Token::Deep => next[at] = true,
                Token::Class { not, ranges } => {
                    let inside = ranges.iter().any(|(low, high)| (low..=high).contains(&&c));
                    next[at + 1] |= inside != *not && c != '/';
                }
            }
        }
        std::mem::swap(&mut states, &mut next);
        close(&mut states);
    }
    states[tokens.len()]
}

/// One line of `.helmignore`.
#[derive(Debug)]
pub(crate) struct IgnoreRule {
    glob: Glob,
    anchored: bool,
    only_folders: bool,
    negated: bool,
}

impl IgnoreRule {
    /// Reads a line; comments and empty lines give nothing.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let mut text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            return None;
        }
        let negated = text.starts_with('!');
        if negated {
            text = &text[1..];
        }
        let only_folders = text.ends_with('/');
        text = text.strip_suffix('/').unwrap_or(text);
        let anchored = text.contains('/');
        let text = text.strip_prefix('/').unwrap_or(text);
        Some(Self {
            // `**` has no meaning here; each star stands for itself.
            glob: Glob {
                alternatives: vec![single_stars(text)?],
            },
            anchored,
            only_folders,
            negated,
        })
    }

    /// Whether the rule speaks of the file or folder at `path` itself.
    pub(crate) fn hits(&self, path: &str, folder: bool) -> bool {
        if self.only_folders && !folder {
            return false;
        }
        let name = if self.anchored {
            path
        } else {
            path.rsplit('/').next().unwrap_or(path)
        };
        self.glob.matches(name)
    }
}

fn single_stars(text: &str) -> Option<Vec<Token>> {
    let mut tokens = tokens(text)?;
    for token in &mut tokens {
        if *token == Token::Deep {
            *token = Token::Star;
        }
    }
    Some(tokens)
}

/// What a chart's `.helmignore` leaves out.
#[derive(Debug)]
pub struct Ignore(Vec<IgnoreRule>);

impl Default for Ignore {
    /// The rule that always holds: hidden files among the templates are none.
    fn default() -> Self {
        Self(IgnoreRule::parse("templates/.?*").into_iter().collect())
    }
}

impl Ignore {
    /// Reads a `.helmignore`; `shown` is the chart's folder as messages name it.
    ///
    /// Nothing comes back where an error was told.
    pub fn read(shown: &str, bytes: &[u8], report: &mut Reporter) -> Option<Self> {
        let source = Source::new(
            format!("{shown}/.helmignore"),
            String::from_utf8_lossy(bytes),
        );
        let mut ignore = Self::default();
        for (number, line) in (1..).zip(source.text().lines()) {
            if line.contains("**") && !line.trim_start().starts_with('#') {
                report
                    .error("chart-ignore", "`**` has no meaning in .helmignore")
                    .at(&source, source.line(number), "")
                    .help("name the folder alone; what is below it is left out with it");
                return None;
            }
            ignore.0.extend(IgnoreRule::parse(line));
        }
        Some(ignore)
    }

    /// Whether the file or folder at `path`, counted from the chart, is left out for itself.
    pub fn excludes(&self, path: &str, folder: bool) -> bool {
        // A rule that is negated leaves out everything else, in Helm.
        self.0
            .iter()
            .any(|rule| rule.hits(path, folder) != rule.negated)
    }

    /// Whether the file at `path` is left out, itself or with a folder above it.
    pub(crate) fn covers(&self, path: &str) -> bool {
        let folders = path.match_indices('/').map(|(at, _)| (&path[..at], true));
        folders
            .chain([(path, false)])
            .any(|(path, folder)| self.excludes(path, folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_are_those_of_helm() {
        for (pattern, name, expected) in [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "a/b.yaml", false),
            ("**.yaml", "a/b.yaml", true),
            ("files/{a,b}.txt", "files/b.txt", true),
            ("f[a-c]?.x", "fbz.x", true),
            ("f[!a-c].x", "fb.x", false),
        ] {
            assert_eq!(
                Glob::new(pattern).matches(name),
                expected,
                "{pattern} {name}"
            );
        }
    }

    #[test]
    fn ignore_rules_take_folders_with_all_below() {
        let ignore = Ignore::read("demo", b"ci/\n*.tmp\n/root.md\n", &mut Reporter::new()).unwrap();
        assert!(ignore.covers("ci/a.yaml"));
        assert!(ignore.covers("templates/x.tmp"));
        assert!(!ignore.covers("templates/ci"));
        assert!(ignore.covers("root.md"));
        assert!(!ignore.covers("docs/root.md"));
        assert!(ignore.covers("templates/.hidden.yaml"));
    }
}
