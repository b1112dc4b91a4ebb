//! The finished pages of a column chunk, and what its metadata says of them.

use super::super::bounds::boundary_order;
use super::super::column_chunk::PageBuffer;
use super::bounds::{Bounds, Stored, shortened};
use super::compress::{Codec, Shrinking};
use super::number_bounds::NumberOrder;
use super::statistics::statistics_of;
use crate::parquet_file::thrift::{Structure, WireType};
use parquet::basic::{ConvertedType, Encoding, LogicalType, PageType, Type as PhysicalType};
use parquet::bloom_filter::Sbbf;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{
    ColumnChunkMetaData, ColumnIndexBuilder, LevelHistogram, OffsetIndexBuilder, PageEncodingStats,
};
use parquet::file::properties::{EnabledStatistics, WriterPropertiesPtr};
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;

/// The pages of a column chunk of byte strings, numbers or booleans.
pub(crate) struct Pages {
    column: ColumnDescPtr,
    /// The order of numbers; `None` for byte strings, and for booleans, which are ordered as bytes.
    numbers: Option<NumberOrder>,
    properties: WriterPropertiesPtr,
    codec: Codec,
    shrinking: Shrinking,
    statistics: EnabledStatistics,
    buffer: PageBuffer,
    index: ColumnIndexBuilder,
    /// False after a page of values that are all NaN: the format has no index for it.
    has_index: bool,
    /// The min and max of the pages that have values: byte strings as they are stored, numbers in
    /// a form with their order.
    page_bounds: Vec<(Vec<u8>, Vec<u8>)>,
    offsets: OffsetIndexBuilder,
    bounds: Bounds,
    encodings: Vec<PageEncodingStats>,
    totals: Totals,
}

#[derive(Debug, Default)]
struct Totals {
    rows: usize,
    nulls: usize,
    nans: usize,
    value_bytes: usize,
    /// With the headers of pages, but without their checksums.
    stored: usize,
    /// The same before compression.
    uncompressed: usize,
}

/// A data page, before it is compressed.
pub(crate) struct DataPage<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) encoding: Encoding,
    pub(crate) rows: usize,
    pub(crate) nulls: usize,
    pub(crate) nans: usize,
    /// The bytes of byte strings, without their lengths.
    pub(crate) value_bytes: usize,
    /// The min and max, numbers as [`NumberOrder::to_bytes`], unless all rows are null or NaN, or
    /// there are no statistics.
    pub(crate) bounds: Option<(&'a [u8], &'a [u8])>,
}

impl Pages {
    pub(crate) fn new(
        column: ColumnDescPtr,
        properties: WriterPropertiesPtr,
        codec: Codec,
        buffer: PageBuffer,
    ) -> Self {
        Self {
            statistics: properties.statistics_enabled(column.path()),
            index: ColumnIndexBuilder::new(column.physical_type()),
            numbers: NumberOrder::of(&column),
            has_index: true,
            column,
            properties,
            codec,
            shrinking: Shrinking::default(),
            buffer,
            page_bounds: Vec::new(),
            offsets: OffsetIndexBuilder::new(),
            bounds: Bounds::default(),
            encodings: Vec::new(),
            totals: Totals::default(),
        }
    }

    /// Whether min and max are stored.
    pub(crate) fn has_bounds(&self) -> bool {
        self.statistics != EnabledStatistics::None
    }

    /// The bytes of the finished pages.
    pub(crate) fn stored_bytes(&self) -> usize {
        self.totals.stored
    }

    /// Adds a data page.
    ///
    /// # Errors
    /// A page of more than 2 GiB; out of memory.
    pub(crate) fn add(&mut self, page: &DataPage<'_>) -> Result<()> {
        let mut own = Structure::default();
        own.set_integer(1, WireType::I32, page.rows as i64);
        own.set_integer(2, WireType::I32, i64::from(page.encoding as i32));
        own.set_integer(3, WireType::I32, i64::from(Encoding::RLE as i32));
        own.set_integer(4, WireType::I32, i64::from(Encoding::RLE as i32));
        let stored = self.put(PageType::DATA_PAGE, page.body, (5, own))?;
        self.count(PageType::DATA_PAGE, page.encoding);
        let Totals { rows, nulls, nans, value_bytes, .. } = &mut self.totals;
        *rows += page.rows;
        *nulls += page.nulls;
        *nans += page.nans;
        *value_bytes += page.value_bytes;
        self.offsets.append_row_count(page.rows as i64);
        self.offsets.append_offset_and_size(0, i32::try_from(stored)?);
        let value_bytes = self.has_byte_strings().then_some(page.value_bytes as i64);
        self.offsets.append_unencoded_byte_array_data_bytes(value_bytes);
        page.bounds.into_iter().for_each(|bounds| self.bounds.add(bounds));
        if self.statistics == EnabledStatistics::Page {
            self.add_to_index(page);
        }
        Ok(())
    }

    fn add_to_index(&mut self, page: &DataPage<'_>) {
        let (min, max) = match page.bounds {
            Some(bounds) => {
                let most = self.properties.column_index_truncate_length();
                let Stored { min: (min, _), max: (max, _) } = self.stored(bounds, most);
                self.page_bounds.push(match self.numbers {
                    None => (min.clone(), max.clone()),
                    Some(_) => (bounds.0.to_vec(), bounds.1.to_vec()),
                });
                (min, max)
            }
            None => (Vec::new(), Vec::new()),
        };
        let is_null = page.nulls == page.rows;
        self.has_index &= is_null || page.bounds.is_some();
        let nans = self.has_nans().then_some(page.nans as i64);
        self.index.append(is_null, min, max, page.nulls as i64, nans);
        self.index.append_histograms(&None, &self.levels(page.rows, page.nulls));
    }

