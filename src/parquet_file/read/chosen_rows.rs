//! The rows of a row group that are read, and what of the predicate is evaluated on them.

use super::fetched_chunks::FetchedChunks;
use super::ledger::Counted;
use super::prune::{self, Matching};
use super::prune_requests::Read;
use super::row_filter::RowFilter;
use super::row_size;
use super::source::{OpenFile, RowRange};
use crate::explain::Cause;
use crate::expression::Reduced;
use crate::parquet_file::file::rows;
use std::ops::Range;
use std::sync::Arc;

/// The rows of a row group that may be output.
pub(crate) struct ChosenRows {
    pub(crate) source: Arc<OpenFile>,
    pub(crate) row_group: usize,
    /// The predicate for them; `None` if all of them pass.
    filter: Option<Arc<RowFilter>>,
    /// All leaves that are decoded, output or not.
    leaves: Arc<[usize]>,
    ranges: Vec<Range<usize>>,
    fetched: Option<Arc<FetchedChunks>>,
}

impl ChosenRows {
    /// The rows that can satisfy the predicate, and the part of it that statistics leave open.
    pub(crate) fn matching(source: Arc<OpenFile>, row_group: usize) -> Self {
        let file = &source.file;
        let all = 0..rows(file.parquet().row_group(row_group)) as usize;
        let Some(filter) = source.filter.clone() else {
            return Self::unfiltered(source, row_group, all);
        };
        let bounds = prune::bounds(file, row_group, &filter.columns);
        match filter.predicate.reduced(&bounds) {
            Reduced::Never => {
                Self::new(source, row_group, Some(filter), Vec::new(), Cause::Statistics)
            }
            Reduced::Always => Self::unfiltered(source, row_group, all),
            Reduced::When(part) => {
                let filter = filter.reduced(file, part).map_or(filter, Arc::new);
                let Matching { rows, cause } = prune(&source, row_group, &filter);
                Self::new(source, row_group, Some(filter), rows, cause)
            }
        }
    }

    /// These rows, all of which are output.
    pub(crate) fn unfiltered(source: Arc<OpenFile>, row_group: usize, rows: Range<usize>) -> Self {
        Self::new(source, row_group, None, vec![rows], Cause::Limit)
    }

    /// `cause` says why the other rows are not read.
    fn new(
        source: Arc<OpenFile>,
        row_group: usize,
        filter: Option<Arc<RowFilter>>,
        mut ranges: Vec<Range<usize>>,
        cause: Cause,
    ) -> Self {
        ranges.retain(|rows| !rows.is_empty());
        let leaves = source.leaves(filter.as_deref());
        if let Some(ledger) = &source.ledger {
            let counted = Counted { file: &source.file, row_group, leaves: &leaves };
            let is_proven = |leaf: &usize| leaves.binary_search(leaf).is_err();
            let proven: Vec<usize> = source.read.iter().copied().filter(is_proven).collect();
            ledger.row_group(&counted, &proven, &ranges, cause);
        }
        // With a predicate, the other columns are needed only if rows match.
        let (first, sized) = match &filter {
            None => (&leaves[..], Vec::new()),
            Some(filter) => {
                let first = &filter.reader.leaves[..];
                let late = leaves.iter().filter(|leaf| !first.contains(leaf));
                let sized =
                    late.filter_map(|leaf| row_size::sampled_bytes(&source, row_group, *leaf));
                (first, sized.collect())
            }
        };
        let fetched = FetchedChunks::announce(&source.file, row_group, (first, &sized), &ranges);
        Self { source, row_group, filter, leaves, ranges, fetched }
    }

    /// The bytes that are fetched for them.
    pub(crate) fn fetched_bytes(&self) -> u64 {
        self.fetched.as_ref().map_or(0, |fetched| fetched.bytes())
    }

    /// The same as row ranges, whose batches are not chosen yet.
    pub(crate) fn row_ranges(self) -> impl Iterator<Item = RowRange> {
        let Self { source, row_group, filter, leaves, ranges, fetched } = self;
        ranges.into_iter().map(move |rows| RowRange {
            source: Arc::clone(&source),
            row_group,
            filter: filter.clone(),
            leaves: Arc::clone(&leaves),
            rows,
            batch_rows: 0,
            batch_bytes: 0,
            fetched: fetched.clone(),
        })
    }
}

/// Prunes a row group by what must be read besides its statistics.
fn prune(source: &OpenFile, row_group: usize, filter: &RowFilter) -> Matching {
    let leaves = source.leaves(Some(filter));
    let read = Read { source, row_group, filter, leaves: &leaves };
    let fetch = || read.fetch_indexes();
    let bounds = prune::bounds(&source.file, row_group, &filter.columns);
    let asked = (&filter.predicate, &filter.columns[..]);
    prune::matching_rows(&source.file, row_group, asked, bounds, read.details(&fetch))
}
