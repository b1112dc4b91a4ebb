//! `AT TIME ZONE`, and the same point in time in another time zone.

use super::function::{CallError, Function, Parameter, constant_text};
use super::instants::instants;
use super::named_parts::offset;
use crate::expression::evaluate::call::Prepared;
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::Kind;
use crate::expression::values::zone::has_zone;
use crate::time::zone::Zone;
use arrow::datatypes::{DataType, TimeUnit};

use Parameter::{Any, Instant, Text};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(&["timezone"], "timezone('zone', date or timestamp)", &[Any, Instant], at_zone)
        .requires(1)
        .help("the same as AT TIME ZONE; with a timestamp alone, its offset in seconds")
        .examples(&[
            "timezone('UTC', TIMESTAMP '2024-02-29 12:00') = TIMESTAMPTZ '2024-02-29 12:00+00'",
        ]),
    Function::new(
        &["convert_time_zone"],
        "convert_time_zone(timestamp with time zone, 'zone')",
        &[Instant, Text],
        converted,
    )
    .help("converts to another zone and keeps the instant")
    .examples(&["convert_time_zone(TIMESTAMPTZ '2024-02-29', 'Asia/Tokyo')::TIME = '09:00:00'"]),
];

/// A timestamp without a zone is placed in the zone; one with a zone becomes the zone's local time.
fn at_zone(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    if arguments.len() == 1 {
        return offset(arguments);
    }
    let (name, zone) = named(&arguments[0], 0)?;
    let from = arguments[1].data_type();
    let unit = unit_of(from);
    let had_zone = has_zone(from);
    let to = DataType::Timestamp(unit, if had_zone { None } else { Some(name.into()) });
    Ok(Prepared::fallible(to, move |inputs| {
        let at = inputs.nanoseconds(1)?;
        instants(inputs, |row| Ok(if had_zone { zone.local(at(row)) } else { zone.utc(at(row)) }))
    }))
}

/// The same points in time, in another time zone.
fn converted(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let (name, _) = named(&arguments[1], 1)?;
    let from = arguments[0].data_type();
    if !has_zone(from) {
        let message = "it has no time zone; set one with AT TIME ZONE";
        return Err(CallError::at(0, message));
    }
    let to = DataType::Timestamp(unit_of(from), Some(name.into()));
    Ok(Prepared::infallible(to, |inputs| {
        let at = inputs.nanoseconds(0)?;
        instants(inputs, |row| Ok(at(row)))
    }))
}

fn unit_of(data_type: &DataType) -> TimeUnit {
    match data_type {
        DataType::Timestamp(unit, _) => *unit,
        _ => TimeUnit::Microsecond,
    }
}

fn named(argument: &Node, place: usize) -> Result<(String, Zone), CallError> {
    match constant_text(argument) {
        Some(Some(name)) => {
            let name = Zone::proper_name(name);
            let zone = Zone::named(name).map_err(|why| CallError::at(place, why))?;
            Ok((name.to_owned(), zone))
        }
        Some(None) => Err(CallError::at(place, "the time zone is null")),
        None if Kind::of(argument.data_type()) == Kind::Text => {
            Err(CallError::at(place, "the time zone must be a constant"))
        }
        None => {
            Err(CallError::at(place, "the name of a time zone is expected here, such as 'UTC'"))
        }
    }
}
