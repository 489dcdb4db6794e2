//! The template engine: minijinja with our delimiters, strict, bounded, and with an encoder between every
//! value and the text.

use std::collections::HashMap;
use std::io;
use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Expression, Output, State, UndefinedBehavior, Value,
};

use super::manifest::Method;
use crate::encode::{self, Context};
use crate::plan::MAX_ARTIFACT_BYTES;

/// Most steps of one template or expression.
const FUEL: u64 = 1_000_000;
/// Most bytes of one template.
pub(super) const MAX_TEMPLATE_BYTES: usize = 256 << 10;
/// What opens a hole.
pub(crate) const HOLE_OPEN: &str = "<{";
/// What closes a hole.
pub(super) const HOLE_CLOSE: &str = "}>";

/// Renders text templates and evaluates expressions; holds no file and no context of its own.
pub struct Engine {
    environment: Environment<'static>,
    /// Expressions that were compiled once for any number of contexts.
    expressions: HashMap<String, Expression<'static, 'static>>,
}

/// What learned expressions are evaluated in. It outlives every engine, as they have to.
static EXPRESSIONS: LazyLock<Environment<'static>> = LazyLock::new(environment);

/// Why a template gave no text.
#[derive(Debug)]
pub struct TemplateError {
    /// What is wrong.
    pub message: String,
    /// The bytes of the template at fault, where they are known.
    pub range: Option<std::ops::Range<usize>>,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An engine with the encoders of every kind of artifact.
    pub fn new() -> Self {
        Self {
            environment: environment(),
            expressions: HashMap::new(),
        }
    }

    /// Takes in a text template for artifacts of kind `method`, to be rendered as `path`.
    ///
    /// # Errors
    /// What is wrong with its syntax.
    pub fn add(&mut self, method: Method, path: &str, template: &str) -> Result<(), TemplateError> {
        if template.len() > MAX_TEMPLATE_BYTES {
            return Err(TemplateError {
                message: format!(
                    "the template has {} bytes, and at most {MAX_TEMPLATE_BYTES} are read",
                    template.len()
                ),
                range: None,
            });
        }
        self.environment
            .add_template_owned(template_name(method, path), template.to_owned())
            .map_err(|error| described(&error))
    }

    /// Renders a template that was taken in before.
    ///
    /// # Errors
    /// What the template does wrong, or which value its context cannot carry.
    pub fn text(
        &self,
        method: Method,
        path: &str,
        context: &Value,
    ) -> Result<String, TemplateError> {
        let mut out = Capped(Vec::new());
        self.environment
            .get_template(&template_name(method, path))
            .and_then(|template| {
                template
                    .render_captured_to(context.clone(), &mut out)
                    .map(drop)
            })
            .map_err(|error| described(&error))?;
        String::from_utf8(out.0).map_err(|_| TemplateError {
            message: "the template gave something other than UTF-8".to_owned(),
            range: None,
        })
    }

    /// Evaluates one expression.
    ///
    /// # Errors
    /// What the expression does wrong; a name that the context lacks is an error.
    pub fn expression(&self, expression: &str, context: &Value) -> Result<Value, TemplateError> {
        if is_path(expression) {
            return along(expression, context);
        }
        let value = match self.expressions.get(expression) {
            Some(compiled) => compiled.eval(context.clone()),
            None => EXPRESSIONS
                .compile_expression(expression)
                .and_then(|compiled| compiled.eval(context.clone())),
        }
        .map_err(|error| described(&error))?;
        if value.is_undefined() {
            return Err(TemplateError {
                message: format!("`{expression}` is not defined"),
                range: None,
            });
        }
        Ok(value)
    }

    /// Compiles an expression once for any number of contexts. One that does not compile is told where it is
    /// evaluated.
    pub fn learn(&mut self, expression: &str) {
        if is_path(expression) || self.expressions.contains_key(expression) {
            return;
        }
        if let Ok(compiled) = EXPRESSIONS.compile_expression_owned(expression.to_owned()) {
            self.expressions.insert(expression.to_owned(), compiled);
        }
    }

    /// The same for every hole of a text.
    pub(super) fn learn_holes(&mut self, text: &str) {
        for part in text.split(HOLE_OPEN).skip(1) {
            if let Some((inside, _)) = part.split_once(HOLE_CLOSE) {
                self.learn(inside.trim());
            }
        }
    }

    /// Whether a condition holds.
    ///
    /// # Errors
    /// What the condition does wrong; a name that the context lacks is an error.
    pub fn holds(&self, condition: &str, context: &Value) -> Result<bool, TemplateError> {
        Ok(self.expression(condition, context)?.is_true())
    }

