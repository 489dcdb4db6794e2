//! Go's layouts: moments to text and back.

use super::{Civil, DAYS, MONTHS, Time, days_from_civil};

pub(super) fn zone_text(offset: i32, colon: bool, minutes: bool) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, rest) = (offset.abs() / 3600, offset.abs() / 60 % 60);
    match (minutes, colon) {
        (false, _) => format!("{sign}{hours:02}"),
        (true, true) => format!("{sign}{hours:02}:{rest:02}"),
        (true, false) => format!("{sign}{hours:02}{rest:02}"),
    }
}

pub(super) fn digits(text: &str, least: usize, most: usize) -> Option<(i64, &str)> {
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

pub(super) fn named<'t>(text: &'t str, names: &[&str], length: usize) -> Option<(i64, &'t str)> {
    names.iter().enumerate().find_map(|(at, name)| {
        let name = &name[..length.min(name.len())];
        let start = text.get(..name.len())?;
        start
            .eq_ignore_ascii_case(name)
            .then(|| (i64::try_from(at).unwrap_or(0) + 1, &text[name.len()..]))
    })
}

pub(super) fn fraction(text: &str, required: bool) -> Option<(u32, &str)> {
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

pub(super) fn zone(text: &str, colon: bool, short: bool) -> Option<(i32, &str)> {
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
pub(super) enum Part {
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

pub(super) const fn at(z: bool, colon: bool, seconds: bool, short: bool) -> Part {
    Part::Offset {
        z,
        colon,
        seconds,
        short,
    }
}

pub(super) const PARTS: [(&str, Part); 33] = [
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
pub(super) fn next_part(layout: &str) -> (Option<Part>, usize) {
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

impl Time {
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

    pub(super) fn write_part(&self, out: &mut String, part: Part, civil: &Civil, text: &str) {
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
