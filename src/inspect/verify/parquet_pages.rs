//! The pages of a column chunk by their headers: against the footer, the page index, and with
//! [`Depth::Full`] their checksums.

use super::Depth;
use super::fault::{Faults, Kind, Place};
use crate::inspect::page_chunk::{DICTIONARY_HEADER_BYTES, extent, is_data, is_page};
use crate::inspect::page_header::{Header, PageKind};
use crate::inspect::page_index::PageIndex;
use crate::text::count;
use bytes::Bytes;
use parquet::basic::CompressionCodec;
use parquet::file::metadata::ColumnChunkMetaData;
use std::ops::Range;

/// A walk from header to header.
pub(super) struct PageWalk<'a> {
    file: &'a Bytes,
    left: Range<usize>,
    values_left: u64,
    data_pages: usize,
    /// The number of the next page.
    number: u64,
}

/// A page with its header.
pub(super) struct Walked<'a> {
    pub(super) number: u64,
    pub(super) header: Header<'a>,
    pub(super) kind: PageKind,
    /// The position of its header.
    pub(super) start: usize,
    /// Its bytes without its header.
    pub(super) body: Range<usize>,
}

impl<'a> PageWalk<'a> {
    /// Starts at the front of a chunk; none if the chunk is outside the file.
    pub(super) fn start(
        file: &'a Bytes,
        chunk: &ColumnChunkMetaData,
        lacks_header: bool,
    ) -> Option<Self> {
        let Range { start, mut end } = extent(file.len() as u64, chunk).ok()?;
        if lacks_header {
            end = (file.len() as u64).min(end + DICTIONARY_HEADER_BYTES);
        }
        let left = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
        let values_left = chunk.num_values().unsigned_abs();
        Some(Self { file, left, values_left, data_pages: 0, number: 0 })
    }

    /// The next page; none at the end of the chunk, and a clause if its bytes are not a page.
    pub(super) fn next(&mut self) -> Option<Result<Walked<'a>, &'static str>> {
        let has_all = self.values_left == 0 && self.data_pages > 0;
        // Some writers (Impala) leave bytes after the last page that are not a page.
        if self.left.is_empty() || (has_all && !is_page(&self.file[self.left.clone()])) {
            return None;
        }
        let start = self.left.start;
        let Some((header, kind)) = Header::read(&self.file[start..]) else {
            self.left = 0..0;
            return Some(Err("it does not begin with a page header"));
        };
        let end = header.end().and_then(|bytes| start.checked_add(bytes));
        let Some(end) = end.filter(|end| *end <= self.left.end) else {
            self.left = 0..0;
            return Some(Err("it extends beyond its column chunk"));
        };
        let walked =
            Walked { number: self.number, body: start + header.bytes..end, header, kind, start };
        self.left.start = end;
        self.number += 1;
        if is_data(kind) {
            self.data_pages += 1;
            let values = walked.header.values.unwrap_or(0);
            self.values_left = self.values_left.saturating_sub(values);
        }
        Some(Ok(walked))
    }

    /// The next data page; none at the end or at damage, which [`Check`] reports.
    pub(super) fn next_data(&mut self) -> Option<Walked<'a>> {
        loop {
            let page = self.next()?.ok()?;
            if is_data(page.kind) {
                return Some(page);
            }
        }
    }
}

/// The most by which the pages of a chunk may exceed the size in the footer and still be decoded.
const SLACK_BYTES: u64 = 16 << 20;

/// The check of the pages of one chunk.
pub(super) struct Check<'a> {
    pub(super) file: &'a Bytes,
    pub(super) chunk: &'a ColumnChunkMetaData,
    pub(super) index: &'a PageIndex,
    /// The chunk.
    pub(super) place: Place,
    /// Whether the size of the chunk excludes a header.
    pub(super) lacks_header: bool,
    pub(super) depth: Depth,
    pub(super) row_group_rows: u64,
}

/// Sums over the pages so far.
#[derive(Default)]
struct Sums {
    values: u64,
    /// The rows; none once a page does not state them.
    rows: Option<u64>,
    data_pages: usize,
    bytes: u64,
    uncompressed_bytes: u64,
    /// Whether a page claims more bytes than its own can decompress to.
    is_oversized: bool,
}

