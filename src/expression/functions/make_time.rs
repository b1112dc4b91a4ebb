//! Points in time from numbers: `make_date`, `make_timestamp`, `to_timestamp`, `epoch_ms`.

use super::function::{CallError, Function, Parameter};
use super::instants::instants;
use super::named_parts::since_1970;
use crate::expression::evaluate::call::{Failure, Inputs, Prepared};
use crate::expression::evaluate::cast_value::within_a_day;
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::Kind;
use crate::expression::values::value_reader::Reader;
use crate::time::calendar::{DAY_NANOSECONDS, existing_day, fields, midnight};
use crate::time::zone::Zone;
use arrow::datatypes::{DataType, TimeUnit};

use Parameter::{ClockOrInteger, Instant, Integer, Number};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(&["make_date"], "make_date(year, month, day)", &[Integer; 3], |_| {
        Ok(Prepared::fallible(DataType::Date32, |inputs| {
            let date = date(inputs)?;
            instants(inputs, |row| Ok(date(row)? * DAY_NANOSECONDS))
        }))
    })
    .help("a date or a time of day from its parts")
    .examples(&["make_date(2024, 2, 29) = DATE '2024-02-29'"]),
    Function::new(&["make_time"], "make_time(hour, minute, seconds)", TIME, |_| {
        Ok(Prepared::fallible(DataType::Time64(TimeUnit::Microsecond), |inputs| {
            let time = time(inputs, 0)?;
            instants(inputs, |row| within_a_day(time(row)?))
        }))
    }),
    Function::new(
        &["make_timestamp"],
        "make_timestamp(year, month, day, hour, minute, seconds)",
        &[Integer, Integer, Integer, Integer, Integer, Number],
        make_timestamp,
    )
    .requires(1)
    .help("a timestamp from its parts, or from microseconds since 1970")
    .examples(&["make_timestamp(2024, 2, 29, 1, 2, 3.5) = TIMESTAMP '2024-02-29 01:02:03.5'"]),
    Function::new(&["make_timestamp_ms"], "make_timestamp_ms(milliseconds)", &[Integer], |_| {
        Ok(from_1970(1_000_000))
    })
    .help("the timestamp, from milliseconds since 1970")
    .examples(&["make_timestamp_ms(1000) = TIMESTAMP '1970-01-01 00:00:01'"]),
    Function::new(&["to_timestamp"], "to_timestamp(seconds)", &[Number], |_| Ok(to_timestamp()))
        .help("a timestamp in UTC, from seconds since 1970")
        .examples(&["to_timestamp(1.5) = TIMESTAMPTZ '1970-01-01 00:00:01.5+00'"]),
    Function::new(
        &["epoch_ms"],
        "epoch_ms(date, timestamp, time, duration or milliseconds)",
        &[ClockOrInteger],
        |arguments| {
            let is_count = Kind::of(arguments[0].data_type()) == Kind::Integer;
            Ok(if is_count { from_1970(1_000_000) } else { milliseconds(arguments) })
        },
    )
    .help("milliseconds since 1970, int64; for an integer, the same as make_timestamp_ms")
    .examples(&[
        "epoch_ms(TIMESTAMP '1970-01-01 00:00:01') = 1000",
        "epoch_ms(1000) = TIMESTAMP '1970-01-01 00:00:01'",
    ]),
    Function::new(&["last_day"], "last_day(date or timestamp)", &[Instant], last_day)
        .help("the last day of the month")
        .examples(&["last_day(DATE '2024-02-03') = DATE '2024-02-29'"]),
];

const TIME: &[Parameter] = &[Integer, Integer, Number];

const MICROSECONDS: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// A timestamp from a count of units of `unit` nanoseconds since 1970-01-01 00:00:00.
fn from_1970(unit: i128) -> Prepared {
    Prepared::fallible(MICROSECONDS, move |inputs| {
        let count = inputs.integers(0)?;
        instants(inputs, |row| Ok(count(row) * unit))
    })
}

