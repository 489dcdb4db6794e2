//! Shell scripts as simple commands with spans: enough to see which programs are called with what.
//!
//! Owns words, quoting, expansions by name, here-documents and the operators between commands. It never
//! fails: what it does not understand becomes an unknown part of a word. `${{ … }}` of GitHub workflows is
//! a part of its own, because `run:` blocks are full of it. Evaluates nothing.

use super::Span;

/// Deepest nesting of `$( … )` that is looked into.
const MAX_DEPTH: usize = 24;

/// A stretch of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as the program sees it.
    Text(String),
    /// `$NAME`, `${NAME}` or `${NAME:-default}`.
    Variable {
        /// The name.
        name: String,
        /// The text behind `:-` or `-`, where it is plain.
        default: Option<String>,
    },
    /// The inside of `${{ … }}`.
    Expression(String),
    /// Anything that only running the script would tell.
    Unknown,
}

/// One argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What it is made of.
    pub parts: Vec<Part>,
    /// The bytes, with quotes.
    pub span: Span,
}

impl Word {
    /// The text, where no part of it depends on anything.
    pub fn literal(&self) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(part) => text.push_str(part),
                _ => return None,
            }
        }
        Some(text)
    }

    /// Whether it is exactly this text.
    pub fn is(&self, text: &str) -> bool {
        matches!(self.parts.as_slice(), [Part::Text(only)] if only == text)
            || (text.is_empty() && self.parts.is_empty())
    }

    /// The literal text that it begins with.
    pub fn prefix(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }
}

