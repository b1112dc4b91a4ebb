//! The functions of expressions: one table, with a file per family.
//!
//! Each row of the table gives a function's names, its parameters, and how to prepare it: constants
//! (patterns, formats, date parts) are read once, before any row. A body then works on whole
//! columns.
//!
//! Syntax is not handled here: `bind_call` walks the tree and looks up names here.

// All `prepare` functions have one signature in the table, and some change the number of arguments.
#![allow(clippy::ptr_arg)]

mod bits;
mod call;
mod date_diff;
mod date_part;
mod digest;
mod extreme;
mod glob;
mod instants;
pub(super) mod interval;
mod list_slice;
mod make_time;
mod map;
mod mathematics;
mod named_parts;
mod nested;
mod number;
mod regular_expression;
mod rounding;
mod split;
#[cfg(test)]
mod tests;
mod text;
mod text_parts;
mod time_format;
mod time_parse;
mod time_zone;
pub(super) mod uuid;

pub(super) use call::Call;
pub(super) use map::key_type;
pub(super) use nested::{element_field, element_type, ranges};
pub(super) use uuid::UUID;

use super::kind::{Kind, describe};
use super::node::Node;
use super::uuid::is_part_uuid;
use arrow::array::{Array, new_null_array};
use arrow::datatypes::{DataType, TimeUnit};
use call::Body;

/// A callable function.
pub(super) struct Function {
    /// Its names, the usual one first.
    pub(super) names: &'static [&'static str],
    /// Its signature, for messages: `substr(text, start [, length])`.
    pub(super) signature: &'static str,
    /// Its parameters; the last one is repeated if it is variadic.
    parameters: &'static [Parameter],
    /// The minimum number of arguments.
    required: usize,
    variadic: bool,
    /// Chooses a body for arguments that fit the parameters; may convert them.
    prepare: fn(&mut Vec<Node>) -> Result<Prepared, Wrong>,
}

/// A family of types that an argument may have. An untyped null takes the usual type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    Text,
    TextOrBinary,
    TextOrList,
    List,
    Struct,
    Integer,
    Number,
    /// A date or a timestamp.
    Instant,
    /// A date, a timestamp, a time of day or a duration.
    Clock,
    ClockOrInteger,
    Map,
    Any,
}

/// A function prepared for its arguments.
pub(super) struct Prepared {
    data_type: DataType,
    body: Body,
    /// Whether a value may have no result, which is an error.
    can_fail: bool,
}

/// An error in a call, with the argument that caused it.
#[derive(Debug)]
pub(super) struct Wrong {
    /// None for the whole call.
    pub(super) argument: Option<usize>,
    pub(super) message: String,
}

/// The function with this name, regardless of case.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    table().find(|function| function.names.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

/// The names that a misspelt one may mean.
pub(super) fn similar(name: &str) -> Vec<&'static str> {
    crate::text::similar(name, table().flat_map(|function| function.names.iter().copied()))
}

pub(super) fn table() -> impl Iterator<Item = &'static Function> {
    [
        text::FUNCTIONS,
        text_parts::FUNCTIONS,
        split::FUNCTIONS,
        regular_expression::FUNCTIONS,
        glob::FUNCTIONS,
        number::FUNCTIONS,
        mathematics::FUNCTIONS,
        bits::FUNCTIONS,
        extreme::FUNCTIONS,
        nested::FUNCTIONS,
        list_slice::FUNCTIONS,
        map::FUNCTIONS,
        digest::FUNCTIONS,
        date_part::FUNCTIONS,
        named_parts::FUNCTIONS,
        date_diff::FUNCTIONS,
        make_time::FUNCTIONS,
        time_format::FUNCTIONS,
        time_zone::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}

