//! Columns of booleans that are not nested, encoded without the crate: it looks at each row several
//! times, but Arrow's bits are already those of the format.

use super::byte_column::{Codec, DataPage, Levels, Limits, Pages};
use super::column_chunk::PageBuffer;
use arrow::array::{Array, ArrayRef, AsArray, BooleanBufferBuilder};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::DataType;
use parquet::basic::Encoding;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterPropertiesPtr;
use parquet::schema::types::ColumnDescPtr;

/// The most rows that are added before the size of the page is checked.
const STEP: usize = 1 << 10;

/// A column of booleans that is being encoded.
pub(crate) struct BooleanColumn {
    pages: Pages,
    levels: Levels,
    /// The values of the page that are not null.
    values: BooleanBufferBuilder,
    /// How many of them are true.
    trues: usize,
    is_nullable: bool,
    limits: Limits,
    /// The encoded page, which is kept for the next one.
    body: Vec<u8>,
}

impl BooleanColumn {
    /// The encoder of a leaf column with values of this Arrow type; `None` if only the crate can
    /// encode it.
    pub(crate) fn try_new(
        column: &ColumnDescPtr,
        data_type: &DataType,
        properties: &WriterPropertiesPtr,
        buffer: &PageBuffer,
    ) -> Option<Self> {
        let path = column.path();
        let is_supported = *data_type == DataType::Boolean
            && properties.encoding(path).unwrap_or(Encoding::PLAIN) == Encoding::PLAIN;
        let codec = Codec::of_flat(column, properties).filter(|_| is_supported)?;
        Some(Self {
            pages: Pages::new(column.clone(), properties.clone(), codec, buffer.clone()),
            levels: Levels::default(),
            values: BooleanBufferBuilder::new(0),
            trues: 0,
            is_nullable: column.max_def_level() > 0,
            limits: Limits::of(properties, path),
            body: Vec::new(),
        })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// A null in a column that has none; another type.
    pub(crate) fn write(&mut self, array: &ArrayRef) -> Result<()> {
        let Some(array) = array.as_boolean_opt() else {
            let wrong = format!("{} is not stored as booleans", array.data_type());
            return Err(ParquetError::General(wrong));
        };
        let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
        if nulls.is_some() && !self.is_nullable {
            return Err(ParquetError::General("a column without nulls has a null".to_owned()));
        }
        let mut start = 0;
        while start < array.len() {
            let most = (self.limits.page_rows - self.levels.rows()).min(STEP);
            let rows = most.min(array.len() - start);
            let values = array.values().slice(start, rows);
            match nulls.map(|nulls| nulls.slice(start, rows)) {
                None => {
                    self.levels.add(rows, true);
                    self.add(&values);
                }
                Some(nulls) => {
                    self.levels.add_some(&nulls);
                    for (first, end) in nulls.valid_slices() {
                        self.add(&values.slice(first, end - first));
                    }
                }
            }
            start += rows;
            if self.limits.page_rows <= self.levels.rows()
                || self.limits.page_bytes <= self.values.as_slice().len()
            {
                self.end_page()?;
            }
        }
        Ok(())
    }

    fn add(&mut self, values: &BooleanBuffer) {
        self.values.append_buffer(values);
        self.trues += values.count_set_bits();
    }

    fn end_page(&mut self) -> Result<()> {
        let (rows, nulls) = (self.levels.rows(), self.levels.nulls());
        if rows == 0 {
            return Ok(());
        }
        self.body.clear();
        if self.is_nullable {
            self.levels.write(&mut self.body);
        }
        self.body.extend_from_slice(self.values.as_slice());
        let bounds = [self.trues == self.values.len(), self.trues > 0].map(|bound| [bound.into()]);
        let has_bounds = self.pages.has_bounds() && !self.values.is_empty();
        self.pages.add(&DataPage {
            body: &self.body,
            encoding: Encoding::PLAIN,
            rows,
            nulls,
            nans: 0,
            value_bytes: 0,
            bounds: has_bounds.then_some((&bounds[0], &bounds[1])),
        })?;
        self.levels.clear();
        self.values.truncate(0);
        self.trues = 0;
        Ok(())
    }

    /// The approximate stored size of the column so far.
    pub(crate) fn stored_bytes(&self) -> usize {
        self.pages.stored_bytes() + self.values.as_slice().len()
    }

    /// Ends the row group.
    ///
    /// # Errors
    /// A page that is too long; out of memory.
    pub(crate) fn close(mut self) -> Result<ColumnCloseResult> {
        self.end_page()?;
        self.pages.close(None)
    }
}

#[cfg(test)]
mod tests {
    use crate::parquet_file::write::encode::tests::{encode_as, try_encode_as};
    use crate::parquet_file::write::options::PAGE_ROWS;
    use crate::parquet_file::{Compression, EncodeOptions, Statistics};
    use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch};
    use arrow::compute::concat_batches;
    use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
    use bytes::Bytes;
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::basic::Compression as Codec;
    use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
    use parquet::file::properties::WriterProperties;
    use std::slice::from_ref;
    use std::sync::Arc;

