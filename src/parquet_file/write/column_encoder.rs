//! The encoder of a leaf column of a row group: the crate's, and beside it the bounds of text.

use arrow::array::ArrayRef;
use arrow::datatypes::Field;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowLeafColumn, compute_leaves};
use parquet::errors::Result;

use super::bounds::settle_bounds;
use super::column_chunk::{ColumnChunk, Pages};
use super::text_bounds::TextBounds;

/// A leaf column that is being encoded.
pub(super) struct ColumnEncoder {
    writer: ArrowColumnWriter,
    /// Where the writer finds none.
    bounds: Option<TextBounds>,
    /// Where the writer puts its pages.
    pages: Pages,
}

impl ColumnEncoder {
    /// `bounds` are still empty.
    pub(super) fn new(writer: ArrowColumnWriter, bounds: Option<TextBounds>, pages: Pages) -> Self {
        Self { writer, bounds, pages }
    }

    /// Adds rows of a column that is one leaf column.
    pub(super) fn write_column(&mut self, field: &Field, array: &ArrayRef) -> Result<()> {
        let Some(bounds) = &mut self.bounds else {
            let leaves = compute_leaves(field, array)?;
            return leaves.iter().try_for_each(|leaf| self.writer.write(leaf));
        };
        let mut start = 0;
        while start < array.len() {
            let piece = array.slice(start, TextBounds::piece_rows(array, start));
            start += piece.len();
            bounds.add(&piece);
            let leaves = compute_leaves(field, &piece)?;
            leaves.iter().try_for_each(|leaf| self.writer.write(leaf))?;
        }
        Ok(())
    }

    /// Adds rows of one of several leaf columns.
    pub(super) fn write_leaf(&mut self, leaf: &ArrowLeafColumn) -> Result<()> {
        self.writer.write(leaf)
    }

    /// About how long it is as stored.
    pub(super) fn stored_bytes(&self) -> usize {
        self.writer.get_estimated_total_bytes()
    }

    /// Ends the row group.
    pub(super) fn close(self) -> Result<ColumnChunk> {
        let mut chunk = ColumnChunk::try_new(self.writer.close()?, &self.pages)?;
        if let Some(bounds) = self.bounds {
            bounds.complete(&mut chunk.close)?;
        }
        settle_bounds(&mut chunk.close)?;
        Ok(chunk)
    }
}
