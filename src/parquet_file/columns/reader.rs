//! The information that the decoder needs to read some columns of a file together.

use arrow::datatypes::{DataType, FieldRef, Fields};
use arrow::record_batch::RecordBatchReader;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowGroups};
use parquet::arrow::{FieldLevels, ProjectionMask, parquet_to_arrow_field_levels};
use parquet::column::page::PageIterator;
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::{FileMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::leaf_fields::{edited, is_leaf};
use super::map_keys::has_optional_keys;
use super::raw::RawLeaves;
use super::{Checks, FileColumn, FileColumns};
use crate::error::{Error, Result, guard};
use crate::parquet_file::cause::cause;
use crate::parquet_file::chunk::OneChunk;
use crate::schema::Kept;

/// Columns that are decoded together.
#[derive(Debug, Clone)]
pub(in crate::parquet_file) struct ColumnReader {
    /// How the crate builds their arrays.
    pub(in crate::parquet_file) levels: FieldLevels,
    /// For each leaf of `levels` its leaf number in the file.
    pub(in crate::parquet_file) file_leaves: Arc<[usize]>,
    /// The decoded leaves, by their numbers in the file.
    pub(in crate::parquet_file) leaves: Vec<usize>,
    /// The top-level columns, by their indices in the file.
    pub(in crate::parquet_file) roots: Vec<usize>,
    pub(in crate::parquet_file) checks: Checks,
    /// Whether a column has a map whose keys may be null in the file.
    pub(in crate::parquet_file) has_optional_keys: bool,
    /// The type that each column is converted to after decoding, if it is.
    pub(in crate::parquet_file) raw: Vec<Option<DataType>>,
}

impl FileColumns {
    /// A reader for one leaf of the file, with the enclosing structs and lists.
    ///
    /// # Errors
    /// A leaf of a column that cannot be read.
    pub(in crate::parquet_file) fn leaf_reader(&self, leaf: usize) -> Result<ColumnReader> {
        let place = self.columns.partition_point(|column| column.leaves.end <= leaf);
        let column = self.column(place)?;
        self.select(&[place], |_| vec![leaf - column.leaves.start])
    }

    /// A reader for top-level columns, in the order of the file; `kept` says how much of each is
    /// read.
    ///
    /// # Errors
    /// A column that cannot be read.
    pub(in crate::parquet_file) fn reader(
        &self,
        kept: &BTreeMap<usize, Kept>,
    ) -> Result<ColumnReader> {
        let places: Vec<usize> = kept.keys().copied().collect();
        self.select(&places, |place| {
            let stored = self.columns.get(place).zip(kept.get(&place));
            stored.map_or(Vec::new(), |(column, kept)| kept_leaves(&column.stored, kept))
        })
    }

    /// A reader for some leaves of some columns; the leaves are numbered within their column.
    fn select(
        &self,
        places: &[usize],
        leaves_of: impl Fn(usize) -> Vec<usize>,
    ) -> Result<ColumnReader> {
        let (mut roots, mut hints) = (Vec::new(), Vec::new());
        let (mut file_leaves, mut leaves, mut raw) = (Vec::new(), Vec::new(), Vec::new());
        let mut included = Vec::new();
        let mut roots_have_optional_keys = false;
        for place in places {
            self.check(*place)?;
            let column = self.column(*place)?;
            let first = file_leaves.len();
            file_leaves.extend(column.leaves.clone());
            let here = leaves_of(*place);
            leaves.extend(here.iter().map(|leaf| column.leaves.start + leaf));
            included.extend(here.iter().map(|leaf| first + leaf));
            roots_have_optional_keys |= has_optional_keys(&column.stored);
            roots.push(Arc::clone(&column.stored));
            hints.push(Arc::clone(&column.decoded));
            raw.push(RawLeaves::among(&column.raw, &here));
        }
        let levels = levels(roots, Some(hints.into()), Some(included))?;
        let raw = if raw.iter().any(Option::is_some) {
            let fields = fields_of(&levels)?;
            let raw = raw.iter().zip(&fields);
            raw.map(|(raw, field)| raw.as_ref().map(|raw| raw.applied(field))).collect()
        } else {
            vec![None; places.len()]
        };
        Ok(ColumnReader {
            levels,
            file_leaves: file_leaves.into(),
            leaves,
            roots: places.to_vec(),
            checks: self.checks,
            has_optional_keys: roots_have_optional_keys,
            raw,
        })
    }

    /// The leaf of a top-level column with a single leaf whose values need no conversion: its
    /// statistics are those of the values in the file.
    pub(in crate::parquet_file) fn plain_leaf(&self, place: usize) -> Option<usize> {
        let column = self.columns.get(place).filter(|column| column.raw.is_empty())?;
        (column.leaves.len() == 1).then_some(column.leaves.start)
    }

    /// Whether a top-level column is a leaf.
    pub(in crate::parquet_file) fn is_leaf(&self, place: usize) -> bool {
        self.columns.get(place).is_some_and(|column| column.stored.is_primitive())
    }

    fn column(&self, place: usize) -> Result<&FileColumn> {
        self.columns.get(place).ok_or_else(|| Error::failed("the file has fewer columns"))
    }
}

/// The field that the crate derives from a column.
///
/// # Errors
/// The reason why there is none.
pub(super) fn field(stored: &TypePtr, hint: Option<&FieldRef>) -> Result<FieldRef, String> {
    let hint = hint.map(|hint| Fields::from(vec![Arc::clone(hint)]));
    let levels = levels(vec![Arc::clone(stored)], hint, None).map_err(|e| e.to_string())?;
    let fields = fields_of(&levels).map_err(|e| e.to_string())?;
    fields.first().cloned().ok_or_else(|| "it has no leaf".to_owned())
}

/// The fields of the arrays. The crate exposes them only through a reader, which also shows that
/// each type has a reader.
fn fields_of(levels: &FieldLevels) -> Result<Fields> {
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

fn no_metadata() -> Result<ParquetMetaData> {
    let root = Type::group_type_builder("schema").build();
    let root = root.map_err(|error| Error::failed(cause(&error)))?;
    let schema = Arc::new(SchemaDescriptor::new(Arc::new(root)));
    Ok(ParquetMetaData::new(FileMetaData::new(1, 0, None, None, schema, None), Vec::new()))
}

/// Column chunks without pages.
struct NoRowGroups<'a>(&'a ParquetMetaData);

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

fn levels(
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

/// The kept leaves of a column, numbered within it.
fn kept_leaves(column: &Type, kept: &Kept) -> Vec<usize> {
    let mut leaves = Vec::new();
    pass(column, Some(kept), &mut 0, &mut leaves);
    leaves
}

/// Walks a Parquet type, whose leaves are numbered depth first.
fn pass(column: &Type, kept: Option<&Kept>, next: &mut usize, leaves: &mut Vec<usize>) {
    if column.is_primitive() {
        if kept.is_some() {
            leaves.push(*next);
        }
        *next += 1;
        return;
    }
    for (place, child) in column.get_fields().iter().enumerate() {
        let kept = match kept {
            Some(Kept::Children(children)) => children.get(&place),
            whole_or_nothing => whole_or_nothing,
        };
        pass(child, kept, next, leaves);
    }
}

impl RawLeaves {
    /// The type of a field after its raw leaves were converted.
    fn applied(&self, field: &FieldRef) -> DataType {
        let field = edited(field, &mut |field, leaves| match self.types.get(&leaves.start) {
            Some(data_type) if is_leaf(field.data_type()) => {
                field.with_data_type(data_type.clone())
            }
            _ => field,
        });
        field.data_type().clone()
    }
}
