//! Reports on an Arrow IPC stream from its message headers. Bodies are skipped: in a mapped file
//! they are not touched, from a pipe they are read and discarded.

use super::arrow_schema::Described;
use super::{FileReport, Format};
use crate::error::{Error, Result, guard};
use crate::io::Input;
use crate::stream::Limits;
use crate::stream::framing::{Frame, Frames, Header};
use arrow_ipc::MessageHeader;

/// Reads all message headers of all streams in an input.
///
/// A missing end marker is only a warning here, although it is an error elsewhere: people inspect
/// the output of a producer that died.
///
/// # Errors
/// Bytes that are not a stream; a stream that stops in the middle of a message; damaged
/// headers; metadata that is larger than the limits allow.
pub(super) fn report(path: &str, input: Input, limits: Limits) -> Result<FileReport> {
    let size = input.remaining_bytes();
    let mut frames = Frames::limited(input, limits);
    let mut seen = StreamFacts::default();
    loop {
        match frames.next(!seen.is_open)? {
            Frame::Message(header) => {
                guard("damaged message", || seen.message(&header))?;
                frames.skip_body(&header)?;
            }
            Frame::EndMarker => {
                seen.is_open = false;
                seen.bytes += seen.prefix_bytes;
            }
            Frame::EndOfInput => break,
        }
    }
    seen.report(path, size)
}

/// The facts from the headers so far.
#[derive(Debug, Default)]
struct StreamFacts {
    described: Option<Described>,
    streams: u64,
    is_open: bool,
    /// Whether a stream ended without its end marker, and whether two had different schemas.
    is_unfinished: bool,
    is_mixed: bool,
    bytes: u64,
    /// The size of the prefix before each message, which alone is the end marker.
    prefix_bytes: u64,
}

impl StreamFacts {
    fn message(&mut self, header: &Header) -> Result<()> {
        let message = header.message()?;
        let metadata_bytes = message._tab.buf().len() as u64;
        // Metadata is padded so that the body starts at a multiple of 8 bytes. Before version 0.15
        // the prefix was only the length; since then it also has the continuation marker.
        self.prefix_bytes = if metadata_bytes % 8 == 4 { 4 } else { 8 };
        let header_bytes = self.prefix_bytes + metadata_bytes;
        let stored_bytes = header_bytes.saturating_add(header.body_bytes() as u64);
        self.bytes = self.bytes.saturating_add(stored_bytes);
        if message.header_type() == MessageHeader::Schema {
            let schema = message.header_as_schema().ok_or_else(|| damaged("an empty schema"))?;
            return self.schema(Described::new(schema, message.version())?);
        }
        let Some(described) = self.described.as_mut().filter(|_| self.is_open) else {
            return Err(damaged("its first message is not a schema"));
        };
        if let Some(batch) = message.header_as_record_batch() {
            described.add(batch, stored_bytes).map_err(damaged)?;
        } else if message.header_as_dictionary_batch().is_some() {
            described.ipc.dictionaries += 1;
            described.ipc.dictionary_bytes =
                described.ipc.dictionary_bytes.saturating_add(stored_bytes);
        } else {
            return Err(damaged("a message that is neither a record batch nor a dictionary"));
        }
        Ok(())
    }

    fn schema(&mut self, schema: Described) -> Result<()> {
        // A stream may end without an end marker; then the schema of the next one follows.
        self.is_unfinished |= self.is_open;
        self.is_open = true;
        self.streams += 1;
        match &self.described {
            Some(first) => self.is_mixed |= !first.is_like(&schema),
            None => self.described = Some(schema),
        }
        Ok(())
    }

    fn report(self, path: &str, size: Option<u64>) -> Result<FileReport> {
        let Some(described) = self.described else {
            return Err(Error::failed("empty: there is nothing to inspect"));
        };
        let end_marker = !self.is_open && !self.is_unfinished;
        let mut warnings = Vec::new();
        if !end_marker {
            warnings.push("no end marker: the producer may have stopped early".to_owned());
        }
        if self.is_mixed {
            warnings.push("its streams have different schemas; the first is shown".to_owned());
        }
        let format = |ipc| Format::ArrowStream { ipc, streams: self.streams, end_marker };
        let report = described.report(path, size.unwrap_or(self.bytes), format);
        Ok(FileReport { warnings, ..report })
    }
}

fn damaged(why: impl std::fmt::Display) -> Error {
    Error::failed(format!("damaged stream: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Operand;
    use arrow::array::{ArrayRef, Int64Array, RecordBatch};
    use arrow_ipc::writer::StreamWriter;
    use std::io::Write;
    use std::sync::Arc;

    fn sample(name: &str) -> Vec<u8> {
        let id: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]));
        let batch = RecordBatch::try_from_iter([(name, id)]).unwrap();
        let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        writer.write(&batch).unwrap();
        writer.into_inner().unwrap()
    }

    fn report_of(bytes: &[u8]) -> Result<FileReport> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let input = Input::open(&Operand::Path(file.path().to_owned()))?;
        report("x", input, Limits::default())
    }

    #[test]
    fn the_headers_describe_the_stream() {
        let report = report_of(&sample("id")).unwrap();
        assert_eq!(
            (report.rows, report.parts.len(), report.bytes),
            (6, 2, sample("id").len() as u64)
        );
        assert_eq!(report.columns[0].contents.nulls, Some(2));
        assert_eq!(report.warnings, [""; 0]);
    }

    #[test]
    fn a_stream_cut_at_any_byte_causes_an_error_or_a_warning() {
        let whole = sample("id");
        let mut warned = 0;
        for length in 0..whole.len() {
            if let Ok(report) = report_of(&whole[..length]) {
                assert!(report.warnings[0].starts_with("no end marker"), "{length}");
                warned += 1;
            }
        }
        // After the schema and after each of the two batches.
        assert_eq!(warned, 3);
    }

    #[test]
    fn streams_of_different_schemas_cause_a_warning() {
        let joined = report_of(&[sample("id"), sample("name")].concat()).unwrap();
        assert_eq!((joined.rows, joined.fields[0].name.as_str()), (12, "id"));
        assert!(joined.warnings[0].contains("different schemas"), "{:?}", joined.warnings);
    }

    #[test]
    fn no_damage_ends_the_process() {
        let whole = sample("id");
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 0xff;
            if let Err(error) = report_of(&damaged) {
                assert!(!error.to_string().contains('\n'), "{error}");
            }
        }
    }
}
