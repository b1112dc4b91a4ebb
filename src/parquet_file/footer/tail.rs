//! Checks that a file is Parquet and complete, with errors for the user who named it. The footer
//! itself is not read here.

use crate::error::{Error, Result};
use crate::parquet_file::cause::cause;
use crate::text::known_format;
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

/// The length of the footer's metadata in bytes, checked against the whole file.
///
/// # Errors
/// A file that is not Parquet, or is truncated or damaged.
pub(crate) fn footer_bytes(file: &[u8]) -> Result<u64> {
    let is_encrypted = file.starts_with(ENCRYPTED_MAGIC) || file.ends_with(ENCRYPTED_MAGIC);
    let magic = if is_encrypted { ENCRYPTED_MAGIC } else { MAGIC };
    match (file.starts_with(magic), file.ends_with(magic)) {
        _ if file.is_empty() => Err(Error::failed("not a Parquet file: it is empty")),
        (true, true) if file.len() >= SHORTEST_BYTES => claimed_bytes(file),
        (true, _) => Err(Error::failed("truncated Parquet file: the footer is missing at its end")),
        (false, true) => {
            let magic = if is_encrypted { "PARE" } else { "PAR1" };
            Err(Error::failed(format!("damaged Parquet file: it does not begin with {magic}")))
        }
        (false, false) => {
            let why = known_format(file).unwrap_or("it does not begin with PAR1");
            Err(Error::failed(format!("not a Parquet file: {why}")))
        }
    }
}

/// The error for a footer that the `parquet` crate cannot read.
pub(crate) fn unreadable(error: &ParquetError) -> Error {
    Error::failed(format!("{CANNOT_READ}: {}", cause(error)))
}

fn claimed_bytes(file: &[u8]) -> Result<u64> {
    let most = file.len() - SHORTEST_BYTES;
    let length = file[..file.len() - MAGIC.len()].last_chunk().copied();
    let claimed = u64::from(u32::from_le_bytes(length.unwrap_or_default()));
    if most as u64 >= claimed {
        return Ok(claimed);
    }
    let bytes = file.len();
    Err(Error::failed(format!("{CANNOT_READ}: it claims {claimed} bytes in a file of {bytes}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_parquet_or_not_complete_is_refused() {
        let told = |file: &[u8]| footer_bytes(file).map_err(|error| error.to_string());
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
