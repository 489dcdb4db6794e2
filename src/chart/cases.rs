//! Letter cases of names: `camelcase`, `snakecase`, `kebabcase`.
//!
//! Owns the split of a name into words as Sprig's library does it, digits and acronyms included. Knows
//! nothing of templates.

/// The capital of a character; one that would become several stays, as in Go.
pub(crate) fn upper_char(c: char) -> char {
    let mut capitals = c.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(capital), None) => capital,
        _ => c,
    }
}

/// The small form of a character: the first where there would be several.
pub(crate) fn lower_char(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// What a run of characters is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    None,
    Number,
    Upper,
    Letters,
    Connector,
    Punctuation,
    Other,
}

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || c.is_whitespace()
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c)
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic()
}

/// The first word of `text`, its kind and what follows.
fn next_word(text: &str) -> (Word, &str, &str) {
    let Some(first) = text.chars().next() else {
        return (Word::None, "", "");
    };
    let run = |skip: usize, belongs: &dyn Fn(char) -> bool| {
        skip + text[skip..]
            .find(|c| !belongs(c))
            .unwrap_or(text.len() - skip)
    };
    let small = |c: char| is_letter(c) && !c.is_uppercase();
    let size = first.len_utf8();
    let (word, end) = if is_connector(first) {
        (Word::Connector, run(0, &is_connector))
    } else if is_punctuation(first) {
        (Word::Punctuation, run(0, &is_punctuation))
    } else if first.is_uppercase() {
        (Word::Upper, upper_end(text, size, &small))
    } else if is_letter(first) {
        (Word::Letters, run(size, &small))
    } else if first.is_numeric() {
        (Word::Number, run(0, &char::is_numeric))
    } else {
        let other =
            |c: char| !(is_connector(c) || is_letter(c) || c.is_numeric() || is_punctuation(c));
        (Word::Other, run(size, &other))
    };
    (word, &text[..end], &text[end..])
}

/// The end of a word that begins with a capital: `Status`, or the `HTTP` of `HTTPStatus`.
fn upper_end(text: &str, size: usize, small: &dyn Fn(char) -> bool) -> usize {
    match text[size..].chars().next() {
        Some(second) if second.is_uppercase() => {
            let end = text.find(|c: char| !c.is_uppercase()).unwrap_or(text.len());
            if text[end..].chars().next().is_some_and(is_letter) {
                let last = text[..end].chars().next_back().map_or(0, char::len_utf8);
                end - last
            } else {
                end
            }
        }
        Some(second) if is_letter(second) => {
            size + text[size..]
                .find(|c| !small(c))
                .unwrap_or(text.len() - size)
        }
        _ => size,
    }
}

fn push_word(out: &mut String, word: Word, text: &str, connector: char) {
    if !matches!(word, Word::Upper | Word::Connector) {
        out.push_str(text);
        return;
    }
    for c in text.chars() {
        if is_connector(c) {
            out.push(connector);
        } else {
            out.push(lower_char(c));
        }
    }
}

/// Words in small letters, joined by `connector`.
pub(crate) fn lower(text: &str, connector: char) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let (mut kind, mut word, mut rest) = next_word(text);
    let joins = |kind: Word| !matches!(kind, Word::None | Word::Punctuation | Word::Connector);
    while !rest.is_empty() {
        if kind != Word::Connector {
            push_word(&mut out, kind, word, connector);
        }
        let (previous, last) = (kind, word);
        (kind, word, rest) = next_word(rest);
        match previous {
            Word::Number => {
                while matches!(kind, Word::Letters | Word::Number) {
                    push_word(&mut out, kind, word, connector);
                    (kind, word, rest) = next_word(rest);
                }
                if joins(kind) {
                    out.push(connector);
                }
            }
            Word::Connector => push_word(&mut out, previous, last, connector),
            Word::Punctuation => {}
            _ if kind != Word::Number => {
                if !matches!(kind, Word::Connector | Word::Punctuation) {
                    out.push(connector);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = word;
                (kind, word, rest) = next_word(rest);
                if kind != Word::Letters {
                    // `Bld4Floor`: the number ends the word before it.
                    push_word(&mut out, Word::Number, number, connector);
                    if !matches!(kind, Word::Connector | Word::Punctuation) {
                        out.push(connector);
                    }
                } else {
                    // `http2xx`: the number begins a word.
                    out.push(connector);
                    push_word(&mut out, Word::Number, number, connector);
                    while matches!(kind, Word::Letters | Word::Number) {
                        push_word(&mut out, kind, word, connector);
                        (kind, word, rest) = next_word(rest);
                    }
                    if joins(kind) {
                        out.push(connector);
                    }
                }
            }
        }
    }
    push_word(&mut out, kind, word, connector);
    out
}

/// Words with a capital each, joined by nothing.
pub(crate) fn pascal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let start = text.find(|c| !is_connector(c)).unwrap_or(text.len());
    out.push_str(&text[..start]);
    let mut chars = text[start..].chars();
    let Some(first) = chars.next() else {
        // The library writes the last of nothing but connectors twice.
        out.extend(text.chars().next_back());
        return out;
    };
    let mut capital = first.is_uppercase();
    let mut current = upper_char(first);
    for next in chars {
        let before = current;
        current = next;
        if is_connector(current) && is_connector(before) {
            out.push(before);
            continue;
        }
        if is_connector(before) {
            capital = current.is_uppercase();
            current = upper_char(current);
        } else {
            if capital {
                if current.is_uppercase() {
                    current = lower_char(current);
                } else {
                    capital = false;
                }
            }
            out.push(before);
        }
    }
    out.push(current);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_split_as_sprigs_library_splits_them() {
        for (text, snake) in [
            ("FirstName", "first_name"),
            ("HTTPServer", "http_server"),
            ("NoHTTPS", "no_https"),
            ("GO_PATH", "go_path"),
            ("GO PATH", "go_path"),
            ("http2xx", "http_2xx"),
            ("HTTP20xOK", "http_20x_ok"),
            ("Duration2m3s", "duration_2m3s"),
            ("Bld4Floor3rd", "bld4_floor_3rd"),
        ] {
            assert_eq!(lower(text, '_'), snake);
        }
        assert_eq!(pascal("http_server"), "HttpServer");
        assert_eq!(pascal("no_https"), "NoHttps");
        assert_eq!(pascal("_complex__case_"), "_Complex_Case_");
    }
}
