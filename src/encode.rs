//! One encoder for each context in which a value may land; there is no `escape(value)`.
//!
//! Owns [`Encoded`], the proof that a text is safe where its [`Context`] says: nothing but the encoders
//! of this module can make one. Knows nothing of templates, specs or files.

use std::fmt;

pub mod chars;
mod docker;
pub(crate) mod hcl;
mod markdown;
mod python;
mod shell;
mod word;
pub(crate) mod yaml;

/// A kind of place in a generated file, with one grammar and one set of dangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// A whole YAML scalar, in block or flow style, on one line.
    YamlScalar,
    /// A whole YAML scalar in a GitHub workflow, where `${{` would be evaluated.
    Workflow,
    /// A bare word of a Dockerfile instruction: an image reference, a path, a port.
    Dockerfile,
    /// The value of a Dockerfile `ENV` or `LABEL`, quotes included.
    DockerQuoted,
    /// One element of a JSON form in a Dockerfile (`CMD`, `ENTRYPOINT`, `COPY`), quotes included.
    DockerJson,
    /// One word of a POSIX shell script.
    Shell,
    /// A Python string literal, quotes included.
    Python,
    /// Running text in Markdown, also in a heading or a table cell.
    Markdown,
    /// An inline code span in Markdown, its backticks included.
    MarkdownCode,
    /// One shell word inside a fenced Markdown block.
    MarkdownShell,
    /// An HCL string, quotes included.
    Hcl,
    /// One path of a `.dockerignore`, `.gitignore` or `.helmignore`.
    IgnoreFile,
    /// A few words inside a comment of any language.
    Comment,
    /// The value of a container's `env` or `args`, where Kubernetes expands `$(NAME)`; not yet YAML.
    Container,
}

impl Context {
    /// The context as messages name it, with its article.
    pub fn noun(self) -> &'static str {
        match self {
            Self::YamlScalar => "a YAML value",
            Self::Workflow => "a workflow",
            Self::Dockerfile => "a word of a Dockerfile",
            Self::DockerQuoted => "a Dockerfile `ENV` or `LABEL`",
            Self::DockerJson => "a JSON list of a Dockerfile",
            Self::Shell => "a shell word",
            Self::Python => "a Python string",
            Self::Markdown => "Markdown text",
            Self::MarkdownCode => "Markdown code",
            Self::MarkdownShell => "a shell word in Markdown",
            Self::Hcl => "an HCL string",
            Self::IgnoreFile => "a line of an ignore file",
            Self::Comment => "a comment",
            Self::Container => "a container's environment",
        }
    }
}

/// A text that reads back as exactly one value in the context it was encoded for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded(String);

impl Encoded {
    /// The text to be printed as it is.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives up the text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a value cannot stand in a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Where it was to stand.
    pub context: Context,
    /// The character at fault, where it is a single one.
    pub character: Option<char>,
    /// What is wrong, to be put behind the name of the value: "has the character U+000A, which …".
    pub reason: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the value {}", self.reason)
    }
}

impl std::error::Error for Refused {}

impl Refused {
    fn character(context: Context, c: char) -> Self {
        Self {
            context,
            character: Some(c),
            reason: format!(
                "has the character {}, which cannot stand in {}",
                chars::name(c),
                context.noun()
            ),
        }
    }

    fn outside(context: Context, c: char, allowed: &str) -> Self {
        Self {
            context,
            character: Some(c),
            reason: format!(
                "has the character {}, and {} has only {allowed}",
                chars::name(c),
                context.noun()
            ),
        }
    }

    fn whole(context: Context, reason: impl Into<String>) -> Self {
        Self {
            context,
            character: None,
            reason: reason.into(),
        }
    }
}

