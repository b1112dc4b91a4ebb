//! Decoding one column of a row range, by the faster of two decoders: the `parquet` crate or
//! `encoded`.

use super::decode::{Decoder, guarded, located};
use super::encoded::output_encoding::OutputEncoding;
use super::encoded::{EncodedColumnReader, FlatColumn};
use super::source::{RowRange, Selected, SourceColumn, adapted};
use crate::batch::{dictionary_of, runs_of};
use crate::error::{Error, Result};
use crate::parquet_file::chunk::ChunkPages;
use crate::parquet_file::page_check::Decoding;
use crate::text::escaped;
use arrow::array::{Array, ArrayRef};

/// A column that is being decoded.
pub(crate) enum ColumnDecoder {
    /// Decoded by the `parquet` crate, then widened and encoded if a different type or encoding is
    /// wanted. The number is that of the column.
    Library(Box<Decoder>, usize),
    /// Decoded page by page in `encoded`.
    Encoded(Box<EncodedRows>),
    /// Decoded when the predicate was evaluated: the values still to come, and the number of rows
    /// in a batch.
    Kept(ArrayRef, usize),
}

/// Rows of a column that `encoded` decodes.
pub(crate) struct EncodedRows {
    column: EncodedColumnReader,
    /// The index of the column in the file.
    root: usize,
    range: RowRange,
    /// The number of rows still to come.
    left: usize,
}

impl ColumnDecoder {
    /// Starts decoding the first `count` selected rows of a column. `column` is its number among
    /// the decoded columns.
    ///
    /// # Errors
    /// Damaged data, an unsupported codec or encoding.
    pub(crate) fn start(
        range: &RowRange,
        column: usize,
        selected: &Selected,
        count: usize,
    ) -> Result<Self> {
        let source = &range.source.columns[column];
        if let Selected::All = selected
            && let Some(flat) = flat_column(range, source)
            && flat.data_type == source.data_type
        {
            let coded = EncodedRows::start(range, flat, source, count)?;
            return Ok(Self::Encoded(Box::new(coded)));
        }
        let decoder = Decoder::start(range, &source.reader, selected, count)?;
        Ok(Self::Library(Box::new(decoder), column))
    }

    /// The next rows: a full batch, fewer only at the end.
    ///
    /// # Errors
    /// Damaged data; a column that ends early.
    pub(crate) fn next(&mut self) -> Result<ArrayRef> {
        let (decoder, column) = match self {
            Self::Encoded(rows) => return rows.next(),
            Self::Kept(values, batch_rows) => {
                let rows = values.len().min(*batch_rows);
                let batch = values.slice(0, rows);
                *values = values.slice(rows, values.len() - rows);
                return Ok(batch);
            }
            Self::Library(decoder, column) => (decoder, *column),
        };
        let batch = decoder.next()?;
        let range = decoder.range();
        let named = |error: Error| {
            let name = escaped(batch.schema_ref().field(0).name());
            error.with(format_args!("{}: column \"{name}\"", range.what()))
        };
        let source = &range.source.columns[column];
        let array = adapted(batch.column(0).clone(), &source.data_type).map_err(named)?;
        let encoded = match &source.shape {
            OutputEncoding::Plain => Ok(array),
            OutputEncoding::Runs => runs_of(&array),
            OutputEncoding::Dictionary(key) => dictionary_of(&array, key),
        };
        encoded.map_err(|error| named(Error::failed(format!("cannot encode it: {error}"))))
    }

    /// The number of rows still to come.
    pub(crate) fn left(&self) -> usize {
        match self {
            Self::Library(decoder, _) => decoder.left(),
            Self::Encoded(rows) => rows.left,
            Self::Kept(values, _) => values.len(),
        }
    }
}

/// The column, if `encoded` decodes it faster: always if it is encoded on output, and if plain only
/// when it has a dictionary of values of fixed width, which saves looking at each value.
fn flat_column(range: &RowRange, column: &SourceColumn) -> Option<FlatColumn> {
    let (file, shape) = (&range.source.file, &column.shape);
    let leaf = *column.reader.leaves.first()?;
    let chunk = file.parquet().row_group(range.row_group).column(leaf);
    if *shape == OutputEncoding::Plain && chunk.dictionary_page_offset().is_none() {
        return None;
    }
    let flat = FlatColumn::of(file, column.root, &column.reader)?;
    shape.suits(&flat.data_type).then_some(flat)
}

impl EncodedRows {
    fn start(
        range: &RowRange,
        column: FlatColumn,
        SourceColumn { root, shape, .. }: &SourceColumn,
        count: usize,
    ) -> Result<Self> {
        let column = guarded(range, || {
            let (file, pages) = (&range.source.file, &range.source.pages);
            // Skipped rows are decoded.
            let decoding = Decoding { skips: false, batch_rows: range.batch_rows };
            let pages = ChunkPages::open(file, pages, range.row_group, column.leaf, decoding)?;
            let mut column = EncodedColumnReader::new(column, Box::new(pages), shape);
            column.skip(range.rows.start)?;
            Ok(column)
        })?;
        Ok(Self { column, root: *root, range: range.clone(), left: count })
    }

    fn next(&mut self) -> Result<ArrayRef> {
        let expected = self.left.min(self.range.batch_rows);
        let array = guarded(&self.range, || self.column.next(expected));
        let array = array.map_err(|error| located(&self.range, &[self.root], error))?;
        self.left = self.left.saturating_sub(array.len());
        if array.len() < expected {
            return Err(Error::failed("a column ends before its last row").with(self.range.what()));
        }
        Ok(array)
    }
}
