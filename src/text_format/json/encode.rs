//! Values of a column as JSON. arrow's encoders do what they do exactly; what they do not (floats that
//! are not finite become null, times beyond a calendar an error text inside the data, a null behind a
//! dictionary an empty text) is done by [`super::encoders`].

use super::encoders::{Failure, Ours};
use crate::endpoint::BinaryText;
use crate::error::{Error, Result, guard};
use crate::text::escaped;
use arrow::array::Array;
use arrow::datatypes::{DataType, Field, FieldRef};
use arrow::json::writer::{EncoderOptions, NullableEncoder, make_encoder};
use std::collections::HashSet;
use std::sync::Arc;

/// What becomes of a float that is no number: JSON has none of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NotFinite {
    /// An error that names it.
    #[default]
    Refused,
    /// `null`.
    Null,
    /// `"NaN"`, `"Infinity"`, `"-Infinity"`: the words of JavaScript, which most readers take.
    Text,
}

/// How values are written; holds what the encoders of all batches share.
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
    /// A type that [`check_field`] refuses, an unknown time zone.
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
    /// A value that JSON does not have; the caller knows of which column and row.
    pub(crate) fn encode(&mut self, row: usize, text: &mut Vec<u8>) -> Result<()> {
        if self.encoder.is_null(row) {
            text.extend_from_slice(b"null");
            return Ok(());
        }
        self.encoder.encode(row, text);
        match self.failure.cause() {
            Some(cause) => Err(Error::failed(cause)),
            None => Ok(()),
        }
    }
}

/// Refuses what JSON cannot say: unions, and two fields of one name in an object.
///
/// # Errors
/// Names the column.
pub(crate) fn check_fields<'a>(fields: impl Iterator<Item = &'a Field>) -> Result<()> {
    let mut names = HashSet::new();
    for field in fields {
        let name = escaped(field.name());
        if !names.insert(field.name()) {
            return Err(Error::failed(format!(
                "two columns are called \"{name}\", and an object has each key once: choose others \
                 by stream-select, which has --unique-names"
            )));
        }
        check_type(field.data_type()).map_err(|e| e.with(format_args!("column \"{name}\"")))?;
    }
    Ok(())
}

/// Refuses a type, or one inside it, that JSON cannot say.
///
/// # Errors
/// Says which.
pub(crate) fn check_type(data_type: &DataType) -> Result<()> {
    match data_type {
        DataType::Union(..) => Err(Error::failed(
            "a union's values do not say in JSON which type they have: leave it out by stream-select",
        )),
        DataType::Struct(fields) => check_fields(fields.iter().map(AsRef::as_ref)),
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _)
        | DataType::Map(field, _)
        | DataType::RunEndEncoded(_, field) => check_type(field.data_type()),
        DataType::Dictionary(_, values) => check_type(values),
        _ => Ok(()),
    }
}
