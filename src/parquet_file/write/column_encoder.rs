//! The encoder of a leaf column in a row group: the crate's, with usable bounds.

use super::bounds::settle_bounds;
use super::column_chunk::{ColumnChunk, PageBuffer, close_result};
use super::content_defined::ContentDefined;
use arrow::array::ArrayRef;
use arrow::datatypes::Field;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowLeafColumn, compute_leaves};
use parquet::errors::{ParquetError, Result};

/// A leaf column that is being encoded.
pub(crate) struct ColumnEncoder {
    writer: LeafWriter,
    /// The pages that the writer has finished.
    pages: PageBuffer,
}

/// The writer of a column, by how it ends pages.
pub(crate) enum LeafWriter {
    /// Ends a page at a size.
    Plain(Box<ArrowColumnWriter>),
    /// Ends a page where the content decides.
    ContentDefined(Box<ContentDefined>),
}

impl ColumnEncoder {
    /// Starts encoding.
    pub(crate) fn new(writer: LeafWriter, pages: PageBuffer) -> Self {
        Self { writer, pages }
    }

    /// Adds rows of a column that has only one leaf column.
    pub(crate) fn write_column(&mut self, field: &Field, array: &ArrayRef) -> Result<()> {
        match &mut self.writer {
            LeafWriter::Plain(writer) => {
                compute_leaves(field, array)?.iter().try_for_each(|leaf| writer.write(leaf))
            }
            LeafWriter::ContentDefined(writer) => writer.write(array),
        }
    }

    /// Adds rows of one of several leaf columns.
    pub(crate) fn write_leaf(&mut self, leaf: &ArrowLeafColumn) -> Result<()> {
        match &mut self.writer {
            LeafWriter::Plain(writer) => writer.write(leaf),
            LeafWriter::ContentDefined(_) => {
                Err(ParquetError::General("one of several leaf columns has no writer".to_owned()))
            }
        }
    }

    /// The approximate stored size of the column so far.
    pub(crate) fn stored_bytes(&self) -> usize {
        match &self.writer {
            LeafWriter::Plain(writer) => writer.get_estimated_total_bytes(),
            LeafWriter::ContentDefined(writer) => writer.stored_bytes(),
        }
    }

    /// Ends the row group.
    pub(crate) fn close(self) -> Result<ColumnChunk> {
        let close = match self.writer {
            LeafWriter::Plain(writer) => close_result(writer.close()?),
            LeafWriter::ContentDefined(writer) => writer.close()?,
        };
        let mut chunk = ColumnChunk::try_new(close, &self.pages)?;
        settle_bounds(&mut chunk.close)?;
        Ok(chunk)
    }
}
