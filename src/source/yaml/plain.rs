//! The short way through YAML: block collections of plain, quoted and block scalars, as nearly every file has it.
//!
//! Owns one promise: what it reads, it reads as the parser does, to the last span and comment. Whatever else stands
//! in a text (anchors, tags, tabs, anything that may be wrong) makes it decline, and
//! the parser reads the whole text instead. It takes a fifth of the parser's time.

use std::borrow::Cow;

use memchr::{memchr, memchr2_iter};

use super::super::Span;
use super::Style;

/// What a text consists of, in its order.
pub(crate) enum Event<'t> {
    DocumentStart,
    /// Text and style of a key, an item or a value.
    Scalar(Cow<'t, str>, Style),
    SequenceStart,
    MappingStart,
    /// The end of the collection that was started last.
    End,
    /// The text behind `#`, and whether something stands before it on its line.
    Comment(&'t str, bool),
}

/// The text is not as plain as it looks, or whoever takes the events has enough of them.
pub(crate) struct Declined;

pub(crate) type Done<T = ()> = Result<T, Declined>;

const ODD: [char; 6] = [
    '\u{85}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}',
];
/// Longest key; the format has it that a key ends within 1,024 characters.
const KEY: usize = 1000;

/// Gives the events of a text to `take`.
pub(crate) fn read<'t>(
    text: &'t str,
    depth: usize,
    take: &mut impl FnMut(Event<'t>, Span) -> Done,
) -> Done {
    let bytes = text.as_bytes();
    // Tabs, other line breaks and marks of a byte order mean things of their own.
    if super::any(text, |byte| matches!(byte, b'\t' | b'\r'))
        || !text.is_ascii() && text.contains(ODD)
    {
        return Err(Declined);
    }
    let mut reader = Reader {
        text,
        bytes,
        at: 0,
        depth,
        take,
    };
    reader.documents()
}

struct Reader<'t, 'f, F> {
    text: &'t str,
    bytes: &'t [u8],
    /// The first byte that is not read yet.
    at: usize,
    /// How much deeper collections may nest.
    depth: usize,
    take: &'f mut F,
}

impl<'t, F: FnMut(Event<'t>, Span) -> Done> Reader<'t, '_, F> {
    fn documents(&mut self) -> Done {
        // A mark before the first document may be there or not.
        match self.next_line()? {
            Some(_) if self.is_mark() => self.at += 4,
            _ => self.back_to_line(),
        }
        loop {
            (self.take)(Event::DocumentStart, Span::new(self.at, self.at))?;
            match self.next_line()? {
                Some(0) if !self.is_mark() => self.block(0, false)?,
                _ => return Err(Declined),
            }
            match self.next_line()? {
                None => return Ok(()),
                Some(_) if self.is_mark() => self.at += 4,
                Some(_) => return Err(Declined),
            }
        }
    }

