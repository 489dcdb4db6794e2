//! Go's `fmt`: how values print.
//!
//! Owns `%v` of every value, `printf` with its flags, widths and complaints (`%!d(string=x)`), and the
//! spacing of `print` and `println`. Knows nothing of templates.

use super::number;
use super::unquote;
use super::value::{Object, Value};

/// The `%v` form.
pub(crate) fn display(value: &Value) -> String {
    let mut out = Vec::new();
    Printer { out: &mut out }.value(value, &Spec::plain('v'), 0);
    String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
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

struct Printer<'a> {
    out: &'a mut Vec<u8>,
}

impl Printer<'_> {
    fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn argument(&mut self, value: &Value, spec: &Spec) {
        match (value, spec.verb) {
            (_, 'T') => self.pad(value.type_name(), spec),
            (Value::Nil, 'v') => self.pad("<nil>", spec),
            (Value::Nil, verb) => self.raw(&format!("%!{verb}(<nil>)")),
            (_, 'p') => self.bad(value, spec),
            _ => self.value(value, spec, 0),
        }
    }

    fn bad(&mut self, value: &Value, spec: &Spec) {
        self.raw(&format!("%!{}(", spec.verb));
        if matches!(value, Value::Nil) {
            self.raw("<nil>");
        } else {
            self.raw(value.type_name());
            self.raw("=");
            // Width, precision and flags hold inside the complaint as well.
            let spec = Spec {
                verb: 'v',
                ..spec.clone()
            };
            self.value(value, &spec, 0);
        }
        self.raw(")");
    }

    fn value(&mut self, value: &Value, spec: &Spec, depth: usize) {
        match value {
            Value::Nil if spec.syntax => self.raw("interface {}(nil)"),
            Value::Nil => self.raw("<nil>"),
            Value::Bool(flag) => match spec.verb {
                'v' | 't' => self.pad(if *flag { "true" } else { "false" }, spec),
                _ => self.bad(value, spec),
            },
            Value::Int(n) | Value::Int64(n) => self.integer(value, *n < 0, n.unsigned_abs(), spec),
            Value::Uint(n) => self.integer(value, false, *n, spec),
            Value::Float(n) => self.float(value, *n, spec),
            Value::Str(text) => self.text(value, text.text.as_bytes(), spec),
            Value::Bytes(bytes) if bytes.string => self.text(value, &bytes.bytes, spec),
            Value::Bytes(bytes) => match spec.verb {
                's' | 'q' | 'x' | 'X' => self.text(value, &bytes.bytes, spec),
                _ => {
                    let items: Vec<_> = bytes
                        .bytes
                        .iter()
                        .map(|b| Value::Int(i64::from(*b)))
                        .collect();
                    self.items(&items, spec, depth);
                }
            },
            Value::List(list) => {
                if spec.syntax {
                    self.raw(value.type_name());
                    if list.nil {
                        return self.raw("(nil)");
                    }
                    self.raw("{");
                    for (at, item) in list.items.iter().enumerate() {
                        if at > 0 {
                            self.raw(", ");
                        }
                        self.value(item, spec, depth + 1);
                    }
                    self.raw("}");
                } else {
                    self.items(&list.items, spec, depth);
                }
            }
            Value::Map(map) => {
                let sharp = spec.syntax;
                if sharp {
                    self.raw(value.type_name());
                    self.raw("{");
                } else {
                    self.raw("map[");
                }
                for (at, (key, item)) in map.entries.borrow().iter().enumerate() {
                    if at > 0 {
                        self.raw(if sharp { ", " } else { " " });
                    }
                    self.value(&Value::from(key.clone()), spec, depth + 1);
                    self.raw(":");
                    self.value(item, spec, depth + 1);
                }
                self.raw(if sharp { "}" } else { "]" });
            }
            Value::Time(time) => self.text(value, time.to_string().as_bytes(), spec),
            Value::Duration(nanos) => match spec.verb {
                'v' | 's' | 'q' | 'x' | 'X' => {
                    self.text(value, super::date::duration_text(*nanos).as_bytes(), spec);
                }
                _ => self.integer(value, *nanos < 0, nanos.unsigned_abs(), spec),
            },
            Value::Version(version) => self.text(value, version.to_string().as_bytes(), spec),
            Value::Object(object) => self.object(object, spec, depth),
        }
    }

    fn object(&mut self, object: &Object, spec: &Spec, depth: usize) {
        match object {
            Object::Files(files) => {
                self.raw("map[");
                for (at, (name, bytes)) in files.iter().enumerate() {
                    if at > 0 {
                        self.raw(" ");
                    }
                    self.raw(name);
                    self.raw(":");
                    let items: Vec<_> = bytes.iter().map(|b| Value::Int(i64::from(*b))).collect();
                    self.items(&items, spec, depth);
                }
                self.raw("]");
            }
            Object::ApiVersions(known) => {
                let items: Vec<_> = known
                    .api_versions
                    .iter()
                    .cloned()
                    .map(Value::from)
                    .collect();
                self.items(&items, spec, depth);
            }
            Object::KubeVersion(known) => self.raw(&known.version),
            Object::Capabilities(known) => {
                self.raw("&{");
                self.object(&Object::KubeVersion(std::rc::Rc::clone(known)), spec, depth);
                self.raw(" ");
                self.object(&Object::ApiVersions(std::rc::Rc::clone(known)), spec, depth);
                self.raw(" ");
                self.object(&Object::HelmVersion, spec, depth);
                self.raw("}");
            }
            Object::HelmVersion => self.raw(&format!(
                "{{{}    {}}}",
                super::capabilities::HELM_VERSION,
                super::capabilities::GO_VERSION
            )),
        }
    }

    fn items(&mut self, items: &[Value], spec: &Spec, depth: usize) {
        self.raw("[");
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.raw(" ");
            }
            self.value(item, spec, depth + 1);
        }
        self.raw("]");
    }

    fn pad(&mut self, text: &str, spec: &Spec) {
        self.pad_bytes(text.as_bytes(), spec, spec.zero && !spec.minus);
    }

    fn pad_bytes(&mut self, text: &[u8], spec: &Spec, zeros: bool) {
        let length = String::from_utf8_lossy(text).chars().count();
        let missing = spec.width.unwrap_or(0).saturating_sub(length);
        let fill = if zeros { b'0' } else { b' ' };
        if spec.minus {
            self.out.extend_from_slice(text);
            self.out.extend(std::iter::repeat_n(b' ', missing));
        } else {
            self.out.extend(std::iter::repeat_n(fill, missing));
            self.out.extend_from_slice(text);
        }
    }

    fn text(&mut self, value: &Value, bytes: &[u8], spec: &Spec) {
        let cut = |bytes: &[u8]| -> Vec<u8> {
            let Some(precision) = spec.precision else {
                return bytes.to_vec();
            };
            let text = String::from_utf8_lossy(bytes);
            match text.char_indices().nth(precision) {
                Some((end, _)) => bytes[..end.min(bytes.len())].to_vec(),
                None => bytes.to_vec(),
            }
        };
        match spec.verb {
            'v' if spec.syntax => self.pad(&unquote::quote_bytes(bytes), spec),
            'v' | 's' => {
                let text = cut(bytes);
                self.pad_bytes(&text, spec, spec.zero && !spec.minus);
            }
            'q' => {
                let text = cut(bytes);
                let raw = spec.sharp
                    && std::str::from_utf8(&text).is_ok_and(|t| {
                        !t.contains(|c: char| c == '`' || (c.is_control() && c != '\t'))
                    });
                let quoted = if raw {
                    format!("`{}`", String::from_utf8_lossy(&text))
                } else {
                    unquote::quote_bytes(&text)
                };
                self.pad(&quoted, spec);
            }
            'x' | 'X' => {
                let bytes = &bytes[..spec.precision.unwrap_or(bytes.len()).min(bytes.len())];
                let mut hex = String::new();
                for (at, byte) in bytes.iter().enumerate() {
                    if spec.space && at > 0 {
                        hex.push(' ');
                    }
                    if spec.sharp && (spec.space || at == 0) {
                        hex.push_str("0x");
                    }
                    hex.push_str(&format!("{byte:02x}"));
                }
                let hex = if spec.verb == 'X' {
                    hex.to_uppercase()
                } else {
                    hex
                };
                self.pad(&hex, spec);
            }
            _ => self.bad(value, spec),
        }
    }

    fn integer(&mut self, value: &Value, negative: bool, magnitude: u64, spec: &Spec) {
        let (digits, prefix) = match spec.verb {
            'v' | 'd' => (magnitude.to_string(), ""),
            'b' => (format!("{magnitude:b}"), if spec.sharp { "0b" } else { "" }),
            'o' => (format!("{magnitude:o}"), if spec.sharp { "0" } else { "" }),
            'O' => (format!("{magnitude:o}"), "0o"),
            'x' => (format!("{magnitude:x}"), if spec.sharp { "0x" } else { "" }),
            'X' => (format!("{magnitude:X}"), if spec.sharp { "0X" } else { "" }),
            'c' => {
                let c = u32::try_from(magnitude)
                    .ok()
                    .filter(|_| !negative)
                    .and_then(char::from_u32)
                    .unwrap_or('\u{fffd}');
                return self.pad(&c.to_string(), spec);
            }
            'q' => {
                let code = i64::try_from(magnitude).unwrap_or(-1);
                let code = if negative { -1 } else { code };
                return self.pad(&unquote::quote_char(code), spec);
            }
            'U' => return self.pad(&format!("U+{magnitude:04X}"), spec),
            _ => return self.bad(value, spec),
        };
        let sign = if negative {
            "-"
        } else if spec.plus {
            "+"
        } else if spec.space {
            " "
        } else {
            ""
        };
        let mut digits = digits;
        if let Some(precision) = spec.precision {
            if precision == 0 && magnitude == 0 {
                return self.pad_bytes(b"", spec, false);
            }
            while digits.len() < precision {
                digits.insert(0, '0');
            }
        } else if spec.zero && !spec.minus {
            let width = spec.width.unwrap_or(0).saturating_sub(sign.len());
            while digits.len() + prefix.len() < width {
                digits.insert(0, '0');
            }
        }
        self.pad_bytes(format!("{sign}{prefix}{digits}").as_bytes(), spec, false);
    }

    fn float(&mut self, value: &Value, n: f64, spec: &Spec) {
        let text = match spec.verb {
            'v' => format_float(n, 'g', spec.precision),
            'e' | 'E' | 'f' | 'F' => format_float(
                n,
                spec.verb.to_ascii_lowercase(),
                Some(spec.precision.unwrap_or(6)),
            ),
            'g' | 'G' => format_float(n, 'g', spec.precision),
            'x' if spec.precision.is_none() => hex_float(n),
            _ => return self.bad(value, spec),
        };
        let text = if spec.verb == 'E' || spec.verb == 'G' {
            text.to_uppercase()
        } else {
            text
        };
        let (sign, digits) = match text.strip_prefix(['-', '+']) {
            Some(digits) => (&text[..1], digits),
            None => ("+", text.as_str()),
        };
        let sign = match sign {
            "-" => "-",
            _ if spec.plus => "+",
            _ if spec.space => " ",
            _ if digits == "Inf" => "+",
            _ => "",
        };
        let finite = n.is_finite();
        if spec.zero && !spec.minus && finite {
            let width = spec.width.unwrap_or(0).saturating_sub(sign.len());
            let zeros = "0".repeat(width.saturating_sub(digits.len()));
            return self.raw(&format!("{sign}{zeros}{digits}"));
        }
        self.pad_bytes(format!("{sign}{digits}").as_bytes(), spec, false);
    }
}

