//! Times and durations as Go formats and reads them.
//!
//! Owns the calendar, Go's layout language and duration syntax. There is no clock here: the present is part
//! of the evaluation's input, and the only zone is UTC.

use std::fmt;
use std::rc::Rc;

use super::eval::{Fault, Result};
use super::value::Value;

/// A moment: seconds since 1970 and nanoseconds, seen from a fixed offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time {
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
    /// Seconds east of UTC.
    pub(crate) offset: i32,
}

/// A moment taken apart.
struct Civil {
    year: i64,
    month: usize,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    weekday: usize,
    year_day: i64,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let shifted = (month + 9) % 12;
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z - era * 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

impl Time {
    /// The zero time of Go, the first second of year 1.
    pub(crate) const ZERO: Self = Self {
        seconds: -62_135_596_800,
        nanos: 0,
        offset: 0,
    };

    pub(crate) fn unix(seconds: i64) -> Self {
        Self {
            seconds,
            nanos: 0,
            offset: 0,
        }
    }

    fn civil(&self) -> Civil {
        let local = self.seconds.saturating_add(i64::from(self.offset));
        let days = local.div_euclid(86_400);
        let of_day = local.rem_euclid(86_400);
        let (year, month, day) = civil_from_days(days);
        Civil {
            year,
            month: usize::try_from(month).unwrap_or(1),
            day,
            hour: of_day / 3600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
            weekday: usize::try_from((days + 4).rem_euclid(7)).unwrap_or(0),
            year_day: days - days_from_civil(year, 1, 1) + 1,
        }
    }

    /// The moment `nanos` later.
    pub(crate) fn add(&self, nanos: i64) -> Self {
        let total = i64::from(self.nanos) + nanos.rem_euclid(1_000_000_000);
        Self {
            seconds: self
                .seconds
                .saturating_add(nanos.div_euclid(1_000_000_000))
                .saturating_add(total / 1_000_000_000),
            nanos: u32::try_from(total % 1_000_000_000).unwrap_or(0),
            offset: self.offset,
        }
    }

    /// Writes the moment by Go's layout, whose reference is `Mon Jan 2 15:04:05 2006`.
    pub(crate) fn format(&self, layout: &str) -> String {
        let civil = self.civil();
        let mut out = String::new();
        let mut rest = layout;
        while !rest.is_empty() {
            let (part, length) = next_part(rest);
            match part {
                None => out.push_str(&rest[..length]),
                Some(part) => self.write_part(&mut out, part, &civil, &rest[..length]),
            }
            rest = &rest[length..];
        }
        out
    }

    fn write_part(&self, out: &mut String, part: Part, civil: &Civil, text: &str) {
        let twelve = if civil.hour % 12 == 0 {
            12
        } else {
            civil.hour % 12
        };
        let month = civil.month;
        out.push_str(&match part {
            Part::LongMonth => MONTHS[month - 1].to_owned(),
            Part::Month => MONTHS[month - 1][..3].to_owned(),
            Part::NumMonth => month.to_string(),
            Part::ZeroMonth => format!("{month:02}"),
            Part::LongWeekday => DAYS[civil.weekday].to_owned(),
            Part::Weekday => DAYS[civil.weekday][..3].to_owned(),
            Part::Day => civil.day.to_string(),
            Part::SpaceDay => format!("{:2}", civil.day),
            Part::ZeroDay => format!("{:02}", civil.day),
            Part::ZeroYearDay => format!("{:03}", civil.year_day),
            Part::SpaceYearDay => format!("{:3}", civil.year_day),
            Part::Hour => format!("{:02}", civil.hour),
            Part::Hour12 => twelve.to_string(),
            Part::ZeroHour12 => format!("{twelve:02}"),
            Part::Minute => civil.minute.to_string(),
            Part::ZeroMinute => format!("{:02}", civil.minute),
            Part::Second => civil.second.to_string(),
            Part::ZeroSecond => format!("{:02}", civil.second),
            Part::LongYear => format!("{:04}", civil.year),
            Part::Year => format!("{:02}", civil.year.rem_euclid(100)),
            Part::UpperPm => if civil.hour >= 12 { "PM" } else { "AM" }.to_owned(),
            Part::LowerPm => if civil.hour >= 12 { "pm" } else { "am" }.to_owned(),
            Part::Zone => {
                if self.offset == 0 {
                    "UTC".to_owned()
                } else {
                    zone_text(self.offset, false, true)
                }
            }
            Part::Offset {
                z,
                colon,
                seconds,
                short,
            } => {
                if z && self.offset == 0 {
                    "Z".to_owned()
                } else {
                    let mut text = zone_text(self.offset, colon, !short);
                    if seconds {
                        text.push_str(if colon { ":00" } else { "00" });
                    }
                    text
                }
            }
            Part::Fraction { nines } => {
                let digits = text.len() - 1;
                let mut fraction = format!("{:09}", self.nanos);
                fraction.truncate(digits.min(9));
                if nines {
                    let kept = fraction.trim_end_matches('0');
                    if kept.is_empty() {
                        String::new()
                    } else {
                        format!("{}{kept}", &text[..1])
                    }
                } else {
                    format!("{}{fraction}", &text[..1])
                }
            }
        });
    }

