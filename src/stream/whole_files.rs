//! Whole Arrow files as a stream, moved as bytes: a file is a magic, the messages of a stream, and
//! a footer. Headers are checked here, values by the consumer of the stream.

use super::checks::Body;
use super::decoder::Decoder;
use super::file_messages::picked_of_file;
use super::framing::Header;
use super::limits::Limits;
use super::writer::{END_MARKER, Writer};
use crate::arrow_file::{ArrowFile, starts_like_a_file};
use crate::error::{Error, Result};
use crate::io::{Input, Output, is_regular_file, map_or_spool};
use crate::options::{InputOptions, Operand};
use arrow::datatypes::{Schema, SchemaRef};
use arrow_ipc::MessageHeader;
use std::collections::HashSet;
use std::io::IoSlice;
use std::ops::{Range, RangeInclusive};

/// Files whose messages, one after another, form a stream.
#[derive(Debug)]
pub struct WholeFiles {
    files: Vec<WholeFile>,
}

#[derive(Debug)]
struct WholeFile {
    input: Input,
    file: ArrowFile,
    /// Checks headers against the schema.
    decoder: Decoder,
    /// The range of its schema message.
    schema: Range<usize>,
    /// The messages to move, in order: the dictionaries, then the record batches.
    messages: Vec<usize>,
}

/// Adjacent messages are moved together, up to this size: few system calls, and frequent enough
/// progress reports.
const MOVED_BYTES: usize = 4 << 20;

/// Messages of a stream begin at multiples of 8 bytes.
const ALIGNMENT: usize = 8;

/// The continuation marker and the length of a message.
const PREFIX_BYTES: usize = 8;

/// The magic is padded to 8 bytes, by arrow-rs to 64.
const PADDED_MAGIC: RangeInclusive<usize> = 8..=64;

impl WholeFiles {
    /// Opens the operands if all of them are regular files that can be moved: in the format since
    /// Arrow 0.15, in the byte order of this machine, with a schema at the front that matches the
    /// footer, and the same schema in all files. Returns `None` if they must be decoded, or if
    /// anything is wrong, because decoding gives better error messages.
    pub fn open(options: &InputOptions) -> Option<Self> {
        if options.allow_nulls {
            return None;
        }
        let stdin = [Operand::Stdin];
        let operands = if options.operands.is_empty() { &stdin } else { &options.operands[..] };
        let mut files: Vec<WholeFile> = Vec::with_capacity(operands.len());
        let mut first: Option<SchemaRef> = None;
        for operand in operands {
            let file = WholeFile::open(operand, options)?;
            let schema = file.decoder.schema();
            if first.get_or_insert_with(|| schema.clone()) != schema {
                return None;
            }
            files.push(file);
        }
        // The IDs of dictionaries are valid within one file only.
        let is_movable = files.len() == 1 || files.iter().all(|file| file.file.dictionaries() == 0);
        is_movable.then_some(Self { files })
    }

    /// The schema of the stream.
    pub fn schema(&self) -> &SchemaRef {
        self.files[0].decoder.schema()
    }

    /// Writes the schema message, after which the reader may say what it needs.
    ///
    /// # Errors
    /// I/O errors.
    pub fn begin(&self, mut output: Output) -> Result<Writer> {
        let file = &self.files[0];
        output.move_from(&file.input, file.schema.clone())?;
        let metadata = file.schema.start + PREFIX_BYTES..file.schema.end;
        let metadata = file.file.get(metadata).unwrap_or_default();
        Writer::after_schema(output, self.schema(), &metadata)
    }

    /// Writes all that follows the schema message. `passed` is called with the number of record
    /// batches and of rows written.
    ///
    /// # Errors
    /// A damaged header; I/O errors. No end marker is written then.
    pub fn move_to(self, writer: Writer, mut passed: impl FnMut(usize, usize)) -> Result<()> {
        let mut output = writer.into_output();
        for mut file in self.files {
            file.move_messages(&mut output, &mut passed)?;
            file.input.leave_at_end();
        }
        output.write_gathered(&mut [IoSlice::new(&END_MARKER)])?;
        output.commit()
    }
}

