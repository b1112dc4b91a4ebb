//! The encoder of a leaf column in a row group: the crate's, plus the min and max of text.

use super::bounds::settle_bounds;
use super::column_chunk::{ColumnChunk, Pages, close_result};
use super::content_defined::ContentDefined;
use super::text_bounds::TextBounds;
use arrow::array::ArrayRef;
use arrow::datatypes::Field;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowLeafColumn, compute_leaves};
use parquet::errors::{ParquetError, Result};

/// A leaf column that is being encoded.
pub(crate) struct ColumnEncoder {
    writer: Writer,
    /// The min and max, if the writer does not compute them.
    bounds: Option<TextBounds>,
    /// The pages that the writer has finished.
    pages: Pages,
}

/// The writer of a column, by how it ends pages.
pub(crate) enum Writer {
    /// Ends a page at a size.
    Plain(Box<ArrowColumnWriter>),
    /// Ends a page where the content decides.
    ContentDefined(Box<ContentDefined>),
}

impl Writer {
    fn write(&mut self, field: &Field, array: &ArrayRef) -> Result<()> {
        match self {
            Self::Plain(writer) => {
                compute_leaves(field, array)?.iter().try_for_each(|leaf| writer.write(leaf))
            }
            Self::ContentDefined(writer) => writer.write(array),
        }
    }
}

impl ColumnEncoder {
    /// Starts encoding; `bounds` must still be empty.
    pub(crate) fn new(writer: Writer, bounds: Option<TextBounds>, pages: Pages) -> Self {
        Self { writer, bounds, pages }
    }

    /// Adds rows of a column that has only one leaf column.
    pub(crate) fn write_column(&mut self, field: &Field, array: &ArrayRef) -> Result<()> {
        let Some(bounds) = &mut self.bounds else {
            return self.writer.write(field, array);
        };
        let mut start = 0;
        while start < array.len() {
            let piece = array.slice(start, TextBounds::piece_rows(array, start));
            start += piece.len();
            bounds.add(&piece);
            self.writer.write(field, &piece)?;
        }
        Ok(())
    }

    /// Adds rows of one of several leaf columns.
    pub(crate) fn write_leaf(&mut self, leaf: &ArrowLeafColumn) -> Result<()> {
        match &mut self.writer {
            Writer::Plain(writer) => writer.write(leaf),
            Writer::ContentDefined(_) => {
                Err(ParquetError::General("one of several leaf columns has no writer".to_owned()))
            }
        }
    }

    /// The approximate stored size of the column so far.
    pub(crate) fn stored_bytes(&self) -> usize {
        match &self.writer {
            Writer::Plain(writer) => writer.get_estimated_total_bytes(),
            Writer::ContentDefined(writer) => writer.stored_bytes(),
        }
    }

    /// Ends the row group.
    pub(crate) fn close(self) -> Result<ColumnChunk> {
        let close = match self.writer {
            Writer::Plain(writer) => close_result(writer.close()?),
            Writer::ContentDefined(writer) => writer.close()?,
        };
        let mut chunk = ColumnChunk::try_new(close, &self.pages)?;
        if let Some(bounds) = self.bounds {
            bounds.complete(&mut chunk.close)?;
        }
        settle_bounds(&mut chunk.close)?;
        Ok(chunk)
    }
}