impl Function {
    /// A function with exactly these parameters.
    const fn new(
        names: &'static [&'static str],
        signature: &'static str,
        parameters: &'static [Parameter],
        prepare: fn(&mut Vec<Node>) -> Result<Prepared, Wrong>,
    ) -> Self {
        Self { names, signature, parameters, required: parameters.len(), variadic: false, prepare }
    }

    /// Makes the parameters from this index on optional.
    const fn requires(self, required: usize) -> Self {
        Self { required, ..self }
    }

    /// Allows the last parameter to be repeated.
    const fn repeats(self) -> Self {
        Self { variadic: true, ..self }
    }

    /// Its signature, and its other names.
    pub(super) fn line(&self) -> String {
        match self.names {
            [] | [_] => self.signature.to_owned(),
            [_, others @ ..] => format!("{}  (also {})", self.signature, others.join(", ")),
        }
    }

    /// The call with these arguments; `text` is for messages.
    pub(super) fn call(&self, mut arguments: Vec<Node>, text: String) -> Result<Call, Wrong> {
        self.check_count(arguments.len())?;
        for (place, argument) in arguments.iter_mut().enumerate() {
            self.check(self.parameter(place), place, argument)?;
        }
        let is_part_uuid = is_part_uuid(&arguments);
        let prepared = (self.prepare)(&mut arguments)?;
        let mut call = Call::new(arguments, prepared, text);
        call.gives_uuid = is_part_uuid && call.data_type == UUID;
        Ok(call)
    }

    /// Whether the argument at an index may have any type.
    pub(super) fn takes_any(&self, place: usize) -> bool {
        self.parameter(place) == Parameter::Any
    }

    fn parameter(&self, place: usize) -> Parameter {
        self.parameters[place.min(self.parameters.len() - 1)]
    }

    fn check_count(&self, count: usize) -> Result<(), Wrong> {
        let most = if self.variadic { usize::MAX } else { self.parameters.len() };
        if (self.required..=most).contains(&count) {
            return Ok(());
        }
        let plural = if count == 1 { "argument" } else { "arguments" };
        let message = format!("unexpected {count} {plural}; usage: {}", self.signature);
        Err(Wrong { argument: None, message })
    }

    fn check(&self, parameter: Parameter, place: usize, argument: &mut Node) -> Result<(), Wrong> {
        let data_type = argument.data_type();
        if Kind::of(data_type) == Kind::Null
            && let Some(usual) = parameter.usual_type()
        {
            *argument = Node::Constant(new_null_array(&usual, 1));
            return Ok(());
        }
        if parameter.takes(data_type) {
            return Ok(());
        }
        let hint = if parameter == Parameter::Text { "; CAST it to VARCHAR" } else { "" };
        let message = format!(
            "{} is expected here, not {}, for {}{hint}",
            parameter.noun(),
            describe(data_type),
            self.signature
        );
        Err(Wrong { argument: Some(place), message })
    }
}

impl Parameter {
    fn takes(self, data_type: &DataType) -> bool {
        let kind = Kind::of(data_type);
        let is_list = nested::element_type(data_type).is_some();
        match self {
            Self::Text => kind == Kind::Text,
            Self::TextOrBinary => matches!(kind, Kind::Text | Kind::Binary),
            Self::TextOrList => kind == Kind::Text || is_list,
            Self::List => is_list,
            Self::Struct => matches!(data_type, DataType::Struct(_)),
            Self::Integer => kind == Kind::Integer,
            Self::Number => kind.is_number(),
            Self::Instant => matches!(kind, Kind::Date | Kind::Timestamp),
            Self::Clock => {
                matches!(kind, Kind::Date | Kind::Timestamp | Kind::Time | Kind::Duration)
            }
            Self::ClockOrInteger => kind == Kind::Integer || Self::Clock.takes(data_type),
            Self::Map => matches!(data_type, DataType::Map(..)),
            Self::Any => true,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::TextOrBinary => "text or binary data",
            Self::TextOrList => "text or a list",
            Self::List => "a list",
            Self::Struct => "a struct",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Instant => "a date or timestamp",
            Self::Clock => "a date, timestamp, time or duration",
            Self::ClockOrInteger => "a date, timestamp, time, duration or integer",
            Self::Map => "a map",
            Self::Any => "a value",
        }
    }

    /// The type of an untyped null.
    fn usual_type(self) -> Option<DataType> {
        match self {
            Self::Text | Self::TextOrBinary | Self::TextOrList => Some(DataType::Utf8),
            Self::Integer => Some(DataType::Int64),
            Self::Number => Some(DataType::Float64),
            Self::Instant | Self::Clock | Self::ClockOrInteger => {
                Some(DataType::Timestamp(TimeUnit::Microsecond, None))
            }
            Self::List | Self::Struct | Self::Map | Self::Any => None,
        }
    }
}

impl Wrong {
    /// An invalid argument.
    fn at(argument: usize, message: impl Into<String>) -> Self {
        Self { argument: Some(argument), message: message.into() }
    }
}

/// The text of a constant argument; the inner option is None if it is null.
fn constant_text(argument: &Node) -> Option<Option<&str>> {
    let Node::Constant(value) = argument else { return None };
    let text = super::read::text(value)?;
    Some(value.is_valid(0).then(|| text(0)))
}
