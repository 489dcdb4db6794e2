//! Go template text to tree.
//!
//! Owns the grammar of `text/template`: control structures, pipelines, declarations, operands, and the
//! errors that Go finds before it runs anything. Knows nothing of values.

use std::sync::Arc;

use crate::source::Span;

use super::ast::{Block, Node, Parsed, Template};
use super::lex::{LexError, Lexeme, Token, lex};
use super::unquote::unquote;

mod expression;

/// Why a text is no template.
#[derive(Debug, Clone)]
pub(crate) struct ParseError {
    pub(crate) message: String,
    pub(crate) span: Span,
    pub(crate) help: Option<String>,
}

impl From<LexError> for ParseError {
    fn from(error: LexError) -> Self {
        Self {
            message: error.message,
            span: error.span,
            help: None,
        }
    }
}

/// Deepest nesting of blocks and parentheses, so that no text exhausts the stack.
const MAX_DEPTH: usize = 200;

/// Parses the file of that index as the template `name`.
///
/// # Errors
/// The first fault, with its bytes.
pub(crate) fn parse(name: &Arc<str>, text: &str, file: u32) -> Result<Parsed, ParseError> {
    let lexemes = lex(text)?;
    let mut parser = Parser {
        text,
        lexemes,
        at: 0,
        file,
        defines: Vec::new(),
        scope: Scope::default(),
        depth: 0,
    };
    let body = parser.file_body()?;
    let body = Arc::new(Template {
        name: Arc::clone(name),
        file,
        blank: is_blank(&body),
        body,
    });
    Ok(Parsed {
        body,
        defines: parser.defines,
    })
}

/// What names mean at a place: variables and whether a loop is open.
#[derive(Debug)]
struct Scope {
    variables: Vec<Arc<str>>,
    loops: usize,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            variables: vec![Arc::from("$")],
            loops: 0,
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    lexemes: Vec<Lexeme>,
    at: usize,
    file: u32,
    defines: Vec<Arc<Template>>,
    scope: Scope,
    depth: usize,
}

/// What ended a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    End,
    Else,
    /// `{{else if` or `{{else with`; the keyword is next.
    ElseChain,
}

type Result<T, E = ParseError> = std::result::Result<T, E>;

