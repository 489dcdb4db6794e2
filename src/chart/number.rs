//! Numbers as Go writes and reads them.
//!
//! Owns the shortest form of floats (`%v`, JSON, YAML) and the integer and float syntax of Go and of YAML
//! 1.1. Knows nothing of values.

/// A number that YAML 1.1 sees in a plain scalar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    Uint(u64),
    Float(f64),
}

impl Number {
    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Uint(value) => value as f64,
            Self::Float(value) => value,
        }
    }

    /// The number as the key of a map; floats pass through single precision there.
    pub(crate) fn as_key(self) -> String {
        match self {
            Self::Int(value) => value.to_string(),
            Self::Uint(value) => value.to_string(),
            Self::Float(value) if value.is_nan() => ".nan".to_owned(),
            Self::Float(value) if value.is_infinite() => {
                if value > 0.0 { ".inf" } else { "-.inf" }.to_owned()
            }
            Self::Float(value) => general32(value as f32),
        }
    }
}

/// What go-yaml makes of a plain scalar that is no boolean and no null.
pub(crate) fn resolve(text: &str) -> Option<Number> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(Number::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Some(Number::Float(f64::INFINITY));
        }
        "-.inf" | "-.Inf" | "-.INF" => return Some(Number::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    match text.as_bytes().first()? {
        b'.' => parse_float(text).map(Number::Float),
        b'0'..=b'9' | b'+' | b'-' => resolve_digits(text),
        _ => None,
    }
}

fn resolve_digits(text: &str) -> Option<Number> {
    if is_timestamp(text) {
        return None;
    }
    let plain: std::borrow::Cow<'_, str> = if text.contains('_') {
        text.replace('_', "").into()
    } else {
        text.into()
    };
    if let Some(value) = parse_int(&plain, 0) {
        return Some(Number::Int(value));
    }
    if let Some(value) = parse_uint(&plain, 0) {
        return Some(Number::Uint(value));
    }
    if is_yaml_float(&plain) {
        return parse_float(&plain).map(Number::Float);
    }
    None
}

fn is_yaml_float(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(at);
    if whole == at {
        if bytes.get(at) != Some(&b'.') {
            return false;
        }
        let end = digits(at + 1);
        if end == at + 1 {
            return false;
        }
        at = end;
    } else {
        at = whole;
        if bytes.get(at) == Some(&b'.') {
            at = digits(at + 1);
        }
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        let end = digits(at);
        if end == at {
            return false;
        }
        at = end;
    }
    at == bytes.len()
}

/// Whether go-yaml takes the scalar for a timestamp, which stays a string here.
pub(crate) fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let number = |at: usize| -> (u32, usize) {
        let len = bytes[at.min(bytes.len())..]
            .iter()
            .take(2)
            .take_while(|b| b.is_ascii_digit())
            .count();
        (text[at..at + len].parse().unwrap_or(0), at + len)
    };
    let (month, at) = number(5);
    if !(1..=12).contains(&month) || bytes.get(at) != Some(&b'-') {
        return false;
    }
    let (day, at) = number(at + 1);
    let year: u32 = text[..4].parse().unwrap_or(0);
    if day == 0 || day > days_in(year, month) {
        return false;
    }
    if at == bytes.len() {
        return true;
    }
    let zoned = matches!(bytes[at], b'T' | b't');
    if !zoned && bytes[at] != b' ' {
        return false;
    }
    time_of_day(text, at + 1, zoned)
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

fn time_of_day(text: &str, start: usize, zoned: bool) -> bool {
    let rest = &text[start..];
    let (clock, zone) = if zoned {
        match rest.find(['Z', '+', '-']) {
            Some(at) => rest.split_at(at),
            None => return false,
        }
    } else {
        (rest, "")
    };
    let mut parts = clock.splitn(3, ':');
    let limits = [23, 59, 59];
    for limit in limits {
        let Some(part) = parts.next() else {
            return false;
        };
        let (whole, fraction) = part
            .split_once('.')
            .map_or((part, None), |(a, b)| (a, Some(b)));
        if fraction
            .is_some_and(|f| limit != 59 || f.is_empty() || !f.bytes().all(|b| b.is_ascii_digit()))
        {
            return false;
        }
        if whole.is_empty() || whole.len() > 2 || !whole.bytes().all(|b| b.is_ascii_digit()) {
            return false;
        }
        if whole.parse::<u32>().unwrap_or(99) > limit {
            return false;
        }
    }
    !zoned
        || zone == "Z"
        || (zone.len() == 6
            && zone.as_bytes()[3] == b':'
            && zone[1..3]
                .bytes()
                .chain(zone[4..6].bytes())
                .all(|b| b.is_ascii_digit()))
}

/// Go's `strconv.ParseInt`; base 0 takes the base from the prefix.
pub(crate) fn parse_int(text: &str, base: u32) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let value = parse_uint(digits, base)?;
    if negative {
        (value <= 1 << 63).then(|| (value as i64).wrapping_neg())
    } else {
        i64::try_from(value).ok()
    }
}

/// Go's `strconv.ParseUint`.
pub(crate) fn parse_uint(text: &str, base: u32) -> Option<u64> {
    let (base, digits) = match (base, text.as_bytes()) {
        (0, [b'0', b'x' | b'X', ..]) => (16, &text[2..]),
        (0, [b'0', b'o' | b'O', ..]) => (8, &text[2..]),
        (0, [b'0', b'b' | b'B', ..]) => (2, &text[2..]),
        (0, [b'0', _, ..]) => (8, &text[1..]),
        (0, _) => (10, text),
        (base, _) => (base, text),
    };
    if digits.is_empty() || digits.starts_with(['+', '-']) {
        return None;
    }
    u64::from_str_radix(digits, base).ok()
}

