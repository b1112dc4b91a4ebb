//! Reads from a footer which min and max its writer shortened: the flags `is_max_value_exact` and
//! `is_min_value_exact` of all column chunks.
//!
//! The `parquet` crate reads a missing flag as false, but older writers omit it and shorten
//! nothing. Source: parquet.thrift, `FileMetaData` down to `Statistics`.

use crate::parquet_file::thrift::{CompactReader, FieldHead, Taken};

/// The exactness flags of a column chunk: minimum, maximum.
pub(super) type Flags = [Option<bool>; 2];

/// The flags of the column chunks in each row group, up to the first damage in the footer.
pub(super) fn flags(footer: &[u8]) -> Vec<Vec<Flags>> {
    const ROW_GROUPS: i64 = 4;
    let mut found = Vec::new();
    // Flags that were read before the damage are correct.
    let _ = field(&mut CompactReader::new(footer), ROW_GROUPS, |reader, head| {
        reader.structures(head, |reader| row_group(reader).map(|flags| found.push(flags))).map(drop)
    });
    found
}

fn row_group(reader: &mut CompactReader<'_>) -> Option<Vec<Flags>> {
    const COLUMNS: i64 = 1;
    let mut found = Vec::new();
    field(reader, COLUMNS, |reader, head| {
        reader
            .structures(head, |reader| column_chunk(reader).map(|flags| found.push(flags)))
            .map(drop)
    })?;
    Some(found)
}

fn column_chunk(reader: &mut CompactReader<'_>) -> Option<Flags> {
    const METADATA: i64 = 3;
    const STATISTICS: i64 = 12;
    let mut flags = [None; 2];
    field(reader, METADATA, |reader, _| {
        field(reader, STATISTICS, |reader, _| {
            reader.structure(|_, head| Some(take_flag(head, &mut flags)))
        })
    })?;
    Some(flags)
}

/// Reads a structure of which only one field matters.
fn field<'a>(
    reader: &mut CompactReader<'a>,
    id: i64,
    mut read: impl FnMut(&mut CompactReader<'a>, FieldHead) -> Option<()>,
) -> Option<()> {
    reader.structure(|reader, head| {
        if head.id == id { read(reader, head).map(|()| Taken::Yes) } else { Some(Taken::No) }
    })
}

/// Reads a field of `Statistics` if it is one of the two flags.
pub(super) fn take_flag(head: FieldHead, flags: &mut Flags) -> Taken {
    const MAX_IS_EXACT: i64 = 7;
    const MIN_IS_EXACT: i64 = 8;
    let [min, max] = flags;
    let flag = match head.id {
        MAX_IS_EXACT => max,
        MIN_IS_EXACT => min,
        _ => return Taken::No,
    };
    *flag = head.boolean();
    if flag.is_some() { Taken::Yes } else { Taken::No }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_found_in_each_column_chunk() {
        // Statistics: min_value, max exact, min not exact.
        let statistics = [0x68, 1, b'a', 0x11, 0x12, 0];
        let metadata = [&[0x15, 2, 0xbc][..], &statistics, &[0]].concat();
        let chunk = [&[0x26, 8, 0x1c][..], &metadata, &[0]].concat();
        let other = [0x26, 8, 0x1c, 0x15, 2, 0, 0];
        let row_group = [&[0x19, 0x2c][..], &chunk, &other, &[0]].concat();
        let footer = [&[0x15, 2, 0x39, 0x1c][..], &row_group, &[0]].concat();
        let expected = vec![vec![[Some(false), Some(true)], [None, None]]];
        assert_eq!(flags(&footer), expected);
        for length in 0..footer.len() {
            assert!(flags(&footer[..length]).len() <= 1, "{length}");
        }
    }
}
