//! Compressed inputs: recognised by their first bytes, whatever their names, and decompressed as
//! they are read.

use super::mapped_file::{Copied, MappedFile};
use super::object_bytes::ObjectBytes;
use super::{bytes_read, pipe};
use crate::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};

/// How an input is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

/// The compression of an input, as far as its first bytes show it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum DetectedCompression {
    Compressed(Compression),
    Plain,
    /// More bytes are needed to decide.
    Undecided,
}

/// The number of leading bytes that always suffices to decide.
pub(super) const MARK_BYTES: usize = 10;

/// The dictionary of `xz -9` is 64 MiB; a header may claim 4 GiB.
const MOST_XZ_KIBIBYTES: u32 = 1 << 20;

impl Compression {
    /// Recognises the compression from the first bytes of an input.
    pub(super) fn shown_by(start: &[u8]) -> DetectedCompression {
        const MARKS: [(&[u8], Compression); 3] = [
            (b"\x1f\x8b\x08", Compression::Gzip),
            (b"\x28\xb5\x2f\xfd", Compression::Zstd),
            (b"\xfd7zXZ\0", Compression::Xz),
        ];
        for (mark, compression) in MARKS {
            if start.starts_with(mark) {
                return DetectedCompression::Compressed(compression);
            }
            if mark.starts_with(start) {
                return DetectedCompression::Undecided;
            }
        }
        shown_as_bzip2(start)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }
}

/// Plain text may also begin with `BZh`. In a bzip2 file this is followed by the first digits of
/// pi, or of the square root of pi if the file is empty.
fn shown_as_bzip2(start: &[u8]) -> DetectedCompression {
    const BLOCKS: [&[u8]; 2] = [b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90"];
    let (front, block) = start.split_at(start.len().min(4));
    let is_front = front.iter().zip(b"BZh").all(|(byte, expected)| byte == expected)
        && front.get(3).is_none_or(|level| matches!(level, b'1'..=b'9'));
    if !is_front || !BLOCKS.iter().any(|mark| mark.starts_with(&block[..block.len().min(6)])) {
        return DetectedCompression::Plain;
    }
    if start.len() >= MARK_BYTES {
        DetectedCompression::Compressed(Compression::Bzip2)
    } else {
        DetectedCompression::Undecided
    }
}

/// A reader of decompressed bytes.
pub(super) struct Decompressor {
    reader: Box<dyn Read + Send>,
    compression: Compression,
}

impl Decompressor {
    /// # Errors
    /// Out of memory.
    pub(super) fn new(compression: Compression, input: Compressed) -> io::Result<Self> {
        // Concatenated compressed files are read as one.
        let reader: Box<dyn Read + Send> = match compression {
            Compression::Gzip => Box::new(flate2::read::MultiGzDecoder::new(input)),
            Compression::Zstd => Box::new(zstd::stream::read::Decoder::new(input)?),
            Compression::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(input)),
            Compression::Xz => {
                let input = io::BufReader::with_capacity(1 << 16, input);
                Box::new(lzma_rust2::XzReader::new_mem_limit(input, true, MOST_XZ_KIBIBYTES))
            }
        };
        Ok(Self { reader, compression })
    }

    /// Reads decompressed bytes; 0 bytes mean the end.
    pub(super) fn read(&mut self, bytes: &mut [u8]) -> Result<usize, String> {
        loop {
            match self.reader.read(bytes) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                done => return done.map_err(|e| self.told(&e)),
            }
        }
    }

    fn told(&self, cause: &io::Error) -> String {
        let name = self.compression.name();
        // Of the input, not of its bytes.
        if let Some(error) = cause.get_ref().and_then(|cause| cause.downcast_ref::<Error>()) {
            return error.to_string();
        }
        match cause.kind() {
            io::ErrorKind::UnexpectedEof => format!("the {name} data ends early"),
            _ => format!("damaged {name} data: {cause}"),
        }
    }
}

impl fmt::Debug for Decompressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decompressor").field("compression", &self.compression).finish()
    }
}

/// The raw bytes of a compressed input.
pub(super) enum Compressed {
    /// A regular file: its mapping and the position in it.
    Mapped(MappedFile, usize, Copied),
    /// A pipe: the bytes already peeked at, and the file with the rest.
    Piped(Vec<u8>, File),
    /// An object: the same.
    Fetched(Vec<u8>, Box<ObjectBytes>),
}

impl Read for Compressed {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Mapped(map, position, copied) => Ok(copied.read(map, position, bytes)),
            Self::Piped(peeked, _) | Self::Fetched(peeked, _) if !peeked.is_empty() => {
                let length = bytes.len().min(peeked.len());
                bytes[..length].copy_from_slice(&peeked[..length]);
                peeked.drain(..length);
                Ok(length)
            }
            Self::Piped(_, file) => {
                let length =
                    pipe::read_patiently(&*file, || rustix::io::read(&*file, &mut *bytes))?;
                bytes_read::add(length);
                Ok(length)
            }
            Self::Fetched(_, object) => io::Read::read(object, bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_show_the_compression() {
        let shown = Compression::shown_by;
        for (mark, compression) in [
            (&b"\x1f\x8b\x08"[..], Compression::Gzip),
            (b"\x28\xb5\x2f\xfd", Compression::Zstd),
            (b"\xfd7zXZ\0", Compression::Xz),
            (b"BZh9\x31\x41\x59\x26\x53\x59", Compression::Bzip2),
            (b"BZh1\x17\x72\x45\x38\x50\x90", Compression::Bzip2),
        ] {
            assert_eq!(shown(mark), DetectedCompression::Compressed(compression));
            for end in 0..mark.len() {
                assert_eq!(shown(&mark[..end]), DetectedCompression::Undecided, "{mark:?} {end}");
            }
        }
        for plain in ["id,name", "{", "BZh,", "BZh9,x", "BZh91AY&SX", "\x1f\x08", "7zXZ"] {
            assert_eq!(shown(plain.as_bytes()), DetectedCompression::Plain, "{plain}");
        }
    }
}
