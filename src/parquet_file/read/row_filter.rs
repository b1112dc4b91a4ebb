//! The predicate of a scan as it is evaluated on rows of one file: all of it, or the part that the
//! statistics of a row group leave open.

use super::adapted::adapted;
use super::constants::Constant;
use crate::error::{Error, Result};
use crate::expression::Predicate;
use crate::parquet_file::columns::ColumnReader;
use crate::parquet_file::file::ParquetFile;
use crate::schema::{Kept, batch_of};
use crate::text::escaped;
use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A predicate, and how its columns are read.
#[derive(Clone)]
pub(crate) struct RowFilter {
    pub(crate) predicate: Predicate,
    /// The origins of its columns.
    pub(crate) columns: Vec<PredicateColumn>,
    /// The reader of those that come from the file.
    pub(crate) reader: ColumnReader,
    /// For each decoded output column its index among the columns of the predicate, if the values
    /// decoded for the predicate can be output as they are.
    pub(crate) shared: Vec<Option<usize>>,
}

/// The origin of a column that the predicate uses.
#[derive(Clone)]
pub(crate) enum PredicateColumn {
    /// The top-level column of the file with this index, converted to this type.
    Column(usize, DataType),
    Constant(Arc<Constant>),
}

impl PredicateColumn {
    pub(crate) fn root(&self) -> Option<usize> {
        match self {
            Self::Column(root, _) => Some(*root),
            Self::Constant(_) => None,
        }
    }
}

impl RowFilter {
    /// A reader of the columns of a predicate.
    ///
    /// # Errors
    /// A column that cannot be read.
    pub(crate) fn reader(file: &ParquetFile, columns: &[PredicateColumn]) -> Result<ColumnReader> {
        let roots = columns.iter().filter_map(PredicateColumn::root);
        let whole: BTreeMap<usize, Kept> = roots.map(|root| (root, Kept::Whole)).collect();
        file.columns().reader(&whole).map_err(|error| error.with(file.name()))
    }

    /// The filter for a part of its predicate.
    ///
    /// # Errors
    /// A column that cannot be read.
    pub(crate) fn reduced(&self, file: &ParquetFile, part: Predicate) -> Result<Self> {
        let place = |column: &usize| self.predicate.columns().binary_search(column).ok();
        let places: Vec<usize> = part.columns().iter().filter_map(place).collect();
        if places.len() == self.columns.len() {
            return Ok(Self { predicate: part, ..self.clone() });
        }
        let columns: Vec<_> = places.iter().map(|place| self.columns[*place].clone()).collect();
        let shared = self.shared.iter().map(|shared| places.binary_search(&(*shared)?).ok());
        let reader = Self::reader(file, &columns)?;
        Ok(Self { predicate: part, reader, shared: shared.collect(), columns })
    }

    /// The columns of the predicate, from a batch that holds the columns decoded for it.
    ///
    /// # Errors
    /// A value that the wider type cannot hold.
    pub(crate) fn batch(&self, file: &ParquetFile, decoded: &RecordBatch) -> Result<RecordBatch> {
        let roots: BTreeSet<usize> =
            self.columns.iter().filter_map(PredicateColumn::root).collect();
        let columns = self.columns.iter().map(|column| match column {
            PredicateColumn::Constant(constant) => constant.array(decoded.num_rows()),
            PredicateColumn::Column(root, data_type) => {
                let column = decoded.columns().get(roots.range(..root).count());
                let column = column.ok_or_else(|| Error::failed("a column was not decoded"))?;
                adapted(column.clone(), data_type).map_err(|error| {
                    let name = escaped(file.schema().field(*root).name());
                    error.with(format_args!("column \"{name}\""))
                })
            }
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        // Columns are identified by index, not by name.
        let fields: Vec<Field> =
            columns.iter().map(|c| Field::new("", c.data_type().clone(), true)).collect();
        batch_of(&Arc::new(Schema::new(fields)), columns, decoded.num_rows())
            .map_err(|error| Error::failed(format!("cannot make a batch: {error}")))
    }
}
