//! The short way through HCL: what nearly every Terraform file consists of, read straight into the small tree.
//!
//! Owns one promise: what it reads, it reads as the parser does, to the last span. Whatever else stands in a text
//! (heredocs, directives, signs that need care, anything that may be wrong) makes it decline, and the parser reads
//! the whole text instead.

use super::super::Span;
use super::{Attribute, Block, Body, Entry, Kind, Operator, Piece, Value, refer};

/// The text is not as plain as it looks.
pub(super) struct Declined;

type Done<T = ()> = Result<T, Declined>;

/// Deepest nesting; the parser takes more.
const DEPTH: usize = 40;
/// Most operators of one value; the parser takes more.
const OPERATORS: usize = 60;

/// Reads a file.
pub(super) fn read(text: &str) -> Done<Body> {
    if text.bytes().any(|byte| byte == b'\r') {
        return Err(Declined);
    }
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        depth: 0,
        operators: 0,
    };
    reader.body(false)
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    depth: usize,
    operators: usize,
}

/// Whether a line may end inside an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    One,
    Many,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> u8 {
        self.ahead(0)
    }

    /// The byte so far ahead; nothing behind the end.
    fn ahead(&self, by: usize) -> u8 {
        self.bytes.get(self.at + by).copied().unwrap_or(0)
    }

    fn is_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn expect(&mut self, byte: u8) -> Done {
        if self.is_end() || self.peek() != byte {
            return Err(Declined);
        }
        self.at += 1;
        Ok(())
    }

    /// Goes over blanks and comments, and with [`Lines::Many`] over the ends of lines.
    fn blanks(&mut self, lines: Lines) -> Done {
        loop {
            match self.peek() {
                b' ' | b'\t' => self.at += 1,
                b'\n' if lines == Lines::Many => self.at += 1,
                b'#' if lines == Lines::Many => self.comment(),
                b'/' if lines == Lines::Many && self.ahead(1) == b'/' => self.comment(),
                b'/' if self.ahead(1) == b'*' => {
                    let end = self.text[self.at + 2..].find("*/").ok_or(Declined)?;
                    self.at += 2 + end + 2;
                }
                _ => return Ok(()),
            }
        }
    }

    /// Goes to the end of the line.
    fn comment(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.find('\n').unwrap_or(rest.len());
    }

    /// Goes over a comment that ends a line.
    fn trailing(&mut self) -> Done {
        self.blanks(Lines::One)?;
        if self.peek() == b'#' || self.peek() == b'/' && self.ahead(1) == b'/' {
            self.comment();
        }
        Ok(())
    }

    fn is_name(&self) -> bool {
        self.peek().is_ascii_alphabetic() || self.peek() == b'_'
    }

    fn name(&mut self) -> Done<(&'t str, Span)> {
        if !self.is_name() {
            return Err(Declined);
        }
        let start = self.at;
        while matches!(self.peek(), b'_' | b'-') || self.peek().is_ascii_alphanumeric() {
            self.at += 1;
        }
        // Letters of other languages may go on.
        if !self.peek().is_ascii() {
            return Err(Declined);
        }
        Ok((&self.text[start..self.at], Span::new(start, self.at)))
    }

    fn deeper(&mut self) -> Done {
        self.depth += 1;
        match self.depth {
            depth if depth > DEPTH => Err(Declined),
            _ => Ok(()),
        }
    }

    /// Attributes and blocks up to the end of the text, or of the block.
    fn body(&mut self, inner: bool) -> Done<Body> {
        let mut out = Body::default();
        loop {
            self.blanks(Lines::Many)?;
            match (self.is_end(), inner) {
                (true, false) => return Ok(out),
                (true, true) => return Err(Declined),
                _ => {}
            }
            if inner && self.peek() == b'}' {
                return Ok(out);
            }
            self.structure(&mut out)?;
            self.trailing()?;
            if !self.is_end() {
                self.expect(b'\n')?;
            }
        }
    }

    fn structure(&mut self, out: &mut Body) -> Done {
        let (name, name_span) = self.name()?;
        self.blanks(Lines::One)?;
        if self.peek() == b'=' {
            return self.attribute(name, name_span, out);
        }
        let mut labels = Vec::new();
        while self.peek() != b'{' {
            let start = self.at;
            let label = match self.peek() {
                b'"' => match self.string()? {
                    Kind::Text(label) => label,
                    _ => return Err(Declined),
                },
                _ => self.name()?.0.to_owned(),
            };
            labels.push((label, Span::new(start, self.at)));
            self.blanks(Lines::One)?;
        }
        let body = self.block()?;
        out.blocks.push(Block {
            kind: name.to_owned(),
            kind_span: name_span,
            labels,
            body,
            span: Span::new(name_span.start, self.at),
        });
        Ok(())
    }

    fn attribute(&mut self, name: &str, name_span: Span, out: &mut Body) -> Done {
        // The parser refuses a second one.
        if out.attribute(name).is_some() {
            return Err(Declined);
        }
        self.expect(b'=')?;
        self.blanks(Lines::One)?;
        self.operators = 0;
        let value = self.expression(Lines::One)?;
        out.attributes.push(Attribute {
            name: name.to_owned(),
            name_span,
            value,
        });
        Ok(())
    }

    fn block(&mut self) -> Done<Body> {
        self.expect(b'{')?;
        self.deeper()?;
        self.trailing()?;
        let body = match self.peek() {
            b'\n' => {
                self.at += 1;
                self.body(true)?
            }
            b'}' => Body::default(),
            _ => {
                let mut body = Body::default();
                let (name, span) = self.name()?;
                self.blanks(Lines::One)?;
                self.attribute(name, span, &mut body)?;
                self.blanks(Lines::One)?;
                body
            }
        };
        self.expect(b'}')?;
        self.depth -= 1;
        Ok(body)
    }

    fn expression(&mut self, lines: Lines) -> Done<Value> {
        self.deeper()?;
        let mut left = self.operation(lines, 0)?;
        let before = self.at;
        self.blanks(lines)?;
        if self.peek() == b'?' {
            self.at += 1;
            self.blanks(lines)?;
            let yes = self.expression(lines)?;
            self.blanks(lines)?;
            self.expect(b':')?;
            self.blanks(lines)?;
            let no = self.expression(lines)?;
            let span = Span::new(left.span.start, no.span.end);
            left = Value {
                kind: Kind::Other(vec![left, yes, no]),
                span,
            };
            // A chain of conditions without brackets reads in more than one way.
            let after = self.at;
            self.blanks(lines)?;
            if self.peek() == b'?' || self.operator().is_some() {
                return Err(Declined);
            }
            self.at = after;
        } else {
            self.at = before;
        }
        self.depth -= 1;
        Ok(left)
    }

    /// How long the operator is that stands here, and how tightly it binds.
    fn operator(&self) -> Option<(usize, u8)> {
        Some(match (self.peek(), self.ahead(1)) {
            (b'|', b'|') => (2, 1),
            (b'&', b'&') => (2, 2),
            (b'=' | b'!', b'=') => (2, 3),
            (b'<' | b'>', b'=') => (2, 4),
            (b'<' | b'>', _) => (1, 4),
            (b'+' | b'-', _) => (1, 5),
            (b'/', b'/' | b'*') => return None,
            (b'*' | b'/' | b'%', _) => (1, 6),
            _ => return None,
        })
    }

    /// Terms with operators between them that bind more tightly than `least`.
    fn operation(&mut self, lines: Lines, least: u8) -> Done<Value> {
        let mut left = self.term(lines)?;
        loop {
            let before = self.at;
            self.blanks(lines)?;
            let Some((length, binds)) = self.operator().filter(|(_, binds)| *binds > least) else {
                self.at = before;
                return Ok(left);
            };
            self.operators += 1;
            if self.operators > OPERATORS {
                return Err(Declined);
            }
            self.at += length;
            self.blanks(lines)?;
            let right = self.operation(lines, binds)?;
            let span = Span::new(left.span.start, right.span.end);
            left = Value {
                kind: Kind::Other(vec![left, right]),
                span,
            };
        }
    }

    fn term(&mut self, lines: Lines) -> Done<Value> {
        let start = self.at;
        let mut value = match self.peek() {
            b'(' => {
                self.at += 1;
                self.blanks(Lines::Many)?;
                let inner = self.expression(Lines::Many)?;
                self.blanks(Lines::Many)?;
                self.expect(b')')?;
                inner
            }
            b'!' if self.ahead(1) != b'=' => {
                self.at += 1;
                self.deeper()?;
                self.blanks(Lines::One)?;
                let inner = self.term(lines)?;
                self.depth -= 1;
                Value {
                    kind: Kind::Other(vec![inner]),
                    span: Span::default(),
                }
            }
            _ => Value {
                kind: self.simple()?,
                span: Span::default(),
            },
        };
        value.span = Span::new(start, self.at);
        let operators = self.operators_behind()?;
        let span = Span::new(start, self.at);
        if !operators.is_empty() {
            value = Value {
                kind: refer(value, operators, span),
                span,
            };
        }
        // What goes on behind a blank is not as plain.
        let before = self.at;
        self.blanks(lines)?;
        if matches!(self.peek(), b'[' | b'(')
            || self.peek() == b'.' && self.ahead(1) != b'.'
            || self.peek() == b':' && self.ahead(1) == b':'
        {
            return Err(Declined);
        }
        self.at = before;
        Ok(value)
    }

    fn simple(&mut self) -> Done<Kind> {
        match self.peek() {
            b'"' => self.string(),
            b'[' => self.list(),
            b'{' => self.map(),
            b'0'..=b'9' => self.number(),
            b'-' if self.ahead(1).is_ascii_digit() && self.ahead(1) != b'0' => {
                self.at += 1;
                match self.number()? {
                    Kind::Number(text) => Ok(Kind::Number(format!("-{text}"))),
                    _ => Err(Declined),
                }
            }
            _ => {
                let (name, _) = self.name()?;
                Ok(match (name, self.peek()) {
                    (_, b'(') => Kind::Call(name.to_owned(), self.arguments()?),
                    ("null", _) => Kind::Null,
                    ("true", _) => Kind::Bool(true),
                    ("false", _) => Kind::Bool(false),
                    _ => Kind::Reference(vec![name.to_owned()]),
                })
            }
        }
    }

    fn number(&mut self) -> Done<Kind> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        let text = &self.text[start..self.at];
        let odd = text.len() > 1 && text.starts_with('0') || text.len() > 15;
        if odd || matches!(self.peek(), b'e' | b'E' | b'_') {
            return Err(Declined);
        }
        if self.peek() == b'.' && self.ahead(1) != b'.' {
            return Err(Declined);
        }
        Ok(Kind::Number(text.to_owned()))
    }

    fn string(&mut self) -> Done<Kind> {
        self.expect(b'"')?;
        let (mut pieces, mut literal) = (Vec::new(), String::new());
        let mut from = self.at;
        loop {
            if self.is_end() {
                return Err(Declined);
            }
            match self.peek() {
                b'"' => break,
                b'\n' => return Err(Declined),
                b'\\' => {
                    literal.push_str(&self.text[from..self.at]);
                    literal.push(match self.ahead(1) {
                        b'n' => '\n',
                        b't' => '\t',
                        b'"' => '"',
                        b'\\' => '\\',
                        _ => return Err(Declined),
                    });
                    self.at += 2;
                    from = self.at;
                }
                b'%' if self.ahead(1) == b'{' => return Err(Declined),
                b'$' if self.ahead(1) == b'$' => return Err(Declined),
                b'$' if self.ahead(1) == b'{' => {
                    literal.push_str(&self.text[from..self.at]);
                    if !literal.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut literal)));
                    }
                    self.at += 2;
                    if self.peek() == b'~' {
                        return Err(Declined);
                    }
                    self.deeper()?;
                    self.blanks(Lines::Many)?;
                    pieces.push(Piece::Hole(self.expression(Lines::Many)?));
                    self.blanks(Lines::Many)?;
                    self.expect(b'}')?;
                    self.depth -= 1;
                    from = self.at;
                }
                _ => self.at += 1,
            }
        }
        literal.push_str(&self.text[from..self.at]);
        self.at += 1;
        if pieces.is_empty() {
            return Ok(Kind::Text(literal));
        }
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Ok(Kind::Template(pieces))
    }

    /// Whether `for` stands behind the bracket that was read.
    fn is_for(&mut self) -> Done<bool> {
        let before = self.at;
        self.blanks(Lines::Many)?;
        let found = self.text[self.at..].starts_with("for") && !self.is_longer(3);
        if !found {
            self.at = before;
        }
        Ok(found)
    }

    /// Whether a name goes on so many bytes ahead.
    fn is_longer(&self, by: usize) -> bool {
        let next = self.ahead(by);
        next.is_ascii_alphanumeric() || matches!(next, b'_' | b'-') || !next.is_ascii()
    }

    fn list(&mut self) -> Done<Kind> {
        self.expect(b'[')?;
        if self.is_for()? {
            return self.each(b']');
        }
        let items = self.items(b']')?;
        Ok(Kind::List(items))
    }

    fn arguments(&mut self) -> Done<Vec<Value>> {
        self.expect(b'(')?;
        self.items(b')')
    }

    /// Values up to the bracket, a comma between them.
    fn items(&mut self, close: u8) -> Done<Vec<Value>> {
        let mut items = Vec::new();
        loop {
            self.blanks(Lines::Many)?;
            if self.peek() == close {
                break;
            }
            items.push(self.expression(Lines::Many)?);
            self.blanks(Lines::Many)?;
            if close == b')' && self.text[self.at..].starts_with("...") {
                self.at += 3;
                self.blanks(Lines::Many)?;
                break;
            }
            if self.peek() != b',' {
                break;
            }
            self.at += 1;
        }
        self.expect(close)?;
        Ok(items)
    }

    fn word(&mut self, word: &str) -> Done {
        if !self.text[self.at..].starts_with(word) || self.is_longer(word.len()) {
            return Err(Declined);
        }
        self.at += word.len();
        self.blanks(Lines::Many)
    }

    /// What stands behind `for`, the closing bracket too.
    fn each(&mut self, close: u8) -> Done<Kind> {
        self.word("for")?;
        let mut names = vec![self.name()?.0.to_owned()];
        self.blanks(Lines::Many)?;
        if self.peek() == b',' {
            self.at += 1;
            self.blanks(Lines::Many)?;
            names.insert(0, self.name()?.0.to_owned());
            self.blanks(Lines::Many)?;
        }
        self.word("in")?;
        let mut inside = vec![self.expression(Lines::One)?];
        self.blanks(Lines::Many)?;
        self.expect(b':')?;
        self.blanks(Lines::Many)?;
        let first = self.expression(Lines::One)?;
        self.blanks(Lines::Many)?;
        if close == b'}' {
            self.expect(b'=')?;
            self.expect(b'>')?;
            self.blanks(Lines::Many)?;
            inside.push(self.expression(Lines::One)?);
            inside.push(first);
            self.blanks(Lines::Many)?;
            if self.text[self.at..].starts_with("...") {
                self.at += 3;
                self.blanks(Lines::Many)?;
            }
        } else {
            inside.push(first);
        }
        if self.peek() != close {
            self.word("if")?;
            inside.push(self.expression(Lines::One)?);
            self.blanks(Lines::Many)?;
        }
        self.expect(close)?;
        Ok(Kind::For(names, inside))
    }

    fn map(&mut self) -> Done<Kind> {
        self.expect(b'{')?;
        if self.is_for()? {
            return self.each(b'}');
        }
        let (mut entries, mut computed): (Vec<Entry>, bool) = (Vec::new(), false);
        loop {
            self.blanks(Lines::Many)?;
            if self.peek() == b'}' {
                break;
            }
            let entry = self.entry()?;
            // The parser refuses a key that is there twice.
            let twice = match &entry.key {
                Some(_) => entries.iter().any(|other| other.key == entry.key),
                None => std::mem::replace(&mut computed, true),
            };
            if twice {
                return Err(Declined);
            }
            entries.push(entry);
            self.trailing()?;
            match self.peek() {
                b'}' => break,
                b',' | b'\n' => self.at += 1,
                _ => return Err(Declined),
            }
        }
        self.expect(b'}')?;
        Ok(Kind::Map(entries))
    }

    fn entry(&mut self) -> Done<Entry> {
        // To the parser a sign here may go on with the value of the line above.
        let bracket = self.peek() == b'(';
        if !(bracket || self.is_name() || self.peek() == b'"' || self.peek().is_ascii_digit()) {
            return Err(Declined);
        }
        let key = self.expression(Lines::One)?;
        let key_span = key.span;
        let (name, key_value) = match key.kind {
            Kind::Text(text) | Kind::Number(text) => (Some(text), None),
            Kind::Reference(ref path) if path.len() == 1 && !bracket => {
                (Some(path[0].clone()), None)
            }
            Kind::Null | Kind::Bool(_) => return Err(Declined),
            _ => (None, Some(key)),
        };
        self.blanks(Lines::One)?;
        if !matches!(self.peek(), b'=' | b':') {
            return Err(Declined);
        }
        self.at += 1;
        self.blanks(Lines::One)?;
        let value = self.expression(Lines::One)?;
        Ok(Entry {
            key: name,
            key_value,
            key_span,
            value,
        })
    }

    /// `.name`, `[index]`, `.*` and `[*]`, as they stand behind a term without a blank.
    fn operators_behind(&mut self) -> Done<Vec<Operator>> {
        let mut operators = Vec::new();
        loop {
            match (self.peek(), self.ahead(1)) {
                (b'.', b'.') => return Ok(operators),
                (b'.', b'*') => {
                    self.at += 2;
                    operators.push(Operator::Splat);
                }
                (b'.', _) => {
                    self.at += 1;
                    operators.push(Operator::Name(self.name()?.0.to_owned()));
                }
                (b'[', b'*') => {
                    self.at += 2;
                    self.expect(b']')?;
                    operators.push(Operator::Splat);
                }
                (b'[', _) => {
                    self.at += 1;
                    self.blanks(Lines::Many)?;
                    let index = self.expression(Lines::Many)?;
                    self.blanks(Lines::Many)?;
                    self.expect(b']')?;
                    operators.push(Operator::Index(index));
                }
                _ => return Ok(operators),
            }
        }
    }
}
