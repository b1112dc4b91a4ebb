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
use crate::parquet_file::encryption::{DecryptedFooter, Encryption, KeyFile, open_footer};
use parquet::file::metadata::{FileMetaData, ParquetMetaData, ParquetMetaDataReader};

pub(crate) use crate::parquet_file::cause::cause;
pub(crate) use repair::Oddities;
pub(crate) use tail::{CANNOT_READ, ENCRYPTED_MAGIC, MAGIC, TAIL_BYTES, footer_bytes, unreadable};

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
/// A footer that the crate refuses is repaired and read again: annotations that contradict the
/// physical type, enumerators of later versions of the format, text that is not UTF-8 and damaged
/// statistics are dropped. Either the rows do not depend on them, or the column is marked as
/// unreadable.
///
/// # Errors
/// A file that is not Parquet, or is truncated, encrypted or damaged.
pub(crate) fn read(file: &[u8], keys: Option<&KeyFile>) -> Result<ReadFooter> {
    let (footer, opened) = plain(file, keys)?;
    let Some(DecryptedFooter { footer, encryption, locked }) = opened else {
        return read_footer(footer);
    };
    let mut read = read_footer(&footer)?;
    let schema = read.metadata.file_metadata().schema_descr();
    let roots = locked.into_iter().filter(|(leaf, _)| *leaf < schema.num_columns());
    let roots = roots.map(|(leaf, why)| (schema.get_column_root_idx(leaf), why));
    read.oddities.unreadable.extend(roots);
    read.encryption = Some(encryption);
    Ok(read)
}

/// The bytes of a footer as they are in the file, and the decrypted footer if anything is
/// encrypted.
///
/// # Errors
/// A file that is not Parquet, or is truncated; an encrypted footer that cannot be decrypted.
pub(crate) fn plain<'a>(
    file: &'a [u8],
    keys: Option<&KeyFile>,
) -> Result<(&'a [u8], Option<DecryptedFooter>)> {
    let length = footer_bytes(file)?;
    let end = file.len() - TAIL_BYTES;
    let start = end - usize::try_from(length).unwrap_or(end);
    let footer = &file[start..end];
    Ok((footer, open_footer(footer, file.ends_with(ENCRYPTED_MAGIC), keys)?))
}

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
