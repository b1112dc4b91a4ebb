//! The values of a summary as text and as JSON.

use crate::error::{Error, Result};
use crate::options::BinaryText;
use crate::text_format::json::{Encoding, NotFinite, check_type};
use crate::text_format::print::cell_texts;
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::FieldRef;

/// Values for people, as stream-print shows them.
pub(super) fn shown(field: &FieldRef, values: &ArrayRef) -> Result<Vec<String>> {
    cell_texts(field, values)
}

/// Values in JSON, as stream-to-json writes them; those that JSON does not have are strings.
pub(super) fn json(field: &FieldRef, values: &ArrayRef) -> Result<Vec<String>> {
    if check_type(values.data_type()).is_err() {
        return Ok(shown(field, values)?.iter().map(|text| json_text(text)).collect());
    }
    let encoding = Encoding::new(BinaryText::Hexadecimal, NotFinite::Text);
    let mut column = encoding.column(field, values)?;
    let texts = (0..values.len()).map(|row| {
        let mut text = Vec::new();
        column.encode(row, &mut text)?;
        String::from_utf8(text).map_err(|e| Error::failed(format!("invalid text: {e}")))
    });
    texts.collect()
}

/// Values as text without quotes: those of JSON.
pub(super) fn plain(field: &FieldRef, values: &ArrayRef) -> Result<Vec<String>> {
    let texts = json(field, values)?.into_iter();
    Ok(texts.map(|text| serde_json::from_str::<String>(&text).unwrap_or(text)).collect())
}

/// A text in JSON.
pub(super) fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