/// Go's `FormatFloat` for `e`, `f` and `g`.
pub(crate) fn format_float(n: f64, verb: char, precision: Option<usize>) -> String {
    if !n.is_finite() {
        return number::general(n);
    }
    match (verb, precision) {
        ('f', Some(precision)) => format!("{n:.precision$}"),
        ('f', None) => {
            let text = format!("{n}");
            text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
        }
        ('e', Some(precision)) => go_exponent(&format!("{n:.precision$e}")),
        ('e', None) => go_exponent(&format!("{n:e}")),
        (_, None) => number::general(n),
        (_, Some(precision)) => {
            let precision = precision.max(1);
            let rounded = format!("{:.*e}", precision - 1, n);
            let (mantissa, exponent) = rounded.split_once('e').unwrap_or((&rounded, "0"));
            let exponent: i32 = exponent.parse().unwrap_or(0);
            let limit = i32::try_from(precision).unwrap_or(i32::MAX);
            let trim = |text: &str| {
                if text.contains('.') {
                    text.trim_end_matches('0').trim_end_matches('.').to_owned()
                } else {
                    text.to_owned()
                }
            };
            if exponent < -4 || exponent >= limit {
                go_exponent(&format!("{}e{exponent}", trim(mantissa)))
            } else {
                let decimals = usize::try_from(limit - 1 - exponent).unwrap_or(0);
                trim(&format!("{n:.decimals$}"))
            }
        }
    }
}

/// Go's `%x` of a float: the exact bits as a hexadecimal fraction and a power of two.
fn hex_float(n: f64) -> String {
    if !n.is_finite() {
        return number::general(n);
    }
    let sign = if n.is_sign_negative() { "-" } else { "" };
    if n == 0.0 {
        return format!("{sign}0x0p+00");
    }
    let bits = n.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let exponent = i64::try_from(bits >> 52 & 0x7ff).unwrap_or(0);
    let (fraction, exponent) = if exponent == 0 {
        // A subnormal number is shifted until its first digit is 1.
        let shift = fraction.leading_zeros() - 11;
        (
            fraction << shift & ((1 << 52) - 1),
            -1022 - i64::from(shift),
        )
    } else {
        (fraction, exponent - 1023)
    };
    let digits = format!("{fraction:013x}");
    let digits = digits.trim_end_matches('0');
    let point = if digits.is_empty() { "" } else { "." };
    let direction = if exponent < 0 { '-' } else { '+' };
    format!(
        "{sign}0x1{point}{digits}p{direction}{:02}",
        exponent.unsigned_abs()
    )
}

fn go_exponent(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}