    /// Text with holes, joined as it stands: for paths and for texts inside a tree.
    ///
    /// # Errors
    /// A hole that is not closed, fails, or gives something other than text or a number.
    pub fn join(&self, text: &str, context: &Value) -> Result<String, TemplateError> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(HOLE_OPEN) {
            out.push_str(&rest[..at]);
            let inside = &rest[at + HOLE_OPEN.len()..];
            let Some(end) = inside.find(HOLE_CLOSE) else {
                return Err(TemplateError {
                    message: format!("`{HOLE_OPEN}` without `{HOLE_CLOSE}`"),
                    range: None,
                });
            };
            let value = self.expression(inside[..end].trim(), context)?;
            match value.kind() {
                ValueKind::String | ValueKind::Number => out.push_str(&value.to_string()),
                kind => {
                    return Err(TemplateError {
                        message: format!(
                            "a hole inside a text gives {kind}, and only texts and numbers can be joined"
                        ),
                        range: None,
                    });
                }
            }
            rest = &inside[end + HOLE_CLOSE.len()..];
        }
        out.push_str(rest);
        Ok(out)
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_syntax(syntax());
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(64);
    environment.set_debug(true);
    environment.set_formatter(print);
    environment.set_auto_escape_callback(|name| AutoEscape::Custom(kind_of(name)));
    environment.add_filter("code", |value: &Value| {
        encoded(Context::MarkdownCode, value)
    });
    environment.add_filter("sh", |value: &Value| encoded(Context::MarkdownShell, value));
    environment.add_filter("yaml", |value: &Value| encoded(Context::YamlScalar, value));
    environment.add_filter("hcl", |value: &Value| encoded(Context::Hcl, value));
    environment.add_filter("json", |value: &Value| encoded(Context::DockerJson, value));
    environment.add_filter("quoted", |value: &Value| {
        encoded(Context::DockerQuoted, value)
    });
    environment.add_filter("comment", |value: &Value| encoded(Context::Comment, value));
    environment.add_filter("length", minijinja::filters::length);
    environment.add_filter("first", minijinja::filters::first);
    environment.add_filter("last", minijinja::filters::last);
    environment.add_filter("selectattr", minijinja::filters::selectattr);
    environment.add_test("defined", minijinja::tests::is_defined);
    environment.add_test("undefined", minijinja::tests::is_undefined);
    environment.add_test("none", minijinja::tests::is_none);
    environment.add_test("startingwith", minijinja::tests::is_startingwith);
    environment
}

/// Names joined by dots, which most holes are: looked up without compiling anything.
fn is_path(expression: &str) -> bool {
    let (mut starts, mut dots) = (true, 0);
    for byte in expression.bytes() {
        match byte {
            b'.' if !starts => (starts, dots) = (true, dots + 1),
            b'a'..=b'z' | b'_' => starts = false,
            b'A'..=b'Z' | b'0'..=b'9' if !starts => {}
            _ => return false,
        }
    }
    dots > 0 && !starts
}

fn along(path: &str, context: &Value) -> Result<Value, TemplateError> {
    let undefined = |name: &str| TemplateError {
        message: format!("`{path}` is not defined: there is no `{name}`"),
        range: None,
    };
    path.split('.').try_fold(context.clone(), |value, name| {
        let next = value.get_attr(name).map_err(|_| undefined(name))?;
        if next.is_undefined() {
            Err(undefined(name))
        } else {
            Ok(next)
        }
    })
}

fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .block_delimiters("<%", "%>")
        .variable_delimiters(HOLE_OPEN, HOLE_CLOSE)
        .comment_delimiters("<#", "#>")
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .expect("internal error: the delimiters are distinct")
}

/// The name that a template is rendered under: its kind chooses the encoder.
fn template_name(method: Method, path: &str) -> String {
    let kind = match method {
        Method::Dockerfile => "dockerfile",
        Method::Ignore => "ignore",
        Method::Workflow => "workflow",
        Method::Shell => "shell",
        Method::Python => "python",
        Method::Markdown => "markdown",
        Method::Verbatim | Method::Tree => "none",
    };
    format!("{kind}:{path}")
}

fn kind_of(template: &str) -> std::borrow::Cow<'static, str> {
    template
        .split(':')
        .next()
        .unwrap_or("none")
        .to_owned()
        .into()
}

fn context_of(escape: &AutoEscape) -> Option<Context> {
    let AutoEscape::Custom(name) = escape else {
        return None;
    };
    Some(match name.as_ref() {
        "dockerfile" => Context::Dockerfile,
        "ignore" => Context::IgnoreFile,
        "workflow" => Context::Workflow,
        "shell" => Context::Shell,
        "python" => Context::Python,
        "markdown" => Context::Markdown,
        _ => return None,
    })
}

/// Prints a value in the language of the artifact; there is no way around it.
fn print(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::new(
            ErrorKind::UndefinedError,
            "the value is not defined",
        ));
    }
    let text = if value.is_safe() {
        value.to_string()
    } else {
        let context = context_of(state.auto_escape()).ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidOperation,
                "no value can be printed here: the kind of artifact has no encoder",
            )
        })?;
        encode_value(context, value)?
    };
    out.write_str(&text)
        .map_err(|_| Error::new(ErrorKind::WriteFailure, "the output is too large"))
}

fn encoded(context: Context, value: &Value) -> Result<Value, Error> {
    encode_value(context, value).map(Value::from_safe_string)
}

fn encode_value(context: Context, value: &Value) -> Result<String, Error> {
    if let Some(text) = value.as_str() {
        return encode::encode(context, text)
            .map(encode::Encoded::into_string)
            .map_err(|refused| Error::new(ErrorKind::InvalidOperation, refused.to_string()));
    }
    match value.as_i64() {
        // Where text is what is asked for (`|code`), a number is text as well.
        Some(number) if matches!(context, Context::MarkdownCode) => {
            encode::encode(context, &number.to_string())
                .map(encode::Encoded::into_string)
                .map_err(|refused| Error::new(ErrorKind::InvalidOperation, refused.to_string()))
        }
        Some(number) if value.is_integer() => Ok(encode::integer(number).into_string()),
        _ => Err(Error::new(
            ErrorKind::InvalidOperation,
            format!(
                "a template prints texts and whole numbers, not {}",
                value.kind()
            ),
        )),
    }
}

fn described(error: &Error) -> TemplateError {
    let mut message = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        message.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    TemplateError {
        message,
        range: error.range(),
    }
}

/// Collects output up to the size of the largest artifact.
struct Capped(Vec<u8>);

impl io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_ARTIFACT_BYTES {
            return Err(io::Error::other("more output than an artifact may have"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