    /// Reads a moment by Go's layout; no zone means UTC.
    pub(crate) fn parse(layout: &str, text: &str) -> Option<Self> {
        let (mut year, mut month, mut day) = (0_i64, 1_i64, 1_i64);
        let (mut hour, mut minute, mut second, mut nanos, mut offset) =
            (0_i64, 0_i64, 0_i64, 0_u32, 0_i32);
        let mut afternoon = None;
        let (mut layout, mut rest) = (layout, text);
        while !layout.is_empty() {
            let (part, length) = next_part(layout);
            let literal = &layout[..length];
            layout = &layout[length..];
            let Some(part) = part else {
                rest = rest.strip_prefix(literal)?;
                continue;
            };
            match part {
                Part::LongYear => (year, rest) = digits(rest, 4, 4)?,
                Part::Year => {
                    let (two, left) = digits(rest, 2, 2)?;
                    year = if two >= 69 { 1900 + two } else { 2000 + two };
                    rest = left;
                }
                Part::LongMonth => (month, rest) = named(rest, &MONTHS, usize::MAX)?,
                Part::Month => (month, rest) = named(rest, &MONTHS, 3)?,
                Part::NumMonth => (month, rest) = digits(rest, 1, 2)?,
                Part::ZeroMonth => (month, rest) = digits(rest, 2, 2)?,
                Part::LongWeekday => (_, rest) = named(rest, &DAYS, usize::MAX)?,
                Part::Weekday => (_, rest) = named(rest, &DAYS, 3)?,
                Part::Day => (day, rest) = digits(rest, 1, 2)?,
                Part::SpaceDay => (day, rest) = digits(rest.trim_start_matches(' '), 1, 2)?,
                Part::ZeroDay => (day, rest) = digits(rest, 2, 2)?,
                Part::ZeroYearDay | Part::SpaceYearDay => return None,
                Part::Hour => (hour, rest) = digits(rest, 2, 2)?,
                Part::Hour12 => (hour, rest) = digits(rest, 1, 2)?,
                Part::ZeroHour12 => (hour, rest) = digits(rest, 2, 2)?,
                Part::Minute => (minute, rest) = digits(rest, 1, 2)?,
                Part::ZeroMinute => (minute, rest) = digits(rest, 2, 2)?,
                Part::Second | Part::ZeroSecond => {
                    let least = if matches!(part, Part::Second) { 1 } else { 2 };
                    (second, rest) = digits(rest, least, 2)?;
                    // Seconds may bring a fraction that the layout does not name.
                    if !matches!(next_part(layout).0, Some(Part::Fraction { .. })) {
                        (nanos, rest) = fraction(rest, false)?;
                    }
                }
                Part::Fraction { .. } => (nanos, rest) = fraction(rest, true)?,
                Part::UpperPm | Part::LowerPm => {
                    afternoon = Some(rest.get(..2)?.eq_ignore_ascii_case("pm"));
                    rest = &rest[2..];
                }
                Part::Zone => {
                    let end = rest
                        .find(|c: char| !c.is_ascii_uppercase())
                        .unwrap_or(rest.len());
                    if !(3..=5).contains(&end) {
                        return None;
                    }
                    rest = &rest[end..];
                }
                Part::Offset {
                    z, colon, short, ..
                } => {
                    if z && rest.starts_with('Z') {
                        rest = &rest[1..];
                    } else {
                        (offset, rest) = zone(rest, colon, short)?;
                    }
                }
            }
        }
        if let Some(pm) = afternoon {
            hour = hour % 12 + if pm { 12 } else { 0 };
        }
        let longest = match month {
            4 | 6 | 9 | 11 => 30,
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            _ => 31,
        };
        let fits = rest.is_empty()
            && (1..=12).contains(&month)
            && (1..=longest).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        fits.then(|| Self {
            seconds: days_from_civil(year, month, day) * 86_400
                + hour * 3600
                + minute * 60
                + second
                - i64::from(offset),
            nanos,
            offset,
        })
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format("2006-01-02 15:04:05.999999999 -0700 MST"))
    }
}

