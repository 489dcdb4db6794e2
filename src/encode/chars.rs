//! Which characters a reader can see: what decides between showing one and spelling it out.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Characters that Unicode calls printable and that show nothing: fillers, joiners, selectors.
const INVISIBLE: [(char, char); 18] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d159}', '\u{1d159}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Whether `c` leaves a mark of its own or on the character before it.
///
/// Not printable are controls, format and override characters, separators other than the space,
/// private and unassigned code points, and everything that Unicode lets a renderer ignore.
pub fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_graphic() || c == ' ';
    }
    if is_ignorable(c) {
        return false;
    }
    // Behind another character, `escape_debug` spells out exactly what is not printable.
    let mut buffer = [b'a', 0, 0, 0, 0];
    let len = c.encode_utf8(&mut buffer[1..]).len();
    std::str::from_utf8(&buffer[..=len])
        .expect("internal error: one letter and one character are UTF-8")
        .escape_debug()
        .eq(['a', c])
}

/// Whether `c` is printable and stands for itself, unlike a combining mark.
pub fn is_shown(c: char) -> bool {
    is_printable(c) && (c.is_ascii() || c.escape_debug().eq([c]))
}

/// Whether `c` is a character that generated files carry as it is: printable ASCII or a plain letter
/// or digit of any script.
pub fn is_plain(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_graphic() || c == ' ';
    }
    c.is_alphanumeric() && is_shown(c)
}

fn is_ignorable(c: char) -> bool {
    INVISIBLE
        .iter()
        .any(|&(low, high)| (low..=high).contains(&c))
}

/// Writes `text` so that nothing in it acts on a terminal or hides: what is not [`is_shown`] becomes
/// `\u{..}`.
///
/// The result is for people; it is not meant to be read back.
pub fn show(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        push_shown(&mut shown, c);
    }
    Cow::Owned(shown)
}

/// Appends `c` as [`show`] writes it.
pub fn push_shown(out: &mut String, c: char) {
    if is_shown(c) {
        out.push(c);
    } else {
        write!(out, "\\u{{{:x}}}", u32::from(c)).expect("internal error: writing to memory");
    }
}

/// Names a character in a message: in backticks where it can be seen, by number where not.
pub fn name(c: char) -> String {
    if c == '`' || c == ' ' || !is_shown(c) {
        format!("U+{:04X}", u32::from(c))
    } else {
        format!("`{c}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_every_script_are_shown() {
        for c in "aZ0~ßéжβ漢한א🚀–".chars() {
            assert!(is_shown(c), "{c:?}");
        }
    }

    #[test]
    fn controls_overrides_and_fillers_are_spelled_out() {
        for c in [
            '\0',
            '\t',
            '\n',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{a0}',
            '\u{ad}',
            '\u{61c}',
            '\u{115f}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{202e}',
            '\u{2028}',
            '\u{2066}',
            '\u{2800}',
            '\u{3164}',
            '\u{e000}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{1d159}',
            '\u{e0001}',
            '\u{e0100}',
            '\u{10ffff}',
        ] {
            assert!(!is_printable(c), "{c:?}");
            assert!(!is_shown(c), "{c:?}");
        }
        assert_eq!(show("a\u{1b}[31m\u{202e}"), "a\\u{1b}[31m\\u{202e}");
    }

    #[test]
    fn combining_marks_are_printable_but_not_shown_alone() {
        assert!(is_printable('\u{301}') && !is_shown('\u{301}'));
        assert_eq!(show("e\u{301}"), "e\\u{301}");
    }

    #[test]
    fn names_never_break_the_message_they_stand_in() {
        assert_eq!(name('$'), "`$`");
        assert_eq!(name('`'), "U+0060");
        assert_eq!(name('\n'), "U+000A");
    }
}
