//! A file that is being read, and ranges of its rows.

use super::constants::Constant;
use super::encoded::output_encoding::OutputEncoding;
use super::fetched_chunks::FetchedChunks;
use super::ledger::{Counted, Ledger};
use crate::error::{Error, Result};
use crate::explain::Cause;
use crate::io::bytes_read;
use crate::parquet_file::columns::ColumnReader;
use crate::parquet_file::file::{ParquetFile, rows};
use crate::parquet_file::pages::FilePages;
use crate::schema::{batch_of, convert};
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::arrow_reader::RowSelection;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// A file that is being read, and the parts of it that are read.
pub(crate) struct OpenFile {
    pub(crate) file: ParquetFile,
    pub(crate) pages: FilePages,
    /// Whether its bytes are not counted yet; those that came through a pipe are.
    pub(crate) is_unread: bool,
    /// The row groups that are read, in order.
    pub(crate) row_groups: Vec<usize>,
    /// The origin of each output column, in the order of the schema of all files.
    pub(crate) origins: Vec<Origin>,
    /// The columns that are decoded.
    pub(crate) columns: Vec<SourceColumn>,
    /// The approximate size of the constant columns of a row.
    pub(crate) constant_row_bytes: usize,
    /// The columns that a predicate uses.
    pub(crate) asked: ColumnReader,
    /// The origins of these columns; `None` if all rows pass.
    pub(crate) asked_columns: Option<Vec<PredicateColumn>>,
    /// All leaves that are decoded, output or not.
    pub(crate) read: Vec<usize>,
    /// Counts what is read, if that is wanted.
    pub(crate) ledger: Option<Arc<Ledger>>,
}

/// A top-level column that is decoded from a file.
pub(crate) struct SourceColumn {
    /// Its index in the file.
    pub(crate) root: usize,
    pub(crate) reader: ColumnReader,
    /// Its output encoding.
    pub(crate) shape: OutputEncoding,
    /// Its plain output type.
    pub(crate) data_type: DataType,
    /// Its index among the columns of the predicate, if the values decoded for the predicate can be
    /// output as they are.
    pub(crate) shared: Option<usize>,
}

impl OpenFile {
    /// Counts the bytes of a row group, and its share of the other bytes of the file, as read or
    /// skipped.
    pub(crate) fn pass(&self, row_group: usize) {
        if self.is_unread {
            let rows_here = rows(self.file.parquet().row_group(row_group)) as f64;
            let share = rows_here / (self.file.rows().max(1) as f64);
            bytes_read::add((share * self.file.bytes().size() as f64) as usize);
        }
    }

    /// Counts a row group, of which these rows are read, and the others are not for this cause.
    pub(crate) fn count(&self, row_group: usize, rows: &[Range<usize>], cause: Cause) {
        if let Some(ledger) = &self.ledger {
            let counted = Counted { file: &self.file, row_group, leaves: &self.read };
            ledger.row_group(&counted, rows, cause);
        }
    }

    /// The columns of the predicate, from a batch that holds the columns decoded for it.
    ///
    /// # Errors
    /// A value that the wider type cannot hold.
    pub(crate) fn asked_batch(&self, decoded: RecordBatch) -> Result<RecordBatch> {
        let Some(asked) = &self.asked_columns else { return Ok(decoded) };
        let roots: BTreeSet<usize> = asked.iter().filter_map(PredicateColumn::root).collect();
        let columns = asked.iter().map(|asked| match asked {
            PredicateColumn::Constant(constant) => constant.array(decoded.num_rows()),
            PredicateColumn::Column(root, data_type) => {
                let column = decoded.columns().get(roots.range(..root).count());
                let column = column.ok_or_else(|| Error::failed("a column was not decoded"))?;
                adapted(column.clone(), data_type).map_err(|error| {
                    let name = escaped(self.file.schema().field(*root).name());
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

/// A range of rows of one row group.
#[derive(Clone)]
pub(crate) struct RowRange {
    pub(crate) source: Arc<OpenFile>,
    pub(crate) row_group: usize,
    /// The rows, numbered from the start of the row group.
    pub(crate) rows: Range<usize>,
    pub(crate) batch_rows: usize,
    /// The approximate size of a batch.
    pub(crate) batch_bytes: usize,
    /// Its fetched chunks, until nothing reads them any more.
    pub(crate) fetched: Option<Arc<FetchedChunks>>,
}

impl RowRange {
    /// Counts the rows that do not match a predicate, whose other columns are not decoded.
    pub(crate) fn count(&self, passing: &BooleanBuffer) {
        let Some(ledger) = &self.source.ledger else { return };
        let leaves = self.late_leaves();
        let (file, row_group) = (&self.source.file, self.row_group);
        ledger.selected(&Counted { file, row_group, leaves: &leaves }, &self.rows, passing);
    }

    /// Says that the leaves are needed that are decoded only for rows that match a predicate. `matching`
    /// contains all of those.
    pub(crate) fn fetch_late(&self, matching: Range<usize>) {
        if let Some(fetched) = &self.fetched {
            fetched.add(&self.late_leaves(), &[matching]);
        }
    }

    /// The leaves that the predicate does not use.
    fn late_leaves(&self) -> Vec<usize> {
        let is_late = |leaf: &usize| !self.source.asked.leaves.contains(leaf);
        self.source.read.iter().copied().filter(is_late).collect()
    }

    /// The file and row group, for messages.
    pub(crate) fn what(&self) -> String {
        format!("{}: row group {}", self.source.file.name(), self.row_group)
    }
}

/// The rows of a row range that match the predicate.
pub(crate) struct Matches {
    pub(crate) rows: Selected,
    pub(crate) count: usize,
    /// Columns whose matching values are known already: their numbers among the decoded columns,
    /// and the values.
    pub(crate) kept: Vec<(usize, ArrayRef)>,
}

/// The selected rows of a row range.
#[derive(Clone)]
pub(crate) enum Selected {
    /// All of them.
    All,
    /// Those that match a predicate, as a selection that starts at the first row of the row group.
    Some(RowSelection),
}

/// The origin of an output column.
pub(crate) enum Origin {
    /// The decoded column with this number.
    Decoded(usize),
    Constant(Constant),
}

/// The origin of a column that the predicate uses.
pub(crate) enum PredicateColumn {
    /// The top-level column of the file with this index, converted to this type.
    Column(usize, DataType),
    Constant(Constant),
}

impl PredicateColumn {
    pub(crate) fn root(&self) -> Option<usize> {
        match self {
            Self::Column(root, _) => Some(*root),
            Self::Constant(_) => None,
        }
    }
}

/// Converts values of a file to the type of the dataset column.
///
/// # Errors
/// A value that the wider type cannot hold.
pub(crate) fn adapted(array: ArrayRef, to: &DataType) -> Result<ArrayRef> {
    if array.data_type() == to {
        return Ok(array);
    }
    convert(&array, to)
        .map_err(|cause| Error::failed(format!("a value does not fit {to}: {cause}")))
}
