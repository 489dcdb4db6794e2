//! The words of a Go template.
//!
//! Owns the split into literal text and actions, trim markers, comments and the tokens inside an action.
//! Knows nothing of what the words mean.

use memchr::memmem;

use crate::source::Span;

/// One token of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// Literal text outside actions, already trimmed.
    Text,
    Open,
    Close,
    /// A name: keyword, function, `true`, `nil`.
    Word,
    /// `.name`.
    Field,
    /// `.` alone.
    Dot,
    /// `$` or `$name`.
    Variable,
    Number,
    /// `"…"`, not yet unescaped.
    String,
    /// Between backquotes.
    Raw,
    /// `'x'`.
    Char,
    Pipe,
    Declare,
    Assign,
    LeftParen,
    RightParen,
    Comma,
    Space,
    Eof,
}

/// A token and its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lexeme {
    pub(super) token: Token,
    pub(super) span: Span,
}

/// Why a text cannot be split.
#[derive(Debug, Clone)]
pub(super) struct LexError {
    pub(super) message: String,
    pub(super) span: Span,
}

/// Splits a whole template.
pub(super) fn lex(text: &str) -> Result<Vec<Lexeme>, LexError> {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        out: Vec::new(),
    };
    lexer.run()?;
    Ok(lexer.out)
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    out: Vec<Lexeme>,
}

