//! Reads the header of a Parquet page without touching the page itself.
//!
//! Source: parquet.thrift, `PageHeader` and its members.

use super::exactness::{Flags, take_flag};
use super::statistics::PageBounds;
use crate::parquet_file::thrift::{CompactReader, Taken};

/// The contents of a page header.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Header<'a> {
    /// The size of the header itself.
    pub(super) bytes: usize,
    pub(super) uncompressed_bytes: u64,
    pub(super) stored_bytes: u64,
    pub(super) checksum: Option<u32>,
    pub(super) values: Option<u64>,
    pub(super) rows: Option<u64>,
    pub(super) nulls: Option<u64>,
    pub(super) encoding: Option<&'static str>,
    pub(super) bounds: HeaderBounds<'a>,
}

/// The kind of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageKind {
    /// Distinct values, which the data pages refer to.
    Dictionary,
    /// Values in the older layout, with levels compressed along with them.
    Data,
    /// Values in the newer layout, with levels before them and a count of rows.
    DataV2,
    /// An index page, which is in the format but is never written.
    Index,
    /// A kind from a later version of the format.
    Unknown,
}

impl PageKind {
    /// The word to show: `dictionary`, `data`, `data-v2`, `index`, `unknown`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Dictionary => "dictionary",
            Self::Data => "data",
            Self::DataV2 => "data-v2",
            Self::Index => "index",
            Self::Unknown => "unknown",
        }
    }
}

/// The stored minimum and maximum: from the newer fields, or from the older ones, whose order was
/// not defined for all types.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct HeaderBounds<'a> {
    pub(super) min: Option<&'a [u8]>,
    max: Option<&'a [u8]>,
    old_min: Option<&'a [u8]>,
    old_max: Option<&'a [u8]>,
    /// Whether minimum and maximum occur in the page.
    pub(super) flags: Flags,
}

impl<'a> HeaderBounds<'a> {
    /// The newer fields, or else the older ones; none if the header has neither.
    pub(super) fn stated(&self) -> Option<PageBounds<'a>> {
        let are_old = self.min.is_none() && self.max.is_none();
        let (min, max) = if are_old { (self.old_min, self.old_max) } else { (self.min, self.max) };
        (min.is_some() || max.is_some()).then_some(PageBounds { min, max, are_old })
    }
}

impl<'a> Header<'a> {
    /// Reads the header at the start of the bytes, and the kind of its page; none if the bytes do
    /// not begin with a header.
    pub(super) fn read(bytes: &'a [u8]) -> Option<(Self, PageKind)> {
        let mut header = Self::default();
        let mut kind = None;
        let mut sizes = (None, None);
        let mut reader = CompactReader::new(bytes);
        reader.structure(|reader, head| {
            match head.id {
                1 => kind = Some(reader.integer()?),
                2 => sizes.0 = Some(reader.count()?),
                3 => sizes.1 = Some(reader.count()?),
                4 => {
                    let checksum = i32::try_from(reader.integer()?).ok()?;
                    header.checksum = Some(checksum.cast_unsigned());
                }
                5 | 7 => header.data_or_dictionary_page(reader)?,
                8 => header.data_page_v2(reader)?,
                _ => return Some(Taken::No),
            }
            Some(Taken::Yes)
        })?;
        header.bytes = reader.place();
        (header.uncompressed_bytes, header.stored_bytes) = (sizes.0?, sizes.1?);
        let kind = match kind? {
            0 => PageKind::Data,
            1 => PageKind::Index,
            2 => PageKind::Dictionary,
            3 => PageKind::DataV2,
            _ => PageKind::Unknown,
        };
        Some((header, kind))
    }

    /// The end of the page, counted from the start of its header.
    pub(super) fn end(&self) -> Option<usize> {
        self.bytes.checked_add(usize::try_from(self.stored_bytes).ok()?)
    }

    /// Reads the fields of a data page; a dictionary page has the first two of them.
    fn data_or_dictionary_page(&mut self, reader: &mut CompactReader<'a>) -> Option<()> {
        reader.structure(|reader, head| {
            match head.id {
                1 => self.values = reader.integer()?.try_into().ok(),
                2 => self.encoding = encoding_name(reader.integer()?),
                5 => self.statistics(reader)?,
                _ => return Some(Taken::No),
            }
            Some(Taken::Yes)
        })
    }

    fn data_page_v2(&mut self, reader: &mut CompactReader<'a>) -> Option<()> {
        let mut nulls = None;
        reader.structure(|reader, head| {
            match head.id {
                1 => self.values = reader.integer()?.try_into().ok(),
                // parquet-java up to 1.17 writes -1 if it computes no statistics.
                2 => nulls = reader.integer()?.try_into().ok(),
                3 => self.rows = reader.integer()?.try_into().ok(),
                4 => self.encoding = encoding_name(reader.integer()?),
                8 => self.statistics(reader)?,
                _ => return Some(Taken::No),
            }
            Some(Taken::Yes)
        })?;
        self.nulls = nulls;
        Some(())
    }

    fn statistics(&mut self, reader: &mut CompactReader<'a>) -> Option<()> {
        reader.structure(|reader, head| {
            match head.id {
                1 => self.bounds.old_max = Some(reader.binary(head)?),
                2 => self.bounds.old_min = Some(reader.binary(head)?),
                3 => self.nulls = reader.integer()?.try_into().ok(),
                5 => self.bounds.max = Some(reader.binary(head)?),
                6 => self.bounds.min = Some(reader.binary(head)?),
                _ => return Some(take_flag(head, &mut self.bounds.flags)),
            }
            Some(Taken::Yes)
        })
    }
}

/// The name of an encoding in parquet.thrift.
pub(super) fn encoding_name(number: i64) -> Option<&'static str> {
    Some(match number {
        0 => "PLAIN",
        2 => "PLAIN_DICTIONARY",
        3 => "RLE",
        4 => "BIT_PACKED",
        5 => "DELTA_BINARY_PACKED",
        6 => "DELTA_LENGTH_BYTE_ARRAY",
        7 => "DELTA_BYTE_ARRAY",
        8 => "RLE_DICTIONARY",
        9 => "BYTE_STREAM_SPLIT",
        _ => return None,
    })
}
