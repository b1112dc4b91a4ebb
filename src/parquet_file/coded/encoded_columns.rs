//! Which columns come out as dictionaries or runs, decided by footers before anything is decoded,
//! so that the schema stands before the first batch.

use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use parquet::basic::Encoding as PageEncoding;
use parquet::file::metadata::ColumnChunkMetaData;
use std::sync::Arc;

use super::dictionary_page::{DictionarySize, dictionary_size};
use super::output::Shape;
use super::page_values::FlatColumn;
use crate::error::{Error, Result};
use crate::parquet_file::file::{ParquetFile, rows};
use crate::schema::{Encoding, Kept, Projection, encoded_field, find_columns};
use crate::text::escaped;

/// Columns that are to be encoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum EncodedColumns {
    /// None of them.
    #[default]
    None,
    /// Those for which it saves at least half of the bytes.
    Auto,
    /// Those named so among the columns that come out.
    Named(Vec<String>),
}

/// What was decided.
pub(in crate::parquet_file) struct Encodings {
    /// The schema with the marked columns.
    pub(in crate::parquet_file) schema: SchemaRef,
    /// For each column that is kept, in the order of the file.
    pub(in crate::parquet_file) shapes: Vec<Shape>,
}

/// Decides for each column that comes out.
///
/// # Errors
/// A named column that is not there, that has parts, or is encoded already.
pub(in crate::parquet_file) fn encodings(
    files: &[ParquetFile],
    projection: &Projection,
    dictionary: &EncodedColumns,
    runs: &EncodedColumns,
) -> Result<Encodings> {
    let schema = projection.schema();
    let mut shapes = vec![Shape::Plain; projection.kept().len()];
    if *dictionary == EncodedColumns::None && *runs == EncodedColumns::None {
        return Ok(Encodings { schema: schema.clone(), shapes });
    }
    let named_runs = named(schema, runs, "--runs")?;
    let named_dictionary = named(schema, dictionary, "--dictionary")?;
    if let Some(both) = named_runs.iter().find(|place| named_dictionary.contains(place)) {
        let name = escaped(schema.field(*both).name());
        let why = format!("column \"{name}\" cannot be both: it stands in --runs and --dictionary");
        return Err(Error::usage(why));
    }
    let columns: Vec<usize> = projection.kept().keys().copied().collect();
    let mut fields: Vec<FieldRef> = schema.fields().to_vec();
    for (place, field) in fields.iter_mut().enumerate() {
        let kept = projection.order().map_or(place, |order| order[place]);
        let column = columns[kept];
        let is_whole = projection.kept().get(&column) == Some(&Kept::Whole);
        let chunks = Chunks::of(files, column, field);
        let shape = if named_runs.contains(&place) {
            Shape::Runs
        } else if named_dictionary.contains(&place) {
            Shape::Dictionary(chunks.key_type())
        } else if !is_whole || !can_be_encoded(field) {
            Shape::Plain
        } else if *runs == EncodedColumns::Auto && chunks.runs_pay() {
            Shape::Runs
        } else if *dictionary == EncodedColumns::Auto && chunks.dictionary_pays() {
            Shape::Dictionary(chunks.key_type())
        } else {
            Shape::Plain
        };
        let encoding = match &shape {
            Shape::Plain => continue,
            Shape::Runs => Encoding::Runs,
            Shape::Dictionary(key) => Encoding::Dictionary(key.clone()),
        };
        *field = Arc::new(encoded_field(field, &encoding));
        shapes[kept] = shape;
    }
    let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    Ok(Encodings { schema, shapes })
}

/// The places of named columns.
fn named(schema: &Schema, columns: &EncodedColumns, option: &str) -> Result<Vec<usize>> {
    let EncodedColumns::Named(names) = columns else { return Ok(Vec::new()) };
    let places = find_columns(schema, names).map_err(|error| error.with(option))?;
    for field in places.iter().map(|place| schema.field(*place)) {
        if !can_be_encoded(field) {
            let (name, data_type) = (escaped(field.name()), field.data_type());
            let what = field.extension_type_name().map_or_else(
                || data_type.to_string(),
                |extension| format!("{data_type} as {}", escaped(extension)),
            );
            return Err(Error::usage(format!(
                "{option}: column \"{name}\" is {what}: only columns without parts that are not \
                 encoded already can be"
            )));
        }
    }
    Ok(places)
}

/// What knows an extension type knows its storage: another one would be refused by readers.
fn can_be_encoded(field: &Field) -> bool {
    let is_encoded =
        matches!(field.data_type(), DataType::Dictionary(..) | DataType::RunEndEncoded(..));
    let is_null = *field.data_type() == DataType::Null;
    !field.data_type().is_nested()
        && !is_encoded
        && !is_null
        && field.extension_type_name().is_none()
}

/// A column's chunks in all files.
struct Chunks<'a> {
    chunks: Vec<(&'a ColumnChunkMetaData, u64, Option<DictionarySize>)>,
    /// The bytes of a value, or of what stands for it beside its text.
    width: f64,
}

