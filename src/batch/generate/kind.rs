//! The kinds of random values: their parameters, Arrow types and maximum sizes.

use crate::error::{Error, Result};
use crate::text::{escaped, size};
use arrow::datatypes::{DataType, Field, Fields, TimeUnit};
use std::sync::Arc;

/// Random values with a fraction (0 to 1) of nulls: a column, a list element or a struct field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Element {
    pub(super) kind: Kind,
    pub(super) nulls: Option<f64>,
}

/// A kind of random values.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Int64(Range),
    Float64,
    Normal {
        mean: f64,
        deviation: f64,
    },
    Boolean,
    Uuid,
    /// Lengths in characters, which are also bytes.
    Text(Lengths),
    Choice(u64),
    /// Days since 1970-01-01.
    Date(Range),
    /// Microseconds since 1970-01-01.
    Timestamp {
        range: Range,
        utc: bool,
    },
    /// Multiples of 10^-scale, starting at `start`.
    Decimal {
        precision: u8,
        scale: u8,
        start: i128,
        length: u128,
    },
    List {
        element: Box<Element>,
        lengths: Lengths,
    },
    Struct(Vec<(String, Element)>),
}

/// Integers from `start` up to but not including `end`, which may be 2⁶³.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Range {
    pub(super) start: i64,
    pub(super) end: i128,
}

/// A range of lengths; both ends are included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lengths {
    pub(super) shortest: u64,
    pub(super) longest: u64,
}

impl Range {
    /// At most 2⁶⁴.
    pub(super) fn length(&self) -> u128 {
        (self.end - i128::from(self.start)) as u128
    }
}

impl Element {
    /// The field with that name.
    pub(super) fn field(&self, name: &str) -> Field {
        let field = Field::new(name, self.kind.data_type(), self.nulls.is_some());
        match self.kind {
            // Canonical extension type (Arrow specification, "Canonical Extension Types").
            Kind::Uuid => {
                let pairs =
                    [("ARROW:extension:name", "arrow.uuid"), ("ARROW:extension:metadata", "")];
                let pairs = pairs.map(|(key, text)| (key.to_owned(), text.to_owned()));
                field.with_metadata(pairs)
            }
            _ => field,
        }
    }

    /// Text and list offsets have 31 bits, and an array must not be larger than a batch may be.
    ///
    /// # Errors
    /// Usage errors that name the column.
    pub(super) fn refuse_too_much(&self, column: &str, rows: u64) -> Result<()> {
        let column = || escaped(column);
        match &self.kind {
            Kind::Text(_) | Kind::Choice(_) => {
                let longest = match self.kind {
                    Kind::Text(Lengths { longest, .. }) => longest,
                    _ => "v18446744073709551615".len() as u64,
                };
                let most = longest.saturating_mul(rows);
                if most <= i32::MAX as u64 {
                    return Ok(());
                }
                Err(Error::usage(format!(
                    "column \"{}\" may need {} in one batch, more than 2 GiB: use shorter text or smaller batches",
                    column(),
                    size(most),
                )))
            }
            Kind::List { element, lengths } => {
                let most = lengths.longest.saturating_mul(rows);
                if most <= MOST_BATCH_ROWS as u64 {
                    return element.refuse_too_much(&column(), most);
                }
                Err(Error::usage(format!(
                    "column \"{}\" may need {most} list elements in one batch, more than {MOST_BATCH_ROWS}: \
                     use shorter lists or smaller batches",
                    column(),
                )))
            }
            Kind::Struct(fields) => {
                fields.iter().try_for_each(|(_, field)| field.refuse_too_much(&column(), rows))
            }
            _ => Ok(()),
        }
    }
}

impl Kind {
    pub(super) fn data_type(&self) -> DataType {
        match self {
            Self::Int64(_) => DataType::Int64,
            Self::Float64 | Self::Normal { .. } => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Uuid => DataType::FixedSizeBinary(16),
            Self::Text(_) | Self::Choice(_) => DataType::Utf8,
            Self::Date(_) => DataType::Date32,
            Self::Timestamp { utc, .. } => {
                DataType::Timestamp(TimeUnit::Microsecond, utc.then(|| "UTC".into()))
            }
            Self::Decimal { precision, scale, .. } => {
                DataType::Decimal128(*precision, scale.cast_signed())
            }
            Self::List { element, .. } => DataType::List(Arc::new(element.field("item"))),
            Self::Struct(fields) => DataType::Struct(
                fields.iter().map(|(name, field)| field.field(name)).collect::<Fields>(),
            ),
        }
    }
}

/// 2 GiB in a column of 64-bit numbers: the maximum for readers with 32-bit lengths.
pub(crate) const MOST_BATCH_ROWS: usize = 1 << 28;
