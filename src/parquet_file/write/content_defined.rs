//! A column with content-defined pages. Only the crate's writer of whole files has a chunker for
//! them, so each column of a row group has such a writer; its output is discarded and its pages are
//! captured.

use super::column_chunk::PageBuffer;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::{CdcOptions, WriterProperties};
use parquet::schema::types::{SchemaDescriptor, TypePtr};
use std::io;
use std::sync::Arc;

/// The writer of one column of a row group.
pub(crate) struct ContentDefined {
    writer: ArrowWriter<io::Sink>,
    schema: SchemaRef,
}

/// A limit on rows that is never reached: a page has at most 2^31 values.
const MOST_ROWS: usize = 1 << 30;

/// The settings with content-defined pages: at most `page_bytes` before encoding, and at least a
/// quarter of that.
pub(crate) fn content_defined(
    properties: &WriterProperties,
    page_bytes: usize,
) -> WriterProperties {
    let options = CdcOptions {
        min_chunk_size: (page_bytes / 4).max(1),
        max_chunk_size: page_bytes.max(2),
        ..CdcOptions::default()
    };
    let builder = properties.clone().into_builder();
    builder
        .set_content_defined_chunking(Some(options))
        // A page that ends for another reason would depend on how rows are split into batches.
        .set_data_page_size_limit(page_bytes.saturating_mul(4))
        .set_data_page_row_count_limit(MOST_ROWS)
        // The caller ends row groups, for all columns at once.
        .set_max_row_group_row_count(None)
        .set_max_row_group_bytes(None)
        .build()
}

impl ContentDefined {
    /// A writer for a field with one leaf column; `root` is its schema in the file.
    ///
    /// # Errors
    /// None in practice.
    pub(crate) fn try_new(
        field: &FieldRef,
        root: TypePtr,
        properties: WriterProperties,
        pages: &PageBuffer,
    ) -> Result<Self> {
        let schema = Arc::new(Schema::new(vec![field.clone()]));
        let options = ArrowWriterOptions::new()
            .with_properties(properties)
            .with_skip_arrow_metadata(true)
            .with_parquet_schema(SchemaDescriptor::new(root))
            .with_page_store_factory(Arc::new(pages.clone()));
        let writer = ArrowWriter::try_new_with_options(io::sink(), schema.clone(), options)?;
        Ok(Self { writer, schema })
    }

    /// Adds rows.
    pub(crate) fn write(&mut self, array: &ArrayRef) -> Result<()> {
        self.writer.write(&RecordBatch::try_new(self.schema.clone(), vec![array.clone()])?)
    }

    /// The approximate stored size of the column so far.
    pub(crate) fn stored_bytes(&self) -> usize {
        self.writer.in_progress_size()
    }

    /// Ends the row group.
    pub(crate) fn close(mut self) -> Result<ColumnCloseResult> {
        let file = self.writer.finish()?;
        let missing = || ParquetError::General("a row group without rows".to_owned());
        let row_group = file.row_groups().first().ok_or_else(missing)?;
        let metadata = row_group.columns().first().ok_or_else(missing)?.clone();
        let index = file.page_index_for_row_group(0);
        Ok(ColumnCloseResult {
            bytes_written: metadata.compressed_size().unsigned_abs(),
            rows_written: row_group.num_rows().unsigned_abs(),
            metadata,
            bloom_filter: None,
            column_index: index.column_index(0).cloned(),
            offset_index: index.offset_index(0).cloned(),
        })
    }
}
