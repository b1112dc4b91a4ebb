//! Decompresses and decodes dictionary pages.

use super::page_chunk::first_page;
use super::page_header::{Header, PageKind};
use super::parquet_type::{self, Meaning};
use super::statistics;
use super::value::Value;
use crate::error::{Error, Result};
use crate::parquet_file::{footer, nanoseconds_since_1970};
use crate::text::size;
use arrow::datatypes::TimeUnit;
use bytes::Bytes;
use parquet::basic::Type as Physical;
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;
use std::sync::Arc;

/// An entry of a dictionary.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) value: Value,
    /// Its size in the decompressed page.
    pub(super) bytes: u64,
}

/// A decoded dictionary page.
pub(super) struct DictionaryPage {
    pub(super) stored_bytes: u64,
    pub(super) uncompressed_bytes: u64,
    pub(super) entries: Vec<Entry>,
}

/// The largest dictionary that is decompressed: none is as large in practice, and a damaged header
/// may claim any size.
const MOST_BYTES: u64 = 1 << 30;

impl DictionaryPage {
    /// Reads the page. None if the chunk does not begin with one.
    ///
    /// # Errors
    /// A damaged page; one that claims an implausible size.
    pub(super) fn read(
        file: &Bytes,
        chunk: &ColumnChunkMetaData,
        rows: i64,
    ) -> Result<Option<Self>> {
        if chunk.num_values() == 0 {
            return Ok(None);
        }
        let header = first_page(chunk).and_then(|start| Header::read(file.get(start..)?));
        let (header, kind) = header.ok_or_else(|| {
            Error::failed("encrypted or damaged: it does not begin with a page header")
        })?;
        if kind != PageKind::Dictionary {
            return Ok(None);
        }
        if MOST_BYTES < header.uncompressed_bytes {
            let bytes = size(header.uncompressed_bytes);
            return Err(Error::failed(format!("the dictionary claims to have {bytes}")));
        }
        let failed = |error: parquet::errors::ParquetError| {
            Error::failed(format!("cannot read the dictionary: {}", footer::cause(&error)))
        };
        let rows = usize::try_from(rows).unwrap_or(0);
        // An offset of 0 means no dictionary; the page reader would begin at the magic.
        let chunk = match chunk.dictionary_page_offset() {
            Some(offset) if offset <= 0 => chunk
                .clone()
                .into_builder()
                .set_dictionary_page_offset(None)
                .build()
                .map_err(failed)?,
            _ => chunk.clone(),
        };
        let mut pages = SerializedPageReader::new(Arc::new(file.clone()), &chunk, rows, None)
            .map_err(failed)?;
        let Some(Page::DictionaryPage { buf, num_values, .. }) =
            pages.get_next_page().map_err(failed)?
        else {
            return Ok(None);
        };
        let entries = entries(&buf, num_values, &chunk).ok_or_else(|| {
            Error::failed("the dictionary has fewer values than its header claims")
        })?;
        let Header { stored_bytes, uncompressed_bytes, .. } = header;
        Ok(Some(Self { stored_bytes, uncompressed_bytes, entries }))
    }
}

/// Decodes the entries of a page, which are PLAIN.
fn entries(mut page: &[u8], number: u32, chunk: &ColumnChunkMetaData) -> Option<Vec<Entry>> {
    let (physical, meaning) = (chunk.column_type(), meaning(chunk));
    let length = match physical {
        Physical::BOOLEAN => 1,
        Physical::INT32 | Physical::FLOAT => 4,
        Physical::INT64 | Physical::DOUBLE => 8,
        Physical::INT96 => 12,
        Physical::BYTE_ARRAY => 0,
        Physical::FIXED_LEN_BYTE_ARRAY => {
            usize::try_from(chunk.column_descr().type_length()).ok()?
        }
    };
    // Each entry takes at least one byte, unless a foreign schema says that values have no bytes.
    if page.len().max(1) < number as usize {
        return None;
    }
    let mut entries = Vec::new();
    for _ in 0..number {
        let length = match physical {
            Physical::BYTE_ARRAY => {
                let (length, rest) = page.split_first_chunk::<4>()?;
                page = rest;
                usize::try_from(u32::from_le_bytes(*length)).ok()?
            }
            _ => length,
        };
        let (bytes, rest) = page.split_at_checked(length)?;
        page = rest;
        let value = value(bytes, physical, meaning);
        entries.push(Entry { value, bytes: bytes.len() as u64 });
    }
    Some(entries)
}

fn value(bytes: &[u8], physical: Physical, meaning: Meaning) -> Value {
    let value = match physical {
        Physical::INT96 => int96(bytes),
        _ => statistics::value(bytes, physical, meaning),
    };
    value.unwrap_or_else(|| Value::Binary(bytes.to_vec()))
}

/// Decodes an INT96 timestamp, in microseconds, which can represent every calendar year.
fn int96(bytes: &[u8]) -> Option<Value> {
    let microseconds = nanoseconds_since_1970(bytes)?.div_euclid(1000);
    Some(Value::Timestamp(microseconds.try_into().ok()?, TimeUnit::Microsecond, false))
}

/// The meaning of a chunk's values.
pub(super) fn meaning(chunk: &ColumnChunkMetaData) -> Meaning {
    parquet_type::meaning(chunk.column_descr().self_type())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn int96_timestamps_are_read() {
        let bytes = [&1_500_i64.to_le_bytes()[..], &2_440_589_u32.to_le_bytes()].concat();
        assert_eq!(int96(&bytes).unwrap().to_string(), "1970-01-02T00:00:00.000001");
        assert_eq!(int96(&[0; 11]), None);
    }

    #[test]
    fn every_value_has_some_text() {
        let decimal = Meaning::Decimal { precision: 9, scale: 2 };
        assert_eq!(value(&[5, 0, 0, 0], Physical::INT32, decimal).to_string(), "0.05");
        let opaque = Meaning::Opaque("interval");
        let shown = value(&[0, 255], Physical::FIXED_LEN_BYTE_ARRAY, opaque);
        assert_eq!(shown.to_string(), "0x00ff");
        assert_eq!(value(&[1; 40], Physical::BYTE_ARRAY, decimal), Value::Binary(vec![1; 40]));
    }
}
