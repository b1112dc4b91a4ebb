//! `strftime`, `strptime` and `try_strptime`: the format specifiers, and times as text.
//!
//! `time_parse` reads text.

use super::format_pieces::{MONTHS, Piece, WEEKDAYS, pieces};
use super::function::{CallError, Function, Parameter, constant_text};
use super::instants::instants;
use super::text::gives_text;
use super::time_parse::Reading;
use crate::expression::evaluate::call::{Body, Prepared};
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::type_nanoseconds;
use crate::time::calendar::{day_number, days, fields, iso_week, weekday};
use crate::time::format::offset;
use crate::time::zone::Zone;
use arrow::array::Int64Array;
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

use Parameter::{Instant, Text};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(&["strftime"], "strftime(date or timestamp, 'format')", &[Instant, Text], write)
        .help(
            "formatted as text: %Y %m %d %H %M %S year to second; %f %g %n fraction of 6, 3 \
             and 9 digits; %y %j %I %p year of the century, day of the year, hour of 12, AM or \
             PM; %a %A %b %B names; %w %u weekday; %U %W %G %V weeks; %z %Z offset (without \
             its seconds, which some had before 1900) and zone; %c %x %X whole dates and \
             times; %-d without leading zeros",
        )
        .examples(&[
            "strftime(DATE '2024-02-09', '%d.%m.%Y') = '09.02.2024'",
            "strftime(TIMESTAMP '2024-02-09 03:04:05', '%-d %b, %I:%M %p') = '9 Feb, 03:04 AM'",
        ]),
    Function::new(&["strptime"], "strptime(text, 'format')", &[Text, Text], |a| read(a, false))
        .help(
            "a timestamp in microseconds, in UTC if the format has %z or %Z, in nanoseconds if \
             it has %n; text that does not match is an error, or null with try_strptime",
        )
        .examples(&[
            "strptime('29.2.2024', '%d.%m.%Y') = TIMESTAMP '2024-02-29 00:00:00'",
            "strptime('29.2.24 01 +01', '%d.%m.%y %H %z') = TIMESTAMPTZ '2024-02-29 00:00:00+00'",
            "try_strptime('2024-02-30', '%Y-%m-%d') IS NULL",
        ]),
    Function::new(&["try_strptime"], "try_strptime(text, 'format')", &[Text, Text], |a| {
        read(a, true)
    }),
];

fn constant_format(arguments: &[Node]) -> Result<Option<Vec<Piece>>, CallError> {
    match constant_text(&arguments[1]) {
        Some(Some("")) => Err(CallError::at(1, "the format is empty")),
        Some(Some(format)) => pieces(format).map(Some).map_err(|why| CallError::at(1, why)),
        Some(None) => Ok(None),
        None => Err(CallError::at(1, "the format must be a string literal")),
    }
}

fn write(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let pieces = constant_format(arguments)?.unwrap_or_default();
    let from = arguments[0].data_type().clone();
    let zone = Zone::of(&from).map_err(|why| CallError::at(0, why))?;
    let zone_name = match from {
        DataType::Timestamp(_, Some(name)) => name.to_string(),
        _ => String::new(),
    };
    Ok(gives_text(arguments, false, move |inputs| {
        let at = inputs.nanoseconds(0)?;
        inputs.texts(|row| Ok(Cow::Owned(written(at(row), zone, &zone_name, &pieces))))
    }))
}

fn written(utc: i128, zone: Zone, zone_name: &str, pieces: &[Piece]) -> String {
    let local = zone.local(utc);
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(literal) => text.push_str(literal),
            Piece::Letter('Z', _) => text.push_str(zone_name),
            Piece::Letter('z', _) => {
                text.push_str(&offset(zone.offset_seconds(utc) / 60 * 60, true));
            }
            Piece::Letter(letter, short) => match word(*letter, local) {
                Some(word) => text.push_str(word),
                None => {
                    let (value, width) = number(*letter, local);
                    let width = if *short { 1 } else { width };
                    // Writing to a string cannot fail.
                    let _ = if value < 0 {
                        write!(text, "{value}")
                    } else {
                        write!(text, "{value:0width$}")
                    };
                }
            },
        }
    }
    text
}

fn word(letter: char, local: i128) -> Option<&'static str> {
    let (_, month, _, time) = fields(local);
    let weekday = WEEKDAYS[weekday(day_number(local)) as usize];
    let month = MONTHS[month as usize - 1];
    Some(match letter {
        'a' => &weekday[..3],
        'A' => weekday,
        'b' | 'h' => &month[..3],
        'B' => month,
        'p' if time / 3_600_000_000_000 < 12 => "AM",
        'p' => "PM",
        _ => return None,
    })
}

/// The number for a specifier, and its minimum number of digits.
fn number(letter: char, local: i128) -> (i64, usize) {
    let (year, month, day, time) = fields(local);
    let number = day_number(local);
    let day_of_year = number - days(year, 1, 1);
    let hour = (time / 3_600_000_000_000) as i64;
    let weekday = weekday(number);
    let fraction = (time % 1_000_000_000) as i64;
    match letter {
        'w' => (weekday, 1),
        'u' => ((weekday + 6) % 7 + 1, 1),
        'd' => (i64::from(day), 2),
        'm' => (i64::from(month), 2),
        'y' => (year.abs() % 100, 2),
        'Y' => (year, 4),
        'H' => (hour, 2),
        'I' => ((hour + 11) % 12 + 1, 2),
        'M' => ((time / 60_000_000_000 % 60) as i64, 2),
        'S' => ((time / 1_000_000_000 % 60) as i64, 2),
        'f' => (fraction / 1_000, 6),
        'g' => (fraction / 1_000_000, 3),
        'n' => (fraction, 9),
        'j' => (day_of_year + 1, 3),
        'U' => ((day_of_year + 7 - weekday) / 7, 2),
        'W' => ((day_of_year + 7 - (weekday + 6) % 7) / 7, 2),
        'G' => (iso_week(number).0, 4),
        _ => (iso_week(number).1, 2),
    }
}

fn read(arguments: &mut Vec<Node>, null_on_failure: bool) -> Result<Prepared, CallError> {
    let pieces = constant_format(arguments)?.unwrap_or_default();
    let has = |wanted: char| {
        pieces.iter().any(|piece| matches!(piece, Piece::Letter(letter, _) if *letter == wanted))
    };
    let zone = (has('z') || has('Z')).then(|| "UTC".into());
    let unit = if has('n') { TimeUnit::Nanosecond } else { TimeUnit::Microsecond };
    let to = DataType::Timestamp(unit, zone);
    let body: Body = Arc::new(move |inputs| {
        let text = inputs.text(0)?;
        let read = |row: usize| Reading::read(text(row), &pieces);
        if !null_on_failure {
            return instants(inputs, read);
        }
        // Text that cannot be read is null, and so is a value that does not fit the type.
        let unit = type_nanoseconds(inputs.data_type).unwrap_or(1);
        let counts = (0..inputs.count).map(|row| {
            let known = !inputs.values[0].is_null(row) && !inputs.values[1].is_null(row);
            let nanoseconds = known.then(|| read(row).ok()).flatten()?;
            i64::try_from(nanoseconds.div_euclid(unit)).ok()
        });
        Ok(cast(&counts.collect::<Int64Array>(), inputs.data_type)?)
    });
    Ok(Prepared { data_type: to, body, can_fail: !null_on_failure })
}
