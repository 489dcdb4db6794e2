//! The order of keys: letters after everything else, numbers by their value.

use std::cmp::Ordering;

use super::Dialect;

/// The order of keys: letters after everything else, numbers by their value.
pub(super) fn key_order(a: &str, b: &str, dialect: Dialect) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (left, right): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut digits = false;
    for at in 0..left.len().min(right.len()) {
        let (x, y) = (left[at], right[at]);
        if x == y {
            digits = x.is_ascii_digit() && dialect == Dialect::Pretty;
            continue;
        }
        return match (x.is_alphabetic(), y.is_alphabetic()) {
            (true, true) => x.cmp(&y),
            (false, true) if digits => Ordering::Greater,
            (true, false) if digits => Ordering::Less,
            (false, true) => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, false) => number_order(&left, &right, at),
        };
    }
    left.len().cmp(&right.len())
}

pub(super) fn number_order(left: &[char], right: &[char], at: usize) -> Ordering {
    let mut start = 0_i64;
    if left[at] == '0' || right[at] == '0' {
        // A zero inside a number counts as part of it.
        let before = left[..at].iter().rev().take_while(|c| c.is_ascii_digit());
        if before.into_iter().any(|c| *c != '0') {
            start = 1;
        }
    }
    let read = |chars: &[char]| {
        let mut value = start;
        let mut end = at;
        while let Some(digit) = chars.get(end).and_then(|c| c.to_digit(10)) {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
            end += 1;
        }
        (value, end)
    };
    read(left).cmp(&read(right)).then(left[at].cmp(&right[at]))
}
