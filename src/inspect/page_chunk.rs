//! Walks the pages of one column chunk, from header to header.

use super::bounds::{Bounds, Ignored};
use super::page_header::{Header, PageKind};
use super::page_index::PageIndex;
use super::parquet::{codec_name, file_path};
use super::parquet_type::{self, Meaning};
use super::statistics::PageBounds;
use crate::error::{Error, Result, guard};
use crate::io::{RangedBytes, read_at};
use crate::parquet_file::statistics_validity::{ColumnTrust, FileTrust, NullCount};
use crate::parquet_file::writer_bugs::chunk_size_lacks_dictionary_header;
use crate::text::escaped;
use bytes::Bytes;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use std::ops::Range;
use std::sync::Arc;

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

/// The largest header of a dictionary page (parquet-cpp, `kMaxDictHeaderSize`).
pub(super) const DICTIONARY_HEADER_BYTES: u64 = 100;

/// A column chunk whose pages are being listed.
pub(super) struct Chunk {
    file: Arc<dyn RangedBytes>,
    column: ColumnChunkMetaData,
    meaning: Meaning,
    trust: ColumnTrust,
    row_group: usize,
    row_group_rows: i64,
    /// The rest of the chunk, which begins with the next header.
    left: Range<u64>,
    /// The number of values in the footer minus those of the pages so far. When it reaches 0, the
    /// chunk may end earlier than the footer says.
    values_left: u64,
    /// Whether the rest may belong to another chunk, so that it is not reported.
    may_overlap: bool,
    pages: u64,
    /// The number of data pages so far, which are the ones in the page index.
    data_pages: usize,
    index: PageIndex,
}

impl Chunk {
    /// Finds the chunk of the leaf at this position, and reads its page index.
    ///
    /// # Errors
    /// A chunk outside the file.
    pub(super) fn start(
        file: Arc<dyn RangedBytes>,
        footer: &ParquetMetaData,
        trust: &FileTrust,
        row_group: usize,
        place: usize,
    ) -> Result<Self> {
        let column = footer.row_group(row_group).column(place);
        let metadata = footer.file_metadata();
        let mut left =
            extent(file.size(), column).map_err(|error| error.with(what(row_group, column)))?;
        let lacks_header = chunk_size_lacks_dictionary_header(metadata.created_by());
        if lacks_header {
            left.end = file.size().min(left.end + DICTIONARY_HEADER_BYTES);
        }
        Ok(Self {
            index: PageIndex::read(&*file, column),
            file,
            column: column.clone(),
            meaning: parquet_type::meaning(column.column_descr().self_type()),
            trust: trust.column(metadata, column, place),
            row_group,
            row_group_rows: footer.row_group(row_group).num_rows(),
            left,
            values_left: column.num_values().unsigned_abs(),
            may_overlap: lacks_header,
            pages: 0,
            data_pages: 0,
        })
    }

    /// The next page; none at the end.
    ///
    /// # Errors
    /// Bytes that do not begin with a header; a page that extends beyond the file.
    pub(super) fn next_page(&mut self) -> Result<Option<Page>> {
        if self.left.is_empty() {
            return Ok(None);
        }
        let (file, number) = (Arc::clone(&self.file), self.pages);
        let what = what(self.row_group, &self.column);
        let failed = |why: String| Error::failed(why).with(&what);
        let start = self.left.start;
        let bytes = read_at(&*file, start, |bytes| Header::read(bytes).map(|_| bytes.clone()))?;
        let Some((header, kind)) = bytes.as_deref().and_then(Header::read) else {
            return Err(failed(match number {
                0 => "encrypted or damaged: it does not begin with a page header".to_owned(),
                _ => format!("damaged: page {number} does not begin with a header"),
            }));
        };
        let end = header.end().and_then(|bytes| start.checked_add(bytes as u64));
        let Some(end) = end.filter(|end| *end <= file.size()) else {
            return Err(failed(format!("damaged: page {number} extends beyond the file")));
        };
        let mut page = guard("damaged page header", || Ok(self.page(&header, kind)))?;
        self.left.start = end.min(self.left.end);
        self.pages += 1;
        if is_data(kind) {
            self.data_pages += 1;
            self.values_left = self.values_left.saturating_sub(header.values.unwrap_or(0));
        }
        page.trailing_bytes = self.trailing_bytes();
        Ok(Some(page))
    }