impl WholeFile {
    fn open(operand: &Operand, options: &InputOptions) -> Option<Self> {
        // An input that is not a regular file can be read only once, so it is left untouched for
        // decoding.
        if *operand != Operand::Stdin && !is_regular_file(operand).ok()? {
            return None;
        }
        let mut input = Input::open(operand).ok()?;
        input.remaining_bytes()?;
        if input.place() != 0 || !starts_like_a_file(&input.peek::<6>().ok()?) {
            return None;
        }
        let mut file = ArrowFile::open(map_or_spool(&mut input, None).ok()?).ok()?;
        let (schema, mut decoder) = schema_message(&file)?;
        decoder.limit(Limits::of(options), &options.threads);
        let dictionaries = file.dictionaries();
        has_each_dictionary_once(&mut file, &decoder).then_some(())?;
        let batches = picked_of_file(options.record_batches.as_ref(), &file)
            .ok()?
            .into_iter()
            .map(|number| dictionaries + number);
        let messages = (0..dictionaries).chain(batches).collect();
        Some(Self { input, file, decoder, schema, messages })
    }

    fn move_messages(
        &mut self,
        output: &mut Output,
        passed: &mut impl FnMut(usize, usize),
    ) -> Result<()> {
        let (mut range, mut batches, mut rows) = (0..0, 0, 0);
        for number in std::mem::take(&mut self.messages) {
            let message = Message::read(&mut self.file, &self.decoder, number);
            let message = message.map_err(|e| e.with(self.input.name()))?;
            if message.rows == Some(0) {
                continue;
            }
            if message.range.start != range.end || range.len() >= MOVED_BYTES {
                output.move_from(&self.input, range)?;
                passed(batches, rows);
                (batches, rows) = (0, 0);
                range = message.range.start..message.range.start;
            }
            range.end = message.range.end;
            batches += usize::from(message.rows.is_some());
            rows = rows.saturating_add(message.rows.unwrap_or(0));
        }
        output.move_from(&self.input, range)?;
        passed(batches, rows);
        Ok(())
    }
}

/// The contents of a message header.
struct Message {
    /// The whole message, header and body.
    range: Range<usize>,
    /// Of a record batch only.
    rows: Option<usize>,
    dictionary: Option<i64>,
}

impl Message {
    /// Reads the header of a message and checks that it is valid in a stream as it is in the file.
    fn read(file: &mut ArrowFile, decoder: &Decoder, number: usize) -> Result<Self> {
        let (metadata, body) = file.message(number)?;
        let range = prefixed(file, body.start - metadata.len(), metadata.len(), body.end);
        let header = Header::verified(metadata)?;
        let message = header.message()?;
        let is_dictionary = number < file.dictionaries();
        let dictionary = message.header_as_dictionary_batch();
        let batch = match (message.header_type(), dictionary.and_then(|it| it.data())) {
            (MessageHeader::RecordBatch, _) if !is_dictionary => message.header_as_record_batch(),
            (MessageHeader::DictionaryBatch, data) if is_dictionary => data,
            _ => None,
        };
        let length = Body::Length(body.len());
        let (Some(range), Some(batch)) = (range, batch) else {
            return Err(Error::failed(
                "damaged Arrow file: a block without a valid stream message",
            ));
        };
        match dictionary {
            Some(dictionary) => decoder.check_dictionary(&message, &dictionary, length)?,
            None => decoder.check(&header, length)?,
        }
        let rows = usize::try_from(batch.length()).ok().filter(|_| !is_dictionary);
        Ok(Self { range, rows, dictionary: dictionary.map(|dictionary| dictionary.id()) })
    }
}

/// The range of the message with this metadata, if the continuation marker and the length that a
/// stream needs precede it, and it begins and ends aligned.
fn prefixed(file: &ArrowFile, metadata: usize, length: usize, end: usize) -> Option<Range<usize>> {
    let start = metadata.checked_sub(8).filter(|start| PADDED_MAGIC.start() <= start)?;
    // The whole message is lent, so that the pages mapped by this check are given back.
    let message = file.get(start..end)?;
    let is_prefix = message.starts_with(&[0xff; 4])
        && message[4..8] == i32::try_from(length).ok()?.to_le_bytes();
    let is_aligned = start.is_multiple_of(ALIGNMENT) && end.is_multiple_of(ALIGNMENT);
    (is_prefix && is_aligned).then_some(start..end)
}

