//! Sprig's arithmetic.
//!
//! Integer functions cast whatever they get to `int64` (nothing readable is zero) and wrap around.

use super::super::eval::{Eval, Fault, Result};
use super::super::format;
use super::super::number;
use super::super::value::{Elements, Value};
use super::{Function, Kind, fixed, int, open, text};

const A: Kind = Kind::Any;
const I: Kind = Kind::Int;

pub(super) static TABLE: &[Function] = &[
    fixed("atoi", &[Kind::Str], |_, a| {
        Ok(Value::Int(number::atoi(&text(&a[0])).unwrap_or(0)))
    }),
    fixed("int", &[A], |_, a| Ok(Value::Int(to_int(&a[0])))),
    fixed("int64", &[A], |_, a| Ok(Value::Int64(to_int(&a[0])))),
    fixed("float64", &[A], |_, a| Ok(Value::Float(to_float(&a[0])))),
    fixed("toDecimal", &[A], |_, a| {
        Ok(Value::Int64(
            number::parse_int(&format::display(&a[0]), 8).unwrap_or(0),
        ))
    }),
    open("seq", &[], I, seq),
    fixed("until", &[I], |eval, a| {
        let end = int(&a[0]);
        steps(eval, 0, end, if end < 0 { -1 } else { 1 })
    }),
    fixed("untilStep", &[I, I, I], |eval, a| {
        steps(eval, int(&a[0]), int(&a[1]), int(&a[2]))
    }),
    fixed("add1", &[A], |_, a| {
        Ok(Value::Int64(to_int(&a[0]).wrapping_add(1)))
    }),
    open("add", &[], A, |_, a| {
        Ok(Value::Int64(fold(0, a, i64::wrapping_add)))
    }),
    fixed("sub", &[A, A], |_, a| {
        Ok(Value::Int64(to_int(&a[0]).wrapping_sub(to_int(&a[1]))))
    }),
    fixed("div", &[A, A], |_, a| divide(a, i64::wrapping_div)),
    fixed("mod", &[A, A], |_, a| divide(a, i64::wrapping_rem)),
    open("mul", &[A], A, |_, a| {
        Ok(Value::Int64(fold(
            to_int(&a[0]),
            &a[1..],
            i64::wrapping_mul,
        )))
    }),
    open("max", &[A], A, |_, a| {
        Ok(Value::Int64(fold(to_int(&a[0]), &a[1..], i64::max)))
    }),
    open("biggest", &[A], A, |_, a| {
        Ok(Value::Int64(fold(to_int(&a[0]), &a[1..], i64::max)))
    }),
    open("min", &[A], A, |_, a| {
        Ok(Value::Int64(fold(to_int(&a[0]), &a[1..], i64::min)))
    }),
    open("maxf", &[A], A, |_, a| {
        Ok(Value::Float(fold_float(a, f64::max)))
    }),
    open("minf", &[A], A, |_, a| {
        Ok(Value::Float(fold_float(a, f64::min)))
    }),
    fixed("add1f", &[A], |_, a| {
        Ok(Value::Float(decimal(to_float(&a[0]), 1.0, Op::Add)?))
    }),
    open("addf", &[], A, |_, a| decimals(0.0, a, Op::Add)),
    open("subf", &[A], A, |_, a| {
        decimals(to_float(&a[0]), &a[1..], Op::Sub)
    }),
    open("mulf", &[A], A, |_, a| {
        decimals(to_float(&a[0]), &a[1..], Op::Mul)
    }),
    open("divf", &[A], A, |_, a| {
        decimals(to_float(&a[0]), &a[1..], Op::Div)
    }),
    fixed("ceil", &[A], |_, a| {
        Ok(Value::Float(to_float(&a[0]).ceil()))
    }),
    fixed("floor", &[A], |_, a| {
        Ok(Value::Float(to_float(&a[0]).floor()))
    }),
    open("round", &[A, I], Kind::Float, round),
    fixed("randInt", &[I, I], |eval, a| {
        eval.note_unstable("randInt");
        let (low, high) = (int(&a[0]), int(&a[1]));
        match u64::try_from(high.wrapping_sub(low)) {
            Ok(range) if range > 0 => {
                let offset = i64::try_from(eval.random.below(range)).unwrap_or(0);
                Ok(Value::Int(low.wrapping_add(offset)))
            }
            _ => Err(Fault::new(
                "`randInt` needs a lower bound below its upper bound",
            )),
        }
    }),
];

