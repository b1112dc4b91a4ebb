//! Odd fields in the footer and the page headers of a Parquet file.

use super::{Random, plain, thrift, thrift_wire};

// Field numbers of parquet.thrift.
const ROW_GROUPS: i64 = 4; // FileMetaData
const COLUMNS: i64 = 1; // RowGroup
const META_DATA: i64 = 3; // ColumnChunk
const TOTAL_COMPRESSED_SIZE: i64 = 7; // ColumnMetaData
const DATA_PAGE_OFFSET: i64 = 9;
const DICTIONARY_PAGE_OFFSET: i64 = 11;

/// Changes one or two fields of the footer, or one of the first page header of a column chunk.
/// Bytes that are no Parquet file are damaged like any others.
pub(super) fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    let Some((data, mut footer)) = split(bytes) else { return plain::havoc(bytes, random) };
    let mut data = data.to_vec();
    if random.below(2) == 0 || damage_page(&mut data, &mut footer, random).is_none() {
        for _ in 0..=random.below(2) {
            footer.damage(random);
        }
    }
    let footer = thrift_wire::write(&footer);
    data.extend(&footer);
    data.extend((footer.len() as u32).to_le_bytes());
    data.extend(b"PAR1");
    *bytes = data;
}

/// The bytes before the footer, and the footer.
fn split(bytes: &[u8]) -> Option<(&[u8], thrift::Value)> {
    let rest = bytes.strip_suffix(b"PAR1")?;
    let (rest, length) = rest.split_last_chunk()?;
    let length = u32::from_le_bytes(*length) as usize;
    let (data, footer) = rest.split_at_checked(rest.len().checked_sub(length)?)?;
    Some((data, thrift_wire::read(footer)?.0))
}

/// Appends a copy of a column chunk with an odd page header and points the footer to it, so that
/// all other places stay true.
fn damage_page(data: &mut Vec<u8>, footer: &mut thrift::Value, random: &mut Random) -> Option<()> {
    let groups = footer.elements(ROW_GROUPS)?;
    let group = random.below(groups.len());
    let columns = groups.get_mut(group)?.elements(COLUMNS)?;
    let column = random.below(columns.len());
    let chunk = columns.get_mut(column)?.field(META_DATA)?;
    let data_page = *chunk.integer(DATA_PAGE_OFFSET)?;
    let dictionary = chunk.integer(DICTIONARY_PAGE_OFFSET).map(|offset| *offset);
    let first = dictionary.filter(|offset| (1..data_page).contains(offset)).unwrap_or(data_page);
    let of_data_page = random.below(2) == 0;
    let start = usize::try_from(if of_data_page { data_page } else { first }).ok()?;
    let end = usize::try_from(first.checked_add(*chunk.integer(TOTAL_COMPRESSED_SIZE)?)?).ok()?;
    let pages = data.get(usize::try_from(first).ok()?..end)?.to_vec();
    let before = start.checked_sub(usize::try_from(first).ok()?)?;
    let (mut header, length) = thrift_wire::read(pages.get(before..)?)?;
    header.damage(random);
    let header = thrift_wire::write(&header);
    let moved = data.len() as i64;
    *chunk.integer(DATA_PAGE_OFFSET)? = moved + (data_page - first);
    if first < data_page {
        *chunk.integer(DICTIONARY_PAGE_OFFSET)? = moved;
        if !of_data_page {
            *chunk.integer(DATA_PAGE_OFFSET)? += header.len() as i64 - length as i64;
        }
    }
    *chunk.integer(TOTAL_COMPRESSED_SIZE)? += header.len() as i64 - length as i64;
    data.extend(&pages[..before]);
    data.extend(header);
    data.extend(&pages[before + length..]);
    Some(())
}
