//! The messages of one input, a stream or a file, in reading order.

use super::batch_selection::BatchSelection;
use super::decoder::Decoder;
use super::file_messages::{FileMessages, file_of, is_named_as_file, open_file_object};
use super::framing::{Frame, Frames, Header};
use super::hint::{Hint, Until, fingerprint};
use super::limits::Limits;
use super::upstream::Upstream;
use crate::arrow_file::{ArrowFile, starts_like_a_file};
use crate::error::{Error, Result};
use crate::io::Input;
use crate::options::{NumberList, Operand};
use arrow::buffer::Buffer;
use arrow_ipc::MessageHeader;

/// An input as a sequence of messages.
#[derive(Debug)]
pub(super) enum Messages {
    Stream(StreamMessages),
    File(FileMessages),
}

/// A stream, of which some record batches may be skipped.
#[derive(Debug)]
pub(super) struct StreamMessages {
    frames: Frames,
    /// The record batches to read; `None` for all.
    picked: Option<BatchSelection>,
    /// The writer, if it can be told what is needed.
    upstream: Option<Upstream>,
    /// The fingerprint of the first schema.
    schema: u64,
}

impl Messages {
    /// Opens an operand. A file that arrives through a pipe is kept in a temporary file without a
    /// name, because its footer comes last. `hints` says whether the writer of a pipe may be told
    /// what is needed.
    ///
    /// # Errors
    /// An input that cannot be opened; a truncated or damaged file; missing record batches.
    pub(super) fn open(
        operand: &Operand,
        record_batches: Option<&NumberList>,
        limits: Limits,
        hints: bool,
    ) -> Result<Self> {
        if let Operand::Url(url) = operand
            && is_named_as_file(&operand.name())
            && let Some(file) = open_file_object(url)?
        {
            let (name, file) = (operand.name(), ArrowFile::open_object(file));
            let messages = file.and_then(|file| FileMessages::open(&name, file, record_batches));
            return messages.map(Self::File).map_err(|error| error.with(name));
        }
        let mut input = Input::open(operand)?;
        let is_whole = record_batches.is_none();
        let upstream = if hints && is_whole { Upstream::of(&input) } else { None };
        let is_file = starts_like_a_file(&input.peek::<6>()?);
        let name = input.name().to_owned();
        let messages = if is_file {
            file_of(operand, &mut input)
                .and_then(|file| FileMessages::open(&name, file, record_batches))
                .map(Self::File)
        } else {
            StreamMessages::open(input, record_batches, limits)
                .map(|stream| Self::Stream(StreamMessages { upstream, ..stream }))
        };
        messages.map_err(|error| error.with(name))
    }

    /// The name of the input, for messages.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Stream(stream) => stream.frames.name(),
            Self::File(file) => &file.name,
        }
    }

    /// Whether the first byte of the next message can be read without waiting.
    pub(super) fn is_ready(&self) -> bool {
        match self {
            Self::Stream(stream) => stream.frames.is_ready(),
            Self::File(_) => true,
        }
    }

    /// The number of bytes left, if it is known.
    pub(super) fn remaining_bytes(&self) -> Option<u64> {
        match self {
            Self::Stream(stream) => stream.frames.remaining_bytes(),
            Self::File(file) => Some(file.file.remaining_bytes()),
        }
    }

    /// Reads the schema, which comes first.
    ///
    /// # Errors
    /// An input that is empty or does not begin with a schema. Errors name the input.
    pub(super) fn begin(&mut self) -> Result<Decoder> {
        let decoder = match self {
            Self::Stream(stream) => stream.begin(),
            Self::File(file) => file.file.schema(Decoder::begin),
        };
        decoder.map_err(|error| error.with(self.name()))
    }

    /// Tells the writer what is needed of it.
    pub(super) fn give(&mut self, (hint, until): &(Hint, Until)) {
        if let Self::Stream(StreamMessages { upstream: Some(upstream), schema, .. }) = self {
            upstream.give(hint, *until, *schema);
        }
    }

    /// The writer, if it can be told what is needed.
    pub(super) fn upstream(&self) -> Option<&Upstream> {
        match self {
            Self::Stream(stream) => stream.upstream.as_ref(),
            Self::File(_) => None,
        }
    }

    /// Must be called before the first message after the schema is waited for; see
    /// [`Upstream::awaited`].
    pub(super) fn awaited(&mut self) {
        if let Self::Stream(StreamMessages { upstream: Some(upstream), .. }) = self {
            upstream.awaited();
        }
    }

    /// Must be called when the first message after the schema has come; see [`Upstream::begun`].
    pub(super) fn begun(&mut self) {
        if let Self::Stream(StreamMessages { upstream: Some(upstream), .. }) = self {
            upstream.begun();
        }
    }

    /// Reads up to the next frame. `between_streams` says that no stream is open.
    ///
    /// # Errors
    /// Bytes that are not a message; an input that ends within one.
    pub(super) fn next(&mut self, between_streams: bool) -> Result<Frame> {
        match self {
            Self::Stream(stream) => stream.next(between_streams),
            Self::File(_) if between_streams => Ok(Frame::EndOfInput),
            Self::File(file) => file.next(),
        }
    }

    /// Reads the body that belongs to a header.
    ///
    /// # Errors
    /// The input ends before the body does.
    pub(super) fn body(&mut self, header: &Header) -> Result<Buffer> {
        match self {
            Self::Stream(stream) => stream.frames.body(header),
            Self::File(file) => file.body().map_err(|error| error.with(&file.name)),
        }
    }

    /// Skips the body that belongs to a header; in a mapped file it is not touched.
    ///
    /// # Errors
    /// The input ends before the body does.
    pub(super) fn skip_body(&mut self, header: &Header) -> Result<()> {
        match self {
            Self::Stream(stream) => stream.frames.skip_body(header),
            Self::File(file) => {
                file.skip_body();
                Ok(())
            }
        }
    }
}