/// What stands behind a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// A line break, `;`, `&` or the end.
    End,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|`.
    Pipe,
}

/// One simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// `NAME=value` in front of it, or alone.
    pub assignments: Vec<(String, Word)>,
    /// The program and its arguments; empty for assignments alone.
    pub words: Vec<Word>,
    /// Where output is sent: the word behind `>` or `>>`.
    pub outputs: Vec<Word>,
    /// Whether input is a here-document.
    pub here: bool,
    /// The bytes.
    pub span: Span,
    /// What stands behind it.
    pub after: After,
    /// How many `$( … )` it stands in.
    pub depth: usize,
}

impl Command {
    /// The program without its folder; empty where it is not literal.
    pub fn program(&self) -> &str {
        match self.words.first().map(|word| word.parts.as_slice()) {
            Some([Part::Text(text)]) => text.rsplit('/').next().unwrap_or(text),
            _ => "",
        }
    }
}

/// Reads the commands of `text`, those inside `$( … )` in front of the one that holds them; spans are
/// moved by `base`.
pub fn commands(text: &str, base: usize) -> Vec<Command> {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        base,
        depth: 0,
        end: 0,
        out: Vec::new(),
        here: Vec::new(),
    };
    while reader.at < reader.bytes.len() {
        reader.list(None);
        // A stray `)` ends a list; what follows is read on.
        reader.at += 1;
    }
    reader.out
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    base: usize,
    depth: usize,
    end: u8,
    out: Vec<Command>,
    here: Vec<(String, bool)>,
}

const KEYWORDS: [&str; 12] = [
    "if", "then", "elif", "else", "do", "while", "until", "!", "{", "time", "fi", "done",
];

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn starts(&self, text: &str) -> bool {
        self.bytes[self.at.min(self.bytes.len())..].starts_with(text.as_bytes())
    }

    fn list(&mut self, end: Option<u8>) {
        let mut command = self.fresh();
        loop {
            self.blanks();
            let c = self.peek(0);
            if self.at >= self.bytes.len() || end == Some(c) {
                self.push(&mut command, After::End);
                return;
            }
            match c {
                b'\n' => {
                    self.push(&mut command, After::End);
                    self.at += 1;
                    self.skip_here();
                }
                b'#' => self.at = self.line_end(),
                b';' => {
                    self.at += 1;
                    self.push(&mut command, After::End);
                }
                b'&' if self.peek(1) == b'&' => {
                    self.at += 2;
                    self.push(&mut command, After::And);
                }
                b'&' if self.peek(1) == b'>' => {
                    self.at += 1;
                }
                b'&' => {
                    self.at += 1;
                    self.push(&mut command, After::End);
                }
                b'|' if self.peek(1) == b'|' => {
                    self.at += 2;
                    self.push(&mut command, After::Or);
                }
                b'|' => {
                    self.at += 1;
                    self.push(&mut command, After::Pipe);
                }
                b'(' | b')' => {
                    self.at += 1;
                    self.push(&mut command, After::End);
                }
                b'<' | b'>' => self.redirect(&mut command),
                b'`' if end == Some(b'`') => return,
                _ => self.argument(&mut command),
            }
        }
    }

    fn fresh(&self) -> Command {
        Command {
            assignments: Vec::new(),
            words: Vec::new(),
            outputs: Vec::new(),
            here: false,
            span: Span::default(),
            after: After::End,
            depth: self.depth,
        }
    }

    fn push(&mut self, command: &mut Command, after: After) {
        let fresh = self.fresh();
        let mut done = std::mem::replace(command, fresh);
        done.after = after;
        if !(done.words.is_empty() && done.assignments.is_empty()) {
            self.out.push(done);
        }
    }

    fn blanks(&mut self) {
        loop {
            match self.peek(0) {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\\' if self.peek(1) == b'\n' => self.at += 2,
                b'\\' if self.peek(1) == b'\r' && self.peek(2) == b'\n' => self.at += 3,
                _ => return,
            }
        }
    }

    fn line_end(&self) -> usize {
        self.bytes[self.at..]
            .iter()
            .position(|&c| c == b'\n')
            .map_or(self.bytes.len(), |at| self.at + at)
    }

    fn skip_here(&mut self) {
        for (end, tabs) in std::mem::take(&mut self.here) {
            while self.at < self.bytes.len() {
                let stop = self.line_end();
                let line = &self.text[self.at..stop];
                self.at = (stop + 1).min(self.bytes.len());
                let line = line.trim_end_matches('\r');
                let line = if tabs {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                // In a `run:` block that YAML has not dedented the end stands behind blanks.
                if line.trim() == end {
                    break;
                }
            }
        }
    }

    fn redirect(&mut self, command: &mut Command) {
        if self.starts("<<") && !self.starts("<<<") {
            self.at += 2;
            let tabs = self.peek(0) == b'-';
            if tabs {
                self.at += 1;
            }
            self.blanks();
            let word = self.word();
            let end = word.literal().unwrap_or_default();
            if !end.is_empty() {
                self.here.push((end, tabs));
            }
            command.here = true;
            return;
        }
        let mut output = self.peek(0) == b'>';
        while matches!(self.peek(0), b'<' | b'>' | b'&' | b'|') {
            // `2>&1` sends to no file.
            output &= self.peek(0) != b'&';
            self.at += 1;
        }
        // `>( … )` and `<( … )` run commands.
        if self.peek(0) == b'(' {
            return;
        }
        self.blanks();
        if matches!(self.peek(0), 0 | b'\n') {
            return;
        }
        let word = self.word();
        if output {
            command.outputs.push(word);
        }
    }

    fn argument(&mut self, command: &mut Command) {
        let start = self.at;
        let word = self.word();
        if self.at == start {
            self.at += 1;
            while !self.text.is_char_boundary(self.at) {
                self.at += 1;
            }
            return;
        }
        // `2>` is a redirection with a number.
        if matches!(self.peek(0), b'<' | b'>')
            && self.text[start..self.at]
                .bytes()
                .all(|c| c.is_ascii_digit())
        {
            return;
        }
        if command.words.is_empty() {
            if KEYWORDS.iter().any(|keyword| word.is(keyword)) {
                return;
            }
            if let Some((name, value)) = assignment(&word) {
                self.extend(command, word.span);
                command.assignments.push((name, value));
                return;
            }
        }
        self.extend(command, word.span);
        command.words.push(word);
    }

    fn extend(&self, command: &mut Command, span: Span) {
        if command.words.is_empty() && command.assignments.is_empty() {
            command.span = span;
        }
        command.span.end = span.end;
    }

    fn word(&mut self) -> Word {
        let start = self.at;
        let mut parts = Parts::default();
        loop {
            let c = self.peek(0);
            if self.at >= self.bytes.len() {
                break;
            }
            match c {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' => {
                    break;
                }
                b'\\' => self.escape(&mut parts, false),
                b'\'' => self.single(&mut parts),
                b'"' => self.double(&mut parts),
                b'$' => self.dollar(&mut parts),
                b'`' if self.end == b'`' => break,
                b'`' => self.backtick(&mut parts),
                _ => {
                    let from = self.at;
                    while self.at < self.bytes.len()
                        && !matches!(
                            self.bytes[self.at],
                            b' ' | b'\t'
                                | b'\r'
                                | b'\n'
                                | b';'
                                | b'&'
                                | b'|'
                                | b'('
                                | b')'
                                | b'<'
                                | b'>'
                                | b'\\'
                                | b'\''
                                | b'"'
                                | b'$'
                                | b'`'
                        )
                    {
                        self.at += 1;
                    }
                    parts.text(&self.text[from..self.at]);
                }
            }
        }
        Word {
            parts: parts.done(),
            span: Span::new(self.base + start, self.base + self.at),
        }
    }

    fn escape(&mut self, parts: &mut Parts, quoted: bool) {
        self.at += 1;
        match self.peek(0) {
            b'\n' => self.at += 1,
            b'\r' if self.peek(1) == b'\n' => self.at += 2,
            _ => {
                let Some(c) = self.text[self.at..].chars().next() else {
                    return;
                };
                if quoted && !matches!(c, '$' | '`' | '"' | '\\') {
                    parts.text("\\");
                }
                parts.push(c);
                self.at += c.len_utf8();
            }
        }
    }

    fn single(&mut self, parts: &mut Parts) {
        self.at += 1;
        let from = self.at;
        let end = self.text[from..]
            .find('\'')
            .map_or(self.bytes.len(), |at| from + at);
        parts.text(&self.text[from..end]);
        self.at = (end + 1).min(self.bytes.len());
    }

    fn double(&mut self, parts: &mut Parts) {
        self.at += 1;
        parts.text("");
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => self.escape(parts, true),
                b'$' => self.dollar(parts),
                b'`' if self.end == b'`' => return,
                b'`' => self.backtick(parts),
                _ => {
                    let from = self.at;
                    while self.at < self.bytes.len()
                        && !matches!(self.bytes[self.at], b'"' | b'\\' | b'$' | b'`')
                    {
                        self.at += 1;
                    }
                    parts.text(&self.text[from..self.at]);
                }
            }
        }
    }

    fn dollar(&mut self, parts: &mut Parts) {
        if self.starts("${{") {
            let from = self.at + 3;
            let end = self.text[from..]
                .find("}}")
                .map_or(self.bytes.len(), |at| from + at);
            parts.other(Part::Expression(self.text[from..end].trim().to_owned()));
            self.at = (end + 2).min(self.bytes.len());
            return;
        }
        self.at += 1;
        match self.peek(0) {
            b'(' if self.peek(1) == b'(' => {
                self.at += 2;
                let mut open = 2;
                while self.at < self.bytes.len() && open > 0 {
                    match self.peek(0) {
                        b'(' => open += 1,
                        b')' => open -= 1,
                        _ => {}
                    }
                    self.at += 1;
                }
                parts.other(Part::Unknown);
            }
            b'(' => {
                self.at += 1;
                self.nested(b')');
                parts.other(Part::Unknown);
            }
            b'{' => self.braced(parts),
            c if c == b'_' || c.is_ascii_alphabetic() => {
                let from = self.at;
                while self.peek(0) == b'_' || self.peek(0).is_ascii_alphanumeric() {
                    self.at += 1;
                }
                parts.other(Part::Variable {
                    name: self.text[from..self.at].to_owned(),
                    default: None,
                });
            }
            b'?' | b'#' | b'@' | b'*' | b'!' | b'$' | b'-' | b'0'..=b'9' => {
                self.at += 1;
                parts.other(Part::Unknown);
            }
            b'\'' => self.single(parts),
            _ => parts.text("$"),
        }
    }

    fn braced(&mut self, parts: &mut Parts) {
        let from = self.at + 1;
        let mut at = from;
        let mut open = 1;
        while at < self.bytes.len() {
            match self.bytes[at] {
                b'{' => open += 1,
                b'}' => {
                    open -= 1;
                    if open == 0 {
                        break;
                    }
                }
                b'\\' => at += 1,
                _ => {}
            }
            at += 1;
        }
        let at = at.min(self.bytes.len());
        let inside = self.text.get(from..at).unwrap_or("");
        self.at = (at + 1).min(self.bytes.len());
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        parts.other(variable(inside));
    }

    fn backtick(&mut self, parts: &mut Parts) {
        self.at += 1;
        self.nested(b'`');
        parts.other(Part::Unknown);
    }

    fn nested(&mut self, end: u8) {
        if self.depth >= MAX_DEPTH {
            // Deeper than any script: everything to the end is unknown.
            self.at = self.bytes.len();
            return;
        }
        self.depth += 1;
        let outer = std::mem::replace(&mut self.end, end);
        let here = std::mem::take(&mut self.here);
        // A `case` pattern inside ends the list early: it is read on as commands.
        self.list(Some(end));
        if self.peek(0) == end {
            self.at += 1;
        }
        self.here = here;
        self.end = outer;
        self.depth -= 1;
    }
}