fn zone_text(offset: i32, colon: bool, minutes: bool) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, rest) = (offset.abs() / 3600, offset.abs() / 60 % 60);
    match (minutes, colon) {
        (false, _) => format!("{sign}{hours:02}"),
        (true, true) => format!("{sign}{hours:02}:{rest:02}"),
        (true, false) => format!("{sign}{hours:02}{rest:02}"),
    }
}

fn digits(text: &str, least: usize, most: usize) -> Option<(i64, &str)> {
    let length = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    if length < least {
        return None;
    }
    Some((text[..length].parse().ok()?, &text[length..]))
}

fn named<'t>(text: &'t str, names: &[&str], length: usize) -> Option<(i64, &'t str)> {
    names.iter().enumerate().find_map(|(at, name)| {
        let name = &name[..length.min(name.len())];
        let start = text.get(..name.len())?;
        start
            .eq_ignore_ascii_case(name)
            .then(|| (i64::try_from(at).unwrap_or(0) + 1, &text[name.len()..]))
    })
}

fn fraction(text: &str, required: bool) -> Option<(u32, &str)> {
    let Some(after) = text.strip_prefix(['.', ',']) else {
        return if required { None } else { Some((0, text)) };
    };
    let length = after.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 {
        return if required { None } else { Some((0, text)) };
    }
    let mut digits = after[..length.min(9)].to_owned();
    while digits.len() < 9 {
        digits.push('0');
    }
    Some((digits.parse().ok()?, &after[length..]))
}

fn zone(text: &str, colon: bool, short: bool) -> Option<(i32, &str)> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, mut rest) = digits(&text[1..], 2, 2)?;
    let mut minutes = 0;
    if !short {
        if colon {
            rest = rest.strip_prefix(':')?;
        }
        (minutes, rest) = digits(rest, 2, 2)?;
    }
    let offset = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    Some((sign * offset, rest))
}

/// One element of a layout.
#[derive(Debug, Clone, Copy)]
enum Part {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    SpaceDay,
    ZeroDay,
    ZeroYearDay,
    SpaceYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperPm,
    LowerPm,
    Zone,
    Offset {
        z: bool,
        colon: bool,
        seconds: bool,
        short: bool,
    },
    Fraction {
        nines: bool,
    },
}

const fn at(z: bool, colon: bool, seconds: bool, short: bool) -> Part {
    Part::Offset {
        z,
        colon,
        seconds,
        short,
    }
}

