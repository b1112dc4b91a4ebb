//! Where the pages of a flat column chunk are, by its offset index: what of a chunk must be fetched for
//! some of its rows, and where reading may begin.

use super::file::{ParquetFile, range_of, rows};
use super::thrift::is_bounded;
use crate::error::{Error, guard};
use parquet::file::page_index::index_reader::decode_offset_index;
use std::ops::Range;

/// The pages of a chunk, in order.
#[derive(Debug)]
pub(crate) struct PagePlaces {
    /// The first row of each page, ascending from 0.
    starts: Vec<usize>,
    /// The bytes of each page with its header.
    bytes: Vec<Range<u64>>,
    /// The offset of the chunk: its dictionary, if it has one.
    chunk_start: u64,
}

/// The page from which a chunk is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FirstPage {
    /// Its number.
    pub(crate) page: usize,
    /// The rows of the pages before.
    pub(crate) rows: usize,
    /// Its offset.
    pub(crate) offset: u64,
    /// The offset of the first data page, where a dictionary ends.
    pub(crate) first_offset: u64,
}

impl PagePlaces {
    /// Where the offset index of a chunk is; `None` if there is none that says which bytes are needed:
    /// rows of lists may continue in the next page, and encrypted chunks are read from their start.
    pub(crate) fn index_range(
        file: &ParquetFile,
        row_group: usize,
        leaf: usize,
    ) -> Option<Range<u64>> {
        let chunk = file.parquet().row_group(row_group).column(leaf);
        let is_flat = chunk.column_descr().max_rep_level() == 0;
        if !is_flat || file.is_encrypted(row_group, leaf) {
            return None;
        }
        range_of(chunk.offset_index_offset()?, chunk.offset_index_length()?.into())
    }

    /// Reads the offset index of a chunk; `None` if there is none, or it cannot be believed.
    pub(crate) fn read(file: &ParquetFile, row_group: usize, leaf: usize) -> Option<Self> {
        let bytes = file.bytes().read(Self::index_range(file, row_group, leaf)?).ok()?;
        if !is_bounded(&bytes, None) {
            return None;
        }
        let index = guard("offset index", || {
            decode_offset_index(&bytes).map_err(|error| Error::failed(error.to_string()))
        });
        let metadata = file.parquet().row_group(row_group);
        let chunk = metadata.column(leaf);
        let (chunk_start, length) = chunk.byte_range();
        let (mut starts, mut pages) = (Vec::new(), Vec::new());
        for page in index.ok()?.page_locations() {
            starts.push(usize::try_from(page.first_row_index).ok()?);
            pages.push(range_of(page.offset, page.compressed_page_size.into())?);
        }
        let last_row = starts.last().copied()? as u64;
        let is_sound = starts.first() == Some(&0)
            && starts.is_sorted_by(|one, next| one < next)
            && last_row < rows(metadata)
            && u64::try_from(chunk.data_page_offset()) == Ok(pages.first()?.start)
            && pages.is_sorted_by(|one, next| one.end <= next.start)
            && pages.last()?.end <= chunk_start.checked_add(length)?;
        is_sound.then_some(Self { starts, bytes: pages, chunk_start })
    }

    /// The bytes of the pages that have some of the rows, and of the dictionary before the first page.
    pub(crate) fn needed(&self, rows: &[Range<usize>]) -> Vec<Range<u64>> {
        let dictionary = self.chunk_start..self.bytes.first().map_or(0, |first| first.start);
        let mut needed = if dictionary.is_empty() { Vec::new() } else { vec![dictionary] };
        for rows in rows.iter().filter(|rows| !rows.is_empty()) {
            let (first, last) = (self.page(rows.start), self.page(rows.end - 1));
            if let (Some(first), Some(last)) = (self.bytes.get(first), self.bytes.get(last)) {
                needed.push(first.start..last.end);
            }
        }
        needed
    }

    /// The page from which reading begins for a row; `None` if that is the first one.
    pub(crate) fn first_page(&self, row: usize) -> Option<FirstPage> {
        let page = self.page(row);
        let (rows, offset) = (*self.starts.get(page)?, self.bytes.get(page)?.start);
        let first_offset = self.bytes.first()?.start;
        (page > 0).then_some(FirstPage { page, rows, offset, first_offset })
    }

    fn page(&self, row: usize) -> usize {
        self.starts.partition_point(|start| *start <= row).saturating_sub(1)
    }
}