    /// The number of bytes between the last page and the end of the chunk that are not a page: some
    /// writers (Impala) leave them. None before the last page.
    fn trailing_bytes(&mut self) -> Option<u64> {
        let is_complete = self.values_left == 0 && self.data_pages > 0 && !self.left.is_empty();
        if !is_complete || self.continues() {
            return None;
        }
        let bytes = self.left.end - self.left.start;
        self.left = 0..0;
        (!self.may_overlap).then_some(bytes)
    }

    /// Whether the rest of the chunk begins with a page that ends in it.
    fn continues(&self) -> bool {
        let Range { start, end } = self.left;
        let page_end = |bytes: &Bytes| Header::read(bytes)?.0.end();
        let page_end = read_at(&*self.file, start, page_end).ok().flatten();
        page_end.is_some_and(|bytes| bytes as u64 <= end - start)
    }

    fn page(&self, header: &Header<'_>, kind: PageKind) -> Page {
        let bounds = if is_data(kind) { self.bounds(header) } else { Bounds::default() };
        let (nulls, nulls_ignored) = if is_data(kind) { self.nulls(header) } else { (None, None) };
        Page {
            row_group: self.row_group as u64,
            column: self.column.column_path().string(),
            number: self.pages,
            kind,
            encoding: header.encoding,
            codec: codec_name(self.column.compression_codec()),
            rows: header.rows.or_else(|| self.rows(header, kind)),
            values: header.values,
            nulls,
            nulls_ignored,
            offset: self.left.start,
            header_bytes: header.bytes as u64,
            stored_bytes: header.stored_bytes,
            uncompressed_bytes: header.uncompressed_bytes,
            has_checksum: header.checksum.is_some(),
            bounds,
            trailing_bytes: None,
        }
    }

    /// The bounds in the header, or else those in the page index.
    fn bounds(&self, header: &Header<'_>) -> Bounds {
        let values = |stated: PageBounds<'_>| {
            stated.values(self.column.column_type(), self.meaning, &self.trust)
        };
        let of_header = header.bounds.stated().map(values);
        let of_header = of_header.map(|bounds| bounds.with_exactness(header.bounds.flags));
        if let Some(bounds) = &of_header
            && bounds.ignored.is_none()
        {
            return bounds.clone();
        }
        let stated = self.index.bounds(self.data_pages).map(|(min, max)| PageBounds {
            min: Some(min),
            max: Some(max),
            are_old: false,
        });
        let of_index = stated
            .map(values)
            .or_else(|| self.index.is_damaged.then(|| Bounds::ignored(Ignored::Index)));
        of_index.or(of_header).unwrap_or_default()
    }

    /// The number of nulls in the header, or else in the page index.
    fn nulls(&self, header: &Header<'_>) -> (Option<u64>, Option<Ignored>) {
        let Some(nulls) = header.nulls.or_else(|| self.index.nulls(self.data_pages)) else {
            return (None, None);
        };
        let values = header.values.unwrap_or(u64::MAX);
        let has_bounds =
            header.bounds.min.is_some() || self.index.bounds(self.data_pages).is_some();
        match self.trust.page_null_count(NullCount { nulls, values, has_bounds }) {
            Ok(()) => (Some(nulls), None),
            Err(doubt) => (None, Some(doubt.into())),
        }
    }

    /// The number of rows in a data page whose header does not state it.
    fn rows(&self, header: &Header<'_>, kind: PageKind) -> Option<u64> {
        if !is_data(kind) {
            return None;
        }
        if self.column.column_descr().max_rep_level() == 0 {
            return header.values;
        }
        let location = self.index.locations.get(self.data_pages)?;
        // Only if the index entry is for this page.
        if u64::try_from(location.offset) != Ok(self.left.start) {
            return None;
        }
        let next = self.index.locations.get(self.data_pages + 1);
        let end = next.map_or(self.row_group_rows, |next| next.first_row);
        u64::try_from(end.checked_sub(location.first_row)?).ok()
    }
}

