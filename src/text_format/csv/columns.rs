//! Columns of the result: the field that each one reads, and the builder of its arrays.

use super::cells::{Records, Stop, Why, is_text};
use super::forms::Form;
use super::read_options::ReadOptions;
use crate::batch::encoded_as;
use crate::error::{Error, Result};
use crate::options::BinaryText;
use crate::schema::plain_type;
use crate::text::escaped;
use crate::text_format::conversion_error::ConversionError;
use crate::text_format::json::column::JsonColumn as Nested;
use crate::text_format::json::options::ColumnOptions;
use crate::text_format::value_builder::{ValueBuilder, values};
use crate::text_format::values_inferred::inferred_values;
use arrow::array::ArrayRef;
use arrow::datatypes::{Field, FieldRef};
use std::ops::Range;
use std::sync::Arc;

/// A column of the result.
pub(super) struct TargetColumn {
    /// The index of the field in a record.
    pub(super) place: usize,
    pub(super) field: FieldRef,
    /// Whether the type was inferred from a sample.
    pub(super) inferred: bool,
    making: Making,
    /// The format of the values, if it is not the usual one.
    form: Option<Form>,
    binary: BinaryText,
    /// Whether the values are dictionary- or run-end encoded afterwards.
    is_encoded: bool,
}

enum Making {
    Plain(Box<dyn ValueBuilder>),
    /// A type with child fields: each value is JSON.
    Nested(Box<Nested>),
}

impl TargetColumn {
    /// # Errors
    /// A type that delimited text cannot hold.
    pub(super) fn try_new(
        place: usize,
        field: Field,
        options: &ReadOptions,
        inferred: bool,
    ) -> Result<Self> {
        let field = Arc::new(field);
        let plain = plain_type(field.data_type());
        let making = making(&field, options.binary, inferred)?;
        let form = options.forms.of_type(plain);
        let is_encoded = plain != field.data_type() && matches!(making, Making::Plain(_));
        let binary = options.binary;
        Ok(Self { place, field, inferred, making, form, binary, is_encoded })
    }

    /// The array of the column's fields in the first `rows` records, or the first value that does
    /// not fit.
    ///
    /// # Errors
    /// The column as a whole cannot be built.
    pub(super) fn array(
        &mut self,
        records: &Records<'_>,
        rows: usize,
    ) -> Result<Result<ArrayRef, Stop>> {
        if let Err(stop) = self.append(records, 0..rows) {
            return Ok(Err(stop));
        }
        let array = match &mut self.making {
            Making::Plain(values) => values.finish(),
            Making::Nested(nested) => nested.finish()?,
        };
        if !self.is_encoded {
            return Ok(Ok(array));
        }
        encoded_as(&array, self.field.data_type()).map(Ok).map_err(|cause| {
            let name = escaped(self.field.name());
            Error::failed(format!("column \"{name}\": {cause}"))
        })
    }

    /// All values that do not fit, in the order of their rows.
    ///
    /// # Errors
    /// Those of [`TargetColumn::try_new`], which does not fail a second time.
    pub(super) fn stops(&mut self, records: &Records<'_>, rows: usize) -> Result<Vec<Stop>> {
        let mut stops: Vec<Stop> = Vec::new();
        loop {
            let from = stops.last().map_or(0, |stop| stop.row + 1);
            let done = self.append(records, from..rows);
            // The values appended so far are not needed.
            self.making = making(&self.field, self.binary, self.inferred)?;
            match done {
                Ok(()) => return Ok(stops),
                Err(stop) => stops.push(stop),
            }
        }
    }

    fn append(&mut self, records: &Records<'_>, rows: Range<usize>) -> Result<(), Stop> {
        let (place, field) = (self.place, &self.field);
        let is_text = is_text(field.data_type());
        match (&mut self.making, &self.form) {
            (Making::Plain(values), None) => records.each(place, field, rows, |text| {
                match text {
                    // Blanks around a number are not part of it.
                    Some(text) if !is_text => values.append(text.trim_ascii())?,
                    Some(text) => values.append(text)?,
                    None => values.append_null(),
                }
                Ok(())
            }),
            (Making::Plain(values), Some(form)) => {
                let mut scratch = String::new();
                records.each(place, field, rows, |text| {
                    let Some(text) = text else {
                        values.append_null();
                        return Ok(());
                    };
                    let usual = form.usual(text.trim_ascii(), &mut scratch);
                    Ok(values.append(usual.ok_or(ConversionError::Malformed)?)?)
                })
            }
            (Making::Nested(nested), _) => records.each(place, field, rows, |text| {
                match text {
                    Some(text) => {
                        let appended = nested.append(text.trim_ascii());
                        appended.map_err(|problem| Why::Inside(problem.text()))?;
                    }
                    None => nested.append_null(),
                }
                Ok(())
            }),
        }
    }
}

fn making(field: &FieldRef, binary: BinaryText, inferred: bool) -> Result<Making> {
    let column =
        |error: Error| error.with(format_args!("column \"{}\"", escaped(field.name()))).as_usage();
    let values = if inferred { inferred_values } else { values };
    match values(plain_type(field.data_type()), binary).map_err(column)? {
        Some(values) => Ok(Making::Plain(values)),
        None => {
            let manner =
                ColumnOptions { binary, ignore_unknown: false, inferred: false, allow_nan: false };
            Ok(Making::Nested(Box::new(Nested::try_new(field, manner)?)))
        }
    }
}
