//! The parts of dates and times as separate functions: `year(day)` is `date_part('year', day)`.

use super::date_part::part_of;
use super::format_pieces::{MONTHS, WEEKDAYS};
use super::function::{CallError, Function, Parameter};
use super::instants::instants;
use crate::expression::evaluate::call::Prepared;
use crate::expression::evaluate::node::Node;
use crate::expression::values::time_part::TimePart;
use crate::time::calendar::{day_number, fields, weekday};
use crate::time::zone::Zone;
use arrow::datatypes::DataType;
use std::borrow::Cow;

use Parameter::{Clock, Instant};

macro_rules! part {
    ($names:expr, $signature:expr, $part:expr) => {
        Function::new($names, $signature, &[Clock], |arguments| part_of(arguments, 0, $part))
    };
}

pub(crate) const FUNCTIONS: &[Function] = &[
    part!(&["year"], "year(date or timestamp)", TimePart::Year)
        .help("the same as date_part with this part")
        .examples(&["year(DATE '2024-02-29') = 2024", "dayofweek(DATE '2024-02-29') = 4"]),
    part!(&["quarter"], "quarter(date or timestamp)", TimePart::Quarter),
    part!(&["month"], "month(date or timestamp)", TimePart::Month),
    part!(&["week", "weekofyear"], "week(date or timestamp)", TimePart::Week),
    part!(&["day", "dayofmonth"], "day(date or timestamp)", TimePart::Day),
    part!(&["dayofweek", "weekday"], "dayofweek(date or timestamp)", TimePart::Weekday),
    part!(&["isodow"], "isodow(date or timestamp)", TimePart::IsoWeekday),
    part!(&["dayofyear"], "dayofyear(date or timestamp)", TimePart::DayOfYear),
    part!(&["isoyear"], "isoyear(date or timestamp)", TimePart::IsoYear),
    part!(&["yearweek"], "yearweek(date or timestamp)", TimePart::YearWeek),
    part!(&["decade"], "decade(date or timestamp)", TimePart::Decade),
    part!(&["century"], "century(date or timestamp)", TimePart::Century),
    part!(&["millennium"], "millennium(date or timestamp)", TimePart::Millennium),
    part!(&["era"], "era(date or timestamp)", TimePart::Era),
    part!(&["hour"], "hour(date, timestamp or time)", TimePart::Hour),
    part!(&["minute"], "minute(date, timestamp or time)", TimePart::Minute),
    part!(&["second"], "second(date, timestamp or time)", TimePart::Second),
    part!(&["millisecond"], "millisecond(date, timestamp or time)", TimePart::Millisecond),
    part!(&["microsecond"], "microsecond(date, timestamp or time)", TimePart::Microsecond),
    part!(&["timezone_hour"], "timezone_hour(timestamp)", TimePart::ZoneHour),
    part!(&["timezone_minute"], "timezone_minute(timestamp)", TimePart::ZoneMinute),
    part!(&["julian"], "julian(date or timestamp)", TimePart::Julian),
    part!(&["epoch"], "epoch(date, timestamp, time or duration)", TimePart::Epoch),
    Function::new(&["dayname"], "dayname(date or timestamp)", &[Instant], |a| {
        named(a, |local| WEEKDAYS[weekday(day_number(local)) as usize])
    })
    .help("the English name")
    .examples(&["dayname(DATE '2024-02-29') = 'Thursday'"]),
    Function::new(&["monthname"], "monthname(date or timestamp)", &[Instant], |a| {
        named(a, |local| MONTHS[fields(local).1 as usize - 1])
    }),
    Function::new(&["epoch_us"], "epoch_us(date, timestamp, time or duration)", &[Clock], |_| {
        Ok(since_1970(1_000))
    })
    .help("microseconds or nanoseconds since 1970, int64")
    .examples(&["epoch_us(TIMESTAMP '1970-01-01 00:00:01') = 1000000"]),
    Function::new(&["epoch_ns"], "epoch_ns(date, timestamp, time or duration)", &[Clock], |_| {
        Ok(since_1970(1))
    }),
];

fn named(arguments: &[Node], name: fn(i128) -> &'static str) -> Result<Prepared, CallError> {
    let zone = Zone::of(arguments[0].data_type()).map_err(|why| CallError::at(0, why))?;
    Ok(Prepared::infallible(DataType::Utf8, move |inputs| {
        let at = inputs.nanoseconds(0)?;
        inputs.texts(|row| Ok(Cow::Borrowed(name(zone.local(at(row))))))
    }))
}

/// Whole units of `unit` nanoseconds since 1970-01-01 00:00:00 UTC.
pub(crate) fn since_1970(unit: i128) -> Prepared {
    Prepared::fallible(DataType::Int64, move |inputs| {
        let at = inputs.nanoseconds(0)?;
        instants(inputs, |row| Ok(at(row).div_euclid(unit)))
    })
}

/// Seconds east of UTC of a timestamp's zone.
pub(crate) fn offset(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    if !matches!(arguments[0].data_type(), DataType::Date32 | DataType::Timestamp(..)) {
        return Err(CallError::at(0, "a date or timestamp is expected here"));
    }
    part_of(arguments, 0, TimePart::Zone)
}
