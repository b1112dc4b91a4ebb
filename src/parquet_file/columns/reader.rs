//! The information that the decoder needs to read some columns of a file together.

use super::decoded_field::{fields_of, levels};
use super::file_columns::{FileColumn, FileColumns};
use super::leaf_fields::{edited, is_leaf};
use super::map_keys::has_optional_keys;
use super::options::Checks;
use crate::error::{Error, Result};
use crate::schema::Kept;
use arrow::datatypes::{DataType, FieldRef};
use parquet::arrow::FieldLevels;
use parquet::schema::types::Type;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Columns that are decoded together.
#[derive(Debug, Clone)]
pub(crate) struct ColumnReader {
    /// How the crate builds their arrays.
    pub(crate) levels: FieldLevels,
    /// For each leaf of `levels` its leaf number in the file.
    pub(crate) file_leaves: Arc<[usize]>,
    /// The decoded leaves, by their numbers in the file.
    pub(crate) leaves: Vec<usize>,
    /// The top-level columns, by their indices in the file.
    pub(crate) roots: Vec<usize>,
    pub(crate) checks: Checks,
    /// Whether a column has a map whose keys may be null in the file.
    pub(crate) has_optional_keys: bool,
    /// The type that each column is converted to after decoding, if it is.
    pub(crate) raw: Vec<Option<DataType>>,
}

impl FileColumns {
    /// A reader for one leaf of the file, with the enclosing structs and lists.
    ///
    /// # Errors
    /// A leaf of a column that cannot be read.
    pub(crate) fn leaf_reader(&self, leaf: usize) -> Result<ColumnReader> {
        let place = self.columns.partition_point(|column| column.leaves.end <= leaf);
        let column = self.column(place)?;
        self.select(&[place], |_| vec![leaf - column.leaves.start])
    }

    /// A reader for top-level columns, in the order of the file; `kept` says how much of each is
    /// read.
    ///
    /// # Errors
    /// A column that cannot be read.
    pub(crate) fn reader(&self, kept: &BTreeMap<usize, Kept>) -> Result<ColumnReader> {
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
            raw.push(kept_raw(&column.raw, &here));
        }
        let levels = levels(roots, Some(hints.into()), Some(included))?;
        let raw = if raw.iter().all(BTreeMap::is_empty) {
            vec![None; places.len()]
        } else {
            let fields = fields_of(&levels)?;
            let raw = raw.iter().zip(&fields);
            raw.map(|(raw, field)| (!raw.is_empty()).then(|| converted_type(field, raw))).collect()
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
    pub(crate) fn plain_leaf(&self, place: usize) -> Option<usize> {
        let column = self.columns.get(place).filter(|column| column.raw.is_empty())?;
        (column.leaves.len() == 1).then_some(column.leaves.start)
    }

    /// Whether a top-level column is a leaf.
    pub(crate) fn is_leaf(&self, place: usize) -> bool {
        self.columns.get(place).is_some_and(|column| column.stored.is_primitive())
    }

    fn column(&self, place: usize) -> Result<&FileColumn> {
        self.columns.get(place).ok_or_else(|| Error::failed("the file has fewer columns"))
    }
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

/// The types of the converted leaves among the kept ones, renumbered.
fn kept_raw(raw: &BTreeMap<usize, DataType>, kept: &[usize]) -> BTreeMap<usize, DataType> {
    let types = kept.iter().enumerate();
    types.filter_map(|(number, leaf)| Some((number, raw.get(leaf)?.clone()))).collect()
}

/// The type of a field after its raw leaves were converted.
fn converted_type(field: &FieldRef, raw: &BTreeMap<usize, DataType>) -> DataType {
    let field = edited(field, &mut |field, leaves| match raw.get(&leaves.start) {
        Some(data_type) if is_leaf(field.data_type()) => field.with_data_type(data_type.clone()),
        _ => field,
    });
    field.data_type().clone()
}
