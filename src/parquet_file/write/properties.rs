//! Options for writing a Parquet file (codec, statistics, dictionaries), and the reasons for their
//! defaults.

use parquet::basic::{
    BrotliLevel, Compression as Codec, GzipLevel, Type as PhysicalType, ZstdLevel,
};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{
    BloomFilterPosition, EnabledStatistics, WriterProperties, WriterPropertiesBuilder,
};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

use super::advice::Advice;
use super::encodings::{ColumnEncoding, encodings};
use super::target::Target;
use crate::error::{Error, Result};
use crate::schema::{Order, OrderColumn};
use crate::text::{did_you_mean, escaped, similar};

/// Options for writing a Parquet file.
#[derive(Debug, Clone, PartialEq)]
pub struct EncodeOptions {
    /// The compression codec of all columns.
    pub compression: Compression,
    /// The number of rows at which a row group ends.
    pub row_group_rows: usize,
    /// The approximate stored size in bytes at which a row group ends, if that comes first.
    pub row_group_bytes: Option<usize>,
    /// The level of detail of statistics.
    pub statistics: Statistics,
    /// Whether pages get checksums.
    pub checksums: bool,
    /// The columns that are dictionary-encoded.
    pub dictionary: DictionaryColumns,
    /// The encodings of columns with these names, or below them (`a.b`).
    pub encodings: Vec<(String, ColumnEncoding)>,
    /// The program that will read the file; it determines encodings and time units.
    pub target: Option<Target>,
    /// The approximate size in bytes, before compression, at which a data page ends.
    pub data_page_bytes: usize,
    /// Whether data pages are content-defined, so that files with equal rows share pages.
    pub content_defined: bool,
    /// The largest dictionary in bytes; a column abandons a dictionary that grows beyond it.
    pub dictionary_page_bytes: usize,
    /// The columns that get a bloom filter: those with these names, or below them (`a.b`).
    pub bloom: Vec<String>,
    /// The order that the rows must have, which each row group declares.
    pub sorted_by: Option<Order>,
    /// The number of encoding threads, including the caller's. It does not affect the file.
    pub threads: usize,
    /// The key-value pairs of the schema to keep.
    pub keep_metadata: KeepMetadata,
    /// Key-value pairs for the footer; they replace pairs of the schema with the same key.
    pub metadata: Vec<(String, String)>,
    /// Whether fields without a field id get one.
    pub assign_field_ids: bool,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self {
            compression: Compression::default(),
            // pyarrow, arrow-rs and Spark's vectorized readers work well with this size.
            row_group_rows: 1 << 20,
            row_group_bytes: None,
            statistics: Statistics::Page,
            checksums: true,
            dictionary: DictionaryColumns::All,
            encodings: Vec::new(),
            target: None,
            data_page_bytes: PAGE_BYTES,
            content_defined: false,
            dictionary_page_bytes: DICTIONARY_BYTES,
            bloom: Vec::new(),
            sorted_by: None,
            threads: 1,
            keep_metadata: KeepMetadata::All,
            metadata: Vec::new(),
            assign_field_ids: false,
        }
    }
}

/// The codec of a file, and its level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Compression(Codec);

impl Default for Compression {
    /// zstd, level 1: smaller than snappy in every measurement, and hardly slower.
    fn default() -> Self {
        Self(Codec::ZSTD(ZstdLevel::try_new(1).unwrap_or_default()))
    }
}

impl Compression {
    /// snappy, which all readers support.
    pub(super) const SNAPPY: Self = Self(Codec::SNAPPY);

    pub(super) fn codec(self) -> Codec {
        self.0
    }