impl StreamMessages {
    fn open(input: Input, record_batches: Option<&NumberList>, limits: Limits) -> Result<Self> {
        let mut frames = Frames::limited(input, limits);
        let picked =
            record_batches.map(|list| BatchSelection::try_new(list, &mut frames)).transpose()?;
        Ok(Self { frames, picked, upstream: None, schema: 0 })
    }

    fn begin(&mut self) -> Result<Decoder> {
        let Frame::Message(header) = self.frames.next(true)? else {
            return Err(Error::failed(
                "empty input: the producer wrote nothing, not even a schema",
            ));
        };
        let decoder = Decoder::begin_message(&header)?;
        self.frames.skip_body(&header)?;
        self.schema = fingerprint(header.bytes());
        Ok(decoder)
    }

    fn next(&mut self, between_streams: bool) -> Result<Frame> {
        let Some(picked) = &mut self.picked else { return self.frames.next(between_streams) };
        loop {
            if picked.is_done() {
                return Ok(if between_streams { Frame::EndOfInput } else { Frame::EndMarker });
            }
            let frame = self.frames.next(between_streams)?;
            match &frame {
                Frame::Message(header)
                    if header.message()?.header_type() == MessageHeader::RecordBatch
                        && !picked.takes_next() =>
                {
                    self.frames.skip_body(header)?;
                }
                Frame::EndOfInput => return picked.check_end().map(|()| frame),
                _ => return Ok(frame),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::error::Result;
    use crate::options::{InputOptions, Operand};
    use crate::stream::Reader;
    use arrow::array::{ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringViewArray};
    use arrow::datatypes::Int32Type;
    use arrow_ipc::CompressionType;
    use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
    use std::io::Write;
    use std::sync::Arc;

    fn file_of(batches: &[RecordBatch], compression: Option<CompressionType>) -> Vec<u8> {
        let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
        let schema = batches[0].schema();
        let mut writer = FileWriter::try_new_with_options(Vec::new(), &schema, options).unwrap();
        for batch in batches {
            writer.write(batch).unwrap();
        }
        writer.into_inner().unwrap()
    }

    fn sample() -> Vec<RecordBatch> {
        let long = "longer than the twelve bytes of a view";
        let code: DictionaryArray<Int32Type> = [Some("a"), None, Some("b")].into_iter().collect();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("id", Arc::new(Int64Array::from(vec![1, 2, 3]))),
            ("code", Arc::new(code)),
            ("text", Arc::new(StringViewArray::from(vec![Some(long), Some("x"), None]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        vec![batch.slice(0, 2), batch.slice(2, 1), batch.slice(0, 0)]
    }

    fn read(bytes: &[u8], columns: Option<Vec<usize>>) -> Result<Vec<RecordBatch>> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let operands = vec![Operand::Path(file.path().to_owned())];
        let mut reader = Reader::open(&InputOptions { operands, ..InputOptions::default() })?;
        columns.map_or(Ok(()), |columns| reader.project(columns))?;
        std::iter::from_fn(|| reader.next_batch().transpose()).collect()
    }

    #[test]
    fn a_file_is_read_as_the_stream_that_it_could_have_been() {
        for compression in [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)] {
            let file = file_of(&sample(), compression);
            assert_eq!(read(&file, None).unwrap(), sample());
            let projected: Vec<_> =
                sample().iter().map(|batch| batch.project(&[2, 0]).unwrap()).collect();
            assert_eq!(read(&file, Some(vec![2, 0])).unwrap(), projected);
        }
    }

    #[test]
    fn a_file_cut_at_any_byte_is_an_error() {
        let whole = file_of(&sample(), None);
        for length in 0..whole.len() {
            let error = read(&whole[..length], None).unwrap_err().to_string();
            let expected = match length {
                0 => "empty input",
                1..4 => "not an Arrow stream",
                _ => "truncated Arrow file: its footer, which comes last, is missing",
            };
            assert!(error.contains(expected), "{length} of {} bytes: {error}", whole.len());
        }
    }

    #[test]
    fn no_damage_ends_the_process() {
        for compression in [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)] {
            let whole = file_of(&sample(), compression);
            for place in 0..whole.len() {
                for value in [0xff, whole[place] ^ 0x01] {
                    let mut damaged = whole.clone();
                    damaged[place] = value;
                    // Values may change unnoticed; it only matters that the process gets here.
                    if let Err(error) = read(&damaged, None) {
                        assert!(!error.to_string().contains('\n'), "{error}");
                    }
                }
            }
        }
    }

    #[test]
    fn files_one_after_another_are_not_read_as_one() {
        let (file, empty) = (file_of(&sample(), None), file_of(&sample()[2..], None));
        for joined in [[&file[..], &file], [&empty, &file], [&file, &empty]] {
            let error = read(&joined.concat(), None).unwrap_err().to_string();
            assert!(error.contains("concatenated Arrow files"), "{error}");
        }
    }
}
