//! The column chunks of a row group, or the pages of them, that are fetched before they are read.

use crate::parquet_file::file::{ParquetFile, rows};
use crate::parquet_file::page_places::{FirstPage, PagePlaces};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Announced ranges of a row group, which are forgotten when this is dropped.
#[derive(Debug)]
pub(crate) struct FetchedChunks {
    file: ParquetFile,
    row_group: usize,
    announced: Mutex<Announced>,
}

#[derive(Debug, Default)]
struct Announced {
    ranges: Vec<Range<u64>>,
    /// The pages of the leaves of which only some are fetched.
    pages: BTreeMap<usize, PagePlaces>,
}

/// If not all rows of a chunk are read, and its pages are not known, as many bytes are fetched more than
/// their share: a page is 1 MiB as a rule, and the dictionary comes first.
const MORE_BYTES: u64 = 2 << 20;

/// An offset index that must be fetched first costs a round trip. In 30 ms, 3 MB arrive at 100 MB/s, and
/// chunks of several columns are fetched together.
const WORTH_A_REQUEST_BYTES: u64 = 1 << 20;

/// One that is here costs nothing, but each gap costs a request.
const WORTH_A_GAP_BYTES: u64 = 128 << 10;

impl FetchedChunks {
    /// Announces what is needed of the chunks of some leaves to read rows of a row group, and other
    /// ranges with them. `None` for a file that does not fetch.
    pub(crate) fn announce(
        file: &ParquetFile,
        row_group: usize,
        (leaves, others): (&[usize], &[Range<u64>]),
        rows: &[Range<usize>],
    ) -> Option<Arc<Self>> {
        if !file.bytes().fetches() || rows.is_empty() {
            return None;
        }
        let fetched = Self { file: file.clone(), row_group, announced: Mutex::default() };
        fetched.announce_all(leaves, others, rows);
        Some(Arc::new(fetched))
    }

    /// The bytes that were announced.
    pub(crate) fn bytes(&self) -> u64 {
        self.announced().ranges.iter().map(|range| range.end - range.start).sum()
    }

    /// The page of a leaf from which reading for a row begins, if those before may not be here.
    pub(crate) fn first_page(&self, leaf: usize, row: usize) -> Option<FirstPage> {
        self.announced().pages.get(&leaf)?.first_page(row)
    }

    /// Announces more of the row group.
    pub(crate) fn add(&self, leaves: &[usize], rows: &[Range<usize>]) {
        self.announce_all(leaves, &[], rows);
    }

    fn announce_all(&self, leaves: &[usize], others: &[Range<u64>], rows: &[Range<usize>]) {
        let mut pages = self.pages(leaves, rows);
        let end = rows.last().map_or(0, |rows| rows.end);
        let needed = leaves.iter().flat_map(|leaf| match pages.get(leaf) {
            Some(pages) => pages.needed(rows),
            None => vec![self.front(*leaf, end)],
        });
        let needed: Vec<Range<u64>> = needed.chain(others.iter().cloned()).collect();
        self.file.bytes().fetch(&needed);
        let mut announced = self.announced();
        announced.ranges.extend(needed);
        announced.pages.append(&mut pages);
    }

    /// The bytes of a chunk for the rows up to `end`.
    fn front(&self, leaf: usize, end: usize) -> Range<u64> {
        let metadata = self.file.parquet().row_group(self.row_group);
        let share = (end as f64 / rows(metadata).max(1) as f64).min(1.0);
        let (start, bytes) = metadata.column(leaf).byte_range();
        let needed = (bytes as f64 * share).ceil() as u64;
        let more = if share < 1.0 { MORE_BYTES } else { 0 };
        start..start.saturating_add(needed.saturating_add(more).min(bytes))
    }

    /// The pages of the leaves of which enough is not needed. Their offset indexes are fetched together.
    fn pages(&self, leaves: &[usize], rows: &[Range<usize>]) -> BTreeMap<usize, PagePlaces> {
        let indexes = leaves.iter().filter_map(|leaf| {
            let index = PagePlaces::index_range(&self.file, self.row_group, *leaf)?;
            let is_here = self.file.bytes().at_hand(index.clone()).is_some();
            let least = if is_here { WORTH_A_GAP_BYTES } else { WORTH_A_REQUEST_BYTES };
            (least <= self.saved_bytes(*leaf, rows)).then_some((*leaf, index))
        });
        let (leaves, indexes): (Vec<usize>, Vec<Range<u64>>) = indexes.unzip();
        self.file.bytes().fetch(&indexes);
        let places = |leaf| Some((leaf, PagePlaces::read(&self.file, self.row_group, leaf)?));
        leaves.into_iter().filter_map(places).collect()
    }

    /// The bytes of a chunk that are not needed, if rows take the same everywhere.
    fn saved_bytes(&self, leaf: usize, needed: &[Range<usize>]) -> u64 {
        let metadata = self.file.parquet().row_group(self.row_group);
        let needed: usize = needed.iter().map(Range::len).sum();
        let share = 1.0 - (needed as f64 / rows(metadata).max(1) as f64).min(1.0);
        let (_, bytes) = metadata.column(leaf).byte_range();
        (bytes as f64 * share) as u64
    }

    fn announced(&self) -> MutexGuard<'_, Announced> {
        self.announced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FetchedChunks {
    fn drop(&mut self) {
        let announced = self.announced.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.file.bytes().forget(&announced.ranges);
    }
}
