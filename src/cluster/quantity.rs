//! Kubernetes quantities: `1024Mi` is `1Gi`, `1000m` is `1`.

use serde_json::Value;

/// Whether both are quantities of the same size, however they are written.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (parse(a), parse(b)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

/// A quantity as a factor without 2 and 5 in it, and the powers of both: 2^10 and 10^3 meet only there.
fn parse(value: &Value) -> Option<(i128, i32, i32)> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let end = text.find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c)));
    let (number, suffix) = text.split_at(end.unwrap_or(text.len()));
    let (twos, tens) = suffix_of(suffix)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) || fraction.len() > 18 {
        return None;
    }
    let mut mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
    if mantissa == 0 {
        return Some((0, 0, 0));
    }
    let mut fives = tens - i32::try_from(fraction.len()).ok()?;
    let mut twos = twos + fives;
    while mantissa % 2 == 0 {
        mantissa /= 2;
        twos += 1;
    }
    while mantissa % 5 == 0 {
        mantissa /= 5;
        fives += 1;
    }
    Some((mantissa, twos, fives))
}

/// The powers of 2 and of 10 that a suffix stands for.
fn suffix_of(suffix: &str) -> Option<(i32, i32)> {
    let known = match suffix {
        "" => (0, 0),
        "n" => (0, -9),
        "u" => (0, -6),
        "m" => (0, -3),
        "k" => (0, 3),
        "M" => (0, 6),
        "G" => (0, 9),
        "T" => (0, 12),
        "P" => (0, 15),
        "E" => (0, 18),
        "Ki" => (10, 0),
        "Mi" => (20, 0),
        "Gi" => (30, 0),
        "Ti" => (40, 0),
        "Pi" => (50, 0),
        "Ei" => (60, 0),
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            let exponent: i32 = exponent.parse().ok()?;
            (-99..=99).contains(&exponent).then_some((0, exponent))?
        }
    };
    Some(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_size_is_equal_however_it_is_written() {
        for (a, b) in [
            (json!("1024Mi"), json!("1Gi")),
            (json!("1000m"), json!(1)),
            (json!("0.5"), json!("500m")),
            (json!("1024k"), json!("1000Ki")),
            (json!("1e3"), json!("1k")),
            (json!("0"), json!("0Gi")),
            (json!("1.5Gi"), json!("1536Mi")),
            (json!(0.1), json!("100m")),
        ] {
            assert!(equal(&a, &b), "{a} {b}");
        }
    }

    #[test]
    fn other_sizes_and_other_texts_are_not() {
        for (a, b) in [
            (json!("1G"), json!("1Gi")),
            (json!("1"), json!("1m")),
            (json!("-1"), json!("1")),
            (json!("web"), json!("web")),
            (json!("1.2.3"), json!("1.2.3")),
            (json!("e9"), json!("e9")),
            (json!(true), json!(true)),
        ] {
            assert!(!equal(&a, &b), "{a} {b}");
        }
    }
}
