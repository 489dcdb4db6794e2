//! HCL as a small tree with spans: what Terraform files say, without evaluating them.
//!
//! Owns the translation from the parser's own tree, which knows more than is asked here. Only the first
//! error of a file is told.

use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};
use hcl_edit::structure::Structure;
use hcl_edit::template::{Directive, Element};

use super::Span;

mod plain;

/// A body: a file, or what stands between braces.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Body {
    /// `name = value`, in order.
    pub attributes: Vec<Attribute>,
    /// Blocks, in order.
    pub blocks: Vec<Block>,
}

/// `name = value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// Its bytes.
    pub name_span: Span,
    /// The value.
    pub value: Value,
}

/// `kind "label" "label" { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The word in front.
    pub kind: String,
    /// Its bytes.
    pub kind_span: Span,
    /// The labels.
    pub labels: Vec<(String, Span)>,
    /// The inside.
    pub body: Body,
    /// All bytes.
    pub span: Span,
}

/// An expression and its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// The bytes.
    pub span: Span,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as written.
    Number(String),
    /// A string without holes.
    Text(String),
    /// A string with holes: literal parts and expressions.
    Template(Vec<Piece>),
    /// `[a, b]`.
    List(Vec<Value>),
    /// `{a = b}`; keys that are not literal have no name.
    Map(Vec<Entry>),
    /// `a.b[0].c`: names from the root; an index that is no literal ends it.
    Reference(Vec<String>),
    /// `name(a, b)`.
    Call(String, Vec<Value>),
    /// `[for v in x : y]`: the names it binds, and the expressions inside.
    For(Vec<String>, Vec<Value>),
    /// Any other operation, with the expressions it is made of.
    Other(Vec<Value>),
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Literal text.
    Text(String),
    /// A hole.
    Hole(Value),
}

/// An entry of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key, where it is literal.
    pub key: Option<String>,
    /// The key's expression, where it is none.
    pub key_value: Option<Value>,
    /// The key's bytes.
    pub key_span: Span,
    /// The value.
    pub value: Value,
}

/// Why a text is no HCL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub span: Span,
}

impl Body {
    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.attribute(name).map(|attribute| &attribute.value)
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    /// The blocks of a kind.
    pub fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}

impl Block {
    /// The label at that position; empty where there is none.
    pub fn label(&self, at: usize) -> &str {
        self.labels.get(at).map_or("", |(label, _)| label)
    }
}

impl Value {
    /// A string without holes.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A string, number or boolean as text.
    pub fn scalar(&self) -> Option<String> {
        match &self.kind {
            Kind::Text(text) | Kind::Number(text) => Some(text.clone()),
            Kind::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// The entry of a map.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Map(entries) => entries
                .iter()
                .find(|entry| entry.key.as_deref() == Some(key))
                .map(|entry| &entry.value),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// Calls `see` with this expression and every one inside, and the names that `for` binds around it.
    pub fn visit<'a>(
        &'a self,
        bound: &mut Vec<&'a str>,
        see: &mut dyn FnMut(&'a Self, &[&'a str]),
    ) {
        see(self, bound);
        match &self.kind {
            Kind::Template(pieces) => {
                for piece in pieces {
                    if let Piece::Hole(value) = piece {
                        value.visit(bound, see);
                    }
                }
            }
            Kind::List(items) | Kind::Call(_, items) | Kind::Other(items) => {
                for item in items {
                    item.visit(bound, see);
                }
            }
            Kind::Map(entries) => {
                for entry in entries {
                    if let Some(key) = &entry.key_value {
                        key.visit(bound, see);
                    }
                    entry.value.visit(bound, see);
                }
            }
            Kind::For(names, items) => {
                let before = bound.len();
                bound.extend(names.iter().map(String::as_str));
                for item in items {
                    item.visit(bound, see);
                }
                bound.truncate(before);
            }
            _ => {}
        }
    }
}

/// Reads a file.
///
/// # Errors
/// The first fault.
pub fn read(text: &str) -> Result<Body, Error> {
    plain::read(text).or_else(|plain::Declined| parse(text))
}

/// Reads a file with the parser, which knows all of the language.
fn parse(text: &str) -> Result<Body, Error> {
    let body = hcl_edit::parser::parse_body(text).map_err(|error| {
        let mut at = error.location().offset().min(text.len());
        // The parser counts to bytes inside a character too.
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        Error {
            message: error.message().trim().to_owned(),
            span: Span::new(at, end),
        }
    })?;
    Ok(self::body(&body))
}

