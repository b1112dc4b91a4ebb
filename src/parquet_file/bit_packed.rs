//! Conversion of levels from the deprecated BIT_PACKED encoding to the RLE encoding.
//!
//! The specification packs BIT_PACKED from the highest bit of each byte (parquet-format,
//! Encodings.md, "Bit-packed"), the RLE encoding from the lowest. The `parquet` crate reads both
//! from the lowest.

use super::thrift::write_varint;
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::Page;
use parquet::errors::{ParquetError, Result};

/// The encoding of levels in the earliest Parquet files.
#[expect(deprecated, reason = "files that use it must be readable")]
const BIT_PACKED: Encoding = Encoding::BIT_PACKED;

/// Returns the page with all levels in the RLE encoding. `most` holds the maximum repetition level
/// and the maximum definition level of the column.
///
/// # Errors
/// A page that ends within its levels.
pub(crate) fn with_rle_levels(page: Page, most: [i16; 2]) -> Result<Page> {
    let Page::DataPage {
        buf,
        num_values,
        encoding,
        def_level_encoding,
        rep_level_encoding,
        statistics,
    } = page
    else {
        return Ok(page);
    };
    let levels = [(most[0], rep_level_encoding), (most[1], def_level_encoding)];
    let is_packed = levels.iter().any(|(most, encoding)| *most > 0 && *encoding == BIT_PACKED);
    let buf = if is_packed { rewritten(&buf, num_values as usize, levels)? } else { buf };
    let rle = |encoding| if encoding == BIT_PACKED { Encoding::RLE } else { encoding };
    Ok(Page::DataPage {
        buf,
        num_values,
        encoding,
        def_level_encoding: rle(def_level_encoding),
        rep_level_encoding: rle(rep_level_encoding),
        statistics,
    })
}

fn rewritten(page: &Bytes, values: usize, levels: [(i16, Encoding); 2]) -> Result<Bytes> {
    let short = || ParquetError::General("damaged page: it ends within its levels".to_owned());
    let (mut rest, mut written) = (&page[..], Vec::with_capacity(page.len() + 16));
    for (most, encoding) in levels.into_iter().filter(|(most, _)| *most > 0) {
        let width = 16 - most.leading_zeros() as usize;
        let bytes = match (encoding == BIT_PACKED, rest.first_chunk::<4>()) {
            (true, _) => (values * width).div_ceil(8),
            (false, Some(length)) => (u32::from_le_bytes(*length) as usize).saturating_add(4),
            (false, None) => return Err(short()),
        };
        let (own, others) = rest.split_at_checked(bytes).ok_or_else(short)?;
        rest = others;
        if encoding == BIT_PACKED {
            let run = hybrid_run(own, values, width);
            written.extend_from_slice(&(run.len() as u32).to_le_bytes());
            written.extend_from_slice(&run);
        } else {
            written.extend_from_slice(own);
        }
    }
    written.extend_from_slice(rest);
    Ok(written.into())
}

/// One bit-packed run of the RLE encoding: its header, and groups of eight values.
fn hybrid_run(packed: &[u8], values: usize, width: usize) -> Vec<u8> {
    let groups = values.div_ceil(8);
    let mut run = Vec::with_capacity(groups * width + 6);
    write_varint(&mut run, (groups as u64) << 1 | 1);
    let start = run.len();
    run.resize(start + groups * width, 0);
    for value in 0..values {
        for bit in 0..width {
            // The highest bit of a value comes first in BIT_PACKED, the lowest in RLE.
            let from = value * width + bit;
            let to = value * width + (width - 1 - bit);
            if packed[from / 8] >> (7 - from % 8) & 1 == 1 {
                run[start + to / 8] |= 1 << (to % 8);
            }
        }
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_packed_the_other_way_round() {
        // 0, 1, 1, 0, 1 in one bit each.
        assert_eq!(hybrid_run(&[0b0110_1000], 5, 1), [3, 0b0001_0110]);
        // 0 to 7 in three bits each: the example of Encodings.md in both orders.
        let run = hybrid_run(&[0b0000_0101, 0b0011_1001, 0b0111_0111], 8, 3);
        assert_eq!(run, [3, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
    }
}
