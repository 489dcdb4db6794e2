//! Python as tokens, logical lines and calls: what can be told of a program without running it.
//!
//! Owns strings (prefixes, triple quotes, f-strings as opaque), nesting of brackets, indentation, and which
//! lines stand at the level of the module. It never fails: what no Python would accept is skipped.

use std::ops::Range;

use super::Span;

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A name or a keyword.
    Name,
    /// A number.
    Number,
    /// A string with its value; an f-string has the text in front of its first `{`, and says so.
    Text {
        /// The value after escapes.
        value: String,
        /// Whether the value is only the beginning.
        partial: bool,
    },
    /// An operator or bracket.
    Operator,
}

/// A word of the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// The bytes.
    pub span: Span,
}

/// A logical line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its tokens.
    pub tokens: Range<usize>,
    /// How many functions and classes it stands in.
    pub depth: usize,
    /// Name of the innermost function or class around it.
    pub inside: Option<String>,
    /// Whether it stands below `if __name__ == "__main__":`.
    pub main: bool,
    /// Whether it stands below `try:`, `if` or the like, so that it may not run.
    pub conditional: bool,
}

/// One argument of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The keyword, if it is one.
    pub name: Option<String>,
    /// The tokens of its value.
    pub tokens: Range<usize>,
}

/// `a.b.c(…)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The names in front of the bracket.
    pub path: Vec<String>,
    /// The bytes of the names.
    pub path_span: Span,
    /// The arguments.
    pub arguments: Vec<Argument>,
    /// The bytes of all.
    pub span: Span,
    /// Whether it stands behind `@`.
    pub decorator: bool,
    /// Its logical line.
    pub line: usize,
    /// The first token, for what stands in front of it.
    pub first: usize,
}

impl Call {
    /// The argument of that keyword.
    pub fn keyword(&self, name: &str) -> Option<&Argument> {
        self.arguments
            .iter()
            .find(|argument| argument.name.as_deref() == Some(name))
    }

    /// The argument at that position, unless it is given by keyword.
    pub fn positional(&self, at: usize) -> Option<&Argument> {
        self.arguments
            .get(at)
            .filter(|argument| argument.name.is_none())
    }

    /// The last name.
    pub fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }
}

/// What an expression gives, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A string.
    Text(String),
    /// The beginning of a string.
    Prefix(String),
    /// A whole number.
    Int(i64),
    /// `True` or `False`.
    Bool(bool),
    /// `None`.
    None,
    /// A list or tuple.
    List(Vec<Self>),
    /// A variable of the environment, with what stands in for it.
    Environment {
        /// The name.
        name: String,
        /// The default, where it is given.
        default: Option<Box<Self>>,
    },
    /// A name with dots.
    Name(String),
    /// Anything else.
    Unknown,
}

/// A Python file.
#[derive(Debug, Clone, Default)]
pub struct Module {
    /// Every token.
    pub tokens: Vec<Token>,
    /// Logical lines in order.
    pub lines: Vec<Line>,
    /// Every call with a plain name, inner ones behind outer ones.
    pub calls: Vec<Call>,
    /// For every token that opens a bracket the one that closes it.
    closes: Vec<Option<usize>>,
}

/// Reads a file.
pub fn read(text: &str) -> Module {
    let (tokens, starts) = tokens(text);
    let lines = lines(text, &tokens, &starts);
    let mut module = Module {
        closes: brackets(text, &tokens),
        tokens,
        lines,
        calls: Vec::new(),
    };
    module.calls = calls(text, &module);
    module
}

