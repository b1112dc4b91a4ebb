//! The dictionary pages of a Parquet file: their sizes, the use of their entries, and the entries
//! themselves.

use super::column_chunks::ColumnChunks;
use super::page_chunk::{first_page, what};
use super::page_header::{Header, PageKind};
use super::parquet::nulls;
use super::parquet_type::{self, Meaning};
use super::statistics;
use super::value::Value;
use crate::error::{Error, Result, guard};
use crate::io::{RangedBytes, read_at};
use crate::options::Operand;
use crate::parquet_file::checked_pages::CheckedPages;
use crate::parquet_file::pages::FilePages;
use crate::parquet_file::{KeyFile, footer, nanoseconds_since_1970};
use crate::text::size;
use arrow::datatypes::TimeUnit;
use bytes::Bytes;
use parquet::basic::Type as Physical;
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;
use std::sync::Arc;

/// The dictionary of a column chunk.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dictionary {
    /// The number of the row group in the file.
    pub(super) row_group: u64,
    /// The column's names from the root, joined by dots.
    pub(super) column: String,
    /// The type of the column in lower-case words.
    pub(super) type_name: String,
    /// The size of the page in the file, without its header.
    pub(super) stored_bytes: u64,
    /// The decompressed size of the page.
    pub(super) uncompressed_bytes: u64,
    /// The size of the whole column chunk in the file.
    pub(super) chunk_bytes: Option<u64>,
    /// The number of non-null values in the chunk; includes nulls if their number is unknown.
    pub(super) values: u64,
    /// The entries, in order.
    pub(super) entries: Vec<Entry>,
}

/// An entry of a dictionary.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) value: Value,
    /// Its size in the decompressed page.
    pub(super) bytes: u64,
}

/// The dictionaries of a file, row group by row group and column by column.
pub(super) struct Dictionaries {
    chunks: ColumnChunks,
    /// The columns with a chunk that has no dictionary.
    without: Vec<String>,
}

impl Dictionaries {
    /// Opens a Parquet file; one from a pipe is spooled to a temporary file.
    ///
    /// # Errors
    /// Those of [`ColumnChunks::open`].
    pub(super) fn open(operand: &Operand, keys: Option<&KeyFile>) -> Result<Self> {
        Ok(Self { chunks: ColumnChunks::open(operand, keys)?, without: Vec::new() })
    }

    /// The operand, as the user wrote it.
    pub(super) fn path(&self) -> &str {
        &self.chunks.path
    }

    /// The columns that lack a dictionary in some row group so far, each once.
    pub(super) fn without(&self) -> &[String] {
        &self.without
    }

    fn read(&mut self, row_group: usize, place: usize) -> Result<Option<Dictionary>> {
        let ColumnChunks { file, metadata, trust, .. } = &self.chunks;
        let chunk = metadata.row_group(row_group).column(place);
        let rows = metadata.row_group(row_group).num_rows();
        let found = guard("damaged dictionary page", || page(file, chunk, rows));
        file.release(0..file.size());
        let found = found.map_err(|error| error.with(what(row_group, chunk)))?;
        let column = chunk.column_path().string();
        let Some((size, entries)) = found else {
            if self.without.last() != Some(&column) && !self.without.contains(&column) {
                self.without.push(column);
            }
            return Ok(None);
        };
        let values = chunk.num_values().unsigned_abs();
        let trust = trust.column(metadata.file_metadata(), chunk, place);
        let (nulls, _) = nulls(chunk, Some(values), &trust);
        Ok(Some(Dictionary {
            row_group: row_group as u64,
            column,
            type_name: parquet_type::name(meaning(chunk)),
            stored_bytes: size.stored_bytes,
            uncompressed_bytes: size.uncompressed_bytes,
            chunk_bytes: u64::try_from(chunk.compressed_size()).ok(),
            values: values.saturating_sub(nulls.unwrap_or(0)),
            entries,
        }))
    }
}

impl Iterator for Dictionaries {
    type Item = Result<Dictionary>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some((row_group, place)) = self.chunks.next() {
            match self.read(row_group, place) {
                Ok(None) => {}
                Ok(Some(dictionary)) => return Some(Ok(dictionary)),
                Err(error) => self.chunks.keep(error),
            }
        }
        self.chunks.take_error().map(Err)
    }
}

/// The size of a page without its header, as the header states it.
struct PageSize {
    stored_bytes: u64,
    uncompressed_bytes: u64,
}

/// The largest dictionary that is decompressed: none is as large in practice, and a damaged header
/// may claim any size.
const MOST_BYTES: u64 = 1 << 30;

/// Reads the dictionary page of a chunk. None if the chunk does not begin with one.
///
/// # Errors
/// A damaged page; one that claims an implausible size.
fn page(
    file: &Arc<dyn RangedBytes>,
    chunk: &ColumnChunkMetaData,
    rows: i64,
) -> Result<Option<(PageSize, Vec<Entry>)>> {
    if chunk.num_values() == 0 {
        return Ok(None);
    }
    let read = |bytes: &Bytes| {
        let (header, kind) = Header::read(bytes)?;
        let Header { stored_bytes, uncompressed_bytes, .. } = header;
        Some((PageSize { stored_bytes, uncompressed_bytes }, kind))
    };
    let start = first_page(chunk).unwrap_or(file.size());
    let (page_size, kind) = read_at(&**file, start, read)?.ok_or_else(|| {
        Error::failed("encrypted or damaged: it does not begin with a page header")
    })?;
    if kind != PageKind::Dictionary {
        return Ok(None);
    }
    if page_size.uncompressed_bytes > MOST_BYTES {
        let bytes = size(page_size.uncompressed_bytes);
        return Err(Error::failed(format!("the dictionary claims to have {bytes}")));
    }
    let failed = |error: parquet::errors::ParquetError| {
        Error::failed(format!("cannot read the dictionary: {}", footer::cause(&error)))
    };
    let rows = usize::try_from(rows).unwrap_or(0);
    // An offset of 0 means no dictionary; the page reader would begin at the magic.
    let chunk = match chunk.dictionary_page_offset() {
        Some(offset) if offset <= 0 => {
            chunk.clone().into_builder().set_dictionary_page_offset(None).build().map_err(failed)?
        }
        _ => chunk.clone(),
    };
    let pages = FilePages::new(Arc::clone(file));
    let pages = Arc::new(CheckedPages::new(pages, &chunk, false, None));
    let mut pages = SerializedPageReader::new(pages, &chunk, rows, None).map_err(failed)?;
    let Some(Page::DictionaryPage { buf, num_values, .. }) =
        pages.get_next_page().map_err(failed)?
    else {
        return Ok(None);
    };
    let entries = entries(&buf, num_values, &chunk)
        .ok_or_else(|| Error::failed("the dictionary has fewer values than its header claims"))?;
    Ok(Some((page_size, entries)))
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
