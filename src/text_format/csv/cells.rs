//! The fields of one column as texts and nulls.

use super::splitter::{Span, Splitter};
use crate::text_format::conversion_error::ConversionError;

/// Split records, over text that was checked to be UTF-8.
#[derive(Clone, Copy)]
pub(super) struct Records<'a> {
    pub(super) text: &'a str,
    pub(super) spans: &'a [Span],
    pub(super) columns: usize,
    /// The texts that are null if unquoted.
    pub(super) nulls: &'a [String],
    pub(super) quote: char,
}

/// One column of some records.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    pub(super) records: Records<'a>,
    pub(super) column: usize,
    /// The number of records to read.
    pub(super) rows: usize,
    /// Whether a quoted empty field is an empty text; otherwise it is null, because an empty field
    /// is not a number.
    pub(super) empty_is_text: bool,
    pub(super) nullable: bool,
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

    /// The value of a field, with doubled quotes replaced by single ones. `scratch` may hold it.
    pub(super) fn field<'s>(&self, row: usize, column: usize, scratch: &'s mut String) -> &'s str
    where
        'a: 's,
    {
        let span = self.spans[row * self.columns + column];
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
}

impl Cells<'_> {
    /// Passes the text of each record's field to `take`, starting at row `from`; `None` for null.
    pub(super) fn each(
        &self,
        from: usize,
        mut take: impl FnMut(Option<&str>) -> Result<(), Why>,
    ) -> Result<(), Stop> {
        let mut scratch = String::new();
        for row in from..self.rows {
            let span = self.records.spans[row * self.records.columns + self.column];
            let text = self.records.field(row, self.column, &mut scratch);
            let is_null = match span.is_quoted() {
                false => self.records.nulls.iter().any(|null| null == text),
                true if span.is_missing() => true,
                true => text.is_empty() && !self.empty_is_text && self.empty_is_null(),
            };
            let taken = match is_null {
                true if !self.nullable => Err(ConversionError::Null.into()),
                true => take(None),
                false => take(Some(text)),
            };
            taken.map_err(|why| Stop { row, why })?;
        }
        Ok(())
    }

    fn empty_is_null(&self) -> bool {
        self.records.nulls.iter().any(String::is_empty)
    }
}