    /// Adds the dictionary page.
    ///
    /// # Errors
    /// The same as [`Pages::add`].
    pub(crate) fn add_dictionary(&mut self, page: &[u8], values: usize) -> Result<()> {
        let mut own = Structure::default();
        own.set_integer(1, WireType::I32, values as i64);
        own.set_integer(2, WireType::I32, i64::from(Encoding::PLAIN as i32));
        own.set(3, WireType::FALSE, Vec::new());
        self.put(PageType::DICTIONARY_PAGE, page, (7, own))?;
        // Readers expect it first, as it is stored.
        self.encodings.insert(0, page_encoding(PageType::DICTIONARY_PAGE, Encoding::PLAIN));
        Ok(())
    }

    /// Compresses and stores a page. Returns its length.
    fn put(&mut self, kind: PageType, body: &[u8], own: (i64, Structure<'_>)) -> Result<usize> {
        let too_long = |_| ParquetError::General(format!("a page of {} bytes", body.len()));
        i32::try_from(body.len()).map_err(too_long)?;
        let mut header = Structure::default();
        header.set_integer(1, WireType::I32, i64::from(kind as i32));
        header.set_integer(2, WireType::I32, body.len() as i64);
        header.set(own.0, WireType::STRUCT, own.1.to_bytes());
        // The dictionary says nothing about data pages.
        let (mut of_dictionary, of_data) = (Shrinking::default(), &mut self.shrinking);
        let shrinking = if kind == PageType::DATA_PAGE { of_data } else { &mut of_dictionary };
        let (header_bytes, stored) = self.codec.compressed(body, shrinking, |compressed| {
            i32::try_from(compressed.len()).map_err(too_long)?;
            header.set_integer(3, WireType::I32, compressed.len() as i64);
            let header = header.to_bytes();
            self.buffer.put_page(&header, compressed)?;
            Ok((header.len(), compressed.len()))
        })?;
        self.totals.stored += header_bytes + stored;
        self.totals.uncompressed += header_bytes + body.len();
        Ok(header_bytes + stored)
    }

    fn count(&mut self, page_type: PageType, encoding: Encoding) {
        match self.encodings.last_mut() {
            Some(last) if last.page_type == page_type && last.encoding == encoding => {
                last.count += 1;
            }
            _ => self.encodings.push(page_encoding(page_type, encoding)),
        }
    }

    /// Ends the chunk.
    ///
    /// # Errors
    /// None in practice.
    pub(crate) fn close(mut self, bloom_filter: Option<Sbbf>) -> Result<ColumnCloseResult> {
        self.index.set_boundary_order(boundary_order(&self.page_bounds));
        let Totals { rows, nulls, value_bytes, stored, uncompressed, .. } = self.totals;
        let encodings = self.encodings.iter().map(|page| page.encoding).chain([Encoding::RLE]);
        let mut builder = ColumnChunkMetaData::builder(self.column.clone())
            .set_compression(self.properties.compression(self.column.path()))
            .set_encodings(encodings.collect())
            .set_page_encoding_stats(self.encodings.clone())
            .set_total_compressed_size(stored as i64)
            .set_total_uncompressed_size(uncompressed as i64)
            .set_num_values(rows as i64);
        if self.has_bounds() {
            builder = builder
                .set_statistics(self.chunk_statistics())
                .set_unencoded_byte_array_data_bytes(
                    self.has_byte_strings().then_some(value_bytes as i64),
                )
                .set_definition_level_histogram(self.levels(rows, nulls));
        }
        let has_index = self.statistics == EnabledStatistics::Page && self.has_index;
        Ok(ColumnCloseResult {
            bytes_written: stored as u64,
            rows_written: rows as u64,
            metadata: builder.build()?,
            bloom_filter,
            column_index: has_index.then(|| self.index.build()).transpose()?,
            offset_index: Some(self.offsets.build()),
        })
    }

    /// A min and max as they are stored.
    fn stored(&self, bounds: (&[u8], &[u8]), most: Option<usize>) -> Stored {
        match self.numbers {
            None => shortened(bounds, most, self.is_text()),
            Some(order) => {
                let [min, max] = [bounds.0, bounds.1].map(|bound| (order.stored(bound), true));
                Stored { min, max }
            }
        }
    }

    fn chunk_statistics(&self) -> Statistics {
        let most = self.properties.statistics_truncate_length();
        let stored = self.bounds.get().map(|bounds| self.stored(bounds, most));
        statistics_of(&self.column, stored, self.totals.nulls, self.totals.nans)
    }

    /// The number of rows by definition level, for a column that may be null.
    fn levels(&self, rows: usize, nulls: usize) -> Option<LevelHistogram> {
        let levels = LevelHistogram::try_new(self.column.max_def_level());
        levels.map(|mut levels| {
            levels.increment_by(0, nulls as i64);
            levels.increment_by(1, (rows - nulls) as i64);
            levels
        })
    }

    fn has_nans(&self) -> bool {
        self.numbers.is_some_and(NumberOrder::is_of_floats)
    }

    fn has_byte_strings(&self) -> bool {
        self.column.physical_type() == PhysicalType::BYTE_ARRAY
    }

    fn is_text(&self) -> bool {
        let logical_type = self.column.logical_type_ref();
        matches!(logical_type, Some(LogicalType::String | LogicalType::Json | LogicalType::Enum))
            || self.column.converted_type() == ConvertedType::UTF8
    }
}

fn page_encoding(page_type: PageType, encoding: Encoding) -> PageEncodingStats {
    PageEncodingStats { page_type, encoding, count: 1 }
}
