//! Why a text is no value of a type.

use crate::schema::type_text;
use arrow::datatypes::DataType;

/// What is wrong with a text that shall be a value of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// It is no such value at all.
    Malformed,
    /// The type ends before.
    OutOfRange,
    /// Digits that are not zero stand behind the last one that the type has.
    TooFine,
    /// It says how far it is from UTC, and the type has no time zone.
    HasOffset,
    /// The clocks of the type's time zone showed it twice, or never.
    NotOneInstant,
    /// Its bytes are more or fewer than those of the type.
    OtherLength,
    /// It is a number in another form than those of an inferred column, such as `007`: it would not
    /// come back as it is written.
    OtherForm,
    /// It is null, and the column may have none.
    Null,
}

impl Misfit {
    /// The words behind the value: `is no int64`.
    pub(crate) fn words(self, data_type: &DataType) -> String {
        let name = type_text(data_type);
        match self {
            Self::Malformed => format!("is no {name}"),
            Self::OutOfRange => format!("is out of the range of {name}"),
            Self::TooFine => format!("has more digits behind the point than {name}"),
            Self::HasOffset => format!("has an offset from UTC, and {name} has no time zone"),
            Self::NotOneInstant => {
                format!("came twice or never in the time zone of {name} (write its offset)")
            }
            Self::OtherLength => format!("has another length than {name}"),
            Self::OtherForm => format!("would be changed by the inferred type {name}"),
            Self::Null => "is null, and the column is declared not null".to_owned(),
        }
    }
}