impl Module {
    /// The text of a token.
    pub fn text<'a>(&self, source: &'a str, token: usize) -> &'a str {
        self.tokens
            .get(token)
            .and_then(|token| source.get(token.span.start..token.span.end))
            .unwrap_or("")
    }

    /// The bytes of a run of tokens.
    pub fn span(&self, tokens: &Range<usize>) -> Span {
        let start = self
            .tokens
            .get(tokens.start)
            .map_or(0, |token| token.span.start);
        let end = tokens
            .end
            .checked_sub(1)
            .and_then(|last| self.tokens.get(last))
            .map_or(start, |token| token.span.end);
        Span::new(start, end)
    }

    /// What the expression of these tokens gives.
    pub fn value(&self, source: &str, tokens: &Range<usize>) -> Value {
        self.value_at(source, tokens, 0)
    }

    fn value_at(&self, source: &str, range: &Range<usize>, depth: usize) -> Value {
        if depth > 32 || range.is_empty() || range.end > self.tokens.len() {
            return Value::Unknown;
        }
        let tokens = &self.tokens[range.clone()];
        let text = |at: usize| self.text(source, range.start + at);
        if tokens
            .iter()
            .all(|token| matches!(token.kind, Kind::Text { .. }))
        {
            return joined(tokens);
        }
        if let [only] = tokens {
            return match &only.kind {
                Kind::Number => text(0)
                    .replace('_', "")
                    .parse()
                    .map_or(Value::Unknown, Value::Int),
                Kind::Name => match text(0) {
                    "True" => Value::Bool(true),
                    "False" => Value::Bool(false),
                    "None" => Value::None,
                    name => Value::Name(name.to_owned()),
                },
                _ => Value::Unknown,
            };
        }
        let closes = self.closing(range.start).map(|at| at + 1) == Some(range.end);
        if matches!(text(0), "[" | "(") && closes {
            let inner = range.start + 1..range.end - 1;
            let items = self.split(source, &inner);
            if text(0) == "(" && items.len() == 1 && text(tokens.len() - 2) != "," {
                return self.value_at(source, &inner, depth + 1);
            }
            return Value::List(
                items
                    .iter()
                    .map(|item| self.value_at(source, item, depth + 1))
                    .collect(),
            );
        }
        if let Some(at) = self.top(source, range, "or") {
            let left = self.value_at(source, &(range.start..at), depth + 1);
            let right = self.value_at(source, &(at + 1..range.end), depth + 1);
            return match left {
                Value::Environment {
                    name,
                    default: None,
                } => Value::Environment {
                    name,
                    default: Some(Box::new(right)),
                },
                _ => Value::Unknown,
            };
        }
        let path_end = path_end(source, self, range.start, range.end);
        let path: String = (range.start..path_end)
            .map(|at| self.text(source, at))
            .collect();
        if path_end == range.end {
            return Value::Name(path);
        }
        if path_end == range.start || self.closing(path_end).map(|at| at + 1) != Some(range.end) {
            return Value::Unknown;
        }
        let inner = path_end + 1..range.end - 1;
        let items = self.split(source, &inner);
        let first = items
            .first()
            .map(|item| self.value_at(source, item, depth + 1));
        match (self.text(source, path_end), path.as_str(), first) {
            ("[", "os.environ" | "environ", Some(Value::Text(name))) => Value::Environment {
                name,
                default: None,
            },
            (
                "(",
                "os.environ.get" | "environ.get" | "os.getenv" | "getenv",
                Some(Value::Text(name)),
            ) => Value::Environment {
                name,
                default: items
                    .get(1)
                    .map(|item| Box::new(self.value_at(source, item, depth + 1))),
            },
            ("(", "int" | "str", Some(value)) if items.len() == 1 => match value {
                Value::Text(text) if path == "int" => {
                    text.trim().parse().map_or(Value::Unknown, Value::Int)
                }
                other => other,
            },
            _ => Value::Unknown,
        }
    }

    /// The token that closes the bracket at `open`.
    pub fn closing(&self, open: usize) -> Option<usize> {
        self.closes.get(open).copied().flatten()
    }

    /// The first token `word` of the range that stands in no bracket.
    pub fn top(&self, source: &str, range: &Range<usize>, word: &str) -> Option<usize> {
        let mut depth = 0usize;
        for at in range.clone() {
            if matches!(self.tokens[at].kind, Kind::Text { .. }) {
                continue;
            }
            match self.text(source, at) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                text if depth == 0 && text == word => return Some(at),
                _ => {}
            }
        }
        None
    }

    /// The range parted at its commas that stand in no bracket.
    pub fn split(&self, source: &str, range: &Range<usize>) -> Vec<Range<usize>> {
        let mut items = Vec::new();
        let mut from = range.start;
        while let Some(at) = self.top(source, &(from..range.end), ",") {
            items.push(from..at);
            from = at + 1;
        }
        if from < range.end {
            items.push(from..range.end);
        }
        items
    }
}