const PARTS: [(&str, Part); 33] = [
    ("January", Part::LongMonth),
    ("Jan", Part::Month),
    ("Monday", Part::LongWeekday),
    ("Mon", Part::Weekday),
    ("MST", Part::Zone),
    ("2006", Part::LongYear),
    ("002", Part::ZeroYearDay),
    ("01", Part::ZeroMonth),
    ("02", Part::ZeroDay),
    ("03", Part::ZeroHour12),
    ("04", Part::ZeroMinute),
    ("05", Part::ZeroSecond),
    ("06", Part::Year),
    ("15", Part::Hour),
    ("PM", Part::UpperPm),
    ("pm", Part::LowerPm),
    ("Z07:00:00", at(true, true, true, false)),
    ("Z070000", at(true, false, true, false)),
    ("Z07:00", at(true, true, false, false)),
    ("Z0700", at(true, false, false, false)),
    ("Z07", at(true, false, false, true)),
    ("-07:00:00", at(false, true, true, false)),
    ("-070000", at(false, false, true, false)),
    ("-07:00", at(false, true, false, false)),
    ("-0700", at(false, false, false, false)),
    ("-07", at(false, false, false, true)),
    ("__2", Part::SpaceYearDay),
    ("_2", Part::SpaceDay),
    ("1", Part::NumMonth),
    ("2", Part::Day),
    ("3", Part::Hour12),
    ("4", Part::Minute),
    ("5", Part::Second),
];

/// The element at the start of `layout`, or the literal text up to the next possible one.
fn next_part(layout: &str) -> (Option<Part>, usize) {
    if layout.starts_with("_2006") {
        return (None, 1);
    }
    for (text, part) in PARTS {
        if layout.starts_with(text) {
            return (Some(part), text.len());
        }
    }
    if layout.starts_with(['.', ',']) {
        let body = &layout[1..];
        for (digit, nines) in [('0', false), ('9', true)] {
            let length = body.len() - body.trim_start_matches(digit).len();
            let more = body[length..].starts_with(|c: char| c.is_ascii_digit());
            if length > 0 && !more {
                return (Some(Part::Fraction { nines }), 1 + length);
            }
        }
    }
    let first = layout.chars().next().map_or(0, char::len_utf8);
    (None, first)
}

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

/// The methods that templates may call on a time.
pub(crate) fn time_method(time: &Time, name: &str, args: &[Value]) -> Result<Option<Value>> {
    let civil = time.civil();
    let count = |n: i64| Some(Value::Int(n));
    let moment = |time: Time| Some(Value::Time(Rc::new(time)));
    Ok(match (name, args) {
        ("Format", [Value::Str(layout)]) => Some(Value::from(time.format(&layout.text))),
        ("String", []) => Some(Value::from(time.to_string())),
        ("Unix", []) => Some(Value::Int64(time.seconds)),
        ("UnixMilli", []) => Some(Value::Int64(
            time.seconds * 1000 + i64::from(time.nanos / 1_000_000),
        )),
        ("UnixNano", []) => Some(Value::Int64(
            time.seconds
                .wrapping_mul(1_000_000_000)
                .wrapping_add(i64::from(time.nanos)),
        )),
        ("Year", []) => count(civil.year),
        ("Day", []) => count(civil.day),
        ("Hour", []) => count(civil.hour),
        ("Minute", []) => count(civil.minute),
        ("Second", []) => count(civil.second),
        ("Nanosecond", []) => count(i64::from(time.nanos)),
        ("YearDay", []) => count(civil.year_day),
        ("UTC" | "Local", []) => moment(Time { offset: 0, ..*time }),
        ("IsZero", []) => Some(Value::Bool(
            time.seconds == Time::ZERO.seconds && time.nanos == 0,
        )),
        ("Add", [Value::Duration(nanos)]) => moment(time.add(*nanos)),
        ("AddDate", [Value::Int(years), Value::Int(months), Value::Int(days)]) => {
            let month = i64::try_from(civil.month).unwrap_or(1) - 1 + months;
            let year = civil.year.saturating_add(*years) + month.div_euclid(12);
            if year.abs() > 100_000 || days.abs() > 100_000_000 {
                return Err(Fault::new("the date is too far away"));
            }
            let date = days_from_civil(year, month.rem_euclid(12) + 1, 1) + civil.day - 1 + days;
            moment(Time {
                seconds: date * 86_400 + civil.hour * 3600 + civil.minute * 60 + civil.second
                    - i64::from(time.offset),
                ..*time
            })
        }
        ("Before", [Value::Time(other)]) => Some(Value::Bool(
            (time.seconds, time.nanos) < (other.seconds, other.nanos),
        )),
        ("After", [Value::Time(other)]) => Some(Value::Bool(
            (time.seconds, time.nanos) > (other.seconds, other.nanos),
        )),
        ("Equal", [Value::Time(other)]) => Some(Value::Bool(
            (time.seconds, time.nanos) == (other.seconds, other.nanos),
        )),
        ("Sub", [Value::Time(other)]) => Some(Value::Duration(
            time.seconds
                .saturating_sub(other.seconds)
                .saturating_mul(1_000_000_000)
                .saturating_add(i64::from(time.nanos) - i64::from(other.nanos)),
        )),
        (
            "Month" | "Weekday" | "Date" | "Clock" | "ISOWeek" | "In" | "Location" | "Zone"
            | "Round" | "Truncate",
            _,
        ) => {
            return Err(Fault::of(
                "chart-unsupported",
                format!("`{name}` of a time is not supported"),
            ));
        }
        _ => None,
    })
}

