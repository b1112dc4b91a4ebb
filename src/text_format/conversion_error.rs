//! Reasons why a text is not a value of a type.

use crate::schema::type_text;
use arrow::datatypes::DataType;

/// The reason why a text is not a value of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConversionError {
    /// Not such a value at all.
    Malformed,
    /// Outside the range of the type.
    OutOfRange,
    /// Nonzero digits after the last one that the type has.
    TooFine,
    /// An offset from UTC, but the type has no time zone.
    HasOffset,
    /// A local time that the type's time zone has twice or never.
    NotOneInstant,
    /// A number of bytes other than that of the type.
    OtherLength,
    /// A number in a form that inference does not accept, such as `007`: it would not round-trip.
    OtherForm,
    /// An integer that the inferred type float64 does not have.
    Rounded,
    /// Null, in a column that is not nullable.
    Null,
}

impl ConversionError {
    /// Whether the text is a number that the type holds, if it may be changed.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::OtherForm | Self::Rounded)
    }

    /// The text that follows the value in a message: `is not a valid int64`.
    pub(crate) fn words(self, data_type: &DataType) -> String {
        let name = type_text(data_type);
        match self {
            Self::Malformed => format!("is not a valid {name}"),
            Self::OutOfRange => format!("is out of range for {name}"),
            Self::TooFine => format!("has more fractional digits than {name}"),
            Self::HasOffset => format!("has an offset from UTC, but {name} has no time zone"),
            Self::NotOneInstant => {
                format!(
                    "is ambiguous or missing in the time zone of {name} (add its offset from UTC)"
                )
            }
            Self::OtherLength => format!("does not have the length of {name}"),
            Self::OtherForm => format!("would be changed by the inferred type {name}"),
            Self::Rounded => format!("would be rounded by the inferred type {name}"),
            Self::Null => "is null, but the column is declared not null".to_owned(),
        }
    }
}