    /// Whether a line that begins a document stands here; it holds nothing else.
    fn is_mark(&self) -> bool {
        let alone = self.at == 0 || self.bytes[self.at - 1] == b'\n';
        alone && self.bytes[self.at..].starts_with(b"---\n")
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    fn line_end(&self, from: usize) -> usize {
        memchr(b'\n', &self.bytes[from..]).map_or(self.bytes.len(), |end| from + end)
    }

    fn behind_spaces(&self, from: usize) -> usize {
        let spaces = self.bytes[from..].iter().take_while(|&&byte| byte == b' ');
        from + spaces.count()
    }

    fn behind_breaks(&self) -> usize {
        let rest = self.bytes[self.at..].iter();
        self.at + rest.take_while(|byte| matches!(byte, b' ' | b'\n')).count()
    }

    fn skip_spaces(&mut self) {
        self.at = self.behind_spaces(self.at);
    }

    /// A collection, one level deeper.
    fn nested(&mut self, collection: impl FnOnce(&mut Self) -> Done) -> Done {
        self.depth = self.depth.checked_sub(1).ok_or(Declined)?;
        collection(self)?;
        self.depth += 1;
        Ok(())
    }

    fn plain_scalar(&mut self, start: usize, end: usize) -> Done {
        let text = Cow::Borrowed(&self.text[start..end]);
        (self.take)(Event::Scalar(text, Style::Plain), Span::new(start, end))
    }

    fn comment(&mut self, trailing: bool) -> Done {
        let (start, end) = (self.at, self.line_end(self.at));
        let text = &self.text[start..end];
        self.at = end;
        let span = Span::new(start, start + text.trim_end().len());
        (self.take)(Event::Comment(&text[1..], trailing), span)
    }

    /// Goes to the next line that holds more than a comment, and gives its indentation.
    fn next_line(&mut self) -> Done<Option<usize>> {
        loop {
            let start = self.at;
            self.skip_spaces();
            match self.bytes.get(self.at) {
                None => return Ok(None),
                Some(b'\n') => self.at += 1,
                Some(b'#') => self.comment(false)?,
                Some(_) => {
                    let rest = &self.bytes[self.at..];
                    let odd = rest.starts_with(b"...") || rest[0] == b'%';
                    let marks = rest.starts_with(b"---") && !self.is_mark();
                    if self.at == start && (odd || marks) {
                        return Err(Declined);
                    }
                    return Ok(Some(self.at - start));
                }
            }
        }
    }

    /// The rest of a line behind a value: nothing, or a comment.
    fn rest_of_line(&mut self) -> Done {
        let start = self.at;
        self.skip_spaces();
        match self.byte(self.at) {
            b'\n' => {
                self.at = (self.at + 1).min(self.bytes.len());
                Ok(())
            }
            b'#' if self.at > start => self.comment(true),
            _ => Err(Declined),
        }
    }

    /// A collection whose first line is at `self.at`, indented by `indent`.
    ///
    /// A sequence that stands no deeper than its key begins, for the parser, behind its first dash.
    fn block(&mut self, indent: usize, undented: bool) -> Done {
        self.nested(|reader| match reader.is_item() {
            true => reader.sequence(indent, undented),
            false => reader.mapping(indent),
        })
    }

    fn is_item(&self) -> bool {
        self.byte(self.at) == b'-' && matches!(self.byte(self.at + 1), b' ' | b'\n')
    }

    fn start(&mut self, event: Event<'t>) -> Done {
        (self.take)(event, Span::new(self.at, self.at))
    }

    fn end(&mut self) -> Done {
        (self.take)(Event::End, Span::new(self.at, self.at))
    }

    fn sequence(&mut self, indent: usize, undented: bool) -> Done {
        let begin = match undented {
            true => self.behind_spaces(self.at + 1),
            false => self.at,
        };
        (self.take)(Event::SequenceStart, Span::new(begin, begin))?;
        loop {
            let dash = self.at;
            self.at += 1;
            self.skip_spaces();
            if self.is_item() || matches!(self.byte(self.at), b'\n' | b'#') {
                return Err(Declined);
            }
            let flow = matches!(self.byte(self.at), b'[' | b'{');
            let column = indent + (self.at - dash);
            match self.is_key()? {
                true => self.nested(|reader| reader.mapping(column))?,
                false => self.value(indent)?,
            }
            // The parser ends a flow collection that is an item behind the comments that follow.
            if flow && self.byte(self.behind_breaks()) == b'#' {
                return Err(Declined);
            }
            match self.next_line()? {
                Some(next) if next == indent && self.is_item() && !self.is_mark() => {}
                Some(next) if next > indent => return Err(Declined),
                _ => {
                    self.back_to_line();
                    return self.end();
                }
            }
        }
    }

    /// Lets the line be found again: whoever is further out looks at it too.
    fn back_to_line(&mut self) {
        while self.at > 0 && self.bytes[self.at - 1] == b' ' {
            self.at -= 1;
        }
    }

    fn mapping(&mut self, indent: usize) -> Done {
        self.start(Event::MappingStart)?;
        loop {
            if !self.is_key()? {
                return Err(Declined);
            }
            self.key()?;
            self.value_of_key(indent)?;
            match self.next_line()? {
                Some(next) if next == indent && !self.is_item() && !self.is_mark() => {}
                Some(next) if next > indent => return Err(Declined),
                _ => {
                    self.back_to_line();
                    return self.end();
                }
            }
        }
    }

    /// Whether what begins here is a key with its `:`.
    fn is_key(&self) -> Done<bool> {
        let end = match self.byte(self.at) {
            quote @ (b'"' | b'\'') => match self.quote_end(quote) {
                Some(end) => end,
                None => return Ok(false),
            },
            _ if !self.begins_plain() => return Ok(false),
            _ => match self.colon(self.at) {
                Some(colon) => colon,
                None => return Ok(false),
            },
        };
        Ok(self.byte(end) == b':' && matches!(self.byte(end + 1), b' ' | b'\n'))
    }

    /// The `:` that ends a plain key on this line, where no comment comes first.
    fn colon(&self, from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            match self.byte(at) {
                b'\n' => return None,
                b'#' if at > from && self.bytes[at - 1] == b' ' => return None,
                b':' if matches!(self.byte(at + 1), b' ' | b'\n') => return Some(at),
                _ => at += 1,
            }
        }
    }

