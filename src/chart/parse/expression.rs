//! Pipelines and what stands in them.

use std::sync::Arc;

use super::super::ast::{Command, Expr, ExprKind, Number, Pipe};
use super::super::functions;
use super::super::lex::{Lexeme, Token};
use super::super::number;
use super::super::unquote::unquote_char;
use super::{ParseError, Parser, Result, offset};

pub(super) fn is_literal(kind: &ExprKind) -> bool {
    matches!(
        kind,
        ExprKind::Dot | ExprKind::Nil | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::Str(_)
    )
}

/// The constant that Go makes of a number; `1.0` is an integer where one is asked for.
pub(super) fn parse_number(text: &str) -> Option<Number> {
    let clean = underscores(text)?;
    let int = number::parse_int(&clean, 0).or_else(|| {
        number::parse_uint(&clean, 0)
            .map(|_| None)
            .unwrap_or_default()
    });
    if let Some(value) = int {
        return Some(Number {
            int,
            float: Some(value as f64),
            written_float: false,
        });
    }
    let float = number::parse_float(&clean)?;
    let hex = clean
        .trim_start_matches(['+', '-'])
        .to_ascii_lowercase()
        .starts_with("0x");
    if !hex && !clean.contains(['.', 'e', 'E']) {
        return None;
    }
    let int = (float.fract() == 0.0 && float.abs() < 9.2e18).then_some(float as i64);
    Some(Number {
        int,
        float: Some(float),
        written_float: true,
    })
}

pub(super) fn underscores(text: &str) -> Option<String> {
    if !text.contains('_') {
        return Some(text.to_owned());
    }
    // Go allows them between digits, and only where a base prefix or base 0 makes them plain.
    let sound = !text.contains("__") && !text.ends_with('_') && !text.starts_with('_');
    sound.then(|| text.replace('_', ""))
}

