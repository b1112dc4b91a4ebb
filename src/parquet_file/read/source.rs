//! A file that is being read, and ranges of its rows.

use super::constants::Constant;
use super::encoded::output_encoding::OutputEncoding;
use super::fetched_chunks::FetchedChunks;
use super::ledger::{Counted, Ledger};
use super::row_filter::RowFilter;
use crate::io::bytes_read;
use crate::parquet_file::columns::ColumnReader;
use crate::parquet_file::file::{ParquetFile, rows};
use crate::parquet_file::pages::FilePages;
use arrow::array::ArrayRef;
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::DataType;
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
    /// The predicate for its rows; `None` if all rows pass.
    pub(crate) filter: Option<Arc<RowFilter>>,
    /// The leaves of output columns.
    pub(crate) output: Arc<[usize]>,
    /// All leaves that are decoded, output or not, if the whole predicate is evaluated.
    pub(crate) read: Arc<[usize]>,
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

    /// All leaves that are decoded if this part of the predicate is evaluated, in order.
    pub(crate) fn leaves(&self, filter: Option<&RowFilter>) -> Arc<[usize]> {
        let Some(filter) = filter else { return Arc::clone(&self.output) };
        let all = self.filter.as_ref().map_or(0, |all| all.columns.len());
        if filter.columns.len() == all {
            return Arc::clone(&self.read);
        }
        united(&self.output, &filter.reader.leaves)
    }
}

/// All leaves of both lists, in order.
pub(crate) fn united(some: &[usize], others: &[usize]) -> Arc<[usize]> {
    let all: BTreeSet<usize> = some.iter().chain(others).copied().collect();
    all.into_iter().collect()
}

/// A range of rows of one row group.
#[derive(Clone)]
pub(crate) struct RowRange {
    pub(crate) source: Arc<OpenFile>,
    pub(crate) row_group: usize,
    /// The predicate for the rows; `None` if all of them pass.
    pub(crate) filter: Option<Arc<RowFilter>>,
    /// All leaves that are decoded, output or not.
    pub(crate) leaves: Arc<[usize]>,
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
        let first = self.filter.as_ref().map_or(&[][..], |filter| &filter.reader.leaves);
        self.leaves.iter().copied().filter(|leaf| !first.contains(leaf)).collect()
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
