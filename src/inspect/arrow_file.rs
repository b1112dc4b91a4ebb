//! Reports on an Arrow IPC file from its footer and the headers of the messages that it points to.
//! No body is touched, so only the memory pages of the headers are read from a mapped file.

use super::arrow_schema::Described;
use super::{FileReport, Format};
use crate::arrow_file::{Block, FooterBytes, block_metadata, blocks};
use crate::error::{Error, Result, guard};
use crate::io::RangedBytes;
use arrow_ipc::root_as_message;
use std::fmt::Display;
use std::ops::Range;

/// Reads the footer and the message headers of a whole file.
///
/// # Errors
/// A truncated or damaged file: every length and offset is checked against the file before it is
/// used.
pub(super) fn report(path: &str, file: &dyn RangedBytes) -> Result<FileReport> {
    let footer = FooterBytes::read(file)?;
    guard("damaged Arrow file", || describe(path, file, &footer))
}

fn describe(path: &str, file: &dyn RangedBytes, footer: &FooterBytes) -> Result<FileReport> {
    let (footer, end) = (footer.footer()?, footer.start);
    let schema = footer.schema().ok_or_else(|| damaged("its footer has no schema"))?;
    let mut described = Described::new(schema, footer.version())?;
    let (dictionaries, batches) = blocks(&footer, end)?;
    let headers = dictionaries.iter().chain(&batches).map(|block| &block.header);
    let headers: Vec<Range<u64>> = headers.map(|it| it.start as u64..it.end as u64).collect();
    file.fetch(&headers);
    for block in &dictionaries {
        described.ipc.dictionaries += 1;
        block_metadata(file, block)?;
        described.ipc.dictionary_bytes += stored_bytes(block);
    }
    for (number, block) in batches.iter().enumerate() {
        let metadata = block_metadata(file, block)
            .map_err(|e| e.with(format_args!("record batch {number}")))?;
        let message = root_as_message(&metadata).map_err(damaged)?;
        let batch = message
            .header_as_record_batch()
            .ok_or_else(|| damaged(format!("record batch {number} is another kind of message")))?;
        described.add(batch, stored_bytes(block)).map_err(damaged)?;
    }
    for pair in footer.custom_metadata().into_iter().flatten() {
        let metadata = &mut described.metadata;
        metadata.extend(pair.key().map(|key| (key.to_owned(), pair.value().map(str::to_owned))));
    }
    Ok(described.report(path, file.size(), Format::ArrowFile))
}

fn stored_bytes(block: &Block) -> u64 {
    (block.header.len() + block.body.len()) as u64
}

fn damaged(why: impl Display) -> Error {
    Error::failed(format!("damaged Arrow file: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, DictionaryArray, RecordBatch, StringViewArray};
    use arrow::datatypes::Int32Type;
    use arrow_ipc::writer::FileWriter;
    use bytes::Bytes;
    use std::sync::Arc;

    fn sample() -> Vec<u8> {
        let code: DictionaryArray<Int32Type> = [Some("a"), None, Some("b")].into_iter().collect();
        let code: ArrayRef = Arc::new(code);
        let long = "longer than the twelve bytes of a view";
        let text: ArrayRef = Arc::new(StringViewArray::from(vec![Some(long), Some("x"), None]));
        let batch = RecordBatch::try_from_iter([("code", code), ("text", text)]).unwrap();
        let mut writer = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        writer.into_inner().unwrap()
    }

    #[test]
    fn the_headers_describe_the_file() {
        let report = report("x", &Bytes::from(sample())).unwrap();
        assert_eq!((report.rows, report.parts.len(), report.fields.len()), (3, 1, 2));
        let nulls: Vec<_> = report.columns.iter().map(|column| column.contents.nulls).collect();
        assert_eq!(nulls, [Some(1), Some(1)]);
        let Format::ArrowFile(ipc) = report.format else { panic!("{:?}", report.format) };
        assert_eq!((ipc.dictionaries, ipc.version, ipc.big_endian), (1, "V5", false));
    }

    #[test]
    fn a_file_cut_at_any_byte_is_an_error() {
        let whole = sample();
        for length in 0..whole.len() {
            assert!(
                report("x", &Bytes::copy_from_slice(&whole[..length])).is_err(),
                "{length} of {} bytes",
                whole.len()
            );
        }
    }

    #[test]
    fn no_damage_ends_the_process() {
        let whole = sample();
        for place in 8..whole.len() {
            for value in [0x00, 0x7f, 0x80, 0xff, whole[place] ^ 0x01] {
                let mut damaged = whole.clone();
                damaged[place] = value;
                // Most changes hit a body, which is not read. The test is that this line is
                // reached.
                if let Err(error) = report("x", &Bytes::from(damaged)) {
                    assert!(!error.to_string().contains('\n'), "{error}");
                }
            }
        }
    }
}