impl Parser<'_> {
    pub(super) fn pipe(&mut self, context: &str, end: Token) -> Result<Pipe> {
        self.skip_space();
        let start = self.peek();
        let mut pipe = Pipe {
            offset: offset(start.span.start),
            end: 0,
            variables: Vec::new(),
            assigns: false,
            commands: Vec::new(),
        };
        self.declarations(&mut pipe, context)?;
        loop {
            self.skip_space();
            let lexeme = self.peek();
            if lexeme.token == end {
                pipe.end = offset(lexeme.span.start);
                self.at += 1;
                if pipe.commands.is_empty() {
                    return self.fail(lexeme, format!("{context} has no value"));
                }
                return Ok(pipe);
            }
            match lexeme.token {
                Token::Word
                | Token::Field
                | Token::Dot
                | Token::Variable
                | Token::Number
                | Token::String
                | Token::Raw
                | Token::Char
                | Token::LeftParen => {
                    let later = !pipe.commands.is_empty();
                    let command = self.command()?;
                    if later && is_literal(&command.head.kind) {
                        return self.fail(lexeme, "a constant cannot take what is piped into it");
                    }
                    pipe.commands.push(command);
                }
                _ => return self.unexpected(lexeme, context),
            }
        }
    }

    pub(super) fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Result<()> {
        loop {
            self.skip_space();
            let mark = self.at;
            let variable = self.peek();
            if variable.token != Token::Variable {
                return Ok(());
            }
            self.at += 1;
            self.skip_space();
            let next = self.peek();
            let name: Arc<str> = Arc::from(self.slice(variable));
            match next.token {
                Token::Declare | Token::Assign => {
                    pipe.assigns = next.token == Token::Assign;
                    self.at += 1;
                    pipe.variables.push(Arc::clone(&name));
                    self.scope.variables.push(name);
                    return Ok(());
                }
                Token::Comma if context == "range" && pipe.variables.is_empty() => {
                    self.at += 1;
                    pipe.variables.push(Arc::clone(&name));
                    self.scope.variables.push(name);
                    self.skip_space();
                    match self.peek().token {
                        Token::Variable | Token::Close | Token::RightParen => {}
                        _ => return self.unexpected(self.peek(), "the variables of `range`"),
                    }
                }
                Token::Comma => {
                    return self.fail(next, format!("too many variables in {context}"));
                }
                _ => {
                    self.at = mark;
                    return Ok(());
                }
            }
        }
    }

    pub(super) fn command(&mut self) -> Result<Command> {
        let mut operands = Vec::new();
        loop {
            self.skip_space();
            if let Some(operand) = self.operand()? {
                operands.push(operand);
            }
            let lexeme = self.peek();
            match lexeme.token {
                Token::Space => self.at += 1,
                Token::Pipe => {
                    self.at += 1;
                    break;
                }
                Token::Close | Token::RightParen => break,
                _ => return self.unexpected(lexeme, "an operand"),
            }
        }
        if operands.is_empty() {
            let here = self.lexemes[self.at.saturating_sub(1)];
            return self.fail(here, "nothing stands before this");
        }
        let arguments = operands.split_off(1);
        let head = operands
            .pop()
            .expect("internal error: a command has at least one operand");
        Ok(Command { head, arguments })
    }

    pub(super) fn operand(&mut self) -> Result<Option<Expr>> {
        let start = self.peek();
        let Some(mut expr) = self.term()? else {
            return Ok(None);
        };
        if self.peek().token != Token::Field {
            return Ok(Some(expr));
        }
        let mut fields = Vec::new();
        let mut end = expr.end;
        while self.peek().token == Token::Field {
            let field = self.next();
            fields.push(Arc::from(&self.slice(field)[1..]));
            end = offset(field.span.end);
        }
        expr.end = end;
        match &mut expr.kind {
            ExprKind::Field(names) | ExprKind::Variable(_, names) => names.extend(fields),
            kind if is_literal(kind) => {
                return self.fail(start, "a field of a constant");
            }
            _ => {
                let (from, to) = (expr.offset, expr.end);
                expr = Expr {
                    offset: from,
                    end: to,
                    kind: ExprKind::Chain(Box::new(expr), fields),
                };
            }
        }
        Ok(Some(expr))
    }

    pub(super) fn term(&mut self) -> Result<Option<Expr>> {
        let lexeme = self.peek();
        let kind = match lexeme.token {
            Token::Word => self.named_term(lexeme)?,
            Token::Dot => ExprKind::Dot,
            Token::Variable => {
                let name = self.slice(lexeme);
                if !self.scope.variables.iter().any(|known| &**known == name) {
                    return self.fail(lexeme, format!("the variable `{name}` is not declared"));
                }
                ExprKind::Variable(Arc::from(name), Vec::new())
            }
            Token::Field => ExprKind::Field(vec![Arc::from(&self.slice(lexeme)[1..])]),
            Token::Number => match parse_number(self.slice(lexeme)) {
                Some(number) => ExprKind::Number(number),
                None => return self.fail(lexeme, "not a number that Go reads"),
            },
            Token::Char => {
                let raw = self.slice(lexeme);
                match unquote_char(&raw[1..raw.len() - 1]) {
                    Some(c) => ExprKind::Number(Number {
                        int: Some(i64::from(u32::from(c))),
                        float: Some(f64::from(u32::from(c))),
                        written_float: false,
                    }),
                    None => return self.fail(lexeme, "not one character"),
                }
            }
            Token::String | Token::Raw => ExprKind::Str(self.string(lexeme)?),
            Token::LeftParen => {
                self.at += 1;
                self.enter(lexeme)?;
                let pipe = self.pipe("parentheses", Token::RightParen)?;
                self.depth -= 1;
                return Ok(Some(Expr {
                    offset: offset(lexeme.span.start),
                    end: pipe.end + 1,
                    kind: ExprKind::Pipe(Box::new(pipe)),
                }));
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(Expr {
            offset: offset(lexeme.span.start),
            end: offset(lexeme.span.end),
            kind,
        }))
    }

    pub(super) fn named_term(&self, lexeme: Lexeme) -> Result<ExprKind> {
        Ok(match self.slice(lexeme) {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "nil" => ExprKind::Nil,
            keyword @ ("if" | "else" | "end" | "range" | "with" | "define" | "block"
            | "template" | "break" | "continue") => {
                return self.fail(lexeme, format!("the keyword `{keyword}` is no value"));
            }
            name => match functions::find(name) {
                Some(function) => ExprKind::Function(function),
                None => {
                    return Err(ParseError {
                        message: format!("the function `{name}` does not exist"),
                        span: lexeme.span,
                        help: functions::nearest(name)
                            .map(|near| format!("did you mean `{near}`?")),
                    });
                }
            },
        })
    }
}
