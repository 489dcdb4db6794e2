//! What a bare YAML scalar means to Kubernetes.

/// What a bare scalar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plain {
    Text,
    Integer,
    Float,
    Boolean,
}

/// Reads a bare scalar as kubectl and Helm do, which know YAML 1.1.
pub(super) fn plain(text: &str) -> Plain {
    let lower = text.to_ascii_lowercase();
    let case = text == lower || text == lower.to_uppercase() || is_title(text);
    if case
        && matches!(
            lower.as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off"
        )
    {
        return Plain::Boolean;
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |text: &str, radix: u32| {
        !text.is_empty() && text.chars().all(|c| c.is_digit(radix) || c == '_') && text != "_"
    };
    if digits(unsigned, 10) && unsigned.starts_with(|c: char| c.is_ascii_digit())
        || unsigned
            .strip_prefix("0x")
            .is_some_and(|rest| digits(rest, 16))
        || unsigned
            .strip_prefix("0o")
            .is_some_and(|rest| digits(rest, 8))
    {
        return Plain::Integer;
    }
    let float = unsigned.contains('.') || lower.contains('e');
    let looks = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'))
        && unsigned.chars().any(|c| c.is_ascii_digit());
    if float && looks && unsigned.parse::<f64>().is_ok() {
        return Plain::Float;
    }
    Plain::Text
}

fn is_title(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.all(|c| c.is_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_scalars_are_read_as_kubectl_reads_them() {
        for (text, wanted) in [
            ("8080", Plain::Integer),
            ("-1", Plain::Integer),
            ("0x1F", Plain::Integer),
            ("1.0", Plain::Float),
            ("1e3", Plain::Float),
            ("yes", Plain::Boolean),
            ("True", Plain::Boolean),
            ("tRue", Plain::Text),
            ("1.2.3", Plain::Text),
            ("12:30", Plain::Text),
            ("1m", Plain::Text),
            ("v1", Plain::Text),
            ("e3", Plain::Text),
            ("2024-01-01", Plain::Text),
            ("", Plain::Text),
        ] {
            assert_eq!(plain(text), wanted, "{text}");
        }
    }
}
