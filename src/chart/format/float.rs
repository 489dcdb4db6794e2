//! Floats as Go writes them.

use super::super::number;

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
pub(super) fn hex_float(n: f64) -> String {
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

pub(super) fn go_exponent(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}
