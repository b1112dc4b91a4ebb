//! The lengths that begin the values of a page in a DELTA encoding of text, counted before memory is
//! allocated for them.

use crate::text::count;

/// The number of lengths in the DELTA_BINARY_PACKED encoding that begin the values: the lengths of
/// values, or of prefixes and of suffixes. A page has at most a length per value; no bytes need to be
/// there for equal ones.
///
/// # Errors
/// More lengths than values; lengths that end early.
pub(crate) fn delta_lengths(mut values: &[u8], streams: usize, most: u64) -> Result<u64, String> {
    let mut all = 0_u64;
    for stream in 0..streams {
        let damaged = || "it ends within its lengths".to_owned();
        let mut lengths = DeltaLengths { bytes: values };
        let header = lengths.header().ok_or_else(damaged)?;
        if header.count > most {
            let (claimed, most) = (count(header.count), count(most));
            return Err(format!("it claims {claimed} lengths, but it can have {most} values"));
        }
        all = all.saturating_add(header.count);
        // The crate refuses other headers.
        if stream + 1 < streams && header.block_values > 0 {
            values = lengths.skip(header).ok_or_else(damaged)?;
        }
    }
    Ok(all)
}

/// Numbers in the DELTA_BINARY_PACKED encoding (Encodings.md, "Delta Encoding").
struct DeltaLengths<'a> {
    bytes: &'a [u8],
}

#[derive(Debug, Clone, Copy)]
struct DeltaHeader {
    /// The numbers in a miniblock, and the miniblocks in a block.
    block_values: u64,
    blocks: u64,
    count: u64,
}

impl<'a> DeltaLengths<'a> {
    fn header(&mut self) -> Option<DeltaHeader> {
        let (all, blocks, count) = (self.varint()?, self.varint()?, self.varint()?);
        // The first number.
        self.varint()?;
        Some(DeltaHeader { block_values: all.checked_div(blocks).unwrap_or(0), blocks, count })
    }

    /// The bytes after all numbers.
    fn skip(mut self, header: DeltaHeader) -> Option<&'a [u8]> {
        let mut left = header.count.saturating_sub(1);
        while left > 0 {
            // The smallest difference.
            self.varint()?;
            let (widths, rest) =
                self.bytes.split_at_checked(usize::try_from(header.blocks).ok()?)?;
            self.bytes = rest;
            for width in widths {
                if left == 0 {
                    break;
                }
                let bits = u64::from(*width).checked_mul(header.block_values)?;
                // The last miniblock may be cut off.
                let bytes = usize::try_from(bits / 8).ok()?.min(self.bytes.len());
                self.bytes = self.bytes.get(bytes..)?;
                left = left.saturating_sub(header.block_values);
            }
        }
        Some(self.bytes)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_no_more_than_values() {
        // Blocks of 128 numbers, four miniblocks, 130 numbers, the first is 0; two blocks of zeros.
        let lengths = |count: u8| {
            [&[0x80, 1, 4, count, 1, 0][..], &[0, 0, 0, 0, 0], &[0, 0, 0, 0, 0]].concat()
        };
        let both = [lengths(0x82), lengths(0x82), vec![7; 9]].concat();
        assert_eq!(delta_lengths(&both, 2, 130), Ok(260));
        let error = "it claims 130 lengths, but it can have 129 values";
        assert_eq!(delta_lengths(&both, 2, 129), Err(error.to_owned()));
        let other = [lengths(0x82), lengths(0x83)].concat();
        assert_eq!(delta_lengths(&other, 1, 130), Ok(130));
        assert!(delta_lengths(&other, 2, 130).is_err());
        assert!(delta_lengths(&both[..8], 2, 130).is_err());
    }
}
