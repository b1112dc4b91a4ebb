//! The fields of one column as texts and nulls.

use super::splitter::{Span, Splitter};
use crate::schema::plain_type;
use crate::text_format::conversion_error::ConversionError;
use arrow::datatypes::{DataType, Field};
use std::ops::Range;

/// Split records, over text that was checked to be UTF-8.
pub(super) struct Records<'a> {
    text: &'a str,
    spans: &'a [Span],
    pub(super) columns: usize,
    /// The texts that are null if unquoted.
    nulls: &'a [String],
    quote: char,
}

/// A value that does not fit.
pub(super) struct Stop {
    pub(super) row: usize,
    pub(super) why: Why,
}

/// Why a value does not fit.
pub(super) enum Why {
    /// The field as a whole is not such a value.
    ConversionError(ConversionError),
    /// A message about a part of a nested value.
    Inside(String),
}

impl From<ConversionError> for Why {
    fn from(misfit: ConversionError) -> Self {
        Self::ConversionError(misfit)
    }
}

impl<'a> Records<'a> {
    pub(super) fn new(
        text: &'a str,
        splitter: &'a Splitter,
        nulls: &'a [String],
        quote: Option<u8>,
    ) -> Self {
        let quote = char::from(quote.unwrap_or(b'"'));
        Self { text, spans: splitter.spans(), columns: splitter.columns(), nulls, quote }
    }

    /// The position of a field.
    pub(super) fn span(&self, row: usize, column: usize) -> Span {
        self.spans[row * self.columns + column]
    }

    /// Whether an unquoted text is null.
    pub(super) fn is_null(&self, text: &str) -> bool {
        self.nulls.iter().any(|null| null == text)
    }

    /// The value of a field, with doubled quotes replaced by single ones. `scratch` may hold it.
    pub(super) fn field<'s>(&self, row: usize, column: usize, scratch: &'s mut String) -> &'s str
    where
        'a: 's,
    {
        let span = self.span(row, column);
        let text = &self.text[span.range()];
        if !span.is_doubled() {
            return text;
        }
        scratch.clear();
        let mut rest = text;
        while let Some(place) = rest.find(self.quote) {
            scratch.push_str(&rest[..=place]);
            rest = &rest[(place + 2).min(rest.len())..];
        }
        scratch.push_str(rest);
        scratch
    }

    /// Passes the text of a column's field in each of the records to `take`; `None` for null.
    /// `field` says whether nulls may occur, and whether a quoted empty field is an empty text.
    pub(super) fn each(
        &self,
        column: usize,
        field: &Field,
        rows: Range<usize>,
        mut take: impl FnMut(Option<&str>) -> Result<(), Why>,
    ) -> Result<(), Stop> {
        // An empty field is not a number, so it is null even if it is quoted.
        let quoted_empty_is_null = !is_text(field.data_type()) && self.is_null("");
        let mut scratch = String::new();
        for row in rows {
            let span = self.span(row, column);
            let text = self.field(row, column, &mut scratch);
            let is_null = if span.is_quoted() {
                span.is_missing() || (quoted_empty_is_null && text.is_empty())
            } else {
                self.is_null(text)
            };
            let taken = match is_null {
                true if !field.is_nullable() => Err(ConversionError::Null.into()),
                true => take(None),
                false => take(Some(text)),
            };
            taken.map_err(|why| Stop { row, why })?;
        }
        Ok(())
    }
}

/// Whether a type is text or binary: then an empty field is a value, and blanks count.
pub(super) fn is_text(data_type: &DataType) -> bool {
    let plain = plain_type(data_type);
    plain.is_string() || plain.is_binary()
}
