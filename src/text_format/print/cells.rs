//! Values of a column as cells for people to read.

use crate::error::{Error, Result, guard};
use crate::options::BinaryText;
use crate::schema::plain_type;
use crate::text::{Align, escaped};
use crate::text_format::binary_text::is_uuid;
use crate::text_format::json::{ColumnEncoder, Encoding, NotFinite, check_type};
use arrow::array::{Array, AsArray, Int64Array, RecordBatch};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Fields, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};

/// How a null is shown. A text that reads the same is shown in quotes.
pub(super) const NULL: &str = "NULL";

/// The options for showing cells; the columns of a batch borrow them.
pub(crate) struct Reading {
    encoding: Encoding,
}

impl Default for Reading {
    fn default() -> Self {
        Self { encoding: Encoding::new(BinaryText::Hexadecimal, NotFinite::Text) }
    }
}

/// The cells of one column of one batch.
pub(crate) struct CellColumn<'a> {
    name: &'a str,
    /// The number of rows before the batch, for messages.
    first_row: u64,
    nulls: Option<NullBuffer>,
    values: Values<'a>,
}

enum Values<'a> {
    /// Text, shown as it is unless it would be ambiguous.
    Text(ArrayFormatter<'a>),
    Integers(Int64Array),
    /// Bytes, as hexadecimal digits.
    Bytes(ColumnEncoder<'a>),
    /// Other types that JSON can represent; a value that is one JSON string is shown without
    /// quotes.
    Json(ColumnEncoder<'a>),
    /// Unions and types that contain them.
    Other(ArrayFormatter<'a>),
}

/// A cell: its text, and whether it is a null.
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) is_null: bool,
}

impl Reading {
    /// The columns of a batch that `first_row` rows precede.
    ///
    /// # Errors
    /// An unknown time zone.
    pub(crate) fn columns<'a>(
        &'a self,
        batch: &'a RecordBatch,
        first_row: u64,
    ) -> Result<Vec<CellColumn<'a>>> {
        let fields: &'a Fields = batch.schema_ref().fields();
        let columns = fields.iter().zip(batch.columns()).map(|(field, array)| {
            let plain = || {
                ArrayFormatter::try_new(array.as_ref(), &FormatOptions::new().with_null(NULL))
                    .map_err(|e| {
                        Error::failed(format!("column \"{}\": {e}", escaped(field.name())))
                    })
            };
            let values = match plain_type(array.data_type()) {
                integer if *integer == *array.data_type() && is_signed_64(integer) => {
                    Values::Integers(integers(array)?)
                }
                _ if is_uuid(field, array) => Values::Json(self.encoding.column(field, array)?),
                DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Values::Text(plain()?),
                DataType::Binary
                | DataType::LargeBinary
                | DataType::BinaryView
                | DataType::FixedSizeBinary(_) => {
                    Values::Bytes(self.encoding.column(field, array)?)
                }
                other if check_type(other).is_ok() => {
                    Values::Json(self.encoding.column(field, array)?)
                }
                _ => Values::Other(plain()?),
            };
            Ok(CellColumn { name: field.name(), first_row, nulls: array.logical_nulls(), values })
        });
        columns.collect()
    }
}

impl CellColumn<'_> {
    /// The cell of a row, safe to show.
    ///
    /// # Errors
    /// A value that cannot be shown, with its column and row.
    pub(crate) fn cell(&mut self, row: usize) -> Result<Cell> {
        self.shown(row).map_err(|error| {
            let row = self.first_row + row as u64;
            error.with(format_args!("column \"{}\", row {row}", escaped(self.name)))
        })
    }

    /// The values if they are integers: their cells need not be made to be measured or written.
    pub(super) fn integers(&self) -> Option<&Int64Array> {
        match &self.values {
            Values::Integers(values) => Some(values),
            _ => None,
        }
    }

    fn shown(&mut self, row: usize) -> Result<Cell> {
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return Ok(Cell { text: NULL.to_owned(), is_null: true });
        }
        let text = match &mut self.values {
            Values::Text(values) => shown_text(&displayed(values, row)?),
            Values::Integers(values) => values.value(row).to_string(),
            Values::Other(values) => escaped(&displayed(values, row)?),
            Values::Bytes(values) => format!("0x{}", unquoted(&json(values, row)?)),
            Values::Json(values) => escaped(unquoted(&json(values, row)?)),
        };
        Ok(Cell { text, is_null: false })
    }
}

/// Whether values of a type are integers that a signed one of 64 bits can have.
fn is_signed_64(data_type: &DataType) -> bool {
    data_type.is_integer() && *data_type != DataType::UInt64
}

fn integers(array: &dyn Array) -> Result<Int64Array> {
    let integers = cast(array, &DataType::Int64).map_err(|e| Error::failed(e.to_string()))?;
    Ok(integers.as_primitive().clone())
}

/// Appends a text that is less important than others.
pub(super) fn dim(text: &str, colour: bool, line: &mut String) {
    if colour { line.extend(["\x1b[2m", text, "\x1b[0m"]) } else { line.push_str(text) }
}

/// The alignment of each column: numbers are right-aligned so that their digits line up.
pub(super) fn alignments(schema: &SchemaRef) -> Vec<Align> {
    let align = |data_type: &DataType| match plain_type(data_type) {
        number if number.is_numeric() => Align::Right,
        _ => Align::Left,
    };
    schema.fields().iter().map(|field| align(field.data_type())).collect()
}

/// Whether cells may be cut: text, binary and nested values.
pub(super) fn may_be_cut(data_type: &DataType) -> bool {
    let value_type = plain_type(data_type);
    !value_type.is_primitive() && *value_type != DataType::Boolean
}

/// A text as it is, or in quotes if it is empty, reads like a null or a quoted text, or has blanks
/// at its ends.
fn shown_text(text: &str) -> String {
    let is_plain = !text.is_empty()
        && text != NULL
        && !text.starts_with('"')
        && text.trim_matches(char::is_whitespace).len() == text.len();
    if is_plain { escaped(text) } else { format!("\"{}\"", escaped(text).replace('"', "\\\"")) }
}

fn displayed(values: &ArrayFormatter<'_>, row: usize) -> Result<String> {
    guard("cannot show a value", || {
        values.value(row).try_to_string().map_err(|e| Error::failed(e.to_string()))
    })
}

fn json(values: &mut ColumnEncoder<'_>, row: usize) -> Result<String> {
    let mut text = Vec::new();
    values.encode(row, &mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::shown_text;

    #[test]
    fn no_text_is_taken_for_another() {
        assert_eq!(shown_text("plain text"), "plain text");
        assert_eq!(shown_text("say \"hi\""), "say \"hi\"");
        for (text, shown) in [
            ("", "\"\""),
            ("NULL", "\"NULL\""),
            ("\"NULL\"", "\"\\\"NULL\\\"\""),
            (" a", "\" a\""),
            ("a\u{3000}", "\"a\u{3000}\""),
            ("a\n", "\"a\\n\""),
        ] {
            assert_eq!(shown_text(text), shown);
        }
    }
}