/// Milliseconds since 1970; timestamps are rounded to the nearest, as in DuckDB.
fn milliseconds(arguments: &[Node]) -> Prepared {
    const UNIT: i128 = 1_000_000;
    if Kind::of(arguments[0].data_type()) != Kind::Timestamp {
        return since_1970(UNIT);
    }
    Prepared::fallible(DataType::Int64, |inputs| {
        let at = inputs.nanoseconds(0)?;
        instants(inputs, |row| {
            let at = at(row);
            Ok((at.abs() + UNIT / 2) / UNIT * at.signum())
        })
    })
}

/// Reads days since 1970-01-01 from the first three arguments.
fn date<'a>(inputs: &Inputs<'a>) -> Result<Reader<'a, Result<i128, String>>, Failure> {
    let (year, month, day) = (inputs.integers(0)?, inputs.integers(1)?, inputs.integers(2)?);
    Ok(Box::new(move |row| {
        let narrow = |number: i128| i64::try_from(number).ok().filter(|n| n.abs() < 300_000);
        let parts = [year(row), month(row), day(row)].map(narrow);
        let day = match parts {
            [Some(year), Some(month), Some(day)] => existing_day(year, month, day),
            _ => None,
        };
        day.map(i128::from).ok_or_else(|| "there is no such date".to_owned())
    }))
}

/// Reads nanoseconds since midnight from three arguments; fractions of a second to microseconds.
fn time<'a>(
    inputs: &Inputs<'a>,
    first: usize,
) -> Result<Reader<'a, Result<i128, String>>, Failure> {
    let (hour, minute) = (inputs.integers(first)?, inputs.integers(first + 1)?);
    let seconds = inputs.floats(first + 2)?;
    Ok(Box::new(move |row| {
        let (hour, minute, seconds) = (hour(row), minute(row), seconds(row));
        // In a timestamp, the end of a day is the start of the next one.
        let is_end = (hour, minute) == (24, 0) && seconds == 0.0;
        let is_time = (0..24).contains(&hour) && (0..60).contains(&minute) || is_end;
        if !is_time || !(0.0..60.0).contains(&seconds) {
            return Err("there is no such time of day".to_owned());
        }
        let micros = (seconds * 1e6).round() as i128;
        Ok(((hour * 60 + minute) * 60_000_000 + micros) * 1_000)
    }))
}

fn make_timestamp(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    match arguments.len() {
        1 => return Ok(from_1970(1_000)),
        6 => {}
        _ => {
            let message = "expected a year, month, day, hour, minute and seconds, or \
                           microseconds since 1970";
            return Err(CallError { argument: None, message: message.to_owned() });
        }
    }
    Ok(Prepared::fallible(MICROSECONDS, |inputs| {
        let (date, time) = (date(inputs)?, time(inputs, 3)?);
        instants(inputs, |row| Ok(date(row)? * DAY_NANOSECONDS + time(row)?))
    }))
}

/// Seconds since 1970-01-01 00:00:00 UTC, to microseconds.
fn to_timestamp() -> Prepared {
    let to = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    Prepared::fallible(to, |inputs| {
        let seconds = inputs.floats(0)?;
        instants(inputs, |row| {
            let micros = (seconds(row) * 1e6).round();
            // Beyond this, 64 bits cannot count the microseconds.
            if micros.abs() < 9.3e18 { Ok(micros as i128 * 1_000) } else { Err(BEYOND.to_owned()) }
        })
    })
}

const BEYOND: &str = "the result is out of the range of timestamps";

fn last_day(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let zone = Zone::of(arguments[0].data_type()).map_err(|why| CallError::at(0, why))?;
    Ok(Prepared::fallible(DataType::Date32, move |inputs| {
        let at = inputs.nanoseconds(0)?;
        instants(inputs, |row| {
            let (year, month, ..) = fields(zone.local(at(row)));
            Ok(midnight(year, i64::from(month) + 1, 1) - DAY_NANOSECONDS)
        })
    }))
}
