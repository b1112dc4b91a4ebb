//! Creates the encoder of a leaf column when its first rows are encoded.
//!
//! The crate creates the encoders of all columns of a row group at once, and each takes 80 KiB if
//! it tries a dictionary: 10,000 columns of 20 rows took 880 MB. When they are created one by one,
//! each encoder of a small row group is finished before the next one starts.

use super::boolean_column::BooleanColumn;
use super::byte_column::ByteColumn;
use super::column_chunk::PageBuffer;
use super::column_encoder::{ColumnEncoder, LeafWriter};
use super::content_defined::{ContentDefined, content_defined};
use super::number_column::NumberColumn;
use super::page_memory::PageMemory;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_writer::ArrowRowGroupWriterFactory;
use parquet::basic::Type as PhysicalType;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};
use std::io;
use std::sync::Arc;

/// Creates the encoders of a file's leaf columns.
pub(crate) struct Encoders {
    pub(crate) arrow_schema: SchemaRef,
    pub(crate) schema: SchemaDescriptor,
    pub(crate) properties: WriterPropertiesPtr,
    pub(crate) page_memory: PageMemory,
    pub(crate) checksums: bool,
    /// The largest page in bytes, if pages are content-defined.
    pub(crate) content_defined: Option<usize>,
}

impl Encoders {
    /// The encoder of a leaf column for a row group.
    ///
    /// # Errors
    /// None in practice.
    pub(crate) fn create(&self, leaf: usize) -> Result<ColumnEncoder> {
        let missing = || ParquetError::General("a column has no encoder".to_owned());
        let pages = PageBuffer::new(self.page_memory.bytes(), self.checksums);
        let root = self.alone(leaf).ok_or_else(missing)?;
        if let Some(page_bytes) = self.content_defined.filter(|_| self.is_alone(leaf)) {
            let field = &self.arrow_schema.fields()[self.schema.get_column_root_idx(leaf)];
            let properties = content_defined(&self.properties, page_bytes);
            let writer = ContentDefined::try_new(field, root, properties, &pages)?;
            return Ok(ColumnEncoder::new(LeafWriter::ContentDefined(Box::new(writer)), pages));
        }
        let column = self.schema.column(leaf);
        if let Some(writer) = self.own_writer(leaf, &pages)? {
            return Ok(ColumnEncoder::new(writer, pages));
        }
        // The crate creates encoders for all leaf columns of a file. This file has only the one
        // column, and its output is discarded.
        let file = SerializedFileWriter::new(io::sink(), root, self.properties.clone())?;
        // The crate's choice of encoder depends only on this much of the Arrow type.
        let data_type = match column.physical_type() {
            PhysicalType::BYTE_ARRAY => DataType::Binary,
            _ => DataType::Int32,
        };
        let schema = Schema::new(vec![Field::new("", data_type, true)]);
        let writers = ArrowRowGroupWriterFactory::new(&file, Arc::new(schema))
            .with_page_store_factory(Arc::new(pages.clone()))
            .create_column_writers(0)?;
        let writer = writers.into_iter().next().ok_or_else(missing)?;
        Ok(ColumnEncoder::new(LeafWriter::Plain(Box::new(writer)), pages))
    }

    /// The encoder of a leaf column that is not the crate's, if there is one.
    fn own_writer(&self, leaf: usize, pages: &PageBuffer) -> Result<Option<LeafWriter>> {
        if self.content_defined.is_some() {
            return Ok(None);
        }
        let (column, properties) = (self.schema.column(leaf), &self.properties);
        if let Some(writer) = ByteColumn::try_new(&column, properties, pages)? {
            return Ok(Some(LeafWriter::Bytes(Box::new(writer))));
        }
        let field = self.arrow_schema.fields().get(self.schema.get_column_root_idx(leaf));
        let Some(data_type) = field.map(|field| field.data_type()) else { return Ok(None) };
        if let Some(writer) = BooleanColumn::try_new(&column, data_type, properties, pages) {
            return Ok(Some(LeafWriter::Booleans(Box::new(writer))));
        }
        if let Some(writer) = NumberColumn::try_new(&column, data_type, properties, pages) {
            return Ok(Some(LeafWriter::Short(Box::new(writer))));
        }
        let writer = NumberColumn::try_new(&column, data_type, properties, pages);
        Ok(writer.map(|writer| LeafWriter::Long(Box::new(writer))))
    }

    /// Whether the column of the schema has only this leaf column.
    fn is_alone(&self, leaf: usize) -> bool {
        let root = |leaf: usize| self.schema.get_column_root_idx(leaf);
        let is_last = self.schema.num_columns() == leaf + 1 || root(leaf + 1) != root(leaf);
        is_last && (leaf == 0 || root(leaf - 1) != root(leaf))
    }

    /// A schema with only this leaf column, at the same path.
    fn alone(&self, leaf: usize) -> Option<TypePtr> {
        let root = self.schema.get_column_root_idx(leaf);
        let mut before = leaf;
        while before > 0 && self.schema.get_column_root_idx(before - 1) == root {
            before -= 1;
        }
        let field = self.schema.root_schema().get_fields().get(root)?;
        let field = only_leaf(field, &mut (leaf - before))?;
        Type::group_type_builder("schema").with_fields(vec![field]).build().ok().map(Arc::new)
    }
}

/// The node with only its leaf number `leaf`. If the node has fewer leaves, returns `None` and
/// subtracts their number from `leaf`.
fn only_leaf(node: &TypePtr, leaf: &mut usize) -> Option<TypePtr> {
    let Type::GroupType { basic_info, fields } = node.as_ref() else {
        if *leaf == 0 {
            return Some(node.clone());
        }
        *leaf -= 1;
        return None;
    };
    let field = fields.iter().find_map(|field| only_leaf(field, leaf))?;
    let alone = Type::GroupType { basic_info: basic_info.clone(), fields: vec![field] };
    Some(Arc::new(alone))
}
