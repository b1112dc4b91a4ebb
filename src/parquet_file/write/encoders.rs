//! Makes the encoder of a leaf column when the first of its rows are encoded.
//!
//! The crate makes the encoders of all columns of a row group together, and each takes 80 KiB where
//! a dictionary is tried: 10,000 columns of 20 rows took 880 MB. Made one by one, those of small row
//! groups are done with before the next begin.

use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::arrow_writer::ArrowRowGroupWriterFactory;
use parquet::basic::Type as PhysicalType;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};
use std::io;
use std::sync::Arc;

use super::column_chunk::Pages;
use super::column_encoder::ColumnEncoder;
use super::page_memory::PageMemory;
use super::text_bounds::TextBounds;

/// All that the encoders of a file's leaf columns need.
pub(super) struct Encoders {
    pub(super) schema: SchemaDescriptor,
    pub(super) properties: WriterPropertiesPtr,
    /// For each leaf column, where the crate finds none.
    pub(super) bounds: Vec<Option<TextBounds>>,
    pub(super) page_memory: PageMemory,
    pub(super) checksums: bool,
}

impl Encoders {
    /// The encoder of a leaf column for a row group.
    ///
    /// # Errors
    /// None in practice.
    pub(super) fn create(&self, leaf: usize) -> Result<ColumnEncoder> {
        let missing = || ParquetError::General("a column has no encoder".to_owned());
        let pages = Pages::new(self.page_memory.bytes(), self.checksums);
        // The crate makes encoders for all leaf columns of a file: this one has no other, and is
        // written to nowhere.
        let root = self.alone(leaf).ok_or_else(missing)?;
        let file = SerializedFileWriter::new(io::sink(), root, self.properties.clone())?;
        // Only this much of the Arrow type decides between the crate's encoders.
        let data_type = match self.schema.column(leaf).physical_type() {
            PhysicalType::BYTE_ARRAY => DataType::Binary,
            _ => DataType::Int32,
        };
        let schema = Schema::new(vec![Field::new("", data_type, true)]);
        let writers = ArrowRowGroupWriterFactory::new(&file, Arc::new(schema))
            .with_page_store_factory(Arc::new(pages.clone()))
            .create_column_writers(0)?;
        let writer = writers.into_iter().next().ok_or_else(missing)?;
        let bounds = self.bounds.get(leaf).cloned().flatten();
        Ok(ColumnEncoder::new(writer, bounds, pages))
    }

    /// A schema with this leaf column only, in the same place.
    fn alone(&self, leaf: usize) -> Option<TypePtr> {
        let root = self.schema.get_column_root_idx(leaf);
        let mut before = leaf;
        while 0 < before && self.schema.get_column_root_idx(before - 1) == root {
            before -= 1;
        }
        let field = self.schema.root_schema().get_fields().get(root)?;
        let field = only_leaf(field, &mut (leaf - before))?;
        Type::group_type_builder("schema").with_fields(vec![field]).build().ok().map(Arc::new)
    }
}

/// The node with its leaf number `leaf` only; `None`, and as many fewer to come, if it has fewer.
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
