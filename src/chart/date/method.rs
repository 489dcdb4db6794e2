//! The methods that templates may call on moments and durations.

use std::rc::Rc;

use super::super::eval::{Fault, Result};
use super::super::value::Value;
use super::{Time, days_from_civil, duration_text, round_to};

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
