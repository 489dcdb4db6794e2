//! Dockerfile words, and the values that a container is started with.

use super::{Context, Refused, chars, visible};

/// A bare word, from a closed set of characters: nothing in it is special to any instruction.
pub(super) fn word(text: &str) -> Result<String, Refused> {
    let context = Context::Dockerfile;
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-/:@+".contains(c);
    if let Some(c) = text.chars().find(|&c| !fits(c)) {
        return Err(Refused::outside(
            context,
            c,
            "letters, digits and `._-/:@+`",
        ));
    }
    if text.is_empty() {
        return Err(Refused::whole(
            context,
            "is empty, and a Dockerfile has no empty word",
        ));
    }
    no_flag(context, text)?;
    Ok(text.to_owned())
}

/// The value of `ENV` or `LABEL`, in double quotes.
pub(super) fn quoted(text: &str) -> Result<String, Refused> {
    visible(Context::DockerQuoted, text, &[])?;
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    Ok(out)
}

/// One element of a JSON form.
///
/// `$` and `\` are refused: `COPY` expands variables in its JSON form and `CMD` does not, so that no
/// spelling means the same in both.
pub(super) fn json(text: &str) -> Result<String, Refused> {
    let context = Context::DockerJson;
    visible(context, text, &[])?;
    if let Some(c) = text.chars().find(|c| matches!(c, '$' | '\\')) {
        return Err(Refused::character(context, c));
    }
    no_flag(context, text)?;
    Ok(serde_json::Value::from(text).to_string())
}

/// A value of `env` or `args` that Kubernetes hands to the process unchanged.
pub(super) fn container_value(text: &str) -> Result<String, Refused> {
    if let Some(c) = text.chars().find(|&c| {
        c.is_control() && !matches!(c, '\n' | '\t' | '\r') || (c.is_control() && !c.is_ascii())
    }) {
        return Err(Refused::character(Context::Container, c));
    }
    Ok(text.replace('$', "$$"))
}

fn no_flag(context: Context, text: &str) -> Result<(), Refused> {
    if text.starts_with('-') {
        return Err(Refused {
            character: Some('-'),
            ..Refused::whole(
                context,
                format!("starts with {}, which reads as a flag", chars::name('-')),
            )
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_a_closed_set_of_characters() {
        assert_eq!(
            word("python:3.12@sha256").expect("accepted"),
            "python:3.12@sha256"
        );
        for text in [
            "",
            "a b",
            "a\tb",
            "a\\",
            "$HOME",
            "a\"",
            "a'b",
            "a#b",
            "a=b",
            "[a]",
            "<<EOF",
            "-x",
            "a*",
            "ä",
            "a\nRUN id",
        ] {
            assert!(word(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn quoted_values_escape_what_the_builder_expands() {
        assert_eq!(
            quoted("a \"b\" $C \\d").expect("accepted"),
            r#""a \"b\" \$C \\d""#
        );
        assert!(quoted("a\nRUN id").is_err());
    }

    #[test]
    fn json_elements_mean_the_same_to_every_instruction() {
        assert_eq!(json("a \"b\"").expect("accepted"), r#""a \"b\"""#);
        for text in ["$HOME", "a\\b", "--from=x", "a\nb"] {
            assert!(json(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn references_in_container_values_become_literal() {
        assert_eq!(
            container_value("$(X) $$ $").expect("accepted"),
            "$$(X) $$$$ $$"
        );
    }
}
