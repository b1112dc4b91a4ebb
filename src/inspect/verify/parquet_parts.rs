//! The parts of a Parquet file that threads verify: a column chunk, and the order of a row group.

use super::Depth;
use super::fault::{Faults, Kind, Place};
use super::parquet_file::{Task, Verified};
use super::parquet_footer::is_elsewhere;
use super::parquet_order::Order;
use super::parquet_pages::{Check, PageWalk};
use super::parquet_sorted::{self, SortColumn};
use super::parquet_statistics::ColumnType;
use super::parquet_values::{DECODING, Values};
use crate::error::{Error, Result};
use crate::inspect::page_index::PageIndex;
use crate::inspect::parquet_type;
use crate::io::bytes_read;
use crate::parquet_file::chunk::ChunkPages;
use crate::parquet_file::footer::cause;
use crate::parquet_file::writer_bugs::chunk_size_lacks_dictionary_header;
use parquet::file::metadata::ColumnChunkMetaData;

/// A chunk with more values than this, and more of them per byte, is not decoded: a few bytes can
/// claim hours of work. Nulls alone, in pages of usual size, take a byte per 30,000 of them.
const MOST_VALUES: i64 = 1 << 28;
const MOST_VALUES_PER_BYTE: i64 = 1 << 16;

impl Verified {
    /// Checks a column chunk.
    pub(super) fn chunk(&self, row_group: usize, leaf: usize, faults: &mut Faults) {
        let group = self.metadata().row_group(row_group);
        let chunk = group.column(leaf);
        if is_elsewhere(chunk) || self.is_unreadable(leaf) {
            return;
        }
        let place = self.place(Task::Chunk(row_group, leaf));
        let column = self.column_type(chunk, leaf);
        column.check_stated(chunk, &place, faults);
        let index = self.index(row_group, leaf);
        let has_pages = self.pages(row_group, leaf, self.depth, &index, faults);
        if self.depth == Depth::Quick || !has_pages {
            return;
        }
        let walk = self.walk(row_group, leaf);
        let rows = u64::try_from(group.num_rows()).unwrap_or(0);
        let flags = self.flags.get(row_group).and_then(|flags| flags.get(leaf));
        let flags = flags.copied().unwrap_or_default();
        let (file, index, column) = (&self.bytes, &index, &column);
        let values = Values { file, chunk, index, column, flags, rows, place, walk };
        self.values(values, row_group, leaf, faults);
        if !self.is_counted {
            bytes_read::add(usize::try_from(chunk.compressed_size()).unwrap_or(0));
        }
    }

    /// The page index of a chunk; that of an encrypted one is encrypted, too.
    fn index(&self, row_group: usize, leaf: usize) -> PageIndex {
        if self.is_encrypted(row_group, leaf) {
            return PageIndex::default();
        }
        PageIndex::read(&self.bytes, self.metadata().row_group(row_group).column(leaf))
    }

    /// The headers of a chunk, unless they are encrypted.
    fn walk(&self, row_group: usize, leaf: usize) -> Option<PageWalk<'_>> {
        let chunk = self.metadata().row_group(row_group).column(leaf);
        let is_encrypted = self.is_encrypted(row_group, leaf);
        (!is_encrypted).then(|| PageWalk::start(&self.bytes, chunk, self.lacks_header()))?
    }

    fn lacks_header(&self) -> bool {
        chunk_size_lacks_dictionary_header(self.metadata().file_metadata().created_by())
    }

    /// Checks the pages of a chunk; returns whether their values can be decoded.
    fn pages(
        &self,
        row_group: usize,
        leaf: usize,
        depth: Depth,
        index: &PageIndex,
        faults: &mut Faults,
    ) -> bool {
        if self.is_encrypted(row_group, leaf) {
            return true;
        }
        let group = self.metadata().row_group(row_group);
        let check = Check {
            file: &self.bytes,
            chunk: group.column(leaf),
            index,
            place: self.place(Task::Chunk(row_group, leaf)),
            lacks_header: self.lacks_header(),
            depth,
            row_group_rows: u64::try_from(group.num_rows()).unwrap_or(0),
        };
        check.pages(faults)
    }

    fn values(&self, values: Values<'_>, row_group: usize, leaf: usize, faults: &mut Faults) {
        if values.chunk.num_values() == 0 {
            return;
        }
        if claims_too_much(values.chunk) {
            let (claimed, bytes) = (values.chunk.num_values(), values.chunk.compressed_size());
            let what =
                format!("it claims {claimed} values in {bytes} bytes, which are not decoded");
            return faults.add(Kind::Unverified, values.place, what);
        }
        let Some(pages) = self.open(row_group, leaf) else { return };
        match pages {
            Ok(pages) => values.check(pages, faults),
            Err(error) => {
                let what = format!("it cannot be decoded: {error}");
                faults.add(Kind::Values, values.place, what);
            }
        }
    }

    /// The pages of a chunk; none if values are not decoded.
    fn open(&self, row_group: usize, leaf: usize) -> Option<Result<ChunkPages>> {
        let file = self.file.as_ref()?;
        let pages = ChunkPages::open(file, &self.pages, row_group, leaf, DECODING);
        Some(pages.map_err(|error| Error::failed(cause(&error))))
    }

    fn is_encrypted(&self, row_group: usize, leaf: usize) -> bool {
        self.footer.encryption.as_ref().is_some_and(|found| found.has(row_group, leaf))
    }

    fn column_type(&self, chunk: &ColumnChunkMetaData, leaf: usize) -> ColumnType {
        let meaning = parquet_type::meaning(chunk.column_descr().self_type());
        ColumnType {
            physical: chunk.column_type(),
            meaning,
            order: Order::of(meaning),
            trust: self.trust.column(self.metadata().file_metadata(), chunk, leaf),
        }
    }

    /// Checks the declared order of a row group.
    pub(super) fn order(&self, row_group: usize, faults: &mut Faults) {
        let group = self.metadata().row_group(row_group);
        let mut columns = Vec::new();
        for declared in group.sorting_columns().into_iter().flatten() {
            let leaf = usize::try_from(declared.column_idx).ok();
            let Some(leaf) = leaf.filter(|leaf| *leaf < group.num_columns()) else {
                let number = declared.column_idx;
                let what = format!("it is sorted by column {number}, which does not exist");
                return faults.add(Kind::Order, Place::row_group(row_group), what);
            };
            let chunk = group.column(leaf);
            if is_elsewhere(chunk) || self.is_unreadable(leaf) || claims_too_much(chunk) {
                break;
            }
            // Faults of the pages are reported with the chunk.
            let (index, mut known) = (self.index(row_group, leaf), Faults::default());
            if !self.pages(row_group, leaf, Depth::Quick, &index, &mut known) {
                break;
            }
            let Some(Ok(pages)) = self.open(row_group, leaf) else { break };
            let (descriptor, order) =
                (chunk.column_descr_ptr(), self.column_type(chunk, leaf).order);
            let Some(column) = SortColumn::open(declared, descriptor, order, pages) else { break };
            columns.push(column);
        }
        if !columns.is_empty() {
            parquet_sorted::check(columns, Place::row_group(row_group), faults);
        }
    }
}

fn claims_too_much(chunk: &ColumnChunkMetaData) -> bool {
    let (claimed, bytes) = (chunk.num_values(), chunk.compressed_size().max(1));
    MOST_VALUES < claimed && MOST_VALUES_PER_BYTE < claimed / bytes
}