    /// Parses `none`, `snappy`, `lz4`, `zstd[:1..22]`, `gzip[:0..9]` or `brotli[:0..11]`.
    ///
    /// # Errors
    /// An unknown codec; a level that is out of range; a level for a codec without levels (usage
    /// errors).
    pub fn parse(text: &str) -> Result<Self> {
        let (name, level) = match text.split_once(':') {
            Some((name, level)) => (name, Some(level)),
            None => (text, None),
        };
        let level = |default: u32, least: u32, most: u32| match level {
            None => Ok(default),
            Some(level) => {
                level.parse().ok().filter(|level| (least..=most).contains(level)).ok_or_else(|| {
                    Error::usage(format!(
                        "\"{}\": levels of {name} are {least} to {most}",
                        escaped(text)
                    ))
                })
            }
        };
        let none = |codec| match text.split_once(':') {
            None => Ok(codec),
            Some(_) => Err(Error::usage(format!("\"{}\": {name} has no levels", escaped(text)))),
        };
        let codec = match name {
            "none" => none(Codec::UNCOMPRESSED)?,
            "snappy" => none(Codec::SNAPPY)?,
            // The format's LZ4 codec exists with two framings; LZ4_RAW has only one.
            "lz4" => none(Codec::LZ4_RAW)?,
            "zstd" => {
                let level = level(1, 1, 22)?.cast_signed();
                Codec::ZSTD(ZstdLevel::try_new(level).unwrap_or_default())
            }
            "gzip" => Codec::GZIP(GzipLevel::try_new(level(6, 0, 9)?).unwrap_or_default()),
            "brotli" => Codec::BROTLI(BrotliLevel::try_new(level(1, 0, 11)?).unwrap_or_default()),
            _ => {
                return Err(Error::usage(format!(
                    "no codec \"{}\" (none, snappy, zstd, lz4, gzip, brotli)",
                    escaped(name)
                )));
            }
        };
        Ok(Self(codec))
    }
}

/// The level of detail of statistics, with which readers skip data that cannot match.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Statistics {
    /// None.
    None,
    /// Min and max of each column chunk.
    Chunk,
    /// Min and max of each page too.
    #[default]
    Page,
}

/// The columns that are dictionary-encoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DictionaryColumns {
    /// All columns; a column abandons its dictionary if its values do not repeat.
    #[default]
    All,
    /// None.
    None,
    /// Columns with these names, or below them (`a.b`).
    Named(Vec<String>),
}

/// The key-value pairs of a stream's schema that a file keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum KeepMetadata {
    /// All.
    #[default]
    All,
    /// None.
    None,
    /// The pairs with these keys.
    Keys(Vec<String>),
}

/// A page ends at about this many bytes, or at `PAGE_ROWS`, whichever comes first.
///
/// Rows: readers skip whole pages, so small pages prune better, but each costs a header and an
/// entry in the page index. The main job's million rows (three Int64 columns, zstd:1) take 34,899
/// bytes at 20,000 rows, 16,973 at 50,000, 10,927 at 100,000; pyarrow's take 37,267.
///
/// Bytes: each thread holds several copies of a page while compressing it, so nine mixed columns
/// take 6 MiB less memory than with pages of 1 MiB. Twenty million rows are 735.66 MB instead of
/// 735.60, and are read as fast: by pyarrow in 0.73 s (0.73), DuckDB 0.84 (0.84),
/// `parquet-to-stream` 0.59 (0.60), medians of five alternating runs.
const PAGE_BYTES: usize = 512 << 10;
const PAGE_ROWS: usize = 50_000;

/// The largest dictionary: the limit that other writers have and readers expect.
const DICTIONARY_BYTES: usize = 1 << 20;

