//! Go's `fmt`: how values print.
//!
//! Owns `%v` of every value, `printf` with its flags, widths and complaints (`%!d(string=x)`), and the
//! spacing of `print` and `println`. Knows nothing of templates.

use super::value::Value;

mod float;
mod printer;

use printer::Printer;

/// The `%v` form.
pub(crate) fn display(value: &Value) -> String {
    let mut out = Vec::new();
    Printer { out: &mut out }.value(value, &Spec::plain('v'), 0);
    text(out)
}

/// Bytes as text, what is no UTF-8 replaced; nearly all is sound as a whole, which is quick to see.
pub(crate) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

/// The `%v` form, byte for byte.
pub(crate) fn display_bytes(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    Printer { out: &mut out }.value(value, &Spec::plain('v'), 0);
    out
}

/// Go's `Sprint`: a space between operands when neither is a string.
pub(crate) fn sprint(values: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, value) in values.iter().enumerate() {
        let texts = matches!(value, Value::Str(_))
            || at
                .checked_sub(1)
                .is_some_and(|before| matches!(values[before], Value::Str(_)));
        if at > 0 && !texts {
            out.push(b' ');
        }
        Printer { out: &mut out }.value(value, &Spec::plain('v'), 0);
    }
    out
}

/// Go's `Sprintln`.
pub(crate) fn sprintln(values: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        Printer { out: &mut out }.value(value, &Spec::plain('v'), 0);
    }
    out.push(b'\n');
    out
}

/// Widths and precisions above this are refused by Go as well.
const WIDEST: i64 = 1_000_000;

/// Go's `Sprintf`.
pub(crate) fn sprintf(format: &str, values: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut next = 0_usize;
    let mut reordered = false;
    let mut chars = format.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c != '%' {
            out.extend_from_slice(&format.as_bytes()[at..at + c.len_utf8()]);
            continue;
        }
        let rest = &format[at + 1..];
        let mut directive = Directive {
            rest,
            spec: Spec::plain('v'),
            good_index: true,
        };
        directive.read(values, &mut next, &mut reordered, &mut out);
        let consumed = rest.len() - directive.rest.len();
        while chars.peek().is_some_and(|(i, _)| *i < at + 1 + consumed) {
            chars.next();
        }
        let Some((_, verb)) = chars.next() else {
            out.extend_from_slice(b"%!(NOVERB)");
            break;
        };
        directive.spec.verb = verb;
        if verb == 'v' {
            // These two flags ask for another form of the value, and are no flags of the parts in it.
            directive.spec.syntax = std::mem::take(&mut directive.spec.sharp);
            directive.spec.plus = false;
        }
        let printer = &mut Printer { out: &mut out };
        if verb == '%' {
            printer.out.push(b'%');
        } else if !directive.good_index {
            printer.raw(&format!("%!{verb}(BADINDEX)"));
        } else if let Some(value) = values.get(next) {
            next += 1;
            printer.argument(value, &directive.spec);
        } else {
            printer.raw(&format!("%!{verb}(MISSING)"));
        }
    }
    if !reordered && next < values.len() {
        let printer = &mut Printer { out: &mut out };
        printer.raw("%!(EXTRA ");
        for (at, value) in values[next..].iter().enumerate() {
            if at > 0 {
                printer.raw(", ");
            }
            if matches!(value, Value::Nil) {
                printer.raw("<nil>");
            } else {
                printer.raw(value.type_name());
                printer.raw("=");
                printer.value(value, &Spec::plain('v'), 0);
            }
        }
        printer.raw(")");
    }
    out
}

/// Flags, width and precision of one directive.
#[derive(Debug, Clone)]
struct Spec {
    verb: char,
    plus: bool,
    minus: bool,
    sharp: bool,
    /// `%#v`: as Go source.
    syntax: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

impl Spec {
    fn plain(verb: char) -> Self {
        Self {
            verb,
            plus: false,
            minus: false,
            sharp: false,
            syntax: false,
            space: false,
            zero: false,
            width: None,
            precision: None,
        }
    }
}

struct Directive<'a> {
    rest: &'a str,
    spec: Spec,
    good_index: bool,
}

impl Directive<'_> {
    fn read(
        &mut self,
        values: &[Value],
        next: &mut usize,
        reordered: &mut bool,
        out: &mut Vec<u8>,
    ) {
        loop {
            match self.rest.as_bytes().first() {
                Some(b'+') => self.spec.plus = true,
                Some(b'-') => self.spec.minus = true,
                Some(b'#') => self.spec.sharp = true,
                Some(b' ') => self.spec.space = true,
                Some(b'0') => self.spec.zero = true,
                _ => break,
            }
            self.rest = &self.rest[1..];
        }
        self.index(values, next, reordered);
        if self.rest.starts_with('*') {
            self.rest = &self.rest[1..];
            match star(values, next) {
                Some(width) => {
                    self.spec.minus |= width < 0;
                    self.spec.width = usize::try_from(width.abs()).ok();
                }
                None => out.extend_from_slice(b"%!(BADWIDTH)"),
            }
        } else {
            self.spec.width = self.digits();
        }
        if self.rest.starts_with('.') {
            self.rest = &self.rest[1..];
            self.index(values, next, reordered);
            if self.rest.starts_with('*') {
                self.rest = &self.rest[1..];
                match star(values, next).and_then(|p| usize::try_from(p).ok()) {
                    Some(precision) => self.spec.precision = Some(precision),
                    None => out.extend_from_slice(b"%!(BADPREC)"),
                }
            } else {
                self.spec.precision = Some(self.digits().unwrap_or(0));
            }
        }
        self.index(values, next, reordered);
    }

    fn digits(&mut self) -> Option<usize> {
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        let value = digits
            .parse::<i64>()
            .ok()
            .filter(|value| *value <= WIDEST)?;
        self.rest = rest;
        usize::try_from(value).ok()
    }

    fn index(&mut self, values: &[Value], next: &mut usize, reordered: &mut bool) {
        if !self.rest.starts_with('[') {
            return;
        }
        *reordered = true;
        let Some(close) = self.rest.find(']') else {
            self.good_index = false;
            self.rest = &self.rest[1..];
            return;
        };
        match self.rest[1..close].parse::<usize>() {
            Ok(index) if (1..=values.len()).contains(&index) => *next = index - 1,
            _ => self.good_index = false,
        }
        self.rest = &self.rest[close + 1..];
    }
}

fn star(values: &[Value], next: &mut usize) -> Option<i64> {
    let value = values.get(*next)?;
    *next += 1;
    match value {
        Value::Int(n) | Value::Int64(n) if n.abs() <= WIDEST => Some(*n),
        _ => None,
    }
}