impl<'a> Chunks<'a> {
    fn of(files: &'a [ParquetFile], column: usize, field: &Field) -> Self {
        let mut chunks = Vec::new();
        for file in files {
            let Some(flat) = FlatColumn::of(file, column) else { continue };
            let bytes = file.mapping().bytes();
            for row_group in file.parquet().row_groups() {
                let chunk = row_group.column(flat.leaf);
                chunks.push((chunk, rows(row_group), dictionary_size(&bytes, chunk)));
            }
        }
        let width = match field.data_type() {
            DataType::Boolean => 0.125,
            DataType::Utf8View | DataType::BinaryView => 16.0,
            DataType::FixedSizeBinary(width) => f64::from(*width),
            other => other.primitive_width().unwrap_or(4) as f64,
        };
        Self { chunks, width }
    }

    /// The narrowest type that numbers the values of each dictionary; of chunks that may go on
    /// without a dictionary, int32.
    fn key_type(&self) -> DataType {
        let mut most = 0;
        for (chunk, rows, dictionary) in &self.chunks {
            match dictionary {
                Some(dictionary) if has_only_indices(chunk) => most = most.max(dictionary.values),
                _ => most = most.max(*rows),
            }
        }
        match most {
            0..=0x80 => DataType::Int8,
            0x81..=0x8000 => DataType::Int16,
            _ => DataType::Int32,
        }
    }

    /// Whether runs take less than half of what plain values take, even if every index that is not
    /// written as a run differs from the one before.
    fn runs_pay(&self) -> bool {
        let (mut plain, mut encoded) = (0.0, 0.0);
        for (chunk, rows, dictionary) in &self.chunks {
            let rows = *rows as f64;
            let runs = match dictionary {
                Some(dictionary) if !has_differences(chunk) => {
                    let bits = index_bits(dictionary);
                    // A run takes two bytes and more, a packed index its bits.
                    let runs_per_byte =
                        if bits == 0 { 0.5 } else { (8.0 / f64::from(bits)).max(0.5) };
                    (data_bytes(chunk, dictionary) * runs_per_byte).min(rows)
                }
                _ => rows,
            };
            let width = self.value_bytes(chunk, dictionary.as_ref());
            plain += rows * width;
            encoded += runs * (4.0 + width);
        }
        2.0 * encoded <= plain
    }

    /// Whether keys take less than half of what plain values take.
    fn dictionary_pays(&self) -> bool {
        let key_bytes = self.key_type().primitive_width().unwrap_or(4) as f64;
        let (mut plain, mut encoded) = (0.0, 0.0);
        for (chunk, rows, dictionary) in &self.chunks {
            let rows = *rows as f64;
            let Some(dictionary) = dictionary.as_ref().filter(|_| has_only_indices(chunk)) else {
                return false;
            };
            plain += rows * self.value_bytes(chunk, Some(dictionary));
            encoded += rows * key_bytes + dictionary.bytes as f64;
        }
        2.0 * encoded <= plain
    }

    /// The bytes of a value in memory, as far as they are known.
    fn value_bytes(&self, chunk: &ColumnChunkMetaData, dictionary: Option<&DictionarySize>) -> f64 {
        let text = match (chunk.unencoded_byte_array_data_bytes(), dictionary) {
            (Some(bytes), _) => bytes.max(0) as f64 / chunk.num_values().max(1) as f64,
            (None, Some(dictionary)) if is_text(chunk) => {
                // Each has its length before it.
                (dictionary.bytes as f64 / dictionary.values.max(1) as f64 - 4.0).max(0.0)
            }
            _ => 0.0,
        };
        self.width + text
    }
}

fn is_text(chunk: &ColumnChunkMetaData) -> bool {
    chunk.column_type() == parquet::basic::Type::BYTE_ARRAY
}

/// The width of indices at the end of the chunk, when the dictionary is complete.
fn index_bits(dictionary: &DictionarySize) -> u32 {
    u64::BITS - dictionary.values.saturating_sub(1).leading_zeros()
}

/// What levels and indices take.
fn data_bytes(chunk: &ColumnChunkMetaData, dictionary: &DictionarySize) -> f64 {
    (chunk.uncompressed_size().max(0) as f64 - dictionary.bytes as f64).max(0.0)
}

/// Whether all data pages are said to hold indices of the dictionary.
fn has_only_indices(chunk: &ColumnChunkMetaData) -> bool {
    let indices = [PageEncoding::RLE_DICTIONARY, PageEncoding::PLAIN_DICTIONARY];
    chunk
        .page_encoding_stats_mask()
        .is_some_and(|mask| mask.encodings().all(|encoding| indices.contains(&encoding)))
}

/// Whether pages may be small for another reason than repetition.
fn has_differences(chunk: &ColumnChunkMetaData) -> bool {
    let differences = [
        PageEncoding::DELTA_BINARY_PACKED,
        PageEncoding::DELTA_BYTE_ARRAY,
        PageEncoding::DELTA_LENGTH_BYTE_ARRAY,
    ];
    chunk.encodings().any(|encoding| differences.contains(&encoding))
}