/// Matches brackets; those nested deeper than any program are left alone.
fn brackets(text: &str, tokens: &[Token]) -> Vec<Option<usize>> {
    const MAX_DEPTH: usize = 64;
    let mut closes = vec![None; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind != Kind::Operator {
            continue;
        }
        match text.get(token.span.start..token.span.end).unwrap_or("") {
            "(" | "[" | "{" => open.push(at),
            ")" | "]" | "}" => {
                if let Some(start) = open.pop().filter(|_| open.len() < MAX_DEPTH) {
                    closes[start] = Some(at);
                }
            }
            _ => {}
        }
    }
    closes
}

fn joined(tokens: &[Token]) -> Value {
    let mut all = String::new();
    for token in tokens {
        if let Kind::Text { value, partial } = &token.kind {
            all.push_str(value);
            if *partial {
                return Value::Prefix(all);
            }
        }
    }
    Value::Text(all)
}

/// Behind the last token of `a.b.c` that begins at `from`.
fn path_end(source: &str, module: &Module, from: usize, end: usize) -> usize {
    let mut at = from;
    let is_name = |at: usize| at < end && module.tokens[at].kind == Kind::Name;
    if !is_name(at) {
        return from;
    }
    at += 1;
    while at + 1 < end && module.text(source, at) == "." && is_name(at + 1) {
        at += 2;
    }
    at
}

