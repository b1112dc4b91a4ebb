//! A column of the result: which field of a record it is, and how arrays of its type are made.

use super::cells::{Cells, Records, Stop, Why};
use crate::endpoint::BinaryText;
use crate::error::{Error, Result};
use crate::text::escaped;
use crate::text_format::json::column::{Column as Nested, Manner};
use crate::text_format::values::{Values, values};
use crate::text_format::values_inferred::inferred_values;
use arrow::array::ArrayRef;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef};
use std::sync::Arc;

/// A column of the result.
pub(super) struct Column {
    /// Which field of a record it is.
    pub(super) place: usize,
    pub(super) field: FieldRef,
    /// Whether the type was concluded from a sample.
    pub(super) inferred: bool,
    making: Making,
    /// Whether the type is one of texts or bytes: an empty field is a value, and blanks count.
    is_text: bool,
    /// Whether the values are made into a dictionary or runs afterwards.
    is_encoded: bool,
}

enum Making {
    Plain(Box<dyn Values>),
    /// A type with fields inside: each value is JSON.
    Nested(Box<Nested>),
}

/// Why there is no array.
pub(super) enum Failure {
    /// The value of a row does not fit.
    Value(Stop),
    /// The column as a whole does not.
    Column(Error),
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Self::Value(stop)
    }
}

impl Column {
    /// # Errors
    /// A type that delimited text cannot hold.
    pub(super) fn try_new(
        place: usize,
        field: Field,
        binary: BinaryText,
        inferred: bool,
    ) -> Result<Self> {
        let field = Arc::new(field);
        let plain = plain_type(field.data_type());
        let column = |error: Error| {
            error.with(format_args!("column \"{}\"", escaped(field.name()))).as_usage()
        };
        let values = if inferred { inferred_values } else { values };
        let making = match values(plain, binary).map_err(column)? {
            Some(values) => Making::Plain(values),
            None => {
                let manner =
                    Manner { binary, ignore_unknown: false, inferred: false, allow_nan: false };
                Making::Nested(Box::new(Nested::try_new(&field, manner)?))
            }
        };
        let is_text = is_text(plain);
        let is_encoded = plain != field.data_type() && matches!(making, Making::Plain(_));
        Ok(Self { place, field, inferred, making, is_text, is_encoded })
    }

    /// The array of the column's fields in the first `rows` records.
    ///
    /// # Errors
    /// The first value that does not fit.
    pub(super) fn array(
        &mut self,
        records: Records<'_>,
        rows: usize,
    ) -> std::result::Result<ArrayRef, Failure> {
        let cells = Cells {
            records,
            column: self.place,
            rows,
            empty_is_text: self.is_text,
            nullable: self.field.is_nullable(),
        };
        let array = match &mut self.making {
            Making::Plain(values) => {
                let is_text = self.is_text;
                cells.each(|text| {
                    match text {
                        // Blanks around a number are no part of it.
                        Some(text) if !is_text => values.append(text.trim_ascii())?,
                        Some(text) => values.append(text)?,
                        None => values.append_null(),
                    }
                    Ok(())
                })?;
                values.finish()
            }
            Making::Nested(nested) => {
                cells.each(|text| {
                    match text {
                        Some(text) => {
                            let appended = nested.append(text.trim_ascii());
                            appended.map_err(|problem| Why::Inside(problem.told()))?;
                        }
                        None => nested.append_null(),
                    }
                    Ok(())
                })?;
                nested.finish().map_err(Failure::Column)?
            }
        };
        if !self.is_encoded {
            return Ok(array);
        }
        cast(&array, self.field.data_type()).map_err(|cause| {
            let name = escaped(self.field.name());
            Failure::Column(Error::failed(format!("column \"{name}\": {cause}")))
        })
    }
}

/// What the values of a dictionary or of runs are.
fn plain_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, values) => plain_type(values),
        DataType::RunEndEncoded(_, values) => plain_type(values.data_type()),
        other => other,
    }
}

fn is_text(data_type: &DataType) -> bool {
    use DataType as D;
    matches!(
        data_type,
        D::Utf8
            | D::LargeUtf8
            | D::Utf8View
            | D::Binary
            | D::LargeBinary
            | D::BinaryView
            | D::FixedSizeBinary(_)
    )
}
