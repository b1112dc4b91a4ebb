//! Page headers: their checksums, and corrections of what the `parquet` crate refuses although
//! other readers accept it.
//!
//! Source: parquet.thrift, `PageHeader` and `DataPageHeaderV2`.

use super::thrift::CompactReader;

/// The start of a header of a data page of version 2: its type as the first field.
const DATA_PAGE_V2: [u8; 2] = [0x15, 6];

/// The header at the start of these bytes with a null count of 0, if the count is negative: pages
/// that parquet-java up to 1.17 writes without statistics have -1. The levels tell how many nulls
/// there are.
pub(crate) fn without_negative_nulls(bytes: &[u8]) -> Option<Vec<u8>> {
    const HEADER_V2: i64 = 8;
    const NUM_NULLS: i64 = 2;
    if !bytes.starts_with(&DATA_PAGE_V2) {
        return None;
    }
    let mut reader = CompactReader::new(bytes);
    let mut negative = None;
    reader.field(HEADER_V2, |reader, _| {
        reader.field(NUM_NULLS, |reader, _| {
            let start = reader.place();
            if reader.integer()? < 0 {
                negative = Some(start..reader.place());
            }
            Some(())
        })
    })?;
    let place = negative?;
    let mut header = bytes.get(..reader.place())?.to_vec();
    // A zero of the same length.
    let last = place.end - 1;
    header.get_mut(place)?.fill(0x80);
    *header.get_mut(last)? = 0;
    Some(header)
}

/// The length of the header at the start of these bytes, and the checksum of its page, if it has
/// one. Source: parquet-format, README, "Checksumming".
pub(crate) fn checksum(bytes: &[u8]) -> Option<(usize, u32)> {
    const CHECKSUM: i64 = 4;
    let mut reader = CompactReader::new(bytes);
    let mut checksum = None;
    reader.field(CHECKSUM, |reader, _| {
        checksum = Some(i32::try_from(reader.integer()?).ok()?.cast_unsigned());
        Some(())
    })?;
    Some((reader.place(), checksum?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of a page of 5 values, with these bytes as its null count.
    fn header(nulls: &[u8]) -> Vec<u8> {
        [&[0x15, 6, 0x15, 2, 0x15, 2, 0x5c, 0x15, 10, 0x15][..], nulls, &[0x15, 10, 0, 0]].concat()
    }

    #[test]
    fn a_negative_number_of_nulls_becomes_zero_in_place() {
        assert_eq!(without_negative_nulls(&header(&[1])), Some(header(&[0])));
        assert_eq!(
            without_negative_nulls(&[header(&[0xff, 0xff, 3]), vec![7; 9]].concat()),
            Some(header(&[0x80, 0x80, 0]))
        );
        assert_eq!(without_negative_nulls(&header(&[2])), None);
        assert_eq!(without_negative_nulls(&header(&[1])[..9]), None);
    }
}
