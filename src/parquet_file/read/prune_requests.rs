//! Which requests pruning is worth: what prunes an object must be fetched first.

use super::prune::{self, Details, GAP_ROWS};
use super::row_filter::RowFilter;
use super::source::OpenFile;
use crate::expression::Reduced;
use crate::parquet_file::file::range_of;
use std::ops::Range;

/// Neither the page index nor a bloom filter of a smaller row group is worth a request: at 100 MB/s the
/// row group itself arrives in a third of a round trip of 30 ms.
const WORTH_PRUNING_BYTES: u64 = 1 << 20;

/// Indexes of more bytes than this are not fetched for all row groups at once.
const MOST_INDEX_BYTES: u64 = 1 << 20;

/// Announces the bloom filters that may decide, those of all row groups that statistics leave open:
/// waiting for one after another would take a round trip each. Those of more than 1 MiB are fetched when
/// they are needed.
pub(crate) fn fetch_filters(source: &OpenFile) {
    let Some(filter) = source.filter.as_ref().filter(|_| source.file.bytes().fetches()) else {
        return;
    };
    let (file, mut left) = (&source.file, MOST_INDEX_BYTES);
    let mut wanted = Vec::new();
    for row_group in source.row_groups.iter().copied() {
        let bounds = prune::bounds(file, row_group, &filter.columns);
        let is_open = matches!(filter.predicate.reduced(&bounds), Reduced::When(_));
        if is_open {
            let read = Read { source, row_group, filter, leaves: &source.read };
            let most = read.details(&|| ()).filter_bytes;
            let asked = (&filter.predicate, &filter.columns[..]);
            wanted.extend(prune::filters(file, row_group, asked, bounds, most));
        }
    }
    wanted.retain(|range| {
        let fits = range.end - range.start <= left;
        left -= if fits { range.end - range.start } else { left };
        fits
    });
    file.bytes().fetch(&wanted);
}

/// A row group, and what is read of it.
pub(crate) struct Read<'a> {
    pub(crate) source: &'a OpenFile,
    pub(crate) row_group: usize,
    pub(crate) filter: &'a RowFilter,
    pub(crate) leaves: &'a [usize],
}

impl Read<'_> {
    /// The means by which it may be pruned. `fetch` is [`Read::fetch_indexes`].
    pub(crate) fn details<'a>(&self, fetch: &'a dyn Fn()) -> Details<'a> {
        if !self.source.file.bytes().fetches() {
            return Details::all(GAP_ROWS);
        }
        let metadata = self.source.file.parquet().row_group(self.row_group);
        let bytes: u64 = self.leaves.iter().map(|leaf| metadata.column(*leaf).byte_range().1).sum();
        let is_here = |index| self.source.file.bytes().at_hand(index).is_some();
        if WORTH_PRUNING_BYTES <= bytes || self.indexes(self.row_group).all(is_here) {
            return Details { gap: GAP_ROWS, filter_bytes: bytes / 2, index: Some(fetch) };
        }
        Details { gap: GAP_ROWS, filter_bytes: 0, index: None }
    }

    /// Announces the page index: that of all row groups from this one on, unless it is large.
    pub(crate) fn fetch_indexes(&self) {
        let bytes = self.source.file.bytes();
        if !bytes.fetches() {
            return;
        }
        let later = self.source.row_groups.iter().copied();
        let later = later.skip_while(|number| *number != self.row_group);
        let all: Vec<Range<u64>> = later.flat_map(|number| self.indexes(number)).collect();
        let size: u64 = all.iter().map(|index| index.end - index.start).sum();
        if MOST_INDEX_BYTES < size {
            bytes.fetch(&self.indexes(self.row_group).collect::<Vec<_>>());
        } else if !all.iter().all(|index| bytes.at_hand(index.clone()).is_some()) {
            bytes.fetch(&all);
        }
    }

    /// The page index of a row group that may decide: for the columns of the predicate, and where the
    /// pages of the others are.
    fn indexes(&self, row_group: usize) -> impl Iterator<Item = Range<u64>> + '_ {
        let metadata = self.source.file.parquet().row_group(row_group);
        let bounds = self.filter.reader.leaves.iter().filter_map(|leaf| {
            let chunk = metadata.column(*leaf);
            range_of(chunk.column_index_offset()?, chunk.column_index_length()?.into())
        });
        let places = self.leaves.iter().filter_map(|leaf| {
            let chunk = metadata.column(*leaf);
            range_of(chunk.offset_index_offset()?, chunk.offset_index_length()?.into())
        });
        bounds.chain(places)
    }
}
