//! The parts of dates and times as separate functions: `year(day)` is `date_part('year', day)`.

use super::date_part::part_of;
use super::format_pieces::{MONTHS, WEEKDAYS};
use super::function::{Function, Parameter, Wrong};
use super::instants::instants;
use crate::expression::evaluate::call::Prepared;
use crate::expression::evaluate::node::Node;
use crate::expression::values::time_part::Part;
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
    part!(&["year"], "year(date or timestamp)", Part::Year)
        .help("the same as date_part with this part")
        .examples(&["year(DATE '2024-02-29') = 2024", "dayofweek(DATE '2024-02-29') = 4"]),
    part!(&["quarter"], "quarter(date or timestamp)", Part::Quarter),
    part!(&["month"], "month(date or timestamp)", Part::Month),
    part!(&["week", "weekofyear"], "week(date or timestamp)", Part::Week),
    part!(&["day", "dayofmonth"], "day(date or timestamp)", Part::Day),
    part!(&["dayofweek", "weekday"], "dayofweek(date or timestamp)", Part::Weekday),
    part!(&["isodow"], "isodow(date or timestamp)", Part::IsoWeekday),
    part!(&["dayofyear"], "dayofyear(date or timestamp)", Part::DayOfYear),
    part!(&["isoyear"], "isoyear(date or timestamp)", Part::IsoYear),
    part!(&["yearweek"], "yearweek(date or timestamp)", Part::YearWeek),
    part!(&["decade"], "decade(date or timestamp)", Part::Decade),
    part!(&["century"], "century(date or timestamp)", Part::Century),
    part!(&["millennium"], "millennium(date or timestamp)", Part::Millennium),
    part!(&["era"], "era(date or timestamp)", Part::Era),
    part!(&["hour"], "hour(date, timestamp or time)", Part::Hour),
    part!(&["minute"], "minute(date, timestamp or time)", Part::Minute),
    part!(&["second"], "second(date, timestamp or time)", Part::Second),
    part!(&["millisecond"], "millisecond(date, timestamp or time)", Part::Millisecond),
    part!(&["microsecond"], "microsecond(date, timestamp or time)", Part::Microsecond),
    part!(&["timezone_hour"], "timezone_hour(timestamp)", Part::ZoneHour),
    part!(&["timezone_minute"], "timezone_minute(timestamp)", Part::ZoneMinute),
    part!(&["julian"], "julian(date or timestamp)", Part::Julian),
    part!(&["epoch"], "epoch(date, timestamp, time or duration)", Part::Epoch),
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

fn named(arguments: &[Node], name: fn(i128) -> &'static str) -> Result<Prepared, Wrong> {
    let zone = Zone::of(arguments[0].data_type()).map_err(|why| Wrong::at(0, why))?;
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
pub(crate) fn offset(arguments: &mut Vec<Node>) -> Result<Prepared, Wrong> {
    if !matches!(arguments[0].data_type(), DataType::Date32 | DataType::Timestamp(..)) {
        return Err(Wrong::at(0, "a date or timestamp is expected here"));
    }
    part_of(arguments, 0, Part::Zone)
}
