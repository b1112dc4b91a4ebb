//! Page headers and bloom filter headers: the bytes stand where a small footer expects them.

use super::parquet;
use arrow_pipes::Result;

/// A footer in Thrift's compact protocol: one INT32 column of four rows, of which the pages and the
/// bloom filter begin at byte 4. The size of its pages follows.
const FOOTER_HEAD: &[u8] = &[
    0x15, 0x02, // version 1
    0x19, 0x2c, // schema: two elements
    0x48, 1, b'r', 0x15, 0x02, 0, // "r", one child
    0x15, 0x02, 0x25, 0x02, 0x18, 1, b'a', 0, // INT32, optional, "a"
    0x16, 0x08, // four rows
    0x19, 0x1c, // row groups: one
    0x19, 0x1c, // columns: one
    0x26, 0x08, // file offset 4
    0x1c, // metadata
    0x15, 0x02, // INT32
    0x19, 0x25, 0x00, 0x06, // encodings: plain, runs
    0x19, 0x18, 1, b'a', // path
    0x15, 0x00, // uncompressed
    0x16, 0x08, // four values
];

/// After the two sizes: where the pages and the filter begin, and the ends of the structures.
const FOOTER_TAIL: &[u8] = &[
    0x26, 0x08, // data pages at 4
    0x56, 0x08, // bloom filter at 4
    0, 0, // of the metadata, of the column
    0x16, 0x80, 0x01, // 64 bytes
    0x16, 0x08, // four rows
    0,    // of the row group
    0,
];

pub(super) fn run(bytes: &[u8]) -> Result<()> {
    let size = varint((bytes.len() as u64) << 1);
    let sizes = [&[0x16], &size[..], &[0x16], &size].concat();
    let footer = [FOOTER_HEAD, &sizes, FOOTER_TAIL].concat();
    let length = (footer.len() as u32).to_le_bytes();
    let file = [b"PAR1", bytes, &footer, &length, b"PAR1"].concat();
    parquet::footer(&file)?;
    parquet::pages(&file)
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}