impl Parser<'_> {
    fn peek(&self) -> Lexeme {
        self.lexemes[self.at.min(self.lexemes.len() - 1)]
    }

    fn next(&mut self) -> Lexeme {
        let lexeme = self.peek();
        self.at += 1;
        lexeme
    }

    fn skip_space(&mut self) {
        while self.peek().token == Token::Space {
            self.at += 1;
        }
    }

    fn next_solid(&mut self) -> Lexeme {
        self.skip_space();
        self.next()
    }

    fn slice(&self, lexeme: Lexeme) -> &str {
        &self.text[lexeme.span.start..lexeme.span.end]
    }

    fn fail<T>(&self, lexeme: Lexeme, message: impl Into<String>) -> Result<T> {
        Err(ParseError {
            message: message.into(),
            span: lexeme.span,
            help: None,
        })
    }

    fn unexpected<T>(&self, lexeme: Lexeme, context: &str) -> Result<T> {
        if lexeme.token == Token::Eof {
            return self.fail(lexeme, format!("the file ends inside {context}"));
        }
        self.fail(
            lexeme,
            format!("unexpected `{}` in {context}", self.slice(lexeme)),
        )
    }

    fn word(&self, lexeme: Lexeme) -> Option<&str> {
        (lexeme.token == Token::Word).then(|| self.slice(lexeme))
    }

    fn enter(&mut self, lexeme: Lexeme) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail(lexeme, format!("nested deeper than {MAX_DEPTH} levels"));
        }
        Ok(())
    }

    fn file_body(&mut self) -> Result<Block> {
        let mut body = Block::new();
        loop {
            let lexeme = self.next();
            match lexeme.token {
                Token::Eof => return Ok(body),
                Token::Text => body.push(self.literal(lexeme)),
                Token::Open => {
                    let mark = self.at;
                    let first = self.next_solid();
                    if self.word(first) == Some("define") {
                        self.definition(lexeme)?;
                        continue;
                    }
                    self.at = mark;
                    match self.action(lexeme)? {
                        Item::Node(node) => body.push(node),
                        Item::End(_) => return self.fail(first, "this closes nothing"),
                    }
                }
                _ => return self.unexpected(lexeme, "a template"),
            }
        }
    }

    fn literal(&self, lexeme: Lexeme) -> Node {
        Node::Text {
            text: Arc::from(self.slice(lexeme)),
            offset: offset(lexeme.span.start),
        }
    }

    fn definition(&mut self, open: Lexeme) -> Result<()> {
        let name = self.template_name("`define`")?;
        let close = self.next_solid();
        if close.token != Token::Close {
            return self.unexpected(close, "`define`");
        }
        self.named(&name, open)
    }

    /// Parses the body of `define` or `block` and keeps it.
    fn named(&mut self, name: &Arc<str>, open: Lexeme) -> Result<()> {
        let outer = std::mem::take(&mut self.scope);
        let (body, end) = self.block(open)?;
        self.scope = outer;
        if end != Stop::End {
            let here = self.lexemes[self.at.saturating_sub(1)];
            return self.fail(here, "`else` without `if`, `with` or `range`");
        }
        let blank = is_blank(&body);
        if let Some(old) = self.defines.iter().position(|old| old.name == *name) {
            if blank {
                return Ok(());
            }
            if !self.defines[old].blank {
                return self.fail(open, format!("`{name}` is defined twice in this file"));
            }
            self.defines.remove(old);
        }
        self.defines.push(Arc::new(Template {
            name: Arc::clone(name),
            file: self.file,
            body,
            blank,
        }));
        Ok(())
    }

    fn template_name(&mut self, context: &str) -> Result<Arc<str>> {
        let lexeme = self.next_solid();
        match lexeme.token {
            Token::String | Token::Raw => self.string(lexeme),
            _ => self.unexpected(lexeme, context),
        }
    }

    fn string(&self, lexeme: Lexeme) -> Result<Arc<str>> {
        let raw = self.slice(lexeme);
        if lexeme.token == Token::Raw {
            return Ok(Arc::from(raw[1..raw.len() - 1].replace('\r', "")));
        }
        match unquote(&raw[1..raw.len() - 1]) {
            Some(text) => Ok(Arc::from(text)),
            None => self.fail(lexeme, "this string has an escape that Go does not know"),
        }
    }

    /// Parses up to the `end` or `else` that belongs to `open`.
    fn block(&mut self, open: Lexeme) -> Result<(Block, Stop)> {
        self.enter(open)?;
        let mut body = Block::new();
        loop {
            let lexeme = self.next();
            match lexeme.token {
                Token::Text => body.push(self.literal(lexeme)),
                Token::Open => match self.action(lexeme)? {
                    Item::Node(node) => body.push(node),
                    Item::End(end) => {
                        self.depth -= 1;
                        return Ok((body, end));
                    }
                },
                Token::Eof => return self.fail(open, "this has no `{{ end }}`"),
                _ => return self.unexpected(lexeme, "a template"),
            }
        }
    }

    fn action(&mut self, open: Lexeme) -> Result<Item> {
        let mark = self.at;
        let first = self.next_solid();
        let keyword = self.word(first).unwrap_or("").to_owned();
        Ok(Item::Node(match keyword.as_str() {
            "if" | "with" | "range" => self.control(&keyword, open)?,
            "end" => {
                self.close("`end`")?;
                return Ok(Item::End(Stop::End));
            }
            "else" => {
                self.skip_space();
                let next = self.peek();
                if matches!(self.word(next), Some("if" | "with")) {
                    return Ok(Item::End(Stop::ElseChain));
                }
                self.close("`else`")?;
                return Ok(Item::End(Stop::Else));
            }
            "break" | "continue" => {
                self.close(&keyword)?;
                if self.scope.loops == 0 {
                    return self.fail(first, format!("`{keyword}` outside `range`"));
                }
                if keyword == "break" {
                    Node::Break
                } else {
                    Node::Continue
                }
            }
            "template" => {
                let name = self.template_name("`template`")?;
                self.skip_space();
                let pipe = if self.peek().token == Token::Close {
                    self.at += 1;
                    None
                } else {
                    Some(self.pipe("`template`", Token::Close)?)
                };
                Node::Template {
                    name,
                    pipe,
                    offset: offset(open.span.start),
                }
            }
            "block" => {
                let name = self.template_name("`block`")?;
                let pipe = self.pipe("`block`", Token::Close)?;
                self.named(&name, open)?;
                Node::Template {
                    name,
                    pipe: Some(pipe),
                    offset: offset(open.span.start),
                }
            }
            "define" => return self.fail(first, "`define` inside another action"),
            _ => {
                self.at = mark;
                Node::Action(self.pipe("an action", Token::Close)?)
            }
        }))
    }

    fn close(&mut self, context: &str) -> Result<()> {
        let lexeme = self.next_solid();
        if lexeme.token == Token::Close {
            Ok(())
        } else {
            self.unexpected(lexeme, context)
        }
    }

    fn control(&mut self, keyword: &str, open: Lexeme) -> Result<Node> {
        let variables = self.scope.variables.len();
        let pipe = self.pipe(keyword, Token::Close)?;
        let looping = usize::from(keyword == "range");
        self.scope.loops += looping;
        let (then, end) = self.block(open)?;
        self.scope.loops -= looping;
        let otherwise = match end {
            Stop::End => Block::new(),
            Stop::Else => {
                let (body, end) = self.block(open)?;
                if end != Stop::End {
                    let here = self.lexemes[self.at.saturating_sub(1)];
                    return self.fail(here, "a second `else`");
                }
                body
            }
            Stop::ElseChain => {
                let next = self.next_solid();
                let chained = self.word(next).unwrap_or("").to_owned();
                if chained != keyword {
                    return self.unexpected(next, "`else`");
                }
                self.enter(next)?;
                let node = self.control(&chained, open)?;
                self.depth -= 1;
                vec![node]
            }
        };
        self.scope.variables.truncate(variables);
        Ok(match keyword {
            "if" => Node::If {
                pipe,
                then,
                otherwise,
            },
            "with" => Node::With {
                pipe,
                then,
                otherwise,
            },
            _ => Node::Range {
                pipe,
                then,
                otherwise,
            },
        })
    }
}

enum Item {
    Node(Node),
    End(Stop),
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn is_blank(block: &Block) -> bool {
    block
        .iter()
        .all(|node| matches!(node, Node::Text { text, .. } if text.trim().is_empty()))
}
