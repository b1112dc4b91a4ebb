//! `date_trunc`, and `date_part` with its other form, `EXTRACT`.

use super::function::{CallError, Function, Parameter, constant_text};
use super::instants::instants;
use crate::expression::evaluate::call::Prepared;
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::{Kind, describe};
use crate::expression::values::time_part::TimePart;
use crate::time::calendar::{
    DAY_NANOSECONDS, JULIAN_DAY_OF_1970, day_number, days, fields, iso_week, iso_year_start,
    midnight, monday, weekday,
};
use crate::time::zone::Zone;
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};

use Parameter::{Clock, Instant, Text};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(
        &["date_trunc", "datetrunc"],
        "date_trunc('part', date or timestamp)",
        &[Text, Instant],
        truncate,
    )
    .help(
        "the start of the period; a timestamp keeps its type, a date gives a timestamp in \
         microseconds",
    )
    .examples(&[
        "date_trunc('month', DATE '2024-02-29') = TIMESTAMP '2024-02-01 00:00:00'",
        "date_trunc('hour', TIMESTAMP '2024-02-29 12:34:56') = TIMESTAMP '2024-02-29 12:00:00'",
    ]),
    Function::new(
        &["date_part", "datepart"],
        "date_part('part', date, timestamp, time or duration)",
        &[Text, Clock],
        part,
    )
    .help(
        "a part, also written EXTRACT(part FROM value), int64; seconds since 1970 (epoch) and the \
         Julian day are float64",
    )
    .examples(&[
        "date_part('year', DATE '2024-02-29') = 2024",
        "date_part('milliseconds', TIME '12:34:56.789') = 56789",
        "EXTRACT(week FROM DATE '2021-01-02') = 53",
    ]),
];

const HOUR: i128 = 3_600_000_000_000;
const MINUTE: i128 = 60_000_000_000;
const SECOND: i128 = 1_000_000_000;

impl TimePart {
    /// The value of the part for a local time.
    fn of(self, utc: i128, zone: Zone) -> i64 {
        let local = zone.local(utc);
        let (year, month, day, time) = fields(local);
        let number = day_number(local);
        let offset = zone.offset_seconds(utc);
        match self {
            Self::Millennium => part_of_era(year, 1000),
            Self::Century => part_of_era(year, 100),
            Self::Decade => year / 10,
            Self::Year => year,
            Self::Quarter => i64::from((month - 1) / 3 + 1),
            Self::Month => i64::from(month),
            Self::Week => iso_week(number).1,
            Self::Day => i64::from(day),
            Self::Weekday => weekday(number),
            Self::IsoWeekday => number - monday(number) + 1,
            Self::DayOfYear => number - days(year, 1, 1) + 1,
            Self::IsoYear => iso_week(number).0,
            Self::YearWeek => {
                let (year, week) = iso_week(number);
                year * 100 + if year > 0 { week } else { -week }
            }
            Self::Era => i64::from(year > 0),
            Self::Zone => offset,
            Self::ZoneHour => offset / 3600,
            Self::ZoneMinute => offset % 3600 / 60,
            _ => self.of_time(time),
        }
    }

    /// The value of the part for a time of day or a duration.
    fn of_time(self, nanoseconds: i128) -> i64 {
        let value = match self {
            Self::Day => nanoseconds / DAY_NANOSECONDS,
            Self::Hour => nanoseconds % DAY_NANOSECONDS / HOUR,
            Self::Minute => nanoseconds % HOUR / MINUTE,
            Self::Second => nanoseconds % MINUTE / SECOND,
            Self::Millisecond => nanoseconds % MINUTE / 1_000_000,
            Self::Microsecond => nanoseconds % MINUTE / 1_000,
            _ => 0,
        };
        value as i64
    }

    pub(crate) fn is_of_time(self) -> bool {
        use TimePart::{Epoch, Hour, Microsecond, Millisecond, Minute, Second};
        matches!(self, Hour | Minute | Second | Millisecond | Microsecond | Epoch)
    }

