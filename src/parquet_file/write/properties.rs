//! The crate's writer properties for a schema, from the options.

use super::choose_encoding::Advice;
use super::encodings::{below, encodings};
use super::options::{EncodeOptions, PAGE_ROWS};
use crate::error::{Error, Result};
use crate::schema::OrderColumn;
use crate::text::escaped;
use parquet::basic::Type as PhysicalType;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{BloomFilterPosition, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::SchemaDescriptor;

/// The writer's settings for a schema; `advice` is for the top-level columns, and `sorted_by` is
/// the declared order.
///
/// # Errors
/// Row groups or pages of size 0; an encoding, dictionary or bloom filter for a column that does
/// not exist or does not support it; a codec that the target cannot read.
pub(crate) fn properties(
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
        .set_statistics_enabled(options.statistics)
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
pub(crate) fn sorting_columns(
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