impl Check<'_> {
    /// Checks all pages; returns whether all of them were found and have a plausible size.
    pub(super) fn pages(&self, faults: &mut Faults) -> bool {
        if self.index.is_damaged {
            let what = "the page index cannot be read";
            faults.add(Kind::PageIndex, self.place.clone(), what);
        }
        let walk = PageWalk::start(self.file, self.chunk, self.lacks_header);
        // A chunk outside the file is a fault of the footer.
        let Some(mut walk) = walk else { return false };
        let mut sums = Sums { rows: Some(0), ..Sums::default() };
        loop {
            let number = walk.number;
            match walk.next() {
                Some(Ok(page)) => self.page(&page, &mut sums, faults),
                Some(Err(why)) => {
                    faults.add(Kind::Structure, self.place.clone().page(number), why);
                    return false;
                }
                None => break,
            }
        }
        self.sums(&sums, faults);
        // A page larger than its chunk is not decompressed: it may take any memory.
        let most = u64::try_from(self.chunk.uncompressed_size()).unwrap_or(0);
        !sums.is_oversized && (sums.uncompressed_bytes <= most.saturating_add(SLACK_BYTES))
    }

    fn is_compressed(&self) -> bool {
        self.chunk.compression_codec() != CompressionCodec::UNCOMPRESSED
    }

    fn page(&self, page: &Walked<'_>, sums: &mut Sums, faults: &mut Faults) {
        let place = self.place.clone().page(page.number);
        let header = &page.header;
        let mut add = |kind, what: String| faults.add(kind, place.clone(), what);
        if page.kind == PageKind::Dictionary && page.number > 0 {
            add(Kind::Structure, "a dictionary page that is not the first page".to_owned());
        }
        if let Some(what) = self.wrong_size(header) {
            sums.is_oversized |= self.is_compressed();
            add(Kind::Count, what);
        }
        if is_data(page.kind) || page.kind == PageKind::Dictionary {
            if header.values.is_none() {
                add(Kind::Count, "its header has no number of values".to_owned());
            }
            if header.encoding.is_none() {
                add(Kind::Structure, "its encoding is unknown".to_owned());
            }
        }
        if header.nulls.zip(header.values).is_some_and(|(nulls, values)| values < nulls) {
            let nulls = count(header.nulls.unwrap_or(0));
            let values = count(header.values.unwrap_or(0));
            add(Kind::Statistics, format!("{nulls} nulls among {values} values"));
        }
        if self.depth == Depth::Full
            && let Some(stated) = header.checksum
        {
            let found = crc32fast::hash(&self.file[page.body.clone()]);
            if found != stated {
                let what = format!("its checksum is {found:08x}, but its header says {stated:08x}");
                add(Kind::Checksum, what);
            }
        }
        if is_data(page.kind) {
            self.location(page, sums, faults);
            sums.data_pages += 1;
            sums.values = sums.values.saturating_add(header.values.unwrap_or(0));
            let rows = header.rows.or_else(|| self.is_flat().then_some(header.values)?);
            sums.rows = sums.rows.zip(rows).and_then(|(sum, rows)| sum.checked_add(rows));
        }
        sums.bytes += (header.bytes + page.body.len()) as u64;
        let uncompressed = header.uncompressed_bytes.saturating_add(header.bytes as u64);
        sums.uncompressed_bytes = sums.uncompressed_bytes.saturating_add(uncompressed);
    }

    fn is_flat(&self) -> bool {
        self.chunk.column_descr().max_rep_level() == 0
    }

    /// Whether the sizes of a page contradict each other.
    fn wrong_size(&self, header: &Header<'_>) -> Option<String> {
        // The most that a codec can shrink: a longer match or block takes another byte.
        let most = match self.chunk.compression_codec() {
            CompressionCodec::UNCOMPRESSED => 1,
            CompressionCodec::SNAPPY => 64,
            CompressionCodec::LZ4 | CompressionCodec::LZ4_RAW => 255,
            CompressionCodec::GZIP => 1040,
            _ => u64::MAX,
        };
        /// Headers of the codecs.
        const SMALL_BYTES: u64 = 64;
        let (stored, claimed) = (header.stored_bytes, header.uncompressed_bytes);
        if most == 1 {
            return (stored != claimed).then(|| {
                let (stored, claimed) = (count(stored), count(claimed));
                format!("its {stored} bytes are not compressed, but claim to be {claimed}")
            });
        }
        let is_wrong = stored.saturating_add(SMALL_BYTES).saturating_mul(most) < claimed;
        is_wrong.then(|| {
            let (stored, claimed) = (count(stored), count(claimed));
            format!("its {stored} bytes claim to decompress to {claimed}")
        })
    }

    /// Checks the entry of a data page in the offset index.
    fn location(&self, page: &Walked<'_>, sums: &Sums, faults: &mut Faults) {
        let Some(location) = self.index.locations.get(sums.data_pages) else { return };
        let mut add = |what: String| {
            faults.add(Kind::PageIndex, self.place.clone().page(page.number), what);
        };
        let bytes = page.header.bytes + page.body.len();
        if usize::try_from(location.offset) != Ok(page.start) {
            let (found, stated) = (page.start, location.offset);
            add(format!("it is at offset {found}, but the offset index says {stated}"));
        } else if usize::try_from(location.stored_bytes) != Ok(bytes) {
            let stated = location.stored_bytes;
            add(format!("it has {bytes} bytes, but the offset index says {stated}"));
        }
        if let Some(rows) = sums.rows
            && u64::try_from(location.first_row) != Ok(rows)
        {
            let stated = location.first_row;
            add(format!("its first row is {rows}, but the offset index says {stated}"));
        }
    }

    /// Checks the sums against the footer and the page index.
    fn sums(&self, sums: &Sums, faults: &mut Faults) {
        let mut add = |kind, what: String| faults.add(kind, self.place.clone(), what);
        let stated = self.chunk.num_values();
        if u64::try_from(stated) != Ok(sums.values) {
            let values = sums.values;
            add(
                Kind::Count,
                format!("its pages have {values} values, but the footer says {stated}"),
            );
        }
        if let Some(rows) = sums.rows.filter(|rows| *rows != self.row_group_rows) {
            let stated = self.row_group_rows;
            add(Kind::Count, format!("its pages have {rows} rows, but the row group has {stated}"));
        }
        let stated = u64::try_from(self.chunk.uncompressed_size()).ok();
        if stated != Some(sums.uncompressed_bytes) {
            let (found, stated) = (sums.uncompressed_bytes, self.chunk.uncompressed_size());
            let what =
                format!("its pages have {found} bytes uncompressed, the footer says {stated}");
            add(Kind::Count, what);
        }
        for (name, entries) in self.index.lists() {
            if entries != sums.data_pages {
                let pages = sums.data_pages;
                let what = format!("{entries} {name} in the page index for {pages} data pages");
                add(Kind::PageIndex, what);
            }
        }
    }
}