/// The methods that templates may call on a duration.
pub(crate) fn duration_method(nanos: i64, name: &str, args: &[Value]) -> Result<Option<Value>> {
    let float = |unit: i64| {
        Some(Value::Float(
            (nanos / unit) as f64 + (nanos % unit) as f64 / unit as f64,
        ))
    };
    Ok(match (name, args) {
        ("Seconds", []) => float(1_000_000_000),
        ("Minutes", []) => float(60_000_000_000),
        ("Hours", []) => float(3_600_000_000_000),
        ("Milliseconds", []) => Some(Value::Int64(nanos / 1_000_000)),
        ("Microseconds", []) => Some(Value::Int64(nanos / 1_000)),
        ("Nanoseconds", []) => Some(Value::Int64(nanos)),
        ("String", []) => Some(Value::from(duration_text(nanos))),
        ("Abs", []) => Some(Value::Duration(nanos.saturating_abs())),
        ("Round", [Value::Duration(unit)]) => Some(Value::Duration(round_to(nanos, *unit))),
        ("Truncate", [Value::Duration(unit)]) => Some(Value::Duration(if *unit <= 0 {
            nanos
        } else {
            nanos - nanos % unit
        })),
        _ => None,
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_those_of_go() {
        let time = Time::unix(1_700_000_000);
        assert_eq!(
            time.format("2006-01-02T15:04:05Z07:00"),
            "2023-11-14T22:13:20Z"
        );
        assert_eq!(
            time.format("Mon, 02 Jan 2006 15:04:05 MST"),
            "Tue, 14 Nov 2023 22:13:20 UTC"
        );
        assert_eq!(time.format("3:04PM _2 Monday"), "10:13PM 14 Tuesday");
        assert_eq!(
            Time::parse("2006-01-02", "2023-11-14"),
            Some(Time::unix(1_699_920_000))
        );
        assert_eq!(Time::parse("2006-01-02", "2023-02-30"), None);
    }

    #[test]
    fn durations_print_and_read() {
        assert_eq!(duration_text(5_400_000_000_000), "1h30m0s");
        assert_eq!(duration_text(1_500_000), "1.5ms");
        assert_eq!(parse_duration("1h30m"), Some(5_400_000_000_000));
        assert_eq!(parse_duration("-1.5s"), Some(-1_500_000_000));
        assert_eq!(parse_duration("5"), None);
    }
}
