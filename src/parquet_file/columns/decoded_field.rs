//! The Arrow field that the `parquet` crate derives from a column.

use crate::error::{Error, Result, guard};
use crate::parquet_file::cause::cause;
use crate::parquet_file::one_chunk::OneChunk;
use arrow::datatypes::{FieldRef, Fields};
use arrow::record_batch::RecordBatchReader;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowGroups};
use parquet::arrow::{FieldLevels, ProjectionMask, parquet_to_arrow_field_levels};
use parquet::column::page::PageIterator;
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::{FileMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};
use std::sync::Arc;

/// The field that the crate derives from a column.
///
/// # Errors
/// The reason why there is none.
pub(crate) fn field(stored: &TypePtr, hint: Option<&FieldRef>) -> Result<FieldRef, String> {
    let hint = hint.map(|hint| Fields::from(vec![Arc::clone(hint)]));
    let levels = levels(vec![Arc::clone(stored)], hint, None).map_err(|e| e.to_string())?;
    let fields = fields_of(&levels).map_err(|e| e.to_string())?;
    fields.first().cloned().ok_or_else(|| "it has no leaf".to_owned())
}

/// The fields of the arrays. The crate exposes them only through a reader, which also shows that
/// each type has a reader.
pub(crate) fn fields_of(levels: &FieldLevels) -> Result<Fields> {
    guard("schema", || {
        let metadata = no_metadata()?;
        let reader = ParquetRecordBatchReader::try_new_with_row_groups(
            levels,
            &NoRowGroups(&metadata),
            1,
            None,
        );
        let reader = reader.map_err(|error| Error::failed(cause(&error)))?;
        Ok(reader.schema().fields().clone())
    })
}

pub(crate) fn no_metadata() -> Result<ParquetMetaData> {
    let root = Type::group_type_builder("schema").build();
    let root = root.map_err(|error| Error::failed(cause(&error)))?;
    let schema = Arc::new(SchemaDescriptor::new(Arc::new(root)));
    Ok(ParquetMetaData::new(FileMetaData::new(1, 0, None, None, schema, None), Vec::new()))
}

/// Column chunks without pages.
pub(crate) struct NoRowGroups<'a>(&'a ParquetMetaData);

impl RowGroups for NoRowGroups<'_> {
    fn num_rows(&self) -> usize {
        0
    }

    fn column_chunks(&self, _leaf: usize) -> ParquetResult<Box<dyn PageIterator>> {
        Ok(Box::new(OneChunk(None)))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(std::iter::empty())
    }

    fn metadata(&self) -> &ParquetMetaData {
        self.0
    }
}

pub(crate) fn levels(
    roots: Vec<TypePtr>,
    hint: Option<Fields>,
    included: Option<Vec<usize>>,
) -> Result<FieldLevels> {
    // The crate panics on some schemas that no writer produces.
    guard("schema", || {
        let failed = |error| Error::failed(cause(&error));
        let root = Type::group_type_builder("schema").with_fields(roots).build();
        let schema = SchemaDescriptor::new(Arc::new(root.map_err(failed)?));
        let mask = match included {
            Some(leaves) => ProjectionMask::leaves(&schema, leaves),
            None => ProjectionMask::all(),
        };
        parquet_to_arrow_field_levels(&schema, mask, hint.as_ref()).map_err(failed)
    })
}