    /// Whether a plain scalar can begin with what stands here.
    fn begins_plain(&self) -> bool {
        match self.byte(self.at) {
            b'-' => !matches!(self.byte(self.at + 1), b' ' | b'\n'),
            b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|'
            | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' | b'\n' | b' ' => false,
            _ => true,
        }
    }

    fn key(&mut self) -> Done {
        let start = self.at;
        match self.byte(start) {
            quote @ (b'"' | b'\'') => {
                self.quoted(quote)?;
                if self.at - start > KEY {
                    return Err(Declined);
                }
            }
            _ => {
                let end = self.colon(start).ok_or(Declined)?;
                // Where merged mappings end is the parser's to say.
                let merges = &self.text[start..end] == "<<";
                if self.bytes[end - 1] == b' ' || end - start > KEY || merges {
                    return Err(Declined);
                }
                self.at = end;
                self.plain_scalar(start, end)?;
            }
        }
        self.at += 1;
        Ok(())
    }

    /// What stands behind the `:` of a key that is indented by `indent`.
    fn value_of_key(&mut self, indent: usize) -> Done {
        let colon = self.at;
        if !matches!(self.byte(self.behind_spaces(colon)), b'\n' | b'#') {
            self.skip_spaces();
            return self.value(indent);
        }
        self.rest_of_line()?;
        match self.next_line()? {
            Some(next) if next > indent || next == indent && self.is_item() => {
                match self.is_item() || self.is_key()? {
                    true => self.block(next, next == indent),
                    false => self.value(indent),
                }
            }
            _ => {
                self.back_to_line();
                // The parser finds a `~` on the colon where nothing is written.
                let nothing = Event::Scalar(Cow::Borrowed("~"), Style::Plain);
                (self.take)(nothing, Span::new(colon - 1, colon - 1))
            }
        }
    }

    /// A value that begins on this line, in a collection that is indented by `indent`.
    fn value(&mut self, indent: usize) -> Done {
        match self.byte(self.at) {
            quote @ (b'"' | b'\'') => {
                match self.quote_end(quote) {
                    Some(_) => self.quoted(quote)?,
                    None => self.quoted_lines(quote, indent)?,
                }
                self.rest_of_line()
            }
            b'[' | b'{' => {
                self.nested(Self::flow)?;
                self.rest_of_line()
            }
            b'|' | b'>' => self.block_scalar(indent),
            _ if self.begins_plain() => self.plain(indent),
            _ => Err(Declined),
        }
    }

    fn plain(&mut self, indent: usize) -> Done {
        let start = self.at;
        let (mut line, mut end) = self.plain_line(start)?;
        if end < line || !self.goes_on(line, indent) {
            self.at = end;
            self.plain_scalar(start, end)?;
            return self.rest_of_line();
        }
        // It goes on: its lines are joined with a space each.
        let mut text = self.text[start..end].to_owned();
        while self.goes_on(line, indent) {
            let next = self.behind_spaces(line + 1);
            // An empty line in between is a line break of the text.
            if self.byte(next) == b'\n' {
                return Err(Declined);
            }
            (line, end) = self.plain_line(next)?;
            if end < line {
                return Err(Declined);
            }
            text.push(' ');
            text.push_str(&self.text[next..end]);
        }
        self.at = end;
        let text = Event::Scalar(Cow::Owned(text), Style::Plain);
        (self.take)(text, Span::new(start, end))?;
        self.rest_of_line()
    }

