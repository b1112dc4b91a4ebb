//! The encoder of a leaf column in a row group: the crate's, with usable bounds.

use super::boolean_column::BooleanColumn;
use super::bounds::settle_bounds;
use super::byte_column::ByteColumn;
use super::column_chunk::{ColumnChunk, PageBuffer, close_result};
use super::content_defined::ContentDefined;
use super::number_column::NumberColumn;
use crate::schema::expand;
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::Field;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowLeafColumn, compute_leaves};
use parquet::errors::{ParquetError, Result};

/// A leaf column that is being encoded.
pub(crate) struct ColumnEncoder {
    writer: LeafWriter,
    /// The pages that the writer has finished.
    pages: PageBuffer,
}

/// The writer of a column.
pub(crate) enum LeafWriter {
    /// The crate's. Ends a page at a size.
    Plain(Box<ArrowColumnWriter>),
    /// For text and binary values. Ends a page at a size.
    Bytes(Box<ByteColumn>),
    /// For booleans. Ends a page at a size.
    Booleans(Box<BooleanColumn>),
    /// For numbers of four bytes. Ends a page at a size.
    Short(Box<NumberColumn<i32>>),
    /// For numbers of eight bytes. Ends a page at a size.
    Long(Box<NumberColumn<i64>>),
    /// Ends a page where the content decides.
    ContentDefined(Box<ContentDefined>),
}

impl ColumnEncoder {
    /// Starts encoding.
    pub(crate) fn new(writer: LeafWriter, pages: PageBuffer) -> Self {
        Self { writer, pages }
    }

    /// Adds rows of a column that has only one leaf column: values of the field's type, as they
    /// are, in a dictionary or in runs.
    pub(crate) fn write_column(&mut self, field: &Field, array: &ArrayRef) -> Result<()> {
        let array = match &self.writer {
            LeafWriter::Bytes(_) => array,
            _ if array.data_type() == field.data_type() => array,
            _ => &expand(array)?,
        };
        match &mut self.writer {
            LeafWriter::Plain(writer) => {
                compute_leaves(field, array)?.iter().try_for_each(|leaf| writer.write(leaf))
            }
            LeafWriter::Bytes(writer) => writer.write(array),
            LeafWriter::Booleans(writer) => writer.write(array),
            LeafWriter::Short(writer) => writer.write(array),
            LeafWriter::Long(writer) => writer.write(array),
            LeafWriter::ContentDefined(writer) => writer.write(array),
        }
    }

    /// Adds rows of one of several leaf columns.
    pub(crate) fn write_leaf(&mut self, leaf: &ArrowLeafColumn) -> Result<()> {
        match &mut self.writer {
            LeafWriter::Plain(writer) => writer.write(leaf),
            _ => Err(ParquetError::General("one of several leaf columns has no writer".to_owned())),
        }
    }

    /// The approximate stored size of the column so far.
    pub(crate) fn stored_bytes(&self) -> usize {
        match &self.writer {
            LeafWriter::Plain(writer) => writer.get_estimated_total_bytes(),
            LeafWriter::Bytes(writer) => writer.stored_bytes(),
            LeafWriter::Booleans(writer) => writer.stored_bytes(),
            LeafWriter::Short(writer) => writer.stored_bytes(),
            LeafWriter::Long(writer) => writer.stored_bytes(),
            LeafWriter::ContentDefined(writer) => writer.stored_bytes(),
        }
    }

    /// Ends the row group.
    pub(crate) fn close(self) -> Result<ColumnChunk> {
        let close = match self.writer {
            LeafWriter::Plain(writer) => close_result(writer.close()?),
            LeafWriter::Bytes(writer) => writer.close()?,
            LeafWriter::Booleans(writer) => writer.close()?,
            LeafWriter::Short(writer) => writer.close()?,
            LeafWriter::Long(writer) => writer.close()?,
            LeafWriter::ContentDefined(writer) => writer.close()?,
        };
        let mut chunk = ColumnChunk::try_new(close, &self.pages)?;
        settle_bounds(&mut chunk.close)?;
        Ok(chunk)
    }
}