fn span(range: Option<std::ops::Range<usize>>) -> Span {
    range.map_or_else(Span::default, |range| Span::new(range.start, range.end))
}

fn spanned<T: hcl_edit::Span>(value: &T) -> Span {
    span(value.span())
}

fn body(body: &hcl_edit::structure::Body) -> Body {
    let mut out = Body::default();
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => out.attributes.push(Attribute {
                name: attribute.key.as_str().to_owned(),
                name_span: spanned(&attribute.key),
                value: value(&attribute.value),
            }),
            Structure::Block(block) => out.blocks.push(Block {
                kind: block.ident.as_str().to_owned(),
                kind_span: spanned(&block.ident),
                labels: block
                    .labels
                    .iter()
                    .map(|label| (label.as_str().to_owned(), spanned(label)))
                    .collect(),
                body: self::body(&block.body),
                span: spanned(block),
            }),
        }
    }
    out
}

fn values<'a>(items: impl IntoIterator<Item = &'a Expression>) -> Vec<Value> {
    items.into_iter().map(value).collect()
}

fn value(expression: &Expression) -> Value {
    let span = spanned(expression);
    let kind = match expression {
        Expression::Null(_) => Kind::Null,
        Expression::Bool(value) => Kind::Bool(*value.as_ref()),
        Expression::Number(number) => Kind::Number(number.value().to_string()),
        Expression::String(text) => Kind::Text(text.as_str().to_owned()),
        Expression::Array(items) => Kind::List(values(items.iter())),
        Expression::Object(object) => Kind::Map(
            object
                .iter()
                .map(|(key, value)| entry(key, value.expr()))
                .collect(),
        ),
        Expression::StringTemplate(template) => template_kind(template.iter()),
        Expression::HeredocTemplate(here) => template_kind(here.template.iter()),
        Expression::Parenthesis(inner) => {
            return Value {
                span,
                ..value(inner.inner())
            };
        }
        Expression::Variable(name) => Kind::Reference(vec![name.as_str().to_owned()]),
        Expression::Conditional(one) => {
            Kind::Other(values([&one.cond_expr, &one.true_expr, &one.false_expr]))
        }
        Expression::FuncCall(call) => {
            Kind::Call(call.name.name.as_str().to_owned(), values(call.args.iter()))
        }
        Expression::Traversal(traversal) => reference(traversal),
        Expression::UnaryOp(operation) => Kind::Other(values([&operation.expr])),
        Expression::BinaryOp(operation) => {
            Kind::Other(values([&operation.lhs_expr, &operation.rhs_expr]))
        }
        Expression::ForExpr(each) => {
            let mut names = vec![each.intro.value_var.as_str().to_owned()];
            names.extend(
                each.intro
                    .key_var
                    .iter()
                    .map(|name| name.as_str().to_owned()),
            );
            let mut inside = values([&each.intro.collection_expr, &each.value_expr]);
            inside.extend(each.key_expr.iter().map(value));
            inside.extend(each.cond.iter().map(|cond| value(&cond.expr)));
            Kind::For(names, inside)
        }
    };
    Value { kind, span }
}

fn entry(key: &ObjectKey, inside: &Expression) -> Entry {
    let (name, key_value, key_span) = match key {
        ObjectKey::Ident(name) => (Some(name.as_str().to_owned()), None, spanned(name)),
        ObjectKey::Expression(expression) => {
            let key = value(expression);
            let parenthesis = matches!(expression, Expression::Parenthesis(_));
            match &key.kind {
                Kind::Text(text) => (Some(text.clone()), None, key.span),
                Kind::Number(text) => (Some(text.clone()), None, key.span),
                Kind::Reference(path) if path.len() == 1 && !parenthesis => {
                    (Some(path[0].clone()), None, key.span)
                }
                _ => (None, Some(key.clone()), key.span),
            }
        }
    };
    Entry {
        key: name,
        key_value,
        key_span,
        value: value(inside),
    }
}

fn template_kind<'a>(elements: impl Iterator<Item = &'a Element>) -> Kind {
    let mut pieces = Vec::new();
    template(elements, &mut pieces);
    match pieces.as_slice() {
        [] => Kind::Text(String::new()),
        [Piece::Text(text)] => Kind::Text(text.clone()),
        _ => Kind::Template(pieces),
    }
}

