//! A page of a column chunk, as `file-inspect` shows it.

use super::bounds::{Bounds, Ignored};
use super::page_header::PageKind;

/// A page of a column chunk.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Page {
    /// The number of the row group in the file.
    pub(super) row_group: u64,
    /// The column's names from the root, joined by dots.
    pub(super) column: String,
    /// The number of the page in the column chunk, counting a dictionary page.
    pub(super) number: u64,
    /// Its kind.
    pub(super) kind: PageKind,
    /// The encoding of its values, by its name in parquet.thrift.
    pub(super) encoding: Option<&'static str>,
    /// The codec of the column chunk.
    pub(super) codec: &'static str,
    /// The number of rows that begin in it, if the header or page index states it or no list is
    /// involved.
    pub(super) rows: Option<u64>,
    /// The number of values including nulls; for a dictionary, of entries.
    pub(super) values: Option<u64>,
    /// The number of nulls, if the header or page index states it.
    pub(super) nulls: Option<u64>,
    /// Why a stated null count is ignored.
    pub(super) nulls_ignored: Option<Ignored>,
    /// The offset of its header in the file.
    pub(super) offset: u64,
    /// The size of its header.
    pub(super) header_bytes: u64,
    /// Its size in the file, without its header.
    pub(super) stored_bytes: u64,
    /// Its decompressed size.
    pub(super) uncompressed_bytes: u64,
    /// Whether the header has a checksum.
    pub(super) has_checksum: bool,
    /// The bounds of its values, from the header or the page index.
    pub(super) bounds: Bounds,
    /// For the last page of a column chunk: the number of bytes after it that the footer includes
    /// in the chunk but that are not a page.
    pub(super) trailing_bytes: Option<u64>,
}