const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), LexError> {
        loop {
            let start = self.at;
            let open = memmem::find(&self.bytes[start..], b"{{");
            let Some(open) = open.map(|at| start + at) else {
                self.push_text(start, self.bytes.len());
                self.push(Token::Eof, self.bytes.len(), self.bytes.len());
                return Ok(());
            };
            let inside = open + 2;
            let trims = self.trims_left(inside);
            let end = if trims {
                start + self.text[start..open].trim_end_matches(BLANK).len()
            } else {
                open
            };
            self.push_text(start, end);
            self.at = if trims { inside + 2 } else { inside };
            if self.text[self.at..].starts_with("/*") {
                self.comment(open)?;
            } else {
                self.push(Token::Open, open, self.at);
                self.action(open)?;
            }
        }
    }

    fn trims_left(&self, at: usize) -> bool {
        self.bytes.get(at) == Some(&b'-') && self.bytes.get(at + 1).is_some_and(|b| is_blank(*b))
    }

    fn push_text(&mut self, start: usize, end: usize) {
        if end > start {
            self.push(Token::Text, start, end);
        }
    }

    fn push(&mut self, token: Token, start: usize, end: usize) {
        self.out.push(Lexeme {
            token,
            span: Span::new(start, end),
        });
    }

    fn fail<T>(&self, message: impl Into<String>, start: usize, end: usize) -> Result<T, LexError> {
        Err(LexError {
            message: message.into(),
            span: Span::new(start, end.min(self.bytes.len())),
        })
    }

    fn comment(&mut self, open: usize) -> Result<(), LexError> {
        let Some(close) = self.text[self.at + 2..].find("*/") else {
            return self.fail("this comment is never closed", open, open + 4);
        };
        self.at += 2 + close + 2;
        match self.close_here() {
            Some(trim) => self.leave(trim),
            None => self.fail("a comment must end right before `}}`", open, self.at),
        }
    }

    /// Whether `}}` stands here, and whether it trims the text behind it.
    fn close_here(&self) -> Option<bool> {
        let rest = &self.bytes[self.at..];
        if rest.len() >= 4 && is_blank(rest[0]) && rest[1] == b'-' && &rest[2..4] == b"}}" {
            Some(true)
        } else if rest.starts_with(b"}}") {
            Some(false)
        } else {
            None
        }
    }

    fn leave(&mut self, trim: bool) -> Result<(), LexError> {
        self.at += if trim { 4 } else { 2 };
        if trim {
            let rest = &self.text[self.at..];
            self.at += rest.len() - rest.trim_start_matches(BLANK).len();
        }
        Ok(())
    }

    fn action(&mut self, open: usize) -> Result<(), LexError> {
        let mut depth = 0_usize;
        loop {
            if let Some(trim) = self.close_here() {
                if depth > 0 {
                    return self.fail("a parenthesis is not closed before `}}`", open, self.at);
                }
                self.push(Token::Close, self.at, self.at + if trim { 4 } else { 2 });
                return self.leave(trim);
            }
            let start = self.at;
            let Some(&byte) = self.bytes.get(start) else {
                return self.fail("this action is never closed with `}}`", open, open + 2);
            };
            match byte {
                b if is_blank(b) => {
                    while self.bytes.get(self.at).copied().is_some_and(is_blank) {
                        if self.close_here().is_some() {
                            break;
                        }
                        self.at += 1;
                    }
                    self.push(Token::Space, start, self.at);
                }
                b'(' => {
                    depth += 1;
                    self.one(Token::LeftParen, 1);
                }
                b')' => {
                    let Some(less) = depth.checked_sub(1) else {
                        return self.fail("`)` closes nothing", start, start + 1);
                    };
                    depth = less;
                    self.one(Token::RightParen, 1);
                }
                b'|' => self.one(Token::Pipe, 1),
                b',' => self.one(Token::Comma, 1),
                b'=' => self.one(Token::Assign, 1),
                b':' if self.bytes.get(start + 1) == Some(&b'=') => self.one(Token::Declare, 2),
                b'"' => self.quoted(Token::String, b'"')?,
                b'\'' => self.quoted(Token::Char, b'\'')?,
                b'`' => self.raw()?,
                b'$' => {
                    self.at += 1;
                    self.word_end(start, Token::Variable)?;
                }
                b'.' if self.bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => {
                    self.number()?
                }
                b'.' => self.field(start)?,
                b'+' | b'-' | b'0'..=b'9' => self.number()?,
                _ if self.starts_word() => self.word_end(start, Token::Word)?,
                _ => {
                    let c = self.text[start..].chars().next().unwrap_or(' ');
                    let end = start + c.len_utf8();
                    return self.fail(
                        format!("the character {c:?} means nothing here"),
                        start,
                        end,
                    );
                }
            }
        }
    }

    fn one(&mut self, token: Token, length: usize) {
        self.push(token, self.at, self.at + length);
        self.at += length;
    }

    fn starts_word(&self) -> bool {
        self.text[self.at..].chars().next().is_some_and(is_word)
    }

    fn skip_word(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches(is_word).len();
    }

    fn word_end(&mut self, start: usize, token: Token) -> Result<(), LexError> {
        self.skip_word();
        self.terminated(start)?;
        self.push(token, start, self.at);
        Ok(())
    }

    /// A name must end where another kind of token may begin.
    fn terminated(&self, start: usize) -> Result<(), LexError> {
        let ok = match self.text[self.at..].chars().next() {
            None => true,
            Some(c) => {
                matches!(
                    c,
                    ' ' | '\t' | '\r' | '\n' | '.' | ',' | '|' | ':' | ')' | '(' | '='
                ) || self.text[self.at..].starts_with("}}")
            }
        };
        if ok {
            Ok(())
        } else {
            let c = self.text[self.at..].chars().next().unwrap_or(' ');
            self.fail(
                format!("{c:?} cannot follow a name"),
                start,
                self.at + c.len_utf8(),
            )
        }
    }

    fn field(&mut self, start: usize) -> Result<(), LexError> {
        self.at += 1;
        if !self.starts_word() {
            self.terminated(start)?;
            self.push(Token::Dot, start, self.at);
            return Ok(());
        }
        self.word_end(start, Token::Field)
    }

    fn quoted(&mut self, token: Token, quote: u8) -> Result<(), LexError> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                Some(b'\\') if self.bytes.get(self.at + 1).is_some_and(|b| *b != b'\n') => {
                    self.at += 2;
                }
                Some(byte) if *byte == quote => {
                    self.at += 1;
                    self.push(token, start, self.at);
                    return Ok(());
                }
                None | Some(b'\n' | b'\\') => {
                    return self.fail("this quoted text is not closed on its line", start, self.at);
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn raw(&mut self) -> Result<(), LexError> {
        let start = self.at;
        match self.text[start + 1..].find('`') {
            Some(length) => {
                self.at = start + 1 + length + 1;
                self.push(Token::Raw, start, self.at);
                Ok(())
            }
            None => self.fail("this raw text is never closed", start, start + 1),
        }
    }

    fn number(&mut self) -> Result<(), LexError> {
        let start = self.at;
        let skip = |lexer: &mut Self, set: &str| {
            while lexer
                .bytes
                .get(lexer.at)
                .is_some_and(|b| set.contains(char::from(*b)))
            {
                lexer.at += 1;
            }
        };
        if matches!(self.bytes[start], b'+' | b'-') {
            self.at += 1;
        }
        let mut digits = "0123456789_";
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
            match self.bytes.get(self.at) {
                Some(b'x' | b'X') => {
                    self.at += 1;
                    digits = "0123456789abcdefABCDEF_";
                }
                Some(b'o' | b'O') => {
                    self.at += 1;
                    digits = "01234567_";
                }
                Some(b'b' | b'B') => {
                    self.at += 1;
                    digits = "01_";
                }
                _ => {}
            }
        }
        skip(self, digits);
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            skip(self, digits);
        }
        let exponent: &[u8] = match digits.len() {
            11 => b"eE",
            23 => b"pP",
            _ => b"",
        };
        if self
            .bytes
            .get(self.at)
            .is_some_and(|b| exponent.contains(b))
        {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            skip(self, "0123456789_");
        }
        if self.starts_word() {
            let end = self.at + 1;
            return self.fail("this number has letters at its end", start, end);
        }
        self.push(Token::Number, start, self.at);
        Ok(())
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}
