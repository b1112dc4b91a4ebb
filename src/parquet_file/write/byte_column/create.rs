//! The encoder of a column from the crate's settings, if the column is encoded here.

use super::super::column_chunk::PageBuffer;
use super::column::{ByteColumn, Limits};
use super::compress::Codec;
use super::dictionary::{Dictionary, Known};
use super::page::Page;
use super::pages::Pages;
use parquet::basic::{Encoding, LogicalType, Type as PhysicalType};
use parquet::bloom_filter::Sbbf;
use parquet::errors::Result;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::schema::types::ColumnDescPtr;

impl ByteColumn {
    /// The encoder of a leaf column; `None` if only the crate can encode it.
    ///
    /// # Errors
    /// None in practice.
    pub(crate) fn try_new(
        column: &ColumnDescPtr,
        properties: &WriterPropertiesPtr,
        buffer: &PageBuffer,
    ) -> Result<Option<Self>> {
        use LogicalType as Logical;
        let path = column.path();
        let is_bytes = column.physical_type() == PhysicalType::BYTE_ARRAY;
        let logical_type = column.logical_type_ref();
        let has_byte_order = matches!(
            logical_type,
            None | Some(Logical::String | Logical::Json | Logical::Enum | Logical::Bson)
        );
        let is_plain = properties.encoding(path).unwrap_or(Encoding::PLAIN) == Encoding::PLAIN;
        let codec = Codec::of_flat(column, properties);
        let Some(codec) = codec.filter(|_| is_bytes && has_byte_order && is_plain) else {
            return Ok(None);
        };
        let bloom = properties.bloom_filter_properties(path);
        let bloom = bloom.map(|bloom| {
            Sbbf::new_with_ndv_fpp(bloom.ndv(), bloom.fpp()).map(|filter| (filter, bloom.fpp()))
        });
        Ok(Some(Self {
            pages: Pages::new(column.clone(), properties.clone(), codec, buffer.clone()),
            page: Page::default(),
            dictionary: properties.dictionary_enabled(path).then(Dictionary::default),
            known: Known::default(),
            keys: Vec::new(),
            bloom: bloom.transpose()?,
            is_nullable: column.max_def_level() > 0,
            limits: Limits::of(properties, path),
        }))
    }
}
