//! The values of single pages, decoded by the `parquet` crate to the exact type of their column.
//!
//! Each page is handed to the crate as a column chunk with a single page. The crate thus handles
//! types, their conversions, and all encodings except dictionary indices.

use super::column_builder::failed;
use crate::parquet_file::columns::ColumnReader;
use crate::parquet_file::file::ParquetFile;
use crate::parquet_file::one_chunk::OneChunk;
use crate::parquet_file::thrift::write_varint;
use crate::schema::Kept;
use arrow::array::{ArrayRef, new_empty_array};
use arrow::datatypes::DataType;
use bytes::Bytes;
use parquet::arrow::FieldLevels;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowGroups};
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::Result;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A flat column: a leaf at the top of the schema.
#[derive(Debug, Clone)]
pub(crate) struct FlatColumn {
    metadata: Arc<ParquetMetaData>,
    levels: FieldLevels,
    pub(crate) leaf: usize,
    /// Whether there are definition levels, so that values may be null.
    pub(crate) is_optional: bool,
    pub(crate) data_type: DataType,
}

impl FlatColumn {
    /// The complete top-level column with this index, if it is such a column.
    pub(crate) fn whole(file: &ParquetFile, root: usize) -> Option<Self> {
        let reader = file.columns().reader(&BTreeMap::from([(root, Kept::Whole)])).ok()?;
        Self::of(file, root, &reader)
    }

    /// The column of a file, if it is a single leaf whose decoded values need no conversion.
    pub(crate) fn of(file: &ParquetFile, root: usize, reader: &ColumnReader) -> Option<Self> {
        let &[leaf] = &reader.leaves[..] else { return None };
        let described = file.parquet().file_metadata().schema_descr().column(leaf);
        if described.max_rep_level() != 0 || described.max_def_level() > 1 {
            return None;
        }
        let columns = file.columns();
        let data_type = file.schema().field(root).data_type().clone();
        let is_plain = !data_type.is_nested()
            && !matches!(data_type, DataType::Dictionary(..) | DataType::RunEndEncoded(..));
        if !is_plain || !columns.is_decoded_whole(root) || !columns.is_leaf(root) {
            return None;
        }
        let levels = reader.levels.clone();
        let is_optional = described.max_def_level() == 1;
        let metadata = file.parquet().clone();
        Some(Self { metadata, levels, leaf, is_optional, data_type })
    }

    /// The values of a dictionary page.
    ///
    /// # Errors
    /// A damaged page.
    pub(crate) fn dictionary(&self, bytes: &Bytes, values: u32) -> Result<ArrayRef> {
        if values == 0 {
            return Ok(new_empty_array(&self.data_type));
        }
        // No dictionary value takes less than a byte.
        let count = values as usize;
        if bytes.len() < count {
            let why = format!("damaged dictionary: {count} values in {} bytes", bytes.len());
            return Err(failed(why));
        }
        let levels = if self.is_optional { all_defined(values) } else { Vec::new() };
        let page = Page::DataPageV2 {
            buf: [&levels, bytes.as_ref()].concat().into(),
            num_values: values,
            encoding: Encoding::PLAIN,
            num_nulls: 0,
            num_rows: values,
            def_levels_byte_len: levels.len() as u32,
            rep_levels_byte_len: 0,
            is_compressed: false,
            statistics: None,
        };
        let array = self.values(page, count)?.next(count)?;
        let missing = || failed("damaged dictionary: values are missing");
        array.filter(|array| array.len() == count).ok_or_else(missing)
    }

    /// The values of a data page, a batch at a time.
    ///
    /// # Errors
    /// An unsupported encoding.
    pub(crate) fn values(&self, page: Page, batch_rows: usize) -> Result<PageValues> {
        let chunk = OnePage { metadata: self.metadata.clone(), rows: page.num_values(), page };
        let reader = ParquetRecordBatchReader::try_new_with_row_groups(
            &self.levels,
            &chunk,
            batch_rows,
            None,
        )?;
        Ok(PageValues { reader, data_type: self.data_type.clone(), waiting: None })
    }
}

/// The values of one data page.
pub(crate) struct PageValues {
    reader: ParquetRecordBatchReader,
    data_type: DataType,
    waiting: Option<ArrayRef>,
}

impl PageValues {
    /// The next values, at most `most`; `None` at the end of the page.
    ///
    /// # Errors
    /// Damaged values.
    pub(crate) fn next(&mut self, most: usize) -> Result<Option<ArrayRef>> {
        let array = match self.waiting.take() {
            Some(array) => array,
            None => {
                let Some(batch) = self.reader.next().transpose()? else { return Ok(None) };
                let column = batch.columns().first().filter(|c| *c.data_type() == self.data_type);
                let differs = || failed("a page was decoded to a different type");
                column.cloned().ok_or_else(differs)?
            }
        };
        let count = array.len().min(most);
        if count < array.len() {
            self.waiting = Some(array.slice(count, array.len() - count));
        }
        Ok(Some(array.slice(0, count)))
    }
}

/// The definition levels of values that are all present: a run of ones.
fn all_defined(values: u32) -> Vec<u8> {
    let mut levels = Vec::with_capacity(6);
    write_varint(&mut levels, u64::from(values) << 1);
    levels.push(1);
    levels
}

/// A row group in which every column has one page.
struct OnePage {
    metadata: Arc<ParquetMetaData>,
    rows: u32,
    page: Page,
}

impl RowGroups for OnePage {
    fn num_rows(&self) -> usize {
        self.rows as usize
    }

    fn column_chunks(&self, _leaf: usize) -> Result<Box<dyn PageIterator>> {
        let reader: Box<dyn PageReader> = Box::new(SinglePageReader(Some(self.page.clone())));
        Ok(Box::new(OneChunk(Some(reader))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(self.metadata.row_groups().iter().take(1))
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }
}

struct SinglePageReader(Option<Page>);

impl Iterator for SinglePageReader {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl PageReader for SinglePageReader {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        Ok(self.0.take())
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        let described = |page: &Page| PageMetadata {
            num_rows: Some(page.num_values() as usize),
            num_levels: Some(page.num_values() as usize),
            is_dict: false,
        };
        Ok(self.0.as_ref().map(described))
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.0 = None;
        Ok(())
    }
}
