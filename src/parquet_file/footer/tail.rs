//! Finds the footer at the end of a file, and checks that the file is Parquet and complete, with
//! errors for the user who named it. The footer itself is not read here.

use crate::error::{Error, Result};
use crate::io::RangedBytes;
use crate::parquet_file::cause::cause;
use crate::text::known_format;
use bytes::Bytes;
use parquet::errors::ParquetError;

/// The magic at both ends of the file.
pub(crate) const MAGIC: &[u8; 4] = b"PAR1";
/// The magic of a file whose footer is encrypted.
pub(crate) const ENCRYPTED_MAGIC: &[u8; 4] = b"PARE";

/// The start of the error for a footer that cannot be read.
pub(crate) const CANNOT_READ: &str = "cannot read the Parquet metadata";

/// The bytes after the metadata: its length, and the magic.
pub(crate) const TAIL_BYTES: usize = 8;

/// The shortest Parquet file: magic, the length of the metadata, and magic again.
const SHORTEST_BYTES: usize = 12;

/// The bytes that are read first, from the end: most footers are smaller.
const FIRST_BYTES: u64 = 64 << 10;

/// The bytes at the start of a file that show its format.
const START_BYTES: u64 = 16;

/// The footer as it is in the file.
#[derive(Debug, Clone)]
pub(crate) struct Tail {
    /// Its metadata, as stored.
    pub(crate) footer: Bytes,
    /// Whether the metadata is encrypted.
    pub(crate) is_encrypted: bool,
}

impl Tail {
    /// Reads the last bytes of a file, and more only if the footer is longer.
    ///
    /// The first bytes are compared, too, if that costs no request: a footer is valid without them.
    ///
    /// # Errors
    /// A file that is not Parquet, or is truncated or damaged; a file that cannot be read.
    pub(crate) fn read(file: &dyn RangedBytes) -> Result<Self> {
        let size = file.size();
        let first = file.read(size.saturating_sub(FIRST_BYTES)..size)?;
        let ends_with = |magic: &[u8; 4]| first.ends_with(magic);
        let has_end = ends_with(MAGIC) || ends_with(ENCRYPTED_MAGIC);
        let start = 0..size.min(START_BYTES);
        let start = match file.at_hand(start.clone()) {
            None if has_end && SHORTEST_BYTES as u64 <= size => None,
            None => Some(file.read(start)?),
            at_hand => at_hand,
        };
        let starts_with = |magic: &[u8; 4]| start.as_ref().map(|start| start.starts_with(magic));
        let is_encrypted = ends_with(ENCRYPTED_MAGIC) || starts_with(ENCRYPTED_MAGIC) == Some(true);
        let magic = if is_encrypted { ENCRYPTED_MAGIC } else { MAGIC };
        match (starts_with(magic).unwrap_or(true), ends_with(magic)) {
            _ if size == 0 => Err(Error::failed("not a Parquet file: it is empty")),
            (true, true) if SHORTEST_BYTES as u64 <= size => {
                let length = claimed_bytes(&first, size)?;
                let end = size - TAIL_BYTES as u64;
                let start = end - length;
                let in_first = |first: &Bytes| {
                    let before = start.checked_sub(size - first.len() as u64)?;
                    Some(first.slice(usize::try_from(before).ok()?..first.len() - TAIL_BYTES))
                };
                let footer = in_first(&first).map_or_else(|| file.read(start..end), Ok)?;
                Ok(Self { footer, is_encrypted })
            }
            (true, _) => {
                Err(Error::failed("truncated Parquet file: the footer is missing at its end"))
            }
            (false, true) => {
                let magic = if is_encrypted { "PARE" } else { "PAR1" };
                Err(Error::failed(format!("damaged Parquet file: it does not begin with {magic}")))
            }
            (false, false) => {
                let start = start.unwrap_or_default();
                let why = known_format(&start).unwrap_or("it does not begin with PAR1");
                Err(Error::failed(format!("not a Parquet file: {why}")))
            }
        }
    }
}

/// The error for a footer that the `parquet` crate cannot read.
pub(crate) fn unreadable(error: &ParquetError) -> Error {
    Error::failed(format!("{CANNOT_READ}: {}", cause(error)))
}

/// The length of the metadata, from the last bytes of a file of this size.
fn claimed_bytes(last: &[u8], size: u64) -> Result<u64> {
    let most = size - SHORTEST_BYTES as u64;
    let length = last[..last.len() - MAGIC.len()].last_chunk().copied();
    let claimed = u64::from(u32::from_le_bytes(length.unwrap_or_default()));
    if most >= claimed {
        return Ok(claimed);
    }
    Err(Error::failed(format!("{CANNOT_READ}: it claims {claimed} bytes in a file of {size}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::ranged_bytes::tests::Sparing;

    #[test]
    fn a_footer_is_read_by_the_last_bytes_of_the_file() {
        let file = |footer: u32| {
            let pages = vec![0; 1 << 20];
            let metadata = vec![7; footer as usize];
            [&b"PAR1"[..], &pages, &metadata, &footer.to_le_bytes(), b"PAR1"].concat()
        };
        for (footer, reads) in [(50_000, 1), (65_528, 1), (65_529, 2)] {
            let file = Sparing::new(file(footer).into());
            assert_eq!(Tail::read(&*file).unwrap().footer.len(), footer as usize);
            let read = file.take_reads();
            assert_eq!(read[0], file.size() - FIRST_BYTES..file.size());
            let end = file.size() - TAIL_BYTES as u64;
            let more: Vec<_> = read[1..].to_vec();
            let whole = end - u64::from(footer)..end;
            assert!(more.is_empty() || more == [whole], "{more:?}");
            assert_eq!(read.len(), reads, "{footer}");
        }
        // What does not end as a Parquet file is named by its first bytes.
        let file = Sparing::new(vec![0x28, 0xb5, 0x2f, 0xfd, 0].into());
        let error = Tail::read(&*file).unwrap_err().to_string();
        assert_eq!(error, "not a Parquet file: zstd-compressed data (unzstd it first)");
    }

    #[test]
    fn a_file_that_is_not_parquet_or_not_complete_is_refused() {
        let told = |file: &'static [u8]| {
            let tail = Tail::read(&Bytes::from_static(file));
            tail.map(|tail| tail.footer.len()).map_err(|error| error.to_string())
        };
        let error = |text: &str| Err(text.to_owned());
        assert_eq!(told(b"PAR1\0\0\0\0PAR1"), Ok(0));
        assert_eq!(told(b"PAR1..\x02\0\0\0PAR1"), Ok(2));
        assert_eq!(told(b""), error("not a Parquet file: it is empty"));
        assert_eq!(told(b"id,a"), error("not a Parquet file: it does not begin with PAR1"));
        let cut = error("truncated Parquet file: the footer is missing at its end");
        assert_eq!(told(b"PAR1"), cut);
        assert_eq!(told(b"PAR1\0\0\0PAR1"), cut);
        assert_eq!(told(b"PAR1\0\0\0\0\0\0\0\0\0\0"), cut);
        assert_eq!(told(b"PARE\0\0\0\0PARE"), Ok(0));
        let other = error("damaged Parquet file: it does not begin with PARE");
        assert_eq!(told(b"PAR1\0\0\0\0PARE"), other);
        assert_eq!(told(b"PARE\0\0\0\0PAR1"), cut);
        assert_eq!(
            told(b"PAR1..\x03\0\0\0PAR1"),
            error("cannot read the Parquet metadata: it claims 3 bytes in a file of 14")
        );
    }
}