fn template<'a>(elements: impl Iterator<Item = &'a Element>, pieces: &mut Vec<Piece>) {
    let hole = |kind, span| Piece::Hole(Value { kind, span });
    for element in elements {
        match element {
            Element::Literal(text) => pieces.push(Piece::Text(text.as_str().to_owned())),
            Element::Interpolation(inner) => pieces.push(Piece::Hole(value(&inner.expr))),
            Element::Directive(directive) => {
                let at = spanned(directive.as_ref());
                let mut inside = Vec::new();
                match directive.as_ref() {
                    Directive::If(one) => {
                        inside.push(Piece::Hole(value(&one.if_expr.cond_expr)));
                        template(one.if_expr.template.iter(), &mut inside);
                        if let Some(other) = &one.else_expr {
                            template(other.template.iter(), &mut inside);
                        }
                        pieces.push(hole(Kind::Template(inside), at));
                    }
                    Directive::For(each) => {
                        let mut names = vec![each.for_expr.value_var.as_str().to_owned()];
                        names.extend(
                            each.for_expr
                                .key_var
                                .iter()
                                .map(|name| name.as_str().to_owned()),
                        );
                        inside.push(Piece::Hole(value(&each.for_expr.collection_expr)));
                        template(each.for_expr.template.iter(), &mut inside);
                        let body = Value {
                            kind: Kind::Template(inside),
                            span: at,
                        };
                        pieces.push(hole(Kind::For(names, vec![body]), at));
                    }
                }
            }
        }
    }
}

/// What may stand behind a term.
enum Operator {
    Name(String),
    Index(Value),
    Splat,
}

fn reference(traversal: &hcl_edit::expr::Traversal) -> Kind {
    let operators = traversal
        .operators
        .iter()
        .map(|operator| match operator.value() {
            TraversalOperator::GetAttr(name) => Operator::Name(name.as_str().to_owned()),
            TraversalOperator::LegacyIndex(index) => Operator::Name(index.to_string()),
            TraversalOperator::Index(index) => Operator::Index(value(index)),
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => Operator::Splat,
        });
    refer(value(&traversal.expr), operators, spanned(traversal))
}

