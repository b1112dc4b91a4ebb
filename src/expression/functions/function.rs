//! A row of the table of functions: names, parameters, what prepares a call, and the manual's text.

use crate::expression::evaluate::call::{Call, Prepared};
use crate::expression::evaluate::node::Node;
use crate::expression::evaluate::uuid::is_part_uuid;
use crate::expression::values::kind::{Kind, describe};
use crate::expression::values::uuid::UUID;
use crate::expression::values::{lists, value_reader};
use arrow::array::{Array, new_null_array};
use arrow::datatypes::{DataType, TimeUnit};

/// A callable function.
pub(crate) struct Function {
    /// Its names, the usual one first.
    pub(crate) names: &'static [&'static str],
    /// Its signature, for messages: `substr(text, start [, length])`.
    pub(crate) signature: &'static str,
    /// Its parameters; the last one is repeated if it is variadic.
    parameters: &'static [Parameter],
    /// The minimum number of arguments.
    required: usize,
    variadic: bool,
    /// Chooses a body for arguments that fit the parameters; may convert them.
    prepare: fn(&mut Vec<Node>) -> Result<Prepared, CallError>,
    /// For the manual; a row without a description shares that of the row before it.
    pub(crate) description: &'static str,
    /// Conditions that are true, for the manual: `lower('ABC d') = 'abc d'`.
    pub(crate) examples: &'static [&'static str],
}

/// A family of types that an argument may have. An untyped null takes the usual type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameter {
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

/// An error in a call, with the argument that caused it.
#[derive(Debug)]
pub(crate) struct CallError {
    /// None for the whole call.
    pub(crate) argument: Option<usize>,
    pub(crate) message: String,
}

impl Function {
    /// A function with exactly these parameters.
    pub(crate) const fn new(
        names: &'static [&'static str],
        signature: &'static str,
        parameters: &'static [Parameter],
        prepare: fn(&mut Vec<Node>) -> Result<Prepared, CallError>,
    ) -> Self {
        let (required, variadic) = (parameters.len(), false);
        let (description, examples) = ("", [].as_slice());
        Self { names, signature, parameters, required, variadic, prepare, description, examples }
    }

    /// Makes the parameters from this index on optional.
    pub(crate) const fn requires(self, required: usize) -> Self {
        Self { required, ..self }
    }

    /// Allows the last parameter to be repeated.
    pub(crate) const fn repeats(self) -> Self {
        Self { variadic: true, ..self }
    }

    pub(crate) const fn help(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    pub(crate) const fn examples(self, examples: &'static [&'static str]) -> Self {
        Self { examples, ..self }
    }

    /// The parameters in the signature: `(text, start [, length])`; none if the signature is an
    /// operator's.
    pub(crate) fn parameter_list(&self) -> Option<&'static str> {
        let list = self.signature.strip_prefix(self.names.first()?)?;
        list.starts_with('(').then_some(list)
    }

    /// Its signature, and its other names.
    pub(crate) fn line(&self) -> String {
        match self.names {
            [] | [_] => self.signature.to_owned(),
            [_, others @ ..] => format!("{}  (also {})", self.signature, others.join(", ")),
        }
    }

    /// The call with these arguments; `text` is for messages.
    pub(crate) fn call(&self, mut arguments: Vec<Node>, text: String) -> Result<Call, CallError> {
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
    pub(crate) fn takes_any(&self, place: usize) -> bool {
        self.parameter(place) == Parameter::Any
    }

    fn parameter(&self, place: usize) -> Parameter {
        self.parameters[place.min(self.parameters.len() - 1)]
    }

    fn check_count(&self, count: usize) -> Result<(), CallError> {
        let most = if self.variadic { usize::MAX } else { self.parameters.len() };
        if (self.required..=most).contains(&count) {
            return Ok(());
        }
        let plural = if count == 1 { "argument" } else { "arguments" };
        let message = format!("unexpected {count} {plural}; usage: {}", self.signature);
        Err(CallError { argument: None, message })
    }

    fn check(
        &self,
        parameter: Parameter,
        place: usize,
        argument: &mut Node,
    ) -> Result<(), CallError> {
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
        Err(CallError { argument: Some(place), message })
    }
}

impl Parameter {
    fn takes(self, data_type: &DataType) -> bool {
        let kind = Kind::of(data_type);
        let is_list = lists::element_type(data_type).is_some();
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

impl CallError {
    /// An invalid argument.
    pub(crate) fn at(argument: usize, message: impl Into<String>) -> Self {
        Self { argument: Some(argument), message: message.into() }
    }
}

/// The text of a constant argument; the inner option is None if it is null.
pub(crate) fn constant_text(argument: &Node) -> Option<Option<&str>> {
    let Node::Constant(value) = argument else { return None };
    let text = value_reader::text(value)?;
    Some(value.is_valid(0).then(|| text(0)))
}
