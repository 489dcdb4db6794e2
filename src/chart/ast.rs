//! The tree of a Go template.
//!
//! Owns the node types that the parser builds and the evaluator walks. Offsets count bytes of the template
//! file, so that every node can be pointed at.

use std::sync::Arc;

use super::functions::Function;

/// One parsed file: its own body and what it defines.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) body: Arc<Template>,
    pub(crate) defines: Vec<Arc<Template>>,
}

/// A named template.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) name: Arc<str>,
    /// Index of the file it stands in.
    pub(crate) file: u32,
    pub(crate) body: Block,
    /// Whether it holds nothing but space, so that it may not replace another.
    pub(crate) blank: bool,
}

impl Template {
    /// Bytes of the literal text that stands in no action.
    pub(crate) fn literal(&self) -> usize {
        let texts = self.body.iter().map(|node| match node {
            Node::Text { text, .. } => text.len(),
            _ => 0,
        });
        texts.sum()
    }
}

/// Nodes in a row.
pub(crate) type Block = Vec<Node>;

#[derive(Debug)]
pub(crate) enum Node {
    /// Literal text and where it starts.
    Text {
        text: Arc<str>,
        offset: u32,
    },
    /// A pipeline whose value is printed unless it declares or assigns.
    Action(Pipe),
    If {
        pipe: Pipe,
        then: Block,
        otherwise: Block,
    },
    With {
        pipe: Pipe,
        then: Block,
        otherwise: Block,
    },
    Range {
        pipe: Pipe,
        then: Block,
        otherwise: Block,
    },
    Template {
        name: Arc<str>,
        pipe: Option<Pipe>,
        offset: u32,
    },
    Break,
    Continue,
}

/// Commands joined by `|`, perhaps into variables.
#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) offset: u32,
    pub(crate) end: u32,
    pub(crate) variables: Vec<Arc<str>>,
    pub(crate) assigns: bool,
    pub(crate) commands: Vec<Command>,
}

/// A function or operand and its arguments.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) head: Expr,
    pub(crate) arguments: Vec<Expr>,
}

#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) offset: u32,
    pub(crate) end: u32,
    pub(crate) kind: ExprKind,
}

#[derive(Debug)]
pub(crate) enum ExprKind {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    Str(Arc<str>),
    /// `.a.b`.
    Field(Vec<Arc<str>>),
    /// `$x` and the fields behind it.
    Variable(Arc<str>, Vec<Arc<str>>),
    Function(&'static Function),
    /// Fields of a parenthesised pipeline or of a function without arguments.
    Chain(Box<Expr>, Vec<Arc<str>>),
    Pipe(Box<Pipe>),
}

/// A number constant, which is whatever type the place asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number {
    pub(crate) int: Option<i64>,
    pub(crate) float: Option<f64>,
    /// Whether it is written as a float, which decides where anything goes.
    pub(crate) written_float: bool,
}