/// Names as far as they are literal; behind them stand the expressions of the indices.
fn refer(root: Value, operators: impl IntoIterator<Item = Operator>, span: Span) -> Kind {
    let Kind::Reference(mut path) = root.kind else {
        let indices = operators.into_iter().filter_map(|operator| match operator {
            Operator::Index(index) => Some(index),
            _ => None,
        });
        return Kind::Other([root].into_iter().chain(indices).collect());
    };
    let mut computed = Vec::new();
    for operator in operators {
        match operator {
            Operator::Name(name) => path.push(name),
            Operator::Splat => path.push("*".to_owned()),
            Operator::Index(index) => match index.scalar() {
                Some(text) => path.push(text),
                None => {
                    // What is behind an unknown index is still a part, by a name that fits all.
                    path.push("*".to_owned());
                    computed.push(index);
                }
            },
        }
    }
    if computed.is_empty() {
        return Kind::Reference(path);
    }
    let mut inside = vec![Value {
        kind: Kind::Reference(path),
        span,
    }];
    inside.extend(computed);
    Kind::Other(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_attributes_and_references_have_spans() {
        let text = "module \"acr\" {\n  source = \"../acr\"\n  id = azurerm_x.y[0].id\n  m = { a = var.b, \"c\" = [1] }\n}\n";
        let read = read(text).unwrap();
        let block = &read.blocks[0];
        assert_eq!(block.label(0), "acr");
        let source = block.body.get("source").unwrap();
        assert_eq!(&text[source.span.start..source.span.end], "\"../acr\"");
        assert!(matches!(&block.body.get("id").unwrap().kind,
            Kind::Reference(path) if path.join(".") == "azurerm_x.y.0.id"));
        assert!(block.body.get("m").unwrap().get("a").is_some());
    }

    #[test]
    fn names_bound_by_for_are_told() {
        let read = read("a = [for k, v in var.x : \"${v}-${local.y}\" if k != \"\"]\n").unwrap();
        let mut seen = Vec::new();
        read.get("a")
            .unwrap()
            .visit(&mut Vec::new(), &mut |value, bound| {
                if let Kind::Reference(path) = &value.kind {
                    seen.push((path[0].clone(), bound.contains(&path[0].as_str())));
                }
            });
        seen.sort();
        assert_eq!(
            seen.iter()
                .map(|(name, bound)| (name.as_str(), *bound))
                .collect::<Vec<_>>(),
            [("k", true), ("local", false), ("v", true), ("var", false)]
        );
    }

    /// Every Terraform file of the blueprints.
    fn files() -> Vec<String> {
        let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("blueprints")];
        let mut texts = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|end| end == "tf") {
                    texts.push(std::fs::read_to_string(path).unwrap());
                }
            }
        }
        texts
    }

    /// Whether the short way reads a text; what it reads is what the parser reads.
    fn is_plain(text: &str) -> bool {
        let Ok(short) = plain::read(text) else {
            return false;
        };
        match parse(text) {
            Ok(long) => assert_eq!(short, long, "{text}"),
            Err(error) => {
                let around = |at: usize| text.floor_char_boundary(at.min(text.len()));
                let from = around(error.span.start.saturating_sub(80));
                let shown = &text[from..around(error.span.start + 80)];
                panic!("taken, and the parser says {:?} of: {shown}", error.message)
            }
        }
        true
    }

    #[test]
    fn the_short_way_reads_what_the_parser_reads() {
        let texts = files();
        let plain = texts.iter().filter(|text| is_plain(text)).count();
        assert!(plain * 10 > texts.len() * 9, "{plain} of {}", texts.len());
    }

    #[test]
    fn the_short_way_takes_no_fault() {
        // One sign less, more or other, here and there, in blocks of every file.
        let signs = [
            "", "\n", " ", "\"", "{", "}", "(", "]", ".", "=", "${", "?", "-", "!", "#", ",", "x",
            "é", "/",
        ];
        let mut seed = 1usize;
        for text in files() {
            for block in text.split_inclusive("\n}\n").take(3) {
                for _ in 0..30 {
                    seed = seed
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    let at = (seed >> 20) % block.len();
                    let gone = usize::from(seed >> 60 & 1 == 1);
                    if !block.is_char_boundary(at) || !block.is_char_boundary(at + gone) {
                        continue;
                    }
                    let sign = signs[(seed >> 40) % signs.len()];
                    is_plain(&format!("{}{sign}{}", &block[..at], &block[at + gone..]));
                }
            }
        }
    }

    #[test]
    fn what_is_written_in_other_ways_reads_alike() {
        for value in [
            "a.b[0].c",
            "a[each.key].c",
            "a[*].b",
            "a.*.b",
            "(a.b).c",
            "f(x)[0]",
            "f(x...)",
            "!a.b",
            "!(a)",
            "a == b ? c : d",
            "a && b || !c && d",
            "1 + 2 * 3 - 4",
            "-5",
            "-5 + 1",
            "\"${a}\"",
            "\"x${a}y$z\"",
            "\"\\n\\\"\"",
            "[for k, v in x : v if k != \"\"]",
            "{for k, v in x : k => v...}",
            "{ a = 1, \"b\" : 2\n (c) = 3 }",
            "{ \"${a}-b\" = 1 }",
            "[\n1,\n2, # two\n]",
            "null",
            "a ? b : c ? d : e",
            "f(\n a,\n b\n)",
            "{}",
            "[]",
            "a /* b */ + c",
            "a[\"k\"].b[c.d]",
            "f()",
            "format(\"%s\", 1)",
            "[format(1)]",
            "{ forward = 1 }",
        ] {
            assert!(is_plain(&format!("x = {value}\n")), "{value}");
            is_plain(&format!("x = {value}"));
            is_plain(&format!("b \"c\" d {{\n  x = [{value}, {value}]\n}}\n"));
            is_plain(&format!("b {{ x = {value} }}\n"));
        }
        for text in [
            "x = 007",
            "x = 1.5",
            "x = <<EOT\na\nEOT\n",
            "x = a\nx = b\n",
            "x = { a = 1, a = 2 }",
            "x = -y",
            "x = \"$${a}\"",
            "x = a . b",
            "x = \"a\nb\"",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }

    #[test]
    fn faults_have_a_place() {
        for text in ["é", "\u{2028}= [", "a\u{feff}b"] {
            assert!(read(text).is_err(), "{text}");
        }
        let error = read("a = 1\nb = = 2\n").unwrap_err();
        assert!(error.span.start >= 6, "{error:?}");
    }
}