pub(super) fn is_data(kind: PageKind) -> bool {
    matches!(kind, PageKind::Data | PageKind::DataV2)
}

/// Whether these bytes begin with a page.
pub(super) fn is_page(bytes: &[u8]) -> bool {
    let end = Header::read(bytes).and_then(|(header, _)| header.end());
    end.is_some_and(|end| end <= bytes.len())
}

pub(super) fn what(row_group: usize, column: &ColumnChunkMetaData) -> String {
    format!("row group {row_group}: column \"{}\"", escaped(&column.column_path().string()))
}

/// The place of the chunk's first page in the file.
pub(super) fn first_page(column: &ColumnChunkMetaData) -> Option<u64> {
    // Some writers write 0 if there is no dictionary, some if there are no values.
    let offsets = [column.dictionary_page_offset(), Some(column.data_page_offset())];
    u64::try_from(offsets.into_iter().flatten().filter(|offset| *offset > 0).min()?).ok()
}

/// The range of the chunk's pages in a file of this size.
pub(super) fn extent(size: u64, column: &ColumnChunkMetaData) -> Result<Range<u64>> {
    if let Some(other) = file_path(column) {
        let other = escaped(other);
        return Err(Error::failed(format!("its pages are in another file, \"{other}\"")));
    }
    let start = first_page(column);
    let bytes = u64::try_from(column.compressed_size()).ok();
    let end = start.zip(bytes).and_then(|(start, bytes)| start.checked_add(bytes));
    match start.zip(end) {
        Some((start, end)) if end <= size => Ok(start..end),
        _ => Err(Error::failed("damaged: its pages are outside the file")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet_file::footer;
    use crate::parquet_file::footer::edited::edited;
    use crate::parquet_file::thrift::WireType;
    use arrow::array::{ArrayRef, Int64Array, RecordBatch};
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::WriterProperties;

    /// The trailing bytes of each page in a column chunk that claims more bytes than its pages
    /// take.
    fn trailing_bytes(writer: &str, more: i64) -> Vec<Option<u64>> {
        let values: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let batch = RecordBatch::try_from_iter([("x", values)]).unwrap();
        let plain = WriterProperties::builder().set_dictionary_enabled(false).build();
        let mut file = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(plain)).unwrap();
        file.write(&batch).unwrap();
        let file = edited(&file.into_inner().unwrap(), writer, |chunk| {
            const TOTAL_COMPRESSED_SIZE: i64 = 7;
            let bytes = chunk.integer(TOTAL_COMPRESSED_SIZE).unwrap();
            chunk.set_integer(TOTAL_COMPRESSED_SIZE, WireType::I64, bytes + more);
        });
        let file: Arc<dyn RangedBytes> = Arc::new(Bytes::from(file));
        let footer = footer::read(&*file, None).unwrap().metadata;
        let trust = FileTrust::of(footer.file_metadata());
        let mut chunk = Chunk::start(file, &footer, &trust, 0, 0).unwrap();
        std::iter::from_fn(|| chunk.next_page().unwrap()).map(|page| page.trailing_bytes).collect()
    }

    #[test]
    fn bytes_after_the_last_page_are_not_a_page() {
        assert_eq!(trailing_bytes("x", 0), [None]);
        assert_eq!(trailing_bytes("x", 22), [Some(22)]);
        // This writer's size omits a header, so the bytes that follow may belong to another chunk.
        assert_eq!(trailing_bytes("parquet-mr version 1.2.8", 0), [None]);
    }
}