fn variable(inside: &str) -> Part {
    let name_end = inside
        .find(|c: char| !(c == '_' || c.is_ascii_alphanumeric()))
        .unwrap_or(inside.len());
    let (name, rest) = inside.split_at(name_end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Part::Unknown;
    }
    let plain = |text: &str| (!text.contains(['$', '`', '"', '\''])).then(|| text.to_owned());
    let default = match rest {
        "" => None,
        _ => match rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-')) {
            Some(default) => plain(default),
            None if rest.starts_with(":?") || rest.starts_with('?') => None,
            None => return Part::Unknown,
        },
    };
    Part::Variable {
        name: name.to_owned(),
        default,
    }
}

fn assignment(word: &Word) -> Option<(String, Word)> {
    let Some(Part::Text(first)) = word.parts.first() else {
        return None;
    };
    let (name, rest) = first.split_once('=')?;
    let good = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
    if !good {
        return None;
    }
    let mut parts = word.parts.clone();
    if rest.is_empty() {
        parts.remove(0);
    } else {
        parts[0] = Part::Text(rest.to_owned());
    }
    Some((
        name.to_owned(),
        Word {
            parts,
            span: Span::new(word.span.start + name.len() + 1, word.span.end),
        },
    ))
}

/// Parts under construction: neighbouring text becomes one.
#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
}