/// The cast of Sprig to `int64`.
pub(super) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Int(n) | Value::Int64(n) => *n,
        Value::Uint(n) => *n as i64,
        Value::Float(n) => float_to_int(*n),
        Value::Bool(flag) => i64::from(*flag),
        Value::Str(text) => number::parse_int(trim_zero_decimal(&text.text), 0).unwrap_or(0),
        // A duration is no `int64` to the cast.
        _ => 0,
    }
}

/// Go's conversion on amd64: what does not fit becomes the smallest integer.
fn float_to_int(n: f64) -> i64 {
    const EDGE: f64 = (1_u64 << 63) as f64;
    if !(-EDGE..EDGE).contains(&n) {
        return i64::MIN;
    }
    n as i64
}

fn trim_zero_decimal(text: &str) -> &str {
    match text.rsplit_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        _ => text,
    }
}

/// The cast of Sprig to `float64`.
pub(super) fn to_float(value: &Value) -> f64 {
    match value {
        Value::Int(n) | Value::Int64(n) => *n as f64,
        Value::Uint(n) => *n as f64,
        Value::Float(n) => *n,
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        Value::Str(text) => number::parse_float(&text.text).unwrap_or(0.0),
        _ => 0.0,
    }
}

fn fold(start: i64, values: &[Value], how: fn(i64, i64) -> i64) -> i64 {
    values
        .iter()
        .fold(start, |sum, value| how(sum, to_int(value)))
}

fn fold_float(values: &[Value], how: fn(f64, f64) -> f64) -> f64 {
    let start = to_float(&values[0]);
    values[1..]
        .iter()
        .fold(start, |best, value| how(best, to_float(value)))
}

fn divide(args: &[Value], how: fn(i64, i64) -> i64) -> Result<Value> {
    match to_int(&args[1]) {
        0 => Err(Fault::new("division by zero")),
        by => Ok(Value::Int64(how(to_int(&args[0]), by))),
    }
}

fn steps(eval: &mut Eval<'_>, start: i64, stop: i64, step: i64) -> Result<Value> {
    let numbers = step_numbers(eval, start, stop, step)?;
    Ok(Value::list_of(
        Elements::Ints,
        numbers.into_iter().map(Value::Int).collect(),
    ))
}

fn step_numbers(eval: &mut Eval<'_>, start: i64, stop: i64, step: i64) -> Result<Vec<i64>> {
    if (stop < start && step >= 0) || (stop >= start && step <= 0) {
        return Ok(Vec::new());
    }
    let count = stop.abs_diff(start).div_ceil(step.unsigned_abs());
    eval.spend(count)?;
    let mut numbers = Vec::new();
    let mut at = start;
    while (step > 0 && at < stop) || (step < 0 && at > stop) {
        numbers.push(at);
        at = match at.checked_add(step) {
            Some(next) => next,
            None => break,
        };
    }
    Ok(numbers)
}

fn seq(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let ints: Vec<i64> = args.iter().map(int).collect();
    let numbers = match ints.as_slice() {
        [end] => {
            let step = if *end < 1 { -1 } else { 1 };
            step_numbers(eval, 1, end.saturating_add(step), step)?
        }
        [start, end] => {
            let step = if end < start { -1 } else { 1 };
            step_numbers(eval, *start, end.saturating_add(step), step)?
        }
        [start, step, end] => {
            if end < start && *step > 0 {
                return Ok(Value::from(""));
            }
            let beyond = if end < start { -1 } else { 1 };
            step_numbers(eval, *start, end.saturating_add(beyond), *step)?
        }
        _ => Vec::new(),
    };
    let text: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let text = text.join(" ");
    eval.spend_bytes(text.len())?;
    Ok(Value::from(text))
}

