//! Counts what of the files is read and what is pruned, for `--explain`.

use crate::explain::{Amounts, Cause, Tally};
use crate::parquet_file::file::{ParquetFile, range_of, rows};
use crate::parquet_file::thrift::is_bounded;
use arrow::buffer::BooleanBuffer;
use parquet::file::page_index::index_reader::decode_offset_index;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// The counts of one scan.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Tally>);

/// A row group, and the leaves that are read of it.
pub(crate) struct Counted<'a> {
    pub(crate) file: &'a ParquetFile,
    pub(crate) row_group: usize,
    pub(crate) leaves: &'a [usize],
}

/// A data page: its rows, and its bytes in the file.
struct Page {
    rows: Range<usize>,
    bytes: u64,
}

impl Ledger {
    /// The counts so far.
    pub(crate) fn tally(&self) -> Tally {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Tally)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Counts a file that is read.
    pub(crate) fn file(&self) {
        self.change(|tally| tally.total.files += 1);
    }

    /// Counts a file that is not opened.
    pub(crate) fn file_without_matches(&self, bytes: u64) {
        let file = Amounts { files: 1, bytes, ..Amounts::default() };
        self.change(|tally| {
            tally.total += file;
            tally[Cause::Keys] += file;
        });
    }

    /// Counts a row group, of which these rows are read, and the others are not for this cause. `proven`
    /// has the leaves that only the part of the predicate reads that statistics prove.
    pub(crate) fn row_group(
        &self,
        counted: &Counted<'_>,
        proven: &[usize],
        read: &[Range<usize>],
        cause: Cause,
    ) {
        let metadata = counted.file.parquet().row_group(counted.row_group);
        let all = rows(metadata);
        let bytes: u64 = (0..metadata.num_columns()).map(|leaf| counted.leaf_bytes(leaf)).sum();
        let needed: u64 = counted.leaves.iter().map(|leaf| counted.leaf_bytes(*leaf)).sum();
        let mut dropped = Amounts::default();
        for leaf in proven {
            dropped.pages += counted.pages(*leaf).len() as u64;
            dropped.bytes += counted.leaf_bytes(*leaf);
        }
        let is_read = |page: &Range<usize>| {
            read.iter().any(|rows| rows.start < page.end && page.start < rows.end)
        };
        let (mut pages, mut pruned) = (0, Amounts::default());
        for leaf in counted.leaves {
            let known = counted.pages(*leaf);
            pages += known.len() as u64;
            pruned += left_out(known.into_iter(), is_read);
        }
        if read.is_empty() {
            pruned.parts = 1;
            pruned.bytes = needed;
        }
        pruned.rows = all - read.iter().map(|rows| rows.len() as u64).sum::<u64>().min(all);
        self.change(|tally| {
            let pages = pages + dropped.pages;
            tally.total += Amounts { files: 0, parts: 1, pages, rows: all, bytes };
            tally[Cause::Columns].bytes += bytes.saturating_sub(needed + dropped.bytes);
            tally[Cause::Proven] += dropped;
            tally[cause] += pruned;
        });
    }

    /// Counts the rows of a range for which the predicate is not true. `counted` has the leaves that
    /// are decoded only for the other rows. A page that extends beyond the range counts as read.
    pub(crate) fn selected(
        &self,
        counted: &Counted<'_>,
        range: &Range<usize>,
        passing: &BooleanBuffer,
    ) {
        let mut late = Amounts::default();
        let is_read = |page: &Range<usize>| {
            let is_inside = range.start <= page.start && page.end <= range.end;
            !is_inside || 0 < passing.slice(page.start - range.start, page.len()).count_set_bits()
        };
        for leaf in counted.leaves {
            late += left_out(counted.pages(*leaf).into_iter(), is_read);
        }
        if !counted.leaves.is_empty() {
            late.rows = (passing.len() - passing.count_set_bits()) as u64;
        }
        self.change(|tally| tally[Cause::Late] += late);
    }
}

/// The pages that are not read, and their bytes.
fn left_out(pages: impl Iterator<Item = Page>, is_read: impl Fn(&Range<usize>) -> bool) -> Amounts {
    let mut sum = Amounts::default();
    for page in pages.filter(|page| !is_read(&page.rows)) {
        sum += Amounts { pages: 1, bytes: page.bytes, ..Amounts::default() };
    }
    sum
}

impl Counted<'_> {
    /// The bytes of a column chunk.
    fn leaf_bytes(&self, leaf: usize) -> u64 {
        let chunk = self.file.parquet().row_group(self.row_group).column(leaf);
        chunk.compressed_size().unsigned_abs()
    }

    /// The pages of a column chunk; none if it has no usable page index.
    fn pages(&self, leaf: usize) -> Vec<Page> {
        self.known_pages(leaf).unwrap_or_default()
    }

    fn known_pages(&self, leaf: usize) -> Option<Vec<Page>> {
        let metadata = self.file.parquet().row_group(self.row_group);
        let chunk = metadata.column(leaf);
        // The index is encrypted with its column.
        if self.file.is_encrypted(self.row_group, leaf) {
            return None;
        }
        let range = range_of(chunk.offset_index_offset()?, chunk.offset_index_length()?.into())?;
        // Counting is worth no request: without the index, pages are not counted.
        let bytes = self.file.bytes().at_hand(range).filter(|bytes| is_bounded(bytes, None))?;
        let index = decode_offset_index(&bytes).ok()?;
        let locations = index.page_locations();
        let first = |place: usize| usize::try_from(locations.get(place)?.first_row_index).ok();
        let all = rows(metadata) as usize;
        let page = |(place, location): (usize, &_)| {
            let location: &parquet::file::page_index::offset_index::PageLocation = location;
            let rows = first(place)?..first(place + 1).unwrap_or(all).min(all);
            let bytes = u64::try_from(location.compressed_page_size).ok()?;
            (rows.start < rows.end).then_some(Page { rows, bytes })
        };
        locations.iter().enumerate().map(page).collect()
    }
}
