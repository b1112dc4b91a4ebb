//! The footer of a Parquet file as plain data: found at the end of the file, read by the `parquet`
//! crate, and repaired first where the crate refuses a footer that other readers accept.

mod annotation;
mod check;
#[cfg(test)]
pub(crate) mod edited;
mod fields;
mod repair;
mod repair_chunk;
mod repair_schema;
mod tail;

use crate::error::{Error, Result, guard};
use crate::io::RangedBytes;
use crate::parquet_file::encryption::{DecryptedFooter, Encryption, KeyFile, open_footer};
use parquet::file::metadata::{FileMetaData, ParquetMetaData, ParquetMetaDataReader};

pub(crate) use crate::parquet_file::cause::cause;
pub(crate) use repair::Oddities;
pub(crate) use tail::{CANNOT_READ, ENCRYPTED_MAGIC, MAGIC, TAIL_BYTES, Tail, unreadable};

/// A footer that was read.
#[derive(Debug)]
pub(crate) struct ReadFooter {
    pub(crate) metadata: ParquetMetaData,
    pub(crate) oddities: Oddities,
    /// How columns are encrypted, if any is.
    pub(crate) encryption: Option<Encryption>,
}

/// The metadata of a file with another number of rows.
pub(crate) fn with_rows(file: &FileMetaData, rows: i64) -> FileMetaData {
    FileMetaData::new(
        file.version(),
        rows,
        file.created_by().map(str::to_owned),
        file.key_value_metadata().cloned(),
        file.schema_descr_ptr(),
        file.column_orders().cloned(),
    )
}

/// Reads the footer of a file.
///
/// # Errors
/// A file that is not Parquet, or is truncated, encrypted or damaged; one that cannot be read.
pub(crate) fn read(file: &dyn RangedBytes, keys: Option<&KeyFile>) -> Result<ReadFooter> {
    let tail = Tail::read(file)?;
    let opened = tail.opened(keys)?;
    tail.read_footer(opened)
}

impl Tail {
    /// The decrypted footer, if anything is encrypted.
    ///
    /// # Errors
    /// An encrypted footer that cannot be decrypted.
    pub(crate) fn opened(&self, keys: Option<&KeyFile>) -> Result<Option<DecryptedFooter>> {
        open_footer(&self.footer, self.is_encrypted, keys)
    }

    /// Reads the footer, decrypted if anything is encrypted.
    ///
    /// # Errors
    /// A damaged footer.
    pub(crate) fn read_footer(&self, opened: Option<DecryptedFooter>) -> Result<ReadFooter> {
        let Some(DecryptedFooter { footer, encryption, locked }) = opened else {
            return read_footer(&self.footer);
        };
        let mut read = read_footer(&footer)?;
        let schema = read.metadata.file_metadata().schema_descr();
        let roots = locked.into_iter().filter(|(leaf, _)| *leaf < schema.num_columns());
        let roots = roots.map(|(leaf, why)| (schema.get_column_root_idx(leaf), why));
        read.oddities.unreadable.extend(roots);
        read.encryption = Some(encryption);
        Ok(read)
    }
}

/// Reads a plain footer.
///
/// A footer that the crate refuses is repaired and read again: annotations that contradict the
/// physical type, enumerators of later versions of the format, text that is not UTF-8 and damaged
/// statistics are dropped. Either the rows do not depend on them, or the column is marked as
/// unreadable.
fn read_footer(footer: &[u8]) -> Result<ReadFooter> {
    let checked = check::check(footer)?;
    let decode = |bytes: &[u8]| {
        guard(CANNOT_READ, || {
            ParquetMetaDataReader::decode_metadata(bytes).map_err(|error| unreadable(&error))
        })
    };
    let read = |metadata, oddities| ReadFooter { metadata, oddities, encryption: None };
    let decoded = if checked.has_boolean_lists {
        Err(Error::failed(format!("{CANNOT_READ}: it has fields of an unknown type")))
    } else {
        decode(footer)
    };
    let refused = match decoded {
        Ok(metadata) => return Ok(read(metadata, Oddities::default())),
        Err(refused) => refused,
    };
    let Some((repaired, oddities)) = repair::repaired(footer) else { return Err(refused) };
    if check::check(&repaired).is_ok_and(|checked| checked.has_boolean_lists) {
        return Err(refused);
    }
    // If the repair did not help, report the first error: it is about the file as it is.
    let Ok(metadata) = decode(&repaired) else { return Err(refused) };
    Ok(read(metadata, oddities))
}