fn round(_: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let threshold = match args.get(2) {
        Some(Value::Float(on)) => *on,
        _ => 0.5,
    };
    let places = i32::try_from(int(&args[1]).clamp(-400, 400)).unwrap_or(0);
    let power = 10.0_f64.powi(places);
    let digit = power * to_float(&args[0]);
    let rounded = if digit.fract() >= threshold {
        digit.ceil()
    } else {
        digit.floor()
    };
    Ok(Value::Float(rounded / power))
}

#[derive(Debug, Clone, Copy)]
enum Op {
    Add,
    Sub,
    Mul,
    Div,
}

fn decimals(start: f64, values: &[Value], op: Op) -> Result<Value> {
    let mut exact = Decimal::of(start);
    for value in values {
        let by = to_float(value);
        exact = exact.apply(Decimal::of(by), op)?;
    }
    Ok(Value::Float(exact.to_f64()))
}

fn decimal(a: f64, b: f64, op: Op) -> Result<f64> {
    Ok(Decimal::of(a).apply(Decimal::of(b), op)?.to_f64())
}

/// A decimal number, so that `0.1 + 0.2` is `0.3`; falls back to binary where it does not fit.
#[derive(Debug, Clone, Copy)]
enum Decimal {
    Exact { digits: i128, exponent: i32 },
    Binary(f64),
}

impl Decimal {
    fn of(value: f64) -> Self {
        if !value.is_finite() {
            return Self::Binary(value);
        }
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let decimals = mantissa.split_once('.').map_or(0, |(_, f)| f.len());
        let digits = mantissa.replace('.', "").parse();
        match (digits, exponent.parse::<i32>(), i32::try_from(decimals)) {
            (Ok(digits), Ok(exponent), Ok(decimals)) => Self::Exact {
                digits,
                exponent: exponent - decimals,
            },
            _ => Self::Binary(value),
        }
    }

    fn to_f64(self) -> f64 {
        match self {
            Self::Exact { digits, exponent } => {
                format!("{digits}e{exponent}").parse().unwrap_or(f64::NAN)
            }
            Self::Binary(value) => value,
        }
    }

    fn apply(self, other: Self, op: Op) -> Result<Self> {
        let zero = match other {
            Self::Exact { digits, .. } => digits == 0,
            Self::Binary(value) => value == 0.0,
        };
        if zero && matches!(op, Op::Div) {
            return Err(Fault::new("division by zero"));
        }
        let exact = match (self, other) {
            (
                Self::Exact {
                    digits: a,
                    exponent: x,
                },
                Self::Exact {
                    digits: b,
                    exponent: y,
                },
            ) => exact(a, x, b, y, op),
            _ => None,
        };
        Ok(exact.unwrap_or_else(|| {
            let (a, b) = (self.to_f64(), other.to_f64());
            Self::Binary(match op {
                Op::Add => a + b,
                Op::Sub => a - b,
                Op::Mul => a * b,
                Op::Div => a / b,
            })
        }))
    }
}

fn exact(a: i128, x: i32, b: i128, y: i32, op: Op) -> Option<Decimal> {
    let scale = |digits: i128, by: i32| {
        10_i128
            .checked_pow(u32::try_from(by).ok()?)?
            .checked_mul(digits)
    };
    let (digits, exponent) = match op {
        Op::Mul => (a.checked_mul(b)?, x.checked_add(y)?),
        Op::Add | Op::Sub => {
            let exponent = x.min(y);
            let (a, b) = (scale(a, x - exponent)?, scale(b, y - exponent)?);
            let digits = if matches!(op, Op::Add) {
                a.checked_add(b)?
            } else {
                a.checked_sub(b)?
            };
            (digits, exponent)
        }
        Op::Div => {
            // Sixteen decimals, rounded half away from zero, as the library divides.
            let shift = x.checked_sub(y)?.checked_add(16)?;
            let (top, bottom) = if shift >= 0 {
                (scale(a, shift)?, b)
            } else {
                (a, scale(b, -shift)?)
            };
            let (quotient, rest) = (top / bottom, top % bottom);
            let away = if (top < 0) == (bottom < 0) { 1 } else { -1 };
            let up = rest.unsigned_abs().checked_mul(2)? >= bottom.unsigned_abs();
            (if up { quotient + away } else { quotient }, -16)
        }
    };
    Some(Decimal::Exact { digits, exponent })
}