/// The position and schema of the schema message, if they match the footer.
fn schema_message(file: &ArrowFile) -> Option<(Range<usize>, Decoder)> {
    let is_padding =
        |start: &usize| file.get(*start..start + 8).is_some_and(|word| *word == [0; 8]);
    let start = PADDED_MAGIC.step_by(ALIGNMENT).find(|start| !is_padding(start))?;
    let metadata = start + 8;
    let length = file.get(metadata - 4..metadata)?.first_chunk::<4>().copied()?;
    let length = usize::try_from(i32::from_le_bytes(length)).ok()?;
    let end = metadata.checked_add(length)?;
    let header = Header::verified(file.get(metadata..end)?.to_vec()).ok()?;
    let decoder = Decoder::begin_message(&header).ok().filter(|decoder| !decoder.is_foreign())?;
    let in_footer = file.schema(Decoder::begin).ok()?;
    let is_same = header.body_bytes() == 0
        && decoder.schema() == in_footer.schema()
        && dictionary_ids(decoder.schema()) == dictionary_ids(in_footer.schema());
    is_same.then_some((prefixed(file, metadata, length, end)?, decoder))
}

/// The IDs of dictionaries, which schema equality does not compare.
fn dictionary_ids(schema: &Schema) -> Vec<Option<i64>> {
    // Deprecated in schemas that users build; in a schema that was just read they are correct.
    #[expect(deprecated)]
    schema.flattened_fields().iter().map(|field| field.dict_id()).collect()
}

/// Whether no dictionary is extended. A file has no dictionary twice, and one with a delta is left
/// to the decoder: in a file, the complete dictionary also applies to earlier batches.
fn has_each_dictionary_once(file: &mut ArrowFile, decoder: &Decoder) -> bool {
    let mut known = HashSet::new();
    (0..file.dictionaries()).all(|number| {
        let message = Message::read(file, decoder, number);
        message.is_ok_and(|message| message.dictionary.is_some_and(|id| known.insert(id)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{Destination, OutputOptions};
    use crate::stream::Reader;
    use arrow::array::{ArrayRef, DictionaryArray, Int64Array, RecordBatch};
    use arrow::datatypes::Int32Type;
    use arrow_ipc::writer::FileWriter;
    use std::path::Path;
    use std::sync::Arc;

    fn file() -> Vec<u8> {
        let code: DictionaryArray<Int32Type> = [Some("a"), None, Some("b")].into_iter().collect();
        let id: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let columns: [(&str, ArrayRef); 2] = [("id", id), ("code", Arc::new(code))];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        for batch in [batch.slice(0, 2), batch.slice(0, 0), batch.slice(2, 1)] {
            writer.write(&batch).unwrap();
        }
        writer.into_inner().unwrap()
    }

    fn input(path: &Path) -> InputOptions {
        InputOptions { operands: vec![Operand::Path(path.to_owned())], ..InputOptions::default() }
    }

    /// Moves a file, if possible, and reads the result.
    fn moved(file: &[u8]) -> Option<Result<Vec<RecordBatch>>> {
        let directory = tempfile::tempdir().unwrap();
        let (from, to) = (directory.path().join("x.arrow"), directory.path().join("x.arrows"));
        std::fs::write(&from, file).unwrap();
        let files = WholeFiles::open(&input(&from))?;
        let destination = Destination::Path(to.clone());
        let options = OutputOptions { destination, no_sync: true, ..OutputOptions::default() };
        let mut rows = 0;
        let writer = files.begin(Output::create(&options, &[]).unwrap());
        let moved = writer.and_then(|writer| files.move_to(writer, |_, passed| rows += passed));
        Some(moved.and_then(|()| {
            let mut reader = Reader::open(&input(&to))?;
            let batches = std::iter::from_fn(|| reader.next_batch().transpose());
            let batches: Vec<RecordBatch> = batches.collect::<Result<_>>()?;
            assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), rows);
            Ok(batches)
        }))
    }

    #[test]
    fn batches_without_rows_are_left_out() {
        let batches = moved(&file()).unwrap().unwrap();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn no_damage_ends_the_process() {
        let whole = file();
        let mut left_to_the_decoder = 0;
        for place in (0..whole.len()).step_by(3) {
            let mut damaged = whole.clone();
            damaged[place] ^= if place % 2 == 0 { 0x11 } else { 0xff };
            match moved(&damaged) {
                Some(Err(error)) => assert!(!error.to_string().contains('\n'), "{error}"),
                // Values may change unnoticed.
                Some(Ok(_)) => {}
                None => left_to_the_decoder += 1,
            }
        }
        assert!(left_to_the_decoder > 0);
    }
}