/// The writer's settings for a schema; `advice` is for the top-level columns, and `sorted_by` is
/// the declared order.
///
/// # Errors
/// Row groups or pages of size 0; an encoding, dictionary or bloom filter for a column that does
/// not exist or does not support it; a codec that the target cannot read.
pub(super) fn properties(
    options: &EncodeOptions,
    schema: &SchemaDescriptor,
    metadata: Vec<KeyValue>,
    advice: &[Advice],
    sorted_by: &[SortingColumn],
) -> Result<WriterProperties> {
    // The setters panic on 0.
    if options.row_group_rows == 0 || options.row_group_bytes == Some(0) {
        return Err(Error::usage("row groups of size 0 would never end; give at least 1"));
    }
    if options.data_page_bytes == 0 || options.dictionary_page_bytes == 0 {
        return Err(Error::usage("pages of size 0 would hold nothing; give at least 1"));
    }
    if options.content_defined && !options.bloom.is_empty() {
        return Err(Error::usage("--content-defined cannot be combined with --bloom"));
    }
    if let Some(target) = options.target {
        target.check_compression(options.compression)?;
    }
    let builder = WriterProperties::builder()
        .set_created_by(concat!("arrow-pipes version ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(options.compression.0)
        .set_max_row_group_row_count(Some(options.row_group_rows))
        .set_max_row_group_bytes(options.row_group_bytes)
        .set_statistics_enabled(match options.statistics {
            Statistics::None => EnabledStatistics::None,
            Statistics::Chunk => EnabledStatistics::Chunk,
            Statistics::Page => EnabledStatistics::Page,
        })
        .set_data_page_size_limit(options.data_page_bytes)
        .set_dictionary_page_size_limit(options.dictionary_page_bytes)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_sorting_columns((!sorted_by.is_empty()).then(|| sorted_by.to_vec()))
        .set_key_value_metadata(Some(metadata));
    let builder = bloom_filters(builder, &options.bloom, schema)?;
    let builder = encodings(builder, options, schema, advice)?;
    Ok(builder.build())
}

/// The order as row groups declare it: by the numbers of the format's leaf columns.
///
/// # Errors
/// A column that is not a single leaf column: the format cannot declare an order of structs or
/// lists (a usage error).
pub(super) fn sorting_columns(
    order: &[OrderColumn],
    schema: &SchemaDescriptor,
) -> Result<Vec<SortingColumn>> {
    let sorting_column = |column: &OrderColumn| {
        let leaf = (0..schema.num_columns()).find(|leaf| {
            column.path[..] == [schema.get_column_root_idx(*leaf)]
                && schema.column(*leaf).path().parts().len() == 1
        });
        let Some(leaf) = leaf.and_then(|leaf| i32::try_from(leaf).ok()) else {
            return Err(Error::usage(format!(
                "--sorted-by: Parquet cannot declare an order by \"{}\": it is nested, or inside a struct",
                escaped(&column.name)
            )));
        };
        let OrderColumn { descending, nulls_first, .. } = *column;
        Ok(SortingColumn { column_idx: leaf, descending, nulls_first })
    };
    order.iter().map(sorting_column).collect()
}

/// The false positive rate of bloom filters: a false positive causes a row group to be read in
/// vain. One in a hundred takes 1.2 to 2.4 bytes for each distinct value (sizes are powers of two),
/// and is also the choice of parquet-java, Spark and DuckDB.
const BLOOM_FALSE_POSITIVES: f64 = 0.01;

/// Adds bloom filters. They start out large enough for a row group in which no value repeats, and
/// are folded to the size that the distinct values need before they are written. They follow their
/// row group: if they were written at the end of the file, all of them would be held in memory.
fn bloom_filters(
    builder: WriterPropertiesBuilder,
    names: &[String],
    schema: &SchemaDescriptor,
) -> Result<WriterPropertiesBuilder> {
    let mut builder = builder.set_bloom_filter_position(BloomFilterPosition::AfterRowGroup);
    for name in names {
        for number in below(name, schema, "build a bloom filter for")? {
            let leaf = schema.column(number);
            let refuse = |why: &str| {
                let path = escaped(&leaf.path().string());
                Err(Error::usage(format!("cannot build a bloom filter for \"{path}\": {why}")))
            };
            match leaf.physical_type() {
                PhysicalType::BOOLEAN => return refuse("it holds only true and false"),
                PhysicalType::FLOAT | PhysicalType::DOUBLE => {
                    return refuse("0 and -0 are equal, but would be two entries");
                }
                _ => {}
            }
            let path = leaf.path().clone();
            builder = builder.set_column_bloom_filter_fpp(path, BLOOM_FALSE_POSITIVES);
        }
    }
    Ok(builder)
}

/// The numbers of the leaf columns with this name, or below it.
pub(super) fn below(name: &str, schema: &SchemaDescriptor, purpose: &str) -> Result<Vec<usize>> {
    let leaves = schema.columns().iter().enumerate();
    let below = leaves.filter(|(_, leaf)| is_below(leaf, name)).map(|(number, _)| number);
    let below: Vec<_> = below.collect();
    if below.is_empty() { Err(unknown(name, schema, purpose)) } else { Ok(below) }
}

fn is_below(leaf: &ColumnDescriptor, name: &str) -> bool {
    let path = leaf.path().string();
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn unknown(name: &str, schema: &SchemaDescriptor, purpose: &str) -> Error {
    let fields = schema.root_schema().get_fields();
    let near = similar(name, fields.iter().map(|field| field.name()));
    let hint = did_you_mean(near.first().map(|name| format!("\"{}\"", escaped(name))));
    Error::usage(format!("no column \"{}\" to {purpose}{hint}", escaped(name)))
}
