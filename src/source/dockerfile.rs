//! Dockerfiles as instructions with spans.
//!
//! Owns logical lines, the escape directive, comments between continued lines, flags, here-documents and
//! the JSON form. It never fails: an instruction that it does not know is kept as it is. Expands nothing.

use super::Span;
use super::shell;

/// One word of an instruction, without its quotes; `$NAME` is still in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The text.
    pub text: String,
    /// The bytes, with quotes.
    pub span: Span,
}

/// `--name=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The name without dashes.
    pub name: String,
    /// The value; empty for a bare flag.
    pub value: String,
    /// The bytes.
    pub span: Span,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// The keyword in capitals.
    pub keyword: String,
    /// The bytes from the keyword to the end of the last line, here-documents left out.
    pub span: Span,
    /// Flags in front of the arguments.
    pub flags: Vec<Flag>,
    /// The arguments behind the flags; of the JSON form its items.
    pub words: Vec<Word>,
    /// Whether the arguments are in the JSON form.
    pub exec: bool,
    /// The arguments as a shell reads them, comments blanked; as long as the bytes from `text_start`.
    pub text: String,
    /// Where `text` begins.
    pub text_start: usize,
    /// Bodies of here-documents.
    pub here: Vec<Span>,
}

impl Instruction {
    /// The value of a flag.
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }

    /// The commands of a shell form, and those of its here-documents, which are read from `source`.
    pub fn commands(&self, source: &str) -> Vec<shell::Command> {
        if self.exec {
            return Vec::new();
        }
        let mut commands = shell::commands(&self.text, self.text_start);
        for body in &self.here {
            let text = source.get(body.start..body.end).unwrap_or("");
            commands.extend(shell::commands(text, body.start));
        }
        commands
    }
}

/// Reads the instructions of a Dockerfile.
pub fn read(text: &str) -> Vec<Instruction> {
    let mut reader = Reader {
        text,
        at: 0,
        escape: escape(text),
    };
    let mut instructions = Vec::new();
    while reader.at < text.len() {
        instructions.extend(reader.instruction());
    }
    instructions
}

/// The escape character that the directive at the top names.
fn escape(text: &str) -> char {
    for line in text.lines() {
        let Some(comment) = line.trim().strip_prefix('#') else {
            break;
        };
        let Some((name, value)) = comment.split_once('=') else {
            break;
        };
        if name.trim().eq_ignore_ascii_case("escape") {
            return if value.trim() == "`" { '`' } else { '\\' };
        }
    }
    '\\'
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    escape: char,
}

impl Reader<'_> {
    fn line(&self, at: usize) -> (usize, usize) {
        let end = self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |end| at + end);
        (end, (end + 1).min(self.text.len()))
    }

    fn instruction(&mut self) -> Option<Instruction> {
        let (end, next) = self.line(self.at);
        let line = &self.text[self.at..end];
        let start = self.at + (line.len() - line.trim_start().len());
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            self.at = next.max(self.at + 1);
            return None;
        }
        let mut masked = String::new();
        let mut from = start;
        let mut stop;
        loop {
            let (end, next) = self.line(from);
            let line = &self.text[from..end];
            let body = line.trim_end();
            stop = from + body.len();
            let continued = body.ends_with(self.escape) && next > end;
            self.at = next.max(from + 1);
            if !continued {
                masked.push_str(body);
                break;
            }
            // As a shell writes it: the backslash last on its line.
            masked.push_str(&body[..body.len() - 1]);
            masked.push_str(&" ".repeat(end - from - body.len()));
            masked.push_str("\\\n");
            let (resume, more) = self.skip_comments(self.at, &mut masked);
            self.at = resume;
            from = resume;
            if !more {
                break;
            }
        }
        let mut instruction = split(&masked, start);
        instruction.span = Span::new(start, stop.max(start));
        self.here_documents(&mut instruction);
        Some(instruction)
    }

    /// Blanks comment and empty lines inside a continued instruction; says whether a line follows.
    fn skip_comments(&self, mut at: usize, masked: &mut String) -> (usize, bool) {
        loop {
            if at >= self.text.len() {
                return (self.text.len(), false);
            }
            let (end, next) = self.line(at);
            let line = self.text[at..end].trim();
            if !(line.is_empty() || line.starts_with('#')) {
                return (at, true);
            }
            masked.push_str(&" ".repeat(next - at));
            at = next.max(at + 1);
        }
    }

    fn here_documents(&mut self, instruction: &mut Instruction) {
        if !matches!(instruction.keyword.as_str(), "RUN" | "COPY" | "ADD") {
            return;
        }
        let mut rest = instruction.text.as_str();
        let mut names = Vec::new();
        while let Some(at) = rest.find("<<") {
            rest = &rest[at + 2..];
            if rest.starts_with('<') {
                rest = rest.trim_start_matches('<');
                continue;
            }
            let tabs = rest.starts_with('-');
            let name: String = rest
                .trim_start_matches('-')
                .trim_start_matches(['"', '\''])
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            if !name.is_empty() {
                names.push((name, tabs));
            }
        }
        for (name, tabs) in names {
            let from = self.at;
            let mut to = from;
            while self.at < self.text.len() {
                let (end, next) = self.line(self.at);
                let line = self.text[self.at..end].trim_end_matches('\r');
                let line = if tabs {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                self.at = next.max(self.at + 1);
                if line == name {
                    break;
                }
                to = self.at;
            }
            instruction.here.push(Span::new(from, to));
        }
    }
}

