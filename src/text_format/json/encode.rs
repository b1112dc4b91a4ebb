//! Values of a column as JSON. arrow's encoders are used where they are exact. Where they are not,
//! [`crate::text_format::json::encoders`] replaces them: arrow turns non-finite floats into null,
//! times beyond chrono's calendar into an error text inside the data, and a null in a dictionary's
//! values into an empty text.

use super::encoders::{Failure, NotFinite, Ours};
use crate::error::{Error, Result, guard};
use crate::options::BinaryText;
use crate::schema::inner_types;
use crate::text::escaped;
use arrow::array::Array;
use arrow::datatypes::{DataType, Field, FieldRef};
use arrow::json::writer::{EncoderOptions, NullableEncoder, make_encoder};
use std::collections::HashSet;
use std::sync::Arc;

/// How values are written, and the state shared by the encoders of all batches.
#[derive(Debug)]
pub(crate) struct Encoding {
    options: EncoderOptions,
    failure: Failure,
}

/// The encoder of one column of one batch.
pub(crate) struct ColumnEncoder<'a> {
    encoder: NullableEncoder<'a>,
    failure: Failure,
}

impl Encoding {
    pub(crate) fn new(binary: BinaryText, not_finite: NotFinite) -> Self {
        let failure = Failure::default();
        let ours = Ours { binary, not_finite, failure: failure.clone() };
        let options = EncoderOptions::default()
            .with_explicit_nulls(true)
            .with_encoder_factory(Arc::new(ours));
        Self { options, failure }
    }

    /// The encoder of a column.
    ///
    /// # Errors
    /// A type that [`check_fields`] refuses; an unknown time zone.
    pub(crate) fn column<'a>(
        &'a self,
        field: &'a FieldRef,
        array: &'a dyn Array,
    ) -> Result<ColumnEncoder<'a>> {
        let encoder = guard("cannot write as JSON", || {
            make_encoder(field, array, &self.options)
                .map_err(|e| Error::failed(format!("column \"{}\": {e}", escaped(field.name()))))
        })?;
        Ok(ColumnEncoder { encoder, failure: self.failure.clone() })
    }
}

impl ColumnEncoder<'_> {
    /// Appends the value of a row.
    ///
    /// # Errors
    /// A value that JSON does not have. The caller adds the column and row.
    pub(crate) fn encode(&mut self, row: usize, text: &mut Vec<u8>) -> Result<()> {
        if self.encoder.is_null(row) {
            text.extend_from_slice(b"null");
            return Ok(());
        }
        self.encoder.encode(row, text);
        match self.failure.get() {
            Some(cause) => Err(Error::failed(cause)),
            None => Ok(()),
        }
    }
}

/// Refuses fields that JSON cannot represent: unions, and duplicate names in an object.
///
/// # Errors
/// A union or a duplicate name, with its column.
pub(crate) fn check_fields<'a>(fields: impl Iterator<Item = &'a Field>) -> Result<()> {
    let mut names = HashSet::new();
    for field in fields {
        let name = escaped(field.name());
        if !names.insert(field.name()) {
            return Err(Error::failed(format!(
                "two columns are named \"{name}\", but keys of a JSON object are unique: rename \
                 one with stream-select (see --unique-names)"
            )));
        }
        check_type(field.data_type()).map_err(|e| e.with(format_args!("column \"{name}\"")))?;
    }
    Ok(())
}

/// Refuses a type that JSON cannot represent, at any depth.
///
/// # Errors
/// A union; duplicate names in a struct.
pub(crate) fn check_type(data_type: &DataType) -> Result<()> {
    match data_type {
        DataType::Union(..) => Err(Error::failed(
            "a union cannot be written as JSON, which does not say which type a value has: drop the \
             column with stream-select",
        )),
        DataType::Struct(fields) => check_fields(fields.iter().map(AsRef::as_ref)),
        other => inner_types(other).into_iter().try_for_each(check_type),
    }
}
