//! The pages of one column chunk, from header to header.

use super::page_bounds;
use super::page_header::{Header, PageKind};
use super::pages::Page;
use super::parquet::codec_name;
use super::parquet_type::{self, Meaning};
use super::statistics;
use crate::error::{Error, Result, guard};
use crate::parquet_file::{footer, trust};
use crate::text::escaped;
use bytes::Bytes;
use parquet::basic::ColumnOrder;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::page_index::index_reader::{decode_column_index, decode_offset_index};
use parquet::file::page_index::offset_index::PageLocation;
use std::ops::Range;

/// A column chunk whose pages are being listed.
pub(super) struct Chunk {
    file: Bytes,
    column: ColumnChunkMetaData,
    meaning: Meaning,
    order: ColumnOrder,
    row_group: usize,
    row_group_rows: i64,
    /// What is left of it: the next header begins there.
    left: Range<usize>,
    pages: u64,
    /// How many of them are in the page index.
    data_pages: usize,
    locations: Vec<PageLocation>,
    column_index: Option<ColumnIndexMetaData>,
}

impl Chunk {
    /// Finds the chunk and reads its page index.
    ///
    /// # Errors
    /// Claims that lie outside the file, a damaged page index.
    pub(super) fn start(
        file: Bytes,
        column: &ColumnChunkMetaData,
        order: ColumnOrder,
        row_group: usize,
        row_group_rows: i64,
    ) -> Result<Self> {
        let what = what(row_group, column);
        let left = extent(&file, column).map_err(|error| error.with(&what))?;
        let (locations, column_index) =
            guard(&what, || page_index(&file, column).map_err(|error| error.with(&what)))?;
        Ok(Self {
            file,
            column: column.clone(),
            meaning: parquet_type::meaning(column.column_descr().self_type()),
            order,
            row_group,
            row_group_rows,
            left,
            pages: 0,
            data_pages: 0,
            locations,
            column_index,
        })
    }

    /// The next page, none at the end.
    ///
    /// # Errors
    /// What does not begin with a header, a page that reaches beyond the file.
    pub(super) fn next_page(&mut self) -> Result<Option<Page>> {
        if self.left.is_empty() {
            return Ok(None);
        }
        let (file, number) = (self.file.clone(), self.pages);
        let failed = |why: String| Error::failed(why).with(what(self.row_group, &self.column));
        let start = self.left.start;
        let Some((header, kind)) = Header::read(&file[start..]) else {
            return Err(failed(match number {
                0 => "encrypted or damaged: it does not begin with a page header".to_owned(),
                _ => format!("damaged: page {number} does not begin with a header"),
            }));
        };
        let body_bytes = usize::try_from(header.stored_bytes).ok();
        let end = body_bytes.and_then(|bytes| (start + header.bytes).checked_add(bytes));
        let Some(end) = end.filter(|end| *end <= file.len()) else {
            return Err(failed(format!("damaged: page {number} reaches beyond the file")));
        };
        let page = guard("damaged page header", || Ok(self.page(&header, kind)))?;
        self.left.start = end.min(self.left.end);
        self.pages += 1;
        self.data_pages += usize::from(is_data(kind));
        Ok(Some(page))
    }

    fn page(&self, header: &Header<'_>, kind: PageKind) -> Page {
        let index = self
            .column_index
            .as_ref()
            .filter(|index| is_data(kind) && (self.data_pages as u64) < index.num_pages());
        let physical = self.column.column_type();
        let stated = page_bounds::of_header(&header.bounds, physical)
            .or_else(|| page_bounds::of_index(index?, self.data_pages));
        let stated = stated
            .filter(|stated| trust::are_bounds(stated, self.column.column_descr(), self.order));
        let (min, max) =
            stated.map_or((None, None), |stated| statistics::bounds(&stated, self.meaning));
        let indexed_nulls = index.and_then(|index| index.null_count(self.data_pages));
        Page {
            row_group: self.row_group as u64,
            column: self.column.column_path().string(),
            number: self.pages,
            kind,
            encoding: header.encoding,
            codec: codec_name(self.column.compression_codec()),
            rows: header.rows.or_else(|| self.rows(header, kind)),
            values: header.values,
            nulls: header.nulls.or_else(|| indexed_nulls.and_then(|n| u64::try_from(n).ok())),
            offset: self.left.start as u64,
            header_bytes: header.bytes as u64,
            stored_bytes: header.stored_bytes,
            uncompressed_bytes: header.uncompressed_bytes,
            has_checksum: header.has_checksum,
            min,
            max,
        }
    }

