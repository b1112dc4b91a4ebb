//! Sums over the chunks of a column, from footers: whether the column takes fewer bytes encoded,
//! and how many values its dictionaries have.

use super::dictionary_page::{DictionarySize, dictionary_size};
use super::page_values::FlatColumn;
use crate::parquet_file::file::{ParquetFile, rows};
use arrow::datatypes::DataType;
use parquet::basic::{Encoding as PageEncoding, Type as PhysicalType};
use parquet::file::metadata::ColumnChunkMetaData;

/// Sums over the chunks of a column.
#[derive(Debug, Clone, Default)]
pub(crate) struct ColumnCounts {
    rows: f64,
    /// The bytes of text, without the fixed width of its values.
    text_bytes: f64,
    /// An upper bound.
    runs: f64,
    /// The bytes of text with one value per run.
    run_text_bytes: f64,
    dictionary_bytes: f64,
    /// The maximum number of values that a key must number.
    most_values: u64,
    /// Whether some values are not in a dictionary.
    has_others: bool,
    /// Whether texts are encoded unless that takes more bytes.
    prefers_dictionary: bool,
}

impl ColumnCounts {
    /// The sums for the top-level column with this index; zero for a nested column.
    pub(crate) fn of(file: &ParquetFile, column: usize) -> Self {
        let mut counts = Self::default();
        let Some(flat) = FlatColumn::whole(file, column) else { return counts };
        for (number, row_group) in file.parquet().row_groups().iter().enumerate() {
            let chunk = row_group.column(flat.leaf);
            let is_plain = !file.is_encrypted(number, flat.leaf);
            let dictionary = if is_plain { dictionary_size(&**file.bytes(), chunk) } else { None };
            counts.add_chunk(chunk, rows(row_group), dictionary);
        }
        counts
    }

    /// Adds the sums over other chunks.
    pub(crate) fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.text_bytes += other.text_bytes;
        self.runs += other.runs;
        self.run_text_bytes += other.run_text_bytes;
        self.dictionary_bytes += other.dictionary_bytes;
        self.most_values = self.most_values.max(other.most_values);
        self.has_others |= other.has_others;
    }

    fn add_chunk(
        &mut self,
        chunk: &ColumnChunkMetaData,
        rows: u64,
        dictionary: Option<DictionarySize>,
    ) {
        let coded = dictionary.as_ref().filter(|_| has_only_indices(chunk));
        self.most_values = self.most_values.max(coded.map_or(rows, |coded| coded.values));
        self.dictionary_bytes += coded.map_or(0.0, |coded| coded.bytes as f64);
        self.has_others |= coded.is_none();
        let rows = rows as f64;
        let runs = match &dictionary {
            Some(dictionary) if !has_differences(chunk) => {
                let bits = index_bits(dictionary);
                // A run takes at least two bytes, a bit-packed index its bits.
                let runs_per_byte = if bits == 0 { 0.5 } else { (8.0 / f64::from(bits)).max(0.5) };
                (data_bytes(chunk, dictionary) * runs_per_byte).min(rows)
            }
            _ => rows,
        };
        let text = value_text_bytes(chunk, dictionary.as_ref());
        self.rows += rows;
        self.text_bytes += rows * text;
        self.runs += runs;
        self.run_text_bytes += runs * text;
    }

    /// The same sums for a reader that understands encodings, of numbers or only of texts. `is_all`
    /// says that no other file follows, whose dictionaries may have more values.
    pub(crate) fn for_reader(self, is_all: bool, of_numbers: bool) -> Self {
        let is_encoded = of_numbers || self.text_bytes > 0.0;
        let most_values = if is_all && is_encoded { self.most_values } else { u64::MAX };
        Self { most_values, prefers_dictionary: true, ..self }
    }

    /// The narrowest type that numbers the values of each dictionary; usually int32 if a chunk may
    /// continue without a dictionary.
    pub(crate) fn key_type(&self) -> DataType {
        match self.most_values {
            0..=0x80 => DataType::Int8,
            0x81..=0x8000 => DataType::Int16,
            _ => DataType::Int32,
        }
    }

    /// Whether run-end encoding takes at most half of the bytes of plain values, even if every
    /// index that is not part of a run differs from the one before.
    pub(crate) fn runs_pay(&self, data_type: &DataType) -> bool {
        let width = width(data_type);
        let encoded = self.runs * (4.0 + width) + self.run_text_bytes;
        2.0 * encoded <= self.rows * width + self.text_bytes
    }

    /// Whether a dictionary takes at most half of the bytes of plain values. For a reader that
    /// understands encodings, texts must only not take more: copying and checking them costs more
    /// than the bytes in the pipe.
    pub(crate) fn dictionary_pays(&self, data_type: &DataType) -> bool {
        let key_bytes = self.key_type().primitive_width().unwrap_or(4) as f64;
        let encoded = self.rows * key_bytes + self.dictionary_bytes;
        let factor = if self.prefers_dictionary && self.text_bytes > 0.0 { 1.0 } else { 2.0 };
        !self.has_others && factor * encoded <= self.rows * width(data_type) + self.text_bytes
    }
}

/// The bytes of a value, without its text.
fn width(data_type: &DataType) -> f64 {
    match data_type {
        DataType::Boolean => 0.125,
        DataType::Utf8View | DataType::BinaryView => 16.0,
        DataType::FixedSizeBinary(width) => f64::from(*width),
        other => other.primitive_width().unwrap_or(4) as f64,
    }
}

/// The bytes of the text of a value, as far as they are known.
fn value_text_bytes(chunk: &ColumnChunkMetaData, dictionary: Option<&DictionarySize>) -> f64 {
    match (chunk.unencoded_byte_array_data_bytes(), dictionary) {
        (Some(bytes), _) => bytes.max(0) as f64 / chunk.num_values().max(1) as f64,
        (None, Some(dictionary)) if chunk.column_type() == PhysicalType::BYTE_ARRAY => {
            // Each value is preceded by its length.
            (dictionary.bytes as f64 / dictionary.values.max(1) as f64 - 4.0).max(0.0)
        }
        _ => 0.0,
    }
}

/// The width of indices at the end of the chunk, when the dictionary is complete.
fn index_bits(dictionary: &DictionarySize) -> u32 {
    u64::BITS - dictionary.values.saturating_sub(1).leading_zeros()
}

/// The bytes of levels and indices.
fn data_bytes(chunk: &ColumnChunkMetaData, dictionary: &DictionarySize) -> f64 {
    (chunk.uncompressed_size().max(0) as f64 - dictionary.bytes as f64).max(0.0)
}

/// Whether all data pages are stated to contain dictionary indices.
fn has_only_indices(chunk: &ColumnChunkMetaData) -> bool {
    let indices = [PageEncoding::RLE_DICTIONARY, PageEncoding::PLAIN_DICTIONARY];
    chunk
        .page_encoding_stats_mask()
        .is_some_and(|mask| mask.encodings().all(|encoding| indices.contains(&encoding)))
}

/// Whether pages may be small for a reason other than repetition.
fn has_differences(chunk: &ColumnChunkMetaData) -> bool {
    let differences = [
        PageEncoding::DELTA_BINARY_PACKED,
        PageEncoding::DELTA_BYTE_ARRAY,
        PageEncoding::DELTA_LENGTH_BYTE_ARRAY,
    ];
    chunk.encodings().any(|encoding| differences.contains(&encoding))
}
