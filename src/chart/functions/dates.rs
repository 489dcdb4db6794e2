//! Sprig's dates and Helm's durations. The present is fixed, and each look at it is reported.

use std::rc::Rc;

use super::super::date::{Time, duration_text, parse_duration, round_to};
use super::super::eval::{Eval, Fault, Result};
use super::super::number;
use super::super::value::Value;
use super::{Function, Kind, fixed, text};

const A: Kind = Kind::Any;
const S: Kind = Kind::Str;
const T: Kind = Kind::Time;

/// The present of every evaluation: 2026-01-01T00:00:00Z.
const PRESENT: i64 = 1_767_225_600;

const SECOND: i64 = 1_000_000_000;

pub(super) static TABLE: &[Function] = &[
    fixed("now", &[], |eval, _| {
        eval.note_unstable("now");
        Ok(moment(Time::unix(PRESENT)))
    }),
    fixed("date", &[S, A], |eval, a| {
        in_zone(eval, &text(&a[0]), &a[1], "Local", "date")
    }),
    fixed("dateInZone", &[S, A, S], |eval, a| {
        in_zone(eval, &text(&a[0]), &a[1], &text(&a[2]), "dateInZone")
    }),
    fixed("date_in_zone", &[S, A, S], |eval, a| {
        in_zone(eval, &text(&a[0]), &a[1], &text(&a[2]), "date_in_zone")
    }),
    fixed("htmlDate", &[A], |eval, a| {
        in_zone(eval, "2006-01-02", &a[0], "Local", "htmlDate")
    }),
    fixed("htmlDateInZone", &[A, S], |eval, a| {
        in_zone(eval, "2006-01-02", &a[0], &text(&a[1]), "htmlDateInZone")
    }),
    fixed("dateModify", &[S, T], |_, a| modify(a, false)),
    fixed("date_modify", &[S, T], |_, a| modify(a, false)),
    fixed("mustDateModify", &[S, T], |_, a| modify(a, true)),
    fixed("must_date_modify", &[S, T], |_, a| modify(a, true)),
    fixed("toDate", &[S, S], |_, a| {
        Ok(moment(
            Time::parse(&text(&a[0]), &text(&a[1])).unwrap_or(Time::ZERO),
        ))
    }),
    fixed("mustToDate", &[S, S], |_, a| {
        Time::parse(&text(&a[0]), &text(&a[1]))
            .map(moment)
            .ok_or_else(|| Fault::new(format!("{:?} is no date of that layout", text(&a[1]))))
    }),
    fixed("unixEpoch", &[T], |_, a| match &a[0] {
        Value::Time(time) => Ok(Value::from(time.seconds.to_string())),
        _ => unreachable!("internal error: the parameter is declared a time"),
    }),
    fixed("ago", &[A], |eval, a| {
        eval.note_unstable("ago");
        let then = time_of(&a[0]).map_or(PRESENT, |time| time.seconds);
        Ok(Value::from(duration_text(
            PRESENT.saturating_sub(then).saturating_mul(SECOND),
        )))
    }),
    fixed("duration", &[A], |_, a| {
        let seconds = match &a[0] {
            Value::Str(text) => number::atoi(&text.text).unwrap_or(0),
            Value::Int64(n) => *n,
            _ => 0,
        };
        Ok(Value::from(duration_text(seconds.wrapping_mul(SECOND))))
    }),
    fixed("durationRound", &[A], duration_round),
    fixed("mustToDuration", &[A], |_, a| {
        as_duration(&a[0]).map(Value::Duration)
    }),
    fixed("durationSeconds", &[A], |_, a| {
        Ok(Value::Float(units(&a[0], SECOND)))
    }),
    fixed("durationMinutes", &[A], |_, a| {
        Ok(Value::Float(units(&a[0], 60 * SECOND)))
    }),
    fixed("durationHours", &[A], |_, a| {
        Ok(Value::Float(units(&a[0], 3600 * SECOND)))
    }),
    fixed("durationDays", &[A], |_, a| {
        Ok(Value::Float(units(&a[0], 3600 * SECOND) / 24.0))
    }),
    fixed("durationWeeks", &[A], |_, a| {
        Ok(Value::Float(units(&a[0], 3600 * SECOND) / 24.0 / 7.0))
    }),
    fixed("durationMilliseconds", &[A], |_, a| {
        Ok(Value::Int64(whole(&a[0]) / 1_000_000))
    }),
    fixed("durationMicroseconds", &[A], |_, a| {
        Ok(Value::Int64(whole(&a[0]) / 1_000))
    }),
    fixed("durationNanoseconds", &[A], |_, a| {
        Ok(Value::Int64(whole(&a[0])))
    }),
    fixed("durationRoundTo", &[A, A], |_, a| {
        let nanos = whole(&a[0]);
        Ok(Value::Duration(
            as_duration(&a[1]).map_or(nanos, |unit| round_to(nanos, unit)),
        ))
    }),
    fixed("durationTruncateTo", &[A, A], |_, a| {
        let nanos = whole(&a[0]);
        Ok(Value::Duration(match as_duration(&a[1]) {
            Ok(unit) if unit > 0 => nanos - nanos % unit,
            _ => nanos,
        }))
    }),
];

