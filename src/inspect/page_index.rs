//! Reads the page index of a column chunk entry by entry, so that the other entries are readable if
//! one is damaged. The `parquet` crate cannot do that.
//!
//! Source: parquet.thrift, `OffsetIndex` and `ColumnIndex`.

use crate::io::RangedBytes;
use crate::parquet_file::file::range_of;
use crate::parquet_file::thrift::{CompactReader, Taken, WireType};
use bytes::Bytes;
use parquet::file::metadata::ColumnChunkMetaData;

/// The page index of a column chunk.
#[derive(Debug, Clone, Default)]
pub(super) struct PageIndex {
    pub(super) locations: Vec<Location>,
    pub(super) null_pages: Vec<bool>,
    pub(super) mins: Vec<Bytes>,
    pub(super) maxes: Vec<Bytes>,
    pub(super) null_counts: Vec<i64>,
    /// The order of the bounds: 0 for none, 1 for ascending, 2 for descending.
    pub(super) boundary_order: Option<i64>,
    /// Whether some part cannot be read.
    pub(super) is_damaged: bool,
}

/// The location of a data page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) offset: i64,
    /// The size of the page with its header.
    pub(super) stored_bytes: i64,
    pub(super) first_row: i64,
}

impl PageIndex {
    /// Reads the index of a chunk; an empty one if it has none.
    pub(super) fn read(file: &dyn RangedBytes, chunk: &ColumnChunkMetaData) -> Self {
        let mut index = Self::default();
        let (offset, length) = (chunk.offset_index_offset(), chunk.offset_index_length());
        index.part(file, offset.zip(length), Self::offsets);
        let (offset, length) = (chunk.column_index_offset(), chunk.column_index_length());
        index.part(file, offset.zip(length), Self::columns);
        index
    }

    /// Reads one of its two parts, at an offset and of a length.
    fn part(
        &mut self,
        file: &dyn RangedBytes,
        place: Option<(i64, i32)>,
        read: fn(&mut Self, &Bytes) -> Option<()>,
    ) {
        let Some((offset, length)) = place else { return };
        let bytes = || file.read(range_of(offset, length.into())?).ok();
        self.is_damaged |= bytes().and_then(|bytes| read(self, &bytes)).is_none();
    }

    /// The stored minimum and maximum of a page.
    pub(super) fn bounds(&self, page: usize) -> Option<(&[u8], &[u8])> {
        if self.null_pages.get(page) != Some(&false) {
            return None;
        }
        Some((self.mins.get(page)?, self.maxes.get(page)?))
    }

    /// The lists that have an entry for each page, by the name of their entries.
    pub(super) fn lists(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let lists = [
            ("locations", self.locations.len()),
            ("null pages", self.null_pages.len()),
            ("minimums", self.mins.len()),
            ("maximums", self.maxes.len()),
            ("null counts", self.null_counts.len()),
        ];
        // Each part of the index is optional, and so are the null counts.
        lists.into_iter().filter(|(_, entries)| *entries > 0)
    }

    /// The number of nulls in a page.
    pub(super) fn nulls(&self, page: usize) -> Option<u64> {
        self.null_counts.get(page).and_then(|nulls| u64::try_from(*nulls).ok())
    }

    fn offsets(&mut self, bytes: &Bytes) -> Option<()> {
        let mut reader = CompactReader::new(bytes);
        reader.structure(|reader, head| {
            if head.id != 1 {
                return Some(Taken::No);
            }
            reader.structures(head, |reader| {
                let mut location = Location::default();
                reader.structure(|reader, head| {
                    match head.id {
                        1 => location.offset = reader.integer()?,
                        2 => location.stored_bytes = reader.integer()?,
                        3 => location.first_row = reader.integer()?,
                        _ => return Some(Taken::No),
                    }
                    Some(Taken::Yes)
                })?;
                self.locations.push(location);
                Some(())
            })?;
            Some(Taken::Yes)
        })
    }

    fn columns(&mut self, bytes: &Bytes) -> Option<()> {
        let mut reader = CompactReader::new(bytes);
        reader.structure(|reader, head| {
            match head.id {
                1 => list(reader, &mut self.null_pages, |reader, kind| {
                    let start = reader.place();
                    reader.skip_element(kind)?;
                    Some(bytes.get(start) == Some(&1))
                })?,
                2 => list(reader, &mut self.mins, |reader, _| binary(reader, bytes))?,
                3 => list(reader, &mut self.maxes, |reader, _| binary(reader, bytes))?,
                4 => self.boundary_order = Some(reader.integer()?),
                5 => list(reader, &mut self.null_counts, |reader, _| reader.integer())?,
                _ => return Some(Taken::No),
            }
            Some(Taken::Yes)
        })
    }
}

/// Reads a list; `element` is given the type of its elements. Elements before any damage are kept.
fn list<'a, T>(
    reader: &mut CompactReader<'a>,
    found: &mut Vec<T>,
    mut element: impl FnMut(&mut CompactReader<'a>, WireType) -> Option<T>,
) -> Option<()> {
    let (kind, count) = reader.list_head()?;
    for _ in 0..count {
        found.push(element(reader, kind)?);
    }
    Some(())
}

/// Reads an element of a list of binaries.
fn binary<'a>(reader: &mut CompactReader<'a>, bytes: &'a Bytes) -> Option<Bytes> {
    reader.bytes().map(|found| bytes.slice_ref(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pages: bounds 1 and 2, then an empty entry.
    const COLUMN_INDEX: &[u8] =
        &[0x19, 0x22, 2, 2, 0x19, 0x28, 1, 1, 0, 0x19, 0x28, 1, 2, 0, 0x15, 0, 0x19, 0x26, 0, 6, 0];

    #[test]
    fn an_empty_entry_does_not_affect_the_others() {
        let mut index = PageIndex::default();
        assert_eq!(index.columns(&Bytes::from_static(COLUMN_INDEX)), Some(()));
        assert_eq!(index.bounds(0), Some((&[1][..], &[2][..])));
        assert_eq!(index.bounds(1), Some((&[][..], &[][..])));
        assert_eq!((index.bounds(2), index.nulls(1)), (None, Some(3)));
    }

    #[test]
    fn damage_is_detected() {
        for length in 0..COLUMN_INDEX.len() {
            let cut = Bytes::copy_from_slice(&COLUMN_INDEX[..length]);
            assert_eq!(PageIndex::default().columns(&cut), None, "{length}");
        }
    }
}