/// The tokens, and for each physical start of a logical line the token there with its indentation.
fn tokens(text: &str) -> (Vec<Token>, Vec<(usize, usize)>) {
    let bytes = text.as_bytes();
    let mut tokens: Vec<Token> = Vec::new();
    let mut starts = Vec::new();
    let mut at = 0;
    let mut depth = 0usize;
    let mut fresh = true;
    let mut indent = 0;
    while at < bytes.len() {
        let c = bytes[at];
        match c {
            b'\n' => {
                if depth == 0 {
                    fresh = true;
                    indent = 0;
                }
                at += 1;
                continue;
            }
            b' ' | b'\x0c' => {
                indent += usize::from(fresh);
                at += 1;
                continue;
            }
            b'\t' => {
                if fresh {
                    indent = (indent / 8 + 1) * 8;
                }
                at += 1;
                continue;
            }
            b'\r' => {
                at += 1;
                continue;
            }
            b'\\' => {
                at += 1;
                while matches!(bytes.get(at), Some(b'\r' | b'\n')) {
                    at += 1;
                    if bytes[at - 1] == b'\n' {
                        break;
                    }
                }
                continue;
            }
            b'#' => {
                while at < bytes.len() && bytes[at] != b'\n' {
                    at += 1;
                }
                continue;
            }
            b';' if depth == 0 => {
                starts.push((tokens.len(), usize::MAX));
                at += 1;
                continue;
            }
            _ => {}
        }
        if fresh {
            starts.push((tokens.len(), indent));
            fresh = false;
        }
        let start = at;
        let kind = if let Some((kind, end)) = string(text, at) {
            at = end;
            kind
        } else if c == b'_' || c.is_ascii_alphabetic() || c >= 0x80 {
            while at < bytes.len()
                && (bytes[at] == b'_' || bytes[at].is_ascii_alphanumeric() || bytes[at] >= 0x80)
            {
                at += 1;
            }
            Kind::Name
        } else if c.is_ascii_digit() {
            while at < bytes.len()
                && (bytes[at].is_ascii_alphanumeric() || matches!(bytes[at], b'_' | b'.'))
            {
                at += 1;
            }
            Kind::Number
        } else {
            match c {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            at += 1;
            // Assignments are told from comparisons.
            let next = bytes.get(at).copied().unwrap_or(0);
            if next == b'='
                && matches!(
                    c,
                    b'=' | b'!' | b'<' | b'>' | b':' | b'+' | b'-' | b'*' | b'/' | b'|'
                )
                || c == b'-' && next == b'>'
            {
                at += 1;
            }
            Kind::Operator
        };
        tokens.push(Token {
            kind,
            span: Span::new(start, at),
        });
    }
    (tokens, starts)
}

/// The string that begins at `at`, and where it ends.
fn string(text: &str, at: usize) -> Option<(Kind, usize)> {
    let bytes = text.as_bytes();
    let mut quote_at = at;
    while quote_at < at + 2
        && matches!(
            bytes.get(quote_at),
            Some(b'r' | b'R' | b'b' | b'B' | b'f' | b'F' | b'u' | b'U' | b't' | b'T')
        )
    {
        quote_at += 1;
    }
    let quote = *bytes.get(quote_at)?;
    if !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let prefix = text[at..quote_at].to_ascii_lowercase();
    let (raw, formatted) = (prefix.contains('r'), prefix.contains(['f', 't']));
    let triple = bytes.get(quote_at + 1) == Some(&quote) && bytes.get(quote_at + 2) == Some(&quote);
    let mut end = quote_at + if triple { 3 } else { 1 };
    let mut value = String::new();
    let mut partial = false;
    let mut open = 0usize;
    while end < bytes.len() {
        let c = bytes[end];
        if c == quote {
            if !triple {
                return Some((Kind::Text { value, partial }, end + 1));
            }
            if bytes.get(end + 1) == Some(&quote) && bytes.get(end + 2) == Some(&quote) {
                return Some((Kind::Text { value, partial }, end + 3));
            }
        }
        if c == b'\n' && !triple {
            break;
        }
        if c == b'\\' {
            let next = text[end + 1..].chars().next();
            let width = next.map_or(0, char::len_utf8);
            if !partial {
                unescape(&mut value, next, raw);
            }
            end += 1 + width;
            continue;
        }
        let here = text[end..].chars().next()?;
        if formatted && matches!(here, '{' | '}') {
            if bytes.get(end + 1) == Some(&c) && open == 0 {
                if !partial {
                    value.push(here);
                }
                end += 2;
                continue;
            }
            partial = true;
            open = if here == '{' {
                open + 1
            } else {
                open.saturating_sub(1)
            };
        }
        if !partial {
            value.push(here);
        }
        end += here.len_utf8();
    }
    // A string that nobody closed.
    Some((
        Kind::Text {
            value,
            partial: true,
        },
        end.min(bytes.len()),
    ))
}

fn unescape(value: &mut String, next: Option<char>, raw: bool) {
    match next {
        Some(c) if raw => {
            value.push('\\');
            value.push(c);
        }
        Some('n') => value.push('\n'),
        Some('t') => value.push('\t'),
        Some('\n') | None => {}
        Some(c @ ('\\' | '\'' | '"')) => value.push(c),
        Some(c) => {
            value.push('\\');
            value.push(c);
        }
    }
}

/// A block that is open while lines are sorted.
struct Block {
    indent: usize,
    name: Option<String>,
    main: bool,
}

fn lines(text: &str, tokens: &[Token], starts: &[(usize, usize)]) -> Vec<Line> {
    let word = |at: usize| {
        tokens
            .get(at)
            .and_then(|token| text.get(token.span.start..token.span.end))
            .unwrap_or("")
    };
    let mut lines = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut indent = 0;
    for (at, &(first, wide)) in starts.iter().enumerate() {
        let end = starts.get(at + 1).map_or(tokens.len(), |next| next.0);
        if wide != usize::MAX {
            indent = wide;
            while blocks.last().is_some_and(|block| block.indent >= indent) {
                blocks.pop();
            }
        }
        if first >= end {
            continue;
        }
        let scopes = blocks.iter().filter(|block| block.name.is_some());
        lines.push(Line {
            tokens: first..end,
            depth: scopes.clone().count(),
            inside: scopes
                .clone()
                .next_back()
                .and_then(|block| block.name.clone()),
            main: blocks.iter().any(|block| block.main),
            conditional: blocks.iter().any(|block| block.name.is_none()),
        });
        if word(end - 1) != ":" {
            continue;
        }
        let at = if word(first) == "async" {
            first + 1
        } else {
            first
        };
        let scope = matches!(word(at), "def" | "class");
        blocks.push(Block {
            indent,
            name: scope.then(|| word(at + 1).to_owned()),
            main: word(first) == "if" && word(first + 1) == "__name__",
        });
    }
    lines
}

fn calls(text: &str, module: &Module) -> Vec<Call> {
    let mut calls = Vec::new();
    for (number, line) in module.lines.iter().enumerate() {
        let mut at = line.tokens.start;
        while at < line.tokens.end {
            let behind_dot = at > line.tokens.start && module.text(text, at - 1) == ".";
            let end = path_end(text, module, at, line.tokens.end);
            if end == at || behind_dot {
                at += 1;
                continue;
            }
            if end < line.tokens.end && module.text(text, end) == "(" {
                let keyword = matches!(module.text(text, at), "def" | "class" | "if" | "return");
                let defined =
                    at > line.tokens.start && matches!(module.text(text, at - 1), "def" | "class");
                if let Some(close) = module.closing(end).filter(|_| !keyword && !defined) {
                    calls.push(call(text, module, number, at, end, close));
                }
            }
            at = end;
        }
    }
    calls
}

fn call(text: &str, module: &Module, line: usize, first: usize, open: usize, close: usize) -> Call {
    let arguments = module
        .split(text, &(open + 1..close))
        .into_iter()
        .map(|tokens| {
            let named = tokens.len() > 2
                && module.tokens[tokens.start].kind == Kind::Name
                && module.text(text, tokens.start + 1) == "=";
            if named {
                Argument {
                    name: Some(module.text(text, tokens.start).to_owned()),
                    tokens: tokens.start + 2..tokens.end,
                }
            } else {
                Argument { name: None, tokens }
            }
        })
        .collect();
    Call {
        path: (first..open)
            .step_by(2)
            .map(|at| module.text(text, at).to_owned())
            .collect(),
        path_span: module.span(&(first..open)),
        arguments,
        span: module.span(&(first..close + 1)),
        decorator: first > 0 && module.text(text, first - 1) == "@",
        line,
        first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        let module = read(text);
        module.value(text, &(0..module.tokens.len()))
    }

    #[test]
    fn literals_and_the_environment_are_told() {
        assert_eq!(value("\"a\" 'b'"), Value::Text("ab".to_owned()));
        assert_eq!(value("5_000"), Value::Int(5000));
        assert_eq!(
            value("f\"0.0.0.0:{port}\""),
            Value::Prefix("0.0.0.0:".to_owned())
        );
        assert_eq!(
            value("int(os.environ.get(\"PORT\", \"80\"))"),
            Value::Environment {
                name: "PORT".to_owned(),
                default: Some(Box::new(Value::Text("80".to_owned())))
            }
        );
        assert_eq!(
            value("int(os.getenv('W') or 2)"),
            Value::Environment {
                name: "W".to_owned(),
                default: Some(Box::new(Value::Int(2)))
            }
        );
        assert_eq!(value("a + b"), Value::Unknown);
        assert_eq!(
            value("('a', 'b')"),
            Value::List(vec![
                Value::Text("a".to_owned()),
                Value::Text("b".to_owned())
            ])
        );
    }

    #[test]
    fn calls_know_their_names_and_arguments() {
        let text =
            "@app.route(\"/x\", methods=['GET'])\ndef f(): pass\napp.run(host='::', port=int(p))\n";
        let module = read(text);
        let names: Vec<String> = module
            .calls
            .iter()
            .map(|call| call.path.join("."))
            .collect();
        assert_eq!(names, ["app.route", "app.run", "int"]);
        assert!(module.calls[0].decorator);
        let port = module.calls[1].keyword("port").unwrap();
        assert_eq!(
            module.value(text, &port.tokens),
            Value::Name("p".to_owned())
        );
    }

    #[test]
    fn lines_know_where_they_stand() {
        let text = "x = 1\ndef f():\n    y = (\n  2)\nif __name__ == '__main__':\n    z()\nw = \"\"\"a\nb\"\"\"\n";
        let module = read(text);
        let shown: Vec<(usize, bool)> = module
            .lines
            .iter()
            .map(|line| (line.depth, line.main))
            .collect();
        assert_eq!(
            shown,
            [
                (0, false),
                (0, false),
                (1, false),
                (0, false),
                (0, true),
                (0, false)
            ]
        );
    }

    #[test]
    fn odd_texts_do_not_stop_the_reader() {
        for text in [
            "'", "\"\"\"", "f'{", "))) (", "x = [", "\\", "é = 'ü", "@", "def", "0x",
        ] {
            read(text);
        }
    }
}