    /// The rows of a data page whose header does not count them.
    fn rows(&self, header: &Header<'_>, kind: PageKind) -> Option<u64> {
        if !is_data(kind) {
            return None;
        }
        if self.column.column_descr().max_rep_level() == 0 {
            return header.values;
        }
        let location = self.locations.get(self.data_pages)?;
        // Only where the index speaks of this very page.
        if usize::try_from(location.offset) != Ok(self.left.start) {
            return None;
        }
        let next = self.locations.get(self.data_pages + 1);
        let end = next.map_or(self.row_group_rows, |next| next.first_row_index);
        u64::try_from(end.checked_sub(location.first_row_index)?).ok()
    }
}

fn is_data(kind: PageKind) -> bool {
    matches!(kind, PageKind::Data | PageKind::DataV2)
}

fn what(row_group: usize, column: &ColumnChunkMetaData) -> String {
    format!("row group {row_group}: column \"{}\"", escaped(&column.column_path().string()))
}

/// Where the chunk's pages lie.
fn extent(file: &[u8], column: &ColumnChunkMetaData) -> Result<Range<usize>> {
    if let Some(other) = column.file_path() {
        let other = escaped(other);
        return Err(Error::failed(format!("its pages are in another file, \"{other}\"")));
    }
    // Some writers put 0 where there is no dictionary, some where there are no values.
    let offsets = [column.dictionary_page_offset(), Some(column.data_page_offset())];
    let start = offsets.into_iter().flatten().filter(|offset| 0 < *offset).min();
    let start = start.and_then(|start| usize::try_from(start).ok());
    let bytes = usize::try_from(column.compressed_size()).ok();
    let end = start.zip(bytes).and_then(|(start, bytes)| start.checked_add(bytes));
    match start.zip(end) {
        Some((start, end)) if end <= file.len() => Ok(start..end),
        _ => Err(Error::failed("damaged: its pages lie outside the file")),
    }
}

fn page_index(
    file: &[u8],
    column: &ColumnChunkMetaData,
) -> Result<(Vec<PageLocation>, Option<ColumnIndexMetaData>)> {
    let damaged = |error: ParquetError| {
        Error::failed(format!("damaged page index: {}", footer::cause(&error)))
    };
    let at = |offset: Option<i64>, length: Option<i32>| {
        let (Some(offset), Some(length)) = (offset, length) else { return Ok(None) };
        let start = usize::try_from(offset).ok();
        let length = usize::try_from(length).ok();
        let end = start.zip(length).and_then(|(start, length)| start.checked_add(length));
        start
            .zip(end)
            .and_then(|(start, end)| file.get(start..end))
            .map(Some)
            .ok_or_else(|| Error::failed("damaged page index: it lies outside the file"))
    };
    let offsets = at(column.offset_index_offset(), column.offset_index_length())?;
    let locations = offsets.map(decode_offset_index).transpose().map_err(damaged)?;
    let values = at(column.column_index_offset(), column.column_index_length())?;
    let values = values.map(|values| decode_column_index(values, column.column_type()));
    Ok((
        locations.map(|index| index.page_locations().clone()).unwrap_or_default(),
        values.transpose().map_err(damaged)?,
    ))
}