/// Encodes `text` for `context`.
///
/// # Errors
/// What keeps the text from standing there as one unchanged value.
pub fn encode(context: Context, text: &str) -> Result<Encoded, Refused> {
    let encoded = match context {
        Context::YamlScalar => yaml::value(text),
        Context::Workflow => yaml::workflow_value(text),
        Context::Dockerfile => docker::word(text),
        Context::DockerQuoted => docker::quoted(text),
        Context::DockerJson => docker::json(text),
        Context::Shell => shell::word(text, context),
        Context::MarkdownShell => shell::word_on_one_line(text),
        Context::Python => python::literal(text),
        Context::Markdown => markdown::prose(text, context),
        Context::MarkdownCode => markdown::code(text),
        Context::Hcl => hcl::string(text),
        Context::IgnoreFile => word::ignore_path(text),
        Context::Comment => word::comment(text),
        Context::Container => docker::container_value(text),
    }?;
    Ok(Encoded(encoded))
}

/// Encodes an integer, which every context but [`Context::Comment`] prints the same way.
pub fn integer(number: i64) -> Encoded {
    Encoded(number.to_string())
}

/// Refuses what no text format carries safely: control characters but TAB and line breaks.
fn without_controls(context: Context, text: &str) -> Result<(), Refused> {
    match text
        .chars()
        .find(|&c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}'))
    {
        None => Ok(()),
        Some(c) => Err(Refused::character(context, c)),
    }
}

/// Refuses whatever a reader of the file could not see, where the context has no escape for it.
fn visible(context: Context, text: &str, also: &[char]) -> Result<(), Refused> {
    match text
        .chars()
        .find(|&c| !(chars::is_printable(c) || also.contains(&c)))
    {
        None => Ok(()),
        Some(c) => Err(Refused::character(context, c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Context; 14] = [
        Context::YamlScalar,
        Context::Workflow,
        Context::Dockerfile,
        Context::DockerQuoted,
        Context::DockerJson,
        Context::Shell,
        Context::Python,
        Context::Markdown,
        Context::MarkdownCode,
        Context::MarkdownShell,
        Context::Hcl,
        Context::IgnoreFile,
        Context::Comment,
        Context::Container,
    ];

    #[test]
    fn nul_and_escape_stand_nowhere() {
        for context in ALL {
            for hostile in ["a\0b", "a\u{1b}[2J"] {
                let refused = encode(context, hostile).expect_err(context.noun());
                assert!(refused.character.is_some(), "{}", context.noun());
                assert!(refused.reason.contains("U+00"), "{}", refused.reason);
            }
        }
    }

    #[test]
    fn nothing_encoded_holds_a_character_that_cannot_be_seen() {
        let hostile = [
            "a\u{202e}b",
            "a\u{200b}b",
            "a\u{2028}b",
            "a\u{feff}b",
            "\u{e0041}",
        ];
        for context in ALL {
            if context == Context::Container {
                continue; // The value goes through a YAML encoder afterwards.
            }
            for text in hostile {
                if let Ok(encoded) = encode(context, text) {
                    assert!(
                        encoded.as_str().chars().all(chars::is_printable),
                        "{encoded:?} in {}",
                        context.noun()
                    );
                }
            }
        }
    }

    #[test]
    fn ordinary_values_stay_as_a_person_would_type_them() {
        let name = "flask-application";
        for (context, expected) in [
            (Context::YamlScalar, "flask-application"),
            (Context::Workflow, "flask-application"),
            (Context::Dockerfile, "flask-application"),
            (Context::DockerQuoted, "\"flask-application\""),
            (Context::DockerJson, "\"flask-application\""),
            (Context::Shell, "flask-application"),
            (Context::Python, "\"flask-application\""),
            (Context::Markdown, "flask-application"),
            (Context::MarkdownCode, "`flask-application`"),
            (Context::MarkdownShell, "flask-application"),
            (Context::Hcl, "\"flask-application\""),
            (Context::IgnoreFile, "flask-application"),
            (Context::Comment, "flask-application"),
            (Context::Container, "flask-application"),
        ] {
            assert_eq!(
                encode(context, name).expect("accepted").as_str(),
                expected,
                "{}",
                context.noun()
            );
        }
    }

    #[test]
    fn a_refusal_names_the_character_and_the_place() {
        let refused = encode(Context::Dockerfile, "a\nb").expect_err("refused");
        assert_eq!(refused.character, Some('\n'));
        assert_eq!(
            refused.to_string(),
            "the value has the character U+000A, and a word of a Dockerfile has only letters, digits and `._-/:@+`"
        );
    }
}