fn moment(time: Time) -> Value {
    Value::Time(Rc::new(time))
}

fn time_of(value: &Value) -> Option<Time> {
    match value {
        Value::Time(time) => Some(**time),
        Value::Int(n) | Value::Int64(n) => Some(Time::unix(*n)),
        _ => None,
    }
}

fn in_zone(
    eval: &mut Eval<'_>,
    layout: &str,
    date: &Value,
    zone: &str,
    name: &'static str,
) -> Result<Value> {
    let time = time_of(date).unwrap_or_else(|| {
        eval.note_unstable(name);
        Time::unix(PRESENT)
    });
    if !matches!(zone, "Local" | "UTC" | "" | "GMT" | "Etc/UTC") && known_zone(zone) {
        return Err(Fault::of(
            "chart-unsupported",
            format!("the time zone `{zone}` is not supported: only UTC is"),
        ));
    }
    Ok(Value::from(Time { offset: 0, ..time }.format(layout)))
}

/// Whether Go would find the zone; what it does not know is UTC to it.
fn known_zone(zone: &str) -> bool {
    zone.contains('/') || zone.len() == 3
}

fn modify(args: &[Value], must: bool) -> Result<Value> {
    let Value::Time(time) = &args[1] else {
        unreachable!("internal error: the parameter is declared a time");
    };
    match parse_duration(&text(&args[0])) {
        Some(nanos) => Ok(moment(time.add(nanos))),
        None if must => Err(Fault::new(format!("{:?} is no duration", text(&args[0])))),
        None => Ok(args[1].clone()),
    }
}

fn duration_round(eval: &mut Eval<'_>, args: &[Value]) -> Result<Value> {
    let nanos = match &args[0] {
        Value::Str(text) => parse_duration(&text.text).unwrap_or(0),
        Value::Int64(n) => *n,
        Value::Time(time) => {
            eval.note_unstable("durationRound");
            PRESENT.saturating_sub(time.seconds).saturating_mul(SECOND)
        }
        _ => 0,
    };
    const HOUR: u64 = 3_600_000_000_000;
    let size = nanos.unsigned_abs();
    let units = [
        (HOUR * 24 * 365, "y"),
        (HOUR * 24 * 30, "mo"),
        (HOUR * 24, "d"),
        (HOUR, "h"),
        (HOUR / 60, "m"),
        (HOUR / 3600, "s"),
    ];
    Ok(Value::from(
        units.iter().find(|(unit, _)| size > *unit).map_or_else(
            || "0s".to_owned(),
            |(unit, name)| format!("{}{name}", size / unit),
        ),
    ))
}

/// Helm's reading of a duration: a text, or a number of seconds.
fn as_duration(value: &Value) -> Result<i64> {
    let overflow = || Fault::new("the duration is too long");
    match value {
        Value::Duration(nanos) => Ok(*nanos),
        Value::Str(text) => {
            let text = text.text.trim();
            parse_duration(text)
                .or_else(|| number::parse_float(text).and_then(seconds))
                .ok_or_else(|| Fault::new(format!("{text:?} is no duration")))
        }
        Value::Int(n) | Value::Int64(n) => n.checked_mul(SECOND).ok_or_else(overflow),
        Value::Uint(n) => i64::try_from(*n)
            .ok()
            .and_then(|n| n.checked_mul(SECOND))
            .ok_or_else(overflow),
        Value::Float(n) => seconds(*n).ok_or_else(overflow),
        other => Err(Fault::of(
            "chart-type",
            format!("a {} is no duration", other.type_name()),
        )),
    }
}

fn seconds(n: f64) -> Option<i64> {
    let nanos = n * 1e9;
    if !nanos.is_finite() || nanos.abs() > 9.2e18 {
        return None;
    }
    Some(nanos as i64)
}

fn whole(value: &Value) -> i64 {
    as_duration(value).unwrap_or(0)
}

fn units(value: &Value, unit: i64) -> f64 {
    let nanos = whole(value);
    (nanos / unit) as f64 + (nanos % unit) as f64 / unit as f64
}