fn split(masked: &str, start: usize) -> Instruction {
    let keyword_end = masked
        .find(|c: char| c.is_whitespace() || c == '\\')
        .unwrap_or(masked.len());
    let keyword = masked[..keyword_end].to_ascii_uppercase();
    let mut words = words(&masked[keyword_end..], start + keyword_end);
    let mut flags = Vec::new();
    let mut text_at = keyword_end;
    while let Some(word) = words.first() {
        let Some(flag) = word.text.strip_prefix("--").filter(|flag| !flag.is_empty()) else {
            break;
        };
        let (name, value) = flag.split_once('=').unwrap_or((flag, ""));
        flags.push(Flag {
            name: name.to_owned(),
            value: value.to_owned(),
            span: word.span,
        });
        text_at = word.span.end - start;
        words.remove(0);
    }
    if keyword == "HEALTHCHECK"
        && let Some(word) = words.first()
        && word.text.eq_ignore_ascii_case("CMD")
    {
        text_at = word.span.end - start;
        words.remove(0);
    }
    let text = masked[text_at..].to_owned();
    let text_start = start + text_at;
    let items = json(&text, text_start);
    Instruction {
        keyword,
        span: Span::default(),
        flags,
        exec: items.is_some(),
        words: items.unwrap_or(words),
        text,
        text_start,
        here: Vec::new(),
    }
}

/// Words as Docker splits them: blanks part, quotes hold together, an escaped line break joins.
fn words(text: &str, base: usize) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut from: Option<usize> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.char_indices().peekable();
    let mut end = 0;
    while let Some((at, c)) = chars.next() {
        if c == '\\' && matches!(chars.peek(), Some((_, '\n' | '\r'))) {
            while matches!(chars.peek(), Some((_, '\n' | '\r'))) {
                chars.next();
            }
            continue;
        }
        if c.is_whitespace() && quote.is_none() {
            if let Some(from) = from.take() {
                words.push(Word {
                    text: std::mem::take(&mut word),
                    span: Span::new(base + from, base + end),
                });
            }
            continue;
        }
        from.get_or_insert(at);
        end = at + c.len_utf8();
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (Some('\''), _) => word.push(c),
            (_, '\\') => {
                if let Some((at, next)) = chars.next() {
                    end = at + next.len_utf8();
                    word.push(next);
                }
            }
            _ => word.push(c),
        }
    }
    if let Some(from) = from {
        words.push(Word {
            text: word,
            span: Span::new(base + from, base + end),
        });
    }
    words
}

/// The items of `["a", "b"]`; nothing where the text is not a JSON list of strings.
fn json(text: &str, base: usize) -> Option<Vec<Word>> {
    let mut items = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    let blank = |at: &mut usize| {
        while let Some(c) = bytes.get(*at) {
            let joined = *c == b'\\' && matches!(bytes.get(*at + 1), Some(b'\n' | b'\r'));
            if !(c.is_ascii_whitespace() || joined) {
                break;
            }
            *at += 1;
        }
    };
    blank(&mut at);
    if bytes.get(at) != Some(&b'[') {
        return None;
    }
    at += 1;
    loop {
        blank(&mut at);
        match bytes.get(at)? {
            b']' => break,
            b',' if !items.is_empty() => at += 1,
            b'"' => {
                let from = at;
                at += 1;
                loop {
                    match bytes.get(at)? {
                        b'\\' => at += 2,
                        b'"' => break,
                        _ => at += 1,
                    }
                }
                at += 1;
                let item: String = serde_json::from_str(text.get(from..at)?).ok()?;
                items.push(Word {
                    text: item,
                    span: Span::new(base + from, base + at),
                });
            }
            _ => return None,
        }
    }
    at += 1;
    blank(&mut at);
    (at >= bytes.len()).then_some(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continued_lines_and_comments_between_are_one_instruction() {
        let text = "FROM a AS b\nRUN x \\\n  # why\n\n  y\nUSER 1\n";
        let read = read(text);
        assert_eq!(read.len(), 3);
        let words: Vec<&str> = read[1]
            .words
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        assert_eq!(words, ["x", "y"]);
        assert_eq!(
            &text[read[1].words[1].span.start..read[1].words[1].span.end],
            "y"
        );
        assert_eq!(read[1].commands(text)[0].words.len(), 2);
    }

    #[test]
    fn the_json_form_is_told_from_the_shell_form() {
        let read = read("CMD [\"python\", \"app.py\"]\nCMD python app.py\nCMD [ -f x ]\n");
        assert!(read[0].exec && read[0].words[1].text == "app.py");
        assert!(!read[1].exec && read[1].words[1].text == "app.py");
        assert!(!read[2].exec);
    }

    #[test]
    fn flags_stand_apart() {
        let read = read("COPY --chown=1:1 --from=b \"a b\" c/\n");
        assert_eq!(read[0].flag("from").unwrap().value, "b");
        assert_eq!(read[0].words[0].text, "a b");
    }

    #[test]
    fn here_documents_belong_to_their_instruction() {
        let text = "RUN <<EOF\npip install x\nEOF\nCOPY <<A b\nFROM\nA\nEXPOSE 1\n";
        let read = read(text);
        let keywords: Vec<&str> = read.iter().map(|one| one.keyword.as_str()).collect();
        assert_eq!(keywords, ["RUN", "COPY", "EXPOSE"]);
        assert!(read[0].commands(text).iter().any(|c| c.program() == "pip"));
    }

    #[test]
    fn healthchecks_are_read_behind_cmd() {
        let read = read("HEALTHCHECK --interval=5s CMD curl -f http://localhost:80/ || exit 1\n");
        assert_eq!(read[0].words[0].text, "curl");
        assert_eq!(read[0].flags.len(), 1);
    }
}