    /// The end of the line from `start`, and of the plain text on it; they differ where anything follows the text.
    fn plain_line(&self, start: usize) -> Done<(usize, usize)> {
        let line = self.line_end(start);
        let mut end = line;
        for at in memchr2_iter(b':', b'#', &self.bytes[start..line]).map(|at| start + at) {
            match self.bytes[at] {
                b':' if matches!(self.byte(at + 1), b' ' | b'\n') => return Err(Declined),
                b'#' if self.bytes[at - 1] == b' ' => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let text = self.text[start..end].trim_end_matches(' ');
        Ok((line, start + text.len()))
    }

    /// Whether the first line behind `line` that is not empty is indented deeper than `indent`.
    fn goes_on(&self, line: usize, indent: usize) -> bool {
        let mut at = line;
        while self.byte(at) == b'\n' && at < self.bytes.len() {
            let start = at + 1;
            at = self.behind_spaces(start);
            if self.byte(at) != b'\n' {
                return at - start > indent && self.bytes[at] != b'#';
            }
        }
        false
    }

    /// Behind the closing quote of what begins here, where that is on the same line.
    fn quote_end(&self, quote: u8) -> Option<usize> {
        self.closing(self.at + 1, quote)
    }

    /// Behind the closing quote of a text that is read up to `at`, where that is on the same line.
    fn closing(&self, mut at: usize, quote: u8) -> Option<usize> {
        loop {
            match self.byte(at) {
                b'\n' => return None,
                b'\\' if quote == b'"' => at += 2,
                byte if byte == quote && quote == b'\'' && self.byte(at + 1) == b'\'' => at += 2,
                byte if byte == quote => return Some(at + 1),
                _ => at += 1,
            }
        }
    }

    fn quoted(&mut self, quote: u8) -> Done {
        let (start, end) = (self.at, self.quote_end(quote).ok_or(Declined)?);
        let inside = &self.text[start + 1..end - 1];
        self.at = end;
        let scalar = unquoted(Cow::Borrowed(inside), quote)?;
        (self.take)(scalar, Span::new(start, end))
    }

    /// A quoted text that goes on behind its first line; a line break is a space, an empty line a break.
    fn quoted_lines(&mut self, quote: u8, indent: usize) -> Done {
        let start = self.at;
        let mut inside = String::new();
        let mut line = start + 1;
        loop {
            let stop = self.line_end(line);
            if stop == self.bytes.len() {
                return Err(Declined);
            }
            inside.push_str(self.text[line..stop].trim_end_matches(' '));
            // What escapes the line's end, or a space before it, joins lines in ways of its own.
            if quote == b'"' && inside.ends_with('\\') {
                return Err(Declined);
            }
            let mut empty = 0;
            let mut next = self.behind_spaces(stop + 1);
            line = stop + 1;
            while self.byte(next) == b'\n' && next < self.bytes.len() {
                empty += 1;
                line = next + 1;
                next = self.behind_spaces(line);
            }
            if next - line <= indent {
                return Err(Declined);
            }
            match empty {
                0 => inside.push(' '),
                breaks => inside.extend(std::iter::repeat_n('\n', breaks)),
            }
            line = next;
            if let Some(end) = self.closing(line, quote) {
                inside.push_str(&self.text[line..end - 1]);
                self.at = end;
                let scalar = unquoted(Cow::Owned(inside), quote)?;
                return (self.take)(scalar, Span::new(start, end));
            }
        }
    }

    /// A `|` or `>` block.
    fn block_scalar(&mut self, indent: usize) -> Done {
        let header = self.at;
        let folded = self.byte(header) == b'>';
        self.at += 1;
        let chomp = self.byte(self.at);
        if matches!(chomp, b'-' | b'+') {
            self.at += 1;
        }
        if self.bytes.get(self.at) != Some(&b'\n') {
            return Err(Declined);
        }
        let first = self.at + 1;
        let mut line = first;
        let mut inner = None;
        let mut text = String::new();
        // Where the last line that is not empty begins and ends.
        let (mut start, mut end) = (first, first);
        while line < self.bytes.len() {
            let stop = self.line_end(line);
            let written = &self.text[line..stop];
            let lead = written.len() - written.trim_start_matches(' ').len();
            if lead == written.len() {
                if lead > inner.unwrap_or(indent) {
                    return Err(Declined);
                }
            } else {
                if lead <= indent {
                    break;
                }
                // Of empty lines before the first the parser makes a span of its own.
                if inner.is_none() && !text.is_empty() {
                    return Err(Declined);
                }
                let inner = *inner.get_or_insert(lead);
                if lead < inner {
                    return Err(Declined);
                }
                if text.is_empty() {
                    start = line + inner;
                }
                text.push_str(&written[inner..]);
                end = stop;
            }
            text.push('\n');
            // Without a line break at the end the last line keeps none.
            if stop == self.bytes.len() {
                return Err(Declined);
            }
            line = stop + 1;
        }
        if inner.is_none() && chomp == b'+' {
            return Err(Declined);
        }
        let written = text.trim_end_matches('\n').len();
        match chomp {
            b'+' if folded => return Err(Declined),
            b'+' => {}
            b'-' => text.truncate(written),
            _ => text.truncate(written + usize::from(inner.is_some())),
        }
        if folded {
            text = joined(&text);
        }
        self.at = line;
        // The parser finds an empty one where its mark stands, or where the next thing does.
        let next = self.behind_spaces(line);
        let (start, end) = match inner {
            None if line == self.bytes.len() => (header, first - 1),
            None => (next, next),
            Some(_) => (start, start + self.text[start..end].trim_end().len()),
        };
        let scalar = Event::Scalar(Cow::Owned(text), Style::Block);
        (self.take)(scalar, Span::new(start, end))
    }

    /// A flow collection on one line.
    fn flow(&mut self) -> Done {
        let map = self.byte(self.at) == b'{';
        let close = if map { b'}' } else { b']' };
        self.start(match map {
            true => Event::MappingStart,
            false => Event::SequenceStart,
        })?;
        self.at += 1;
        self.skip_spaces();
        while self.byte(self.at) != close {
            if map {
                self.flow_scalar(true)?;
                if self.byte(self.at) != b':' || self.byte(self.at + 1) != b' ' {
                    return Err(Declined);
                }
                self.at += 1;
                self.skip_spaces();
            }
            match self.byte(self.at) {
                b'[' | b'{' => self.nested(Self::flow)?,
                _ => self.flow_scalar(false)?,
            }
            self.skip_spaces();
            match self.byte(self.at) {
                b',' => {
                    self.at += 1;
                    self.skip_spaces();
                    if self.byte(self.at) == close {
                        return Err(Declined);
                    }
                }
                byte if byte == close => {}
                _ => return Err(Declined),
            }
        }
        self.at += 1;
        self.end()
    }

    fn flow_scalar(&mut self, key: bool) -> Done {
        let start = self.at;
        if let quote @ (b'"' | b'\'') = self.byte(start) {
            return self.quoted(quote);
        }
        if !self.begins_plain() {
            return Err(Declined);
        }
        let mut at = start;
        loop {
            match self.byte(at) {
                b',' | b']' | b'}' => break,
                b':' if key => break,
                b':' | b'[' | b'{' | b'#' | b'\n' => return Err(Declined),
                _ => at += 1,
            }
        }
        let text = self.text[start..at].trim_end_matches(' ');
        let end = start + text.len();
        if key && end != at || text == "-" {
            return Err(Declined);
        }
        self.at = end;
        self.plain_scalar(start, end)
    }
}

/// The text between quotes without what escapes them.
fn unquoted(inside: Cow<'_, str>, quote: u8) -> Done<Event<'_>> {
    let style = if quote == b'"' {
        Style::Double
    } else {
        Style::Single
    };
    let text = match (style, quote) {
        (Style::Double, _) if inside.contains('\\') => Cow::Owned(unescaped(&inside)?),
        (Style::Single, _) if inside.contains('\'') => Cow::Owned(inside.replace("''", "'")),
        _ => inside,
    };
    Ok(Event::Scalar(text, style))
}

/// The text of double quotes with the escapes that people write.
fn unescaped(inside: &str) -> Done<String> {
    let mut text = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some(same @ ('"' | '\\')) => same,
                _ => return Err(Declined),
            },
            c => c,
        });
    }
    Ok(text)
}