impl Parts {
    fn text(&mut self, text: &str) {
        if let Some(Part::Text(last)) = self.parts.last_mut() {
            last.push_str(text);
        } else {
            self.parts.push(Part::Text(text.to_owned()));
        }
    }

    fn push(&mut self, c: char) {
        self.text(c.encode_utf8(&mut [0; 4]));
    }

    fn other(&mut self, part: Part) {
        if matches!(self.parts.last(), Some(Part::Text(text)) if text.is_empty()) {
            self.parts.pop();
        }
        self.parts.push(part);
    }

    fn done(self) -> Vec<Part> {
        self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        commands(text, 0)
            .iter()
            .map(|command| {
                command
                    .words
                    .iter()
                    .map(|word| word.literal().unwrap_or_else(|| "?".to_owned()))
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect()
    }

    #[test]
    fn commands_end_at_operators_and_lines() {
        assert_eq!(
            shown("a b && c; d | e\nif f; then g; fi # h\n"),
            ["a b", "c", "d", "e", "f", "g"]
        );
    }

    #[test]
    fn continued_lines_are_one_command() {
        assert_eq!(
            shown("docker build \\\n  -t x .\n"),
            ["docker build -t x ."]
        );
    }

    #[test]
    fn substitutions_are_commands_too() {
        assert_eq!(
            shown("x=$(git describe) y \"$(a $(b))\""),
            ["git describe", "b", "a ?", "y ?"]
        );
    }

    #[test]
    fn here_documents_are_not_commands() {
        let read = commands("kubectl apply -f - <<EOF\nkind: x\nEOF\necho done\n", 0);
        assert_eq!(read.len(), 2);
        assert!(read[0].here);
    }

    #[test]
    fn expansions_keep_their_names() {
        let read = commands("docker push \"$R/${NAME:-web}:${{ github.sha }}\"", 0);
        assert_eq!(
            read[0].words[2].parts,
            [
                Part::Variable {
                    name: "R".to_owned(),
                    default: None
                },
                Part::Text("/".to_owned()),
                Part::Variable {
                    name: "NAME".to_owned(),
                    default: Some("web".to_owned())
                },
                Part::Text(":".to_owned()),
                Part::Expression("github.sha".to_owned()),
            ]
        );
    }

    #[test]
    fn assignments_are_told_from_arguments() {
        let read = commands("A=1 B=\"x y\" run C=2 > out.txt 2>&1", 0);
        assert_eq!(read[0].assignments.len(), 2);
        assert_eq!(read[0].words.len(), 2);
        assert_eq!(read[0].outputs.len(), 1);
    }
}
