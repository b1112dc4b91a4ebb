//! A column of the result: which field of a record it is, and how arrays of its type are made.

use super::cells::{Cells, Records, Stop};
use crate::error::{Error, Result};
use crate::text::escaped;
use crate::text_format::BinaryText;
use crate::text_format::values::{Values, values};
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
    values: Box<dyn Values>,
    /// Whether the type is one of texts or bytes: an empty field is a value, and blanks count.
    is_text: bool,
    /// Whether the values are made into a dictionary or runs afterwards.
    is_encoded: bool,
}

/// Why there is no array.
pub(super) enum Failure {
    /// The value of a row does not fit.
    Value(Stop),
    /// The column as a whole does not.
    Column(Error),
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
        let plain = plain_type(field.data_type());
        let column = |error: Error| {
            error.with(format_args!("column \"{}\"", escaped(field.name()))).as_usage()
        };
        let values = values(plain, binary).map_err(column)?.ok_or_else(|| {
            column(Error::usage(
                "nested columns are not read from delimited text (json-to-stream reads them)",
            ))
        })?;
        let is_text = is_text(plain);
        let is_encoded = plain != field.data_type();
        Ok(Self { place, field: Arc::new(field), inferred, values, is_text, is_encoded })
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
        let values = &mut self.values;
        let filled = match self.is_text {
            true => cells.each(|text| match text {
                Some(text) => values.append(text),
                None => Ok(values.append_null()),
            }),
            // Blanks around a number are no part of it.
            false => cells.each(|text| match text {
                Some(text) => values.append(text.trim_ascii()),
                None => Ok(values.append_null()),
            }),
        };
        filled.map_err(Failure::Value)?;
        let array = self.values.finish();
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