/// Go's `strconv.Atoi`.
pub(crate) fn atoi(text: &str) -> Option<i64> {
    parse_int(text, 10)
}

/// Go's `strconv.ParseFloat` for finite decimal and hexadecimal floats, infinities and NaN.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    if lower.starts_with("0x") {
        return hex_float(text);
    }
    if matches!(lower.as_str(), "inf" | "infinity" | "nan") {
        return text.parse().ok();
    }
    if !unsigned
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
    {
        return None;
    }
    // Out of range is an error to Go, infinity to Rust.
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

fn hex_float(text: &str) -> Option<f64> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => (-1.0, &text[3..]),
        b'+' => (1.0, &text[3..]),
        _ => (1.0, &text[2..]),
    };
    let lower = rest.to_ascii_lowercase();
    let (mantissa, exponent) = lower.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0.0_f64;
    for digit in whole.chars() {
        value = value * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let mut scale = 1.0 / 16.0;
    for digit in fraction.chars() {
        value += f64::from(digit.to_digit(16)?) * scale;
        scale /= 16.0;
    }
    let exponent: i32 = exponent.parse().ok()?;
    let value = sign * value * 2.0_f64.powi(exponent);
    value.is_finite().then_some(value)
}

/// The shortest decimal digits of a finite value and the exponent of the first digit.
fn shortest(value: f64) -> (String, i32) {
    scientific(&format!("{:e}", value.abs()))
}

fn scientific(text: &str) -> (String, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    (
        mantissa.replace('.', ""),
        exponent.parse().unwrap_or_default(),
    )
}

fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value == f64::INFINITY {
        Some("+Inf")
    } else if value == f64::NEG_INFINITY {
        Some("-Inf")
    } else {
        None
    }
}

/// Go's `%v` of a float and its `FormatFloat(value, 'g', -1, 64)`: exponents below -4 and from 6 on.
pub(crate) fn general(value: f64) -> String {
    if let Some(text) = special(value) {
        return text.to_owned();
    }
    let (digits, exponent) = shortest(value);
    layout(value.is_sign_negative(), &digits, exponent)
}

fn general32(value: f32) -> String {
    let (digits, exponent) = scientific(&format!("{:e}", value.abs()));
    layout(value.is_sign_negative(), &digits, exponent)
}

fn layout(negative: bool, digits: &str, exponent: i32) -> String {
    let mut out = String::new();
    if negative {
        out.push('-');
    }
    if !(-4..6).contains(&exponent) {
        out.push_str(&with_exponent(digits, exponent, 'e'));
    } else {
        out.push_str(&fixed(digits, exponent));
    }
    out
}

/// `d.ddde±xx` of digits.
pub(crate) fn with_exponent(digits: &str, exponent: i32, letter: char) -> String {
    let mut out = digits[..1].to_owned();
    if digits.len() > 1 {
        out.push('.');
        out.push_str(&digits[1..]);
    }
    out.push(letter);
    out.push(if exponent < 0 { '-' } else { '+' });
    out.push_str(&format!("{:02}", exponent.unsigned_abs()));
    out
}

fn fixed(digits: &str, exponent: i32) -> String {
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let mut out = String::new();
    if exponent < 0 {
        out.push_str("0.");
        for _ in 0..(-exponent - 1) {
            out.push('0');
        }
        out.push_str(digits);
    } else if length <= exponent + 1 {
        out.push_str(digits);
        for _ in 0..(exponent + 1 - length) {
            out.push('0');
        }
    } else {
        let split = usize::try_from(exponent + 1).unwrap_or(0);
        out.push_str(&digits[..split]);
        out.push('.');
        out.push_str(&digits[split..]);
    }
    out
}

/// A finite float as `encoding/json` writes it.
pub(crate) fn json_form(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-6..1e21).contains(&magnitude) {
        let (digits, exponent) = shortest(value);
        let sign = if value.is_sign_negative() { "-" } else { "" };
        return format!("{sign}{}", fixed(&digits, exponent));
    }
    let (digits, exponent) = shortest(value);
    let sign = if value < 0.0 { "-" } else { "" };
    let text = with_exponent(&digits, exponent, 'e');
    // `e-09` is cleaned up to `e-9`.
    let text = match text.split_once("e-0") {
        Some((mantissa, rest)) if rest.len() == 1 => format!("{mantissa}e-{rest}"),
        _ => text,
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_go_prints_them() {
        for (value, text) in [
            (0.0, "0"),
            (1.5, "1.5"),
            (1e20, "1e+20"),
            (-0.00001, "-1e-05"),
            (0.0001, "0.0001"),
            (1e6, "1e+06"),
            (100_000.0, "100000"),
            (123_456.0, "123456"),
            (1_234_567.0, "1.234567e+06"),
        ] {
            assert_eq!(general(value), text);
        }
        assert_eq!(json_form(1e20), "100000000000000000000");
        assert_eq!(json_form(1e21), "1e+21");
        assert_eq!(json_form(1e-7), "1e-7");
    }

    #[test]
    fn plain_numbers_are_those_of_yaml_one_one() {
        assert_eq!(resolve("010"), Some(Number::Int(8)));
        assert_eq!(resolve("0o14"), Some(Number::Int(12)));
        assert_eq!(resolve("08"), Some(Number::Float(8.0)));
        assert_eq!(resolve("1_000"), Some(Number::Int(1000)));
        assert_eq!(resolve("1e3"), Some(Number::Float(1000.0)));
        assert_eq!(resolve("2024-01-02"), None);
        assert_eq!(resolve("1.2.3"), None);
        assert_eq!(resolve("-"), None);
        assert_eq!(resolve("+.5"), Some(Number::Float(0.5)));
    }
}