    fn schema(nullable: bool) -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new("a", DataType::Boolean, nullable)]))
    }

    /// Rows with runs of some length; every `nulls`th row is null, and of 1 all are.
    fn batch(rows: usize, run: usize, nulls: usize) -> RecordBatch {
        let is_null = |row: usize| nulls > 0 && row.is_multiple_of(nulls);
        let value = |row: usize| (!is_null(row)).then_some((row / run).is_multiple_of(3));
        let column: ArrayRef = Arc::new((0..rows).map(value).collect::<BooleanArray>());
        // An array that does not begin with its bits.
        let column = if rows > 3 { column.slice(3, rows - 3) } else { column };
        RecordBatch::try_new(schema(nulls > 0), vec![column]).unwrap()
    }

    fn metadata(bytes: &Bytes) -> ParquetMetaData {
        let reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required);
        reader.parse_and_finish(bytes).unwrap()
    }

    #[test]
    fn values_are_read_back_and_described_as_by_the_crate() {
        for rows in [1, 3, 9, 1030, 50_000] {
            for (run, nulls) in [(1, 0), (1, 1), (1, 7), (40, 2), (5000, 3), (90_000, 0)] {
                let (case, batch) = (format!("{rows} {run} {nulls}"), batch(rows, run, nulls));
                let compression = Compression::parse("none").unwrap();
                let options =
                    EncodeOptions { compression, checksums: false, ..EncodeOptions::default() };
                let found = Bytes::from(encode_as(&batch.schema(), from_ref(&batch), &options));
                let reader = ParquetRecordBatchReaderBuilder::try_new(found.clone()).unwrap();
                let read: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
                let read = concat_batches(&batch.schema(), &read).unwrap();
                assert_eq!(read, batch, "{case}");
                let properties = WriterProperties::builder()
                    .set_compression(Codec::UNCOMPRESSED)
                    .set_data_page_row_count_limit(PAGE_ROWS);
                let mut expected = Vec::new();
                let (to, schema) = (&mut expected, batch.schema());
                let mut writer =
                    ArrowWriter::try_new(to, schema, Some(properties.build())).unwrap();
                writer.write(&batch).unwrap();
                writer.close().unwrap();
                let [found, expected] = [found, expected.into()].map(|bytes| metadata(&bytes));
                let chunk = |metadata: &ParquetMetaData| metadata.row_group(0).column(0).clone();
                let (found_chunk, expected_chunk) = (chunk(&found), chunk(&expected));
                assert_eq!(found_chunk.statistics(), expected_chunk.statistics(), "{case}");
                assert_eq!(found_chunk.num_values(), expected_chunk.num_values(), "{case}");
                assert_eq!(found_chunk.encodings_mask(), expected_chunk.encodings_mask(), "{case}");
                let size = [found_chunk.compressed_size(), expected_chunk.compressed_size()];
                assert_eq!(size[0], size[1], "{case}");
                let of_bytes = found_chunk.unencoded_byte_array_data_bytes();
                assert_eq!(of_bytes, expected_chunk.unencoded_byte_array_data_bytes(), "{case}");
                let index = |metadata: &ParquetMetaData| {
                    let index = metadata.page_index_for_row_group(0);
                    format!("{:?} {:?}", index.column_index(0), index.offset_index(0))
                };
                assert_eq!(index(&found), index(&expected), "{case}");
            }
        }
    }

    #[test]
    fn pages_and_row_groups_end_at_their_limits() {
        let options = EncodeOptions {
            data_page_bytes: 100,
            row_group_rows: 5000,
            ..EncodeOptions::default()
        };
        let batch = batch(12_345, 3, 5);
        let bytes = Bytes::from(encode_as(&batch.schema(), from_ref(&batch), &options));
        let metadata = metadata(&bytes);
        assert_eq!(metadata.num_row_groups(), 3);
        let index = metadata.page_index_for_row_group(0);
        assert_eq!(index.offset_index(0).unwrap().page_locations().len(), 5);
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap();
        let read: Vec<_> = reader.map(Result::unwrap).collect();
        assert_eq!(concat_batches(&batch.schema(), &read).unwrap(), batch);
    }

    #[test]
    fn statistics_are_left_out_as_requested() {
        let options = EncodeOptions { statistics: Statistics::None, ..EncodeOptions::default() };
        let bytes = Bytes::from(encode_as(&schema(true), &[batch(900, 2, 3)], &options));
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&bytes).unwrap();
        assert!(metadata.row_group(0).column(0).statistics().is_none());
    }

    #[test]
    fn a_null_in_a_column_without_nulls_is_an_error() {
        let error = try_encode_as(&schema(false), &[batch(9, 1, 2)], &EncodeOptions::default());
        assert!(error.unwrap_err().to_string().contains("null"));
    }
}
