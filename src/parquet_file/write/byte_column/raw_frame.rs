//! Pages that compression does not shrink, as zstd frames that hold them as they are.
//!
//! The codec is one for all pages of a column chunk, but a frame of it may consist of raw blocks
//! (RFC 8878, 3.1.1.2.2). Every reader of zstd copies them.

/// The first bytes of a frame.
const MAGIC: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();

/// The content is one segment, and its length follows in 4 bytes.
const DESCRIPTOR: u8 = 0b1010_0000;

const MOST_BLOCK_BYTES: usize = 128 << 10;

/// Writes a frame with these bytes, at most 4 GiB, to an empty buffer.
pub(super) fn write_raw_frame(bytes: &[u8], to: &mut Vec<u8>) {
    let blocks = bytes.len().div_ceil(MOST_BLOCK_BYTES).max(1);
    to.reserve(MAGIC.len() + 1 + 4 + 3 * blocks + bytes.len());
    to.extend_from_slice(&MAGIC);
    to.push(DESCRIPTOR);
    to.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    for block in 0..blocks {
        let start = block * MOST_BLOCK_BYTES;
        let content = &bytes[start..bytes.len().min(start + MOST_BLOCK_BYTES)];
        let is_last = u32::from(block + 1 == blocks);
        // The type of a raw block, between the two, is 0.
        let header = is_last | (content.len() as u32) << 3;
        to.extend_from_slice(&header.to_le_bytes()[..3]);
        to.extend_from_slice(content);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zstd_reads_frames_of_any_length() {
        let bytes: Vec<u8> = (0..700_000_u32).map(|at| (at.wrapping_mul(at) >> 7) as u8).collect();
        for length in [0, 1, 255, 256, 131_071, 131_072, 131_073, 262_144, 700_000] {
            let mut frame = Vec::new();
            write_raw_frame(&bytes[..length], &mut frame);
            assert_eq!(
                zstd::bulk::decompress(&frame, length).unwrap(),
                bytes[..length],
                "{length}"
            );
            assert_eq!(zstd::stream::decode_all(&frame[..]).unwrap(), bytes[..length], "{length}");
        }
    }
}