/// The lines of a `>` block: one break between two of them is a space, unless either is indented further.
fn joined(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let written = text.trim_end_matches('\n');
    let mut deep = true;
    let mut breaks = 0;
    for (number, line) in written.split('\n').enumerate() {
        breaks += usize::from(number > 0);
        if line.is_empty() {
            continue;
        }
        let deeper = line.starts_with(' ');
        match breaks {
            0 => {}
            breaks if deep || deeper => joined.extend(std::iter::repeat_n('\n', breaks)),
            1 => joined.push(' '),
            breaks => joined.extend(std::iter::repeat_n('\n', breaks - 1)),
        }
        joined.push_str(line);
        (deep, breaks) = (deeper, 0);
    }
    joined.push_str(&text[written.len()..]);
    joined
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::{Path, PathBuf};

    use proptest::prelude::*;

    use super::super::{Builder, Error, Limits, read_plain};

    /// Whether the short way was taken; it fails where the parser reads anything else.
    fn is_plain(text: &str) -> bool {
        let limits = Limits::REPOSITORY;
        let Some(plain) = read_plain(text, &limits) else {
            return false;
        };
        let parsed = Builder::new(text, &limits).run();
        if Ok(&plain) != parsed.as_ref() {
            let plain = format!("{:#?}", Ok::<_, Error>(plain));
            let parsed = format!("{parsed:#?}");
            let at = plain.lines().zip(parsed.lines()).position(|(a, b)| a != b);
            let near = |told: &str| {
                let lines = told.lines().skip(at.unwrap_or(0).saturating_sub(12));
                lines.take(14).collect::<Vec<_>>().join("\n")
            };
            panic!("{}\nIS\n{}\nIN\n{text}", near(&plain), near(&parsed));
        }
        true
    }

    /// The YAML files below a folder; templates of charts are none.
    pub(crate) fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() && !path.ends_with("templates") {
                files(&path, found);
            } else if path
                .extension()
                .is_some_and(|end| end == "yaml" || end == "yml")
            {
                found.push(path);
            }
        }
    }

    #[test]
    fn files_that_are_plain_are_read_as_the_parser_reads_them() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        files(&root.join("out"), &mut found);
        files(&root.join("tests"), &mut found);
        // `GEN_YAML` names a folder with as many more as there are.
        if let Some(more) = std::env::var_os("GEN_YAML") {
            files(Path::new(&more), &mut found);
        }
        let (mut plain, mut all) = (0, 0);
        for path in found {
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            for document in text.split_inclusive("\n---\n").chain([&*text]) {
                all += 1;
                plain += usize::from(is_plain(document.trim_start_matches("---\n")));
            }
        }
        println!("{plain} of {all} documents are plain");
        assert!(plain * 10 > all * 7, "{plain} of {all}");
    }

    /// A line of nearly anything that stands in YAML.
    pub(crate) fn line() -> impl Strategy<Value = String> {
        let key = prop_oneof![
            Just("a"),
            Just("b"),
            Just("'c'"),
            Just("\"d\""),
            Just("e f"),
            Just("-g"),
            Just("h:i"),
            Just("<<"),
            Just("é"),
        ];
        let value = prop_oneof![
            Just(""),
            Just("x"),
            Just("x y"),
            Just("'y'"),
            Just("'it''s'"),
            Just("\"z\\n\""),
            Just("\"\\x41\""),
            Just("1 #c"),
            Just("#d"),
            Just("# e"),
            Just("[]"),
            Just("{}"),
            Just("[a, 'b']"),
            Just("[a, [b], {c: d}]"),
            Just("{a: 1, b: [2]}"),
            Just("{a}"),
            Just("[a,]"),
            Just("|"),
            Just("|-"),
            Just("|+"),
            Just("|2"),
            Just(">"),
            Just(">-"),
            Just(">+"),
            Just("&a"),
            Just("*a"),
            Just("!t"),
            Just("-"),
            Just("- q"),
            Just("~"),
            Just("http://h:80/#x"),
            Just("a: b"),
            Just("a:"),
            Just("?"),
            Just("%"),
            Just("@"),
            Just("'open"),
            Just("\"open"),
            Just("x'"),
            Just("-1"),
            Just("---"),
            Just("é"),
        ];
        let colon =
            prop_oneof![3 => Just(": "), 1 => Just(":"), 1 => Just(":  "), 1 => Just(" : ")];
        let rest = prop_oneof![6 => Just(""), 1 => Just(" "), 1 => Just(" # r"), 1 => Just(" #")];
        let dash = prop_oneof![3 => Just(""), 2 => Just("- "), 1 => Just("-  "), 1 => Just("- - ")];
        let entry = (dash, key, colon, value.clone(), rest)
            .prop_map(|(dash, key, colon, value, rest)| format!("{dash}{key}{colon}{value}{rest}"));
        let other = prop_oneof![
            Just(String::new()),
            Just("# c".to_owned()),
            Just("#".to_owned()),
            Just("text".to_owned()),
            Just("text'".to_owned()),
            Just("text\"".to_owned()),
            Just("---".to_owned()),
            Just("{}".to_owned()),
            value.clone().prop_map(|value| format!("- {value}")),
            value.prop_map(str::to_owned),
        ];
        let indent = prop_oneof![4 => Just(0), 4 => Just(2), 2 => Just(4), 1 => Just(1), 1 => Just(3), 1 => Just(6)];
        (indent, prop_oneof![3 => entry, 1 => other])
            .prop_map(|(indent, line): (usize, String)| format!("{}{line}", " ".repeat(indent)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn what_the_short_way_reads_the_parser_reads_alike(lines in prop::collection::vec(line(), 1..7)) {
            let text = lines.join("\n");
            is_plain(&text);
            is_plain(&(text + "\n"));
        }
    }
}
