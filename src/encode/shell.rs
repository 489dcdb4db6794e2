//! One word of a POSIX shell.

use super::{Context, Refused, visible};

/// A word that the shell passes on unchanged: bare where nothing in it is special, else in single quotes.
///
/// A leading dash is refused: the word would be taken for an option.
pub(super) fn word(text: &str, context: Context) -> Result<String, Refused> {
    visible(context, text, &['\n', '\t'])?;
    if text.starts_with('-') {
        return Err(Refused {
            character: Some('-'),
            ..Refused::whole(
                context,
                "starts with `-`, which a program would take for an option",
            )
        });
    }
    let bare = |c: char| c.is_ascii_alphanumeric() || "_./:@+,-".contains(c);
    if !text.is_empty() && text.chars().all(bare) {
        return Ok(text.to_owned());
    }
    Ok(format!("'{}'", text.replace('\'', r"'\''")))
}

/// As [`word`], for a place that a line break would end.
pub(super) fn word_on_one_line(text: &str) -> Result<String, Refused> {
    if text.contains('\n') {
        return Err(Refused::character(Context::MarkdownShell, '\n'));
    }
    word(text, Context::MarkdownShell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(text: &str) -> String {
        word(text, Context::Shell).expect("accepted")
    }

    #[test]
    fn quotes_close_and_open_around_a_quote() {
        assert_eq!(shell("it's"), r"'it'\''s'");
        assert_eq!(shell(""), "''");
        assert_eq!(
            shell("$(id) `id` \\ \" * ~ ! #"),
            "'$(id) `id` \\ \" * ~ ! #'"
        );
    }

    #[test]
    fn bare_words_cannot_be_assignments_jobs_or_homes() {
        for text in ["A=b", "%1", "~root", "a b", "a\nb"] {
            assert!(shell(text).starts_with('\''), "{text}");
        }
        assert_eq!(
            shell("registry.azurecr.io/a:1@b"),
            "registry.azurecr.io/a:1@b"
        );
    }

    #[test]
    fn options_and_line_breaks_are_refused_where_they_would_act() {
        assert!(word("-rf", Context::Shell).is_err());
        assert!(word_on_one_line("a\n```\nb").is_err());
    }
}
