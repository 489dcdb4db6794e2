//! Go's durations: text to nanoseconds and back.

/// Go's text of a duration, as `1h15m0.5s`.
pub(crate) fn duration_text(nanos: i64) -> String {
    if nanos == 0 {
        return "0s".to_owned();
    }
    let sign = if nanos < 0 { "-" } else { "" };
    let total = nanos.unsigned_abs();
    let part = |value: u64, unit: u64, name: &str| {
        let whole = value / unit;
        let digits = unit.ilog10() as usize;
        let rest = if digits == 0 {
            String::new()
        } else {
            format!("{:0digits$}", value % unit)
        };
        let rest = rest.trim_end_matches('0');
        if rest.is_empty() {
            format!("{whole}{name}")
        } else {
            format!("{whole}.{rest}{name}")
        }
    };
    let body = if total < 1_000 {
        format!("{total}ns")
    } else if total < 1_000_000 {
        part(total, 1_000, "µs")
    } else if total < 1_000_000_000 {
        part(total, 1_000_000, "ms")
    } else {
        let seconds = total / 1_000_000_000;
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        let rest = total - (hours * 3600 + minutes * 60) * 1_000_000_000;
        let tail = part(rest, 1_000_000_000, "s");
        match (hours, minutes) {
            (0, 0) => tail,
            (0, m) => format!("{m}m{tail}"),
            (h, m) => format!("{h}h{m}m{tail}"),
        }
    };
    format!("{sign}{body}")
}

/// Reads Go's text of a duration into nanoseconds.
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0_i128;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && decimals.is_empty()) || decimals.contains('.') {
            return None;
        }
        let end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, left) = after.split_at(end);
        let scale: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let whole: i128 = if whole.is_empty() {
            0
        } else {
            whole.parse().ok()?
        };
        total = total.checked_add(whole.checked_mul(scale)?)?;
        if !decimals.is_empty() {
            let decimals = &decimals[..decimals.len().min(18)];
            let power = 10_i128.checked_pow(u32::try_from(decimals.len()).ok()?)?;
            total = total.checked_add(decimals.parse::<i128>().ok()? * scale / power)?;
        }
        rest = left;
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

/// The multiple of `unit` nearest to `nanos`, halves away from zero.
pub(crate) fn round_to(nanos: i64, unit: i64) -> i64 {
    if unit <= 0 {
        return nanos;
    }
    let rest = nanos % unit;
    if rest.unsigned_abs() * 2 < unit.unsigned_abs() {
        nanos - rest
    } else {
        (nanos - rest).saturating_add(if nanos < 0 { -unit } else { unit })
    }
}