    /// The start of the part that contains a local time.
    fn start(self, local: i128) -> i128 {
        let (year, month, _, time) = fields(local);
        let number = day_number(local);
        let midnight_of = |days: i64| i128::from(days) * DAY_NANOSECONDS;
        match self {
            Self::Week | Self::YearWeek => midnight_of(monday(number)),
            Self::IsoYear => midnight_of(iso_year_start(iso_week(number).0)),
            Self::Weekday | Self::IsoWeekday | Self::DayOfYear => midnight_of(number),
            Self::Epoch => Self::Second.start(local),
            _ => match self.length().unwrap_or((0, 1_000)) {
                (0, unit) => local - time.rem_euclid(unit),
                (months @ 12.., _) => {
                    let years = months as i64 / 12;
                    midnight(year / years * years, 1, 1)
                }
                (months, _) => {
                    let months = months as i64;
                    midnight(year, (i64::from(month) - 1) / months * months + 1, 1)
                }
            },
        }
    }
}

/// Centuries and millennia are counted from 1, and backwards from -1.
fn part_of_era(year: i64, years: i64) -> i64 {
    if year > 0 { (year - 1) / years + 1 } else { year / years - 1 }
}

pub(crate) fn constant_part(arguments: &[Node]) -> Result<Option<TimePart>, CallError> {
    match constant_text(&arguments[0]) {
        Some(Some(name)) => TimePart::parse(name).map(Some).map_err(|why| CallError::at(0, why)),
        Some(None) => Ok(None),
        None => Err(CallError::at(0, "the part must be a string literal")),
    }
}

fn truncate(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let part = constant_part(arguments)?.unwrap_or(TimePart::Day);
    if matches!(
        part,
        TimePart::Era
            | TimePart::Zone
            | TimePart::ZoneHour
            | TimePart::ZoneMinute
            | TimePart::Julian
    ) {
        return Err(CallError::at(0, "date_trunc does not support this part"));
    }
    let from = arguments[1].data_type().clone();
    let zone = Zone::of(&from).map_err(|why| CallError::at(1, why))?;
    let to = match Kind::of(&from) {
        Kind::Date => DataType::Timestamp(TimeUnit::Microsecond, None),
        _ => from,
    };
    Ok(Prepared::fallible(to, move |inputs| {
        let at = inputs.nanoseconds(1)?;
        // Nothing is lost if the unit is coarser than the part.
        instants(inputs, |row| {
            let at = at(row);
            Ok(zone.utc_near(part.start(zone.local(at)), at))
        })
    }))
}

fn part(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let part = constant_part(arguments)?.unwrap_or(TimePart::Epoch);
    part_of(arguments, 1, part)
}

/// The part of the argument at this index.
pub(crate) fn part_of(
    arguments: &[Node],
    place: usize,
    part: TimePart,
) -> Result<Prepared, CallError> {
    let from = arguments[place].data_type().clone();
    let kind = Kind::of(&from);
    let fits = match kind {
        Kind::Time => part.is_of_time(),
        Kind::Duration => part.is_of_time() || part == TimePart::Day,
        _ => true,
    };
    if !fits {
        return Err(CallError::at(0, format!("{} has no such part", describe(&from))));
    }
    let zone = Zone::of(&from).map_err(|why| CallError::at(place, why))?;
    if matches!(part, TimePart::Epoch | TimePart::Julian) {
        return Ok(Prepared::infallible(DataType::Float64, move |inputs| {
            let at = inputs.nanoseconds(place)?;
            inputs.numbers::<Float64Type>(|row| match part {
                TimePart::Epoch => Ok(epoch(at(row))),
                _ => Ok(julian(zone.local(at(row)))),
            })
        }));
    }
    Ok(Prepared::infallible(DataType::Int64, move |inputs| {
        let at = inputs.nanoseconds(place)?;
        inputs.numbers::<Int64Type>(|row| match kind {
            Kind::Time | Kind::Duration => Ok(part.of_time(at(row))),
            _ => Ok(part.of(at(row), zone)),
        })
    }))
}

/// Seconds since 1970-01-01 00:00:00 UTC. Divided once, from microseconds if they are whole.
fn epoch(nanoseconds: i128) -> f64 {
    match nanoseconds % 1000 {
        0 => (nanoseconds / 1000) as f64 / 1e6,
        _ => nanoseconds as f64 / 1e9,
    }
}

/// The Julian day, counted from midnight.
fn julian(local: i128) -> f64 {
    let time = local.rem_euclid(DAY_NANOSECONDS) as f64 / DAY_NANOSECONDS as f64;
    (day_number(local) + JULIAN_DAY_OF_1970) as f64 + time
}
